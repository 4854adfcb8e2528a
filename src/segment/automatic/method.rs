//! The methods that choose a threshold from a histogram.

use super::Histogram;
use serde::{Deserialize, Serialize};

/// How the value between dark and bright is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMethod {
    /// Most variance between the two classes.
    Otsu,
    /// Least cross entropy between the scan and its two means.
    Li,
    /// The bin farthest below the line from the peak to the end of the longer tail.
    Triangle,
    /// Most entropy of the two classes together.
    MaximumEntropy,
    /// The middle between the means of the two classes.
    Isodata,
}

/// Least change in bins with which an iteration goes on.
const STILL: f64 = 1e-3;
/// The triangle leaves this share of the values at either end out, as ITK does.
const TAIL: f64 = 0.01;

impl ThresholdMethod {
    /// All, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Otsu, Self::Li, Self::Triangle, Self::MaximumEntropy, Self::Isodata];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Otsu => "Otsu",
            Self::Li => "Li",
            Self::Triangle => "triangle",
            Self::MaximumEntropy => "maximum entropy",
            Self::Isodata => "isodata",
        }
    }

    /// Where it is published.
    pub fn source(self) -> &'static str {
        match self {
            Self::Otsu => "Otsu 1979, A threshold selection method from gray-level histograms",
            Self::Li => "Li and Tam 1998, An iterative algorithm for minimum cross entropy thresholding",
            Self::Triangle => {
                "Zack, Rogers and Latt 1977, Automatic measurement of sister chromatid exchange frequency"
            }
            Self::MaximumEntropy => "Kapur, Sahoo and Wong 1985, A new method for gray-level picture thresholding",
            Self::Isodata => "Ridler and Calvard 1978, Picture thresholding using an iterative selection method",
        }
    }

    /// The value up to which voxels are dark, ends included; `None` without two classes.
    pub fn threshold(self, histogram: &Histogram) -> Option<f64> {
        let counts: Vec<f64> = histogram.counts.iter().map(|n| *n as f64).collect();
        let (first, last) = (counts.iter().position(|n| 0.0 < *n)?, counts.iter().rposition(|n| 0.0 < *n)?);
        if first == last {
            return None;
        }
        let at = |bin: f64| histogram.low + (bin + 0.5) * histogram.width;
        Some(match self {
            Self::Otsu => histogram.end(otsu(&counts)),
            // Gray values must be positive: they count from 0, or from the smallest value where that is below 0.
            Self::Li => at(li(&counts, (histogram.low / histogram.width).max(0.0))),
            Self::Triangle => histogram.end(triangle(&counts)),
            Self::MaximumEntropy => histogram.end(maximum_entropy(&counts)),
            Self::Isodata => at(isodata(&counts)),
        })
    }
}

/// arg max of n₁ n₂ (m₁ − m₂)²; the middle of equally good bins.
fn otsu(counts: &[f64]) -> usize {
    let n: f64 = counts.iter().sum();
    let sum: f64 = counts.iter().enumerate().map(|(bin, n)| bin as f64 * n).sum();
    let (mut n_1, mut sum_1) = (0.0, 0.0);
    let between = counts.iter().enumerate().map(|(bin, count)| {
        (n_1, sum_1) = (n_1 + count, sum_1 + bin as f64 * count);
        let n_2 = n - n_1;
        if n_1 == 0.0 || n_2 <= 0.0 { -1.0 } else { n_1 * n_2 * (sum_1 / n_1 - (sum - sum_1) / n_2).powi(2) }
    });
    middle_of_most(between)
}

/// arg max of H₁ + H₂ with H = ln n − Σ nᵢ ln nᵢ / n of either class.
fn maximum_entropy(counts: &[f64]) -> usize {
    let term = |n: f64| if 0.0 < n { n * n.ln() } else { 0.0 };
    let n: f64 = counts.iter().sum();
    let terms: f64 = counts.iter().map(|n| term(*n)).sum();
    let (mut n_1, mut terms_1) = (0.0, 0.0);
    let entropies = counts.iter().map(|count| {
        (n_1, terms_1) = (n_1 + count, terms_1 + term(*count));
        let (n_2, terms_2) = (n - n_1, terms - terms_1);
        if n_1 == 0.0 || n_2 <= 0.0 { -1.0 } else { n_1.ln() - terms_1 / n_1 + n_2.ln() - terms_2 / n_2 }
    });
    middle_of_most(entropies)
}

/// The middle of the run of bins with the largest value.
fn middle_of_most(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (f64::NEG_INFINITY, 0, 0);
    for (bin, value) in values.enumerate() {
        if best.0 < value {
            best = (value, bin, bin);
        } else if value == best.0 && best.2 + 1 == bin {
            best.2 = bin;
        }
    }
    (best.1 + best.2) / 2
}

/// Means of the bins below and above `t`; the bin of `t` belongs below.
fn means(counts: &[f64], t: f64) -> [f64; 2] {
    let mut sums = [(0.0, 0.0); 2];
    for (bin, count) in counts.iter().enumerate() {
        let (n, sum) = &mut sums[usize::from(t < bin as f64)];
        (*n, *sum) = (*n + count, *sum + bin as f64 * count);
    }
    sums.map(|(n, sum)| if 0.0 < n { sum / n } else { t })
}

fn iterate(counts: &[f64], next: impl Fn([f64; 2]) -> f64) -> f64 {
    let n: f64 = counts.iter().sum();
    let mut t = counts.iter().enumerate().map(|(bin, n)| bin as f64 * n).sum::<f64>() / n;
    for _ in 0..1000 {
        let better = next(means(counts, t));
        let still = (better - t).abs() < STILL;
        t = better;
        if still {
            break;
        }
    }
    t
}

/// t = (m₁ − m₂) / (ln m₁ − ln m₂), where the first bin begins `low` bins above 0.
fn li(counts: &[f64], low: f64) -> f64 {
    iterate(counts, |means| {
        let [a, b] = means.map(|mean| mean + low + 0.5);
        if a == b { means[0] } else { (a - b) / (a.ln() - b.ln()) - low - 0.5 }
    })
}

/// t = (m₁ + m₂) / 2.
fn isodata(counts: &[f64]) -> f64 {
    iterate(counts, |[m_1, m_2]| 0.5 * (m_1 + m_2))
}

fn triangle(counts: &[f64]) -> usize {
    let n: f64 = counts.iter().sum();
    let peak = counts.iter().enumerate().fold(0, |best, (bin, n)| if counts[best] < *n { bin } else { best });
    let mut below = 0.0;
    let mut quantile = |share: f64| {
        below = 0.0;
        counts.iter().position(|count| {
            below += count;
            share * n <= below
        })
    };
    let (low, high) = (quantile(TAIL).unwrap_or(0), quantile(1.0 - TAIL).unwrap_or(counts.len() - 1));
    let end = if high.abs_diff(peak) < peak.abs_diff(low) { low } else { high };
    let (from, to) = (peak.min(end), peak.max(end));
    let slope = (counts[to] - counts[from]) / (to - from).max(1) as f64;
    let under = |bin: usize| counts[from] + slope * (bin - from) as f64 - counts[bin];
    (from..=to).fold(from, |best, bin| if under(best) < under(bin) { bin } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Progress, rng::Rng};
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Scan, Volume, Voxels};

    fn scan(values: Vec<i16>) -> Scan {
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::I16(Volume::new(grid, values).unwrap());
        Scan { voxels, modality: Modality::Mr, window: None, facts: vec![] }
    }

    /// 30 000 values in two unequal humps, 67 to 617.
    fn humps() -> Vec<i16> {
        let mut rng = Rng::new(5);
        let value = |rng: &mut Rng| {
            let (from, side) = if rng.below(10) < 7 { (60, 40) } else { (250, 100) };
            (from + (0..4).map(|_| rng.below(side)).sum::<usize>()) as i16
        };
        (0..30_000).map(|_| value(&mut rng)).collect()
    }

    #[test]
    fn thresholds_are_those_of_simple_itk() {
        let values = humps();
        assert_eq!(values.iter().map(|v| i64::from(*v)).sum::<i64>(), 6_953_596);
        let histogram = Histogram::of(&scan(values.clone()), &Progress::default()).unwrap().unwrap();
        // SimpleITK 2.5.7, its five threshold filters with 551 bins on the same values: voxels above the threshold.
        let expected = [(9042, 3), (9061, 3), (9061, 10), (9263, 10), (9040, 3)];
        for (method, (voxels, tolerance)) in ThresholdMethod::ALL.into_iter().zip(expected) {
            let found = method.threshold(&histogram).unwrap();
            let above = values.iter().filter(|v| found < f64::from(**v)).count();
            assert!(above.abs_diff(voxels) <= tolerance, "{}: {found} leaves {above}", method.name());
        }
    }

    #[test]
    fn one_value_has_no_threshold_and_two_have_one_between() {
        let histogram = |values| Histogram::of(&scan(values), &Progress::default()).unwrap();
        assert_eq!(histogram(vec![7; 9]), None);
        let two = histogram(vec![-5, -5, 90, 90, 90]).unwrap();
        for method in ThresholdMethod::ALL {
            let found = method.threshold(&two).unwrap();
            assert!((-5.0..90.0).contains(&found), "{}: {found}", method.name());
        }
    }

    #[test]
    fn values_that_are_no_numbers_do_not_count() {
        let grid = Grid::aligned([4, 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::F32(Volume::new(grid, vec![f32::NAN, 0.5, 2.5, f32::INFINITY]).unwrap());
        let scan = Scan { voxels, modality: Modality::Mr, window: None, facts: vec![] };
        let histogram = Histogram::of(&scan, &Progress::default()).unwrap().unwrap();
        assert_eq!(histogram.counts.iter().sum::<u64>(), 2);
        assert_eq!((histogram.low, histogram.end(Histogram::BINS - 1)), (0.5, 2.5));
    }
}
