//! What is beyond the ends of a network.

use super::error::{WavesError, finite, not_negative, within};
use crate::flow::network::Waveform;

/// What holds at a node that one vessel reaches.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Flow into the network in m³/s over the cycle in s; negative flow leaves it.
    Flow(Waveform),
    /// Pressure in Pa over the cycle in s.
    Pressure(Waveform),
    /// Windkessel of three elements: p = R₁ Q + p_C, C dp_C/dt = Q − (p_C − p_d)/R₂ with the flow Q out of the network.
    Windkessel {
        /// R₁ in Pa s/m³.
        proximal: f64,
        /// C in m³/Pa; 0 for resistances alone.
        capacitance: f64,
        /// R₂ in Pa s/m³.
        distal: f64,
        /// p_d in Pa.
        distal_pressure_pa: f64,
    },
    /// Of a wave that arrives, this part comes back (by its Riemann invariant): 0 lets it out, 1 is a closed end, −1 an
    /// open one.
    Reflection {
        /// Γ.
        coefficient: f64,
        /// Pressure of the vessel at rest in Pa.
        rest_pressure_pa: f64,
    },
}

impl End {
    /// Cycle of its waveform in s.
    pub(super) fn period(&self) -> Option<f64> {
        match self {
            Self::Flow(wave) | Self::Pressure(wave) => wave.period(),
            _ => None,
        }
    }

    pub(super) fn check(&self, node: usize) -> Result<(), WavesError> {
        let owner = format!("the end at node {node}");
        match self {
            Self::Flow(wave) => finite(&owner, "the mean flow", wave.mean())?,
            Self::Pressure(wave) => finite(&owner, "the mean pressure", wave.mean())?,
            Self::Windkessel { proximal, capacitance, distal, distal_pressure_pa } => {
                not_negative(&owner, "the proximal resistance", *proximal)?;
                not_negative(&owner, "the capacitance", *capacitance)?;
                not_negative(&owner, "the distal resistance", *distal)?;
                finite(&owner, "the distal pressure", *distal_pressure_pa)?
            }
            Self::Reflection { coefficient, rest_pressure_pa } => {
                within(&owner, "the reflection", *coefficient, [-1.0, 1.0], "from -1 to 1")?;
                finite(&owner, "the rest pressure", *rest_pressure_pa)?
            }
        };
        Ok(())
    }
}

/// A windkessel over a time step, exact for flow that is linear, or quadratic, in it.
///
/// ```text
/// p_C(t + Δt) − p_d = e^−x (p_C − p_d) + R₂ ∫₀¹ x e^−x(1−s) Q(s) ds        x = Δt/(R₂ C)
/// m_k = ∫₀¹ x e^−x(1−s) s^k ds:   m₀ = 1 − e^−x,  m₁ = 1 − m₀/x,  m₂ = 1 − 2 m₁/x
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Charge {
    /// e^−x.
    kept: f64,
    /// m₀, m₁, m₂.
    moments: [f64; 3],
    distal: f64,
    distal_pressure: f64,
}

impl Charge {
    pub fn new(capacitance: f64, distal: f64, distal_pressure: f64, step_s: f64) -> Self {
        let constant = distal * capacitance;
        if !(0.0 < constant) {
            return Self { kept: 0.0, moments: [1.0; 3], distal, distal_pressure };
        }
        let x = step_s / constant;
        let moments = if x < 0.01 {
            // Σ (−1)^(j−1) x^j k!/(k + j)!: the closed forms lose digits.
            let series = |k: f64| x / (k + 1.0) * (1.0 - x / (k + 2.0) * (1.0 - x / (k + 3.0) * (1.0 - x / (k + 4.0))));
            [0.0, 1.0, 2.0].map(series)
        } else {
            let m_0 = -(-x).exp_m1();
            let m_1 = 1.0 - m_0 / x;
            [m_0, m_1, 1.0 - 2.0 * m_1 / x]
        };
        Self { kept: (-x).exp(), moments, distal, distal_pressure }
    }

    /// p_C at the end in Pa as `a + b Q(t + Δt)`: gives a and b for linear flow that begins with `before`.
    pub fn linear(&self, pressure: f64, before: f64) -> [f64; 2] {
        let [m_0, m_1, _] = self.moments;
        let rest = self.distal_pressure + self.kept * (pressure - self.distal_pressure);
        [rest + self.distal * (m_0 - m_1) * before, self.distal * m_1]
    }

    /// p_C at the end in Pa for flow through three values, at begin, middle and end.
    pub fn quadratic(&self, pressure: f64, [begin, middle, end]: [f64; 3]) -> f64 {
        let [m_0, m_1, m_2] = self.moments;
        let sum = (m_0 - 3.0 * m_1 + 2.0 * m_2) * begin + 4.0 * (m_1 - m_2) * middle + (2.0 * m_2 - m_1) * end;
        self.distal_pressure + self.kept * (pressure - self.distal_pressure) + self.distal * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_windkessel_is_exact_for_linear_and_quadratic_flow() {
        // p' = (Q − p/R)/C for Q = a + b t + d t² by an integrating polynomial plus the decaying part.
        for (c, r, step) in [(2e-10, 1.5e9, 1e-3), (1e-8, 1e8, 2e-5), (1e-12, 1e9, 1e-2), (1e-10, 1e9, 1.1e-3)] {
            let (p_d, p_0, tau) = (2e3, 9e3, r * c);
            for (a, b, d) in [(5e-6, 3e-4, 0.0), (5e-6, -2e-4, 0.4)] {
                // Particular solution R (α + β t + δ t²): δ = d, β = b − 2 τ d, α = a − τ β.
                let (beta, alpha) = (b - 2.0 * tau * d, a - tau * (b - 2.0 * tau * d));
                let steady = |t: f64| p_d + r * (alpha + beta * t + d * t * t);
                let exact = steady(step) + (p_0 - steady(0.0)) * (-step / tau).exp();
                let flow = |t: f64| a + b * t + d * t * t;
                let charge = Charge::new(c, r, p_d, step);
                let value = charge.quadratic(p_0, [0.0, 0.5 * step, step].map(flow));
                assert!((value / exact - 1.0).abs() < 1e-8, "{value} {exact}");
                if d == 0.0 {
                    let [rest, after] = charge.linear(p_0, a);
                    assert!(((rest + after * flow(step)) / exact - 1.0).abs() < 1e-8);
                }
            }
        }
        assert_eq!(Charge::new(0.0, 7.0, 1.0, 1e-3).quadratic(9.0, [1.0, 2.0, 3.0]), 22.0);
    }
}
