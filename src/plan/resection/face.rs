//! The face of a cut as it is seen: the part of its surface near the organ, and how much margin lacks at every place of it.

use super::{Facets, Watched};
use crate::geom::{Aabb, Plane, Point, Vector};
use crate::mesh::{Field, Surface};
use crate::plan::{Cut, CutShape, DistanceMap};

/// Squares each way of a plane or half a ball.
const SQUARES: usize = 64;
/// The face goes on beyond the organ by this much, so that it is seen from outside.
pub const BEYOND_MM: f64 = 4.0;
/// The field on a face.
pub const LACKING: &str = "margin lacking";

/// The surface of `cut` within `around`, without what is more than [`BEYOND_MM`] outside `organ`; empty where the cut misses
/// it, and for territories, whose face is [`crate::plan::territory::Territories::face`].
pub fn face(cut: &Cut, organ: Option<&DistanceMap>, around: &Aabb) -> Surface {
    let whole = match &cut.shape {
        CutShape::Plane { point, normal } => plane_face(point, normal, around),
        CutShape::Wedge { planes } => {
            let all: Vec<Plane> = planes.iter().filter_map(|[p, n]| Plane::new((*p).into(), (*n).into())).collect();
            let mut joined = empty();
            for (n, [point, normal]) in planes.iter().enumerate() {
                let own = plane_face(point, normal, around);
                let others: Vec<&Plane> =
                    all.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, p)| p).collect();
                // Of each plane only what the others leave of it is cut.
                let part = kept(&own, |p| others.iter().all(|other| 0.0 <= other.distance_mm(p)));
                joined = both(&joined, &part);
            }
            joined
        }
        CutShape::Sphere { centre, radius_mm } => ball_face((*centre).into(), *radius_mm),
        CutShape::Sheet(sheet) => Facets::of(sheet, around).map_or_else(|_| empty(), |facets| facets.surface()),
        CutShape::Territories { .. } => empty(),
    };
    match organ {
        Some(organ) => kept(&whole, |point| organ.at(point) <= BEYOND_MM),
        None => whole,
    }
}

/// Places that a cut is given by: its face is seen around them where there is no organ. None for territories.
pub fn places(shape: &CutShape) -> Vec<Point> {
    /// How far from its point a plane is seen.
    const PLANE_MM: f64 = 60.0;
    let around = |at: &[f64; 3], mm: f64| {
        let (at, half) = (Point::from(*at), Vector::repeat(mm));
        vec![at - half, at + half]
    };
    match shape {
        CutShape::Plane { point, .. } => around(point, PLANE_MM),
        CutShape::Wedge { planes } => planes.iter().flat_map(|[point, _]| around(point, PLANE_MM)).collect(),
        CutShape::Sphere { centre, radius_mm } => around(centre, *radius_mm),
        CutShape::Sheet(sheet) => sheet.controls.iter().map(|at| Point::from(*at)).collect(),
        CutShape::Territories { .. } => Vec::new(),
    }
}

/// How much margin lacks at every vertex of `face`, in mm: what the most demanding structure needs, less its distance from
/// the edge of what the instrument takes; positive where the margin is not kept. `None` if nothing is watched.
pub fn lacking(face: &Surface, watched: &[Watched<'_>], half_mm: f64) -> Option<Field> {
    if watched.is_empty() || face.positions().is_empty() {
        return None;
    }
    let lack = |at: &Point| {
        let one = |one: &Watched<'_>| one.margin_mm - (one.distances.at(at) - half_mm);
        watched.iter().map(one).fold(f64::NEG_INFINITY, f64::max)
    };
    let values: Vec<f64> = face.positions().iter().map(lack).collect();
    values.iter().all(|value| value.is_finite()).then(|| Field::new(LACKING, "mm", values))
}

fn empty() -> Surface {
    Surface::new(Vec::new(), Vec::new()).expect("nothing is a surface")
}

/// Squares over the plane, as far as `around` reaches.
fn plane_face(point: &[f64; 3], normal: &[f64; 3], around: &Aabb) -> Surface {
    let Some(plane) = Plane::new((*point).into(), (*normal).into()) else { return empty() };
    // About the middle of the organ rather than the point the plane was given by.
    let middle = around.centre();
    let middle = middle - plane.normal() * plane.distance_mm(&middle);
    let half_mm = 0.5 * around.size().norm() + BEYOND_MM;
    let [u, v] = plane.across();
    let place = |n: usize| half_mm * (2.0 * n as f64 / SQUARES as f64 - 1.0);
    squares(|i, j| middle + u * place(i) + v * place(j))
}

fn ball_face(centre: Point, radius_mm: f64) -> Surface {
    let turn = |n: usize, whole: f64| n as f64 / SQUARES as f64 * whole;
    squares(|i, j| {
        let ((sin, cos), (high, low)) =
            (turn(i, std::f64::consts::TAU).sin_cos(), turn(j, std::f64::consts::PI).sin_cos());
        centre + Vector::new(high * cos, high * sin, low) * radius_mm
    })
}

fn squares(at: impl Fn(usize, usize) -> Point) -> Surface {
    let side = SQUARES + 1;
    let positions = (0..side * side).map(|n| at(n % side, n / side)).collect();
    let square = |n: usize| {
        let a = (n % SQUARES + n / SQUARES * side) as u32;
        let (b, c, d) = (a + 1, a + side as u32, a + side as u32 + 1);
        [[a, b, d], [a, d, c]]
    };
    Surface::new(positions, (0..SQUARES * SQUARES).flat_map(square).collect()).expect("indices of squares")
}

/// The triangles that have a vertex where `is_kept`.
fn kept(surface: &Surface, is_kept: impl Fn(&Point) -> bool) -> Surface {
    let keeps: Vec<bool> = surface.positions().iter().map(is_kept).collect();
    let triangles = surface.triangles().iter().filter(|triangle| triangle.iter().any(|n| keeps[*n as usize]));
    let mut place = vec![u32::MAX; surface.positions().len()];
    let mut positions = Vec::new();
    let renumbered = triangles.map(|triangle| {
        triangle.map(|n| {
            let place = &mut place[n as usize];
            if *place == u32::MAX {
                *place = positions.len() as u32;
                positions.push(surface.positions()[n as usize]);
            }
            *place
        })
    });
    let renumbered: Vec<[u32; 3]> = renumbered.collect();
    Surface::new(positions, renumbered).expect("renumbered by construction")
}

/// Two surfaces as one.
pub fn both(a: &Surface, b: &Surface) -> Surface {
    let offset = a.positions().len() as u32;
    let positions = a.positions().iter().chain(b.positions()).copied().collect();
    let shifted = b.triangles().iter().map(|triangle| triangle.map(|n| n + offset));
    Surface::new(positions, a.triangles().iter().copied().chain(shifted).collect()).expect("indices of both")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::geom::Grid;
    use crate::image::Volume;

    fn ball(radius_mm: f64, centre: Point) -> DistanceMap {
        let grid = Grid::aligned([60; 3], Point::new(-29.5, -29.5, -29.5), [1.0; 3]).unwrap();
        let inside = |o: usize| u8::from((grid.centre(grid.voxel(o)) - centre).norm() < radius_mm);
        let mask = (0..grid.len()).map(inside).collect();
        DistanceMap::of(&Volume::new(grid, mask).unwrap(), &Progress::default()).unwrap()
    }

    fn around() -> Aabb {
        Aabb { min: Point::new(-20.0, -20.0, -20.0), max: Point::new(20.0, 20.0, 20.0) }
    }

    fn shapes() -> Vec<CutShape> {
        let controls = (0..16).map(|n| [f64::from(n % 4) * 20.0 - 30.0, f64::from(n / 4) * 20.0 - 30.0, 4.0]).collect();
        vec![
            CutShape::Plane { point: [200.0, 0.0, 5.0], normal: [0.0, 0.0, 1.0] },
            CutShape::Wedge { planes: vec![[[0.0; 3], [1.0, 0.0, 1.0]], [[0.0; 3], [-1.0, 0.0, 1.0]]] },
            CutShape::Sphere { centre: [18.0, 0.0, 0.0], radius_mm: 12.0 },
            CutShape::Sheet(crate::plan::Sheet { count: [4, 4], controls }),
        ]
    }

    /// Every face lies on its cut and near the organ, and one that misses the organ has nothing to show.
    #[test]
    fn faces_lie_on_the_cut_and_near_the_organ() {
        let organ = ball(20.0, Point::origin());
        for shape in shapes() {
            let cut = Cut { shape, width_mm: 2.0 };
            let face = face(&cut, Some(&organ), &around());
            assert!(face.triangles().len() > 100, "{:?}", cut.shape);
            let blade = super::super::Blade::of(&cut, &around()).unwrap();
            let far = face.positions().iter().map(|p| blade.side_mm(p).abs()).fold(0.0, f64::max);
            // Triangles of a wedge reach beyond its edge by at most one of them.
            assert!(
                far < if matches!(cut.shape, CutShape::Wedge { .. }) { 3.0 } else { 1e-6 },
                "{far} {:?}",
                cut.shape
            );
            // A triangle is kept whole if one corner of it is near; those of the sheet are the largest.
            assert!(face.positions().iter().all(|p| p.coords.norm() < 20.0 + BEYOND_MM + 8.0));
        }
        let missed = Cut { shape: CutShape::Plane { point: [0.0, 0.0, 60.0], normal: [0.0, 0.0, 1.0] }, width_mm: 2.0 };
        assert!(face(&missed, Some(&organ), &around()).triangles().is_empty());
    }

    #[test]
    fn what_lacks_is_the_margin_less_the_distance() {
        let target = ball(8.0, Point::new(0.0, 0.0, -10.0));
        let cut = Cut { shape: CutShape::Plane { point: [0.0, 0.0, 3.0], normal: [0.0, 0.0, 1.0] }, width_mm: 2.0 };
        let face = face(&cut, None, &around());
        let watched = [Watched { distances: &target, margin_mm: 10.0, edge_mm: 0.0 }];
        let field = lacking(&face, &watched, 1.0).unwrap();
        // Above its middle the target is 13 − 8 = 5 mm from the plane, 4 from what the instrument takes: 6 mm lack.
        let [_, most] = field.range().unwrap();
        assert!((most - 6.0).abs() < 0.9, "{most}");
        assert!(lacking(&face, &[], 1.0).is_none());
    }
}
