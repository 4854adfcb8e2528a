// What each tetrahedron feels, one a thread. Buffers and dispatch belong to src/biomech/interactive/gpu/tables.rs; the
// twin of `deform` and `share` is `Batch` in src/biomech/interactive/elements.rs, where the formulas are derived.

// Twin of `Params` in src/biomech/interactive/gpu/twins.rs.
struct Params {
    tets: u32,
    vertices: u32,
    entries: u32,
    extras: u32,
    link_rows: u32,
    // Partial sums of x · A x.
    products: u32,
    // Partial sums of r · z.
    residuals: u32,
    // Pressure of the gas around, Pa.
    gas: f32,
    // What a mass is multiplied with, 1/s².
    inertia: f32,
    tolerance: f32,
}

// Twin of `ElementSums` in src/biomech/interactive/gpu/twins.rs.
struct ElementSums {
    energy: f32,
    // Sum of the sizes of its terms.
    terms: f32,
    growth: f32,
    inverted: f32,
    // Smallest J, and the tetrahedron that has it.
    least: f32,
    worst: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> corners: array<vec4<u32>>;
// Five rows a tetrahedron: the edges at rest with μ, Λₑ and 6 W behind them; k01 k02 k03 k12; k13 k23, 1 where the
// vertices carry volume, Λₑ / 36 W.
@group(0) @binding(2) var<storage, read> rest: array<vec4<f32>>;
// Two rows a vertex: its displacement rounded to single precision, and what that left, m.
@group(0) @binding(3) var<storage, read> places: array<vec4<f32>>;
// W (J − 1) / 4 where the vertices carry volume, m³.
@group(0) @binding(4) var<storage, read_write> swelling: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<ElementSums>;
@group(0) @binding(6) var<storage, read> pressure: array<f32>;
// Derivative of the energy by each corner, N.
@group(0) @binding(7) var<storage, read_write> forces: array<vec4<f32>>;
// Three rows a tetrahedron: its edges now, with Λₑ / 36 W, s / 6 and 1/24 or 0 behind them.
@group(0) @binding(8) var<storage, read_write> shapes: array<vec4<f32>>;

struct Element {
    // Edges now, normals now and their change.
    e1: vec3<f32>,
    e2: vec3<f32>,
    e3: vec3<f32>,
    d1: vec3<f32>,
    d2: vec3<f32>,
    d3: vec3<f32>,
    n1: vec3<f32>,
    n2: vec3<f32>,
    n3: vec3<f32>,
    c1: vec3<f32>,
    c2: vec3<f32>,
    c3: vec3<f32>,
    six_swelling: f32,
    six_trace: f32,
    stretch: f32,
    // J − 1.
    growth: f32,
}

// How far vertex `there` moved against vertex `origin`. The rounded parts are near each other, so that their difference
// is exact or the larger by far: the sum is as good as a difference in double precision.
fn offset(origin: u32, there: u32) -> vec3<f32> {
    let coarse = places[2u * there].xyz - places[2u * origin].xyz;
    let fine = places[2u * there + 1u].xyz - places[2u * origin + 1u].xyz;
    return coarse + fine;
}

fn state(tet: u32) -> Element {
    let at = corners[tet];
    let E1 = rest[5u * tet].xyz;
    let E2 = rest[5u * tet + 1u].xyz;
    let E3 = rest[5u * tet + 2u].xyz;
    let six_volume = rest[5u * tet + 2u].w;
    let k = rest[5u * tet + 3u];
    let k13 = rest[5u * tet + 4u].x;
    let k23 = rest[5u * tet + 4u].y;
    var element: Element;
    let d1 = offset(at.x, at.y);
    let d2 = offset(at.x, at.z);
    let d3 = offset(at.x, at.w);
    let e1 = E1 + d1;
    let e2 = E2 + d2;
    let e3 = E3 + d3;
    // Change of the normals: δ(e₂ × e₃) = E₂ × d₃ + d₂ × e₃ and so on.
    let c1 = cross(E2, d3) + cross(d2, e3);
    let c2 = cross(E3, d1) + cross(d3, e1);
    let c3 = cross(E1, d2) + cross(d1, e2);
    let N1 = cross(E2, E3);
    let N2 = cross(E3, E1);
    let N3 = cross(E1, E2);
    element.e1 = e1;
    element.e2 = e2;
    element.e3 = e3;
    element.d1 = d1;
    element.d2 = d2;
    element.d3 = d3;
    element.c1 = c1;
    element.c2 = c2;
    element.c3 = c3;
    element.n1 = N1 + c1;
    element.n2 = N2 + c2;
    element.n3 = N3 + c3;
    element.six_swelling = dot(d1, element.n1) + dot(E1, c1);
    element.six_trace = dot(d1, N1) + dot(d2, N2) + dot(d3, N3);
    let d12 = d2 - d1;
    let d13 = d3 - d1;
    let d23 = d3 - d2;
    element.stretch = -(k.x * dot(d1, d1) + k.y * dot(d2, d2) + k.z * dot(d3, d3) + k.w * dot(d12, d12)
        + k13 * dot(d13, d13) + k23 * dot(d23, d23));
    element.growth = element.six_swelling / six_volume;
    return element;
}

// Between what limits s keeps the stiffness positive; twin of `Batch::limits`.
fn limits(mu: f32, six_volume: f32, element: Element) -> vec2<f32> {
    let weight = mu * six_volume / 6.0;
    let I1 = max(3.0 + 2.0 * element.six_trace / six_volume + element.stretch / weight, 1e-6);
    let J = element.growth + 1.0;
    var sigma = sqrt(I1);
    for (var n = 0; n < 12; n++) {
        let square = sigma * sigma;
        let slope = max(3.0 * square - I1, 1e-12);
        sigma -= (square * sigma - I1 * sigma + 2.0 * abs(J)) / slope;
    }
    let fade = clamp((J - 0.1) * 4.0, 0.0, 1.0) * mu;
    return vec2<f32>(-fade / max(sigma, 0.5 * sqrt(I1)), 0.86 * fade / sqrt(I1));
}

var<workgroup> numbers: array<vec4<f32>, 256>;
var<workgroup> least: array<f32, 256>;
var<workgroup> owner: array<u32, 256>;

// Energy, growth and health of the tetrahedra; what each adds to the mean volume of its corners.
@compute @workgroup_size(256)
fn deform(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    numbers[lane] = vec4<f32>(0.0);
    least[lane] = 3.4e38;
    owner[lane] = id.x;
    if id.x < params.tets {
        let element = state(id.x);
        let mu = rest[5u * id.x].w;
        let own = rest[5u * id.x + 1u].w;
        let straight = 0.5 * element.stretch;
        let bent = mu / 6.0 * (element.six_swelling - element.six_trace);
        let swollen = own * element.growth * element.six_swelling / 12.0;
        let ratio = 1.0 + element.growth;
        swelling[id.x] = element.six_swelling * rest[5u * id.x + 4u].z / 24.0;
        numbers[lane] = vec4<f32>(
            straight - bent + swollen,
            abs(straight) + abs(bent) + abs(swollen),
            element.six_swelling / 6.0,
            select(1.0, 0.0, 0.0 < ratio),
        );
        least[lane] = ratio;
    }
    for (var half = 128u; 0u < half; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            numbers[lane] += numbers[lane + half];
            if least[lane + half] < least[lane] {
                least[lane] = least[lane + half];
                owner[lane] = owner[lane + half];
            }
        }
    }
    if lane == 0u {
        let total = numbers[0];
        sums[group.x] = ElementSums(total.x, total.y, total.z, total.w, least[0], owner[0]);
    }
}

// Forces on the corners under the pressures of the vertices and the gas, and what the stiffness needs.
@compute @workgroup_size(256)
fn share(@builtin(global_invocation_id) id: vec3<u32>) {
    let tet = id.x;
    if params.tets <= tet {
        return;
    }
    let at = corners[tet];
    let element = state(tet);
    let mu = rest[5u * tet].w;
    let own = rest[5u * tet + 1u].w;
    let six_volume = rest[5u * tet + 2u].w;
    let k = rest[5u * tet + 3u];
    let more = rest[5u * tet + 4u];
    let mean = 0.25 * (pressure[at.x] + pressure[at.y] + pressure[at.z] + pressure[at.w]);
    let outer = mean * more.z + params.gas;
    let d1 = element.d1;
    let d2 = element.d2;
    let d3 = element.d3;
    let d12 = d2 - d1;
    let d13 = d3 - d1;
    let d23 = d3 - d2;
    let pull = (own * element.growth + outer) / 6.0;
    let push = mu / 6.0;
    let f1 = k.w * d12 + more.x * d13 - k.x * d1 + pull * element.n1 - push * element.c1;
    let f2 = more.y * d23 - k.w * d12 - k.y * d2 + pull * element.n2 - push * element.c2;
    let f3 = -more.x * d13 - more.y * d23 - k.z * d3 + pull * element.n3 - push * element.c3;
    forces[4u * tet] = vec4<f32>(-(f1 + f2 + f3), 0.0);
    forces[4u * tet + 1u] = vec4<f32>(f1, 0.0);
    forces[4u * tet + 2u] = vec4<f32>(f2, 0.0);
    forces[4u * tet + 3u] = vec4<f32>(f3, 0.0);
    let range = limits(mu, six_volume, element);
    let bending = min(max(own * element.growth + outer - mu, range.x), range.y);
    shapes[3u * tet] = vec4<f32>(element.e1, more.w);
    shapes[3u * tet + 1u] = vec4<f32>(element.e2, bending / 6.0);
    shapes[3u * tet + 2u] = vec4<f32>(element.e3, more.z / 24.0);
}
