//! The pressure that steady flow takes in airways, for any flow, from a few flows.

/// Rohrer's law (Rohrer 1915, Pflügers Arch. 162:225): friction grows with the flow, what jets and turns take with its
/// square.
///
/// ```text
/// Δp = K₁ q + K₂ q²
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rohrer {
    /// K₁ in Pa s/ml.
    pub linear_pa_s_ml: f64,
    /// K₂ in Pa s²/ml².
    pub square_pa_s2_ml2: f64,
}

impl Rohrer {
    /// The law through flows (ml/s, all more than 0, at least two different) and the pressures they take (Pa): the least
    /// squares of Δp/q = K₁ + K₂ q, exact for two.
    pub fn through(points: &[[f64; 2]]) -> Self {
        let count = points.len() as f64;
        let (q, r) = points.iter().fold((0.0, 0.0), |(q, r), [flow, drop]| (q + flow / count, r + drop / flow / count));
        let (qr, qq) = points
            .iter()
            .fold((0.0, 0.0), |(qr, qq), [flow, drop]| (qr + (flow - q) * (drop / flow - r), qq + (flow - q).powi(2)));
        let square = if 0.0 < qq { qr / qq } else { 0.0 };
        Self { linear_pa_s_ml: r - square * q, square_pa_s2_ml2: square }
    }

    /// The pressure that a flow in ml/s takes, Pa; against it where it flows back.
    pub fn drop_pa(&self, flow_ml_s: f64) -> f64 {
        flow_ml_s * (self.linear_pa_s_ml + self.square_pa_s2_ml2 * flow_ml_s.abs())
    }

    /// The largest difference to `points` over the largest pressure of them.
    pub fn misfit(&self, points: &[[f64; 2]]) -> f64 {
        let off = points.iter().map(|[flow, drop]| (self.drop_pa(*flow) - drop).abs()).fold(0.0, f64::max);
        off / points.iter().map(|[_, drop]| drop.abs()).fold(1e-300, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_is_found_again_and_is_odd() {
        let law = Rohrer { linear_pa_s_ml: 0.01, square_pa_s2_ml2: 4e-5 };
        let points = |flows: &[f64]| flows.iter().map(|q| [*q, law.drop_pa(*q)]).collect::<Vec<_>>();
        for flows in [&[100.0, 200.0][..], &[50.0, 300.0, 500.0]] {
            let found = Rohrer::through(&points(flows));
            assert!((found.linear_pa_s_ml / 0.01 - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.square_pa_s2_ml2 / 4e-5 - 1.0).abs() < 1e-9, "{found:?}");
            assert!(found.misfit(&points(flows)) < 1e-12);
        }
        assert_eq!(law.drop_pa(-100.0), -law.drop_pa(100.0));
    }

    /// Between friction and eddies the pressure grows about as q^1.5 (Pedley et al. 1970): two flows, the largest and half
    /// of it, stand for all.
    #[test]
    fn two_flows_are_enough_for_what_grows_in_between() {
        let drop = |q: f64| q.powf(1.5);
        let law = Rohrer::through(&[[1.0, drop(1.0)], [0.5, drop(0.5)]]);
        for k in 1..=100 {
            let q = f64::from(k) / 100.0;
            let off = (law.drop_pa(q) - drop(q)).abs();
            assert!(off < 0.02, "{off} of the largest pressure at {q} of the flow");
        }
    }
}
