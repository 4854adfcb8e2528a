//! How far off is the stress of quadratic elements? The difference to a smoother stress fitted around each vertex.

use super::Quadratic;
use crate::biomech::element::tet10::PLACES;
use crate::biomech::recovery::{ErrorEstimate, energy_pa};
use crate::biomech::stress::ElementState;
use crate::biomech::units::m_from_mm;
use crate::geom::Vector;
use nalgebra::{Matrix3, SMatrix, SVector};
use rayon::prelude::*;

/// Terms of a quadratic function of place, and of a linear one.
const TERMS: usize = 10;
const LINEAR: usize = 4;
/// Samples over terms of a fit; fewer, and the next ring of tetrahedra is taken in.
const SPARE: f64 = 1.6;
/// Smallest over largest eigenvalue of a fit, in units of the patch: below it the patch says nothing of some term.
const SPREAD_MIN: f64 = 1e-6;

/// Places and shares of a rule that is exact for functions of fifth degree (Walkington 2000; Keast 1986, table 5):
/// barycentric coordinates.
pub const FIFTH: [([f64; 4], f64); 14] = {
    const A: f64 = 0.310_885_919_263_300_6;
    const B: f64 = 0.092_735_250_310_891_23;
    const C: f64 = 0.045_503_704_125_649_65;
    const D: f64 = 0.5 - C;
    const OF_A: f64 = 0.112_687_925_718_015_85;
    const OF_B: f64 = 0.073_493_043_116_361_95;
    const OF_C: f64 = 0.042_546_020_777_081_466;
    [
        ([1.0 - 3.0 * A, A, A, A], OF_A),
        ([A, 1.0 - 3.0 * A, A, A], OF_A),
        ([A, A, 1.0 - 3.0 * A, A], OF_A),
        ([A, A, A, 1.0 - 3.0 * A], OF_A),
        ([1.0 - 3.0 * B, B, B, B], OF_B),
        ([B, 1.0 - 3.0 * B, B, B], OF_B),
        ([B, B, 1.0 - 3.0 * B, B], OF_B),
        ([B, B, B, 1.0 - 3.0 * B], OF_B),
        ([C, C, D, D], OF_C),
        ([C, D, C, D], OF_C),
        ([C, D, D, C], OF_C),
        ([D, C, C, D], OF_C),
        ([D, C, D, C], OF_C),
        ([D, D, C, C], OF_C),
    ]
};

/// A stress that is a polynomial of place around a vertex.
struct Fit {
    region: u8,
    centre_m: Vector,
    size_m: f64,
    /// One row per component xx, yy, zz, xy, xz, yz.
    terms: SMatrix<f64, 6, TERMS>,
}

fn terms(x: &Vector) -> SVector<f64, TERMS> {
    SVector::from([1.0, x.x, x.y, x.z, x.x * x.x, x.y * x.y, x.z * x.z, x.x * x.y, x.y * x.z, x.z * x.x])
}

impl Fit {
    fn at(&self, place_m: &Vector) -> Matrix3<f64> {
        let [xx, yy, zz, xy, xz, yz]: [f64; 6] =
            (self.terms * terms(&((place_m - self.centre_m) / self.size_m))).into();
        Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz)
    }
}

impl Quadratic<'_> {
    /// The estimate of [`crate::biomech::recovery::estimate`] for quadratic elements, whose `samples` are those of
    /// [`Self::samples`]: around each vertex a quadratic function is fitted to the stress at the places of integration
    /// (Zienkiewicz and Zhu 1992, part 1, section 3); between the vertices of a tetrahedron the four functions are
    /// blended by its barycentric coordinates, so that σ* is continuous and exact for quadratic stress. σ itself is
    /// taken as the linear function through its samples, which it is in straight elements under small strain.
    pub fn estimate(&self, samples: &[[(ElementState, f64); PLACES]]) -> ErrorEstimate {
        let mesh = self.assembly.mesh;
        let smooth: Vec<Vec<Fit>> =
            (0..mesh.positions().len()).into_par_iter().map(|v| self.recover(samples, v)).collect();
        let energies = |tet: usize| {
            let (corners, region) = (mesh.tets()[tet], mesh.regions()[tet]);
            let fits = corners.map(|v| smooth[v as usize].iter().find(|fit| fit.region == region));
            let volume: f64 = samples[tet].iter().map(|(state, volume)| volume * state.volume_ratio.max(0.0)).sum();
            let (mut error, mut whole) = (0.0, 0.0);
            for (at, share) in FIFTH {
                let own = self.between(tet, &at, |n| samples[tet][n].0.cauchy_pa);
                let place_m = self.place_m(tet, &at);
                let near = fits.iter().zip(at).filter_map(|(fit, part)| Some(fit.as_ref()?.at(&place_m) * part));
                let off = near.sum::<Matrix3<f64>>() - own;
                error += share * volume * energy_pa(self.assembly, tet, &off);
                whole += share * volume * energy_pa(self.assembly, tet, &own);
            }
            (error, whole)
        };
        let (tet_j, own): (Vec<f64>, Vec<f64>) =
            (0..samples.len()).into_par_iter().with_min_len(64).map(energies).collect::<Vec<_>>().into_iter().unzip();
        let (error, whole) = (tet_j.iter().sum::<f64>(), own.iter().sum::<f64>());
        let relative = if 0.0 < whole { (error / (whole + error)).sqrt() } else { 0.0 };
        ErrorEstimate { relative, tet_j }
    }

    /// The linear function through a value at each place of integration, at barycentric coordinates `at`.
    pub fn between(&self, tet: usize, at: &[f64; 4], value: impl Fn(usize) -> Matrix3<f64>) -> Matrix3<f64> {
        let places = self.places_m(tet);
        // The places are a smaller tetrahedron about the same middle: near for the own corner, far for the others.
        let (near, far) = (places[0].1[0], places[0].1[1]);
        (0..PLACES).map(|n| value(n) * ((at[n] - far) / (near - far))).sum()
    }

    /// The smooth stress at a vertex in each region that meets there.
    fn recover(&self, samples: &[[(ElementState, f64); PLACES]], vertex: usize) -> Vec<Fit> {
        let regions = self.assembly.mesh.regions();
        let mut found: Vec<Fit> = Vec::new();
        for region in self.assembly.tets_of(vertex).map(|tet| regions[tet]) {
            if found.iter().any(|fit| fit.region == region) {
                continue;
            }
            let mut near: Vec<usize> = self.assembly.tets_of(vertex).filter(|tet| regions[*tet] == region).collect();
            let fitted = self.fit(samples, vertex, &near, TERMS).or_else(|| {
                let corners = near.iter().flat_map(|tet| self.assembly.mesh.tets()[*tet]);
                let around = corners.flat_map(|v| self.assembly.tets_of(v as usize));
                let mut wide: Vec<usize> = around.filter(|tet| regions[*tet] == region).collect();
                wide.sort_unstable();
                wide.dedup();
                near = wide;
                self.fit(samples, vertex, &near, TERMS)
            });
            let fitted = fitted.or_else(|| self.fit(samples, vertex, &near, LINEAR));
            found.extend(fitted.or_else(|| self.fit(samples, vertex, &near, 1)).map(|fit| Fit { region, ..fit }));
        }
        found
    }

    /// The polynomial of the first `count` terms that is nearest to the samples of `tets`, weighted by volume; `None` if
    /// they are too few or lie too flat.
    fn fit(
        &self,
        samples: &[[(ElementState, f64); PLACES]],
        vertex: usize,
        tets: &[usize],
        count: usize,
    ) -> Option<Fit> {
        if ((tets.len() * PLACES) as f64) < SPARE * count as f64 {
            return None;
        }
        let centre_m = m_from_mm(&self.assembly.mesh.positions()[vertex]);
        let places = || tets.iter().flat_map(|tet| self.places_m(*tet).into_iter().zip(&samples[*tet]));
        let size_m = places().map(|((x, _), _)| (x - centre_m).norm()).fold(f64::MIN_POSITIVE, f64::max);
        let total: f64 = places().map(|(_, (_, volume))| volume).sum();
        let mut normal = SMatrix::<f64, TERMS, TERMS>::zeros();
        let mut right = SMatrix::<f64, TERMS, 6>::zeros();
        for ((x, _), (state, volume)) in places() {
            let mut term = terms(&((x - centre_m) / size_m));
            term.iter_mut().skip(count).for_each(|term| *term = 0.0);
            let (weight, s) = (volume / total, &state.cauchy_pa);
            let six = SVector::from([s[(0, 0)], s[(1, 1)], s[(2, 2)], s[(0, 1)], s[(0, 2)], s[(1, 2)]]);
            normal += term * term.transpose() * weight;
            right += term * six.transpose() * weight;
        }
        // Terms that are left out stand for themselves.
        (count..TERMS).for_each(|n| normal[(n, n)] = 1.0);
        let spread = normal.symmetric_eigenvalues();
        if !(SPREAD_MIN * spread.max() < spread.min()) {
            return None;
        }
        let terms = normal.cholesky()?.solve(&right).transpose();
        Some(Fit { region: 0, centre_m, size_m, terms })
    }
}
