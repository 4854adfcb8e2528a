//! The docks of the side panels: beside the views where there is room for both, otherwise drawers that are pulled over them.

use super::contract::AppView;
use super::docks::{Dock, SidePanel};
use super::wish::Wish;
use super::workspace::Workspace;
use super::{icons, theme, widgets};
use crate::base::i18n::tr;
use egui::{Area, Frame, Id, Margin, Order, Panel, Rect, Stroke, StrokeKind, Ui, Vec2};

/// Narrowest window with side panels beside the welcome page, in points.
const WELCOME_BESIDE: f32 = 1100.0;
/// Narrowest room with the left and with the right dock beside the views, and lowest with the one below, in points.
const BESIDE: [f32; 3] = [700.0, 900.0, 480.0];
/// Width of what a drawer is pulled out by.
const RAIL: f32 = 30.0;
/// Widths of the drawers and the height of the lower one, and what of the views stays free beside one.
const DRAWERS: [f32; 3] = [280.0, 250.0, 220.0];
const FREE: f32 = 60.0;
const MARGIN: Margin = Margin::symmetric(10, 8);
/// Least height of the lower dock, points.
const LOWEST: f32 = 110.0;

/// How a dock stands.
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

/// What is pulled over the views in a narrow window: left, right, bottom.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drawers {
    open: [bool; 3],
    /// Whether each dock is a drawer.
    narrow: [bool; 3],
    /// Whether something in it asked in the last frame.
    asked: [bool; 3],
}

/// Whether a window of this width has the dock of a side beside its views.
pub(super) fn is_beside(side: usize, width: f32) -> bool {
    BESIDE[side] <= width
}

impl Workspace {
    /// How the docks stand: as set, but what asks something is never away.
    fn sides(&mut self, size: Vec2, view: &AppView<'_>) -> [Side; 4] {
        self.show_what_asks();
        let welcomes = self.welcome || view.session.case().is_empty();
        let room = !(self.hides_names() || welcomes && size.x < WELCOME_BESIDE);
        let asking = [(SidePanel::Guide, self.asked_in_guide().is_some()), (SidePanel::Plan, self.planning.is_some())];
        let there = self.panels_there(view, room);
        let docks = &self.settings.docks;
        let asks = Dock::ALL.map(|dock| asking.iter().any(|(panel, asks)| *asks && docks.dock_of(*panel) == dock));
        let has = Dock::ALL.map(|dock| there.iter().any(|panel| docks.dock_of(*panel) == dock));
        let drawers = &mut self.drawers;
        for (side, extent) in [size.x, size.x, size.y].into_iter().enumerate() {
            let narrow = !is_beside(side, extent);
            if narrow != drawers.narrow[side] {
                (drawers.narrow[side], drawers.open[side]) = (narrow, narrow && asks[side]);
            }
            // What asks comes by itself, and goes when it is answered.
            if asks[side] != drawers.asked[side] {
                (drawers.asked[side], drawers.open[side]) = (asks[side], asks[side] && drawers.narrow[side]);
            }
        }
        let (drawers, panels) = (*drawers, self.settings.panels);
        self.docking.begin(there);
        Dock::ALL.map(|dock| {
            let side = dock as usize;
            match has[side] && (room || asks[side]) {
                true if drawers.narrow.get(side) == Some(&true) => Side::Drawer { open: drawers.open[side] },
                true if panels.shows(dock) || asks[side] => Side::Beside,
                _ => Side::Away,
            }
        })
    }

    /// Whether a dock is seen, or would be once there is a case.
    fn is_side_shown(&self, dock: Dock) -> bool {
        let side = dock as usize;
        let is_drawer = self.drawers.narrow.get(side) == Some(&true);
        !self.settings.docks.groups(dock).is_empty()
            && if is_drawer { self.drawers.open[side] } else { self.settings.panels.shows(dock) }
    }

    /// Show a dock, or take it away.
    pub(super) fn show_side(&mut self, dock: Dock, shown: bool) {
        match self.drawers.narrow.get(dock as usize) {
            Some(true) => self.drawers.open[dock as usize] = shown,
            _ => self.settings.panels.show(dock, shown),
        }
    }

    /// Show a dock, or take it away where it is seen.
    pub(super) fn toggle_side(&mut self, dock: Dock) {
        self.show_side(dock, !self.is_side_shown(dock));
    }

    /// Show all docks that hold something, or take away whatever is seen of them.
    pub(super) fn toggle_sides(&mut self) {
        let shown = !Dock::ALL.into_iter().any(|dock| self.is_side_shown(dock));
        for dock in Dock::ALL {
            if !self.settings.docks.groups(dock).is_empty() {
                self.show_side(dock, shown);
            }
        }
    }

    /// Push drawers back that were pulled out by hand; whether there were any.
    pub(super) fn close_drawers(&mut self) -> bool {
        let Drawers { open, asked, .. } = &mut self.drawers;
        let mut any = false;
        for (open, asked) in open.iter_mut().zip(asked) {
            any |= *open && !*asked;
            *open &= *asked;
        }
        any
    }

    /// Show what stands beside the views, and answer where drawers go, which are shown after them, and whether panels float.
    pub(super) fn side_panels(
        &mut self,
        ui: &mut Ui,
        view: &AppView<'_>,
        wishes: &mut Vec<Wish>,
    ) -> ([Option<Rect>; 3], bool) {
        let room = ui.available_rect_before_wrap();
        let width = room.width();
        let sides = self.sides(room.size(), view);
        let own = theme::of(ui);
        let frame = Frame::new().fill(own.panel).inner_margin(MARGIN);
        let (panels, sized) = (self.settings.panels, self.docking.sized);
        let rail = |ui: &mut Ui, panel: Panel, icon: &str, name: &str, open: bool| {
            let rail = Frame::new().fill(own.bar).inner_margin(Margin::symmetric(2, 4));
            let panel = panel.frame(rail).resizable(false).show_separator_line(false).exact_size(RAIL);
            panel.show(ui, |ui| widgets::icon_toggle(ui, icon, name, open).clicked()).inner
        };
        if sides[0] == Side::Beside {
            let least = self.least_width(Dock::Left);
            let panel = Panel::left(Id::new("guide").with(sized)).frame(frame).default_size(panels.left_width);
            let shown = panel.size_range(least..=(0.29 * width).max(least)).show(ui, |ui| {
                self.dock_ui(ui, Dock::Left, view, wishes);
            });
            self.note_side(Dock::Left, shown.response.rect);
        }
        if sides[1] == Side::Beside {
            let least = self.least_width(Dock::Right);
            let panel = Panel::right(Id::new("objects").with(sized)).frame(frame).default_size(panels.right_width);
            let shown = panel.size_range(least..=(0.29 * width).max(least)).show(ui, |ui| {
                self.dock_ui(ui, Dock::Right, view, wishes);
            });
            self.note_side(Dock::Right, shown.response.rect);
        }
        if let Side::Drawer { open } = sides[0]
            && rail(ui, Panel::left("left rail"), icons::LAYOUT_SIDEBAR, tr("side-left"), open)
        {
            self.toggle_side(Dock::Left);
        }
        if let Side::Drawer { open } = sides[1]
            && rail(ui, Panel::right("right rail"), icons::STACK_2, tr("side-right"), open)
        {
            self.toggle_side(Dock::Right);
        }
        // Below the views only, so that it takes no height from the others.
        match sides[2] {
            Side::Beside => {
                let panel =
                    Panel::bottom(Id::new("bottom").with(sized)).frame(frame).default_size(panels.bottom_height);
                let shown = panel.size_range(LOWEST..=(0.5 * room.height()).max(LOWEST)).show(ui, |ui| {
                    self.dock_ui(ui, Dock::Bottom, view, wishes);
                });
                self.note_side(Dock::Bottom, shown.response.rect);
            }
            Side::Drawer { open } => {
                if rail(ui, Panel::bottom("bottom rail"), icons::LAYOUT_BOARD, tr("side-bottom"), open) {
                    self.toggle_side(Dock::Bottom);
                }
            }
            Side::Away => {}
        }
        let views = ui.available_rect_before_wrap();
        let places = [0, 1, 2].map(|side| {
            let Side::Drawer { open: true } = sides[side] else { return None };
            let wide = Vec2::new(DRAWERS[side].min(width - 2.0 * RAIL - FREE).max(1.0), room.height().max(1.0));
            Some(match side {
                0 => Rect::from_min_size(egui::pos2(room.left() + RAIL, room.top()), wide),
                1 => Rect::from_min_size(egui::pos2(room.right() - RAIL - wide.x, room.top()), wide),
                _ => {
                    let height = DRAWERS[2].min(views.height() - FREE).max(1.0);
                    views.with_min_y(views.bottom() - height)
                }
            })
        });
        (places, sides[3] == Side::Beside)
    }

    /// Show the drawers that are pulled out, over the views.
    pub(super) fn drawers_ui(
        &mut self,
        ctx: &egui::Context,
        places: [Option<Rect>; 3],
        view: &AppView<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        for (dock, id) in Dock::SIDES.into_iter().zip(["left drawer", "right drawer", "bottom drawer"]) {
            let Some(place) = places[dock as usize] else { continue };
            let area = Area::new(Id::new(id)).order(Order::Middle).movable(false).constrain(false).fixed_pos(place.min);
            area.show(ctx, |ui| {
                let own = theme::of(ui);
                Frame::new().fill(own.panel).inner_margin(MARGIN).show(ui, |ui| {
                    let inner = (place.size() - MARGIN.sum()).max(Vec2::splat(1.0));
                    ui.set_min_size(inner);
                    ui.set_max_size(inner);
                    self.dock_ui(ui, dock, view, wishes);
                });
                ui.painter().rect_stroke(place, 0, Stroke::new(1.0, own.bar), StrokeKind::Outside);
            });
        }
    }

    /// The least width of a dock: that of the widest of its panels.
    fn least_width(&self, dock: Dock) -> f32 {
        let panels = self.settings.docks.groups(dock).iter().flat_map(|group| group.panels());
        panels.map(|panel| panel.least_width()).fold(220.0, f32::max)
    }

    /// A dock was shown in `rect`; its size is remembered once it was dragged.
    fn note_side(&mut self, dock: Dock, rect: Rect) {
        if !self.dragged {
            return;
        }
        let panels = &mut self.settings.panels;
        // The panel draws its margin too.
        let (known, now) = match dock {
            Dock::Left => (&mut panels.left_width, rect.width()),
            Dock::Right => (&mut panels.right_width, rect.width()),
            _ => (&mut panels.bottom_height, rect.height()),
        };
        let now = now.round();
        if 1.0 < (*known - now).abs() {
            *known = now;
        }
    }
}
