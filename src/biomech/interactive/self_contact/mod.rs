//! Parts of a body that press on each other: organ on organ, loop on loop, the two sides of a cut.
//!
//! A vertex of the surface that is inside tissue which is not its own has a spring to the nearest point of the surface
//! there. Distances to a surface are continuous, so is the energy; the spring pulls the vertex and the triangle with
//! opposite forces, so momentum is kept. What a vertex may touch in a frame is listed once at its start ([`watch`]), by
//! a tree of boxes and cones of normals ([`tree`]); whether the tissue behind a triangle is another's is found by
//! walking through it ([`inside`]). No list is kept of what touched before, and the shape at rest is not asked: sides
//! of a cut coincide there.
//!
//! What it does not see: edges that cross without a vertex inside; a vertex deeper than the longest edge of the triangle
//! it came through; the first neighbours of a vertex in the mesh, so that the innermost ring around the end of a cut
//! may overlap.

mod act;
pub mod inside;
mod lists;
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
