//! Whether materials and fibres can be, each refusal with name, value and limit.

use super::material::limits::Bad;
use super::material::{Fibre, Law, Material, Model};
use super::problem::TissueError;
use super::visco::Branch;
use crate::mesh::TetMesh;

/// Give every law the fibres of its element, as unit vectors at right angles.
pub(super) fn lay_fibres(mesh: &TetMesh, fibres: &[Fibre], laws: &mut [Law]) -> Result<(), TissueError> {
    if fibres.is_empty() {
        let needs = |law: &Law| law.model == Model::Hyperelastic && law.shape.needs_fibres();
        let bare = laws.iter().zip(mesh.regions()).find(|(law, _)| needs(law));
        return bare.map_or(Ok(()), |(_, region)| Err(TissueError::NoFibres { region: *region, what: "material" }));
    }
    if fibres.len() != laws.len() {
        return Err(TissueError::FibreCount { fibres: fibres.len(), tets: laws.len() });
    }
    for (tet, (law, fibre)) in laws.iter_mut().zip(fibres).enumerate() {
        law.fibre = fibre.normalised().ok_or(TissueError::BadFibre { tet, fibre: *fibre })?;
    }
    Ok(())
}

/// Whether a material can be.
pub(super) fn check(region: u8, material: &Material) -> Result<(), TissueError> {
    let Material { young_pa, poisson, density_kg_m3, strain_max, law } = *material;
    let bad = |name, value, limit| Err(TissueError::BadMaterial { region, name, value, limit });
    law.check().or_else(|Bad { name, value, limit }| bad(name, value, limit))?;
    if !(young_pa.is_finite() && 0.0 < young_pa) {
        return bad("Young's modulus", young_pa, "above 0 Pa");
    }
    if !(-1.0 < poisson && poisson <= 0.4999) {
        return bad("Poisson's ratio", poisson, "above -1 and at most 0.4999");
    }
    if !(density_kg_m3.is_finite() && 0.0 <= density_kg_m3) {
        return bad("density", density_kg_m3, "at least 0 kg/m³");
    }
    if !(0.0 < strain_max) {
        return bad("largest valid strain", strain_max, "above 0");
    }
    Ok(())
}

/// Whether branches of a Prony series can be.
pub(super) fn check_branches(relaxation: &[(u8, Vec<Branch>)]) -> Result<(), TissueError> {
    for (region, branches) in relaxation {
        let bad = |name, value, limit| Err(TissueError::BadMaterial { region: *region, name, value, limit });
        for Branch { beta, tau_s } in branches {
            if !(0.0 <= *beta && beta.is_finite()) {
                return bad("beta of a relaxation", *beta, "at least 0");
            }
            if !(0.0 < *tau_s && tau_s.is_finite()) {
                return bad("relaxation time", *tau_s, "above 0 s");
            }
        }
    }
    Ok(())
}
