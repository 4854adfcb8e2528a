//! A body ready to be moved: what it is made of, where it is, and what holds it.

use super::coarse::Coarse;
use super::conjugate::Conjugate;
use super::contact::{Contact, Skin};
use super::elements::{Batch, Constants, Record};
use super::evaluate::{Known, Sums};
use super::gpu::Slot;
use super::health::Health;
use super::matrix::{Four, Gathered, Stiffness};
use super::pieces::Pieces;
use super::self_contact::{SelfContact, SelfContacts};
use super::shaft::Shaft;
use super::ties::Ties;
use super::tools::Placed;
use super::topology::Topology;
use crate::biomech::bed::BedSpring;
use crate::biomech::material::Material;
use crate::biomech::problem::{Axis, TissueError};
use crate::biomech::units::m_from_mm;
use crate::geom::{Point, Vector};

/// How to compute a frame; the default is right for a window at 60 Hz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Length of a frame, s.
    pub step_s: f64,
    /// Conjugate gradient iterations of a Newton step.
    pub iterations_max: usize,
    /// Linear residual at which they stop earlier.
    pub tolerance: f64,
    /// Precondition them on two levels, which carries forces across a large body at once and not from layer to layer of
    /// tetrahedra, and make half of them, which takes three quarters of the time. The first frame takes longer. The
    /// graphics card does without.
    pub two_levels: bool,
    /// Newton steps of a frame.
    pub newton_steps: usize,
    /// Viscosity of the surroundings: forces −c m v, 1/s. Implicit Euler itself damps a swing of angular frequency ω by
    /// the factor 1 / √(1 + ω² h²) each frame, as a Kelvin–Voigt solid of relaxation time h/2 would.
    pub damping_per_s: f64,
    /// When parts of the body press on each other. Never by default: a frame in which many do takes twice as long.
    pub self_contact: SelfContact,
    /// Coulomb's coefficient between them, 1; wet serosa slides on serosa almost without.
    pub self_friction: f64,
}

/// Tetrahedra times conjugate gradient iterations that fit into a frame of 60 Hz on two cores of a laptop.
const BUDGET: usize = 240_000;

/// Tetrahedra from which two levels bring a body to rest in fewer frames of the same length.
const TWO_LEVELS_MIN: usize = 10_000;

impl Settings {
    /// The default for a body of `tets`: the larger it is, the fewer iterations a frame may take, 20 to 12. A body comes
    /// to rest in the same place (a liver of 21 000 to 0.06 % with 12, 0.03 % with 20), if a little later.
    pub fn for_size(tets: usize) -> Self {
        let iterations_max = (BUDGET / tets.max(1)).clamp(12, 20);
        Self { iterations_max, two_levels: TWO_LEVELS_MIN <= tets, ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            step_s: 1.0 / 60.0,
            iterations_max: 20,
            tolerance: 1e-3,
            two_levels: false,
            newton_steps: 1,
            damping_per_s: 1.0,
            self_contact: SelfContact::Never,
            self_friction: 0.0,
        }
    }
}

/// A ligament or a soft support: a spring from a vertex to a fixed place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spring {
    /// The vertex.
    pub vertex: u32,
    /// The place, mm.
    pub anchor_mm: Point,
    /// Stiffness, N/m.
    pub stiffness_n_m: f64,
    /// Length up to which it is slack, mm; it never pushes.
    pub slack_mm: f64,
}

/// Vertices in the jaws of a grasper.
#[derive(Debug, Clone, Default)]
pub(super) struct Grasp {
    pub vertices: Vec<u32>,
    /// Where they were when they were grasped, m.
    pub anchors: Vec<Vector>,
    /// How far the hand moved since, m.
    pub wanted: Vector,
    /// How far the jaws moved since, m.
    pub moved: Vector,
    /// Force on the tissue, N.
    pub force: Vector,
}

/// A soft body of tetrahedra that moves.
#[derive(Debug, Clone)]
pub struct Body {
    pub(super) settings: Settings,
    // What it is.
    pub(super) tets: Vec<[u32; 4]>,
    /// The tetrahedron of the first mesh that each was.
    pub(super) origin: Vec<u32>,
    pub(super) regions: Vec<u8>,
    pub(super) materials: Vec<(u8, Material)>,
    pub(super) rest: Vec<[f64; 3]>,
    /// The same in mm, to the last bit as it was given.
    pub(super) rest_mm: Vec<Point>,
    /// 1 for components that may move, else 0.
    pub(super) free: Vec<Four>,
    // What follows from that.
    pub(super) topology: Topology,
    pub(super) batches: Vec<Batch>,
    pub(super) constants: Vec<Constants>,
    /// Volume of each tetrahedron, m³, and its share of its corners' compliance, m³/Pa.
    pub(super) shares: Vec<(f64, f64)>,
    /// Which faces of each tetrahedron are outside, a bit each.
    pub(super) outer: Vec<u8>,
    pub(super) mass: Vec<f64>,
    /// Stiffness of a spring on each vertex that tissue hardly bends, N/m.
    pub(super) grip: Vec<f64>,
    pub(super) skin: Vec<Skin>,
    // How it is.
    pub(super) u: Vec<[f64; 3]>,
    pub(super) v: Vec<[f64; 3]>,
    pub(super) places: Vec<Point>,
    pub(super) health: Health,
    // What acts on it.
    pub(super) springs: Vec<Spring>,
    pub(super) bed: Vec<BedSpring>,
    /// How far what holds the body moved, m.
    pub(super) held_by: Vector,
    /// Vertices of parts that were cut off and stay where they are; those beyond its end are not.
    pub(super) frozen: Vec<bool>,
    pub(super) grasps: Vec<Option<Grasp>>,
    pub(super) ties: Ties,
    pub(super) needle: Option<Shaft>,
    pub(super) tool_places: Vec<Point>,
    pub(super) tool_forces: Vec<Vector>,
    pub(super) support: Vector,
    pub(super) applied: Vector,
    // Memory of a frame.
    pub(super) records: Vec<Record>,
    pub(super) swelling: Vec<f32>,
    pub(super) pressure: Vec<f32>,
    pub(super) sums: Vec<Sums>,
    pub(super) vertex_sums: Vec<[f64; 3]>,
    pub(super) stiffness: Stiffness,
    pub(super) scratch: Vec<Gathered>,
    pub(super) solver: Conjugate,
    /// Its coarse level, once a frame needed one.
    pub(super) coarse: Option<Coarse>,
    pub(super) start: Vec<[f64; 3]>,
    pub(super) first: Vec<[f64; 3]>,
    pub(super) trial: Vec<[f64; 3]>,
    pub(super) gradient: Vec<[f64; 3]>,
    pub(super) load: Vec<[f64; 3]>,
    /// The state of the tissue at `u`, if known.
    pub(super) known: Option<Known>,
    pub(super) pieces: Pieces,
    pub(super) tools: Vec<Placed>,
    /// Force in N and stiffness in N/m of the tools' springs on each vertex at the end of the last frame.
    pub(super) pressed: Vec<[f64; 2]>,
    /// Triangles that each tool may touch in this frame.
    pub(super) near: Vec<Vec<u32>>,
    /// Contacts at `trial`.
    pub(super) touches: Vec<Contact>,
    /// Contacts where the stiffness was built, with their friction.
    pub(super) contacts: Vec<Contact>,
    /// What it touches of itself.
    pub(super) own: SelfContacts,
    /// The graphics card, if one computes.
    pub(super) gpu: Slot,
}

impl Body {
    /// Frames from now on as `settings` say.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        // It is that of a length of frame.
        self.coarse = None;
        self
    }

    /// Keep vertices on their plane without friction: symmetry, a smooth table. Numbers out of range are ignored.
    pub fn slide(&mut self, vertices: &[u32], axis: Axis) {
        for v in vertices {
            if let Some(free) = self.free.get_mut(*v as usize) {
                free[axis as usize] = 0.0;
            }
        }
        self.pieces = Pieces::new(&self.tets, &self.free);
    }

    /// Hold vertices where they are. Numbers out of range are ignored; a part that nothing holds falls.
    pub fn fix(&mut self, vertices: &[u32]) {
        for v in vertices {
            if let Some(free) = self.free.get_mut(*v as usize) {
                *free = [0.0; 4];
            }
        }
        self.pieces = Pieces::new(&self.tets, &self.free);
    }

    /// Put the body at rest again; tools, graspers and springs stay in place, cuts stay cut, a needle is out.
    pub fn reset(&mut self) {
        self.u.fill([0.0; 3]);
        self.v.fill([0.0; 3]);
        self.pressed.fill([0.0; 2]);
        self.own.clear();
        self.needle = None;
        self.health = Health::default();
        self.held_by = Vector::zeros();
        self.known = None;
        // What follows must not depend on what was before.
        self.coarse = None;
        self.show();
    }

    /// Let it go on from where it is, without its speed.
    pub fn stop(&mut self) {
        self.v.fill([0.0; 3]);
    }

    /// Put every vertex somewhere, in mm, at speed 0: a state kept earlier, or any start. Ignored where the length
    /// differs or a number is not finite; what is held stays.
    pub fn place(&mut self, places_mm: &[Point]) {
        if places_mm.len() != self.u.len() || !places_mm.iter().flat_map(|p| p.iter()).all(|x| x.is_finite()) {
            return;
        }
        for (v, place) in places_mm.iter().enumerate() {
            let u = m_from_mm(place) - Vector::from(self.rest[v]);
            self.u[v] = std::array::from_fn(|i| if self.free[v][i] == 0.0 { self.u[v][i] } else { u[i] });
        }
        self.v.fill([0.0; 3]);
        self.own.clear();
        self.known = None;
        self.show();
    }

    /// Where the vertices are, mm; copies that cuts made come last.
    pub fn positions(&self) -> &[Point] {
        &self.places
    }

    /// Whether vertex `v` is held in every direction.
    pub fn is_held(&self, v: u32) -> bool {
        self.free[v as usize] == [0.0; 4]
    }

    /// Whether vertex `v` is in the jaws of a closed grasper.
    pub fn is_grasped(&self, v: u32) -> bool {
        self.grasps.iter().flatten().any(|grasp| grasp.vertices.contains(&v))
    }

    /// Where vertex `v` is at rest, mm.
    pub fn rest(&self, v: usize) -> Point {
        self.rest_mm[v]
    }

    /// Speed of vertex `v`, m/s.
    pub fn velocity(&self, v: usize) -> Vector {
        self.v[v].into()
    }

    /// The tetrahedra; cuts change them.
    pub fn tets(&self) -> &[[u32; 4]] {
        &self.tets
    }

    /// The tetrahedron of the first mesh that each tetrahedron was.
    pub fn origin(&self) -> &[u32] {
        &self.origin
    }

    /// The outside, counter-clockwise seen from outside; cuts change it.
    pub fn surface(&self) -> impl Iterator<Item = [u32; 3]> + '_ {
        self.skin.iter().map(|skin| skin.corners)
    }

    /// How the last frame went.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Mass of the body, kg.
    pub fn mass_kg(&self) -> f64 {
        self.mass.iter().sum()
    }

    /// Momentum, N s.
    pub fn momentum(&self) -> Vector {
        self.mass.iter().zip(&self.v).map(|(mass, v)| Vector::from(*v) * *mass).sum()
    }

    /// Total force of the fixed vertices on the body in the last frame, N.
    pub fn support_n(&self) -> Vector {
        self.support
    }

    /// Total of weight, given forces, gas pressure, tools, graspers and springs on the body in the last frame, N.
    pub fn applied_n(&self) -> Vector {
        self.applied
    }

    /// Force of the tissue on the shaft of each tool in the last frame, N.
    pub fn tool_forces_n(&self) -> &[Vector] {
        &self.tool_forces
    }

    /// Hold `spring` from now on; ignored if a number is not finite, negative, or out of range.
    pub fn add_spring(&mut self, spring: Spring) {
        let numbers = [spring.stiffness_n_m, spring.slack_mm];
        let good = numbers.iter().all(|x| x.is_finite() && 0.0 <= *x) && spring.anchor_mm.iter().all(|x| x.is_finite());
        if good && (spring.vertex as usize) < self.u.len() {
            self.springs.push(spring);
        }
    }

    /// Lie on `bed` from now on; springs of which a number is not finite, negative or out of range are left out.
    pub fn rest_on(&mut self, bed: &[BedSpring]) {
        let good = |spring: &&BedSpring| {
            let numbers = spring.stiffness_n_m.is_finite() && spring.normal.norm_squared().is_finite();
            numbers && 0.0 <= spring.stiffness_n_m && (spring.vertex as usize) < self.u.len()
        };
        self.bed = bed.iter().filter(good).copied().collect();
    }

    /// Move what holds the body to `by_mm` from where it was at rest (breathing); ignored if not finite.
    pub fn move_held(&mut self, by_mm: &Vector) {
        if !by_mm.norm_squared().is_finite() {
            return;
        }
        let way = 1e-3 * by_mm - self.held_by;
        if way == Vector::zeros() {
            return;
        }
        self.held_by += way;
        for (v, (u, free)) in self.u.iter_mut().zip(&self.free).enumerate() {
            if self.frozen.get(v) != Some(&true) {
                (0..3).filter(|i| free[*i] == 0.0).for_each(|i| u[i] += way[i]);
            }
        }
        self.known = None;
    }

    /// Close a grasper on `vertices` where they are now; its number for [`Self::drag`].
    ///
    /// # Errors
    /// [`TissueError::EmptyPatch`], [`TissueError::BadVertex`].
    pub fn grasp(&mut self, vertices: &[u32]) -> Result<usize, TissueError> {
        let (load, kind, count) = (self.grasps.len() + 1, "grasp", self.u.len());
        if vertices.is_empty() {
            return Err(TissueError::EmptyPatch { load, kind });
        }
        if let Some(vertex) = vertices.iter().copied().find(|v| count <= *v as usize) {
            return Err(TissueError::BadVertex { load, kind, vertex, count });
        }
        let anchors = vertices.iter().map(|v| self.at(&self.u, *v)).collect();
        self.grasps.push(Some(Grasp { vertices: vertices.to_vec(), anchors, ..Grasp::default() }));
        Ok(load - 1)
    }

    /// Move grasper `number` to `by_mm` from where it closed; it follows at most 2 m/s.
    pub fn drag(&mut self, number: usize, by_mm: &Vector) {
        if let Some(Some(grasp)) = self.grasps.get_mut(number)
            && by_mm.norm_squared().is_finite()
        {
            grasp.wanted = 1e-3 * by_mm;
        }
    }

    /// Open grasper `number`.
    pub fn release(&mut self, number: usize) {
        if let Some(grasp) = self.grasps.get_mut(number) {
            *grasp = None;
        }
    }

    /// Force of grasper `number` on the tissue in the last frame, N; 0 if it is open.
    pub fn grasp_force_n(&self, number: usize) -> Vector {
        self.grasps.get(number).and_then(Option::as_ref).map_or_else(Vector::zeros, |grasp| grasp.force)
    }

    /// Where vertex `v` is at the displacement `u`, m.
    #[inline]
    pub(super) fn at(&self, u: &[[f64; 3]], v: u32) -> Vector {
        Vector::from(self.rest[v as usize]) + Vector::from(u[v as usize])
    }

    /// Copy the state to where others read it.
    pub(super) fn show(&mut self) {
        for ((place, rest), u) in self.places.iter_mut().zip(&self.rest).zip(&self.u) {
            *place = Point::from(std::array::from_fn::<f64, 3, _>(|i| 1e3 * (rest[i] + u[i])));
        }
    }
}
