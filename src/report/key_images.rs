//! Saved views: each with its picture, its name and what was written about it.

use super::collect::{Report, Section};
use super::document::{Figure, Span, Tone};
use crate::session::{SavedView, SliceView};
use serde::Serialize;

/// A saved view in a report. Its JSON form names the picture by size and hash and leaves its bytes out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyImage {
    /// What a person wrote about it.
    pub note: String,
    /// Pixels across and down; none if no picture was taken.
    pub picture_px: Option<[usize; 2]>,
    /// Bytes of the PNG file.
    pub picture_bytes: usize,
    /// The hash of the PNG file.
    pub picture_hash: String,
    /// What the camera looked at, LPS mm.
    pub target_mm: [f64; 3],
    /// From the target to the camera.
    pub distance_mm: f64,
    /// Turn about the patient's long axis; 0 sees the front, 90 the patient's left.
    pub yaw_deg: f64,
    /// Height above the horizon.
    pub pitch_deg: f64,
    /// Turn about the line of sight.
    pub roll_deg: f64,
    /// Opening angle from bottom to top.
    pub fov_deg: f64,
    /// Whether lines of sight are parallel.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parallel: bool,
    /// The slice it shows; none if it shows the 3D view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<SliceView>,
    /// The place the slices pointed at, LPS mm.
    pub crosshair_mm: Option<[f64; 3]>,
    /// The PNG file.
    #[serde(skip)]
    pub png: Vec<u8>,
}

impl KeyImage {
    /// What the report says of `view`.
    pub fn of(view: &SavedView) -> Self {
        let camera = &view.camera;
        Self {
            note: view.note.clone(),
            picture_px: view.picture_size(),
            picture_bytes: view.picture.len(),
            picture_hash: view.picture_hash().to_hex(),
            target_mm: camera.target.into(),
            distance_mm: camera.distance_mm,
            yaw_deg: camera.yaw_rad.to_degrees(),
            pitch_deg: camera.pitch_rad.to_degrees(),
            roll_deg: camera.roll_rad.to_degrees(),
            fov_deg: camera.fov_rad.to_degrees(),
            parallel: camera.parallel,
            slice: view.slice,
            crosshair_mm: view.crosshair.map(Into::into),
            png: view.picture.clone(),
        }
    }
}

/// All saved views of a report, each with its picture if it has one.
pub(super) fn figures(report: &Report) -> Vec<Figure<'_>> {
    let figure = |section: &'_ Section| {
        let image = section.view.as_ref()?;
        let mut caption = vec![Span::new(format!("#{} {}", section.id, section.name), Tone::Bold)];
        caption.extend(image.slice.map(|slice| Span::new(format!(" · {}", slice.words()), Tone::Plain)));
        if !image.note.is_empty() {
            caption.push(Span::new(format!("\n{}", image.note), Tone::Plain));
        }
        Some(caption)
    };
    let all = report.sections.iter().filter_map(|section| Some((figure(section)?, section.view.as_ref()?)));
    all.map(|(caption, image)| Figure {
        png: image.picture_px.is_some().then_some(&image.png[..]),
        letters: None,
        scale_bar: None,
        legend: None,
        spots: &[],
        caption,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::geom::Point;
    use crate::io::png::encode_rgba;
    use crate::report::{Report, english_page};
    use crate::session::{Case, Command, Data, Edit, LogEntry, Node, SavedView, ViewCamera};
    use base64::Engine;
    use serde_json::json;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn case(picture: Vec<u8>) -> (Case, Command) {
        let (target, distance_mm) = (Point::new(1.0, 2.0, 3.0), 250.0);
        let camera = ViewCamera {
            target,
            distance_mm,
            yaw_rad: 0.0,
            pitch_rad: 0.0,
            roll_rad: 0.0,
            fov_rad: 0.5,
            parallel: false,
        };
        let note = "the margin is <4 mm\nhere".to_owned();
        let text = base64::engine::general_purpose::STANDARD.encode(&picture);
        let (shown, isolated, look) = (Vec::new(), None, None);
        let view = SavedView { note, camera, crosshair: None, shown, isolated, slice: None, look, picture };
        let command = Command::new("view.keep", json!({ "target": [1, 2, 3], "picture": text }));
        let node = Node::new("Margin", Data::View(Arc::new(view)));
        (Case::default().with(&Edit::new("keep").add(node), &command).unwrap().0, command)
    }

    #[test]
    fn every_view_is_there_with_picture_name_and_note() {
        let png = encode_rgba(4, 3, &[200; 48]);
        let (case, command) = case(png.clone());
        let (inputs, hash) = (BTreeMap::new(), String::new());
        let added = vec![crate::base::NodeId(1)];
        let log = [LogEntry::Command { command, inputs, hash, at: None, added, folder: None }];
        let report = Report::new("t", &case, &log);
        let page = english_page(&report, &[]);
        let data = base64::engine::general_purpose::STANDARD.encode(&png);
        assert_eq!(page.matches(&data).count(), 1, "the picture is there once, and not in the log");
        assert!(page.contains("<h2>Key images</h2>") && page.contains("#1 Margin</b>"));
        assert!(page.contains("the margin is &lt;4 mm<br>here"));
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains(&data) && json.contains("\"picture_px\":[4,3]"), "{json}");
        assert!(json.contains(&format!("\"picture_bytes\":{}", png.len())));
        assert!(json.contains("picture_hash") && !json.contains("\"png\""));
    }

    #[test]
    fn without_a_picture_its_words_are_there_and_without_a_view_nothing() {
        let (case, _) = case(Vec::new());
        let page = english_page(&Report::new("t", &case, &[]), &[]);
        assert!(page.contains("Key images") && !page.contains("<img"));
        assert!(!english_page(&Report::new("t", &Case::default(), &[]), &[]).contains("Key images"));
    }
}
