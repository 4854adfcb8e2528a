//! Parts of a body that press on each other: organ on organ, loop on loop, the two sides of a cut.
//!
//! A vertex of the surface that is inside tissue which is not its own has a spring to a point of the surface it came
//! through; the spring pulls the vertex and the triangle with opposite forces, so momentum is kept. What a vertex may
//! touch is paired once at the start of a frame ([`watch`], [`pairing`]), found by a tree of boxes and cones of normals
//! ([`tree`]); pairs keep their point and normal in the frame, so that its energy is smooth and convex in them. Whether
//! the tissue behind a triangle is another's is found by walking through it ([`inside`]). Sides of a cut are smoothed,
//! or their teeth would lock ([`rough`]).
//!
//! What it does not see: edges that cross without a vertex inside; a vertex deeper than the longest edge of the triangle
//! it came through; what comes faster in a frame than it moved in the last by more than twice that.

mod act;
pub mod inside;
mod lists;
mod pairing;
mod rough;
mod surface;
pub mod touch;
pub mod tree;
pub mod watch;

pub(super) use watch::SelfContacts;

#[cfg(test)]
mod tests;

/// When parts of a body press on each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SelfContact {
    /// Never: they pass through each other.
    #[default]
    Never,
    /// In a body of several unconnected parts, or with vertices that coincide at rest, as the sides of a cut do. A whole
    /// organ pays nothing.
    Parted,
    /// In every body: loops of bowel, lobes.
    Always,
}
