//! The 3D views beyond the first one: whether they turn together, what each shows, and another case in the second.

mod bar;
mod compare;
mod dialog;
mod table;

pub(super) use bar::bar_ui;
pub use compare::{Compare, CompareWith, Loaded};
pub(super) use dialog::compare_ui;
pub(super) use table::table_ui;

use super::contract::{AppView, Request, SceneInfo};
use super::labels::Label;
use super::layout::{Arrangement, Layout, Pane};
use super::measures::Covered;
use super::wish::{Dialog, Wish};
use super::workspace::Workspace;
use super::{OrbitCamera, theme};
use crate::base::NodeId;
use crate::base::i18n::tr;
use egui::{Frame, Margin, Panel, Ui};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The first 3D view and the one beside it, as numbers.
pub const FIRST: usize = 0;
/// See [`FIRST`].
pub const SECOND: usize = 1;

/// What one of the 3D views has of its own.
#[derive(Debug, Clone, Default)]
pub struct ViewInfo {
    /// Where it is seen from.
    pub camera: OrbitCamera,
    /// Names beside what is seen in it.
    pub labels: Vec<Label>,
    /// What of the measures is hidden in it.
    pub covered: Covered,
}

/// What a 3D view leaves out of the scene, beyond what is hidden everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SceneContent {
    /// No rendered volume.
    pub without_volume: bool,
    /// Only the selected object.
    pub only_selected: bool,
    /// Objects that are not shown.
    pub hidden: BTreeSet<NodeId>,
}

impl SceneContent {
    /// Whether an object is shown.
    pub fn shows(&self, id: NodeId, selected: Option<NodeId>) -> bool {
        !self.hidden.contains(&id) && (!self.only_selected || selected == Some(id))
    }
}

/// The state of the 3D views beyond cameras.
#[derive(Debug)]
pub struct Scenes {
    /// Whether both views are seen from the same place.
    pub linked: bool,
    /// Whether views turn about the patient's long axis only.
    pub tilt_locked: bool,
    /// What each leaves out.
    pub contents: [SceneContent; 2],
    /// What the second view shows instead of this case.
    pub compare: Option<Compare>,
}

impl Default for Scenes {
    fn default() -> Self {
        Self { linked: true, tilt_locked: false, contents: Default::default(), compare: None }
    }
}

/// What a panel wishes for in the 3D views.
#[derive(Debug, Clone, PartialEq)]
pub enum ScenesWish {
    /// Turn the views together, or each by itself.
    Link,
    /// What a view leaves out.
    Content(usize, SceneContent),
    /// Ask what to compare this case with.
    AskCompare,
    /// Show another case in the second view.
    Compare(CompareWith),
    /// Show this case in the second view again.
    EndCompare,
}

impl SceneInfo {
    /// The scene as one of the 3D views has it.
    pub(super) fn of(&self, which: usize, title: Option<String>) -> Cow<'_, Self> {
        if which == self.in_use && title.is_none() {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        own.title = title.unwrap_or_default();
        if which != SECOND {
            // The other case is seen in the second view only.
            own.other = None;
        }
        if which != self.in_use {
            let ViewInfo { camera, labels, .. } = self.views[which].clone();
            (own.camera, own.labels) = (camera, labels);
            // The mouse is in the other one, and what follows it.
            (own.picked, own.other, own.operation, own.filming) = (None, None, None, None);
        }
        Cow::Owned(own)
    }
}

/// Which 3D view a pane is.
pub(super) fn number(pane: Pane) -> usize {
    if pane == Pane::SecondScene { SECOND } else { FIRST }
}

impl Workspace {
    /// Whether two 3D views are on the screen.
    pub fn has_two_scenes(&self) -> bool {
        self.layout.shows(Pane::Scene) && self.layout.shows(Pane::SecondScene)
    }

    /// Whether an object is shown in a 3D view, where it is not hidden everywhere.
    pub fn shows_in(&self, which: usize, id: NodeId) -> bool {
        let compares = which == SECOND && self.scenes.compare.is_some();
        // With one view on the screen nobody sees why something is missing in it.
        !compares && (!self.has_two_scenes() || self.scenes.contents[which].shows(id, self.selected))
    }

    /// Whether the rendered volume is shown in a 3D view.
    pub fn volume_in(&self, which: usize) -> bool {
        let compares = which == SECOND && self.scenes.compare.is_some();
        !compares && (!self.has_two_scenes() || !self.scenes.contents[which].without_volume)
    }

    /// Whether keys and buttons must go on meaning the same 3D view wherever the mouse is.
    pub fn keeps_view(&self) -> bool {
        self.walk.is_some()
    }

    /// Give `ctx`, that of another window, our fonts and colours if it has none yet; whether it had them.
    pub fn is_set_up(&self, ctx: &egui::Context) -> bool {
        let ready = theme::is_ready(ctx);
        if !ready {
            self.set_up(ctx);
        }
        ready
    }

    /// What a 3D view is called, where that is not just 3D.
    pub(super) fn title_of(&self, which: usize, view: &AppView<'_>) -> Option<String> {
        match &self.scenes.compare {
            Some(compare) if which == SECOND => Some(compare.name.clone()),
            Some(_) => {
                let file = view.case_path.and_then(|path| path.file_name());
                let name = file.filter(|_| !self.hides_names()).map(|name| name.to_string_lossy().into_owned());
                Some(name.unwrap_or_else(|| tr("scenes-this-case").to_owned()))
            }
            None => None,
        }
    }

    /// The table of a comparison, below the views.
    pub(super) fn comparison_ui(&mut self, ui: &mut Ui, titles: &[Option<String>; 2], wishes: &mut Vec<Wish>) {
        let Some(compare) = &mut self.scenes.compare else { return };
        let left = titles[FIRST].as_deref().unwrap_or_default();
        let most = (0.5 * ui.available_height()).max(61.0);
        let frame = Frame::new().fill(theme::of(ui).panel).inner_margin(Margin::symmetric(10, 8));
        let panel = Panel::bottom("comparison").frame(frame).resizable(true).default_size(190.0);
        let shown = panel.size_range(60.0..=most).show(ui, |ui| {
            // The panel keeps its height while the table is not there yet.
            ui.set_min_size(ui.available_size());
            table_ui(ui, compare, left, wishes);
        });
        self.needed.push(shown.response.rect);
    }

    /// Why this cannot be done now; `None` if it can.
    pub(super) fn why_not_scenes(&self, wish: &ScenesWish, view: &AppView<'_>) -> Option<&'static str> {
        let (can, why) = match wish {
            ScenesWish::Link => (self.has_two_scenes(), tr("why-one-scene")),
            ScenesWish::AskCompare | ScenesWish::Compare(_) => (!view.session.case().is_empty(), tr("why-no-case")),
            ScenesWish::EndCompare => (self.scenes.compare.is_some(), tr("why-no-comparison")),
            ScenesWish::Content(..) => return None,
        };
        (!can).then_some(why)
    }

    pub(super) fn scenes_wish(&mut self, wish: ScenesWish, view: &AppView<'_>) -> Option<Request> {
        match wish {
            ScenesWish::Link => self.scenes.linked = !self.scenes.linked,
            ScenesWish::Content(which, content) => self.scenes.contents[which] = content,
            ScenesWish::AskCompare => {
                self.dialog = Some(Dialog::Compare(dialog::choices(view.session.history())));
            }
            ScenesWish::Compare(with) => self.compare_with(with, view),
            ScenesWish::EndCompare => self.end_compare(),
        }
        None
    }

    /// The user chose a case file to compare with.
    pub fn compare_with_file(&mut self, path: std::path::PathBuf) {
        self.begin_compare(Compare::new(CompareWith::File(path)));
    }

    fn compare_with(&mut self, with: CompareWith, view: &AppView<'_>) {
        let label = match &with {
            CompareWith::State(id) => view.session.history().states().find(|(each, _)| each == id),
            CompareWith::File(_) => None,
        };
        let mut compare = Compare::new(with);
        if let Some((_, state)) = label {
            compare.name = dialog::state_name(&state.label);
        }
        self.begin_compare(compare);
    }

    fn begin_compare(&mut self, mut compare: Compare) {
        compare.before = match self.scenes.compare.take() {
            Some(old) => old.before,
            None if self.layout.panes().contains(&Pane::SecondScene) || self.shows_two_scans() => None,
            None => Some(super::layouts::StoredLayout::of(&self.layout)),
        };
        // Who looks at slices of two scans wants to see those of the other case there.
        if !self.shows_two_scans() && !self.has_two_scenes() {
            self.layout = Layout::new(Arrangement::TwoScenes);
        }
        self.scenes.linked = true;
        self.two_scans.chosen = None;
        self.scenes.compare = Some(compare);
    }

    fn end_compare(&mut self) {
        let before = self.scenes.compare.take().and_then(|compare| compare.before);
        // Whoever arranged the views anew meanwhile keeps them.
        let of_comparisons = [Arrangement::TwoScenes, Arrangement::TwoSlices, Arrangement::ThreeOverThree];
        if let Some(before) = before.filter(|_| of_comparisons.contains(&self.layout.arrangement())) {
            self.layout = before.layout();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_shows_what_it_does_not_leave_out() {
        let [one, two] = [NodeId(1), NodeId(2)];
        let mut content = SceneContent::default();
        assert!(content.shows(one, None) && content.shows(two, Some(one)));
        content.hidden.insert(one);
        assert!(!content.shows(one, Some(one)) && content.shows(two, None));
        content = SceneContent { only_selected: true, ..SceneContent::default() };
        assert!(content.shows(one, Some(one)) && !content.shows(two, Some(one)) && !content.shows(two, None));
    }
}
