//! What the second window shows an audience: the 3D view, slices, or several of them, as the first window shows them.

use super::areas::curved_scene;
use super::contract::AppView;
use super::curved::{Curved, CurvedSeen};
use super::layout::{Arrangement, Layout, Pane};
use super::slice::{Cine, Elsewhere};
use super::workspace::Workspace;
use super::{find, icons, layouts, settings, theme};
use crate::base::i18n::{in_tables, tr};
use crate::geom::Orientation;
use egui::{Align2, Area, Id, Order, Popup, Rect, RichText, Ui, Vec2};
use serde::{Deserialize, Serialize};

/// How long its button stays after the mouse rests, s.
const STAYS_S: f32 = 3.0;

/// What a second window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// The 3D view.
    #[default]
    Scene,
    /// The axial slice.
    Axial,
    /// The coronal slice.
    Coronal,
    /// The sagittal slice.
    Sagittal,
    /// Three slices and the 3D view.
    FourUp,
    /// Three slices.
    Slices,
    /// The 3D view large, three slices in a column.
    SceneLarge,
    /// The axial slice large, the others in a column.
    AxialLarge,
    /// The scan along a vessel.
    Curved,
    /// Slices and the 3D view beside the curves of a result.
    Plot,
    /// The 3D view over the text for an audience.
    Lecture,
}

impl Watched {
    /// All of them with their names in the menu.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Scene, "3D view"),
        (Self::FourUp, "Four views"),
        (Self::Slices, "Three slices"),
        (Self::Axial, "Axial slice"),
        (Self::Coronal, "Coronal slice"),
        (Self::Sagittal, "Sagittal slice"),
        (Self::SceneLarge, "3D large"),
        (Self::AxialLarge, "Axial large"),
        (Self::Curved, "Along a vessel"),
        (Self::Plot, "Slices and plot"),
        (Self::Lecture, "3D view and caption"),
    ];

    fn layout(self) -> Layout {
        match self {
            Self::Scene => Layout::new(Arrangement::SceneOnly),
            Self::Axial => Layout::with(Arrangement::SliceOnly, Orientation::Axial),
            Self::Coronal => Layout::with(Arrangement::SliceOnly, Orientation::Coronal),
            Self::Sagittal => Layout::with(Arrangement::SliceOnly, Orientation::Sagittal),
            Self::FourUp => Layout::new(Arrangement::FourUp),
            Self::Slices => Layout::new(Arrangement::Slices),
            Self::SceneLarge => Layout::new(Arrangement::SceneLarge),
            Self::AxialLarge => Layout::new(Arrangement::AxialLarge),
            Self::Curved => Layout::new(Arrangement::Curved),
            Self::Plot => Layout::new(Arrangement::SlicesPlot),
            Self::Lecture => Layout::new(Arrangement::Lecture),
        }
    }
}

/// What belongs to the second window only.
#[derive(Debug, Default)]
pub struct Audience {
    /// What is arranged in it, and how.
    arranged: Option<(Watched, Layout)>,
    slices: Elsewhere,
    curved: Curved,
    /// How the first window showed the scan along a vessel in the last frame.
    curved_seen: Option<CurvedSeen>,
}

impl Audience {
    /// Another window: textures of the one before mean nothing in it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// How often pictures of slices were made.
    #[cfg(test)]
    pub fn pictures_made(&self) -> usize {
        self.slices.pictures_made()
    }
}

impl Workspace {
    /// Show in `rect` what is chosen for an audience; returns where the 3D view belongs, if there is one. Nothing of it
    /// takes the mouse but the menu of what to show and the borders between views.
    pub fn audience_ui(&mut self, ui: &mut Ui, rect: Rect, view: &AppView<'_>) -> Option<Rect> {
        settings::publish(ui.ctx(), &self.settings, true);
        theme::follow(ui.ctx(), self.settings.theme);
        let watched = self.settings.watched;
        if self.audience.arranged.as_ref().is_none_or(|(arranged, _)| *arranged != watched) {
            self.audience.arranged = Some((watched, watched.layout()));
            self.audience.slices = Elsewhere::default();
        }
        let case = view.session.case();
        let scan = find::active_scan(case, self.selected);
        let stroke = self.editor.as_ref().and_then(|editor| editor.preview());
        let subject = scan.map(|(id, node, scan)| self.slice_subject(view, (id, node, scan), false, stroke.as_ref()));
        let selected = self.selected;
        let Self { audience, slices, curved, settings, .. } = self;
        let Audience { arranged, slices: own_slices, curved: own_curved, curved_seen } = audience;
        let mut scene = None;
        own_slices.begin();
        if let Some((_, layout)) = arranged {
            let mut own = ui.new_child(egui::UiBuilder::new().id_salt("views").max_rect(rect));
            layout.show(&mut own, &mut |ui, rect, pane| match (pane, &subject) {
                (Pane::Scene, _) => scene = Some(rect),
                (Pane::Slice(orientation), Some(subject)) => {
                    slices.show_elsewhere(own_slices, ui, rect, orientation, subject);
                }
                (Pane::Curved, Some(subject)) => {
                    let scene = curved_scene(slices, case, selected, subject, view.now_s);
                    // While it is turned or its window dragged there, the first window has the time of the frame.
                    let seen = curved.seen(&scene);
                    if curved_seen.replace(seen) == Some(seen) {
                        own_curved.follow(curved);
                    } else {
                        ui.ctx().request_repaint();
                    }
                    // What is done with its mouse is forgotten with the frame: it follows.
                    own_curved.show(ui, rect, &scene, &mut Cine::default(), &mut Vec::new());
                }
                (Pane::Plot, _) => layouts::plot_ui(ui, rect, case, selected),
                (Pane::Caption, _) => layouts::caption_seen_ui(ui, rect, &settings.caption),
                _ => _ = ui.painter().rect_filled(rect, 0, egui::Color32::BLACK),
            });
        }
        self.watched_ui(ui.ctx(), rect, view);
        scene
    }

    /// The button of what to show, while the mouse moves in the window, and its menu.
    fn watched_ui(&mut self, ctx: &egui::Context, rect: Rect, view: &AppView<'_>) {
        let (rested_s, is_in) = ctx.input(|input| {
            (input.pointer.time_since_last_movement(), input.pointer.latest_pos().is_some_and(|pos| rect.contains(pos)))
        });
        let open = Popup::is_any_open(ctx);
        if !(open || is_in && rested_s < STAYS_S) {
            return;
        }
        if !open {
            ctx.request_repaint_after_secs(STAYS_S - rested_s + 0.05);
        }
        let area = Area::new(Id::new("what an audience sees")).order(Order::Foreground).constrain(true);
        area.pivot(Align2::RIGHT_TOP).fixed_pos(rect.right_top() + Vec2::new(-12.0, 12.0)).show(ctx, |ui| {
            theme::over_picture(ui);
            let now = self.settings.watched;
            let name = Watched::ALL.iter().find(|(each, _)| *each == now).map_or("", |(_, name)| name);
            let text = format!("{}  {}  {}", icons::DEVICE_DESKTOP, in_tables("watched", name), icons::CHEVRON_DOWN);
            let button = ui.button(RichText::new(text)).on_hover_text(tr("audience-help"));
            Popup::menu(&button).show(|ui| {
                ui.set_min_width(190.0);
                for (watched, name) in Watched::ALL {
                    let why = self.why_not(&super::wish::Wish::Watch(watched), view);
                    let item = egui::Button::new(in_tables("watched", name)).selected(watched == now);
                    let shown = ui.add_enabled(why.is_none(), item);
                    if shown.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                        self.settings.watched = watched;
                        ui.ctx().request_repaint();
                    }
                }
            });
        });
    }
}
