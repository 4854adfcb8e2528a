//! What a needle meets: anything that yields linearly where the needle presses on it.

use super::NeedleError;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use nalgebra::Matrix3;

/// An elastic ground with points on which forces act. An organ is one; independent springs are another.
pub trait Ground {
    /// Add a point and tell how it moves, in m/N, under forces at each of the points so far, itself the last; none if
    /// the ground does not reach there.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`].
    fn add(&mut self, at: &Point, progress: &Progress) -> Result<Option<Vec<Matrix3<f64>>>, NeedleError>;

    /// Forget the last point.
    fn drop_last(&mut self);

    /// Let one force in N act at each point.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`].
    fn settle(&mut self, forces_n: &[Vector], progress: &Progress) -> Result<(), NeedleError>;

    /// How the ground is displaced at `at` since the last [`Self::settle`], m; none outside.
    fn moved_m(&self, at: &Point) -> Option<Vector>;

    /// How much further than the ground a shaft goes aside that presses on it, per force and times length, m²/N: what the
    /// ground does not resolve.
    fn beside_m2_per_n(&self, at: &Point) -> f64;

    /// The size below which the ground shows no details, mm.
    fn detail_mm(&self) -> f64;
}
