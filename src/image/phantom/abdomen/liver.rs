//! The liver: a large right and a tapering left lobe, hollowed below by its neighbours; gallbladder and tumour.

use super::super::draw::tube;
use super::super::{Shape, Tumour};
use super::solid_organs::kidney_outline;
use super::trunk::{cavity, domes};
use crate::geom::{Aabb, Point, Vector};
use nalgebra::Rotation3;

/// A box around the liver.
pub(super) const BOUNDS: Aabb = Aabb { min: Point::new(-135.0, -95.0, 60.0), max: Point::new(100.0, 80.0, 245.0) };

/// The gallbladder with its wall.
pub(super) fn gallbladder() -> Shape {
    let body = Shape::ellipsoid(
        Point::new(-50.0, -50.0, 118.0),
        [13.5, 13.5, 27.0],
        Rotation3::from_euler_angles(-0.45, -0.15, 0.0),
    );
    body.with(tube([(-46.0, -40.0, 136.0, 5.0), (-40.0, -30.0, 148.0, 2.5)], 2), 6.0)
}

/// The tumour lies deep in the right lobe.
pub(super) fn tumour(radius_mm: f64) -> Tumour {
    Tumour { centre_mm: [-94.0, 8.0, 172.0], radius_mm }
}

/// The whole liver, vessels and tumour included.
pub(super) fn liver() -> Shape {
    let right = Shape::ellipsoid(
        Point::new(-66.0, -3.0, 161.0),
        [72.0, 85.0, 84.0],
        Rotation3::from_euler_angles(0.0, 0.0, 0.1),
    );
    let tip = tube([(-90.0, 0.0, 140.0, 46.0), (-106.0, 4.0, 88.0, 22.0)], 1);
    let left = tube(
        [
            (-30.0, -40.0, 186.0, 46.0),
            (16.0, -50.0, 190.0, 40.0),
            (54.0, -52.0, 199.0, 29.0),
            (88.0, -42.0, 208.0, 9.0),
        ],
        3,
    );
    let lobes = right.with(tip, 26.0).with(left, 30.0);
    // The lower border climbs from the right flank to the left dome.
    let lower = Shape::half_space(Point::new(-60.0, -30.0, 114.0), Vector::new(0.50, 0.12, -0.86));
    let spine = tube([(4.0, 36.0, 60.0, 40.0), (4.0, 36.0, 160.0, 40.0), (6.0, 40.0, 260.0, 38.0)], 2);
    let hilum = Shape::ellipsoid(Point::new(-26.0, -8.0, 140.0), [26.0, 22.0, 20.0], Rotation3::identity());
    let lesser_sac = Shape::ellipsoid(Point::new(44.0, 14.0, 172.0), [44.0, 44.0, 52.0], Rotation3::identity());
    let fissure = Shape::RoundBox {
        centre: Point::new(4.0, -78.0, 158.0),
        half_mm: Vector::new(2.4, 15.0, 16.0),
        rounding_mm: 2.5,
    };
    lobes
        .within(lower, 22.0)
        .without(spine, 14.0)
        .without(lesser_sac, 12.0)
        .without(hilum, 10.0)
        .without(kidney_outline(-1.0).grown(5.0), 12.0)
        .without(gallbladder().grown(1.0), 5.0)
        .without(fissure, 3.0)
        .within(cavity().grown(-3.0), 8.0)
        .within(domes().grown(-2.5), 8.0)
}
