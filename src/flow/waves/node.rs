//! What happens where vessels meet or end: the states that fit what arrives there along the characteristics.
//!
//! Seen outwards from a vessel with speed v = ±u, the invariant w = v + 4 c arrives with the wave. In y = A^¼ all is
//! polynomial: c = κ y, v = w − 4 κ y, Q = y⁴ v, p = p₀ + K (y² − √A₀) with K = β/A₀ and κ² = K/(2 ρ).

/// What a vessel brings to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Arrival {
    /// w in m/s.
    pub invariant: f64,
    /// y of the vessel just inside, where iterations begin.
    pub inside: f64,
    /// κ.
    kappa: f64,
    /// K in Pa/m.
    stiffness: f64,
    /// √A₀ in m.
    root: f64,
    /// p₀ in Pa.
    reference: f64,
    /// ρ in kg/m³.
    density: f64,
}

/// Changes of y that count as none, as a part of it: the square of it is beyond double precision.
const SETTLED: f64 = 1e-11;
const ITERATIONS_MAX: usize = 50;

impl Arrival {
    /// The state inside is √A and outward flow.
    pub fn new(area_root: f64, flow: f64, [root, stiffness]: [f64; 2], reference: f64, density: f64) -> Self {
        let kappa = (stiffness / (2.0 * density)).sqrt();
        let inside = area_root.sqrt();
        let invariant = flow / (area_root * area_root) + 4.0 * kappa * inside;
        Self { invariant, inside, kappa, stiffness, root, reference, density }
    }

    /// Outward speed less wave speed in m/s: below 0 as long as waves can come back.
    fn excess(&self, y: f64) -> f64 {
        self.invariant - 5.0 * self.kappa * y
    }

    /// Outward flow in m³/s.
    pub fn flow(&self, y: f64) -> f64 {
        y.powi(4) * (self.invariant - 4.0 * self.kappa * y)
    }

    /// Pressure in Pa.
    pub fn pressure(&self, y: f64) -> f64 {
        self.reference + self.stiffness * (y * y - self.root)
    }

    /// y at a pressure; not a number where the vessel would be collapsed.
    fn at_pressure(&self, pressure: f64) -> f64 {
        ((pressure - self.reference) / self.stiffness + self.root).sqrt()
    }

    /// p + ρ v²/2 and its derivative by y.
    fn head(&self, y: f64) -> (f64, f64) {
        let speed = self.invariant - 4.0 * self.kappa * y;
        let derivative = -4.0 * self.density * self.kappa * self.excess(y);
        (self.pressure(y) + 0.5 * self.density * speed * speed, derivative)
    }

    /// y with this outward flow.
    pub fn with_flow(&self, flow: f64) -> Option<f64> {
        self.newton(|y| (self.flow(y) - flow, 4.0 * y.powi(3) * self.excess(y)))
    }

    /// y with p = `behind` + `resistance` Q.
    pub fn with_resistance(&self, resistance: f64, behind: f64) -> Option<f64> {
        self.newton(|y| {
            let value = self.pressure(y) - resistance * self.flow(y) - behind;
            (value, 2.0 * self.stiffness * y - resistance * 4.0 * y.powi(3) * self.excess(y))
        })
    }

    /// y with this pressure.
    pub fn with_pressure(&self, pressure: f64) -> Option<f64> {
        self.usable(self.at_pressure(pressure))
    }

    /// y of which the part `coefficient` of the wave comes back as v − 4 c, for a vessel that rests at a pressure.
    pub fn with_reflection(&self, coefficient: f64, rest_pressure: f64) -> Option<f64> {
        let rest = 4.0 * self.kappa * self.at_pressure(rest_pressure);
        let back = -rest - coefficient * (self.invariant - rest);
        self.usable((self.invariant - back) / (8.0 * self.kappa))
    }

    /// y if it is a state that is slower than its waves.
    fn usable(&self, y: f64) -> Option<f64> {
        let speed = self.invariant - 4.0 * self.kappa * y;
        (y.is_finite() && 0.0 < y && speed.abs() < self.kappa * y).then_some(y)
    }

    /// Newton's method from the state inside.
    fn newton(&self, function: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
        let mut y = self.inside;
        for _ in 0..ITERATIONS_MAX {
            let (value, derivative) = function(y);
            let change = value / derivative;
            y -= change;
            if change.abs() <= SETTLED * y {
                return self.usable(y);
            }
        }
        None
    }
}

/// The states of vessels that meet where `inflow` comes in besides: flows add up to 0, total pressure is the same.
/// Whether there are such states.
///
/// Newton's method for the common head H. With Y = A/(ρ c) = −dQ/dH along each characteristic
///
/// ```text
/// H = (Σ Y H_k + Σ Q_k + Q_in)/Σ Y,   y_k += (H − H_k)/(dH_k/dy)
/// ```
pub(super) fn meet(arrivals: &[Arrival], inflow: f64, states: &mut [f64]) -> bool {
    for (state, arrival) in states.iter_mut().zip(arrivals) {
        *state = arrival.inside;
    }
    for _ in 0..ITERATIONS_MAX {
        let (mut admittances, mut sum) = (0.0, inflow);
        for (y, arrival) in states.iter().zip(arrivals) {
            let admittance = y.powi(3) / (arrival.density * arrival.kappa);
            admittances += admittance;
            sum += admittance * arrival.head(*y).0 + arrival.flow(*y);
        }
        let head = sum / admittances;
        let mut largest = 0.0_f64;
        for (y, arrival) in states.iter_mut().zip(arrivals) {
            let (own, derivative) = arrival.head(*y);
            let change = (head - own) / derivative;
            *y += change;
            largest = largest.max((change / *y).abs());
        }
        if !largest.is_finite() {
            return false;
        }
        if largest <= SETTLED {
            return states.iter().zip(arrivals).all(|(y, arrival)| arrival.usable(*y).is_some());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(area: f64, flow: f64, radius: f64, speed: f64) -> Arrival {
        let root = (std::f64::consts::PI * radius * radius).sqrt();
        let density = 1060.0;
        let stiffness = 2.0 * density * speed * speed / root;
        Arrival::new(area.sqrt(), flow, [root, stiffness], 9e3, density)
    }

    #[test]
    fn what_meets_is_conserved_and_has_one_head() {
        let arrivals =
            [arrival(2.1e-4, 6e-5, 8e-3, 5.0), arrival(1e-4, -1e-5, 5.5e-3, 6.0), arrival(5e-5, -4e-6, 4e-3, 7.0)];
        let mut states = [0.0; 3];
        assert!(meet(&arrivals, 0.0, &mut states));
        let flows: f64 = states.iter().zip(&arrivals).map(|(y, arrival)| arrival.flow(*y)).sum();
        assert!(flows.abs() < 1e-17, "{flows}");
        let heads: Vec<f64> = states.iter().zip(&arrivals).map(|(y, arrival)| arrival.head(*y).0).collect();
        assert!((heads[1] - heads[0]).abs() < 1e-7 && (heads[2] - heads[0]).abs() < 1e-7, "{heads:?}");
    }

    #[test]
    fn two_equal_vessels_meet_as_if_there_were_no_node() {
        let (area, flow) = (8e-5, 1.3e-5);
        let mut states = [0.0; 2];
        assert!(meet(&[arrival(area, flow, 5e-3, 6.0), arrival(area, -flow, 5e-3, 6.0)], 0.0, &mut states));
        assert!(states.iter().all(|y| (y.powi(4) / area - 1.0).abs() < 1e-12), "{states:?}");
    }

    #[test]
    fn ends_give_what_they_say() {
        let inside = arrival(9e-5, 1e-5, 5e-3, 6.0);
        let y = inside.with_flow(-3e-5).unwrap();
        assert!((inside.flow(y) / -3e-5 - 1.0).abs() < 1e-9);
        let y = inside.with_resistance(1e8, 8e3).unwrap();
        assert!((inside.pressure(y) - 8e3 - 1e8 * inside.flow(y)).abs() < 1e-6);
        let y = inside.with_pressure(9.5e3).unwrap();
        assert!((inside.pressure(y) - 9.5e3).abs() < 1e-9);
        let closed = inside.with_reflection(1.0, 9e3).unwrap();
        assert!(inside.flow(closed).abs() < 1e-17 && (closed / inside.with_flow(0.0).unwrap() - 1.0).abs() < 1e-9);
        assert!(inside.with_flow(1e-2).is_none() && inside.with_pressure(-1e7).is_none());
    }
}
