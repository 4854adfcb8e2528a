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
    // selected; z: 1 where no light falls; w: shine.
    mode: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: SurfaceUniform;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var map_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var map_sampler: sampler;

const MAP_SIZE: f32 = 256.0;

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) is_front: bool) -> @location(0) vec4<f32> {
    let colour = seen(in, is_front);
#ifdef OIT_ENABLED
    // What is translucent goes into the list of its pixel; the list is sorted and drawn later.
    oit_draw(in.position, colour);
    discard;
#endif
    return colour;
}

fn seen(in: VertexOutput, is_front: bool) -> vec4<f32> {
    var base = surface.colour.rgb;
    if 1.5 < surface.mode.x {
        let texel = textureSampleLevel(map_texture, map_sampler, in.uv, 0.0);
        return vec4(texel.rgb, texel.a * surface.colour.a);
    }
    // Values far below any scale stand for the own colour.
    if 0.5 < surface.mode.x && -100.0 < in.uv.x {
        let place = (clamp(in.uv.x, 0.0, 1.0) * (MAP_SIZE - 1.0) + 0.5) / MAP_SIZE;
        base = textureSampleLevel(map_texture, map_sampler, vec2(place, 0.5), 0.0).rgb;
    }
    // uv.y is how strongly a picked patch is marked, 0 to 1.
    base = mix(base, vec3(1.0, 0.85, 0.35), 0.45 * smoothstep(0.35, 0.65, in.uv.y));
    if 0.5 < surface.mode.z {
        return vec4(base, surface.colour.a);
    }

    let to_eye = normalize(view.world_position - in.world_position.xyz);
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
    if alpha < 1.0 {
        // A translucent wall is thicker where it is seen edge-on.
        alpha = mix(alpha, min(1.0, 2.2 * alpha), rim);
    }
    if 0.5 < surface.mode.y {
        colour = mix(colour, vec3(0.35, 0.62, 1.0), 0.55 * pow(1.0 - facing, 2.0));
    }
    return vec4(colour, alpha);
}
