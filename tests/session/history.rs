//! Undo, redo, branches, budget.

use super::desk::Desk;
use prosector::base::rng::Rng;
use prosector::base::{NodeId, Progress, StateId};
use prosector::session::{Data, NodeKind, Session, store};
use prosector::tools::TOOLS;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Changes of the case that one random walk makes, beside undo, redo and jumps.
const CHANGES: usize = 200;

#[test]
fn undo_all_restores_the_start_and_redo_all_the_end_after_200_random_steps() {
    for seed in 0..3 {
        let mut walk = Walk::new(seed);
        while walk.changes < CHANGES {
            walk.step();
        }
        walk.was_wide();
        let Walk { mut desk, hashes, .. } = walk;
        let line = desk.0.history().path(desk.0.history().current());
        let end = desk.hash();
        for state in line.iter().rev().skip(1) {
            assert!(desk.0.undo());
            assert_eq!((desk.0.history().current(), &desk.hash()), (*state, &hashes[state]), "seed {seed}: undo");
        }
        assert!(!desk.0.undo(), "seed {seed}: one undo a step");
        assert!(desk.case().is_empty(), "seed {seed}: undo all");
        for state in &line[1..] {
            assert!(desk.0.redo());
            assert_eq!((desk.0.history().current(), &desk.hash()), (*state, &hashes[state]), "seed {seed}: redo");
        }
        assert_eq!(desk.hash(), end, "seed {seed}: redo all");
        for (state, hash) in &hashes {
            assert!(desk.0.go_to(*state));
            assert_eq!(desk.hash(), *hash, "seed {seed}: every state of every branch, {state}");
        }
        // The log of all this wandering gives the same case from nothing, also on a machine that keeps no past.
        let mut again = Session::new(TOOLS).with_budget(1, 0);
        let steps = store::replay(&mut again, desk.0.log(), &Progress::default(), |_| {}).unwrap();
        assert!(steps.iter().all(store::ReplayStep::agrees), "seed {seed}: replay");
        assert_eq!(again.content_hash().to_hex(), desk.hash());
    }
}

/// A user who does anything at any time.
struct Walk {
    desk: Desk,
    rng: Rng,
    /// What every state was when it was made.
    hashes: BTreeMap<StateId, String>,
    /// How often each tool changed the case, and how often undo, redo and jumps moved.
    done: BTreeMap<&'static str, usize>,
    /// Why commands were refused.
    refused: Vec<String>,
    changes: usize,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let desk = Desk(Session::new(TOOLS).with_budget(usize::MAX, usize::MAX));
        let hashes = BTreeMap::from([(desk.0.history().current(), desk.hash())]);
        Self { desk, rng: Rng::new(seed), hashes, done: BTreeMap::new(), refused: Vec::new(), changes: 0 }
    }

    /// A step or a move; wherever it leads, the case must be what the state was when it was made.
    fn step(&mut self) {
        let moved = match self.rng.below(16) {
            0..3 => ("undo", self.desk.0.undo()),
            3 | 4 => ("redo", self.desk.0.redo()),
            5 => {
                let states: Vec<_> = self.hashes.keys().copied().collect();
                let state = states[self.rng.below(states.len())];
                ("go to", self.desk.0.go_to(state))
            }
            _ => return self.change(),
        };
        *self.done.entry(moved.0).or_default() += usize::from(moved.1);
        let state = self.desk.0.history().current();
        assert_eq!(self.desk.hash(), self.hashes[&state], "{} to {state}", moved.0);
    }

    fn change(&mut self) {
        let (tool, params) = self.wish();
        let before = self.desk.hash();
        match self.desk.try_run(tool, params) {
            Ok(outcome) => {
                assert_eq!(outcome.state, Some(self.desk.0.history().current()));
                self.hashes.insert(self.desk.0.history().current(), self.desk.hash());
                *self.done.entry(tool).or_default() += 1;
                self.changes += 1;
            }
            Err(error) => {
                assert_eq!(self.desk.hash(), before, "a refused command changed the case: {error}");
                assert!(!error.to_string().contains("internal error"), "{error}");
                self.refused.push(error.to_string());
            }
        }
    }

    /// Any command on objects that mostly, but not always, fit it.
    fn wish(&mut self) -> (&'static str, Value) {
        let Self { desk, rng, .. } = self;
        let nodes: Vec<(u32, NodeKind)> = desk.case().nodes().map(|(id, node)| (id.0, node.data.kind())).collect();
        let pick = |rng: &mut Rng, kind: Option<NodeKind>| {
            let fits = |(_, is): &&(u32, NodeKind)| rng.below(10) == 0 || kind.is_none_or(|kind| kind == *is);
            let fitting: Vec<u32> = nodes.iter().filter(fits).map(|(id, _)| *id).collect();
            if fitting.is_empty() { 1 } else { fitting[rng.below(fitting.len())] }
        };
        let [labels, scan] = [NodeKind::Labels, NodeKind::Scan].map(|kind| pick(rng, Some(kind)));
        let node = pick(rng, None);
        let segment = match desk.case().node(NodeId(labels)).map(|node| &node.data) {
            Some(Data::Labels(map)) => map.segments().get(rng.below(map.segments().len())).map(|segment| segment.id),
            _ => None,
        };
        let has = |kind: NodeKind| nodes.iter().any(|(_, is)| *is == kind);
        if !has(NodeKind::Scan) {
            return ("scan.phantom", json!({ "kind": "tube", "spacing_mm": 3.0, "seed": rng.below(100) }));
        }
        if 12 < nodes.len() && rng.below(2) == 0 {
            return ("object.remove", json!({ "node": node }));
        }
        match rng.below(14) {
            0 => ("scan.phantom", json!({ "kind": "vessel", "spacing_mm": 3.0, "seed": rng.below(100) })),
            1..4 => ("segment.threshold", json!({ "scan": scan, "low_hu": rng.below(200) })),
            4 => {
                let margin_mm = rng.between(-2.0, 6.0);
                ("segment.margin", json!({ "labels": labels, "segment": segment, "margin_mm": margin_mm }))
            }
            5 => {
                let operation = if rng.below(3) == 0 { "clear" } else { "invert" };
                ("segment.logic", json!({ "labels": labels, "segment": segment, "operation": operation }))
            }
            6 => ("model.surface", json!({ "labels": labels, "segment": segment, "smoothing": rng.unit() })),
            7 => ("model.tetrahedra", json!({ "labels": labels, "segment": segment, "tets": 300 + rng.below(300) })),
            8 | 9 => ("object.rename", json!({ "node": node, "name": format!("name {}", rng.below(1000)) })),
            10 => ("object.display", json!({ "node": node, "visible": rng.below(2) == 0 })),
            11 => {
                let colour = format!("#{:06x}", rng.below(1 << 24));
                ("object.display", json!({ "node": node, "colour": colour }))
            }
            12 => {
                let opacity = (rng.unit() * 100.0).round() / 100.0;
                ("object.display", json!({ "node": node, "opacity": opacity, "field": "radius" }))
            }
            _ => ("object.remove", json!({ "node": node })),
        }
    }

    /// The walk did all kinds of things, went back and forth, and branched: otherwise it shows nothing.
    fn was_wide(&self) {
        let Self { done, refused, .. } = self;
        let enough = [
            ("scan.phantom", 3),
            ("segment.threshold", 5),
            ("segment.margin", 2),
            ("segment.logic", 2),
            ("model.surface", 5),
            ("model.tetrahedra", 2),
            ("object.rename", 5),
            ("object.display", 15),
            ("object.remove", 5),
            ("undo", 20),
            ("redo", 5),
            ("go to", 5),
        ];
        for (what, least) in enough {
            let often = done.get(what).copied().unwrap_or(0);
            assert!(least <= often, "{what} happened only {often} times: {done:?}, refused: {refused:?}");
        }
        assert!(!refused.is_empty(), "nothing was refused");
        let mut children = BTreeMap::<_, usize>::new();
        let parents = self.desk.0.history().states().filter_map(|(_, state)| state.parent);
        parents.for_each(|parent| *children.entry(parent).or_default() += 1);
        assert!(10 < children.values().filter(|count| 1 < **count).count(), "there are hardly any branches");
    }
}

#[test]
fn a_step_after_undo_starts_a_branch_and_the_old_one_can_be_visited() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 100);
    let (low, low_hash) = (desk.0.history().current(), desk.hash());
    assert!(desk.0.undo());
    desk.threshold(scan, 200);
    let high_hash = desk.hash();
    assert_ne!(low_hash, high_hash);
    assert!(desk.0.go_to(low));
    assert_eq!(desk.hash(), low_hash);
    assert!(!desk.0.redo(), "nothing was done after this state");
}

#[test]
fn ids_are_not_used_twice_on_one_line() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let first = desk.threshold(scan, 100);
    desk.run("object.remove", json!({ "node": first }));
    let second = desk.threshold(scan, 100);
    assert!(first < second);
}

#[test]
fn the_budget_drops_old_states_but_never_commands_or_the_present() {
    let mut desk = Desk(Session::new(TOOLS).with_budget(3, 1000));
    let [scan, truth] = desk.vessel();
    desk.run("object.remove", json!({ "node": truth }));
    for low in 0..6 {
        let node = desk.threshold(scan, 50 + low);
        desk.run("object.remove", json!({ "node": node }));
    }
    let history = desk.0.history();
    let kept = history.states().filter(|(id, _)| history.is_kept(*id)).count();
    assert_eq!(kept, 3);
    assert!(history.states().skip(1).all(|(_, state)| state.command.is_some()));
    assert!(desk.0.undo() && desk.0.undo() && !desk.0.undo());
}
