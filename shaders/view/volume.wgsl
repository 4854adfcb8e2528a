// A scan as a rendered volume, and the translucent surfaces in and around it. Bindings belong to
// src/app/render/volume.rs.
//
// One triangle covers the view. Each pixel sends a ray through the texels, front to back, until the opaque scene stops
// it or nothing behind can be seen any more. Ways are in world millimetres, so that opacity does not depend on the step.
// Translucent surfaces lie in Bevy's lists of fragments, one list per pixel; they are sorted, and each is laid exactly
// between the parts of the volume before and behind it. A list that was read is emptied: Bevy's own step, which comes
// next, then finds nothing to do.

#import bevy_render::view::View
#import bevy_pbr::rgb9e5::rgb9e5_to_vec3_

// Twin of `VolumeUniform` in src/app/render/volume.rs.
struct VolumeUniform {
    // From the world to texel numbers; whole numbers are centres of texels.
    index_from_world: mat4x4<f32>,
    // From the world to voxel numbers of the segmentation that masks.
    label_from_world: mat4x4<f32>,
    // xyz: texel number (plus a half) to texture coordinate; w: shortest edge of a texel in mm.
    texture: vec4<f32>,
    // xyz: the same for the volume of extinctions; w: edge of its texels in mm.
    extinction: vec4<f32>,
    // The box that is drawn, as texel numbers.
    low: vec4<f32>,
    high: vec4<f32>,
    // xyz: unit normal to the side that is cut away; w: distance from the origin.
    planes: array<vec4<f32>, 7>,
    // Stored value to entry of the table (factor, summand), and to brightness in the display window.
    place: vec4<f32>,
    // Ambient, diffuse, specular, power.
    shading: vec4<f32>,
    // x: step in mm; y: texels to each side for a gradient; z: gradient that counts as a wall, per mm; w: reference
    // length of a radiograph in mm.
    march: vec4<f32>,
    // x: 0 composite, 1 maximum, 2 radiograph; y: clip planes; z: bit 0 lit, 1 mask, 2 cinematic, 3 six samples for a
    // gradient; w: number of the frame.
    mode: vec4<u32>,
    // Labels whose voxels are drawn, a bit each.
    mask: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<uniform> volume: VolumeUniform;
@group(0) @binding(2) var texels: texture_3d<f32>;
@group(0) @binding(3) var smooth_sampler: sampler;
@group(0) @binding(4) var table: texture_2d<f32>;
@group(0) @binding(5) var skips: texture_3d<u32>;
@group(0) @binding(6) var labels: texture_3d<u32>;
@group(0) @binding(7) var extinctions: texture_3d<f32>;
@group(0) @binding(8) var opaque_depth: texture_depth_2d;

#ifdef OIT_ENABLED
struct Fragment {
    colour: u32,
    depth_alpha: u32,
    next: u32,
}
@group(0) @binding(9) var<storage, read> fragments: array<Fragment>;
@group(0) @binding(10) var<storage, read_write> heads: array<u32>;
#endif

// `TABLE` and `EDGE` in src/image/texels.
const TABLE: f32 = 2048.0;
const EDGE: f32 = 8.0;
// What lies behind this opacity changes no channel by more than five of 255 steps.
const ENOUGH: f32 = 0.98;
// Translucent walls sorted exactly; the nearest ones are kept.
const LAYERS: u32 = 12u;
// A longer list cannot come from a real scene.
const READ_MAX: u32 = 512u;
const FAR: f32 = 1e9;
// Extinctions below this, in powers of two per mm, are not seen: half a metre of it covers less than one part in 100.
const CLEAR: f32 = 2e-5;

const MAXIMUM: u32 = 1u;
const RADIOGRAPH: u32 = 2u;
const LIT: u32 = 1u;
const MASKED: u32 = 2u;
const CINEMATIC: u32 = 4u;
const SIX: u32 = 8u;

// Always 0, which no compiler knows: see surface.wgsl.
var<private> nothing: u32 = 0u;

// `mode` of the uniform, where it decides what is done.
fn mode() -> vec4<u32> {
    return volume.mode + nothing;
}

// How far along its ray something of a depth lies. In perspective depth is near / distance, so the way is that of the near
// plane over the depth; in a parallel projection, which keeps w, it is linear.
fn way_of(depth: f32, near: f32) -> f32 {
    if 0.5 < view.clip_from_view[3][3] + f32(nothing) {
        return (1.0 - depth) / view.clip_from_view[2][2];
    }
    return select(near / depth, FAR, depth < near / FAR);
}

// A ray through the volume: where it is in the world, in texels, and from where to where it is inside.
struct Ray {
    eye: vec3<f32>,
    direction: vec3<f32>,
    index: vec3<f32>,
    per_mm: vec3<f32>,
    start: f32,
    end: f32,
    // Of the face through which the ray enters, towards the viewer.
    face: vec3<f32>,
    // From 0 to 1, another for each pixel.
    jitter: f32,
}

// Premultiplied colour and opacity gathered so far, front to back.
fn under(before: vec4<f32>, colour: vec3<f32>, alpha: f32) -> vec4<f32> {
    return before + (1.0 - before.a) * vec4(colour * alpha, alpha);
}

// Interleaved gradient noise (Jimenez 2014): neighbours differ as much as they can.
fn noise(pixel: vec2<f32>) -> f32 {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}

// The part of the ray inside the box and before all clip planes.
fn clipped(eye: vec3<f32>, direction: vec3<f32>, near: f32, far: f32) -> Ray {
    var ray: Ray;
    ray.eye = eye;
    ray.direction = direction;
    ray.index = (volume.index_from_world * vec4(eye, 1.0)).xyz;
    ray.per_mm = (volume.index_from_world * vec4(direction, 0.0)).xyz;
    ray.per_mm = select(ray.per_mm, vec3(1e-9), abs(ray.per_mm) < vec3(1e-9));
    let a = (volume.low.xyz - ray.index) / ray.per_mm;
    let b = (volume.high.xyz - ray.index) / ray.per_mm;
    var enter = min(a, b);
    let leave = max(a, b);
    ray.start = near;
    ray.face = -direction;
    var rows = transpose(mat3x3(
        volume.index_from_world[0].xyz, volume.index_from_world[1].xyz, volume.index_from_world[2].xyz
    ));
    for (var axis = 0; axis < 3; axis++) {
        if ray.start < enter[axis] {
            ray.start = enter[axis];
            ray.face = -sign(ray.per_mm[axis]) * normalize(rows[axis]);
        }
    }
    ray.end = min(far, min(leave.x, min(leave.y, leave.z)));
    for (var n = 0u; n < mode().y; n++) {
        let plane = volume.planes[n];
        let above = dot(plane.xyz, eye) - plane.w;
        let rise = dot(plane.xyz, direction);
        if abs(rise) < 1e-7 {
            if 0.0 < above {
                ray.end = -1.0;
            }
            continue;
        }
        let at = -above / rise;
        if rise < 0.0 && ray.start < at {
            ray.start = at;
            ray.face = plane.xyz;
        }
        if 0.0 < rise {
            ray.end = min(ray.end, at);
        }
    }
    return ray;
}

// How far the ray may go on in mm before it reaches a brick that is not empty; 0 inside of one.
fn leap(index: vec3<f32>, per_mm: vec3<f32>) -> f32 {
    let last = vec3<i32>(textureDimensions(skips)) - 1;
    let brick = clamp(vec3<i32>(floor((index + 0.5) / EDGE)), vec3(0), last);
    let distance = i32(textureLoad(skips, brick, 0).r);
    if distance == 0 {
        return 0.0;
    }
    let low = vec3<f32>(brick - distance + 1) * EDGE - 0.5;
    let high = vec3<f32>(brick + distance) * EDGE - 0.5;
    let ways = (select(low, high, vec3(0.0) < per_mm) - index) / per_mm;
    return max(min(ways.x, min(ways.y, ways.z)), 1e-4);
}

// The next place after `here` on the grid of steps that does not lie behind `to`: leaps must not show the bricks' faces.
// A ray begins off that grid, by another part of a step in each pixel: a short first leap must bring it onto the grid, or
// neighbours would go on in step and show rings.
fn stepped(here: f32, to: f32, base: f32, step: f32) -> f32 {
    // The small summand is for rounding; from very far away that takes more, and the ray goes on nevertheless.
    let next = base + floor((max(to, here + step) - base) / step + 0.01) * step;
    return select(next, here + step, next <= here);
}

fn stored(index: vec3<f32>) -> f32 {
    return textureSampleLevel(texels, smooth_sampler, (index + 0.5) * volume.texture.xyz, 0.0).r;
}

// Whether the voxel of the segmentation is drawn, 1 or 0.
fn shows(voxel: vec3<i32>) -> f32 {
    let size = vec3<i32>(textureDimensions(labels));
    var label = 0u;
    if all(vec3(0) <= voxel) && all(voxel < size) {
        label = textureLoad(labels, voxel, 0).r;
    }
    let word = volume.mask[label >> 7u][(label >> 5u) & 3u];
    return f32((word >> (label & 31u)) & 1u);
}

fn is_near_drawn(world: vec3<f32>) -> bool {
    return 0.5 < shows(vec3<i32>(floor((volume.label_from_world * vec4(world, 1.0)).xyz + 0.5)));
}

// At rest the edge of the mask is smooth: where the share of drawn voxels, interpolated from voxel to voxel, is one half.
fn is_drawn(world: vec3<f32>) -> bool {
    if (mode().z & SIX) == 0u {
        return is_near_drawn(world);
    }
    let at = (volume.label_from_world * vec4(world, 1.0)).xyz;
    let low = floor(at);
    let part = at - low;
    let first = vec3<i32>(low);
    var share = 0.0;
    for (var n = 0; n < 8; n++) {
        let corner = vec3(n & 1, (n >> 1u) & 1, n >> 2u);
        let weight = select(1.0 - part, part, corner == vec3<i32>(1));
        share += weight.x * weight.y * weight.z * shows(first + corner);
    }
    return 0.5 <= share;
}

// The gradient of the stored value in the world, per mm: six samples, or four at the corners of a tetrahedron.
fn gradient(index: vec3<f32>) -> vec3<f32> {
    let h = volume.march.y;
    var g: vec3<f32>;
    if (mode().z & SIX) != 0u {
        let x = stored(index + vec3(h, 0.0, 0.0)) - stored(index - vec3(h, 0.0, 0.0));
        let y = stored(index + vec3(0.0, h, 0.0)) - stored(index - vec3(0.0, h, 0.0));
        let z = stored(index + vec3(0.0, 0.0, h)) - stored(index - vec3(0.0, 0.0, h));
        g = vec3(x, y, z) / (2.0 * h);
    } else {
        let a = stored(index + h * vec3(1.0, 1.0, 1.0));
        let b = stored(index + h * vec3(1.0, -1.0, -1.0));
        let c = stored(index + h * vec3(-1.0, 1.0, -1.0));
        let d = stored(index + h * vec3(-1.0, -1.0, 1.0));
        g = vec3(a + b - c - d, a - b + c - d, a - b - c + d) / (4.0 * h);
    }
    return (transpose(volume.index_from_world) * vec4(g, 0.0)).xyz;
}

// Whether tissue is there for the light: not outside the box, cut away or masked.
fn is_kept(world: vec3<f32>, index: vec3<f32>) -> bool {
    if any(index < volume.low.xyz) || any(volume.high.xyz < index) {
        return false;
    }
    for (var n = 0u; n < mode().y; n++) {
        if volume.planes[n].w < dot(volume.planes[n].xyz, world) {
            return false;
        }
    }
    return (mode().z & MASKED) == 0u || is_near_drawn(world);
}

// What of the light passes from afar along `direction`, by the coarse volume of extinctions. Starts differ from pixel to
// pixel by `jitter`: the coarse texels would show as rings otherwise.
fn passed(world: vec3<f32>, direction: vec3<f32>, jitter: f32) -> f32 {
    var step = volume.extinction.w;
    var way = (0.5 + jitter) * step;
    var sum = 0.0;
    for (var n = 0; n < 7; n++) {
        let at = world + way * direction;
        let index = (volume.index_from_world * vec4(at, 1.0)).xyz;
        let place = (index + 0.5) * volume.extinction.xyz;
        if is_kept(at, index) {
            sum += step * textureSampleLevel(extinctions, smooth_sampler, place, 0.0).r;
        }
        way += step;
        step *= 1.45;
    }
    return exp2(sum);
}

// The light that comes back from tissue of colour `base`; the same lamps as in surface.wgsl.
fn lit(base: vec3<f32>, world: vec3<f32>, index: vec3<f32>, ray: Ray, way: f32) -> vec3<f32> {
    let right = view.world_from_view[0].xyz;
    let up = view.world_from_view[1].xyz;
    let back = view.world_from_view[2].xyz;
    let key = normalize(-0.45 * right + 0.6 * up + 0.75 * back);
    let fill = normalize(0.85 * right - 0.15 * up + 0.5 * back);

    let slope = gradient(index);
    let steep = length(slope);
    // Where values hardly change there is no wall, only noise: light comes back evenly.
    var wall = smoothstep(0.15, 1.0, steep / volume.march.z);
    var normal = -slope / max(steep, 1e-9);
    if dot(normal, ray.direction) > 0.0 {
        normal = -normal;
    }
    if way - ray.start < 1.2 * volume.texture.w {
        // Cut tissue is lit as the flat face it is.
        normal = ray.face;
        wall = 1.0;
    }
    var key_part = max((dot(normal, key) + 0.15) / 1.15, 0.0);
    var fill_part = max(dot(normal, fill), 0.0);
    let half_way = normalize(key - ray.direction);
    var shine = pow(max(dot(normal, half_way), 0.0), max(volume.shading.w, 1.0)) * wall;
    key_part = mix(0.6, key_part, wall);
    fill_part = mix(0.4, fill_part, wall);
    var open = 1.0;
    if (mode().z & CINEMATIC) != 0u {
        // From a little before the wall, so that it does not shade itself.
        let before = world + 1.8 * volume.extinction.w * normal;
        let lamp = passed(before, key, ray.jitter);
        key_part *= mix(0.25, 1.0, lamp);
        shine *= lamp;
        open = 0.25 + 0.75 * passed(before, normal, ray.jitter);
    }
    let sky = vec3(0.30, 0.32, 0.35);
    let ground = vec3(0.16, 0.14, 0.13);
    let ambient = mix(ground, sky, 0.5 + 0.5 * wall * dot(normal, up)) * (0.7 + 1.5 * volume.shading.x) * open;
    let lamps = vec3(0.86, 0.84, 0.81) * key_part + vec3(0.18, 0.20, 0.23) * fill_part * open;
    return base * (ambient + volume.shading.y * lamps) + vec3(0.5 * volume.shading.z * shine);
}

// Colour and opacity of `step` mm of tissue around a place.
fn tissue(index: vec3<f32>, ray: Ray, way: f32, step: f32) -> vec4<f32> {
    let entry = clamp(stored(index) * volume.place.x + volume.place.y, 0.0, TABLE - 1.0);
    let found = textureLoad(table, vec2(i32(entry + 0.5), 0), 0);
    // Not by the opacity of one sample: haze of many fine steps would vanish.
    if -found.a < CLEAR {
        return vec4(0.0);
    }
    let alpha = 1.0 - exp2(found.a * step);
    let world = ray.eye + way * ray.direction;
    if (mode().z & MASKED) != 0u {
        if !is_drawn(world) {
            return vec4(0.0);
        }
    }
    var colour = found.rgb;
    if (mode().z & LIT) != 0u {
        colour = lit(colour, world, index, ray, way);
    }
    return vec4(colour, alpha);
}

// Brightness on the display to linear light (IEC 61966-2-1).
fn grey(brightness: f32) -> vec3<f32> {
    let value = clamp(brightness, 0.0, 1.0);
    return vec3(select(pow((value + 0.055) / 1.055, 2.4), value / 12.92, value <= 0.04045));
}

// The highest brightness along a ray and where it is, or what a radiograph shows.
fn projected(ray: Ray, jitter: f32) -> vec2<f32> {
    let step = volume.march.x;
    let base = ray.start + (jitter - 0.5) * step;
    var way = base;
    var best = vec2(0.0, ray.end);
    var sum = 0.0;
    while way < ray.end {
        let index = ray.index + way * ray.per_mm;
        let free = leap(index, ray.per_mm);
        if 0.0 < free {
            way = stepped(way, way + free, base, step);
            continue;
        }
        let at = max(way, ray.start);
        let brightness = clamp(stored(ray.index + at * ray.per_mm) * volume.place.z + volume.place.w, 0.0, 1.0);
        if best.x < brightness {
            if (mode().z & MASKED) == 0u || is_drawn(ray.eye + at * ray.direction) {
                best = vec2(brightness, at);
                if mode().x == MAXIMUM && 1.0 <= brightness {
                    break;
                }
            }
        }
        if mode().x == RADIOGRAPH {
            if (mode().z & MASKED) == 0u || is_drawn(ray.eye + at * ray.direction) {
                sum += brightness * step;
            }
        }
        way += step;
    }
    if mode().x == RADIOGRAPH {
        return vec2(1.0 - exp(-sum / volume.march.w), ray.end);
    }
    return best;
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    nothing = u32(min(position.w, 0.0));
    let pixel = position.xy - view.viewport.xy;
    let ndc = vec2(2.0, -2.0) * pixel / view.viewport.zw + vec2(-1.0, 1.0);
    let near_clip = view.world_from_clip * vec4(ndc, 1.0, 1.0);
    let at_near = near_clip.xyz / near_clip.w;
    let to_near = at_near - view.world_position;
    var near = length(to_near);
    var eye = view.world_position;
    var direction = to_near / near;
    if 0.5 < view.clip_from_view[3][3] + f32(nothing) {
        // Parallel rays begin at the near plane.
        near = 0.0;
        eye = at_near;
        direction = -view.world_from_view[2].xyz;
    }
    let depth = textureLoad(opaque_depth, vec2<i32>(position.xy), 0);
    let far = way_of(depth, near);

    var count = 0u;
#ifdef OIT_ENABLED
    var colours: array<u32, LAYERS>;
    var depths: array<u32, LAYERS>;
    let head = u32(floor(position.x) + floor(position.y) * view.viewport.z);
    var next = heads[head];
    heads[head] = 0u;
    let hidden = (u32(saturate(depth) * f32(0xffffffu) + 0.5) << 8u) | 255u;
    for (var read = 0u; next != 0u && read < READ_MAX; read++) {
        let found = fragments[next - 1u];
        next = found.next + 1u;
        if found.depth_alpha < hidden {
            continue;
        }
        // Insertion sort, the nearest first; of too many the farthest falls out.
        var at = min(count, LAYERS - 1u);
        if count == LAYERS && found.depth_alpha < depths[at] {
            continue;
        }
        for (; 0u < at && depths[at - 1u] < found.depth_alpha; at--) {
            depths[at] = depths[at - 1u];
            colours[at] = colours[at - 1u];
        }
        depths[at] = found.depth_alpha;
        colours[at] = found.colour;
        count = min(count + 1u, LAYERS);
    }
#endif

    let jitter = noise(floor(position.xy));
    var ray = clipped(eye, direction, near, far);
    ray.jitter = jitter;
    let step = volume.march.x;
    let is_lit = mode().x == 0u;
    var all = vec4(0.0);
    var layer = vec2(0.0, FAR);
    if !is_lit && ray.start < ray.end {
        layer = projected(ray, jitter);
    }
    let base = ray.start + jitter * step;
    var way = ray.start;
    var end = base;
    var n = 0u;
    // The way to the next translucent wall, and to the single layer that a projection is.
    loop {
        var wall = FAR;
#ifdef OIT_ENABLED
        if n < count {
            wall = way_of(f32(max(depths[n] >> 8u, 1u)) / f32(0xffffffu), near);
        }
#endif
        if is_lit {
            while way < min(ray.end, wall) && all.a < ENOUGH {
                let free = leap(ray.index + way * ray.per_mm, ray.per_mm);
                if 0.0 < free {
                    way = max(stepped(way, way + free, base, step), way);
                    end = way + step;
                    continue;
                }
                if end <= way {
                    end = way + step;
                }
                let stop = min(end, min(ray.end, wall));
                let middle = 0.5 * (way + stop);
                let part = tissue(ray.index + middle * ray.per_mm, ray, middle, stop - way);
                all = under(all, part.rgb, part.a);
                way = stop;
            }
        } else if layer.y < wall {
            // White as opaque as it is bright, multiplied as the screen blends: over black the grey of the slices.
            all += (1.0 - all.a) * vec4(grey(layer.x), layer.x);
            layer = vec2(0.0, FAR);
        }
        if wall == FAR || ENOUGH <= all.a {
            break;
        }
#ifdef OIT_ENABLED
        let alpha = f32(depths[n] & 255u) / 255.0;
        all = under(all, rgb9e5_to_vec3_(colours[n]), alpha);
#endif
        n++;
    }
    return select(all, vec4(all.rgb / max(all.a, 1e-6), 1.0), ENOUGH <= all.a);
}
