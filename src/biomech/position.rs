//! How the patient lies, and where the weight of organs points.

use super::problem::Load;
use crate::geom::Vector;
use serde::{Deserialize, Serialize};

/// Standard acceleration of gravity, m/s².
pub const GRAVITY_M_S2: f64 = 9.806_65;

/// On what the patient lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// On the back.
    Supine,
    /// On the belly.
    Prone,
    /// On the left side.
    LeftLateral,
    /// On the right side.
    RightLateral,
    /// Upright.
    Upright,
}

impl Position {
    /// The words for scripts.
    pub const WORDS: &'static [&'static str] = &["supine", "prone", "left_lateral", "right_lateral", "upright"];

    /// Where weight points in LPS with the table level, a unit vector.
    pub fn down(self) -> Vector {
        match self {
            Self::Supine => Vector::y(),
            Self::Prone => -Vector::y(),
            Self::LeftLateral => Vector::x(),
            Self::RightLateral => -Vector::x(),
            Self::Upright => -Vector::z(),
        }
    }

    /// The weight with the table tilted by `head_down_deg`: Trendelenburg's position where positive, its reverse where
    /// negative. Upright patients are tilted backwards: at 90° they lie
    /// on the back.
    pub fn gravity(self, head_down_deg: f64) -> Load {
        let (sin, cos) = head_down_deg.to_radians().sin_cos();
        // The head of a lying patient sinks; an upright one turns about the left-right axis.
        let aside = if self == Self::Upright { Vector::y() } else { Vector::z() };
        Load::Gravity { m_s2: GRAVITY_M_S2 * (self.down() * cos + aside * sin) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m_s2(position: Position, head_down_deg: f64) -> Vector {
        let Load::Gravity { m_s2 } = position.gravity(head_down_deg) else { unreachable!("weight is gravity") };
        m_s2 / GRAVITY_M_S2
    }

    #[test]
    fn weight_points_to_what_the_patient_lies_on() {
        assert_eq!(m_s2(Position::Supine, 0.0), Vector::y(), "towards the back");
        assert_eq!(m_s2(Position::LeftLateral, 0.0), Vector::x(), "towards the left");
        assert_eq!(m_s2(Position::Upright, 0.0), -Vector::z(), "towards the feet");
    }

    #[test]
    fn in_trendelenburgs_position_organs_sink_towards_the_head() {
        let tilted = m_s2(Position::Supine, 30.0);
        assert!((tilted - Vector::new(0.0, 0.75_f64.sqrt(), 0.5)).norm() < 1e-12, "{tilted}");
        assert!((m_s2(Position::Prone, -20.0).z + 20.0_f64.to_radians().sin()).abs() < 1e-12);
        assert!((m_s2(Position::Upright, 90.0) - Vector::y()).norm() < 1e-12, "tilted onto the back");
    }

    #[test]
    fn every_word_is_a_position() {
        for word in Position::WORDS {
            serde_json::from_value::<Position>(serde_json::json!(word)).unwrap();
        }
    }
}
