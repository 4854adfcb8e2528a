//! A sheet of paper and what is drawn on it, in points from the top left (1 pt = 1/72 inch).

use super::lines::Run;

/// A4 (ISO 216), points.
pub(super) const PAPER: [f32; 2] = [595.28, 841.89];
/// Left and right of the text.
pub(super) const MARGIN: f32 = 48.0;
/// Width of the text.
pub(super) const WIDTH: f32 = PAPER[0] - 2.0 * MARGIN;
/// Where the text begins and ends.
pub(super) const TOP: f32 = 58.0;
pub(super) const BOTTOM: f32 = PAPER[1] - 54.0;

/// sRGB.
pub(super) type Colour = [u8; 3];
pub(super) const INK: Colour = [27, 35, 43];
pub(super) const SOFT: Colour = [91, 104, 116];
pub(super) const HAIR: Colour = [219, 225, 230];
pub(super) const ACCENT: Colour = [11, 110, 127];
pub(super) const WARN: Colour = [154, 91, 0];
pub(super) const OK: Colour = [11, 107, 58];
pub(super) const BREACH: Colour = [163, 22, 27];
/// Nobody can say whether a plan may be done.
pub(super) const UNSAID: Colour = [74, 58, 156];

/// All sheets of a report.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    pub(super) sheets: Vec<Sheet>,
    /// Headings and where they stand.
    pub(super) headings: Vec<Heading>,
}

/// One sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// What is drawn, the lowest first.
    pub(super) marks: Vec<Mark>,
    /// What stands at head and foot.
    pub(super) frame: Vec<Mark>,
}

/// Something drawn.
#[derive(Debug)]
pub(super) enum Mark {
    /// Letters on a base line.
    Text {
        /// Where the line begins.
        at: [f32; 2],
        /// The letters.
        run: Run,
    },
    /// A rectangle: left, top, width, height.
    Box {
        /// Where.
        place: [f32; 4],
        /// Inside, with its opacity.
        fill: Option<(Colour, f32)>,
        /// Its edge and its width.
        edge: Option<(Colour, f32)>,
        /// Of its corners.
        radius: f32,
    },
    /// A picture: the number of the figure in the order of the document.
    Picture {
        /// Left, top, width, height.
        place: [f32; 4],
        /// Which.
        number: usize,
    },
}

/// A heading, for the list of contents.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    /// What it says.
    pub(super) text: String,
    /// 0 for a section, 1 within one.
    pub(super) depth: usize,
    /// The number of its sheet.
    pub(super) sheet: usize,
    /// From the top.
    pub(super) y: f32,
}

impl Sheet {
    /// A filled rectangle: left, top, width, height.
    pub(super) fn fill(&mut self, place: [f32; 4], colour: Colour) {
        self.marks.push(Mark::Box { place, fill: Some((colour, 1.0)), edge: None, radius: 0.0 });
    }
}
