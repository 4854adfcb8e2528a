//! `segment.fast_marching`: a front from a few places that stops once it holds a volume.

use super::shared::into::{self, Into};
use super::shared::seed_points::{SEEDS, scan as scan_of, voxels};
use crate::base::{NodeId, Summary};
use crate::image::Scan;
use crate::segment::fast_marching;
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// A front from a few places that stops once it holds a volume.
#[derive(Debug)]
pub struct SegmentFastMarching;

/// Parameters of [`SegmentFastMarching`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    seeds: Vec<[f64; 3]>,
    volume_ml: f64,
    deviations: f64,
    #[serde(flatten)]
    place: Into,
}

/// The front runs at no less than this share of full speed, so that single voxels of noise do not stay out.
const SLOWEST: f64 = 1e-3;

impl Tool for SegmentFastMarching {
    const ID: &'static str = "segment.fast_marching";
    const LABEL: &'static str = "Fast marching…";
    const HELP: &'static str = "Let a front run from the places clicked, fast where values are like theirs, until it holds the volume you expect.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        SEEDS,
        ParamSpec::with("volume_ml", Kind::Number(0.001, 100_000.0), "ml", "20", "the volume it ends with"),
        ParamSpec::with(
            "deviations",
            Kind::Number(0.1, 20.0),
            "",
            "2",
            "how many standard deviations of the values around the places a value may be off before the front slows down",
        ),
        into::INTO,
        into::NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, seeds, volume_ml, deviations, place } = params;
        let scan = scan_of(case, id)?;
        let seeds = voxels(scan.grid(), &seeds)?;
        let place = place.prepare(case, id, scan.grid())?;
        Ok(Box::new(move |progress| {
            let (mean, deviation) = around(&scan, &seeds);
            let reach = (deviations * deviation).max(f64::MIN_POSITIVE);
            // 1 near the mean, ½ at the reach, falling with the eighth power beyond: an edge is as good as a wall.
            let speed = |offset: usize| {
                let value = scan.value(offset);
                if value.is_finite() { (1.0 / (1.0 + ((value - mean) / reach).powi(8))).max(SLOWEST) } else { 0.0 }
            };
            let part = progress.part(0.0..0.9, "marching");
            let front = fast_marching(scan.grid(), &seeds, speed, volume_ml, &part)?;
            let mut summary = Summary::default()
                .fact("volume wanted", volume_ml, "ml")
                .fact("mean around the places", mean, scan.unit())
                .fact("standard deviation around the places", deviation, scan.unit())
                .fact("way of the front at full speed", front.time_mm, "mm")
                .method("Fast marching of first order (Sethian 1996); half speed at the stated deviations, a thousandth far beyond.");
            if front.exhausted {
                summary = summary.warning("there was nothing left to run into before the volume was full");
            }
            let name = format!("front of {volume_ml} ml");
            place.add(
                name.clone(),
                &front.mask,
                (&name, [144, 238, 144], None),
                summary,
                &progress.part(0.9..1.0, "labels"),
            )
        }))
    }
}

/// Mean and standard deviation of the finite values in boxes of 5³ voxels around the seeds; a deviation of 0 is taken as 1.
fn around(scan: &Scan, seeds: &[[usize; 3]]) -> (f64, f64) {
    let (grid, dims) = (scan.grid(), scan.grid().dims());
    let mut values = vec![];
    for seed in seeds {
        let [i, j, k] = [0, 1, 2].map(|a| seed[a].saturating_sub(2)..(seed[a] + 3).min(dims[a]));
        for (k, j) in k.flat_map(|k| j.clone().map(move |j| (k, j))) {
            values.extend(i.clone().map(|i| scan.value(grid.offset([i, j, k]))).filter(|value| value.is_finite()));
        }
    }
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if deviation == 0.0 { 1.0 } else { deviation })
}
