//! What is seen of a live organ: its fine surface as long as it holds together, and the faces that cuts opened.

use super::live::{Frame, Topology};
use crate::app::mirror::{Shade, surface_mesh};
use crate::app::ui::Colour;
use crate::geom::{Grid, Point, Vector};
use crate::image::{Colormap, Scan};
use crate::mesh::embed::Embedding;
use crate::mesh::tet_mesh::face_key;
use crate::mesh::{Field, Surface, TetMesh};
use bevy::mesh::Mesh;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A value that the surface shader takes for "own colour": far below any colour scale.
const OWN_COLOUR: f64 = -1e9;
/// Least range of grey on cut faces, HU or what the scan has.
const RANGE_LEAST: f64 = 100.0;

/// The skin of an organ that hands move.
#[derive(Debug)]
pub(super) struct Skin {
    /// The fine surface at rest, or the boundary of the mesh.
    surface: Surface,
    /// How the mesh moves it; none where its vertices are those of the mesh.
    embedding: Option<Embedding>,
    /// The first mesh: its tetrahedra and its boundary, by places at rest.
    tets: Vec<[u32; 4]>,
    outside: BTreeSet<[[u64; 3]; 3]>,
    /// Whether it is within the organ (a vessel, a tumour): it has no part in faces that cuts open.
    is_inner: bool,
    /// What is shown of the mesh as it is now.
    now: Option<Now>,
}

#[derive(Debug)]
struct Now {
    topology: Arc<Topology>,
    /// How the mesh moves the fine surface, and its places at rest; none where its vertices are those of the mesh.
    bound: Option<(Embedding, Vec<Point>)>,
    triangles: Vec<[u32; 3]>,
    /// Vertices of the mesh on faces that cuts opened; they come after those of the surface.
    opened: Vec<u32>,
    /// The scan at each of them, and the range it is shown in.
    values: Vec<f64>,
    range: [f64; 2],
}

impl Skin {
    /// The skin of `tets`: `surface` where it is another one than its boundary.
    pub(super) fn new(tets: &TetMesh, surface: Option<(Surface, Embedding)>) -> Self {
        let boundary = tets.boundary().0;
        let outside = boundary.triangles().iter().map(|triangle| face_key(triangle, tets.positions())).collect();
        let (surface, embedding) = surface.map_or((boundary, None), |(surface, embedding)| (surface, Some(embedding)));
        Self { surface, embedding, tets: tets.tets().to_vec(), outside, is_inner: false, now: None }
    }

    /// Something within the organ that moves with it.
    pub(super) fn inner(tets: &TetMesh, surface: Surface, embedding: Embedding) -> Self {
        let (embedding, outside) = (Some(embedding), BTreeSet::new());
        Self { surface, embedding, tets: tets.tets().to_vec(), outside, is_inner: true, now: None }
    }

    /// Look at what cuts changed; quick where nothing did.
    pub(super) fn look_at(&mut self, topology: &Arc<Topology>, scan: Option<&Scan>) {
        if self.now.as_ref().is_some_and(|now| Arc::ptr_eq(&now.topology, topology)) {
            return;
        }
        let is_first = topology.tets == self.tets;
        let opened_faces: Vec<[u32; 3]> = if is_first || self.is_inner {
            Vec::new()
        } else {
            let is_new = |triangle: &&[u32; 3]| !self.outside.contains(&face_key(triangle, &topology.rest));
            topology.surface.iter().filter(is_new).copied().collect()
        };
        let (bound, mut triangles) = match &self.embedding {
            Some(embedding) if !is_first => {
                let after =
                    embedding.after_cut(&self.tets, &topology.tets, &topology.origin, &topology.rest, &self.surface);
                (Some((after.embedding, after.positions)), after.triangles)
            }
            Some(embedding) => {
                let own = (embedding.clone(), self.surface.positions().to_vec());
                (Some(own), self.surface.triangles().to_vec())
            }
            None => {
                let is_old = |triangle: &&[u32; 3]| self.outside.contains(&face_key(triangle, &topology.rest));
                (None, topology.surface.iter().filter(is_old).copied().collect::<Vec<_>>())
            }
        };
        let base = bound.as_ref().map_or(topology.rest.len(), |(_, places)| places.len());
        let mut places: BTreeMap<u32, u32> = BTreeMap::new();
        let mut opened = Vec::new();
        for face in &opened_faces {
            triangles.push(face.map(|v| {
                *places.entry(v).or_insert_with(|| {
                    opened.push(v);
                    (base + opened.len() - 1) as u32
                })
            }));
        }
        let value = |v: &u32| scan.map_or(OWN_COLOUR, |scan| scan_at(scan, &topology.rest[*v as usize]));
        let values: Vec<f64> = opened.iter().map(value).collect();
        let range = tissue_range(&values);
        self.now = Some(Now { topology: Arc::clone(topology), bound, triangles, opened, values, range });
    }

    /// The skin in `frame`, as a mesh waiting for its colours, and these, on a scale that goes to `at_least`; `None` where
    /// a place is not finite.
    pub(super) fn drawn(
        &self,
        frame: &Frame,
        colour: Colour,
        scan: Option<&Scan>,
        at_least: f64,
    ) -> Option<(Mesh, Option<Shade>)> {
        let now = self.now.as_ref()?;
        let on_skin = |nodal: &[Vector]| -> Vec<Vector> {
            let mut all =
                now.bound.as_ref().map_or_else(|| nodal.to_vec(), |(embedding, _)| embedding.interpolate(nodal));
            all.extend(now.opened.iter().map(|v| nodal[*v as usize]));
            all
        };
        let offsets = on_skin(&frame.displacement_mm);
        let rest = now.bound.as_ref().map_or(&now.topology.rest[..], |(_, places)| places);
        let opened = now.opened.iter().map(|v| &now.topology.rest[*v as usize]);
        let places = rest.iter().chain(opened).zip(&offsets).map(|(place, by)| place + by).collect();
        let surface = Surface::new(places, now.triangles.clone()).ok()?;
        let scalar = |n: usize, scale: f64| -> Vec<f64> {
            let nodal: Vec<f64> = frame.stress.iter().map(|both| scale * both[n]).collect();
            let mut all =
                now.bound.as_ref().map_or_else(|| nodal.clone(), |(embedding, _)| embedding.interpolate_within(&nodal));
            all.extend(now.opened.iter().map(|v| nodal[*v as usize]));
            all
        };
        // Stresses of the past are only there if they were seen then.
        let has_stress = frame.stress.len() == frame.displacement_mm.len();
        let shade = match colour {
            Colour::Stress | Colour::Strain if !has_stress => None,
            Colour::Organ => scan.filter(|_| !now.opened.is_empty()).map(|scan| {
                let mut values = vec![OWN_COLOUR; offsets.len() - now.opened.len()];
                values.extend(&now.values);
                let field = Field::new("scan on cut faces", scan.unit(), values);
                Shade { field, map: Colormap::Greys, range: now.range, beyond: [false; 2] }
            }),
            Colour::Displacement => Some(scaled(
                Field::new("displacement", "mm", offsets.iter().map(Vector::norm).collect()),
                5.0,
                at_least,
            )),
            Colour::Stress => Some(scaled(Field::new("von Mises stress", "kPa", scalar(0, 1e-3)), 0.2, at_least)),
            Colour::Strain => Some(scaled(Field::new("largest strain", "%", scalar(1, 100.0)), 5.0, at_least)),
        };
        let mesh = surface_mesh(&surface, shade.as_ref(), None);
        Some((mesh, shade))
    }
}

/// The range of grey for the tissue on cut faces: what 96 % of it keeps to and a half more on both sides, at least
/// [`RANGE_LEAST`]; the slices may be set for lung or bone.
fn tissue_range(values: &[f64]) -> [f64; 2] {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| OWN_COLOUR < *value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied();
    let (Some(low), Some(high)) = (at(0.02), at(0.98).or(sorted.last().copied())) else { return [0.0, 1.0] };
    let (middle, half) = (0.5 * (low + high), (0.75 * (high - low)).max(0.5 * RANGE_LEAST));
    [((middle - half) / 10.0).floor() * 10.0, ((middle + half) / 10.0).ceil() * 10.0]
}

/// A scale from 0 in steps of `step`, so that it does not tremble with the hand. Its end is what 99 % of the values keep to:
/// a few peaks at the rim of jaws would leave one colour for all else.
fn scaled(field: Field, step: f64, at_least: f64) -> Shade {
    let mut sorted: Vec<f64> = field.values.iter().copied().filter(|value| value.is_finite()).collect();
    let last = (0.99 * sorted.len() as f64) as usize;
    let most = if sorted.is_empty() {
        0.0
    } else {
        let last = last.min(sorted.len() - 1);
        *sorted.select_nth_unstable_by(last, f64::total_cmp).1
    };
    let end = ((most / step).ceil() * step).max(step).max(at_least);
    let beyond = [false, sorted.iter().any(|value| end < *value)];
    Shade { field, map: Colormap::Viridis, range: [0.0, end], beyond }
}

fn scan_at(scan: &Scan, place: &Point) -> f64 {
    let grid: &Grid = scan.grid();
    scan.sample_index(grid.index_from_patient(*place)).unwrap_or(OWN_COLOUR)
}
