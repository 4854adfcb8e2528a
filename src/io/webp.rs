//! WebP pictures without loss, for web pages and slides: smaller than PNG, with transparency.
//!
//! The bit stream (VP8L) is made by the crate `image-webp`; this file and [`super::film`] know the container around it
//! (RFC 9649, section 2).

use image_webp::{ColorType, WebPEncoder};

/// Pixels along a side, at most: the format counts them with 14 bits.
pub const WEBP_SIDE_MAX: usize = 1 << 14;

/// Before the first chunk: `RIFF`, the size of the rest, `WEBP`.
const HEAD: usize = 12;

/// A WebP file of `width` × `height` RGBA pixels, not premultiplied, row by row from the top. The colours of pixels that
/// are clear stay too.
///
/// # Errors
/// A sentence with the size, if a side has no pixel or more than [`WEBP_SIDE_MAX`].
///
/// # Panics
/// If `pixels` has not 4 bytes per pixel.
pub fn encode_webp(width: usize, height: usize, pixels: &[u8]) -> Result<Vec<u8>, String> {
    assert_eq!(pixels.len(), width * height * 4, "4 bytes per pixel");
    if [width, height].iter().any(|n| !(1..=WEBP_SIDE_MAX).contains(n)) {
        return Err(format!(
            "a picture of {width}×{height} pixels cannot be stored as WebP; sides go from 1 to {WEBP_SIDE_MAX} pixels"
        ));
    }
    let mut file = Vec::new();
    let encoder = WebPEncoder::new(&mut file);
    let done = encoder.encode(pixels, width as u32, height as u32, ColorType::Rgba8);
    done.map_err(|error| format!("the picture could not be stored as WebP: {error}"))?;
    Ok(file)
}

/// The chunk with the bit stream of a picture, its name and length before it, as frames of an animation have it.
///
/// # Errors
/// As [`encode_webp`].
///
/// # Panics
/// As [`encode_webp`].
pub(super) fn chunk_of(width: usize, height: usize, pixels: &[u8]) -> Result<Vec<u8>, String> {
    // Without metadata the encoder writes the simple container: nothing but this chunk.
    encode_webp(width, height, pixels).map(|mut file| file.split_off(HEAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_to_the_last_bit() {
        let pixels: Vec<u8> = (0..37_u32 * 23 * 4).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let file = encode_webp(37, 23, &pixels).unwrap();
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        assert_eq!((decoder.dimensions(), decoder.has_alpha()), ((37, 23), true));
        let mut back = vec![0; pixels.len()];
        decoder.read_image(&mut back).unwrap();
        assert_eq!(back, pixels);
        assert_eq!(&chunk_of(37, 23, &pixels).unwrap()[..4], b"VP8L");
    }

    #[test]
    fn sides_the_format_has_not_are_refused() {
        for [width, height] in [[0, 5], [16_385, 1]] {
            let said = encode_webp(width, height, &vec![0; width * height * 4]).unwrap_err();
            assert!(said.contains("16384") && said.contains(&width.to_string()), "{said}");
        }
    }
}
