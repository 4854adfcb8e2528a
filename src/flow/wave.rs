//! Flow over one cycle, of the heart or of breathing, which repeats: given by points, or by a half sine with stated
//! numbers.

use super::error::FlowError;

/// Most points of a waveform.
const POINTS_MAX: usize = 10_000;
/// Points by which a half sine is given.
const HALF_SINE_POINTS: usize = 64;
/// Share of the largest value by which the last point of a closed cycle may differ from the first.
const CLOSED: f64 = 1e-6;

/// A periodic flow: a monotone cubic through points (Fritsch and Butland 1984, SIAM J. Sci. Stat. Comput. 5:300, with
/// slopes that are periodic too), which nowhere swings beyond its points.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    period_s: f64,
    /// From 0 on, ascending, all before the period.
    times_s: Vec<f64>,
    flows_ml_s: Vec<f64>,
    /// ml/s².
    slopes: Vec<f64>,
}

impl Waveform {
    /// The flow through `points` of time (s) and flow (ml/s), of which the last closes the cycle: its flow is that of
    /// the first again, one period later. Negative flow runs backwards.
    ///
    /// # Errors
    /// [`FlowError::BadWaveform`] for fewer than four points, times that do not grow, numbers that are not finite, a
    /// cycle that is not closed, or a mean that is not more than 0.
    pub fn closed(points: &[[f64; 2]]) -> Result<Self, FlowError> {
        let wave = Self::to_and_fro(points)?;
        if !(0.0 < wave.mean_ml_s()) {
            let mean = wave.mean_ml_s();
            return Err(FlowError::BadWaveform(format!(
                "has a mean of {mean} ml/s; it must be more than 0, into the lumen"
            )));
        }
        Ok(wave)
    }

    /// The same for flow that may go out again: its mean may be anything, 0 for breathing.
    ///
    /// # Errors
    /// [`FlowError::BadWaveform`] as [`Self::closed`], but for the mean.
    pub fn to_and_fro(points: &[[f64; 2]]) -> Result<Self, FlowError> {
        let bad = |what: String| Err(FlowError::BadWaveform(what));
        let count = points.len();
        if !(4..=POINTS_MAX).contains(&count) {
            return bad(format!("has {count} points; it must have 4 to {POINTS_MAX}"));
        }
        if let Some([time, flow]) = points.iter().find(|point| point.iter().any(|x| !x.is_finite())) {
            return bad(format!("has the flow {flow} ml/s at the time {time} s; both must be finite"));
        }
        if let Some(pair) = points.windows(2).find(|pair| pair[1][0] <= pair[0][0]) {
            return bad(format!("has the time {} s after {} s; times must grow", pair[1][0], pair[0][0]));
        }
        let (first, last) = (points[0], points[count - 1]);
        let largest = points.iter().map(|point| point[1].abs()).fold(0.0, f64::max);
        if CLOSED * largest < (last[1] - first[1]).abs() {
            return bad(format!(
                "ends with {} ml/s and begins with {} ml/s; its last point closes the cycle and must have the flow of the first",
                last[1], first[1]
            ));
        }
        let times_s: Vec<f64> = points[..count - 1].iter().map(|point| point[0] - first[0]).collect();
        let flows_ml_s: Vec<f64> = points[..count - 1].iter().map(|point| point[1]).collect();
        let period_s = last[0] - first[0];
        let slopes = slopes(&times_s, &flows_ml_s, period_s);
        Ok(Self { period_s, times_s, flows_ml_s, slopes })
    }

    /// A half sine over the first `systolic_share` of the cycle on top of a constant flow, such that mean and peak are
    /// those asked for. An assumption about the shape, not a measurement.
    ///
    /// ```text
    /// q(t) = b + (q_peak − b) sin(π t/t_s)   for t < t_s = s T,   b after        b = (q_mean − q_peak 2s/π)/(1 − 2s/π)
    /// ```
    ///
    /// # Errors
    /// [`FlowError::BadWaveform`] for a period or mean that is not more than 0, a peak not above the mean, or a share
    /// outside 0.05 to 0.95.
    pub fn half_sine(period_s: f64, mean_ml_s: f64, peak_ml_s: f64, systolic_share: f64) -> Result<Self, FlowError> {
        let bad = |what: String| Err(FlowError::BadWaveform(what));
        if !(period_s.is_finite() && 0.0 < period_s) {
            return bad(format!("has a period of {period_s} s; it must be a finite number more than 0"));
        }
        if !(0.05..=0.95).contains(&systolic_share) {
            return bad(format!("has a systole of {systolic_share} of the cycle; it must be 0.05 to 0.95"));
        }
        if !(0.0 < mean_ml_s && mean_ml_s < peak_ml_s && peak_ml_s.is_finite()) {
            return bad(format!(
                "has a mean of {mean_ml_s} ml/s and a peak of {peak_ml_s} ml/s; the mean must be more than 0 and less than the peak"
            ));
        }
        let under = 2.0 * systolic_share / std::f64::consts::PI;
        let base = (mean_ml_s - peak_ml_s * under) / (1.0 - under);
        let systole_s = systolic_share * period_s;
        let mut points: Vec<[f64; 2]> = (0..HALF_SINE_POINTS)
            .map(|n| {
                let part = n as f64 / HALF_SINE_POINTS as f64;
                [part * systole_s, base + (peak_ml_s - base) * (std::f64::consts::PI * part).sin()]
            })
            .collect();
        points.extend([[systole_s, base], [0.5 * (systole_s + period_s), base], [period_s, base]]);
        // The cubic through the points has not quite the mean of the sine.
        Ok(Self::closed(&points)?.with_mean(mean_ml_s))
    }

    /// The same shape over another period.
    ///
    /// # Errors
    /// [`FlowError::BadWaveform`] for a period that is not more than 0.
    pub fn over(&self, period_s: f64) -> Result<Self, FlowError> {
        let factor = period_s / self.period_s;
        let scaled = |(time, flow): (&f64, &f64)| [time * factor, *flow];
        let mut points: Vec<[f64; 2]> = self.times_s.iter().zip(&self.flows_ml_s).map(scaled).collect();
        points.push([period_s, self.flows_ml_s[0]]);
        Self::to_and_fro(&points)
    }

    /// The same shape with all flows scaled to a mean, which must be more than 0.
    #[must_use]
    pub fn with_mean(&self, mean_ml_s: f64) -> Self {
        self.times(mean_ml_s / self.mean_ml_s())
    }

    /// The same shape with all flows `factor` times.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        let scaled = |values: &[f64]| values.iter().map(|x| x * factor).collect();
        Self {
            period_s: self.period_s,
            times_s: self.times_s.clone(),
            flows_ml_s: scaled(&self.flows_ml_s),
            slopes: scaled(&self.slopes),
        }
    }

    /// Duration of a cycle in s.
    pub fn period_s(&self) -> f64 {
        self.period_s
    }

    /// The points without the one that closes the cycle: times from 0 in s, flows in ml/s.
    pub fn points(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        self.times_s.iter().zip(&self.flows_ml_s).map(|(time, flow)| [*time, *flow])
    }

    /// Mean flow over the cycle in ml/s, exact for the cubic.
    pub fn mean_ml_s(&self) -> f64 {
        let count = self.times_s.len();
        let piece = |n: usize| {
            let (h, next) = (self.length(n), (n + 1) % count);
            0.5 * h * (self.flows_ml_s[n] + self.flows_ml_s[next]) + h * h / 12.0 * (self.slopes[n] - self.slopes[next])
        };
        (0..count).map(piece).sum::<f64>() / self.period_s
    }

    /// Highest flow in ml/s: one of the points, as the cubic is monotone between them.
    pub fn peak_ml_s(&self) -> f64 {
        self.flows_ml_s.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Largest flow in either direction in ml/s.
    pub fn largest_ml_s(&self) -> f64 {
        self.flows_ml_s.iter().map(|flow| flow.abs()).fold(0.0, f64::max)
    }

    /// The flow at a time in ml/s.
    pub fn at(&self, time_s: f64) -> f64 {
        let time = time_s.rem_euclid(self.period_s);
        let n = self.times_s.partition_point(|t| *t <= time).max(1) - 1;
        let (h, next) = (self.length(n), (n + 1) % self.times_s.len());
        let x = (time - self.times_s[n]) / h;
        let (rest, square) = (1.0 - x, x * x);
        self.flows_ml_s[n] * (1.0 + 2.0 * x) * rest * rest
            + self.flows_ml_s[next] * square * (3.0 - 2.0 * x)
            + h * rest * x * (self.slopes[n] * rest - self.slopes[next] * x)
    }

    /// How fast the flow changes at a time, ml/s².
    pub fn slope_at(&self, time_s: f64) -> f64 {
        let time = time_s.rem_euclid(self.period_s);
        let n = self.times_s.partition_point(|t| *t <= time).max(1) - 1;
        let (h, next) = (self.length(n), (n + 1) % self.times_s.len());
        let x = (time - self.times_s[n]) / h;
        let rest = 1.0 - x;
        6.0 * x * rest * (self.flows_ml_s[next] - self.flows_ml_s[n]) / h
            + self.slopes[n] * rest * (1.0 - 3.0 * x)
            + self.slopes[next] * x * (3.0 * x - 2.0)
    }

    /// Volumes that go in and out over a cycle in ml, both positive. Between two points the flow is monotone and turns at
    /// most once; the integrals of the cubic's parts are exact.
    pub fn volumes_ml(&self) -> [f64; 2] {
        let count = self.times_s.len();
        let mut volumes = [0.0; 2];
        for n in 0..count {
            let (from, to) = (self.times_s[n], self.times_s[n] + self.length(n));
            let turn = self.turn(n);
            for (from, to) in [(from, turn), (turn, to)] {
                // Gauss's rule of two points is exact for a cubic.
                let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
                let aside = half / 3.0_f64.sqrt();
                let volume = half * (self.at(middle - aside) + self.at(middle + aside));
                volumes[usize::from(volume < 0.0)] += volume.abs();
            }
        }
        volumes
    }

    /// The time between point `n` and the next at which the flow turns round; that of the next if it does not.
    fn turn(&self, n: usize) -> f64 {
        let (mut low, mut high) = (self.times_s[n], self.times_s[n] + self.length(n));
        let first = self.flows_ml_s[n];
        if 0.0 <= first * self.flows_ml_s[(n + 1) % self.times_s.len()] {
            return high;
        }
        // To the last bit: a double has 53.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if 0.0 < first * self.at(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// Time from point `n` to the next.
    fn length(&self, n: usize) -> f64 {
        self.times_s.get(n + 1).copied().unwrap_or(self.period_s) - self.times_s[n]
    }
}

/// Slopes with which the cubic is monotone between points: the weighted harmonic mean of the two chords, 0 at turns.
fn slopes(times: &[f64], flows: &[f64], period: f64) -> Vec<f64> {
    let count = times.len();
    let length = |n: usize| times.get(n + 1).copied().unwrap_or(period) - times[n];
    let chord = |n: usize| (flows[(n + 1) % count] - flows[n]) / length(n);
    let slope = |n: usize| {
        let before = (n + count - 1) % count;
        let (h0, h1, d0, d1) = (length(before), length(n), chord(before), chord(n));
        if d0 * d1 <= 0.0 {
            return 0.0;
        }
        let (w0, w1) = (2.0 * h1 + h0, h1 + 2.0 * h0);
        (w0 + w1) / (w0 / d0 + w1 / d1)
    };
    (0..count).map(slope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_passes_through_its_points_repeats_and_nowhere_swings_beyond_them() {
        let points = [[0.1, 1.0], [0.3, 9.0], [0.4, 2.0], [0.8, 2.0], [1.1, 1.0]];
        let wave = Waveform::closed(&points).unwrap();
        assert!((wave.period_s() - 1.0).abs() < 1e-15);
        for [time, flow] in points {
            assert!((wave.at(time - 0.1) - flow).abs() < 1e-12 && (wave.at(time + 2.9) - flow).abs() < 1e-9);
        }
        let all: Vec<f64> = (0..=10_000).map(|n| wave.at(f64::from(n) * 1e-4)).collect();
        assert!(all.iter().all(|flow| (1.0..=9.0).contains(flow)), "beyond its points");
        assert!(all.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.02), "it jumps");
        let mean = all[1..].iter().sum::<f64>() / 10_000.0;
        assert!((mean - wave.mean_ml_s()).abs() < 1e-4, "{mean} and {}", wave.mean_ml_s());
        assert_eq!(wave.peak_ml_s(), 9.0);
    }

    #[test]
    fn a_half_sine_has_the_mean_and_the_peak_asked_for() {
        let wave = Waveform::half_sine(0.8, 80.0, 400.0, 0.35).unwrap();
        let mean = (0..8000).map(|n| wave.at(f64::from(n) * 1e-4)).sum::<f64>() / 8000.0;
        assert!((mean - 80.0).abs() < 1e-3 && (wave.mean_ml_s() - 80.0).abs() < 1e-9, "{mean}");
        assert!((wave.peak_ml_s() - 400.0).abs() < 0.1, "{}", wave.peak_ml_s());
        let twice = wave.over(1.6).unwrap().with_mean(8.0);
        assert!((twice.at(0.28) - 0.1 * wave.at(0.14)).abs() < 1e-9 && (twice.mean_ml_s() - 8.0).abs() < 1e-9);
    }

    #[test]
    fn flow_to_and_fro_has_its_slopes_and_volumes() {
        // Turns between its points, too.
        let points = [[0.0, 2.0], [0.4, 5.0], [1.0, -3.0], [1.5, -4.0], [2.0, 2.0]];
        let wave = Waveform::to_and_fro(&points).unwrap();
        let (n, h) = (200_000, 1e-6);
        let (mut volume_in, mut volume_out) = (0.0, 0.0);
        for k in 0..n {
            let time = 2.0 * (f64::from(k) + 0.5) / f64::from(n);
            let flow = wave.at(time) * 2.0 / f64::from(n);
            *(if 0.0 < flow { &mut volume_in } else { &mut volume_out }) += flow.abs();
            if k % 1000 == 0 {
                let difference = (wave.at(time + h) - wave.at(time - h)) / (2.0 * h);
                assert!((wave.slope_at(time) - difference).abs() < 1e-3, "at {time} s");
            }
        }
        let [into, out] = wave.volumes_ml();
        assert!((into - volume_in).abs() < 1e-6 && (out - volume_out).abs() < 1e-6, "{into} and {out} ml");
        assert!((into - out - wave.mean_ml_s() * 2.0).abs() < 1e-12, "the mean says the same");
    }

    #[test]
    fn bad_waveforms_are_refused_with_a_sentence() {
        let refused = |points: &[[f64; 2]]| Waveform::closed(points).unwrap_err().to_string();
        let good = [[0.0, 1.0], [0.2, 3.0], [0.5, 2.0], [1.0, 1.0]];
        assert!(Waveform::closed(&good).is_ok() && refused(&good[..3]).contains("has 3 points"));
        let with = |n: usize, point: [f64; 2]| {
            let mut points = good;
            points[n] = point;
            refused(&points)
        };
        assert!(with(2, [0.2, 2.0]).contains("times must grow"));
        assert!(with(1, [0.2, f64::NAN]).contains("must be finite"));
        assert!(with(3, [1.0, 2.0]).contains("closes the cycle"));
        assert!(refused(&good.map(|[t, q]| [t, -q])).contains("more than 0"));
        assert!(Waveform::half_sine(1.0, 2.0, 1.0, 0.3).unwrap_err().to_string().contains("less than the peak"));
        assert!(Waveform::half_sine(f64::NAN, 1.0, 2.0, 0.3).is_err());
    }
}
