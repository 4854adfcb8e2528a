//! Moving vertices back onto the faces they belong to, and away from badly shaped tetrahedra; no move makes a shape worse than
//! the limit.

use super::cuts::rows;
use super::fill::Filled;
use super::materials::{OUTSIDE, Scores};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::mesh::quality::shape;
use crate::mesh::tet_mesh::FACES;
use rayon::prelude::*;

/// A move to a face may not leave a tetrahedron with an angle nearer than this to 0° or 180°, unless it was worse before.
const ANGLE_DEG_LEAST: f64 = 12.0;
/// Tetrahedra with an angle nearer than this to 0° or 180° are worked on.
const ANGLE_DEG_GOOD: f64 = 15.0;
/// Rounds over the badly shaped ones.
const ROUNDS: usize = 8;

/// Improve a mesh in place; the tetrahedra stay the same and positive.
pub(super) fn relax(
    mesh: &mut Filled,
    scores: &impl Scores,
    cell_mm: f64,
    progress: &Progress,
) -> Result<(), Cancelled> {
    let sets = materials_at(mesh);
    let corners = mesh.tets.iter().enumerate().flat_map(|(n, tet)| tet.map(|v| (v, n as u32))).collect();
    let (first, around) = rows(mesh.positions.len(), corners);
    let around = |v: usize| &around[first[v] as usize..first[v + 1] as usize];
    progress.check()?;
    // Where every vertex on a face would like to be; most are there already.
    let wishes: Vec<Option<Point>> = (0..sets.len())
        .into_par_iter()
        .with_min_len(256)
        .map(|v| {
            let place = mesh.positions[v];
            let wish = onto(place, &sets[v], scores, cell_mm);
            (0.01 * cell_mm < (wish - place).norm()).then_some(wish)
        })
        .collect();
    for (v, wish) in wishes.iter().enumerate() {
        let Some(wish) = wish else { continue };
        let (rest, before) = (mesh.positions[v], worst(mesh, around(v)));
        let way = wish - rest;
        for part in [1.0, 0.5, 0.25] {
            mesh.positions[v] = rest + way * part;
            if before.min(ANGLE_DEG_LEAST) <= worst(mesh, around(v)) {
                break;
            }
            mesh.positions[v] = rest;
        }
    }
    for round in 0..ROUNDS {
        progress.check()?;
        let bad: Vec<u32> =
            (0..mesh.tets.len() as u32).into_par_iter().filter(|tet| angle_deg(mesh, *tet) < ANGLE_DEG_GOOD).collect();
        let mut moved = false;
        for tet in bad {
            for v in mesh.tets[tet as usize] {
                moved |= improve(mesh, v as usize, around(v as usize), &sets[v as usize], scores, cell_mm, round);
            }
        }
        if !moved {
            break;
        }
    }
    Ok(())
}

/// Try moves of a vertex and keep the one that leaves its worst tetrahedron best.
fn improve(
    mesh: &mut Filled,
    v: usize,
    around: &[u32],
    set: &[u8; 4],
    scores: &impl Scores,
    cell_mm: f64,
    round: usize,
) -> bool {
    let rest = mesh.positions[v];
    let before = worst(mesh, around);
    if ANGLE_DEG_GOOD <= before {
        return false;
    }
    let mut best = (before + 0.05, rest);
    let step_mm = cell_mm * [0.12, 0.06, 0.03, 0.015][round % 4];
    for n in 0..27 {
        let direction = Vector::from([n % 3, n / 3 % 3, n / 9].map(|x| f64::from(x - 1)));
        let Some(direction) = direction.try_normalize(0.5) else { continue };
        let place = onto(rest + direction * step_mm, set, scores, cell_mm);
        mesh.positions[v] = place;
        let now = worst(mesh, around);
        if best.0 < now {
            best = (now, place);
        }
    }
    mesh.positions[v] = best.1;
    best.1 != rest
}

/// The nearest place where the scores of all materials of `set` are alike, or a step of a quarter of a cell towards it.
///
/// `set` is [`NONE`] after its last material; a set of one is free.
fn onto(place: Point, set: &[u8; 4], scores: &impl Scores, cell_mm: f64) -> Point {
    let own = set[0];
    let others = set[1..].iter().filter(|other| **other != NONE);
    let n_others = others.clone().count();
    let h = 0.05 * cell_mm;
    let mut here = place;
    for _ in 0..if 1 < n_others { 3 } else { n_others.min(1) } {
        for other in others.clone() {
            let value = |p: &Point| scores.difference(p, own, *other);
            let slope = Vector::from([0, 1, 2].map(|axis| {
                let mut step = Vector::zeros();
                step[axis] = h;
                (value(&(here + step)) - value(&(here - step))) / (2.0 * h)
            }));
            let steep = slope.norm();
            // Where nothing changes over a cell there is no face to go to.
            if steep * cell_mm < 0.1 {
                continue;
            }
            let step = -value(&here) / steep;
            here += slope / steep * step.clamp(-0.25 * cell_mm, 0.25 * cell_mm);
        }
    }
    let way = here - place;
    if 0.25 * cell_mm < way.norm() { place + way.normalize() * (0.25 * cell_mm) } else { here }
}

const NONE: u8 = u8::MAX;

/// Up to four materials that meet at every vertex, the outside among them; [`NONE`] after the last.
fn materials_at(mesh: &Filled) -> Vec<[u8; 4]> {
    let mut sets = vec![[NONE; 4]; mesh.positions.len()];
    let mut add = |v: u32, material: u8| {
        let set = &mut sets[v as usize];
        if !set.contains(&material)
            && let Some(free) = set.iter_mut().find(|slot| **slot == NONE)
        {
            *free = material;
        }
    };
    for (tet, material) in mesh.tets.iter().zip(&mesh.materials) {
        tet.iter().for_each(|v| add(*v, *material));
    }
    let mut faces: Vec<[u32; 3]> = mesh
        .tets
        .par_iter()
        .flat_map_iter(|tet| {
            FACES.map(|face| {
                let mut key = face.map(|corner| tet[corner]);
                key.sort_unstable();
                key
            })
        })
        .collect();
    faces.par_sort_unstable();
    faces
        .chunk_by(|a, b| a == b)
        .filter(|run| run.len() == 1)
        .for_each(|run| run[0].iter().for_each(|v| add(*v, OUTSIDE)));
    sets
}

fn worst(mesh: &Filled, tets: &[u32]) -> f64 {
    tets.iter().map(|tet| angle_deg(mesh, *tet)).fold(f64::INFINITY, f64::min)
}

/// The angle between faces that is nearest to 0° or 180°, as the distance from there; negative for one that is inside out.
fn angle_deg(mesh: &Filled, tet: u32) -> f64 {
    let shape = shape(mesh.tets[tet as usize].map(|v| &mesh.positions[v as usize]));
    if 0.0 < shape.volume_mm3_min { shape.dihedral_deg[0].min(180.0 - shape.dihedral_deg[1]) } else { -1.0 }
}
