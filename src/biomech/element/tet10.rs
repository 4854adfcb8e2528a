//! The tetrahedron with ten nodes: quadratic displacement, with linear pressure (Taylor and Hood 1973) or without.

use crate::biomech::material::{Fibre, Law, Local, Model, linear, neo_hookean};
use crate::geom::Vector;
use nalgebra::{Matrix3, SMatrix};

/// Nodes: the corners, then the middles of [`EDGES`].
pub const NODES: usize = 10;
/// Corners of the edges whose middles are nodes 4 to 9.
pub const EDGES: [[usize; 2]; 6] = [[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]];
/// Displacements of one element.
pub const MOVES: usize = 3 * NODES;
/// Numbers of one element vector: displacement x, y, z of each node, then the pressure of each corner.
pub const UNKNOWNS: usize = MOVES + 4;
/// One element matrix.
pub type Block = SMatrix<f64, UNKNOWNS, UNKNOWNS>;

/// Places where the element is integrated.
pub const PLACES: usize = 4;
/// Barycentric coordinate of each place for its own corner, and for the other three (Keast 1986): exact for quadratic
/// functions.
const NEAR: f64 = 0.585_410_196_624_968_5;
const FAR: f64 = 0.138_196_601_125_010_5;

/// One place of integration.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Shape functions of the pressure: barycentric coordinates.
    linear: [f64; 4],
    /// Shape functions of the displacement.
    shape: [f64; NODES],
    /// Their gradients at rest, 1/m.
    gradients: [Vector; NODES],
    /// Volume at rest that it stands for, m³.
    weight: f64,
    /// Where fibres run: unit vectors at right angles.
    fibre: Fibre,
}

/// A tetrahedron at rest: stationary point of Π(u, p) = ∫ ψ_shape(F) + p θ(F) − p²/2K over quadratic u and continuous
/// linear p (tension positive). Stable without help for every ν below 0.5 and exact for bending.
///
/// Where no pressure is given, the energy is ∫ ψ(F) over quadratic u alone: p = K θ at each place of integration, and
/// rows and columns of the pressure are zero.
#[derive(Debug, Clone, Copy)]
pub struct Tet10 {
    places: [Place; PLACES],
}

/// Shape functions and their derivatives by the second to fourth barycentric coordinate.
fn shapes(at: &[f64; 4]) -> ([f64; NODES], [Vector; NODES]) {
    const SLOPES: [Vector; 4] = [
        Vector::new(-1.0, -1.0, -1.0),
        Vector::new(1.0, 0.0, 0.0),
        Vector::new(0.0, 1.0, 0.0),
        Vector::new(0.0, 0.0, 1.0),
    ];
    let value = |n: usize| match n {
        0..4 => at[n] * (2.0 * at[n] - 1.0),
        _ => 4.0 * at[EDGES[n - 4][0]] * at[EDGES[n - 4][1]],
    };
    let slope = |n: usize| match n {
        0..4 => SLOPES[n] * (4.0 * at[n] - 1.0),
        _ => {
            let [i, j] = EDGES[n - 4];
            (SLOPES[j] * at[i] + SLOPES[i] * at[j]) * 4.0
        }
    };
    (std::array::from_fn(value), std::array::from_fn(slope))
}

#[expect(non_snake_case, reason = "symbols as in the formulas above")]
impl Tet10 {
    /// The element with nodes at `x` in metres, positively oriented, and fibres that `fibre` knows at a place in
    /// metres; edges may be bent. `None` if that turns a part of it inside out.
    pub fn new(x: &[Vector; NODES], fibre: impl Fn(&Vector) -> Fibre) -> Option<Self> {
        let mut places = [None; PLACES];
        for (n, place) in places.iter_mut().enumerate() {
            let linear = std::array::from_fn(|corner| if corner == n { NEAR } else { FAR });
            let (shape, slopes) = shapes(&linear);
            let jacobian: Matrix3<f64> = x.iter().zip(&slopes).map(|(x, slope)| x * slope.transpose()).sum();
            let six = jacobian.determinant();
            let inverse = jacobian.try_inverse().filter(|_| 0.0 < six)?.transpose();
            let gradients = slopes.map(|slope| inverse * slope);
            let middle: Vector = x.iter().zip(&shape).map(|(x, N)| x * *N).sum();
            *place = Some(Place { linear, shape, gradients, weight: six / 6.0 / PLACES as f64, fibre: fibre(&middle) });
        }
        let [Some(a), Some(b), Some(c), Some(d)] = places else { return None };
        Some(Self { places: [a, b, c, d] })
    }

    /// ∫ N of each node, m³: what share of a uniform force per volume it takes.
    pub fn shares_m3(&self) -> [f64; NODES] {
        std::array::from_fn(|node| self.places.iter().map(|place| place.weight * place.shape[node]).sum())
    }

    fn deformation(place: &Place, u_m: &[Vector; NODES]) -> Matrix3<f64> {
        u_m.iter().zip(&place.gradients).fold(Matrix3::identity(), |F, (u, G)| F + u * G.transpose())
    }

    /// Derivative of the energy: nodal forces in N, then the volume equation of each corner in m³. `None` where a place
    /// of integration is inside out.
    pub fn forces(&self, law: &Law, u_m: &[Vector; NODES], p: Option<&[f64; 4]>) -> Option<[f64; UNKNOWNS]> {
        let mut forces = [0.0; UNKNOWNS];
        for place in &self.places {
            let F = Self::deformation(place, u_m);
            match law.model {
                Model::LinearElastic => place.add_forces(&linear::At::new(law.mu_pa, &F), law, p, &mut forces),
                Model::NeoHookean => place.add_forces(&neo_hookean::At::new(law.mu_pa, &F)?, law, p, &mut forces),
                Model::Hyperelastic => {
                    let local = law.with_fibre(place.fibre).hyperelastic_at(&F)?;
                    place.add_forces(&local, law, p, &mut forces);
                }
            }
        }
        Some(forces)
    }

    /// Second derivative of the energy: symmetric, N/m, m² and m³/Pa. `None` as in [`Self::forces`].
    pub fn stiffness(&self, law: &Law, u_m: &[Vector; NODES], p: Option<&[f64; 4]>) -> Option<Block> {
        let mut block = Block::zeros();
        for place in &self.places {
            let F = Self::deformation(place, u_m);
            match law.model {
                Model::LinearElastic => place.add_stiffness(&linear::At::new(law.mu_pa, &F), law, p, &mut block),
                Model::NeoHookean => place.add_stiffness(&neo_hookean::At::new(law.mu_pa, &F)?, law, p, &mut block),
                Model::Hyperelastic => {
                    let local = law.with_fibre(place.fibre).hyperelastic_at(&F)?;
                    place.add_stiffness(&local, law, p, &mut block);
                }
            }
        }
        block.fill_upper_triangle_with_lower_triangle();
        Some(block)
    }

    /// Where barycentric coordinates `at` are, m, for nodes at rest in metres.
    pub fn place_m(x: &[Vector; NODES], at: &[f64; 4]) -> Vector {
        x.iter().zip(shapes(at).0).map(|(x, N)| x * N).sum()
    }

    /// Where its places of integration are, m, for nodes at rest in metres, and their barycentric coordinates.
    pub fn places_m(&self, x: &[Vector; NODES]) -> [(Vector, [f64; 4]); PLACES] {
        let at = |place: &Place| x.iter().zip(&place.shape).map(|(x, N)| x * *N).sum();
        self.places.each_ref().map(|place| (at(place), place.linear))
    }

    /// Fibres, deformation gradient, mean stress p in Pa (tension positive, where one is given) and volume in m³ of
    /// each place of integration.
    pub fn states(
        &self,
        u_m: &[Vector; NODES],
        p: Option<&[f64; 4]>,
    ) -> [(Fibre, Matrix3<f64>, Option<f64>, f64); PLACES] {
        let state =
            |place: Place| (place.fibre, Self::deformation(&place, u_m), p.map(|p| place.pressure(p)), place.weight);
        self.places.map(state)
    }

    /// Forces in N of a tension along the fibres, see [`crate::biomech::active`].
    pub fn active_forces(&self, law: &Law, tension_pa: f64, u_m: &[Vector; NODES]) -> [Vector; NODES] {
        let mut forces = [Vector::zeros(); NODES];
        for place in &self.places {
            let large = law.model != Model::LinearElastic;
            let F = if large { Self::deformation(place, u_m) } else { Matrix3::identity() };
            let along = place.fibre.along;
            let pull = F * along * (-tension_pa * place.weight);
            forces.iter_mut().zip(&place.gradients).for_each(|(f, G)| *f += pull * along.dot(G));
        }
        forces
    }

    /// Stiffness in N/m of the same tension between two nodes, times the unit tensor.
    pub fn active_stiffness(&self, law: &Law, tension_pa: f64) -> SMatrix<f64, NODES, NODES> {
        let mut sum = SMatrix::zeros();
        for place in self.places.iter().filter(|_| law.model != Model::LinearElastic) {
            let along = place.gradients.map(|G| place.fibre.along.dot(&G));
            sum += SMatrix::from_fn(|a, b| along[a] * along[b] * tension_pa * place.weight);
        }
        sum
    }
}

#[expect(non_snake_case, reason = "symbols as in the formulas above")]
impl Place {
    fn pressure(&self, p: &[f64; 4]) -> f64 {
        self.linear.iter().zip(p).map(|(N, p)| N * p).sum()
    }

    fn add_forces<L: Local>(&self, local: &L, law: &Law, p: Option<&[f64; 4]>, forces: &mut [f64; UNKNOWNS]) {
        let pressure = p.map_or_else(|| law.bulk_pa * local.theta(), |p| self.pressure(p));
        let P = (local.shape_stress() + pressure * local.theta_gradient()) * self.weight;
        for (out, G) in forces.chunks_exact_mut(3).zip(&self.gradients) {
            out.iter_mut().zip((P * G).iter()).for_each(|(out, f)| *out += f);
        }
        if p.is_none() {
            return;
        }
        let volume = (local.theta() - pressure / law.bulk_pa) * self.weight;
        forces[3 * NODES..].iter_mut().zip(self.linear).for_each(|(out, N)| *out += N * volume);
    }

    /// Only the lower triangle.
    fn add_stiffness<L: Local>(&self, local: &L, law: &Law, p: Option<&[f64; 4]>, block: &mut Block) {
        let W = self.weight;
        let pressure = p.map_or_else(|| law.bulk_pa * local.theta(), |p| self.pressure(p));
        let cofactor = local.theta_gradient();
        for (b, Gb) in self.gradients.iter().enumerate() {
            for (a, Ga) in self.gradients.iter().enumerate().skip(b) {
                let mut pair = local.pair_shape(Ga, Gb) + pressure * local.pair_theta(Ga, Gb);
                if p.is_none() {
                    pair += law.bulk_pa * (cofactor * Ga) * (cofactor * Gb).transpose();
                }
                let mut into = block.fixed_view_mut::<3, 3>(3 * a, 3 * b);
                into += W * pair;
            }
        }
        if p.is_none() {
            return;
        }
        for (b, Gb) in self.gradients.iter().enumerate() {
            let c = cofactor * Gb * W;
            for (corner, N) in self.linear.iter().enumerate() {
                let row = 3 * NODES + corner;
                (0..3).for_each(|i| block[(row, 3 * b + i)] += N * c[i]);
            }
        }
        for a in 0..4 {
            for b in 0..=a {
                block[(3 * NODES + a, 3 * NODES + b)] -= W * self.linear[a] * self.linear[b] / law.bulk_pa;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::material::{Guccione, Hyperelastic};

    fn nodes() -> [Vector; NODES] {
        let corners = [[0.1, 0.0, 0.0], [1.0, 0.2, 0.1], [0.0, 0.9, -0.1], [0.2, 0.1, 1.1]].map(Vector::from);
        std::array::from_fn(|n| match n {
            0..4 => corners[n],
            // The last edge is bent.
            9 => 0.5 * (corners[2] + corners[3]) + Vector::new(0.0, 0.05, 0.03),
            _ => 0.5 * (corners[EDGES[n - 4][0]] + corners[EDGES[n - 4][1]]),
        })
    }

    fn state(shift: Option<(usize, f64)>) -> ([Vector; NODES], [f64; 4]) {
        let mut all: [f64; UNKNOWNS] = std::array::from_fn(|n| 0.03 * (n as f64 * 1.7).sin());
        all[30..].iter_mut().for_each(|p| *p *= 5000.0);
        if let Some((n, h)) = shift {
            all[n] += h;
        }
        let node = |a: usize| Vector::new(all[3 * a], all[3 * a + 1], all[3 * a + 2]);
        (std::array::from_fn(node), std::array::from_fn(|a| all[30 + a]))
    }

    #[test]
    fn gradients_reproduce_linear_functions_and_shares_the_volume() {
        let element = Tet10::new(&nodes(), |_| Fibre::default()).unwrap();
        let slope = Matrix3::new(0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7, 0.8, -0.9);
        for (_, found, _, _) in element.states(&nodes().map(|x| slope * x), None) {
            assert!((found - Matrix3::identity() - slope).norm() < 1e-13);
        }
        let corner = |n: usize| if n == 0 { Vector::zeros() } else { Vector::ith(n - 1, 1.0) };
        let middle = |[a, b]: [usize; 2]| 0.5 * (corner(a) + corner(b));
        let straight: [Vector; NODES] = std::array::from_fn(|n| if n < 4 { corner(n) } else { middle(EDGES[n - 4]) });
        let shares = Tet10::new(&straight, |_| Fibre::default()).unwrap().shares_m3();
        assert!((shares[0] + 1.0 / 120.0).abs() < 1e-15 && (shares[7] - 1.0 / 30.0).abs() < 1e-15, "{shares:?}");
    }

    #[test]
    fn stiffness_is_the_derivative_of_force() {
        let element = Tet10::new(&nodes(), |_| Fibre::default()).unwrap();
        let models = [Model::LinearElastic, Model::NeoHookean, Model::Hyperelastic];
        for (model, mixed) in models.into_iter().flat_map(|model| [(model, true), (model, false)]) {
            let shape = Hyperelastic::Guccione(Guccione { c_pa: 500.0, bf: 8.0, bt: 2.0, bfs: 4.0 });
            let law = Law { model, mu_pa: 1700.0, bulk_pa: 16_000.0, shape, fibre: Fibre::default() };
            let tension = 900.0;
            let forces = |shift| {
                let (u, p) = state(shift);
                let mut forces = element.forces(&law, &u, mixed.then_some(&p)).unwrap();
                let active = element.active_forces(&law, tension, &u);
                forces.iter_mut().zip(active.iter().flat_map(|f| f.iter())).for_each(|(f, active)| *f -= active);
                forces
            };
            let (u, p) = state(None);
            let mut stiffness = element.stiffness(&law, &u, mixed.then_some(&p)).unwrap();
            let active = element.active_stiffness(&law, tension);
            (0..30).for_each(|n| (0..NODES).for_each(|b| stiffness[(n, 3 * b + n % 3)] += active[(n / 3, b)]));
            for column in 0..UNKNOWNS {
                let h = if 30 <= column { 1e-3 } else { 1e-6 };
                let (plus, minus) = (forces(Some((column, h))), forces(Some((column, -h))));
                for row in 0..UNKNOWNS {
                    let difference = (plus[row] - minus[row]) / (2.0 * h);
                    let error = (stiffness[(row, column)] - difference).abs();
                    assert!(
                        error < 1e-4 * (1.0 + 1e-3 * difference.abs()),
                        "{model:?}, mixed {mixed}, {row},{column}: {error:e}"
                    );
                }
            }
        }
    }
}
