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

    /// Smallest and largest value, of those that are numbers; `None` if there are none.
    pub fn range(&self) -> Option<[f64; 2]> {
        let valid = || self.values.iter().copied().filter(|value| value.is_finite());
        let fold = |pick: fn(f64, f64) -> f64| valid().reduce(pick);
        Some([fold(f64::min)?, fold(f64::max)?])
    }

    /// The range without the lowest and the highest `share` of the values, so that single outliers do not take all of a
    /// scale; the whole range where that would leave nothing. `None` if there are no values.
    pub fn robust_range(&self, share: f64) -> Option<[f64; 2]> {
        let mut values: Vec<f64> = self.values.iter().copied().filter(|value| value.is_finite()).collect();
        let last = values.len().checked_sub(1)?;
        let cut = ((last as f64 * share.clamp(0.0, 0.5)) as usize).min(last / 2);
        let low = *values.select_nth_unstable_by(cut, f64::total_cmp).1;
        let high = *values.select_nth_unstable_by(last - cut, f64::total_cmp).1;
        if low < high { Some([low, high]) } else { self.range() }
    }

    /// Add name, unit and values to a hash.
    pub fn hash_into(&self, hasher: &mut ContentHasher) {
        hasher.text(&self.name).text(&self.unit).array(&self.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_sets_no_end_of_a_range() {
        let of = |values: &[f64]| Field::new("pressure", "Pa", values.to_vec());
        let (nan, infinity) = (f64::NAN, f64::INFINITY);
        assert_eq!(of(&[nan, 3.0, infinity, 1.0, -infinity, nan]).range(), Some([1.0, 3.0]));
        assert_eq!(of(&[nan, infinity]).range(), None);
        assert_eq!(of(&[nan, infinity]).robust_range(0.1), None);
        assert_eq!(of(&[nan, 3.0, infinity, 1.0]).robust_range(0.0), Some([1.0, 3.0]));
    }

    #[test]
    fn single_outliers_do_not_set_the_scale() {
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        values[17] = -1e9;
        values[500] = 1e9;
        let [low, high] = Field::new("pressure", "Pa", values).robust_range(0.01).unwrap();
        assert!((0.0..20.0).contains(&low) && (980.0..1000.0).contains(&high), "{low} to {high}");
        // Nearly everything at rest: the few that move are what there is to see.
        let mut still = vec![0.0; 1000];
        still[3] = 5.0;
        assert_eq!(Field::new("displacement", "mm", still).robust_range(0.01), Some([0.0, 5.0]));
        assert_eq!(Field::new("none", "", Vec::new()).robust_range(0.01), None);
    }
}
