//! Patient directions and their letters, and the three standard slice orientations.

use super::Vector;
use serde::{Deserialize, Serialize};

/// A standard slice orientation in radiological display: patient right is on screen left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Orientation {
    /// Seen from the feet, anterior on top.
    Axial,
    /// Seen from the front, superior on top.
    Coronal,
    /// Seen from the patient's left, superior on top, anterior on the left.
    Sagittal,
}

impl Orientation {
    /// All three, in the order they are listed to the user.
    pub const ALL: [Self; 3] = [Self::Axial, Self::Coronal, Self::Sagittal];

    /// The English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axial => "axial",
            Self::Coronal => "coronal",
            Self::Sagittal => "sagittal",
        }
    }

    /// Unit directions in LPS: to the right of the screen, to its bottom, and away from the viewer.
    pub fn right_down_away(self) -> [Vector; 3] {
        match self {
            Self::Axial => [Vector::x(), Vector::y(), Vector::z()],
            Self::Coronal => [Vector::x(), -Vector::z(), Vector::y()],
            Self::Sagittal => [Vector::y(), -Vector::z(), -Vector::x()],
        }
    }
}

/// Letters of a direction in LPS, the largest component first, e.g. `L` or `LPS`; components under 10 % are left out.
pub fn letters(direction: &Vector) -> String {
    const LETTERS: [[char; 2]; 3] = [['R', 'L'], ['A', 'P'], ['I', 'S']];
    let Some(unit) = direction.try_normalize(1e-12) else { return String::new() };
    let mut axes = [0, 1, 2];
    axes.sort_by(|a, b| unit[*b].abs().total_cmp(&unit[*a].abs()));
    axes.iter()
        .filter(|axis| 0.1 <= unit[**axis].abs())
        .map(|axis| LETTERS[*axis][usize::from(0.0 < unit[*axis])])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_views_show_the_letters_radiologists_expect() {
        let edges = |o: Orientation| o.right_down_away().map(|d| letters(&d));
        assert_eq!(edges(Orientation::Axial), ["L", "P", "S"]);
        assert_eq!(edges(Orientation::Coronal), ["L", "I", "P"]);
        assert_eq!(edges(Orientation::Sagittal), ["P", "I", "R"]);
    }

    #[test]
    fn oblique_directions_name_the_largest_part_first() {
        assert_eq!(letters(&Vector::new(-0.3, 0.2, -0.9)), "IRP");
        assert_eq!(letters(&Vector::new(0.02, 0.0, 1.0)), "S");
        assert_eq!(letters(&Vector::zeros()), "");
    }
}
