//! Colours of segments as words, and one that is not taken.

use crate::image::Segment;
use crate::session::CommandError;

/// Colours for segments without one, sRGB (Okabe and Ito 2008, safe for the colour-blind).
const COLOURS: [[u8; 3]; 7] =
    [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]];

/// `#rrggbb` as a colour.
///
/// # Errors
/// [`CommandError::BadParams`] for any other text.
pub(in crate::tools) fn colour_of(text: &str) -> Result<[u8; 3], CommandError> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
    let part = |digits: &str, n: usize| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).ok();
    let parts = digits.and_then(|digits| Some([part(digits, 0)?, part(digits, 1)?, part(digits, 2)?]));
    parts.ok_or_else(|| CommandError::BadParams(format!("the colour '{text}' is not of the form #rrggbb")))
}

/// The first colour that no segment has; the one after the last if all are taken.
pub(in crate::tools) fn next_colour(segments: &[Segment]) -> [u8; 3] {
    let free = COLOURS.into_iter().find(|colour| segments.iter().all(|segment| segment.colour != *colour));
    free.unwrap_or(COLOURS[segments.len() % COLOURS.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;

    #[test]
    fn colours_are_six_hexadecimal_digits() {
        assert_eq!(colour_of("#dd8265"), Ok([221, 130, 101]));
        assert!(colour_of("dd8265").is_err() && colour_of("#dd82é").is_err());
    }

    #[test]
    fn a_new_segment_gets_a_colour_of_its_own() {
        let first = Segment::new(SegmentId(1), "a", next_colour(&[]), None);
        assert_ne!(next_colour(std::slice::from_ref(&first)), first.colour);
    }
}
