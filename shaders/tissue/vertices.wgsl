// What each vertex collects from its tetrahedra, one a thread. Buffers and dispatch belong to
// src/biomech/interactive/gpu/tables.rs; the twins are `Body::deform` in src/biomech/interactive/evaluate.rs and
// `gradient` in matrix.rs beside it.

// Twin of `Params` in src/biomech/interactive/gpu/twins.rs.
struct Params {
    tets: u32,
    vertices: u32,
    entries: u32,
    extras: u32,
    link_rows: u32,
    products: u32,
    residuals: u32,
    gas: f32,
    inertia: f32,
    tolerance: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// corner_starts[v]..corner_starts[v + 1] of around.
@group(0) @binding(1) var<storage, read> corner_starts: array<u32>;
// 4 × tetrahedron + corner.
@group(0) @binding(2) var<storage, read> around: array<u32>;
// W (J − 1) / 4, m³.
@group(0) @binding(3) var<storage, read> swelling: array<f32>;
// 1/C_v, Pa/m³.
@group(0) @binding(4) var<storage, read> bulk: array<f32>;
// Pa.
@group(0) @binding(5) var<storage, read_write> pressure: array<f32>;
// Energy of the mean volumes, J, one a workgroup.
@group(0) @binding(6) var<storage, read_write> vertex_sums: array<f32>;
// Derivative of the energy by each corner, N.
@group(0) @binding(7) var<storage, read> forces: array<vec4<f32>>;
// The same by each vertex, N.
@group(0) @binding(8) var<storage, read_write> slope: array<vec4<f32>>;

var<workgroup> parts: array<f32, 256>;

@compute @workgroup_size(256)
fn pressures(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    parts[lane] = 0.0;
    if id.x < params.vertices {
        var grown = 0.0;
        for (var n = corner_starts[id.x]; n < corner_starts[id.x + 1u]; n++) {
            grown += swelling[around[n] / 4u];
        }
        let p = grown * bulk[id.x];
        pressure[id.x] = p;
        parts[lane] = 0.5 * p * grown;
    }
    for (var half = 128u; 0u < half; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            parts[lane] += parts[lane + half];
        }
    }
    if lane == 0u {
        vertex_sums[group.x] = parts[0];
    }
}

@compute @workgroup_size(256)
fn gradient(@builtin(global_invocation_id) id: vec3<u32>) {
    if params.vertices <= id.x {
        return;
    }
    var sum = vec3<f32>(0.0);
    for (var n = corner_starts[id.x]; n < corner_starts[id.x + 1u]; n++) {
        sum += forces[around[n]].xyz;
    }
    slope[id.x] = vec4<f32>(sum, 0.0);
}
