// Collision with recursive regularisation and an optional eddy viscosity; the twin is `Regularised` in
// src/flow/regularised.rs, which says more. Belongs to src/flow/gpu/programs.rs.
//
//     g_i <- w_i [rho' + 3 c.j + 9/2 (c.A c - tr A / 3) + third order]
//     A = rho u u + (1 - omega) P        P = sum c c (g - g_eq)
//
// Malaspinas 2015, arXiv:1505.06900, and Jacob, Malaspinas, Sagaut 2018, J. Turbul. 19:1051; eddies as Hou et al. 1996,
// Fields Inst. Comm. 6:151. There is no body force.

// A pair of opposite directions with weight w from their even and odd moments.
fn rebuilt(w: f32, even: f32, odd: f32, cj: f32, base: f32) -> vec2<f32> {
    let symmetric = fma(4.5, even, base);
    let antisymmetric = fma(9.0, odd, 3.0 * cj);
    return w * vec2<f32>(symmetric + antisymmetric, symmetric - antisymmetric);
}

// What a pair keeps of its even moments beyond the second and the fourth of equilibrium, at walls.
fn kept(w: f32, sum: f32, even: f32, base: f32, fourth: f32, keep: f32) -> vec2<f32> {
    return vec2<f32>(keep * (fma(0.5, sum, -w * fma(4.5, even, base)) - fourth));
}

fn collide(g: array<f32, 19>) -> array<f32, 19> {
    return regularised(g, 0.0);
}

// The same at a cell with (1) or without (0) a wall: there the even moments beyond the second relax as the second do.
fn collide_outside(g: array<f32, 19>, at_wall: f32) -> array<f32, 19> {
    return regularised(g, at_wall);
}

fn regularised(g: array<f32, 19>, at_wall: f32) -> array<f32, 19> {
    let rho = density(g);
    let j = momentum(g);
    let inverse = 1.0 / (1.0 + rho);
    let u = j * inverse;
    // xx, yy, zz and xy, xz, yz.
    let uu_axes = j * u;
    let uu_mixed = vec3<f32>(j.x * u.y, j.x * u.z, j.y * u.z);
    let stress_axes = second_axes(g) - rho * (1.0 / 3.0) - uu_axes;
    let stress_mixed = second_mixed(g) - uu_mixed;
    var tau = params.tau;
    if 0.0 < params.eddy {
        let axes2 = fma(stress_axes.x, stress_axes.x, fma(stress_axes.y, stress_axes.y, stress_axes.z * stress_axes.z));
        let mixed2 =
            fma(stress_mixed.x, stress_mixed.x, fma(stress_mixed.y, stress_mixed.y, stress_mixed.z * stress_mixed.z));
        let norm2 = fma(2.0, mixed2, axes2);
        tau = 0.5 * (tau + sqrt(fma(params.eddy * inverse, sqrt(norm2), tau * tau)));
    }
    let keep = 1.0 - 1.0 / tau;
    let kept_axes = stress_axes * keep;
    let kept_mixed = stress_mixed * keep;
    // A3_aab = u_b A_aa + 2 u_a (1 - omega) P_ab
    let u2 = u + u;
    let a = uu_axes + kept_axes;
    let b = uu_mixed + kept_mixed;
    let a_xxy = fma(u.y, a.x, u2.x * kept_mixed.x);
    let a_xyy = fma(u.x, a.y, u2.y * kept_mixed.x);
    let a_xxz = fma(u.z, a.x, u2.x * kept_mixed.y);
    let a_xzz = fma(u.x, a.z, u2.z * kept_mixed.y);
    let a_yyz = fma(u.z, a.y, u2.y * kept_mixed.z);
    let a_yzz = fma(u.y, a.z, u2.z * kept_mixed.z);
    let base = fma(-1.5, a.x + a.y + a.z, rho);
    var p0 = rebuilt(W_AXIS, a.x, -(a_xyy + a_xzz), j.x, base);
    var p1 = rebuilt(W_AXIS, a.y, -(a_xxy + a_yzz), j.y, base);
    var p2 = rebuilt(W_AXIS, a.z, -(a_xxz + a_yyz), j.z, base);
    var p3 = rebuilt(W_DIAGONAL, fma(2.0, b.x, a.x + a.y), a_xyy + a_xxy, j.x + j.y, base);
    var p4 = rebuilt(W_DIAGONAL, fma(-2.0, b.x, a.x + a.y), a_xyy - a_xxy, j.x - j.y, base);
    var p5 = rebuilt(W_DIAGONAL, fma(2.0, b.y, a.x + a.z), a_xzz + a_xxz, j.x + j.z, base);
    var p6 = rebuilt(W_DIAGONAL, fma(-2.0, b.y, a.x + a.z), a_xzz - a_xxz, j.x - j.z, base);
    var p7 = rebuilt(W_DIAGONAL, fma(2.0, b.z, a.y + a.z), a_yzz + a_yyz, j.y + j.z, base);
    var p8 = rebuilt(W_DIAGONAL, fma(-2.0, b.z, a.y + a.z), a_yzz - a_yyz, j.y - j.z, base);
    var rest = W_REST * base;
    let axes = fourth_axes(uu_axes);
    let diagonals = fourth_diagonals(uu_axes);
    rest += fourth_rest(uu_axes);
    p0 += axes.x;
    p1 += axes.y;
    p2 += axes.z;
    p3 += diagonals.z;
    p4 += diagonals.z;
    p5 += diagonals.y;
    p6 += diagonals.y;
    p7 += diagonals.x;
    p8 += diagonals.x;
    if 0.0 < at_wall {
        let m = uu_axes + stress_axes;
        let n = uu_mixed + stress_mixed;
        let whole = fma(-1.5, m.x + m.y + m.z, rho);
        let share = at_wall * keep;
        rest = fma(share, fma(-W_REST, whole, g[0] - fourth_rest(uu_axes)), rest);
        p0 += kept(W_AXIS, g[1] + g[2], m.x, whole, axes.x, share);
        p1 += kept(W_AXIS, g[3] + g[4], m.y, whole, axes.y, share);
        p2 += kept(W_AXIS, g[5] + g[6], m.z, whole, axes.z, share);
        p3 += kept(W_DIAGONAL, g[7] + g[8], fma(2.0, n.x, m.x + m.y), whole, diagonals.z, share);
        p4 += kept(W_DIAGONAL, g[9] + g[10], fma(-2.0, n.x, m.x + m.y), whole, diagonals.z, share);
        p5 += kept(W_DIAGONAL, g[11] + g[12], fma(2.0, n.y, m.x + m.z), whole, diagonals.y, share);
        p6 += kept(W_DIAGONAL, g[13] + g[14], fma(-2.0, n.y, m.x + m.z), whole, diagonals.y, share);
        p7 += kept(W_DIAGONAL, g[15] + g[16], fma(2.0, n.z, m.y + m.z), whole, diagonals.x, share);
        p8 += kept(W_DIAGONAL, g[17] + g[18], fma(-2.0, n.z, m.y + m.z), whole, diagonals.x, share);
    }
    return array<f32, 19>(
        rest,
        p0.x, p0.y, p1.x, p1.y, p2.x, p2.y,
        p3.x, p3.y, p4.x, p4.y, p5.x, p5.y, p6.x, p6.y, p7.x, p7.y, p8.x, p8.y,
    );
}
