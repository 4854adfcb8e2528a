//! Stomach, duodenum, small intestine, colon.

use super::super::draw::{draw_hollow, tube};
use super::super::tissue::portal_phase as tissue_of;
use super::super::{Scene, Shape, Tube, TubePoint, smooth_line};
use crate::base::rng::Rng;
use crate::geom::{Aabb, Point, Vector};

/// The stomach with fluid and a bubble of gas in front, as in a patient on the back.
pub(super) fn draw_stomach(scene: &mut Scene) {
    let knots = [
        (60.0, 10.0, 202.0, 27.0),
        (67.0, -6.0, 188.0, 30.0),
        (70.0, -28.0, 166.0, 27.0),
        (54.0, -52.0, 142.0, 22.0),
        (22.0, -62.0, 132.0, 17.0),
        (-12.0, -52.0, 132.0, 10.0),
    ];
    let stomach = tube(knots, 6);
    draw_hollow(scene, &stomach, 3.5, tissue_of::STOMACH_WALL, tissue_of::STOMACH_FLUID);
    let front = Shape::half_space(Point::new(0.0, -50.0, 0.0), Vector::y());
    scene.draw(stomach.grown(-3.5).within(front, 0.0), tissue_of::STOMACH_GAS);
}

/// The duodenal loop around the head of the pancreas.
pub(super) fn draw_duodenum(scene: &mut Scene) {
    let knots = [
        (-14.0, -50.0, 132.0, 9.0),
        (-38.0, -34.0, 128.0, 11.0),
        (-46.0, -16.0, 110.0, 12.0),
        (-42.0, -6.0, 88.0, 12.0),
        (-20.0, -6.0, 78.0, 11.0),
        (8.0, -12.0, 82.0, 10.0),
        (26.0, -22.0, 96.0, 10.0),
    ];
    draw_hollow(scene, &tube(knots, 6), 2.5, tissue_of::DUODENUM_WALL, tissue_of::DUODENUM_FLUID);
}

/// The colon: up the right flank, across the front, down the left flank; pouches, stool, and gas in front.
pub(super) fn draw_colon(scene: &mut Scene) {
    const KNOTS: [[f64; 4]; 15] = [
        [-92.0, 8.0, -30.0, 23.0],
        [-98.0, 12.0, 10.0, 23.0],
        [-98.0, 14.0, 45.0, 22.0],
        [-92.0, 0.0, 76.0, 21.0],
        [-78.0, -36.0, 82.0, 20.0],
        [-50.0, -66.0, 84.0, 19.0],
        [-10.0, -70.0, 90.0, 18.0],
        [36.0, -68.0, 100.0, 18.0],
        [76.0, -52.0, 116.0, 18.0],
        [100.0, -16.0, 134.0, 17.0],
        [106.0, 16.0, 128.0, 16.0],
        [108.0, 26.0, 100.0, 15.0],
        [106.0, 28.0, 60.0, 15.0],
        [104.0, 24.0, 20.0, 15.0],
        [98.0, 16.0, -30.0, 15.0],
    ];
    let knots: Vec<TubePoint> = KNOTS.iter().map(|&[x, y, z, r]| TubePoint::new(Point::new(x, y, z), r)).collect();
    // Pouches: the radius swells and shrinks every 28 mm.
    let mut length = 0.0;
    let mut before: Option<Point> = None;
    let line = smooth_line(&knots, 12).into_iter().map(|point| {
        length += before.map_or(0.0, |p| (point.at - p).norm());
        before = Some(point.at);
        let pouch = 0.88 + 0.12 * (std::f64::consts::TAU * length / 28.0).cos();
        TubePoint::new(point.at, point.radius_mm * pouch)
    });
    let colon = Shape::Tube(Tube::swept(line));
    draw_hollow(scene, &colon, 2.0, tissue_of::COLON_WALL, tissue_of::COLON_STOOL);
    // Gas collects in front of a level in each part; the flexures and the transverse colon lie in front.
    let level = |x: f64, y: f64| {
        let front = Shape::half_space(Point::new(0.0, y, 0.0), Vector::y());
        let part = if x < 0.0 {
            Shape::half_space(Point::new(-66.0, 0.0, 0.0), Vector::x())
        } else {
            Shape::half_space(Point::new(84.0, 0.0, 0.0), -Vector::x())
        };
        front.within(part, 0.0)
    };
    let transverse = Shape::half_space(Point::new(0.0, -68.0, 0.0), Vector::y());
    let gas = Shape::Union(vec![level(-1.0, 2.0), level(1.0, 18.0), transverse], 0.0);
    scene.draw(colon.grown(-2.0).within(gas, 0.0), tissue_of::COLON_GAS);
}

/// Loops of small intestine in the lower middle of the belly.
pub(super) fn draw_small_bowel(scene: &mut Scene, rng: &mut Rng) {
    const REGION: Aabb = Aabb { min: Point::new(-70.0, -74.0, -25.0), max: Point::new(80.0, -16.0, 80.0) };
    const KNOTS: usize = 120;
    const KNOTS_PER_LOOP: usize = 8;
    let mut free: Vec<Point> = Vec::new();
    for _ in 0..KNOTS {
        let candidates: Vec<Point> =
            (0..12).map(|_| REGION.min + REGION.size().map(|edge| edge * rng.unit())).collect();
        let alone = |p: &Point| free.iter().map(|other| (p - other).norm()).fold(f64::INFINITY, f64::min);
        let best = candidates.into_iter().max_by(|a, b| alone(a).total_cmp(&alone(b)));
        free.extend(best);
    }
    // A path that always goes on to the nearest point left.
    let mut path = vec![free.swap_remove(0)];
    while !free.is_empty() {
        let here = path[path.len() - 1];
        let near = |n: &usize| (free[*n] - here).norm();
        let next = (0..free.len()).min_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(0);
        path.push(free.swap_remove(next));
    }
    let knots: Vec<TubePoint> = path.into_iter().map(|at| TubePoint::new(at, rng.between(9.0, 12.5))).collect();
    for start in (0..knots.len() - 1).step_by(KNOTS_PER_LOOP) {
        let part = &knots[start..knots.len().min(start + KNOTS_PER_LOOP + 1)];
        let bowel = Shape::Tube(Tube::swept(smooth_line(part, 6)));
        draw_hollow(scene, &bowel, 2.2, tissue_of::BOWEL_WALL, tissue_of::BOWEL_FLUID);
    }
}
