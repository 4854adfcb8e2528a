// The populations of the sparse lattice and where they are. Buffers and dispatch belong to src/flow/gpu/memory.rs; the
// twin is src/flow/populations.rs, which streams another way and gives the same.
//
// Populations are stored shifted, g = f - w, D3Q19 as in src/flow/lattice.rs: directions 2k + 1 and 2k + 2 are
// opposite. One copy of them is streamed in place ("esoteric pull": Lehmann 2022, Computation 10:92), so that a cell
// needs to know only its nine neighbours at x + c of the odd directions i = 2k + 1:
//
//     even steps:  i arrives in row i + 1 of x, and i + 1 in row i     of x + c
//     odd steps:   i arrives in row i     of x, and i + 1 in row i + 1 of x + c
//     leaving:     each where its opposite arrived
//
// In either step every place belongs to one cell, so that no order is needed. Cells with all 18 neighbours, "inner"
// ones, come first. Links of the others out of the fluid keep what they sent back in a list of their own.

// Twin of `Params` in src/flow/gpu/twins.rs, one a step.
struct Params {
    cells: u32,
    // The first of them have all neighbours.
    inner: u32,
    // Places in a row.
    stride: u32,
    // 1 in odd steps.
    odd: u32,
    // 1 if outlets look at their cells.
    reads: u32,
    outlets: u32,
    // The first cell to be read back, and how many.
    first: u32,
    count: u32,
    // Share of the full inflow.
    share: f32,
    // Relaxation time of the viscosity; 18 √2 C² of the eddies.
    tau: f32,
    eddy: f32,
    omega_plus: f32,
    omega_minus: f32,
    // Body force per volume.
    force_x: f32,
    force_y: f32,
    force_z: f32,
    // Real and imaginary parts of how far the harmonics of a pulse have turned.
    turns: array<vec4<f32>, 10>,
}

@group(0) @binding(0) var<uniform> params: Params;
// Rows 0 to 4, 5 to 8, 9 to 12 and 13 to 18: no buffer takes more than 24 bytes a cell.
@group(0) @binding(1) var<storage, read_write> rows_a: array<f32>;
@group(0) @binding(2) var<storage, read_write> rows_b: array<f32>;
@group(0) @binding(3) var<storage, read_write> rows_c: array<f32>;
@group(0) @binding(4) var<storage, read_write> rows_d: array<f32>;
// The neighbours in directions 1, 3, 5, 7, 9, a row each.
@group(0) @binding(5) var<storage, read> neighbours_a: array<u32>;
// The same in directions 11, 13, 15, 17; then three numbers for every cell that is not inner: bit i - 1 for a link out
// of the fluid in direction i, the first of these links, and where its state is looked at, or NOWHERE.
@group(0) @binding(6) var<storage, read> neighbours_b: array<u32>;
// Links out of the fluid in the order of cells and directions: what was sent back; where the wall is, as
// `share` in src/flow/gpu/order.rs says it.
@group(0) @binding(7) var<storage, read_write> links: array<vec2<f32>>;
// What is looked at by outlets, or read back.
@group(0) @binding(8) var<storage, read_write> seen: array<f32>;

const NOWHERE: u32 = 0xffffffffu;
const GROUP: u32 = 64u;

const W_REST: f32 = 1.0 / 3.0;
const W_AXIS: f32 = 1.0 / 18.0;
const W_DIAGONAL: f32 = 1.0 / 36.0;

fn force() -> vec3<f32> {
    return vec3<f32>(params.force_x, params.force_y, params.force_z);
}

// Where the neighbours of a cell are, as the places of row 0 or 1 in this step.
struct Around {
    own: u32,
    n0: u32,
    n1: u32,
    n2: u32,
    n3: u32,
    n4: u32,
    n5: u32,
    n6: u32,
    n7: u32,
    n8: u32,
}

fn around(cell: u32) -> Around {
    let s = params.stride;
    let shift = params.odd * s;
    return Around(
        cell + s - shift,
        neighbours_a[cell] + shift,
        neighbours_a[s + cell] + shift,
        neighbours_a[2u * s + cell] + shift,
        neighbours_a[3u * s + cell] + shift,
        neighbours_a[4u * s + cell] + shift,
        neighbours_b[cell] + shift,
        neighbours_b[s + cell] + shift,
        neighbours_b[2u * s + cell] + shift,
        neighbours_b[3u * s + cell] + shift,
    );
}

// What arrives at an inner cell.
fn arrived_inside(cell: u32, at: Around) -> array<f32, 19> {
    let s = params.stride;
    return array<f32, 19>(
        rows_a[cell],
        rows_a[s + at.own],
        rows_a[s + at.n0],
        rows_a[3u * s + at.own],
        rows_a[3u * s + at.n1],
        rows_b[at.own],
        rows_b[at.n2],
        rows_b[2u * s + at.own],
        rows_b[2u * s + at.n3],
        rows_c[at.own],
        rows_c[at.n4],
        rows_c[2u * s + at.own],
        rows_c[2u * s + at.n5],
        rows_d[at.own],
        rows_d[at.n6],
        rows_d[2u * s + at.own],
        rows_d[2u * s + at.n7],
        rows_d[4u * s + at.own],
        rows_d[4u * s + at.n8],
    );
}

// Put what leaves an inner cell where it goes.
fn leave_inside(cell: u32, at: Around, g: array<f32, 19>) {
    let s = params.stride;
    rows_a[cell] = g[0];
    rows_a[s + at.own] = g[2];
    rows_a[s + at.n0] = g[1];
    rows_a[3u * s + at.own] = g[4];
    rows_a[3u * s + at.n1] = g[3];
    rows_b[at.own] = g[6];
    rows_b[at.n2] = g[5];
    rows_b[2u * s + at.own] = g[8];
    rows_b[2u * s + at.n3] = g[7];
    rows_c[at.own] = g[10];
    rows_c[at.n4] = g[9];
    rows_c[2u * s + at.own] = g[12];
    rows_c[2u * s + at.n5] = g[11];
    rows_d[at.own] = g[14];
    rows_d[at.n6] = g[13];
    rows_d[2u * s + at.own] = g[16];
    rows_d[2u * s + at.n7] = g[15];
    rows_d[4u * s + at.own] = g[18];
    rows_d[4u * s + at.n8] = g[17];
}
