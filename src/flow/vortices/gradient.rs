//! The gradient of the velocity in a cell, from the cells around it.

use crate::flow::Cells;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// How fast the velocity changes around a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient {
    /// ∂u_a/∂x_b along the patient axes (row a, column b) in 1/s.
    pub per_s: Matrix3<f64>,
    /// The least order of its differences: 2, or less where fewer than three cells lie in a row.
    pub order: u8,
}

impl Gradient {
    /// The gradient in `cell` of velocities in m/s along the patient axes.
    ///
    /// Along each axis of the lattice central differences where there is a cell on both sides, one-sided ones of second
    /// order, (−3u₀ + 4u₁ − u₂)/2h, beside a wall or an opening; both are exact for a parabola.
    pub fn at(cells: &Cells, velocity_m_s: &[[f32; 3]], cell: usize) -> Self {
        let place = cells.place(cell);
        let velocity = |cell: usize| Vector::from(velocity_m_s[cell].map(f64::from));
        let mut along_lattice = Matrix3::zeros();
        let mut order = 2;
        for axis in 0..3 {
            let beside = |steps: i32| {
                let mut to = place;
                to[axis] += steps;
                cells.at(to)
            };
            let one_sided = |way: i32, next: usize| {
                let (here, next) = (velocity(cell), velocity(next));
                let (slope, order) = match beside(2 * way) {
                    Some(far) => ((next * 4.0 - here * 3.0 - velocity(far)) * 0.5, 2),
                    None => (next - here, 1),
                };
                (slope * f64::from(way), order)
            };
            let (slope, own) = match (beside(-1), beside(1)) {
                (Some(before), Some(after)) => ((velocity(after) - velocity(before)) * 0.5, 2),
                (None, Some(after)) => one_sided(1, after),
                (Some(before), None) => one_sided(-1, before),
                (None, None) => (Vector::zeros(), 0),
            };
            along_lattice.set_column(axis, &slope);
            order = order.min(own);
        }
        // mm of a cell over m of the speed.
        let per_mm = along_lattice / cells.cell_mm();
        let patient_from_lattice = cells.grid().step() / cells.cell_mm();
        Self { per_s: per_mm * patient_from_lattice.transpose() * 1e3, order }
    }

    /// Vorticity ω = ∇ × u in 1/s.
    pub fn vorticity_per_s(&self) -> Vector {
        let g = &self.per_s;
        Vector::new(g[(2, 1)] - g[(1, 2)], g[(0, 2)] - g[(2, 0)], g[(1, 0)] - g[(0, 1)])
    }

    /// The symmetric part S = ½(∇u + ∇uᵀ) in 1/s.
    pub fn strain_per_s(&self) -> Matrix3<f64> {
        (self.per_s + self.per_s.transpose()) * 0.5
    }

    /// Rate of shear γ̇ = √(2 S:S) in 1/s.
    pub fn rate_per_s(&self) -> f64 {
        (2.0 * self.strain_per_s().norm_squared()).sqrt()
    }

    /// Q = ½(‖Ω‖² − ‖S‖²) in 1/s² with Ω = ½(∇u − ∇uᵀ): positive where rotation outweighs strain (Hunt, Wray and Moin
    /// 1988). 0 in pure shear, the square of the angular speed in a body that turns.
    pub fn q_per_s2(&self) -> f64 {
        let spin = (self.per_s - self.per_s.transpose()) * 0.5;
        0.5 * (spin.norm_squared() - self.strain_per_s().norm_squared())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use nalgebra::Rotation3;

    /// A ball of cells on a lattice that stands askew in the patient, with a velocity at every centre (mm to m/s).
    fn ball(velocity: impl Fn(Vector) -> Vector) -> (Cells, Vec<[f32; 3]>) {
        let turn = Rotation3::from_euler_angles(0.3, -0.5, 1.1);
        let grid = Grid::new([13; 3], Point::new(4.0, -2.0, 7.0), turn.matrix() * 0.5).unwrap();
        let inside = |offset: usize| {
            let from_middle = Vector::from(grid.voxel(offset).map(|x| x as f64 - 6.0));
            from_middle.norm() <= 5.2
        };
        let cells = Cells::new(grid.clone(), [false; 3], inside);
        let values = (0..cells.len()).map(|n| velocity(cells.centre(n).coords).map(|x| x as f32).into()).collect();
        (cells, values)
    }

    #[test]
    fn a_body_that_turns_has_twice_its_angular_speed_as_vorticity_and_its_square_as_q() {
        let spin = Vector::new(3.0, -4.0, 12.0);
        // m/s: 1/s times mm times 1e-3.
        let (cells, velocity) = ball(|x| spin.cross(&x) * 1e-3);
        for cell in 0..cells.len() {
            let gradient = Gradient::at(&cells, &velocity, cell);
            if gradient.order < 2 {
                continue;
            }
            assert!((gradient.vorticity_per_s() - spin * 2.0).norm() < 2e-3, "{}", gradient.vorticity_per_s());
            assert!((gradient.q_per_s2() - 169.0).abs() < 0.05, "{}", gradient.q_per_s2());
            assert!(gradient.rate_per_s() < 2e-3, "{}", gradient.rate_per_s());
        }
    }

    #[test]
    fn a_parabola_is_exact_up_to_the_wall_and_shear_alone_has_no_q() {
        let along = Vector::new(1.0, 2.0, -2.0) / 3.0;
        let across = Vector::new(2.0, -1.0, 0.0).normalize();
        let (cells, velocity) = ball(|x| along * (1.0 - 0.05 * x.dot(&across).powi(2)));
        let mut at_wall = 0;
        for cell in 0..cells.len() {
            let gradient = Gradient::at(&cells, &velocity, cell);
            if gradient.order < 2 {
                continue;
            }
            at_wall += usize::from((0..3).any(|a| {
                let mut to = cells.place(cell);
                to[a] += 1;
                cells.at(to).is_none()
            }));
            let slope = -100.0 * cells.centre(cell).coords.dot(&across);
            let exact = along * across.transpose() * slope;
            assert!((gradient.per_s - exact).norm() < 2e-3, "{} and {exact}", gradient.per_s);
            assert!((gradient.rate_per_s() - slope.abs()).abs() < 2e-3);
            assert!(gradient.q_per_s2().abs() < 1e-4 * (1.0 + slope * slope), "{}", gradient.q_per_s2());
        }
        assert!(50 < at_wall, "{at_wall} cells at the wall were looked at");
    }
}
