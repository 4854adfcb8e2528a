//! What the tour looks at to know whether a step was done.

use super::super::camera::OrbitCamera;
use super::super::layout::{Arrangement, Pane};
use super::Until;
use crate::base::StateId;
use crate::geom::Point;

/// The window at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The place all views point at.
    pub crosshair: Option<Point>,
    /// Width and level of the scan, a negative width for swapped colours.
    pub window: Option<[f64; 2]>,
    /// The camera of the scene.
    pub camera: OrbitCamera,
    /// The state of the history, and how many there are.
    pub state: (StateId, usize),
    /// Whether the case holds lungs that were segmented.
    pub lungs: bool,
    /// How the views are arranged, and the one shown alone.
    pub views: (Arrangement, Option<Pane>),
    /// Whether the palette is open.
    pub palette: bool,
}

/// How far the scene must be turned, in radians: about ten degrees, so that a slip does not count.
const TURN_RAD: f64 = 0.17;
/// How far the crosshair must move along the patient, in mm.
const SCROLL_MM: f64 = 5.0;

impl Until {
    /// Whether what is asked for happened between `before` and `now`.
    pub fn is_met(self, before: &Seen, now: &Seen) -> bool {
        match self {
            Self::Read => true,
            Self::Scrolled => match (before.crosshair, now.crosshair) {
                (Some(before), Some(now)) => SCROLL_MM < (now.z - before.z).abs(),
                _ => false,
            },
            Self::Windowed => before.window.is_some() && now.window != before.window,
            Self::Lungs => now.lungs,
            Self::Turned => {
                let turned = (now.camera.yaw_rad - before.camera.yaw_rad).abs();
                TURN_RAD < turned.max((now.camera.pitch_rad - before.camera.pitch_rad).abs())
            }
            // Going back makes no new state.
            Self::Undone => now.state.0 != before.state.0 && now.state.1 == before.state.1,
            Self::Arranged => now.views != before.views,
            Self::Searched => now.palette,
        }
    }

    /// Whether there is nothing left to do when the step begins.
    pub fn is_met_already(self, now: &Seen) -> bool {
        match self {
            Self::Read => true,
            Self::Lungs => now.lungs,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen {
            crosshair: Some(Point::origin()),
            window: Some([400.0, 40.0]),
            camera: OrbitCamera::default(),
            state: (StateId(3), 4),
            lungs: false,
            views: (Arrangement::FourUp, None),
            palette: false,
        }
    }

    #[test]
    fn each_step_wants_its_own_change_and_no_other() {
        let mut turned = OrbitCamera::default();
        turned.yaw_rad += 0.3;
        let changes = [
            (Until::Scrolled, Seen { crosshair: Some(Point::new(0.0, 0.0, 7.5)), ..seen() }),
            (Until::Windowed, Seen { window: Some([1500.0, -600.0]), ..seen() }),
            (Until::Lungs, Seen { lungs: true, ..seen() }),
            (Until::Turned, Seen { camera: turned, ..seen() }),
            (Until::Undone, Seen { state: (StateId(2), 4), ..seen() }),
            (Until::Arranged, Seen { views: (Arrangement::FourUp, Some(Pane::Scene)), ..seen() }),
            (Until::Searched, Seen { palette: true, ..seen() }),
        ];
        for (until, _) in &changes {
            for (other, now) in &changes {
                assert_eq!(until.is_met(&seen(), now), until == other, "{until:?} after {other:?}");
            }
        }
        // A new step of the history is no step back.
        assert!(!Until::Undone.is_met(&seen(), &Seen { state: (StateId(4), 5), ..seen() }));
        // The camera flies to what is new: that is no turn.
        let mut flown = OrbitCamera::default();
        flown.distance_mm *= 0.5;
        assert!(!Until::Turned.is_met(&seen(), &Seen { camera: flown, ..seen() }));
    }
}
