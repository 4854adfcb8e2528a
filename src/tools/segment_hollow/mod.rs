//! `segment.hollow`: a shell along the surface of a segment, e.g. the wall of a vessel.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::segment::{self, Shell};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A shell along the surface of a segment.
#[derive(Debug)]
pub struct SegmentHollow;

/// Parameters of [`SegmentHollow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    thickness_mm: f64,
    side: Shell,
}

impl Tool for SegmentHollow {
    const ID: &'static str = "segment.hollow";
    const LABEL: &'static str = "Hollow…";
    const HELP: &'static str = "Make a segment a shell along its surface, e.g. the wall around a vessel's lumen; open where it leaves the scan.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with("thickness_mm", Kind::Number(0.05, 50.0), "mm", "1.5", "how thick the shell is"),
        ParamSpec::with(
            "side",
            Kind::Choice(Shell::WORDS),
            "",
            "\"outside\"",
            "on which side of the surface it lies; both: half on each",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { on, thickness_mm, side } = params;
        let effect = on.prepare(case)?;
        let spacing_mm = effect.labels().grid().spacing_mm();
        let coarsest_mm = spacing_mm.into_iter().fold(0.0, f64::max);
        let reach_mm = side.reach_mm(thickness_mm).into_iter().filter(|mm| 0.0 < *mm).fold(f64::INFINITY, f64::min);
        if reach_mm < coarsest_mm {
            let least_mm = if side == Shell::Both { 2.0 * coarsest_mm } else { coarsest_mm };
            let text = format!(
                "a shell of {thickness_mm} mm would have holes between voxels {coarsest_mm:.2} mm apart; take at least {least_mm:.2} mm"
            );
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let name = effect.segment().name.clone();
            let part = progress.part(0.05..0.9, "distance");
            let mask = segment::hollow(&effect.mask(), thickness_mm, side, &part)?;
            if mask.voxels().iter().all(|value| *value == 0) {
                let text = format!("{name} has no surface within the scan, so there is no shell");
                return Err(CommandError::Failed(text));
            }
            let mut summary = Summary::default()
                .fact("thickness", thickness_mm, "mm")
                .method("Voxels whose centre is at most so far from the surface half-way between voxels.")
                .limit("the thickness is that of whole voxels, rounded to the nearest");
            if thickness_mm < 2.0 * coarsest_mm {
                summary = summary.warning(format!(
                    "the shell of {thickness_mm} mm has fewer than two voxels of {coarsest_mm:.2} mm across; its thickness is rounded to whole voxels"
                ));
            }
            let message = summary.warnings.first().cloned();
            let shell = format!("{name} shell {thickness_mm} mm");
            let effect = effect.clone().called(&shell);
            let mut edit = effect.finish(format!("hollow {shell}"), &mask, summary, progress)?;
            edit.message = message;
            Ok(edit)
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{NodeId, Progress};
    use crate::session::{Command, Session};
    use serde_json::{Value, json};

    fn lumen() -> (Session, NodeId) {
        let mut session = Session::new(crate::tools::TOOLS);
        let mut run = |tool: &str, params: Value| {
            session
                .run(Command::new(tool, params), &Progress::default())
                .unwrap_or_else(|e| panic!("{tool}: {e}"))
                .added
        };
        let scan = run("scan.phantom", json!({ "kind": "tube", "spacing_mm": 0.8 }))[0];
        let lumen = run("segment.threshold", json!({ "scan": scan, "low_hu": 200, "largest_only": true }))[0];
        (session, lumen)
    }

    #[test]
    fn a_wall_around_a_tube_has_the_volume_of_its_thickness() {
        let (mut session, lumen) = lumen();
        let hollow = json!({ "labels": lumen, "thickness_mm": 2.0, "result": "new" });
        let outcome = session.run(Command::new("segment.hollow", hollow), &Progress::default()).unwrap();
        let node = session.case().node(outcome.added[0]).unwrap();
        let [wall_ml, lumen_ml] = ["volume", "volume before"].map(|name| node.summary.value(name).unwrap());
        // The tube is 60 mm long; voxels of 0.8 mm round the wall by up to half of one.
        let squared_mm2 = lumen_ml / (std::f64::consts::PI * 0.06);
        let wall = |mm: f64| std::f64::consts::PI * ((squared_mm2.sqrt() + mm).powi(2) - squared_mm2) * 0.06;
        assert!((wall(1.6)..=wall(2.4)).contains(&wall_ml), "{wall_ml} ml around {lumen_ml} ml");
        assert!(node.summary.warnings.is_empty(), "{:?}", node.summary.warnings);
    }

    #[test]
    fn a_shell_thinner_than_the_voxels_allow_is_refused() {
        let (mut session, lumen) = lumen();
        let mut run = |side: &str, thickness_mm: f64| {
            let hollow = json!({ "labels": lumen, "thickness_mm": thickness_mm, "side": side, "result": "new" });
            session.run(Command::new("segment.hollow", hollow), &Progress::default())
        };
        let refused = run("outside", 0.7).unwrap_err().to_string();
        assert!(refused.contains("at least 0.80 mm"), "{refused}");
        assert!(run("both", 1.5).is_err() && run("both", 1.7).is_ok() && run("inside", 0.9).is_ok());
    }
}
