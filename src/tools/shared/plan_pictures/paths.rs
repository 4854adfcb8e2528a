//! Slices of the scan along each path and across it at its target, with the segments and the instrument drawn over them.

use super::Sitter;
use super::paint::Canvas;
use crate::base::Progress;
use crate::base::i18n::sentence_in;
use crate::geom::{Vector, orientation};
use crate::image::slice::{Interpolation, OverlayStyle, SliceImage, SlicePlane, draw_labels};
use crate::image::{LabelMap, Modality, Scan, Window};
use crate::io::png::encode_rgba;
use crate::plan::depths::path_of;
use crate::plan::path::{Path, PathFrame};
use crate::report::{Beside, Distances, Picture, Shows, scale_bar};
use crate::session::{CommandError, Data};

/// Pixels along each side.
const SIDE: usize = 420;
/// What is seen beyond both ends of a path, and across it at its target, mm.
const BEYOND_MM: f64 = 25.0;
const ACROSS_MM: f64 = 90.0;
/// A path shorter than this is seen among its surroundings.
const ALONG_MM_MIN: f64 = 100.0;
const INSTRUMENT: [u8; 3] = [120, 235, 255];
/// Segments are seen, and the scan beneath them.
const OVERLAY: OverlayStyle = OverlayStyle { fill: 0.14, outline: 1.0 };

/// The scan with the window it is shown with, and the segments over it.
struct Ground<'a> {
    scan: &'a Scan,
    name: &'a str,
    window: Window,
    labels: Vec<&'a LabelMap>,
}

impl Sitter<'_> {
    /// Two slices that hold each path, at right angles, and one across it at its target.
    pub(super) fn paths(&self, distances: &[Distances], progress: &Progress) -> Result<Vec<Picture>, CommandError> {
        let paths = self.plan.actions.iter().enumerate();
        // A path without a length is told of by its score.
        let paths: Vec<(usize, Path)> =
            paths.filter_map(|(n, named)| Some((n, path_of(&named.action)?.ok()?))).collect();
        let Some(ground) = self.ground().filter(|_| !paths.is_empty()) else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for (k, (n, path)) in paths.iter().enumerate() {
            progress.step(k, paths.len())?;
            let frame = PathFrame::of(path);
            let along_mm = (path.length_mm() + 2.0 * BEYOND_MM).max(ALONG_MM_MIN);
            let along = |degrees: f64| frame.slice_along(degrees, along_mm / SIDE as f64, [SIDE; 2]);
            let across = frame.slice_across(path.length_mm(), ACROSS_MM / SIDE as f64, [SIDE; 2]);
            let near = self.nearest(*n, distances);
            let slices = [
                ("along", "report-path-along", along(0.0)),
                ("beside", "report-path-beside", along(90.0)),
                ("across", "report-path-across", across),
            ];
            for (file, words, plane) in slices {
                all.push(self.slice(&ground, (*n, path), (file, words), plane, &near));
            }
        }
        Ok(all)
    }

    /// The plan's scan, or the first there is.
    fn ground(&self) -> Option<Ground<'_>> {
        let chosen = self.plan.scan.and_then(|id| self.case.node(id));
        let mut scans = chosen.into_iter().chain(self.case.nodes().map(|(_, node)| node));
        let (scan, name) = scans.find_map(|node| match &node.data {
            Data::Scan(scan) => Some((&**scan, node.name.as_str())),
            _ => None,
        })?;
        let labels =
            self.case.nodes().filter(|(_, node)| node.display.visible).filter_map(|(_, node)| match &node.data {
                Data::Labels(labels) => Some(labels),
                _ => None,
            });
        Some(Ground { scan, name, window: scan.first_window(), labels: labels.collect() })
    }

    /// What the path comes nearest to, in the words of the table of distances.
    fn nearest(&self, n: usize, distances: &[Distances]) -> String {
        let name = &self.plan.actions[n].name;
        let own = distances.iter().find(|own| own.plan == self.id.0 && own.action == *name);
        let beside = own.into_iter().flat_map(|own| &own.structures);
        let near = |one: &Beside| format!("{} {}", sentence_in(self.language, &one.name), one.least_mm.text(1, "mm"));
        let beside: Vec<String> = beside.map(near).collect();
        if beside.is_empty() {
            String::new()
        } else {
            self.words("report-path-near", &[("list", &self.listed(&beside))])
        }
    }

    fn slice(
        &self,
        ground: &Ground<'_>,
        (n, path): (usize, &Path),
        (file, words): (&str, &'static str),
        plane: SlicePlane,
        near: &str,
    ) -> Picture {
        let mut pixels = SliceImage::of(ground.scan, plane, Interpolation::Linear).rgba(ground.window);
        for labels in &ground.labels {
            draw_labels(&mut pixels, &plane, labels, OVERLAY, |_| true);
        }
        let mut canvas = Canvas { size: plane.size, rgba: &mut pixels };
        let pixel_mm = plane.right.norm();
        let (entry, target) = (plane.pixel_from_patient(path.entry()), plane.pixel_from_patient(path.target()));
        if file == "across" {
            // As thick as it is; the marks beside it leave the target free.
            canvas.ring(target, (path.radius_mm() / pixel_mm).max(2.0), 1.5, INSTRUMENT);
            for [x, y] in [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]] {
                let place = |r: f64| [target[0] + r * x, target[1] + r * y];
                canvas.line(place(22.0), place(36.0), 1.5, INSTRUMENT);
            }
        } else {
            let side = [target[1] - entry[1], entry[0] - target[0]];
            let length = side[0].hypot(side[1]).max(1e-9);
            let side = side.map(|x| x / length * (path.radius_mm() / pixel_mm).max(1.5));
            for sign in [-1.0, 1.0] {
                let place = |at: [f64; 2]| [at[0] + sign * side[0], at[1] + sign * side[1]];
                canvas.line(place(entry), place(target), 1.2, INSTRUMENT);
            }
            let tick = side.map(|x| x * 6.0 / (path.radius_mm() / pixel_mm).max(1.5));
            canvas.line(
                [entry[0] - tick[0], entry[1] - tick[1]],
                [entry[0] + tick[0], entry[1] + tick[1]],
                1.5,
                INSTRUMENT,
            );
            canvas.ring(target, 7.0, 1.5, INSTRUMENT);
        }
        let Window { width, level } = ground.window;
        let unit = if ground.scan.modality == Modality::Ct { " HU" } else { "" };
        let (width, level) = (format!("{width:.0}{unit}"), format!("{level:.0}{unit}"));
        let length = format!("{:.1}", path.length_mm());
        let name = &self.plan.actions[n].name;
        let values = [
            ("action", name.as_str()),
            ("scan", ground.name),
            ("length", length.as_str()),
            ("width", width.as_str()),
            ("level", level.as_str()),
        ];
        let ways: [Vector; 4] = [-plane.down, plane.right, plane.down, -plane.right];
        Picture {
            caption: self.joined(&[self.words(words, &values), near.to_owned()]),
            shows: Shows::Part(self.id),
            file_name: format!("plan-{}-{file}-{}", self.id.0, n + 1),
            png: encode_rgba(plane.size[0], plane.size[1], &pixels),
            letters: Some(ways.map(|way| orientation::letters(&way))),
            scale_bar: Some(scale_bar(plane.size[0] as f64 * pixel_mm)),
            legend: None,
            spots: Vec::new(),
        }
    }
}
