//! The fonts of printed pages, embedded into the program; each file takes along only the glyphs it uses.

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Of each weight: Latin, Chinese, and the letters and signs that both lack.
const FILES: [[&[u8]; 3]; 2] = [
    [
        include_bytes!("../../../assets/fonts/Inter-Regular.ttf"),
        include_bytes!("../../../assets/fonts/NotoSansSC-subset.otf"),
        include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf"),
    ],
    [
        include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf"),
        include_bytes!("../../../assets/fonts/NotoSansSC-Bold-subset.otf"),
        include_bytes!("../../../assets/fonts/DejaVuSans-subset.ttf"),
    ],
];

/// All fonts.
pub(super) struct Faces {
    all: Vec<Face>,
}

struct Face {
    font: Font,
    table: FontRef<'static>,
    per_em: f32,
}

/// A letter as a font draws it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// Which font.
    pub(super) face: usize,
    /// Which glyph of it.
    pub(super) glyph: u32,
    /// How far the next letter lies, in parts of the size of the text.
    pub(super) advance: f32,
}

impl Faces {
    /// Those in the program.
    pub(super) fn embedded() -> Self {
        let face = |bytes: &&'static [u8]| {
            let font = Font::new((*bytes).into(), 0).expect("embedded fonts are sound");
            let table = FontRef::new(bytes).expect("embedded fonts are sound");
            Face { per_em: font.units_per_em(), font, table }
        };
        Self { all: FILES.iter().flatten().map(face).collect() }
    }

    /// How `letter` is drawn; a letter that no font has is an empty box, but its text stays in the file.
    pub(super) fn shape(&self, letter: char, bold: bool) -> Shape {
        let first = if bold { FILES[0].len() } else { 0 };
        let own = || first..first + FILES[0].len();
        let found = own().find_map(|face| Some((face, self.all[face].table.charmap().map(letter)?)));
        let (face, glyph) = found.unwrap_or((first, skrifa::GlyphId::new(0)));
        let Face { table, per_em, .. } = &self.all[face];
        let metrics = table.glyph_metrics(Size::unscaled(), LocationRef::default());
        Shape { face, glyph: glyph.to_u32(), advance: metrics.advance_width(glyph).unwrap_or(0.0) / per_em }
    }

    /// The font number `face`.
    pub(super) fn font(&self, face: usize) -> &Font {
        &self.all[face].font
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_chinese_greek_and_signs_have_their_glyphs_in_both_weights() {
        let faces = Faces::embedded();
        for letter in "aÄ0 –·×²°±“…阈值，。（）αμνσπΔ≤≥√∂₂⁻→−✓Łж".chars() {
            for bold in [false, true] {
                assert_ne!(faces.shape(letter, bold).glyph, 0, "{letter} is missing");
            }
        }
        assert_eq!(faces.shape('\u{1F600}', false).glyph, 0, "no font has pictures of faces");
        assert!((faces.shape('阈', false).advance - 1.0).abs() < 1e-6, "Chinese is as wide as high");
    }
}
