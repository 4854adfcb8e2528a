// What happens on links through openings after every step: one group of threads an opening, outlets before inlets.
// Dispatched by src/flow/gpu/advance.rs; the twins are `Outlet` in src/flow/outlet.rs and `Inlet` in src/flow/inlet.rs,
// which say why. What is summed over many steps is kept as two numbers, rounded and what that left.

// Twin of `Params` in src/flow/gpu/twins.rs; see lattice.wgsl.
struct Params {
    cells: u32,
    inner: u32,
    stride: u32,
    odd: u32,
    reads: u32,
    outlets: u32,
    first: u32,
    count: u32,
    share: f32,
    tau: f32,
    eddy: f32,
    omega_plus: f32,
    omega_minus: f32,
    force_x: f32,
    force_y: f32,
    force_z: f32,
    turns: array<vec4<f32>, 10>,
}

// Twin of `Opening` in src/flow/gpu/twins.rs.
struct Opening {
    // HELD, CARRYING, PULSATING; HARMONIC or anything else for inlets.
    kind: u32,
    // Where its patches begin in `marks`, two numbers each, and how many there are.
    first_patch: u32,
    patches: u32,
    // Where the places of its cells in `seen` begin in `marks`; of an inlet, where its masses begin.
    first_cell: u32,
    cells: u32,
    normal_x: f32,
    normal_y: f32,
    normal_z: f32,
    // Cells².
    area: f32,
    // Density deviation that is held, and that of this step.
    rho: f32,
    rho_next: f32,
    // Share of a new value in the running mean.
    forget: f32,
    // Flow out at full or mean inflow that is steered to or expected, cells per step; the latter in this step.
    asked: f32,
    now: f32,
    steer: f32,
    steer_left: f32,
    // Running mean of the speed out.
    mean: f32,
    mean_left: f32,
    // Flow out in the last step, and summed over all steps.
    outflow: f32,
    total: f32,
    total_left: f32,
    // The speed out below which nothing is passed on.
    slowest: f32,
    // Density that was missing, summed over so many looks, and how many are waited for.
    missing: f32,
    looks: f32,
    looks_max: f32,
}

// Twin of `Vessel` in src/flow/gpu/twins.rs: what lies beyond an outlet.
struct Vessel {
    // Δt/C in mmHg/(ml/s), Δt/(C R_d), R_p in mmHg s/ml.
    share: f32,
    leak: f32,
    proximal: f32,
    // Pressure behind R_p: what it was when the run began, mmHg, and how it has changed since.
    base: f32,
    behind: f32,
    behind_left: f32,
    // A cell per step in ml/s, and a mmHg as density.
    flow: f32,
    density: f32,
    // The mean of all pressures, mmHg, less the base: in the first vessel.
    reference: f32,
}

const HELD: u32 = 0u;
const CARRYING: u32 = 1u;
const PULSATING: u32 = 2u;
const HARMONIC: u32 = 4u;

const HARMONICS: u32 = 20u;
// As in src/flow/outlet.rs; 1/c_s.
const ABSORPTION: f32 = 0.5;
const INWARDS: f32 = 2.5;
const SLOWNESS: f32 = 1.7320508;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> links: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> seen: array<f32>;
@group(0) @binding(3) var<storage, read_write> openings: array<Opening>;
// Patches: the number of the link; its direction, plus 32 times the place of its cell in `seen`. Then places of cells.
@group(0) @binding(4) var<storage, read> marks: array<u32>;
// What the patches of inlets bring in per step at full inflow; where the shape changes, real and imaginary parts for
// every harmonic besides.
@group(0) @binding(5) var<storage, read> masses: array<f32>;
@group(0) @binding(6) var<storage, read_write> vessels: array<Vessel>;

var<workgroup> parts: array<f32, 256>;
var<workgroup> level: f32;
var<workgroup> floor_speed: f32;

// The sum over the threads of a group, for all to see.
fn summed(lane: u32, part: f32) -> f32 {
    workgroupBarrier();
    parts[lane] = part;
    for (var half = 128u; 0u < half; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            parts[lane] += parts[lane + half];
        }
    }
    workgroupBarrier();
    return parts[0];
}

// The sum of a number kept as two and another (Knuth's two-sum).
fn plus(a: vec2<f32>, more: f32) -> vec2<f32> {
    let b = a.y + more;
    let sum = a.x + b;
    let there = sum - a.x;
    return vec2<f32>(sum, (a.x - (sum - there)) + (b - there));
}

// c of a direction, as in src/flow/lattice.rs.
fn way(i: u32) -> vec3<f32> {
    let sign = select(-1.0, 1.0, (i & 1u) == 1u);
    switch (i - 1u) / 2u {
        case 0u: { return vec3<f32>(sign, 0.0, 0.0); }
        case 1u: { return vec3<f32>(0.0, sign, 0.0); }
        case 2u: { return vec3<f32>(0.0, 0.0, sign); }
        case 3u: { return vec3<f32>(sign, sign, 0.0); }
        case 4u: { return vec3<f32>(sign, -sign, 0.0); }
        case 5u: { return vec3<f32>(sign, 0.0, sign); }
        case 6u: { return vec3<f32>(sign, 0.0, -sign); }
        case 7u: { return vec3<f32>(0.0, sign, sign); }
        default: { return vec3<f32>(0.0, sign, -sign); }
    }
}

fn weight(i: u32) -> f32 {
    return select(1.0 / 36.0, 1.0 / 18.0, i < 7u);
}

// The population that comes in against direction i at density deviation rho, with the velocity (but none into the
// lumen) and stress of what was seen at `place`. Twin of `population` in src/flow/simulation.rs.
fn incoming(place: u32, i: u32, rho: f32, normal: vec3<f32>) -> f32 {
    let n = 10u * place;
    let c = -way(i);
    let inside = vec3<f32>(seen[n + 1u], seen[n + 2u], seen[n + 3u]);
    let u = inside - min(dot(inside, normal) - floor_speed, 0.0) * normal;
    let axes = vec3<f32>(seen[n + 4u], seen[n + 5u], seen[n + 6u]);
    let mixed = vec3<f32>(seen[n + 7u], seen[n + 8u], seen[n + 9u]);
    let cu = dot(c, u);
    let along = dot(c * c, axes) + 2.0 * dot(vec3<f32>(c.x * c.y, c.x * c.z, c.y * c.z), mixed);
    let viscous = 4.5 * along - 1.5 * (axes.x + axes.y + axes.z);
    // Fourth moments that do not depend on the axes of the lattice; links through openings are never at rest.
    let fourth = select(1.5, -1.5, dot(c, c) < 1.5) * dot(1.0 - c * c, u * u);
    return weight(i) * (rho + (1.0 + rho) * (3.0 * cu + 4.5 * cu * cu - 1.5 * dot(u, u) + fourth) + viscous);
}

// Twin of `OutletPulse::slowest`.
fn slowest(o: u32) -> f32 {
    let inwards = -min(openings[o].mean + openings[o].now / openings[o].area, 0.0);
    return -(INWARDS * inwards + abs(openings[o].asked) / openings[o].area);
}

// Twin of `Outlet::read`, where so much density is missing.
fn steer(o: u32, missing: f32) {
    var more = 0.0;
    if openings[o].kind == HELD {
        more = openings[o].forget * missing;
    } else if openings[o].kind == PULSATING {
        openings[o].missing += missing;
        openings[o].looks += 1.0;
        if openings[o].looks_max <= openings[o].looks {
            more = openings[o].missing / openings[o].looks;
            openings[o].missing = 0.0;
            openings[o].looks = 0.0;
        }
    }
    let kept = plus(vec2<f32>(openings[o].steer, openings[o].steer_left), more);
    openings[o].steer = kept.x;
    openings[o].steer_left = kept.y;
}

// Twin of the first half of `Outlet::apply`: the density deviation to hold in this step.
fn hold(o: u32) -> f32 {
    let area = openings[o].area;
    let forget = openings[o].forget;
    var speed = openings[o].outflow / area;
    var off: f32;
    if openings[o].kind == CARRYING {
        let mean = openings[o].asked * params.share / area;
        openings[o].mean = mean;
        off = speed - mean;
        let more = 0.5 * forget * ABSORPTION * off * SLOWNESS;
        let kept = plus(vec2<f32>(openings[o].steer, openings[o].steer_left), more);
        openings[o].steer = kept.x;
        openings[o].steer_left = kept.y;
    } else {
        if openings[o].kind == PULSATING {
            openings[o].now = openings[o].asked * params.share;
            speed -= openings[o].now / area;
        }
        let before = vec2<f32>(openings[o].mean, openings[o].mean_left);
        let mean = plus(before, forget * ((speed - before.x) - before.y));
        openings[o].mean = mean.x;
        openings[o].mean_left = mean.y;
        off = (speed - mean.x) - mean.y;
    }
    return openings[o].rho + openings[o].steer + ABSORPTION * off * SLOWNESS;
}

fn outlet(o: u32, lane: u32) {
    if params.reads != 0u {
        var sum = 0.0;
        for (var n = lane; n < openings[o].cells; n += 256u) {
            sum += seen[10u * marks[openings[o].first_cell + n]];
        }
        sum = summed(lane, sum);
        if lane == 0u {
            if openings[o].kind == PULSATING {
                openings[o].slowest = slowest(o);
            }
            steer(o, openings[o].rho - sum / f32(openings[o].cells));
        }
    }
    if lane == 0u {
        openings[o].rho = openings[o].rho_next;
        level = hold(o);
        floor_speed = openings[o].slowest;
    }
    workgroupBarrier();
    let rho = level;
    let normal = vec3<f32>(openings[o].normal_x, openings[o].normal_y, openings[o].normal_z);
    var outflow = 0.0;
    for (var n = lane; n < openings[o].patches; n += 256u) {
        let at = openings[o].first_patch + 2u * n;
        let link = marks[at];
        let value = incoming(marks[at + 1u] / 32u, marks[at + 1u] % 32u, rho, normal);
        outflow += links[link].x - value;
        links[link].x = value;
    }
    outflow = summed(lane, outflow);
    if lane == 0u {
        openings[o].outflow = outflow;
        let kept = plus(vec2<f32>(openings[o].total, openings[o].total_left), outflow);
        openings[o].total = kept.x;
        openings[o].total_left = kept.y;
    }
}

// Twin of `Inlet::apply`.
fn inlet(o: u32, lane: u32) {
    let patches = openings[o].patches;
    for (var n = lane; n < patches; n += 256u) {
        var mass = masses[openings[o].first_cell + n];
        if openings[o].kind == HARMONIC {
            let first = openings[o].first_cell + patches + 2u * HARMONICS * n;
            for (var h = 0u; h < HARMONICS; h += 2u) {
                let turn = params.turns[h / 2u];
                let at = first + 2u * h;
                mass += masses[at] * turn.x - masses[at + 1u] * turn.y;
                mass += masses[at + 2u] * turn.z - masses[at + 3u] * turn.w;
            }
        } else {
            mass *= params.share;
        }
        links[marks[openings[o].first_patch + 2u * n]].x += mass;
    }
}

@compute @workgroup_size(256)
fn exchange(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if group.x < params.outlets {
        outlet(group.x, lane);
    } else {
        inlet(group.x, lane);
    }
}

// The flow out without sound, ml/s: twin of `Outlet::smooth_outflow`.
fn smooth_outflow(o: u32) -> f32 {
    return (openings[o].mean * openings[o].area + openings[o].now) * vessels[o].flow;
}

// Twin of `Bank::advance` in src/flow/windkessel.rs, before `exchange`: from the flows out of the outlets to the
// densities they are to hold, which is those of the pressures less their mean. What all have in common would cost
// digits: the base is the same for all.
@compute @workgroup_size(1)
fn windkessels() {
    var sum = 0.0;
    for (var o = 0u; o < params.outlets; o++) {
        let flow = smooth_outflow(o);
        let before = vec2<f32>(vessels[o].behind, vessels[o].behind_left);
        let leak = vessels[o].leak;
        // Backward Euler.
        let behind = plus(before, (vessels[o].share * flow - leak * (vessels[o].base + before.x)) / (1.0 + leak));
        vessels[o].behind = behind.x;
        vessels[o].behind_left = behind.y;
        sum += behind.x + vessels[o].proximal * flow;
    }
    let reference = sum / f32(params.outlets);
    vessels[0].reference = reference;
    for (var o = 0u; o < params.outlets; o++) {
        let behind = (vessels[o].behind - reference) + vessels[o].behind_left;
        openings[o].rho_next = (behind + vessels[o].proximal * smooth_outflow(o)) * vessels[o].density;
    }
}
