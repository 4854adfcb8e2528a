//! The stored form of plans.

use super::{Encoded, Meta};
use crate::base::NodeId;
use crate::plan::ablation::Device;
use crate::plan::territory::TerritoriesBy;
use crate::plan::{Check, KeepOut, Limits, Linked, NamedAction, Plan, Score, Structure, Target, refuse};
use crate::session::Data;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All of it: a plan has no arrays. Parts that came later have defaults.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct PlanV1 {
    organ: Option<Structure>,
    entry: Option<Structure>,
    scan: Option<u32>,
    vessels: Vec<Structure>,
    #[serde(default, skip_serializing_if = "TerritoriesBy::is_default")]
    territories: TerritoriesBy,
    targets: Vec<Target>,
    keep_out: Vec<KeepOut>,
    actions: Vec<NamedAction>,
    #[serde(default)]
    limits: Limits,
    checks: Vec<Check>,
    note: String,
    #[serde(default)]
    score: Option<Score>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    results: Vec<Linked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    devices: Vec<Device>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_by: Option<NodeId>,
}

pub(super) fn encode(plan: &Plan) -> (Meta, Encoded<'_>) {
    let Plan {
        organ,
        entry,
        scan,
        vessels,
        territories,
        targets,
        keep_out,
        actions,
        limits,
        checks,
        note,
        score,
        results,
        devices,
        moved_by,
    } = plan.clone();
    let scan = scan.map(|id| id.0);
    let meta = PlanV1 {
        organ,
        entry,
        scan,
        vessels,
        territories,
        targets,
        keep_out,
        actions,
        limits,
        checks,
        note,
        score,
        results,
        devices,
        moved_by,
    };
    (Meta::Plan(meta), Vec::new())
}

pub(super) fn decode(meta: &PlanV1) -> Result<Data, String> {
    let PlanV1 {
        organ,
        entry,
        scan,
        vessels,
        territories,
        targets,
        keep_out,
        actions,
        limits,
        checks,
        note,
        score,
        results,
        devices,
        moved_by,
    } = meta;
    let plan = Plan {
        organ: *organ,
        entry: *entry,
        scan: scan.map(NodeId),
        vessels: vessels.clone(),
        territories: territories.clone(),
        targets: targets.clone(),
        keep_out: keep_out.clone(),
        actions: actions.clone(),
        limits: limits.clone(),
        checks: checks.clone(),
        note: note.clone(),
        score: score.clone(),
        results: results.clone(),
        devices: devices.clone(),
        moved_by: *moved_by,
    };
    refuse::plan(&plan, |structure| format!("object {}", structure.node))?;
    Ok(Data::Plan(Arc::new(plan)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::plan::path::Contacts;
    use crate::plan::{
        Action, Bounded, Cut, CutShape, Needle, NeedleKind, Osteotomy, Port, Screw, Sheet, Signature, Term, Verdict,
        Zone,
    };

    /// A plan with every kind of action and part; numbers that are not round.
    fn plan() -> Plan {
        let structure = |n| Structure { node: NodeId(2), segment: Some(SegmentId(n)) };
        let p = |n: usize| [0.1 + 0.2 * n as f64, -13.7 * (n as f64).sin(), 1e-17 * n as f64];
        let needle = Needle {
            entry: p(1),
            target: [5.3, 80.1, -0.0],
            diameter_mm: 1.3,
            kind: NeedleKind::Probe,
            contacts: None,
        };
        let electrode = needle.clone();
        let cut = |shape| Action::Cut(Cut { shape, width_mm: 2.3 });
        let sheet = Sheet { count: [4, 5], controls: (0..20).map(p).collect() };
        let actions = [
            cut(CutShape::Plane { point: p(3), normal: p(4) }),
            cut(CutShape::Wedge { planes: vec![[p(5), p(6)], [p(7), p(8)]] }),
            cut(CutShape::Sphere { centre: p(9), radius_mm: 17.9 }),
            cut(CutShape::Sheet(sheet)),
            cut(CutShape::Territories { branches: vec![0, 3] }),
            Action::Needle(needle.clone()),
            Action::Ablation(Zone { needle, device: "a \"b\"".into(), power_w: 60.1, minutes: 7.7 }),
            Action::Screw(Screw { head: p(1), tip: [40.0, 1.1, 2.2], diameter_mm: 5.5 }),
            Action::Osteotomy(Osteotomy {
                planes: vec![[p(3), p(4)]],
                kerf_mm: 0.9,
                turn_degrees: p(5),
                about: p(6),
                shift_mm: p(7),
            }),
            Action::Port(Port {
                at: p(1),
                reach_mm: 250.3,
                sweep_degrees: 33.3,
                towards: [1.0, 2.0, 99.9],
                is_camera: true,
            }),
            Action::Implant(crate::plan::Implant {
                object: Structure { node: NodeId(11), segment: None },
                bone: Some(structure(8)),
                turn_degrees: p(2),
                about: p(3),
                shift_mm: p(4),
            }),
            Action::Clip { at: p(8) },
            Action::Needle(Needle { kind: NeedleKind::Electrode, contacts: Some(Contacts::default()), ..electrode }),
        ];
        let named = |(n, action)| NamedAction { name: format!("action {n}"), action };
        let mut plan = Plan {
            organ: Some(structure(8)),
            entry: Some(structure(3)),
            scan: Some(NodeId(1)),
            vessels: vec![Structure { node: NodeId(5), segment: None }],
            territories: TerritoriesBy::Flow(vec![NodeId(6), NodeId(7)]),
            targets: vec![Target { structure: structure(9), margin_mm: 0.1 + 0.2 }],
            keep_out: vec![KeepOut { structure: structure(12), distance_mm: 1.0 / 3.0, weight: Some(0.7) }],
            actions: actions.into_iter().enumerate().map(named).collect(),
            limits: Limits {
                height_cm: Some(171.3),
                liver: Some(crate::plan::liver::Condition::Diseased),
                ..Limits::default()
            },
            checks: vec![Check { text: "side".into(), signed: None }],
            note: "数".into(),
            score: None,
            results: vec![Linked { node: NodeId(7), content: "c".into(), planned: "p".into() }],
            devices: crate::plan::ablation::table::read_own(
                "id;name;kind;power_w;minutes;long_mm;short_mm;behind_tip_mm;source\nours;Ours;rf;60.1;7.7;33.3;22.2;11.1;tests",
            )
            .unwrap(),
            moved_by: Some(NodeId(6)),
        };
        let planned = plan.planned();
        plan.checks[0].signed = Some(Signature {
            by: "A".into(),
            at: "2026-01-01T00:00:00Z".into(),
            planned: planned.clone(),
            contents: Some("c".into()),
            on: Some(crate::plan::SignedOn::CannotBeSaid),
        });
        let term = Term {
            id: "a".into(),
            name: "b".into(),
            value: Some(Bounded { value: 0.1 + 0.7, low: 0.3, high: 1.0 / 7.0 }),
            unit: "mm".into(),
            limit: "at least 1 mm".into(),
            verdict: Verdict::Warning,
            reason: "r".into(),
            method: "m".into(),
            source: "s".into(),
            forbids: true,
            weighed: Some([0.7, 0.1]),
        };
        let terms = vec![term.clone(), Term { value: None, verdict: Verdict::NotValid, weighed: None, ..term }];
        plan.score = Some(Score {
            terms,
            total: Some(0.07),
            allowed: false,
            planned,
            inputs: vec![(NodeId(2), "h".into())],
            roles: vec![(NodeId(5), crate::plan::tree::Role::Supplies)],
        });
        plan
    }

    #[test]
    fn every_part_comes_back_bit_for_bit() {
        let plan = plan();
        let (meta, arrays) = encode(&plan);
        assert!(arrays.is_empty());
        let json = serde_json::to_string(&meta).unwrap();
        let Meta::Plan(meta) = serde_json::from_str(&json).unwrap() else { panic!("{json} is no plan") };
        let Data::Plan(back) = decode(&meta).unwrap() else { panic!("no plan came back") };
        assert_eq!(*back, plan);
        assert_eq!(back.content_hash(), plan.content_hash());
        assert_eq!(back.planned(), plan.planned());
    }

    #[test]
    fn the_hash_follows_every_part_and_what_is_planned_only_the_plan() {
        let one = plan();
        let changed = |change: &dyn Fn(&mut Plan)| {
            let mut plan = one.clone();
            change(&mut plan);
            assert_ne!(plan.content_hash(), one.content_hash());
            plan.planned() == one.planned()
        };
        assert!(changed(&|plan| plan.note.clear()));
        assert!(changed(&|plan| plan.checks.clear()));
        assert!(changed(&|plan| plan.score = None));
        assert!(changed(&|plan| plan.results.clear()));
        assert!(!changed(&|plan| plan.moved_by = None));
        assert!(!changed(&|plan| plan.targets[0].margin_mm = 0.3));
        assert!(!changed(&|plan| plan.limits.height_cm = None));
        assert!(!changed(&|plan| plan.actions.swap(0, 1)));
        assert!(!changed(&|plan| plan.scan = None));
        assert!(!changed(&|plan| plan.territories = TerritoriesBy::Radii));
    }

    /// What came later is left out while it says nothing, so that hashes of older plans stay.
    #[test]
    fn plans_of_before_read_as_they_were() {
        let one = Plan { territories: TerritoriesBy::Distance, ..plan() };
        let (meta, _) = encode(&one);
        let json = serde_json::to_string(&meta).unwrap();
        assert!(!json.contains("territories\":"), "{json}");
        let text = serde_json::to_string(&one).unwrap();
        assert!(!text.contains("territories\":"), "{text}");
        let Meta::Plan(meta) = serde_json::from_str(&json).unwrap() else { panic!("{json} is no plan") };
        let Data::Plan(back) = decode(&meta).unwrap() else { panic!("no plan came back") };
        assert_eq!(*back, one);
    }

    #[test]
    fn damaged_plans_are_refused() {
        let refused = |change: &dyn Fn(&mut Plan)| {
            let mut plan = plan();
            change(&mut plan);
            let (Meta::Plan(meta), _) = encode(&plan) else { panic!("a plan") };
            decode(&meta).unwrap_err()
        };
        let infinite = |plan: &mut Plan| plan.actions[11].action = Action::Clip { at: [0.0, f64::INFINITY, 0.0] };
        assert!(refused(&infinite).contains("finite"));
        assert!(refused(&|plan| plan.targets[0].margin_mm = f64::NAN).contains("NaN"));
        assert!(refused(&|plan| plan.keep_out[0].structure = plan.targets[0].structure).contains("a target"));
        assert!(refused(&|plan| plan.checks = vec![plan.checks[0].clone(); 1000]).contains("1000"));
    }
}
