// The stiffness of a frame, one entry or one row a thread. Buffers and dispatch belong to
// src/biomech/interactive/gpu/tables.rs; the twins are `assemble_row`, `Stiffness::add` and `diagonal_block` in
// src/biomech/interactive/matrix.rs and `inverted` in evaluate.rs beside it.

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
// pair_starts[entry]..pair_starts[entry + 1] of pairs: the tetrahedra that have both vertices of the entry.
@group(0) @binding(1) var<storage, read> pair_starts: array<u32>;
// 16 × tetrahedron + 4 × corner of the row + corner of the column.
@group(0) @binding(2) var<storage, read> pairs: array<u32>;
// Edges with Λₑ / 36 W, s / 6 and 1/24 or 0 behind them.
@group(0) @binding(3) var<storage, read> shapes: array<vec4<f32>>;
// Σ μ W ∇N_a · ∇N_b of each entry, N/m.
@group(0) @binding(4) var<storage, read> laplace: array<f32>;
// Twelve numbers an entry: three columns, N/m, then ∂/∂x (row) of the column's volume, m².
@group(0) @binding(5) var<storage, read_write> couplings: array<f32>;
// Three an entry: ∂/∂x (column) of the row's volume, m².
@group(0) @binding(6) var<storage, read_write> volumes: array<f32>;
// Entries that springs and contacts add to, each once, and nine numbers each, columns, N/m.
@group(0) @binding(7) var<storage, read> extra_entries: array<u32>;
@group(0) @binding(8) var<storage, read> extra_blocks: array<f32>;
// row_starts[v]..row_starts[v + 1] of columns.
@group(0) @binding(9) var<storage, read> row_starts: array<u32>;
@group(0) @binding(10) var<storage, read> columns: array<u32>;
// Four numbers a vertex, as bits: the entry of the vertex in its own row, mass in kg, 1/C_v in Pa/m³, nothing.
@group(0) @binding(11) var<storage, read> vertex_data: array<vec4<u32>>;
// Bit i is set where component i may move.
@group(0) @binding(12) var<storage, read> free: array<u32>;
// xx xy xz yy, then yz zz of the inverse of each diagonal block, m/N.
@group(0) @binding(13) var<storage, read_write> inverse: array<vec4<f32>>;

fn normal(a: u32, e1: vec3<f32>, e2: vec3<f32>, e3: vec3<f32>) -> vec3<f32> {
    switch a {
        case 1u: { return cross(e2, e3); }
        case 2u: { return cross(e3, e1); }
        case 3u: { return cross(e1, e2); }
        default: { return -(cross(e2, e3) + cross(e3, e1) + cross(e1, e2)); }
    }
}

// g with ∂n_a/∂x_b = [g]×, the edge opposite to both; 0 for a corner with itself.
fn turning(a: u32, b: u32, e1: vec3<f32>, e2: vec3<f32>, e3: vec3<f32>) -> vec3<f32> {
    switch 4u * a + b {
        case 1u: { return e2 - e3; }
        case 2u: { return e3 - e1; }
        case 3u: { return e1 - e2; }
        case 4u: { return e3 - e2; }
        case 6u: { return -e3; }
        case 7u: { return e2; }
        case 8u: { return e1 - e3; }
        case 9u: { return e3; }
        case 11u: { return -e1; }
        case 12u: { return e2 - e1; }
        case 13u: { return -e2; }
        case 14u: { return e1; }
        default: { return vec3<f32>(0.0); }
    }
}

// A_ab = μ W ∇N_a·∇N_b I + Λₑ/(36 W) n_a n_bᵀ + s/6 [g_ab]×        B_ab = n_b / 24
@compute @workgroup_size(256)
fn assemble(@builtin(global_invocation_id) id: vec3<u32>) {
    let entry = id.x;
    if params.entries <= entry {
        return;
    }
    var x = vec3<f32>(0.0);
    var y = vec3<f32>(0.0);
    var z = vec3<f32>(0.0);
    var g = vec3<f32>(0.0);
    var mine = vec3<f32>(0.0);
    var other = vec3<f32>(0.0);
    for (var n = pair_starts[entry]; n < pair_starts[entry + 1u]; n++) {
        let pair = pairs[n];
        let tet = pair / 16u;
        let a = (pair / 4u) % 4u;
        let b = pair % 4u;
        let first = shapes[3u * tet];
        let second = shapes[3u * tet + 1u];
        let third = shapes[3u * tet + 2u];
        let n_a = normal(a, first.xyz, second.xyz, third.xyz);
        let n_b = normal(b, first.xyz, second.xyz, third.xyz);
        let stiff = first.w * n_a;
        x += stiff * n_b.x;
        y += stiff * n_b.y;
        z += stiff * n_b.z;
        g += second.w * turning(a, b, first.xyz, second.xyz, third.xyz);
        mine += third.w * n_a;
        other += third.w * n_b;
    }
    let k = laplace[entry];
    let at = 12u * entry;
    couplings[at] = x.x + k;
    couplings[at + 1u] = x.y + g.z;
    couplings[at + 2u] = x.z - g.y;
    couplings[at + 3u] = y.x - g.z;
    couplings[at + 4u] = y.y + k;
    couplings[at + 5u] = y.z + g.x;
    couplings[at + 6u] = z.x + g.y;
    couplings[at + 7u] = z.y - g.x;
    couplings[at + 8u] = z.z + k;
    couplings[at + 9u] = mine.x;
    couplings[at + 10u] = mine.y;
    couplings[at + 11u] = mine.z;
    volumes[3u * entry] = other.x;
    volumes[3u * entry + 1u] = other.y;
    volumes[3u * entry + 2u] = other.z;
}

// Add what grips, springs, bed and contacts hold with.
@compute @workgroup_size(256)
fn hold(@builtin(global_invocation_id) id: vec3<u32>) {
    if params.extras <= id.x {
        return;
    }
    let at = 12u * extra_entries[id.x];
    for (var n = 0u; n < 9u; n++) {
        couplings[at + n] += extra_blocks[9u * id.x + n];
    }
}

// Add inertia, and invert the diagonal blocks without the components that are held.
@compute @workgroup_size(256)
fn invert(@builtin(global_invocation_id) id: vec3<u32>) {
    let v = id.x;
    if params.vertices <= v {
        return;
    }
    inverse[2u * v] = vec4<f32>(0.0);
    inverse[2u * v + 1u] = vec4<f32>(0.0);
    // A vertex that lost all its tetrahedra has nothing to be solved for.
    if row_starts[v] == row_starts[v + 1u] {
        return;
    }
    let own = 12u * vertex_data[v].x;
    let inertia = params.inertia * bitcast<f32>(vertex_data[v].y);
    couplings[own] += inertia;
    couplings[own + 4u] += inertia;
    couplings[own + 8u] += inertia;
    var xx = couplings[own];
    var xy = 0.5 * (couplings[own + 1u] + couplings[own + 3u]);
    var xz = 0.5 * (couplings[own + 2u] + couplings[own + 6u]);
    var yy = couplings[own + 4u];
    var yz = 0.5 * (couplings[own + 5u] + couplings[own + 7u]);
    var zz = couplings[own + 8u];
    for (var n = row_starts[v]; n < row_starts[v + 1u]; n++) {
        let stiff = bitcast<f32>(vertex_data[columns[n]].z);
        let c = vec3<f32>(couplings[12u * n + 9u], couplings[12u * n + 10u], couplings[12u * n + 11u]);
        xx += stiff * c.x * c.x;
        xy += stiff * c.x * c.y;
        xz += stiff * c.x * c.z;
        yy += stiff * c.y * c.y;
        yz += stiff * c.y * c.z;
        zz += stiff * c.z * c.z;
    }
    let mask = free[v];
    let may = vec3<f32>(f32(mask & 1u), f32((mask >> 1u) & 1u), f32((mask >> 2u) & 1u));
    let most = max(abs(xx) * may.x, max(abs(yy) * may.y, abs(zz) * may.z));
    if !(0.0 < most) {
        return;
    }
    xx = select(most, xx, 0.0 < may.x);
    yy = select(most, yy, 0.0 < may.y);
    zz = select(most, zz, 0.0 < may.z);
    xy *= may.x * may.y;
    xz *= may.x * may.z;
    yz *= may.y * may.z;
    // Single precision loses pivots below this share; it only slows the iteration.
    let least = 1e-6 * most;
    // L⁻¹ of the Cholesky factor; the product of its transpose with it is positive whatever rounding does.
    let a = 1.0 / sqrt(xx + least);
    let l10 = xy * a;
    let l20 = xz * a;
    let second = yy + least - l10 * l10;
    let b = 1.0 / sqrt(max(second, least));
    let l21 = (yz - l20 * l10) * b;
    let third = zz + least - l20 * l20 - l21 * l21;
    let c = 1.0 / sqrt(max(third, least));
    let i10 = -l10 * a * b;
    let i21 = -l21 * b * c;
    let i20 = -(l20 * a + l21 * i10) * c;
    if least <= xx && least <= second && least <= third {
        inverse[2u * v] = vec4<f32>(
            (a * a + i10 * i10 + i20 * i20) * may.x,
            (i10 * b + i20 * i21) * may.x * may.y,
            i20 * c * may.x * may.z,
            (b * b + i21 * i21) * may.y,
        );
        inverse[2u * v + 1u] = vec4<f32>(i21 * c * may.y * may.z, c * c * may.z, 0.0, 0.0);
    } else {
        inverse[2u * v] = vec4<f32>(may.x / max(abs(xx), least), 0.0, 0.0, may.y / max(abs(yy), least));
        inverse[2u * v + 1u] = vec4<f32>(0.0, may.z / max(abs(zz), least), 0.0, 0.0);
    }
}
