//! Pictures side by side, with what is written over and under them.

use super::super::document::{Figure, number, plain};
use super::super::html::aspect;
use super::faces::Faces;
use super::flow::{Flow, base_line, put};
use super::lines::{LEADING, Line, Look, lines};
use super::sheet::{BOTTOM, Colour, MARGIN, Mark, Sheet, TOP, WIDTH};

/// Between two pictures.
const GAP: f32 = 9.0;
/// A long narrow thing should not fill a sheet.
const HEIGHT_MAX: f32 = 250.0;
/// Size of captions, and of what is written over pictures.
const CAPTION: f32 = 8.0;
const OVER: f32 = 7.0;
/// Room for the heading above a row.
const HEADING: f32 = 60.0;
/// Lines of a caption that goes on on the next sheet.
const BEGINNING: usize = 6;
const WHITE: Colour = [255, 255, 255];
/// Letters of directions.
const LETTER: Colour = [244, 213, 138];

/// Pictures in a row.
fn across(count: usize) -> usize {
    match count {
        1 | 2 => 2,
        _ => 3,
    }
}

fn cell_width(count: usize) -> f32 {
    let across = across(count) as f32;
    (WIDTH - GAP * (across - 1.0)) / across
}

/// Width and height of a picture in a cell of `width`.
fn size(figure: &Figure<'_>, width: f32) -> [f32; 2] {
    let Some(png) = figure.png else { return [0.0; 2] };
    let aspect = (aspect(png) as f32).clamp(0.05, 20.0);
    let height = (width / aspect).min(HEIGHT_MAX);
    [height * aspect, height]
}

fn caption(figure: &Figure<'_>, width: f32, faces: &Faces) -> Vec<Line> {
    lines(&figure.caption, Look::soft(CAPTION), width, faces)
}

/// What a row needs on one sheet: all of it, or where that is more than a sheet has, its pictures with the beginning of what
/// stands below.
fn row_height(figures: &[Figure<'_>], width: f32, faces: &Faces) -> f32 {
    let with = |lines_max: usize| {
        let own = |figure: &Figure<'_>| {
            let lines = caption(figure, width, faces).len().min(lines_max);
            size(figure, width)[1] + 3.0 + lines as f32 * CAPTION * LEADING
        };
        figures.iter().map(own).fold(0.0, f32::max)
    };
    let whole = with(usize::MAX);
    if whole + HEADING <= BOTTOM - TOP { whole } else { with(BEGINNING) }
}

/// What the first row needs.
pub(super) fn first_row_height(flow: &Flow<'_>, all: &[Figure<'_>]) -> f32 {
    let width = cell_width(all.len());
    all.chunks(across(all.len())).next().map_or(0.0, |row| row_height(row, width, flow.faces))
}

/// Put pictures down, row by row. A caption that is longer than its sheet goes on below the others at the top of the next.
pub(super) fn figures(flow: &mut Flow<'_>, all: &[Figure<'_>]) {
    let width = cell_width(all.len());
    for row in all.chunks(across(all.len())) {
        flow.keep(row_height(row, width, flow.faces));
        let (top, faces) = (flow.y, flow.faces);
        let mut captions = Vec::with_capacity(row.len());
        for (n, figure) in row.iter().enumerate() {
            let x = MARGIN + n as f32 * (width + GAP);
            let number = flow.figures;
            flow.figures += 1;
            let sheet = flow.sheet();
            let [w, h] = size(figure, width);
            if figure.png.is_some() {
                let place = [x, top, w, h];
                sheet.marks.push(Mark::Picture { place, number });
                over(sheet, figure, place, faces);
            }
            captions.push(Caption { x, y: top + h + 3.0, left: caption(figure, width, faces) });
        }
        loop {
            let mut end = flow.y;
            for caption in &mut captions {
                end = end.max(caption.put(flow.sheet()));
            }
            flow.y = end;
            if captions.iter().all(|caption| caption.left.is_empty()) {
                break;
            }
            flow.next_sheet();
            captions.iter_mut().for_each(|caption| caption.y = flow.y);
        }
        flow.y += 7.0;
    }
}

/// Lines that are still to be set below a picture.
struct Caption {
    x: f32,
    /// Where the next line begins.
    y: f32,
    left: Vec<Line>,
}

impl Caption {
    /// Set what fits on this sheet; where it ends there.
    fn put(&mut self, sheet: &mut Sheet) -> f32 {
        let height = CAPTION * LEADING;
        let fits = ((BOTTOM - self.y) / height + 1e-3).floor().max(0.0) as usize;
        let rest = self.left.split_off(fits.min(self.left.len()));
        for (n, line) in self.left.iter().enumerate() {
            put(sheet, line, self.x, self.y + n as f32 * height + base_line(CAPTION));
        }
        self.y += self.left.len() as f32 * height;
        self.left = rest;
        self.y
    }
}

/// Letters, scale bar and legend.
fn over(sheet: &mut Sheet, figure: &Figure<'_>, [x, y, w, h]: [f32; 4], faces: &Faces) {
    if let Some([top, right, bottom, left]) = figure.letters {
        let places = [(top, [0.5, 0.0]), (right, [1.0, 0.5]), (bottom, [0.5, 1.0]), (left, [0.0, 0.5])];
        for (letter, [across, down]) in places {
            let line = one(letter, Look { colour: LETTER, ..Look::bold(OVER) }, faces);
            let (wide, high) = (line.width + 4.0, OVER + 2.0);
            let at = [x + 2.0 + across * (w - wide - 4.0), y + 2.0 + down * (h - high - 4.0)];
            tag(sheet, &line, at, [wide, high]);
        }
    }
    for spot in figure.spots {
        let line = one(&spot.text, Look { colour: WHITE, ..Look::bold(OVER) }, faces);
        let (wide, high) = (line.width + 4.0, OVER + 2.0);
        let at = [x + spot.at[0] as f32 * w + 3.0, y + spot.at[1] as f32 * h - high - 1.0];
        tag(sheet, &line, at, [wide, high]);
    }
    if let Some((length_mm, share)) = figure.scale_bar {
        let line = one(&format!("{length_mm:.0} mm"), Look { colour: WHITE, ..Look::plain(OVER) }, faces);
        let bar = share as f32 * w;
        let wide = bar.max(line.width) + 6.0;
        let at = [x + w - wide - 4.0, y + h - 16.0];
        dark(sheet, [at[0], at[1], wide, 13.0]);
        put(sheet, &line, at[0] + 0.5 * (wide - line.width), at[1] + 8.0);
        sheet.fill([at[0] + 0.5 * (wide - bar), at[1] + 10.3, bar, 1.2], WHITE);
    }
    if let Some(legend) = figure.legend {
        let look = Look { colour: WHITE, ..Look::plain(OVER) };
        let [low, high] = legend.range.map(|end| one(&number(end), look, faces));
        // A long name goes on in a second line or a third; more than that is cut off.
        let heading = plain(format!("{} [{}]", legend.field, legend.unit));
        let mut name = lines(&heading, Look { bold: true, ..look }, (w - 16.0).max(40.0), faces);
        name.truncate(3);
        let longest = name.iter().map(|line| line.width).fold(0.0, f32::max);
        let wide = (0.46 * w).max(longest + 8.0).min(w - 8.0);
        let more = OVER * LEADING * (name.len() - 1) as f32;
        let at = [x + 4.0, y + h - 31.0 - more];
        dark(sheet, [at[0], at[1], wide, 28.0 + more]);
        for (n, line) in name.iter().enumerate() {
            put(sheet, line, at[0] + 4.0, at[1] + 8.0 + n as f32 * OVER * LEADING);
        }
        let at = [at[0], at[1] + more];
        let (bar, steps) = (wide - 8.0, 64);
        for step in 0..steps {
            let place = step as f32 / (steps - 1) as f32 * (legend.colours.len().max(2) - 1) as f32;
            let colour = mixed(&legend.colours, place);
            let width = bar / steps as f32;
            // A little wider than its share, so that no paper shines between two.
            sheet.fill([at[0] + 4.0 + step as f32 * width, at[1] + 11.0, width + 0.25, 5.0], colour);
        }
        put(sheet, &low, at[0] + 4.0, at[1] + 24.5);
        put(sheet, &high, at[0] + wide - 4.0 - high.width, at[1] + 24.5);
    }
}

fn mixed(colours: &[Colour], place: f32) -> Colour {
    let Some(last) = colours.len().checked_sub(1) else { return WHITE };
    let low = (place.floor() as usize).min(last);
    let (a, b, t) = (colours[low], colours[(low + 1).min(last)], place - low as f32);
    [0, 1, 2].map(|c| (f32::from(a[c]) + (f32::from(b[c]) - f32::from(a[c])) * t).round() as u8)
}

fn one(text: &str, look: Look, faces: &Faces) -> Line {
    lines(&plain(text), look, f32::INFINITY, faces).swap_remove(0)
}

/// A dark ground, on which light text is read over any picture.
fn dark(sheet: &mut Sheet, place: [f32; 4]) {
    sheet.marks.push(Mark::Box { place, fill: Some(([0; 3], 0.55)), edge: None, radius: 2.0 });
}

fn tag(sheet: &mut Sheet, line: &Line, [x, y]: [f32; 2], [wide, high]: [f32; 2]) {
    dark(sheet, [x, y, wide, high]);
    put(sheet, line, x + 2.0, y + 0.5 * high + 0.36 * OVER);
}
