//! Kidneys, spleen, pancreas, adrenal glands.

use super::super::draw::tube;
use super::super::tissue::{Tissue, portal_phase as tissue_of};
use super::super::{Scene, Shape};
use super::trunk::{cavity, domes};
use crate::geom::{Point, Vector};
use nalgebra::Rotation3;

/// A kidney's own directions: middle, to the side, up.
struct Kidney {
    centre: Point,
    lateral: Vector,
    up: Vector,
    turn: Rotation3<f64>,
}

/// `side` is −1 for the right kidney and 1 for the left one, which lies higher.
fn kidney(side: f64) -> Kidney {
    let centre = if side < 0.0 { Point::new(-63.0, 36.0, 106.0) } else { Point::new(62.0, 37.0, 122.0) };
    // The upper pole leans to the spine and back; the hilum looks forward and inward.
    let up = Vector::new(-side * 0.22, 0.14, 1.0).normalize();
    let turn = Rotation3::rotation_between(&Vector::z(), &up).unwrap_or_else(Rotation3::identity);
    let lateral = turn * Rotation3::from_axis_angle(&Vector::z_axis(), side * 0.55) * Vector::new(side, 0.0, 0.0);
    let yaw = Rotation3::from_axis_angle(&Vector::z_axis(), side * 0.55);
    Kidney { centre, lateral, up, turn: turn * yaw }
}

/// The bean without sinus.
pub(super) fn kidney_outline(side: f64) -> Shape {
    let Kidney { centre, lateral, turn, .. } = kidney(side);
    let bean = Shape::ellipsoid(centre, [29.0, 24.0, 54.0], turn);
    let notch = Shape::ellipsoid(centre - lateral * 31.0, [15.0, 11.0, 19.0], turn);
    bean.without(notch, 8.0)
}

/// Cortex, pyramids, sinus fat and renal pelvis.
pub(super) fn draw_kidney(scene: &mut Scene, side: f64, cortex: Tissue, medulla: Tissue) {
    let Kidney { centre, lateral, up, turn } = kidney(side);
    scene.draw(kidney_outline(side), cortex);
    for n in -3..=3 {
        let angle = f64::from(n) * 0.5;
        for tilt in [-1.0, 1.0] {
            let across = lateral.cross(&up) * (tilt * 7.0);
            let base = centre + lateral * (11.0 * angle.cos()) + up * (36.0 * angle.sin()) + across;
            let papilla = centre - lateral * 3.0 + up * (22.0 * angle.sin());
            scene.draw(cone(base, 6.2, papilla, 2.0), medulla);
        }
    }
    let sinus = Shape::ellipsoid(centre - lateral * 13.0, [14.0, 8.5, 25.0], turn);
    scene.draw(sinus, tissue_of::VISCERAL_FAT);
    let pelvis = Shape::ellipsoid(centre - lateral * 15.0, [9.0, 4.0, 11.0], turn);
    scene.draw(pelvis, Tissue { hu: 18.0, label: tissue_of::VISCERAL_FAT.label });
}

fn cone(a: Point, radius_a: f64, b: Point, radius_b: f64) -> Shape {
    tube([(a.x, a.y, a.z, radius_a), (b.x, b.y, b.z, radius_b)], 1)
}

/// The spleen: a thick bowl against the left dome of the diaphragm.
pub(super) fn draw_spleen(scene: &mut Scene) {
    let whole = Shape::ellipsoid(
        Point::new(98.0, 28.0, 178.0),
        [40.0, 56.0, 56.0],
        Rotation3::from_euler_angles(-0.45, 0.15, -0.35),
    );
    let stomach = Shape::ellipsoid(Point::new(62.0, -8.0, 184.0), [42.0, 46.0, 62.0], Rotation3::identity());
    let kidney = kidney_outline(1.0).grown(5.0);
    let spleen = whole
        .without(stomach, 8.0)
        .without(kidney, 10.0)
        .within(cavity().grown(-3.5), 5.0)
        .within(domes().grown(-2.5), 6.0);
    scene.draw(spleen, tissue_of::SPLEEN);
}

/// The pancreas, from the head in the duodenal loop to the tail at the spleen.
pub(super) fn draw_pancreas(scene: &mut Scene) {
    let knots = [
        (-24.0, -12.0, 102.0, 13.0),
        (-20.0, -17.0, 118.0, 15.0),
        (-4.0, -25.0, 130.0, 9.0),
        (22.0, -25.0, 140.0, 11.0),
        (52.0, -9.0, 149.0, 12.0),
        (80.0, 16.0, 160.0, 9.0),
    ];
    scene.draw(tube(knots, 6), tissue_of::PANCREAS);
}

/// The adrenal glands: thin limbs above the kidneys.
pub(super) fn draw_adrenals(scene: &mut Scene) {
    for (side, z) in [(-1.0, 160.0), (1.0, 168.0)] {
        let limb = |x: f64, y: f64| tube([(side * 36.0, 18.0, z, 2.6), (side * x, y, z - 12.0, 2.0)], 1);
        scene.draw(Shape::Union(vec![limb(32.0, 38.0), limb(46.0, 36.0)], 2.0), tissue_of::ADRENAL);
    }
}
