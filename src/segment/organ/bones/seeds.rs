//! Bones that are sure to be what they are, from where they lie to the landmarks.

use super::super::coarse::{Coarse, combine};
use super::heads::{Head, heads};
use super::pieces::{Kind, kinds};
use super::scene::Scene;
use super::{HIPS, LIMBS, RIBS, SKULL, SPINE};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::image::{Components, Neighbours, Volume};
use crate::segment::compete;
use rayon::prelude::*;
use std::sync::Arc;

/// Beside the canal, in front of its middle and behind it nothing but spine: bodies and arches …
const COLUMN_MM: [f64; 3] = [20.0, 32.0, 12.0];
/// … more where the body of the sacrum is …
const SACRUM_BODY_MM: f64 = 28.0;
/// … and in the middle the spinous processes.
const SPINOUS_MM: [f64; 2] = [8.0, 60.0];
/// Transverse processes of the chest end here, and no rib is farther back towards the middle for long.
const PROCESS_MM: f64 = 34.0;
/// The wings of the sacrum end here …
pub(super) const SACRUM_MM: f64 = 65.0;
/// … and in front of the canal by this much is no sacrum.
pub(super) const PROMONTORY_MM: f64 = 80.0;
/// Ribs lie this close to the lungs, shoulder blades and collar bones this far from them.
const RIB_MM: f64 = 9.0;
const GIRDLE_MM: f64 = 24.0;
/// The shoulder blades end above the lower part of the lungs.
const GIRDLE_SHARE: f64 = 0.35;
/// The breast bone lies this close to the middle and this far in front of the canal.
const STERNUM_MM: [f64; 2] = [28.0, 60.0];
/// In a connected piece less than this share of the other kind is a mistake.
const MINOR_SHARE: f64 = 0.25;
/// The cartilage and socket around a femoral head; bone in it may belong to either.
const SOCKET_MM: f64 = 4.0;
/// The skull lies this close to the brain …
const SKULL_MM: f64 = 15.0;
/// … its base goes down to this below the lowest slice in which bone encloses the brain, and there bone this far from the
/// middle of the canal is no vertebra …
const BASE_MM: f64 = 30.0;
const FORAMEN_MM: f64 = 25.0;

/// What is sure before anything grows.
pub(super) struct Seeds {
    /// The sure part of each kind of bone, 0 elsewhere.
    pub labels: Volume<u8>,
    /// The femoral heads that were recognised, and whether there are hip bones.
    pub heads: usize,
    pub has_hips: bool,
}

/// Label what lies where only one kind of bone can be.
pub(super) fn seeds(coarse: &Coarse, scene: &Scene, progress: &Progress) -> Result<Seeds, Cancelled> {
    let grid = scene.bone.grid();
    let is_rest =
        |voxel: [usize; 3]| scene.beside_canal(voxel).is_none_or(|at| PROCESS_MM < at.x.abs() || at.y < -PROMONTORY_MM);
    let rest =
        (0..grid.len()).into_par_iter().map(|at| u8::from(scene.bone.voxels()[at] != 0 && is_rest(grid.voxel(at))));
    let rest = Volume::new(Arc::clone(grid), rest.collect()).expect("one value per voxel");
    let parts = Components::of(&rest, |value| value != 0, Neighbours::TwentySix, progress)?;
    let kinds = kinds(scene, &parts);
    let has_hips = kinds.contains(&Kind::Hip);
    let hips = parts.keep(|id| kinds[id] == Kind::Hip);
    let heads =
        if has_hips { heads(coarse, scene, &hips, &progress.part(0.2..0.7, "femoral heads"))? } else { Vec::new() };
    let mut labels = column(scene, &hips).voxels().to_vec();
    for (id, run) in parts.runs() {
        progress.check()?;
        for at in run {
            let voxel = grid.voxel(at);
            let from = scene.beside_canal(voxel);
            labels[at] = match kinds[id] {
                Kind::Sure(label) => label,
                Kind::Hip if from.is_some_and(|from| from.x.abs() < SACRUM_MM && -PROMONTORY_MM < from.y) => 0,
                Kind::Hip => hip_or_femur(&heads, grid.centre(voxel), from),
                Kind::Chest => rib_or_girdle(scene, at, from),
            };
        }
    }
    majority(&parts, &kinds, &mut labels);
    let labels = whole_chest(scene, &parts, &kinds, labels, &progress.part(0.7..1.0, "chest"))?;
    let skull = skull(scene);
    let labels = combine(&labels, &skull, |label, skull| if skull != 0 { SKULL } else { label });
    Ok(Seeds { labels, heads: heads.len(), has_hips })
}

/// The column around the canal, wider between the hips.
fn column(scene: &Scene, hips: &Volume<u8>) -> Volume<u8> {
    let grid = scene.bone.grid();
    let [ni, nj, _] = grid.dims();
    let mut voxels = scene.bone.voxels().to_vec();
    voxels.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
        let above = scene.brain.as_ref().is_some_and(|brain| brain.lowest_mm - BASE_MM < scene.height_mm(k));
        let canal = scene.canal.middle[k].filter(|_| !above);
        let [aside, front, back] = COLUMN_MM;
        let between_hips = hips.voxels()[k * ni * nj..(k + 1) * ni * nj].contains(&1);
        let aside_front = if between_hips { SACRUM_BODY_MM } else { aside };
        for (at, value) in slice.iter_mut().enumerate().filter(|(_, value)| **value != 0) {
            let from = canal.map(|canal| grid.centre([at % ni, at / ni, k]) - canal);
            *value = from.map_or(0, |from| {
                let body = from.x.abs() < aside_front && -front < from.y && from.y < 0.0;
                let arch = from.x.abs() < aside && 0.0 <= from.y && from.y < back;
                let process = from.x.abs() < SPINOUS_MM[0] && 0.0 < from.y && from.y < SPINOUS_MM[1];
                if body || arch || process { SPINE } else { 0 }
            });
        }
    });
    Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
}

/// Bone beside the brain, and the base of the skull away from the large hole in it.
fn skull(scene: &Scene) -> Volume<u8> {
    let Some(brain) = &scene.brain else { return combine(&scene.bone, &scene.bone, |_, _| 0) };
    let grid = scene.bone.grid();
    let near = |at: usize| {
        if scene.bone.voxels()[at] == 0 {
            return 0;
        }
        let voxel = grid.voxel(at);
        let height = scene.height_mm(voxel[2]);
        let beside = brain.lowest_mm <= height && f64::from(brain.squared.voxels()[at]) < SKULL_MM * SKULL_MM;
        let away = || scene.beside_canal(voxel).is_none_or(|from| FORAMEN_MM < from.xy().norm());
        u8::from(beside || (brain.lowest_mm - BASE_MM < height && away()))
    };
    let voxels = (0..grid.len()).into_par_iter().map(near).collect();
    Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
}

/// A voxel of a hip with a femur: inside or beyond the head, or well away from it.
fn hip_or_femur(heads: &[Head], at: Point, from: Option<Vector>) -> u8 {
    let Some(from) = from else { return HIPS };
    let side = from.x.signum();
    let middle_x = at.x - from.x;
    let Some(head) = heads.iter().find(|head| 0.0 < side * (head.middle.x - middle_x)) else { return HIPS };
    let (to, radius_mm) = (at - head.middle, head.radius_mm);
    let aside = side * to.x;
    match () {
        () if to.norm() < radius_mm => LIMBS,
        () if to.norm() < radius_mm + SOCKET_MM => 0,
        // Trochanter; neck, with the walls of the socket in front of it and behind; shaft.
        () if radius_mm < aside && to.z < radius_mm => LIMBS,
        () if 0.3 * radius_mm < aside && to.z < -0.3 * radius_mm && to.y.abs() < 0.8 * radius_mm => LIMBS,
        () if 0.3 * radius_mm < aside && to.z < -radius_mm => LIMBS,
        () if 0.0 < aside && to.z < -radius_mm => 0,
        () => HIPS,
    }
}

/// A voxel of a chest: by its distance from the lungs.
fn rib_or_girdle(scene: &Scene, at: usize, from: Option<Vector>) -> u8 {
    let Some(cage) = &scene.cage else { return RIBS };
    let [ni, nj, _] = scene.bone.grid().dims();
    let height = scene.height_mm(at / (ni * nj));
    let [low, high] = cage.heights;
    let mm = f64::from(cage.squared.voxels()[at]).sqrt();
    let in_middle = from.is_some_and(|from| from.x.abs() < STERNUM_MM[0] && from.y < -STERNUM_MM[1]);
    match () {
        () if in_middle && height < high => RIBS,
        () if mm < RIB_MM || height < low + GIRDLE_SHARE * (high - low) => RIBS,
        () if GIRDLE_MM < mm => LIMBS,
        () => 0,
    }
}

/// Let the labels of each piece of the chest fill it; a piece without any takes the kind whose place it is nearer to.
fn whole_chest(
    scene: &Scene,
    parts: &Components,
    kinds: &[Kind],
    mut labels: Vec<u8>,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = scene.bone.grid();
    let volume = |voxels| Volume::new(Arc::clone(grid), voxels).expect("one value per voxel");
    let chest = parts.keep(|id| kinds[id] == Kind::Chest);
    let grown = combine(&chest, &volume(labels.clone()), |chest, label| chest * label);
    let grown = compete(&chest, &grown, usize::MAX, progress)?;
    for (_, run) in parts.runs().filter(|(id, _)| kinds[*id] == Kind::Chest) {
        for at in run {
            let far = scene
                .cage
                .as_ref()
                .is_some_and(|cage| (0.5 * (RIB_MM + GIRDLE_MM)).powi(2) < f64::from(cage.squared.voxels()[at]));
            labels[at] = match grown.voxels()[at] {
                0 if far => LIMBS,
                0 => RIBS,
                label => label,
            };
        }
    }
    Ok(volume(labels))
}

/// In each piece of the chest drop the kind that has little of it.
fn majority(parts: &Components, kinds: &[Kind], labels: &mut [u8]) {
    let mut counts = vec![[0_usize; 2]; kinds.len()];
    for (id, run) in parts.runs().filter(|(id, _)| kinds[*id] == Kind::Chest) {
        for at in run {
            counts[id][0] += usize::from(labels[at] == RIBS);
            counts[id][1] += usize::from(labels[at] == LIMBS);
        }
    }
    for (id, run) in parts.runs().filter(|(id, _)| kinds[*id] == Kind::Chest) {
        let [ribs, limbs] = counts[id].map(|n| n as f64);
        let minor = match () {
            () if limbs < MINOR_SHARE * (ribs + limbs) => LIMBS,
            () if ribs < MINOR_SHARE * (ribs + limbs) => RIBS,
            () => continue,
        };
        labels[run].iter_mut().filter(|label| **label == minor).for_each(|label| *label = 0);
    }
}
