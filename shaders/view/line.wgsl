// Lines of constant thickness on the screen. Mesh layout and bindings belong to src/app/render/line_material.rs.
//
// Each segment is a quad: every vertex knows both ends and on which side of the line it lies; it is moved sideways
// after projection. Edges fade over a pixel, so that lines are smooth without multisampling.

#import bevy_pbr::mesh_view_bindings::view
#ifdef OIT_ENABLED
#import bevy_core_pipeline::oit::oit_draw
#endif

// Twin of `LineUniform` in src/app/render/line_material.rs.
struct LineUniform {
    // Linear RGB and opacity.
    colour: vec4<f32>,
    // x: thickness in thousandths of the height of the picture.
    shape: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> line: LineUniform;

struct LineVertex {
    // One end.
    @location(0) here: vec3<f32>,
    // The other end.
    @location(1) there: vec3<f32>,
    // x: side of the line, −1 or 1; y: 1 at the first end, −1 at the last.
    @location(2) place: vec2<f32>,
}

struct LinePixel {
    @builtin(position) position: vec4<f32>,
    // Pixels from the middle of the line.
    @location(0) @interpolate(linear) offset: f32,
}

// The part of the segment before the near plane.
fn before_eye(point: vec4<f32>, other: vec4<f32>) -> vec4<f32> {
    let near = 1e-3;
    if near <= point.w {
        return point;
    }
    let part = (near - point.w) / max(other.w - point.w, 1e-9);
    return mix(point, other, clamp(part, 0.0, 1.0));
}

// How many times the height of what is drawn the picture has: more than 1 where it is drawn in tiles (`Part::higher`).
fn higher() -> f32 {
    return 1.0 + view.mip_bias;
}

fn half_width_px() -> f32 {
    return max(0.5 * line.shape.x * 0.001 * view.viewport.w * higher(), 0.5);
}

@vertex
fn vertex(in: LineVertex) -> LinePixel {
    let raw_here = view.clip_from_world * vec4(in.here, 1.0);
    let raw_there = view.clip_from_world * vec4(in.there, 1.0);
    let here = before_eye(raw_here, raw_there);
    let there = before_eye(raw_there, raw_here);
    let size = view.viewport.zw;
    let along_px = (there.xy / there.w - here.xy / here.w) * size * in.place.y;
    let along = along_px / max(length(along_px), 1e-6);
    let reach = half_width_px() + 1.0;
    let sideways = vec2(-along.y, along.x) * in.place.x * reach - along * in.place.y * 0.5;
    var out: LinePixel;
    // A little towards the eye, so that lines on a surface win: by a part of the depth in perspective (near / distance), by
    // as much as that is at the target in a parallel projection, whose depth is linear (3.73 is 1 / tan 15°).
    let parallel = view.clip_from_view[3][3];
    let nearer = 0.002 * 3.73 * view.clip_from_view[2][2] * higher() / view.clip_from_view[1][1];
    let z = mix(here.z * 1.002, here.z + nearer, parallel);
    out.position = vec4(here.xy + sideways * 2.0 / size * here.w, z, here.w);
    out.offset = in.place.x * reach;
    return out;
}

@fragment
fn fragment(in: LinePixel) -> @location(0) vec4<f32> {
    let coverage = clamp(half_width_px() + 0.5 - abs(in.offset), 0.0, 1.0);
    let colour = vec4(line.colour.rgb, line.colour.a * coverage);
#ifdef OIT_ENABLED
    oit_draw(in.position, colour);
    discard;
#endif
    return colour;
}
