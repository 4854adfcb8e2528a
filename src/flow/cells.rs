//! The list of fluid cells of a lattice: where each is, and which cell is at a place.

use super::lattice::C;
use crate::geom::{Grid, Point, Vector};

/// The fluid cells of a cubic lattice in the patient, in the order of memory of the full lattice.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    grid: Grid,
    /// Place of each cell in the memory of the full lattice, ascending.
    offsets: Vec<u32>,
    /// First cell of each row `(j, k)`, and the number of cells at the end.
    rows: Vec<u32>,
    /// Axes along which the lattice repeats.
    periodic: [bool; 3],
}

impl Cells {
    /// The cells of `grid` (at most 2³² places) for which `is_fluid(offset)` holds.
    pub(super) fn new(grid: Grid, periodic: [bool; 3], is_fluid: impl Fn(usize) -> bool) -> Self {
        let [ni, nj, nk] = grid.dims();
        let mut offsets = Vec::new();
        let mut rows = Vec::with_capacity(nj * nk + 1);
        for row in 0..nj * nk {
            rows.push(offsets.len() as u32);
            offsets.extend((row * ni..(row + 1) * ni).filter(|offset| is_fluid(*offset)).map(|offset| offset as u32));
        }
        rows.push(offsets.len() as u32);
        Self { grid, offsets, rows, periodic }
    }

    /// Cells stored earlier: `offsets` must be ascending and lie in `grid`; `None` otherwise.
    pub fn from_offsets(grid: Grid, offsets: &[u32]) -> Option<Self> {
        let ascending = offsets.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = offsets.last().is_none_or(|last| (*last as usize) < grid.len());
        let mut next = offsets.iter().copied().peekable();
        let is_fluid = std::cell::RefCell::new(move |offset: usize| next.next_if_eq(&(offset as u32)).is_some());
        (ascending && inside).then(|| Self::new(grid, [false; 3], |offset| is_fluid.borrow_mut()(offset)))
    }

    /// The full lattice.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Edge of a cell in mm.
    pub fn cell_mm(&self) -> f64 {
        self.grid.spacing_mm()[0]
    }

    /// Bytes that are allocated for the places of the cells, spare room too.
    pub(super) fn allocated(&self) -> usize {
        (self.offsets.capacity() + self.rows.capacity()) * size_of::<u32>()
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there is no cell at all.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Place of each cell in the memory of the full lattice, ascending.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// Index of a cell on the full lattice.
    #[inline]
    pub fn place(&self, cell: usize) -> [i32; 3] {
        self.grid.voxel(self.offsets[cell] as usize).map(|x| x as i32)
    }

    /// Centre of a cell (LPS, mm).
    pub fn centre(&self, cell: usize) -> Point {
        self.grid.patient_from_index(Vector::from(self.place(cell).map(f64::from)))
    }

    /// The cell at an index of the full lattice, if there is fluid.
    #[inline]
    pub fn at(&self, mut place: [i32; 3]) -> Option<usize> {
        let dims = self.grid.dims();
        for a in 0..3 {
            let n = dims[a] as i32;
            if self.periodic[a] {
                place[a] = place[a].rem_euclid(n);
            }
            if place[a] < 0 || n <= place[a] {
                return None;
            }
        }
        let [i, j, k] = place.map(|x| x as usize);
        let row = k * dims[1] + j;
        let offset = (row * dims[0] + i) as u32;
        let (start, end) = (self.rows[row] as usize, self.rows[row + 1] as usize);
        let run = &self.offsets[start..end];
        // Most rows are one run without gaps.
        let guess = offset.wrapping_sub(*run.first()?) as usize;
        if run.get(guess) == Some(&offset) {
            return Some(start + guess);
        }
        run.binary_search(&offset).ok().map(|n| start + n)
    }

    /// The neighbour of a cell in direction `i` of the lattice.
    #[inline]
    pub(super) fn neighbour(&self, cell: usize, i: usize) -> Option<usize> {
        self.at(moved(self.place(cell), i))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + size_of_val(self.rows.as_slice())
    }
}

/// The place one step along direction `i`.
#[inline]
pub(super) fn moved([x, y, z]: [i32; 3], i: usize) -> [i32; 3] {
    [x + C[i][0], y + C[i][1], z + C[i][2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_found_at_its_place_and_nothing_elsewhere() {
        let grid = Grid::aligned([7, 5, 4], Point::origin(), [1.0; 3]).unwrap();
        let is_fluid = |offset: usize| !offset.is_multiple_of(3) || offset % 7 == 2;
        let cells = Cells::new(grid.clone(), [false; 3], is_fluid);
        for offset in 0..grid.len() {
            let found = cells.at(grid.voxel(offset).map(|x| x as i32));
            assert_eq!(found.map(|cell| cells.offsets()[cell] as usize), is_fluid(offset).then_some(offset));
        }
        assert_eq!(cells.at([7, 0, 0]), None);
        assert_eq!(cells.at([0, -1, 0]), None);
    }
}
