//! Collision for low viscosities: recursive regularisation, with eddies or with a viscosity that thins.
//!
//! Sources: Malaspinas 2015, arXiv:1505.06900, and Jacob, Malaspinas, Sagaut 2018, J. Turbul. 19:1051 (recursive
//! regularisation on D3Q19); Hou et al. 1996, Fields Inst. Comm. 6:151 (Smagorinsky viscosity from local stress).

use super::collide::{Collide, KIND, Moments, WEIGHTS, along, fourth};
use super::lattice::{Q, W_AXIS, W_DIAGONAL, W_REST};
use super::thinning::Thinned;
use super::vector::Number;

/// What is kept of the stress in a collision, 1 − 1/τ, of a cell whose relaxation time may follow from that stress.
trait Keep: Copy {
    /// `norm2` the square of the second moment out of equilibrium, `inverse` 1 over the density.
    fn keep<R: Number>(self, norm2: R, inverse: R) -> R;

    /// Whether `norm2` is looked at.
    const LOOKS: bool;
}

/// Recursive regularisation: everything but mass, momentum and viscous stress is rebuilt from them, which keeps
/// the scheme stable at viscosities where [`Trt`] is not; with an optional Smagorinsky eddy viscosity.
///
/// ```text
/// g_i ← w_i [ρ' + 3 c·j + 9/2 (c·A c − tr A / 3) + third order] + fourth moments of ρ u u ([`fourth`])
/// A    = ρ u u + (1 − ω) Π        Π = Σ c c (g − g_eq)
/// A³_xxy = ρ u_x u_x u_y + (1 − ω)(2 u_x Π_xy + u_y Π_xx)   and so on for six of them
/// ```
///
/// Beside walls the even moments beyond the second are not rebuilt but relax as the second do: what the links into the
/// wall send back depends on them. Without, the drag of a sphere 9 cells across, in a stream five diameters wide, is
/// 37 % above that of a free one at Reynolds number 100 (τ = 0.517), with it 12 %, with two relaxation times, where those
/// are stable, 7 %.
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

impl<const EDDY: bool> Keep for Regularised<EDDY> {
    const LOOKS: bool = EDDY;

    #[inline(always)]
    fn keep<R: Number>(self, norm2: R, inverse: R) -> R {
        let all = |value: f32| inverse.splat(value);
        if !EDDY {
            return all(1.0 - 1.0 / self.tau);
        }
        let root = (all(self.eddy) * inverse).fma(norm2.sqrt(), all(self.tau * self.tau)).sqrt();
        all(1.0) - (all(0.5) * (all(self.tau) + root)).inverse()
    }
}

impl<const EDDY: bool> Collide for Regularised<EDDY> {
    #[inline(always)]
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q] {
        rebuild::<false, Self, R>(self, g, g[0])
    }

    #[inline(always)]
    fn cell_at_walls<R: Number>(self, g: [R; Q], at_wall: R) -> [R; Q] {
        rebuild::<true, Self, R>(self, g, at_wall)
    }
}

/// Recursive regularisation of a fluid whose viscosity depends on the rate of shear.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thins<'a>(pub &'a Thinned);

impl Keep for Thins<'_> {
    const LOOKS: bool = true;

    #[inline(always)]
    fn keep<R: Number>(self, norm2: R, inverse: R) -> R {
        let moment = norm2.sqrt() * inverse;
        inverse.splat(1.0) - moment.each(|moment| self.0.tau(moment)).inverse()
    }
}

impl Collide for Thins<'_> {
    #[inline(always)]
    fn cell<R: Number>(self, g: [R; Q]) -> [R; Q] {
        rebuild::<false, Self, R>(self, g, g[0])
    }

    #[inline(always)]
    fn cell_at_walls<R: Number>(self, g: [R; Q], at_wall: R) -> [R; Q] {
        rebuild::<true, Self, R>(self, g, at_wall)
    }
}

/// The populations after the collision, rebuilt from density, momentum and stress; beside walls with what the even ones
/// held beyond.
#[inline(always)]
fn rebuild<const WALLS: bool, K: Keep, R: Number>(keep: K, g: [R; Q], at_wall: R) -> [R; Q] {
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
    let keep = if K::LOOKS {
        let [xx, yy, zz, xy, xz, yz] = stress;
        let aside = xy.fma(xy, xz.fma(xz, yz * yz));
        keep.keep(all(2.0).fma(aside, xx.fma(xx, yy.fma(yy, zz * zz))), inverse)
    } else {
        keep.keep(rho, inverse)
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
    let even = squared([axx, ayy, azz], [axy, axz, ayz]);
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
    let fourth = fourth([uu[0], uu[1], uu[2]]);
    out[0] = out[0] + fourth[0];
    for k in 0..9 {
        out[2 * k + 1] = out[2 * k + 1] + fourth[k + 1];
        out[2 * k + 2] = out[2 * k + 2] + fourth[k + 1];
    }
    if WALLS {
        let moment = [uu[0] + stress[0], uu[1] + stress[1], uu[2] + stress[2]];
        let mixed = [uu[3] + stress[3], uu[4] + stress[4], uu[5] + stress[5]];
        out = keep_beyond(g, out, rho, moment, mixed, fourth, at_wall * keep);
    }
    out
}

/// `c · A c` of the nine pairs, for a symmetric A.
#[inline(always)]
fn squared<R: Number>([xx, yy, zz]: [R; 3], [xy, xz, yz]: [R; 3]) -> [R; 9] {
    let twice = xx.splat(2.0);
    [
        xx,
        yy,
        zz,
        twice.fma(xy, xx + yy),
        twice.negated_fma(xy, xx + yy),
        twice.fma(xz, xx + zz),
        twice.negated_fma(xz, xx + zz),
        twice.fma(yz, yy + zz),
        twice.negated_fma(yz, yy + zz),
    ]
}

/// `out`, and `share` of what the even populations `g` hold beyond density, second moments and the `fourth` of equilibrium.
#[inline(always)]
fn keep_beyond<R: Number>(
    g: [R; Q],
    mut out: [R; Q],
    rho: R,
    moment: [R; 3],
    mixed: [R; 3],
    fourth: [R; 10],
    share: R,
) -> [R; Q] {
    let all = |value: f32| rho.splat(value);
    let base = (moment[0] + moment[1] + moment[2]).fma(all(-1.5), rho);
    let even = squared(moment, mixed);
    out[0] = share.fma(all(W_REST).negated_fma(base, g[0] - fourth[0]), out[0]);
    for k in 0..9 {
        let w = WEIGHTS[KIND[k]];
        let known = all(4.5).fma(even[k], base);
        let beyond = all(0.5).fma(g[2 * k + 1] + g[2 * k + 2], all(-w) * known) - fourth[k + 1];
        out[2 * k + 1] = share.fma(beyond, out[2 * k + 1]);
        out[2 * k + 2] = share.fma(beyond, out[2 * k + 2]);
    }
    out
}
