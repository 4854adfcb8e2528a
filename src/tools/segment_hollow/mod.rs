//! `segment.hollow`: a shell along the surface of a segment, e.g. the wall of a vessel.

use crate::base::{NodeId, SegmentId, Summary};
use crate::image::LabelMap;
use crate::segment::{self, Shell};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A shell along the surface of a segment.
#[derive(Debug)]
pub struct SegmentHollow;

/// Parameters of [`SegmentHollow`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    labels: NodeId,
    segment: Option<u8>,
    thickness_mm: f64,
    side: Shell,
}

impl Tool for SegmentHollow {
    const ID: &'static str = "segment.hollow";
    const LABEL: &'static str = "Hollow…";
    const HELP: &'static str = "Make a shell along the surface of a segment, e.g. the wall around a vessel's lumen; open where it leaves the scan.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("labels", Kind::Node(NodeKind::Labels), "", "the segmentation"),
        ParamSpec::with("segment", Kind::Integer(1, 255), "", "null", "which segment; the only one if not given"),
        ParamSpec::with("thickness_mm", Kind::Number(0.05, 50.0), "mm", "1.5", "how thick the shell is"),
        ParamSpec::with(
            "side",
            Kind::Choice(Shell::WORDS),
            "",
            "\"outside\"",
            "on which side of the surface it lies; both: half on each",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { labels: node, segment: asked, thickness_mm, side } = params;
        let labels = super::shared::labels(case, node)?;
        let id = super::shared::one_segment(&labels, asked)?;
        let spacing_mm = labels.grid().spacing_mm();
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
            let old = labels.segment(id).expect("picked above");
            let part = progress.part(0.05..0.95, "distance");
            let mask = segment::hollow(&labels.mask(id), thickness_mm, side, &part)?;
            let name = format!("{} shell {thickness_mm} mm", old.name);
            let new = LabelMap::from_mask(&mask, &name, old.colour, None);
            let volume_ml = new.volume_ml(SegmentId(1));
            if volume_ml == 0.0 {
                let text = format!("{} has no surface within the scan, so there is no shell", old.name);
                return Err(CommandError::Failed(text));
            }
            let mut summary = Summary::default()
                .fact("volume", volume_ml, "ml")
                .fact("volume before", labels.volume_ml(id), "ml")
                .fact("thickness", thickness_mm, "mm")
                .method("Exact Euclidean distance between voxel centres (Felzenszwalb and Huttenlocher 2012).")
                .limit("the thickness is that of whole voxels, rounded down");
            if thickness_mm < 2.0 * coarsest_mm {
                summary = summary.warning(format!(
                    "the shell of {thickness_mm} mm has fewer than two voxels of {coarsest_mm:.2} mm across; its thickness is rounded to whole voxels"
                ));
            }
            let mut edit = Edit::new(format!("hollow {name}"));
            edit.message = summary.warnings.first().cloned();
            let node = Node::new(name, Data::Labels(new)).with_summary(summary).from_source(node);
            Ok(edit.add(node))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
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
        let hollow = json!({ "labels": lumen, "thickness_mm": 2.0 });
        let outcome = session.run(Command::new("segment.hollow", hollow), &Progress::default()).unwrap();
        let node = session.case().node(outcome.added[0]).unwrap();
        let [wall_ml, lumen_ml] = ["volume", "volume before"].map(|name| node.summary.value(name).unwrap());
        // The tube is 60 mm long; two to two and a half voxels of 0.8 mm are 1.6 to 2 mm.
        let squared_mm2 = lumen_ml / (std::f64::consts::PI * 0.06);
        let wall = |mm: f64| std::f64::consts::PI * ((squared_mm2.sqrt() + mm).powi(2) - squared_mm2) * 0.06;
        assert!((wall(1.6)..=wall(2.0)).contains(&wall_ml), "{wall_ml} ml around {lumen_ml} ml");
        assert!(node.summary.warnings.is_empty(), "{:?}", node.summary.warnings);
    }

    #[test]
    fn a_shell_thinner_than_the_voxels_allow_is_refused() {
        let (mut session, lumen) = lumen();
        let mut run = |side: &str, thickness_mm: f64| {
            let hollow = json!({ "labels": lumen, "thickness_mm": thickness_mm, "side": side });
            session.run(Command::new("segment.hollow", hollow), &Progress::default())
        };
        let refused = run("outside", 0.7).unwrap_err().to_string();
        assert!(refused.contains("at least 0.80 mm"), "{refused}");
        assert!(run("both", 1.5).is_err() && run("both", 1.7).is_ok() && run("inside", 0.9).is_ok());
    }
}
