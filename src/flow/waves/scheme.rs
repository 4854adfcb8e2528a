//! The space discretisation: finite volumes with linear reconstruction of pressure and flow and the HLL flux.
//!
//! Pressure is reconstructed rather than area, so that a vessel at rest stays at rest whatever its shape. In tapered
//! vessels the part of A/ρ p_x that is no flux is integrated within each cell,
//!
//! ```text
//! ∂Q_i/∂t Δx = −[F]_i + B(left) … B(right) − (s_L² + s_L s_R + s_R²)/3 (p_R − p_L)/ρ      s = √A
//! F = α Q²/A + B,  B = ∫ c² dA = K s³/(3 ρ),  K = β/A₀
//! ```
//!
//! which is 0 in a uniform vessel (there the scheme is conservative to rounding) and balances the fluxes at rest.
//! HLL: Harten, Lax & van Leer 1983, SIAM Rev. 25:35. Reconstruction: κ = ⅓ with the limiter of van Albada, van Leer &
//! Roberts 1982, Astron. Astrophys. 108:76, which is off for differences below [`SMOOTH`], where pulses are smooth.

use super::grid::{Grid, Span};

/// Differences between neighbours that are taken as smooth: parts of ρ c² and of A₀ c. Shocks of any height that
/// matters are steeper; the beats of the benchmark in cells of 2 mm are an eighth of this or less.
const SMOOTH: f64 = 0.01;
const KAPPA: f64 = 1.0 / 3.0;

/// A state at a face: pressure over the reference one in Pa, flow in m³/s, √A in m.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct State {
    pub pressure: f64,
    pub flow: f64,
    pub root: f64,
}

/// Scratch memory and results of the discretisation.
#[derive(Debug, Clone)]
pub(super) struct Rates {
    /// ∂A/∂t of the cells.
    pub area: Vec<f64>,
    /// ∂Q/∂t of the cells.
    pub flow: Vec<f64>,
    /// Pressures of the cells over the reference ones.
    pressure: Vec<f64>,
    /// States of the cells at their left and right faces.
    sides: Vec<[State; 2]>,
}

impl Rates {
    pub fn new(cells: usize) -> Self {
        let zeros = vec![0.0; cells];
        let sides = vec![[State::default(); 2]; cells];
        Self { area: zeros.clone(), flow: zeros.clone(), pressure: zeros, sides }
    }

    /// State of a vessel just inside one of its ends (0 begin, 1 end).
    pub fn inside(&self, span: &Span, side: usize) -> State {
        self.sides[if side == 0 { span.first } else { span.first + span.count - 1 }][side]
    }

    /// Pressure of a cell in Pa over the reference one, of the last areas reconstructed.
    pub fn pressure(&self, cell: usize) -> f64 {
        self.pressure[cell]
    }

    /// States at both faces of all cells of a vessel.
    pub fn reconstruct(&mut self, grid: &Grid, span: &Span, areas: &[f64], flows: &[f64]) {
        let range = span.first..span.first + span.count;
        let (root, stiffness) = (&grid.root[range.clone()], &grid.stiffness[range.clone()]);
        let pressure = &mut self.pressure[range.clone()];
        for (n, pressure) in pressure.iter_mut().enumerate() {
            *pressure = stiffness[n] * (areas[span.first + n].sqrt() - root[n]);
        }
        let flows = &flows[range.clone()];
        let sides = &mut self.sides[range];
        let faces = span.face..=span.face + span.count;
        let (face_root, face_stiffness) = (&grid.face_root[faces.clone()], &grid.face_stiffness[faces]);
        // ρ c² = K √A₀/2 and A₀ c in the middle of the vessel.
        let middle = span.count / 2;
        let modulus = 0.5 * stiffness[middle] * root[middle];
        let smooth_pressure = (SMOOTH * modulus).powi(2);
        let smooth_flow = (SMOOTH * root[middle].powi(2)).powi(2) * modulus / grid.density;
        let last = span.count - 1;
        for n in 0..=last {
            let (before, after) = (n.max(1) - 1, (n + 1).min(last));
            let slopes = |values: &[f64], smooth: f64| {
                let (mut a, mut b) = (values[n] - values[before], values[after] - values[n]);
                // At the ends the slope of the only neighbour goes on.
                if n == 0 {
                    a = b;
                } else if n == last {
                    b = a;
                }
                limited(a, b, smooth)
            };
            let [p_left, p_right] = slopes(pressure, smooth_pressure);
            let [q_left, q_right] = slopes(flows, smooth_flow);
            let state = |p: f64, q: f64, face: usize| State {
                pressure: p,
                flow: q,
                root: p / face_stiffness[face] + face_root[face],
            };
            sides[n] = [
                state(pressure[n] - p_left, flows[n] - q_left, n),
                state(pressure[n] + p_right, flows[n] + q_right, n + 1),
            ];
        }
    }

    /// Rates of the cells of a vessel from the states at its faces and `ends`, the states the nodes give it.
    pub fn collect(&mut self, grid: &Grid, span: &Span, areas: &[f64], flows: &[f64], ends: [State; 2]) {
        let Span { first, count, face, dx, momentum: alpha, friction, .. } = *span;
        let over_rho = 1.0 / grid.density;
        let sides = &self.sides[first..first + count];
        let (d_area, d_flow) = (&mut self.area[first..first + count], &mut self.flow[first..first + count]);
        let at_face = |n: usize| 0.5 * grid.face_stiffness[face + n] * over_rho;
        let mut before = exact(ends[0], alpha, at_face(0));
        for n in 0..count {
            let wave = at_face(n + 1);
            let after = if n + 1 < count {
                hll(sides[n][1], sides[n + 1][0], alpha, wave)
            } else {
                exact(ends[1], alpha, wave)
            };
            d_area[n] = before[0] - after[0];
            d_flow[n] = before[1] - after[1];
            if !span.is_uniform {
                let [left, right] = sides[n];
                let potential = |state: State, wave: f64| 2.0 / 3.0 * wave * state.root.powi(3);
                let mean_area = (left.root * left.root + left.root * right.root + right.root * right.root) / 3.0;
                d_flow[n] += potential(right, wave)
                    - potential(left, at_face(n))
                    - over_rho * mean_area * (right.pressure - left.pressure);
            }
            before = after;
        }
        let over_dx = 1.0 / dx;
        for n in 0..count {
            let (area, flow) = (areas[first + n], flows[first + n]);
            d_area[n] *= over_dx;
            d_flow[n] = over_dx * d_flow[n] - friction * flow / area;
        }
        if span.has_losses {
            for n in 0..count {
                let [linear, quadratic] = grid.losses[first + n];
                let flow = flows[first + n];
                d_flow[n] -= over_rho * areas[first + n] * (linear + quadratic * flow.abs()) * flow;
            }
        }
    }
}

/// Steps from the middle of a cell to its left and right face.
fn limited(a: f64, b: f64, smooth: f64) -> [f64; 2] {
    let r = ((2.0 * a * b + smooth) / (a * a + b * b + smooth)).max(0.0);
    let (more, less) = (1.0 + KAPPA * r, 1.0 - KAPPA * r);
    [0.25 * r * (more * a + less * b), 0.25 * r * (less * a + more * b)]
}

/// Flux of a state; `wave` is K/(2 ρ).
fn exact(state: State, alpha: f64, wave: f64) -> [f64; 2] {
    let area = state.root * state.root;
    [state.flow, alpha * state.flow * state.flow / area + 2.0 / 3.0 * wave * area * state.root]
}

/// Flux between two states.
fn hll(left: State, right: State, alpha: f64, wave: f64) -> [f64; 2] {
    let (area_l, area_r) = (left.root * left.root, right.root * right.root);
    let (speed_l, speed_r) = (left.flow / area_l, right.flow / area_r);
    let spread = |speed: f64, root: f64| (wave * root + alpha * (alpha - 1.0) * speed * speed).sqrt();
    let (wide_l, wide_r) = (spread(speed_l, left.root), spread(speed_r, right.root));
    let slow = (alpha * speed_l - wide_l).min(alpha * speed_r - wide_r).min(0.0);
    let fast = (alpha * speed_l + wide_l).max(alpha * speed_r + wide_r).max(0.0);
    let flux = |state: State, area: f64, speed: f64| {
        [state.flow, alpha * state.flow * speed + 2.0 / 3.0 * wave * area * state.root]
    };
    let (flux_l, flux_r) = (flux(left, area_l, speed_l), flux(right, area_r, speed_r));
    let (over, product) = (1.0 / (fast - slow), slow * fast);
    [
        over * (fast * flux_l[0] - slow * flux_r[0] + product * (area_r - area_l)),
        over * (fast * flux_l[1] - slow * flux_r[1] + product * (right.flow - left.flow)),
    ]
}
