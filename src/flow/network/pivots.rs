//! Which pivots a sparse matrix is eliminated with, and what fill they make.

use super::lu::{Failure, PIVOT_MIN, Pattern};

/// Smallest pivot relative to the largest entry of its row, when pivots are chosen.
const THRESHOLD: f64 = 0.05;
/// Most rows that are searched once a pivot is found.
const LOOK_AT: usize = 64;
const EMPTY: u32 = u32::MAX;

/// Factors that bring the largest entries of all rows and columns near 1 (Ruiz 2001, RAL-TR-2001-034).
pub(super) fn scales(pattern: &Pattern, values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let size = pattern.size();
    let (mut rows, mut columns) = (vec![1.0; size], vec![1.0; size]);
    for _ in 0..8 {
        let (mut row_max, mut column_max) = (vec![0.0_f64; size], vec![0.0_f64; size]);
        for row in 0..size {
            for slot in pattern.starts[row]..pattern.starts[row + 1] {
                let column = pattern.columns[slot];
                let value = (values[slot] * rows[row] * columns[column]).abs();
                row_max[row] = row_max[row].max(value);
                column_max[column] = column_max[column].max(value);
            }
        }
        let apply = |scale: &mut f64, max: &f64| *scale /= if *max == 0.0 { 1.0 } else { max.sqrt() };
        rows.iter_mut().zip(&row_max).for_each(|(scale, max)| apply(scale, max));
        columns.iter_mut().zip(&column_max).for_each(|(scale, max)| apply(scale, max));
    }
    (rows, columns)
}

/// The part of the matrix that is not eliminated yet.
pub(super) struct Active {
    /// Entries of the active rows: column and value.
    rows: Vec<Vec<(usize, f64)>>,
    /// Active rows of each column.
    columns: Vec<Vec<usize>>,
    /// Columns of all entries each row ever had.
    pub(super) filled: Vec<Vec<usize>>,
    done: Vec<bool>,
    /// Rows to look for the next pivot in first: those the last elimination changed.
    recent: Vec<usize>,
    /// Where to look on.
    from: usize,
    position: Vec<u32>,
}

impl Active {
    pub(super) fn new(pattern: &Pattern, values: &[f64], row_scale: &[f64], column_scale: &[f64]) -> Self {
        let size = pattern.size();
        let (mut rows, mut columns) = (vec![Vec::new(); size], vec![Vec::new(); size]);
        let mut filled = vec![Vec::new(); size];
        for row in 0..size {
            for slot in pattern.starts[row]..pattern.starts[row + 1] {
                let column = pattern.columns[slot];
                rows[row].push((column, values[slot] * row_scale[row] * column_scale[column]));
                columns[column].push(row);
                filled[row].push(column);
            }
        }
        Self {
            rows,
            columns,
            filled,
            done: vec![false; size],
            recent: Vec::new(),
            from: 0,
            position: vec![EMPTY; size],
        }
    }

    /// The pivot with the smallest Markowitz count among entries that are large enough in their row; the first one
    /// without fill is taken.
    pub(super) fn choose(&mut self) -> Result<(usize, usize), Failure> {
        let size = self.rows.len();
        let mut best: Option<(usize, f64, usize, usize)> = None;
        let recent = std::mem::take(&mut self.recent);
        let on = (self.from..size).chain(0..self.from);
        let rows = recent.iter().rev().copied().chain(on).filter(|row| !self.done[*row]);
        for (looked_at, row) in rows.enumerate() {
            let entries = &self.rows[row];
            let largest = entries.iter().fold(0.0_f64, |max, entry| max.max(entry.1.abs()));
            if !(PIVOT_MIN <= largest) {
                return Err(Failure::Singular { row });
            }
            for (column, value) in entries.iter().filter(|entry| THRESHOLD * largest <= entry.1.abs()) {
                let count = (entries.len() - 1) * (self.columns[*column].len() - 1);
                let better = best.is_none_or(|best| count < best.0 || (count == best.0 && best.1 < value.abs()));
                if better {
                    best = Some((count, value.abs(), row, *column));
                }
            }
            if best.is_some_and(|best| best.0 == 0 || LOOK_AT <= looked_at) {
                self.from = row;
                break;
            }
        }
        let (_, _, row, column) = best.ok_or(Failure::Singular { row: 0 })?;
        Ok((row, column))
    }

    pub(super) fn eliminate(&mut self, row: usize, column: usize) {
        self.done[row] = true;
        let pivot_row = std::mem::take(&mut self.rows[row]);
        for (right, _) in &pivot_row {
            self.columns[*right].retain(|other| *other != row);
            if let [only] = self.columns[*right][..] {
                self.recent.push(only);
            }
        }
        let pivot = pivot_row.iter().find(|entry| entry.0 == column).map_or(1.0, |entry| entry.1);
        for other in std::mem::take(&mut self.columns[column]) {
            self.recent.push(other);
            let entries = &mut self.rows[other];
            entries.iter().enumerate().for_each(|(n, entry)| self.position[entry.0] = n as u32);
            let factor = entries[self.position[column] as usize].1 / pivot;
            for (right, value) in pivot_row.iter().filter(|entry| entry.0 != column) {
                match self.position[*right] {
                    EMPTY => {
                        entries.push((*right, -factor * value));
                        self.columns[*right].push(other);
                        self.filled[other].push(*right);
                    }
                    n => entries[n as usize].1 -= factor * value,
                }
            }
            entries.iter().for_each(|entry| self.position[entry.0] = EMPTY);
            entries.retain(|entry| entry.0 != column);
        }
    }
}
