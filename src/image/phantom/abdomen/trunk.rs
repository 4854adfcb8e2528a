//! Skin, fat, muscles, diaphragm, lungs, ribs, and the table below.

use super::super::draw::{on_wall, tube};
use super::super::tissue::portal_phase as tissue_of;
use super::super::{Scene, Shape, Tube, TubePoint, Waist, smooth_line};
use crate::geom::{Point, Vector};
use nalgebra::Rotation3;

const WAIST: Waist = Waist { z_mm: 80.0, height_mm: 75.0, depth: 0.05 };

fn column(centre_y: f64, radii_mm: [f64; 2]) -> Shape {
    Shape::Oval { centre: [0.0, centre_y], radii_mm, waist: WAIST }
}

/// What the muscles of the wall enclose.
pub(super) fn cavity() -> Shape {
    column(-7.0, [134.0, 84.0])
}

/// What lies below the diaphragm, seen from above: two domes.
pub(super) fn domes() -> Shape {
    let right = Shape::ellipsoid(Point::new(-64.0, -5.0, 148.0), [74.0, 90.0, 92.0], Rotation3::identity());
    let left = Shape::ellipsoid(Point::new(64.0, -2.0, 148.0), [70.0, 86.0, 82.0], Rotation3::identity());
    right.with(left, 24.0)
}

/// Skin, fat under it, the muscles of the wall, and fat in the cavity.
pub(super) fn draw_wall(scene: &mut Scene) {
    scene.draw(column(0.0, [163.0, 113.0]), tissue_of::SKIN);
    scene.draw(column(0.0, [161.0, 111.0]), tissue_of::SUBCUTANEOUS_FAT);
    scene.draw(column(0.0, [147.0, 99.0]), tissue_of::MUSCLE);
    // A thin layer of fat between the flat muscles of the flank.
    let flank = |x: f64| Shape::half_space(Point::new(x, 0.0, 0.0), Vector::new(-x.signum(), 0.0, 0.0));
    let flanks = flank(85.0).with(flank(-85.0), 0.0);
    let below_ribs = Shape::half_space(Point::new(0.0, 0.0, 120.0), Vector::z());
    let outer = column(-1.0, [141.5, 93.5]).within(flanks, 12.0).within(below_ribs, 12.0);
    scene.draw(outer, tissue_of::VISCERAL_FAT);
    scene.draw(column(-1.5, [140.0, 92.0]), tissue_of::MUSCLE);
    // The rectus muscles leave a gap in the middle of the belly.
    let gap = Shape::RoundBox {
        centre: Point::new(0.0, -98.0, 60.0),
        half_mm: Vector::new(5.0, 5.0, 120.0),
        rounding_mm: 4.5,
    };
    scene.draw(gap, tissue_of::SUBCUTANEOUS_FAT);
    scene.draw(cavity(), tissue_of::VISCERAL_FAT);
}

/// Muscles beside the spine.
pub(super) fn draw_back_muscles(scene: &mut Scene) {
    for side in [-1.0, 1.0] {
        let erector = Shape::Oval { centre: [side * 33.0, 79.0], radii_mm: [27.0, 18.0], waist: Waist::NONE };
        scene.draw(erector.clone().grown(1.3), tissue_of::VISCERAL_FAT);
        scene.draw(erector, tissue_of::MUSCLE);
        let quadratus = Shape::ellipsoid(
            Point::new(side * 66.0, 64.0, 40.0),
            [21.0, 8.0, 95.0],
            Rotation3::from_euler_angles(0.0, side * 0.12, -side * 0.25),
        );
        scene.draw(quadratus, tissue_of::MUSCLE);
        let psoas =
            [(23.0, 42.0, 150.0, 4.0), (30.0, 41.0, 105.0, 11.0), (40.0, 36.0, 50.0, 17.0), (51.0, 26.0, -20.0, 20.0)];
        scene.draw(tube(psoas.map(|(x, y, z, r)| (side * x, y, z, r)), 8), tissue_of::MUSCLE);
        let crus = match side {
            1.0 => {
                [(27.0, 24.0, 225.0, 3.0), (24.0, 19.0, 180.0, 4.5), (20.0, 18.0, 130.0, 4.5), (17.0, 22.0, 85.0, 2.5)]
            }
            _ => {
                [(-6.0, 18.0, 225.0, 3.0), (-5.0, 16.0, 180.0, 5.5), (-8.0, 16.0, 130.0, 5.0), (-10.0, 20.0, 75.0, 2.5)]
            }
        };
        scene.draw(tube(crus, 8), tissue_of::MUSCLE);
    }
}

/// Lungs above the diaphragm, and the lower part of the heart.
pub(super) fn draw_chest(scene: &mut Scene) {
    // The lungs reach lowest at the back.
    let above = Shape::half_space(Point::new(0.0, 0.0, 182.0), Vector::new(0.0, -0.3, -1.0));
    let pleura = cavity().within(above, 10.0);
    scene.draw(pleura.clone(), tissue_of::MUSCLE);
    let mediastinum = Shape::Oval { centre: [6.0, -2.0], radii_mm: [27.0, 90.0], waist: Waist::NONE };
    let heart = Shape::ellipsoid(
        Point::new(30.0, -36.0, 268.0),
        [60.0, 44.0, 34.0],
        Rotation3::from_euler_angles(0.0, 0.15, 0.3),
    );
    let lungs = pleura
        .grown(-1.5)
        .without(domes().grown(3.0), 2.0)
        .without(mediastinum.clone(), 10.0)
        .without(heart.clone().grown(4.0), 6.0);
    scene.draw(mediastinum.within(cavity(), 4.0), tissue_of::VISCERAL_FAT);
    scene.draw(lungs, tissue_of::LUNG);
    scene.draw(domes().within(cavity(), 4.0), tissue_of::VISCERAL_FAT);
    scene.draw(heart.clone(), tissue_of::HEART_MUSCLE);
    scene.draw(heart.grown(-9.0), tissue_of::HEART_BLOOD);
}

/// The sixth to twelfth pair of ribs.
pub(super) fn draw_ribs(scene: &mut Scene) {
    // Height of the head, how far round it goes in degrees from the back, how far it descends.
    const RIBS: [(f64, f64, f64); 7] = [
        (158.0, 78.0, 52.0),
        (187.0, 100.0, 72.0),
        (216.0, 128.0, 92.0),
        (244.0, 138.0, 96.0),
        (272.0, 146.0, 100.0),
        (299.0, 150.0, 102.0),
        (325.0, 152.0, 104.0),
    ];
    let middle = column(-4.0, [140.0, 91.0]);
    for (head_mm, around_deg, descent_mm) in RIBS {
        for side in [-1.0, 1.0] {
            let neck = [(12.0, 58.0), (22.0, 66.0)].map(|(x, y)| TubePoint::new(Point::new(side * x, y, head_mm), 5.0));
            let arc = (0..=14).map(|n| {
                let part = f64::from(n) / 14.0;
                let angle = (16.0 + (around_deg - 16.0) * part).to_radians();
                let z = head_mm - descent_mm * part.powf(1.2);
                on_wall(&middle, -4.0, Vector::new(side * angle.sin() * 1.3, angle.cos(), 0.0), z)
            });
            let knots: Vec<TubePoint> = neck.into_iter().chain(arc.map(|at| TubePoint::new(at, 5.2))).collect();
            let line = smooth_line(&knots, 4);
            // A rib is a flat bone: the ball swept along it is thinned by the wall.
            let flat = |thickness_mm: f64| {
                middle.clone().grown(thickness_mm).without(middle.clone().grown(-thickness_mm), 2.0)
            };
            let near_spine = Shape::ball(Point::new(side * 15.0, 62.0, head_mm), 26.0);
            let rib = Shape::Tube(Tube::swept(line)).within(flat(3.8).with(near_spine, 6.0), 2.0);
            scene.draw(rib.clone(), tissue_of::RIB_CORTEX);
            scene.draw(rib.grown(-1.3), tissue_of::RIB_MARROW);
        }
    }
}
