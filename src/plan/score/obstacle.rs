//! A body as paths and screws see it: exact distances, made when they are first asked for.

use super::scene::{Body, bytes_of_search};
use super::solid::Solid;
use super::supply::Supply;
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::mesh::Surface;
use crate::plan::path::Obstacle;
use crate::plan::resection::Organ;
use nalgebra::Matrix3;
use std::sync::{Arc, OnceLock};

/// Room around bone in which a map of distances is exact: any breach that matters ends before.
const ROOM_MM: f64 = 20.0;

/// What is made of a body once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    obstacle: OnceLock<Option<Obstacle>>,
    map: OnceLock<Option<Obstacle>>,
    shell: OnceLock<Option<Surface>>,
    normals: OnceLock<Vec<Vector>>,
    organ: OnceLock<Option<Arc<Organ>>>,
    /// Which of its voxels hang on which vessel.
    pub(super) supply: Supply,
}

/// What is in `once`, or what `make` gives. It is not made within the lock: rayon may give a thread that waits for its part
/// of the work something that asks for the same. Two threads may make the same one; the first stays.
fn made<T>(once: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if let Some(value) = once.get() {
        return value;
    }
    let value = make();
    once.get_or_init(|| value)
}

impl Made {
    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let shell = self.shell.get().and_then(Option::as_ref).map_or(0, bytes_of_search);
        // An obstacle keeps its surface with two trees of boxes, or a map.
        let search = self.obstacle.get().and_then(Option::as_ref).map_or(0, Obstacle::bytes);
        let map = self.map.get().and_then(Option::as_ref).map_or(0, Obstacle::bytes);
        let organ = self.organ.get().and_then(Option::as_ref).map_or(0, |organ| organ.bytes());
        shell + search + map + organ + self.supply.bytes()
    }
}

impl Body {
    /// It, for distances of paths: the faces of its voxels, its triangles, or its vessels as cones. None if it is empty.
    pub(crate) fn obstacle(&self) -> Option<&Obstacle> {
        let make = || match &self.lines {
            Some(lines) => Obstacle::of_lines(lines, self.half_mm).ok(),
            None => Obstacle::of_surface(self.shell()?, self.half_mm).ok(),
        };
        made(&self.made.obstacle, make).as_ref()
    }

    /// It, for very many distances near it: a map for voxels, otherwise as [`Body::obstacle`].
    pub(crate) fn near(&self) -> Option<&Obstacle> {
        let Some(solid) = &self.solid else { return self.obstacle() };
        let make = || Obstacle::of_mask(&mask(solid, ROOM_MM), &Progress::default()).ok();
        made(&self.made.map, make).as_ref()
    }

    /// Its closed surface: its triangles, or the faces of its voxels. None for vessels.
    pub(crate) fn shell(&self) -> Option<&Surface> {
        let make = || match (&self.solid, &self.surface) {
            (Some(solid), _) => Some(faces(solid)),
            (None, Some(search)) => Some(search.surface().clone()),
            (None, None) => None,
        };
        made(&self.made.shell, make).as_ref()
    }

    /// Its voxels made ready for cuts; none if it is no segment.
    pub(crate) fn organ(&self) -> Option<&Arc<Organ>> {
        let make = || Organ::of(&mask(self.solid.as_ref()?, 0.0)).ok().map(Arc::new);
        made(&self.made.organ, make).as_ref()
    }

    /// The normals of the vertices of its shell.
    pub(super) fn normals(&self) -> &[Vector] {
        made::<Vec<Vector>>(&self.made.normals, || self.shell().map_or_else(Vec::new, Surface::vertex_normals))
    }
}

impl Body {
    /// A place in the middle of it for a tip: the mean of its voxels or border, or its own place nearest to that.
    pub(crate) fn middle(&self) -> Point {
        let places: Vec<Point> = match &self.solid {
            Some(solid) => solid.voxels().map(|voxel| solid.grid().centre(voxel)).collect(),
            None => self.border.iter().map(|(point, _)| *point).collect(),
        };
        let sum: Vector = places.iter().map(|place| place.coords).sum();
        let mean = Point::from(sum / places.len().max(1) as f64);
        if self.holds(&mean) {
            return mean;
        }
        let off = |place: &&Point| (*place - mean).norm_squared();
        places.iter().min_by(|a, b| off(a).total_cmp(&off(b))).copied().unwrap_or(mean)
    }
}

/// The faces between voxels inside and others, two triangles each, seen from outside counter-clockwise.
fn faces(solid: &Solid) -> Surface {
    let grid = solid.grid();
    let [ni, nj, nk] = grid.dims();
    let mut number = vec![u32::MAX; (ni + 1) * (nj + 1) * (nk + 1)];
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for voxel in solid.voxels() {
        for (axis, side) in (0..3).flat_map(|axis| [(axis, 0), (axis, 1)]) {
            let mut beside = voxel.map(|x| x as isize);
            beside[axis] += if side == 0 { -1 } else { 1 };
            if solid.is_inside(beside) {
                continue;
            }
            let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
            let corner = [[0, 0], [1, 0], [1, 1], [0, 1]].map(|[a, b]| {
                let mut corner = voxel;
                corner[axis] += side;
                corner[u] += a;
                corner[v] += b;
                let place = &mut number[(corner[2] * (nj + 1) + corner[1]) * (ni + 1) + corner[0]];
                if *place == u32::MAX {
                    *place = positions.len() as u32;
                    let index = Vector::new(corner[0] as f64, corner[1] as f64, corner[2] as f64);
                    positions.push(grid.patient_from_index(index - Vector::repeat(0.5)));
                }
                *place
            });
            // A grid may be left-handed, so the order of the corners is asked of the places themselves.
            let [a, b, c] = [0, 1, 3].map(|n| positions[corner[n] as usize]);
            let outwards: Vector = a - grid.centre(voxel);
            let [p, q, r, s] = corner;
            if 0.0 < (b - a).cross(&(c - a)).dot(&outwards) {
                triangles.extend([[p, q, r], [p, r, s]]);
            } else {
                triangles.extend([[p, r, q], [p, s, r]]);
            }
        }
    }
    Surface::new(positions, triangles).expect("places of a grid are finite")
}

/// The voxels of `solid` on its grid with `room_mm` more all round.
pub(super) fn mask(solid: &Solid, room_mm: f64) -> Volume<u8> {
    let own = solid.grid();
    let room = own.spacing_mm().map(|mm| (room_mm / mm).ceil() as usize + 2);
    let dims = [0, 1, 2].map(|axis| own.dims()[axis] + 2 * room[axis]);
    let zero = own.patient_from_index(Vector::zeros());
    let step = |way: Vector| own.patient_from_index(way) - zero;
    let steps = Matrix3::from_columns(&[step(Vector::x()), step(Vector::y()), step(Vector::z())]);
    let first: Point = own.patient_from_index(-Vector::from(room.map(|n| n as f64)));
    let grid = Grid::new(dims, first, steps).expect("the steps are those of a grid");
    let mut voxels = vec![0; grid.len()];
    for voxel in solid.voxels() {
        voxels[grid.offset([0, 1, 2].map(|axis| voxel[axis] + room[axis]))] = 1;
    }
    Volume::new(grid, voxels).expect("one value per voxel")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::image::LabelMap;

    #[test]
    fn the_faces_of_voxels_close_and_the_mask_is_theirs() {
        // A left-handed grid: the third axis runs down.
        let steps = Matrix3::from_diagonal(&Vector::new(1.0, 2.0, -1.5));
        let grid = Grid::new([9, 8, 7], Point::new(3.0, -2.0, 50.0), steps).unwrap();
        let inside =
            |[i, j, k]: [usize; 3]| (2..6).contains(&i) && (1..5).contains(&j) && (2..5).contains(&k) && i != j;
        let voxels = (0..grid.len()).map(|n| u8::from(inside(grid.voxel(n)))).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "a", [0; 3], None);
        let solid = Solid::of(&labels, SegmentId(1)).unwrap();
        let shell = faces(&solid);
        assert_eq!(shell.open_edges(), 0);
        assert!((shell.volume_ml() - solid.count() as f64 * solid.voxel_ml()).abs() < 1e-9);
        let mask = mask(&solid, 4.0);
        for (offset, value) in mask.voxels().iter().enumerate() {
            let at = mask.grid().centre(mask.grid().voxel(offset));
            assert_eq!(*value != 0, solid.holds(&at), "{at}");
        }
    }
}
