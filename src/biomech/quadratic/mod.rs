//! A body of quadratic tetrahedra: the accurate elements, for verification and for small meshes.

mod equations;
pub mod estimate;
pub mod face;
pub mod loads;

use super::active::active_pa;
use super::assemble::Assembly;
use super::element::Tet10;
use super::element::tet10::{Block, EDGES, MOVES, NODES, PLACES, UNKNOWNS};
use super::material::Fibre;
use super::newton::Equilibrium;
use super::problem::TissueError;
use super::stress::{ElementState, added_stress, state_of};
use super::units::{m_from_mm, offset_mm};
use crate::geom::{Point, Vector};
use crate::numerics::{BlockMatrix, BlockPattern};
use loads::QuadraticCase;
use rayon::prelude::*;
use std::sync::Arc;

/// Tetrahedra up to which a factor is sure to fit into the memory of a small machine.
pub const TETS_MAX: usize = 15_000;

/// What quadratic elements can use beyond a mesh and its fibres; by default nothing.
#[derive(Clone, Copy, Default)]
pub struct Detail<'a> {
    /// Where the middle of an edge lies, mm, from its ends and the middle of the straight edge: for a true surface.
    pub middle_mm: Option<&'a dyn Fn([u32; 2], Point) -> Point>,
    /// Which way fibres run at a place in mm; where this is no direction, that of the tetrahedron counts.
    pub fibre: Option<&'a dyn Fn(Point) -> Fibre>,
}

/// The body at rest. Nodes are the vertices of the mesh, then the middles of its edges. Unknowns are the displacements
/// of all nodes, x, y, z in m, then, unless the formulation is of displacement only, the pressures of all vertices in Pa.
#[derive(Debug)]
pub struct Quadratic<'a> {
    /// The same body with linear elements: mesh, laws, densities.
    pub assembly: &'a Assembly<'a>,
    elements: Vec<Tet10>,
    /// Nodes of each element.
    cells: Vec<[u32; NODES]>,
    /// Ends of each edge, ascending, in ascending order.
    edges: Vec<[u32; 2]>,
    /// Where nodes are at rest, m.
    nodes_m: Vec<Vector>,
    pattern: Arc<BlockPattern>,
    /// Per element, where its entries are in the matrix, row by row.
    slots: Vec<u32>,
}

impl<'a> Quadratic<'a> {
    /// The body of `assembly`, with what is known of it beyond straight edges and one fibre direction per tetrahedron.
    ///
    /// # Errors
    /// [`TissueError::TooMany`]; [`TissueError::Inverted`] for an element that bent edges turn inside out.
    pub fn new(assembly: &'a Assembly<'a>, detail: &Detail) -> Result<Self, TissueError> {
        let mesh = assembly.mesh;
        if TETS_MAX < mesh.tets().len() {
            return Err(TissueError::TooMany { tets: mesh.tets().len(), limit: TETS_MAX });
        }
        let ends = |tet: &[u32; 4], [a, b]: [usize; 2]| [tet[a].min(tet[b]), tet[a].max(tet[b])];
        let mut edges: Vec<[u32; 2]> = mesh.tets().iter().flat_map(|tet| EDGES.map(|edge| ends(tet, edge))).collect();
        edges.par_sort_unstable();
        edges.dedup();
        let vertices = mesh.positions().len();
        let number = |edge: [u32; 2]| (vertices + edges.binary_search(&edge).expect("all edges are listed")) as u32;
        let cell =
            |tet: &[u32; 4]| std::array::from_fn(|n| if n < 4 { tet[n] } else { number(ends(tet, EDGES[n - 4])) });
        let cells: Vec<[u32; NODES]> = mesh.tets().par_iter().map(cell).collect();
        let middles = edges.iter().map(|edge| {
            let [a, b] = edge.map(|v| mesh.positions()[v as usize]);
            let middle = nalgebra::center(&a, &b);
            detail.middle_mm.map_or(middle, |bent| bent(*edge, middle))
        });
        let nodes_m: Vec<Vector> = mesh.positions().iter().copied().chain(middles).map(|p| m_from_mm(&p)).collect();
        let element = |(tet, cell): (usize, &[u32; NODES])| {
            let inverted = || TissueError::Inverted { tet, place_mm: assembly.middle_mm(tet), load_percent: 0.0 };
            let own = assembly.laws[tet].fibre;
            let fibre = |place_m: &Vector| {
                let known = detail.fibre.map_or(own, |known| known(Point::from(offset_mm(place_m))));
                known.normalised().unwrap_or(own)
            };
            Tet10::new(&cell.map(|node| nodes_m[node as usize]), fibre).ok_or_else(inverted)
        };
        let elements = cells.iter().enumerate().map(element).collect::<Result<_, _>>()?;
        let all: Vec<[u32; UNKNOWNS]> = cells.iter().map(|cell| unknowns_of(cell, nodes_m.len())).collect();
        let moves = 3 * nodes_m.len();
        let pattern = Arc::new(if assembly.formulation.has_pressure() {
            BlockPattern::of_cells(moves + vertices, &all)
        } else {
            let own = |all: &[u32; UNKNOWNS]| all.first_chunk::<MOVES>().copied().expect("moves come first");
            BlockPattern::of_cells(moves, &all.iter().map(own).collect::<Vec<_>>())
        });
        let slot = |row: u32, column: u32| pattern.slot(row as usize, column).expect("unknowns are coupled") as u32;
        let pairs = |own: &[u32; UNKNOWNS]| {
            let own = if assembly.formulation.has_pressure() { &own[..] } else { &own[..MOVES] };
            own.iter().flat_map(|r| own.iter().map(|c| slot(*r, *c))).collect::<Vec<_>>()
        };
        let slots = all.par_iter().flat_map_iter(pairs).collect();
        Ok(Self { assembly, elements, cells, edges, nodes_m, pattern, slots })
    }

    /// Whether pressures are unknowns.
    fn mixed(&self) -> bool {
        self.assembly.formulation.has_pressure()
    }

    /// Unknowns of one element.
    fn per_element(&self) -> usize {
        if self.mixed() { UNKNOWNS } else { MOVES }
    }

    /// The node in the middle of an edge, if there is such an edge.
    fn middle(&self, a: u32, b: u32) -> Option<u32> {
        let edge = self.edges.binary_search(&[a.min(b), a.max(b)]).ok()?;
        Some((self.assembly.mesh.positions().len() + edge) as u32)
    }

    /// The six nodes of a face of a tetrahedron; `None` for any other triangle.
    pub fn face_of(&self, [a, b, c]: [u32; 3]) -> Option<[u32; face::NODES]> {
        Some([a, b, c, self.middle(a, b)?, self.middle(b, c)?, self.middle(c, a)?])
    }

    /// Displacements of the nodes in m, and pressures of the corners in Pa where there are any.
    fn at_nodes(&self, tet: usize, x: &[f64]) -> ([Vector; NODES], Option<[f64; 4]>) {
        let cell = &self.cells[tet];
        let pressure = |corner: usize| x[3 * self.nodes_m.len() + cell[corner] as usize];
        let pressures = self.mixed().then(|| std::array::from_fn(pressure));
        (cell.map(|node| Vector::from_column_slice(&x[3 * node as usize..][..3])), pressures)
    }

    /// Where the nodes of a face are at `x`, m.
    pub fn face_m(&self, nodes: &[u32; face::NODES], x: &[f64]) -> [Vector; face::NODES] {
        nodes.map(|n| self.nodes_m[n as usize] + Vector::from_column_slice(&x[3 * n as usize..][..3]))
    }

    /// Tetrahedra that contract, and their tension at share `load`, Pa.
    fn active<'b>(&self, case: &'b QuadraticCase, load: f64) -> impl Iterator<Item = (usize, f64)> + use<'b> {
        case.tension_pa.iter().enumerate().filter(|(_, pa)| **pa != 0.0).map(move |(tet, pa)| (tet, load * pa))
    }

    fn add_block(&self, tet: usize, block: &Block, matrix: &mut BlockMatrix) {
        let own = unknowns_of(&self.cells[tet], self.nodes_m.len());
        let count = self.per_element();
        let slots = &self.slots[count * count * tet..][..count * count];
        for (r, slots) in slots.chunks_exact(count).enumerate() {
            for (c, slot) in slots.iter().enumerate() {
                matrix.block_row_mut(own[r] as usize, *slot as usize, 0)[0] += block[(r, c)];
            }
        }
    }

    fn element_stiffness(&self, tet: usize, tension_pa: f64, x: &[f64]) -> Option<Block> {
        let (u, p) = self.at_nodes(tet, x);
        let (element, law) = (&self.elements[tet], &self.assembly.laws[tet]);
        let mut block = element.stiffness(law, &u, p.as_ref())?;
        if tension_pa != 0.0 {
            let active = element.active_stiffness(law, tension_pa);
            for (a, b) in (0..NODES * NODES).map(|n| (n / NODES, n % NODES)) {
                (0..3).for_each(|i| block[(3 * a + i, 3 * b + i)] += active[(a, b)]);
            }
        }
        Some(block)
    }

    /// The state at every place of integration of every element, the active tension of `case` included, and its volume
    /// at rest in m³.
    pub fn samples(&self, case: &QuadraticCase, x: &[f64]) -> Vec<[(ElementState, f64); PLACES]> {
        let samples = |tet: usize| {
            let (u, p) = self.at_nodes(tet, x);
            let law = &self.assembly.laws[tet];
            let tension_pa = case.tension_pa.get(tet).copied().unwrap_or(0.0);
            self.elements[tet].states(&u, p.as_ref()).map(|(fibre, deformation, pressure, volume_m3)| {
                let law = law.with_fibre(fibre);
                let own = state_of(&law, &deformation, pressure);
                let active_pa = added_stress(&law, &deformation, &active_pa(&law, tension_pa));
                (ElementState { cauchy_pa: own.cauchy_pa + active_pa, ..own }, volume_m3)
            })
        };
        (0..self.elements.len()).into_par_iter().map(samples).collect()
    }

    /// Where barycentric coordinates `at` of an element are at rest, m.
    pub fn place_m(&self, tet: usize, at: &[f64; 4]) -> Vector {
        Tet10::place_m(&self.cells[tet].map(|node| self.nodes_m[node as usize]), at)
    }

    /// Where the places of integration of an element are at rest, m, and their barycentric coordinates.
    fn places_m(&self, tet: usize) -> [(Vector, [f64; 4]); PLACES] {
        self.elements[tet].places_m(&self.cells[tet].map(|node| self.nodes_m[node as usize]))
    }

    /// The answer at the vertices alone; forces of the middles go to the ends of their edges by halves, which keeps
    /// sums and moments.
    pub fn at_vertices(&self, end: Equilibrium) -> Equilibrium {
        let (vertices, fields) = (self.assembly.mesh.positions().len(), self.assembly.fields());
        let gather = |forces: &[f64]| {
            let mut out = vec![0.0; fields * vertices];
            for (node, force) in forces[..3 * self.nodes_m.len()].chunks_exact(3).enumerate() {
                let alone = [node as u32; 2];
                let ends = if node < vertices { alone } else { self.edges[node - vertices] };
                for v in ends {
                    (0..3).for_each(|i| out[fields * v as usize + i] += 0.5 * force[i]);
                }
            }
            out
        };
        let pressures = &end.x[3 * self.nodes_m.len()..];
        let at = |v: usize| end.x[3 * v..3 * v + 3].iter().chain(pressures.get(v)).copied();
        let x = (0..vertices).flat_map(at).collect();
        Equilibrium { x, support_n: gather(&end.support_n), external_n: gather(&end.external_n), ..end }
    }
}

/// Mean stress and volume, and the largest strain, of every element from its samples.
pub fn means(samples: &[[(ElementState, f64); PLACES]]) -> Vec<ElementState> {
    let mean = |samples: &[(ElementState, f64); PLACES]| {
        let volume: f64 = samples.iter().map(|(_, volume)| volume).sum();
        ElementState {
            cauchy_pa: samples.iter().map(|(state, own)| state.cauchy_pa * (own / volume)).sum(),
            volume_ratio: samples.iter().map(|(state, own)| state.volume_ratio * (own / volume)).sum(),
            strain: samples.iter().map(|(state, _)| state.strain).fold(0.0, f64::max),
        }
    };
    samples.iter().map(mean).collect()
}

/// The unknowns of an element in the order of [`Tet10::forces`].
fn unknowns_of(cell: &[u32; NODES], nodes: usize) -> [u32; UNKNOWNS] {
    std::array::from_fn(|n| {
        if n < 3 * NODES { 3 * cell[n / 3] + (n % 3) as u32 } else { 3 * nodes as u32 + cell[n - 3 * NODES] }
    })
}
