// Velocity, density and stress of cells, to be read back. Dispatched by src/flow/gpu/read.rs, which binds where they go
// as `seen`; the twins are `velocity` and `state` in src/flow/simulation.rs.

fn arrived(cell: u32) -> array<f32, 19> {
    let at = around(cell);
    if cell < params.inner {
        return arrived_inside(cell, at);
    }
    let record = 4u * params.stride + 3u * (cell - params.inner);
    return arrived_outside(cell, at, neighbours_b[record], neighbours_b[record + 1u]);
}

// Density deviation and velocity of cells from `first` on, four numbers each.
@compute @workgroup_size(64)
fn velocities(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n = (group.y * groups.x + group.x) * GROUP + lane;
    if params.count <= n {
        return;
    }
    let g = arrived(params.first + n);
    let rho = density(g);
    let u = fma(vec3<f32>(0.5), force(), momentum(g)) / (1.0 + rho);
    seen[4u * n] = rho;
    seen[4u * n + 1u] = u.x;
    seen[4u * n + 2u] = u.y;
    seen[4u * n + 3u] = u.z;
}

var<workgroup> largest: array<f32, 64>;

// The square of the highest speed among 64 cells, or something beyond all speeds where one is not a number: one number
// a group.
@compute @workgroup_size(64)
fn fastest(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n = (group.y * groups.x + group.x) * GROUP + lane;
    var square = 0.0;
    if n < params.count {
        let g = arrived(params.first + n);
        let u = fma(vec3<f32>(0.5), force(), momentum(g)) / (1.0 + density(g));
        square = dot(u, u);
        // Told from its bits, because comparisons may be compiled as if there were numbers only.
        if (bitcast<u32>(square) & 0x7f800000u) == 0x7f800000u {
            square = 1e30;
        }
    }
    largest[lane] = square;
    for (var half = 32u; 0u < half; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            largest[lane] = max(largest[lane], largest[lane + half]);
        }
    }
    if lane == 0u && n < params.count {
        seen[n / GROUP] = largest[0];
    }
}

// Density deviation, velocity and the viscous stress xx, yy, zz, xy, xz, yz, ten numbers each:
//
//     sigma = -(tau - 1/2)/tau_t sum c c (g - g_eq)        (traceless part)
@compute @workgroup_size(64)
fn states(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n = (group.y * groups.x + group.x) * GROUP + lane;
    if params.count <= n {
        return;
    }
    let g = arrived(params.first + n);
    let f = force();
    let rho = density(g);
    let j = fma(vec3<f32>(0.5), f, momentum(g));
    let u = j / (1.0 + rho);
    // Guo's force contributes (u F + F u)/2 to the second moment.
    let axes = second_axes(g) - rho / 3.0 - j * u + u * f;
    let mixed = second_mixed(g) - vec3<f32>(j.x * u.y, j.x * u.z, j.y * u.z)
        + 0.5 * vec3<f32>(u.x * f.y + f.x * u.y, u.x * f.z + f.x * u.z, u.y * f.z + f.y * u.z);
    let square = dot(axes, axes) + 2.0 * dot(mixed, mixed);
    let tau = params.tau;
    let total = 0.5 * (tau + sqrt(tau * tau + params.eddy * sqrt(square) / (1.0 + rho)));
    let viscous = -(tau - 0.5) / total;
    let mean = (axes.x + axes.y + axes.z) / 3.0;
    let of_axes = viscous * (axes - mean);
    let of_mixed = viscous * mixed;
    let at = 10u * n;
    seen[at] = rho;
    seen[at + 1u] = u.x;
    seen[at + 2u] = u.y;
    seen[at + 3u] = u.z;
    seen[at + 4u] = of_axes.x;
    seen[at + 5u] = of_axes.y;
    seen[at + 6u] = of_axes.z;
    seen[at + 7u] = of_mixed.x;
    seen[at + 8u] = of_mixed.y;
    seen[at + 9u] = of_mixed.z;
}
