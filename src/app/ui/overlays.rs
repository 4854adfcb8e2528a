//! Everything that lies over the pictures, hidden and brought back with one key.

use super::workspace::Workspace;

/// What lies over slices and the 3D view and can be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlays {
    crosshair: bool,
    /// Letters, corners, bars, sliders.
    annotations: bool,
    segments: bool,
    measures: bool,
    /// Plans and openings of a flow.
    marks: bool,
    /// Names in the 3D view.
    labels: bool,
}

impl Overlays {
    const NONE: Self =
        Self { crosshair: false, annotations: false, segments: false, measures: false, marks: false, labels: false };
    /// What is shown at first.
    const USUAL: Self =
        Self { crosshair: true, annotations: true, segments: true, measures: true, marks: true, labels: false };

    /// What is shown by either.
    fn or(self, other: Self) -> Self {
        Self {
            crosshair: self.crosshair || other.crosshair,
            annotations: self.annotations || other.annotations,
            segments: self.segments || other.segments,
            measures: self.measures || other.measures,
            marks: self.marks || other.marks,
            labels: self.labels || other.labels,
        }
    }
}

impl Workspace {
    /// Hide everything over the pictures; where it was hidden, bring back just what was shown, beside what was turned on
    /// since.
    pub(super) fn hide_overlays(&mut self) {
        let now = self.overlays();
        let next = match self.overlaid_before.take() {
            Some(before) => before.or(now),
            // Everything was turned off one by one: the key must do something all the same.
            None if now == Overlays::NONE => Overlays::USUAL,
            None => {
                self.overlaid_before = Some(now);
                Overlays::NONE
            }
        };
        let Overlays { crosshair, annotations, segments, measures, marks, labels } = next;
        let slices = &mut self.slices;
        (slices.crosshair, slices.annotations, slices.segments) = (crosshair, annotations, segments);
        (slices.measures.hidden, self.marks, self.labels_in_scene) = (!measures, marks, labels);
    }

    /// What is shown over the pictures now.
    pub(super) fn overlays(&self) -> Overlays {
        let slices = &self.slices;
        Overlays {
            crosshair: slices.crosshair,
            annotations: slices.annotations,
            segments: slices.segments,
            measures: !slices.measures.hidden,
            marks: self.marks,
            labels: self.labels_in_scene,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiding_everything_and_back_leaves_every_combination_as_it_was() {
        for bits in 1..64_u8 {
            let on = |bit: u8| bits >> bit & 1 == 1;
            let mut workspace = Workspace::default();
            (workspace.slices.crosshair, workspace.slices.annotations) = (on(0), on(1));
            (workspace.slices.segments, workspace.slices.measures.hidden) = (on(2), !on(3));
            (workspace.marks, workspace.labels_in_scene) = (on(4), on(5));
            let before = workspace.overlays();
            workspace.hide_overlays();
            assert_eq!(workspace.overlays(), Overlays::NONE, "{bits:b}");
            workspace.hide_overlays();
            assert_eq!(workspace.overlays(), before, "{bits:b}");
        }
    }

    #[test]
    fn what_was_turned_on_meanwhile_stays_and_nothing_at_all_becomes_the_usual() {
        let mut workspace = Workspace::default();
        workspace.slices.crosshair = false;
        workspace.hide_overlays();
        workspace.slices.crosshair = true;
        workspace.hide_overlays();
        assert_eq!(workspace.overlays(), Overlays::USUAL);
        workspace.hide_overlays();
        workspace.overlaid_before = None;
        workspace.hide_overlays();
        assert_eq!(workspace.overlays(), Overlays::USUAL);
    }
}
