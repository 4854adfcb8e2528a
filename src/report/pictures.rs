//! Pictures for the report: slices through the organ of interest, the model from three sides, and every result.

use super::parted::Parted;
use super::shapes::{self, Known, Named};
use crate::base::i18n::{Language, by_id_in, slug, tr_in, tr_with_in};
use crate::base::{Cancelled, NodeId, Progress, SegmentId};
use crate::geom::{Aabb, Orientation, Point, Vector, orientation};
use crate::image::colormap::Colormap;
use crate::image::slice::{Interpolation, OverlayStyle, SliceImage, SlicePlane, draw_labels};
use crate::image::{LabelMap, Scan};
use crate::io::png::encode_rgba;
use crate::mesh::picture::{Camera, Colouring, Subject, View, draw};
use crate::mesh::{Field, Surface};
use crate::plan::Structure;
use crate::session::{Case, Data, Node, NodeKind};
use std::sync::Arc;

/// One picture of a report.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What it shows.
    pub caption: String,
    /// What it is a picture of.
    pub shows: Shows,
    /// A short name for a file.
    pub file_name: String,
    /// The picture.
    pub png: Vec<u8>,
    /// Letters at the top, right, bottom and left edge; none for pictures of the model.
    pub letters: Option<[String; 4]>,
    /// A length in mm and the part of the picture's width it spans.
    pub scale_bar: Option<(f64, f64)>,
    /// The scale of the colours, if they stand for numbers.
    pub legend: Option<Legend>,
}

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A slice of a scan.
    Slice,
    /// Surfaces and results.
    Model,
    /// A plan.
    Plan,
}

/// What the colours of a picture stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Legend {
    /// The name of the field.
    pub field: String,
    /// Its unit.
    pub unit: String,
    /// The values at both ends.
    pub range: [f64; 2],
    /// Colours from the lower to the upper end.
    pub colours: Vec<[u8; 3]>,
}

/// Pixels of a picture of the model, across and down.
const MODEL_SIZE: [usize; 2] = [900, 800];
/// Share of the lowest and of the highest values that the colours of a field need not tell apart.
pub(super) const OUTLIERS: f64 = 0.01;
/// Behind the model.
const BACKGROUND: [u8; 4] = [24, 28, 34, 255];

/// All pictures of `case`, with captions in `language`; surfaces made for them stay in `known`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn pictures(
    case: &Case,
    language: Language,
    known: &mut Known,
    progress: &Progress,
) -> Result<Vec<Picture>, Cancelled> {
    let mut all = Vec::new();
    let nodes: Vec<&Arc<Node>> = case.nodes().map(|(_, node)| node).collect();
    let labels: Vec<&LabelMap> = nodes.iter().filter_map(|node| visible_labels(node)).collect();
    for node in &nodes {
        if let Data::Scan(scan) = &node.data {
            all.extend(slices(scan, &node.name, &labels, language));
            break;
        }
    }
    let model = progress.part(0.2..0.6, "pictures of the model");
    let mut bodies: Vec<Body> = model_bodies(case).into_iter().map(|shape| shape.body).collect();
    let is_of_segments = bodies.is_empty();
    if is_of_segments {
        bodies.extend(shapes::of_segments(case, known, &model)?.into_iter().map(|shape| shape.body));
    }
    let views = [
        (View::Anterior, "front", "report-model-from-front"),
        (View::Left, "left", "report-model-from-left"),
        (View::Posterior, "back", "report-model-from-back"),
    ];
    for (n, (view, name, caption)) in views.into_iter().enumerate() {
        model.step(n, views.len())?;
        let mut caption = tr_in(language, caption).to_owned();
        if is_of_segments {
            caption = tr_with_in(language, "report-model-of-segments", &[("view", (&caption).into())]);
        }
        let name = (Shows::Model, format!("model-{name}"));
        all.extend(model_picture(&bodies, Some(view), caption, name, &model)?);
    }
    let results = progress.part(0.6..0.8, "pictures of results");
    for (n, node) in nodes.iter().enumerate() {
        results.step(n, nodes.len())?;
        for (k, bodies) in super::results::bodies(node).into_iter().enumerate() {
            let field = bodies.iter().find_map(|body| body.field.as_ref()).map_or("", |field| &field.name);
            let caption = format!("{}: {field}", node.name);
            let name = (Shows::Model, format!("result-{}-{k}", n + 1));
            all.extend(model_picture(&bodies, None, caption, name, &results)?);
        }
    }
    let plans = progress.part(0.8..1.0, "pictures of plans");
    for (n, (id, node)) in case.nodes().enumerate() {
        plans.step(n, nodes.len())?;
        let Data::Plan(plan) = &node.data else { continue };
        let shapes = shapes::of_plan(case, plan, known, &plans)?;
        let mut names: Vec<&str> = Vec::new();
        for shape in &shapes {
            if !names.contains(&shape.name.as_str()) {
                names.push(&shape.name);
            }
        }
        let comma = if language == Language::SimplifiedChinese { "、" } else { ", " };
        let names = names.join(comma);
        let of = [("plan", (&node.name).into()), ("shown", (&names).into())];
        let caption = tr_with_in(language, "report-plan-caption", &of);
        let bodies: Vec<Body> = shapes.iter().map(|shape| shape.body.clone()).collect();
        let name = (Shows::Plan, format!("plan-{}", id.0));
        all.extend(model_picture(&bodies, None, caption, name, &plans)?);
    }
    Ok(all)
}

/// The surfaces the model consists of, with their names.
pub(super) fn model_bodies(case: &Case) -> Vec<Named> {
    // A simulation hides the surface it shows coloured, but the model still consists of it.
    let in_model = |(id, node): &(NodeId, &Arc<Node>)| node.display.visible || is_simulated(case, *id, node);
    let named = |(id, node): (NodeId, &Arc<Node>)| {
        let structure = Some(Structure { node: id, segment: None });
        Some(Named { name: node.name.clone(), body: body_of_surface(node)?, structure })
    };
    let parted = Parted::of(case, NodeKind::Surface);
    let is_there = |(id, node): &(NodeId, &Arc<Node>)| !parted.leaves_out(*id, node);
    case.nodes().filter(in_model).filter(is_there).filter_map(named).collect()
}

/// A surface as it appears in a picture.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) surface: Surface,
    pub(super) colour: [u8; 3],
    pub(super) opacity: f64,
    pub(super) field: Option<Field>,
}

fn visible_labels(node: &Node) -> Option<&LabelMap> {
    match &node.data {
        Data::Labels(labels) if node.display.visible => Some(labels),
        _ => None,
    }
}

/// Whether a visible result shows the same organ as this surface, which is hidden for it: the result was computed from
/// the surface, or from the segment that the surface bounds.
fn is_simulated(case: &Case, id: NodeId, surface: &Node) -> bool {
    let segment = |node: &Node| node.made_by().and_then(|command| command.params.get("segment")?.as_u64());
    let is_same = |result: &Node| {
        let mut step = Some(result);
        while let Some(node) = step {
            let is_other = segment(node).zip(segment(surface)).is_some_and(|(a, b)| a != b);
            if node.source == Some(id) || (node.source.is_some() && node.source == surface.source && !is_other) {
                return true;
            }
            step = node.source.and_then(|source| case.node(source)).map(Arc::as_ref);
        }
        false
    };
    let is_result = |node: &Node| matches!(node.data, Data::Tissue(_) | Data::Flow(_)) && node.display.visible;
    case.nodes().any(|(_, node)| is_result(node) && is_same(node))
}

fn body_of_surface(node: &Node) -> Option<Body> {
    let Data::Surface(data) = &node.data else { return None };
    let (surface, opacity) = (data.surface.clone(), f64::from(node.display.opacity));
    Some(Body { surface, colour: node.display.colour, opacity, field: None })
}

/// Slices through the middle of the smallest visible segmentation, with all segments drawn over them.
fn slices(scan: &Scan, name: &str, labels: &[&LabelMap], language: Language) -> Vec<Picture> {
    let size = |map: &&&LabelMap| map.segments().iter().map(|s| map.count(s.id)).sum::<usize>();
    let centre =
        labels.iter().min_by_key(size).and_then(|map| centroid(map)).unwrap_or_else(|| scan.grid().bounds().centre());
    let window = scan.first_window();
    let picture = |view: Orientation| {
        let [right, down, away] = view.right_down_away();
        let plane = SlicePlane::covering(scan.grid(), view, centre.coords.dot(&away));
        let mut pixels = SliceImage::of(scan, plane, Interpolation::Linear).rgba(window);
        for map in labels {
            draw_labels(&mut pixels, &plane, map, OverlayStyle::default(), |_| true);
        }
        let [width, height] = plane.size;
        let width_mm = width as f64 * plane.right.norm();
        let length_mm = [10.0, 20.0, 50.0, 100.0].into_iter().rfind(|mm| *mm <= 0.3 * width_mm).unwrap_or(10.0);
        let place = format!("{:.1}", centre.coords.dot(&away) * away.iter().sum::<f64>());
        let view_name = by_id_in(language, view.name(), || format!("orientation-{}", slug(view.name())));
        let of = [("scan", name.into()), ("view", view_name.into()), ("place", (&place).into())];
        Picture {
            caption: tr_with_in(language, "report-slice-caption", &of),
            shows: Shows::Slice,
            file_name: format!("slice-{}", view.name()),
            png: encode_rgba(width, height, &pixels),
            letters: Some([-down, right, down, -right].map(|d| orientation::letters(&d))),
            scale_bar: Some((length_mm, length_mm / width_mm)),
            legend: None,
        }
    };
    Orientation::ALL.map(picture).to_vec()
}

/// The mean place of all voxels that belong to a segment.
fn centroid(map: &LabelMap) -> Option<Point> {
    let dense = map.to_volume();
    let known: Vec<SegmentId> = map.segments().iter().map(|segment| segment.id).collect();
    let (mut sum, mut count) = (Vector::zeros(), 0.0);
    for (offset, label) in dense.voxels().iter().enumerate() {
        if *label != 0 && known.iter().any(|id| id.0 == *label) {
            let [i, j, k] = map.grid().voxel(offset);
            sum += Vector::new(i as f64, j as f64, k as f64);
            count += 1.0;
        }
    }
    (0.0 < count).then(|| map.grid().patient_from_index(sum / count))
}

/// The bodies from a side, or from the front left above.
fn model_picture(
    bodies: &[Body],
    view: Option<View>,
    caption: String,
    (shows, file_name): (Shows, String),
    progress: &Progress,
) -> Result<Option<Picture>, Cancelled> {
    let bounds = bodies.iter().map(|body| body.surface.bounds()).fold(Aabb::EMPTY, |all, bounds| {
        if bounds.is_empty() { all } else { all.including(&bounds.min).including(&bounds.max) }
    });
    if bounds.is_empty() {
        return Ok(None);
    }
    let [width, height] = MODEL_SIZE;
    let aspect = width as f64 / height as f64;
    let camera =
        view.map_or_else(|| Camera::orbit(0.6, 0.25, &bounds, aspect), |view| Camera::standard(view, &bounds, aspect));
    let legend = bodies.iter().find_map(|body| body.field.as_ref()).and_then(legend_of);
    let subject = |body| subject(body, legend.as_ref());
    let subjects: Vec<Subject<'_>> = bodies.iter().map(subject).collect();
    let picture = draw(&subjects, &camera, MODEL_SIZE, BACKGROUND, progress)?;
    let width_mm = camera.height_mm * aspect;
    let length_mm =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].into_iter().rfind(|mm| *mm <= 0.25 * width_mm).unwrap_or(1.0);
    let png = encode_rgba(picture.width, picture.height, &picture.rgba);
    let scale_bar = Some((length_mm, length_mm / width_mm));
    let legend = legend.map(|(_, legend)| legend);
    Ok(Some(Picture { caption, shows, file_name, png, letters: None, scale_bar, legend }))
}

fn legend_of(field: &Field) -> Option<(Colormap, Legend)> {
    let range = field.robust_range(OUTLIERS)?;
    let map = Colormap::for_field(&field.name, range);
    let range = map.range(range);
    Some((map, Legend { field: field.name.clone(), unit: field.unit.clone(), range, colours: map.table(12) }))
}

fn subject<'a>(body: &'a Body, legend: Option<&(Colormap, Legend)>) -> Subject<'a> {
    let Body { surface, colour, opacity, field } = body;
    let colouring = match (field, legend) {
        (Some(field), Some((map, legend))) => {
            Colouring::Field { values: &field.values, range: legend.range, map: *map }
        }
        _ => Colouring::Plain(*colour),
    };
    Subject { surface, colouring, opacity: *opacity }
}
