//! From a mesh to a body, and from its tetrahedra to everything that follows from them.

use super::body::{Body, Settings};
use super::conjugate::{BLOCK, Conjugate};
use super::contact::{STIFFER, Skin};
use super::elements::{Batch, Record, Seed};
use super::evaluate::Sums;
use super::gpu::Slot;
use super::health::Health;
use super::lanes::LANES;
use super::matrix::{Gathered, Stiffness};
use super::pieces::Pieces;
use super::self_contact::SelfContacts;
use super::ties::Ties;
use super::topology::{Topology, boundary};
use crate::biomech::assemble::material_of_region;
use crate::biomech::material::{Hyperelastic, Material};
use crate::biomech::problem::TissueError;
use crate::biomech::rigid::check_held;
use crate::biomech::units::m_from_mm;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use rayon::prelude::*;

impl Body {
    /// The body `mesh` at rest with one material per region; the vertices `fixed` never move.
    ///
    /// # Errors
    /// [`TissueError`]: nothing holds it or a part of it, a region has no material, a constant cannot be.
    pub fn new(mesh: &TetMesh, materials: &[(u8, Material)], fixed: &[u32]) -> Result<Self, TissueError> {
        let count = mesh.positions().len();
        if let Some(vertex) = fixed.iter().copied().find(|v| count <= *v as usize) {
            return Err(TissueError::BadVertex { load: 0, kind: "fixed", vertex, count });
        }
        let mut imposed = vec![[None; 3]; count];
        fixed.iter().for_each(|v| imposed[*v as usize] = [Some(0.0); 3]);
        let mut body = Self::loose(mesh, materials)?;
        check_held(mesh, &imposed)?;
        fixed.iter().for_each(|v| body.free[*v as usize] = [0.0; 4]);
        body.pieces = Pieces::new(&body.tets, &body.free);
        Ok(body)
    }

    /// As [`Self::new`], but nothing holds it: it falls.
    ///
    /// # Errors
    /// [`TissueError`]: a region has no material, a constant cannot be.
    pub fn loose(mesh: &TetMesh, materials: &[(u8, Material)]) -> Result<Self, TissueError> {
        material_of_region(mesh, materials)?;
        if let Some((region, _)) = materials.iter().find(|(_, material)| material.law != Hyperelastic::NeoHookean) {
            return Err(TissueError::LawAtRest { region: *region });
        }
        let count = mesh.positions().len();
        let mut body = Self {
            settings: Settings::default(),
            tets: mesh.tets().to_vec(),
            origin: (0..mesh.tets().len() as u32).collect(),
            regions: mesh.regions().to_vec(),
            materials: materials.to_vec(),
            rest: mesh.positions().iter().map(|p| m_from_mm(p).into()).collect(),
            rest_mm: mesh.positions().to_vec(),
            free: vec![[1.0, 1.0, 1.0, 0.0]; count],
            topology: Topology::default(),
            batches: Vec::new(),
            constants: Vec::new(),
            mass: Vec::new(),
            grip: Vec::new(),
            skin: Vec::new(),
            u: vec![[0.0; 3]; count],
            v: vec![[0.0; 3]; count],
            places: mesh.positions().to_vec(),
            health: Health::default(),
            springs: Vec::new(),
            bed: Vec::new(),
            held_by: Vector::zeros(),
            frozen: Vec::new(),
            grasps: Vec::new(),
            ties: Ties::default(),
            needle: None,
            tool_places: Vec::new(),
            tool_forces: Vec::new(),
            support: Vector::zeros(),
            applied: Vector::zeros(),
            records: Vec::new(),
            swelling: Vec::new(),
            pressure: Vec::new(),
            sums: Vec::new(),
            vertex_sums: Vec::new(),
            stiffness: Stiffness::default(),
            scratch: Vec::new(),
            solver: Conjugate::default(),
            start: Vec::new(),
            first: Vec::new(),
            trial: Vec::new(),
            gradient: Vec::new(),
            load: Vec::new(),
            known: None,
            pieces: Pieces::default(),
            tools: Vec::new(),
            pressed: Vec::new(),
            near: Vec::new(),
            touches: Vec::new(),
            contacts: Vec::new(),
            own: SelfContacts::default(),
            gpu: Slot::default(),
        };
        body.rebuild();
        Ok(body)
    }

    /// Derive everything that follows from the tetrahedra, after the start and after every cut.
    pub(super) fn rebuild(&mut self) {
        let (count, tets) = (self.rest.len(), self.tets.len());
        self.topology = Topology::new(count, &self.tets);
        let of_region: [Option<Material>; 256] = std::array::from_fn(|region| {
            self.materials.iter().rev().find(|(r, _)| usize::from(*r) == region).map(|(_, material)| *material)
        });
        let material = |tet: usize| of_region[usize::from(self.regions[tet])].expect("checked when the body was made");
        let seed = |tet: usize| {
            let corners = self.tets[tet];
            Seed { corners, place: corners.map(|v| self.rest[v as usize].into()), material: material(tet) }
        };
        let batch = |first: usize| {
            let seeds: Vec<Seed> = (first * LANES..((first + 1) * LANES).min(tets)).map(seed).collect();
            Batch::new(&seeds)
        };
        self.batches = (0..tets.div_ceil(LANES)).into_par_iter().map(batch).collect();
        self.constants = (0..tets).into_par_iter().with_min_len(256).map(|tet| seed(tet).constants()).collect();
        let share = |tet: usize| {
            let seed = seed(tet);
            let volume = seed.volume_m3();
            (volume, seed.compliance())
        };
        let shares: Vec<(f64, f64)> = (0..tets).into_par_iter().with_min_len(256).map(share).collect();
        let mut bulk = vec![0.0_f32; count];
        (self.mass, self.grip) = (vec![0.0; count], vec![0.0; count]);
        for v in 0..count {
            let (mut compliance, mut volume, mut stiff) = (0.0, 0.0, 0.0);
            for corner in &self.topology.corners[self.topology.around(v)] {
                let tet = (corner / 4) as usize;
                let (tet_m3, share) = shares[tet];
                compliance += share;
                volume += tet_m3 / 4.0;
                stiff += material(tet).young_pa * tet_m3 / 4.0;
                self.mass[v] += material(tet).density_kg_m3 * tet_m3 / 4.0;
            }
            bulk[v] = if 0.0 < compliance { (1.0 / compliance) as f32 } else { 0.0 };
            self.grip[v] = if 0.0 < volume { STIFFER * stiff / volume.powf(2.0 / 3.0) } else { 0.0 };
        }
        self.stiffness = Stiffness::new(&self.topology, &self.constants, bulk);
        self.scratch = vec![Gathered::default(); self.topology.longest_row() * count.div_ceil(BLOCK)];
        let skin = |(corners, tet): ([u32; 3], u32)| {
            Skin::new(corners, corners.map(|v| Vector::from(self.rest[v as usize])), material(tet as usize).young_pa)
        };
        let outer = boundary(&self.topology, &self.tets);
        self.own = SelfContacts::new(&outer, &self.topology, &self.rest);
        self.skin = outer.into_iter().map(skin).collect();
        self.pieces = Pieces::new(&self.tets, &self.free);
        self.records = vec![Record::default(); self.batches.len() * LANES];
        self.swelling = vec![0.0; self.batches.len() * LANES];
        self.pressure = vec![0.0; count];
        self.sums = vec![Sums::default(); self.batches.len()];
        self.solver = Conjugate::new(count);
        self.vertex_sums = vec![[0.0; 3]; count.div_ceil(BLOCK)];
        (self.start, self.first, self.trial) = (vec![[0.0; 3]; count], vec![[0.0; 3]; count], vec![[0.0; 3]; count]);
        self.pressed = vec![[0.0; 2]; count];
        (self.gradient, self.load) = (vec![[0.0; 3]; count], vec![[0.0; 3]; count]);
        self.known = None;
        self.gpu.forget();
        self.places.resize(count, Point::origin());
        self.show();
    }
}
