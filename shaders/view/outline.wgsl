// Outlines of objects: lines of constant width around what they cover. Bindings belong to src/app/render/outline.rs.
//
// First a mask of the view: where an object is, and where it would be if it were a line wider to every side. Then one
// pass over the view colours what is in the wider one only. So folds inside an object get no lines, and one sample a
// pixel is enough.

#import bevy_render::view::View

// Twin of `OutlineUniform` in src/app/render/outline.rs.
struct OutlineUniform {
    // Planes that cut: what lies further than w along xyz is cut away; all zero cuts nothing.
    cuts: array<vec4<f32>, 7>,
    // x: width of the line in pixels; y: 1 where the object is selected, 0 where the mouse is over it.
    shape: vec4<f32>,
    // Linear RGB and opacity of the line.
    colour: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<uniform> outline: OutlineUniform;
@group(0) @binding(2) var opaque_depth: texture_depth_2d;

// How strong a line is behind something opaque.
const HIDDEN: f32 = 0.4;
// Depths that differ by less than this part are one place.
const SAME: f32 = 0.004;

struct Pixel {
    @builtin(position) position: vec4<f32>,
    @location(0) world: vec3<f32>,
}

// Two channels for what is selected and two for what the mouse is over: the object, and its line.
fn channels(inside: f32, line: f32) -> vec4<f32> {
    let both = vec2(inside, line);
    return select(vec4(vec2(0.0), both), vec4(both, vec2(0.0)), 0.5 < outline.shape.y);
}

fn is_cut(world: vec3<f32>) -> bool {
    for (var n = 0u; n < 7u; n++) {
        if outline.cuts[n].w < dot(outline.cuts[n].xyz, world) {
            return true;
        }
    }
    return false;
}

@vertex
fn inner_vertex(@location(0) position: vec3<f32>, @location(1) normal: vec3<f32>) -> Pixel {
    return Pixel(view.clip_from_world * vec4(position, 1.0), position);
}

// Moved outwards on the screen.
@vertex
fn outer_vertex(@location(0) position: vec3<f32>, @location(1) normal: vec3<f32>) -> Pixel {
    var clip = view.clip_from_world * vec4(position, 1.0);
    let size = view.viewport.zw;
    let outwards = (view.clip_from_world * vec4(normal, 0.0)).xy * size;
    let far = length(outwards);
    if 1e-6 < far {
        clip = vec4(clip.xy + outwards / far * 2.0 * outline.shape.x / size * clip.w, clip.zw);
    }
    return Pixel(clip, position);
}

@fragment
fn inner(in: Pixel) -> @location(0) vec4<f32> {
    if is_cut(in.world) {
        discard;
    }
    return channels(1.0, 0.0);
}

@fragment
fn outer(in: Pixel) -> @location(0) vec4<f32> {
    if is_cut(in.world) {
        discard;
    }
    // Depth falls with distance.
    let before = textureLoad(opaque_depth, vec2<i32>(in.position.xy), 0);
    // A parallel projection has a linear depth: by as much as the part is at the target (3.73 is 1 / tan 15°).
    let apart = SAME * 3.73 * view.clip_from_view[2][2] / view.clip_from_view[1][1];
    let same = mix(in.position.z * SAME, apart, view.clip_from_view[3][3]);
    return channels(0.0, select(HIDDEN, 1.0, before <= in.position.z + same));
}

@group(1) @binding(0) var mask: texture_2d<f32>;

@vertex
fn whole_vertex(@builtin(vertex_index) n: u32) -> @builtin(position) vec4<f32> {
    return vec4(f32(n & 1u) * 4.0 - 1.0, f32(n >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn line(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let found = textureLoad(mask, vec2<i32>(position.xy), 0);
    let part = select(found.zw, found.xy, 0.5 < outline.shape.y);
    let alpha = outline.colour.a * part.y * (1.0 - part.x);
    return vec4(outline.colour.rgb * alpha, alpha);
}
