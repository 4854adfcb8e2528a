//! From elements to the equations of the whole body: forces, stiffness, and the pattern that is built once per mesh.

use super::boundary::{LoadCase, face_force_n};
use super::check::{check, lay_fibres};
use super::element::tet4::{PER_CORNER, UNKNOWNS};
use super::element::{Block, Tet4};
use super::material::{Fibre, Law, Material, Model, linear, neo_hookean};
use super::problem::{Formulation, TissueError};
use super::units::m_from_mm;
use crate::geom::Vector;
use crate::mesh::TetMesh;
use crate::numerics::{BlockMatrix, BlockPattern};
use rayon::prelude::*;
use std::sync::Arc;

/// Elements whose matrices are in memory at one time: 2048 × 2 KiB stay in the cache.
const BATCH: usize = 2048;

/// An element turned inside out: its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvertedTet(pub usize);

/// The body at rest in SI, ready to be asked for forces and stiffness at any displacement.
///
/// Unknowns lie vertex by vertex: displacement x, y, z in m and, for *Mixed*, pressure in Pa.
#[derive(Debug)]
pub struct Assembly<'a> {
    /// The body.
    pub mesh: &'a TetMesh,
    /// How elements carry volume.
    pub formulation: Formulation,
    /// Elements at rest.
    pub elements: Vec<Tet4>,
    /// The law of each element.
    pub laws: Vec<Law>,
    /// Density of each element, kg/m³.
    pub densities: Vec<f64>,
    /// Which vertices are coupled.
    pub pattern: Arc<BlockPattern>,
    /// Per element, where its 4 × 4 blocks are in the matrix.
    slots: Vec<[u32; 16]>,
    /// Per vertex, `starts[v]..starts[v + 1]` of `corners`: 4 × element + corner.
    starts: Vec<usize>,
    corners: Vec<u32>,
}

impl<'a> Assembly<'a> {
    /// Check the materials and prepare a body without fibres.
    ///
    /// # Errors
    /// [`TissueError::NoMaterial`], [`TissueError::BadMaterial`], [`TissueError::NoFibres`].
    pub fn new(
        mesh: &'a TetMesh,
        materials: &[(u8, Material)],
        model: Model,
        formulation: Formulation,
    ) -> Result<Self, TissueError> {
        Self::with_fibres(mesh, materials, &[], model, formulation)
    }

    /// Check the materials and prepare the body; `fibres` is empty or has one entry per tetrahedron.
    ///
    /// # Errors
    /// As [`Self::new`], and [`TissueError::FibreCount`], [`TissueError::BadFibre`].
    pub fn with_fibres(
        mesh: &'a TetMesh,
        materials: &[(u8, Material)],
        fibres: &[Fibre],
        model: Model,
        formulation: Formulation,
    ) -> Result<Self, TissueError> {
        let of_region = material_of_region(mesh, materials)?;
        let material = |region: &u8| of_region[usize::from(*region)].expect("every region was checked");
        let mut laws: Vec<Law> = mesh.regions().iter().map(|region| Law::new(model, material(region))).collect();
        lay_fibres(mesh, fibres, &mut laws)?;
        let densities = mesh.regions().iter().map(|region| material(region).density_kg_m3).collect();
        let elements =
            (0..mesh.tets().len()).into_par_iter().map(|tet| Tet4::new(mesh.corners(tet).map(m_from_mm))).collect();
        let count = mesh.positions().len();
        let pattern = Arc::new(BlockPattern::of_cells(count, mesh.tets()));
        let slot = |row: u32, column: u32| pattern.slot(row as usize, column).expect("corners are coupled") as u32;
        let blocks = |tet: &[u32; 4]| std::array::from_fn(|n| slot(tet[n / 4], tet[n % 4]));
        let slots = mesh.tets().par_iter().map(blocks).collect();
        let (starts, corners) = incidence(mesh);
        Ok(Self { mesh, formulation, elements, laws, densities, pattern, slots, starts, corners })
    }

    /// Unknowns per vertex: 3 or 4.
    pub fn fields(&self) -> usize {
        if self.formulation.has_pressure() { 4 } else { 3 }
    }

    /// All unknowns.
    pub fn unknowns(&self) -> usize {
        self.fields() * self.mesh.positions().len()
    }

    /// Tetrahedra around a vertex; empty if it belongs to none.
    pub fn tets_of(&self, vertex: usize) -> impl Iterator<Item = usize> + '_ {
        self.corners[self.starts[vertex]..self.starts[vertex + 1]].iter().map(|corner| (corner / 4) as usize)
    }

    /// Displacements in m and pressures in Pa at the corners of an element.
    #[inline]
    pub fn at_corners(&self, tet: usize, x: &[f64]) -> ([Vector; 4], [f64; 4]) {
        let fields = self.fields();
        let corners = &self.mesh.tets()[tet];
        let u = corners.map(|v| Vector::from_column_slice(&x[fields * v as usize..][..3]));
        let p = corners.map(|v| if fields == 4 { x[4 * v as usize + 3] } else { 0.0 });
        (u, p)
    }

    /// Where the 4 × 4 blocks of an element are in the matrix, row by row.
    pub(super) fn slots(&self, tet: usize) -> &[u32; 16] {
        &self.slots[tet]
    }

    fn element_forces(&self, tet: usize, x: &[f64]) -> Option<[f64; UNKNOWNS]> {
        let (u, p) = self.at_corners(tet, x);
        let (element, law) = (&self.elements[tet], &self.laws[tet]);
        let deformation = element.deformation(&u);
        Some(match law.model {
            Model::LinearElastic => {
                element.forces(&linear::At::new(law.mu_pa, &deformation), law, self.formulation, &p)
            }
            Model::NeoHookean => {
                element.forces(&neo_hookean::At::new(law.mu_pa, &deformation)?, law, self.formulation, &p)
            }
            Model::Hyperelastic => element.forces(&law.hyperelastic_at(&deformation)?, law, self.formulation, &p),
        })
    }

    /// The volume equation of each corner of a mixed element at `x`, m³; `None` if it is inside out.
    pub(super) fn volume_equations(&self, tet: usize, x: &[f64]) -> Option<[f64; 4]> {
        let forces = self.element_forces(tet, x)?;
        Some(std::array::from_fn(|corner| forces[PER_CORNER * corner + 3]))
    }

    fn element_stiffness(&self, tet: usize, x: &[f64]) -> Option<Block> {
        let (u, p) = self.at_corners(tet, x);
        let (element, law) = (&self.elements[tet], &self.laws[tet]);
        let deformation = element.deformation(&u);
        Some(match law.model {
            Model::LinearElastic => {
                element.stiffness(&linear::At::new(law.mu_pa, &deformation), law, self.formulation, &p)
            }
            Model::NeoHookean => {
                element.stiffness(&neo_hookean::At::new(law.mu_pa, &deformation)?, law, self.formulation, &p)
            }
            Model::Hyperelastic => element.stiffness(&law.hyperelastic_at(&deformation)?, law, self.formulation, &p),
        })
    }

    /// Internal forces in N (and volume equations in m³) of all unknowns at `x`.
    ///
    /// # Errors
    /// The first inverted element.
    pub fn internal(&self, x: &[f64]) -> Result<Vec<f64>, InvertedTet> {
        let parts: Vec<Option<[f64; UNKNOWNS]>> =
            (0..self.elements.len()).into_par_iter().with_min_len(256).map(|tet| self.element_forces(tet, x)).collect();
        if let Some(tet) = parts.iter().position(Option::is_none) {
            return Err(InvertedTet(tet));
        }
        let fields = self.fields();
        let mut forces = vec![0.0; self.unknowns()];
        forces.par_chunks_mut(fields).enumerate().with_min_len(256).for_each(|(vertex, sum)| {
            for corner in &self.corners[self.starts[vertex]..self.starts[vertex + 1]] {
                let part = parts[(corner / 4) as usize].as_ref().expect("no element is inverted");
                let part = &part[PER_CORNER * (corner % 4) as usize..];
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        });
        Ok(forces)
    }

    /// External forces in N at share `load` of `case` on the body displaced by `x`.
    pub fn external(&self, case: &LoadCase, load: f64, x: &[f64]) -> Vec<f64> {
        let fields = self.fields();
        let mut forces = vec![0.0; self.unknowns()];
        for (out, force) in forces.chunks_exact_mut(fields).zip(&case.force_n) {
            out[..3].copy_from_slice((force * load).as_slice());
        }
        for (triangle, pa) in &case.follower {
            let share = face_force_n(&self.place(triangle, x), load * pa);
            for vertex in triangle {
                let out = &mut forces[fields * *vertex as usize..][..3];
                out.iter_mut().zip(share.iter()).for_each(|(out, share)| *out += share);
            }
        }
        for spring in &case.bed {
            let out = &mut forces[fields * spring.vertex as usize..][..3];
            let force = spring.force_n(&self.moved(spring.vertex, x));
            out.iter_mut().zip(force.iter()).for_each(|(out, force)| *out += force);
        }
        self.add_touch(case, load, x, &mut forces);
        self.add_active(case, load, x, &mut forces);
        forces
    }

    /// Displacement of a vertex, m.
    pub(super) fn moved(&self, v: u32, x: &[f64]) -> Vector {
        Vector::from_column_slice(&x[self.fields() * v as usize..][..3])
    }

    fn place(&self, triangle: &[u32; 3], x: &[f64]) -> [Vector; 3] {
        triangle.map(|v| m_from_mm(&self.mesh.positions()[v as usize]) + self.moved(v, x))
    }

    /// The stiffness at `x` with held unknowns eliminated: their rows and columns are those of the unit matrix times
    /// a stiffness of the usual size, and what their `step` does to the others moves to `rhs`.
    ///
    /// # Errors
    /// The first inverted element.
    pub fn stiffness(
        &self,
        case: &LoadCase,
        load: f64,
        x: &[f64],
        held: &[bool],
        step: &[f64],
        matrix: &mut BlockMatrix,
        rhs: &mut [f64],
    ) -> Result<(), InvertedTet> {
        matrix.clear();
        let fields = self.fields();
        for first in (0..self.elements.len()).step_by(BATCH) {
            let batch = first..(first + BATCH).min(self.elements.len());
            let blocks: Vec<Option<Block>> =
                batch.clone().into_par_iter().with_min_len(32).map(|tet| self.element_stiffness(tet, x)).collect();
            for (tet, block) in batch.zip(&blocks) {
                let Some(block) = block else { return Err(InvertedTet(tet)) };
                let corners = self.mesh.tets()[tet];
                for (n, slot) in self.slots[tet].iter().enumerate() {
                    let (a, b) = (n / 4, n % 4);
                    for r in 0..fields {
                        let from = &block[PER_CORNER * a + r][PER_CORNER * b..][..fields];
                        let into = matrix.block_row_mut(corners[a] as usize, *slot as usize, r);
                        into.iter_mut().zip(from).for_each(|(into, from)| *into += from);
                    }
                }
            }
        }
        self.add_follower_stiffness(case, load, x, matrix);
        self.add_active_stiffness(case, load, matrix);
        self.add_bed_stiffness(case, x, matrix);
        self.add_touch_stiffness(case, load, x, matrix);
        eliminate(&self.pattern, fields, held, step, matrix, rhs);
        Ok(())
    }

    /// Soft neighbours where they resist.
    fn add_bed_stiffness(&self, case: &LoadCase, x: &[f64], matrix: &mut BlockMatrix) {
        for spring in case.bed.iter().filter(|spring| spring.resists(&self.moved(spring.vertex, x))) {
            let row = spring.vertex as usize;
            let Some(slot) = self.pattern.slot(row, spring.vertex) else { continue };
            for (r, block) in spring.block().iter().enumerate() {
                let into = matrix.block_row_mut(row, slot, r);
                into.iter_mut().zip(block).for_each(|(into, block)| *into += block);
            }
        }
    }

    /// The symmetric part of −∂f/∂x of pressed faces. What is left out only matters where the rim of the pressed patch
    /// is free to move, and there only for the speed of convergence.
    fn add_follower_stiffness(&self, case: &LoadCase, load: f64, x: &[f64], matrix: &mut BlockMatrix) {
        for (triangle, pa) in &case.follower {
            let place = self.place(triangle, x);
            let opposite = |n: usize| place[(n + 2) % 3] - place[(n + 1) % 3];
            for a in 0..3 {
                for b in (0..3).filter(|b| *b != a) {
                    let block = ((opposite(b) - opposite(a)) * (load * pa / 12.0)).cross_matrix();
                    let row = triangle[a] as usize;
                    let Some(slot) = self.pattern.slot(row, triangle[b]) else { continue };
                    for r in 0..3 {
                        let into = matrix.block_row_mut(row, slot, r);
                        (0..3).for_each(|c| into[c] += block[(r, c)]);
                    }
                }
            }
        }
    }
}

/// Make rows and columns of held unknowns those of the unit matrix times a stiffness of the usual size; what their
/// `step` does to the others moves to `rhs`. Blocks on `pattern` have `fields` rows.
pub(super) fn eliminate(
    pattern: &BlockPattern,
    fields: usize,
    held: &[bool],
    step: &[f64],
    matrix: &mut BlockMatrix,
    rhs: &mut [f64],
) {
    for row in 0..pattern.rows() {
        let first = pattern.slot(row, pattern.neighbours(row)[0]).expect("a row has its neighbours");
        for (offset, column) in pattern.neighbours(row).iter().enumerate() {
            let (slot, column) = (first + offset, *column as usize);
            let held_here = &held[fields * column..][..fields];
            let row_held = &held[fields * row..][..fields];
            if !held_here.contains(&true) && !row_held.contains(&true) {
                continue;
            }
            for r in 0..fields {
                let entries = matrix.block_row_mut(row, slot, r);
                for c in 0..fields {
                    if row == column && r == c && row_held[r] {
                        // The diagonal of a vertex of no element is zero; anything else will do.
                        entries[c] = if entries[c] == 0.0 { 1.0 } else { entries[c] };
                        rhs[fields * row + r] = entries[c] * step[fields * row + r];
                    } else if row_held[r] || held_here[c] {
                        if !row_held[r] {
                            rhs[fields * row + r] -= entries[c] * step[fields * column + c];
                        }
                        entries[c] = 0.0;
                    }
                }
            }
        }
    }
}

/// For each vertex the element corners that meet there, in ascending order.
fn incidence(mesh: &TetMesh) -> (Vec<usize>, Vec<u32>) {
    let mut starts = vec![0_usize; mesh.positions().len() + 1];
    let all = mesh.tets().as_flattened();
    all.iter().for_each(|v| starts[*v as usize + 1] += 1);
    (1..starts.len()).for_each(|i| starts[i] += starts[i - 1]);
    let mut corners = vec![0; all.len()];
    let mut next = starts.clone();
    for (corner, v) in all.iter().enumerate() {
        corners[next[*v as usize]] = corner as u32;
        next[*v as usize] += 1;
    }
    (starts, corners)
}

/// The material of each region, all of them checked.
///
/// # Errors
/// [`TissueError::NoMaterial`], [`TissueError::BadMaterial`].
pub(super) fn material_of_region<'m>(
    mesh: &TetMesh,
    materials: &'m [(u8, Material)],
) -> Result<[Option<&'m Material>; 256], TissueError> {
    materials.iter().try_for_each(|(region, material)| check(*region, material))?;
    let mut of_region: [Option<&Material>; 256] = [None; 256];
    materials.iter().for_each(|(region, material)| of_region[usize::from(*region)] = Some(material));
    if let Some(region) = mesh.regions().iter().copied().find(|region| of_region[usize::from(*region)].is_none()) {
        let tets = mesh.regions().iter().filter(|r| **r == region).count();
        return Err(TissueError::NoMaterial { region, tets });
    }
    Ok(of_region)
}
