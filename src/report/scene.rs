//! The scene of a report that can be turned: surfaces reduced to a size for a page, as GLB with its viewer beside it.

use super::document::Document;
use super::html::escape;
use super::pictures::{Body, model_bodies};
use super::shapes::{self, Known, Named};
use crate::base::i18n::{tr_in, tr_with_in};
use crate::base::{Cancelled, Progress};
use crate::image::colormap::Colormap;
use crate::io::glb::{Part, encode};
use crate::mesh::{DecimateError, Surface, decimate};
use crate::session::{Case, Data};
use base64::Engine;
use rayon::prelude::*;
use serde_json::json;
use std::fmt::Write;

/// Triangles of all shapes together.
pub const TRIANGLES_MAX: usize = 60_000;
/// The part of it aimed at, for small shapes keep more than their share.
const AIM: f64 = 0.8;
/// A shape keeps at least this many, so that small ones stay recognisable.
const TRIANGLES_MIN: usize = 400;
/// The surface may move by this much.
const ERROR_MM_MAX: f64 = 4.0;

const VIEWER: &str = include_str!("../../assets/report/viewer.js");

/// A scene ready for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// A GLB file with one mesh a shape.
    pub glb: Vec<u8>,
    /// Its triangles.
    pub triangles: usize,
    /// Triangles of the full shapes.
    pub triangles_before: usize,
    /// How far the reduction moved a surface at most, as the quadric error says, mm.
    pub error_mm: f64,
}

impl Scene {
    /// The visible surfaces of `case`, or its visible segments where it has none, and its plans; none if it has no shapes.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of(case: &Case, known: &mut Known, progress: &Progress) -> Result<Option<Self>, Cancelled> {
        let mut shapes = model_bodies(case);
        if shapes.is_empty() {
            shapes = shapes::of_segments(case, known, progress)?;
        }
        for (_, node) in case.nodes() {
            let Data::Plan(plan) = &node.data else { continue };
            for shape in shapes::of_plan(case, plan, known, progress)? {
                // Structures that several plans share stand there once.
                let is_there = |there: &Named| there.body.surface == shape.body.surface;
                if !shapes.iter().any(is_there) {
                    let is_done = plan.actions.iter().any(|action| action.name == shape.name);
                    let name = if is_done { format!("{}: {}", node.name, shape.name) } else { shape.name };
                    shapes.push(Named { name, body: shape.body });
                }
            }
        }
        shapes.retain(|shape| !shape.body.surface.triangles().is_empty() && 0.0 < shape.body.opacity);
        if shapes.is_empty() {
            return Ok(None);
        }
        Self::reduced(&shapes, progress).map(Some)
    }

    fn reduced(shapes: &[Named], progress: &Progress) -> Result<Self, Cancelled> {
        let count = |surface: &Surface| surface.triangles().len();
        let before: usize = shapes.iter().map(|shape| count(&shape.body.surface)).sum();
        let share = if before <= TRIANGLES_MAX { 1.0 } else { AIM * TRIANGLES_MAX as f64 / before as f64 };
        let reduce = |shape: &Named| {
            progress.check()?;
            let Body { surface, field, .. } = &shape.body;
            let own = count(surface);
            let wanted = ((own as f64 * share) as usize).max(TRIANGLES_MIN);
            // The colours of a field belong to vertices, which a reduced surface keeps in place but not in number.
            if own <= wanted || field.is_some() {
                return Ok((surface.clone(), 0.0));
            }
            smaller(surface, wanted as f64 / own as f64)
        };
        let reduced: Result<Vec<_>, Cancelled> = shapes.par_iter().map(reduce).collect();
        let reduced = reduced?;
        let colours: Vec<Option<Vec<[u8; 3]>>> = shapes.iter().map(|shape| colours(&shape.body)).collect();
        let parts = shapes.iter().zip(&reduced).zip(&colours).map(|((shape, (surface, _)), colours)| {
            let [r, g, b] = shape.body.colour;
            let opacity = (shape.body.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
            Part { name: &shape.name, surface, rgba: [r, g, b, opacity], colours: colours.as_deref() }
        });
        let glb = encode(&parts.collect::<Vec<_>>());
        let error_mm = reduced.iter().map(|(_, error)| *error).fold(0.0, f64::max);
        let triangles = reduced.iter().map(|(surface, _)| count(surface)).sum();
        Ok(Self { glb, triangles, triangles_before: before, error_mm })
    }

    /// The section of the page.
    pub(super) fn section(&self, document: &Document<'_>) -> String {
        let language = document.language;
        let word = |id: &'static str| escape(tr_in(language, id));
        let size = if self.triangles < self.triangles_before {
            let error = format!("{:.2}", self.error_mm);
            let (triangles, all) = (self.triangles.to_string(), self.triangles_before.to_string());
            let of = [("triangles", (&triangles).into()), ("all", (&all).into()), ("error", (&error).into())];
            tr_with_in(language, "report-scene-reduced", &of)
        } else {
            tr_with_in(language, "report-scene-whole", &[("triangles", (&self.triangles.to_string()).into())])
        };
        let words = json!({
            "noGl": tr_in(language, "report-scene-no-gl"),
            "broken": tr_in(language, "report-scene-broken"),
            "opacity": tr_in(language, "report-scene-opacity"),
            "views": [
                [tr_in(language, "report-scene-front"), 0.0, 0.0],
                [tr_in(language, "report-scene-left"), 90.0, 0.0],
                [tr_in(language, "report-scene-back"), 180.0, 0.0],
                [tr_in(language, "report-scene-above"), 0.0, 88.0],
            ],
        });
        let words = words.to_string().replace('<', "\\u003c");
        let data = base64::engine::general_purpose::STANDARD.encode(&self.glb);
        let mut section = String::new();
        let _ = write!(
            section,
            "<section class=\"scene\"><h2>{}</h2>\n\
             <div class=\"stage\"><canvas></canvas><p class=\"sorry\" hidden></p></div>\n\
             <div class=\"parts\"></div>\n\
             <noscript><p class=\"stale\">{}</p></noscript>\n\
             <p class=\"note\">{} {}</p>\n\
             <script type=\"application/json\" id=\"scene-words\">{words}</script>\n\
             <script type=\"text/plain\" id=\"scene-data\">{data}</script>\n\
             <script type=\"text/javascript\">\n{VIEWER}</script></section>\n",
            word("report-scene"),
            word("report-scene-no-script"),
            word("report-scene-help"),
            escape(&size),
        );
        section
    }
}

/// Fewer triangles of `surface`, and how far it moved; as many as are needed where fewer would open it.
fn smaller(surface: &Surface, fraction: f64) -> Result<(Surface, f64), Cancelled> {
    let mut fraction = fraction;
    while fraction < 1.0 {
        match decimate(surface, fraction, ERROR_MM_MAX, &Progress::default()) {
            Ok((reduced, summary)) => return Ok((reduced, summary.value("error").unwrap_or(0.0))),
            Err(DecimateError::Cancelled(cancelled)) => return Err(cancelled),
            Err(_) => fraction *= 2.0,
        }
    }
    Ok((surface.clone(), 0.0))
}

/// The colours of a field at every vertex.
fn colours(body: &Body) -> Option<Vec<[u8; 3]>> {
    let field = body.field.as_ref()?;
    let range = field.robust_range(super::pictures::OUTLIERS)?;
    let map = Colormap::for_field(&field.name, range);
    let range = map.range(range);
    Some(field.values.iter().map(|value| map.colour_of(*value, range)).collect())
}
