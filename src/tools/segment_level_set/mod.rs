//! `segment.level_set`: a front that moves by the image and its own curvature, from a segment or a click.

use super::shared::effect::{self, Where};
use crate::base::Summary;
use crate::geom::Point;
use crate::image::{Volume, VoxelBox};
use crate::segment::level_set::{End, Evolution, Evolved, Pull, level_set};
use crate::segment::region_around;
use crate::segment::tube::{Bead, tube};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A front that moves by the image and its own curvature.
#[derive(Debug)]
pub struct SegmentLevelSet;

/// What moves the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Edges,
    Regions,
}

/// Parameters of [`SegmentLevelSet`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    #[serde(flatten)]
    on: Where,
    click: Option<[f64; 3]>,
    radius_mm: f64,
    method: Method,
    propagation: f64,
    advection_mm: f64,
    edge: Option<f64>,
    lambda_in: f64,
    lambda_out: f64,
    curvature_mm: f64,
    sigma_mm: f64,
    volume_ml: Option<f64>,
    iterations: usize,
    reach_mm: f64,
}

impl Tool for SegmentLevelSet {
    const ID: &'static str = "segment.level_set";
    const LABEL: &'static str = "Level set…";
    const HELP: &'static str = "Let the border of a segment, or of a ball around a click, move smoothly onto edges (geodesic active contour) or between two regions (Chan-Vese), until it rests or holds the volume you expect.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        effect::LABELS,
        effect::SEGMENT,
        ParamSpec::with(
            "click",
            Kind::Point,
            "mm",
            "null",
            "start from a ball around this place in place of the segment",
        ),
        ParamSpec::with("radius_mm", Kind::Number(0.5, 200.0), "mm", "5", "radius of the ball around the click"),
        ParamSpec::with(
            "method",
            Kind::Choice(&["edges", "regions"]),
            "",
            "\"regions\"",
            "edges: stops where values change steeply; regions: parts values like the mean inside from those like the mean \
             outside",
        ),
        ParamSpec::with(
            "propagation",
            Kind::Number(-10.0, 10.0),
            "",
            "1",
            "with edges: speed away from edges, outward where positive, inward where negative",
        ),
        ParamSpec::with(
            "advection_mm",
            Kind::Number(0.0, 50.0),
            "mm",
            "4",
            "with edges: how strongly edges draw the front onto them from both sides",
        ),
        ParamSpec::with(
            "edge",
            Kind::Number(1e-6, 1e6),
            "",
            "null",
            "with edges: the gradient at which the front has half its speed (HU/mm in a CT); from the scan around if not given",
        ),
        ParamSpec::with(
            "lambda_in",
            Kind::Number(0.0, 100.0),
            "",
            "1",
            "with regions: how much values unlike those inside are kept out",
        ),
        ParamSpec::with(
            "lambda_out",
            Kind::Number(0.0, 100.0),
            "",
            "1",
            "with regions: how much values unlike those outside are drawn in",
        ),
        ParamSpec::with(
            "curvature_mm",
            Kind::Number(0.0, 50.0),
            "mm",
            "0.3",
            "how smooth the front stays; it does not pass holes of less than about this radius",
        ),
        ParamSpec::with("sigma_mm", Kind::Number(0.0, 20.0), "mm", "1", "how much the scan is smoothed first"),
        ParamSpec::with(
            "volume_ml",
            Kind::Number(0.001, 100_000.0),
            "ml",
            "null",
            "stop once it holds this volume, to a voxel; where it comes to rest if not given",
        ),
        ParamSpec::with("iterations", Kind::Integer(1, 10_000), "", "500", "steps at most, each up to half a voxel"),
        ParamSpec::with(
            "reach_mm",
            Kind::Number(1.0, 500.0),
            "mm",
            "30",
            "how far around the start the front may come; also what counts as outside with regions",
        ),
        effect::ONLY_INSIDE,
        effect::ONLY_FROM,
        effect::ONLY_TO,
        effect::RESULT,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let effect = params.on.prepare(case)?;
        let scan = effect.scan()?.clone();
        let bad = |text: String| Err(CommandError::BadParams(text));
        let name = effect.segment().name.clone();
        let click = match params.click.map(Point::from) {
            Some(at) if scan.grid().voxel_at(at).is_none() => {
                return bad(format!("the click ({:.1}, {:.1}, {:.1}) mm lies outside the scan", at.x, at.y, at.z));
            }
            None if effect.labels().count(effect.segment().id) == 0 => {
                return bad(format!("{name} is empty; draw something into it, or click where to start"));
            }
            click => click,
        };
        let pull = match params.method {
            Method::Edges => {
                let Params { propagation, advection_mm, edge, curvature_mm, .. } = params;
                if propagation == 0.0 && advection_mm == 0.0 && curvature_mm == 0.0 {
                    return bad("propagation, advection_mm and curvature_mm are all 0; nothing would move".into());
                }
                Pull::Edges { propagation, advection_mm, edge }
            }
            Method::Regions => {
                let Params { lambda_in, lambda_out, .. } = params;
                if lambda_in == 0.0 && lambda_out == 0.0 {
                    return bad("lambda_in and lambda_out are both 0; the scan would move nothing".into());
                }
                Pull::Regions { lambda_in, lambda_out }
            }
        };
        let how = Evolution {
            pull,
            curvature_mm: params.curvature_mm,
            sigma_mm: params.sigma_mm,
            iterations_max: params.iterations,
            volume_ml: params.volume_ml,
        };
        let Params { radius_mm, reach_mm, .. } = params;
        Ok(Box::new(move |progress| {
            let start = match click {
                Some(at) => tube(scan.grid(), &[Bead { at, radius_mm }], &progress.part(0.0..0.05, "start"))?,
                None => effect.mask(),
            };
            let Some(region) = region_around(&start, reach_mm) else {
                return Err(CommandError::Failed(format!(
                    "no voxel lies within {radius_mm} mm of the click; take a larger radius"
                )));
            };
            let labels = effect.labels();
            let may = effect.may_change();
            let open = |offset: usize| may(offset, labels.at(labels.grid().voxel(offset)));
            let found = level_set(&scan, &start, &region, &how, open, &progress.part(0.05..0.95, "front"));
            let found = found.map_err(|error| CommandError::failed(&error))?;
            if found.end == End::Vanished {
                return Err(CommandError::Failed(format!(
                    "the front of {name} vanished after {} steps; take less curvature, a larger start or another propagation",
                    found.iterations
                )));
            }
            let summary = summary(&found, &how, reach_mm, &region, scan.unit());
            let effect = effect.clone().called(format!("{name} by level set"));
            finish(&effect, &name, &found.mask, summary, &progress.part(0.95..1.0, "labels"))
        }))
    }
}

fn finish(
    effect: &effect::Effect,
    name: &str,
    mask: &Volume<u8>,
    summary: Summary,
    progress: &crate::base::Progress,
) -> Result<crate::session::Edit, CommandError> {
    effect.finish(format!("level set {name}"), mask, summary, progress)
}

fn summary(found: &Evolved, how: &Evolution, reach_mm: f64, region: &VoxelBox, unit: &str) -> Summary {
    let unit = if unit.is_empty() { "1" } else { unit };
    let per_mm = if unit == "1" { "1/mm".to_owned() } else { format!("{unit}/mm") };
    let mut summary = Summary::default().fact("steps", found.iterations as f64, "1").fact(
        "movement in the last 20 steps",
        found.movement_voxels,
        "voxels",
    );
    summary = match (how.pull, found.learned.as_slice()) {
        (Pull::Edges { propagation, advection_mm, .. }, [edge]) => summary.fact("gradient of half speed", *edge, &per_mm).method(format!(
            "Geodesic active contour (Caselles, Kimmel and Sapiro 1997): propagation {propagation}, advection {advection_mm} mm, curvature {} mm, after a Gaussian of {} mm.",
            how.curvature_mm, how.sigma_mm
        )),
        (Pull::Regions { lambda_in, lambda_out }, [inside, outside]) => summary
            .fact("mean inside", *inside, unit)
            .fact("mean outside", *outside, unit)
            .method(format!(
                "Active contour without edges (Chan and Vese 2001): lambda_in {lambda_in}, lambda_out {lambda_out}, curvature {} mm, after a Gaussian of {} mm.",
                how.curvature_mm, how.sigma_mm
            )),
        _ => summary,
    };
    let size = [0, 1, 2].map(|a| region[a].len().to_string()).join(" × ");
    summary = summary
        .method(format!("Narrow band with upwind differences, in {size} voxels up to {reach_mm} mm around the start."))
        .limit("Where an edge is missing or two regions look alike, the border lies where curvature and propagation balance.");
    if matches!(how.pull, Pull::Edges { .. }) {
        summary = summary.limit("An edge that is soft somewhere lets the front out: on a phantom it left the spleen (Dice 0.12). Look at all sides, or mask it.");
    }
    match found.end {
        End::Iterations => {
            summary = summary.warning(format!(
                "The front still moved after {} steps ({:+.2} voxels in the last 20); allow more steps.",
                found.iterations, found.movement_voxels
            ));
        }
        End::Rest if how.volume_ml.is_some() => {
            summary = summary.warning("The front came to rest before it held the volume wanted.");
        }
        _ => {}
    }
    if found.touches_box {
        summary = summary.warning(format!("The front reached the end of its box, {reach_mm} mm around the start; it may have leaked, or needs a larger reach."));
    }
    summary
}
