//! Wall shear over a cycle: time average, oscillation, residence time.

use crate::mesh::Field;

/// Residence times are cut here: a vertex where the mean shear vanishes would have an endless one, 1/Pa.
const RESIDENCE_MAX: f64 = 1000.0;

/// Sums over the samples of a cycle, vertex by vertex, in lattice units.
#[derive(Clone)]
pub(super) struct ShearCycle {
    vectors: Vec<[f64; 3]>,
    sizes: Vec<f64>,
    samples: usize,
}

impl ShearCycle {
    /// No sample yet of `count` vertices.
    pub fn new(count: usize) -> Self {
        Self { vectors: vec![[0.0; 3]; count], sizes: vec![0.0; count], samples: 0 }
    }

    /// Take a sample; samples are equally spaced in time.
    pub fn add(&mut self, shear: &[[f32; 3]]) {
        for ((sum, size), shear) in self.vectors.iter_mut().zip(&mut self.sizes).zip(shear) {
            let shear = shear.map(f64::from);
            sum.iter_mut().zip(shear).for_each(|(sum, x)| *sum += x);
            *size += length(shear);
        }
        self.samples += 1;
    }

    /// Time-averaged wall shear stress (Pa), oscillatory shear index and relative residence time (1/Pa) at every vertex,
    /// where a unit of stress is `stress_pa`.
    ///
    /// ```text
    /// TAWSS = 1/T ∫|τ| dt      OSI = ½ (1 − |∫τ dt|/∫|τ| dt)      RRT = 1/((1 − 2 OSI) TAWSS) = T/|∫τ dt|
    /// ```
    ///
    /// He and Ku 1996, J. Biomech. Eng. 118:74 (oscillation); Himburg et al. 2004, Am. J. Physiol. 286:H1916 (residence).
    /// Residence times end at 1000/Pa. Without fluid nearby all are 0.
    pub fn fields(&self, stress_pa: f64) -> Vec<Field> {
        let scale = stress_pa / self.samples.max(1) as f64;
        let parts = || self.vectors.iter().zip(&self.sizes).map(|(vector, size)| (length(*vector), *size));
        let index =
            |(vector, size): (f64, f64)| if 0.0 < size { (0.5 * (1.0 - vector / size)).clamp(0.0, 0.5) } else { 0.0 };
        let residence = |(vector, size): (f64, f64)| {
            if 0.0 < size { 1.0 / (vector * scale).max(1.0 / RESIDENCE_MAX) } else { 0.0 }
        };
        vec![
            Field::new("time-averaged wall shear stress", "Pa", parts().map(|(_, size)| size * scale).collect()),
            Field::new("oscillatory shear index", "1", parts().map(index).collect()),
            Field::new("relative residence time", "1/Pa", parts().map(residence).collect()),
        ]
    }
}

fn length(v: [f64; 3]) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_swinging_turning_and_absent_shear_have_their_indices() {
        let mut cycle = ShearCycle::new(4);
        let n = 400;
        for k in 0..n {
            let t = (std::f64::consts::TAU * f64::from(k) / f64::from(n)) as f32;
            // Steady; one there and back with a mean of half its swing; one that turns round; none.
            cycle.add(&[[0.0, 2.0, 0.0], [0.5 + t.cos(), 0.0, 0.0], [t.cos(), t.sin(), 0.0], [0.0; 3]]);
        }
        let fields = cycle.fields(3.0);
        let value = |field: usize, vertex: usize| fields[field].values[vertex];
        let close = |a: f64, b: f64| assert!((a - b).abs() < 2e-3, "{a} instead of {b}");
        close(value(0, 0), 6.0);
        close(value(1, 0), 0.0);
        close(value(2, 0), 1.0 / 6.0);
        // The mean of |½ + cos t| is ½ and twice what lies below 0.
        let below = (3.0_f64.sqrt() - std::f64::consts::FRAC_PI_3) / std::f64::consts::PI;
        let size = 0.5 + below;
        close(value(1, 1), 0.5 * (1.0 - 0.5 / size));
        close(value(0, 1), 3.0 * size);
        close(value(0, 2), 3.0);
        close(value(1, 2), 0.5);
        assert_eq!(value(2, 2), RESIDENCE_MAX);
        assert_eq!([value(0, 3), value(1, 3), value(2, 3)], [0.0; 3]);
    }
}
