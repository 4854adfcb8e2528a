//! What theory says of the nozzle: the boundary-layer equations, marched along the axis. A second witness beside the
//! laboratories, which shares nothing with the lattice.

use std::f64::consts::PI;

/// Laminar flow along a round tube whose radius changes slowly, at one place: rings of equal width from axis to wall.
///
/// ```text
/// u ∂u/∂z + v ∂u/∂r = −(1/ρ) dp/dz + (ν/r) ∂/∂r (r ∂u/∂r)          ∂(r u)/∂z + ∂(r v)/∂r = 0
/// ```
///
/// The pressure is the same all over a section and follows from the flow, which does not change. Implicit along z, rings as
/// control volumes, so mass is conserved. Where fluid flows back its own inertia along z is left out (Reyhner,
/// Flügge-Lotz 1968, Int. J. Non-Linear Mech. 3:173), which serves behind a sudden expansion too (Acrivos, Schrader 1982,
/// Phys. Fluids 25:923).
pub(super) struct BoundaryLayer {
    /// Kinematic viscosity, m²/s, and density, kg/m³.
    pub viscosity_m2_s: f64,
    pub density_kg_m3: f64,
    /// Radius of the wall, m.
    pub radius_m: f64,
    /// Speed along the axis in every ring, m/s.
    pub speed_m_s: Vec<f64>,
    /// Pressure over that at the start, Pa.
    pub pressure_pa: f64,
}

/// Rounds in which flow across and flow along are made to agree, every step.
const ROUNDS: usize = 10;

impl BoundaryLayer {
    /// Go on by `dz_m` to where the radius is `radius_m`.
    pub fn step(&mut self, radius_m: f64, dz_m: f64) {
        let n = self.speed_m_s.len();
        let before = &self.speed_m_s;
        let rings = |radius: f64| ring_areas(n, radius);
        let (old, middle, new) = (rings(self.radius_m), rings(0.5 * (self.radius_m + radius_m)), rings(radius_m));
        let flow: f64 = before.iter().zip(&old).map(|(u, area)| u * area).sum();
        let width = radius_m / n as f64;
        // Twice as near to the wall as to the next ring.
        let friction = |face: usize| {
            let over = if face == n { 0.5 * width } else { width };
            self.viscosity_m2_s * 2.0 * PI * face as f64 * width * dz_m / over
        };
        let mut after = before.clone();
        let mut drop = 0.0;
        for _ in 0..ROUNDS {
            // What leaves every ring outwards, for what comes in along it and does not go out along it.
            let mut out = 0.0;
            let mut rows = Vec::with_capacity(n);
            for k in 0..n {
                let inward = out;
                out -= after[k] * new[k] - before[k] * old[k];
                let along = (0.5 * (before[k] * old[k] + after[k] * new[k])).max(0.0);
                let (inner, outer) = (friction(k), friction(k + 1));
                let outward = if k + 1 < n { out } else { 0.0 };
                rows.push(Row {
                    below: -0.5 * inward - inner,
                    own: along + 0.5 * (inward - outward) + inner + outer,
                    above: if k + 1 < n { 0.5 * outward - outer } else { 0.0 },
                    right: [along * before[k], -middle[k] / self.density_kg_m3],
                });
            }
            let solved = solve(rows);
            let sum = |which: usize| -> f64 { solved.iter().zip(&new).map(|(x, area)| x[which] * area).sum() };
            drop = (flow - sum(0)) / sum(1);
            after = solved.iter().map(|[without, of_pressure]| without + drop * of_pressure).collect();
        }
        (self.speed_m_s, self.radius_m) = (after, radius_m);
        self.pressure_pa += drop;
    }

    /// The same flow where the wall suddenly is `times` as far away.
    pub fn widen(&mut self, times: usize) {
        self.speed_m_s.resize(times * self.speed_m_s.len(), 0.0);
        self.radius_m *= times as f64;
    }

    /// Speed on the axis, m/s: a parabola through the two innermost rings.
    pub fn axis_m_s(&self) -> f64 {
        self.speed_m_s[0] + (self.speed_m_s[0] - self.speed_m_s[1]) / 8.0
    }
}

/// One row of the equations: `below` x₋ + `own` x + `above` x₊ = `right`, for two right sides.
struct Row {
    below: f64,
    own: f64,
    above: f64,
    right: [f64; 2],
}

/// Elimination down and up.
fn solve(mut rows: Vec<Row>) -> Vec<[f64; 2]> {
    for k in 1..rows.len() {
        let share = rows[k].below / rows[k - 1].own;
        rows[k].own -= share * rows[k - 1].above;
        for side in 0..2 {
            rows[k].right[side] -= share * rows[k - 1].right[side];
        }
    }
    let mut next = [0.0; 2];
    let mut solved = vec![next; rows.len()];
    for (k, row) in rows.iter().enumerate().rev() {
        next = [0, 1].map(|side| (row.right[side] - row.above * next[side]) / row.own);
        solved[k] = next;
    }
    solved
}

fn ring_areas(n: usize, radius: f64) -> Vec<f64> {
    let circle = |k: usize| PI * (radius * k as f64 / n as f64).powi(2);
    (0..n).map(|k| circle(k + 1) - circle(k)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tube of radius 1 and mean speed 1 in which fluid begins as a plug, followed for `over` diameters times Reynolds
    /// number; places, speeds on the axis and pressures on the way.
    fn entrance(over: f64) -> Vec<[f64; 3]> {
        const REYNOLDS: f64 = 1000.0;
        let mut flow = BoundaryLayer {
            viscosity_m2_s: 2.0 / REYNOLDS,
            density_kg_m3: 1.0,
            radius_m: 1.0,
            speed_m_s: vec![1.0; 100],
            pressure_pa: 0.0,
        };
        let (mut at, mut step, mut all) = (0.0, 1e-6, Vec::new());
        while at < over {
            flow.step(1.0, 2.0 * REYNOLDS * step);
            at += step;
            step = (1.03 * step).min(1e-4);
            all.push([at, flow.axis_m_s(), flow.pressure_pa]);
        }
        all
    }

    /// Hornbeck 1964, Appl. Sci. Res. A 13:224, as in Shah, London 1978, Laminar Flow Forced Convection in Ducts:
    /// 99 % of the final speed on the axis after 0.0565 diameters times Reynolds number, and 1.28 times the dynamic pressure
    /// lost beyond fully developed friction; other solutions of the same equations give 0.054 to 0.0575 and 1.2 to 1.41.
    #[test]
    fn flow_in_an_entrance_develops_as_in_the_literature() {
        let all = entrance(0.3);
        let developed = all.iter().find(|[_, speed, _]| 1.98 <= *speed).unwrap()[0];
        assert!((0.054..0.0575).contains(&developed), "{developed}");
        let [at, speed, pressure] = *all.last().unwrap();
        assert!((speed - 2.0).abs() < 1e-3, "{speed}");
        let lost = -2.0 * pressure - 64.0 * at;
        assert!((1.2..1.41).contains(&lost), "{lost}");
    }

    #[test]
    fn flow_stays_the_same_in_a_cone_and_behind_a_step() {
        let n = 50;
        let ring = |k: usize| 2.0 * (1.0 - ((k as f64 + 0.5) / n as f64).powi(2));
        let mut flow = BoundaryLayer {
            viscosity_m2_s: 0.01,
            density_kg_m3: 1.0,
            radius_m: 1.0,
            speed_m_s: (0..n).map(ring).collect(),
            pressure_pa: 0.0,
        };
        let total = |flow: &BoundaryLayer| -> f64 {
            ring_areas(flow.speed_m_s.len(), flow.radius_m).iter().zip(&flow.speed_m_s).map(|(a, u)| a * u).sum()
        };
        let start = total(&flow);
        for k in 0..100 {
            flow.step(1.0 - 0.005 * f64::from(k + 1), 0.02);
        }
        assert!((total(&flow) / start - 1.0).abs() < 1e-9 && flow.pressure_pa < 0.0);
        flow.widen(3);
        for _ in 0..100 {
            flow.step(1.5, 0.002);
        }
        assert!((total(&flow) / start - 1.0).abs() < 1e-9, "{}", total(&flow) / start);
        assert!(flow.speed_m_s.iter().any(|u| *u < 0.0), "fluid flows back behind a step");
    }
}
