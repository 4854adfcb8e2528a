//! A symmetric sparse matrix of small dense blocks, one block row per vertex.

use rayon::prelude::*;
use std::sync::Arc;

/// Which blocks of a symmetric matrix are stored: both triangles and every diagonal block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPattern {
    /// Row `i` holds blocks `starts[i]..starts[i + 1]`.
    starts: Vec<usize>,
    /// Block column of every block, ascending in each row.
    columns: Vec<u32>,
}

impl BlockPattern {
    /// The pattern in which all vertices of a cell (edge, triangle, tetrahedron) are coupled.
    ///
    /// Built once per mesh; indices must be below `rows`.
    pub fn of_cells<const N: usize>(rows: usize, cells: &[[u32; N]]) -> Self {
        let mut first = vec![0_usize; rows + 1];
        cells.iter().flatten().for_each(|v| first[*v as usize + 1] += 1);
        (0..rows).for_each(|i| first[i + 1] += first[i]);
        let mut of_vertex = vec![0_u32; cells.len() * N];
        let mut next = first.clone();
        for (cell, vertices) in cells.iter().enumerate() {
            for v in vertices {
                of_vertex[next[*v as usize]] = cell as u32;
                next[*v as usize] += 1;
            }
        }
        let neighbours = |row: usize| {
            let cells_here = &of_vertex[first[row]..first[row + 1]];
            let mut all: Vec<u32> =
                cells_here.iter().flat_map(|cell| cells[*cell as usize]).chain([row as u32]).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let lists: Vec<Vec<u32>> = (0..rows).into_par_iter().map(neighbours).collect();
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        for list in &lists {
            starts.push(starts[starts.len() - 1] + list.len());
        }
        Self { starts, columns: lists.concat() }
    }

    /// Block rows.
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Stored blocks.
    pub fn blocks(&self) -> usize {
        self.columns.len()
    }

    /// The block columns of a row, itself included, ascending.
    pub fn neighbours(&self, row: usize) -> &[u32] {
        &self.columns[self.starts[row]..self.starts[row + 1]]
    }

    /// Where the block (`row`, `column`) is among all stored blocks.
    pub fn slot(&self, row: usize, column: u32) -> Option<usize> {
        Some(self.starts[row] + self.neighbours(row).binary_search(&column).ok()?)
    }

    /// The column pointers and row indices of the matrix of scalars, as compressed sparse columns (equally: rows).
    pub(super) fn scalar_csc(&self, size: usize) -> (Vec<usize>, Vec<usize>) {
        let mut pointers = vec![0];
        let mut indices = Vec::with_capacity(self.blocks() * size * size);
        for row in 0..self.rows() {
            for _ in 0..size {
                indices
                    .extend(self.neighbours(row).iter().flat_map(|c| (0..size).map(move |s| *c as usize * size + s)));
                pointers.push(indices.len());
            }
        }
        (pointers, indices)
    }
}

/// A symmetric matrix on a [`BlockPattern`], blocks of `size` × `size`; scalar rows are contiguous.
#[derive(Debug, Clone)]
pub struct BlockMatrix {
    pattern: Arc<BlockPattern>,
    size: usize,
    values: Vec<f64>,
}

impl BlockMatrix {
    /// The zero matrix.
    pub fn zeros(pattern: Arc<BlockPattern>, size: usize) -> Self {
        let values = vec![0.0; pattern.blocks() * size * size];
        Self { pattern, size, values }
    }

    /// Set every entry to zero.
    pub fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// Where its blocks are.
    pub fn pattern(&self) -> &BlockPattern {
        &self.pattern
    }

    /// Rows and columns of one block.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Scalar rows.
    pub fn rows(&self) -> usize {
        self.pattern.rows() * self.size
    }

    /// All entries, scalar row by scalar row.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Index of the first entry of scalar row `r` of a block in `values`.
    #[inline]
    fn offset(&self, row: usize, slot: usize, r: usize) -> usize {
        let (start, end) = (self.pattern.starts[row], self.pattern.starts[row + 1]);
        self.size * (self.size * start + r * (end - start) + slot - start)
    }

    /// One scalar row of a block, to be changed.
    #[inline]
    pub fn block_row_mut(&mut self, row: usize, slot: usize, r: usize) -> &mut [f64] {
        let offset = self.offset(row, slot, r);
        &mut self.values[offset..offset + self.size]
    }

    /// One scalar row of a block.
    #[inline]
    pub fn block_row(&self, row: usize, slot: usize, r: usize) -> &[f64] {
        let offset = self.offset(row, slot, r);
        &self.values[offset..offset + self.size]
    }

    /// y = A x.
    pub fn multiply(&self, x: &[f64], y: &mut [f64]) {
        match self.size {
            3 => self.multiply_sized::<3>(x, y),
            4 => self.multiply_sized::<4>(x, y),
            _ => y.par_chunks_mut(self.size).enumerate().for_each(|(row, out)| {
                for (r, out) in out.iter_mut().enumerate() {
                    let slots = (self.pattern.starts[row]..).zip(self.pattern.neighbours(row));
                    let term = |(slot, column): (usize, &u32)| -> f64 {
                        let x = &x[*column as usize * self.size..][..self.size];
                        self.block_row(row, slot, r).iter().zip(x).map(|(a, b)| a * b).sum()
                    };
                    *out = slots.map(term).sum();
                }
            }),
        }
    }

    fn multiply_sized<const S: usize>(&self, x: &[f64], y: &mut [f64]) {
        let (x, _) = x.as_chunks::<S>();
        y.par_chunks_mut(S).enumerate().with_min_len(256).for_each(|(row, out)| {
            let columns = self.pattern.neighbours(row);
            let start = S * S * self.pattern.starts[row];
            for (r, out) in out.iter_mut().enumerate() {
                let (entries, _) = self.values[start + r * S * columns.len()..][..S * columns.len()].as_chunks::<S>();
                let mut sums = [0.0; S];
                for (entries, column) in entries.iter().zip(columns) {
                    let x = &x[*column as usize];
                    (0..S).for_each(|s| sums[s] += entries[s] * x[s]);
                }
                *out = sums.iter().sum();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_agree_with_the_dense_matrix() {
        for size in [2, 3, 4] {
            let pattern = Arc::new(BlockPattern::of_cells(5, &[[0_u32, 1, 2], [1, 2, 4]]));
            let mut matrix = BlockMatrix::zeros(Arc::clone(&pattern), size);
            let n = matrix.rows();
            let mut dense = vec![0.0; n * n];
            for row in 0..5 {
                for column in pattern.neighbours(row).to_vec() {
                    let slot = pattern.slot(row, column).unwrap();
                    for r in 0..size {
                        for (c, entry) in matrix.block_row_mut(row, slot, r).iter_mut().enumerate() {
                            let (i, j) = (row * size + r, column as usize * size + c);
                            *entry = (1 + i * j % 7 + i.abs_diff(j)) as f64;
                            dense[i * n + j] = *entry;
                        }
                    }
                }
            }
            let x: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
            let mut y = vec![0.0; n];
            matrix.multiply(&x, &mut y);
            for i in 0..n {
                let expected: f64 = (0..n).map(|j| dense[i * n + j] * x[j]).sum();
                assert!((y[i] - expected).abs() < 1e-12, "row {i}: {} against {expected}", y[i]);
            }
        }
    }
}
