//! Problems with known answers, solved by the same door as everything else.
//!
//! The ids V1, V2 … are those of the project's list of soft-tissue problems; N1, N2 … are needles.

pub mod beam;
pub mod contact;
pub mod cook;
pub mod dynamics;
pub mod effectivity;
pub mod elastica;
pub mod gravity;
pub mod hollow;
pub mod homogeneous;
pub mod interactive;
pub mod land;
pub mod laws;
pub mod needle;
pub mod needle_organ;
pub mod order;
pub mod relaxation;
pub mod rest;
pub mod shapes;
pub mod torsion;
pub mod ventricle;

use super::material::{Hyperelastic, Material, Model};
use super::problem::{Formulation, Load, Options, Problem, TissueError};
use super::quasi_static::quasi_static;
use super::result::TissueResult;
use crate::base::Progress;
use crate::mesh::TetMesh;

/// A problem with a known answer.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Stable name.
    pub id: &'static str,
    /// What is solved.
    pub what: &'static str,
    /// Solve it and compare.
    pub run: fn(&Progress) -> Result<Vec<Row>, TissueError>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The case it belongs to.
    pub id: &'static str,
    /// What is compared.
    pub what: String,
    /// What the solver says.
    pub value: f64,
    /// What is true.
    pub reference: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Largest difference that passes, in `unit`.
    pub tolerance: f64,
    /// Where the reference comes from, and why the tolerance is what it is.
    pub source: &'static str,
}

impl Row {
    /// The difference to the reference, in the unit of the row.
    pub fn error(&self) -> f64 {
        (self.value - self.reference).abs()
    }

    /// Whether the difference is within the tolerance; a value that is not a number is not.
    pub fn passes(&self) -> bool {
        self.error() <= self.tolerance
    }
}

/// All cases, the quick ones first.
pub fn cases() -> &'static [Case] {
    &[
        Case { id: "V1", what: "patch test on a distorted mesh", run: homogeneous::patch },
        Case { id: "V1r", what: "a turned body is free of stress", run: homogeneous::turned },
        Case { id: "V2", what: "uniaxial stretch, nearly incompressible", run: homogeneous::uniaxial_incompressible },
        Case { id: "V3", what: "equibiaxial stretch and pure shear", run: homogeneous::biaxial },
        Case { id: "V4", what: "uniaxial stretch, compressible", run: homogeneous::uniaxial },
        Case { id: "V5", what: "simple shear", run: homogeneous::simple_shear },
        Case { id: "V-order", what: "second-order convergence", run: order::harmonic },
        Case { id: "V19", what: "column under its weight", run: gravity::column },
        Case { id: "V-rest", what: "shape at rest of a hanging block", run: rest::hanging_block },
        Case { id: "V7", what: "thick sphere under pressure (Lamé)", run: hollow::lame_sphere },
        Case { id: "V-error", what: "estimated error of stress", run: effectivity::sphere },
        Case { id: "V8", what: "thick cylinder under pressure (Lamé)", run: hollow::lame_cylinder },
        Case { id: "V9", what: "neo-Hookean sphere inflated", run: hollow::inflated_sphere },
        Case { id: "V10", what: "neo-Hookean tube inflated", run: hollow::inflated_tube },
        Case { id: "V12", what: "cantilever beam", run: beam::cantilever },
        Case { id: "V13", what: "Cook's membrane", run: cook::membrane },
        Case { id: "V6", what: "torsion of a cylinder", run: torsion::twisted_cylinder },
        Case { id: "V-laws", what: "closed forms of every law", run: laws::closed_forms },
        Case { id: "V-relax", what: "shear that relaxes", run: relaxation::shear },
        Case { id: "N1", what: "needle: a beam in the hand and in a guide", run: needle::beam },
        Case { id: "N2", what: "needle on springs (Hetényi)", run: needle::springs },
        Case { id: "N3", what: "needle: cutting and friction", run: needle::friction },
        Case { id: "N4", what: "needle: the circle of a bevel", run: needle::bevel },
        Case { id: "N5", what: "needle: straight where nothing is to one side", run: needle_organ::straight },
        Case { id: "N6", what: "needle: work of the hand", run: needle_organ::work },
        Case { id: "N7", what: "needle: convergence with the step", run: needle_organ::steps },
        Case { id: "N8", what: "needle: reciprocity of the organ", run: needle_organ::reciprocity },
        Case { id: "V11", what: "elastica", run: elastica::tip_load },
        Case { id: "C1", what: "contact: patch test through meshes that do not match", run: contact::patch },
        Case { id: "C2", what: "contact: a cut pressed shut", run: contact::shut_cut },
        Case { id: "C3", what: "contact: block on a slope (Coulomb)", run: contact::slope },
        Case { id: "C4", what: "contact: a block that is dragged", run: contact::dragged },
        Case { id: "C6", what: "contact: a plate drawn along a block", run: contact::instrument },
        Case { id: "C5", what: "contact: two round bodies (Hertz)", run: contact::hertz },
        Case { id: "V15", what: "cardiac benchmark 1: beam with fibres", run: land::beam },
        Case { id: "V16", what: "cardiac benchmark 2: ventricle blown up", run: land::inflation },
        Case { id: "V17", what: "cardiac benchmark 3: ventricle contracts", run: land::contraction },
        Case { id: "V14", what: "block hanging sideways", run: gravity::block },
        Case { id: "V14i", what: "interactive solver beside the accurate one", run: interactive::beside_accurate },
        Case { id: "V14j", what: "interactive solver: block hanging sideways", run: interactive::block },
        Case { id: "V20", what: "interactive solver: free fall and a swinging beam", run: interactive::dynamics },
        Case { id: "V20a", what: "implicit dynamics: fall and flight", run: dynamics::flight },
        Case { id: "V20b", what: "implicit dynamics: order in time", run: dynamics::order },
        Case { id: "V20c", what: "implicit dynamics: a beam that is let go", run: dynamics::beam },
        Case { id: "V18", what: "interactive solver: ball pressed into a block (Hertz)", run: interactive::hertz },
    ]
}

/// Young's modulus of most problems, Pa: liver.
const YOUNG_PA: f64 = 5000.0;

fn material(poisson: f64) -> Material {
    Material {
        young_pa: YOUNG_PA,
        poisson,
        density_kg_m3: 1060.0,
        strain_max: f64::INFINITY,
        law: Hyperelastic::NeoHookean,
    }
}

/// Solve with the default options but for the formulation.
fn solve(
    mesh: &TetMesh,
    material: Material,
    fixed: &[u32],
    loads: &[Load],
    model: Model,
    formulation: Formulation,
    progress: &Progress,
) -> Result<TissueResult, TissueError> {
    let problem = Problem { mesh, materials: &[(1, material)], fixed, loads, model };
    let options = Options { formulation, ..Options::default() };
    Ok(quasi_static(&problem, &options, progress)?.0)
}

/// The limit of a quantity that converges like hᵖ, from meshes of width 4 h, 2 h and h (Richardson 1911; Roache 1994).
///
/// Second, the observed order p.
fn extrapolate([coarse, middle, fine]: [f64; 3]) -> (f64, f64) {
    let ratio = (middle - coarse) / (fine - middle);
    (fine + (fine - middle) / (ratio - 1.0), ratio.log2())
}

/// The order that [`extrapolate`] observed beside the one that theory gives: far from it the limit means nothing.
fn order_row(id: &'static str, of: &str, order: f64, [expected, tolerance]: [f64; 2], source: &'static str) -> Row {
    let what = format!("{of}, observed order");
    Row { id, what, value: order, reference: expected, unit: "1", tolerance, source }
}

/// Where the expected order of smooth problems comes from.
const SMOOTH: &str = "a priori estimate for linear elements and a smooth solution (Ciarlet 1978)";

/// Beside a clamped corner stress is infinite, and linear elements converge with an order between 1 and 2.
const SINGULAR: [f64; 2] = [1.3, 0.5];
const SINGULAR_SOURCE: &str =
    "a clamped edge is singular: the order lies between 1 and 2 on meshes that are not graded";

#[cfg(test)]
mod tests;
