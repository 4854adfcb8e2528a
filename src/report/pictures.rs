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
    /// Letters at the top, right, bottom and left edge.
    pub letters: Option<[String; 4]>,
    /// A length in mm and the part of the picture's width it spans.
    pub scale_bar: Option<(f64, f64)>,
    /// The scale of the colours, if they stand for numbers.
    pub legend: Option<Legend>,
    /// Numbers that stand on it, which its caption explains.
    pub spots: Vec<Spot>,
}

/// A number on a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Where: parts of the width from the left and of the height from the top.
    pub at: [f64; 2],
    /// What is written there.
    pub text: String,
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
    /// One of the cuts or paths of this plan, or what was searched for it.
    Part(NodeId),
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

/// How a picture of bodies is taken.
#[derive(Debug, Clone)]
pub struct Shot {
    /// What it shows.
    pub caption: String,
    /// What it is a picture of.
    pub shows: Shows,
    /// A short name for a file.
    pub file_name: String,
    /// From where.
    pub from: Eye,
    /// How fields are coloured; as the first of them asks if not given.
    pub scale: Option<(Colormap, Legend)>,
}

/// From where a picture is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Eye {
    /// A standard side.
    Side(View),
    /// The front left above.
    Corner,
    /// This direction from the patient to the viewer.
    Direction(Vector),
}

impl Eye {
    fn camera(self, bounds: &Aabb, aspect: f64) -> Camera {
        match self {
            Self::Side(view) => Camera::standard(view, bounds, aspect),
            Self::Corner => Camera::orbit(0.6, 0.25, bounds, aspect),
            Self::Direction(toward) => {
                let flat = toward.x.hypot(toward.y);
                Camera::orbit(toward.x.atan2(-toward.y), toward.z.atan2(flat), bounds, aspect)
            }
        }
    }
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
        let (shows, file_name, from) = (Shows::Model, format!("model-{name}"), Eye::Side(view));
        all.extend(photographed(&bodies, Shot { caption, shows, file_name, from, scale: None }, &model)?);
    }
    let results = progress.part(0.6..0.8, "pictures of results");
    for (n, node) in nodes.iter().enumerate() {
        results.step(n, nodes.len())?;
        for (k, bodies) in super::results::bodies(node).into_iter().enumerate() {
            let field = bodies.iter().find_map(|body| body.field.as_ref()).map_or("", |field| &field.name);
            let caption = format!("{}: {field}", node.name);
            let (shows, file_name) = (Shows::Model, format!("result-{}-{k}", n + 1));
            let shot = Shot { caption, shows, file_name, from: Eye::Corner, scale: None };
            all.extend(photographed(&bodies, shot, &results)?);
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
        let (shows, file_name) = (Shows::Plan, format!("plan-{}", id.0));
        let shot = Shot { caption, shows, file_name, from: Eye::Corner, scale: None };
        all.extend(photographed(&bodies, shot, &plans)?);
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
pub struct Body {
    /// Its form.
    pub surface: Surface,
    /// Its colour, sRGB, where it has no field.
    pub colour: [u8; 3],
    /// 0 (invisible) to 1 (opaque).
    pub opacity: f64,
    /// Numbers that it is coloured by.
    pub field: Option<Field>,
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
        let place = format!("{:.1}", centre.coords.dot(&away) * away.iter().sum::<f64>());
        let view_name = by_id_in(language, view.name(), || format!("orientation-{}", slug(view.name())));
        let of = [("scan", name.into()), ("view", view_name.into()), ("place", (&place).into())];
        Picture {
            caption: tr_with_in(language, "report-slice-caption", &of),
            shows: Shows::Slice,
            file_name: format!("slice-{}", view.name()),
            png: encode_rgba(width, height, &pixels),
            letters: Some([-down, right, down, -right].map(|d| orientation::letters(&d))),
            scale_bar: Some(scale_bar(width_mm)),
            legend: None,
            spots: Vec::new(),
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

/// A picture of `bodies`, with letters of its edges and a scale; none where there is nothing to see.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn photographed(bodies: &[Body], shot: Shot, progress: &Progress) -> Result<Option<Picture>, Cancelled> {
    let bounds = bodies.iter().map(|body| body.surface.bounds()).fold(Aabb::EMPTY, |all, bounds| {
        if bounds.is_empty() { all } else { all.including(&bounds.min).including(&bounds.max) }
    });
    if bounds.is_empty() {
        return Ok(None);
    }
    let Shot { caption, shows, file_name, from, scale } = shot;
    let [width, height] = MODEL_SIZE;
    let aspect = width as f64 / height as f64;
    let camera = from.camera(&bounds, aspect);
    let scale = scale.or_else(|| bodies.iter().find_map(|body| body.field.as_ref()).and_then(legend_of));
    let subjects: Vec<Subject<'_>> = bodies.iter().map(|body| subject(body, scale.as_ref())).collect();
    let picture = draw(&subjects, &camera, MODEL_SIZE, BACKGROUND, progress)?;
    let png = encode_rgba(picture.width, picture.height, &picture.rgba);
    let [right, up, _] = camera.right_up_toward();
    Ok(Some(Picture {
        caption,
        shows,
        file_name,
        png,
        letters: Some([up, right, -up, -right].map(|way| orientation::letters(&way))),
        scale_bar: Some(scale_bar(camera.height_mm * aspect)),
        legend: scale.map(|(_, legend)| legend),
        spots: Vec::new(),
    }))
}

/// A round length of at most a quarter of a picture of this width, and the part of the width it spans.
pub fn scale_bar(width_mm: f64) -> (f64, f64) {
    let rounds = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
    let length_mm = rounds.into_iter().rfind(|mm| *mm <= 0.25 * width_mm).unwrap_or(1.0);
    (length_mm, length_mm / width_mm)
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
