//! The segment editor: a list of segments, the effects of 3D Slicer's Segment Editor, and the brush in the slices.
//!
//! What it changes it changes by commands; only the stroke under the mouse is its own until the button goes up.

mod cursor;
mod dab;
mod effects;
mod gesture;
mod list;
mod options;
mod scene;
mod trace;

pub(super) use effects::Effect;
#[cfg(test)]
pub(super) use effects::names_of_effects;
pub(super) use gesture::Stroke;

use super::wish::Wish;
use super::{find, icons, theme, widgets};
use crate::base::i18n::tr;
use crate::base::{NodeId, SegmentId};
use crate::image::{LabelMap, Scan};
use crate::session::{Case, Data};
use egui::Ui;
use serde_json::{Map, Value, json};

/// What the editor works on and how.
#[derive(Debug)]
pub struct Editor {
    /// The segmentation; segments in it exclude one another.
    pub group: NodeId,
    /// The segment that is edited.
    pub segment: Option<SegmentId>,
    /// What the left button does in slices.
    pub effect: Effect,
    /// Radius of the brush, mm.
    pub radius_mm: f64,
    /// Whether the brush is a ball; a disc in the slice otherwise.
    pub ball: bool,
    /// Whether the brush takes only what looks like its middle.
    pub similar: bool,
    /// Whether contours take voxels instead of giving them.
    pub erase: bool,
    /// What scissors do.
    pub operation: Operation,
    /// How thick scissors cut, mm; all the way without it.
    pub depth_mm: Option<f64>,
    /// Change only voxels of this other segment.
    pub only_inside: Option<SegmentId>,
    /// Change only voxels with a value in this range of the scan.
    pub range: Option<[f64; 2]>,
    /// Whether the scene shows the group, following the brush.
    pub in_scene: bool,
    /// What the mouse is doing now.
    pub stroke: Option<Stroke>,
    /// Whether a job makes a stroke true; the next one waits for its labels.
    paints: bool,
    /// What contours that follow the picture found under the mouse.
    trace: Option<trace::Trace>,
    wire: Option<trace::Wire>,
    /// The outline being drawn over the scene, in points of the screen.
    scene_outline: Vec<egui::Pos2>,
    /// The words searched for in the list of terms.
    search: Option<String>,
    opens_search: bool,
    /// A colour chosen but not yet used.
    colouring: Option<(SegmentId, [u8; 3])>,
    /// The segments of the group in the order of the list, for moving them.
    order: Vec<SegmentId>,
    /// The name being typed.
    renaming: Option<(SegmentId, String)>,
}

/// What scissors do on which side of the outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Take what lies inside.
    EraseInside,
    /// Take what lies outside.
    EraseOutside,
    /// Give what lies inside.
    FillInside,
    /// Give what lies outside.
    FillOutside,
}

impl Operation {
    /// All of them with their words for commands and for people.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::EraseInside, "erase_inside", "Erase inside"),
        (Self::EraseOutside, "erase_outside", "Erase outside"),
        (Self::FillInside, "fill_inside", "Fill inside"),
        (Self::FillOutside, "fill_outside", "Fill outside"),
    ];
}

/// Limits of the brush, mm.
const RADIUS_MM: [f64; 2] = [0.1, 100.0];

impl Editor {
    /// The editor on a group.
    pub fn new(group: NodeId) -> Self {
        Self {
            group,
            segment: None,
            effect: Effect::Look,
            radius_mm: 5.0,
            ball: false,
            similar: false,
            erase: false,
            operation: Operation::EraseInside,
            depth_mm: None,
            only_inside: None,
            range: None,
            in_scene: true,
            stroke: None,
            paints: false,
            trace: None,
            wire: None,
            scene_outline: Vec::new(),
            search: None,
            opens_search: false,
            colouring: None,
            order: Vec::new(),
            renaming: None,
        }
    }

    /// The group, if the case still holds it.
    pub fn labels<'a>(&self, case: &'a Case) -> Option<&'a LabelMap> {
        match case.node(self.group).map(|node| &node.data) {
            Some(Data::Labels(labels)) => Some(labels),
            _ => None,
        }
    }

    /// Undo or another command may have taken what is pointed at.
    /// `paints` says whether a job makes a stroke true that takes long.
    pub fn forget_what_is_gone(&mut self, case: &Case, paints: bool) {
        self.paints = paints;
        let Some(labels) = self.labels(case) else { return };
        let there = |id: &SegmentId| labels.segment(*id).is_some();
        self.segment = self.segment.filter(there).or_else(|| labels.segments().first().map(|segment| segment.id));
        self.only_inside = self.only_inside.filter(there).filter(|id| Some(*id) != self.segment);
        self.order = labels.segments().iter().map(|segment| segment.id).collect();
        let labels = labels.clone();
        self.age_stroke(&labels);
    }

    /// The group as the stroke under the mouse makes it, with a number that changes with it.
    pub fn preview(&self) -> Option<(NodeId, LabelMap, u64)> {
        let (labels, revision) = self.stroke.as_ref()?.preview()?;
        Some((self.group, labels, revision))
    }

    /// Make the brush larger or smaller by a fifth.
    pub fn resize(&mut self, larger: bool) {
        let factor = if larger { 1.2 } else { 1.0 / 1.2 };
        self.radius_mm = (self.radius_mm * factor).clamp(RADIUS_MM[0], RADIUS_MM[1]);
    }

    /// Go to the next segment of the list, or the one before.
    pub fn step(&mut self, case: &Case, forward: bool) {
        let Some(labels) = self.labels(case) else { return };
        let segments = labels.segments();
        let n = segments.len();
        let at = segments.iter().position(|segment| Some(segment.id) == self.segment);
        if let Some(at) = at {
            self.segment = Some(segments[(at + if forward { 1 } else { n - 1 }) % n].id);
        }
    }

    /// The place of a segment in the list, counted from 0.
    fn place_of(&self, id: SegmentId) -> Option<usize> {
        self.order.iter().position(|other| *other == id)
    }

    /// The parameters every effect shares, as far as they differ from their defaults.
    fn shared_params(&self) -> Map<String, Value> {
        let mut params = Map::new();
        params.insert("labels".into(), json!(self.group.0));
        params.insert("segment".into(), json!(self.segment.map(|id| id.0)));
        if let Some(inside) = self.only_inside {
            params.insert("only_inside".into(), json!(inside.0));
        }
        if let Some([from, to]) = self.range {
            params.insert("only_from".into(), json!(from));
            params.insert("only_to".into(), json!(to));
        }
        params
    }

    /// Show the editor in the left panel.
    pub fn show(&mut self, ui: &mut Ui, case: &Case, scan: Option<(NodeId, &Scan)>, wishes: &mut Vec<Wish>) {
        ui.horizontal(|ui| {
            if widgets::icon_button(ui, icons::ARROW_LEFT, tr("editor-close")).clicked() {
                wishes.push(Wish::CloseEditor);
            }
            ui.label(theme::strong(tr("editor-title")).size(15.0));
        });
        self.group_choice(ui, case, scan, wishes);
        let Some(labels) = self.labels(case) else {
            ui.label(theme::small(tr("editor-none")));
            return;
        };
        ui.add_space(4.0);
        list::list_ui(self, ui, labels, wishes);
        ui.add_space(6.0);
        let locked = self.segment.and_then(|id| labels.segment(id)).is_some_and(|segment| segment.locked);
        ui.add_enabled_ui(self.segment.is_some() && !locked, |ui| {
            effects::effects_ui(self, ui, scan.map(|(id, _)| id), wishes);
        });
        if locked {
            ui.label(theme::small(tr("editor-locked")));
        }
        ui.add_space(4.0);
        options::options_ui(self, ui, labels, scan.map(|(_, scan)| scan), wishes);
    }

    fn group_choice(&mut self, ui: &mut Ui, case: &Case, scan: Option<(NodeId, &Scan)>, wishes: &mut Vec<Wish>) {
        let name = case.node(self.group).map_or(tr("editor-no-group"), |node| node.name.as_str()).to_owned();
        ui.horizontal(|ui| {
            let width = ui.available_width() - 32.0;
            egui::ComboBox::from_id_salt("group").width(width).truncate().selected_text(name).show_ui(ui, |ui| {
                for (id, node, _) in find::label_maps(case) {
                    if ui.selectable_label(id == self.group, &node.name).clicked() {
                        (self.group, self.segment, self.stroke) = (id, None, None);
                        wishes.push(Wish::Select(Some(id)));
                    }
                }
            });
            let new =
                ui.add_enabled_ui(scan.is_some(), |ui| widgets::icon_button(ui, icons::PLUS, tr("editor-new-group")));
            if let (true, Some((scan, _))) = (new.inner.clicked(), scan) {
                wishes.push(Wish::run("segment.add", json!({ "scan": scan.0, "name": "segment 1" })));
            }
        });
    }
}
