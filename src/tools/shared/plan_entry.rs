//! The surface that paths go in through, as a hand needs it: the nearest place of its outside, and the place under the mouse.
//!
//! Skins are large, so the search is made on a coarse surface; a place found there is then put on the voxels themselves.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Ray, Vector};
use crate::image::Volume;
use crate::mesh::{Bvh, ContourError, Surface, mask_surface};
use crate::plan::Structure;
use crate::plan::score::{Body, Solid};
use nalgebra::Matrix3;
use std::sync::Arc;

/// Voxels of the coarse mask, about.
const VOXELS_MAX: f64 = 2e6;
/// Layers that a way out goes through at most: skin, fat and muscle that are one body have two.
const LAYERS_MAX: usize = 6;
/// Of the six directions along the axes, this many must meet a surface all round a place for it to lie within.
const AROUND: usize = 4;
/// The next layer is looked for this far behind the one before.
const BEHIND_MM: f64 = 1e-3;

/// The outside of the body that paths go in through.
#[derive(Debug)]
pub(crate) struct EntrySurface {
    /// Which structure it is.
    pub(crate) structure: Structure,
    body: Arc<Body>,
    shell: Bvh,
    /// How far the coarse surface may lie from the body's.
    off_mm: f64,
}

impl EntrySurface {
    /// The outside of `body`; none for vessels and for what is empty. `cut_off` says at which ends of its grid it is cut off:
    /// there is no skin.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub(super) fn of(
        structure: Structure,
        body: &Arc<Body>,
        cut_off: [[bool; 2]; 3],
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        let found = match &body.solid {
            Some(solid) => coarse(solid, cut_off, progress)?,
            None => body.shell().map(|surface| (surface.clone(), 0.0)),
        };
        let made = found.filter(|(surface, _)| !surface.triangles().is_empty());
        Ok(made.map(|(surface, off_mm)| Self { structure, body: Arc::clone(body), shell: Bvh::new(&surface), off_mm }))
    }

    /// The place of its outside nearest to `point`: from within, through all of the body's thickness; from outside, where it
    /// is met first.
    pub(crate) fn nearest(&self, point: &Point) -> Option<Point> {
        let mut on = self.shell.closest(point)?.point;
        let Some(way) = (on - point).try_normalize(1e-9) else { return Some(on) };
        if !self.surrounds(point) {
            return Some(self.on_body(on, -way));
        }
        for _ in 0..LAYERS_MAX {
            let ray = Ray { origin: on + way * BEHIND_MM, direction: way };
            let Some(next) = self.shell.first_hit(&ray).map(|hit| hit.point) else { break };
            let within = [0.25, 0.5, 0.75].map(|part| on + (next - on) * part);
            if !within.iter().any(|place| self.body.holds(place)) {
                break;
            }
            on = next;
        }
        // The wall of a hollow within, as of a lung, is no outside.
        if self.surrounds(&(on + way * self.off_mm.max(1.0)))
            && let Some((place, way)) = self.outermost(point)
        {
            return Some(self.on_body(place, way));
        }
        Some(self.on_body(on, way))
    }

    /// The nearest of the places where ways all round from `point` leave the body for good, and that way.
    fn outermost(&self, point: &Point) -> Option<(Point, Vector)> {
        let (corners, faces) = crate::mesh::shapes::icosahedron();
        let middles = faces.iter().map(|face| face.iter().map(|n| corners[*n as usize]).sum::<Vector>().normalize());
        let last = |way: Vector| {
            let mut last = None;
            let mut from = *point;
            for _ in 0..LAYERS_MAX {
                let Some(hit) = self.shell.first_hit(&Ray { origin: from, direction: way }) else { break };
                last = Some(hit.point);
                from = hit.point + way * BEHIND_MM;
            }
            last.map(|place| (place, way))
        };
        // A way that leaves through an end of the scan passes no outside: what it met last may be the wall of a hollow.
        let is_outside = |(place, way): &(Point, Vector)| !self.surrounds(&(place + way * self.off_mm.max(1.0)));
        let far = |(place, _): &(Point, Vector)| (place - point).norm();
        let ways = corners.iter().map(|corner| corner.normalize()).chain(middles);
        ways.filter_map(last).filter(is_outside).min_by(|a, b| far(a).total_cmp(&far(b)))
    }

    /// Where a ray meets it first.
    pub(crate) fn under(&self, ray: &Ray) -> Option<Point> {
        let way = ray.direction.try_normalize(1e-12)?;
        Some(self.on_body(self.shell.first_hit(ray)?.point, -way))
    }

    /// Whether the surface lies all round a place; where a scan ends, a body is open.
    fn surrounds(&self, point: &Point) -> bool {
        let ways = [Vector::x(), -Vector::x(), Vector::y(), -Vector::y(), Vector::z(), -Vector::z()];
        let meets = |direction: &Vector| self.shell.first_hit(&Ray { origin: *point, direction: *direction }).is_some();
        AROUND <= ways.iter().filter(|way| meets(way)).count()
    }

    /// A place of the coarse surface put onto the body, from `outwards`.
    fn on_body(&self, at: Point, outwards: Vector) -> Point {
        let Some(solid) = &self.body.solid else { return at };
        let step_mm = 0.25 * solid.grid().spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
        let steps = (3.0 * self.off_mm / step_mm).ceil() as usize;
        let place = |n: usize| at + outwards * (1.5 * self.off_mm - n as f64 * step_mm);
        (0..=steps).map(place).find(|place| solid.holds(place)).unwrap_or(at)
    }
}

/// The surface of `solid` in voxels of a few millimetres, and how far it may lie from the true one.
fn coarse(solid: &Solid, cut_off: [[bool; 2]; 3], progress: &Progress) -> Result<Option<(Surface, f64)>, Cancelled> {
    let own = solid.grid();
    let (spacing, dims) = (own.spacing_mm(), own.dims());
    // As fine as the number of voxels allows, and as even along all axes as whole voxels can be.
    let edge_mm = (own.voxel_mm3() * (own.len() as f64 / VOXELS_MAX).max(1.0)).cbrt();
    let times = spacing.map(|mm| (edge_mm / mm).round().max(1.0) as usize);
    // One more all round, so that it closes.
    let count = [0, 1, 2].map(|axis| dims[axis].div_ceil(times[axis]) + 2);
    let first = Vector::from(times.map(|n| -0.5 * (n as f64 + 1.0)));
    let step = own.step() * Matrix3::from_diagonal(&Vector::from(times.map(|n| n as f64)));
    let Ok(grid) = Grid::new(count, own.patient_from_index(first), step) else { return Ok(None) };
    let mut voxels = vec![0_u8; grid.len()];
    for voxel in solid.voxels() {
        voxels[grid.offset([0, 1, 2].map(|axis| voxel[axis] / times[axis] + 1))] = 1;
    }
    let mask = Volume::new(grid, voxels).expect("one value per voxel");
    let surface = match mask_surface(&mask, progress) {
        Ok(surface) => surface,
        Err(ContourError::Cancelled(stop)) => return Err(stop),
        // What has no voxel was told of as empty.
        Err(_) => return Ok(None),
    };
    let off_mm = mask.grid().spacing_mm().iter().map(|mm| mm * mm).sum::<f64>().sqrt();
    Ok(Some((without_ends(&surface, mask.grid(), cut_off), off_mm)))
}

/// The surface without the lids where the scan cut the body off.
fn without_ends(surface: &Surface, grid: &Grid, cut_off: [[bool; 2]; 3]) -> Surface {
    let dims = grid.dims();
    let is_of_lid = |corners: [&Point; 3], axis: usize, end: usize| {
        corners.into_iter().all(|corner| {
            let index = grid.index_from_patient(*corner)[axis];
            // Voxels 1 to n − 2 are the body's.
            let within = if end == 0 { index - 1.0 } else { (dims[axis] - 2) as f64 - index };
            within < 0.0
        })
    };
    let ends: Vec<(usize, usize)> =
        (0..3).flat_map(|axis| [(axis, 0), (axis, 1)]).filter(|(axis, end)| cut_off[*axis][*end]).collect();
    if ends.is_empty() {
        return surface.clone();
    }
    let kept = surface.triangles().iter().copied();
    let kept = kept.filter(|triangle| {
        let corners = surface.corners(*triangle);
        !ends.iter().any(|(axis, end)| is_of_lid(corners, *axis, *end))
    });
    surface.with_triangles(&kept.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeId, SegmentId};
    use crate::image::LabelMap;
    use crate::plan::score::BodyFrom;

    const STRUCTURE: Structure = Structure { node: NodeId(1), segment: Some(SegmentId(1)) };

    /// A trunk along z on 2 mm voxels: a tube of these radii, or a filled one. It goes on beyond both ends of the scan.
    fn trunk(inner_mm: f64, outer_mm: f64) -> EntrySurface {
        let grid = Grid::aligned([70, 70, 40], Point::new(-69.0, -69.0, 0.0), [2.0; 3]).unwrap();
        let inside = |p: Point| (inner_mm..outer_mm).contains(&p.x.hypot(p.y));
        let voxels = (0..grid.len()).map(|n| u8::from(inside(grid.centre(grid.voxel(n))))).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "skin", [0; 3], None);
        let body = Body::new("skin", None, String::new(), &BodyFrom::Segment(&labels, SegmentId(1)));
        let cut_off = [[false; 2], [false; 2], [true; 2]];
        EntrySurface::of(STRUCTURE, &Arc::new(body), cut_off, &Progress::default()).unwrap().unwrap()
    }

    /// From a place within, the nearest place of the outside lies on the outside: of a filled body, of a layer, and near the end
    /// of the scan too.
    #[test]
    fn the_nearest_place_is_on_the_outside() {
        for skin in [trunk(0.0, 60.0), trunk(54.0, 60.0), trunk(30.0, 60.0)] {
            for place in [[20.0, 5.0, 40.0], [-3.0, 40.0, 30.0], [10.0, -12.0, 2.0], [0.5, 20.0, 77.0]].map(Point::from)
            {
                let on = skin.nearest(&place).unwrap();
                assert!((on.x.hypot(on.y) - 60.0).abs() < 2.5, "{on} for {place}");
                assert!((on - place).norm() < 60.0 - place.x.hypot(place.y) + 4.0, "{on} for {place}");
            }
            // From outside it is where the body is met first.
            let on = skin.nearest(&Point::new(-66.0, 4.0, 40.0)).unwrap();
            assert!((on.x.hypot(on.y) - 60.0).abs() < 2.5 && on.x < 0.0, "{on}");
        }
    }

    #[test]
    fn under_the_mouse_is_the_side_that_is_seen() {
        let skin = trunk(54.0, 60.0);
        let ray = Ray { origin: Point::new(10.0, -300.0, 40.0), direction: Vector::new(0.0, 2.0, 0.0) };
        let on = skin.under(&ray).unwrap();
        assert!((on.x - 10.0).abs() < 1e-9 && (on.y + 59.16).abs() < 2.5, "{on}");
        let beside = Ray { origin: Point::new(300.0, -300.0, 40.0), direction: Vector::y() };
        assert!(skin.under(&beside).is_none());
    }
}
