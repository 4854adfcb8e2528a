//! What pictures and the scene of a report show: segments as surfaces, and plans with what they do.

use super::parted::Parted;
use super::pictures::Body;
use crate::base::{Cancelled, Progress, SegmentId};
use crate::geom::{Aabb, Point, Vector};
use crate::image::{LabelMap, Segment, Volume, VoxelBox};
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{CentreLines, ContourError, Surface, segment_surface};
use crate::plan::ablation::Zones;
use crate::plan::bone::sawn::moved_surface;
use crate::plan::path::{Path, needle_shape, screw_shape};
use crate::plan::resection::{face, places};
use crate::plan::territory::TerritoriesBy;
use crate::plan::{Action, Cut, CutShape, DistanceMap, Plan, Structure};
use crate::segment::cropped::{cropped, region_around};
use crate::session::{Case, Data, NodeKind};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Distances are known this far around an organ.
const AROUND_MM: f64 = 8.0;
/// What comes out of the skin of an instrument.
const ABOVE_MM: f64 = 40.0;
/// Pitch of the thread of a screw that is drawn.
const PITCH_MM: f64 = 2.5;
/// Sides of the tube around a vessel.
const SIDES: u32 = 10;
/// A segment whose box holds the boxes of this part of the others, as skin and fat do, is what they lie in.
const ENVELOPE: f64 = 0.8;

/// How much of the light the organ that is operated on lets through.
const ORGAN_OPACITY: f64 = 0.35;
const CUT: [u8; 3] = [245, 205, 70];
const STEEL: [u8; 3] = [214, 220, 228];
const CONTACT: [u8; 3] = [255, 200, 60];
const ZONE: [u8; 3] = [255, 120, 50];
const PORT: [u8; 3] = [90, 200, 190];
const CLIP: [u8; 3] = [80, 220, 110];

/// A body with its name.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// How it looks.
    pub body: Body,
    /// What of the case it is, if it is a structure.
    pub structure: Option<Structure>,
}

/// Surfaces of structures of one case that were made for one picture and serve the next, and the scene.
#[derive(Debug, Default)]
pub struct Known {
    surfaces: BTreeMap<Structure, Option<Surface>>,
    faces: Vec<(FaceOf, Option<Arc<Surface>>)>,
    /// Distances to organs, for the faces of cuts.
    maps: BTreeMap<Structure, Option<Arc<DistanceMap>>>,
}

/// What the face of a cut by territories is of: organ, vessels, what parts them, branches.
type FaceOf = (Option<Structure>, Vec<Structure>, TerritoriesBy, Vec<usize>);

/// All segments of the visible segmentations as surfaces. Of those that enclose most others, as skin, fat and muscle do, only
/// the outermost is there, translucent: the others would hide everything.
pub(super) fn of_segments(case: &Case, known: &mut Known, progress: &Progress) -> Result<Vec<Named>, Cancelled> {
    let mut all = Vec::new();
    let parted = Parted::of(case, NodeKind::Labels);
    for (node, own) in case.nodes().filter(|(_, node)| node.display.visible) {
        let Data::Labels(labels) = &own.data else { continue };
        if parted.leaves_out(node, own) {
            continue;
        }
        let segments: Vec<(&Segment, VoxelBox)> =
            labels.segments().iter().filter_map(|segment| Some((segment, labels.extent(segment.id)?))).collect();
        let envelopes: Vec<SegmentId> =
            segments.iter().filter(|(_, outer)| encloses(outer, &segments)).map(|(segment, _)| segment.id).collect();
        let size = |own: &VoxelBox| own.iter().map(std::ops::Range::len).product::<usize>();
        let outermost = segments.iter().filter(|(segment, _)| envelopes.contains(&segment.id));
        let outermost = outermost.max_by_key(|(_, own)| size(own)).map(|(segment, _)| segment.id);
        let is_shown = |segment: &Segment| !envelopes.contains(&segment.id) || Some(segment.id) == outermost;
        let shown: Vec<(&Segment, Structure)> = segments
            .iter()
            .filter(|(segment, _)| is_shown(segment))
            .map(|(segment, _)| (*segment, Structure { node, segment: Some(segment.id) }))
            .filter(|(_, structure)| !parted.holds(structure))
            .collect();
        known.make(case, &shown.iter().map(|(_, structure)| *structure).collect::<Vec<_>>(), progress)?;
        for (segment, structure) in shown {
            let Some(Some(surface)) = known.surfaces.get(&structure) else { continue };
            let opacity = if Some(segment.id) == outermost { 0.12 } else { f64::from(own.display.opacity) };
            let body = Body { surface: surface.clone(), colour: segment.colour, opacity, field: None };
            all.push(Named { name: segment.name.clone(), body, structure: Some(structure) });
        }
    }
    Ok(all)
}

/// Whether the box `outer` holds the boxes of most of the segments.
fn encloses(outer: &VoxelBox, segments: &[(&Segment, VoxelBox)]) -> bool {
    let holds = |inner: &VoxelBox| (0..3).all(|a| outer[a].start <= inner[a].start && inner[a].end <= outer[a].end);
    let held = segments.iter().filter(|(_, own)| own != outer && holds(own)).count();
    2 < segments.len() && ENVELOPE * (segments.len() - 1) as f64 <= held as f64
}

/// The bodies of `plan`: its organ translucent, its targets, what it spares, its vessels, and what it does.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn of_plan(case: &Case, plan: &Plan, known: &mut Known, progress: &Progress) -> Result<Vec<Named>, Cancelled> {
    let mut structures: Vec<(Structure, f64)> = plan.organ.map(|organ| (organ, ORGAN_OPACITY)).into_iter().collect();
    let more = plan.targets.iter().map(|target| target.structure);
    let more = more.chain(plan.keep_out.iter().map(|keep| keep.structure)).chain(plan.vessels.iter().copied());
    for structure in more {
        if structures.iter().all(|(there, _)| *there != structure) {
            structures.push((structure, 1.0));
        }
    }
    known.make(case, &structures.iter().map(|(structure, _)| *structure).collect::<Vec<_>>(), progress)?;
    let mut all = Vec::new();
    for (structure, opacity) in structures {
        let Some(Some(surface)) = known.surfaces.get(&structure) else { continue };
        let Some((name, colour)) = look(case, structure) else { continue };
        let body = Body { surface: surface.clone(), colour, opacity, field: None };
        all.push(Named { name, body, structure: Some(structure) });
    }
    all.extend(actions(case, plan, known, progress)?);
    Ok(all)
}

impl Known {
    /// The surfaces of `structures`, those that are not there yet.
    fn make(&mut self, case: &Case, structures: &[Structure], progress: &Progress) -> Result<(), Cancelled> {
        let missing: Vec<Structure> =
            structures.iter().copied().filter(|structure| !self.surfaces.contains_key(structure)).collect();
        // Several at once, so none reports how far it is; cancelling is heard.
        let quiet = progress.part(0.0..0.0, progress.stage());
        let make = |structure: &Structure| {
            progress.check()?;
            Ok((*structure, surface_of(case, *structure, &quiet)?))
        };
        let made: Result<Vec<_>, Cancelled> = missing.par_iter().map(make).collect();
        self.surfaces.extend(made?);
        Ok(())
    }

    /// Distances to an organ; none for what is no segment.
    fn map(
        &mut self,
        case: &Case,
        organ: Structure,
        progress: &Progress,
    ) -> Result<Option<Arc<DistanceMap>>, Cancelled> {
        if let Some(map) = self.maps.get(&organ) {
            return Ok(map.clone());
        }
        let map = distances(case, organ, progress)?.map(Arc::new);
        self.maps.insert(organ, map.clone());
        Ok(map)
    }

    /// The face of a cut of `plan` by the territories of `branches`, if it has one.
    fn face(
        &mut self,
        case: &Case,
        plan: &Plan,
        branches: &[usize],
        progress: &Progress,
    ) -> Result<Option<Arc<Surface>>, Cancelled> {
        let of = (plan.organ, plan.vessels.clone(), plan.territories.clone(), branches.to_vec());
        if let Some((_, face)) = self.faces.iter().find(|(known, _)| *known == of) {
            return Ok(face.clone());
        }
        let face = case.territory_face(plan, branches, progress)?;
        self.faces.push((of, face.clone()));
        Ok(face)
    }
}

/// The surface of a structure; none for what is gone or empty.
fn surface_of(case: &Case, structure: Structure, progress: &Progress) -> Result<Option<Surface>, Cancelled> {
    let Some(node) = case.node(structure.node) else { return Ok(None) };
    Ok(match (&node.data, structure.segment) {
        (Data::Labels(labels), Some(id)) => match segment_surface(labels, id, progress) {
            Ok(surface) => Some(surface),
            Err(ContourError::Cancelled(cancelled)) => return Err(cancelled),
            // A segment without voxels has nothing to show.
            Err(_) => None,
        },
        (Data::Surface(own), None) => Some(own.surface.clone()),
        (Data::Lines(lines), None) => vessels(lines),
        _ => None,
    })
}

fn vessels(lines: &CentreLines) -> Option<Surface> {
    let points: Vec<&[Point]> = lines.branches().iter().map(|branch| branch.points.as_slice()).collect();
    let radii: Vec<f64> = lines.branches().iter().flat_map(|branch| branch.radii_mm.iter().copied()).collect();
    tapered_tubes(&points, &radii, SIDES).map(|(surface, _)| surface)
}

/// Name and colour of a structure.
fn look(case: &Case, structure: Structure) -> Option<(String, [u8; 3])> {
    let node = case.node(structure.node)?;
    match (&node.data, structure.segment) {
        (Data::Labels(labels), Some(id)) => labels.segment(id).map(|segment| (segment.name.clone(), segment.colour)),
        _ => Some((node.name.clone(), node.display.colour)),
    }
}

/// What is done, as shapes.
fn actions(case: &Case, plan: &Plan, known: &mut Known, progress: &Progress) -> Result<Vec<Named>, Cancelled> {
    let is_cut = |action: &Action| matches!(action, Action::Cut(_) | Action::Osteotomy(_));
    let needs_organ = plan.actions.iter().any(|named| is_cut(&named.action));
    let organ = match plan.organ.filter(|_| needs_organ) {
        Some(organ) => known.map(case, organ, progress)?,
        None => None,
    };
    let around = organ.as_ref().map(|organ| organ.grid().bounds());
    let mut all = Vec::new();
    for named in &plan.actions {
        progress.check()?;
        let bodies = match &named.action {
            Action::Cut(Cut { shape: CutShape::Territories { branches }, .. }) => {
                let face = known.face(case, plan, branches, progress)?;
                vec![(face.map(|face| Surface::clone(&face)), CUT, 0.85)]
            }
            Action::Cut(cut) => vec![(cut_face(cut, organ.as_deref(), around), CUT, 0.85)],
            Action::Osteotomy(osteotomy) => {
                let shape = CutShape::Wedge { planes: osteotomy.planes.clone() };
                let cut = Cut { shape, width_mm: osteotomy.kerf_mm };
                vec![(cut_face(&cut, organ.as_deref(), around), CUT, 0.85)]
            }
            Action::Needle(needle) => {
                let shape = Path::of_needle(needle).map(|path| needle_shape(&path, needle.kind, ABOVE_MM));
                let own = Path::of_needle(needle).ok().zip(needle.contacts).map(|(path, own)| own.shape(&path));
                vec![(shape.ok(), STEEL, 1.0), (own, CONTACT, 1.0)]
            }
            Action::Ablation(zone) => {
                let needle = &zone.needle;
                let shape = Path::of_needle(needle).map(|path| needle_shape(&path, needle.kind, ABOVE_MM));
                let burnt = Zones::planned(std::slice::from_ref(zone), &plan.devices).map(|zones| zones.surface());
                vec![(shape.ok(), STEEL, 1.0), (burnt.ok(), ZONE, 0.4)]
            }
            Action::Screw(screw) => {
                let shape = Path::of_screw(screw).map(|path| screw_shape(&path, PITCH_MM));
                vec![(shape.ok(), STEEL, 1.0)]
            }
            Action::Port(port) => vec![(rod(port.at.into(), port.towards.into(), port.reach_mm), PORT, 1.0)],
            Action::Implant(implant) => {
                let whole = case.node(implant.object.node).and_then(|node| match &node.data {
                    Data::Surface(own) => Some(moved_surface(&own.surface, &implant.turn())),
                    _ => None,
                });
                vec![(whole, STEEL, 1.0)]
            }
            Action::Clip { at } => vec![(ball((*at).into(), 2.5), CLIP, 1.0)],
        };
        let seen = bodies.into_iter().filter_map(|(surface, colour, opacity)| {
            // What cannot be drawn, as a needle without length, is told of by its score.
            let surface = surface.filter(|surface| !surface.triangles().is_empty())?;
            let body = Body { surface, colour, opacity, field: None };
            Some(Named { name: named.name.clone(), body, structure: None })
        });
        all.extend(seen);
    }
    Ok(all)
}

fn cut_face(cut: &Cut, organ: Option<&DistanceMap>, around: Option<Aabb>) -> Option<Surface> {
    let around = around.or_else(|| {
        let places = places(&cut.shape);
        (!places.is_empty()).then(|| Aabb::of(places.iter()))
    })?;
    Some(face(cut, organ, &around))
}

/// Distances to the organ near it; none for what is no segment.
fn distances(case: &Case, organ: Structure, progress: &Progress) -> Result<Option<DistanceMap>, Cancelled> {
    let Some(Data::Labels(labels)) = case.node(organ.node).map(|node| &node.data) else { return Ok(None) };
    let Some(mask) = organ.segment.and_then(|id| mask(labels, id)) else { return Ok(None) };
    DistanceMap::of(&mask, progress).map(Some)
}

fn mask(labels: &LabelMap, id: SegmentId) -> Option<Volume<u8>> {
    cropped(labels, id, &region_around(labels, id, AROUND_MM)?).map(|(mask, _)| mask)
}

/// A rod from `at` for `length_mm` towards a place.
fn rod(at: Point, towards: Point, length_mm: f64) -> Option<Surface> {
    let along = (towards - at).try_normalize(1e-9)?;
    let line = [at - along * ABOVE_MM, at, at + along * length_mm];
    tapered_tubes(&[&line], &[4.0, 4.0, 2.5], 16).map(|(surface, _)| surface)
}

/// A small ball, as rings of a tube.
fn ball(at: Point, radius_mm: f64) -> Option<Surface> {
    let steps = 8;
    let places = (0..=steps).map(|n| -1.0 + 2.0 * f64::from(n) / f64::from(steps));
    let line: Vec<Point> = places.clone().map(|z| at + Vector::z() * (z * radius_mm)).collect();
    let radii: Vec<f64> = places.map(|z| radius_mm * (1.0 - z * z).max(0.0).sqrt()).collect();
    tapered_tubes(&[&line], &radii, 16).map(|(surface, _)| surface)
}
