//! The stored form of saved views.

use super::{Arrays, Encoded, Meta, take};
use crate::base::NodeId;
use crate::geom::Point;
use crate::session::saved_view::{SavedView, ShownNode, ViewCamera, picture_size};
use crate::session::{Data, SliceView, ViewLook};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// The small part: the picture lies in an array.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct ViewV1 {
    note: String,
    target: [f64; 3],
    distance_mm: f64,
    yaw_rad: f64,
    pitch_rad: f64,
    #[serde(default)]
    roll_rad: f64,
    fov_rad: f64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    parallel: bool,
    crosshair: Option<[f64; 3]>,
    shown: Vec<ShownV1>,
    isolated: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slice: Option<SliceView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look: Option<ViewLook>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ShownV1 {
    node: u32,
    visible: bool,
    opacity: f32,
    colour: [u8; 3],
}

pub(super) fn encode(view: &SavedView) -> (Meta, Encoded<'_>) {
    let SavedView { note, camera, crosshair, shown, isolated, slice, look, picture } = view;
    let ViewCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel } = *camera;
    let stored = |shown: &ShownNode| {
        let ShownNode { node, visible, opacity, colour } = *shown;
        ShownV1 { node: node.0, visible, opacity, colour }
    };
    let meta = ViewV1 {
        note: note.clone(),
        target: target.into(),
        distance_mm,
        yaw_rad,
        pitch_rad,
        roll_rad,
        fov_rad,
        parallel,
        crosshair: crosshair.map(Into::into),
        shown: shown.iter().map(stored).collect(),
        isolated: isolated.map(|id| id.0),
        slice: *slice,
        look: look.clone(),
    };
    (Meta::View(meta), vec![("picture".into(), Cow::Borrowed(picture.as_slice()))])
}

pub(super) fn decode(meta: &ViewV1, arrays: &mut Arrays) -> Result<Data, String> {
    let ViewV1 { distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel, .. } = *meta;
    let target = Point::from(meta.target);
    let camera = ViewCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel };
    camera.check()?;
    let crosshair = meta.crosshair.map(Point::from);
    if crosshair.is_some_and(|point| !point.iter().all(|x| x.is_finite())) {
        return Err("the crosshair of a saved view is not three finite numbers".into());
    }
    let picture = take(arrays, "picture")?;
    if !picture.is_empty() {
        picture_size(&picture)?;
    }
    let shown = |stored: &ShownV1| {
        let ShownV1 { node, visible, opacity, colour } = *stored;
        let is_opacity = (0.0..=1.0).contains(&opacity);
        let wrong = || format!("the opacity {opacity} of object #{node} in a saved view is outside 0 to 1");
        is_opacity.then_some(ShownNode { node: NodeId(node), visible, opacity, colour }).ok_or_else(wrong)
    };
    let shown = meta.shown.iter().map(shown).collect::<Result<_, _>>()?;
    let (note, isolated, slice) = (meta.note.clone(), meta.isolated.map(NodeId), meta.slice);
    if let Some(slice) = &slice {
        slice.check()?;
    }
    let look = meta.look.clone();
    if let Some(look) = &look {
        look.check()?;
    }
    Ok(Data::View(Arc::new(SavedView { note, camera, crosshair, shown, isolated, slice, look, picture })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::png::encode_rgba;
    use crate::session::ShownField;

    fn view() -> SavedView {
        let camera = ViewCamera {
            target: Point::new(0.1 + 0.2, -7.3, 1234.5),
            distance_mm: 310.7,
            yaw_rad: 1.1,
            pitch_rad: -0.3,
            roll_rad: 0.7,
            fov_rad: 1.3,
            parallel: true,
        };
        let shown = vec![ShownNode { node: NodeId(4), visible: false, opacity: 0.35, colour: [9, 8, 7] }];
        let (crosshair, isolated) = (Some(Point::new(1.0, 0.1, 0.7)), Some(NodeId(4)));
        let slice = SliceView {
            scan: NodeId(1),
            orientation: crate::geom::Orientation::Sagittal,
            turn: [0.6, 0.0, 0.0, 0.8],
            spins_rad: [0.1, 0.2, 0.3],
            zoom: 1.7,
            pan_mm: [0.1, -0.7],
            flipped: [true, false],
            window: crate::image::Window { width: 410.5, level: 40.0 },
            inverted: true,
            projection: Some(crate::image::slice::Projection::Sum),
            thickness_mm: 7.5,
        };
        let (note, picture) = ("a \"b\"".into(), encode_rgba(3, 2, &[77; 24]));
        let fields = vec![ShownField { node: NodeId(4), field: Some("speed".into()) }];
        let window =
            serde_json::json!({ "volume": { "planes": [[[0.1, 0.7, 1e-7], [0.0, 0.6, 0.8]]] }, "labels": true });
        let look = Some(ViewLook { version: 1, fields, window });
        SavedView { note, camera, crosshair, shown, isolated, slice: Some(slice), look, picture }
    }

    fn back(json: &str, picture: Vec<u8>) -> Result<Data, String> {
        let Meta::View(meta) = serde_json::from_str(json).unwrap() else { panic!("{json} is no view") };
        decode(&meta, &mut Arrays::from([("picture".to_owned(), picture)]))
    }

    #[test]
    fn a_view_comes_back_bit_for_bit() {
        let whole = view();
        let bare = SavedView {
            picture: Vec::new(),
            crosshair: None,
            isolated: None,
            slice: None,
            look: None,
            shown: Vec::new(),
            ..view()
        };
        for view in [whole, bare] {
            let json = serde_json::to_string(&encode(&view).0).unwrap();
            let Data::View(found) = back(&json, view.picture.clone()).unwrap() else { panic!("no view came back") };
            assert_eq!(*found, view);
            assert_eq!(found.content_hash(), view.content_hash());
        }
    }

    #[test]
    fn a_view_of_an_earlier_version_opens_without_a_look() {
        let camera = ViewCamera { parallel: false, ..view().camera };
        let old = SavedView { look: None, camera, ..view() };
        let json = serde_json::to_string(&encode(&old).0).unwrap();
        assert!(!json.contains("look") && !json.contains("parallel"), "stored as earlier versions did: {json}");
        let Data::View(found) = back(&json, old.picture.clone()).unwrap() else { panic!("no view came back") };
        assert_eq!(found.look, None);
    }

    #[test]
    fn damage_is_refused() {
        let json = serde_json::to_string(&encode(&view()).0).unwrap();
        assert!(back(&json, b"no picture".to_vec()).is_err());
        assert!(back(&json.replace("310.7", "-1.0"), Vec::new()).unwrap_err().contains("distance"));
        assert!(back(&json.replace("0.35", "3.5"), Vec::new()).unwrap_err().contains("opacity"));
        assert!(back(&json.replace("410.5", "-1.0"), Vec::new()).unwrap_err().contains("window"));
        assert!(back(&json.replace("\"version\":1", "\"version\":0"), Vec::new()).unwrap_err().contains("version"));
        let Meta::View(meta) = encode(&view()).0 else { panic!("a view") };
        assert!(decode(&meta, &mut Arrays::new()).unwrap_err().contains("picture"));
    }
}
