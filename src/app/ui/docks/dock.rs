//! A dock as it is seen: its groups with their heads, and the borders between them.

use super::drag::Spot;
use super::{Dock, FLOATING, Group, SidePanel, Target};
use crate::app::ui::contract::AppView;
use crate::app::ui::settings::Setting;
use crate::app::ui::tour::Part;
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::app::ui::{icons, theme, widgets};
use crate::base::i18n::{tr, tr_with};
use egui::{
    Area, CursorIcon, Frame, Id, Layout, Margin, Order, Popup, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    Vec2,
};

/// Between two groups, points; the border is taken hold of there.
const GAP: f32 = 9.0;
/// Least height of a group, and least width where groups stand side by side.
const LEAST: [f32; 2] = [60.0, 150.0];
/// Height of a head with one row of names.
const HEAD: f32 = 26.0;
/// Of a dock, jobs take at most this part.
const JOBS_PART: f32 = 0.4;
/// What of the views stays free of a floating group.
const SEEN: f32 = 40.0;

/// A group of a dock that has something to show.
struct Seen {
    group: Group,
    panel: SidePanel,
}

/// How long each group is in a dock of this length: those of `None` share what is left by their shares, each with at
/// least `least`; and the length that is shared.
fn lengths(room: f32, least: f32, groups: &[(f32, Option<f32>)]) -> (Vec<f32>, f32) {
    let free = (room - GAP * groups.len().saturating_sub(1) as f32).max(0.0);
    let fixed: f32 = groups.iter().filter_map(|(_, fixed)| *fixed).sum();
    let shared = (free - fixed).max(0.0);
    let (mut count, mut all) = (0.0, 0.0);
    for (share, _) in groups.iter().filter(|(_, fixed)| fixed.is_none()) {
        (count, all) = (count + 1.0, all + share);
    }
    let excess = (shared - count * least).max(0.0);
    let least = if count == 0.0 { 0.0 } else { least.min(shared / count) };
    let length = |(share, fixed): &(f32, Option<f32>)| fixed.unwrap_or(least + excess * share / all.max(1e-6));
    (groups.iter().map(length).collect(), excess)
}

impl Workspace {
    /// The groups of a dock with something to show.
    fn seen_in(&self, dock: Dock) -> Vec<Seen> {
        let there = |panel: SidePanel| self.docking.is_there(panel);
        let groups = self.settings.docks.groups(dock).iter();
        groups.filter_map(|group| Some(Seen { group: group.clone(), panel: group.seen(there)? })).collect()
    }

    /// Show a dock in all of `ui`.
    pub(in crate::app::ui) fn dock_ui(&mut self, ui: &mut Ui, dock: Dock, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        let groups = self.seen_in(dock);
        let across = dock == Dock::Bottom;
        let room = if across { rect.width() } else { rect.height() };
        // Jobs come and go: they take what they need.
        let fits = |seen: &Seen| !across && 1 < groups.len() && seen.group.panels == [SidePanel::Jobs];
        let needed = (HEAD + self.docking.jobs_height).min(JOBS_PART * room);
        let wanted: Vec<_> = groups.iter().map(|seen| (seen.group.share, fits(seen).then_some(needed))).collect();
        let (lengths, excess) = lengths(room, LEAST[usize::from(across)], &wanted);
        let mut at = if across { rect.left() } else { rect.top() };
        for (n, (seen, length)) in groups.iter().zip(&lengths).enumerate() {
            let own = if across {
                Rect::from_min_size(Pos2::new(at, rect.top()), Vec2::new(*length, rect.height()))
            } else {
                Rect::from_min_size(Pos2::new(rect.left(), at), Vec2::new(rect.width(), *length))
            };
            at += length + GAP;
            if matches!(seen.panel, SidePanel::Guide | SidePanel::Objects) {
                let part = if seen.panel == SidePanel::Guide { Part::Left } else { Part::Right };
                self.parts.insert(part, rect);
            }
            self.group_ui(ui, own, dock, seen, view, wishes);
            let Some(next) = groups.get(n + 1) else { continue };
            let border = if across {
                Rect::from_min_size(own.right_top(), Vec2::new(GAP, own.height()))
            } else {
                Rect::from_min_size(own.left_bottom(), Vec2::new(own.width(), GAP))
            };
            let movable = wanted[n].1.is_none() && wanted[n + 1].1.is_none() && 0.0 < excess;
            if let Some(moved) = border_ui(ui, border, across, (seen.panel, next.panel), movable) {
                let all: f32 = wanted.iter().filter(|(_, fixed)| fixed.is_none()).map(|(share, _)| share).sum();
                let both = seen.group.share + next.group.share;
                let first = (seen.group.share + moved / excess * all).clamp(0.001, (both - 0.001).max(0.001));
                self.settings.docks.set_shares([(seen.panel, first), (next.panel, both - first)]);
            }
        }
    }

    /// Show what floats over the views.
    pub(in crate::app::ui) fn floating_ui(&mut self, ctx: &egui::Context, view: &AppView<'_>, wishes: &mut Vec<Wish>) {
        let room = ctx.content_rect();
        for seen in self.seen_in(Dock::Floating) {
            let [x, y, width, height] = seen.group.place;
            let size = Vec2::new(width, height).min(room.size()).max(Vec2::splat(1.0));
            // It may hang out of a window that became smaller, but not so far that its head cannot be reached.
            let corner = Pos2::new(
                x.clamp(room.left(), (room.right() - size.x).max(room.left())),
                y.clamp(room.top() + 30.0_f32.min(room.height()), (room.bottom() - SEEN).max(room.top() + 30.0)),
            );
            let place = Rect::from_min_size(corner, size);
            let area = Area::new(Id::new(("floating panels", seen.group.panels[0].code()))).order(Order::Middle);
            area.movable(false).constrain(false).fixed_pos(corner).show(ctx, |ui| {
                let own = theme::of(ui);
                let margin = Margin::symmetric(8, 4);
                let frame = Frame::new().fill(own.panel).corner_radius(6).inner_margin(margin);
                frame.stroke(Stroke::new(1.0, own.line)).show(ui, |ui| {
                    let inner = (size - margin.sum()).max(Vec2::splat(1.0));
                    ui.set_min_size(inner);
                    ui.set_max_size(inner);
                    let rect = Rect::from_min_size(ui.cursor().min, inner);
                    self.group_ui(ui, rect, Dock::Floating, &seen, view, wishes);
                });
                let grip = Rect::from_min_max(place.max - Vec2::splat(14.0), place.max);
                let held = ui.interact(grip, ui.id().with("grip"), Sense::DRAG).on_hover_cursor(CursorIcon::ResizeNwSe);
                let colour = if held.hovered() || held.dragged() { own.accent } else { own.faint };
                for step in [4.0, 8.0] {
                    let ends = [grip.max - Vec2::new(step + 2.0, 2.0), grip.max - Vec2::new(2.0, step + 2.0)];
                    ui.painter().line_segment(ends, Stroke::new(1.0, colour));
                }
                let [least, most] = FLOATING.map(Vec2::from);
                if let Some(pos) = held.interact_pointer_pos().filter(|_| held.dragged()) {
                    let size = (pos - corner).max(least).min(most);
                    self.settings.docks.set_place(seen.panel, [corner.x, corner.y, size.x, size.y]);
                }
            });
            let part = [(SidePanel::Guide, Part::Left), (SidePanel::Objects, Part::Right)];
            if let Some((_, part)) = part.into_iter().find(|(panel, _)| *panel == seen.panel) {
                self.parts.insert(part, place);
            }
        }
    }

    /// Show a group in `rect`: its head, and the panel of it that is seen.
    fn group_ui(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        dock: Dock,
        seen: &Seen,
        view: &AppView<'_>,
        wishes: &mut Vec<Wish>,
    ) {
        self.docking.spots.push(Spot { dock, panels: seen.group.panels.clone(), seen: seen.panel, rect });
        if !rect.is_positive() {
            return;
        }
        let salt = ("panels", seen.group.panels[0].code());
        let mut own =
            ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(Layout::top_down(egui::Align::Min)));
        own.set_clip_rect(rect.expand(2.0).intersect(ui.clip_rect()));
        self.head_ui(&mut own, rect, dock, seen, wishes);
        let body = rect.with_min_y((own.cursor().top()).min(rect.bottom()));
        if body.is_positive() {
            // The same wherever the panel stands, so that what is open or scrolled stays so.
            let id = Id::new(("side panel", seen.panel.code()));
            let mut body =
                own.new_child(UiBuilder::new().id(id).max_rect(body).layout(Layout::top_down(egui::Align::Min)));
            self.panel_ui(&mut body, seen.panel, view, wishes);
        }
    }

    /// The names of the panels of a group, by which they are moved, and the menu that moves them without a mouse.
    fn head_ui(&mut self, ui: &mut Ui, rect: Rect, dock: Dock, seen: &Seen, wishes: &mut Vec<Wish>) {
        let head = rect.with_max_y((rect.top() + HEAD).min(rect.bottom()));
        let ground = ui.interact(head, ui.id().with("ground"), Sense::DRAG).on_hover_cursor(CursorIcon::Grab);
        if ground.drag_started() {
            self.docking.hold(&seen.group.panels);
        }
        let there: Vec<SidePanel> =
            seen.group.panels.iter().copied().filter(|panel| self.docking.is_there(*panel)).collect();
        let names = head.with_max_x((head.right() - HEAD - 2.0).max(head.left() + 1.0));
        let wrapped = Layout::left_to_right(egui::Align::Center).with_main_wrap(true);
        let shown = ui.scope_builder(UiBuilder::new().id_salt("names").max_rect(names).layout(wrapped), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for panel in there {
                let own = theme::of(ui);
                let text = theme::heading(panel.name()).color(if panel == seen.panel { own.strong } else { own.weak });
                let name = ui.add(egui::Button::new(text).frame(false).sense(Sense::click_and_drag()));
                let is_seen = panel == seen.panel;
                name.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, true, is_seen, panel.name()));
                if name.clicked() {
                    self.settings.docks.activate(panel);
                }
                if name.drag_started() {
                    self.docking.hold(&[panel]);
                }
                name.on_hover_cursor(CursorIcon::Grab);
            }
        });
        let menu = Rect::from_min_size(Pos2::new(head.right() - HEAD, head.top()), Vec2::splat(HEAD));
        ui.scope_builder(UiBuilder::new().id_salt("menu").max_rect(menu), |ui| {
            let name = tr_with("dock-menu", &[("panel", seen.panel.name().into())]);
            let button = widgets::icon_button(ui, icons::CHEVRON_DOWN, &name);
            Popup::menu(&button).show(|ui| self.menu_ui(ui, dock, seen, wishes));
        });
        let bottom = shown.response.rect.bottom().max(head.bottom());
        ui.advance_cursor_after_rect(Rect::from_min_max(head.min, Pos2::new(head.right(), bottom)));
    }

    /// Where the panel that is seen can go.
    fn menu_ui(&self, ui: &mut Ui, dock: Dock, seen: &Seen, wishes: &mut Vec<Wish>) {
        ui.set_min_width(170.0);
        let panel = seen.panel;
        let mut put = |target: Target| wishes.push(Wish::Set(Setting::PutPanels(vec![panel], target)));
        for to in Dock::ALL {
            if ui.add(egui::Button::new(to.name()).selected(to == dock)).clicked() {
                put(match to {
                    Dock::Floating => {
                        let middle = ui.ctx().content_rect().center();
                        Target::Float([middle.x - 140.0, middle.y - 160.0])
                    }
                    side => Target::Dock(side),
                });
            }
        }
        ui.separator();
        let fellow = seen.group.panels.iter().copied().find(|own| *own != panel);
        if let Some(of) = fellow
            && dock != Dock::Floating
            && ui.button(tr("dock-alone")).clicked()
        {
            put(Target::Beside { of, after: true });
        }
        let all = self.seen_in(dock);
        let place =
            all.iter().position(|own| own.panel == panel).filter(|_| dock != Dock::Floating && fellow.is_none());
        let before = place.and_then(|place| all.get(place.checked_sub(1)?));
        let after = place.and_then(|place| all.get(place + 1));
        for (of, is_after, name) in [(before, false, tr("dock-before")), (after, true, tr("dock-after"))] {
            if let Some(of) = of
                && ui.button(name).clicked()
            {
                put(Target::Beside { of: of.panel, after: is_after });
            }
        }
        ui.menu_button(tr("dock-with"), |ui| {
            for other in SidePanel::ALL.into_iter().filter(|other| !seen.group.panels.contains(other)) {
                if ui.button(other.name()).clicked() {
                    put(Target::With(other));
                }
            }
        });
        ui.separator();
        if ui.button(tr("dock-reset")).clicked() {
            wishes.push(Wish::Set(Setting::ResetPanels));
        }
    }
}

/// The border after a group; how far it was moved.
fn border_ui(ui: &Ui, rect: Rect, across: bool, (a, b): (SidePanel, SidePanel), movable: bool) -> Option<f32> {
    let own = theme::of(ui);
    let line = |colour| {
        let stroke = Stroke::new(1.0, colour);
        if across {
            ui.painter().vline(rect.center().x, rect.y_range(), stroke);
        } else {
            ui.painter().hline(rect.x_range(), rect.center().y, stroke);
        }
    };
    line(own.line);
    if !movable {
        return None;
    }
    let cursor = if across { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    let held =
        ui.interact(rect, Id::new(("border of panels", a.code(), b.code())), Sense::DRAG).on_hover_cursor(cursor);
    if held.hovered() || held.dragged() {
        line(own.accent);
    }
    let moved = held.drag_delta();
    held.dragged().then_some(if across { moved.x } else { moved.y }).filter(|moved| *moved != 0.0)
}

/// The frame of a place where panels would go.
pub(super) fn mark(painter: &egui::Painter, rect: Rect, colour: egui::Color32, is_hot: bool) {
    let strength = if is_hot { 0.35 } else { 0.08 };
    painter.rect_filled(rect, 4, colour.gamma_multiply(strength));
    let stroke = Stroke::new(if is_hot { 2.0 } else { 1.0 }, colour.gamma_multiply(if is_hot { 1.0 } else { 0.5 }));
    painter.rect_stroke(rect, 4, stroke, StrokeKind::Inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_fill_a_dock_whatever_its_length() {
        let groups = [(0.44, None), (0.0, Some(50.0)), (0.34, None), (0.22, None)];
        for room in [1.0, 60.0, 150.0, 400.0, 3000.0] {
            let (lengths, _) = lengths(room, 60.0, &groups);
            let all: f32 = lengths.iter().sum::<f32>() + 3.0 * GAP;
            assert!(lengths.iter().all(|length| 0.0 <= *length), "{room}: {lengths:?}");
            assert!(room < 300.0 || (all - room).abs() < 0.01, "{room}: {lengths:?}");
            assert!(room < 300.0 || lengths.iter().all(|length| 50.0 <= *length), "{room}: {lengths:?}");
        }
    }

    #[test]
    fn a_border_moves_as_far_as_the_mouse() {
        let groups = |first: f32| [(first, None), (1.0 - first, None)];
        let (before, excess) = lengths(500.0, 60.0, &groups(0.3));
        let (after, _) = lengths(500.0, 60.0, &groups(0.3 + 25.0 / excess));
        assert!((after[0] - before[0] - 25.0).abs() < 0.01, "{before:?} {after:?}");
    }
}
