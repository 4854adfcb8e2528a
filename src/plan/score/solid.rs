//! A segment as a block of voxels with its border.

use crate::base::SegmentId;
use crate::geom::{Grid, Point, Vector};
use crate::image::LabelMap;
use rayon::prelude::*;

/// The voxels of a segment, in the smallest block that holds them.
#[derive(Debug, Clone)]
pub struct Solid {
    grid: Grid,
    inside: Vec<u8>,
    count: usize,
    /// First and last voxel inside on each line along each axis; the first is larger where there is none.
    ends: [Vec<[u32; 2]>; 3],
}

impl Solid {
    /// The voxels of `segment`; none if it is empty.
    pub fn of(labels: &LabelMap, segment: SegmentId) -> Option<Self> {
        let extent = labels.extent(segment)?;
        let [first, dims] = [[0, 1, 2].map(|a| extent[a].start), [0, 1, 2].map(|a| extent[a].len())];
        let grid = labels.grid().cropped(first, dims).ok()?;
        let inside: Vec<u8> = (0..grid.len())
            .into_par_iter()
            .map(|offset| {
                let [i, j, k] = grid.voxel(offset);
                u8::from(labels.at([i + first[0], j + first[1], k + first[2]]) == segment.0)
            })
            .collect();
        let count = inside.par_iter().map(|value| usize::from(*value)).sum();
        let ends = [0, 1, 2].map(|axis| ends_along(&inside, dims, axis));
        Some(Self { grid, inside, count, ends })
    }

    /// Where its voxels are.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.inside.len() + self.ends.iter().map(|ends| 8 * ends.len()).sum::<usize>()
    }

    /// How many voxels it has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Volume of one voxel in ml.
    pub fn voxel_ml(&self) -> f64 {
        self.grid.voxel_mm3() / crate::base::units::MM3_PER_ML
    }

    /// Half the diagonal of a voxel: no border lies farther from that of its voxels.
    pub fn half_mm(&self) -> f64 {
        0.5 * self.grid.spacing_mm().iter().map(|h| h * h).sum::<f64>().sqrt()
    }

    /// Whether the voxel `(i, j, k)` of the block is inside; beyond the block none is.
    #[inline]
    pub fn is_inside(&self, voxel: [isize; 3]) -> bool {
        let dims = self.grid.dims();
        (0..3).all(|a| 0 <= voxel[a] && (voxel[a] as usize) < dims[a])
            && self.inside[self.grid.offset(voxel.map(|x| x as usize))] != 0
    }

    /// Whether `point` lies in one of its voxels.
    pub fn holds(&self, point: &Point) -> bool {
        self.grid.voxel_at(*point).is_some_and(|voxel| self.inside[self.grid.offset(voxel)] != 0)
    }

    /// Its voxels in order.
    pub fn voxels(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let marked = self.inside.iter().enumerate().filter(|(_, value)| **value != 0);
        marked.map(|(offset, _)| self.grid.voxel(offset))
    }

    /// Whether it lies on both sides of `point` along every axis of its grid, so that the point is in it or in a hole of it.
    pub fn surrounds(&self, point: &Point) -> bool {
        let Some(voxel) = self.grid.voxel_at(*point) else { return false };
        let dims = self.grid.dims();
        (0..3).all(|axis| {
            let [first, last] = self.ends[axis][line_of(voxel, dims, axis)];
            (first..=last).contains(&(voxel[axis] as u32))
        })
    }

    /// Whether `point` lies at its outer border: something beside the point, within a voxel, is neither in it nor in a hole.
    pub fn is_outer(&self, point: &Point) -> bool {
        let index = self.grid.index_from_patient(*point);
        let beside = |n: i32| Vector::new(f64::from(n % 3 - 1), f64::from(n / 3 % 3 - 1), f64::from(n / 9 - 1));
        (0..27).any(|n| !self.surrounds(&self.grid.patient_from_index(index + beside(n))))
    }

    /// Corners and middles of all faces of voxels that border on something else, each once.
    pub fn border(&self) -> Vec<Point> {
        let [ni, nj, nk] = self.grid.dims();
        let mut corners = vec![false; (ni + 1) * (nj + 1) * (nk + 1)];
        let mut points = Vec::new();
        for voxel in self.voxels() {
            let at = voxel.map(|x| x as isize);
            for axis in 0..3 {
                for side in [0_usize, 1] {
                    let mut beside = at;
                    beside[axis] += if side == 0 { -1 } else { 1 };
                    if self.is_inside(beside) {
                        continue;
                    }
                    let mut middle = Vector::new(voxel[0] as f64, voxel[1] as f64, voxel[2] as f64);
                    middle[axis] += side as f64 - 0.5;
                    points.push(self.grid.patient_from_index(middle));
                    for n in 0..4 {
                        let mut corner = voxel;
                        corner[axis] += side;
                        corner[(axis + 1) % 3] += n & 1;
                        corner[(axis + 2) % 3] += n >> 1;
                        let place = (corner[2] * (nj + 1) + corner[1]) * (ni + 1) + corner[0];
                        if !std::mem::replace(&mut corners[place], true) {
                            let index = Vector::new(corner[0] as f64, corner[1] as f64, corner[2] as f64);
                            points.push(self.grid.patient_from_index(index - Vector::repeat(0.5)));
                        }
                    }
                }
            }
        }
        points
    }
}

/// The number of the line along `axis` through `voxel`.
fn line_of(voxel: [usize; 3], dims: [usize; 3], axis: usize) -> usize {
    let [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
    voxel[b] * dims[a] + voxel[a]
}

fn ends_along(inside: &[u8], dims: [usize; 3], axis: usize) -> Vec<[u32; 2]> {
    let lines = dims[(axis + 1) % 3] * dims[(axis + 2) % 3];
    let mut ends = vec![[u32::MAX, 0]; lines];
    for (offset, _) in inside.iter().enumerate().filter(|(_, value)| **value != 0) {
        let voxel = [offset % dims[0], offset / dims[0] % dims[1], offset / (dims[0] * dims[1])];
        let [first, last] = &mut ends[line_of(voxel, dims, axis)];
        *first = (*first).min(voxel[axis] as u32);
        *last = (*last).max(voxel[axis] as u32);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Volume;

    fn solid(dims: [usize; 3], spacing_mm: [f64; 3], inside: impl Fn(&Point) -> bool) -> Solid {
        let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|n| u8::from(inside(&grid.centre(grid.voxel(n))))).collect();
        let labels = LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "a", [0; 3], None);
        Solid::of(&labels, SegmentId(1)).unwrap()
    }

    #[test]
    fn the_border_of_a_box_is_its_faces() {
        let body = solid([9, 9, 9], [1.0, 1.0, 2.0], |p| {
            [p.x, p.y].iter().all(|x| (2.5..5.5).contains(x)) && (3.0..9.0).contains(&p.z)
        });
        assert_eq!((body.count(), body.grid().dims()), (27, [3, 3, 3]));
        let border = body.border();
        // 6 faces of 9 squares, and the 4³ corners less the 2³ within.
        assert_eq!(border.len(), 54 + 64 - 8);
        let range = |axis: usize| {
            let all = border.iter().map(|p| p[axis]);
            [all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max)]
        };
        assert_eq!([range(0), range(1), range(2)], [[2.5, 5.5], [2.5, 5.5], [3.0, 9.0]]);
    }

    #[test]
    fn a_hole_is_surrounded_and_what_is_beside_is_not() {
        let body = solid([20, 20, 20], [1.0; 3], |p| {
            let r = (p - Point::new(10.0, 10.0, 10.0)).norm();
            (3.0..8.0).contains(&r)
        });
        assert!(body.surrounds(&Point::new(10.0, 10.0, 10.0)) && !body.holds(&Point::new(10.0, 10.0, 10.0)));
        assert!(body.is_outer(&Point::new(17.4, 10.0, 10.0)) && !body.is_outer(&Point::new(13.1, 10.0, 10.0)));
        assert!(!body.surrounds(&Point::new(1.0, 10.0, 10.0)) && !body.surrounds(&Point::new(50.0, 0.0, 0.0)));
    }
}
