//! What tissue is made of: constants, laws, and the table of tissues.

pub mod fibre;
pub mod guccione;
pub mod holzapfel;
pub mod hyperelastic;
pub mod isochoric;
pub mod law;
pub mod limits;
pub mod linear;
pub mod mooney_rivlin;
pub mod neo_hookean;
pub mod ogden;
pub mod published;
pub mod table;

pub use fibre::Fibre;
pub use guccione::Guccione;
pub use holzapfel::Holzapfel;
pub use hyperelastic::Hyperelastic;
pub use law::{Law, Local, Material, Model};
pub use mooney_rivlin::MooneyRivlin;
pub use ogden::Ogden;
pub use published::{Published, published};
pub use table::{Tissue, tissues};
