//! Bézier sheets: their points, their tangents, and how finely they must be divided.

use super::ResectionError;
use crate::geom::{Point, Vector};
use crate::plan::Sheet;

/// A sheet is divided so finely that facets leave it by no more than this, if [`FACETS`] allow.
pub const FACET_MM: f64 = 0.1;
/// Least and most facets along a side.
pub const FACETS: [usize; 2] = [12, 64];

impl Sheet {
    /// The fewest and the most control points each way.
    pub const COUNT: [usize; 2] = [4, 8];

    /// That it can be a cut: 4 to 8 finite control points each way that span an area.
    ///
    /// # Errors
    /// [`ResectionError`] that says what is wrong.
    pub fn check(&self) -> Result<(), ResectionError> {
        let [nu, nv] = self.count;
        let [least, most] = Self::COUNT;
        if self.count.iter().any(|n| !(least..=most).contains(n)) || self.controls.len() != nu * nv {
            return Err(ResectionError::Controls { count: self.count, given: self.controls.len() });
        }
        if self.controls.iter().flatten().any(|x| !x.is_finite()) {
            return Err(ResectionError::NotFinite { what: "a control point of the sheet" });
        }
        let area_mm2 = self.across(0.5, 0.5).norm();
        if area_mm2 < 1e-3 { Err(ResectionError::Flat { area_mm2 }) } else { Ok(()) }
    }

    /// The point at `u`, `v`, 0 to 1 on the sheet itself.
    pub fn at(&self, u: f64, v: f64) -> Point {
        let [bu, bv] = [bernstein(self.count[0], u), bernstein(self.count[1], v)];
        self.combined(&bu, &bv).into()
    }

    /// ∂/∂u and ∂/∂v.
    pub fn tangents(&self, u: f64, v: f64) -> [Vector; 2] {
        let [nu, nv] = self.count;
        [self.combined(&slopes(nu, u), &bernstein(nv, v)), self.combined(&bernstein(nu, u), &slopes(nv, v))]
    }

    /// ∂u × ∂v: towards what is taken away.
    pub fn across(&self, u: f64, v: f64) -> Vector {
        let [du, dv] = self.tangents(u, v);
        du.cross(&dv)
    }

    /// The weights of all control points at `u`, `v`; they add up to 1.
    pub(super) fn basis(count: [usize; 2], u: f64, v: f64) -> Vec<f64> {
        let [bu, bv] = [bernstein(count[0], u), bernstein(count[1], v)];
        (0..count[0] * count[1]).map(|n| bu[n % count[0]] * bv[n / count[0]]).collect()
    }

    fn combined(&self, of_u: &[f64; 8], of_v: &[f64; 8]) -> Vector {
        let [nu, nv] = self.count;
        let mut sum = Vector::zeros();
        for v in 0..nv {
            let row = &self.controls[v * nu..(v + 1) * nu];
            let along: Vector = row.iter().zip(of_u).map(|(point, b)| Vector::from(*point) * *b).sum();
            sum += along * of_v[v];
        }
        sum
    }

    /// Facets along u and v and how far they may leave the sheet in mm.
    ///
    /// Filip, Magedson and Markot 1986 ("Surface algorithms using bounds on derivatives"): two triangles over a cell of a
    /// lattice of n × m leave the surface by at most (M_uu/n² + 2 M_uv/(n m) + M_vv/m²)/8, with M bounds of second
    /// derivatives, here those of the control net.
    pub fn facets(&self) -> (usize, f64) {
        let [nu, nv] = self.count;
        let at = |u: usize, v: usize| Vector::from(self.controls[v * nu + u]);
        let (mut uu, mut uv, mut vv) = (0.0_f64, 0.0_f64, 0.0_f64);
        for v in 0..nv {
            for u in 0..nu {
                if u + 2 < nu {
                    uu = uu.max((at(u + 2, v) - 2.0 * at(u + 1, v) + at(u, v)).norm());
                }
                if v + 2 < nv {
                    vv = vv.max((at(u, v + 2) - 2.0 * at(u, v + 1) + at(u, v)).norm());
                }
                if u + 1 < nu && v + 1 < nv {
                    uv = uv.max((at(u + 1, v + 1) - at(u + 1, v) - at(u, v + 1) + at(u, v)).norm());
                }
            }
        }
        let [p, q] = [(nu - 1) as f64, (nv - 1) as f64];
        let bound = (p * (p - 1.0) * uu + 2.0 * p * q * uv + q * (q - 1.0) * vv) / 8.0;
        let wanted = (bound / FACET_MM).sqrt().ceil();
        let n = (wanted as usize).clamp(FACETS[0], FACETS[1]);
        (n, bound / (n * n) as f64)
    }
}

/// Bernstein polynomials of degree `n − 1`; the rest is 0.
fn bernstein(n: usize, t: f64) -> [f64; 8] {
    let mut b = [0.0; 8];
    b[0] = 1.0;
    for degree in 1..n {
        let mut before = 0.0;
        for value in &mut b[..=degree] {
            let here = *value;
            *value = before * t + here * (1.0 - t);
            before = here;
        }
    }
    b
}

/// Their derivatives.
fn slopes(n: usize, t: f64) -> [f64; 8] {
    let lower = bernstein(n - 1, t);
    let mut d = [0.0; 8];
    for (i, slope) in d.iter_mut().enumerate().take(n) {
        let before = if i == 0 { 0.0 } else { lower[i - 1] };
        let here = if i + 1 == n { 0.0 } else { lower[i] };
        *slope = (n - 1) as f64 * (before - here);
    }
    d
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sheet of 4 × 4 over 60 mm, with a hump of `hump_mm`.
    pub fn humped(hump_mm: f64) -> Sheet {
        let place = |n: usize| 20.0 * n as f64 - 30.0;
        let inner = |n: usize| (1..3).contains(&n);
        let controls = (0..16)
            .map(|n| (n % 4, n / 4))
            .map(|(u, v)| [place(u), place(v), if inner(u) && inner(v) { hump_mm } else { 0.0 }])
            .collect();
        Sheet { count: [4, 4], controls }
    }

    #[test]
    fn derivatives_are_those_of_the_points() {
        let sheet = humped(14.0);
        let h = 1e-6;
        for (u, v) in [(0.2, 0.7), (0.0, 1.0), (0.5, 0.5)] {
            let [du, dv] = sheet.tangents(u, v);
            assert!(((sheet.at(u + h, v) - sheet.at(u - h, v)) / (2.0 * h) - du).norm() < 1e-6);
            assert!(((sheet.at(u, v + h) - sheet.at(u, v - h)) / (2.0 * h) - dv).norm() < 1e-6);
        }
        assert_eq!(sheet.at(0.0, 1.0), Point::new(-30.0, 30.0, 0.0));
    }

    #[test]
    fn facets_stay_within_their_bound() {
        let sheet = humped(25.0);
        let (n, bound_mm) = sheet.facets();
        let corner = |i: usize, j: usize| sheet.at(i as f64 / n as f64, j as f64 / n as f64);
        let mut worst = 0.0_f64;
        for (i, j) in (0..n * n).map(|c| (c % n, c / n)) {
            let flat = nalgebra::center(&corner(i, j), &corner(i + 1, j + 1));
            worst = worst.max((sheet.at((i as f64 + 0.5) / n as f64, (j as f64 + 0.5) / n as f64) - flat).norm());
        }
        assert!(worst <= bound_mm && bound_mm <= 0.2, "{worst} within {bound_mm} mm");
    }

    #[test]
    fn sheets_that_are_none_are_refused() {
        let refused = |sheet: Sheet| sheet.check().unwrap_err().to_string();
        assert!(refused(Sheet { count: [3, 4], ..humped(0.0) }).contains("3 × 4"));
        assert!(refused(Sheet { count: [4, 4], controls: vec![[1.0; 3]; 16] }).contains("area"));
        let mut broken = humped(0.0);
        broken.controls[3][1] = f64::NAN;
        assert!(refused(broken).contains("finite"));
        assert!(humped(5.0).check().is_ok());
    }
}
