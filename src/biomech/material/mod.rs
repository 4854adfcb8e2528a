//! What tissue is made of: constants, laws, and the table of tissues.

pub mod law;
pub mod linear;
pub mod neo_hookean;
pub mod table;

pub use law::{Law, Local, Material, Model};
pub use table::{Tissue, tissues};
