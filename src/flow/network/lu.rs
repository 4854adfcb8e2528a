//! Sparse LU for one pattern and many matrices: pivots are chosen once, then factorisation is a fixed list of steps.
//!
//! Rows and columns are scaled to largest entries near 1 (Ruiz 2001), so that pressures and flows in any units weigh
//! the same. Pivots are chosen for little fill among entries that are large in their row (Markowitz 1957 with
//! threshold, as in Duff, Erisman & Reid, Direct Methods for Sparse Matrices, chapter 7). A tree of vessels has no
//! fill then, and a factorisation costs a few operations an unknown.

use super::pivots::{Active, scales};

/// Places of the entries of a square matrix, by rows.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// Where the entries of each row start; one more at the end.
    pub(super) starts: Vec<usize>,
    /// Column of each entry, growing within a row.
    pub(super) columns: Vec<usize>,
}

impl Pattern {
    /// Rows and columns.
    pub(super) fn size(&self) -> usize {
        self.starts.len() - 1
    }

    /// The pattern of these entries (row, column), and which entry each of them is.
    pub(super) fn of(size: usize, entries: &[(usize, usize)]) -> (Self, Vec<usize>) {
        let mut sorted: Vec<(usize, usize)> = entries.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let starts = (0..=size).map(|row| sorted.partition_point(|entry| entry.0 < row)).collect();
        let slot = |entry| sorted.binary_search(entry).expect("every entry is in the sorted list");
        let slots = entries.iter().map(slot).collect();
        (Self { starts, columns: sorted.into_iter().map(|entry| entry.1).collect() }, slots)
    }
}

/// A matrix no solution can be computed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Failure {
    /// This row depends on the others.
    Singular {
        /// Which row.
        row: usize,
    },
    /// The pivots that suited an earlier matrix do not suit this one.
    Stale,
}

/// What is done with one pivot: its place comes first among the filled entries, then those right of it, then those below.
#[derive(Debug, Clone, Copy)]
struct Step {
    pivot: u32,
    right: u32,
    below: u32,
}

/// `work[to] -= filled[place] * work[from]`.
#[derive(Debug, Clone, Copy)]
struct Move {
    place: u32,
    from: u32,
    to: u32,
}

/// A factorisation L D U with ones on the diagonals of L and U, for one pattern.
#[derive(Debug, Clone)]
pub(super) struct SparseLu {
    row_scale: Vec<f64>,
    column_scale: Vec<f64>,
    /// Pivot row and column of each step.
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// Place of every entry of the matrix among the filled entries, and its scale.
    places: Vec<(u32, f64)>,
    steps: Vec<Step>,
    /// Places that change with each step: below × right.
    targets: Vec<u32>,
    forward: Vec<Move>,
    backward: Vec<Move>,
    filled: Vec<f64>,
    inverse: Vec<f64>,
    work: Vec<f64>,
}

/// Smallest scaled pivot.
pub(super) const PIVOT_MIN: f64 = 1e-13;
/// When an old choice of pivots is used again, multipliers may be up to one over this and the smallest pivot.
const GROWTH_SHARE: f64 = 1e6;

impl SparseLu {
    /// Choose pivots for a matrix of this pattern; [`SparseLu::factor`] comes next.
    ///
    /// # Errors
    /// [`Failure::Singular`].
    pub(super) fn analyse(pattern: &Pattern, values: &[f64]) -> Result<Self, Failure> {
        let size = pattern.size();
        let (row_scale, column_scale) = scales(pattern, values);
        let mut active = Active::new(pattern, values, &row_scale, &column_scale);
        let mut pivots: Vec<(usize, usize)> = Vec::with_capacity(size);
        for _ in 0..size {
            let (row, column) = active.choose()?;
            active.eliminate(row, column);
            pivots.push((row, column));
        }
        Ok(Self::plan(pattern, &pivots, &active, row_scale, column_scale))
    }

    /// The list of steps for these pivots; `active` knows the fill.
    fn plan(
        pattern: &Pattern,
        pivots: &[(usize, usize)],
        active: &Active,
        row_scale: Vec<f64>,
        column_scale: Vec<f64>,
    ) -> Self {
        let size = pattern.size();
        let (mut step_of_row, mut step_of_column) = (vec![0; size], vec![0; size]);
        for (step, (row, column)) in pivots.iter().enumerate() {
            step_of_row[*row] = step;
            step_of_column[*column] = step;
        }
        // Columns right of each pivot and rows below it, as steps.
        let (mut right, mut below) = (vec![Vec::new(); size], vec![Vec::new(); size]);
        for (row, columns) in active.filled.iter().enumerate() {
            for column in columns {
                let (row, column) = (step_of_row[row], step_of_column[*column]);
                match row.cmp(&column) {
                    std::cmp::Ordering::Less => right[row].push(column),
                    std::cmp::Ordering::Greater => below[column].push(row),
                    std::cmp::Ordering::Equal => {}
                }
            }
        }
        let mut starts = vec![0];
        for (right, below) in right.iter_mut().zip(&mut below) {
            right.sort_unstable();
            below.sort_unstable();
            starts.push(starts[starts.len() - 1] + 1 + right.len() + below.len());
        }
        let place = |row: usize, column: usize| {
            let at = |list: &Vec<usize>, step| list.binary_search(step).expect("fill was recorded during elimination");
            let (pivot, from_pivot) = match row.cmp(&column) {
                std::cmp::Ordering::Less => (row, 1 + at(&right[row], &column)),
                std::cmp::Ordering::Greater => (column, 1 + right[column].len() + at(&below[column], &row)),
                std::cmp::Ordering::Equal => (row, 0),
            };
            (starts[pivot] + from_pivot) as u32
        };
        let (mut steps, mut targets) = (Vec::with_capacity(size), Vec::new());
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for step in 0..size {
            let (right, below) = (&right[step], &below[step]);
            let pivot = starts[step] as u32;
            steps.push(Step { pivot, right: right.len() as u32, below: below.len() as u32 });
            for row in below {
                targets.extend(right.iter().map(|column| place(*row, *column)));
                forward.push(Move { place: place(*row, step), from: step as u32, to: *row as u32 });
            }
        }
        for step in (0..size).rev() {
            let moves = right[step].iter();
            backward.extend(moves.map(|c| Move { place: place(step, *c), from: *c as u32, to: step as u32 }));
        }
        let mut places = Vec::with_capacity(pattern.columns.len());
        for row in 0..size {
            for slot in pattern.starts[row]..pattern.starts[row + 1] {
                let column = pattern.columns[slot];
                let scale = row_scale[row] * column_scale[column];
                places.push((place(step_of_row[row], step_of_column[column]), scale));
            }
        }
        let (rows, columns): (Vec<u32>, Vec<u32>) =
            pivots.iter().map(|(row, column)| (*row as u32, *column as u32)).unzip();
        let row_scale = rows.iter().map(|row| row_scale[*row as usize]).collect();
        let column_scale = columns.iter().map(|column| column_scale[*column as usize]).collect();
        let filled = vec![0.0; starts[size]];
        let (inverse, work) = (vec![0.0; size], vec![0.0; size]);
        Self {
            row_scale,
            column_scale,
            rows,
            columns,
            places,
            steps,
            targets,
            forward,
            backward,
            filled,
            inverse,
            work,
        }
    }

    /// Factorise a matrix of the pattern.
    ///
    /// # Errors
    /// [`Failure::Stale`] if the pivots do not suit it.
    pub(super) fn factor(&mut self, values: &[f64]) -> Result<(), Failure> {
        let filled = self.filled.as_mut_slice();
        filled.fill(0.0);
        for ((place, scale), value) in self.places.iter().zip(values) {
            filled[*place as usize] = value * scale;
        }
        let mut targets = self.targets.as_slice();
        let mut largest = 0.0_f64;
        for (step, inverse) in self.steps.iter().zip(&mut self.inverse) {
            let (pivot, right) = (step.pivot as usize, step.right as usize);
            // What changes lies behind: each entry is done before a later pivot needs it.
            let (done, later) = filled[pivot..].split_at_mut(1 + right + step.below as usize);
            *inverse = 1.0 / done[0];
            largest = largest.max(inverse.abs());
            let (right, below) = done[1..].split_at_mut(right);
            right.iter_mut().for_each(|value| *value *= *inverse);
            for below in below {
                let (now, rest) = targets.split_at(right.len());
                for (value, target) in right.iter().zip(now) {
                    later[*target as usize - pivot - 1 - right.len() - step.below as usize] -= *below * value;
                }
                targets = rest;
                *below *= *inverse;
                largest = largest.max(below.abs() * GROWTH_SHARE);
            }
        }
        if largest < 1.0 / PIVOT_MIN { Ok(()) } else { Err(Failure::Stale) }
    }

    /// Replace a right side by the solution.
    pub(super) fn solve(&mut self, b: &mut [f64]) {
        let (filled, work) = (self.filled.as_slice(), self.work.as_mut_slice());
        for ((value, row), scale) in work.iter_mut().zip(&self.rows).zip(&self.row_scale) {
            *value = b[*row as usize] * scale;
        }
        for Move { place, from, to } in &self.forward {
            work[*to as usize] -= filled[*place as usize] * work[*from as usize];
        }
        work.iter_mut().zip(&self.inverse).for_each(|(value, inverse)| *value *= inverse);
        for Move { place, from, to } in &self.backward {
            work[*to as usize] -= filled[*place as usize] * work[*from as usize];
        }
        for ((value, column), scale) in work.iter().zip(&self.columns).zip(&self.column_scale) {
            b[*column as usize] = value * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    /// A sparse matrix with zeros on its diagonal and entries over many orders of magnitude.
    fn matrix(size: usize, seed: u64) -> (Pattern, Vec<f64>) {
        let mut rng = Rng::new(seed);
        let mut entries = Vec::new();
        for row in 0..size {
            entries.push((row, (row + 1) % size));
            (0..3).for_each(|_| entries.push((row, rng.below(size))));
        }
        let (pattern, _) = Pattern::of(size, &entries);
        let unit = |n: usize| 10.0_f64.powi(4 * (n % 5) as i32 - 8);
        let mut values = Vec::new();
        for row in 0..size {
            for column in &pattern.columns[pattern.starts[row]..pattern.starts[row + 1]] {
                values.push((rng.unit() - 0.5) * unit(row) * unit(*column + 2));
            }
        }
        (pattern, values)
    }

    fn times(pattern: &Pattern, values: &[f64], x: &[f64]) -> Vec<f64> {
        let row = |row: usize| pattern.starts[row]..pattern.starts[row + 1];
        (0..pattern.size()).map(|n| row(n).map(|slot| values[slot] * x[pattern.columns[slot]]).sum()).collect()
    }

    #[test]
    fn it_solves_what_it_was_given_in_any_units() {
        for seed in 1..6 {
            let (pattern, values) = matrix(60, seed);
            let mut lu = SparseLu::analyse(&pattern, &values).unwrap();
            for factor in [1.0, -3.5] {
                let values: Vec<f64> = values.iter().map(|value| value * factor).collect();
                lu.factor(&values).unwrap();
                let unit = |n: usize| 10.0_f64.powi(8 - 4 * ((n + 2) % 5) as i32);
                let x: Vec<f64> = (0..60).map(|n| (1.0 + n as f64) * unit(n)).collect();
                let mut b = times(&pattern, &values, &x);
                lu.solve(&mut b);
                let error = b.iter().zip(&x).map(|(b, x)| (b / x - 1.0).abs()).fold(0.0, f64::max);
                assert!(error < 1e-7, "seed {seed}: {error}");
            }
        }
    }

    #[test]
    fn a_row_that_depends_on_others_is_named() {
        let (pattern, _) = Pattern::of(3, &[(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)]);
        let failure = SparseLu::analyse(&pattern, &[1.0, 2.0, 2.0, 4.0, 1.0]).unwrap_err();
        assert!(matches!(failure, Failure::Singular { row: 0 | 1 }), "{failure:?}");
    }

    #[test]
    fn pivots_that_do_not_suit_another_matrix_are_noticed() {
        let (pattern, _) = Pattern::of(2, &[(0, 0), (0, 1), (1, 0), (1, 1)]);
        let mut lu = SparseLu::analyse(&pattern, &[1.0, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!(lu.factor(&[0.0, 1.0, 1.0, 0.0]), Err(Failure::Stale));
    }
}
