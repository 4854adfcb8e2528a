//! `segment.tube`: a tube along a smooth curve through points, e.g. a vessel, drain or nerve.

use super::shared::effect::{ONLY_FROM, ONLY_INSIDE, ONLY_TO};
use super::shared::into::{INTO, Into, NAME};
use super::shared::limits::Limits;
use super::shared::seed_points::scan as scan_of;
use crate::base::{NodeId, Summary};
use crate::geom::Point;
use crate::segment::tube::{Bead, course, step_mm, tube};
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longer than any vessel of a patient: what is longer is a slip.
const LENGTH_MM_MAX: f64 = 10_000.0;

/// A tube along a smooth curve through points.
#[derive(Debug)]
pub struct SegmentTube;

/// Parameters of [`SegmentTube`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    points: Vec<[f64; 3]>,
    radius_mm: f64,
    radii_mm: Option<String>,
    smooth: bool,
    #[serde(flatten)]
    limits: Limits,
    #[serde(flatten)]
    to: Into,
}

impl Tool for SegmentTube {
    const ID: &'static str = "segment.tube";
    const LABEL: &'static str = "Tube…";
    const HELP: &'static str =
        "Draw a tube along a smooth curve through points, e.g. a vessel, drain or nerve, as a segment.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan it is drawn on"),
        ParamSpec::needed("points", Kind::Points, "mm", "the points it goes through, in order"),
        ParamSpec::with("radius_mm", Kind::Number(0.1, 100.0), "mm", "2", "its radius"),
        ParamSpec::with(
            "radii_mm",
            Kind::Text,
            "",
            "null",
            "radii at the points in mm with commas, e.g. 3, 2.5, 2; the same everywhere if not given",
        ),
        ParamSpec::with("smooth", Kind::Bool, "", "true", "a smooth curve through the points; straight lines without"),
        ONLY_INSIDE,
        ONLY_FROM,
        ONLY_TO,
        INTO,
        NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, points, radius_mm, radii_mm, smooth, limits, to } = params;
        let bad = |text: String| Err(CommandError::BadParams(text));
        let scan = scan_of(case, id)?;
        let grid = Arc::clone(scan.grid());
        let radii = match radii_mm {
            None => vec![radius_mm; points.len()],
            Some(text) => {
                // What is no number is out of range too.
                let number = |word: &str| word.trim().parse().unwrap_or(f64::NAN);
                let radii: Vec<f64> = text.split(',').map(number).collect();
                if radii.len() != points.len() || radii.iter().any(|radius| !(0.1..=100.0).contains(radius)) {
                    let n = points.len();
                    return bad(format!("radii_mm = '{text}' must be {n} numbers from 0.1 to 100, one for each point"));
                }
                radii
            }
        };
        let beads: Vec<Bead> =
            points.into_iter().zip(radii).map(|(at, radius_mm)| Bead { at: Point::from(at), radius_mm }).collect();
        let too_long =
            |length_mm: f64| format!("the tube would be {length_mm:.0} mm long, at most {LENGTH_MM_MAX} mm is drawn");
        // The straight way is the shortest; a curve is only made of points within reach.
        let straight_mm: f64 = beads.windows(2).map(|pair| (pair[1].at - pair[0].at).norm()).sum();
        if LENGTH_MM_MAX < straight_mm {
            return bad(too_long(straight_mm));
        }
        let curve = course(&beads, smooth, step_mm(&grid, &beads));
        let length_mm: f64 = curve.windows(2).map(|pair| (pair[1].at - pair[0].at).norm()).sum();
        if LENGTH_MM_MAX < length_mm {
            return bad(too_long(length_mm));
        }
        let place = to.prepare(case, id, &grid)?;
        let allowed = limits.prepare(case, &to, &scan)?;
        let outside = beads.iter().filter(|bead| grid.voxel_at(bead.at).is_none()).count();
        Ok(Box::new(move |progress| {
            let mask = allowed.cut(tube(&grid, &curve, &progress.part(0.0..0.9, "tube"))?);
            let line =
                if smooth { "a centripetal Catmull–Rom spline (Yuksel et al. 2011)" } else { "straight lines" };
            let mut summary = Summary::default().fact("length", length_mm, "mm").method(format!(
                "Voxel centres within the radius of {line} through {} points, with round ends.",
                beads.len()
            ));
            if 0 < outside {
                let n = beads.len();
                summary = summary
                    .warning(format!("{outside} of {n} points lie outside the scan; the tube ends at its border"));
            }
            place.add("tube", &mask, ("tube", [216, 101, 79], None), summary, &progress.part(0.9..1.0, "labels"))
        }))
    }
}
