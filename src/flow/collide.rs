//! Collision: how the 19 populations of a cell relax towards equilibrium, as many cells at a time as vectors hold.
//!
//! Populations are stored shifted, `g_i = f_i − w_i`, so that single precision keeps its digits for the small
//! deviation from rest. Both operators conserve mass and momentum exactly up to rounding.
//!
//! No closures over arrays in here: the compiler would make functions of them that know nothing of wide vectors.
//!
//! Sources: Ginzburg, Verhaeghe, d'Humières 2008, Commun. Comput. Phys. 3:427 (two relaxation times);
//! Malaspinas 2015, arXiv:1505.06900, and Jacob, Malaspinas, Sagaut 2018, J. Turbul. 19:1051 (recursive
//! regularisation on D3Q19); Hou et al. 1996, Fields Inst. Comm. 6:151 (Smagorinsky viscosity from local stress);
//! Guo, Zheng, Shi 2002, Phys. Rev. E 65:046308 (body force).

#![expect(clippy::needless_range_loop, reason = "directions and axes index several arrays at once")]

use super::lattice::{Q, W_AXIS, W_DIAGONAL, W_REST};
use super::vector::Number;

/// A collision operator; all numbers in lattice units.
pub(super) trait Collide: Copy + Send + Sync {
    /// The populations of one cell (or one of each lane) after the collision, from those before.
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q];
}

/// Moments of the populations of one cell.
struct Moments<R> {
    /// `g_i + g_ī` of the nine pairs.
    sums: [R; 9],
    /// `g_i − g_ī` of the nine pairs.
    differences: [R; 9],
    /// Deviation of the density from 1.
    rho: R,
    /// Momentum.
    j: [R; 3],
}

impl<R: Number> Moments<R> {
    #[inline(always)]
    fn of(g: &[R; Q]) -> Self {
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
fn along<R: Number>([x, y, z]: [R; 3]) -> [R; 9] {
    [x, y, z, x + y, x - y, x + z, x - z, y + z, y - z]
}

/// Weight of the directions along axes and of those along diagonals, and which of the two each of the nine pairs has.
const WEIGHTS: [f32; 2] = [W_AXIS, W_DIAGONAL];
const KIND: [usize; 9] = [0, 0, 0, 1, 1, 1, 1, 1, 1];

/// Two relaxation times: even moments with ω⁺ (viscosity), odd ones with ω⁻ (where walls are).
///
/// ```text
/// g_i ← g_i − ω⁺ (g_i⁺ − e_i⁺) − ω⁻ (g_i⁻ − e_i⁻) + S_i
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
        out[0] = all(plus * W_REST).fma(base, rest);
        if FORCED {
            out[0] = uf.fma(all(-3.0 * W_REST * even_force), out[0]);
        }
        for k in 0..9 {
            let (kind, w) = (KIND[k], WEIGHTS[KIND[k]]);
            let mut even = (square[kind] * cm[k]).fma(cm[k], even_base[kind]);
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

/// Recursive regularisation: everything but mass, momentum and viscous stress is rebuilt from them, which keeps
/// the scheme stable at viscosities where [`Trt`] is not; with an optional Smagorinsky eddy viscosity.
///
/// ```text
/// g_i ← w_i [ρ' + 3 c·j + 9/2 (c·A c − tr A / 3) + third order]
/// A    = ρ u u + (1 − ω) Π        Π = Σ c c (g − g_eq)
/// A³_xxy = ρ u_x u_x u_y + (1 − ω)(2 u_x Π_xy + u_y Π_xx)   and so on for six of them
/// ```
///
/// Without `EDDY` the relaxation time is the same everywhere, which saves two roots and a division a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regularised<const EDDY: bool = true> {
    tau: f32,
    /// 18 √2 C², C the Smagorinsky constant in cells.
    eddy: f32,
}

impl Regularised {
    /// The operator for relaxation time `tau` and Smagorinsky constant `smagorinsky` (0 for none).
    pub fn new(tau: f64, smagorinsky: f64) -> Self {
        Self { tau: tau as f32, eddy: (18.0 * 2.0_f64.sqrt() * smagorinsky * smagorinsky) as f32 }
    }

    /// 18 √2 C²: what the norm of the stress adds to the square of the relaxation time.
    pub fn eddy(self) -> f64 {
        f64::from(self.eddy)
    }

    /// The operator without eddy viscosity, if it has none.
    pub fn plain(self) -> Option<Regularised<false>> {
        (self.eddy == 0.0).then_some(Regularised { tau: self.tau, eddy: 0.0 })
    }
}

impl<const EDDY: bool> Collide for Regularised<EDDY> {
    #[inline(always)]
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q] {
        let Moments { sums: s, rho, j, .. } = Moments::of(&g);
        let all = |value: f32| rho.splat(value);
        let inverse = (all(1.0) + rho).inverse();
        let u = [j[0] * inverse, j[1] * inverse, j[2] * inverse];
        let uu = [j[0] * u[0], j[1] * u[1], j[2] * u[2], j[0] * u[1], j[0] * u[2], j[1] * u[2]];
        let third = rho * all(1.0 / 3.0);
        let stress = [
            s[0] + ((s[3] + s[4]) + (s[5] + s[6])) - third - uu[0],
            s[1] + ((s[3] + s[4]) + (s[7] + s[8])) - third - uu[1],
            s[2] + ((s[5] + s[6]) + (s[7] + s[8])) - third - uu[2],
            s[3] - s[4] - uu[3],
            s[5] - s[6] - uu[4],
            s[7] - s[8] - uu[5],
        ];
        let keep = if EDDY {
            let [xx, yy, zz, xy, xz, yz] = stress;
            let aside = xy.fma(xy, xz.fma(xz, yz * yz));
            let norm2 = all(2.0).fma(aside, xx.fma(xx, yy.fma(yy, zz * zz)));
            let root = (all(self.eddy) * inverse).fma(norm2.sqrt(), all(self.tau * self.tau)).sqrt();
            all(1.0) - (all(0.5) * (all(self.tau) + root)).inverse()
        } else {
            all(1.0 - 1.0 / self.tau)
        };
        let [mut xx, mut yy, mut zz, mut xy, mut xz, mut yz] = stress;
        for moment in [&mut xx, &mut yy, &mut zz, &mut xy, &mut xz, &mut yz] {
            *moment = *moment * keep;
        }
        // A³_aab = u_b A_aa + 2 u_a (1 − ω) Π_ab
        let (u2x, u2y, u2z) = (u[0] + u[0], u[1] + u[1], u[2] + u[2]);
        let (axx, ayy, azz) = (uu[0] + xx, uu[1] + yy, uu[2] + zz);
        let a_xxy = u[1].fma(axx, u2x * xy);
        let a_xyy = u[0].fma(ayy, u2y * xy);
        let a_xxz = u[2].fma(axx, u2x * xz);
        let a_xzz = u[0].fma(azz, u2z * xz);
        let a_yyz = u[2].fma(ayy, u2y * yz);
        let a_yzz = u[1].fma(azz, u2z * yz);
        let (axy, axz, ayz) = (uu[3] + xy, uu[4] + xz, uu[5] + yz);
        let twice = all(2.0);
        let even = [
            axx,
            ayy,
            azz,
            twice.fma(axy, axx + ayy),
            twice.negated_fma(axy, axx + ayy),
            twice.fma(axz, axx + azz),
            twice.negated_fma(axz, axx + azz),
            twice.fma(ayz, ayy + azz),
            twice.negated_fma(ayz, ayy + azz),
        ];
        // Those along axes are taken off.
        let odd = [
            a_xyy + a_xzz,
            a_xxy + a_yzz,
            a_xxz + a_yyz,
            a_xyy + a_xxy,
            a_xyy - a_xxy,
            a_xzz + a_xxz,
            a_xzz - a_xxz,
            a_yzz + a_yyz,
            a_yzz - a_yyz,
        ];
        let cj = along(j);
        let base = (axx + ayy + azz).fma(all(-1.5), rho);
        let bases = [all(W_AXIS) * base, all(W_DIAGONAL) * base];
        let mut out = g;
        out[0] = all(W_REST) * base;
        for k in 0..9 {
            let (kind, w) = (KIND[k], WEIGHTS[KIND[k]]);
            let sign = if kind == 0 { -1.0 } else { 1.0 };
            let symmetric = all(4.5 * w).fma(even[k], bases[kind]);
            let antisymmetric = all(9.0 * sign * w).fma(odd[k], all(3.0 * w) * cj[k]);
            out[2 * k + 1] = symmetric + antisymmetric;
            out[2 * k + 2] = symmetric - antisymmetric;
        }
        out
    }
}
