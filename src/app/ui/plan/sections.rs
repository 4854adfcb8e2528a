//! Where the surfaces of actions pass through a slice.

use super::Planning;
use crate::geom::{Plane, Point};
use crate::mesh::Surface;
use crate::plan::{Action, CutShape};
use std::sync::Arc;

/// Lines on a slice.
type Runs = Arc<Vec<Vec<Point>>>;
/// So many are kept: a few cuts in every slice view.
const KEPT: usize = 24;
/// Slices nearer to each other than this are one.
const SAME_MM: f64 = 1e-6;

/// Lines of surfaces on slices that were made last.
#[derive(Debug, Default)]
pub(super) struct Sections {
    kept: Vec<(Arc<Surface>, Plane, Runs)>,
}

impl Sections {
    /// The lines where `surface` passes through `slice`, made anew only if either is another than before.
    fn of(&mut self, surface: &Arc<Surface>, slice: &Plane) -> Runs {
        // A slice that is panned is the same plane, given by another point of it.
        let is_same =
            |plane: &Plane| plane.normal() == slice.normal() && slice.distance_mm(&plane.point).abs() < SAME_MM;
        let is_it = |(own, plane, _): &(Arc<Surface>, Plane, Runs)| Arc::ptr_eq(own, surface) && is_same(plane);
        let found = match self.kept.iter().position(is_it) {
            Some(n) => self.kept.remove(n),
            None => (Arc::clone(surface), *slice, Arc::new(runs(surface, slice))),
        };
        let runs = Arc::clone(&found.2);
        self.kept.truncate(KEPT - 1);
        self.kept.insert(0, found);
        runs
    }
}

impl Planning {
    /// Where the surfaces of action `n` pass through a slice.
    pub(super) fn sections(&mut self, n: usize, action: &Action, slice: &Plane) -> Runs {
        let reach_mm = self.reach_mm.unwrap_or(60.0);
        let planes: Vec<[[f64; 3]; 2]> = match action {
            Action::Cut(cut) => match &cut.shape {
                CutShape::Plane { point, normal } => vec![[*point, *normal]],
                CutShape::Wedge { planes } => planes.clone(),
                CutShape::Sphere { centre, radius_mm } => {
                    return Arc::new(ball_section(slice, (*centre).into(), *radius_mm));
                }
                CutShape::Sheet(_) | CutShape::Territories { .. } => {
                    let blade = self.blades.iter().find(|(of, _)| *of == n).map(|(_, blade)| Arc::clone(blade));
                    return blade.map(|blade| self.kept_sections.of(&blade, slice)).unwrap_or_default();
                }
            },
            Action::Osteotomy(saw) => saw.planes.clone(),
            _ => return Runs::default(),
        };
        let cross = |[point, normal]: &[[f64; 3]; 2]| {
            plane_section(slice, &Plane::new((*point).into(), (*normal).into())?, reach_mm)
        };
        Arc::new(planes.iter().filter_map(cross).collect())
    }

    /// Where the outlines of what action `n` does, such as zones, pass through a slice.
    pub(super) fn outline_sections(&mut self, n: usize, slice: &Plane) -> Vec<Runs> {
        let Self { outlines, kept_sections, .. } = self;
        let own = outlines.iter().filter(|(of, _)| *of == n);
        own.map(|(_, surface)| kept_sections.of(surface, slice)).collect()
    }
}

/// The line where two planes meet, as long as the plane is drawn.
fn plane_section(slice: &Plane, plane: &Plane, reach_mm: f64) -> Option<Vec<Point>> {
    let way = slice.normal().cross(&plane.normal()).try_normalize(1e-6)?;
    // From the plane's own point, in the plane, down to the slice.
    let down = plane.normal().cross(&way);
    let steep = down.dot(&slice.normal());
    let apart = slice.distance_mm(&plane.point);
    let to = -apart / steep;
    if 1.5 * reach_mm < to.abs() {
        return None;
    }
    let middle = plane.point + down * to;
    Some(vec![middle - way * reach_mm, middle + way * reach_mm])
}

fn ball_section(slice: &Plane, centre: Point, radius_mm: f64) -> Vec<Vec<Point>> {
    let apart = slice.distance_mm(&centre);
    let inside = radius_mm * radius_mm - apart * apart;
    if inside <= 0.0 {
        return Vec::new();
    }
    let (middle, [u, v]) = (centre - slice.normal() * apart, slice.across());
    let turn = |n: usize| (n as f64 / 64.0 * std::f64::consts::TAU).sin_cos();
    vec![(0..=64).map(turn).map(|(sin, cos)| middle + (u * cos + v * sin) * inside.sqrt()).collect()]
}

/// An edge that passes through the slice, by its vertices, the smaller first.
type Crossed = [u32; 2];

/// The lines where triangles pass through a slice, as long as triangles are joined; a closed one ends where it begins.
fn runs(surface: &Surface, slice: &Plane) -> Vec<Vec<Point>> {
    let side: Vec<f64> = surface.positions().iter().map(|point| slice.distance_mm(point)).collect();
    let piece = |triangle: &[u32; 3]| -> Option<[Crossed; 2]> {
        let crosses = |a: usize, b: usize| {
            let (a, b) = (triangle[a], triangle[b]);
            ((side[a as usize] < 0.0) != (side[b as usize] < 0.0)).then_some([a.min(b), a.max(b)])
        };
        let mut ends = [crosses(0, 1), crosses(1, 2), crosses(2, 0)].into_iter().flatten();
        Some([ends.next()?, ends.next()?])
    };
    let pieces: Vec<[Crossed; 2]> = surface.triangles().iter().filter_map(piece).collect();
    let mut at_edge: Vec<(Crossed, usize)> =
        pieces.iter().enumerate().flat_map(|(n, ends)| ends.map(|end| (end, n))).collect();
    at_edge.sort_unstable();
    let of_edge = |edge: Crossed| {
        let from = at_edge.partition_point(|(own, _)| *own < edge);
        at_edge[from..].iter().take_while(move |(own, _)| *own == edge).map(|(_, n)| *n)
    };
    let place = |[a, b]: Crossed| {
        let (da, db) = (side[a as usize], side[b as usize]);
        let [a, b] = [a, b].map(|n| surface.positions()[n as usize]);
        a + (b - a) * (da / (da - db))
    };
    let mut is_done = vec![false; pieces.len()];
    // The edges that follow from one end of a piece on.
    let follow = |first: usize, end: Crossed, is_done: &mut Vec<bool>| {
        let (mut at, mut run) = (end, vec![end]);
        is_done[first] = true;
        while let Some(next) = of_edge(at).find(|n| !is_done[*n]) {
            is_done[next] = true;
            let [a, b] = pieces[next];
            at = if a == at { b } else { a };
            run.push(at);
        }
        run
    };
    let mut all = Vec::new();
    for n in 0..pieces.len() {
        if is_done[n] {
            continue;
        }
        let [back, ahead] = pieces[n];
        let ahead = follow(n, ahead, &mut is_done);
        let back = follow(n, back, &mut is_done);
        all.push(back.into_iter().rev().chain(ahead).map(place).collect());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;

    fn slice(k: f64) -> Plane {
        Plane::new(Point::new(0.0, 0.0, k), Vector::z()).unwrap()
    }

    #[test]
    fn sections_lie_in_both_surfaces() {
        let plane = Plane::new(Point::new(3.0, 1.0, 2.0), Vector::new(1.0, 0.4, 0.7)).unwrap();
        let found = plane_section(&slice(10.0), &plane, 50.0).unwrap();
        assert!(found.iter().all(|p| plane.distance_mm(p).abs() < 1e-9 && (p.z - 10.0).abs() < 1e-9));
        assert!(((found[1] - found[0]).norm() - 100.0).abs() < 1e-9);
        assert!(plane_section(&slice(0.0), &slice(5.0), 50.0).is_none(), "parallel planes never meet");
        let ring = ball_section(&slice(3.0), Point::origin(), 5.0).remove(0);
        assert!(ring.iter().all(|p| (p.coords.norm() - 5.0).abs() < 1e-9 && (p.z - 3.0).abs() < 1e-9));
        assert!(ball_section(&slice(5.5), Point::origin(), 5.0).is_empty());
    }

    #[test]
    fn triangles_are_cut_where_they_cross() {
        let ball = crate::mesh::shapes::ball(10.0, 1.0);
        let found = runs(&ball, &slice(4.0));
        assert!(found.iter().flatten().count() > 20);
        let inside = |p: &Point| (p.z - 4.0).abs() < 1e-9 && (p.coords.norm() - 10.0).abs() < 0.6;
        assert!(found.iter().flatten().all(inside));
        assert!(runs(&ball, &slice(11.0)).is_empty());
    }

    /// Pieces of triangles become one closed line, and an open surface gives an open one.
    #[test]
    fn joined_triangles_give_one_line() {
        let ball = crate::mesh::shapes::ball(10.0, 1.0);
        let [ring] = &runs(&ball, &slice(4.0))[..] else { panic!("one ring") };
        assert_eq!(ring.first(), ring.last());
        let long_mm: f64 = ring.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
        let truth_mm = std::f64::consts::TAU * 84.0_f64.sqrt();
        assert!((long_mm / truth_mm - 1.0).abs() < 0.03, "{long_mm} of {truth_mm} mm");
        let upper: Vec<[u32; 3]> = ball
            .triangles()
            .iter()
            .copied()
            .filter(|triangle| triangle.iter().all(|n| 0.0 <= ball.positions()[*n as usize].x))
            .collect();
        let half = ball.with_triangles(&upper);
        let [arc] = &runs(&half, &slice(0.3))[..] else { panic!("one arc") };
        assert!(10 < arc.len() && 15.0 < (arc[0] - arc[arc.len() - 1]).norm());
    }

    #[test]
    fn lines_are_made_anew_only_for_another_surface_or_slice() {
        let ball = Arc::new(crate::mesh::shapes::ball(10.0, 2.0));
        let mut kept = Sections::default();
        let first = kept.of(&ball, &slice(4.0));
        let other = kept.of(&ball, &slice(5.0));
        assert!(Arc::ptr_eq(&first, &kept.of(&ball, &slice(4.0))) && !Arc::ptr_eq(&first, &other));
        let panned = Plane::new(Point::new(30.0, -7.0, 4.0), Vector::z()).unwrap();
        assert!(Arc::ptr_eq(&first, &kept.of(&ball, &panned)), "another point of the same plane");
        let copy = Arc::new(Surface::clone(&ball));
        assert!(!Arc::ptr_eq(&first, &kept.of(&copy, &slice(4.0))));
        for n in 0..100 {
            kept.of(&ball, &slice(0.01 * f64::from(n)));
        }
        assert_eq!(kept.kept.len(), KEPT);
    }
}
