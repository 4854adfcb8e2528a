//! Sheets as a PDF file.

use super::super::document::{Block, Document, Figure};
use super::faces::Faces;
use super::sheet::{Mark, PAPER, Sheets};
use crate::io::png::decode_rgba;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use std::sync::Arc;

/// Longest side of a picture that is read, pixels.
const SIDE_MAX: usize = 16_384;
/// A picture wider than this is reduced: at the width of the page that is 230 dots an inch.
const PIXELS_ACROSS_MAX: usize = 1600;

/// Why no PDF file came out.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// A picture of the report is not whole.
    #[error("picture {number} of the report cannot be printed: {reason}")]
    Picture {
        /// Its number in the report, from 1.
        number: usize,
        /// What is wrong.
        reason: String,
    },
    /// The file could not be put together.
    #[error("the pages cannot be put together as PDF: {0}")]
    File(String),
}

/// The bytes of the file.
pub(super) fn written(document: &Document<'_>, sheets: &Sheets, faces: &Faces) -> Result<Vec<u8>, PdfError> {
    let pictures = pictures(document)?;
    let mut file = krilla::Document::new();
    let settings = PageSettings::from_wh(PAPER[0], PAPER[1]).expect("A4 has a size");
    for sheet in &sheets.sheets {
        let mut page = file.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in sheet.marks.iter().chain(&sheet.frame) {
            draw(&mut surface, mark, faces, &pictures);
        }
        surface.finish();
        page.finish();
    }
    file.set_outline(outline(sheets));
    let program = document.made.split(" · ").next().unwrap_or_default().to_owned();
    // No date: the same case gives the same bytes.
    let metadata = Metadata::new()
        .title(document.title.clone())
        .description(document.purpose.clone())
        .language(document.language.code().to_owned())
        .creator(program);
    file.set_metadata(metadata);
    file.finish().map_err(|error| PdfError::File(format!("{error:?}")))
}

fn outline(sheets: &Sheets) -> Outline {
    let node = |heading: &super::sheet::Heading| {
        let place = XyzDestination::new(heading.sheet, Point::from_xy(0.0, (heading.y - 8.0).max(0.0)));
        OutlineNode::new(heading.text.clone(), place)
    };
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for heading in &sheets.headings {
        match (&mut open, heading.depth) {
            (Some(section), 1) => section.push_child(node(heading)),
            _ => {
                if let Some(section) = open.replace(node(heading)) {
                    outline.push_child(section);
                }
            }
        }
    }
    if let Some(section) = open {
        outline.push_child(section);
    }
    outline
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, faces: &Faces, pictures: &[Option<Image>]) {
    match mark {
        Mark::Text { at: [x, y], run } => {
            surface.set_stroke(None);
            surface.set_fill(Some(filled(run.colour, 1.0)));
            let mut from = 0;
            let glyphs = run.glyphs.iter().map(|(glyph, advance, bytes)| {
                let range = from..from + bytes;
                from += bytes;
                KrillaGlyph::new(GlyphId::new(*glyph), *advance, 0.0, 0.0, 0.0, range, None)
            });
            let glyphs: Vec<KrillaGlyph> = glyphs.collect();
            let start = Point::from_xy(x + run.x, *y);
            surface.draw_glyphs(start, &glyphs, faces.font(run.face).clone(), &run.text, run.size, false);
        }
        Mark::Box { place, fill, edge, radius } => {
            surface.set_fill(fill.map(|(colour, opacity)| filled(colour, opacity)));
            surface.set_stroke(edge.map(|([r, g, b], width)| Stroke {
                paint: rgb::Color::new(r, g, b).into(),
                width,
                ..Stroke::default()
            }));
            if let Some(path) = rounded(*place, *radius) {
                surface.draw_path(&path);
            }
        }
        Mark::Picture { place: [x, y, width, height], number } => {
            let size = Size::from_wh(*width, *height);
            if let (Some(Some(picture)), Some(size)) = (pictures.get(*number), size) {
                surface.push_transform(&Transform::from_translate(*x, *y));
                surface.draw_image(picture.clone(), size);
                surface.pop();
            }
        }
    }
}

fn filled([r, g, b]: [u8; 3], opacity: f32) -> Fill {
    let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
    Fill { paint: rgb::Color::new(r, g, b).into(), opacity, ..Fill::default() }
}

/// A rectangle with round corners.
fn rounded([x, y, width, height]: [f32; 4], radius: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    if radius <= 0.0 {
        path.push_rect(Rect::from_xywh(x, y, width, height)?);
        return path.finish();
    }
    // A quarter of a circle as a cubic curve.
    let (r, k) = (radius, 0.447_715 * radius);
    let (right, bottom) = (x + width, y + height);
    path.move_to(x + r, y);
    path.line_to(right - r, y);
    path.cubic_to(right - k, y, right, y + k, right, y + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - k, right - k, bottom, right - r, bottom);
    path.line_to(x + r, bottom);
    path.cubic_to(x + k, bottom, x, bottom - k, x, bottom - r);
    path.line_to(x, y + r);
    path.cubic_to(x, y + k, x + k, y, x + r, y);
    path.close();
    path.finish()
}

/// All figures of a document in order.
pub(super) fn all_figures<'a, 'd>(blocks: &'d [Block<'a>]) -> Vec<&'d Figure<'a>> {
    let own = |block: &'d Block<'a>| match block {
        Block::Figures(figures) => figures.iter().collect(),
        Block::Card(blocks) => all_figures(blocks),
        _ => Vec::new(),
    };
    blocks.iter().flat_map(own).collect()
}

/// The pictures, without opacity, for paper is white.
fn pictures(document: &Document<'_>) -> Result<Vec<Option<Image>>, PdfError> {
    use rayon::prelude::*;
    let figures = all_figures(&document.blocks);
    let picture = |(n, figure): (usize, &&Figure<'_>)| {
        let Some(png) = figure.png else { return Ok(None) };
        let failed = |reason| PdfError::Picture { number: n + 1, reason };
        let read = decode_rgba(png, SIDE_MAX).map_err(failed)?;
        let ([width, height], pixels) = (read.size, &read.pixels);
        // No side may vanish, however long the other is.
        let step = width.max(height).div_ceil(PIXELS_ACROSS_MAX).min(width).min(height).max(1);
        let size = [width / step, height / step];
        let mut rgb = Vec::with_capacity(3 * size[0] * size[1]);
        for y in 0..size[1] {
            for x in 0..size[0] {
                let mut sum = [0_u32; 3];
                for (dy, dx) in (0..step).flat_map(|dy| (0..step).map(move |dx| (dy, dx))) {
                    let at = 4 * ((y * step + dy) * width + x * step + dx);
                    let opacity = u32::from(pixels[at + 3]);
                    for c in 0..3 {
                        sum[c] += (u32::from(pixels[at + c]) * opacity + 255 * (255 - opacity)) / 255;
                    }
                }
                rgb.extend(sum.map(|sum| (sum / (step * step) as u32) as u8));
            }
        }
        let pixels = Pixels { size: [size[0] as u32, size[1] as u32], rgb: Arc::new(rgb) };
        Image::from_custom(pixels, true).map(Some).map_err(failed)
    };
    figures.par_iter().enumerate().map(picture).collect()
}

/// Pixels as the file takes them.
#[derive(Hash, Clone)]
struct Pixels {
    size: [u32; 2],
    rgb: Arc<Vec<u8>>,
}

impl CustomImage for Pixels {
    fn color_channel(&self) -> &[u8] {
        &self.rgb
    }

    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }

    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }

    fn size(&self) -> (u32, u32) {
        self.size.into()
    }

    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }

    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Rgb
    }
}
