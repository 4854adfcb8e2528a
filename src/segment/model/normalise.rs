//! Values as a network wants them.

use super::{ModelError, Normalisation};
use crate::base::parallel;
use rayon::prelude::*;

/// Values over all voxels, for the scale of a network: `value ↦ (clamp(value, cut) − shift) × factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    cut: [f32; 2],
    shift: f32,
    factor: f32,
    lowest: f32,
}

impl Scale {
    /// The scale for these values. Values that are no finite numbers count as the lower end, or as the mean.
    pub(super) fn of(values: &[f32], how: Normalisation) -> Result<Self, ModelError> {
        let scale = Self::without_lowest(values, how)?;
        let least = values.par_iter().copied().filter(|value| value.is_finite()).reduce(|| f32::INFINITY, f32::min);
        Ok(Self { lowest: scale.apply(least), ..scale })
    }

    fn without_lowest(values: &[f32], how: Normalisation) -> Result<Self, ModelError> {
        let (low, high) = match how {
            Normalisation::Range { low, high } => (low as f32, high as f32),
            Normalisation::Quantiles { low, high } => quantiles(values, [low, high])?,
            Normalisation::Zscore { low, high } => {
                return zscore(values, low.map_or(f32::MIN, |x| x as f32), high.map_or(f32::MAX, |x| x as f32));
            }
        };
        if !(low < high) {
            return Err(ModelError::Values(format!("they all lie at {low}")));
        }
        Ok(Self { cut: [low, high], shift: low, factor: 1.0 / (high - low), lowest: 0.0 })
    }

    /// What the smallest value becomes.
    pub(super) fn lowest(self) -> f32 {
        self.lowest
    }

    /// The scaled value.
    #[inline]
    pub(super) fn apply(self, value: f32) -> f32 {
        let value = if value.is_finite() { value } else { self.cut[0].max(self.shift.min(self.cut[1])) };
        (value.clamp(self.cut[0], self.cut[1]) - self.shift) * self.factor
    }
}

/// Two quantiles, linear between neighbours in order.
fn quantiles(values: &[f32], shares: [f64; 2]) -> Result<(f32, f32), ModelError> {
    let mut finite: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let last = finite.len().checked_sub(1).ok_or_else(|| ModelError::Values("none is a finite number".into()))?;
    let mut at = |share: f64| {
        let place = share * last as f64;
        let (below, above) = (place.floor() as usize, place.ceil() as usize);
        let low = *finite.select_nth_unstable_by(below, f32::total_cmp).1;
        let high = *finite.select_nth_unstable_by(above, f32::total_cmp).1;
        (f64::from(low) + f64::from(high - low) * place.fract()) as f32
    };
    Ok((at(shares[0]), at(shares[1])))
}

fn zscore(values: &[f32], low: f32, high: f32) -> Result<Scale, ModelError> {
    const BLOCK: usize = 1 << 16;
    let sum = |f: &(dyn Fn(f64) -> f64 + Sync)| {
        parallel::sum_blocks(values.len(), BLOCK, |range| {
            let finite = values[range].iter().filter(|value| value.is_finite());
            finite.map(|value| f(f64::from(value.clamp(low, high)))).sum()
        })
    };
    let n = values.par_iter().filter(|value| value.is_finite()).count();
    if n == 0 {
        return Err(ModelError::Values("none is a finite number".into()));
    }
    let mean = sum(&|value| value) / n as f64;
    let sd = (sum(&|value| (value - mean).powi(2)) / n as f64).sqrt();
    if !(0.0 < sd) {
        return Err(ModelError::Values(format!("they all lie at {mean}")));
    }
    Ok(Scale { cut: [low, high], shift: mean as f32, factor: (1.0 / sd) as f32, lowest: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_numpy() {
        let values: Vec<f32> = (0..=100).map(|n| n as f32).collect();
        let quantiles = Scale::of(&values, Normalisation::Quantiles { low: 0.05, high: 0.95 }).unwrap();
        assert_eq!([5.0, 50.0, 95.0, 200.0].map(|value| quantiles.apply(value)), [0.0, 0.5, 1.0, 1.0]);
        let zscore = Scale::of(&values, Normalisation::Zscore { low: None, high: None }).unwrap();
        assert!((zscore.apply(100.0) - 50.0 / 850.0_f32.sqrt()).abs() < 1e-6);
        assert_eq!((zscore.apply(f32::NAN), zscore.lowest()), (0.0, zscore.apply(0.0)));
        let range = Scale::of(&[], Normalisation::Range { low: -1000.0, high: 1000.0 }).unwrap();
        assert_eq!([-3000.0, 0.0, f32::NAN].map(|value| range.apply(value)), [0.0, 0.5, 0.0]);
    }

    #[test]
    fn values_without_a_range_are_refused() {
        let quantiles = Normalisation::Quantiles { low: 0.0, high: 1.0 };
        assert!(Scale::of(&[7.0; 9], quantiles).is_err() && Scale::of(&[f32::NAN], quantiles).is_err());
        assert!(Scale::of(&[7.0; 9], Normalisation::Zscore { low: None, high: None }).is_err());
    }
}
