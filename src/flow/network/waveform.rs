//! A number that is constant or repeats every cycle, piecewise linear between samples.

/// Values over one cycle; one value alone is constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Waveform {
    /// The same value at all times.
    pub fn constant(value: f64) -> Self {
        Self { times: vec![0.0], values: vec![value] }
    }

    /// Values at times of one cycle, which ends at the last time and begins again with the first.
    ///
    /// # Errors
    /// A phrase that says what is wrong: lengths that differ, no value, times that do not grow, numbers not finite.
    pub fn periodic(times: Vec<f64>, values: Vec<f64>) -> Result<Self, String> {
        if times.len() != values.len() || values.is_empty() {
            return Err(format!("has {} times and {} values; as many of both are needed", times.len(), values.len()));
        }
        if let Some(n) = (0..times.len()).find(|n| !times[*n].is_finite() || !values[*n].is_finite()) {
            return Err(format!("has the value {} at the time {}; both must be finite", values[n], times[n]));
        }
        if let Some(pair) = times.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(format!("has the time {} after {}; times must grow", pair[1], pair[0]));
        }
        Ok(Self { times, values })
    }

    /// `count` equal steps over `period` of a function of time; the last value is the first again.
    ///
    /// # Errors
    /// As [`Waveform::periodic`], for a function with values that are not finite, a period not above 0 or no step.
    pub fn sampled(period: f64, count: usize, value: impl Fn(f64) -> f64) -> Result<Self, String> {
        let times: Vec<f64> = (0..=count).map(|n| period * n as f64 / count.max(1) as f64).collect();
        let mut values: Vec<f64> = times.iter().map(|t| value(*t)).collect();
        values[count] = values[0];
        Self::periodic(times, values)
    }

    /// Length of a cycle; none for a constant.
    pub fn period(&self) -> Option<f64> {
        (1 < self.times.len()).then(|| self.times[self.times.len() - 1] - self.times[0])
    }

    /// The value at a time.
    pub fn at(&self, time: f64) -> f64 {
        let Some(period) = self.period() else { return self.values[0] };
        let time = self.times[0] + (time - self.times[0]).rem_euclid(period);
        let right = self.times.partition_point(|t| *t < time).clamp(1, self.times.len() - 1);
        let [t0, t1] = [self.times[right - 1], self.times[right]];
        let [v0, v1] = [self.values[right - 1], self.values[right]];
        v0 + (v1 - v0) * ((time - t0) / (t1 - t0))
    }

    /// Mean over a cycle (exact for the piecewise linear function).
    pub fn mean(&self) -> f64 {
        let Some(period) = self.period() else { return self.values[0] };
        let pairs = self.times.windows(2).zip(self.values.windows(2));
        pairs.map(|(t, v)| 0.5 * (v[0] + v[1]) * (t[1] - t[0])).sum::<f64>() / period
    }

    /// Mean of the samples, whatever their distances: what svZeroDSolver starts from.
    pub(super) fn mean_of_samples(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The same waveform times a factor.
    pub fn scaled(&self, factor: f64) -> Self {
        Self { times: self.times.clone(), values: self.values.iter().map(|v| v * factor).collect() }
    }

    /// Times of the samples.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Values at the times.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waveform_repeats_and_is_linear_between_samples() {
        let wave = Waveform::periodic(vec![0.0, 1.0, 4.0], vec![2.0, 4.0, -2.0]).unwrap();
        assert_eq!([0.0, 0.5, 1.0, 2.5, 4.5, 8.5].map(|t| wave.at(t)), [2.0, 3.0, 4.0, 1.0, 3.0, 3.0]);
        assert_eq!((wave.period(), wave.mean()), (Some(4.0), 1.5));
        assert_eq!((Waveform::constant(3.0).at(7.0), Waveform::constant(3.0).period()), (3.0, None));
    }

    #[test]
    fn times_that_do_not_grow_are_refused() {
        let refused = |times: &[f64], values: &[f64]| Waveform::periodic(times.into(), values.into()).unwrap_err();
        assert_eq!(refused(&[0.0, 1.0, 1.0], &[0.0; 3]), "has the time 1 after 1; times must grow");
        assert!(refused(&[0.0], &[]).contains("1 times and 0 values"));
        assert!(refused(&[0.0, 1.0], &[0.0, f64::NAN]).contains("must be finite"));
    }
}
