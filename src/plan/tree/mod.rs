//! Trees of vessels as people speak of them: orders, generations, names of branches that stay when the tree is found again.

mod names;
mod order;
mod role;

pub use names::{BranchName, carried, names};
pub use order::{BranchOrder, orders};
pub use role::{Role, of_territories};
