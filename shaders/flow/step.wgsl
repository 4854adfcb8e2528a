// One time step, a cell a thread: inner cells, then the others, in any order. Dispatched by src/flow/gpu/advance.rs;
// the twin is src/flow/stream.rs.

// The number of a thread where groups lie in rows: no row has more than a card allows.
fn number(group: vec3<u32>, groups: vec3<u32>, lane: u32) -> u32 {
    return (group.y * groups.x + group.x) * GROUP + lane;
}

@compute @workgroup_size(64)
fn inner(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let cell = number(group, groups, lane);
    if params.inner <= cell {
        return;
    }
    let at = around(cell);
    leave_inside(cell, at, collide(arrived_inside(cell, at)));
}

// The state of a cell that an outlet looks at, after the collision: density, velocity, second moment out of
// equilibrium. Twin of `Collided::of` in src/flow/outlet.rs.
fn look(place: u32, g: array<f32, 19>) {
    let rho = density(g);
    let j = momentum(g);
    let u = j / (1.0 + rho);
    let axes = second_axes(g) - j * u - rho / 3.0;
    let mixed = second_mixed(g) - vec3<f32>(j.x * u.y, j.x * u.z, j.y * u.z);
    let n = 10u * place;
    seen[n] = rho;
    seen[n + 1u] = u.x;
    seen[n + 2u] = u.y;
    seen[n + 3u] = u.z;
    seen[n + 4u] = axes.x;
    seen[n + 5u] = axes.y;
    seen[n + 6u] = axes.z;
    seen[n + 7u] = mixed.x;
    seen[n + 8u] = mixed.y;
    seen[n + 9u] = mixed.z;
}

@compute @workgroup_size(64)
fn outer(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n = number(group, groups, lane);
    if params.cells - params.inner <= n {
        return;
    }
    let cell = params.inner + n;
    let record = 4u * params.stride + 3u * n;
    // Bits of the links out of the fluid, and one that says whether one of them leads into a wall.
    let out = neighbours_b[record];
    let first = neighbours_b[record + 1u];
    let at = around(cell);
    let g = collide_outside(arrived_outside(cell, at, out, first), f32(out >> 31u));
    let place = neighbours_b[record + 2u];
    if params.reads != 0u && place != NOWHERE {
        look(place, g);
    }
    leave_outside(cell, at, out, first, g);
}
