//! Where the side panels stand: at three edges of the views or over them, in groups of which one panel is seen.

mod drag;
mod dock;
mod panel;
mod stored;

pub(super) use drag::Docking;

use crate::base::i18n::tr;

/// A panel beside the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SidePanel {
    /// The guided job, or the form, editor or tool that takes its place.
    Guide,
    /// The plan that is open.
    Plan,
    /// What runs.
    Jobs,
    /// The objects of the case.
    Objects,
    /// The selected object.
    Details,
    /// Steps.
    History,
    /// Messages.
    Log,
    /// Measures with their values.
    Measures,
}

impl SidePanel {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Guide, Self::Plan, Self::Jobs, Self::Objects, Self::Details, Self::History, Self::Log, Self::Measures];

    /// Its name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Guide => "guide",
            Self::Plan => "plan",
            Self::Jobs => "jobs",
            Self::Objects => "objects",
            Self::Details => "details",
            Self::History => "history",
            Self::Log => "log",
            Self::Measures => "measures",
        }
    }

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guide => tr("area-guide"),
            Self::Plan => tr("area-plan"),
            Self::Jobs => tr("area-jobs"),
            Self::Objects => tr("area-objects"),
            Self::Details => tr("area-details"),
            Self::History => tr("area-history"),
            Self::Log => tr("area-log"),
            Self::Measures => tr("area-measures"),
        }
    }

    /// Least width of the dock it stands in, points.
    pub(super) fn least_width(self) -> f32 {
        if matches!(self, Self::Guide | Self::Plan) { 240.0 } else { 220.0 }
    }
}

/// Where groups of panels stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dock {
    /// Left of the views, one below the other.
    Left,
    /// Right of them.
    Right,
    /// Below them, side by side.
    Bottom,
    /// Over them, each at its own place.
    Floating,
}

impl Dock {
    /// All of them; [`Dock::SIDES`] come first.
    pub const ALL: [Self; 4] = [Self::Left, Self::Right, Self::Bottom, Self::Floating];
    /// Those that take room from the views.
    pub const SIDES: [Self; 3] = [Self::Left, Self::Right, Self::Bottom];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => tr("dock-left"),
            Self::Right => tr("dock-right"),
            Self::Bottom => tr("dock-bottom"),
            Self::Floating => tr("dock-floating"),
        }
    }
}

/// Panels one behind another.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// At least one.
    panels: Vec<SidePanel>,
    active: SidePanel,
    /// Its part of the dock.
    share: f32,
    /// Left, top, width and height where it floats, points.
    place: [f32; 4],
}

/// Width and height of a group that begins to float, points.
const FLOATS: [f32; 2] = [290.0, 320.0];
/// Least and largest width and height of one.
pub(super) const FLOATING: [[f32; 2]; 2] = [[200.0, 120.0], [1200.0, 1200.0]];

impl Group {
    fn new(panels: &[SidePanel], share: f32) -> Self {
        Self { panels: panels.to_vec(), active: panels[0], share, place: [0.0, 0.0, FLOATS[0], FLOATS[1]] }
    }

    /// Its panels.
    pub fn panels(&self) -> &[SidePanel] {
        &self.panels
    }

    /// The panel that is seen of those that are there.
    pub fn seen(&self, is_there: impl Fn(SidePanel) -> bool) -> Option<SidePanel> {
        let first = || self.panels.iter().copied().find(|panel| is_there(*panel));
        Some(self.active).filter(|panel| is_there(*panel)).or_else(first)
    }
}

/// Where panels are put.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The end of a dock, on their own.
    Dock(Dock),
    /// On their own, right before or after the group of a panel.
    Beside {
        /// That panel.
        of: SidePanel,
        /// After it, not before.
        after: bool,
    },
    /// In the group of a panel.
    With(SidePanel),
    /// Over the views, with this upper left corner.
    Float([f32; 2]),
}

/// Which panel stands where: each once.
#[derive(Debug, Clone, PartialEq)]
pub struct Docks {
    docks: [Vec<Group>; 4],
}

impl Default for Docks {
    fn default() -> Self {
        use SidePanel::{Details, Guide, History, Jobs, Log, Measures, Objects, Plan};
        let left = vec![Group::new(&[Guide, Plan], 0.8), Group::new(&[Jobs], 0.2)];
        let right = vec![
            Group::new(&[Objects], 0.44),
            Group::new(&[Details], 0.34),
            Group::new(&[History, Log, Measures], 0.22),
        ];
        Self { docks: [left, right, Vec::new(), Vec::new()] }
    }
}

impl Docks {
    /// The groups of a dock in order.
    pub fn groups(&self, dock: Dock) -> &[Group] {
        &self.docks[dock as usize]
    }

    /// Where a panel stands.
    pub fn dock_of(&self, panel: SidePanel) -> Dock {
        self.find(panel).map_or(Dock::Left, |(dock, _)| dock)
    }

    fn find(&self, panel: SidePanel) -> Option<(Dock, usize)> {
        Dock::ALL.into_iter().find_map(|dock| {
            let place = self.groups(dock).iter().position(|group| group.panels.contains(&panel))?;
            Some((dock, place))
        })
    }

    fn group_mut(&mut self, panel: SidePanel) -> Option<&mut Group> {
        self.docks.iter_mut().flatten().find(|group| group.panels.contains(&panel))
    }

    /// Show a panel in front of those of its group.
    pub fn activate(&mut self, panel: SidePanel) {
        if let Some(group) = self.group_mut(panel) {
            group.active = panel;
        }
    }

    /// Put panels somewhere, as one group or into one. Nothing happens where the place is told by one of themselves.
    pub fn put(&mut self, panels: &[SidePanel], target: Target) {
        let mut moved: Vec<SidePanel> = Vec::new();
        for panel in panels {
            if !moved.contains(panel) {
                moved.push(*panel);
            }
        }
        let Some(first) = moved.first().copied() else { return };
        if let Target::With(of) | Target::Beside { of, .. } = target
            && moved.contains(&of)
        {
            return;
        }
        let before = self.find(first).map(|(dock, place)| (dock, self.groups(dock)[place].clone()));
        let active = before.as_ref().map_or(first, |(_, group)| group.active);
        let active = if moved.contains(&active) { active } else { first };
        moved.iter().for_each(|panel| self.take(*panel));
        let mut group = Group { active, ..Group::new(&moved, 1.0) };
        match target {
            Target::With(of) => {
                if let Some(group) = self.group_mut(of) {
                    group.panels.append(&mut moved);
                    group.active = active;
                }
            }
            Target::Beside { of, after } => {
                let (dock, place) = self.find(of).unwrap_or((Dock::Left, 0));
                group.share = self.usual_share(dock);
                let groups = &mut self.docks[dock as usize];
                groups.insert((place + usize::from(after)).min(groups.len()), group);
            }
            Target::Dock(dock) => {
                group.share = self.usual_share(dock);
                self.docks[dock as usize].push(group);
            }
            Target::Float([x, y]) => {
                // What floated already keeps its size.
                let [width, height] = match before {
                    Some((Dock::Floating, from)) => [from.place[2], from.place[3]],
                    _ => FLOATS,
                };
                group.place = [x.round(), y.round(), width, height];
                self.docks[Dock::Floating as usize].push(group);
            }
        }
    }

    fn take(&mut self, panel: SidePanel) {
        for groups in &mut self.docks {
            for group in groups.iter_mut() {
                group.panels.retain(|own| *own != panel);
                if group.active == panel
                    && let Some(first) = group.panels.first()
                {
                    group.active = *first;
                }
            }
            groups.retain(|group| !group.panels.is_empty());
        }
    }

    /// The share of a group that is new in a dock: as large as the others are on average.
    fn usual_share(&self, dock: Dock) -> f32 {
        let groups = self.groups(dock);
        if groups.is_empty() {
            1.0
        } else {
            round(groups.iter().map(|group| group.share).sum::<f32>() / groups.len() as f32)
        }
    }

    /// The border between the groups of two panels was moved.
    pub(super) fn set_shares(&mut self, shares: [(SidePanel, f32); 2]) {
        for (panel, share) in shares {
            if let Some(group) = self.group_mut(panel) {
                group.share = round(share.max(0.001));
            }
        }
    }

    /// A floating group has another place or size.
    pub(super) fn set_place(&mut self, panel: SidePanel, place: [f32; 4]) {
        if let Some(group) = self.group_mut(panel) {
            group.place = place.map(f32::round);
        }
    }
}

/// Rounded, so that a point more or less changes no settings.
fn round(share: f32) -> f32 {
    (share * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every panel is in one place, and every group has something to show.
    fn is_whole(docks: &Docks) -> bool {
        let all: Vec<SidePanel> = docks.docks.iter().flatten().flat_map(|group| group.panels.iter().copied()).collect();
        let groups_are_whole = docks.docks.iter().flatten().all(|group| group.panels.contains(&group.active));
        groups_are_whole && all.len() == SidePanel::ALL.len() && SidePanel::ALL.iter().all(|panel| all.contains(panel))
    }

    /// Numbers that look random, the same in every run.
    fn numbers() -> impl FnMut(usize) -> usize {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        }
    }

    #[test]
    fn no_row_of_moves_loses_a_panel_or_shows_one_twice_and_all_are_read_as_written() {
        let mut next = numbers();
        let mut docks = Docks::default();
        assert!(is_whole(&docks));
        let mut seen = [0; 4];
        for step in 0..5000 {
            let mut panel = || SidePanel::ALL[next(8)];
            let (mut moved, of) = (vec![panel(), panel(), panel()], panel());
            moved.truncate(1 + next(3));
            let target = match next(4) {
                0 => Target::Dock(Dock::ALL[next(4)]),
                1 => Target::Beside { of, after: next(2) == 0 },
                2 => Target::With(of),
                _ => Target::Float([next(900) as f32, next(700) as f32]),
            };
            docks.put(&moved, target);
            docks.activate(SidePanel::ALL[next(8)]);
            docks.set_shares([(moved[0], next(100) as f32 / 70.0), (of, next(100) as f32 / 70.0)]);
            assert!(is_whole(&docks), "step {step}: {moved:?} to {target:?} gave {docks:?}");
            let text = serde_json::to_string(&docks).unwrap();
            assert_eq!(serde_json::from_str::<Docks>(&text).unwrap(), docks, "step {step}: {text}");
            Dock::ALL.iter().for_each(|dock| seen[*dock as usize] += docks.groups(*dock).len());
        }
        assert!(seen.iter().all(|count| 0 < *count), "every dock was used: {seen:?}");
    }

    #[test]
    fn panels_go_where_they_are_put() {
        use SidePanel::{Details, Guide, History, Log, Measures, Objects, Plan};
        let mut docks = Docks::default();
        docks.put(&[Plan], Target::Dock(Dock::Right));
        assert_eq!(docks.groups(Dock::Right).last().unwrap().panels(), [Plan]);
        docks.put(&[Plan], Target::Beside { of: Objects, after: false });
        assert_eq!(
            (docks.groups(Dock::Right)[0].panels(), docks.groups(Dock::Right)[1].panels()),
            (&[Plan][..], &[Objects][..])
        );
        docks.put(&[History, Log, Measures], Target::Dock(Dock::Bottom));
        assert_eq!(docks.groups(Dock::Bottom)[0].panels(), [History, Log, Measures]);
        docks.put(&[Details], Target::With(Log));
        assert_eq!(docks.groups(Dock::Bottom)[0].seen(|_| true), Some(Details), "what comes is seen");
        docks.put(&[Guide], Target::Float([40.0, 60.0]));
        assert_eq!(docks.dock_of(Guide), Dock::Floating);
        let before = docks.clone();
        docks.put(&[Guide], Target::With(Guide));
        assert_eq!(docks, before, "a panel is not put into itself");
        // What is seen in place of a panel that is not there now.
        let group = &docks.groups(Dock::Bottom)[0];
        assert_eq!(group.seen(|panel| panel != Details), Some(History));
        assert_eq!(group.seen(|_| false), None);
    }
}
