//! Cuts through tetrahedra: every piece lies on one side, neighbours fit, and volumes add up.

use super::{Blade, Fate, ResectionError};
use crate::geom::Point;
use crate::mesh::{Surface, TetMesh};
use std::collections::HashMap;

/// A cut nearer to a vertex than this part of an edge goes through the vertex, so that no piece is too thin to be one.
pub const SNAP: f64 = 0.02;

/// A mesh in pieces.
#[derive(Debug, Clone)]
pub struct SplitTets {
    /// All pieces; the first vertices are those of the mesh that was cut.
    pub mesh: TetMesh,
    /// What becomes of each tetrahedron.
    pub fates: Vec<Fate>,
    /// Which tetrahedron of the mesh that was cut each came from.
    pub from: Vec<u32>,
}

impl SplitTets {
    /// Volume in ml of what has a fate.
    pub fn volume_ml(&self, fate: Fate) -> f64 {
        let all = (0..self.fates.len()).filter(|tet| self.fates[*tet] == fate);
        all.map(|tet| self.mesh.tet_mm3(tet)).sum::<f64>() / crate::base::units::MM3_PER_ML
    }

    /// The tetrahedra with a fate as a mesh of their own; none if there are none.
    pub fn part(&self, fate: Fate) -> Option<TetMesh> {
        let kept = || (0..self.fates.len()).filter(|tet| self.fates[*tet] == fate);
        let mut place = vec![u32::MAX; self.mesh.positions().len()];
        let mut positions = Vec::new();
        let tets: Vec<[u32; 4]> = kept()
            .map(|tet| {
                self.mesh.tets()[tet].map(|vertex| {
                    let new = &mut place[vertex as usize];
                    if *new == u32::MAX {
                        *new = positions.len() as u32;
                        positions.push(self.mesh.positions()[vertex as usize]);
                    }
                    *new
                })
            })
            .collect();
        let regions = kept().map(|tet| self.mesh.regions()[tet]).collect();
        if tets.is_empty() {
            None
        } else {
            Some(TetMesh::new(positions, tets, regions).expect("parts of a sound mesh"))
        }
    }

    /// The surface of what has a fate, closed over the cut; none if there is nothing.
    pub fn surface(&self, fate: Fate) -> Option<Surface> {
        self.part(fate).map(|part| part.boundary().0)
    }
}

/// `mesh` cut by `blade`. With a width there are two cuts, half the width to either side.
///
/// The cut is where the side, taken at the vertices and linear along edges, is 0; vertices nearer to it than [`SNAP`] of an
/// edge lie on it. Crossed edges are halved one after another in one order for all tetrahedra, so that neighbours part
/// their common face the same way (Maubach's bisection has the same reason to fit). It cannot fail: a tetrahedron halved at
/// an inner point of an edge gives two.
///
/// # Errors
/// [`ResectionError::Mesh`] if coordinates are so large that a piece has no volume in double precision.
pub fn split(mesh: &TetMesh, blade: &Blade) -> Result<SplitTets, ResectionError> {
    let half_mm = blade.half_mm();
    let whole: Vec<u32> = (0..mesh.tets().len() as u32).collect();
    let mut pieces = Pieces {
        positions: mesh.positions().to_vec(),
        tets: mesh.tets().iter().copied().zip(whole).collect(),
        sides_mm: blade.sides_mm(mesh.positions()),
    };
    let fates = if half_mm == 0.0 {
        let taken = pieces.cut(0.0);
        taken.into_iter().map(|taken| if taken { Fate::Resected } else { Fate::Remnant }).collect()
    } else {
        pieces.cut(half_mm);
        let beyond_rest = pieces.cut(-half_mm);
        let beyond_cut = pieces.which(half_mm);
        let fate = |(rest, cut)| {
            if cut {
                Fate::Resected
            } else if rest {
                Fate::Cut
            } else {
                Fate::Remnant
            }
        };
        beyond_rest.into_iter().zip(beyond_cut).map(fate).collect()
    };
    let (tets, from): (Vec<[u32; 4]>, Vec<u32>) = pieces.tets.into_iter().unzip();
    let regions = from.iter().map(|tet| mesh.regions()[*tet as usize]).collect();
    let mesh =
        TetMesh::new(pieces.positions, tets, regions).map_err(|error| ResectionError::Mesh(error.to_string()))?;
    Ok(SplitTets { mesh, fates, from })
}

struct Pieces {
    positions: Vec<Point>,
    tets: Vec<([u32; 4], u32)>,
    sides_mm: Vec<f64>,
}

/// The edges of a tetrahedron.
const EDGES: [[usize; 2]; 6] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];

impl Pieces {
    /// Cut where the side is `at_mm`; for each piece whether it lies beyond.
    fn cut(&mut self, at_mm: f64) -> Vec<bool> {
        self.snap(at_mm);
        let height = |sides_mm: &[f64], n: u32| sides_mm[n as usize] - at_mm;
        let mut on_edge: HashMap<[u32; 2], u32> = HashMap::new();
        let old = std::mem::take(&mut self.tets);
        self.tets.reserve(old.len());
        let mut open: Vec<[u32; 4]> = Vec::new();
        for (tet, from) in old {
            let mut crossed: Vec<[u32; 2]> = EDGES
                .iter()
                .map(|[a, b]| [tet[*a].min(tet[*b]), tet[*a].max(tet[*b])])
                .filter(|[a, b]| height(&self.sides_mm, *a) * height(&self.sides_mm, *b) < 0.0)
                .collect();
            crossed.sort_unstable();
            open.clear();
            open.push(tet);
            for [a, b] in crossed {
                let (sides_mm, positions) = (&mut self.sides_mm, &mut self.positions);
                let middle = *on_edge.entry([a, b]).or_insert_with(|| {
                    let [ha, hb] = [height(sides_mm, a), height(sides_mm, b)];
                    let way = positions[b as usize] - positions[a as usize];
                    positions.push(positions[a as usize] + way * (ha / (ha - hb)));
                    sides_mm.push(at_mm);
                    positions.len() as u32 - 1
                });
                for n in 0..open.len() {
                    if open[n].contains(&a) && open[n].contains(&b) {
                        let [first, second] = [a, b].map(|gone| open[n].map(|v| if v == gone { middle } else { v }));
                        open[n] = first;
                        open.push(second);
                    }
                }
            }
            self.tets.extend(open.iter().map(|tet| (*tet, from)));
        }
        self.which(at_mm)
    }

    /// Which pieces lie beyond `at_mm`: their corner farthest from it does.
    fn which(&self, at_mm: f64) -> Vec<bool> {
        let beyond = |tet: &[u32; 4]| {
            let heights = tet.map(|n| self.sides_mm[n as usize] - at_mm);
            let farthest = heights.into_iter().fold(0.0_f64, |far, h| if far.abs() < h.abs() { h } else { far });
            0.0 <= farthest
        };
        self.tets.iter().map(|(tet, _)| beyond(tet)).collect()
    }

    /// Vertices that the cut passes very near to lie on it.
    fn snap(&mut self, at_mm: f64) {
        let height = |n: u32| self.sides_mm[n as usize] - at_mm;
        let mut near = vec![false; self.positions.len()];
        for (tet, _) in &self.tets {
            for [a, b] in EDGES.map(|edge| edge.map(|n| tet[n])) {
                let [ha, hb] = [height(a), height(b)];
                if ha * hb < 0.0 {
                    let part = ha / (ha - hb);
                    near[a as usize] |= part < SNAP;
                    near[b as usize] |= 1.0 - SNAP < part;
                }
            }
        }
        self.sides_mm.iter_mut().zip(near).filter(|(_, near)| *near).for_each(|(side_mm, _)| *side_mm = at_mm);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::mesh::block::block;
    use crate::mesh::sound::check_sound;
    use crate::plan::{Cut, CutShape};

    fn brick() -> TetMesh {
        block([6, 6, 6], [40.0, 40.0, 40.0])
    }

    fn cut(shape: CutShape, width_mm: f64) -> SplitTets {
        let mesh = brick();
        let bounds = crate::geom::Aabb::of(mesh.positions());
        split(&mesh, &Blade::of(&Cut { shape, width_mm }, &bounds).unwrap()).unwrap()
    }

    #[test]
    fn pieces_fit_and_add_up() {
        let middle = crate::geom::Aabb::of(brick().positions()).centre();
        let shapes = [
            CutShape::Plane { point: middle.into(), normal: [0.3, 0.5, 0.8] },
            CutShape::Plane { point: middle.into(), normal: [0.0, 0.0, 1.0] },
            CutShape::Plane { point: middle.into(), normal: [1.0, 1.0, 0.0] },
            CutShape::Sphere { centre: middle.into(), radius_mm: 13.0 },
            CutShape::Sheet(humped(18.0)),
        ];
        for shape in shapes {
            for width_mm in [0.0, 3.0] {
                let split = cut(shape.clone(), width_mm);
                assert_eq!(check_sound(&split.mesh), Ok(()), "{shape:?}");
                let sum: f64 =
                    [Fate::Remnant, Fate::Resected, Fate::Cut].map(|fate| split.volume_ml(fate)).into_iter().sum();
                assert!((sum - brick().volume_ml()).abs() < 1e-9, "{sum}");
                assert_eq!(width_mm == 0.0, split.volume_ml(Fate::Cut) == 0.0);
                for fate in [Fate::Remnant, Fate::Resected] {
                    assert_eq!(split.surface(fate).unwrap().open_edges(), 0);
                }
            }
        }
    }

    #[test]
    fn half_a_brick_is_half_its_volume() {
        let middle = crate::geom::Aabb::of(brick().positions()).centre();
        for normal in [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 2.0, 3.0]] {
            let split = cut(CutShape::Plane { point: middle.into(), normal }, 0.0);
            let part = split.volume_ml(Fate::Resected) / brick().volume_ml();
            assert!((part - 0.5).abs() < 2e-3, "{normal:?}: {part}");
        }
        let beyond = cut(CutShape::Plane { point: [0.0, 0.0, 1e3], normal: [0.0, 0.0, 1.0] }, 2.0);
        assert_eq!(beyond.part(Fate::Remnant).unwrap().tets().len(), brick().tets().len());
        assert!(beyond.part(Fate::Resected).is_none() && beyond.surface(Fate::Cut).is_none());
    }
}
