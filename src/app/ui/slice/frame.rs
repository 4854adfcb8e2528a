//! Where the three views look: along the patient's axes, or turned together (double oblique).
//!
//! The planes stay perpendicular to each other. A view in which a line is turned keeps its own picture where it is: only
//! the other two turn.

use crate::geom::{Grid, Orientation, Vector};
use nalgebra::{Matrix3, Rotation3, Unit, UnitQuaternion};

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

/// Axes that differ by less than this, radians, are the same: over a metre, a hundredth of a millimetre.
const STRAIGHT: f64 = 1e-5;

/// Turned by less than this, the planes snap back to the patient's axes, radians.
const SNAP: f64 = 0.6 * std::f64::consts::PI / 180.0;

impl Turn {
    /// Whether all views look along the patient's axes.
    pub fn is_straight(&self) -> bool {
        *self == Self::default()
    }

    /// The turn that lays the three planes along the axes of `grid`, the smallest of those that do; straight where these are
    /// the patient's.
    ///
    /// Of a grid whose axes are not all perpendicular (a tilted gantry) the two that are nearest to it are kept, with the
    /// normal of their plane as the third.
    pub fn along(grid: &Grid) -> Self {
        let units = [0, 1, 2].map(|axis| grid.step().column(axis).normalize());
        let slant = |third: &usize| units[(third + 1) % 3].dot(&units[(third + 2) % 3]).abs();
        let third = [2, 1, 0].into_iter().min_by(|a, b| slant(a).total_cmp(&slant(b))).expect("three axes");
        let (first, second) = (units[(third + 1) % 3], units[(third + 2) % 3]);
        let second = (second - first * second.dot(&first)).normalize();
        let axes = [first, second, first.cross(&second)];
        // All ways to call these axes x, y and z, right-handed: the one nearest to the patient's has the largest trace.
        let orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];
        let signs = (0..8).map(|bits| [0, 1, 2].map(|n| if bits >> n & 1 == 0 { 1.0 } else { -1.0 }));
        let all = signs.flat_map(|signs: [f64; 3]| {
            orders.map(|order| Matrix3::from_columns(&[0, 1, 2].map(|n| axes[order[n]] * signs[n])))
        });
        let turned = all.filter(|matrix| 0.0 < matrix.determinant());
        let nearest = turned.max_by(|a, b| a.trace().total_cmp(&b.trace())).expect("half of them are right-handed");
        let turn = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(nearest));
        let own = Self { turn, spins: [0.0; 3] };
        if turn.angle() < STRAIGHT { Self::default() } else { own }
    }

    /// Whether this is the turn along the axes of `grid`, to less than a pixel.
    pub fn is_along(&self, grid: &Grid) -> bool {
        let along = Self::along(grid);
        self.spins == along.spins && self.turn.angle_to(&along.turn) < STRAIGHT
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

    /// All planes turned by the smallest turn that brings one direction to another.
    #[must_use]
    pub fn tilted(self, from: &Vector, to: &Vector) -> Self {
        let by = UnitQuaternion::rotation_between(from, to).unwrap_or_default();
        let turned = Self { turn: UnitQuaternion::new_normalize((by * self.turn).into_inner()), ..self };
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

    /// Grids turned every way, their axes in any order and sign: along their axes every slice goes through centres of voxels,
    /// there are as many as the grid has, and no turn that does it is smaller.
    #[test]
    fn along_the_scan_slices_are_those_of_the_grid() {
        use super::super::Stack;
        use crate::geom::Point;
        let orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];
        let spacing = [0.7, 1.1, 4.0];
        for n in 0..48 {
            let x = f64::from(n);
            let turn = Rotation3::from_euler_angles(0.4 * (x * 1.7).sin(), 0.35 * (x * 2.3).cos(), 0.3 * x.sin());
            let (order, signs) = (orders[n as usize % 6], [0, 1, 2].map(|a| if n >> a & 1 == 0 { 1.0 } else { -1.0 }));
            let column = |axis: usize| turn * Vector::ith(order[axis], signs[axis] * spacing[axis]);
            let step = Matrix3::from_columns(&[0, 1, 2].map(column));
            let grid = Grid::new([9, 7, 5], Point::new(3.0, -40.0, 12.0), step).unwrap();
            let own = Turn::along(&grid);
            assert!(own.is_along(&grid));
            let mut seen = [false; 3];
            for orientation in Orientation::ALL {
                let frame = own.frame(orientation);
                let axis = (0..3).find(|axis| 1.0 - 1e-9 < column(*axis).normalize().dot(&frame.away()).abs());
                let axis = axis.expect("it looks along an axis of the grid");
                seen[axis] = true;
                let stack = Stack::of(&grid, frame);
                assert_eq!(stack.count(), grid.dims()[axis], "{n} {orientation:?}");
                assert!((stack.step_mm() - spacing[axis]).abs() < 1e-9);
                for slice in 0..stack.count() {
                    // From anywhere: the place it is moved to has a whole number along that axis.
                    let index = grid.index_from_patient(stack.moved_to(&Point::new(1.0, 2.0, 3.0), slice));
                    assert!((index[axis] - index[axis].round()).abs() < 1e-6, "{n} {orientation:?} {index}");
                }
                let tilt = own.tilt_deg(orientation);
                assert!(tilt < 60.0, "{n}: {tilt}° is no smallest turn");
            }
            assert_eq!(seen, [true; 3]);
        }
    }

    #[test]
    fn along_a_scan_on_the_patients_axes_views_are_straight_and_a_tilted_gantry_keeps_its_rows_and_columns() {
        use super::super::Stack;
        use crate::geom::Point;
        let straight = Matrix3::from_columns(&[-Vector::x(), Vector::z() * 2.0, Vector::y()]);
        assert!(Turn::along(&Grid::new([4; 3], Point::origin(), straight).unwrap()).is_straight());
        // Slices shifted along their columns.
        let (row, down) = (Vector::x(), Vector::new(0.0, 0.96, 0.28));
        let step = Matrix3::from_columns(&[row, down, Vector::z() * 3.0]);
        let grid = Grid::new([8, 8, 6], Point::origin(), step).unwrap();
        let frame = Turn::along(&grid).frame(Orientation::Axial);
        assert!(frame.away().dot(&row).abs() < 1e-12 && frame.away().dot(&down).abs() < 1e-12);
        let stack = Stack::of(&grid, frame);
        assert_eq!((stack.count(), stack.index(&grid.centre([2, 3, 4]))), (6, 4));
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
