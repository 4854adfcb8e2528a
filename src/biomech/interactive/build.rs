//! From a mesh to a body, and from its tetrahedra to everything that follows from them.

use super::body::{Body, Settings};
use super::conjugate::{BLOCK, Conjugate};
use super::contact::{STIFFER, Skin};
use super::elements::{Batch, Constants, Record, Seed};
use super::evaluate::Sums;
use super::gpu::Slot;
use super::health::Health;
use super::lanes::LANES;
use super::matrix::{Gathered, Stiffness, again};
use super::pieces::Pieces;
use super::self_contact::SelfContacts;
use super::ties::Ties;
use super::topology::{Topology, boundary, neighbour_across, outer_faces};
use crate::biomech::assemble::material_of_region;
use crate::biomech::material::{Hyperelastic, Material};
use crate::biomech::problem::TissueError;
use crate::biomech::rigid::check_held;
use crate::biomech::units::m_from_mm;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use crate::mesh::tet_mesh::FACES;
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
            shares: Vec::new(),
            outer: Vec::new(),
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
            coarse: None,
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

    /// Derive everything that follows from the tetrahedra, at the start and where some of them went.
    pub(super) fn rebuild(&mut self) {
        let tets = self.tets.len();
        self.batches = vec![Batch::new(&[]); tets.div_ceil(LANES)];
        (self.constants, self.shares) = (vec![Constants::default(); tets], vec![(0.0, 0.0); tets]);
        self.measure(&vec![true; self.rest.len()]);
        self.topology = Topology::new(self.rest.len(), &self.tets);
        self.outer = outer_faces(&self.topology, &self.tets);
        self.gather();
    }

    /// Derive what changes where only the faces between the pairs of `opened` may have come to lie outside, only vertices
    /// of these tetrahedra moved at rest, and the vertices from `first_copy` on are new: as [`Self::rebuild`] would, to
    /// the last bit.
    pub(super) fn rejoin(&mut self, opened: &[(u32, u32)], first_copy: usize) {
        let mut changed = vec![false; self.rest.len()];
        // A part that hung on a doubled vertex only has the copy, but no opened face.
        changed[first_copy..].fill(true);
        let along = || opened.iter().flat_map(|(a, b)| [*a, *b]);
        along().flat_map(|tet| self.tets[tet as usize]).for_each(|v| changed[v as usize] = true);
        self.measure(&changed);
        self.topology = Topology::new(self.rest.len(), &self.tets);
        for tet in along() {
            for n in 0..4 {
                let face = FACES[n].map(|corner| self.tets[tet as usize][corner]);
                if neighbour_across(&self.topology, &self.tets, tet, face).is_none() {
                    self.outer[tet as usize] |= 1 << n;
                }
            }
        }
        self.gather();
    }

    /// What follows from the places at rest of each tetrahedron that has a vertex which `changed`.
    fn measure(&mut self, changed: &[bool]) {
        let of_region = self.of_region();
        let Self { tets, regions, rest, batches, constants, shares, .. } = self;
        let parts = batches.par_iter_mut().zip(constants.par_chunks_mut(LANES).zip(shares.par_chunks_mut(LANES)));
        let numbered = parts.zip(tets.par_chunks(LANES).zip(regions.par_chunks(LANES))).with_min_len(16);
        numbered.for_each(|((batch, (constants, shares)), (tets, regions))| {
            if !tets.as_flattened().iter().any(|v| changed[*v as usize]) {
                return;
            }
            let seed = |(corners, region): (&[u32; 4], &u8)| {
                let material = of_region[usize::from(*region)].expect("checked when the body was made");
                Seed { corners: *corners, place: corners.map(|v| rest[v as usize].into()), material }
            };
            let seeds: Vec<Seed> = tets.iter().zip(regions).map(seed).collect();
            *batch = Batch::new(&seeds);
            for ((seed, constants), share) in seeds.iter().zip(constants).zip(shares) {
                (*constants, *share) = (seed.constants(), (seed.volume_m3(), seed.compliance()));
            }
        });
    }

    fn of_region(&self) -> [Option<Material>; 256] {
        std::array::from_fn(|region| {
            self.materials.iter().rev().find(|(r, _)| usize::from(*r) == region).map(|(_, material)| *material)
        })
    }

    /// Derive what vertices gather from their tetrahedra, and the memory of a frame.
    fn gather(&mut self) {
        let count = self.rest.len();
        let of_region = self.of_region();
        let material = |tet: usize| of_region[usize::from(self.regions[tet])].expect("checked when the body was made");
        let of_vertex = |v: usize| {
            let (mut compliance, mut volume, mut stiff, mut mass) = (0.0, 0.0, 0.0, 0.0);
            for corner in &self.topology.corners[self.topology.around(v)] {
                let tet = (corner / 4) as usize;
                let (tet_m3, share) = self.shares[tet];
                compliance += share;
                volume += tet_m3 / 4.0;
                stiff += material(tet).young_pa * tet_m3 / 4.0;
                mass += material(tet).density_kg_m3 * tet_m3 / 4.0;
            }
            let bulk = if 0.0 < compliance { (1.0 / compliance) as f32 } else { 0.0 };
            (mass, if 0.0 < volume { STIFFER * stiff / volume.powf(2.0 / 3.0) } else { 0.0 }, bulk)
        };
        let gathered: Vec<(f64, f64, f32)> = (0..count).into_par_iter().with_min_len(BLOCK).map(of_vertex).collect();
        self.mass = gathered.iter().map(|(mass, ..)| *mass).collect();
        self.grip = gathered.iter().map(|(_, grip, _)| *grip).collect();
        self.stiffness.renew(&self.topology, &self.constants, gathered.iter().map(|(.., bulk)| *bulk).collect());
        let outer = boundary(&self.tets, &self.outer);
        let skin = |(corners, tet): &([u32; 3], u32)| {
            let young_pa = material(*tet as usize).young_pa;
            Skin::new(*corners, corners.map(|v| Vector::from(self.rest[v as usize])), young_pa)
        };
        self.skin = outer.iter().map(skin).collect();
        self.own = SelfContacts::new(outer);
        self.pieces = Pieces::new(&self.tets, &self.free);
        self.make_room();
    }

    /// Memory of a frame.
    fn make_room(&mut self) {
        let (count, lanes) = (self.rest.len(), self.batches.len() * LANES);
        again(&mut self.scratch, self.topology.longest_row() * count.div_ceil(BLOCK), Gathered::default());
        again(&mut self.records, lanes, Record::default());
        again(&mut self.swelling, lanes, 0.0);
        again(&mut self.pressure, count, 0.0);
        again(&mut self.sums, self.batches.len(), Sums::default());
        again(&mut self.vertex_sums, count.div_ceil(BLOCK), [0.0; 3]);
        again(&mut self.pressed, count, [0.0; 2]);
        self.solver.renew(count);
        if let Some(coarse) = &mut self.coarse {
            coarse.locate(&self.rest, &self.topology);
        }
        let Self { start, first, trial, gradient, load, .. } = self;
        [start, first, trial, gradient, load].into_iter().for_each(|vector| again(vector, count, [0.0; 3]));
        self.known = None;
        self.gpu.forget();
        self.places.resize(count, Point::origin());
        self.show();
    }
}
