//! Flow values on surfaces: pressure, wall shear, speed near the wall.

use super::cells::Cells;
use super::lattice::Q;
use super::result::FlowResult;
use crate::geom::{Point, Vector};
use crate::mesh::{Field, Surface};
use nalgebra::{Matrix3, Matrix4, Vector4};
use rayon::prelude::*;

/// Reach of the fit in cells.
const REACH: f64 = 3.2;
/// Cells nearer to the wall than this, in cells, carry the error of the wall rule in their stress and are left out.
const SKIN: f64 = 0.8;
/// With fewer cells than this a fit without the skin is not trusted.
const CELLS_MIN: usize = 8;
/// Cells with fewer of the 18 neighbours than this carry more error in their pressure, and are left out if others do.
const NEIGHBOURS_MIN: u8 = 12;
/// Share of the fit's weight below which it is no longer trusted with a slope.
const SLOPE_MIN: f64 = 1e-6;

/// Pressure (Pa), wall shear (Pa) and speed one cell inside (m/s) on the vertices of `surface`, whose normals point
/// out of the lumen.
///
/// Values come from a moving least-squares fit of a linear function to the cells within 3.2 cells of the vertex but
/// not in the first layer, evaluated at the vertex itself: the linear rise of shear towards the wall is followed. Wall
/// shear is the tangential part of the viscous traction, `|σ n − n (n·σ n)|`. Vertices without fluid nearby (behind an
/// opening) get 0.
pub fn sample_wall(result: &FlowResult, surface: &Surface) -> Vec<Field> {
    let normals = surface.vertex_normals();
    let neighbours = neighbours(&result.cells);
    let values: Vec<[f64; 3]> = surface
        .positions()
        .par_iter()
        .zip(&normals)
        .map(|(point, normal)| at_vertex(result, &neighbours, *point, *normal))
        .collect();
    let field = |name, unit, n: usize| Field::new(name, unit, values.iter().map(|v| v[n]).collect());
    vec![field("pressure", "Pa", 0), field("wall shear stress", "Pa", 1), field("speed near the wall", "m/s", 2)]
}

fn at_vertex(result: &FlowResult, neighbours: &[u8], point: Point, normal: Vector) -> [f64; 3] {
    let Some(Fit { near, here, there }) = Fit::new(&result.cells, neighbours, point, normal) else { return [0.0; 3] };
    let (mut pressure, mut stress, mut velocity) = (0.0, Matrix3::zeros(), Vector::zeros());
    for (cell, basis, weight) in &near {
        let share = here.dot(basis) * *weight;
        let [xx, yy, zz, xy, xz, yz] = result.stress_pa[*cell].map(f64::from);
        pressure += share * f64::from(result.pressure_pa[*cell]);
        stress += Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz) * share;
        velocity += Vector::from(result.velocity_m_s[*cell].map(f64::from)) * (there.dot(basis) * *weight);
    }
    let traction = stress * normal;
    let shear = traction - normal * normal.dot(&traction);
    // The slope of the fit may reach beyond anything there is in a ragged corner.
    let known = near.iter().map(|(cell, ..)| f64::from(result.pressure_pa[*cell]));
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| (low.min(p), high.max(p)));
    let pressure = pressure.max(low).min(high);
    [pressure, shear.norm(), velocity.norm()]
}

/// How many of the 18 neighbours of each cell are cells.
pub(super) fn neighbours(cells: &Cells) -> Vec<u8> {
    let count = |cell| (1..Q).filter(|i| cells.neighbour(cell, *i).is_some()).count() as u8;
    (0..cells.len()).into_par_iter().map(count).collect()
}

/// The moving least-squares fit at a vertex.
pub(super) struct Fit {
    /// Cell, basis of a linear function at its centre, weight.
    near: Vec<(usize, Vector4<f64>, f64)>,
    /// What picks the value at the vertex, and one cell inside.
    here: Vector4<f64>,
    there: Vector4<f64>,
}

impl Fit {
    /// The fit at `point` of a wall with `normal`; none without fluid nearby.
    pub fn new(cells: &Cells, neighbours: &[u8], point: Point, normal: Vector) -> Option<Self> {
        let grid = cells.grid();
        let index = grid.index_from_patient(point);
        let nearest = index.map(|x| x.round() as i32);
        let inside = grid.index_from_patient(point - normal * cells.cell_mm()) - index;
        let mut near: Vec<(usize, Vector4<f64>, f64)> = Vec::with_capacity(96);
        let range = REACH.ceil() as i32;
        for k in -range..=range {
            for j in -range..=range {
                for i in -range..=range {
                    let place = [nearest.x + i, nearest.y + j, nearest.z + k];
                    let offset = Vector::from(place.map(f64::from)) - index;
                    let weight = 1.0 - offset.norm_squared() / (REACH * REACH);
                    if weight <= 0.0 {
                        continue;
                    }
                    let Some(cell) = cells.at(place) else { continue };
                    let basis = Vector4::new(1.0, offset.x, offset.y, offset.z);
                    near.push((cell, basis, weight * weight));
                }
            }
        }
        if near.is_empty() {
            return None;
        }
        let is_deep = |basis: &Vector4<f64>| SKIN <= basis.fixed_rows::<3>(1).dot(&inside);
        if CELLS_MIN <= near.iter().filter(|(_, basis, _)| is_deep(basis)).count() {
            near.retain(|(_, basis, _)| is_deep(basis));
        }
        let is_open = |cell: usize| NEIGHBOURS_MIN <= neighbours[cell];
        if CELLS_MIN <= near.iter().filter(|(cell, ..)| is_open(*cell)).count() {
            near.retain(|(cell, ..)| is_open(*cell));
        }
        let mut matrix: Matrix4<f64> = near.iter().map(|(_, basis, weight)| basis * basis.transpose() * *weight).sum();
        // A little damping of the slopes keeps the fit defined where the cells lie in a plane.
        let damping = SLOPE_MIN * matrix[(0, 0)];
        for a in 1..4 {
            matrix[(a, a)] += damping;
        }
        let inverse = matrix.try_inverse()?;
        let here = inverse * Vector4::new(1.0, 0.0, 0.0, 0.0);
        let there = inverse * Vector4::new(1.0, inside.x, inside.y, inside.z);
        Some(Self { near, here, there })
    }

    /// Cells and their shares of a value at the vertex.
    pub fn shares(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.near.iter().map(|(cell, basis, weight)| (*cell, self.here.dot(basis) * *weight))
    }
}
