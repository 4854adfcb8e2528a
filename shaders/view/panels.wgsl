// The panels where a processor plays the graphics card: bevy_egui's shader with its six powers per pixel replaced by
// polynomials. Put in its place by src/app/render/shaders.rs; on real graphics cards the original stays.
//
// Colours are multiplied in gamma space, as egui wants it. Plain fills (white texel) and plain pictures (white tint)
// are what most pixels are: fills are off by at most 0.7 of 255, pictures are exact, the edges of letters by 2.3.

struct Transform {
    scale: vec2<f32>,
    translation: vec2<f32>,
}

struct VertexInput {
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
}

struct VertexOutput {
    @builtin(position) position: vec4<f32>,
    @location(0) color: vec4<f32>,
    @location(1) uv: vec2<f32>,
}

@group(0) @binding(0) var<uniform> transform: Transform;
@group(1) @binding(0) var image_texture: texture_2d<f32>;
@group(1) @binding(1) var image_sampler: sampler;

// Least-squares fits on 4000 places, weighted towards the largest error in gamma space.
fn linear_from_gamma(c: vec3<f32>) -> vec3<f32> {
    return c * (0.06062 + c * (0.34992 + c * (0.95546 - 0.36600 * c)));
}

fn gamma_from_linear(c: vec3<f32>) -> vec3<f32> {
    let root = sqrt(c);
    return 1.43461 * root - 0.13616 * sqrt(root) - 0.29845 * c;
}

@vertex
fn vs_main(in: VertexInput) -> VertexOutput {
    let position = in.position * transform.scale + transform.translation;
    return VertexOutput(vec4<f32>(position, 0.0, 1.0), in.color, in.uv);
}

@fragment
fn fs_main(in: VertexOutput) -> @location(0) vec4<f32> {
    let texel = textureSample(image_texture, image_sampler, in.uv);
    let tinted = linear_from_gamma(gamma_from_linear(texel.rgb) * in.color.rgb);
    let is_plain = all(vec3(0.998) < in.color.rgb);
    return vec4(select(tinted, texel.rgb, is_plain), texel.a * in.color.a);
}
