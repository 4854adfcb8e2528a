//! The muscle wall of the trunk: what lies outside it, in it, and in the cavity behind it.

use super::chest::fill_hull;
use super::coarse::{Coarse, combine, components, volume_ml};
use super::spine::spine_back;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Vector};
use crate::image::Volume;
use crate::image::filter::{close, erode, fill_holes_in_slices, open, squared_distance};
use rayon::prelude::*;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Fat in HU (Yoshizumi 1999; Shen 2004).
pub(super) const FAT_HU: std::ops::RangeInclusive<i16> = -190..=-30;
/// Gaps in the wall up to twice this wide are bridged.
const BRIDGE_MM: f64 = 12.0;
/// Fat in the cavity is wider than twice this somewhere, fat between muscles mostly is not.
const WIDE_MM: f64 = 3.0;
/// Directions from the middle of a slice in which the wall's thickness is read.
const SECTORS: usize = 72;
/// The wall is at most this thick, but beside the spine.
const THICK_MM_MAX: f64 = 32.0;
/// Neighbouring slices within this say how thick the wall is.
const ALONG_MM: f64 = 14.0;

/// From the tips of the spine this far forward …
const SPINE_DEPTH_MM: f64 = 46.0;
/// … a wedge of this half width in front, growing by this much per mm backwards, holds the muscles along it and no organ.
const SPINE_HALF_MM: [f64; 2] = [28.0, 0.9];

/// Where a voxel of the body lies. 0 is outside of it.
pub(super) const UNDER_SKIN: u8 = 1;
/// In the muscle wall, the limbs, or beside the spine.
pub(super) const WALL: u8 = 2;
/// Behind the wall.
pub(super) const CAVITY: u8 = 3;

/// The compartments of the body, and how well the wall was seen.
pub(super) struct Compartments {
    /// One of the codes above on the coarse grid.
    pub codes: Volume<u8>,
    /// Share of directions in which the inner face of the wall was seen, over all slices with a cavity.
    pub seen: f64,
    /// The slice (coarse) in which it was seen worst, and its share.
    pub worst: (usize, f64),
}

/// Masks on the coarse grid that the compartments rest on.
pub(super) struct Known<'a> {
    pub body: &'a Volume<u8>,
    pub bone: &'a Volume<u8>,
    pub lungs: &'a Volume<u8>,
    /// Values, quiet.
    pub smooth: &'a Volume<i16>,
    /// 1 in the outermost millimetres of the body.
    pub skin: &'a Volume<u8>,
}

/// Part the body into what lies under the skin, in the wall and behind it.
pub(super) fn compartments(coarse: &Coarse, known: &Known, progress: &Progress) -> Result<Compartments, Cancelled> {
    let inner = inner(coarse, known, &progress.part(0.0..0.4, "wall"))?;
    let outside = combine(&inner, &inner, |inner, _| 1 - inner);
    let depth = squared_distance(&outside, f64::INFINITY, &progress.part(0.4..0.6, "depth"))?;
    let seen = beyond(coarse, known, &inner, &progress.part(0.6..0.8, "cavity"))?;
    let faces = faces(&inner, &depth, &seen, known.bone, 300.0 < volume_ml(known.lungs), progress)?;
    let spine = spine_back(known.bone, coarse.middle(known.body).x);
    let thickness = smoothed(&faces, inner.grid().spacing_mm()[2]);
    let [ni, nj, nk] = inner.grid().dims();
    let grid = inner.grid();
    let mut codes = vec![0_u8; grid.len()];
    codes.par_chunks_mut(ni * nj).enumerate().for_each(|(k, out)| {
        let cavity = thickness[k].iter().any(Option::is_some);
        for (at, out) in out.iter_mut().enumerate() {
            let offset = k * ni * nj + at;
            if known.body.voxels()[offset] == 0 {
                continue;
            }
            let (i, j) = (at % ni, at / ni);
            let depth_mm = f64::from(depth.voxels()[offset]).sqrt();
            *out = if inner.voxels()[offset] == 0 {
                UNDER_SKIN
            } else if cavity && faces[k].inside(i, j) {
                let (sector, far_mm) = faces[k].sector(grid, i, j);
                let place = grid.centre([i, j, k]);
                // Muscles along the spine are thick, and fat runs between them.
                let at_spine = spine[k].is_some_and(|[x, y]| {
                    let behind_mm = place.y - (y - SPINE_DEPTH_MM);
                    0.0 < behind_mm && (place.x - x).abs() < SPINE_HALF_MM[0] + SPINE_HALF_MM[1] * behind_mm
                });
                let at_spine = at_spine && known.lungs.voxels()[offset] == 0;
                let behind = !at_spine && thickness[k][sector].is_some_and(|thick| thick <= depth_mm);
                if behind && far_mm < faces[k].bone_mm[sector] { CAVITY } else { WALL }
            } else {
                WALL
            };
        }
    });
    let codes = Volume::new(Arc::clone(grid), codes).expect("one code per voxel");
    // Smooth away the saw teeth of the sectors.
    let cavity = combine(&codes, &codes, |code, _| u8::from(code == CAVITY));
    let cavity = open(&close(&cavity, 4.0, progress)?, 4.0, progress)?;
    let codes = combine(&codes, &cavity, |code, cavity| match (code, cavity) {
        (WALL | CAVITY, 1) => CAVITY,
        (CAVITY, 0) => WALL,
        (code, _) => code,
    });
    let share = |k: &usize| {
        let n = faces[*k].face_mm.iter().filter(|face| face.is_some()).count();
        n as f64 / SECTORS as f64
    };
    let with: Vec<usize> = (0..nk).filter(|k| faces[*k].face_mm.iter().any(Option::is_some)).collect();
    let worst = with.iter().map(|k| (*k, share(k))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0));
    let seen = with.iter().map(share).sum::<f64>() / with.len().max(1) as f64;
    Ok(Compartments { codes, seen, worst })
}

/// The wall and all it encloses: flesh, bone and lung, bridged and filled slice by slice.
fn inner(coarse: &Coarse, known: &Known, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let flesh = coarse.mask(known.smooth, known.body, |value, body| body != 0 && !FAT_HU.contains(&value));
    let flesh = combine(&flesh, known.skin, |flesh, skin| flesh & (1 - skin));
    let flesh = combine(&flesh, known.bone, |flesh, bone| flesh | bone);
    let parts = components(&flesh, progress)?;
    let flesh = parts.keep(|id| 3.0 <= parts.volume_ml(id));
    let bridged = close(&flesh, BRIDGE_MM, &progress.part(0.3..0.9, "bridging"))?;
    let bridged = combine(&bridged, known.body, |bridged, body| bridged & body);
    fill_holes_in_slices(&bridged, known.smooth, |_, _| true, progress)
}

/// What is certainly behind the wall: wide fat, lung and gas, within the ring of bones where there is one.
fn beyond(coarse: &Coarse, known: &Known, inner: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let fat = coarse.mask(known.smooth, inner, |value, inner| inner != 0 && FAT_HU.contains(&value));
    let wide = open(&fat, WIDE_MM, progress)?;
    let air = coarse.mask(known.smooth, inner, |value, inner| inner != 0 && value < -300);
    let air = combine(&air, known.lungs, |air, lung| air | lung);
    let top = lung_top(coarse, known.lungs);
    let deep = erode(inner, 4.0, progress)?;
    let [ni, nj, _] = inner.grid().dims();
    let mut voxels = combine(&wide, &air, |wide, air| wide | air).voxels().to_vec();
    let slice = ni * nj;
    voxels.par_chunks_mut(slice).enumerate().for_each(|(k, out)| {
        if top.is_some_and(|top| if coarse.upwards { top < k } else { k < top }) {
            out.fill(0);
            return;
        }
        let range = k * slice..(k + 1) * slice;
        let count = |mask: &[u8]| mask.iter().filter(|value| **value != 0).count() as f64;
        // Fat of the armpits is wide too; where lungs fill the chest, only what lies between them counts.
        let mut hull = vec![0_u8; slice];
        fill_hull(&known.lungs.voxels()[range.clone()], &mut hull, ni);
        let chest = 0.5 * count(&inner.voxels()[range]) < count(&hull);
        for (at, out) in out.iter_mut().enumerate() {
            *out &= deep.voxels()[k * slice + at] & if chest { hull[at] } else { 1 };
        }
    });
    progress.check()?;
    Ok(Volume::new(Arc::clone(inner.grid()), voxels).expect("one value per voxel"))
}

/// The slice in which the lungs end towards the head: above it are neck and shoulders, without a cavity.
fn lung_top(coarse: &Coarse, lungs: &Volume<u8>) -> Option<usize> {
    let [ni, nj, nk] = lungs.grid().dims();
    let has = |k: &usize| lungs.voxels()[k * ni * nj..(k + 1) * ni * nj].iter().any(|value| *value != 0);
    if coarse.upwards { (0..nk).rev().find(has) } else { (0..nk).find(has) }
}

/// Where the inner face of the wall was seen in a slice.
struct Faces {
    /// The middle of the largest part, as an index.
    middle: [f64; 2],
    /// Columns and rows of the box around the trunk.
    trunk: [[usize; 2]; 2],
    /// Depth of the face in each direction.
    face_mm: Vec<Option<f64>>,
    /// How far from the middle the first bone lies in each direction: no cavity goes beyond ribs and pelvis.
    bone_mm: Vec<f64>,
}

impl Faces {
    /// Direction from the middle, counted from the patient's left over the back, and the distance.
    fn sector(&self, grid: &Grid, i: usize, j: usize) -> (usize, f64) {
        let from = grid.step() * Vector::new(i as f64 - self.middle[0], j as f64 - self.middle[1], 0.0);
        let turns = from.y.atan2(from.x) / TAU + 1.0;
        ((turns * SECTORS as f64) as usize % SECTORS, from.norm())
    }

    fn inside(&self, i: usize, j: usize) -> bool {
        let [is, js] = self.trunk;
        (is[0]..=is[1]).contains(&i) && (js[0]..=js[1]).contains(&j)
    }
}

/// +y is the patient's back; the spine and the muscles beside it lie within 38° of it.
fn back(sector: usize) -> bool {
    let angle_deg = (sector as f64 + 0.5) / SECTORS as f64 * 360.0;
    (angle_deg - 90.0).abs() < 38.0
}

fn faces(
    inner: &Volume<u8>,
    depth: &Volume<f32>,
    seen: &Volume<u8>,
    bone: &Volume<u8>,
    has_lungs: bool,
    progress: &Progress,
) -> Result<Vec<Faces>, Cancelled> {
    let grid = inner.grid();
    let [ni, nj, nk] = grid.dims();
    // What is deep and bright in a scan of the chest is a kidney or a vessel with contrast; only hips are deep bones.
    let bone_depth_mm = if has_lungs { 22.0 } else { 60.0_f32 };
    (0..nk)
        .into_par_iter()
        .map(|k| {
            progress.check()?;
            let slice = k * ni * nj..(k + 1) * ni * nj;
            let (mut sum, mut n) = ([0.0; 2], 0.0);
            let mut trunk = [[usize::MAX, 0]; 2];
            for at in (0..ni * nj).filter(|at| inner.voxels()[slice.start + at] != 0) {
                let place = [at % ni, at / ni];
                for a in 0..2 {
                    sum[a] += place[a] as f64;
                    trunk[a] = [trunk[a][0].min(place[a]), trunk[a][1].max(place[a])];
                }
                n += 1.0;
            }
            let middle = sum.map(|sum| sum / f64::max(n, 1.0));
            let (face_mm, bone_mm) = (vec![None; SECTORS], vec![f64::INFINITY; SECTORS]);
            let mut faces = Faces { middle, trunk, face_mm, bone_mm };
            let on_wall = |at: &usize| {
                let offset = slice.start + at;
                bone.voxels()[offset] != 0 && depth.voxels()[offset] < bone_depth_mm * bone_depth_mm
            };
            for at in (0..ni * nj).filter(on_wall) {
                let (sector, far_mm) = faces.sector(grid, at % ni, at / ni);
                if !back(sector) {
                    faces.bone_mm[sector] = faces.bone_mm[sector].min(far_mm);
                }
            }
            let mut depths: Vec<Vec<f32>> = vec![Vec::new(); SECTORS];
            for at in (0..ni * nj).filter(|at| seen.voxels()[slice.start + at] != 0) {
                let (sector, far_mm) = faces.sector(grid, at % ni, at / ni);
                if far_mm < faces.bone_mm[sector] {
                    depths[sector].push(depth.voxels()[slice.start + at]);
                }
            }
            // The fourth shallowest voxel: one or two may be noise.
            for (face, mut depths) in faces.face_mm.iter_mut().zip(depths) {
                if 4 <= depths.len() {
                    let (_, fourth, _) = depths.select_nth_unstable_by(3, f32::total_cmp);
                    *face = Some(f64::from(*fourth).sqrt());
                }
            }
            Ok(faces)
        })
        .collect()
}

/// The thickness of the wall in each slice and direction: a low quantile of what was seen around, so that organs which
/// touch the wall do not count as wall.
fn smoothed(faces: &[Faces], slice_mm: f64) -> Vec<Vec<Option<f64>>> {
    let reach = (ALONG_MM / slice_mm).round() as usize;
    (0..faces.len())
        .into_par_iter()
        .map(|k| {
            let near = k.saturating_sub(reach)..(k + reach + 1).min(faces.len());
            let quantile = |mut seen: Vec<f64>, share: f64| {
                seen.sort_by(f64::total_cmp);
                (!seen.is_empty()).then(|| seen[((seen.len() - 1) as f64 * share) as usize])
            };
            let sides =
                near.clone().flat_map(|k| (0..SECTORS).filter(|s| !back(*s)).filter_map(move |s| faces[k].face_mm[s]));
            let usual = quantile(sides.collect(), 0.4);
            (0..SECTORS)
                .map(|sector| {
                    let around = [SECTORS - 2, SECTORS - 1, 0, 1, 2].map(|shift| (sector + shift) % SECTORS);
                    let seen = near.clone().flat_map(|k| around.iter().filter_map(move |s| faces[k].face_mm[*s]));
                    let local = quantile(seen.collect(), 0.3);
                    let usual = usual?;
                    if back(sector) {
                        Some(local.unwrap_or(2.0 * usual))
                    } else {
                        Some(local.unwrap_or(usual).min(1.4 * usual + 2.0).min(THICK_MM_MAX))
                    }
                })
                .collect()
        })
        .collect()
}
