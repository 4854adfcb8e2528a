//! A view as the case keeps it: where the camera stood, what was shown, and a picture of it.

use super::{Case, Display, SliceView, ViewLook};
use crate::base::{ContentHash, ContentHasher, Fact, NodeId, Summary};
use crate::geom::Point;
use crate::io::png;

/// Longest side of the picture of a view, in pixels.
pub const PICTURE_SIDE_MAX: usize = 1024;
/// Largest file of such a picture, in bytes.
pub const PICTURE_BYTES_MAX: usize = 4 << 20;

/// A view somebody wants to come back to.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedView {
    /// What a person wrote about it; may be empty.
    pub note: String,
    /// Where the camera of the 3D view stood.
    pub camera: ViewCamera,
    /// The place all views pointed at.
    pub crosshair: Option<Point>,
    /// How the objects of the case were shown.
    pub shown: Vec<ShownNode>,
    /// The only object that was shown, if one was.
    pub isolated: Option<NodeId>,
    /// The slice view it is of; none if it is of the 3D view.
    pub slice: Option<SliceView>,
    /// How the window looked; unknown of views that were kept by earlier versions.
    pub look: Option<ViewLook>,
    /// What it looked like, as a PNG file; empty if no picture was taken.
    pub picture: Vec<u8>,
}

/// A camera that looks at a target with the patient's long axis upright, and may be rolled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ViewCamera {
    /// What it looks at, LPS mm.
    pub target: Point,
    /// From target to eye.
    pub distance_mm: f64,
    /// Turn about the patient's long axis: 0 sees the front, π/2 the patient's left.
    pub yaw_rad: f64,
    /// Height above the horizon.
    pub pitch_rad: f64,
    /// Turn about the line of sight; 0 is upright.
    pub roll_rad: f64,
    /// Opening angle from bottom to top.
    pub fov_rad: f64,
    /// Whether lines of sight are parallel instead of meeting in the eye.
    pub parallel: bool,
}

/// How an object was shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownNode {
    /// Which.
    pub node: NodeId,
    /// Whether it was seen.
    pub visible: bool,
    /// 0 invisible, 1 opaque.
    pub opacity: f32,
    /// Its colour, sRGB.
    pub colour: [u8; 3],
}

impl ViewCamera {
    /// Whether every number makes sense.
    ///
    /// # Errors
    /// A sentence with the number that does not, and its limits.
    pub fn check(&self) -> Result<(), String> {
        let Self { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel: _ } = self;
        let degrees = |name: &str, value: &f64, low: f64, high: f64| match value.to_degrees() {
            deg if low - 1e-6 <= deg && deg <= high + 1e-6 => Ok(()),
            deg => Err(format!("the {name} of the camera, {deg}°, is outside {low} to {high}°")),
        };
        if !target.iter().all(|x| x.is_finite() && x.abs() <= 1e6) {
            return Err("the target of the camera is not three finite numbers".into());
        }
        if !(1e-3..=1e6).contains(distance_mm) {
            return Err(format!("the distance of the camera, {distance_mm} mm, is outside 0.001 to 1000000 mm"));
        }
        degrees("yaw", yaw_rad, -360.0, 360.0)?;
        degrees("pitch", pitch_rad, -90.0, 90.0)?;
        degrees("roll", roll_rad, -360.0, 360.0)?;
        degrees("opening angle", fov_rad, 1.0, 150.0)
    }
}

/// Width and height of the picture of a view, in pixels.
///
/// # Errors
/// A sentence if it is no PNG picture, or a larger one than views keep.
pub fn picture_size(file: &[u8]) -> Result<[usize; 2], String> {
    if PICTURE_BYTES_MAX < file.len() {
        return Err(format!(
            "the picture of a view has {} bytes; {PICTURE_BYTES_MAX} is the limit, make it smaller",
            file.len()
        ));
    }
    png::decode_rgba(file, PICTURE_SIDE_MAX).map(|picture| picture.size)
}

impl SavedView {
    /// Width and height of its picture in pixels, if it has one.
    pub fn picture_size(&self) -> Option<[usize; 2]> {
        picture_size(&self.picture).ok()
    }

    /// The objects of `case` that are shown otherwise than here, and how they are shown here. What was made since is no
    /// part of the view.
    pub fn differences(&self, case: &Case) -> Vec<(NodeId, Display)> {
        let differing = |shown: &ShownNode| {
            let ShownNode { node, visible, opacity, colour } = *shown;
            let now = &case.node(node)?.display;
            let field = self.look.as_ref().and_then(|look| look.field_of(node)).unwrap_or(&now.field).clone();
            let display = Display { visible, opacity, colour, field };
            (display != *now).then_some((node, display))
        };
        self.shown.iter().filter_map(differing).collect()
    }

    /// The hash of its picture alone.
    pub fn picture_hash(&self) -> ContentHash {
        ContentHasher::default().array(&self.picture).finish()
    }

    /// What it says of itself.
    pub fn summary(&self) -> Summary {
        let fact = |name: &str, value: f64, unit: &str| Fact::new(name, value, unit);
        let mut facts = vec![
            fact("distance of the camera", self.camera.distance_mm, "mm"),
            fact("opening angle", self.camera.fov_rad.to_degrees(), "°"),
        ];
        if let Some([width, height]) = self.picture_size() {
            facts.extend([fact("picture width", width as f64, "px"), fact("picture height", height as f64, "px")]);
        }
        let summary = Summary { facts, ..Summary::default() };
        if self.picture.is_empty() {
            return summary;
        }
        summary
            .method(match &self.slice {
                None => "the picture shows the 3D view as it was when the view was kept".to_owned(),
                Some(slice) => {
                    format!("the picture shows the slice as it was when the view was kept: {}", slice.words())
                }
            })
            .limit("the picture does not change when the objects it shows are changed or removed")
    }

    /// The hash of all of it.
    pub fn content_hash(&self) -> ContentHash {
        let Self { note, camera, crosshair, shown, isolated, slice, look, picture } = self;
        let ViewCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel } = camera;
        let mut hasher = ContentHasher::default();
        hasher.text(note).array(target.coords.as_slice());
        hasher.array(&[*distance_mm, *yaw_rad, *pitch_rad, *roll_rad, *fov_rad]);
        hasher.number(u64::from(crosshair.is_some()));
        if let Some(point) = crosshair {
            hasher.array(point.coords.as_slice());
        }
        hasher.number(isolated.map_or(0, |id| u64::from(id.0))).number(shown.len() as u64);
        for ShownNode { node, visible, opacity, colour } in shown {
            hasher.number(u64::from(node.0)).number(u64::from(*visible)).real(f64::from(*opacity)).array(colour);
        }
        if let Some(slice) = slice {
            slice.hash_into(&mut hasher);
        }
        // Nothing of what earlier versions did not know: their views keep their hashes.
        if *parallel {
            hasher.text("parallel");
        }
        if let Some(look) = look {
            look.hash_into(&mut hasher);
        }
        hasher.array(picture).finish()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let look = self.look.as_ref().map_or(0, ViewLook::bytes);
        self.picture.len() + self.note.len() + size_of_val(self.shown.as_slice()) + look
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn view() -> SavedView {
        let camera = ViewCamera {
            target: Point::new(1.0, 2.0, 3.0),
            distance_mm: 300.0,
            yaw_rad: 0.3,
            pitch_rad: -0.2,
            roll_rad: 0.1,
            fov_rad: 0.5,
            parallel: false,
        };
        let shown = vec![ShownNode { node: NodeId(2), visible: true, opacity: 0.5, colour: [1, 2, 3] }];
        let picture = png::encode_rgba(2, 1, &[255; 8]);
        let (note, crosshair) = ("n".into(), Some(Point::origin()));
        SavedView { note, camera, crosshair, shown, isolated: None, slice: None, look: None, picture }
    }

    #[test]
    fn the_hash_follows_every_part() {
        let one = view();
        let mut all = vec![one.clone()];
        let mut other = |change: &dyn Fn(&mut SavedView)| {
            let mut view = one.clone();
            change(&mut view);
            all.push(view);
        };
        other(&|view| view.note.clear());
        other(&|view| view.camera.roll_rad = 0.2);
        other(&|view| view.camera.target.x = 9.0);
        other(&|view| view.camera.parallel = true);
        other(&|view| view.crosshair = None);
        other(&|view| view.shown[0].visible = false);
        other(&|view| view.shown[0].colour = [1, 2, 4]);
        other(&|view| view.shown.clear());
        other(&|view| view.isolated = Some(NodeId(2)));
        let slice = json!({ "scan": 1, "orientation": "axial", "window": { "width": 80, "level": 40 } });
        other(&|view| view.slice = serde_json::from_value(slice.clone()).ok());
        let window = json!({ "labels": true });
        other(&|view| view.look = Some(ViewLook { version: 1, fields: Vec::new(), window: window.clone() }));
        other(&|view| view.picture.clear());
        let hashes: Vec<ContentHash> = all.iter().map(SavedView::content_hash).collect();
        for (place, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..place].contains(hash), "{place}");
        }
        assert_eq!(one.content_hash(), view().content_hash());
    }

    #[test]
    fn a_picture_is_a_png_of_the_size_views_keep() {
        assert_eq!(view().picture_size(), Some([2, 1]));
        assert!(picture_size(b"no picture").is_err());
        let wide = png::encode_rgba(PICTURE_SIDE_MAX + 1, 1, &vec![0; 4 * (PICTURE_SIDE_MAX + 1)]);
        assert!(picture_size(&wide).unwrap_err().contains("1025"));
    }

    #[test]
    fn a_camera_that_makes_no_sense_is_refused_with_the_number() {
        let camera = view().camera;
        assert_eq!(camera.check(), Ok(()));
        let refused = |camera: ViewCamera| camera.check().unwrap_err();
        assert!(refused(ViewCamera { distance_mm: f64::NAN, ..camera }).contains("NaN"));
        assert!(refused(ViewCamera { fov_rad: 3.1, ..camera }).contains("opening angle"));
        assert!(refused(ViewCamera { target: Point::new(f64::INFINITY, 0.0, 0.0), ..camera }).contains("target"));
    }
}
