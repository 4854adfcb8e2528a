//! Collision: how the 19 populations of a cell relax towards equilibrium, 16 cells at a time.
//!
//! Populations are stored shifted, `g_i = f_i − w_i`, so that single precision keeps its digits for the small
//! deviation from rest. Both operators conserve mass and momentum exactly up to rounding.
//!
//! Sources: Ginzburg, Verhaeghe, d'Humières 2008, Commun. Comput. Phys. 3:427 (two relaxation times);
//! Malaspinas 2015, arXiv:1505.06900, and Jacob, Malaspinas, Sagaut 2018, J. Turbul. 19:1051 (recursive
//! regularisation on D3Q19); Hou et al. 1996, Fields Inst. Comm. 6:151 (Smagorinsky viscosity from local stress);
//! Guo, Zheng, Shi 2002, Phys. Rev. E 65:046308 (body force).

#![expect(clippy::needless_range_loop, reason = "lanes, directions and axes index several arrays at once")]

use super::lattice::{Q, W_AXIS, W_DIAGONAL, W_REST};

/// Cells that are collided together.
pub(super) const LANES: usize = 16;

/// One value per direction and lane.
pub(super) type Rows = [[f32; LANES]; Q];

/// A collision operator; all numbers in lattice units.
pub(super) trait Collide: Copy + Send + Sync {
    /// The populations of one cell after the collision, from those before.
    fn cell(self, g: [f32; Q]) -> [f32; Q];

    /// Collide [`LANES`] cells. The loop over lanes is what the compiler turns into vector instructions.
    #[inline(always)]
    fn collide(self, rows: &mut Rows) {
        for lane in 0..LANES {
            let mut g = [0.0; Q];
            for i in 0..Q {
                g[i] = rows[i][lane];
            }
            let g = self.cell(g);
            for i in 0..Q {
                rows[i][lane] = g[i];
            }
        }
    }
}

/// a b + c, rounded once: one instruction on every processor of the last ten years.
#[inline(always)]
fn fma(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}

/// Moments of the populations of one cell.
struct Moments {
    /// `g_i + g_ī` of the nine pairs.
    sums: [f32; 9],
    /// `g_i − g_ī` of the nine pairs.
    differences: [f32; 9],
    /// Deviation of the density from 1.
    rho: f32,
    /// Momentum.
    j: [f32; 3],
}

impl Moments {
    #[inline(always)]
    fn of(g: &[f32; Q]) -> Self {
        let (mut s, mut d) = ([0.0; 9], [0.0; 9]);
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
fn along([x, y, z]: [f32; 3]) -> [f32; 9] {
    [x, y, z, x + y, x - y, x + z, x - z, y + z, y - z]
}

/// Weights of the nine pairs.
const WEIGHTS: [f32; 9] =
    [W_AXIS, W_AXIS, W_AXIS, W_DIAGONAL, W_DIAGONAL, W_DIAGONAL, W_DIAGONAL, W_DIAGONAL, W_DIAGONAL];

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
}

impl Collide for Trt {
    #[inline(always)]
    fn cell(self, g: [f32; Q]) -> [f32; Q] {
        let Self { omega_plus: plus, omega_minus: minus, force: f } = self;
        let Moments { sums, differences, rho, j } = Moments::of(&g);
        let m = [fma(0.5, f[0], j[0]), fma(0.5, f[1], j[1]), fma(0.5, f[2], j[2])];
        let inverse = 1.0 / (1.0 + rho);
        let u = [m[0] * inverse, m[1] * inverse, m[2] * inverse];
        let base = fma(-1.5, fma(u[0], m[0], fma(u[1], m[1], u[2] * m[2])), rho);
        // The body force enters the even part with u·F and the odd part with c·F (Guo et al.).
        let uf = fma(u[0], f[0], fma(u[1], f[1], u[2] * f[2]));
        let (even_force, odd_force) = (1.0 - 0.5 * plus, 1.0 - 0.5 * minus);
        let (cu, cm, cf) = (along(u), along(m), along(f));
        let mut out = g;
        out[0] = fma(-plus, fma(-W_REST, base, g[0]), fma(-3.0 * W_REST * even_force, uf, g[0]));
        for k in 0..9 {
            let w = WEIGHTS[k];
            let equilibrium = w * fma(4.5 * cu[k], cm[k], base);
            let even = fma(plus, fma(0.5, sums[k], -equilibrium), -w * even_force * fma(9.0 * cu[k], cf[k], -3.0 * uf));
            let odd = fma(minus, fma(0.5, differences[k], -3.0 * w * cm[k]), -3.0 * w * odd_force * cf[k]);
            out[2 * k + 1] = g[2 * k + 1] - even - odd;
            out[2 * k + 2] = g[2 * k + 2] - even + odd;
        }
        out
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
    fn cell(self, g: [f32; Q]) -> [f32; Q] {
        let Moments { sums: s, rho, j, .. } = Moments::of(&g);
        let inverse = 1.0 / (1.0 + rho);
        let u = [j[0] * inverse, j[1] * inverse, j[2] * inverse];
        let uu = [j[0] * u[0], j[1] * u[1], j[2] * u[2], j[0] * u[1], j[0] * u[2], j[1] * u[2]];
        let third = rho * (1.0 / 3.0);
        let stress = [
            s[0] + ((s[3] + s[4]) + (s[5] + s[6])) - third - uu[0],
            s[1] + ((s[3] + s[4]) + (s[7] + s[8])) - third - uu[1],
            s[2] + ((s[5] + s[6]) + (s[7] + s[8])) - third - uu[2],
            s[3] - s[4] - uu[3],
            s[5] - s[6] - uu[4],
            s[7] - s[8] - uu[5],
        ];
        let tau = if EDDY {
            let [xx, yy, zz, xy, xz, yz] = stress;
            let norm2 = fma(2.0, fma(xy, xy, fma(xz, xz, yz * yz)), fma(xx, xx, fma(yy, yy, zz * zz)));
            0.5 * (self.tau + fma(self.eddy * inverse, norm2.sqrt(), self.tau * self.tau).sqrt())
        } else {
            self.tau
        };
        let keep = 1.0 - 1.0 / tau;
        let [xx, yy, zz, xy, xz, yz] = stress.map(|p| p * keep);
        // A³_aab = u_b A_aa + 2 u_a (1 − ω) Π_ab
        let (u2x, u2y, u2z) = (u[0] + u[0], u[1] + u[1], u[2] + u[2]);
        let (axx, ayy, azz) = (uu[0] + xx, uu[1] + yy, uu[2] + zz);
        let a_xxy = fma(u[1], axx, u2x * xy);
        let a_xyy = fma(u[0], ayy, u2y * xy);
        let a_xxz = fma(u[2], axx, u2x * xz);
        let a_xzz = fma(u[0], azz, u2z * xz);
        let a_yyz = fma(u[2], ayy, u2y * yz);
        let a_yzz = fma(u[1], azz, u2z * yz);
        let (axy, axz, ayz) = (uu[3] + xy, uu[4] + xz, uu[5] + yz);
        let even = [
            axx,
            ayy,
            azz,
            fma(2.0, axy, axx + ayy),
            fma(-2.0, axy, axx + ayy),
            fma(2.0, axz, axx + azz),
            fma(-2.0, axz, axx + azz),
            fma(2.0, ayz, ayy + azz),
            fma(-2.0, ayz, ayy + azz),
        ];
        let odd = [
            -(a_xyy + a_xzz),
            -(a_xxy + a_yzz),
            -(a_xxz + a_yyz),
            a_xyy + a_xxy,
            a_xyy - a_xxy,
            a_xzz + a_xxz,
            a_xzz - a_xxz,
            a_yzz + a_yyz,
            a_yzz - a_yyz,
        ];
        let cj = along(j);
        let base = fma(-1.5, axx + ayy + azz, rho);
        let mut out = g;
        out[0] = W_REST * base;
        for k in 0..9 {
            let symmetric = fma(4.5, even[k], base);
            let antisymmetric = fma(9.0, odd[k], 3.0 * cj[k]);
            out[2 * k + 1] = WEIGHTS[k] * (symmetric + antisymmetric);
            out[2 * k + 2] = WEIGHTS[k] * (symmetric - antisymmetric);
        }
        out
    }
}
