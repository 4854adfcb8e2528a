//! Two scans beside each other in slices: which the second one is, and how its views follow those of the first.
//!
//! The views of the second scan have [`Slices`] of their own; what they share with the first is copied to them before
//! they are shown, and what the mouse changed there goes back. Scans meet by the place in the patient, moved by an offset
//! where somebody matched them by hand.

mod bar;
mod view;

pub(super) use view::{Other, no_second_ui};

use super::find;
use super::phases::phases;
use super::slice::{Framing, SliceStill, SliceSubject, Slices, StillLabels};
use super::wish::Wish;
use super::workspace::Workspace;
use crate::app::ui::layout::Pane;
use crate::base::NodeId;
use crate::geom::{Orientation, Point, Vector};
use crate::image::{Modality, Scan};
use crate::session::{Case, Data, Node};
use egui::Rect;
use std::sync::Arc;

/// The second scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// Another scan of this case.
    Here(NodeId),
    /// A scan of the other case of a comparison.
    There(NodeId),
}

/// A scan with its number.
pub type Found<'a> = (Second, &'a Arc<Node>, &'a Scan);

/// How two scans stand beside each other.
#[derive(Debug)]
pub struct TwoScans {
    /// The second scan, if somebody chose one.
    pub chosen: Option<Second>,
    /// Its views.
    pub slices: Slices,
    /// Views that go by themselves, with the place they show.
    pub alone: [Option<Point>; 3],
    /// How far a place of the second scan lies from the same place of the first, mm.
    pub offset: Vector,
    /// Whether both have one window, where they have one unit; `None` as the unit says.
    pub one_window: Option<bool>,
    /// Whether each view also has segments of the other scan.
    pub all_segments: bool,
    /// Keys act on the second scan: one of its views was touched last.
    pub active: bool,
    /// The first scan of the last frame.
    first: Option<NodeId>,
    /// The second scan that was shown last.
    shown: Option<Second>,
    /// Where the views of the first scan are.
    rects: [Option<Rect>; 3],
}

impl Default for TwoScans {
    fn default() -> Self {
        Self {
            chosen: None,
            slices: Slices::default(),
            alone: [None; 3],
            offset: Vector::zeros(),
            one_window: None,
            all_segments: false,
            active: false,
            first: None,
            shown: None,
            rects: [None; 3],
        }
    }
}

impl TwoScans {
    /// Another case: nothing of the one before stays.
    pub fn forget(&mut self) {
        *self = Self { one_window: self.one_window, all_segments: self.all_segments, ..Self::default() };
    }

    /// Whole slices again; what was matched by hand stays.
    pub fn reset(&mut self) {
        self.slices.framings = [Framing::default(); 3];
    }

    /// Note where a view of the first scan is.
    pub fn note(&mut self, orientation: Orientation, rect: Rect, touched: bool) {
        self.rects[orientation as usize] = Some(rect);
        self.active &= !touched;
    }

    /// Whether both scans have one window now.
    fn has_one_window(&self, first: &Scan, second: &Scan) -> bool {
        let unit = first.unit();
        // Numbers of MR mean something in their own picture only, unless somebody knows better.
        unit == second.unit() && self.one_window.unwrap_or(!matches!(unit, "" | "1"))
    }

    /// The second scan beside `first`: the one that was chosen, that of the other case, another point in time, or the
    /// newest other one.
    pub fn second<'a>(&self, case: &'a Case, first: NodeId, other: Option<&'a Case>) -> Option<Found<'a>> {
        let here = |id: NodeId| {
            let (node, scan) = scan_of(case, id).filter(|_| id != first)?;
            Some((Second::Here(id), node, scan))
        };
        let there = |id: NodeId| scan_of(other?, id).map(|(node, scan)| (Second::There(id), node, scan));
        let chosen = self.chosen.and_then(|chosen| match chosen {
            Second::Here(id) => scan_of(case, id).map(|(node, scan)| (chosen, node, scan)),
            Second::There(id) => there(id),
        });
        let alike = || {
            let name = case.node(first).map(|node| node.name.as_str());
            let same = other?.nodes().filter(|(_, node)| Some(node.name.as_str()) == name);
            same.filter_map(|(id, _)| there(id)).next_back()
        };
        let newest_there = || there(find::active_scan(other?, None)?.0);
        let in_time = || {
            let all = phases(case, first);
            let place = all.iter().position(|id| *id == first)?;
            here(all[(place + 1) % all.len()])
        };
        let modality = |id: NodeId| scan_of(case, id).map(|(_, scan)| scan.modality);
        let others = || find::scans(case).rev().filter(|id| *id != first);
        let same_kind = || others().find(|id| modality(*id) == modality(first)).and_then(here);
        let found = chosen.or_else(alike).or_else(newest_there).or_else(in_time).or_else(same_kind);
        found.or_else(|| others().find_map(here))
    }

    /// The place that a view of the second scan shows where those of the first show `crosshair`.
    pub fn place(&self, orientation: Orientation, crosshair: Point) -> Point {
        self.alone[orientation as usize].unwrap_or(crosshair + self.offset)
    }

    /// The first scan is this one: whoever turns to what was the second has both exchanged. Points in time that are
    /// stepped through pass the second without pushing it away.
    pub fn meet(&mut self, case: &Case, first: Option<NodeId>) {
        let before = std::mem::replace(&mut self.first, first);
        let (Some(first), Some(before)) = (first, before) else { return };
        if first != before
            && self.chosen == Some(Second::Here(first))
            && scan_of(case, before).is_some()
            && !phases(case, first).contains(&before)
        {
            self.chosen = Some(Second::Here(before));
        }
    }

    /// A frame begins in which this second scan is shown, or none. It stays the second one while the first changes;
    /// another begins with linked views.
    pub fn begin(&mut self, second: Option<Second>, first: &mut Slices) {
        if second.is_some() && self.shown != second {
            (self.shown, self.chosen) = (second, second);
            (self.alone, self.offset) = ([None; 3], Vector::zeros());
            self.slices.forget_case();
        }
        self.active &= second.is_some();
        first.company.beside = second.is_some();
        let pointed = self.slices.cursor_place().map(|point| point - self.offset);
        first.company.pointed = pointed.filter(|_| second.is_some() && self.alone == [None; 3]);
    }
}

fn scan_of(case: &Case, id: NodeId) -> Option<(&Arc<Node>, &Scan)> {
    let node = case.node(id)?;
    match &node.data {
        Data::Scan(scan) => Some((node, scan)),
        _ => None,
    }
}

impl Workspace {
    /// Whether a view of a second scan is on the screen.
    pub(super) fn shows_two_scans(&self) -> bool {
        Orientation::ALL.into_iter().any(|view| self.layout.shows(Pane::OtherSlice(view)))
    }

    /// The other case of a comparison, once it is there.
    pub(super) fn other_case(&self) -> Option<Case> {
        self.scenes.compare.as_ref()?.case.clone()
    }

    /// The second scan of a frame, and its case if that is another one.
    pub(super) fn second_scan<'a>(&mut self, case: &'a Case, other: Option<&'a Case>) -> Option<Found<'a>> {
        let first = find::active_scan(case, self.selected).map(|(id, ..)| id);
        self.two_scans.meet(case, first);
        // Another scan does not stand in for one that is being read.
        let waits = self.scenes.compare.is_some() && other.is_none() && self.two_scans.chosen.is_none();
        let found = first.filter(|_| !waits && self.shows_two_scans());
        let found = found.and_then(|first| self.two_scans.second(case, first, other));
        self.two_scans.begin(found.map(|(which, ..)| which), &mut self.slices);
        found
    }

    /// Whether `id` is a measure in the second scan of two.
    pub(super) fn is_measure_of_second(&self, case: &Case, id: NodeId) -> bool {
        let second = self.two_scans.shown.and_then(Second::here).filter(|_| self.shows_two_scans());
        let is_measure = case.node(id).is_some_and(|node| matches!(node.data, Data::Measure(_)));
        is_measure && second.is_some() && find::active_scan(case, Some(id)).map(|(id, ..)| id) == second
    }

    /// A view of the second scan as it stands, for a picture; `None` where it shows nothing.
    pub(super) fn second_still(&self, case: &Case, view: Orientation) -> Option<SliceStill> {
        let (first, _, scan) = find::active_scan(case, self.selected)?;
        let other = self.other_case();
        let (which, node, second) = self.two_scans.second(case, first, other.as_ref())?;
        let own = &self.two_scans;
        let crosshair = own.place(view, self.crosshair.unwrap_or_else(|| scan.grid().bounds().centre()));
        if own.slices.stack(second.grid(), view).is_beyond(&crosshair) {
            return None;
        }
        let of = match which {
            Second::Here(_) => case,
            Second::There(_) => other.as_ref()?,
        };
        let is_own = |id: NodeId| {
            own.all_segments || find::active_scan(of, Some(id)).is_some_and(|(scan, ..)| scan == which.node())
        };
        let labels = find::label_maps(of).filter(|(id, node, _)| node.display.visible && is_own(*id));
        let labels = labels.map(|(_, node, labels)| StillLabels {
            labels: labels.clone(),
            hash: node.hash(),
            opacity: node.display.opacity,
        });
        let still = own.slices.still_of(view, (which.node(), node), None, labels.collect(), crosshair);
        Some(if self.hides_names() { still.without_names() } else { still })
    }

    /// What made the scan that keys for windows act on.
    pub(super) fn keyed_modality(&self, case: &Case) -> Option<Modality> {
        let (first, _, scan) = find::active_scan(case, self.selected)?;
        if !self.two_scans.active || !self.shows_two_scans() {
            return Some(scan.modality);
        }
        let other = self.other_case();
        let second = self.two_scans.second(case, first, other.as_ref()).map(|(.., second)| second);
        let second = second.filter(|second| !self.two_scans.has_one_window(scan, second));
        Some(second.unwrap_or(scan).modality)
    }

    /// Show another point in time of the second scan, where one of its views was touched last; whether there is one.
    pub(super) fn step_second_phase(&mut self, case: &Case, steps: i64) -> bool {
        let second = self.two_scans.chosen.filter(|_| self.two_scans.active && self.shows_two_scans());
        let Some(second) = second else { return false };
        let other = self.other_case();
        let of = match second {
            Second::Here(_) => Some(case),
            Second::There(_) => other.as_ref(),
        };
        let Some(of) = of else { return false };
        let all = phases(of, second.node());
        let Some(place) = all.iter().position(|id| *id == second.node()).filter(|_| 1 < all.len()) else {
            return false;
        };
        let next = all[(place as i64 + steps).rem_euclid(all.len() as i64) as usize];
        if let (Some(before), Some(after)) = (of.node(second.node()), of.node(next)) {
            self.two_scans.slices.look_alike((second.node(), before.hash()), (next, after.hash()));
        }
        let next = match second {
            Second::Here(_) => Second::Here(next),
            Second::There(_) => Second::There(next),
        };
        // The same place at another time: what was linked or matched stays.
        (self.two_scans.chosen, self.two_scans.shown) = (Some(next), Some(next));
        true
    }

    /// Keys act on the second scan where one of its views was touched last; whether they did.
    pub(super) fn change_second(&mut self, wish: &Wish, case: &Case, first: NodeId) -> bool {
        if !self.two_scans.active || !self.shows_two_scans() {
            return false;
        }
        let other = self.other_case();
        let second = self.two_scans.second(case, first, other.as_ref());
        let (Some((_, first)), Some((which, node, scan))) = (scan_of(case, first), second) else { return false };
        let own = &mut self.two_scans;
        let (view, id) = (own.slices.active, which.node());
        match wish {
            Wish::Slice(steps) => {
                let stack = own.slices.stack(scan.grid(), view);
                match (&mut own.alone[view as usize], &mut self.crosshair) {
                    (Some(place), _) => *place = stack.moved_by(place, *steps),
                    (None, Some(point)) => *point = stack.moved_by(&(*point + own.offset), *steps) - own.offset,
                    (None, None) => {}
                }
                true
            }
            Wish::Zoom(factor) if own.alone[view as usize].is_some() => {
                own.slices.zoom(*factor);
                true
            }
            // One window is that of the first scan.
            _ if own.has_one_window(first, scan) => false,
            _ => own.slices.change_window((id, scan, node.hash()), wish),
        }
    }
}

impl Second {
    /// Its number in its case.
    pub fn node(self) -> NodeId {
        match self {
            Self::Here(id) | Self::There(id) => id,
        }
    }

    /// Its number, if it is a scan of this case.
    pub fn here(self) -> Option<NodeId> {
        match self {
            Self::Here(id) => Some(id),
            Self::There(_) => None,
        }
    }
}

/// The first scan and its views, as those of the second need them.
#[derive(Debug)]
pub struct First<'a, 'b> {
    /// Its views.
    pub slices: &'a mut Slices,
    /// What they show.
    pub subject: &'a SliceSubject<'b>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::{Volume, Voxels};

    fn scan(name: &str, modality: Modality, x: f64) -> Node {
        let grid = Grid::aligned([4, 3, 2], Point::new(x, 0.0, 0.0), [1.0; 3]).unwrap();
        let voxels = Voxels::I16(Volume::new(grid.clone(), vec![7; grid.len()]).unwrap());
        Node::new(name, Data::Scan(Arc::new(Scan { voxels, modality, window: None, facts: Vec::new() })))
    }

    fn case(nodes: impl IntoIterator<Item = Node>) -> Case {
        Case::from_nodes((1..).map(NodeId).zip(nodes))
    }

    #[test]
    fn the_second_scan_is_the_likeliest_until_one_is_chosen() {
        let own = TwoScans::default();
        let which = |own: &TwoScans, case: &Case, first: u32, other: Option<&Case>| {
            own.second(case, NodeId(first), other).map(|(second, ..)| second)
        };
        let one = case([scan("pre", Modality::Ct, 0.0)]);
        assert_eq!(which(&own, &one, 1, None), None, "nothing beside itself");
        let several = case([
            scan("arterial", Modality::Ct, 0.0),
            scan("venous", Modality::Ct, 0.0),
            scan("head", Modality::Mr, 9.0),
            scan("chest", Modality::Ct, 40.0),
        ]);
        let here = |id: u32| Some(Second::Here(NodeId(id)));
        assert_eq!(which(&own, &several, 1, None), here(2), "the other phase");
        assert_eq!(which(&own, &several, 4, None), here(2), "the newest other CT");
        assert_eq!(which(&own, &several, 3, None), here(4), "the newest other scan");
        let other =
            case([scan("head", Modality::Mr, 0.0), scan("arterial", Modality::Ct, 1.0), scan("x", Modality::Ct, 2.0)]);
        assert_eq!(which(&own, &several, 1, Some(&other)), Some(Second::There(NodeId(2))), "the one of that name");
        assert_eq!(which(&own, &several, 2, Some(&other)), Some(Second::There(NodeId(3))), "the newest there");
        let chosen = TwoScans { chosen: here(4), ..TwoScans::default() };
        assert_eq!(which(&chosen, &several, 1, Some(&other)), here(4));
        let gone = TwoScans { chosen: here(9), ..TwoScans::default() };
        assert_eq!(which(&gone, &several, 1, None), here(2), "what is gone is none");
    }

    #[test]
    fn turning_to_the_second_exchanges_both_unless_time_is_stepped_through() {
        let several = case([
            scan("arterial", Modality::Ct, 0.0),
            scan("venous", Modality::Ct, 0.0),
            scan("before", Modality::Ct, 40.0),
        ]);
        let turned = |chosen: u32, first: u32| {
            let mut own = TwoScans { chosen: Some(Second::Here(NodeId(chosen))), ..TwoScans::default() };
            own.meet(&several, Some(NodeId(1)));
            own.meet(&several, Some(NodeId(first)));
            own.chosen.map(|chosen| chosen.node().0)
        };
        assert_eq!(turned(3, 3), Some(1), "exchanged");
        assert_eq!(turned(3, 2), Some(3));
        assert_eq!(turned(2, 2), Some(2), "the next point in time passes the second");
    }
}
