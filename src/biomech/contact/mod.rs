//! Tissue that touches tissue: organs beside each other, the sides of a cut, an organ that folds onto itself.
//!
//! Every triangle of the surfaces in contact is cut with those it faces, and what both share is integrated exactly
//! ("mortar"; Puso and Laursen 2004), so that a uniform pressure passes through meshes that do not match. A *node* of
//! contact is a vertex of one surface against a smooth part of another, with the shape function N of its vertex:
//!
//! ```text
//! A = ∫ N da     g = ∫ N n·(x' − x) da / A     p = ⟨λ − ε g⟩     f = −∂/∂x (A p g)
//! ```
//!
//! where x' lies opposite of x along the normal n of the triangle, g is the mean gap (negative where bodies overlap) and
//! ε a stiff spring. Both surfaces have nodes, each with half the stiffness, so that neither is the master. λ is what
//! has been learnt of the pressure: after each equilibrium it is set to p and another one is sought, until hardly any
//! overlap is left (augmented Lagrangian by Uzawa's method; Simo and Laursen 1992). What is left is part of the answer.
//!
//! Friction is Coulomb's, |q| ≤ μ p, by return mapping: q grows by −ε_t times the slip since the last load step and is
//! cut back to the limit. It depends on the path: loads grow in proportion, and that is the path. Instruments
//! ([`super::touch`]) rub by the same rule on their way along a straight line.
//!
//! Forces of a pair are equal and opposite to rounding. Knows no load steps and no linear solver.

mod clip;
mod find;
mod memory;
mod nodes;
mod overlap;
mod result;
mod rub;
mod surfaces;
mod widen;

pub use memory::Memory;
pub use nodes::{Key, Node, Place, Touching};
pub use overlap::Overlap;
pub use result::ContactResult;
pub use surfaces::Surfaces;
pub(super) use widen::Wide;
