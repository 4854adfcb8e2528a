//! `segment.vesselness`: thin vessels by the curvature of the image (Frangi), as a segment or as an image.

use super::shared::effect::{ONLY_FROM, ONLY_INSIDE, ONLY_TO};
use super::shared::into::{INTO, Into, NAME};
use super::shared::limits::{Allowed, Limits};
use super::shared::seed_points::{scan as scan_of, voxels};
use crate::base::{Cancelled, NodeId, Progress, Summary};
use crate::image::{Components, Modality, Neighbours, Scan, Volume, Voxels, Window};
use crate::segment::{Part, Vessels, vesselness, vessels_from};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Thin vessels by the curvature of the image.
#[derive(Debug)]
pub struct SegmentVesselness;

/// Parameters of [`SegmentVesselness`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    scan: NodeId,
    radius_mm_min: f64,
    radius_mm_max: f64,
    scales: usize,
    vessels: String,
    contrast: Option<f64>,
    threshold: f64,
    seeds: Option<Vec<[f64; 3]>>,
    volume_ml_min: f64,
    output: String,
    #[serde(flatten)]
    limits: Limits,
    #[serde(flatten)]
    to: Into,
}

impl Tool for SegmentVesselness {
    const ID: &'static str = "segment.vesselness";
    const LABEL: &'static str = "Vesselness…";
    const HELP: &'static str = "Find thin vessels of stated radii by the curvature of the image (Frangi 1998), as a segment above a threshold or as an image of values from 0 to 1.";
    const STEP: Step = Step::Segment;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("scan", Kind::Node(NodeKind::Scan), "", "the scan"),
        ParamSpec::with("radius_mm_min", Kind::Number(0.1, 50.0), "mm", "1", "radius of the thinnest vessels"),
        ParamSpec::with(
            "radius_mm_max",
            Kind::Number(0.1, 50.0),
            "mm",
            "4",
            "radius of the widest vessels; a vessel answers most where the image is smoothed by 0.71 of its radius",
        ),
        ParamSpec::with("scales", Kind::Integer(1, 8), "", "3", "how many radii from thinnest to widest are tried"),
        ParamSpec::with("vessels", Kind::Choice(&["bright", "dark"]), "", "\"bright\"", "against what is around them"),
        ParamSpec::with(
            "contrast",
            Kind::Number(0.001, 100_000.0),
            "",
            "null",
            "how much brighter or darker vessels are (HU in a CT); by the strongest edges if not given, which bone misleads",
        ),
        ParamSpec::with("threshold", Kind::Number(0.0, 1.0), "", "0.1", "vesselness from which a voxel is marked"),
        ParamSpec::with("seeds", Kind::Points, "mm", "null", "keep only pieces that hold one of these points"),
        ParamSpec::with("volume_ml_min", Kind::Number(0.0, 1000.0), "ml", "0.1", "smaller pieces are left out"),
        ParamSpec::with(
            "output",
            Kind::Choice(&["segment", "image"]),
            "",
            "\"segment\"",
            "the marked voxels, or the values as an image",
        ),
        ONLY_INSIDE,
        ONLY_FROM,
        ONLY_TO,
        INTO,
        NAME,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { scan: id, radius_mm_min, radius_mm_max, scales, vessels, contrast, .. } = params;
        let data = scan_of(case, id)?;
        let name = case.expect_kind(id, NodeKind::Scan)?.name.clone();
        if radius_mm_max < radius_mm_min {
            return Err(CommandError::BadParams(format!(
                "the radii {radius_mm_min} to {radius_mm_max} mm are no range; the widest must not be under the thinnest"
            )));
        }
        let dims = data.grid().dims();
        if dims.into_iter().any(|n| n < 3) {
            let [ni, nj, nk] = dims;
            return Err(CommandError::BadParams(format!(
                "the scan has {ni} × {nj} × {nk} voxels; vesselness needs at least 3 along every axis"
            )));
        }
        let place = params.to.prepare(case, id, data.grid())?;
        let allowed = params.limits.prepare(case, &params.to, &data)?;
        let seeds = voxels(data.grid(), params.seeds.as_deref().unwrap_or_default())?;
        let wish = Vessels {
            scales_mm: Vessels::scales([radius_mm_min, radius_mm_max], scales),
            bright: vessels == "bright",
            contrast,
        };
        let (threshold, volume_ml_min, as_image) = (params.threshold, params.volume_ml_min, params.output == "image");
        Ok(Box::new(move |progress| {
            let part = progress.part(0.0..0.85, "vesselness");
            let about =
                |largest: f32| summary(&wish, radius_mm_min, &data).fact("largest vesselness", f64::from(largest), "1");
            if as_image {
                let values = measure(&data, &allowed, &wish, |from| from.values(&wish, &part))?;
                let largest = values.voxels().par_iter().copied().reduce(|| 0.0, f32::max);
                let window = Some(Window { width: 1.0, level: 0.5 });
                let image = Scan { voxels: Voxels::F32(values), modality: Modality::Other, window, facts: Vec::new() };
                let node = Node::new(format!("Vesselness of {name}"), Data::Scan(Arc::new(image)));
                return Ok(Edit::new("vesselness").add(node.with_summary(about(largest)).from_source(id)));
            }
            let mut strongest = 0.0;
            let marked = measure(&data, &allowed, &wish, |from| {
                let (marked, largest) = from.marks(&wish, threshold as f32, &part)?;
                strongest = largest;
                Ok(marked)
            })?;
            let summary = about(strongest);
            if strongest < threshold as f32 || strongest == 0.0 {
                return Err(CommandError::Failed(format!(
                    "no voxel reaches a vesselness of {threshold}, the largest is {strongest:.2}; lower the threshold, \
                     state the contrast or choose other radii"
                )));
            }
            let grid = Arc::clone(marked.grid());
            let mut marks = marked.into_voxels();
            marks.par_iter_mut().enumerate().for_each(|(o, mark)| *mark &= u8::from(allowed.holds(o)));
            let marked = Volume::new(grid, marks).expect("one mark per voxel");
            let mask = pieces(&marked, volume_ml_min, &seeds, &progress.part(0.85..0.95, "pieces"))?;
            let summary = summary.fact("threshold", threshold, "1");
            let part = progress.part(0.95..1.0, "labels");
            place.add("vesselness", &mask, ("vessels", [216, 101, 79], None), summary, &part)
        }))
    }
}

/// Where vessels are looked for.
enum Source<'a> {
    Whole(&'a Scan),
    /// A box around the allowed segment is enough.
    Box(&'a Volume<f32>, &'a Part<'a>, &'a Allowed),
}

impl Source<'_> {
    fn values(&self, wish: &Vessels, progress: &Progress) -> Result<Volume<f32>, Cancelled> {
        match self {
            Self::Whole(Scan { voxels: Voxels::I16(volume), .. }) => vesselness(volume, wish, |_| true, progress),
            Self::Whole(Scan { voxels: Voxels::F32(volume), .. }) => vesselness(volume, wish, |_| true, progress),
            Self::Box(volume, part, allowed) => {
                vesselness(volume, wish, |offset| allowed.inside(part.offset_in_whole(offset)), progress)
            }
        }
    }

    fn marks(&self, wish: &Vessels, from: f32, progress: &Progress) -> Result<(Volume<u8>, f32), Cancelled> {
        match self {
            Self::Whole(Scan { voxels: Voxels::I16(volume), .. }) => {
                vessels_from(volume, wish, from, |_| true, progress)
            }
            Self::Whole(Scan { voxels: Voxels::F32(volume), .. }) => {
                vessels_from(volume, wish, from, |_| true, progress)
            }
            Self::Box(volume, part, allowed) => {
                vessels_from(volume, wish, from, |offset| allowed.inside(part.offset_in_whole(offset)), progress)
            }
        }
    }
}

/// What `of` gives on the scan, 0 where nothing is looked for.
fn measure<V: Copy + Default + Send + Sync>(
    scan: &Scan,
    allowed: &Allowed,
    wish: &Vessels,
    of: impl FnOnce(&Source) -> Result<Volume<V>, Cancelled>,
) -> Result<Volume<V>, Cancelled> {
    if !allowed.is_inside() {
        return of(&Source::Whole(scan));
    }
    let widest_mm = wish.scales_mm.iter().copied().fold(0.0, f64::max);
    let coarsest_mm = scan.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let part = Part::new(scan.grid(), &allowed.region(3.0 * widest_mm + 2.0 * coarsest_mm));
    let values = Volume::new(Arc::clone(part.grid()), part.gather(|offset| scan.value(offset) as f32));
    let values = values.expect("one value per voxel of the box");
    let found = of(&Source::Box(&values, &part, allowed))?;
    let mut all = vec![V::default(); scan.grid().len()];
    part.scatter(found.voxels(), &mut all);
    Ok(Volume::new(Arc::clone(scan.grid()), all).expect("one value per voxel"))
}

/// The pieces that are large enough and hold a seed, if there are seeds.
fn pieces(
    marked: &Volume<u8>,
    volume_ml_min: f64,
    seeds: &[[usize; 3]],
    progress: &Progress,
) -> Result<Volume<u8>, CommandError> {
    let parts = Components::of(marked, |value| value != 0, Neighbours::TwentySix, progress)?;
    let held: Vec<usize> = seeds.iter().filter_map(|seed| parts.at(*seed)).collect();
    let keep = |id: usize| volume_ml_min <= parts.volume_ml(id) && (seeds.is_empty() || held.contains(&id));
    if !(0..parts.parts().len()).any(keep) {
        let n = parts.parts().len();
        let largest_ml = (0..n).map(|id| parts.volume_ml(id)).fold(0.0, f64::max);
        return Err(CommandError::Failed(format!(
            "none of {n} pieces (the largest of {largest_ml:.3} ml) holds a seed point and at least {volume_ml_min} ml; \
             move the points into a vessel, or take a smaller volume or threshold"
        )));
    }
    Ok(parts.keep(keep))
}

fn summary(wish: &Vessels, radius_mm_min: f64, scan: &Scan) -> Summary {
    let mut summary = Summary::default()
        .method("Vesselness of Frangi et al. (1998), eq. 13–15, with α = β = 0.5; the most of all scales.")
        .limit("It follows thin round vessels; their radius is that of the answer, not of the wall, and rims of balls and plates answer too.")
        .limit("On a phantom's liver with 11 HU of noise it agreed poorly with the true veins (Dice 0.31 from 0.3 on); state the contrast and check what it marks.");
    for sigma_mm in &wish.scales_mm {
        summary = summary.fact("scale", *sigma_mm, "mm");
    }
    if let Some(contrast) = wish.contrast {
        summary = summary.fact("contrast", contrast, if scan.unit().is_empty() { "1" } else { scan.unit() });
    }
    let coarsest_mm = scan.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    if radius_mm_min < coarsest_mm {
        summary = summary.warning(format!(
            "the thinnest vessels of {radius_mm_min} mm are thinner than voxels of {coarsest_mm:.2} mm and may be missed"
        ));
    }
    summary
}
