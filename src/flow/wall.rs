//! The wall of the lattice as a smooth surface (surface nets: Gibson 1998, MICCAI, LNCS 1496:888).

use super::cells::Cells;
use crate::geom::{Point, Vector};
use crate::mesh::Surface;
use std::collections::HashMap;

/// The faces between cells and places where `is_wall`, each corner moved to the mean of the places around it where
/// `level` crosses 0. The surface is open where the fluid is.
pub(super) fn surface(cells: &Cells, level: &[f32], is_wall: impl Fn([i32; 3]) -> bool) -> Surface {
    // Looked up, never iterated: the order of corners is the order of cells.
    let mut known: HashMap<[i32; 3], u32> = HashMap::new();
    let mut positions: Vec<Point> = Vec::new();
    let mut triangles = Vec::new();
    for cell in 0..cells.len() {
        let place = cells.place(cell);
        for axis in 0..3 {
            for side in [-1, 1] {
                let mut to = place;
                to[axis] += side;
                if cells.at(to).is_some() || !is_wall(to) {
                    continue;
                }
                // Corner (a, b, c) lies between places (a − 1, b − 1, c − 1) and (a, b, c).
                let (b, c) = ((axis + 1) % 3, (axis + 2) % 3);
                let mut quad = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(u, v)| {
                    let mut corner = place;
                    corner[axis] += i32::from(side == 1);
                    corner[b] += u;
                    corner[c] += v;
                    *known.entry(corner).or_insert_with(|| {
                        positions.push(smooth_corner(cells, level, corner));
                        (positions.len() - 1) as u32
                    })
                });
                if side == -1 {
                    quad.reverse();
                }
                let [p, q, r, s] = quad;
                let length = |a: u32, b: u32| (positions[a as usize] - positions[b as usize]).norm_squared();
                if length(p, r) <= length(q, s) {
                    triangles.extend([[p, q, r], [p, r, s]]);
                } else {
                    triangles.extend([[p, q, s], [q, r, s]]);
                }
            }
        }
    }
    Surface::new(positions, triangles).expect("corners are finite and triangles use them")
}

fn smooth_corner(cells: &Cells, level: &[f32], corner: [i32; 3]) -> Point {
    let grid = cells.grid();
    let dims = grid.dims();
    let value = |n: usize| {
        let at: [usize; 3] =
            std::array::from_fn(|a| (corner[a] - 1 + (n >> a & 1) as i32).clamp(0, dims[a] as i32 - 1) as usize);
        f64::from(level[grid.offset(at)])
    };
    let values: [f64; 8] = std::array::from_fn(value);
    let (mut sum, mut count) = (Vector::zeros(), 0.0);
    for n in 0..8_usize {
        for a in (0..3).filter(|a| n >> a & 1 == 0) {
            let (from, to) = (values[n], values[n | 1 << a]);
            if (0.0 < from) != (0.0 < to) {
                let mut crossing = Vector::new((n & 1) as f64, (n >> 1 & 1) as f64, (n >> 2 & 1) as f64);
                crossing[a] = from / (from - to);
                sum += crossing;
                count += 1.0;
            }
        }
    }
    let within = if count == 0.0 { Vector::repeat(0.5) } else { sum / count };
    grid.patient_from_index(Vector::from(corner.map(|x| f64::from(x) - 1.0)) + within)
}
