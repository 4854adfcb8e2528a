//! Text broken into lines, Latin between words and Chinese between characters.

use super::super::document::{Mark, Text, Tone};
use super::faces::Faces;
use super::sheet::{BREACH, Colour, INK, OK, SOFT, UNSAID, WARN};
use std::ops::Range;

/// Height of a line in parts of the size of its text.
pub(super) const LEADING: f32 = 1.42;
/// Beside the word of a verdict, within its frame.
const PILL: f32 = 3.5;
/// May not begin a line.
const CLOSING: &str = "，。、；：！？）》」』】”’％,.;:!?)]}%";
/// May not end a line.
const OPENING: &str = "（《「『【“‘([{";

/// How a text is set where its spans do not say otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// Points.
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

impl Look {
    pub(super) fn plain(size: f32) -> Self {
        Self { size, bold: false, colour: INK }
    }

    pub(super) fn soft(size: f32) -> Self {
        Self { colour: SOFT, ..Self::plain(size) }
    }

    pub(super) fn bold(size: f32) -> Self {
        Self { bold: true, ..Self::plain(size) }
    }

    /// Of a span of this tone.
    fn of(self, tone: Tone) -> Self {
        let small = 0.86 * self.size;
        match tone {
            Tone::Plain => self,
            Tone::Bold => Self { bold: true, ..self },
            Tone::Small => Self { size: small, colour: SOFT, bold: false },
            Tone::Note => Self { colour: SOFT, ..self },
            Tone::Warning => Self { colour: WARN, ..self },
            Tone::Code => Self { size: 0.94 * self.size, ..self },
            Tone::Verdict(mark) => Self { size: small, bold: true, colour: colour_of(mark) },
        }
    }
}

/// The colour of a verdict, dark enough on white paper.
pub(super) fn colour_of(mark: Mark) -> Colour {
    match mark {
        Mark::Ok => OK,
        Mark::Warning => WARN,
        Mark::Breach => BREACH,
        Mark::NotValid => SOFT,
        Mark::Unsaid => UNSAID,
    }
}

/// Letters of one font, size and colour.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// From the beginning of the line.
    pub(super) x: f32,
    pub(super) text: String,
    pub(super) face: usize,
    pub(super) size: f32,
    pub(super) colour: Colour,
    /// Glyph, advance in parts of the size, and bytes of the text.
    pub(super) glyphs: Vec<(u32, f32, usize)>,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Line {
    pub(super) runs: Vec<Run>,
    /// Frames of verdicts: from, to, and what they say.
    pub(super) pills: Vec<(f32, f32, Mark)>,
    pub(super) width: f32,
}

/// A letter, a gap or the end of a line.
struct Unit {
    letter: Option<char>,
    face: usize,
    glyph: u32,
    /// Points.
    advance: f32,
    tone: Tone,
    look: Look,
    is_end: bool,
}

/// `text` in lines of at most `width` points, broken within words only where one is longer than that.
pub(super) fn lines(text: &Text, look: Look, width: f32, faces: &Faces) -> Vec<Line> {
    let units = units(text, look, faces);
    wrapped(&units, width).into_iter().map(|range| line(&units[range])).collect()
}

/// The least width `text` can be set in without breaking words, and the width it takes in one line.
pub(super) fn extent(text: &Text, look: Look, faces: &Faces) -> [f32; 2] {
    let units = units(text, look, faces);
    let (mut least, mut most, mut word, mut row) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    for (n, unit) in units.iter().enumerate() {
        if unit.is_end {
            (word, row) = (0.0, 0.0);
            continue;
        }
        row += unit.advance;
        if unit.letter != Some(' ') {
            word += unit.advance;
            most = most.max(row);
        }
        least = least.max(word);
        if breaks_after(&units, n) {
            word = 0.0;
        }
    }
    [least, most]
}

fn units(text: &Text, base: Look, faces: &Faces) -> Vec<Unit> {
    let mut units = Vec::new();
    for span in text {
        let look = base.of(span.tone);
        let gap = |advance: f32| Unit {
            letter: None,
            face: usize::MAX,
            glyph: 0,
            advance,
            tone: span.tone,
            look,
            is_end: false,
        };
        let is_pill = matches!(span.tone, Tone::Verdict(_));
        units.extend(is_pill.then(|| gap(PILL)));
        for letter in span.text.chars() {
            if letter == '\n' {
                units.push(Unit { is_end: true, ..gap(0.0) });
                continue;
            }
            let letter = if letter.is_control() { ' ' } else { letter };
            let shape = faces.shape(letter, look.bold);
            let advance = shape.advance * look.size;
            let (face, glyph) = (shape.face, shape.glyph);
            units.push(Unit { letter: Some(letter), face, glyph, advance, ..gap(0.0) });
        }
        units.extend(is_pill.then(|| gap(PILL)));
    }
    units
}

/// Whether a line may end behind unit `n`.
fn breaks_after(units: &[Unit], n: usize) -> bool {
    let (unit, Some(next)) = (&units[n], units.get(n + 1)) else { return false };
    if matches!(unit.tone, Tone::Verdict(_)) && unit.tone == next.tone {
        return false;
    }
    let (Some(letter), Some(after)) = (unit.letter, next.letter) else { return unit.letter == Some(' ') };
    if letter == ' ' {
        return true;
    }
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(letter) {
        return false;
    }
    if is_wide(letter) || is_wide(after) {
        return true;
    }
    let before = n.checked_sub(1).and_then(|before| units[before].letter);
    match letter {
        ',' | ':' | '_' => unit.tone == Tone::Code,
        '-' | '–' | '/' => before.is_some_and(char::is_alphanumeric) && after.is_alphabetic(),
        _ => false,
    }
}

/// Chinese and its signs, which are as wide as high.
fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

fn wrapped(units: &[Unit], width: f32) -> Vec<Range<usize>> {
    let (mut found, mut start, mut at, mut x, mut last) = (Vec::new(), 0, 0, 0.0, None);
    while at < units.len() {
        let unit = &units[at];
        if unit.is_end {
            found.push(start..at);
            (start, x, last) = (at + 1, 0.0, None);
            at += 1;
            continue;
        }
        if width < x + unit.advance && unit.letter != Some(' ') && start < at {
            let end = last.unwrap_or(at);
            found.push(start..end);
            start = end;
            while units.get(start).is_some_and(|unit| unit.letter == Some(' ')) {
                start += 1;
            }
            (at, x, last) = (start, 0.0, None);
            continue;
        }
        x += unit.advance;
        if breaks_after(units, at) {
            last = Some(at + 1);
        }
        at += 1;
    }
    found.push(start..units.len());
    found
}

fn line(units: &[Unit]) -> Line {
    let used = units.iter().rposition(|unit| unit.letter != Some(' ')).map_or(0, |last| last + 1);
    let mut line = Line::default();
    let mut open: Option<(Look, Tone)> = None;
    for unit in &units[..used] {
        let before = line.width;
        line.width += unit.advance;
        if let Tone::Verdict(mark) = unit.tone {
            match line.pills.last_mut().filter(|(_, to, known)| *known == mark && (*to - before).abs() < 1e-3) {
                Some((_, to, _)) => *to = line.width,
                None => line.pills.push((before, line.width, mark)),
            }
        }
        let Some(letter) = unit.letter else {
            open = None;
            continue;
        };
        let same = open == Some((unit.look, unit.tone));
        if !same || line.runs.last().is_none_or(|run| run.face != unit.face) {
            let Look { size, colour, .. } = unit.look;
            let (text, glyphs) = (String::new(), Vec::new());
            line.runs.push(Run { x: before, text, face: unit.face, size, colour, glyphs });
        }
        open = Some((unit.look, unit.tone));
        let run = line.runs.last_mut().expect("one was just there");
        run.text.push(letter);
        run.glyphs.push((unit.glyph, unit.advance / unit.look.size, letter.len_utf8()));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::super::document::{Span, plain};
    use super::*;

    fn words(text: &Text, width: f32) -> Vec<String> {
        let set = lines(text, Look::plain(10.0), width, &Faces::embedded());
        assert!(set.iter().all(|line| line.width <= width + 1e-3 || line.runs[0].text.chars().count() == 1));
        set.iter().map(|line| line.runs.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_end_between_words_and_nothing_is_lost() {
        let text = "The margin is at least 10 mm (see Cady 1998), non-anatomical.";
        for width in [30.0, 60.0, 100.0, 1000.0] {
            let set = words(&plain(text), width);
            let joined = set.join(" ").replace("non- ", "non-").replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""), "{set:?}");
        }
        assert_eq!(words(&plain("a\nb"), 100.0), ["a", "b"]);
        assert_eq!(words(&plain(""), 100.0), [""]);
    }

    #[test]
    fn chinese_breaks_anywhere_but_not_before_a_full_stop() {
        let text = "数值所在的范围。";
        for width in [20.0, 31.0, 42.0, 53.0, 64.0, 75.0] {
            let set = words(&plain(text), width);
            assert_eq!(set.concat(), text);
            assert!(set.iter().all(|line| !line.starts_with('。')), "{width}: {set:?}");
        }
    }

    #[test]
    fn a_verdict_stays_whole_in_its_frame_and_long_words_are_parted() {
        let text = vec![Span::new("1234567 ", Tone::Plain), Span::new("not valid", Tone::Verdict(Mark::NotValid))];
        let set = lines(&text, Look::plain(10.0), 70.0, &Faces::embedded());
        assert_eq!(set.len(), 2);
        assert_eq!((set[0].pills.len(), set[1].pills.len()), (0, 1));
        let (from, to, _) = set[1].pills[0];
        assert!(from == 0.0 && (to - set[1].width).abs() < 1e-3);
        assert!(3 <= words(&plain("aaaaaaaaaaaaaaaaaaaaaaaa"), 50.0).len());
    }

    #[test]
    fn a_text_fits_into_the_widths_it_states() {
        let faces = Faces::embedded();
        let text = plain("Largest distance of the tumour 中文 from the cut");
        let [least, most] = extent(&text, Look::plain(9.0), &faces);
        assert_eq!(lines(&text, Look::plain(9.0), most + 0.01, &faces).len(), 1);
        let set = lines(&text, Look::plain(9.0), least + 0.01, &faces);
        assert!(1 < set.len() && set.iter().all(|line| line.width <= least + 0.01));
    }
}
