//! What is asked of the solver, how, and every sentence it may refuse with.

use super::interactive::Tool;
use super::material::{Fibre, Material, Model};
use crate::base::Cancelled;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use crate::numerics::FactorError;
use serde::{Deserialize, Serialize};

/// A body at rest, what it is made of, where it is held and what acts on it.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    /// The body, free of stress.
    pub mesh: &'a TetMesh,
    /// One material per region of the mesh.
    pub materials: &'a [(u8, Material)],
    /// Vertices that do not move.
    pub fixed: &'a [u32],
    /// What acts on it; loads add up.
    pub loads: &'a [Load],
    /// Small or large deformations, and whether materials follow laws of their own.
    pub model: Model,
}

/// Something that acts on a body.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// Move vertices by the same offset: a grasper.
    Move {
        /// Which.
        vertices: Vec<u32>,
        /// Where to, mm.
        by_mm: Vector,
    },
    /// Move each vertex by its own offset: measured landmarks, a registered surface.
    MoveEach {
        /// Which.
        vertices: Vec<u32>,
        /// Where to, mm, one per vertex.
        by_mm: Vec<Vector>,
    },
    /// Keep vertices on a plane without friction: symmetry, a smooth table, a plate that presses.
    Slide {
        /// Which.
        vertices: Vec<u32>,
        /// The normal of the plane.
        axis: Axis,
        /// How far the plane moves along its normal, mm.
        by_mm: f64,
    },
    /// Pull with a total force of constant direction, spread over the patch by area.
    Force {
        /// The patch; best all vertices of some boundary triangles.
        vertices: Vec<u32>,
        /// Total force, N.
        total_n: Vector,
    },
    /// Press on boundary triangles, against their outward normal. Keeps the direction and area of the
    /// rest shape in [`Model::LinearElastic`], follows the surface in the other models.
    Pressure {
        /// Corners, counter-clockwise seen from outside, as in [`TetMesh::boundary`].
        triangles: Vec<[u32; 3]>,
        /// Pressure, Pa; negative sucks.
        pa: f64,
    },
    /// Weight.
    Gravity {
        /// Acceleration, m/s²; a supine patient feels 9.81 towards posterior (+y).
        m_s2: Vector,
    },
    /// Contract the fibres of a region: the second Piola–Kirchhoff stress T f₀ ⊗ f₀ is added to that of the material
    /// (Land et al. 2015, Proc R Soc A 471:20150641, equation 2.4).
    Contract {
        /// Which region.
        region: u8,
        /// T, Pa; negative pushes.
        tension_pa: f64,
    },
    /// Lie on soft neighbours, see [`super::bed`]. Like what is fixed, they are there at any share of the load.
    Bed {
        /// Corners, counter-clockwise seen from outside, as in [`TetMesh::boundary`].
        triangles: Vec<[u32; 3]>,
        /// Pressure per way they yield, Pa/m; not negative.
        stiffness_pa_m: f64,
    },
    /// Press with a rigid instrument, see [`super::touch`].
    Touch {
        /// Its outside, its friction, and where it is at full load.
        tool: Tool,
        /// Where it comes from in a straight line, mm: best a place clear of the body.
        from_mm: Point,
    },
    /// Tissue touches tissue and does not pass through it, see [`super::contact`]. Like what is fixed, contact is there
    /// at any share of the load. It holds no part of the mesh: each must be held by something else too.
    Contact {
        /// Boundary triangles of the two sides; if not given, all boundary triangles may touch each other.
        sides: Option<[Vec<[u32; 3]>; 2]>,
        /// Coulomb's coefficient, 1; wet serosa on serosa has about 0.01 to 0.1.
        friction: f64,
    },
}

/// An axis of patient space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Right to left.
    X,
    /// Anterior to posterior.
    Y,
    /// Inferior to superior.
    Z,
}

/// How an element carries volume, see [`super::element::Tet4`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formulation {
    /// Displacement and stabilised pressure: right for every ν below 0.5.
    #[default]
    Mixed,
    /// Quadratic displacement and linear pressure, see [`super::element::Tet10`]: for every ν below 0.5, and with far
    /// fewer elements for the same error. Factorised whatever the choice of solver; for up to
    /// [`super::quadratic::TETS_MAX`] elements.
    Quadratic,
    /// Quadratic displacement alone, the usual element of other programs: three unknowns a node; like
    /// [`Self::Quadratic`] but too stiff as ν approaches 0.5.
    QuadraticDisplacement,
    /// Displacement alone: three unknowns a vertex instead of four, but too stiff above ν = 0.4, and there also slow to
    /// converge under large loads.
    Displacement,
}

impl Formulation {
    /// Whether the middles of edges move on their own.
    pub fn is_quadratic(self) -> bool {
        matches!(self, Self::Quadratic | Self::QuadraticDisplacement)
    }

    /// Whether pressures of the vertices are unknowns too.
    pub fn has_pressure(self) -> bool {
        matches!(self, Self::Mixed | Self::Quadratic)
    }
}

/// Which linear solver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinearSolver {
    /// Direct up to [`super::solver::DIRECT_UNKNOWNS_MAX`] unknowns, iterative beyond.
    #[default]
    BySize,
    /// Sparse factorisation.
    Direct,
    /// Minimum residuals.
    Iterative,
}

/// How to solve; the default is right for organs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// How elements carry volume.
    pub formulation: Formulation,
    /// Which linear solver.
    pub solver: LinearSolver,
    /// Load steps to begin with; a step that fails is halved, easy ones grow.
    pub load_steps: usize,
    /// Newton iterations per load step before it is halved.
    pub iterations_max: usize,
    /// Residual force over reaction force at which equilibrium is reached.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        let (formulation, solver) = Default::default();
        Self { formulation, solver, load_steps: 1, iterations_max: 16, tolerance: 1e-8 }
    }
}

/// Why there is no answer: first what the caller can mend, then what the load did, then the machine.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TissueError {
    /// Nothing is held.
    #[error("nothing holds the body: fix a region, or move one")]
    NothingFixed,
    /// A part of the mesh can move without resistance.
    #[error(
        "a part of {tets} tetrahedra near {:.0} {:.0} {:.0} mm can still {motion}: {held} of its {vertices} vertices are held; fix at least three that are not on a line, or remove the part",
        place_mm.x, place_mm.y, place_mm.z
    )]
    Loose {
        /// Tetrahedra of the part.
        tets: usize,
        /// Vertices of the part.
        vertices: usize,
        /// Vertices held in any direction.
        held: usize,
        /// Its centre.
        place_mm: Point,
        /// `move freely` or `turn`.
        motion: &'static str,
    },
    /// A load acts on nothing.
    #[error("the patch of load {load} ({kind}) is empty: it touches no vertex of the body")]
    EmptyPatch {
        /// Position in the list, from 1.
        load: usize,
        /// Kind of load.
        kind: &'static str,
    },
    /// A vertex number is out of range, or two lists differ in length.
    #[error("load {load} ({kind}) names vertex {vertex}, but the mesh has {count}")]
    BadVertex {
        /// Position in the list, from 1; 0 is the fixed set.
        load: usize,
        /// Kind of load.
        kind: &'static str,
        /// The number.
        vertex: u32,
        /// Vertices there are.
        count: usize,
    },
    /// Two lists that belong together differ in length.
    #[error("load {load} moves {vertices} vertices but gives {offsets} offsets")]
    Offsets {
        /// Position in the list, from 1.
        load: usize,
        /// Vertices given.
        vertices: usize,
        /// Offsets given.
        offsets: usize,
    },
    /// A pressed triangle that quadratic elements do not know.
    #[error("load {load} presses on the triangle {triangle:?}, which is no face of a tetrahedron")]
    NoFace {
        /// Position in the list, from 1.
        load: usize,
        /// Its vertices.
        triangle: [u32; 3],
    },
    /// A number is not a number.
    #[error("the {what} of load {load} is not a finite number")]
    NotFinite {
        /// Position in the list, from 1.
        load: usize,
        /// Which number.
        what: &'static str,
    },
    /// A vertex is told to be in two places.
    #[error(
        "{count} vertices, the first is {first}, are told to be in two places: fixed and moved regions must not overlap"
    )]
    Contradiction {
        /// How many.
        count: usize,
        /// The first.
        first: u32,
    },
    /// A region without material.
    #[error("region {region} ({tets} tetrahedra) has no material")]
    NoMaterial {
        /// The region.
        region: u8,
        /// Its tetrahedra.
        tets: usize,
    },
    /// A constant that no material has.
    #[error("the material of region {region} has {name} = {value}; it must be {limit}")]
    BadMaterial {
        /// The region.
        region: u8,
        /// Which constant.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        limit: &'static str,
    },
    /// A region whose law or contraction needs fibres, and none are given.
    #[error("region {region} has fibres in its {what}, but no fibre directions are given")]
    NoFibres {
        /// The region.
        region: u8,
        /// `material` or `load`.
        what: &'static str,
    },
    /// Not one fibre direction per tetrahedron.
    #[error("{fibres} fibre directions are given for {tets} tetrahedra; there must be one for each")]
    FibreCount {
        /// Directions given.
        fibres: usize,
        /// Tetrahedra there are.
        tets: usize,
    },
    /// A fibre direction that is none.
    #[error(
        "the fibre direction of tetrahedron {tet} is {:.3} {:.3} {:.3} in a layer along {:.3} {:.3} {:.3}; both must be finite, longer than 0 and not parallel",
        fibre.along.x, fibre.along.y, fibre.along.z, fibre.across.x, fibre.across.y, fibre.across.z
    )]
    BadFibre {
        /// Which tetrahedron.
        tet: usize,
        /// What is given.
        fibre: Fibre,
    },
    /// More tetrahedra than quadratic elements are meant for.
    #[error(
        "{tets} tetrahedra are too many for quadratic elements, which take {limit} at most; use the mixed formulation"
    )]
    TooMany {
        /// Tetrahedra there are.
        tets: usize,
        /// Largest number.
        limit: usize,
    },
    /// Times that do not ascend.
    #[error(
        "moment {moment} is at {at_s} s, but the one before at {before_s} s; times and loads must be finite and ascend from 0 s"
    )]
    BadTime {
        /// Position in the list, from 1.
        moment: usize,
        /// When it is, s.
        at_s: f64,
        /// When the one before is, s.
        before_s: f64,
    },
    /// A bed that pushes away what leaves it.
    #[error("the bed of load {load} has a stiffness of {stiffness_pa_m} Pa/m; it must be 0 or more")]
    BadBed {
        /// Position in the list, from 1.
        load: usize,
        /// Its stiffness.
        stiffness_pa_m: f64,
    },
    /// Friction that drives.
    #[error("the friction of load {load} is {friction}; it must be 0 or more")]
    BadFriction {
        /// Position in the list, from 1.
        load: usize,
        /// Its coefficient.
        friction: f64,
    },
    /// Bodies overlap before anything acts.
    #[error(
        "tissue is {depth_mm:.2} mm inside tissue near {:.1} {:.1} {:.1} mm before anything acts, and contact can part {limit_mm:.2} mm there; move the parts away from each other or mend the mesh",
        place_mm.x, place_mm.y, place_mm.z
    )]
    Overlap {
        /// How deep, mm.
        depth_mm: f64,
        /// From which depth contact could part them, mm.
        limit_mm: f64,
        /// Where.
        place_mm: Point,
    },
    /// A load drove tissue through tissue.
    #[error(
        "tissue passed {depth_mm:.2} mm into tissue near {:.1} {:.1} {:.1} mm at load {load_percent:.0} %, deeper than the {limit_mm:.2} mm that contact can see there: reduce the load or make the elements there larger",
        place_mm.x, place_mm.y, place_mm.z
    )]
    Passed {
        /// How deep, mm.
        depth_mm: f64,
        /// The depth that contact can see, mm.
        limit_mm: f64,
        /// Where, at rest.
        place_mm: Point,
        /// Share of the load that was being applied.
        load_percent: f64,
    },
    /// Contact of tissue in motion.
    #[error("tissue that touches tissue and instruments with friction are computed at rest only, not in motion")]
    ContactAtRest,
    /// Contact with elements that do not know it.
    #[error(
        "a soft bed, instruments and contact cannot be computed with quadratic elements; use the mixed formulation"
    )]
    NoContact,
    /// A law that the interactive solver does not know.
    #[error("region {region} follows a law of its own, which the interactive solver does not know; compute it at rest")]
    LawAtRest {
        /// The region.
        region: u8,
    },
    /// A number of a motion in time that cannot be.
    #[error("the {what} is {value}; it must be {limit}")]
    BadMotion {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        limit: &'static str,
    },
    /// Inertia with elements that do not have it.
    #[error("motion in time cannot be computed with quadratic elements; use the mixed formulation")]
    NoInertia,
    /// A motion that cannot be followed.
    #[error(
        "lost the motion at {at_s:.4} s: even a step of {step_s:.1e} s, halved {halvings} times, leaves a residual of {residual:.1e}; use a shorter time step, smoother loads or a finer mesh"
    )]
    Lost {
        /// The last moment that was reached, s.
        at_s: f64,
        /// The last time step that was tried, s.
        step_s: f64,
        /// Relative residual reached; infinite where an element turned inside out.
        residual: f64,
        /// How often the time step was halved.
        halvings: u32,
    },
    /// Viscosity with elements that do not have it.
    #[error("tissue that relaxes cannot be computed with quadratic elements; use the mixed formulation")]
    NoViscosity,
    /// The load turned an element inside out.
    #[error(
        "inverted element {tet} at {:.1} {:.1} {:.1} mm at load {load_percent:.0} %: reduce the load, widen the patch or refine the mesh there",
        place_mm.x, place_mm.y, place_mm.z
    )]
    Inverted {
        /// Which tetrahedron.
        tet: usize,
        /// Its centre at rest.
        place_mm: Point,
        /// Share of the load that was being applied.
        load_percent: f64,
    },
    /// No equilibrium was found.
    #[error(
        "did not converge: {iterations} iterations at load {load_percent:.0} % leave a residual of {residual:.1e} (limit {tolerance:.0e}); the body may buckle or the load may be too large"
    )]
    NotConverged {
        /// Share of the load that was being applied.
        load_percent: f64,
        /// Newton iterations in the last attempt.
        iterations: usize,
        /// Relative residual reached.
        residual: f64,
        /// Relative residual asked for.
        tolerance: f64,
    },
    /// The iterative linear solver stalled.
    #[error(
        "the iterative solver stopped after {iterations} iterations at a residual of {residual:.1e}; use the direct solver or a better mesh"
    )]
    Stalled {
        /// Iterations done.
        iterations: usize,
        /// Relative residual reached.
        residual: f64,
    },
    /// The linear system has no factor.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
