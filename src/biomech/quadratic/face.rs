//! Pressure on a face with six nodes.

use crate::geom::Vector;
use nalgebra::Matrix3;

/// Nodes of a face: corners, then the middles of the edges 01, 12 and 20.
pub const NODES: usize = 6;

/// Weights and barycentric coordinates of six places, exact for polynomials of degree 4 (Dunavant 1985), as force and
/// stiffness of a straight face are.
const PLACES: [(f64, [f64; 3]); 6] = {
    const A: f64 = 0.445_948_490_915_965;
    const B: f64 = 0.091_576_213_509_771;
    const W: f64 = 0.223_381_589_678_011 / 2.0;
    const V: f64 = 0.109_951_743_655_322 / 2.0;
    [
        (W, [1.0 - 2.0 * A, A, A]),
        (W, [A, 1.0 - 2.0 * A, A]),
        (W, [A, A, 1.0 - 2.0 * A]),
        (V, [1.0 - 2.0 * B, B, B]),
        (V, [B, 1.0 - 2.0 * B, B]),
        (V, [B, B, 1.0 - 2.0 * B]),
    ]
};

/// Shape functions, and their derivatives by the second and third coordinate.
fn shapes([r, s, t]: [f64; 3]) -> [[f64; 3]; NODES] {
    [
        [r * (2.0 * r - 1.0), 1.0 - 4.0 * r, 1.0 - 4.0 * r],
        [s * (2.0 * s - 1.0), 4.0 * s - 1.0, 0.0],
        [t * (2.0 * t - 1.0), 0.0, 4.0 * t - 1.0],
        [4.0 * r * s, 4.0 * (r - s), -4.0 * s],
        [4.0 * s * t, 4.0 * t, 4.0 * s],
        [4.0 * t * r, -4.0 * t, 4.0 * (r - t)],
    ]
}

fn tangents(x: &[Vector; NODES], shapes: &[[f64; 3]; NODES]) -> [Vector; 2] {
    [1, 2].map(|axis| x.iter().zip(shapes).map(|(x, shape)| x * shape[axis]).sum())
}

/// Force of a pressure on each node of a face with nodes at `x` in m, N: −p ∫ N x,ξ × x,η.
pub fn forces_n(x: &[Vector; NODES], pa: f64) -> [Vector; NODES] {
    let mut forces = [Vector::zeros(); NODES];
    for (weight, at) in PLACES {
        let shapes = shapes(at);
        let [xi, eta] = tangents(x, &shapes);
        let normal = xi.cross(&eta) * (-pa * weight);
        forces.iter_mut().zip(&shapes).for_each(|(force, shape)| *force += normal * shape[0]);
    }
    forces
}

/// The symmetric part of −∂f/∂x, N/m; what is left out only matters where the rim of a pressed patch moves.
pub fn stiffness(x: &[Vector; NODES], pa: f64) -> [[Matrix3<f64>; NODES]; NODES] {
    let mut whole = [[Matrix3::zeros(); NODES]; NODES];
    for (weight, at) in PLACES {
        let shapes = shapes(at);
        let [xi, eta] = tangents(x, &shapes).map(|tangent| tangent.cross_matrix() * (pa * weight));
        for (a, row) in whole.iter_mut().enumerate() {
            for (b, entry) in row.iter_mut().enumerate() {
                *entry += (xi * shapes[b][2] - eta * shapes[b][1]) * shapes[a][0];
            }
        }
    }
    std::array::from_fn(|a| std::array::from_fn(|b| 0.5 * (whole[a][b] + whole[b][a].transpose())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> [Vector; NODES] {
        [[0.0, 0.0, 0.0], [1.0, 0.1, 0.0], [0.2, 0.8, 0.3], [0.5, 0.0, 0.1], [0.7, 0.5, 0.2], [0.1, 0.4, 0.1]]
            .map(Vector::from)
    }

    #[test]
    fn a_flat_face_gives_a_third_to_each_middle() {
        let mut x = nodes();
        (0..3).for_each(|n| x[3 + n] = 0.5 * (x[n] + x[(n + 1) % 3]));
        let whole = (x[1] - x[0]).cross(&(x[2] - x[0])) * -3.5;
        for (n, force) in forces_n(&x, 7.0).iter().enumerate() {
            let expected = if n < 3 { Vector::zeros() } else { whole / 3.0 };
            assert!((force - expected).norm() < 1e-12, "node {n}: {force}");
        }
    }

    #[test]
    fn stiffness_is_the_symmetric_part_of_the_derivative() {
        let h = 1e-6;
        let derivative = |a: usize, i: usize, b: usize, k: usize| {
            let (mut plus, mut minus) = (nodes(), nodes());
            plus[b][k] += h;
            minus[b][k] -= h;
            -(forces_n(&plus, 7.0)[a][i] - forces_n(&minus, 7.0)[a][i]) / (2.0 * h)
        };
        let found = stiffness(&nodes(), 7.0);
        for (a, b, i, k) in (0..324).map(|n| (n / 54, n / 9 % 6, n / 3 % 3, n % 3)) {
            let expected = 0.5 * (derivative(a, i, b, k) + derivative(b, k, a, i));
            assert!((found[a][b][(i, k)] - expected).abs() < 1e-8, "{a} {b} {i} {k}");
        }
    }
}
