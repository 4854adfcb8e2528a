//! The side panels: beside the views where there is room for both, otherwise drawers that are pulled over them.

use super::contract::AppView;
use super::tour::Part;
use super::wish::Wish;
use super::workspace::Workspace;
use super::{icons, theme, widgets};
use crate::base::i18n::tr;
use egui::{Area, Frame, Id, Margin, Order, Panel, Rect, Stroke, StrokeKind, Ui, Vec2};

/// Narrowest window with side panels beside the welcome page, in points.
const WELCOME_BESIDE: f32 = 1100.0;
/// Narrowest window with the left and with the right panel beside the views, in points.
const BESIDE: [f32; 2] = [700.0, 900.0];
/// Width of what a drawer is pulled out by.
const RAIL: f32 = 30.0;
/// Widths of the drawers, and what of the views stays free beside one.
const DRAWERS: [f32; 2] = [280.0, 250.0];
const FREE: f32 = 60.0;
const MARGIN: Margin = Margin::symmetric(10, 8);

/// How a side panel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Not there.
    Away,
    /// Beside the views.
    Beside,
    /// Over the views, or only its rail.
    Drawer {
        /// Whether it is pulled out.
        open: bool,
    },
}

/// What is pulled over the views in a narrow window: left, right.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drawers {
    open: [bool; 2],
    /// Whether each panel is a drawer.
    narrow: [bool; 2],
    /// Whether the left panel asked something in the last frame.
    asked: bool,
}

/// Whether a window of this width has the panel of a side beside its views.
pub(super) fn is_beside(side: usize, width: f32) -> bool {
    BESIDE[side] <= width
}

impl Workspace {
    /// How both side panels stand: as set, but a panel that asks something is never away.
    fn sides(&mut self, width: f32, view: &AppView<'_>) -> [Side; 2] {
        let asks = self.form.is_some()
            || self.flow_setup.is_some()
            || self.operate.is_some()
            || self.circulation.is_some()
            || self.planning.is_some()
            || self.editor.is_some()
            || self.volume.as_ref().is_some_and(|view| view.open);
        let welcomes = self.welcome || view.session.case().is_empty();
        let room = !(self.hides_names() || welcomes && width < WELCOME_BESIDE);
        let drawers = &mut self.drawers;
        for side in [0, 1] {
            let narrow = !is_beside(side, width);
            if narrow != drawers.narrow[side] {
                (drawers.narrow[side], drawers.open[side]) = (narrow, narrow && side == 0 && asks);
            }
        }
        // What asks comes by itself, and goes when it is answered.
        if asks != drawers.asked {
            (drawers.asked, drawers.open[0]) = (asks, asks && drawers.narrow[0]);
        }
        let (narrow, open, panels) = (drawers.narrow, drawers.open, self.settings.panels);
        let side = |side: usize, may: bool, wanted: bool| match may {
            true if narrow[side] => Side::Drawer { open: open[side] },
            true if wanted => Side::Beside,
            _ => Side::Away,
        };
        [side(0, asks || room, asks || panels.left), side(1, room, panels.right)]
    }

    /// Whether a side panel is seen, or would be once there is a case.
    fn is_side_shown(&self, side: usize) -> bool {
        let panels = self.settings.panels;
        if self.drawers.narrow[side] { self.drawers.open[side] } else { [panels.left, panels.right][side] }
    }

    fn show_side(&mut self, side: usize, shown: bool) {
        let panels = &mut self.settings.panels;
        match side {
            _ if self.drawers.narrow[side] => self.drawers.open[side] = shown,
            0 => panels.left = shown,
            _ => panels.right = shown,
        }
    }

    /// Show a side panel, or take it away.
    pub(super) fn toggle_side(&mut self, side: usize) {
        self.show_side(side, !self.is_side_shown(side));
    }

    /// Show both side panels, or take away whatever is seen of them.
    pub(super) fn toggle_sides(&mut self) {
        let shown = !(self.is_side_shown(0) || self.is_side_shown(1));
        [0, 1].into_iter().for_each(|side| self.show_side(side, shown));
    }

    /// Push drawers back that were pulled out by hand; whether there were any.
    pub(super) fn close_drawers(&mut self) -> bool {
        let Drawers { open, asked, .. } = &mut self.drawers;
        let any = std::mem::take(&mut open[1]) || open[0] && !*asked;
        open[0] &= *asked;
        any
    }

    /// Show what stands beside the views, and answer where drawers go, which are shown after them.
    pub(super) fn side_panels(&mut self, ui: &mut Ui, view: &AppView<'_>, wishes: &mut Vec<Wish>) -> [Option<Rect>; 2] {
        let room = ui.available_rect_before_wrap();
        let width = room.width();
        let sides = self.sides(width, view);
        let own = theme::of(ui);
        let frame = Frame::new().fill(own.panel).inner_margin(MARGIN);
        let panels = self.settings.panels;
        if sides[0] == Side::Beside {
            let panel = Panel::left("guide").frame(frame).default_size(panels.left_width);
            let shown = panel.size_range(240.0..=(0.29 * width).max(240.0)).show(ui, |ui| {
                self.left(ui, view, wishes);
            });
            self.note_side(Part::Left, shown.response.rect);
        }
        if sides[1] == Side::Beside {
            let panel = Panel::right("objects").frame(frame).default_size(panels.right_width);
            let shown = panel.size_range(220.0..=(0.29 * width).max(220.0)).show(ui, |ui| {
                self.right(ui, view, wishes);
            });
            self.note_side(Part::Right, shown.response.rect);
        }
        for (side, id, name) in [(0, "left rail", tr("side-left")), (1, "right rail", tr("side-right"))] {
            let Side::Drawer { open } = sides[side] else { continue };
            let panel = if side == 0 { Panel::left(id) } else { Panel::right(id) };
            let rail = Frame::new().fill(own.bar).inner_margin(Margin::symmetric(2, 4));
            panel.frame(rail).resizable(false).show_separator_line(false).exact_size(RAIL).show(ui, |ui| {
                let icon = if side == 0 { icons::LAYOUT_SIDEBAR } else { icons::STACK_2 };
                if widgets::icon_toggle(ui, icon, name, open).clicked() {
                    self.toggle_side(side);
                }
            });
        }
        [0, 1].map(|side| {
            let Side::Drawer { open: true } = sides[side] else { return None };
            let size = Vec2::new(DRAWERS[side].min(width - 2.0 * RAIL - FREE).max(1.0), room.height().max(1.0));
            let left = if side == 0 { room.left() + RAIL } else { room.right() - RAIL - size.x };
            Some(Rect::from_min_size(egui::pos2(left, room.top()), size))
        })
    }

    /// Show the drawers that are pulled out, over the views.
    pub(super) fn drawers_ui(
        &mut self,
        ctx: &egui::Context,
        places: [Option<Rect>; 2],
        view: &AppView<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        for (side, part, id) in [(0, Part::Left, "left drawer"), (1, Part::Right, "right drawer")] {
            let Some(place) = places[side] else { continue };
            let area = Area::new(Id::new(id)).order(Order::Middle).movable(false).constrain(false).fixed_pos(place.min);
            area.show(ctx, |ui| {
                let own = theme::of(ui);
                Frame::new().fill(own.panel).inner_margin(MARGIN).show(ui, |ui| {
                    let inner = (place.size() - MARGIN.sum()).max(Vec2::splat(1.0));
                    ui.set_min_size(inner);
                    ui.set_max_size(inner);
                    if side == 0 {
                        self.left(ui, view, wishes);
                    } else {
                        self.right(ui, view, wishes);
                    }
                });
                ui.painter().rect_stroke(place, 0, Stroke::new(1.0, own.bar), StrokeKind::Outside);
            });
            self.parts.insert(part, place);
        }
    }

    /// A side panel was shown in `rect`; its width is remembered once it was dragged.
    fn note_side(&mut self, part: Part, rect: Rect) {
        self.parts.insert(part, rect);
        if !self.dragged {
            return;
        }
        let panels = &mut self.settings.panels;
        let known = if part == Part::Left { &mut panels.left_width } else { &mut panels.right_width };
        // The panel draws its margin too.
        let inner = rect.width().round();
        if 1.0 < (*known - inner).abs() {
            *known = inner;
        }
    }
}
