//! What a plan does as shapes of the scene: cuts, zones, instruments, reach, moved bone; targets coloured by the margin of an
//! ablation; and what is spared where something comes too near.
//!
//! Made beside the window with every move, so each shape has a bounded number of triangles. What cannot be drawn, as a needle
//! without length, has no shape: its score says why.

use super::plan_stage::{Face, Faces, Ingredients, Seen, Stage};
use super::plan_watch::Watch;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::image::Colormap;
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{Field, Surface};
use crate::plan::ablation::{Device, MARGIN_FIELD, Zones, depths, percent_deeper};
use crate::plan::access::reach_cone;
use crate::plan::bone::sawn::moved_surface;
use crate::plan::bone::{BoneError, move_fragment};
use crate::plan::path::{Nearness, Path, approach, needle_shape, screw_shape};
use crate::plan::score::Body;
use crate::plan::score::measure::least_near;
use crate::plan::{Action, Bounded, KeepOut, Needle, Plan, Port, Zone};
use crate::session::CommandError;
use std::sync::Arc;

/// What comes out of the skin of an instrument.
const ABOVE_MM: f64 = 40.0;
/// Pitch of the thread of a screw that is drawn.
const PITCH_MM: f64 = 2.5;
/// Half the width of the rod of a port at the skin and at its end, and of the mark of a clip.
const ROD_MM: [f64; 2] = [4.0, 2.5];
const CLIP_MM: f64 = 2.5;
/// The colours of an ablation's margin go from here, where tumour is left, to here.
pub(crate) const MARGIN_MM: [f64; 2] = [-5.0, 10.0];

const CUT: [u8; 3] = [255, 176, 58];
const STEEL: [u8; 3] = [214, 220, 228];
const CONTACT: [u8; 3] = [255, 200, 60];
const ZONE: [u8; 3] = [255, 120, 50];
const PORT: [u8; 3] = [90, 200, 190];
const CLIP: [u8; 3] = [255, 125, 168];
const BONE: [u8; 3] = [236, 222, 176];
/// Within what is not known of the distance, nearer than asked for, and entered: lightness tells them apart too.
const NEAR: [[u8; 3]; 3] = [[246, 214, 70], [228, 84, 66], [122, 10, 30]];

/// What of a plan a shape shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The face of a cut.
    Cut,
    /// What an ablation destroys.
    Zone,
    /// A needle, drain, electrode, probe, screw, port, implant or clip.
    Body,
    /// The contacts of an electrode.
    Contacts,
    /// What the instrument of a port may sweep.
    Cone,
    /// Where a saw goes.
    Saw,
    /// Bone that is moved, where it goes.
    Fragment,
    /// A target, coloured by the margin of the ablations.
    Target,
    /// Something that is spared, and something comes near.
    Spared,
}

/// Which shape it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// What it shows.
    pub(crate) part: Part,
    /// The number of the action, of the target, or of what is spared.
    pub(crate) of: usize,
}

/// A field with the colours it is always shown in.
#[derive(Debug, Clone)]
pub(crate) struct Coloured {
    /// One value per vertex.
    pub(crate) field: Field,
    /// Its map.
    pub(crate) map: Colormap,
    /// The values at the ends of the map.
    pub(crate) range: [f64; 2],
}

/// A shape of the scene.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Which.
    pub(crate) key: Key,
    /// Where it is.
    pub(crate) surface: Arc<Surface>,
    /// Its colours, if it has more than one.
    pub(crate) coloured: Option<Coloured>,
    /// Its colour, sRGB.
    pub(crate) colour: [u8; 3],
    /// 1 is opaque.
    pub(crate) opacity: f32,
}

/// How much of a target's surface the ablations reach.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cover {
    /// The target.
    pub(crate) name: String,
    /// Part of its surface within the zones, in per cent of its area.
    pub(crate) within_percent: f64,
    /// Part with the whole margin.
    pub(crate) with_margin_percent: f64,
    /// That margin.
    pub(crate) margin_mm: f64,
}

/// The shapes of all actions, and what ablations reach.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shapes {
    /// The shapes.
    pub(crate) all: Vec<Shape>,
    /// One for each target, if there is an ablation.
    pub(crate) covers: Vec<Cover>,
}

fn shape(part: Part, of: usize, surface: Surface, colour: [u8; 3], opacity: f32) -> Option<Shape> {
    let is_there = !surface.triangles().is_empty();
    is_there.then(|| Shape { key: Key { part, of }, surface: Arc::new(surface), coloured: None, colour, opacity })
}

impl Stage {
    /// The shapes of what `plan` does, `faces` being those of its cuts; call [`Stage::prepare`] first.
    ///
    /// # Errors
    /// [`CommandError`] if a surface cannot be made or `progress` was cancelled.
    pub(crate) fn shapes(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        faces: &Faces,
        progress: &Progress,
    ) -> Result<Shapes, CommandError> {
        let mut all: Vec<Shape> = faces.all.iter().map(|face| of_face(face, plan, faces.colours_mm)).collect();
        for (n, named) in plan.actions.iter().enumerate() {
            progress.check()?;
            match &named.action {
                // Its face is there.
                Action::Cut(_) => {}
                Action::Needle(needle) => {
                    all.extend(instrument(n, needle));
                    let path = Path::of_needle(needle).ok().zip(needle.contacts);
                    all.extend(path.and_then(|(path, own)| shape(Part::Contacts, n, own.shape(&path), CONTACT, 1.0)));
                }
                Action::Ablation(zone) => {
                    all.extend(instrument(n, &zone.needle));
                    let burnt = Zones::planned(std::slice::from_ref(zone), &plan.devices).ok();
                    all.extend(burnt.and_then(|zones| shape(Part::Zone, n, zones.surface(), ZONE, 0.3)));
                }
                Action::Screw(screw) => {
                    let body = Path::of_screw(screw).ok().map(|path| screw_shape(&path, PITCH_MM));
                    all.extend(body.and_then(|body| shape(Part::Body, n, body, STEEL, 1.0)));
                }
                Action::Port(port) => {
                    all.extend(rod(port).and_then(|rod| shape(Part::Body, n, rod, PORT, 1.0)));
                    let cone = reach_cone(port).ok();
                    all.extend(cone.and_then(|cone| shape(Part::Cone, n, cone, PORT, 0.12)));
                }
                Action::Osteotomy(saw) => {
                    let Some(organ) = plan.organ else { continue };
                    let Some(Seen { surface, .. }) = self.seen(ingredients, &organ, progress)? else { continue };
                    match move_fragment(&surface, saw, progress) {
                        Ok(moved) => all.extend(shape(Part::Fragment, n, moved.fragment, BONE, 0.9)),
                        Err(BoneError::Cancelled(stop)) => return Err(stop.into()),
                        // Its score says why nothing is moved.
                        Err(_) => {}
                    }
                }
                Action::Implant(implant) => {
                    let Some(Seen { surface, .. }) = self.seen(ingredients, &implant.object, progress)? else {
                        continue;
                    };
                    all.extend(shape(Part::Body, n, moved_surface(&surface, &implant.turn()), STEEL, 1.0));
                }
                Action::Clip { at } => {
                    all.extend(ball((*at).into()).and_then(|ball| shape(Part::Body, n, ball, CLIP, 1.0)))
                }
            }
        }
        let covers = self.targets(ingredients, plan, &mut all, progress)?;
        Ok(Shapes { all, covers })
    }

    /// The targets, coloured by how deep they lie within all zones together.
    fn targets(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        all: &mut Vec<Shape>,
        progress: &Progress,
    ) -> Result<Vec<Cover>, CommandError> {
        let planned = plan.actions.iter().filter_map(|named| match &named.action {
            Action::Ablation(zone) => Some(zone.clone()),
            _ => None,
        });
        let planned: Vec<Zone> = planned.collect();
        // One that has no zone leaves no margin of all together; the score says why.
        let Ok(zones) = Zones::planned(&planned, &plan.devices) else { return Ok(Vec::new()) };
        let mut covers = Vec::new();
        for (n, target) in plan.targets.iter().enumerate() {
            progress.check()?;
            let Some(Seen { surface, lifted }) = self.seen(ingredients, &target.structure, progress)? else { continue };
            let values = depths(&surface, &zones, progress)?;
            covers.push(Cover {
                name: self.body(&target.structure).map(|body| body.name.clone()).unwrap_or_default(),
                within_percent: percent_deeper(&surface, &values, 0.0),
                with_margin_percent: percent_deeper(&surface, &values, target.margin_mm),
                margin_mm: target.margin_mm,
            });
            let field = Field::new(MARGIN_FIELD, "mm", values);
            all.push(Shape {
                key: Key { part: Part::Target, of: n },
                surface: lifted,
                coloured: Some(Coloured { field, map: Colormap::Cividis, range: MARGIN_MM }),
                colour: ZONE,
                opacity: 1.0,
            });
        }
        Ok(covers)
    }

    /// What is spared of `plan` and comes nearer than it may, or within what is not known of that, in the colour of how near
    /// it is. Slower than [`Stage::shapes`] when it is first asked for.
    ///
    /// # Errors
    /// As [`Stage::shapes`].
    pub(crate) fn too_near(
        &mut self,
        ingredients: &Ingredients,
        plan: &Plan,
        faces: &Faces,
        progress: &Progress,
    ) -> Result<Vec<Shape>, CommandError> {
        let mut all = Vec::new();
        for (n, keep_out) in plan.keep_out.iter().enumerate() {
            progress.check()?;
            let Some(how) = self.nearness(plan, keep_out, faces) else { continue };
            let colour = match how {
                Nearness::Clear => continue,
                Nearness::Near => NEAR[0],
                Nearness::TooNear => NEAR[1],
                Nearness::Entered => NEAR[2],
            };
            let surface = match self.seen(ingredients, &keep_out.structure, progress)? {
                Some(Seen { lifted, .. }) => Some(lifted),
                None => self.tubes(ingredients, keep_out),
            };
            let key = Key { part: Part::Spared, of: n };
            all.extend(surface.map(|surface| Shape { key, surface, coloured: None, colour, opacity: 0.6 }));
        }
        Ok(all)
    }

    /// How near the nearest action comes to what is spared; none if there is nothing of either.
    fn nearness(&self, plan: &Plan, keep_out: &KeepOut, faces: &Faces) -> Option<Nearness> {
        let required_mm = keep_out.distance_mm;
        let of = |distance_mm: &Bounded| Nearness::of(distance_mm, required_mm, 0.0);
        let body = self.body(&keep_out.structure).filter(|body| !body.is_empty())?;
        let watches = self.watches(plan);
        let watch = watches.iter().rfind(|watch| watch.structure == keep_out.structure);
        let organ = plan.organ.and_then(|organ| self.map(&organ));
        let of_faces = faces.all.iter().filter_map(|face| {
            let on_organ = face.fine.positions().iter().filter(|at| organ.is_none_or(|organ| organ.at(at) <= 0.0));
            least_of(watch?, face, on_organ)
        });
        let of_actions = plan.actions.iter().filter_map(|named| {
            let path = path_of(&named.action)?;
            let to_path = || Some(of(&approach(&path, body.obstacle()?).distance_mm));
            let to_zone = || match &named.action {
                Action::Ablation(zone) => to_zone(zone, &plan.devices, body).as_ref().map(of),
                _ => None,
            };
            to_path().max(to_zone())
        });
        of_faces.map(|distance_mm| of(&distance_mm)).chain(of_actions).max()
    }

    /// Vessels as tubes.
    fn tubes(&self, ingredients: &Ingredients, keep_out: &KeepOut) -> Option<Arc<Surface>> {
        let (_, lines) = ingredients.lines(&keep_out.structure)?;
        let points: Vec<&[Point]> = lines.branches().iter().map(|branch| branch.points.as_slice()).collect();
        let radii: Vec<f64> =
            lines.branches().iter().flat_map(|branch| branch.radii_mm.iter().map(|mm| mm + 0.3)).collect();
        tapered_tubes(&points, &radii, 8).map(|(surface, _)| Arc::new(surface))
    }
}

fn of_face(face: &Face, plan: &Plan, colours_mm: f64) -> Shape {
    let is_saw = plan.actions.get(face.action).is_some_and(|named| matches!(named.action, Action::Osteotomy(_)));
    let field = face.lacking.clone();
    Shape {
        key: Key { part: if is_saw { Part::Saw } else { Part::Cut }, of: face.action },
        surface: Arc::clone(&face.fine),
        coloured: field.map(|field| Coloured { field, map: Colormap::Margin, range: [-colours_mm, colours_mm] }),
        colour: CUT,
        opacity: if is_saw { 0.5 } else { 1.0 },
    }
}

/// The least distance of the places of a face that are given, with its bounds; none without a place.
fn least_of<'a>(watch: &Watch<'_>, face: &Face, places: impl Iterator<Item = &'a Point>) -> Option<Bounded> {
    let least = places.map(|at| watch.signed_mm(at) - face.half_mm).reduce(f64::min)?;
    Some(Bounded::within(least, watch.band_mm))
}

/// The distance between the zone of an ablation and a structure, with its bounds; none without a zone.
fn to_zone(zone: &Zone, own: &[Device], body: &Body) -> Option<Bounded> {
    let zones = Zones::planned(std::slice::from_ref(zone), own).ok()?;
    let (mm, _) = least_near(body, 1.0, |point| -zones.depth_mm(point))?;
    // A structure may hold all of the zone, whose own places are then all outside its border.
    let is_around = zones.zones().iter().any(|zone| body.holds(&zone.centre));
    let edge_mm = body.obstacle().map_or(0.0, |obstacle| obstacle.edge_mm());
    Some(Bounded::within(if is_around { mm.min(0.0) } else { mm }, edge_mm))
}

/// The straight way of an instrument.
fn path_of(action: &Action) -> Option<Path> {
    let path = match action {
        Action::Needle(needle) => Path::of_needle(needle),
        Action::Ablation(zone) => Path::of_needle(&zone.needle),
        Action::Screw(screw) => Path::of_screw(screw),
        Action::Cut(_) | Action::Osteotomy(_) | Action::Port(_) | Action::Implant(_) | Action::Clip { .. } => {
            return None;
        }
    };
    path.ok()
}

fn instrument(n: usize, needle: &Needle) -> Option<Shape> {
    let path = Path::of_needle(needle).ok()?;
    shape(Part::Body, n, needle_shape(&path, needle.kind, ABOVE_MM), STEEL, 1.0)
}

/// The instrument of a port: from before the skin to where it points, as far as it reaches.
fn rod(port: &Port) -> Option<Surface> {
    let (at, towards) = (Point::from(port.at), Point::from(port.towards));
    let along = (towards - at).try_normalize(1e-9)?;
    let length_mm = (towards - at).norm().min(port.reach_mm);
    let line = [at - along * ABOVE_MM, at, at + along * length_mm];
    tapered_tubes(&[&line], &[ROD_MM[0], ROD_MM[0], ROD_MM[1]], 16).map(|(surface, _)| surface)
}

/// The mark of a clip, as rings of a tube.
fn ball(at: Point) -> Option<Surface> {
    let places = (0..=8).map(|n| -1.0 + 0.25 * f64::from(n));
    let line: Vec<Point> = places.clone().map(|z| at + Vector::z() * (z * CLIP_MM)).collect();
    let radii: Vec<f64> = places.map(|z| CLIP_MM * (1.0 - z * z).max(0.0).sqrt()).collect();
    tapered_tubes(&[&line], &radii, 16).map(|(surface, _)| surface)
}

#[cfg(test)]
mod tests;
