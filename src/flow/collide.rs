//! Collision: how the 19 populations of a cell relax towards equilibrium, as many cells at a time as vectors hold.
//!
//! Populations are stored shifted, `g_i = f_i − w_i`, so that single precision keeps its digits for the small
//! deviation from rest. Both operators conserve mass and momentum exactly up to rounding.
//!
//! No closures over arrays in here: the compiler would make functions of them that know nothing of wide vectors.
//!
//! Here two relaxation times; in `regularised` the operator for low viscosities and for fluids that thin.
//!
//! Sources: Ginzburg, Verhaeghe, d'Humières 2008, Commun. Comput. Phys. 3:427 (two relaxation times); Guo, Zheng, Shi
//! 2002, Phys. Rev. E 65:046308 (body force).

use super::lattice::{Q, W_AXIS, W_DIAGONAL, W_REST};
use super::vector::Number;

/// A collision operator; all numbers in lattice units.
pub(super) trait Collide: Copy + Send + Sync {
    /// The populations of one cell (or one of each lane) after the collision, from those before.
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q];

    /// The same where some cells are beside walls: `at_wall` is 1 for those and 0 for others.
    #[inline(always)]
    fn cell_at_walls<R: Number>(self, g: [R; Q], _at_wall: R) -> [R; Q] {
        self.cell(g)
    }
}

/// Moments of the populations of one cell.
pub(super) struct Moments<R> {
    /// `g_i + g_ī` of the nine pairs.
    pub sums: [R; 9],
    /// `g_i − g_ī` of the nine pairs.
    pub differences: [R; 9],
    /// Deviation of the density from 1.
    pub rho: R,
    /// Momentum.
    pub j: [R; 3],
}

impl<R: Number> Moments<R> {
    #[inline(always)]
    pub fn of(g: &[R; Q]) -> Self {
        let (mut s, mut d) = ([g[0]; 9], [g[0]; 9]);
        for k in 0..9 {
            s[k] = g[2 * k + 1] + g[2 * k + 2];
            d[k] = g[2 * k + 1] - g[2 * k + 2];
        }
        let rho = (g[0] + ((s[0] + s[1]) + s[2])) + (((s[3] + s[4]) + (s[5] + s[6])) + (s[7] + s[8]));
        let j = [
            d[0] + ((d[3] + d[4]) + (d[5] + d[6])),
            d[1] + ((d[3] - d[4]) + (d[7] + d[8])),
            d[2] + ((d[5] - d[6]) + (d[7] - d[8])),
        ];
        Self { sums: s, differences: d, rho, j }
    }
}

/// `c · a` of the nine pairs.
#[inline(always)]
pub(super) fn along<R: Number>([x, y, z]: [R; 3]) -> [R; 9] {
    [x, y, z, x + y, x - y, x + z, x - z, y + z, y - z]
}

/// What the population at rest and those of the nine pairs get besides the second order, times their weights, so that fourth
/// moments do not depend on the axes of the lattice.
///
/// ```text
/// Π_aabb = ρ/9 + ρ (u_a² + u_b²)/3        (the usual equilibrium of D3Q19 has ρ u_c²/6 less)
/// ```
///
/// Without it a jet behind a sudden expansion becomes a cross along the diagonals of the lattice (Silva and Semiao 2014,
/// J. Comput. Phys. 269:259; White and Chong 2011, J. Comput. Phys. 230:6367). Mass, momentum and second moments stay.
#[inline(always)]
pub(super) fn fourth<R: Number>([xx, yy, zz]: [R; 3]) -> [R; 10] {
    let all = |value: f32| xx.splat(value);
    let (axis, diagonal) = (all(-1.5 * W_AXIS), all(1.5 * W_DIAGONAL));
    let (x, y, z) = (diagonal * xx, diagonal * yy, diagonal * zz);
    let rest = all(0.5 * W_REST) * (xx + yy + zz);
    [rest, axis * (yy + zz), axis * (xx + zz), axis * (xx + yy), z, z, y, y, x, x]
}

/// Weight of the directions along axes and of those along diagonals, and which of the two each of the nine pairs has.
pub(super) const WEIGHTS: [f32; 2] = [W_AXIS, W_DIAGONAL];
pub(super) const KIND: [usize; 9] = [0, 0, 0, 1, 1, 1, 1, 1, 1];

/// Two relaxation times: even moments with ω⁺ (viscosity), odd ones with ω⁻ (where walls are).
///
/// ```text
/// g_i ← g_i − ω⁺ (g_i⁺ − e_i⁺) − ω⁻ (g_i⁻ − e_i⁻) + S_i          e⁺ with the terms of [`fourth`]
/// ν = (1/ω⁺ − 1/2)/3          Λ = (1/ω⁺ − 1/2)(1/ω⁻ − 1/2)
/// ```
#[derive(Debug, Clone, Copy)]
pub(super) struct Trt {
    pub omega_plus: f32,
    pub omega_minus: f32,
    /// Body force per volume.
    pub force: [f32; 3],
}

impl Trt {
    /// The operator for relaxation time `tau` (more than ½) and magic number Λ.
    pub fn new(tau: f64, magic: f64, force: [f64; 3]) -> Self {
        let tau_minus = magic / (tau - 0.5) + 0.5;
        Self { omega_plus: (1.0 / tau) as f32, omega_minus: (1.0 / tau_minus) as f32, force: force.map(|f| f as f32) }
    }

    /// The collision, where there is a body force and where there is none.
    ///
    /// What is taken off is a multiple of the relaxation rate, so that what rounding adds to mass and momentum is too.
    #[inline(always)]
    fn relax<const FORCED: bool, R: Number>(self, g: [R; Q]) -> [R; Q] {
        let Self { omega_plus: plus, omega_minus: minus, force: f } = self;
        let Moments { sums, differences, rho, j } = Moments::of(&g);
        let all = |value: f32| rho.splat(value);
        let half_force = |a: usize| all(0.5 * f[a]);
        let m = if FORCED { [j[0] + half_force(0), j[1] + half_force(1), j[2] + half_force(2)] } else { j };
        let inverse = (all(1.0) + rho).inverse();
        let u = [m[0] * inverse, m[1] * inverse, m[2] * inverse];
        let dot = |a: [R; 3], b: [R; 3]| a[0].fma(b[0], a[1].fma(b[1], a[2] * b[2]));
        let base = dot(u, m).fma(all(-1.5), rho);
        let fourth = fourth([u[0] * m[0], u[1] * m[1], u[2] * m[2]]);
        let cm = along(m);
        // The body force enters the even part with u·F and the odd part with c·F (Guo et al.).
        let (even_force, odd_force) = (1.0 - 0.5 * plus, 1.0 - 0.5 * minus);
        let force = [all(f[0]), all(f[1]), all(f[2])];
        let (uf, cu, cf) = if FORCED { (dot(u, force), along(u), along(force)) } else { (rho, cm, cm) };
        let (mut even_base, mut square) = ([base; 2], [inverse; 2]);
        for kind in 0..2 {
            let w = WEIGHTS[kind];
            even_base[kind] = all(plus * w) * base;
            if FORCED {
                even_base[kind] = uf.fma(all(-3.0 * w * even_force), even_base[kind]);
            }
            square[kind] = all(4.5 * plus * w) * inverse;
        }
        let mut out = g;
        let rest = all(-plus).fma(g[0], g[0]);
        out[0] = all(plus).fma(fourth[0], all(plus * W_REST).fma(base, rest));
        if FORCED {
            out[0] = uf.fma(all(-3.0 * W_REST * even_force), out[0]);
        }
        for k in 0..9 {
            let (kind, w) = (KIND[k], WEIGHTS[KIND[k]]);
            let mut even = (square[kind] * cm[k]).fma(cm[k], all(plus).fma(fourth[k + 1], even_base[kind]));
            let mut odd = all(3.0 * minus * w) * cm[k];
            if FORCED {
                even = (all(9.0 * w * even_force) * cu[k]).fma(cf[k], even);
                odd = all(3.0 * w * odd_force).fma(cf[k], odd);
            }
            let even = sums[k].negated_fma(all(0.5 * plus), even);
            let odd = differences[k].negated_fma(all(0.5 * minus), odd);
            // From sums and differences alone, so that nothing else has to be kept in registers.
            let (even, odd) = (sums[k].fma(all(0.5), even), differences[k].fma(all(0.5), odd));
            out[2 * k + 1] = even + odd;
            out[2 * k + 2] = even - odd;
        }
        out
    }
}

impl Collide for Trt {
    #[inline(always)]
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q] {
        if self.force == [0.0; 3] { self.relax::<false, R>(g) } else { self.relax::<true, R>(g) }
    }
}
