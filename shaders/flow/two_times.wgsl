// Collision with two relaxation times; the twin is `Trt` in src/flow/collide.rs, which says more. Belongs to
// src/flow/gpu/programs.rs.
//
//     g_i <- g_i - w+ (g_i+ - e_i+) - w- (g_i- - e_i-) + S_i
//
// Ginzburg, Verhaeghe, d'Humieres 2008, Commun. Comput. Phys. 3:427; the body force S as Guo, Zheng, Shi 2002, Phys.
// Rev. E 65:046308.

// A pair of opposite directions with weight w, of which c is the first: c.u, c.m and c.F, and what its equilibrium has of
// fourth moments.
fn relaxed(pair: vec2<f32>, w: f32, cu: f32, cm: f32, cf: f32, base: f32, uf: f32, fourth: f32) -> vec2<f32> {
    let plus = params.omega_plus;
    let minus = params.omega_minus;
    let equilibrium = fma(w, fma(4.5 * cu, cm, base), fourth);
    let even_force = -w * (1.0 - 0.5 * plus) * fma(9.0 * cu, cf, -3.0 * uf);
    let odd_force = -3.0 * w * (1.0 - 0.5 * minus) * cf;
    let even = fma(plus, fma(0.5, pair.x + pair.y, -equilibrium), even_force);
    let odd = fma(minus, fma(0.5, pair.x - pair.y, -3.0 * w * cm), odd_force);
    return vec2<f32>(pair.x - even - odd, pair.y - even + odd);
}

fn collide(g: array<f32, 19>) -> array<f32, 19> {
    let f = force();
    let rho = density(g);
    let m = fma(vec3<f32>(0.5), f, momentum(g));
    let u = m * (1.0 / (1.0 + rho));
    let base = fma(-1.5, fma(u.x, m.x, fma(u.y, m.y, u.z * m.z)), rho);
    // The body force enters the even part with u.F and the odd part with c.F.
    let uf = fma(u.x, f.x, fma(u.y, f.y, u.z * f.z));
    let plus = params.omega_plus;
    let axes = fourth_axes(u * m);
    let diagonals = fourth_diagonals(u * m);
    let rest = fma(-plus, fma(-W_REST, base, g[0] - fourth_rest(u * m)), fma(-3.0 * W_REST * (1.0 - 0.5 * plus), uf, g[0]));
    let p0 = relaxed(vec2<f32>(g[1], g[2]), W_AXIS, u.x, m.x, f.x, base, uf, axes.x);
    let p1 = relaxed(vec2<f32>(g[3], g[4]), W_AXIS, u.y, m.y, f.y, base, uf, axes.y);
    let p2 = relaxed(vec2<f32>(g[5], g[6]), W_AXIS, u.z, m.z, f.z, base, uf, axes.z);
    let p3 = relaxed(vec2<f32>(g[7], g[8]), W_DIAGONAL, u.x + u.y, m.x + m.y, f.x + f.y, base, uf, diagonals.z);
    let p4 = relaxed(vec2<f32>(g[9], g[10]), W_DIAGONAL, u.x - u.y, m.x - m.y, f.x - f.y, base, uf, diagonals.z);
    let p5 = relaxed(vec2<f32>(g[11], g[12]), W_DIAGONAL, u.x + u.z, m.x + m.z, f.x + f.z, base, uf, diagonals.y);
    let p6 = relaxed(vec2<f32>(g[13], g[14]), W_DIAGONAL, u.x - u.z, m.x - m.z, f.x - f.z, base, uf, diagonals.y);
    let p7 = relaxed(vec2<f32>(g[15], g[16]), W_DIAGONAL, u.y + u.z, m.y + m.z, f.y + f.z, base, uf, diagonals.x);
    let p8 = relaxed(vec2<f32>(g[17], g[18]), W_DIAGONAL, u.y - u.z, m.y - m.z, f.y - f.z, base, uf, diagonals.x);
    return array<f32, 19>(
        rest,
        p0.x, p0.y, p1.x, p1.y, p2.x, p2.y,
        p3.x, p3.y, p4.x, p4.y, p5.x, p5.y, p6.x, p6.y, p7.x, p7.y, p8.x, p8.y,
    );
}

// The same beside walls.
fn collide_outside(g: array<f32, 19>, at_wall: f32) -> array<f32, 19> {
    return collide(g);
}
