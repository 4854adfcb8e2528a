//! `view.keep`: the place of the camera, how the objects are shown, and a picture of it, as an object of the case.

use crate::base::NodeId;
use crate::geom::Point;
use crate::session::saved_view::picture_size;
use crate::session::{
    Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, SavedView, ShownField, ShownNode, SliceView, Step,
    Task, Tool, ViewCamera, ViewLook,
};
use crate::tools::shared::views;
use base64::Engine;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The version of what windows write.
const LOOK_VERSION: u32 = 1;

/// Keep a view in the case.
#[derive(Debug)]
pub struct ViewKeep;

/// Parameters of [`ViewKeep`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    target: [f64; 3],
    distance_mm: f64,
    yaw_deg: f64,
    pitch_deg: f64,
    roll_deg: f64,
    fov_deg: f64,
    parallel: bool,
    crosshair: Option<[f64; 3]>,
    isolated: Option<NodeId>,
    name: Option<String>,
    note: String,
    slice: Vec<SliceView>,
    look: Vec<Value>,
    picture: String,
}

impl Tool for ViewKeep {
    const ID: &'static str = "view.keep";
    const LABEL: &'static str = "Keep view…";
    const HELP: &'static str =
        "Keep where the camera stands and how every object is shown now, with a note and a picture for the report.";
    const STEP: Step = Step::Object;
    const INSTANT: bool = true;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("target", Kind::Point, "mm", "what the camera looks at"),
        ParamSpec::with("distance_mm", Kind::Number(0.001, 1e6), "mm", "900", "from there to the camera"),
        ParamSpec::with(
            "yaw_deg",
            Kind::Number(-360.0, 360.0),
            "°",
            "0",
            "turn about the patient's long axis: 0 from the front, 90 from the patient's left",
        ),
        ParamSpec::with("pitch_deg", Kind::Number(-90.0, 90.0), "°", "0", "height above the horizon"),
        ParamSpec::with("roll_deg", Kind::Number(-360.0, 360.0), "°", "0", "turn about the line of sight"),
        ParamSpec::with("fov_deg", Kind::Number(1.0, 150.0), "°", "30", "opening angle from bottom to top"),
        ParamSpec::with(
            "parallel",
            Kind::Bool,
            "",
            "false",
            "lines of sight are parallel instead of meeting in the eye",
        ),
        ParamSpec::with("crosshair", Kind::Point, "mm", "null", "the place the slices point at"),
        ParamSpec::with("isolated", Kind::AnyNode, "", "null", "the only object that is shown, if one is"),
        ParamSpec::with("name", Kind::Text, "", "null", "its name; a number if not given"),
        ParamSpec::with("note", Kind::Text, "", "\"\"", "what is to be said about it, up to 2000 characters"),
        ParamSpec::with(
            "slice",
            Kind::Records,
            "",
            "[]",
            "the slice view it is of, if it is not of the 3D view: scan, orientation, window, turn, zoom, slab; one record",
        ),
        ParamSpec::with(
            "look",
            Kind::Records,
            "",
            "[]",
            "how the window looked: cut, rendered volume, colours of fields, layout; one record, which the window fills in",
        ),
        ParamSpec::with(
            "picture",
            Kind::Text,
            "",
            "\"\"",
            "what it looks like: a PNG file in base64, up to 1024 pixels a side; the window fills it in",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { target, distance_mm, yaw_deg, pitch_deg, roll_deg, fov_deg, parallel, .. } = params;
        let camera = ViewCamera {
            target: Point::from(target),
            distance_mm,
            yaw_rad: yaw_deg.to_radians(),
            pitch_rad: pitch_deg.to_radians(),
            roll_rad: roll_deg.to_radians(),
            fov_rad: fov_deg.to_radians(),
            parallel,
        };
        camera.check().map_err(CommandError::BadParams)?;
        let isolated = params.isolated;
        if let Some(id) = isolated.filter(|id| case.node(*id).is_none()) {
            return Err(CommandError::BadParams(format!("there is no object {id}")));
        }
        let slice = match params.slice[..] {
            [] => None,
            [slice] => Some(slice),
            _ => return Err(CommandError::BadParams(format!("a view is of one slice, not of {}", params.slice.len()))),
        };
        if let Some(slice) = &slice {
            slice.check().map_err(CommandError::BadParams)?;
            case.expect_kind(slice.scan, NodeKind::Scan)?;
        }
        let look = match &params.look[..] {
            [] => None,
            [window] => {
                let fields = shown_nodes(case).map(|(node, own)| ShownField { node, field: own.display.field.clone() });
                let look = ViewLook { version: LOOK_VERSION, fields: fields.collect(), window: window.clone() };
                look.check().map_err(CommandError::BadParams)?;
                Some(look)
            }
            looks => return Err(CommandError::BadParams(format!("a view has one look, not {}", looks.len()))),
        };
        let note = views::note(&params.note)?;
        let name = match params.name {
            Some(name) => crate::tools::shared::name(&name)?,
            None => views::next_name(case),
        };
        let shown = shown_nodes(case).map(|(node, own)| {
            let display = &own.display;
            ShownNode { node, visible: display.visible, opacity: display.opacity, colour: display.colour }
        });
        let (shown, crosshair) = (shown.collect(), params.crosshair.map(Point::from));
        let picture = params.picture;
        Ok(Box::new(move |_| {
            let bad = |text: String| CommandError::BadParams(format!("view.keep: {text}"));
            let picture = base64::engine::general_purpose::STANDARD
                .decode(picture.trim())
                .map_err(|error| bad(format!("the picture is not written in base64: {error}")))?;
            if !picture.is_empty() {
                picture_size(&picture).map_err(bad)?;
            }
            let view = SavedView { note, camera, crosshair, shown, isolated, slice, look, picture };
            let summary = view.summary();
            let node = Node::new(&name, Data::View(Arc::new(view))).with_summary(summary);
            Ok(Edit::new(format!("keep {name}")).add(node).say(format!("{name} was kept")))
        }))
    }
}

/// What can be shown or hidden.
fn shown_nodes(case: &Case) -> impl Iterator<Item = (NodeId, &Arc<Node>)> {
    case.nodes().filter(|(_, node)| node.data.kind() != NodeKind::View)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::io::png::encode_rgba;
    use crate::mesh::Surface;
    use crate::session::{Command, Session};
    use serde_json::json;

    /// Two objects, the second hidden.
    fn case() -> Case {
        let corners = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]].map(Point::from);
        let surface = Surface::new(corners.to_vec(), vec![[0, 1, 2]]).unwrap();
        let node = |name: &str| Node::new(name, Data::surface(surface.clone())).shown([10, 20, 30], 0.5);
        Case::from_nodes([(NodeId(1), node("liver")), (NodeId(2), node("lung").hidden())])
    }

    fn done(case: &Case, tool: &str, params: Value) -> Result<Case, CommandError> {
        let mut session = Session::with_case(crate::tools::TOOLS, case.clone(), Vec::new());
        session.run(Command::new(tool, params), &Progress::default())?;
        Ok(session.case().clone())
    }

    fn kept(params: Value) -> Result<Case, CommandError> {
        done(&case(), "view.keep", params)
    }

    fn view(case: &Case, id: u32) -> Arc<SavedView> {
        views::view_of(case, NodeId(id)).unwrap()
    }

    #[test]
    fn a_view_knows_the_camera_and_how_everything_was_shown() {
        let png = encode_rgba(2, 2, &[128; 16]);
        let text = base64::engine::general_purpose::STANDARD.encode(&png);
        let case = kept(json!({ "target": [1, 2, 3], "yaw_deg": 90, "note": " look ", "picture": text })).unwrap();
        let view = view(&case, 3);
        assert_eq!((case.node(NodeId(3)).unwrap().name.as_str(), view.note.as_str()), ("View 1", "look"));
        assert_eq!((view.camera.target, view.camera.distance_mm), (Point::new(1.0, 2.0, 3.0), 900.0));
        assert!((view.camera.yaw_rad - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
        assert_eq!(view.picture, png);
        let shown: Vec<_> = view.shown.iter().map(|s| (s.node.0, s.visible, s.opacity, s.colour)).collect();
        assert_eq!(shown, [(1, true, 0.5, [10, 20, 30]), (2, false, 0.5, [10, 20, 30])]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |params| kept(params).unwrap_err().to_string();
        assert!(refused(json!({ "target": [0, 0, 0], "picture": "§" })).contains("base64"));
        assert!(refused(json!({ "target": [0, 0, 0], "picture": "aGVsbG8=" })).contains("PNG"));
        assert!(refused(json!({ "target": [0, 0, 0], "isolated": 9 })).contains("#9"));
        assert!(refused(json!({ "target": [0, 0, 0], "note": "x".repeat(2001) })).contains("2001"));
        let slice = |width: f64, scan: u32| json!([{ "scan": scan, "orientation": "axial", "window": { "width": width, "level": 0 } }]);
        assert!(refused(json!({ "target": [0, 0, 0], "slice": slice(0.0, 1) })).contains("wider"));
        assert!(
            refused(json!({ "target": [0, 0, 0], "slice": slice(1.0, 1) })).contains("scan"),
            "a surface is no scan"
        );
        assert!(refused(json!({})).contains("target"));
    }

    #[test]
    fn showing_it_again_is_one_step_and_leaves_out_what_is_gone() {
        let kept = kept(json!({ "target": [0, 0, 0] })).unwrap();
        let hide = Edit::new("change")
            .change(crate::session::Change::Show { id: NodeId(1), display: crate::session::Display::default() })
            .change(crate::session::Change::Remove(NodeId(2)));
        let changed = kept.with(&hide, &Command::new("test", Value::Null)).unwrap().0;
        let again = done(&changed, "view.show", json!({ "view": 3 })).unwrap();
        let display = &again.node(NodeId(1)).unwrap().display;
        assert_eq!((display.opacity, display.colour), (0.5, [10, 20, 30]));
        assert!(again.node(NodeId(2)).is_none());
        assert_eq!(
            done(&again, "view.show", json!({ "view": 3 })).unwrap().content_hash(),
            again.content_hash(),
            "nothing is left to do"
        );
        assert!(done(&again, "view.show", json!({ "view": 1 })).is_err(), "a surface is no view");
    }

    #[test]
    fn a_look_brings_back_what_objects_were_coloured_by_and_without_one_that_stays() {
        let coloured = |case: &Case, field: Option<&str>| {
            let display = crate::session::Display {
                field: field.map(Into::into),
                ..case.node(NodeId(1)).unwrap().display.clone()
            };
            let edit = Edit::new("colour").change(crate::session::Change::Show { id: NodeId(1), display });
            case.with(&edit, &Command::new("test", Value::Null)).unwrap().0
        };
        let by_stress = coloured(&case(), Some("stress"));
        for (look, expected) in [(json!([]), None), (json!([{ "labels": true }]), Some("stress"))] {
            let kept = done(&by_stress, "view.keep", json!({ "target": [0, 0, 0], "look": look })).unwrap();
            assert_eq!(view(&kept, 3).look.is_some(), expected.is_some());
            let again = done(&coloured(&kept, None), "view.show", json!({ "view": 3 })).unwrap();
            assert_eq!(again.node(NodeId(1)).unwrap().display.field.as_deref(), expected);
        }
        let refused = kept(json!({ "target": [0, 0, 0], "look": [{}, {}] })).unwrap_err().to_string();
        assert!(refused.contains("one look, not 2"), "{refused}");
    }

    #[test]
    fn only_the_note_changes() {
        let kept = kept(json!({ "target": [0, 0, 0] })).unwrap();
        let noted = done(&kept, "view.change", json!({ "view": 3, "note": "margin" })).unwrap();
        let (before, after) = (view(&kept, 3), view(&noted, 3));
        assert_eq!(*after, SavedView { note: "margin".into(), ..(*before).clone() });
        assert_eq!(noted.node(NodeId(3)).unwrap().name, "View 1");
        assert!(done(&kept, "view.change", json!({ "view": 1, "note": "" })).is_err());
    }
}
