//! The scene of a report that can be turned: surfaces reduced to a size for a page, as GLB with its viewer beside it.

use super::document::Document;
use super::html::escape;
use super::parted::Parted;
use super::pictures::{Body, model_bodies};
use super::shapes::{self, Known, Named};
use crate::base::i18n::{tr_in, tr_with_in};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::image::colormap::Colormap;
use crate::io::glb::{Part, encode};
use crate::mesh::{Bvh, DecimateError, Field, Surface, decimate};
use crate::session::{Case, Data, NodeKind};
use base64::Engine;
use rayon::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Triangles of all shapes together.
pub const TRIANGLES_MAX: usize = 60_000;
/// A shape keeps at least this many while there is room for it, so that small ones stay recognisable.
const TRIANGLES_MIN: usize = 400;
/// The surface may move by this much, and further only where fewer triangles cannot be had otherwise.
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
        let (mut shapes, mut kind) = (model_bodies(case), NodeKind::Surface);
        if shapes.is_empty() {
            (shapes, kind) =
                (shapes::of_segments(case, known, &progress.part(0.0..0.2, "pictures"))?, NodeKind::Labels);
        }
        // An organ that stands there in parts is not there as a whole too.
        let parted = Parted::of(case, kind);
        for (_, node) in case.nodes() {
            let Data::Plan(plan) = &node.data else { continue };
            for shape in shapes::of_plan(case, plan, known, &progress.part(0.2..0.4, "pictures of plans"))? {
                if shape.structure.is_some_and(|own| parted.holds(&own)) {
                    continue;
                }
                // Structures that several plans share stand there once.
                let is_there = |there: &Named| there.body.surface == shape.body.surface;
                if !shapes.iter().any(is_there) {
                    let is_done = plan.actions.iter().any(|action| action.name == shape.name);
                    let name = if is_done { format!("{}: {}", node.name, shape.name) } else { shape.name };
                    shapes.push(Named { name, ..shape });
                }
            }
        }
        shapes.retain(|shape| !shape.body.surface.triangles().is_empty() && 0.0 < shape.body.opacity);
        if shapes.is_empty() {
            return Ok(None);
        }
        Self::reduced(&shapes, TRIANGLES_MAX, &progress.part(0.4..1.0, "the scene")).map(Some)
    }

    /// The shapes with at most `most` triangles in all.
    fn reduced(shapes: &[Named], most: usize, progress: &Progress) -> Result<Self, Cancelled> {
        let count = |surface: &Surface| surface.triangles().len();
        let counts: Vec<usize> = shapes.iter().map(|shape| count(&shape.body.surface)).collect();
        let wanted = shares(&counts, most);
        let done = AtomicUsize::new(0);
        let reduce = |(shape, wanted): (&Named, &usize)| {
            progress.check()?;
            let Body { surface, field, .. } = &shape.body;
            let (smaller, error_mm) = smaller(surface, *wanted, progress)?;
            let field = field.as_ref().map(|field| carried(field, surface, &smaller));
            // Shapes take about as long as they have triangles; as many as are done say how far it is.
            progress.step(done.fetch_add(1, Ordering::Relaxed) + 1, shapes.len())?;
            Ok((Body { surface: smaller, field, ..shape.body.clone() }, error_mm))
        };
        let reduced: Result<Vec<_>, Cancelled> = shapes.par_iter().zip(&wanted).map(reduce).collect();
        let reduced = reduced?;
        let colours: Vec<Option<Vec<[u8; 3]>>> = reduced.iter().map(|(body, _)| colours(body)).collect();
        let parts = shapes.iter().zip(&reduced).zip(&colours).map(|((shape, (body, _)), colours)| {
            let [r, g, b] = body.colour;
            let opacity = (body.opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
            Part { name: &shape.name, surface: &body.surface, rgba: [r, g, b, opacity], colours: colours.as_deref() }
        });
        // A shape of which nothing is left has no place in the file.
        let glb = encode(&parts.filter(|part| 0 < count(part.surface)).collect::<Vec<_>>());
        let error_mm = reduced.iter().map(|(_, error)| *error).fold(0.0, f64::max);
        let triangles = reduced.iter().map(|(body, _)| count(&body.surface)).sum();
        Ok(Self { glb, triangles, triangles_before: counts.iter().sum(), error_mm })
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

/// How many triangles each of several shapes keeps, so that all have at most `most`: the same part of each, but small ones keep
/// [`TRIANGLES_MIN`] as long as there is room for that.
fn shares(counts: &[usize], most: usize) -> Vec<usize> {
    let all: usize = counts.iter().sum();
    if all <= most {
        return counts.to_vec();
    }
    let least = TRIANGLES_MIN.min(most / counts.len().max(1));
    let kept = |part: f64| counts.iter().map(move |own| ((*own as f64 * part) as usize).max(least.min(*own)));
    // The largest part that fits: 0 does.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if kept(middle).sum::<usize>() <= most { low = middle } else { high = middle }
    }
    kept(low).collect()
}

/// At most `wanted` triangles of `surface`, and how far it moved. Edges are collapsed while that keeps its form and its holes;
/// where that does not do, vertices are joined in cubes.
fn smaller(surface: &Surface, wanted: usize, progress: &Progress) -> Result<(Surface, f64), Cancelled> {
    let own = surface.triangles().len();
    if own <= wanted {
        return Ok((surface.clone(), 0.0));
    }
    // It reports nothing, for several are made at the same time; cancelling is heard.
    let quiet = progress.part(0.0..0.0, progress.stage());
    let (mut left, mut moved_mm) = (surface.clone(), 0.0);
    // A closed body has four triangles at least.
    let limits: &[f64] = if wanted < 4 { &[] } else { &[ERROR_MM_MAX, 4.0 * ERROR_MM_MAX] };
    for error_mm_max in limits {
        // The number is met to a triangle or two, so a few less are asked for.
        let mut fraction = (0.99 * wanted as f64 / left.triangles().len() as f64).max(1e-9);
        while fraction < 1.0 {
            match decimate(&left, fraction, *error_mm_max, &quiet) {
                Ok((reduced, summary)) => {
                    moved_mm += summary.value("error").unwrap_or(0.0);
                    if reduced.triangles().len() <= wanted {
                        return Ok((reduced, moved_mm));
                    }
                    left = reduced;
                    break;
                }
                Err(DecimateError::Cancelled(cancelled)) => return Err(cancelled),
                // It would open or vanish: less of it at once.
                Err(_) => fraction *= 2.0,
            }
        }
    }
    let (joined, more_mm) = joined_in_cubes(&left, wanted, &quiet)?;
    Ok((joined, moved_mm + more_mm))
}

/// `surface` with all vertices in a cube as one, the cubes as small as gives at most `wanted` triangles (Rossignac and Borrel
/// 1993); it may come apart or lose what is thinner than a cube.
fn joined_in_cubes(surface: &Surface, wanted: usize, progress: &Progress) -> Result<(Surface, f64), Cancelled> {
    let bounds = surface.bounds();
    let mut edge_mm = bounds.size().max().max(1e-6) / (wanted as f64).sqrt().max(1.0);
    loop {
        progress.check()?;
        let cube = |place: &Point| [0, 1, 2].map(|a| ((place[a] - bounds.min[a]) / edge_mm).floor() as i64);
        let mut first: BTreeMap<[i64; 3], u32> = BTreeMap::new();
        let cubes = surface.positions().iter().zip(0_u32..);
        let of: Vec<u32> = cubes.map(|(place, n)| *first.entry(cube(place)).or_insert(n)).collect();
        let joined = surface.triangles().iter().map(|triangle| triangle.map(|n| of[n as usize]));
        let mut kept: Vec<[u32; 3]> = joined.filter(|[a, b, c]| a != b && b != c && c != a).collect();
        // The same triangle may come of several.
        let turned = |[a, b, c]: [u32; 3]| [[a, b, c], [b, c, a], [c, a, b]].into_iter().min().unwrap_or([a, b, c]);
        kept.iter_mut().for_each(|triangle| *triangle = turned(*triangle));
        kept.sort_unstable();
        kept.dedup();
        if kept.len() <= wanted {
            return Ok((surface.with_triangles(&kept), 3.0_f64.sqrt() * edge_mm));
        }
        edge_mm *= 1.25;
    }
}

/// The values of a field on another form of its surface: those of the nearest places.
fn carried(field: &Field, from: &Surface, to: &Surface) -> Field {
    let search = Bvh::new(from);
    let value = |place: &Point| {
        search.closest(place).map_or(f64::NAN, |near| {
            let corners = from.triangles()[near.triangle];
            (0..3).map(|n| near.weights[n] * field.values[corners[n] as usize]).sum()
        })
    };
    Field::new(&field.name, &field.unit, to.positions().iter().map(value).collect())
}

/// The colours of a field at every vertex.
fn colours(body: &Body) -> Option<Vec<[u8; 3]>> {
    let field = body.field.as_ref()?;
    let range = field.robust_range(super::pictures::OUTLIERS)?;
    let map = Colormap::for_field(&field.name, range);
    let range = map.range(range);
    Some(field.values.iter().map(|value| map.colour_of(*value, range)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;
    use crate::geom::Vector;
    use crate::mesh::shapes::ball;
    use crate::session::Node;

    fn named(name: &str, surface: Surface, field: Option<Field>) -> Named {
        let body = Body { surface, colour: [200; 3], opacity: 1.0, field };
        Named { name: name.into(), body, structure: None }
    }

    /// Triangles that share no edge: nothing can be collapsed without opening it further.
    fn confetti(count: usize) -> Surface {
        let corner = |n: usize| {
            let (piece, k) = (n / 3, n % 3);
            let at = [piece % 40, piece / 40 % 40, piece / 1600].map(|x| x as f64 * 3.0);
            Point::from(at) + [Vector::zeros(), Vector::x(), Vector::y()][k]
        };
        let triangles = (0..count as u32).map(|n| [3 * n, 3 * n + 1, 3 * n + 2]).collect();
        Surface::new((0..3 * count).map(corner).collect(), triangles).unwrap()
    }

    #[test]
    fn the_number_of_triangles_holds_whatever_the_shapes_are() {
        let heights = |surface: &Surface| Field::new("height", "mm", surface.positions().iter().map(|p| p.z).collect());
        let (large, small) = (ball(20.0, 0.6), ball(4.0, 0.5));
        let field = heights(&large);
        let shapes = [
            named("ball", large.clone(), None),
            named("coloured", large.clone(), Some(field)),
            named("small", small.clone(), None),
            named("confetti", confetti(4000), None),
        ];
        let before: usize = shapes.iter().map(|shape| shape.body.surface.triangles().len()).sum();
        for most in [6000, 1500, 40] {
            assert!(most < before);
            let scene = Scene::reduced(&shapes, most, &Progress::default()).unwrap();
            assert!(scene.triangles <= most && scene.triangles_before == before, "{} of {most}", scene.triangles);
            let content = crate::io::glb::contents(&scene.glb, std::path::Path::new("scene")).unwrap();
            assert_eq!(content.iter().map(|mesh| mesh.triangles).sum::<u64>(), scene.triangles as u64);
        }
        let whole = Scene::reduced(&shapes[2..3], 100_000, &Progress::default()).unwrap();
        assert_eq!((whole.triangles, whole.error_mm), (small.triangles().len(), 0.0));
        // Colours stay where they were.
        let (reduced, error_mm) = smaller(&large, 800, &Progress::default()).unwrap();
        let carried = carried(&heights(&large), &large, &reduced);
        assert!(reduced.triangles().len() <= 800 && error_mm < 1.0);
        for (p, value) in reduced.positions().iter().zip(carried.values.iter()) {
            assert!((p.z - value).abs() < 0.2, "{value} at {p}");
        }
    }

    #[test]
    fn reducing_a_scene_can_be_cancelled_while_it_runs() {
        let stop = Progress::default();
        stop.cancel();
        assert_eq!(smaller(&ball(20.0, 1.0), 100, &stop), Err(Cancelled));
        assert_eq!(joined_in_cubes(&confetti(100), 5, &stop), Err(Cancelled));
        let node = Node::new("ball", Data::surface(ball(20.0, 1.0)));
        let case = Case::from_nodes([(NodeId(1), node)]);
        assert_eq!(Scene::of(&case, &mut Known::default(), &stop), Err(Cancelled));
    }

    #[test]
    fn shares_add_up_to_what_there_is_room_for_and_small_shapes_keep_their_least() {
        let counts = [100_000, 300, 50_000, 900];
        let kept = shares(&counts, 10_000);
        assert!(kept.iter().sum::<usize>() <= 10_000 && 9_900 < kept.iter().sum::<usize>(), "{kept:?}");
        assert_eq!((kept[1], kept[3]), (300, TRIANGLES_MIN));
        assert!((kept[0] as f64 / kept[2] as f64 - 2.0).abs() < 0.01, "{kept:?}");
        assert_eq!(shares(&counts, 1_000_000), counts);
        assert!(shares(&[500; 100], 60).iter().sum::<usize>() <= 60);
    }
}
