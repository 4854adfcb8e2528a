//! Surfaces of masks, segments and scalar volumes: closed, oriented outward, with shared vertices.
//!
//! Marching cubes (Lorensen and Cline 1987) on the public case table of the `marching-cubes` crate, but with a sweep of our
//! own: inside and outside are bits, and the index of a vertex is a rank in those bits. There is no table of edges, no hash
//! map, and every slice can be worked on at the same time.

pub(super) mod bits;
mod blur;
mod extract;
mod place;
pub(super) mod sweep;

pub use extract::{ContourError, iso_surface, mask_surface, segment_surface};
