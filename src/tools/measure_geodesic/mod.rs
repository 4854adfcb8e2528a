//! `measure.geodesic`: points on a surface, joined by the shortest paths on it.

use crate::base::{NodeId, Progress};
use crate::geom::Point;
use crate::geom::measure::{Kind as Measured, Shape};
use crate::image::Measure;
use crate::mesh::{Bvh, Paths, Surface};
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::colour::colour_of;
use crate::tools::shared::in_place_of;
use crate::tools::shared::measures::{self, COLOUR};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Farther than this from the surface a point is not meant to lie on it, mm.
const OFF_MM: f64 = 50.0;

/// A curve on a surface.
#[derive(Debug)]
pub struct MeasureGeodesic;

/// Parameters of [`MeasureGeodesic`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: Option<NodeId>,
    points: Vec<[f64; 3]>,
    measure: Option<NodeId>,
    text: String,
    name: Option<String>,
    colour: Option<String>,
}

impl Tool for MeasureGeodesic {
    const ID: &'static str = "measure.geodesic";
    const LABEL: &'static str = "Curve on a surface…";
    const HELP: &'static str = "Join points on a surface by the shortest paths on it; each point is put onto the nearest place of the surface.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("points", Kind::Points, "mm", "the points, two or more, on the surface or near it"),
        ParamSpec::with(
            "surface",
            Kind::Node(NodeKind::Surface),
            "",
            "null",
            "the surface; that of the measure if one is moved",
        ),
        ParamSpec::with(
            "measure",
            Kind::Node(NodeKind::Measure),
            "",
            "null",
            "the curve that gets these points; a new one if not given",
        ),
        ParamSpec::with("text", Kind::Text, "", "\"\"", "what is written beside a new curve, up to 500 characters"),
        ParamSpec::with("name", Kind::Text, "", "null", "its name; the kind and a number if not given"),
        ParamSpec::with("colour", Kind::Text, "", "null", "its colour as #rrggbb"),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { surface, points, measure, text, name, colour } = params;
        let kind = Measured::Geodesic;
        let points: Vec<Point> = points.into_iter().map(Point::from).collect();
        // Number and finiteness are checked before the surface is searched.
        Shape::new(kind, &points, None).map_err(measures::bad)?;
        let old = match measure {
            None => None,
            Some(id) => {
                let old = Arc::clone(case.expect_kind(id, NodeKind::Measure)?);
                let Data::Measure(was) = old.data.clone() else { unreachable!("the kind was checked") };
                if was.shape.kind() != kind {
                    return Err(measures::bad(format!("{} is no curve on a surface", old.name)));
                }
                Some((id, old, was))
            }
        };
        let Some(surface) = surface.or_else(|| old.as_ref().and_then(|(_, old, _)| old.source)) else {
            return Err(measures::bad("a curve on a surface needs the surface"));
        };
        let Data::Surface(data) = case.expect_kind(surface, NodeKind::Surface)?.data.clone() else {
            unreachable!("the kind was checked")
        };
        let text = measures::text(kind, &text)?;
        let colour = colour.map_or(Ok(COLOUR), |text| colour_of(&text))?;
        let name = match name {
            Some(name) => crate::tools::shared::name(&name)?,
            None => measures::next_name(case, kind),
        };
        Ok(Box::new(move |progress| {
            let shape = on(&data.surface, &points, progress)?;
            Ok(match old {
                None => {
                    let measure = Measure { shape, text, reading: None };
                    let summary = measure.summary();
                    let data = Data::Measure(Arc::new(measure));
                    let node = Node::new(&name, data).with_summary(summary).shown(colour, 1.0).from_source(surface);
                    Edit::new(format!("draw {name}")).add(node)
                }
                Some((id, old, was)) => {
                    let measure = Measure { shape, text: was.text.clone(), reading: None };
                    let summary = measure.summary();
                    let mut node = in_place_of(&old, &old.name, Data::Measure(Arc::new(measure)));
                    node.summary = summary;
                    let label = format!("move {}", old.name);
                    Edit::new(label).change(Change::Replace { id, was: old.hash(), node })
                }
            })
        }))
    }
}

/// The path through the places of `surface` nearest to `points`.
fn on(surface: &Surface, points: &[Point], progress: &Progress) -> Result<Shape, CommandError> {
    let tree = Bvh::new(surface);
    let mut places = Vec::with_capacity(points.len());
    for (n, point) in points.iter().enumerate() {
        let place = tree.closest(point).ok_or_else(|| measures::bad("the surface has no triangles"))?;
        if OFF_MM < place.distance_mm {
            return Err(measures::bad(format!(
                "point {} is {:.0} mm away from the surface; put it within {OFF_MM} mm",
                n + 1,
                place.distance_mm
            )));
        }
        places.push(place);
    }
    // Points that were put onto one place are one.
    places.dedup_by(|a, b| (a.point - b.point).norm() < 1e-6);
    if places.len() < 2 {
        return Err(measures::bad("the points come to lie on one place of the surface; put them apart"));
    }
    let paths = Paths::new(surface);
    let (mut path, mut knots) = (vec![places[0].point], vec![0]);
    for pair in places.windows(2) {
        let way = paths.between(&pair[0], &pair[1], progress).map_err(|error| match error {
            crate::mesh::PathError::Cancelled(_) => CommandError::Cancelled,
            apart => measures::bad(apart),
        })?;
        path.extend(&way[1..]);
        knots.push(path.len() as u32 - 1);
    }
    Shape::on_surface(&path, &knots, None).map_err(measures::bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes;
    use crate::session::{Command, Session};
    use serde_json::{Value, json};

    fn session() -> Session {
        let ball = shapes::ball(20.0, 1.0);
        let case = Case::from_nodes([(NodeId(1), Node::new("ball", Data::surface(ball)))]);
        Session::with_case(crate::tools::TOOLS, case, Vec::new())
    }

    fn run(session: &mut Session, params: Value) -> Result<(), CommandError> {
        session.run(Command::new("measure.geodesic", params), &Progress::default()).map(|_| ())
    }

    fn measure(session: &Session) -> Arc<Measure> {
        match &session.case().node(NodeId(2)).unwrap().data {
            Data::Measure(measure) => Arc::clone(measure),
            _ => panic!("no measure"),
        }
    }

    #[test]
    fn a_curve_lies_on_its_surface_and_stays_there_when_it_is_dragged() {
        let mut session = session();
        // Off the ball: each is put onto it.
        run(&mut session, json!({ "surface": 1, "points": [[23, 0, 0], [0, 26, 0], [0, 0, 19]] })).unwrap();
        let first = measure(&session);
        let quarter = 10.0 * std::f64::consts::PI;
        assert!((first.value("length").unwrap() / (2.0 * quarter) - 1.0).abs() < 0.01, "{:?}", first.values());
        assert_eq!((first.shape.handles().len(), session.case().node(NodeId(2)).unwrap().source), (3, Some(NodeId(1))));
        // A handle is dragged into the ball: it comes back to its surface.
        run(&mut session, json!({ "measure": 2, "points": [[20, 0, 0], [0, 9, 0], [0, 12, 12]] })).unwrap();
        let moved = measure(&session);
        assert!((moved.value("length").unwrap() / (1.5 * quarter) - 1.0).abs() < 0.01, "{:?}", moved.values());
        let Data::Surface(data) = &session.case().node(NodeId(1)).unwrap().data else { panic!("a ball") };
        let tree = Bvh::new(&data.surface);
        assert!(moved.shape.points().iter().all(|point| tree.closest(point).unwrap().distance_mm < 1e-9));
        // It is in the case file with its handles.
        let path = tempfile::tempdir().unwrap();
        let file = path.path().join("curve.prosector");
        crate::session::store::save(&file, session.case(), session.log(), &Progress::default()).unwrap();
        let found = crate::session::store::load(&file, &Progress::default()).unwrap();
        assert_eq!(found.case.content_hash(), session.case().content_hash());
    }

    #[test]
    fn what_cannot_be_is_refused_in_a_sentence() {
        let refused = |params| run(&mut session(), params).unwrap_err().to_string();
        assert!(refused(json!({ "surface": 1, "points": [[20, 0, 0]] })).contains("geodesic needs 2"));
        assert!(refused(json!({ "points": [[20, 0, 0], [0, 20, 0]] })).contains("needs the surface"));
        assert!(refused(json!({ "surface": 1, "points": [[20, 0, 0], [0, 200, 0]] })).contains("180 mm"));
        let of_add = Command::new("measure.add", json!({ "kind": "geodesic", "points": [[20, 0, 0], [0, 20, 0]] }));
        let said = session().run(of_add, &Progress::default()).unwrap_err().to_string();
        assert!(said.contains("measure.geodesic"), "{said}");
    }
}
