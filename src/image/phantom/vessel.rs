//! A contrast-filled vessel in a block of soft tissue: known radii for flow and segmentation.

use super::params::{PhantomError, check, dims};
use super::phantom_scan::{Exposure, Phantom, expose};
use super::tissue::{angiography, label};
use super::truth::{Stenosis, TrueVolume, Truth, Vessels};
use super::{Scene, Shape, Tube, TubePoint};
use crate::base::{Progress, SegmentId};
use crate::geom::{Grid, Point, Vector};
use crate::image::Window;
use serde::{Deserialize, Serialize};

/// Which vessel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VesselShape {
    /// An exact straight cylinder along z; it has no stenosis.
    Tube,
    /// A straight vessel along z.
    Straight,
    /// A vessel that swings to the side and back.
    Curved,
    /// A vessel that divides into two of equal radius by Murray's law.
    Bifurcation,
}

/// The choices about the vessel phantom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VesselParams {
    /// Which vessel.
    pub shape: VesselShape,
    /// Distance between voxel centres along x, y, z in mm.
    pub spacing_mm: [f64; 3],
    /// Radius of the healthy vessel in mm.
    pub radius_mm: f64,
    /// Length of the block along z in mm; the vessel passes through both ends.
    pub length_mm: f64,
    /// The part of the diameter lost at the stenosis in percent; 0 for none.
    pub stenosis_percent: f64,
    /// Length of the stenosis in mm.
    pub stenosis_length_mm: f64,
    /// Thickness of the vessel wall in mm; 0 for none.
    pub wall_mm: f64,
    /// Standard deviation of the noise in HU.
    pub noise_hu: f64,
    /// Standard deviation of the point spread function in the slice in mm.
    pub blur_mm: f64,
    /// Where the noise comes from.
    pub seed: u64,
}

impl Default for VesselParams {
    fn default() -> Self {
        Self {
            shape: VesselShape::Straight,
            spacing_mm: [0.4; 3],
            radius_mm: 4.0,
            length_mm: 60.0,
            stenosis_percent: 50.0,
            stenosis_length_mm: 12.0,
            wall_mm: 0.0,
            noise_hu: 8.0,
            blur_mm: 0.4,
            seed: 1,
        }
    }
}

/// Distance between points of the centre line in mm: chords miss a curve of 60 mm radius by less than 1 µm.
const STEP_MM: f64 = 0.5;
/// Soft tissue around the vessel in mm.
const MARGIN_MM: f64 = 5.0;

/// Make the vessel phantom. The block is centred on the z axis and starts at z = 0.
///
/// # Errors
/// [`PhantomError`] for a parameter out of range, or cancelled.
pub fn vessel(params: &VesselParams, progress: &Progress) -> Result<Phantom, PhantomError> {
    let VesselParams { shape, spacing_mm, radius_mm, length_mm, wall_mm, .. } = *params;
    check("the radius of the vessel", radius_mm, "mm", [0.5, 20.0])?;
    check("the length of the block", length_mm, "mm", [10.0, 300.0])?;
    check("the stenosis", params.stenosis_percent, "% of the diameter", [0.0, 90.0])?;
    check(
        "the length of the stenosis",
        params.stenosis_length_mm,
        "mm",
        [2.0 * radius_mm, 0.5 * length_mm.max(4.0 * radius_mm)],
    )?;
    check("the wall", wall_mm, "mm", [0.0, 5.0])?;
    check("the noise", params.noise_hu, "HU", [0.0, 200.0])?;
    check("the blur", params.blur_mm, "mm", [0.0, 5.0])?;
    let side_mm = sway_mm(params);
    let half_mm = radius_mm + wall_mm + MARGIN_MM;
    let dims = dims([2.0 * (half_mm + side_mm), 2.0 * half_mm, length_mm], spacing_mm)?;
    // Voxel cells fill the block from z = 0 to its length, and lie evenly about the axis.
    let origin = [0, 1].map(|axis| -0.5 * (dims[axis] as f64 - 1.0) * spacing_mm[axis]);
    let grid = Grid::aligned(dims, Point::new(origin[0], origin[1], 0.5 * spacing_mm[2]), spacing_mm)
        .expect("checked dims and spacing");
    let top_mm = dims[2] as f64 * spacing_mm[2];

    let (mut scene, mut vessels) = (Scene::new(angiography::TISSUE), Vessels::default());
    let stenosis = lay_vessel(params, top_mm, &mut vessels);
    let lumens: Vec<Tube> = vessels.0.iter().map(|branch| branch.exact_tube()).collect();
    let lumens = Shape::Union(lumens.into_iter().map(Shape::Tube).collect(), 0.0);
    if 0.0 < wall_mm {
        scene.draw(lumens.clone().grown(wall_mm), angiography::VESSEL_WALL);
    }
    let mut volumes = Vec::new();
    if matches!(shape, VesselShape::Tube | VesselShape::Straight) {
        // ∫ (1 − d/2 (1 + cos))² over the stenosis is its length times 1 − d + 3/8 d².
        let (lost, narrow_mm) = stenosis.as_ref().map_or((0.0, 0.0), |s| (s.diameter_percent / 100.0, s.length_mm));
        let length_mm = top_mm - narrow_mm + narrow_mm * (1.0 - lost + 0.375 * lost * lost);
        volumes.push(TrueVolume {
            segment: SegmentId(label::LUMEN),
            name: "vessel lumen".into(),
            volume_ml: std::f64::consts::PI * radius_mm * radius_mm * length_mm / 1000.0,
            standard_error_ml: 0.0,
            method: "π ∫ r²".into(),
        });
    }
    scene.draw(lumens, angiography::LUMEN);
    let truth = Truth { phantom: "vessel".into(), volumes, vessels: vessels.0, stenosis, tumour: None };
    let exposure = Exposure {
        grid,
        blur_mm: params.blur_mm,
        noise_hu: params.noise_hu,
        seed: params.seed,
        window: Window { width: 600.0, level: 150.0 },
    };
    expose(&scene, exposure, truth, progress)
}

/// How far the vessel leaves the z axis, in mm.
fn sway_mm(params: &VesselParams) -> f64 {
    match params.shape {
        VesselShape::Tube | VesselShape::Straight => 0.0,
        VesselShape::Curved => 0.08 * params.length_mm,
        VesselShape::Bifurcation => 0.25 * params.length_mm,
    }
}

/// Lay the centre lines from below z = 0 to above `top_mm`, so that the vessel passes through both ends.
fn lay_vessel(params: &VesselParams, top_mm: f64, vessels: &mut Vessels) -> Option<Stenosis> {
    const SYSTEM: &str = "vessel";
    let (r0, beyond) = (params.radius_mm, 2.0 * params.radius_mm);
    let percent = if params.shape == VesselShape::Tube { 0.0 } else { params.stenosis_percent };
    let fork_mm = 0.55 * top_mm;
    let sway = sway_mm(params);
    let axis = |z: f64| match params.shape {
        VesselShape::Curved => Vector::new(-sway * (std::f64::consts::TAU * z / top_mm).cos(), 0.0, z),
        _ => Vector::new(0.0, 0.0, z),
    };
    let forks = params.shape == VesselShape::Bifurcation;
    let end_mm = if forks { fork_mm } else { top_mm + beyond };
    let steps = ((end_mm + beyond) / STEP_MM).ceil();
    let points: Vec<Point> =
        (0..=steps as usize).map(|n| axis((end_mm + beyond) * n as f64 / steps - beyond).into()).collect();
    let place_z = if forks { 0.5 * fork_mm } else { 0.5 * top_mm };
    // Arc lengths along the points themselves, so that profile and line belong together.
    let mut at = vec![0.0];
    for pair in points.windows(2) {
        at.push(at[at.len() - 1] + (pair[1] - pair[0]).norm());
    }
    let middle = points.iter().position(|p| place_z <= p.z).unwrap_or(0);
    let radius = |s: f64| r0 * Stenosis::factor(at[middle], params.stenosis_length_mm, percent, s);
    let line: Vec<TubePoint> = points.iter().zip(&at).map(|(p, s)| TubePoint::new(*p, radius(*s))).collect();
    let trunk = vessels.add(SYSTEM, label::LUMEN, None, &line);
    if forks {
        let daughter_mm = r0 * 0.5_f64.cbrt();
        for side in [-1.0, 1.0] {
            let rise = top_mm + beyond - fork_mm;
            // Leaves along z and turns by at most atan(3/2 · sway / rise).
            let place = |t: f64| Point::new(side * sway * t * t * (1.5 - 0.5 * t), 0.0, fork_mm + rise * t);
            let n = (rise / STEP_MM).ceil() as usize;
            let line: Vec<TubePoint> =
                (0..=n).map(|i| TubePoint::new(place(i as f64 / n as f64), daughter_mm)).collect();
            vessels.add(SYSTEM, label::LUMEN, Some(trunk), &line);
        }
    }
    (0.0 < percent).then(|| Stenosis {
        branch: trunk,
        centre_mm: [points[middle].x, points[middle].y, points[middle].z],
        at_mm: at[middle],
        length_mm: params.stenosis_length_mm,
        diameter_percent: percent,
        healthy_radius_mm: r0,
        radius_mm_min: r0 * (1.0 - percent / 100.0),
    })
}
