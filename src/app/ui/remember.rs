//! What the window does at the two ends of a frame for what it remembers: settings, the tour, the places of its parts.

use super::contract::AppView;
use super::docks::SidePanel;
use super::find;
use super::layout::{Arrangement, Layout, Pane};
use super::layouts::StoredLayout;
use super::settings;
use super::theme;
use super::tour::{Seen, TourWish};
use super::welcome::{WelcomeView, welcome_ui};
use super::wish::Wish;
use super::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::Orientation;
use crate::session::Case;
use egui::{Context, Ui};
use std::time::{SystemTime, UNIX_EPOCH};

impl Workspace {
    /// Whether people watch who must not read names of patients.
    pub(super) fn hides_names(&self) -> bool {
        self.layout.arrangement() == Arrangement::Lecture
    }

    /// Publish the settings and apply the size of the interface.
    pub(super) fn begin_frame(&mut self, ctx: &Context) {
        settings::publish(ctx, &self.settings, self.hides_names());
        theme::follow(ctx, self.settings.theme);
        if ctx.zoom_factor() != self.settings.scale {
            ctx.set_zoom_factor(self.settings.scale);
        }
        self.parts.clear();
    }

    /// Look at what was done in this frame.
    pub(super) fn end_frame(&mut self, ctx: &Context, view: &AppView<'_>) {
        self.dragged = ctx.input(|input| input.pointer.any_down());
        // The field of a dialog that was just closed keeps the keyboard for a frame.
        let overlaid = view.covered || self.dialog.is_some() || self.palette.is_some();
        let was = std::mem::replace(&mut self.overlaid, overlaid);
        self.typed = !overlaid && !was && (ctx.text_edit_focused() || egui::Popup::is_any_open(ctx));
        self.settings.layout = Some(StoredLayout::of(&self.layout));
        if self.tour.is_some() {
            let seen = self.seen(view);
            if let Some(tour) = &mut self.tour {
                let met = tour.met;
                tour.look(seen);
                if tour.met != met {
                    ctx.request_repaint();
                }
            }
        }
    }

    /// Show the welcome page in place of the views.
    pub(super) fn welcome_page(&self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
        let page = WelcomeView {
            recent: &self.settings.recent,
            missing: &self.missing,
            tools: view.session.tools(),
            has_case: !view.session.case().is_empty(),
            now_s,
        };
        welcome_ui(ui, ui.available_rect_before_wrap(), &page, wishes);
    }

    /// Whether the tour is to be offered now: once, when there is a scan to show and nothing else asks.
    pub(super) fn offers_the_tour(&self, view: &AppView<'_>) -> bool {
        let shows_scan = find::active_scan(view.session.case(), self.selected).is_some();
        self.offers_tour && !self.settings.tour.offered && shows_scan && !self.welcome && !self.hides_names()
    }

    pub(super) fn tour_wish(&mut self, wish: TourWish) {
        (self.settings.tour, self.tour) = self.settings.tour.after(self.tour.take(), wish);
        if wish == TourWish::Start {
            self.welcome = false;
            // What it points at must be there.
            for panel in [SidePanel::Guide, SidePanel::Objects] {
                self.settings.panels.show(self.settings.docks.dock_of(panel), true);
                self.settings.docks.activate(panel);
            }
            let panes = self.layout.panes();
            let needed = [Pane::Slice(Orientation::Axial), Pane::Scene];
            if self.layout.restore() || !needed.iter().all(|pane| panes.contains(pane)) || self.hides_names() {
                self.layout = Layout::new(Arrangement::FourUp);
            }
        }
    }

    /// Show the next scan of the case, or the one before.
    pub(super) fn next_series(&mut self, case: &Case, forward: bool) {
        let scans: Vec<NodeId> = find::scans(case).collect();
        let now = find::active_scan(case, self.selected).map(|(id, ..)| id);
        let Some(place) = scans.iter().position(|id| Some(*id) == now) else { return };
        let step = if forward { 1 } else { scans.len() - 1 };
        self.selected = Some(scans[(place + step) % scans.len()]);
    }

    fn seen(&mut self, view: &AppView<'_>) -> Seen {
        let case = view.session.case();
        let history = view.session.history();
        let scan = find::active_scan(case, self.selected);
        let window = scan.map(|(id, node, scan)| self.slices.window(id, scan, node.hash()).shown());
        Seen {
            crosshair: self.crosshair,
            window: window.map(|window| [window.width, window.level]),
            camera: view.scene.camera,
            state: (history.current(), history.states().count()),
            lungs: find::made_by(case, "segment.organ").any(|(_, node)| find::param(node, "preset") == Some("lungs")),
            views: (self.layout.arrangement(), self.layout.maximised()),
            palette: self.palette.is_some(),
        }
    }
}
