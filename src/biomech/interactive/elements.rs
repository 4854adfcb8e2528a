//! What sixteen tetrahedra at a time feel at a displacement, and what of it their vertices need.
//!
//! The energy is that of the stable neo-Hookean solid of Smith, de Goes and Kim (2018, "Stable neo-Hookean flesh
//! simulation", ACM Trans Graph 37:12, equation 13 without the logarithm), which has a force for every shape, turned
//! inside out or not:
//!
//! ```text
//! ψ = μ/2 (tr FᵀF − 3) − μ (J − 1) + Λ/2 (J − 1)²        J = det F        Λ = λ + μ = μ / (1 − 2 ν)
//! ```
//!
//! Λ instead of λ makes the second derivative at rest that of Hooke's law with μ and λ (same paper, section 3.4, for
//! this form). The last term is where linear tetrahedra lock; all of Λ but [`OWN_VOLUME`] μ acts on the mean of J
//! around a vertex instead (Bonet and Burton 1998, Commun Numer Meth Engng 14:437; Joldes et al. 2009, ibid. 25:1; the rest
//! kept on the element as by Gee, Dohrmann, Key and Wall 2009, Int J Numer Meth Engng 78:429, against checkerboards):
//!
//! ```text
//! Ψ = Σ_e W [μ/2 (tr FᵀF − 3) − μ (J − 1) + Λₑ/2 (J − 1)²] + Σ_v S_v² / 2 C_v
//! S_v = Σ_{e∋v} W (J − 1) / 4        C_v = Σ_{e∋v} W / 4 (Λ − Λₑ)        p_v = S_v / C_v
//! ```
//!
//! C_v is a compliance, so the pressure of soft tissue beside bone is that of the tissue.
//!
//! The first term is quadratic in the displacement, a weighted Laplacian; W J is a product of edges. Everything is
//! written for the displacement of the corners against one of them, and vanishes exactly with it: at rest there is no
//! force, not even a rounding error.

use super::lanes::{LANES, Lanes, Vectors};
use crate::biomech::element::Tet4;
use crate::biomech::material::Material;
use crate::geom::Vector;

/// Share of the volume stiffness that stays on the element, in units of μ.
pub const OWN_VOLUME: f64 = 0.5;

/// Sixteen tetrahedra at rest. Unused ones have no stiffness and sit on vertex 0.
#[derive(Debug, Clone)]
pub struct Batch {
    corners: [[u32; LANES]; 4],
    /// Tetrahedra in it.
    used: usize,
    /// Edges from corner 0 to 1, 2, 3 at rest, m.
    pub(super) edges: [Vectors; 3],
    /// μ W ∇N_a · ∇N_b of the corners 01, 02, 03, 12, 13, 23, N/m.
    laplace: [Lanes; 6],
    /// 6 W, m³.
    pub(super) six_volume: Lanes,
    /// μ, Pa.
    pub(super) mu: Lanes,
    /// Λₑ, Pa.
    pub(super) own: Lanes,
    /// 1 where the vertices carry volume too, else 0.
    pub(super) shared: Lanes,
}

/// What the rows of one tetrahedron's vertices read of it and that never changes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Constants {
    /// μ W ∇N_a · ∇N_b of the corners 01, 02, 03, 12, 13, 23, N/m.
    pub laplace: [f32; 6],
    /// Λₑ / 36 W, Pa/m³.
    pub own: f32,
    /// 1/24 where the vertices carry volume too, else 0.
    pub shared: f32,
}

/// What the rows of one tetrahedron's vertices read of it at one displacement; vectors with a number behind each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Record {
    /// ∂(6 W J)/∂x of the corners 1, 2, 3, m²; behind them J − 1, p and s, see [`share_pressure`].
    pub normal: [[f32; 4]; 3],
    /// Derivative of the energy without the pressure p by the corners 1, 2, 3, N; behind them the limits of s.
    pub force: [[f32; 4]; 3],
    /// Edges from corner 0 to 1, 2, 3 now, m.
    pub edge: [[f32; 4]; 3],
}

impl Record {
    /// J − 1.
    #[inline]
    pub fn swelling(&self) -> f32 {
        self.normal[0][3]
    }

    /// Pressure on the element from its vertices and from the gas around the body, Pa, tension positive.
    #[inline]
    pub fn pressure(&self) -> f32 {
        self.normal[1][3]
    }

    /// Factor of ∂²(W J)/∂x∂x in the stiffness, Pa.
    #[inline]
    pub fn bending(&self) -> f32 {
        self.normal[2][3]
    }
}

/// One tetrahedron on its way into a [`Batch`].
pub struct Seed {
    /// Corners.
    pub corners: [u32; 4],
    /// Their places at rest, m.
    pub place: [Vector; 4],
    /// What it is made of.
    pub material: Material,
}

impl Seed {
    /// μ and Λₑ in Pa and the part of Λ that the vertices carry.
    fn moduli(&self) -> (f64, f64, f64) {
        let mu = self.material.shear_pa();
        let whole = mu / (1.0 - 2.0 * self.material.poisson);
        let own = whole.min(OWN_VOLUME * mu);
        (mu, own, whole - own)
    }

    /// Volume, m³.
    pub fn volume_m3(&self) -> f64 {
        Tet4::new(self.place).volume_m3
    }

    /// Its share W / 4 (Λ − Λₑ) of the compliance of each corner, m³/Pa; 0 if it carries its volume alone.
    pub fn compliance(&self) -> f64 {
        let (mu, _, shared) = self.moduli();
        if 1e-6 * mu < shared { self.volume_m3() / 4.0 / shared } else { 0.0 }
    }

    /// What its vertices read.
    pub fn constants(&self) -> Constants {
        let element = Tet4::new(self.place);
        let (mu, own, _) = self.moduli();
        let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        let weight = |(a, b): (usize, usize)| mu * element.volume_m3 * element.gradients[a].dot(&element.gradients[b]);
        Constants {
            laplace: pairs.map(|pair| weight(pair) as f32),
            own: (own / (36.0 * element.volume_m3)) as f32,
            shared: if 0.0 < self.compliance() { 1.0 / 24.0 } else { 0.0 },
        }
    }
}

impl Batch {
    /// At most sixteen tetrahedra.
    pub fn new(seeds: &[Seed]) -> Self {
        let zero = Lanes::splat(0.0);
        let vector = Vectors([zero; 3]);
        let mut batch = Self {
            corners: [[0; LANES]; 4],
            used: seeds.len(),
            edges: [vector; 3],
            laplace: [zero; 6],
            six_volume: Lanes::splat(1.0),
            mu: Lanes::splat(f32::MIN_POSITIVE),
            own: zero,
            shared: zero,
        };
        for (lane, seed) in seeds.iter().enumerate() {
            let (mu, own, _) = seed.moduli();
            let constants = seed.constants();
            for (corner, v) in batch.corners.iter_mut().zip(seed.corners) {
                corner[lane] = v;
            }
            for (n, edge) in batch.edges.iter_mut().enumerate() {
                let rest = seed.place[n + 1] - seed.place[0];
                edge.0.iter_mut().zip(rest.iter()).for_each(|(to, from)| to.0[lane] = *from as f32);
            }
            batch.laplace.iter_mut().zip(constants.laplace).for_each(|(to, from)| to.0[lane] = from);
            batch.six_volume.0[lane] = (6.0 * seed.volume_m3()) as f32;
            (batch.mu.0[lane], batch.own.0[lane]) = (mu as f32, own as f32);
            batch.shared.0[lane] = if 0.0 < seed.compliance() { 1.0 } else { 0.0 };
        }
        batch
    }

    /// Tetrahedra in it.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Σ W (J − 1), m³.
    #[inline(always)]
    pub fn growth_m3(&self, records: &[Record]) -> f64 {
        let of = |(record, six): (&Record, &f32)| f64::from(record.swelling() * six / 6.0);
        records.iter().zip(&self.six_volume.0).take(self.used).map(of).sum()
    }

    /// Displacement of the corners 1, 2, 3 against corner 0, m: differences are taken in double precision.
    #[inline(always)]
    fn offsets(&self, u_m: &[[f64; 3]]) -> [Vectors; 3] {
        let mut offsets = [Vectors([Lanes::splat(0.0); 3]); 3];
        for lane in 0..LANES {
            let origin = u_m[self.corners[0][lane] as usize];
            for (offset, corners) in offsets.iter_mut().zip(&self.corners[1..]) {
                let there = u_m[corners[lane] as usize];
                for axis in 0..3 {
                    offset.0[axis].0[lane] = (there[axis] - origin[axis]) as f32;
                }
            }
        }
        offsets
    }

    /// Fill `records` and W (J − 1) / 4 in m³ of each tetrahedron at the displacement `u_m`, and give their
    /// energy and the sum of the sizes of its terms, J.
    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    #[inline(always)]
    pub fn deform(&self, u_m: &[[f64; 3]], records: &mut [Record], swelling_m3: &mut [f32]) -> [f64; 2] {
        let [E1, E2, E3] = self.edges;
        let [d1, d2, d3] = self.offsets(u_m);
        let [e1, e2, e3] = [E1 + d1, E2 + d2, E3 + d3];
        // Change of the normals: δ(e₂ × e₃) = E₂ × d₃ + d₂ × e₃ and so on.
        let D1 = E2.cross(&d3) + d2.cross(&e3);
        let D2 = E3.cross(&d1) + d3.cross(&e1);
        let D3 = E1.cross(&d2) + d1.cross(&e2);
        let [N1, N2, N3] = [E2.cross(&E3), E3.cross(&E1), E1.cross(&E2)];
        let [n1, n2, n3] = [N1 + D1, N2 + D2, N3 + D3];
        let six_swelling = d1.dot(&n1) + E1.dot(&D1);
        let J1 = six_swelling.over(self.six_volume);
        let six_trace = d1.dot(&N1) + d2.dot(&N2) + d3.dot(&N3);

        let [k01, k02, k03, k12, k13, k23] = self.laplace;
        let (d12, d13, d23) = (d2 - d1, d3 - d1, d3 - d2);
        let stretch = -(k01 * d1.dot(&d1)
            + k02 * d2.dot(&d2)
            + k03 * d3.dot(&d3)
            + k12 * d12.dot(&d12)
            + k13 * d13.dot(&d13)
            + k23 * d23.dot(&d23));
        let pull = self.own * J1 * (1.0 / 6.0);
        let push = self.mu * (1.0 / 6.0);
        let f1 = d12.times(k12) + d13.times(k13) - d1.times(k01) + n1.times(pull) - D1.times(push);
        let f2 = d23.times(k23) - d12.times(k12) - d2.times(k02) + n2.times(pull) - D2.times(push);
        let f3 = Vectors([Lanes::splat(0.0); 3]) - d13.times(k13) - d23.times(k23) - d3.times(k03) + n3.times(pull)
            - D3.times(push);
        let (straight, bent) = (stretch * 0.5, push * (six_swelling - six_trace));
        let swollen = self.own * J1 * six_swelling * (1.0 / 12.0);

        let [low, high] = self.limits(six_trace, stretch, J1);
        for lane in 0..LANES {
            let with = |v: &Vectors, last: f32| [v.0[0].0[lane], v.0[1].0[lane], v.0[2].0[lane], last];
            records[lane] = Record {
                normal: [with(&n1, J1.0[lane]), with(&n2, 0.0), with(&n3, 0.0)],
                force: [with(&f1, low.0[lane]), with(&f2, high.0[lane]), with(&f3, 0.0)],
                edge: [with(&e1, 0.0), with(&e2, 0.0), with(&e3, 0.0)],
            };
            swelling_m3[lane] = six_swelling.0[lane] * self.shared.0[lane] * (1.0 / 24.0);
        }
        let sum = |terms: Lanes| terms.0.iter().map(|e| f64::from(*e)).sum();
        [sum(straight - bent + swollen), sum(straight.abs() + bent.abs() + swollen.abs())]
    }

    /// Between what limits s keeps the stiffness positive.
    ///
    /// With σ the singular values of F the stiffness has the eigenvalues μ ± s σᵢ for twists and flips and a 3 × 3
    /// block for stretches (Smith et al. 2018, section 4.5). s σ ≥ −μ keeps twists, |s| |F| ≤ 0.86 μ the rest: the block's
    /// matrix has a trace of 0 and a norm of √2 |F|, hence no eigenvalue below −√(4/3) |F|. Near J = 0 the term is left
    /// out. For the largest σ: σ² + 2 |J| / σ ≤ tr FᵀF, which is sharp where the other two are equal; Newton's method
    /// comes down to it from above.
    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    #[inline(always)]
    fn limits(&self, six_trace: Lanes, stretch: Lanes, J1: Lanes) -> [Lanes; 2] {
        let weight = self.mu * self.six_volume * (1.0 / 6.0);
        let one = Lanes::splat(1.0);
        let I1 = (one * 3.0 + six_trace.over(self.six_volume) * 2.0 + stretch.over(weight)).max(one * 1e-6);
        let J = J1 + one;
        let mut sigma = I1.sqrt();
        for _ in 0..12 {
            let square = sigma * sigma;
            let slope = (square * 3.0 - I1).max(one * 1e-12);
            sigma = sigma - (square * sigma - I1 * sigma + J.abs() * 2.0).over(slope);
        }
        let fade = ((J - one * 0.1) * 4.0).max(one * 0.0).min(one) * self.mu;
        [-fade.over(sigma.max(I1.sqrt() * 0.5)), fade.over(I1.sqrt()) * 0.86]
    }

    /// Hand the pressures of the vertices, Pa, and that of the gas around to the elements, and find s, the factor of
    /// ∂²(W J)/∂x∂x: Λₑ (J − 1) + p − μ between its limits.
    #[inline(always)]
    pub fn share_pressure(&self, pressure_pa: &[f32], gas_pa: f32, records: &mut [Record]) {
        let mut sum = [0.0; LANES];
        for corners in &self.corners {
            for lane in 0..LANES {
                sum[lane] += pressure_pa[corners[lane] as usize];
            }
        }
        for lane in 0..LANES {
            let record = &mut records[lane];
            let pressure = 0.25 * sum[lane] * self.shared.0[lane] + gas_pa;
            let bending = self.own.0[lane] * record.swelling() + pressure - self.mu.0[lane];
            record.normal[1][3] = pressure;
            record.normal[2][3] = bending.max(record.force[0][3]).min(record.force[1][3]);
        }
    }
}
