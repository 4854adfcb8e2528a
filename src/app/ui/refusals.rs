//! What cannot be done now, and why: said where it is grey, and where its key was struck in vain.

use super::actions::ACTIONS;
use super::audience::Watched;
use super::contract::{AppView, Request};
use super::docks::Dock;
use super::layout::{Arrangement, Pane};
use super::settings::Setting;
use super::wish::{Switch, Wish};
use super::workspace::Workspace;
use super::{find, history, theme, words};
use crate::base::i18n::tr;
use crate::image::Modality;
use crate::session::NodeKind;
use egui::{Align2, Area, Id, Order, Vec2};

/// How long it is said why a key did nothing, s.
const STAYS_S: f64 = 4.0;

/// A key that did nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Refused {
    /// What it is the key of.
    action: &'static str,
    pub(super) why: &'static str,
    at_s: f64,
}

/// `why`, unless `there`.
fn unless(there: bool, why: &'static str) -> Option<&'static str> {
    (!there).then_some(why)
}

impl Workspace {
    /// Whether a wish makes sense now; menus show the others in grey.
    pub(super) fn can(&self, wish: &Wish, view: &AppView<'_>) -> bool {
        self.why_not(wish, view).is_none()
    }

    /// Why a wish makes no sense now, in a sentence; `None` if it does.
    pub(super) fn why_not(&self, wish: &Wish, view: &AppView<'_>) -> Option<&'static str> {
        let case = view.session.case();
        let history = view.session.history();
        let scan = || find::active_scan(case, self.selected);
        let has_tool = |id: &str| view.session.tools().iter().any(|tool| tool.id == id);
        let needs_case = || unless(!case.is_empty(), tr("why-no-case"));
        let needs_scan = || unless(scan().is_some(), tr("why-no-scan"));
        let needs_lines = || unless(find::vessels(case, self.selected).is_some(), tr("why-no-lines"));
        let needs_editor = || unless(self.editor.is_some(), tr("why-no-editor"));
        match wish {
            Wish::Ask(Request::Undo) if self.view_undo.can_undo(history.current()) => None,
            Wish::Ask(Request::Redo) if self.view_undo.can_redo(history.current()) => None,
            Wish::Ask(Request::Undo) => unless(history::undo_label(history).is_some(), tr("bar-nothing-to-undo")),
            Wish::Ask(Request::Redo) => unless(history::redo_label(history).is_some(), tr("bar-nothing-to-redo")),
            Wish::Ask(Request::SaveCase | Request::SaveCaseAs) | Wish::TakePicture => needs_case(),
            Wish::Ask(Request::ReportDialog) => {
                needs_case().or_else(|| unless(has_tool("report.write"), tr("why-no-tool")))
            }
            Wish::KeepView => needs_case().or_else(|| unless(view.scene.pane_size.is_some(), tr("why-no-scene"))),
            Wish::KeepSlice(_) => needs_scan().or_else(|| unless(self.pictured_slice().is_some(), tr("why-no-slice"))),
            Wish::Walk(lines) if self.walk.is_some() || lines.is_some() => None,
            Wish::Walk(_) => needs_lines(),
            Wish::RenameSelected | Wish::HideSelected => unless(self.selected.is_some(), tr("why-none-selected")),
            Wish::RemoveSelected => {
                let draws = self.slices.measures.is_drawing() || self.editor.is_some();
                unless(self.selected.is_some() || draws, tr("why-none-selected"))
            }
            Wish::Operate(_) if self.operate.is_some() => Some(tr("why-operating")),
            Wish::Operate(mesh) => {
                let mesh = mesh.or_else(|| find::newest(case, NodeKind::Tets, self.selected));
                unless(mesh.is_some(), tr("why-no-mesh"))
            }
            Wish::EndOperation | Wish::KeepOperation => unless(self.operate.is_some(), tr("why-no-operation")),
            Wish::Circulation(_) if self.operate.is_some() => Some(tr("why-operating")),
            Wish::Circulation(_) if self.circulation.is_some() => Some(tr("why-circulating")),
            Wish::Circulation(Some(_)) => None,
            Wish::Circulation(None) => needs_lines(),
            Wish::EndCirculation => unless(self.circulation.is_some(), tr("why-no-circulation")),
            Wish::Plan(_) if self.operate.is_some() => Some(tr("why-operating")),
            Wish::Plan(_) => needs_case(),
            Wish::EndPlan => unless(self.planning.is_some(), tr("why-no-plan")),
            Wish::ToggleView(pane @ (Pane::FlatCut | Pane::Depths)) => {
                unless(self.planning.is_some() || self.layout.panes().contains(pane), tr("why-no-plan"))
            }
            Wish::Set(Setting::LeftPanel) => self.why_empty(Dock::Left),
            Wish::Set(Setting::RightPanel) => self.why_empty(Dock::Right),
            Wish::Set(Setting::BottomPanel) => self.why_empty(Dock::Bottom),
            Wish::Set(Setting::FloatingPanels) => self.why_empty(Dock::Floating),
            Wish::Watch(Watched::Curved) | Wish::Arrange(Arrangement::Curved) => needs_scan().or_else(|| {
                let way = super::curved::first_way(case, self.selected);
                unless(way.is_some(), tr("why-no-way"))
            }),
            Wish::Along(_) => needs_scan(),
            Wish::Volume(None) | Wish::ShowVolume if self.volume.is_some() => None,
            Wish::Brush(_) | Wish::NextSegment(_) | Wish::ApplyStroke => needs_editor(),
            Wish::Isolate(None) => unless(self.isolated.is_some(), tr("why-all-shown")),
            Wish::Cut(None) | Wish::FlipCut => unless(self.cut.is_some(), tr("why-no-cut")),
            Wish::Cut(Some(_)) => unless(self.crosshair.is_some(), tr("why-no-crosshair")),
            Wish::Ghost(None) => unless(self.ghosted.is_some(), tr("why-none-faint")),
            Wish::NextSeries(_) => unless(1 < find::scans(case).count(), tr("why-one-scan")),
            Wish::Phase(_) | Wish::PlayPhases => unless(1 < self.phases(case).len(), tr("why-one-phase")),
            Wish::Flip(Switch::Labels) => None,
            Wish::Flip(Switch::Parallel | Switch::TiltLock) => unless(self.walk.is_none(), tr("why-walking")),
            Wish::Scenes(wish) => self.why_not_scenes(wish, view),
            // Presets are of CT; elsewhere the first finds a window.
            Wish::WindowPreset(place) if 0 < *place => needs_scan().or_else(|| {
                let is_ct = self.keyed_modality(case) == Some(Modality::Ct);
                unless(is_ct, tr("why-not-ct"))
            }),
            Wish::AlignWithScan => needs_scan().or_else(|| {
                let slanted = scan().is_some_and(|(.., scan)| !super::slice::Turn::along(scan.grid()).is_straight());
                unless(slanted, tr("why-scan-straight"))
            }),
            Wish::WindowPreset(_)
            | Wish::WindowFull
            | Wish::Tool(_)
            | Wish::Flip(_)
            | Wish::Slice(_)
            | Wish::Sideways(_)
            | Wish::NextSlab
            | Wish::PlaySlices
            | Wish::OpenEditor(_)
            | Wish::Effect(_)
            | Wish::Volume(None)
            | Wish::ShowVolume
            | Wish::Zoom(_) => needs_scan(),
            _ => None,
        }
    }

    /// Why a dock cannot be shown or hidden.
    fn why_empty(&self, dock: Dock) -> Option<&'static str> {
        unless(!self.settings.docks.groups(dock).is_empty(), tr("why-empty-dock"))
    }

    /// A key asked for `wish`: where that makes no sense now, it is said why for a while.
    pub(super) fn note_refusal(&mut self, wish: &Wish, view: &AppView<'_>) {
        let Some(why) = self.why_not(wish, view) else { return };
        let Some(action) = ACTIONS.iter().find(|action| action.wish == *wish) else { return };
        self.refused = Some(Refused { action: words::action(action), why, at_s: view.now_s });
    }

    /// Say why a key did nothing.
    pub(super) fn refusal_ui(&mut self, ctx: &egui::Context, now_s: f64) {
        // It is forgotten once it was there long enough.
        self.refused.take_if(|refused| refused.at_s + STAYS_S <= now_s);
        let Some(Refused { action, why, at_s }) = self.refused else { return };
        let whole = ctx.content_rect();
        let at = whole.center_bottom() - Vec2::new(0.0, 44.0_f32.min(0.2 * whole.height()));
        let area = Area::new(Id::new("why a key did nothing")).order(Order::Tooltip).interactable(false);
        area.pivot(Align2::CENTER_BOTTOM).fixed_pos(at).show(ctx, |ui| {
            theme::popup(ui).corner_radius(8).inner_margin(egui::Margin::symmetric(12, 7)).show(ui, |ui| {
                ui.set_max_width(360.0_f32.min(whole.width() - 40.0));
                ui.label(theme::strong(action).size(12.5));
                ui.label(theme::small(why));
            });
        });
        ctx.request_repaint_after_secs((at_s + STAYS_S - now_s).max(0.0) as f32 + 0.01);
    }
}
