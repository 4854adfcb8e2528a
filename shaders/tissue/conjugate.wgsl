// Conjugate gradients without a word to the processor: scalars stay here, and an iteration after the last does nothing.
// Buffers and dispatch belong to src/biomech/interactive/gpu/tables.rs; the twin is `Conjugate` in
// src/biomech/interactive/conjugate.rs.

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

// Twin of `State` in src/biomech/interactive/gpu/twins.rs.
struct State {
    // r · z, and what it was before loose parts were moved.
    rz: f32,
    size: f32,
    // How far x goes along p, and how far r along q.
    alpha: f32,
    alpha_r: f32,
    beta: f32,
    residual: f32,
    iterations: u32,
    // 1 while there is another iteration to do.
    running: u32,
    // 1 where this iteration takes a step.
    stepping: u32,
    indefinite: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> row_starts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> couplings: array<f32>;
@group(0) @binding(4) var<storage, read> volumes: array<f32>;
// 1/C_v, Pa/m³.
@group(0) @binding(5) var<storage, read> bulk: array<f32>;
// Bit i is set where component i may move.
@group(0) @binding(6) var<storage, read> free: array<u32>;
@group(0) @binding(7) var<storage, read> inverse: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> r: array<vec4<f32>>;
@group(0) @binding(10) var<storage, read_write> z: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read_write> p: array<vec4<f32>>;
@group(0) @binding(12) var<storage, read_write> q: array<vec4<f32>>;
// The same as p: behind each direction the pressure that it raises, so that A x + Bᵀ pressure is one product.
@group(0) @binding(13) var<storage, read_write> p_numbers: array<f32>;
@group(0) @binding(14) var<storage, read_write> sums: array<f32>;
@group(0) @binding(15) var<storage, read> state: State;
@group(0) @binding(16) var<storage, read_write> state_out: State;
// Rows that are coupled to vertices that are no neighbours, each once, and where what it is coupled to starts in the
// lists below; one more at the end.
@group(0) @binding(17) var<storage, read> link_rows: array<vec2<u32>>;
@group(0) @binding(18) var<storage, read> link_columns: array<u32>;
// Nine numbers each, columns, N/m.
@group(0) @binding(19) var<storage, read> link_blocks: array<f32>;

const MOST: f32 = 3e38;

var<workgroup> parts: array<f32, 256>;
var<workgroup> vectors: array<vec3<f32>, 256>;

// Sum of parts, for the first thread.
fn total(lane: u32) -> f32 {
    for (var half = 128u; 0u < half; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            parts[lane] += parts[lane + half];
        }
    }
    return parts[0];
}

fn precondition(v: u32, left: vec3<f32>) -> vec3<f32> {
    let a = inverse[2u * v];
    let b = inverse[2u * v + 1u];
    return vec3<f32>(
        a.x * left.x + a.y * left.y + a.z * left.z,
        a.y * left.x + a.w * left.y + b.x * left.z,
        a.z * left.x + b.x * left.y + b.y * left.z,
    );
}

fn where_free(v: u32, force: vec3<f32>) -> vec3<f32> {
    let mask = free[v];
    return force * vec3<f32>(f32(mask & 1u), f32((mask >> 1u) & 1u), f32((mask >> 2u) & 1u));
}

// x = 0, z = p = inverse × r; r · z in parts.
@compute @workgroup_size(256)
fn start(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    parts[lane] = 0.0;
    if id.x < params.vertices {
        let left = r[id.x].xyz;
        let step = precondition(id.x, left);
        x[id.x] = vec4<f32>(0.0);
        z[id.x] = vec4<f32>(step, 0.0);
        p[id.x] = vec4<f32>(step, 0.0);
        parts[lane] = dot(left, step);
    }
    let sum = total(lane);
    if lane == 0u {
        sums[group.x] = sum;
    }
}

fn gather(lane: u32, count: u32) -> f32 {
    var sum = 0.0;
    for (var n = lane; n < count; n += 256u) {
        sum += sums[n];
    }
    parts[lane] = sum;
    return total(lane);
}

@compute @workgroup_size(256)
fn total_size(@builtin(local_invocation_index) lane: u32) {
    let sum = gather(lane, params.residuals);
    if lane == 0u {
        state_out.size = sum;
    }
}

fn relative(rz: f32) -> f32 {
    return sqrt(max(rz / state_out.size, 0.0));
}

@compute @workgroup_size(256)
fn total_start(@builtin(local_invocation_index) lane: u32) {
    let sum = gather(lane, params.residuals);
    if lane == 0u {
        state_out.rz = sum;
        state_out.iterations = 0u;
        state_out.indefinite = 0u;
        state_out.stepping = 0u;
        state_out.residual = 0.0;
        state_out.running = 0u;
        if 0.0 < sum && sum < MOST {
            state_out.residual = relative(sum);
            state_out.running = select(0u, 1u, params.tolerance < state_out.residual);
        }
    }
}

// The pressure that p raises, behind each of its vectors: (1/C_v) B p. Four threads a row.
@compute @workgroup_size(256)
fn raise(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let row = 64u * group.x + lane / 4u;
    var sum = 0.0;
    if state.running != 0u && row < params.vertices {
        for (var n = row_starts[row] + lane % 4u; n < row_starts[row + 1u]; n += 4u) {
            let at = 4u * columns[n];
            sum += volumes[3u * n] * p_numbers[at] + volumes[3u * n + 1u] * p_numbers[at + 1u]
                + volumes[3u * n + 2u] * p_numbers[at + 2u];
        }
    }
    parts[lane] = sum;
    workgroupBarrier();
    if lane % 4u == 0u && state.running != 0u && row < params.vertices {
        let all = (parts[lane] + parts[lane + 1u]) + (parts[lane + 2u] + parts[lane + 3u]);
        p_numbers[4u * row + 3u] = all * bulk[row];
    }
}

// q = A p + Bᵀ pressure where it is free; p · q in parts. Four threads a row: one a column of each block.
@compute @workgroup_size(256)
fn product(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let row = 64u * group.x + lane / 4u;
    let column = lane % 4u;
    var sum = vec3<f32>(0.0);
    if state.running != 0u && row < params.vertices {
        for (var n = row_starts[row]; n < row_starts[row + 1u]; n++) {
            let at = 12u * n + 3u * column;
            let number = p_numbers[4u * columns[n] + column];
            sum += number * vec3<f32>(couplings[at], couplings[at + 1u], couplings[at + 2u]);
        }
    }
    vectors[lane] = sum;
    parts[lane] = 0.0;
    workgroupBarrier();
    if column == 0u && state.running != 0u && row < params.vertices {
        let all = (vectors[lane] + vectors[lane + 1u]) + (vectors[lane + 2u] + vectors[lane + 3u]);
        let force = where_free(row, all);
        q[row] = vec4<f32>(force, 0.0);
        let own = vec3<f32>(p_numbers[4u * row], p_numbers[4u * row + 1u], p_numbers[4u * row + 2u]);
        parts[lane] = dot(force, own);
    }
    let work = total(lane);
    if lane == 0u {
        sums[group.x] = work;
    }
}

// Add what couples parts that touch to q; its share of p · q behind the others.
@compute @workgroup_size(256)
fn links(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    parts[lane] = 0.0;
    if state.running != 0u && id.x < params.link_rows {
        let row = link_rows[id.x].x;
        var sum = vec3<f32>(0.0);
        for (var n = link_rows[id.x].y; n < link_rows[id.x + 1u].y; n++) {
            let at = 9u * n;
            let way = p[link_columns[n]].xyz;
            sum += way.x * vec3<f32>(link_blocks[at], link_blocks[at + 1u], link_blocks[at + 2u])
                + way.y * vec3<f32>(link_blocks[at + 3u], link_blocks[at + 4u], link_blocks[at + 5u])
                + way.z * vec3<f32>(link_blocks[at + 6u], link_blocks[at + 7u], link_blocks[at + 8u]);
        }
        let force = where_free(row, sum);
        q[row] += vec4<f32>(force, 0.0);
        parts[lane] = dot(force, p[row].xyz);
    }
    let work = total(lane);
    if lane == 0u {
        sums[params.products + group.x] = work;
    }
}

@compute @workgroup_size(256)
fn total_curvature(@builtin(local_invocation_index) lane: u32) {
    let curvature = gather(lane, params.products + (params.link_rows + 255u) / 256u);
    if lane == 0u {
        state_out.stepping = 0u;
        if state_out.running != 0u {
            state_out.iterations += 1u;
            if 0.0 < curvature && curvature < MOST {
                state_out.stepping = 1u;
                state_out.alpha = state_out.rz / curvature;
                state_out.alpha_r = state_out.alpha;
            } else {
                state_out.indefinite = 1u;
                state_out.running = 0u;
                if state_out.iterations == 1u {
                    // Not even the first direction curves upwards: take the step each vertex would take alone.
                    state_out.stepping = 1u;
                    state_out.alpha = 1.0;
                    state_out.alpha_r = 0.0;
                }
            }
        }
    }
}

// Go along p; r · z of what is left in parts.
@compute @workgroup_size(256)
fn advance(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    parts[lane] = 0.0;
    if state.stepping != 0u && id.x < params.vertices {
        x[id.x] = vec4<f32>(x[id.x].xyz + state.alpha * p[id.x].xyz, 0.0);
        if state.alpha_r != 0.0 {
            let left = r[id.x].xyz - state.alpha_r * q[id.x].xyz;
            let way = precondition(id.x, left);
            r[id.x] = vec4<f32>(left, 0.0);
            z[id.x] = vec4<f32>(way, 0.0);
            parts[lane] = dot(left, way);
        }
    }
    let sum = total(lane);
    if lane == 0u {
        sums[group.x] = sum;
    }
}

@compute @workgroup_size(256)
fn total_residual(@builtin(local_invocation_index) lane: u32) {
    let next = gather(lane, params.residuals);
    if lane == 0u && state_out.running != 0u {
        if abs(next) < MOST {
            state_out.beta = next / state_out.rz;
            state_out.rz = next;
            state_out.residual = relative(next);
            state_out.running = select(0u, 1u, params.tolerance < state_out.residual);
        } else {
            state_out.indefinite = 1u;
            state_out.running = 0u;
        }
    }
}

// The next direction.
@compute @workgroup_size(256)
fn turn(@builtin(global_invocation_id) id: vec3<u32>) {
    if state.running != 0u && id.x < params.vertices {
        p[id.x] = vec4<f32>(z[id.x].xyz + state.beta * p[id.x].xyz, 0.0);
    }
}
