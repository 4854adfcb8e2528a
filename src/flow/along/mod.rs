//! A computed flow along its vessels: cross-sections at places on centre lines or anywhere, what they say of whole
//! branches, and a network of the same vessels beside them.

mod beside;
mod branches;
mod section;
mod slice;
mod stations;
mod stretch;

pub use beside::Beside;
pub use branches::{Branch, branches};
pub use section::Section;
pub use slice::{Slice, Through};
pub use stations::{Station, stations};
pub use stretch::{InSpace, in_space};
