// Lit surfaces: organs, result meshes, tubes. Bindings and layout belong to src/app/render/surface_material.rs.
//
// Three lights that follow the camera, as a lamp on the surgeon's head: key from the upper left, fill from the right,
// and a soft sky-to-floor ambient. No tone mapping: a legend's colour must be found again on the surface.

#import bevy_pbr::{
    forward_io::VertexOutput,
    mesh_view_bindings::view,
}
#ifdef OIT_ENABLED
#import bevy_core_pipeline::oit::oit_draw
#endif

// Twin of `SurfaceUniform` in src/app/render/surface_material.rs.
struct SurfaceUniform {
    // Linear RGB and opacity.
    colour: vec4<f32>,
    // x: 0 own colour, 1 uv.x is looked up in the colour map (below -100: own colour), 2 uv is a place in a picture; y: 1 where the object is
    // selected, 0.5 where the mouse is over it; z: 1 where no light falls; w: shine.
    mode: vec4<f32>,
    // The place in the map is x · uv.x + y; isolines lie z apart on it (0: none), one of them at w.
    scale: vec4<f32>,
    // Linear RGB of what lies below and above the map; a: 1 where that has a colour of its own.
    below: vec4<f32>,
    above: vec4<f32>,
    // Planes that cut: what lies further than w along xyz is cut away; all zero cuts nothing.
    cuts: array<vec4<f32>, 7>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: SurfaceUniform;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var map_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var map_sampler: sampler;

// Always 0, which no compiler knows: it is added where a uniform alone decides. Mesa's software driver (22.3) writes numbers
// of uniforms that decide into the shader and compiles it anew for every draw, and never frees what it compiled.
var<private> nothing: f32 = 0.0;

const MAP_SIZE: f32 = 256.0;
// Opacity of the inner side of a translucent wall over that of its outer side.
const BACK_WALL: f32 = 0.4;

fn is_cut(world: vec3<f32>) -> bool {
    for (var n = 0u; n < 7u; n++) {
        if surface.cuts[n].w + nothing < dot(surface.cuts[n].xyz, world) {
            return true;
        }
    }
    return false;
}

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) is_front: bool) -> @location(0) vec4<f32> {
    nothing = min(in.position.w, 0.0);
    // Before anything is thrown away: a derivative needs its neighbours.
    let slope = fwidth(in.uv.x);
    if is_cut(in.world_position.xyz) {
        discard;
    }
    let colour = seen(in, is_front, slope);
#ifdef OIT_ENABLED
    // What is translucent goes into the list of its pixel; the list is sorted and drawn later.
    oit_draw(in.position, colour);
    discard;
#endif
    return colour;
}

// The colour of a place in the map of the mesh, whose change over a pixel is `slope`.
fn of_value(fraction: f32, slope: f32) -> vec3<f32> {
    let value = surface.scale.x * fraction + surface.scale.y;
    let place = (clamp(value, 0.0, 1.0) * (MAP_SIZE - 1.0) + 0.5) / MAP_SIZE;
    var colour = textureSampleLevel(map_texture, map_sampler, vec2(place, 0.5), 0.0).rgb;
    if value < 0.0 && 0.5 < surface.below.a + nothing {
        colour = surface.below.rgb;
    } else if 1.0 < value && 0.5 < surface.above.a + nothing {
        colour = surface.above.rgb;
    }
    if 0.0 < surface.scale.z + nothing && -1e-3 < value && value < 1.0 + 1e-3 {
        let steps = (value - surface.scale.w) / surface.scale.z;
        let steps_per_pixel = abs(surface.scale.x) * slope / surface.scale.z;
        let away = abs(steps - round(steps)) / max(steps_per_pixel, 1e-9);
        // A plateau at the value of a line is no line, and lines closer than the eye can part are none either.
        let counts = smoothstep(1e-5, 1e-4, steps_per_pixel) * (1.0 - smoothstep(0.15, 0.4, steps_per_pixel));
        let strength = 0.75 * counts * (1.0 - smoothstep(0.35, 1.35, away));
        let is_dark = dot(colour, vec3(0.2126, 0.7152, 0.0722)) < 0.1;
        colour = mix(colour, select(vec3(0.0), vec3(1.0), is_dark), strength);
    }
    return colour;
}

// Neutral grey with diagonal stripes across the screen: there is no valid value here.
fn hatched(pixel: vec2<f32>) -> vec3<f32> {
    let across = abs(fract((pixel.x + pixel.y) / 11.0) - 0.5) * 11.0;
    return mix(vec3(0.08), vec3(0.33), smoothstep(1.2, 2.4, across));
}

fn seen(in: VertexOutput, is_front: bool, slope: f32) -> vec4<f32> {
    var base = surface.colour.rgb;
    if 1.5 < surface.mode.x + nothing {
        let texel = textureSampleLevel(map_texture, map_sampler, in.uv, 0.0);
        return vec4(texel.rgb, texel.a * surface.colour.a);
    }
    // Values far below any scale stand for the own colour.
    if 0.5 < surface.mode.x + nothing && -100.0 < in.uv.x {
        base = of_value(in.uv.x, slope);
        if in.uv.y < -1e-3 {
            base = hatched(in.position.xy);
        }
    }
    // uv.y is how strongly a picked patch is marked, 0 to 1; below 0 where there is no valid value.
    base = mix(base, vec3(1.0, 0.85, 0.35), 0.45 * smoothstep(0.35, 0.65, in.uv.y));
    if 0.5 < surface.mode.z + nothing {
        return vec4(base, surface.colour.a);
    }

    // Parallel lines of sight meet in no eye; their projection keeps w.
    let to_position = normalize(view.world_position - in.world_position.xyz);
    let to_eye = select(to_position, view.world_from_view[2].xyz, 0.5 < view.clip_from_view[3][3] + nothing);
    var normal = normalize(in.world_normal);
    if !is_front {
        normal = -normal;
    }
    let right = view.world_from_view[0].xyz;
    let up = view.world_from_view[1].xyz;
    let back = view.world_from_view[2].xyz;
    let key = normalize(-0.45 * right + 0.6 * up + 0.75 * back);
    let fill = normalize(0.85 * right - 0.15 * up + 0.5 * back);

    let sky = vec3(0.30, 0.32, 0.35);
    let floor = vec3(0.16, 0.14, 0.13);
    let ambient = mix(floor, sky, 0.5 + 0.5 * dot(normal, up));
    // Light wraps a little around the edge, as it does in flesh.
    let key_part = max((dot(normal, key) + 0.15) / 1.15, 0.0);
    let fill_part = max(dot(normal, fill), 0.0);
    var light = ambient + vec3(0.78, 0.76, 0.73) * key_part + vec3(0.16, 0.18, 0.21) * fill_part;

    let facing = max(dot(normal, to_eye), 0.0);
    let half_way = normalize(key + to_eye);
    let shine = surface.mode.w * 0.22 * pow(max(dot(normal, half_way), 0.0), 36.0);
    let rim = pow(1.0 - facing, 3.0);
    var colour = base * light + vec3(shine) + base * rim * 0.12;
    var alpha = surface.colour.a;
    if alpha + nothing < 1.0 {
        // A translucent wall is thicker where it is seen edge-on.
        alpha = mix(alpha, min(1.0, 2.2 * alpha), rim);
        // The wall at the back is fainter: folded organs have many walls behind each other, which as strong as the outer
        // one would veil what lies among them.
        if !is_front {
            alpha *= BACK_WALL;
        }
    }
    // Selected or under the mouse: a line goes around it (outline.wgsl), the surface itself keeps its colours but for a
    // little light.
    colour = mix(colour, vec3(0.9, 0.95, 1.0), 0.05 * surface.mode.y);
    return vec4(colour, alpha);
}
