// Moments of the populations of a cell; the twin is `Moments` in src/flow/collide.rs, with the same order of sums.
// Belongs to src/flow/gpu/programs.rs.

// Deviation of the density from 1.
fn density(g: array<f32, 19>) -> f32 {
    let axes = (g[0] + (((g[1] + g[2]) + (g[3] + g[4])) + (g[5] + g[6])));
    let first = ((g[7] + g[8]) + (g[9] + g[10])) + ((g[11] + g[12]) + (g[13] + g[14]));
    return axes + (first + ((g[15] + g[16]) + (g[17] + g[18])));
}

fn momentum(g: array<f32, 19>) -> vec3<f32> {
    let d3 = g[7] - g[8];
    let d4 = g[9] - g[10];
    let d5 = g[11] - g[12];
    let d6 = g[13] - g[14];
    let d7 = g[15] - g[16];
    let d8 = g[17] - g[18];
    return vec3<f32>(
        (g[1] - g[2]) + ((d3 + d4) + (d5 + d6)),
        (g[3] - g[4]) + ((d3 - d4) + (d7 + d8)),
        (g[5] - g[6]) + ((d5 - d6) + (d7 - d8)),
    );
}

// The second moment: xx, yy, zz.
fn second_axes(g: array<f32, 19>) -> vec3<f32> {
    let s3 = g[7] + g[8];
    let s4 = g[9] + g[10];
    let s5 = g[11] + g[12];
    let s6 = g[13] + g[14];
    let s7 = g[15] + g[16];
    let s8 = g[17] + g[18];
    return vec3<f32>(
        (g[1] + g[2]) + ((s3 + s4) + (s5 + s6)),
        (g[3] + g[4]) + ((s3 + s4) + (s7 + s8)),
        (g[5] + g[6]) + ((s5 + s6) + (s7 + s8)),
    );
}

// What pairs along each axis, and diagonal pairs at right angles to it, get besides the second order, so that fourth
// moments do not depend on the axes of the lattice; the twin is `fourth` in src/flow/collide.rs.
fn fourth_axes(uu: vec3<f32>) -> vec3<f32> {
    return -1.5 * W_AXIS * (uu.yxx + uu.zzy);
}

fn fourth_diagonals(uu: vec3<f32>) -> vec3<f32> {
    return 1.5 * W_DIAGONAL * uu;
}

fn fourth_rest(uu: vec3<f32>) -> f32 {
    return 0.5 * W_REST * (uu.x + uu.y + uu.z);
}

// The second moment: xy, xz, yz.
fn second_mixed(g: array<f32, 19>) -> vec3<f32> {
    return vec3<f32>(
        (g[7] + g[8]) - (g[9] + g[10]),
        (g[11] + g[12]) - (g[13] + g[14]),
        (g[15] + g[16]) - (g[17] + g[18]),
    );
}
