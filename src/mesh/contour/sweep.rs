//! Vertices and triangles of the border between inside and outside.

use super::bits::{Inside, ones};
use super::place::Place;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use marching_cubes::tables::TRI_TABLE;
use rayon::prelude::*;

/// Slices that are worked on one after the other by the same thread.
const BLOCK: usize = 8;

/// The triangles of every case: how many, and the three edges of each.
const CASES: [(u8, [u8; 15]); 256] = {
    let mut cases = [(0, [0; 15]); 256];
    let mut case = 0;
    while case < 256 {
        let mut n = 0;
        while n < 15 && 0 <= TRI_TABLE[case][n] {
            cases[case].1[n] = TRI_TABLE[case][n] as u8;
            n += 1;
        }
        cases[case].0 = (n / 3) as u8;
        case += 1;
    }
    cases
};

/// The first vertex of every word of lattice points, in the order of memory; last, the number of vertices.
///
/// A word's vertices are those on its edges along i, then j, then k, each in the order of the points.
///
/// # Errors
/// The number of vertices, if 32 bits cannot number them.
pub(super) fn vertex_starts(inside: &Inside) -> Result<Vec<u32>, usize> {
    let [_, nj, nk] = inside.dims;
    let mut starts = vec![0_u32; inside.words * nj * nk + 1];
    let mut totals = vec![0_usize; nk];
    starts[1..].par_chunks_mut(inside.words * nj).zip(&mut totals).enumerate().for_each(|(k, (slice, total))| {
        for (j, row) in slice.chunks_mut(inside.words).enumerate() {
            for (word, count) in row.iter_mut().enumerate() {
                *count = inside.crossings(word, j, k).map(u64::count_ones).iter().sum();
                *total += *count as usize;
            }
        }
    });
    let vertices: usize = totals.iter().sum();
    if u32::try_from(vertices).is_err() {
        return Err(vertices);
    }
    let mut before = 0;
    for total in &mut totals {
        before += std::mem::replace(total, before);
    }
    starts[1..].par_chunks_mut(inside.words * nj).zip(totals).for_each(|(slice, before)| {
        let mut sum = before as u32;
        for start in slice {
            sum += *start;
            *start = sum;
        }
    });
    Ok(starts)
}

/// The vertices in patient space; `place` tells how far along its edge (0 to 1) each one lies.
pub(super) fn vertices<P: Place>(
    inside: &Inside,
    starts: &[u32],
    grid: &Grid,
    place: &P,
    progress: &Progress,
) -> Result<Vec<Point>, Cancelled> {
    let [_, nj, nk] = inside.dims;
    let per_slice = inside.words * nj;
    let ends = (0..=nk).step_by(BLOCK).skip(1).chain([nk]).map(|k| starts[k * per_slice] as usize);
    let mut positions = vec![Point::origin(); starts[starts.len() - 1] as usize];
    let step = [0, 1, 2].map(|axis| grid.step().column(axis).into_owned());
    parts(&mut positions, ends).into_par_iter().enumerate().try_for_each(|(block, positions)| {
        let mut memory = P::Memory::default();
        let mut next = positions.iter_mut();
        for k in block * BLOCK..(block * BLOCK + BLOCK).min(nk) {
            progress.check()?;
            if starts[k * per_slice] == starts[(k + 1) * per_slice] {
                continue;
            }
            place.prepare(inside, starts, k, &mut memory);
            for j in 0..nj {
                let row = inside.row_start(j, k);
                if starts[row] == starts[row + inside.words] {
                    continue;
                }
                let row_start = grid.patient_from_index(Vector::new(-1.0, j as f64 - 1.0, k as f64 - 1.0));
                for word in (0..inside.words).filter(|word| starts[row + word] < starts[row + word + 1]) {
                    for (axis, bits) in inside.crossings(word, j, k).into_iter().enumerate() {
                        for bit in ones(bits) {
                            let i = word * 64 + bit;
                            let part = place.part(&memory, [i, j, k], axis);
                            let position = row_start + step[0] * i as f64 + step[axis] * part;
                            *next.next().expect("crossings were counted") = position;
                        }
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(positions)
}

/// The triangles, counter-clockwise seen from outside also where the grid is left-handed.
pub(super) fn triangles(
    inside: &Inside,
    starts: &[u32],
    grid: &Grid,
    progress: &Progress,
) -> Result<Vec<[u32; 3]>, Cancelled> {
    let [_, nj, nk] = inside.dims;
    let mirrored = grid.step().determinant() < 0.0;
    let counts: Result<Vec<usize>, Cancelled> = (0..nk - 1)
        .into_par_iter()
        .map(|k| {
            progress.check()?;
            let mut count = 0;
            for j in (0..nj - 1).filter(|j| has_cells(inside, starts, *j, k)) {
                cells_of_row(inside, j, k, |_, cells| {
                    count += ones(cells.cut()).map(|bit| usize::from(CASES[cells.case(bit)].0)).sum::<usize>();
                });
            }
            Ok(count)
        })
        .collect();
    let mut end = 0;
    let ends: Vec<usize> = counts?
        .into_iter()
        .map(|count| {
            end += count;
            end
        })
        .collect();
    let mut triangles = vec![[0_u32; 3]; end];
    parts(&mut triangles, ends).into_par_iter().enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        let mut next = slice.iter_mut();
        for j in (0..nj - 1).filter(|j| has_cells(inside, starts, *j, k)) {
            cells_of_row(inside, j, k, |word, cells| {
                let mut edges = Edges::of(inside, starts, word, j, k);
                for bit in ones(cells.cut()) {
                    let vertices = edges.next(bit);
                    let (count, corners) = &CASES[cells.case(bit)];
                    for corners in corners.as_chunks::<3>().0.iter().take(usize::from(*count)) {
                        let [a, b, c] = corners.map(|edge| vertices[usize::from(edge)]);
                        let triangle = if mirrored { [a, c, b] } else { [a, b, c] };
                        *next.next().expect("the triangles of the slice were counted") = triangle;
                    }
                }
            });
        }
        Ok::<(), Cancelled>(())
    })?;
    Ok(triangles)
}

/// `all` cut at `ends`.
pub(in crate::mesh) fn parts<T>(all: &mut [T], ends: impl IntoIterator<Item = usize>) -> Vec<&mut [T]> {
    let (mut parts, mut rest, mut start) = (Vec::new(), all, 0);
    for end in ends {
        let (part, after) = rest.split_at_mut(end - start);
        parts.push(part);
        (rest, start) = (after, end);
    }
    parts
}

/// Whether the surface may pass through the row of cells that starts at lattice row (j, k).
///
/// It then crosses an edge that starts in one of the four rows of the cells.
#[inline]
fn has_cells(inside: &Inside, starts: &[u32], j: usize, k: usize) -> bool {
    [(j, k), (j + 1, k), (j, k + 1), (j + 1, k + 1)].into_iter().any(|(j, k)| {
        let row = inside.row_start(j, k);
        starts[row] < starts[row + inside.words]
    })
}

/// The corners of 64 cells in a row: of each of the four lattice rows the bits at the cells' start and end.
struct Cells {
    here: [u64; 4],
    ahead: [u64; 4],
}

impl Cells {
    /// Which of the cells the surface passes.
    #[inline]
    fn cut(&self) -> u64 {
        let both = || self.here.iter().chain(&self.ahead);
        both().fold(0, |any, bits| any | bits) & !both().fold(u64::MAX, |all, bits| all & bits)
    }

    /// The number in the table of the cell at `bit`.
    #[inline]
    fn case(&self, bit: usize) -> usize {
        // Corners of the table: (0,0,0) (1,0,0) (1,1,0) (0,1,0), then the same one slice further; a bit is set outside.
        let at = |bits: u64| (bits >> bit & 1) as usize;
        let ([c0, c3, c7, c4], [c1, c2, c6, c5]) = (self.here.map(at), self.ahead.map(at));
        (c0 | c1 << 1 | c2 << 2 | c3 << 3 | c4 << 4 | c5 << 5 | c6 << 6 | c7 << 7) ^ 255
    }
}

/// Call `visit` for every word of cells of row (j, k) that the surface passes.
#[inline]
fn cells_of_row(inside: &Inside, j: usize, k: usize, mut visit: impl FnMut(usize, &Cells)) {
    let rows = [inside.row(j, k), inside.row(j + 1, k), inside.row(j + 1, k + 1), inside.row(j, k + 1)];
    for word in 0..inside.words {
        let here = rows.map(|row| row[word]);
        let ahead = rows.map(|row| row[word] >> 1 | row.get(word + 1).copied().unwrap_or(0) << 63);
        let cells = Cells { here, ahead };
        if cells.cut() != 0 {
            visit(word, &cells);
        }
    }
}

/// The vertices on the edges of one cell after the other.
///
/// Eight streams of vertices run along a row of cells: on its four edges along i, and at each point on two edges along j and
/// two along k. Every vertex lies on a cut cell, so whoever visits the cut cells in their order counts along.
struct Edges {
    /// Crossings on edges along i of the rows (j, k), (j + 1, k), (j, k + 1), (j + 1, k + 1), then along j of (j, k) and
    /// (j, k + 1), then along k of (j, k) and (j + 1, k).
    bits: [u64; 8],
    /// The next vertex of each.
    next: [u32; 8],
    /// The vertices of the last four at the first point of the next word.
    beyond: [u32; 4],
}

impl Edges {
    fn of(inside: &Inside, starts: &[u32], word: usize, j: usize, k: usize) -> Self {
        let (mut bits, mut next, mut beyond) = ([0; 8], [0; 8], [0; 4]);
        for (n, (j, k)) in [(j, k), (j + 1, k), (j, k + 1), (j + 1, k + 1)].into_iter().enumerate() {
            let start = inside.row_start(j, k) + word;
            let [along_i, along_j, along_k] = inside.crossings(word, j, k);
            (bits[n], next[n]) = (along_i, starts[start]);
            let before_j = starts[start] + along_i.count_ones();
            let at_beyond = |axis: usize| {
                if inside.words <= word + 1 {
                    return 0;
                }
                let crossings = inside.crossings(word + 1, j, k);
                starts[start + 1] + crossings[..axis].iter().map(|bits| bits.count_ones()).sum::<u32>()
            };
            if n % 2 == 0 {
                (bits[4 + n / 2], next[4 + n / 2], beyond[n / 2]) = (along_j, before_j, at_beyond(1));
            }
            if n < 2 {
                (bits[6 + n], next[6 + n], beyond[2 + n]) = (along_k, before_j + along_j.count_ones(), at_beyond(2));
            }
        }
        Self { bits, next, beyond }
    }

    /// The vertices on the twelve edges, in the order of the table, of the cell at `bit`, which lies after the last one;
    /// those of edges that are not crossed mean nothing.
    #[inline]
    fn next(&mut self, bit: usize) -> [u32; 12] {
        let here = self.next;
        for n in 0..8 {
            self.next[n] += (self.bits[n] >> bit & 1) as u32;
        }
        let ahead = |n: usize| if bit < 63 { self.next[n] } else { self.beyond[n - 4] };
        [here[0], ahead(4), here[1], here[4], here[2], ahead(5), here[3], here[5], here[6], ahead(6), ahead(7), here[7]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where each edge of the case table starts in its cell, and along which axis it runs.
    const EDGES: [([usize; 3], usize); 12] = [
        ([0, 0, 0], 0),
        ([1, 0, 0], 1),
        ([0, 1, 0], 0),
        ([0, 0, 0], 1),
        ([0, 0, 1], 0),
        ([1, 0, 1], 1),
        ([0, 1, 1], 0),
        ([0, 0, 1], 1),
        ([0, 0, 0], 2),
        ([1, 0, 0], 2),
        ([1, 1, 0], 2),
        ([0, 1, 0], 2),
    ];

    /// Two cells that share a face must draw the same lines on it, in opposite directions: else the surface has cracks.
    #[test]
    fn the_case_table_draws_the_same_lines_on_a_face_from_both_sides() {
        let corners: [[usize; 3]; 8] =
            [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]];
        // Lines left open by one cell, as (start edge, end edge), where edges lie on the face `axis` = `side`.
        let lines = |case: usize, axis: usize, side: usize| {
            let on_face = |edge: i16| {
                let (at, along) = EDGES[edge as usize];
                along != axis && at[axis] == side
            };
            let place = |edge: i16| {
                let (mut at, along) = EDGES[edge as usize];
                at[axis] = 0;
                (at, along)
            };
            let mut open: Vec<(([usize; 3], usize), ([usize; 3], usize))> = Vec::new();
            for t in TRI_TABLE[case].chunks_exact(3).take_while(|t| 0 <= t[0]) {
                for [a, b] in [[t[0], t[1]], [t[1], t[2]], [t[2], t[0]]] {
                    if on_face(a) && on_face(b) {
                        let (from, to) = (place(a), place(b));
                        match open.iter().position(|line| *line == (to, from)) {
                            Some(inner) => drop(open.swap_remove(inner)),
                            None => open.push((from, to)),
                        }
                    }
                }
            }
            open.sort_unstable();
            open
        };
        let mut compared = 0;
        for axis in 0..3 {
            let face = |case: usize, side: usize| -> usize {
                (0..8).filter(|n| corners[*n][axis] == side && case >> n & 1 == 1).fold(0, |bits, n| {
                    let mut at = corners[n];
                    at[axis] = 0;
                    bits | 1 << (at[0] | at[1] << 1 | at[2] << 2)
                })
            };
            for upper in 0..256 {
                for lower in (0..256).filter(|lower| face(*lower, 1) == face(upper, 0)) {
                    let mut seen = lines(lower, axis, 1).into_iter().map(|(a, b)| (b, a)).collect::<Vec<_>>();
                    seen.sort_unstable();
                    assert_eq!(seen, lines(upper, axis, 0), "cases {lower} and {upper} along axis {axis}");
                    compared += 1;
                }
            }
        }
        assert_eq!(compared, 3 * 16 * 16 * 16);
    }
}
