//! Chest wall, bones, diaphragm, lungs, heart, aorta, oesophagus.

use super::super::draw::{draw_hollow, line, on_wall, tube};
use super::super::spine::{Vertebra, draw_spine, thoracic};
use super::super::tissue::portal_phase as tissue_of;
use super::super::{Scene, Shape, Tube, TubePoint, Waist, smooth_line};
use crate::geom::{Point, Vector};
use nalgebra::Rotation3;

/// The chest narrows to the neck.
const TAPER: Waist = Waist { z_mm: 370.0, height_mm: 120.0, depth: 0.5 };
/// From the eleventh thoracic vertebra up to the first, and two cervical ones, which are drawn alike.
const VERTEBRAE: [Vertebra; 14] = [
    thoracic(-12.0, 12.3, 19.0),
    thoracic(19.0, 11.8, 18.0),
    thoracic(48.0, 11.2, 17.0),
    thoracic(75.0, 10.8, 16.5),
    thoracic(101.0, 10.4, 16.0),
    thoracic(126.0, 10.0, 15.5),
    thoracic(150.0, 9.8, 15.0),
    thoracic(173.5, 9.6, 15.0),
    thoracic(196.5, 9.4, 15.0),
    thoracic(219.0, 9.2, 15.0),
    thoracic(241.0, 9.0, 15.5),
    thoracic(262.5, 8.8, 16.0),
    thoracic(284.0, 8.6, 15.5),
    thoracic(304.5, 8.4, 15.0),
];
/// Thickness of the wall of oesophagus and aorta in mm.
const WALL_MM: f64 = 2.5;

/// y of the middle of the column: the thoracic curve lies backwards.
fn y_of_spine(z: f64) -> f64 {
    52.0 - 14.0 * ((z - 150.0) / 170.0).powi(2)
}

fn column(centre_y: f64, radii_mm: [f64; 2]) -> Shape {
    Shape::Oval { centre: [0.0, centre_y], radii_mm, waist: TAPER }
}

/// What the ribs enclose.
fn cavity() -> Shape {
    column(-4.0, [132.0, 86.0]).between([-60.0, 296.0], 60.0)
}

/// Skin, fat, muscles; shoulders and neck above.
pub(super) fn draw_wall(scene: &mut Scene) {
    let shoulders = tube([(-118.0, 30.0, 272.0, 50.0), (0.0, 38.0, 282.0, 66.0), (118.0, 30.0, 272.0, 50.0)], 6);
    let neck = tube([(0.0, 30.0, 280.0, 66.0), (0.0, 22.0, 380.0, 64.0)], 2);
    let layer = |mm: f64| {
        let trunk = column(0.0, [160.0 + mm, 112.0 + mm]);
        trunk.with(shoulders.clone().grown(mm), 30.0).with(neck.clone().grown(mm), 20.0)
    };
    scene.draw(layer(0.0), tissue_of::SKIN);
    scene.draw(layer(-2.0), tissue_of::SUBCUTANEOUS_FAT);
    scene.draw(layer(-13.0), tissue_of::MUSCLE);
    for side in [-1.0, 1.0] {
        let erector = Shape::Oval { centre: [side * 30.0, 88.0], radii_mm: [24.0, 15.0], waist: Waist::NONE };
        let erector = erector.between([-100.0, 250.0], 20.0);
        scene.draw(erector.clone().grown(1.3), tissue_of::VISCERAL_FAT);
        scene.draw(erector, tissue_of::MUSCLE);
    }
}

/// Spine, ribs, breastbone, collarbones.
pub(super) fn draw_bones(scene: &mut Scene) {
    let wall = column(-2.0, [140.0, 93.0]).between([-60.0, 300.0], 60.0);
    for n in 0..11 {
        // From the eleventh rib up; the upper ones are shorter and steeper.
        let part = f64::from(n) / 10.0;
        let head_mm = -2.0 + 276.0 * part;
        let descent_mm = 96.0 - 46.0 * part;
        for side in [-1.0, 1.0] {
            let neck = [(12.0, 24.0), (24.0, 32.0)]
                .map(|(x, y)| TubePoint::new(Point::new(side * x, y_of_spine(head_mm) + y, head_mm), 4.6));
            let arc = (1..=14).map(|m| {
                let part = f64::from(m) / 14.0;
                let angle = (18.0 + 132.0 * part).to_radians();
                let direction = Vector::new(side * angle.sin() * 1.3, angle.cos(), 0.0);
                TubePoint::new(on_wall(&wall, -2.0, direction, head_mm - descent_mm * part.powf(1.2)), 5.0)
            });
            let knots: Vec<TubePoint> = neck.into_iter().chain(arc).collect();
            let rib = Shape::Tube(Tube::swept(smooth_line(&knots, 4)));
            scene.draw(rib.clone(), tissue_of::RIB_CORTEX);
            scene.draw(rib.grown(-1.5), tissue_of::RIB_MARROW);
        }
    }
    let breastbone = Shape::RoundBox {
        centre: Point::new(0.0, -88.0, 170.0),
        half_mm: Vector::new(17.0, 5.5, 75.0),
        rounding_mm: 5.0,
    };
    scene.draw(breastbone.clone(), tissue_of::RIB_CORTEX);
    scene.draw(breastbone.grown(-1.3), tissue_of::RIB_MARROW);
    for side in [-1.0, 1.0] {
        let knots = [(18.0, -66.0, 262.0, 6.0), (60.0, -44.0, 272.0, 5.5), (120.0, -8.0, 290.0, 6.0)];
        let bone = tube(knots.map(|(x, y, z, r)| (side * x, y, z, r)), 6);
        scene.draw(bone.clone(), tissue_of::RIB_CORTEX);
        scene.draw(bone.grown(-1.6), tissue_of::RIB_MARROW);
    }
    draw_spine(scene, &VERTEBRAE, y_of_spine);
}

/// Lungs, and everything between and below them; gives the two lungs, right first.
pub(super) fn draw_cavity(scene: &mut Scene) -> [Shape; 2] {
    let dome = |x: f64, z: f64, side: f64| {
        let turn = Rotation3::from_euler_angles(0.12, 0.0, 0.0);
        Shape::ellipsoid(Point::new(x, 4.0, z), [side, 92.0, 86.0], turn)
    };
    let domes = dome(-64.0, -14.0, 74.0).with(dome(62.0, -22.0, 72.0), 24.0);
    // The bodies of the vertebrae, heart and great vessels keep the lungs apart.
    let middle = tube(
        [
            (4.0, 20.0, -40.0, 34.0),
            (4.0, 12.0, 90.0, 34.0),
            (2.0, 4.0, 160.0, 32.0),
            (3.0, 0.0, 215.0, 34.0),
            (0.0, 0.0, 260.0, 36.0),
            (0.0, 0.0, 320.0, 44.0),
        ],
        6,
    );
    let septum = Shape::Oval { centre: [4.0, -4.0], radii_mm: [15.0, 120.0], waist: Waist::NONE };
    let column = tube((-4..=22).map(|n| f64::from(n) * 15.0).map(|z| (0.0, y_of_spine(z) + 6.0, z, 27.0)), 2);
    let turn = Rotation3::from_euler_angles(0.0, 0.35, 0.5);
    let heart = Shape::ellipsoid(Point::new(24.0, -36.0, 104.0), [58.0, 42.0, 50.0], turn);
    let between = middle.with(septum, 12.0).with(column, 10.0).with(heart.clone().grown(4.0), 10.0);
    let side = |side: f64| Shape::half_space(Point::new(0.0, 0.0, 0.0), Vector::new(-side, 0.0, 0.0));
    let lung = |of: f64| {
        let whole = cavity().grown(-1.5).within(side(of), 2.0);
        whole.without(domes.clone().grown(3.0), 3.0).without(between.clone(), 8.0)
    };
    let lungs = [lung(-1.0), lung(1.0)];
    scene.draw(between.within(cavity(), 4.0), tissue_of::VISCERAL_FAT);
    scene.draw(
        cavity()
            .without(Shape::half_space(Point::new(0.0, 0.0, 90.0), Vector::z()), 4.0)
            .within(domes.clone().grown(3.0), 2.0),
        tissue_of::MUSCLE,
    );
    scene.draw(domes.clone().within(cavity(), 4.0), tissue_of::LIVER);
    // The bubble in the stomach lies under the left dome.
    let stomach = Shape::ellipsoid(Point::new(62.0, -22.0, 26.0), [38.0, 36.0, 24.0], Rotation3::identity());
    draw_hollow(scene, &stomach, 3.5, tissue_of::STOMACH_WALL, tissue_of::STOMACH_GAS);
    for lung in &lungs {
        scene.draw(lung.clone(), tissue_of::LUNG);
    }
    scene.draw(heart.clone(), tissue_of::HEART_MUSCLE);
    scene.draw(heart.grown(-9.0), tissue_of::HEART_BLOOD);
    let aorta = tube(
        [
            (4.0, -34.0, 120.0, 15.0),
            (-10.0, -36.0, 160.0, 15.0),
            (-6.0, -28.0, 200.0, 14.5),
            (8.0, -10.0, 214.0, 14.0),
            (20.0, 12.0, 208.0, 13.0),
            (22.0, 26.0, 182.0, 12.5),
            (19.0, 28.0, 130.0, 12.0),
            (12.0, 26.0, 60.0, 11.5),
            (6.0, 22.0, -30.0, 11.0),
        ],
        8,
    );
    draw_hollow(scene, &aorta, 1.5, tissue_of::VESSEL_WALL, tissue_of::AORTA);
    // The oesophagus runs behind the windpipe and holds a little air.
    let oesophagus = line(
        [
            (3.0, 19.0, 330.0, 7.0),
            (4.0, 18.0, 240.0, 7.0),
            (5.0, 21.0, 190.0, 7.5),
            (4.0, 14.0, 120.0, 8.0),
            (16.0, 2.0, 50.0, 8.0),
            (26.0, -4.0, 10.0, 8.0),
        ],
        8,
    );
    scene.draw(Shape::Tube(Tube::swept(oesophagus.clone())), tissue_of::OESOPHAGUS);
    let gas = oesophagus.into_iter().filter(|point| (205.0..250.0).contains(&point.at.z));
    let gas = gas.map(|point| TubePoint::new(point.at, point.radius_mm - WALL_MM - 1.5));
    scene.draw(Shape::Tube(Tube::swept(gas)), tissue_of::OESOPHAGUS_GAS);
    lungs
}
