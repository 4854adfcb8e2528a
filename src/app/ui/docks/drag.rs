//! Side panels on the mouse: marked places to drop them, and what is dropped.

use super::dock::mark;
use super::{Dock, SidePanel, Target};
use crate::app::ui::contract::AppView;
use crate::app::ui::settings::Setting;
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use egui::{Align2, Context, CursorIcon, Id, LayerId, Order, Pos2, Rect, Vec2};

/// How near to the border of the views a dock is meant, points.
const BAND: f32 = 56.0;
/// Height of the head of a group, where a panel is dropped to be with those of the group.
const HEAD: f32 = 30.0;
/// From the upper left corner of what begins to float to the mouse.
const FROM_CORNER: Vec2 = Vec2::new(40.0, 12.0);

/// A group as it was seen in a frame.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub dock: Dock,
    pub panels: Vec<SidePanel>,
    pub seen: SidePanel,
    pub rect: Rect,
}

/// What the window knows of its side panels beside where they stand.
#[derive(Debug)]
pub struct Docking {
    /// Panels on the mouse.
    held: Vec<SidePanel>,
    /// Where groups are in this frame, those on top last.
    pub(super) spots: Vec<Spot>,
    /// Panels that have something to show now.
    there: Vec<SidePanel>,
    /// Where the views are.
    pub(in crate::app::ui) middle: Rect,
    /// Height of the cards of jobs.
    pub(super) jobs_height: f32,
    /// What asked something in the last frame: in the guide's place, and which plan.
    asked: (Option<&'static str>, Option<NodeId>),
    /// Counts how often all sizes were given anew.
    pub(in crate::app::ui) sized: usize,
}

impl Default for Docking {
    fn default() -> Self {
        Self {
            held: Vec::new(),
            spots: Vec::new(),
            there: Vec::new(),
            middle: Rect::NOTHING,
            jobs_height: 70.0,
            asked: (None, None),
            sized: 0,
        }
    }
}

impl Docking {
    /// Whether a panel has something to show now.
    pub(super) fn is_there(&self, panel: SidePanel) -> bool {
        self.there.contains(&panel)
    }

    /// Whether a panel is seen in this frame.
    pub(in crate::app::ui) fn shows(&self, panel: SidePanel) -> bool {
        self.spots.iter().any(|spot| spot.seen == panel)
    }

    /// Where a panel is seen in this frame.
    #[cfg(test)]
    pub(in crate::app::ui) fn place_of(&self, panel: SidePanel) -> Option<Rect> {
        self.spots.iter().find(|spot| spot.seen == panel).map(|spot| spot.rect)
    }

    /// Take panels with the mouse.
    pub(super) fn hold(&mut self, panels: &[SidePanel]) {
        panels.clone_into(&mut self.held);
    }

    /// Let go of them where they were; whether there were any.
    pub(in crate::app::ui) fn let_go(&mut self) -> bool {
        !std::mem::take(&mut self.held).is_empty()
    }

    /// A frame begins in which these panels have something to show.
    pub(in crate::app::ui) fn begin(&mut self, there: Vec<SidePanel>) {
        self.there = there;
        self.spots.clear();
    }

    /// Where panels on the mouse at `pos` would go, and the rectangle that tells it.
    fn target(&self, pos: Pos2) -> Option<(Target, Rect)> {
        let is_over = |spot: &&Spot| {
            let floats = spot.dock == Dock::Floating;
            // What floats may be dropped under itself: it moves.
            spot.rect.expand(4.0).contains(pos)
                && !(floats && spot.panels.iter().all(|panel| self.held.contains(panel)))
        };
        if let Some(spot) = self.spots.iter().rev().find(is_over) {
            let rect = spot.rect;
            // A place is told by a panel that stays.
            let of = spot.panels.iter().copied().find(|panel| !self.held.contains(panel))?;
            let is_own = self.held.iter().any(|held| spot.panels.contains(held));
            if spot.dock == Dock::Floating || pos.y < rect.top() + HEAD {
                return (!is_own).then_some((Target::With(of), rect));
            }
            let across = spot.dock == Dock::Bottom;
            let (left, right) = rect.split_left_right_at_fraction(0.5);
            let (top, bottom) = rect.split_top_bottom_at_fraction(0.5);
            let after = if across { rect.center().x < pos.x } else { rect.center().y < pos.y };
            let half = match (across, after) {
                (true, false) => left,
                (true, true) => right,
                (false, false) => top,
                (false, true) => bottom,
            };
            return Some((Target::Beside { of, after }, half));
        }
        let edges = self.edges();
        let place = |dock: Dock| (Target::Dock(dock), edges[dock as usize]);
        let middle = self.middle;
        if pos.y < middle.top() || !middle.is_positive() {
            None
        } else if pos.x < edges[0].right() {
            Some(place(Dock::Left))
        } else if edges[1].left() < pos.x {
            Some(place(Dock::Right))
        } else if edges[2].top() < pos.y {
            Some(place(Dock::Bottom))
        } else {
            let corner = pos - FROM_CORNER;
            Some((Target::Float([corner.x, corner.y]), Rect::from_min_size(corner, Vec2::new(290.0, 320.0))))
        }
    }

    /// The borders of the views, by which docks are meant.
    fn edges(&self) -> [Rect; 3] {
        let middle = self.middle;
        let band = BAND.min(0.2 * middle.width().min(middle.height())).max(1.0);
        [
            middle.with_max_x(middle.left() + band),
            middle.with_min_x(middle.right() - band),
            middle.with_min_y(middle.bottom() - band),
        ]
    }
}

impl Workspace {
    /// What is in front of its group follows what asks: the newest, and what is left when that is answered.
    pub(in crate::app::ui) fn show_what_asks(&mut self) {
        let now = (self.asked_in_guide(), self.planning.as_ref().map(|plan| plan.node));
        let before = std::mem::replace(&mut self.docking.asked, now);
        let panel = match now {
            (Some(_), _) if now.0 != before.0 => SidePanel::Guide,
            (_, Some(_)) if now.1 != before.1 || now.0 != before.0 => SidePanel::Plan,
            _ => return,
        };
        self.settings.docks.activate(panel);
    }

    /// The panels that have something to show; without `room` only what asks, and with it what runs.
    pub(in crate::app::ui) fn panels_there(&self, view: &AppView<'_>, room: bool) -> Vec<SidePanel> {
        let asks = |panel: SidePanel| match panel {
            SidePanel::Guide => self.asked_in_guide().is_some(),
            SidePanel::Plan => self.planning.is_some(),
            _ => false,
        };
        let runs = view.busy.is_some() || !view.session.jobs().is_empty();
        let docks = &self.settings.docks;
        let asks_there = |dock: Dock| {
            [SidePanel::Guide, SidePanel::Plan].into_iter().any(|own| asks(own) && docks.dock_of(own) == dock)
        };
        let is_there = |panel: &SidePanel| match panel {
            SidePanel::Plan => asks(*panel),
            SidePanel::Jobs => runs && (room || asks_there(docks.dock_of(*panel))),
            _ => room || asks(*panel),
        };
        SidePanel::ALL.into_iter().filter(is_there).collect()
    }

    /// Mark where the panels on the mouse can go, and put them there when the button goes up.
    pub(in crate::app::ui) fn docking_ui(&mut self, ctx: &Context, wishes: &mut Vec<Wish>) {
        let docking = &mut self.docking;
        let Some(first) = docking.held.first().copied() else { return };
        let (pos, down, released) =
            ctx.input(|input| (input.pointer.latest_pos(), input.pointer.any_down(), input.pointer.any_released()));
        let target = pos.and_then(|pos| docking.target(pos));
        if released || !down {
            let held = std::mem::take(&mut docking.held);
            if let Some((target, _)) = target.filter(|_| released) {
                wishes.push(Wish::Set(Setting::PutPanels(held, target)));
            }
            return;
        }
        ctx.set_cursor_icon(CursorIcon::Grabbing);
        let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::new("panels on the mouse")));
        let own = theme::of_window(ctx);
        for (dock, edge) in Dock::SIDES.into_iter().zip(docking.edges()) {
            mark(&painter, edge, own.accent, false);
            let is_hot = target.is_some_and(|(target, _)| target == Target::Dock(dock));
            if is_hot {
                painter.text(edge.center(), Align2::CENTER_CENTER, dock.name(), theme::semibold(13.0), own.strong);
            }
        }
        if let Some((_, rect)) = target {
            mark(&painter, rect, own.accent, true);
        }
        if let Some(pos) = pos {
            let galley = painter.layout_no_wrap(first.name().to_owned(), theme::semibold(13.0), own.strong);
            let at = pos + Vec2::new(14.0, 10.0);
            painter.rect_filled(Rect::from_min_size(at, galley.size()).expand2(Vec2::new(8.0, 4.0)), 5, own.popup);
            painter.galley(at, galley, own.strong);
        }
    }
}
