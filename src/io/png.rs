//! PNG pictures.

/// RGBA pixels, 4 bytes each, row by row from the top, as a PNG file.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel.
pub fn encode_rgba(width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
    encode(width, height, pixels, None)
}

/// As [`encode_rgba`], for paper: `dpi` pixels an inch.
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel.
pub fn encode_rgba_at(width: usize, height: usize, pixels: &[u8], dpi: f64) -> Vec<u8> {
    encode(width, height, pixels, Some((dpi / 0.0254).round() as u32))
}

fn encode(width: usize, height: usize, pixels: &[u8], per_metre: Option<u32>) -> Vec<u8> {
    assert_eq!(pixels.len(), width * height * 4, "4 bytes per pixel");
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_pixel_dims(per_metre.map(|n| png::PixelDimensions { xppu: n, yppu: n, unit: png::Unit::Meter }));
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.expect("writing to memory with the right number of bytes cannot fail");
    bytes
}
