//! Thresholds that a histogram gives by itself: Otsu, Li, triangle, maximum entropy, isodata; on scans of any kind.

mod histogram;
mod method;

pub use histogram::Histogram;
pub use method::ThresholdMethod;
