//! Which vertices share an edge with which.

use super::Surface;
use rayon::prelude::*;

/// The 1-ring of every vertex in compressed rows: each neighbour once, in increasing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// Row `v` is `list[starts[v]..starts[v + 1]]`.
    starts: Vec<u32>,
    list: Vec<u32>,
}

impl Neighbours {
    /// The neighbours in `surface`.
    pub fn of(surface: &Surface) -> Self {
        let n = surface.positions().len();
        // Every triangle gives each corner its two others; an inner edge therefore comes twice and is made single below.
        let mut fill = vec![0_u32; n + 1];
        for corner in surface.triangles().as_flattened() {
            fill[*corner as usize + 1] += 2;
        }
        for v in 0..n {
            fill[v + 1] += fill[v];
        }
        let rough_starts = fill.clone();
        let mut rough = vec![0_u32; rough_starts[n] as usize];
        for [a, b, c] in surface.triangles() {
            for (v, others) in [(a, [*b, *c]), (b, [*c, *a]), (c, [*a, *b])] {
                let at = fill[*v as usize] as usize;
                rough[at..at + 2].copy_from_slice(&others);
                fill[*v as usize] += 2;
            }
        }
        let mut rows = Vec::with_capacity(n);
        let mut rest = rough.as_mut_slice();
        for v in 0..n {
            let (row, after) = rest.split_at_mut((rough_starts[v + 1] - rough_starts[v]) as usize);
            rows.push(row);
            rest = after;
        }
        let counts: Vec<u32> = rows.par_iter_mut().enumerate().map(|(v, row)| single(row, v as u32)).collect();
        let mut starts = Vec::with_capacity(n + 1);
        starts.push(0);
        let mut list = Vec::with_capacity(rough_starts[n] as usize / 2 + n);
        for (row, count) in rows.iter().zip(counts) {
            list.extend_from_slice(&row[..count as usize]);
            starts.push(list.len() as u32);
        }
        Self { starts, list }
    }

    /// The neighbours of vertex `v`.
    #[inline]
    pub fn around(&self, v: usize) -> &[u32] {
        &self.list[self.starts[v] as usize..self.starts[v + 1] as usize]
    }

    /// The number of vertices.
    pub fn vertices(&self) -> usize {
        self.starts.len() - 1
    }
}

/// Sort the row, move each value other than `own` to the front once, and tell how many these are.
fn single(row: &mut [u32], own: u32) -> u32 {
    row.sort_unstable();
    let mut kept = 0;
    for n in 0..row.len() {
        if row[n] != own && (kept == 0 || row[n] != row[kept - 1]) {
            row[kept] = row[n];
            kept += 1;
        }
    }
    kept as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    #[test]
    fn neighbours_are_listed_once_and_in_order() {
        let positions = (0..5).map(|n| Point::new(f64::from(n), f64::from(n * n), 0.0)).collect();
        let surface = Surface::new(positions, vec![[2, 1, 0], [1, 2, 3]]).unwrap();
        let neighbours = Neighbours::of(&surface);
        assert_eq!(neighbours.vertices(), 5);
        let all: Vec<&[u32]> = (0..5).map(|v| neighbours.around(v)).collect();
        assert_eq!(all, [&[1, 2][..], &[0, 2, 3], &[0, 1, 3], &[1, 2], &[]]);
    }
}
