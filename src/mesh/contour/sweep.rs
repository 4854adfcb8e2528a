//! Vertices and triangles of the border between inside and outside.

use super::bits::Inside;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use marching_cubes::tables::TRI_TABLE;
use rayon::prelude::*;

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

/// The first vertex of every word of lattice points, in the order of memory; last, the number of vertices.
///
/// A word's vertices are those on its edges along i, then j, then k, each in the order of the points.
pub(super) fn vertex_starts(inside: &Inside) -> Vec<usize> {
    let [_, nj, nk] = inside.dims;
    let mut starts = vec![0_usize; inside.words * nj * nk + 1];
    starts[1..].par_chunks_mut(inside.words * nj).enumerate().for_each(|(k, slice)| {
        for (n, count) in slice.iter_mut().enumerate() {
            let crossings = inside.crossings(n % inside.words, n / inside.words, k);
            *count = crossings.map(|bits| bits.count_ones() as usize).iter().sum();
        }
    });
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// The vertices in patient space; `place` tells how far along its edge (0 to 1) each one lies.
pub(super) fn vertices(
    inside: &Inside,
    starts: &[usize],
    grid: &Grid,
    place: impl Fn(&Inside, [usize; 3], usize) -> f64 + Sync,
    progress: &Progress,
) -> Result<Vec<Point>, Cancelled> {
    let [_, nj, nk] = inside.dims;
    let per_slice = inside.words * nj;
    let mut positions = vec![Point::origin(); starts[starts.len() - 1]];
    let mut slices = Vec::with_capacity(nk);
    let mut rest = positions.as_mut_slice();
    for k in 0..nk {
        let (slice, after) = rest.split_at_mut(starts[(k + 1) * per_slice] - starts[k * per_slice]);
        slices.push((k, slice));
        rest = after;
    }
    slices.into_par_iter().try_for_each(|(k, slice)| {
        progress.check()?;
        let mut next = slice.iter_mut();
        for n in 0..per_slice {
            let start = k * per_slice + n;
            if starts[start] == starts[start + 1] {
                continue;
            }
            let (word, j) = (n % inside.words, n / inside.words);
            for (axis, bits) in inside.crossings(word, j, k).into_iter().enumerate() {
                for bit in ones(bits) {
                    let at = [word * 64 + bit, j, k];
                    let mut index = Vector::from(at.map(|x| x as f64 - 1.0));
                    index[axis] += place(inside, at, axis);
                    *next.next().expect("crossings were counted") = grid.patient_from_index(index);
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
    starts: &[usize],
    grid: &Grid,
    progress: &Progress,
) -> Result<Vec<[u32; 3]>, Cancelled> {
    let [_, nj, nk] = inside.dims;
    let mirrored = grid.step().determinant() < 0.0;
    let layers: Result<Vec<Vec<[u32; 3]>>, Cancelled> = (0..nk - 1)
        .into_par_iter()
        .map(|k| {
            progress.check()?;
            let mut triangles = Vec::new();
            for j in 0..nj - 1 {
                cells_of_row(inside, j, k, |i, case| {
                    let vertex = |edge: i16| {
                        let ([di, dj, dk], axis) = EDGES[edge as usize];
                        vertex_on(inside, starts, [i + di, j + dj, k + dk], axis)
                    };
                    for edges in TRI_TABLE[case].chunks_exact(3).take_while(|edges| 0 <= edges[0]) {
                        let [a, b, c] = [vertex(edges[0]), vertex(edges[1]), vertex(edges[2])];
                        triangles.push(if mirrored { [a, c, b] } else { [a, b, c] });
                    }
                });
            }
            Ok(triangles)
        })
        .collect();
    Ok(layers?.concat())
}

/// Call `visit` with i and the case number for every cell of row (j, k) that the surface passes.
#[inline]
fn cells_of_row(inside: &Inside, j: usize, k: usize, mut visit: impl FnMut(usize, usize)) {
    let rows = [inside.row(j, k), inside.row(j + 1, k), inside.row(j + 1, k + 1), inside.row(j, k + 1)];
    for word in 0..inside.words {
        let here = rows.map(|row| row[word]);
        let next = rows.map(|row| row.get(word + 1).copied().unwrap_or(0));
        let shifted = [0, 1, 2, 3].map(|r| here[r] >> 1 | next[r] << 63);
        let any = here.iter().chain(&shifted).fold(0, |all, bits| all | bits);
        let all = here.iter().chain(&shifted).fold(u64::MAX, |all, bits| all & bits);
        for bit in ones(any & !all) {
            let bits = |r: usize| [(here[r] >> bit & 1) as usize, (shifted[r] >> bit & 1) as usize];
            // Corners of the table: (0,0,0) (1,0,0) (1,1,0) (0,1,0), then the same one slice further; a bit is set outside.
            let [[c0, c1], [c3, c2], [c7, c6], [c4, c5]] = [bits(0), bits(1), bits(2), bits(3)];
            let within = c0 | c1 << 1 | c2 << 2 | c3 << 3 | c4 << 4 | c5 << 5 | c6 << 6 | c7 << 7;
            visit(word * 64 + bit, within ^ 255);
        }
    }
}

/// The number of the vertex on the edge from `at` along `axis`.
#[inline]
fn vertex_on(inside: &Inside, starts: &[usize], [i, j, k]: [usize; 3], axis: usize) -> u32 {
    let (word, bit) = (i / 64, i % 64);
    let crossings = inside.crossings(word, j, k);
    let before: u32 = crossings[..axis].iter().map(|bits| bits.count_ones()).sum();
    let rank = (crossings[axis] & ((1 << bit) - 1)).count_ones();
    starts[inside.row_start(j, k) + word] as u32 + before + rank
}

/// The places of the set bits, the lowest first.
#[inline]
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
