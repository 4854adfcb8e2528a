// Cells at walls and openings: what their links out of the fluid bring and take. Belongs to src/flow/gpu/programs.rs;
// the twins are `Bounce` in src/flow/links.rs and `bounce` in src/flow/stream.rs. Written out for all directions,
// because what is looked up by a number that is not known beforehand does not stay in registers.

// What a link out of the fluid brings back, and what the resting population gets for it: interpolated between what was
// sent back and what arrives beside it (Bouzidi, Firdaouss, Lallemand 2001, Phys. Fluids 13:3452; the mass as in
// src/flow/links.rs).
fn arriving(link: vec2<f32>, beside: f32) -> vec2<f32> {
    let near = select(1.0, link.y, 0.0 < link.y);
    let value = near * link.x + (1.0 - near) * beside;
    return vec2<f32>(value, link.x - value);
}

// What is sent back, and what the resting population gets for it, from what is on its way out and away from the wall.
fn sent(share: f32, out: f32, away: f32) -> vec2<f32> {
    let far = select(-share, 1.0, 0.0 < share);
    let value = far * out + (1.0 - far) * away;
    return vec2<f32>(value, out - value);
}

// What arrives at a cell of which links `out` lead out of the fluid, the first of them `first`.
fn arrived_outside(cell: u32, at: Around, out: u32, first: u32) -> array<f32, 19> {
    let s = params.stride;
    var g: array<f32, 19>;
    g[0] = rows_a[cell];
    if (out & 0x2u) == 0u {
        g[1] = rows_a[s + at.own];
    }
    if (out & 0x1u) == 0u {
        g[2] = rows_a[s + at.n0];
    }
    if (out & 0x8u) == 0u {
        g[3] = rows_a[3u * s + at.own];
    }
    if (out & 0x4u) == 0u {
        g[4] = rows_a[3u * s + at.n1];
    }
    if (out & 0x20u) == 0u {
        g[5] = rows_b[at.own];
    }
    if (out & 0x10u) == 0u {
        g[6] = rows_b[at.n2];
    }
    if (out & 0x80u) == 0u {
        g[7] = rows_b[2u * s + at.own];
    }
    if (out & 0x40u) == 0u {
        g[8] = rows_b[2u * s + at.n3];
    }
    if (out & 0x200u) == 0u {
        g[9] = rows_c[at.own];
    }
    if (out & 0x100u) == 0u {
        g[10] = rows_c[at.n4];
    }
    if (out & 0x800u) == 0u {
        g[11] = rows_c[2u * s + at.own];
    }
    if (out & 0x400u) == 0u {
        g[12] = rows_c[2u * s + at.n5];
    }
    if (out & 0x2000u) == 0u {
        g[13] = rows_d[at.own];
    }
    if (out & 0x1000u) == 0u {
        g[14] = rows_d[at.n6];
    }
    if (out & 0x8000u) == 0u {
        g[15] = rows_d[2u * s + at.own];
    }
    if (out & 0x4000u) == 0u {
        g[16] = rows_d[2u * s + at.n7];
    }
    if (out & 0x20000u) == 0u {
        g[17] = rows_d[4u * s + at.own];
    }
    if (out & 0x10000u) == 0u {
        g[18] = rows_d[4u * s + at.n8];
    }
    var n = first;
    var back: vec2<f32>;
    if (out & 0x1u) != 0u {
        back = arriving(links[n], g[1]);
        g[2] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x2u) != 0u {
        back = arriving(links[n], g[2]);
        g[1] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x4u) != 0u {
        back = arriving(links[n], g[3]);
        g[4] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x8u) != 0u {
        back = arriving(links[n], g[4]);
        g[3] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x10u) != 0u {
        back = arriving(links[n], g[5]);
        g[6] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x20u) != 0u {
        back = arriving(links[n], g[6]);
        g[5] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x40u) != 0u {
        back = arriving(links[n], g[7]);
        g[8] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x80u) != 0u {
        back = arriving(links[n], g[8]);
        g[7] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x100u) != 0u {
        back = arriving(links[n], g[9]);
        g[10] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x200u) != 0u {
        back = arriving(links[n], g[10]);
        g[9] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x400u) != 0u {
        back = arriving(links[n], g[11]);
        g[12] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x800u) != 0u {
        back = arriving(links[n], g[12]);
        g[11] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x1000u) != 0u {
        back = arriving(links[n], g[13]);
        g[14] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x2000u) != 0u {
        back = arriving(links[n], g[14]);
        g[13] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x4000u) != 0u {
        back = arriving(links[n], g[15]);
        g[16] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x8000u) != 0u {
        back = arriving(links[n], g[16]);
        g[15] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x10000u) != 0u {
        back = arriving(links[n], g[17]);
        g[18] = back.x;
        g[0] += back.y;
        n++;
    }
    if (out & 0x20000u) != 0u {
        back = arriving(links[n], g[18]);
        g[17] = back.x;
        g[0] += back.y;
        n++;
    }
    return g;
}

// Put what leaves such a cell where it goes.
fn leave_outside(cell: u32, at: Around, out: u32, first: u32, g: array<f32, 19>) {
    let s = params.stride;
    var rest = g[0];
    var n = first;
    var back: vec2<f32>;
    if (out & 0x1u) == 0u {
        rows_a[s + at.n0] = g[1];
    } else {
        back = sent(links[n].y, g[1], g[2]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x2u) == 0u {
        rows_a[s + at.own] = g[2];
    } else {
        back = sent(links[n].y, g[2], g[1]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x4u) == 0u {
        rows_a[3u * s + at.n1] = g[3];
    } else {
        back = sent(links[n].y, g[3], g[4]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x8u) == 0u {
        rows_a[3u * s + at.own] = g[4];
    } else {
        back = sent(links[n].y, g[4], g[3]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x10u) == 0u {
        rows_b[at.n2] = g[5];
    } else {
        back = sent(links[n].y, g[5], g[6]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x20u) == 0u {
        rows_b[at.own] = g[6];
    } else {
        back = sent(links[n].y, g[6], g[5]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x40u) == 0u {
        rows_b[2u * s + at.n3] = g[7];
    } else {
        back = sent(links[n].y, g[7], g[8]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x80u) == 0u {
        rows_b[2u * s + at.own] = g[8];
    } else {
        back = sent(links[n].y, g[8], g[7]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x100u) == 0u {
        rows_c[at.n4] = g[9];
    } else {
        back = sent(links[n].y, g[9], g[10]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x200u) == 0u {
        rows_c[at.own] = g[10];
    } else {
        back = sent(links[n].y, g[10], g[9]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x400u) == 0u {
        rows_c[2u * s + at.n5] = g[11];
    } else {
        back = sent(links[n].y, g[11], g[12]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x800u) == 0u {
        rows_c[2u * s + at.own] = g[12];
    } else {
        back = sent(links[n].y, g[12], g[11]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x1000u) == 0u {
        rows_d[at.n6] = g[13];
    } else {
        back = sent(links[n].y, g[13], g[14]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x2000u) == 0u {
        rows_d[at.own] = g[14];
    } else {
        back = sent(links[n].y, g[14], g[13]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x4000u) == 0u {
        rows_d[2u * s + at.n7] = g[15];
    } else {
        back = sent(links[n].y, g[15], g[16]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x8000u) == 0u {
        rows_d[2u * s + at.own] = g[16];
    } else {
        back = sent(links[n].y, g[16], g[15]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x10000u) == 0u {
        rows_d[4u * s + at.n8] = g[17];
    } else {
        back = sent(links[n].y, g[17], g[18]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    if (out & 0x20000u) == 0u {
        rows_d[4u * s + at.own] = g[18];
    } else {
        back = sent(links[n].y, g[18], g[17]);
        links[n].x = back.x;
        rest += back.y;
        n++;
    }
    rows_a[cell] = rest;
}
