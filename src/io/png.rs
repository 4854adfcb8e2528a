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

/// A picture read from a PNG file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgba {
    /// Pixels across and down.
    pub size: [usize; 2],
    /// 4 bytes each, row by row from the top.
    pub pixels: Vec<u8>,
}

/// Read a PNG file of 8 bits a channel, no side longer than `side_max` pixels.
///
/// # Errors
/// A sentence if it is no such file or damaged; nothing is unpacked that is too large.
pub fn decode_rgba(file: &[u8], side_max: usize) -> Result<Rgba, String> {
    let refused = |error: png::DecodingError| format!("this is no whole PNG picture: {error}");
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(refused)?;
    let size = [reader.info().width as usize, reader.info().height as usize];
    if side_max < size[0].max(size[1]) {
        return Err(format!("the picture has {} × {} pixels; {side_max} a side is the limit", size[0], size[1]));
    }
    // At most 8 bytes a pixel, and the size was checked.
    let mut found = vec![0; 8 * size[0] * size[1]];
    let frame = reader.next_frame(&mut found).map_err(refused)?;
    found.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        png::ColorType::Rgba => found,
        png::ColorType::GrayscaleAlpha => {
            found.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect()
        }
        other => return Err(format!("a PNG picture of the kind {other:?} is not read here")),
    };
    Ok(Rgba { size, pixels })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_as_it_was_written_and_damage_is_said() {
        let pixels: Vec<u8> = (0..24).map(|n| n * 10).collect();
        let file = encode_rgba(3, 2, &pixels);
        assert_eq!(decode_rgba(&file, 3), Ok(Rgba { size: [3, 2], pixels }));
        assert!(decode_rgba(&file, 2).unwrap_err().contains("3 × 2"));
        assert!(decode_rgba(&file[..file.len() / 2], 3).is_err() && decode_rgba(b"", 3).is_err());
    }
}
