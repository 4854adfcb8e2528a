//! How far a cut within an organ is from a body.

use super::measure::least_near;
use super::scene::Body;
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point};
use crate::mesh::box_tree::BoxTree;
use crate::plan::resection::{Blade, ResectionError, feet};
use std::cell::OnceCell;

/// A cut in an organ: its places are looked for only if they are needed.
pub(super) struct Patch<'a> {
    organ: &'a Body,
    blade: &'a Blade,
    places: OnceCell<Option<Places>>,
}

/// Places of a cut within the organ.
struct Places {
    points: Vec<Point>,
    tree: BoxTree,
}

impl Places {
    fn of(points: Vec<Point>) -> Option<Self> {
        let boxes: Vec<Aabb> = points.iter().map(|point| Aabb::of([point])).collect();
        (!points.is_empty()).then(|| Self { tree: BoxTree::new(&boxes), points })
    }

    fn distance_mm(&self, point: &Point) -> f64 {
        let found = self.tree.nearest(point, |n| (self.points[n as usize] - point).norm_squared());
        found.map_or(f64::INFINITY, |(_, squared)| squared.sqrt())
    }
}

impl<'a> Patch<'a> {
    pub(super) fn new(organ: &'a Body, blade: &'a Blade) -> Self {
        Self { organ, blade, places: OnceCell::new() }
    }

    /// The distance between the cut and `body`, and where on the body; none if the cut misses the organ.
    ///
    /// The least distance to the cut wherever it goes on is that to the cut within the organ if its foot lies in the organ:
    /// so it is for most bodies. For others, and for borders of voxels, the places of the cut within the organ are asked.
    pub(super) fn distance_to(&self, body: &Body, progress: &Progress) -> Result<Option<(f64, Point)>, Cancelled> {
        let blade = self.blade;
        if blade.is_of_voxels() {
            let Some(places) = self.places(progress)? else { return Ok(None) };
            return Ok(least_near(body, 1.0, |point| places.distance_mm(point)));
        }
        let Some((bound_mm, at)) = least_near(body, 1.0, |point| blade.side_mm(point).abs()) else { return Ok(None) };
        let organ = self.organ.solid.as_ref();
        if organ.is_some_and(|organ| organ.holds(&blade.foot(&at))) {
            return Ok(Some((bound_mm, at)));
        }
        let Some(places) = self.places(progress)? else { return Ok(None) };
        Ok(least_near(body, 1.0, |point| places.distance_mm(point)))
    }

    fn places(&self, progress: &Progress) -> Result<Option<&Places>, Cancelled> {
        if self.places.get().is_none() {
            let made = match self.organ.organ().map(|organ| feet(organ, self.blade, progress)) {
                Some(Ok(points)) => Places::of(points),
                Some(Err(ResectionError::Cancelled(stop))) => return Err(stop),
                Some(Err(_)) | None => None,
            };
            return Ok(self.places.get_or_init(|| made).as_ref());
        }
        Ok(self.places.get().and_then(Option::as_ref))
    }
}

/// The sides of a cut that the part of `body` within `organ` lies on: spared and taken.
pub(super) fn sides(organ: &Body, body: &Body, blade: &Blade) -> [bool; 2] {
    let mut sides = [false; 2];
    let Some(solid) = &organ.solid else { return sides };
    for run in &body.runs {
        let middle_mm = blade.side_mm(&run.middle);
        let one_side = blade.steepness() * run.reach_mm < middle_mm.abs();
        if one_side && sides[usize::from(0.0 <= middle_mm)] {
            continue;
        }
        for (point, _) in &body.border[run.range.clone()] {
            if !solid.surrounds(point) {
                continue;
            }
            if one_side {
                sides[usize::from(0.0 <= middle_mm)] = true;
                break;
            }
            sides[usize::from(0.0 <= blade.side_mm(point))] = true;
            if sides == [true; 2] {
                return sides;
            }
        }
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::geom::Grid;
    use crate::image::{LabelMap, Volume};
    use crate::plan::score::BodyFrom;
    use crate::plan::{Cut, CutShape};

    fn body(dims: [usize; 3], inside: impl Fn(&Point) -> bool) -> Body {
        let grid = Grid::aligned(dims, Point::origin(), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|n| u8::from(inside(&grid.centre(grid.voxel(n))))).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "a", [0; 3], None);
        Body::new("a", None, String::new(), &BodyFrom::Segment(&labels, SegmentId(1)))
    }

    fn plane(x: f64) -> Blade {
        let shape = CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.0, 0.0] };
        Blade::of(&Cut { shape, width_mm: 0.0 }, &Aabb::EMPTY).unwrap()
    }

    #[test]
    fn the_distance_of_a_cut_ends_with_the_organ() {
        // A slab of organ from 0 to 20 along y; the plane at x = 15 goes on beyond it, to a ball at y = 35.
        let organ = body([40, 20, 10], |_| true);
        let ball = |y: f64| body([40, 50, 10], move |p| (p - Point::new(15.0, y, 5.0)).norm() < 4.2);
        let progress = Progress::default();
        let blade = plane(15.0);
        let (mm, _) = Patch::new(&organ, &blade).distance_to(&ball(35.0), &progress).unwrap().unwrap();
        // From the last voxel at y = 19 to the border of the ball's voxels at 30.5.
        assert!((mm - 11.5).abs() < 0.3, "{mm} mm");
        // A ball beside the cut within the organ is as far from it as from the whole plane.
        let beside = body([40, 20, 10], |p| (p - Point::new(28.0, 10.0, 5.0)).norm() < 4.2);
        let (mm, at) = Patch::new(&organ, &blade).distance_to(&beside, &progress).unwrap().unwrap();
        assert!((mm - 8.5).abs() < 1e-9 && (at.x - 23.5).abs() < 1e-9, "{mm} mm at {at}");
        let missed = plane(60.0);
        assert_eq!(Patch::new(&organ, &missed).distance_to(&ball(35.0), &progress).unwrap(), None);
        assert_eq!(sides(&organ, &beside, &blade), [false, true]);
        assert_eq!(sides(&organ, &beside, &plane(28.2)), [true; 2]);
        assert_eq!(sides(&organ, &ball(35.0), &plane(15.0)), [false; 2], "what lies beyond the organ is not cut");
    }
}
