//! The abdomen phantom, put together from back to front.

use super::super::draw::{draw_hollow, draw_table};
use super::super::params::grid;
use super::super::phantom_scan::{Exposure, expose};
use super::super::spine::{Vertebra, draw_spine, lumbar, thoracic};
use super::super::tissue::{AIR, Tissue, label, portal_phase as tissue_of};
use super::super::truth::{Branch, TrueVolume, Truth, Vessels};
use super::super::{Params, Phantom, PhantomError, Scene, Shape, Tube};
use super::{gut, liver, solid_organs, trunk, vasculature};
use crate::base::rng::Rng;
use crate::base::{Progress, SegmentId};
use crate::geom::Point;
use crate::image::Window;

/// The field of view in mm: from the right arm's side to the left, front to table, fourth lumbar vertebra to the dome.
const FIELD_MM: [f64; 3] = [345.6, 259.2, 255.0];
/// Thickness of the aorta's wall; at the stenosis plaque fills the healthy outline.
const AORTA_WALL_MM: f64 = 1.5;

/// From the fifth lumbar up to the eighth thoracic.
const VERTEBRAE: [Vertebra; 10] = [
    lumbar(-24.0, 13.8, 25.0),
    lumbar(13.0, 13.6, 24.5),
    lumbar(50.0, 13.6, 24.0),
    lumbar(86.0, 13.2, 23.0),
    lumbar(121.0, 12.8, 22.0),
    thoracic(154.5, 12.3, 20.0),
    thoracic(185.5, 11.6, 18.5),
    thoracic(214.5, 11.0, 17.0),
    thoracic(242.0, 10.5, 16.0),
    thoracic(268.5, 10.2, 15.5),
];

/// y of the middle of the column: the lumbar curve lies forward.
fn y_of_spine(z: f64) -> f64 {
    39.0 + 9.0 * ((z - 45.0) / 200.0).powi(2)
}

/// Make the abdomen phantom.
///
/// # Errors
/// [`PhantomError`] for a parameter out of range, or cancelled.
pub fn abdomen(params: &Params, progress: &Progress) -> Result<Phantom, PhantomError> {
    params.check()?;
    let grid = grid(FIELD_MM, params.spacing_mm)?;
    let (scene, truth) = anatomy(params);
    let exposure = Exposure {
        grid,
        blur_mm: params.blur_mm,
        noise_hu: params.noise_hu,
        seed: params.seed,
        window: Window { width: 400.0, level: 40.0 },
    };
    expose(&scene, exposure, truth, progress)
}

/// The body and what is known of it; the volumes of most segments are still missing.
pub(in super::super) fn anatomy(params: &Params) -> (Scene, Truth) {
    let mut scene = Scene::new(AIR);
    if params.table {
        draw_table(&mut scene, Point::new(0.0, 122.5, 128.0), 190.0);
    }
    trunk::draw_wall(&mut scene);
    trunk::draw_chest(&mut scene);
    trunk::draw_back_muscles(&mut scene);
    trunk::draw_ribs(&mut scene);
    draw_spine(&mut scene, &VERTEBRAE, y_of_spine);
    gut::draw_small_bowel(&mut scene, &mut Rng::new(params.seed ^ 0xB0_3E1));
    gut::draw_colon(&mut scene);
    gut::draw_duodenum(&mut scene);
    solid_organs::draw_pancreas(&mut scene);
    gut::draw_stomach(&mut scene);
    solid_organs::draw_kidney(&mut scene, -1.0, tissue_of::KIDNEY_CORTEX_RIGHT, tissue_of::KIDNEY_MEDULLA_RIGHT);
    solid_organs::draw_kidney(&mut scene, 1.0, tissue_of::KIDNEY_CORTEX_LEFT, tissue_of::KIDNEY_MEDULLA_LEFT);
    solid_organs::draw_spleen(&mut scene);
    solid_organs::draw_adrenals(&mut scene);

    let organ = liver::liver();
    let tumour = (0.0 < params.tumour_radius_mm).then(|| liver::tumour(params.tumour_radius_mm));
    let mut vessels = Vessels::default();
    let stenosis = vasculature::lay_aorta(params, &mut vessels);
    vasculature::lay_arteries(&mut vessels);
    let cava = vasculature::lay_veins(&mut vessels);
    vasculature::lay_portal_inflow(&mut vessels);
    vasculature::lay_liver_trees(params, &organ, tumour.as_ref(), cava, &mut vessels);
    let Vessels(vessels) = vessels;

    draw_vessels(&mut scene, &vessels, label::VEINS, tissue_of::VEINS);
    draw_vessels(&mut scene, &vessels, label::ARTERIES, tissue_of::ARTERIES);
    scene.draw(organ, tissue_of::LIVER);
    draw_hollow(
        &mut scene,
        &liver::gallbladder(),
        1.5,
        Tissue { hu: 70.0, ..tissue_of::GALLBLADDER },
        tissue_of::GALLBLADDER,
    );
    draw_vessels(&mut scene, &vessels, label::VENA_CAVA, tissue_of::VENA_CAVA);
    draw_vessels(&mut scene, &vessels, label::HEPATIC_VEINS, tissue_of::HEPATIC_VEINS);
    draw_vessels(&mut scene, &vessels, label::PORTAL_VEIN, tissue_of::PORTAL_VEIN);
    draw_aorta(&mut scene, params, &vessels[0]);
    let mut volumes = Vec::new();
    if let Some(tumour) = &tumour {
        scene.draw(Shape::ball(Point::from(tumour.centre_mm), tumour.radius_mm), tissue_of::TUMOUR);
        volumes.push(TrueVolume {
            segment: SegmentId(label::TUMOUR),
            name: "tumour".into(),
            volume_ml: 4.0 / 3.0 * std::f64::consts::PI * tumour.radius_mm.powi(3) / 1000.0,
            standard_error_ml: 0.0,
            method: "4/3 π r³".into(),
        });
    }
    (scene, Truth { phantom: "abdomen".into(), volumes, vessels, stenosis, tumour })
}

fn draw_vessels(scene: &mut Scene, vessels: &[Branch], label: u8, tissue: Tissue) {
    for branch in vessels.iter().filter(|branch| branch.segment == SegmentId(label)) {
        scene.draw(Shape::Tube(branch.swept_tube()), tissue);
    }
}

/// The aorta's wall follows the healthy outline; the lumen is exact.
fn draw_aorta(scene: &mut Scene, params: &Params, aorta: &Branch) {
    let outline = aorta.line().map(|mut point| {
        point.radius_mm = point.radius_mm.max(params.aorta_radius_mm);
        point
    });
    scene.draw(Shape::Tube(Tube::swept(outline)).grown(AORTA_WALL_MM), tissue_of::VESSEL_WALL);
    scene.draw(Shape::Tube(aorta.exact_tube()), tissue_of::AORTA);
}
