//! A named number per vertex, for colouring.

use crate::base::ContentHasher;
use std::sync::Arc;

/// One number per vertex of a surface or mesh, with the unit that is shown beside its legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it is, e.g. `displacement`.
    pub name: String,
    /// Its unit as shown, e.g. `mm`.
    pub unit: String,
    /// One value per vertex; every one finite.
    pub values: Arc<Vec<f64>>,
}

impl Field {
    /// A field from its values.
    pub fn new(name: &str, unit: &str, values: Vec<f64>) -> Self {
        Self { name: name.to_owned(), unit: unit.to_owned(), values: Arc::new(values) }
    }

    /// Smallest and largest value; `None` if there are no values.
    pub fn range(&self) -> Option<[f64; 2]> {
        let fold = |pick: fn(f64, f64) -> f64| self.values.iter().copied().reduce(pick);
        Some([fold(f64::min)?, fold(f64::max)?])
    }

    /// Add name, unit and values to a hash.
    pub fn hash_into(&self, hasher: &mut ContentHasher) {
        hasher.text(&self.name).text(&self.unit).array(&self.values);
    }
}
