//! How the patient lies: which way is up, for angles to the horizontal plane.

use crate::geom::Vector;
use serde::{Deserialize, Serialize};

/// What the patient lies on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// The back.
    #[default]
    Supine,
    /// The belly.
    Prone,
    /// The left side.
    LeftSide,
    /// The right side.
    RightSide,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Supine, Self::Prone, Self::LeftSide, Self::RightSide];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Supine => "on the back",
            Self::Prone => "on the belly",
            Self::LeftSide => "on the left side",
            Self::RightSide => "on the right side",
        }
    }
}

/// The position of a patient on the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// What they lie on.
    pub lie: Lie,
    /// How far the table is turned so that the head is higher than the feet (reverse Trendelenburg), in degrees; negative with
    /// the head lower (Trendelenburg).
    #[serde(default)]
    pub head_up_degrees: f64,
}

impl Position {
    /// Up, against gravity (LPS).
    pub fn up(&self) -> Vector {
        let level = match self.lie {
            Lie::Supine => -Vector::y(),
            Lie::Prone => Vector::y(),
            Lie::LeftSide => -Vector::x(),
            Lie::RightSide => Vector::x(),
        };
        let (sin, cos) = self.head_up_degrees.to_radians().sin_cos();
        level * cos + Vector::z() * sin
    }

    /// The angle of a direction under the horizontal plane: how far from above something points that goes along it.
    pub fn down_degrees(&self, along: &Vector) -> f64 {
        (-along.dot(&self.up()) / along.norm().max(1e-300)).clamp(-1.0, 1.0).asin().to_degrees()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_against_gravity_in_every_position() {
        let up = |lie: Lie, head_up_degrees: f64| Position { lie, head_up_degrees }.up();
        assert_eq!(Position::default().up(), -Vector::y());
        for lie in Lie::ALL {
            assert!((up(lie, 25.0).norm() - 1.0).abs() < 1e-12);
            // Upright on the feet, up is towards the head however they lay.
            assert!((up(lie, 90.0) - Vector::z()).norm() < 1e-12);
            assert!((up(lie, -90.0) + Vector::z()).norm() < 1e-12);
        }
        // On the left side the right side is up, which is −x.
        assert_eq!(up(Lie::LeftSide, 0.0), -Vector::x());
    }

    #[test]
    fn a_path_straight_down_is_at_a_right_angle_to_the_horizon() {
        let supine = Position::default();
        assert!((supine.down_degrees(&Vector::y()) - 90.0).abs() < 1e-9);
        assert!(supine.down_degrees(&Vector::x()).abs() < 1e-9);
        // With the head 30° up, the same path leans 30° to the head.
        let tilted = Position { head_up_degrees: 30.0, ..supine };
        assert!((tilted.down_degrees(&Vector::y()) - 60.0).abs() < 1e-9);
        let side = Position { lie: Lie::RightSide, ..supine };
        assert!(side.down_degrees(&Vector::y()).abs() < 1e-9 && (side.down_degrees(&Vector::x()) + 90.0).abs() < 1e-9);
    }
}
