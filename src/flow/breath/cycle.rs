//! A breath put together from its steady flows.

use super::law::Rohrer;
use super::pattern::Breath;

/// Moments of a breath.
const MOMENTS: usize = 200;

/// A moment of a breath.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Time since the breath began in s.
    pub time_s: f64,
    /// Flow into the airways in ml/s, negative out of them.
    pub flow_ml_s: f64,
    /// Volume that came in since the breath began, ml.
    pub volume_ml: f64,
    /// Pressure at the central end less the mean of the branches' ends, Pa.
    pub drop_pa: f64,
    /// The part of it that accelerates the air, Pa.
    pub inertial_pa: f64,
    /// Total pressure that friction and eddies take, Pa; negative when the air flows out.
    pub lost_pa: f64,
}

/// A breath.
#[derive(Debug, Clone, PartialEq)]
pub struct BreathCycle {
    /// Equally spaced from its start on.
    pub moments: Vec<Moment>,
    /// What friction and eddies take of the whole breath, J.
    pub work_j: f64,
}

impl BreathCycle {
    /// From the laws of the pressure drop and of the total pressure lost, in and out, and the inertance in Pa s²/ml.
    pub fn new(breath: &Breath, drop: [Rohrer; 2], lost: [Rohrer; 2], inertance_pa_s2_ml: f64) -> Self {
        let wave = breath.waveform();
        let step_s = wave.period_s() / MOMENTS as f64;
        let (mut volume_ml, mut work) = (0.0, 0.0);
        let mut moments = Vec::with_capacity(MOMENTS);
        for n in 0..MOMENTS {
            let time_s = step_s * n as f64;
            let flow = wave.at(time_s);
            let way = usize::from(flow < 0.0);
            let inertial_pa = inertance_pa_s2_ml * wave.slope_at(time_s);
            let lost_pa = lost[way].drop_pa(flow);
            let drop_pa = drop[way].drop_pa(flow) + inertial_pa;
            moments.push(Moment { time_s, flow_ml_s: flow, volume_ml, drop_pa, inertial_pa, lost_pa });
            // Simpson's rule; ml times Pa is µJ.
            volume_ml += step_s / 6.0 * (flow + 4.0 * wave.at(time_s + 0.5 * step_s) + wave.at(time_s + step_s));
            work += 1e-6 * step_s * lost_pa * flow;
        }
        Self { moments, work_j: work }
    }

    /// Highest pressures in and out in Pa, both positive.
    pub fn largest_pa(&self) -> [f64; 2] {
        let all = || self.moments.iter().map(|moment| moment.drop_pa);
        [all().fold(0.0, f64::max), -all().fold(0.0, f64::min)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn work_is_that_of_the_sine_and_the_inertia_takes_none() {
        let breath = Breath::quiet(500.0, 12.0, 0.5, 2).unwrap();
        let law = Rohrer { linear_pa_s_ml: 0.05, square_pa_s2_ml2: 0.0 };
        let cycle = BreathCycle::new(&breath, [law; 2], [law; 2], 0.01);
        // K₁ q̂²/2 over 5 s with q̂ = π V/5 s.
        let exact = 0.05 * (PI * 500.0 * 2.0 / 10.0).powi(2) / 2.0 * 5.0 * 1e-6;
        assert!((cycle.work_j / exact - 1.0).abs() < 5e-3, "{} and {exact} J", cycle.work_j);
        let step = 5.0 / MOMENTS as f64;
        let inertial: f64 = cycle.moments.iter().map(|m| step * m.inertial_pa * m.flow_ml_s * 1e-6).sum();
        assert!(inertial.abs() < 1e-3 * exact, "{inertial} J");
        let fullest = cycle.moments.iter().map(|m| m.volume_ml).fold(0.0, f64::max);
        assert!((fullest - 500.0).abs() < 1e-3, "{fullest} ml");
        let [into, out] = cycle.largest_pa();
        assert!((into - out).abs() < 1e-6 * into, "{into} and {out} Pa");
    }
}
