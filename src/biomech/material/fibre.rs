//! Which way the fibres of a tetrahedron run.

use crate::geom::Vector;

/// Two directions in the tissue at rest. Lengths do not matter; `across` is only used by laws with two families.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fibre {
    /// Along the fibres.
    pub along: Vector,
    /// In the plane of the sheet or layer, not along the fibres; what points out of the plane does not count.
    pub across: Vector,
}

impl Default for Fibre {
    /// Along x, in the plane of x and y.
    fn default() -> Self {
        Self { along: Vector::x(), across: Vector::y() }
    }
}

impl Fibre {
    /// Fibres `along` a direction in tissue that looks the same from every side around it.
    pub fn along(along: Vector) -> Self {
        // Any other direction will do; the axis that lies farthest from the fibres is never along them.
        let across = match along.iamin() {
            0 => Vector::x(),
            1 => Vector::y(),
            _ => Vector::z(),
        };
        Self { along, across }
    }

    /// The same directions with length 1 and at right angles; `None` if they are no directions or the same one.
    pub fn normalised(&self) -> Option<Self> {
        /// Sine of the smallest angle between the two.
        const SINE_MIN: f64 = 1e-6;
        let along = self.along.try_normalize(0.0)?;
        let unit = self.across.try_normalize(0.0)?;
        let across = (unit - along * along.dot(&unit)).try_normalize(SINE_MIN)?;
        let finite = along.iter().chain(across.iter()).all(|x| x.is_finite());
        finite.then_some(Self { along, across })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_become_a_frame_or_nothing() {
        let frame = Fibre { along: Vector::new(0.0, 3.0, 0.0), across: Vector::new(2.0, 5.0, 0.0) }.normalised();
        assert_eq!(frame, Some(Fibre { along: Vector::y(), across: Vector::x() }));
        for along in [Vector::x(), Vector::new(1.0, -2.0, 0.1), Vector::new(0.0, 0.0, -4.0)] {
            assert!(Fibre::along(along).normalised().is_some());
        }
        assert_eq!(Fibre::along(Vector::zeros()).normalised(), None);
        assert_eq!(Fibre::along(Vector::new(f64::NAN, 0.0, 1.0)).normalised(), None);
        assert_eq!(Fibre { along: Vector::x(), across: -2.0 * Vector::x() }.normalised(), None);
    }
}
