//! The account a tissue result gives of itself.

use super::assemble::Assembly;
use super::bed::BedSpring;
use super::boundary::LoadCase;
use super::contact::ContactResult;
use super::material::{Hyperelastic, Material, Model};
use super::newton::Equilibrium;
use super::problem::{Formulation, Load, Problem};
use super::result::TissueResult;
use super::stress::ElementState;
use super::units::offset_m;
use super::validity::limit_name;
use crate::base::Summary;
use crate::geom::Vector;
use std::collections::BTreeSet;

/// Largest principal strain for which Hooke's law is within about 5 % of a neo-Hookean solid.
const LINEAR_STRAIN_MAX: f64 = 0.05;
/// Poisson's ratio above which displacement elements are visibly too stiff.
const LOCKING_POISSON: f64 = 0.4;
/// The same for quadratic elements.
const LOCKING_POISSON_QUADRATIC: f64 = 0.49;

/// Facts, methods, limits and warnings of one solve; `error` is the estimated relative error of stress, `unknowns` those of the
/// system that was solved.
pub(super) fn summarise(
    problem: &Problem,
    assembly: &Assembly,
    case: &LoadCase,
    end: &Equilibrium,
    states: &[ElementState],
    (error, unknowns): (f64, usize),
    result: &TissueResult,
    solver: &str,
) -> Summary {
    let displacement_mm = result.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    let peak_pa = result.von_mises_pa.iter().copied().fold(0.0, f64::max);
    let strain = |share| volume_quantile(assembly, share, |tet| states[tet].strain);
    let ratio = |pick: fn(f64, f64) -> f64| result.tet_volume_ratio.iter().copied().reduce(pick).unwrap_or(1.0);
    let summary = Summary::default()
        .fact("largest displacement", displacement_mm, "mm")
        .fact("peak von Mises stress", peak_pa / 1e3, "kPa")
        .fact(
            "von Mises stress, 95 % of volume below",
            volume_quantile(assembly, 0.95, |tet| result.tet_von_mises_pa[tet]) / 1e3,
            "kPa",
        )
        .fact("force of the fixed region", result.reaction_n.norm(), "N")
        .fact("force at the moved region", result.grip_n.norm(), "N")
        .fact("applied force", result.applied_n.norm(), "N")
        .fact("imbalance of forces", result.imbalance, "1")
        .fact("strain, 95 % of volume below", 100.0 * strain(0.95), "%")
        .fact("largest strain", 100.0 * strain(1.0), "%")
        .fact("smallest volume ratio J", ratio(f64::min), "1")
        .fact("largest volume ratio J", ratio(f64::max), "1")
        .fact("tetrahedra", assembly.elements.len() as f64, "1")
        .fact("unknowns", unknowns as f64, "1")
        .fact("Newton iterations", end.iterations as f64, "1")
        .fact("load steps", end.load_steps as f64, "1")
        .fact("residual over reaction", end.residual, "1");
    let summary = summary
        .fact("estimated relative error of stress, in energy", 100.0 * error, "%")
        .method("error of stress: difference to a smooth stress fitted around each vertex, in the norm of energy (Zienkiewicz and Zhu 1992)")
        .method(laws(problem))
        .method(match assembly.formulation {
            Formulation::Mixed => "linear tetrahedra with continuous pressure, stabilised by pressure projection (Dohrmann and Bochev 2004)",
            Formulation::Quadratic => "quadratic tetrahedra with continuous linear pressure (Taylor and Hood 1973)",
            Formulation::QuadraticDisplacement => "quadratic tetrahedra, displacement only",
            Formulation::Displacement => "linear tetrahedra, displacement only",
        })
        .method(format!("quasi-static equilibrium by Newton's method with load steps; {solver}"))
        .method("stress at vertices: mean Cauchy stress of the tetrahedra around, weighted by volume")
        .limit("peak stress near points and edges of held, moved or loaded patches grows as the mesh is refined; compare means or 95 % values")
        .limit(format!(
            "tissue is taken as {}, uniform within a region{} and free of stress at rest, without tearing, and touched by nothing but what is said here",
            if case.memory_pa.is_empty() { "elastic" } else { "viscoelastic in shape and elastic in volume" },
            if anisotropic(problem) { " but for its fibres, isotropic across them," } else { ", isotropic" },
        ));
    let summary = if case.bed.is_empty() {
        summary
    } else {
        let moved = |spring: &BedSpring| offset_m(&result.displacement_mm[spring.vertex as usize]);
        let bed_n: Vector = case.bed.iter().map(|spring| spring.force_n(&moved(spring))).sum();
        let depth_m = case.bed.iter().map(|spring| spring.depth_m(&moved(spring))).fold(0.0, f64::max);
        summary.fact("force of the bed", bed_n.norm(), "N").fact("deepest in the bed", 1e3 * depth_m, "mm")
    };
    let summary = if case.touches.is_empty() {
        summary
    } else {
        let (mut forces, deepest_m) = assembly.touch_forces(case, &end.x);
        let rubbed = end.contact.iter().flat_map(|touching| &touching.nodes).filter(|node| !node.key.is_tissue());
        rubbed.for_each(|node| forces[node.key.contact as usize] += node.traction_pa);
        let summary =
            forces.iter().fold(summary, |summary, force| summary.fact("force of the instrument", force.norm(), "N"));
        summary
            .fact("deepest under the instrument", 1e3 * deepest_m, "mm")
            .method("rigid instruments by penalty springs on the surface, the same as in the live solver")
            .limit(if case.touches.have_friction() {
                "friction is that of instruments that moved in a straight line; another way may end in another shape"
            } else {
                "instruments slide without friction"
            })
    };
    let summary = match &end.contact {
        Some(touching) => of_contact(&ContactResult::new(touching, result.displacement_mm.len()), case, summary),
        None => summary,
    };
    let with_loads = limits_of_loads(problem, summary);
    warnings(problem, assembly, states, result, with_loads)
}

/// Overlap that is worth a warning, m.
const OVERLAP_M: f64 = 5e-4;

/// What contact of tissue with tissue and friction did, and what it could not.
fn of_contact(contact: &ContactResult, case: &LoadCase, summary: Summary) -> Summary {
    let summary = if case.contacts.is_empty() {
        summary
    } else {
        let pushes_n: f64 = contact.force_n.iter().map(Vector::norm).sum::<f64>() / 2.0;
        summary
            .fact("tissue pressed on tissue", 1e4 * contact.area_m2, "cm²")
            .fact("forces between tissues, summed by size", pushes_n, "N")
            .fact("largest pressure between tissues", contact.peak_pa / 1e3, "kPa")
            .fact("overlap left between tissues", 1e3 * contact.overlap_m, "mm")
            .method("tissue on tissue: surfaces integrated over what they share (mortar; Puso and Laursen 2004), penalty springs and augmented Lagrangian by Uzawa's method (Simo and Laursen 1992)")
            .limit("contact between tissues holds no part of the mesh, and surfaces closer than a triangle apart that face the same way are not seen")
    };
    let summary = if OVERLAP_M < contact.overlap_m {
        let text = format!(
            "{:.1} mm of overlap are left between tissues: contact did not hold there",
            1e3 * contact.overlap_m
        );
        summary.warning(text)
    } else {
        summary
    };
    if contact.friction_n.iter().all(|force| *force == Vector::zeros()) {
        return summary;
    }
    summary
        .fact("part of the rough contact that slides", 100.0 * contact.sliding, "%")
        .fact("longest slip in the last load step", 1e3 * contact.slip_m, "mm")
        .method("Coulomb friction by return mapping, from load step to load step")
        .limit("friction depends on the path: all loads grow in proportion, and few load steps see little of it; in large meshes its part of the stiffness is left out, which costs iterations but not accuracy")
}

/// The laws of all materials, each once.
fn laws(problem: &Problem) -> String {
    match problem.model {
        Model::LinearElastic => "isotropic linear elasticity, small strain (Hughes 2000, section 4.1)".into(),
        Model::NeoHookean => Hyperelastic::NeoHookean.name().into(),
        Model::Hyperelastic => {
            let names: BTreeSet<&str> = problem.materials.iter().map(|(_, material)| material.law.name()).collect();
            names.into_iter().collect::<Vec<_>>().join("; ")
        }
    }
}

/// Whether a direction counts in any material or load.
fn anisotropic(problem: &Problem) -> bool {
    let of_material = |(_, own): &(u8, Material)| own.law.needs_fibres();
    let contracts = problem.loads.iter().any(|load| matches!(load, Load::Contract { .. }));
    contracts || (problem.model == Model::Hyperelastic && problem.materials.iter().any(of_material))
}

fn limits_of_loads(problem: &Problem, summary: Summary) -> Summary {
    let has = |wanted: fn(&Load) -> bool| problem.loads.iter().any(wanted);
    let summary = if has(|load| matches!(load, Load::Pressure { .. })) {
        summary.limit(match problem.model {
            Model::LinearElastic => "pressure keeps the direction and area of the surface at rest",
            Model::NeoHookean | Model::Hyperelastic => "pressure follows the moving surface",
        })
    } else {
        summary
    };
    let summary = if has(|load| matches!(load, Load::Contract { .. })) {
        summary
            .method("active tension along the fibres, a second Piola-Kirchhoff stress (Land et al. 2015, equation 2.4)")
    } else {
        summary
    };
    let summary = if has(|load| matches!(load, Load::Bed { .. })) {
        summary
            .method("neighbours as a soft bed that pushes and never pulls (Winkler foundation along the normals at rest)")
            .limit("the bed keeps its place and direction: fit for movements small against the roundness of the organ; along it the organ slides freely")
    } else {
        summary
    };
    if has(|load| matches!(load, Load::Gravity { .. })) {
        summary.limit(
            "the mesh given is taken as free of stress; a scan is already deformed by gravity (simulate.rest_shape)",
        )
    } else {
        summary
    }
}

fn warnings(
    problem: &Problem,
    assembly: &Assembly,
    states: &[ElementState],
    result: &TissueResult,
    mut summary: Summary,
) -> Summary {
    for (region, material) in problem.materials {
        let mut total = 0.0;
        let mut outside = 0.0;
        let mut largest = 0.0_f64;
        if material.strain_max.is_finite() {
            summary = summary.fact(&limit_name(*region), 100.0 * material.strain_max, "%");
        }
        for (tet, own) in problem.mesh.regions().iter().enumerate().filter(|(_, own)| *own == region) {
            debug_assert_eq!(own, region);
            let volume = assembly.elements[tet].volume_m3;
            total += volume;
            largest = largest.max(states[tet].strain);
            if material.strain_max < states[tet].strain {
                outside += volume;
            }
        }
        if 0.0 < outside {
            summary = summary.warning(format!(
                "outside validity: {:.1} % of region {region} is strained beyond {:.0} %, the limit of its material data (largest {:.0} %)",
                100.0 * outside / total,
                100.0 * material.strain_max,
                100.0 * largest
            ));
        }
        let (locks, better) = match assembly.formulation {
            Formulation::Displacement => (LOCKING_POISSON, "mixed"),
            Formulation::QuadraticDisplacement => (LOCKING_POISSON_QUADRATIC, "quadratic"),
            Formulation::Mixed | Formulation::Quadratic => (f64::INFINITY, ""),
        };
        if locks < material.poisson && 0.0 < total {
            summary = summary.warning(format!(
                "region {region} has a Poisson's ratio of {}; displacement-only tetrahedra lock there and are too stiff, use the {better} formulation",
                material.poisson
            ));
        }
    }
    let strain = volume_quantile(assembly, 0.95, |tet| states[tet].strain);
    if problem.model == Model::LinearElastic && LINEAR_STRAIN_MAX < strain {
        summary = summary.warning(format!(
            "5 % of the volume is strained by more than {:.0} %; linear elasticity is meant for {:.0} %, use the neo-Hookean model",
            100.0 * strain,
            100.0 * LINEAR_STRAIN_MAX
        ));
    }
    let inverted = result.tet_volume_ratio.iter().filter(|ratio| **ratio <= 0.0).count();
    if 0 < inverted {
        summary = summary
            .warning(format!("{inverted} tetrahedra are inside out: linear elasticity cannot see it, reduce the load"));
    }
    summary
}

/// The value that `share` of the rest volume does not exceed.
fn volume_quantile(assembly: &Assembly, share: f64, value: impl Fn(usize) -> f64) -> f64 {
    let mut all: Vec<(f64, f64)> =
        assembly.elements.iter().enumerate().map(|(tet, element)| (value(tet), element.volume_m3)).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = all.iter().map(|(_, volume)| volume).sum();
    let mut below = 0.0;
    for (value, volume) in &all {
        below += volume;
        if share * total * (1.0 - 1e-12) <= below {
            return *value;
        }
    }
    all.last().map_or(0.0, |(value, _)| *value)
}
