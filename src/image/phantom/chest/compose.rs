//! The chest phantom, put together from the outside in.

use super::super::draw::draw_table;
use super::super::params::{PhantomError, check, grid};
use super::super::phantom_scan::{Exposure, Phantom, expose};
use super::super::tissue::{AIR, label, portal_phase as tissue_of};
use super::super::truth::{Truth, Vessels};
use super::super::{Scene, Shape};
use super::{airway, trunk};
use crate::base::Progress;
use crate::base::SegmentId;
use crate::geom::Point;
use crate::image::Window;
use serde::{Deserialize, Serialize};

/// The field of view in mm: shoulder to shoulder, front to table, diaphragm to neck.
const FIELD_MM: [f64; 3] = [374.4, 268.8, 310.0];

/// The choices, with defaults for an ordinary chest scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChestParams {
    /// Distance between voxel centres along x, y, z in mm.
    pub spacing_mm: [f64; 3],
    /// Where noise and the trees of bronchi and vessels come from.
    pub seed: u64,
    /// Standard deviation of the noise in HU.
    pub noise_hu: f64,
    /// Standard deviation of the point spread function in the slice in mm.
    pub blur_mm: f64,
    /// End points of the bronchi in each lung; its vessels get as many.
    pub airway_ends: usize,
}

impl Default for ChestParams {
    fn default() -> Self {
        Self { spacing_mm: [0.8, 0.8, 1.25], seed: 1, noise_hu: 20.0, blur_mm: 0.6, airway_ends: 22 }
    }
}

impl ChestParams {
    /// Check every parameter.
    ///
    /// # Errors
    /// [`PhantomError`] for the first one out of its range.
    pub fn check(&self) -> Result<(), PhantomError> {
        check("the noise", self.noise_hu, "HU", [0.0, 200.0])?;
        check("the blur", self.blur_mm, "mm", [0.0, 5.0])?;
        check("the number of ends of the bronchi", self.airway_ends as f64, "ends", [2.0, 60.0])
    }
}

/// Make the chest phantom.
///
/// # Errors
/// [`PhantomError`] for a parameter out of range, or cancelled.
pub fn chest(params: &ChestParams, progress: &Progress) -> Result<Phantom, PhantomError> {
    params.check()?;
    let grid = grid(FIELD_MM, params.spacing_mm)?;
    let (scene, truth) = anatomy(params);
    let exposure = Exposure {
        grid,
        blur_mm: params.blur_mm,
        noise_hu: params.noise_hu,
        seed: params.seed,
        window: Window { width: 1500.0, level: -500.0 },
    };
    expose(&scene, exposure, truth, progress)
}

/// The body and what is known of it.
fn anatomy(params: &ChestParams) -> (Scene, Truth) {
    let mut scene = Scene::new(AIR);
    draw_table(&mut scene, Point::new(0.0, 125.0, 150.0), 200.0);
    trunk::draw_wall(&mut scene);
    let lungs = trunk::draw_cavity(&mut scene);
    trunk::draw_bones(&mut scene);
    let mut vessels = Vessels::default();
    airway::lay_airway(params, &lungs, &mut vessels);
    airway::lay_pulmonary_vessels(params, &lungs, &mut vessels);
    let Vessels(vessels) = vessels;
    let of = |label: u8| vessels.iter().filter(move |branch| branch.segment == SegmentId(label));
    for branch in of(label::PULMONARY_VESSELS) {
        scene.draw(Shape::Tube(branch.swept_tube()), tissue_of::PULMONARY_VESSELS);
    }
    // All walls before all lumens, so that no wall closes a branch off.
    for branch in of(label::AIRWAY) {
        scene.draw(airway::outline(branch), tissue_of::AIRWAY_WALL);
    }
    for branch in of(label::AIRWAY) {
        scene.draw(Shape::Tube(branch.swept_tube()), tissue_of::AIRWAY);
    }
    (scene, Truth { phantom: "chest".into(), volumes: Vec::new(), vessels, stenosis: None, tumour: None })
}
