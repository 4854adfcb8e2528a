//! The space the fluid may fill, as a smooth level function: positive inside, 0 at the wall.

use super::error::FlowError;
use super::opening::Opening;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::sync::Arc;

/// Weight of the neighbours when a mask is smoothed: a standard deviation of 0.63 voxels.
const BLUR: f32 = 0.2;

/// A lumen: its level function, the axes its lattice will have, and the box around it.
#[derive(Clone)]
pub struct Lumen {
    level: Arc<dyn Fn(Point) -> f32 + Send + Sync>,
    /// Orthonormal columns: lattice axes in the patient.
    axes: Matrix3<f64>,
    /// The box along those axes: the smallest and largest coordinates, mm.
    low: Vector,
    high: Vector,
    volume_mm3: f64,
}

impl std::fmt::Debug for Lumen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lumen").field("low", &self.low).field("high", &self.high).finish_non_exhaustive()
    }
}

impl Lumen {
    /// The lumen whose level function is `level` (positive inside), within the box from `low` to `high` along the
    /// patient axes (mm).
    pub fn from_level(low: Point, high: Point, level: impl Fn(Point) -> f32 + Send + Sync + 'static) -> Self {
        let size = high - low;
        // A coarse count is enough: the volume is only used to estimate the cost.
        let n = 48;
        let at = |i: usize, a: usize| low[a] + size[a] * (i as f64 + 0.5) / n as f64;
        let inside = |i: usize| 0.0 < level(Point::new(at(i % n, 0), at(i / n % n, 1), at(i / (n * n), 2)));
        let share = (0..n * n * n).filter(|i| inside(*i)).count() as f64 / (n * n * n) as f64;
        let volume_mm3 = share * size.x * size.y * size.z;
        Self { level: Arc::new(level), axes: Matrix3::identity(), low: low.coords, high: high.coords, volume_mm3 }
    }

    /// The lumen marked in `mask` (anything but 0 is inside). The wall is where the mask, smoothed over 0.63 voxels,
    /// is one half, which takes away the voxel staircase. Beyond the faces of the scan the lumen goes on straight.
    ///
    /// # Errors
    /// [`FlowError::EmptyLumen`] if nothing is marked.
    pub fn from_mask(mask: &Volume<u8>) -> Result<Self, FlowError> {
        let grid = Arc::clone(mask.grid());
        let (first, last, count) = marked_box(mask)?;
        let margin = 2;
        let start = first.map(|x| x.saturating_sub(margin));
        let end: [usize; 3] = std::array::from_fn(|a| (last[a] + margin).min(grid.dims()[a] - 1));
        let dims: [usize; 3] = std::array::from_fn(|a| end[a] - start[a] + 1);
        let smooth = smoothed(mask, start, dims);
        let origin = Vector::from(start.map(|x| x as f64));
        let axes = orthonormal(grid.step());
        let mut low = Vector::repeat(f64::INFINITY);
        let mut high = -low;
        for corner in 0..8 {
            let index: [f64; 3] =
                std::array::from_fn(
                    |a| if corner >> a & 1 == 0 { first[a] as f64 - 0.5 } else { last[a] as f64 + 0.5 },
                );
            let along = axes.transpose() * grid.patient_from_index(Vector::from(index)).coords;
            (low, high) = (low.inf(&along), high.sup(&along));
        }
        let volume_mm3 = count as f64 * grid.voxel_mm3();
        let level = move |point: Point| sample(&smooth, dims, grid.index_from_patient(point) - origin) - 0.5;
        Ok(Self { level: Arc::new(level), axes, low, high, volume_mm3 })
    }

    /// This lumen, longer by straight tubes where it is cut by the faces of the scan: by so many `diameters` of each such
    /// opening, which goes to the end of its tube. An inlet's flow can develop in it, and an outlet is no longer beside
    /// what is to be computed. Openings inside the scan stay.
    #[must_use]
    pub fn extended(mut self, openings: &mut [Opening], diameters: f64) -> Self {
        let at_face = |opening: &Opening| !self.holds(opening.centre + opening.normal * (1e-3 * opening.radius_mm));
        let cut: Vec<bool> = openings.iter().map(at_face).collect();
        for opening in openings.iter_mut().zip(cut).filter(|(_, cut)| *cut).map(|(opening, _)| opening) {
            // Beyond a face the level function goes on straight: only the box has to grow.
            let length_mm = diameters * 2.0 * opening.radius_mm;
            opening.centre += opening.normal * length_mm;
            let along = self.axes.transpose() * opening.centre.coords;
            (self.low, self.high) = (self.low.inf(&along), self.high.sup(&along));
            self.volume_mm3 += opening.area_mm2 * length_mm;
        }
        self
    }

    /// Positive inside the lumen.
    pub fn level(&self, point: Point) -> f32 {
        (self.level)(point)
    }

    /// Whether a point lies in the box, which ends at the faces of a scan.
    pub(super) fn holds(&self, point: Point) -> bool {
        let along = self.axes.transpose() * point.coords;
        (0..3).all(|a| self.low[a] <= along[a] && along[a] <= self.high[a])
    }

    /// Volume in mm³ (of a level function: estimated).
    pub fn volume_mm3(&self) -> f64 {
        self.volume_mm3
    }

    /// Diagonal of the box in mm.
    pub fn diagonal_mm(&self) -> f64 {
        (self.high - self.low).norm()
    }

    /// Places of the lattice with cells of `cell_mm`, with two spare cells on every side for the openings.
    pub(super) fn places(&self, cell_mm: f64) -> [f64; 3] {
        std::array::from_fn(|a| ((self.high[a] - self.low[a]) / cell_mm).ceil() + 6.0)
    }

    /// The lattice with cells of `cell_mm`, centred on the box.
    pub(super) fn lattice(&self, cell_mm: f64) -> Grid {
        let dims = self.places(cell_mm);
        let middle = (self.low + self.high) * 0.5;
        let half = Vector::from(dims.map(|n| 0.5 * (n - 1.0) * cell_mm));
        let origin = Point::from(self.axes * (middle - half));
        Grid::new(dims.map(|n| n as usize), origin, self.axes * cell_mm)
            .expect("the set-up checks the cell and its count")
    }
}

/// First and last voxel along each axis, and a count.
type Marked = ([usize; 3], [usize; 3], usize);

/// First and last marked voxel along each axis, and how many are marked.
pub(super) fn marked_box(mask: &Volume<u8>) -> Result<Marked, FlowError> {
    let [ni, nj, _] = mask.grid().dims();
    let of_slice = |(k, slice): (usize, &[u8])| {
        let (mut first, mut last, mut count) = ([usize::MAX; 3], [0; 3], 0);
        for (j, row) in slice.chunks(ni).enumerate() {
            let marks = row.iter().filter(|v| **v != 0).count();
            if let (Some(a), Some(b)) = (row.iter().position(|v| *v != 0), row.iter().rposition(|v| *v != 0)) {
                first = [first[0].min(a), first[1].min(j), k];
                last = [last[0].max(b), last[1].max(j), k];
                count += marks;
            }
        }
        (first, last, count)
    };
    let join = |a: Marked, b: Marked| {
        let first = std::array::from_fn(|n| a.0[n].min(b.0[n]));
        let last = std::array::from_fn(|n| a.1[n].max(b.1[n]));
        (first, last, a.2 + b.2)
    };
    let slices = mask.voxels().par_chunks(ni * nj).enumerate().map(of_slice);
    let marked = slices.reduce(|| ([usize::MAX; 3], [0; 3], 0), join);
    if marked.2 == 0 { Err(FlowError::EmptyLumen) } else { Ok(marked) }
}

/// The mask in the box, smoothed with a three-point kernel along every axis; values beyond the scan repeat its edge.
fn smoothed(mask: &Volume<u8>, start: [usize; 3], dims: [usize; 3]) -> Vec<f32> {
    let [ni, nj, nk] = dims;
    let mut values = vec![0.0_f32; ni * nj * nk];
    values.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
        for (j, row) in slice.chunks_mut(ni).enumerate() {
            let from = mask.grid().offset([start[0], start[1] + j, start[2] + k]);
            for (value, mark) in row.iter_mut().zip(&mask.voxels()[from..from + ni]) {
                *value = f32::from(u8::from(*mark != 0));
            }
        }
    });
    for (axis, stride) in [1, ni, ni * nj].into_iter().enumerate() {
        let before = values.clone();
        values.par_chunks_mut(ni).enumerate().for_each(|(row, line)| {
            let (j, k) = (row % nj, row / nj);
            for (i, value) in line.iter_mut().enumerate() {
                let at = row * ni + i;
                let place = [i, j, k][axis];
                let lower = if place == 0 { before[at] } else { before[at - stride] };
                let upper = if place + 1 == dims[axis] { before[at] } else { before[at + stride] };
                *value = (1.0 - 2.0 * BLUR) * before[at] + BLUR * (lower + upper);
            }
        });
    }
    values
}

/// Trilinear value at a continuous index; beyond the box the edge is repeated.
fn sample(values: &[f32], dims: [usize; 3], index: Vector) -> f32 {
    let clamped: [f64; 3] = std::array::from_fn(|a| index[a].clamp(0.0, (dims[a] - 1) as f64));
    let lower = clamped.map(|x| x as usize);
    let part: [f32; 3] = std::array::from_fn(|a| (clamped[a] - lower[a] as f64) as f32);
    let upper: [usize; 3] = std::array::from_fn(|a| (lower[a] + 1).min(dims[a] - 1));
    let at = |i: usize, j: usize, k: usize| values[(k * dims[1] + j) * dims[0] + i];
    let row = |j, k| at(lower[0], j, k) * (1.0 - part[0]) + at(upper[0], j, k) * part[0];
    let slice = |k| row(lower[1], k) * (1.0 - part[1]) + row(upper[1], k) * part[1];
    slice(lower[2]) * (1.0 - part[2]) + slice(upper[2]) * part[2]
}

/// Orthonormal axes close to the columns of `step` (Gram–Schmidt; the third completes a right-handed frame).
fn orthonormal(step: &Matrix3<f64>) -> Matrix3<f64> {
    let x = step.column(0).normalize();
    let y = (step.column(1) - x * x.dot(&step.column(1))).normalize();
    Matrix3::from_columns(&[x, y, x.cross(&y)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_of_a_mask_lies_between_its_voxels() {
        let grid = Grid::aligned([12, 12, 12], Point::origin(), [1.0; 3]).unwrap();
        let inside = |o: usize| grid.voxel(o).iter().all(|x| (3..=8).contains(x));
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        let lumen = Lumen::from_mask(&Volume::new(grid.clone(), voxels).unwrap()).unwrap();
        assert!(lumen.level(Point::new(2.5, 6.0, 6.0)).abs() < 1e-6);
        assert!(0.0 < lumen.level(Point::new(2.6, 6.0, 6.0)) && lumen.level(Point::new(2.4, 6.0, 6.0)) < 0.0);
        assert_eq!(lumen.volume_mm3(), 216.0);
        assert_eq!(lumen.lattice(0.5).dims(), [18; 3]);
    }

    #[test]
    fn tubes_are_put_on_where_a_scan_cuts_the_lumen_and_nowhere_else() {
        use crate::flow::OpeningKind;
        let grid = Grid::aligned([20, 11, 11], Point::origin(), [1.0; 3]).unwrap();
        let inside = |o: usize| {
            let [i, j, k] = grid.voxel(o).map(|x| x as f64);
            i < 15.0 && (j - 5.0).hypot(k - 5.0) < 4.0
        };
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        let lumen = Lumen::from_mask(&Volume::new(grid, voxels).unwrap()).unwrap();
        let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
        let opening = |x: f64, normal| Opening::placed("o", Point::new(x, 5.0, 5.0), normal, 4.0, outlet).unwrap();
        let mut openings = [opening(-0.5, -Vector::x()), opening(10.0, Vector::x())];
        let (volume, before) = (lumen.volume_mm3(), lumen.lattice(0.5).dims());
        let longer = lumen.extended(&mut openings, 2.0);
        assert!((openings[0].centre.x - -16.5).abs() < 1e-9 && openings[1].centre.x == 10.0, "{openings:?}");
        assert!((longer.volume_mm3() - volume - 16.0 * openings[0].area_mm2).abs() < 1e-6);
        let after = longer.lattice(0.5).dims();
        assert_eq!([after[0] - before[0], after[1] - before[1]], [32, 0]);
        assert!(longer.holds(Point::new(-16.0, 5.0, 5.0)) && 0.0 < longer.level(Point::new(-16.0, 8.0, 5.0)));
    }

    #[test]
    fn an_empty_mask_is_refused() {
        let grid = Grid::aligned([3, 3, 3], Point::origin(), [1.0; 3]).unwrap();
        assert_eq!(Lumen::from_mask(&Volume::new(grid, vec![0; 27]).unwrap()).unwrap_err(), FlowError::EmptyLumen);
    }
}
