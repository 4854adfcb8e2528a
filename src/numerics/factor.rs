//! Sparse L D Lᵀ factorisation of symmetric block matrices: faer's supernodal kernels behind a small door.

use super::BlockMatrix;
use super::BlockPattern;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::ldlt::factor::LdltRegularization;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::factorize_symbolic_cholesky;
use faer::sparse::linalg::cholesky::{CholeskySymbolicParams, LdltRef, SymbolicCholesky, SymmetricOrdering};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, MatMut, Par, Side};
use std::sync::Arc;

/// Why a matrix has no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// A pivot vanished: the matrix is singular.
    #[error("the stiffness matrix is singular at unknown {0}")]
    Singular(usize),
    /// The factor does not fit into memory.
    #[error("the factor of {rows} unknowns does not fit into memory; use a coarser mesh or the iterative solver")]
    Memory {
        /// Unknowns.
        rows: usize,
    },
}

/// The pattern of a factor: found once per mesh, used by every factorisation on it.
#[derive(Debug)]
pub struct Symbolic {
    inner: SymbolicCholesky<usize>,
    pointers: Vec<usize>,
    indices: Vec<usize>,
}

impl Symbolic {
    /// The pattern of the factor of matrices on `pattern` with blocks of `size`; vertices are eliminated in `order`.
    ///
    /// # Errors
    /// [`FactorError::Memory`].
    pub fn new(pattern: &BlockPattern, size: usize, order: &[u32]) -> Result<Self, FactorError> {
        let rows = pattern.rows() * size;
        let (pointers, indices) = pattern.scalar_csc(size);
        let forward: Vec<usize> = order.iter().flat_map(|v| (0..size).map(move |s| *v as usize * size + s)).collect();
        let mut inverse = vec![0; rows];
        forward.iter().enumerate().for_each(|(new, old)| inverse[*old] = new);
        let structure = SymbolicSparseColMatRef::new_checked(rows, rows, &pointers, None, &indices);
        let permutation = faer::perm::PermRef::new_checked(&forward, &inverse, rows);
        let params = CholeskySymbolicParams {
            supernodal_flop_ratio_threshold: SupernodalThreshold::FORCE_SUPERNODAL,
            ..Default::default()
        };
        let inner = factorize_symbolic_cholesky(structure, Side::Upper, SymmetricOrdering::Custom(permutation), params)
            .map_err(|_| FactorError::Memory { rows })?;
        Ok(Self { inner, pointers, indices })
    }

    /// Numbers stored in the factor.
    pub fn entries(&self) -> usize {
        self.inner.len_val()
    }
}

/// A = L D Lᵀ without pivoting: for definite and for quasi-definite matrices, whose factor exists in every order
/// (Vanderbei 1995, "Symmetric quasidefinite matrices").
#[derive(Debug)]
pub struct Factor {
    symbolic: Arc<Symbolic>,
    values: Vec<f64>,
}

impl Factor {
    /// Factorise `matrix`, which must lie on the pattern that `symbolic` was made from.
    ///
    /// # Errors
    /// [`FactorError`].
    pub fn new(symbolic: Arc<Symbolic>, matrix: &BlockMatrix) -> Result<Self, FactorError> {
        let values = vec![0.0; symbolic.entries()];
        let mut factor = Self { symbolic, values };
        factor.refactor(matrix)?;
        Ok(factor)
    }

    /// Factorise another matrix of the same pattern in the same memory.
    ///
    /// # Errors
    /// [`FactorError`]; the factor must not be used afterwards.
    pub fn refactor(&mut self, matrix: &BlockMatrix) -> Result<(), FactorError> {
        let Symbolic { inner, pointers, indices } = &*self.symbolic;
        let rows = matrix.rows();
        let structure = SymbolicSparseColMatRef::new_checked(rows, rows, pointers, None, indices);
        let matrix = SparseColMatRef::new(structure, matrix.values());
        let need = inner.factorize_numeric_ldlt_scratch::<f64>(parallelism(), Default::default());
        let mut memory = MemBuffer::try_new(need).map_err(|_| FactorError::Memory { rows })?;
        let never = LdltRegularization {
            dynamic_regularization_signs: None,
            dynamic_regularization_delta: 0.0,
            dynamic_regularization_epsilon: 0.0,
        };
        inner
            .factorize_numeric_ldlt(
                &mut self.values,
                matrix,
                Side::Upper,
                never,
                parallelism(),
                MemStack::new(&mut memory),
                Default::default(),
            )
            .map_err(|faer::linalg::cholesky::ldlt::factor::LdltError::ZeroPivot { index }| {
                FactorError::Singular(index)
            })?;
        Ok(())
    }

    /// Solve A X = B in place; `columns` holds the columns of B one after the other.
    pub fn solve(&self, columns: &mut [f64]) {
        let rows = self.symbolic.inner.nrows();
        let count = columns.len() / rows.max(1);
        let need = self.symbolic.inner.solve_in_place_scratch::<f64>(count, Par::Seq);
        let mut memory = MemBuffer::new(need);
        let columns = MatMut::from_column_major_slice_mut(columns, rows, count);
        let factor = LdltRef::new(&self.symbolic.inner, &self.values);
        factor.solve_in_place_with_conj(Conj::No, columns, Par::Seq, MemStack::new(&mut memory));
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.values.as_slice())
    }
}

/// One thread: on two busy cores the parallel kernels of faer gave the same bits in twice the time, because the dense
/// blocks of a mesh of this size are small.
fn parallelism() -> Par {
    Par::Seq
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Laplacian of a path with blocks of 2, plus a negative definite second field.
    fn saddle(n: usize) -> BlockMatrix {
        let cells: Vec<[u32; 2]> = (1..n as u32).map(|i| [i - 1, i]).collect();
        let pattern = Arc::new(BlockPattern::of_cells(n, &cells));
        let mut matrix = BlockMatrix::zeros(Arc::clone(&pattern), 2);
        for row in 0..n {
            for column in pattern.neighbours(row).to_vec() {
                let slot = pattern.slot(row, column).unwrap();
                let diagonal = column as usize == row;
                matrix.block_row_mut(row, slot, 0).copy_from_slice(&[if diagonal { 2.5 } else { -1.0 }, 0.3]);
                matrix.block_row_mut(row, slot, 1).copy_from_slice(&[0.3, if diagonal { -1e-3 } else { 0.0 }]);
            }
        }
        matrix
    }

    #[test]
    fn a_quasi_definite_system_is_solved_in_any_order() {
        let matrix = saddle(60);
        let x: Vec<f64> = (0..120).map(|i| (f64::from(i) * 0.7).cos()).collect();
        let mut b = vec![0.0; 120];
        matrix.multiply(&x, &mut b);
        for stride in [1_u32, 7, 13] {
            let order: Vec<u32> = (0..60).map(|i| i * stride % 60).collect();
            let symbolic = Arc::new(Symbolic::new(matrix.pattern(), 2, &order).unwrap());
            let factor = Factor::new(symbolic, &matrix).unwrap();
            let mut solution = [b.clone(), b.clone()].concat();
            factor.solve(&mut solution);
            let error = solution.iter().zip(x.iter().chain(&x)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(error < 1e-9, "stride {stride}: {error:e}");
        }
    }

    #[test]
    fn a_singular_matrix_is_named() {
        let matrix = BlockMatrix::zeros(Arc::new(BlockPattern::of_cells(3, &[[0_u32, 1, 2]])), 2);
        let symbolic = Arc::new(Symbolic::new(matrix.pattern(), 2, &[0, 1, 2]).unwrap());
        assert_eq!(Factor::new(symbolic, &matrix).unwrap_err(), FactorError::Singular(0));
    }
}
