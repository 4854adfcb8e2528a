//! A volume mesh with the names of its regions, as files for solvers want it.

use crate::mesh::TetMesh;
use crate::mesh::region_faces::{RegionFace, region_faces};
use std::collections::BTreeMap;

/// A mesh and names for people.
#[derive(Debug, Clone, Copy)]
pub struct Solid<'a> {
    /// Positions in LPS millimetres.
    pub mesh: &'a TetMesh,
    /// Of regions; those without are called after their number.
    pub names: &'a BTreeMap<u8, String>,
}

/// What every file says first.
pub(super) const HEADER: &str =
    "by prosector; millimetres, axes LPS: x to the patient's left, y to the back, z to the head";

impl Solid<'_> {
    /// The regions there are, in increasing order, each with the tetrahedra in it.
    pub(super) fn regions(&self) -> BTreeMap<u8, Vec<usize>> {
        let mut regions: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for (tet, region) in self.mesh.regions().iter().enumerate() {
            regions.entry(*region).or_default().push(tet);
        }
        regions
    }

    /// The name of a region for people.
    pub(super) fn name(&self, region: u8) -> String {
        self.names.get(&region).cloned().unwrap_or_else(|| format!("region {region}"))
    }

    /// A name of letters, digits and underscores that no other region has.
    pub(super) fn word(&self, region: u8) -> String {
        let name = self.name(region);
        let word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        format!("R{region}_{}", word.chars().take(40).collect::<String>())
    }

    /// The vertices of tetrahedra, each once, in increasing order.
    pub(super) fn vertices(&self, tets: &[usize]) -> Vec<u32> {
        let mut vertices: Vec<u32> = tets.iter().flat_map(|tet| self.mesh.tets()[*tet]).collect();
        vertices.sort_unstable();
        vertices.dedup();
        vertices
    }

    /// Surfaces by name: where a region ends, and where two meet.
    pub(super) fn surfaces(&self) -> Vec<(String, Vec<RegionFace>)> {
        let faces = region_faces(self.mesh);
        let named = faces.chunk_by(|a, b| (a.region, a.beyond) == (b.region, b.beyond)).map(|run| {
            let name = match run[0].beyond {
                None => format!("OUTER_{}", self.word(run[0].region)),
                Some(beyond) => format!("BETWEEN_{}_AND_{}", self.word(run[0].region), self.word(beyond)),
            };
            (name, run.to_vec())
        });
        named.collect()
    }
}

/// A block of two regions for tests: the first with a name, the second without.
#[cfg(test)]
pub(super) fn two_regions() -> (TetMesh, BTreeMap<u8, String>) {
    let plain = crate::mesh::block::block([2, 1, 1], [2.0, 1.0, 1.0]);
    let is_first = |tet: usize| plain.corners(tet).iter().all(|p| p.x <= 1.0 + 1e-9);
    let regions = (0..plain.tets().len()).map(|tet| if is_first(tet) { 1 } else { 2 }).collect();
    let mesh = TetMesh::new(plain.positions().to_vec(), plain.tets().to_vec(), regions).expect("as the block");
    (mesh, BTreeMap::from([(1, "liver (left)".to_owned())]))
}
