//! Gmsh meshes (.msh): written in version 4.1, read in 1, 2 and 4.1, all as text.

use super::error::ReadError;
use super::mesh_file::surface;
use super::solid::{HEADER, Solid};
use crate::geom::Point;
use crate::mesh::{Surface, TetMesh};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Gmsh's numbers of element types, with how many nodes they have.
const TRIANGLE: usize = 2;
const TET4: usize = 4;
const TET10: usize = 11;
const NODES_OF: [(usize, usize); 12] =
    [(1, 2), (2, 3), (3, 4), (4, 4), (5, 8), (6, 6), (7, 5), (8, 3), (9, 6), (10, 9), (11, 10), (15, 1)];
/// Solids that are no tetrahedra.
const OTHER_SOLIDS: [usize; 3] = [5, 6, 7];

/// The mesh as a Gmsh 4.1 text file: a volume and a physical group per region.
pub fn encode(solid: &Solid<'_>) -> String {
    let regions = solid.regions();
    let mesh = solid.mesh;
    let (n_nodes, n_tets) = (mesh.positions().len(), mesh.tets().len());
    let mut text = format!(
        "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Comments\n{HEADER}\n$EndComments\n$PhysicalNames\n{}\n",
        regions.len()
    );
    for region in regions.keys() {
        let _ = writeln!(text, "3 {region} \"{}\"", solid.name(*region).replace(['"', '\n', '\r'], "'"));
    }
    let _ = write!(text, "$EndPhysicalNames\n$Entities\n0 0 0 {}\n", regions.len());
    for (region, tets) in &regions {
        let vertices = solid.vertices(tets);
        let bounds = crate::geom::Aabb::of(vertices.iter().map(|v| &mesh.positions()[*v as usize]));
        let (low, high) = (bounds.min, bounds.max);
        let _ = writeln!(text, "{region} {} {} {} {} {} {} 1 {region} 0", low.x, low.y, low.z, high.x, high.y, high.z);
    }
    let first = regions.keys().next().copied().unwrap_or(1);
    let _ = write!(text, "$EndEntities\n$Nodes\n1 {n_nodes} 1 {n_nodes}\n3 {first} 0 {n_nodes}\n");
    (1..=n_nodes).for_each(|n| text += &format!("{n}\n"));
    for p in mesh.positions() {
        let _ = writeln!(text, "{} {} {}", p.x, p.y, p.z);
    }
    let _ = write!(text, "$EndNodes\n$Elements\n{} {n_tets} 1 {n_tets}\n", regions.len());
    for (region, tets) in &regions {
        let _ = writeln!(text, "3 {region} {TET4} {}", tets.len());
        for tet in tets {
            let [a, b, c, d] = mesh.tets()[*tet].map(|v| v + 1);
            let _ = writeln!(text, "{} {a} {b} {c} {d}", tet + 1);
        }
    }
    text + "$EndElements\n"
}

/// What a file holds.
#[derive(Debug)]
pub enum Content {
    /// Tetrahedra, and the names of their regions where the file has any.
    Tets(TetMesh, BTreeMap<u8, String>),
    /// Triangles only.
    Surface(Surface),
}

/// Whether the bytes begin as a Gmsh file does.
pub fn is_gmsh(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"$MeshFormat") || start.starts_with(b"$NOD") || start.starts_with(b"$Comments")
}

/// The tetrahedra of a Gmsh file, or its triangles if it has none; coordinates are taken as LPS millimetres.
///
/// Regions are the physical groups where these are numbers from 1 to 255, else counted from 1. Elements of other kinds are left
/// out, nodes that nothing uses too; tetrahedra that are inside out are turned. `path` is for messages.
///
/// # Errors
/// [`ReadError`] with one sentence on what is wrong.
pub fn decode(bytes: &[u8], path: &Path) -> Result<Content, ReadError> {
    if !is_gmsh(bytes) {
        return Err(ReadError::not_this_format(path, "the file is no Gmsh mesh: it does not begin with '$MeshFormat'"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ReadError::unsupported(path, "the Gmsh file is binary; save it as text (Mesh.Binary = 0)"))?;
    let mut file = Words { words: text.split_ascii_whitespace(), path };
    let mut raw = Raw { version: 1.0, ..Raw::default() };
    while let Some(word) = file.words.next() {
        match word {
            "$MeshFormat" => {
                raw.version = file.number()?;
                if file.count()? != 0 {
                    return Err(ReadError::unsupported(
                        path,
                        "the Gmsh file is binary; save it as text (Mesh.Binary = 0)",
                    ));
                }
                if !matches!(raw.version, 2.0..3.0 | 4.1) {
                    let text = format!("Gmsh version {} is not read; save it as version 2.2 or 4.1", raw.version);
                    return Err(ReadError::unsupported(path, text));
                }
            }
            "$PhysicalNames" => raw.names = names(text),
            "$Entities" => file.entities(&mut raw)?,
            "$NOD" | "$Nodes" if raw.version < 4.0 => file.nodes(&mut raw)?,
            "$Nodes" => file.node_blocks(&mut raw)?,
            "$ELM" | "$Elements" if raw.version < 4.0 => file.elements(&mut raw)?,
            "$Elements" => file.element_blocks(&mut raw)?,
            _ => {}
        }
    }
    raw.finish(path)
}

/// The names of physical groups of solids by their number; they may hold spaces, so lines are read.
fn names(text: &str) -> BTreeMap<usize, String> {
    let lines = text.lines().skip_while(|line| line.trim() != "$PhysicalNames").skip(2);
    let name = |line: &str| {
        let (numbers, name) = line.split_once('"')?;
        let mut numbers = numbers.split_ascii_whitespace();
        let is_solid = numbers.next()? == "3";
        let number = numbers.next()?.parse().ok()?;
        is_solid.then(|| (number, name.trim_end().trim_end_matches('"').to_owned()))
    };
    lines.take_while(|line| !line.starts_with('$')).filter_map(name).collect()
}

/// What the sections say, with the file's own numbers.
#[derive(Default)]
struct Raw {
    version: f64,
    names: BTreeMap<usize, String>,
    /// Physical group of volume entities (version 4).
    groups: BTreeMap<usize, usize>,
    nodes: Vec<(usize, Point)>,
    /// Group and four nodes.
    tets: Vec<(usize, [usize; 4])>,
    triangles: Vec<[usize; 3]>,
}

struct Words<'a> {
    words: std::str::SplitAsciiWhitespace<'a>,
    path: &'a Path,
}

impl Words<'_> {
    fn damaged(&self, what: impl Into<String>) -> ReadError {
        ReadError::damaged(self.path, what)
    }

    fn number(&mut self) -> Result<f64, ReadError> {
        let Some(word) = self.words.next() else { return Err(self.damaged("the file ends too early")) };
        word.parse().map_err(|_| self.damaged(format!("'{word}' stands where a number is needed")))
    }

    fn count(&mut self) -> Result<usize, ReadError> {
        let Some(word) = self.words.next() else { return Err(self.damaged("the file ends too early")) };
        // Tags of entities may be negative in old files; as groups they are as good as any other number.
        let number: i64 =
            word.parse().map_err(|_| self.damaged(format!("'{word}' stands where a whole number is needed")))?;
        Ok(number.unsigned_abs() as usize)
    }

    fn skip(&mut self, count: usize) -> Result<(), ReadError> {
        (0..count)
            .try_for_each(|_| self.words.next().map(|_| ()).ok_or_else(|| self.damaged("the file ends too early")))
    }

    fn point(&mut self) -> Result<Point, ReadError> {
        Ok(Point::new(self.number()?, self.number()?, self.number()?))
    }

    fn nodes(&mut self, raw: &mut Raw) -> Result<(), ReadError> {
        for _ in 0..self.count()? {
            let tag = self.count()?;
            raw.nodes.push((tag, self.point()?));
        }
        Ok(())
    }

    fn node_blocks(&mut self, raw: &mut Raw) -> Result<(), ReadError> {
        let blocks = self.count()?;
        self.skip(3)?;
        for _ in 0..blocks {
            let (dimension, _, parametric, count) = (self.count()?, self.count()?, self.count()?, self.count()?);
            let mut tags = Vec::new();
            for _ in 0..count {
                tags.push(self.count()?);
            }
            for tag in tags {
                raw.nodes.push((tag, self.point()?));
                self.skip(if parametric == 0 { 0 } else { dimension })?;
            }
        }
        Ok(())
    }

    fn entities(&mut self, raw: &mut Raw) -> Result<(), ReadError> {
        let counts = [self.count()?, self.count()?, self.count()?, self.count()?];
        for (dimension, count) in counts.into_iter().enumerate() {
            for _ in 0..count {
                let tag = self.count()?;
                self.skip(if dimension == 0 { 3 } else { 6 })?;
                let groups = self.count()?;
                for n in 0..groups {
                    let group = self.count()?;
                    if dimension == 3 && n == 0 {
                        raw.groups.insert(tag, group);
                    }
                }
                if 0 < dimension {
                    let bounding = self.count()?;
                    self.skip(bounding)?;
                }
            }
        }
        Ok(())
    }

    fn element(&mut self, raw: &mut Raw, kind: usize, group: usize, count: usize) -> Result<(), ReadError> {
        let mut nodes = [0; 4];
        for n in 0..count {
            let node = self.count()?;
            if n < 4 {
                nodes[n] = node;
            }
        }
        match kind {
            TET4 | TET10 => raw.tets.push((group, nodes)),
            TRIANGLE => raw.triangles.push([nodes[0], nodes[1], nodes[2]]),
            _ if OTHER_SOLIDS.contains(&kind) => {
                let text = "the mesh has hexahedra, prisms or pyramids; only tetrahedra are read";
                return Err(ReadError::unsupported(self.path, text));
            }
            _ => {}
        }
        Ok(())
    }

    fn nodes_of(&self, kind: usize) -> Result<usize, ReadError> {
        let known = NODES_OF.iter().find(|(known, _)| *known == kind);
        let unknown = || ReadError::unsupported(self.path, format!("Gmsh elements of type {kind} are not read"));
        known.map(|(_, count)| *count).ok_or_else(unknown)
    }

    /// Versions 1 (number of nodes in every line) and 2 (number of tags in every line).
    fn elements(&mut self, raw: &mut Raw) -> Result<(), ReadError> {
        for _ in 0..self.count()? {
            let (_, kind, third) = (self.count()?, self.count()?, self.count()?);
            if raw.version < 2.0 {
                let (_, count) = (self.count()?, self.count()?);
                self.element(raw, kind, third, count)?;
            } else {
                let group = if 0 < third { self.count()? } else { 0 };
                self.skip(third.saturating_sub(1))?;
                let count = self.nodes_of(kind)?;
                self.element(raw, kind, group, count)?;
            }
        }
        Ok(())
    }

    fn element_blocks(&mut self, raw: &mut Raw) -> Result<(), ReadError> {
        let blocks = self.count()?;
        self.skip(3)?;
        for _ in 0..blocks {
            let (dimension, entity, kind, count) = (self.count()?, self.count()?, self.count()?, self.count()?);
            let group = if dimension == 3 { raw.groups.get(&entity).copied().unwrap_or(entity) } else { 0 };
            let n_nodes = self.nodes_of(kind)?;
            for _ in 0..count {
                self.skip(1)?;
                self.element(raw, kind, group, n_nodes)?;
            }
        }
        Ok(())
    }
}

impl Raw {
    fn finish(mut self, path: &Path) -> Result<Content, ReadError> {
        self.nodes.sort_by_key(|(tag, _)| *tag);
        let mut used = vec![u32::MAX; self.nodes.len()];
        let mut positions = Vec::new();
        let mut vertex = |tag: usize| {
            let found = self.nodes.binary_search_by_key(&tag, |(tag, _)| *tag);
            let n =
                found.map_err(|_| ReadError::damaged(path, format!("an element uses node {tag}, which is missing")))?;
            if used[n] == u32::MAX {
                used[n] = positions.len() as u32;
                positions.push(self.nodes[n].1);
            }
            Ok::<u32, ReadError>(used[n])
        };
        if self.tets.is_empty() {
            let mut triangles = Vec::with_capacity(self.triangles.len());
            for [a, b, c] in &self.triangles {
                triangles.push([vertex(*a)?, vertex(*b)?, vertex(*c)?]);
            }
            return surface(positions, triangles, path).map(Content::Surface);
        }
        let mut groups: Vec<usize> = self.tets.iter().map(|(group, _)| *group).collect();
        groups.sort_unstable();
        groups.dedup();
        if 255 < groups.len() {
            let text = format!("the mesh has {} regions; 255 can be kept apart", groups.len());
            return Err(ReadError::unsupported(path, text));
        }
        let keep = groups.iter().all(|group| (1..=255).contains(group));
        let region = |group: usize| {
            if keep { group as u8 } else { groups.binary_search(&group).map_or(1, |n| n as u8 + 1) }
        };
        let (mut tets, mut regions) = (Vec::with_capacity(self.tets.len()), Vec::with_capacity(self.tets.len()));
        for (group, nodes) in &self.tets {
            let [a, b, c, d] = nodes;
            tets.push([vertex(*a)?, vertex(*b)?, vertex(*c)?, vertex(*d)?]);
            regions.push(region(*group));
        }
        for tet in &mut tets {
            let [a, b, c, d] = tet.map(|v| positions[v as usize]);
            if (b - a).dot(&(c - a).cross(&(d - a))) < 0.0 {
                tet.swap(0, 1);
            }
        }
        let names = self.names.iter().filter(|(group, _)| groups.contains(group));
        let names = names.map(|(group, name)| (region(*group), name.clone())).collect();
        let mesh = TetMesh::new(positions, tets, regions).map_err(|e| ReadError::damaged(path, e.to_string()))?;
        Ok(Content::Tets(mesh, names))
    }
}

#[cfg(test)]
#[path = "gmsh_tests.rs"]
mod tests;
