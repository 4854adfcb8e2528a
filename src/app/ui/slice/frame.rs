//! Where the three views look: along the patient's axes, or turned together (double oblique).
//!
//! The planes stay perpendicular to each other. A view in which a line is turned keeps its own picture where it is: only
//! the other two turn.

use crate::geom::{Orientation, Vector};
use nalgebra::{Unit, UnitQuaternion};

/// The directions of one view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Which of the three views.
    pub orientation: Orientation,
    axes: [Vector; 3],
    straight: bool,
    flips: [bool; 2],
}

impl From<Orientation> for Frame {
    fn from(orientation: Orientation) -> Self {
        Self { orientation, axes: orientation.right_down_away(), straight: true, flips: [false; 2] }
    }
}

impl Frame {
    /// Unit directions in LPS: to the right of the screen, to its bottom, and away from the viewer. Right-handed unless
    /// the view is mirrored.
    pub fn right_down_away(&self) -> [Vector; 3] {
        self.axes
    }

    /// The same view with left and right swapped, and top and bottom.
    #[must_use]
    pub fn flipped(self, flips: [bool; 2]) -> Self {
        let mut axes = self.axes;
        for (axis, flips) in axes.iter_mut().zip(flips) {
            if flips {
                *axis = -*axis;
            }
        }
        Self { axes, flips: [0, 1].map(|n| self.flips[n] != flips[n]), ..self }
    }

    /// Whether left and right are swapped, and top and bottom.
    pub fn flips(&self) -> [bool; 2] {
        self.flips
    }

    /// The unit direction away from the viewer.
    pub fn away(&self) -> Vector {
        self.axes[2]
    }

    /// Whether it looks along an axis of the patient, upright.
    pub fn is_straight(&self) -> bool {
        self.straight
    }
}

/// How the three planes are turned out of the patient's axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Of all planes together.
    turn: UnitQuaternion<f64>,
    /// Of each view about its own normal, radians, so that its picture stood still while its lines were turned.
    spins: [f64; 3],
}

impl Default for Turn {
    fn default() -> Self {
        Self { turn: UnitQuaternion::identity(), spins: [0.0; 3] }
    }
}

/// Turned by less than this, the planes snap back to the patient's axes, radians.
const SNAP: f64 = 0.6 * std::f64::consts::PI / 180.0;

impl Turn {
    /// Whether all views look along the patient's axes.
    pub fn is_straight(&self) -> bool {
        *self == Self::default()
    }

    /// A unit quaternion, x, y, z, w, and the turns of the views about their own normals, radians.
    pub fn parts(&self) -> ([f64; 4], [f64; 3]) {
        (self.turn.coords.into(), self.spins)
    }

    /// The turn with these [`Turn::parts`].
    pub fn of_parts(turn: [f64; 4], spins: [f64; 3]) -> Self {
        let [x, y, z, w] = turn;
        let own = Self { turn: UnitQuaternion::new_normalize(nalgebra::Quaternion::new(w, x, y, z)), spins };
        let is_straight = own.turn.angle() < 1e-9 && spins == [0.0; 3];
        if is_straight { Self::default() } else { own }
    }

    /// The directions of a view. Exactly those of the orientation if nothing is turned.
    pub fn frame(&self, orientation: Orientation) -> Frame {
        if self.is_straight() {
            return orientation.into();
        }
        let [right, _, away] = orientation.right_down_away();
        let away = (self.turn * away).normalize();
        let spin = UnitQuaternion::from_axis_angle(&Unit::new_unchecked(away), self.spins[orientation as usize]);
        let right = spin * (self.turn * right);
        let right = (right - away * right.dot(&away)).normalize();
        Frame { orientation, axes: [right, away.cross(&right), away], straight: false, flips: [false; 2] }
    }

    /// The directions of all views, in the order of [`Orientation::ALL`].
    pub fn frames(&self) -> [Frame; 3] {
        Orientation::ALL.map(|orientation| self.frame(orientation))
    }

    /// The other two planes turned about the normal of the view of `orientation`, clockwise on its screen.
    #[must_use]
    pub fn turned_in(self, orientation: Orientation, angle: f64) -> Self {
        let axis = Unit::new_normalize(self.frame(orientation).away());
        let turn = UnitQuaternion::from_axis_angle(&axis, angle) * self.turn;
        let mut spins = self.spins;
        spins[orientation as usize] = wrapped(spins[orientation as usize] - angle);
        let turned = Self { turn: UnitQuaternion::new_normalize(turn.into_inner()), spins };
        let is_nearly_straight = turned.turn.angle() < SNAP && turned.spins.iter().all(|spin| spin.abs() < SNAP);
        if is_nearly_straight { Self::default() } else { turned }
    }

    /// The angle between the normal of a view and the patient's axis it began on, degrees.
    pub fn tilt_deg(&self, orientation: Orientation) -> f64 {
        let away = orientation.right_down_away()[2];
        self.frame(orientation).away().dot(&away).clamp(-1.0, 1.0).acos().to_degrees()
    }
}

/// The same angle between −π and π.
fn wrapped(angle: f64) -> f64 {
    let whole = 2.0 * std::f64::consts::PI;
    angle - whole * (angle / whole).round()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::orientation::letters;
    use std::f64::consts::FRAC_PI_6;

    fn is_right_handed(frame: &Frame) -> bool {
        let [right, down, away] = frame.right_down_away();
        (right.cross(&down) - away).norm() < 1e-12 && (right.norm() - 1.0).abs() < 1e-12
    }

    #[test]
    fn straight_views_are_the_orientations_to_the_last_bit() {
        for orientation in Orientation::ALL {
            assert_eq!(Turn::default().frame(orientation), orientation.into());
        }
    }

    #[test]
    fn a_turn_by_thirty_degrees_turns_the_other_planes_and_leaves_this_picture() {
        for orientation in Orientation::ALL {
            let turn = Turn::default().turned_in(orientation, FRAC_PI_6);
            let kept = turn.frame(orientation).right_down_away();
            for (axis, before) in kept.iter().zip(orientation.right_down_away()) {
                assert!((axis - before).norm() < 1e-12, "{orientation:?} stands still");
            }
            for other in Orientation::ALL.into_iter().filter(|other| *other != orientation) {
                assert!((turn.tilt_deg(other) - 30.0).abs() < 1e-9, "{other:?} turns");
                assert!(is_right_handed(&turn.frame(other)));
            }
        }
        // Clockwise on the axial screen: what looked to the back now looks to the back and to the patient's right.
        let turn = Turn::default().turned_in(Orientation::Axial, FRAC_PI_6);
        assert_eq!(letters(&turn.frame(Orientation::Coronal).away()), "PR");
        assert_eq!(letters(&turn.frame(Orientation::Coronal).right_down_away()[0]), "LP");
    }

    #[test]
    fn a_flipped_view_sees_the_same_plane_from_the_same_side_and_two_flips_are_none() {
        let turn = Turn::default().turned_in(Orientation::Axial, 0.4);
        for frame in [Frame::from(Orientation::Coronal), turn.frame(Orientation::Sagittal)] {
            let [right, down, away] = frame.right_down_away();
            assert_eq!(frame.flipped([true, false]).right_down_away(), [-right, down, away]);
            assert_eq!(frame.flipped([false, true]).right_down_away(), [right, -down, away]);
            let twice = frame.flipped([true, true]).flipped([true, true]);
            assert_eq!((twice, twice.is_straight()), (frame, frame.is_straight()));
        }
    }

    #[test]
    fn planes_stay_perpendicular_over_many_turns_and_come_back() {
        let mut turn = Turn::default();
        for n in 0..3000 {
            turn = turn.turned_in(Orientation::ALL[n % 3], 0.37 + 0.1 * (n as f64).sin());
        }
        let [a, b, c] = turn.frames();
        assert!([&a, &b, &c].into_iter().all(is_right_handed));
        for (one, other) in [(a, b), (b, c), (c, a)] {
            assert!(one.away().dot(&other.away()).abs() < 1e-9);
        }
        let there = Turn::default().turned_in(Orientation::Sagittal, 1.1);
        assert!(!there.is_straight());
        assert!(there.turned_in(Orientation::Sagittal, -1.1).is_straight(), "back on the patient's axes");
    }
}
