//! Blocks laid on sheets one below the other.

use super::super::document::{Block, Document, Span, Text, Tone, plain};
use super::faces::Faces;
use super::lines::{LEADING, Line, Look, colour_of, lines};
use super::sheet::{ACCENT, BOTTOM, HAIR, Heading, MARGIN, Mark, PAPER, Sheet, Sheets, TOP, WARN, WIDTH};
use super::{figures, table};
use crate::base::i18n;

/// Size of running text.
const BODY: f32 = 9.0;
/// What must fit under a heading, or it goes to the next sheet too.
const KEEP: f32 = 54.0;
/// Before a sentence of a list.
const INDENT: f32 = 10.0;

/// Where the next block goes.
pub(super) struct Flow<'f> {
    pub(super) faces: &'f Faces,
    pub(super) sheets: Sheets,
    pub(super) y: f32,
    /// Figures laid out so far.
    pub(super) figures: usize,
}

/// All sheets of `document`.
pub(super) fn laid_out(document: &Document<'_>, faces: &Faces) -> Sheets {
    let mut flow = Flow { faces, sheets: Sheets::default(), y: TOP, figures: 0 };
    flow.next_sheet();
    title(&mut flow, document);
    blocks(&mut flow, &document.blocks);
    running_lines(&mut flow, document);
    flow.sheets
}

fn title(flow: &mut Flow<'_>, document: &Document<'_>) {
    flow.y = 46.0;
    flow.text(&plain(&document.title), Look::bold(19.0), MARGIN, WIDTH);
    flow.y += 2.0;
    flow.text(&plain(&document.purpose), Look { colour: WARN, ..Look::bold(9.5) }, MARGIN, WIDTH);
    flow.text(&plain(&document.made), Look::soft(8.0), MARGIN, WIDTH);
    flow.y += 5.0;
    let y = flow.y;
    flow.sheet().fill([MARGIN, y, WIDTH, 2.2], ACCENT);
    flow.y += 6.0;
}

fn blocks(flow: &mut Flow<'_>, all: &[Block<'_>]) {
    for (n, block) in all.iter().enumerate() {
        let next = all.get(n + 1);
        match block {
            Block::Section(heading) => {
                flow.y += 14.0;
                flow.keep(24.0 + next.map_or(KEEP, |next| least(flow, next)));
                flow.heading(heading, 0);
                flow.text(&plain(heading), Look { colour: ACCENT, ..Look::bold(13.0) }, MARGIN, WIDTH);
                flow.y += 4.0;
            }
            Block::Heading(text) => {
                flow.keep(20.0 + KEEP);
                let words: String = text.iter().filter(|s| s.tone != Tone::Small).map(|s| s.text.as_str()).collect();
                flow.heading(&words, 1);
                flow.text(text, Look::plain(10.5), MARGIN, WIDTH);
                flow.y += 3.0;
            }
            Block::Caption(text) => {
                flow.y += 6.0;
                flow.keep(16.0 + next.map_or(KEEP, |next| least(flow, next)));
                flow.text(&plain(text), Look { bold: true, ..Look::soft(8.5) }, MARGIN, WIDTH);
                flow.y += 1.0;
            }
            Block::Paragraph(text) => {
                flow.y += 4.0;
                let size = if text.first().is_some_and(|span| span.tone == Tone::Note) { 8.0 } else { BODY };
                flow.text(text, Look::plain(size), MARGIN, WIDTH);
            }
            Block::List { heading, tone, items } => {
                flow.y += 5.0;
                flow.keep(44.0);
                flow.text(&plain(heading), Look { bold: true, ..Look::soft(8.5) }, MARGIN, WIDTH);
                for item in items {
                    let set = lines(&vec![Span::new(item, *tone)], Look::plain(8.5), WIDTH - INDENT, flow.faces);
                    flow.orphans(&set, 8.5 * LEADING);
                    let y = flow.y + 0.5 * 8.5 * LEADING - 1.0;
                    let colour = if *tone == Tone::Warning { WARN } else { super::sheet::SOFT };
                    flow.sheet().fill([MARGIN + 2.5, y, 2.0, 2.0], colour);
                    flow.lines(&set, 8.5, MARGIN + INDENT);
                    flow.y += 1.5;
                }
            }
            Block::Table(own) => table::table(flow, own),
            Block::Figures(all) => figures::figures(flow, all),
            Block::Card(inside) => {
                flow.y += 9.0;
                flow.keep(30.0 + KEEP);
                let y = flow.y;
                flow.sheet().fill([MARGIN, y, WIDTH, 0.8], HAIR);
                flow.y += 6.0;
                blocks(flow, inside);
            }
            Block::Scene => {}
        }
    }
}

/// The height that the beginning of `block` needs.
fn least(flow: &Flow<'_>, block: &Block<'_>) -> f32 {
    match block {
        Block::Figures(all) => figures::first_row_height(flow, all),
        Block::Table(own) => table::least_height(own),
        _ => KEEP,
    }
}

/// What stands at the head and at the foot of every sheet; how many there are is only known at the end.
fn running_lines(flow: &mut Flow<'_>, document: &Document<'_>) {
    let pages = flow.sheets.sheets.len();
    let faces = flow.faces;
    let one = |text: &str, look: Look, width: f32| lines(&plain(text), look, width, faces).swap_remove(0);
    for (n, sheet) in flow.sheets.sheets.iter_mut().enumerate() {
        let body = std::mem::take(&mut sheet.marks);
        let soft = Look::soft(7.5);
        let foot = PAPER[1] - 34.0;
        sheet.fill([MARGIN, foot - 11.0, WIDTH, 0.5], HAIR);
        let of = [("page", (n + 1).into()), ("pages", pages.into())];
        let number = one(&i18n::tr_with_in(document.language, "report-page", &of), soft, WIDTH);
        let x = MARGIN + WIDTH - number.width;
        put(sheet, &number, x, foot);
        put(sheet, &one(&document.purpose, soft, 0.7 * WIDTH), MARGIN, foot);
        if 0 < n {
            let made = one(&document.made, soft, 0.45 * WIDTH);
            put(sheet, &one(&document.title, soft, 0.5 * WIDTH), MARGIN, 38.0);
            put(sheet, &made, MARGIN + WIDTH - made.width, 38.0);
            sheet.fill([MARGIN, 43.0, WIDTH, 0.5], HAIR);
        }
        sheet.frame = std::mem::replace(&mut sheet.marks, body);
    }
}

/// A line with its base line at `y`.
pub(super) fn put(sheet: &mut Sheet, line: &Line, x: f32, y: f32) {
    for (from, to, mark) in &line.pills {
        let size = line.runs.iter().find(|run| *from <= run.x).map_or(BODY, |run| run.size);
        let place = [x + from, y - 0.95 * size, to - from, 1.28 * size];
        let colour = colour_of(*mark);
        sheet.marks.push(Mark::Box { place, fill: None, edge: Some((colour, 0.7)), radius: 0.6 * size });
    }
    for run in &line.runs {
        sheet.marks.push(Mark::Text { at: [x, y], run: run.clone() });
    }
}

/// From the top of a line to its base line.
pub(super) fn base_line(size: f32) -> f32 {
    0.5 * (LEADING - 1.21) * size + 0.969 * size
}

impl Flow<'_> {
    /// The sheet that is written on.
    pub(super) fn sheet(&mut self) -> &mut Sheet {
        self.sheets.sheets.last_mut().expect("there is one from the start")
    }

    /// Go on at the top of the next sheet.
    pub(super) fn next_sheet(&mut self) {
        self.sheets.sheets.push(Sheet::default());
        self.y = TOP;
    }

    /// What is left of this sheet.
    pub(super) fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Whether nothing stands on this sheet yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.sheets.sheets.last().is_some_and(|sheet| sheet.marks.is_empty())
    }

    /// Go to the next sheet unless `height` is left.
    pub(super) fn keep(&mut self, height: f32) {
        if self.room() < height.min(BOTTOM - TOP) && !self.is_fresh() {
            self.next_sheet();
        }
    }

    fn heading(&mut self, text: &str, depth: usize) {
        let (sheet, y) = (self.sheets.sheets.len() - 1, self.y);
        self.sheets.headings.push(Heading { text: text.to_owned(), depth, sheet, y });
    }

    /// A paragraph.
    fn text(&mut self, text: &Text, look: Look, x: f32, width: f32) {
        let set = lines(text, look, width, self.faces);
        self.orphans(&set, look.size * LEADING);
        self.lines(&set, look.size, x);
    }

    /// No single line of a paragraph stays behind at the foot of a sheet.
    fn orphans(&mut self, set: &[Line], height: f32) {
        // Of three lines two would go on together and leave the first alone.
        let together = if set.len() <= 3 { set.len() } else { 2 };
        self.keep(height * together as f32);
    }

    /// Lines below each other; the last two of a paragraph stay together.
    fn lines(&mut self, set: &[Line], size: f32, x: f32) {
        let height = size * LEADING;
        for (n, line) in set.iter().enumerate() {
            let together = if n + 2 == set.len() && 2 < set.len() { 2.0 } else { 1.0 };
            self.keep(together * height);
            let y = self.y + base_line(size);
            put(self.sheet(), line, x, y);
            self.y += height;
        }
    }
}
