//! The rendered volume as its panel says; the scene draws it.
//!
//! [`VolumeView`] is what is drawn; [`VolumePanel`] is what the panel and the mouse need besides. Neither knows the
//! engine: hit tests and drags are geometry (`curve`, `tune`, `crop`), and what they change is a new value.

mod clip;
mod crop;
mod cuts;
mod curve;
mod editor;
mod help;
mod mask;
mod open;
mod panel;
mod presets;
mod scene;
mod tune;

pub use crate::image::transfer::VolumeMode;
pub(super) use clip::Clip;
#[cfg(test)]
pub(super) use help::TEXTS as HELP;
pub(super) use open::gives_way;

use super::gizmo;
use crate::base::{ContentHash, NodeId, SegmentId};
use crate::geom::Plane;
use crate::image::Scan;
use crate::image::transfer::{Histogram, Preset, TransferFunction, suited};
use std::sync::Arc;

/// Segments that show or hide the voxels they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeMask {
    /// The segmentation.
    pub labels: NodeId,
    /// Its segments concerned.
    pub segments: Vec<SegmentId>,
    /// Whether only their voxels are drawn; otherwise they are left out.
    pub keep: bool,
}

/// What is rendered and how. Belongs to the window, not to the case.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeView {
    /// The scan.
    pub scan: NodeId,
    /// Drawn at all.
    pub visible: bool,
    /// Opacities and colours.
    pub transfer: TransferFunction,
    /// How values along a ray become a colour.
    pub mode: VolumeMode,
    /// Soft shadows and light from everywhere, at rest.
    pub cinematic: bool,
    /// The box that is drawn, its faces in continuous voxel indices of the scan (all of it is −½ to n − ½); all if `None`.
    pub crop: Option<[[f64; 3]; 2]>,
    /// What lies on the side a normal points to is cut away; six at most.
    pub planes: Vec<Plane>,
    /// Whether the planes cut surfaces of the scene, too.
    pub cuts_surfaces: bool,
    /// Segments that show or hide.
    pub mask: Option<VolumeMask>,
    /// Whether the panel is open.
    pub open: bool,
}

/// Most planes that cut.
pub const PLANES_MAX: usize = 6;
/// Changes of the transfer function that can be taken back.
const PAST_MAX: usize = 32;

impl VolumeView {
    /// A scan as a first picture needs no question: with the preset that suits it, its panel open.
    pub fn new(id: NodeId, scan: &Scan, histogram: &Histogram) -> (Self, &'static Preset) {
        let preset = suited(scan);
        let view = Self {
            scan: id,
            visible: true,
            transfer: preset.for_scan(histogram),
            mode: preset.mode,
            cinematic: false,
            crop: None,
            planes: Vec::new(),
            cuts_surfaces: false,
            mask: None,
            open: true,
        };
        (view, preset)
    }
}

/// What the panel and the mouse need besides the view itself.
#[derive(Debug)]
pub(super) struct VolumePanel {
    /// The preset chosen last.
    preset: Option<&'static Preset>,
    /// The histogram of the scan, and of which content it is.
    histogram: Option<(ContentHash, Arc<Histogram>)>,
    /// How it was before each change, the newest last.
    past: Vec<Past>,
    /// What the mouse holds in the editor.
    held: Option<curve::Held>,
    /// The point or colour stop whose numbers are shown.
    picked: Option<curve::Grab>,
    /// The colour stop whose picker changed it last.
    colouring: Option<usize>,
    /// Values at the ends of the editor while something is held, so that the ground does not move under the mouse.
    axis: Option<[f64; 2]>,
    /// The gesture in the scene.
    tuning: Option<tune::Tuning>,
    /// The right button does that.
    tunes_by_right: bool,
    /// Whether the crop box has its handles in the scene.
    box_shown: bool,
    /// The handle of the crop box that is held.
    handle: Option<crop::Handle>,
    /// Whether planes have their handles in the scene.
    planes_shown: bool,
    /// The plane that is held there, and what it went with before.
    plane_held: Option<gizmo::Held>,
    followed: cuts::Follow,
    /// What each plane goes with.
    follows: Vec<cuts::Follow>,
    /// Room around a segment that is cropped to, mm.
    margin_mm: f64,
    /// Whether presets of other kinds of scan are listed.
    lists_all: bool,
}

/// What a change can be taken back to.
#[derive(Debug, Clone, PartialEq)]
struct Past {
    transfer: TransferFunction,
    mode: VolumeMode,
    preset: Option<&'static Preset>,
}

impl Default for VolumePanel {
    fn default() -> Self {
        Self {
            preset: None,
            histogram: None,
            past: Vec::new(),
            held: None,
            picked: None,
            colouring: None,
            axis: None,
            tuning: None,
            tunes_by_right: false,
            box_shown: false,
            handle: None,
            planes_shown: true,
            plane_held: None,
            followed: cuts::Follow::default(),
            follows: Vec::new(),
            margin_mm: 10.0,
            lists_all: false,
        }
    }
}

impl VolumePanel {
    /// The histogram of a scan; counted once for each content.
    fn histogram(&mut self, scan: &Scan, hash: ContentHash) -> Arc<Histogram> {
        if let Some((_, known)) = self.histogram.as_ref().filter(|(of, _)| *of == hash) {
            return Arc::clone(known);
        }
        let histogram = Arc::new(Histogram::of(scan));
        self.histogram = Some((hash, Arc::clone(&histogram)));
        histogram
    }

    /// Remember how `view` is before it is changed.
    fn keep(&mut self, view: &VolumeView) {
        let past = Past { transfer: view.transfer.clone(), mode: view.mode, preset: self.preset };
        if self.past.last() != Some(&past) {
            self.past.push(past);
            self.past.drain(..self.past.len().saturating_sub(PAST_MAX));
        }
    }

    /// Take the last change back.
    fn undo(&mut self, view: &mut VolumeView) {
        if let Some(Past { transfer, mode, preset }) = self.past.pop() {
            (view.transfer, view.mode, self.preset) = (transfer, mode, preset);
            self.picked = None;
        }
    }

    /// Let go of what the mouse holds, and put back what it changed; whether it held anything.
    fn let_go(&mut self, view: &mut VolumeView) -> bool {
        let start =
            self.held.take().map(|held| held.start).or_else(|| self.tuning.take().and_then(|tuning| tuning.start));
        self.axis = None;
        if self.let_go_of_plane(view) {
            return true;
        }
        if let Some(handle) = self.handle.take() {
            view.crop = handle.start;
            return true;
        }
        let held = start.is_some();
        if let Some(start) = start {
            self.past.pop_if(|past| past.transfer == start);
            view.transfer = start;
        }
        held
    }
}
