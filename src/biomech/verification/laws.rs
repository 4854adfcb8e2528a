//! Every law for large deformations against its closed forms: stretch in one and two directions, and shear.

use super::Row;
use super::homogeneous::{EDGE_MM, distorted_cube, far_faces, on_boundary};
use super::shapes::vertices_where;
use crate::base::Progress;
use crate::biomech::{
    Axis, Fibre, Guccione, Holzapfel, Hyperelastic, Load, Material, Model, MooneyRivlin, Ogden, Options, Problem,
    TissueError, TissueResult, quasi_static_with_fibres,
};
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Stretch of the rows.
const STRETCH: f64 = 1.3;
/// Shear of the rows.
const GAMMA: f64 = 0.4;
const SOURCE: &str = "closed form, incompressible (Holzapfel 2000, section 6.5); extrapolated from ν = 0.4998 and 0.4999 where volume changes";

/// A law with its fibres, and the derivative of its energy along three paths of an incompressible body, Pa.
struct Known {
    name: &'static str,
    law: Hyperelastic,
    fibre: Fibre,
    /// λ along x, both sides free alike; `None` where the sides differ.
    uniaxial: Option<fn(f64) -> f64>,
    /// λ along x and y: the nominal stress on either face.
    equibiaxial: fn(f64) -> f64,
    /// γ of x along y.
    shear: fn(f64) -> f64,
}

const MOONEY: MooneyRivlin = MooneyRivlin { c10_pa: 600.0, c01_pa: 250.0 };
const OGDEN: Ogden = Ogden { mu_pa: [900.0, 20.0, -150.0], alpha: [1.3, 5.0, -2.0] };
const GUCCIONE: Guccione = Guccione { c_pa: 2000.0, bf: 8.0, bt: 2.0, bfs: 4.0 };
const HOLZAPFEL: Holzapfel = Holzapfel { mu_pa: 3000.0, k1_pa: 2400.0, k2: 0.8, angle_deg: 45.0 };

/// Σ μ_p (λᵅ⁻¹ − λ^(m α − 1)), m λ being what the other directions do.
fn ogden(stretch: f64, other: f64) -> f64 {
    std::iter::zip(OGDEN.mu_pa, OGDEN.alpha)
        .map(|(mu, alpha)| mu * (stretch.powf(alpha - 1.0) - stretch.powf(other * alpha - 1.0)))
        .sum()
}

/// dψ/dx of the exponential solid from Q and dQ/dx.
fn guccione([q, slope]: [f64; 2]) -> f64 {
    0.5 * GUCCIONE.c_pa * q.exp() * slope
}

/// dψ/dx of one family of fibres from I₄ and dI₄/dx.
fn family(i4: f64, slope: f64) -> f64 {
    let e = (i4 - 1.0).max(0.0);
    HOLZAPFEL.k1_pa * e * (HOLZAPFEL.k2 * e * e).exp() * slope
}

fn all() -> [Known; 4] {
    let xy = Fibre::default();
    [
        Known {
            name: "Mooney-Rivlin",
            law: Hyperelastic::MooneyRivlin(MOONEY),
            fibre: xy,
            uniaxial: Some(|l| 2.0 * (l - l.powi(-2)) * (MOONEY.c10_pa + MOONEY.c01_pa / l)),
            equibiaxial: |l| 2.0 * (l - l.powi(-5)) * (MOONEY.c10_pa + MOONEY.c01_pa * l * l),
            shear: |g| MOONEY.shear_pa() * g,
        },
        Known {
            name: "Ogden",
            law: Hyperelastic::Ogden(OGDEN),
            fibre: xy,
            uniaxial: Some(|l| ogden(l, -0.5)),
            equibiaxial: |l| ogden(l, -2.0),
            // The stretches of a shear are λ, 1/λ and 1 with γ = λ − 1/λ, so that dψ/dγ = dψ/dλ / (1 + λ⁻²).
            shear: |g| {
                let l = 0.5 * g + (1.0 + 0.25 * g * g).sqrt();
                ogden(l, -1.0) / (1.0 + l.powi(-2))
            },
        },
        Known {
            name: "Guccione",
            law: Hyperelastic::Guccione(GUCCIONE),
            fibre: xy,
            // E_ff = (λ² − 1)/2 and twice E_ss = (1/λ − 1)/2.
            uniaxial: Some(|l| {
                let Guccione { bf, bt, .. } = GUCCIONE;
                let (along, across) = (0.5 * (l * l - 1.0), 0.5 * (1.0 / l - 1.0));
                let q = bf * along * along + 2.0 * bt * across * across;
                guccione([q, 2.0 * bf * along * l - 2.0 * bt * across / (l * l)])
            }),
            // Both faces differ with fibres along x; their sum is dψ/dλ.
            equibiaxial: |l| {
                let Guccione { bf, bt, .. } = GUCCIONE;
                let (plane, thick) = (0.5 * (l * l - 1.0), 0.5 * (l.powi(-4) - 1.0));
                let q = (bf + bt) * plane * plane + bt * thick * thick;
                0.5 * guccione([q, 2.0 * (bf + bt) * plane * l - 4.0 * bt * thick * l.powi(-5)])
            },
            // E_fs = γ/2, E_ss = γ²/2.
            shear: |g| {
                let Guccione { bt, bfs, .. } = GUCCIONE;
                guccione([0.25 * bt * g.powi(4) + 0.5 * bfs * g * g, bt * g.powi(3) + bfs * g])
            },
        },
        Known {
            name: "Holzapfel-Gasser-Ogden",
            law: Hyperelastic::Holzapfel(HOLZAPFEL),
            fibre: xy,
            uniaxial: None,
            // Both families see I₄ = λ²; half the sum of both faces.
            equibiaxial: |l| HOLZAPFEL.mu_pa * (l - l.powi(-5)) + 0.5 * 2.0 * family(l * l, 2.0 * l),
            // At ±45°: I₄ = 1 ± γ + γ²/2.
            shear: |g| {
                let [plus, minus] = [1.0, -1.0].map(|side| family(1.0 + side * g + 0.5 * g * g, side + g));
                HOLZAPFEL.mu_pa * g + plus + minus
            },
        },
    ]
}

/// V-laws: nominal stress of each law.
pub fn closed_forms(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut rows = Vec::new();
    for Known { name, law, fibre, uniaxial, equibiaxial, shear } in &all() {
        let row = |what: String, value, reference: f64| Row {
            id: "V-laws",
            what: format!("{name}: {what}"),
            value,
            reference,
            unit: "Pa",
            tolerance: 2e-4 * reference,
            source: SOURCE,
        };
        if let Some(uniaxial) = uniaxial {
            let value = incompressible(*law, *fibre, false, progress)?;
            rows.push(row(format!("nominal stress at stretch {STRETCH}"), value, uniaxial(STRETCH)));
        }
        let value = incompressible(*law, *fibre, true, progress)?;
        let what = format!("mean nominal stress at stretch {STRETCH} in two directions");
        rows.push(row(what, value, equibiaxial(STRETCH)));
        let value = sheared(*law, *fibre, progress)?;
        rows.push(row(format!("nominal shear stress at shear {GAMMA}"), value, shear(GAMMA)));
    }
    rows.push(Row {
        id: "V-laws",
        what: "stretch of a neo-Hookean body whose fibres contract with T = μ".into(),
        value: contracted(progress)?,
        reference: f64::cbrt(0.5),
        unit: "1",
        tolerance: 1e-4,
        source: "closed form: μ (λ − λ⁻²) + T λ = 0, λ³ = μ/(μ + T); extrapolated from ν = 0.4998 and 0.4999",
    });
    Ok(rows)
}

/// Stretch along x of a free incompressible cube under a tension μ along its fibres.
fn contracted(progress: &Progress) -> Result<f64, TissueError> {
    let mesh = distorted_cube();
    let plane = |axis: Axis, number: usize| Load::Slide {
        vertices: vertices_where(&mesh, |p| p[number] == 0.0),
        axis,
        by_mm: 0.0,
    };
    let law = Hyperelastic::MooneyRivlin(MooneyRivlin { c10_pa: 500.0, c01_pa: 0.0 });
    let pull = Load::Contract { region: 1, tension_pa: law.shear_pa().unwrap_or_default() };
    let loads = [plane(Axis::X, 0), plane(Axis::Y, 1), plane(Axis::Z, 2), pull];
    let mut values = [0.0; 2];
    for (value, poisson) in values.iter_mut().zip([0.4998, 0.4999]) {
        let result = solve(law, Fibre::default(), poisson, &loads, progress)?;
        *value = 1.0 + result.displacement_mm.last().map_or(f64::NAN, |u| u.x) / EDGE_MM;
    }
    Ok(2.0 * values[1] - values[0])
}

fn solve(
    law: Hyperelastic,
    fibre: Fibre,
    poisson: f64,
    loads: &[Load],
    progress: &Progress,
) -> Result<TissueResult, TissueError> {
    let mesh = distorted_cube();
    let fibres = vec![fibre; mesh.tets().len()];
    let materials = [(1, Material::hyperelastic(law, poisson, 1060.0, f64::INFINITY))];
    let problem = Problem { mesh: &mesh, materials: &materials, fixed: &[], loads, model: Model::Hyperelastic };
    Ok(quasi_static_with_fibres(&problem, &fibres, &Options::default(), progress)?.0)
}

/// Mean nominal stress of the stretched faces of an incompressible body, from ν = 0.4998 and 0.4999, whose distance
/// from it, (1 − 2 ν), halves: close together, since stress of the exponential laws is not linear in it.
fn incompressible(law: Hyperelastic, fibre: Fibre, both: bool, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = distorted_cube();
    let plane = |axis: Axis, number: usize, at: f64, stretch: f64| {
        let vertices = vertices_where(&mesh, |p| p[number] == at);
        Load::Slide { vertices, axis, by_mm: EDGE_MM * (stretch - 1.0) }
    };
    let mut loads = vec![plane(Axis::X, 0, EDGE_MM, STRETCH)];
    loads.extend(both.then(|| plane(Axis::Y, 1, EDGE_MM, STRETCH)));
    loads.extend([plane(Axis::X, 0, 0.0, 1.0), plane(Axis::Y, 1, 0.0, 1.0), plane(Axis::Z, 2, 0.0, 1.0)]);
    let mut values = [0.0; 2];
    for (value, poisson) in values.iter_mut().zip([0.4998, 0.4999]) {
        let stress = far_faces(&solve(law, fibre, poisson, &loads, progress)?);
        *value = if both { 0.5 * (stress[(0, 0)] + stress[(1, 1)]) } else { stress[(0, 0)] };
    }
    let [far, near] = values;
    Ok(near + (near - far))
}

/// Nominal shear stress of the far y face when everything slides along x; no volume changes.
fn sheared(law: Hyperelastic, fibre: Fibre, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = distorted_cube();
    let mut gradient = Matrix3::zeros();
    gradient[(0, 1)] = GAMMA;
    let vertices = vertices_where(&mesh, on_boundary);
    let by_mm: Vec<Vector> = vertices.iter().map(|v| gradient * mesh.positions()[*v as usize].coords).collect();
    // Forces of shared edges belong to two faces, so the stress is taken from the work: Σ f · u = V P : (F − I).
    let result = solve(law, fibre, 0.45, &[Load::MoveEach { vertices, by_mm }], progress)?;
    let work: f64 = result.support_n.iter().zip(&result.displacement_mm).map(|(f, u)| f.dot(u) * 1e-3).sum();
    Ok(work / (EDGE_MM * 1e-3).powi(3) / GAMMA)
}
