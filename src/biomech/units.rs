//! The one place where patient millimetres become the metres of mechanics, and back.

use crate::geom::{Point, Vector};

/// Metres in a millimetre.
const M_PER_MM: f64 = 1e-3;

/// A place in metres, as an offset from the patient origin.
#[inline]
pub fn m_from_mm(point: &Point) -> Vector {
    point.coords * M_PER_MM
}

/// An offset in metres.
#[inline]
pub fn offset_m(offset_mm: &Vector) -> Vector {
    offset_mm * M_PER_MM
}

/// An offset in millimetres.
#[inline]
pub fn offset_mm(offset_m: &Vector) -> Vector {
    offset_m / M_PER_MM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same() {
        assert_eq!(offset_mm(&m_from_mm(&Point::new(1.0, -2.0, 500.0))), Vector::new(1.0, -2.0, 500.0));
        assert_eq!(offset_m(&Vector::new(1000.0, 0.0, 0.0)).x, 1.0);
    }
}
