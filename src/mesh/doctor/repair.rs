//! A closed surface without faults in place of one with faults.

use super::check::{FaultKind, check, is_degenerate};
use super::edges::{holes, uses};
use crate::base::{Cancelled, Progress, Summary};
use crate::geom::Point;
use crate::mesh::Surface;
use crate::mesh::quality::{components, root};
use crate::mesh::solid::{SolidError, shell};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Why a surface cannot be repaired.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RepairError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nothing to repair.
    #[error("the surface has no triangle with an area")]
    NoTriangles,
    /// It encloses nothing.
    #[error("the surface encloses nothing that voxels of {voxel_mm:.2} mm can hold; it may be an open sheet")]
    OpenSheet {
        /// The voxels.
        voxel_mm: f64,
    },
    /// The voxels of the wrap are too fine or too many.
    #[error(transparent)]
    Wrap(SolidError),
}

/// A closed, oriented surface without self-intersections: welded, without triangles that have no area, holes of at most
/// `hole_mm` around filled, pieces turned outward. If that is not enough, a wrap in voxels of `voxel_mm`.
///
/// The summary says what was done, with volumes before and after.
///
/// # Errors
/// [`RepairError`] if it encloses nothing, the wrap is too fine, or `progress` was cancelled.
pub fn repair(
    surface: &Surface,
    hole_mm: f64,
    voxel_mm: f64,
    progress: &Progress,
) -> Result<(Surface, Summary), RepairError> {
    let mut done = Vec::new();
    let (mut mended, joined) = welded(surface);
    tell(&mut done, joined, "vertices at the same place joined");
    let (sound, dropped) = without_bad_triangles(&mended);
    tell(&mut done, dropped, "triangles without area, or twice there, dropped");
    let (whole, crumbs) = without_crumbs(&sound);
    tell(&mut done, crumbs, CRUMBS);
    mended = whole;
    if mended.triangles().is_empty() {
        return Err(RepairError::NoTriangles);
    }
    let (turned, count) = oriented(&mended);
    tell(&mut done, count, "triangles turned so that neighbours agree");
    let (filled, count) = without_holes(&turned, hole_mm);
    tell(&mut done, count, "holes filled");
    let (outward, count) = outward(&filled);
    tell(&mut done, count, "pieces turned inside out");
    mended = outward;
    progress.set(0.3)?;
    let left = check(&mended, 0.0, &progress.part(0.3..0.5, "check"))?;
    let left: Vec<_> = left.into_iter().filter(|fault| fault.kind != FaultKind::Pieces).collect();
    if !left.is_empty() {
        let wrap = shell(&mended, None, 0.0, voxel_mm, &progress.part(0.5..0.95, "wrap"));
        mended = wrap.map_err(|error| match error {
            SolidError::Nothing { voxel_mm } => RepairError::OpenSheet { voxel_mm },
            SolidError::Cancelled(stop) => stop.into(),
            other => RepairError::Wrap(other),
        })?;
        let why: Vec<&str> = left.iter().map(|fault| fault.words.as_str()).collect();
        let (whole, crumbs) = without_crumbs(&mended);
        tell(&mut done, crumbs, CRUMBS);
        mended = whole;
        done.push(format!("wrapped anew in voxels of {voxel_mm:.2} mm, because there was still: {}", why.join("; ")));
    }
    if done.is_empty() {
        done.push("nothing was wrong; the surface is as it was".to_owned());
    }
    let mut summary = Summary::default()
        .fact("volume", mended.volume_ml(), "ml")
        .fact("volume before", surface.volume_ml(), "ml")
        .fact("triangles", mended.triangles().len() as f64, "1")
        .fact("triangles before", surface.triangles().len() as f64, "1")
        .fact("open edges", mended.open_edges() as f64, "1");
    for sentence in done {
        summary = summary.method(sentence);
    }
    Ok((mended, summary))
}

fn tell(done: &mut Vec<String>, count: usize, what: &str) {
    if 0 < count {
        done.push(format!("{count} {what}"));
    }
}

/// Vertices in the same cell of a fine lattice as one, and how many were joined to another.
fn welded(surface: &Surface) -> (Surface, usize) {
    if surface.positions().is_empty() {
        return (surface.clone(), 0);
    }
    let bounds = surface.bounds();
    let cell_mm = (1e-6 * bounds.size().norm()).max(1e-9);
    let mut number: HashMap<[i64; 3], u32> = HashMap::with_capacity(surface.positions().len());
    let mut positions: Vec<Point> = Vec::with_capacity(surface.positions().len());
    let new: Vec<u32> = surface
        .positions()
        .iter()
        .map(|p| {
            let key = [0, 1, 2].map(|a| ((p[a] - bounds.min[a]) / cell_mm).round() as i64);
            *number.entry(key).or_insert_with(|| {
                positions.push(*p);
                positions.len() as u32 - 1
            })
        })
        .collect();
    let joined = new.len() - positions.len();
    let triangles = surface.triangles().iter().map(|t| t.map(|v| new[v as usize])).collect();
    (Surface::new(positions, triangles).expect("the same places and their numbers"), joined)
}

/// A piece whose area is less than this part of the largest one's is a crumb of some earlier step.
const CRUMB_PART: f64 = 1e-4;
const CRUMBS: &str = "crumbs with less than a ten thousandth of the area of the largest piece dropped";

/// Without crumbs, and how many there were.
fn without_crumbs(surface: &Surface) -> (Surface, usize) {
    let (piece_of, count) = components(surface.positions().len(), surface.triangles());
    let mut areas = vec![0.0; count];
    for triangle in surface.triangles() {
        let [a, b, c] = surface.corners(*triangle);
        areas[piece_of[triangle[0] as usize] as usize] += 0.5 * (b - a).cross(&(c - a)).norm();
    }
    let least = CRUMB_PART * areas.iter().copied().fold(0.0, f64::max);
    let is_kept = |t: &[u32; 3]| least <= areas[piece_of[t[0] as usize] as usize];
    let kept: Vec<[u32; 3]> = surface.triangles().iter().copied().filter(is_kept).collect();
    (surface.with_triangles(&kept), areas.iter().filter(|area| **area < least).count())
}

/// Without triangles that have no area and without all but the first of those with the same corners.
fn without_bad_triangles(surface: &Surface) -> (Surface, usize) {
    let mut seen = HashSet::with_capacity(surface.triangles().len());
    let good = |triangle: &&[u32; 3]| {
        let mut key = **triangle;
        key.sort_unstable();
        let [a, b, c] = key;
        // A triangle without area between three places keeps its neighbours together: taking it out would open a slit.
        a != b && b != c && seen.insert(key)
    };
    let kept: Vec<[u32; 3]> = surface.triangles().iter().filter(good).copied().collect();
    let dropped = surface.triangles().len() - kept.len();
    let kept = surface.with_triangles(&kept);
    let area = kept.triangles().iter().any(|t| !is_degenerate(&kept, *t));
    if area { (kept, dropped) } else { (kept.with_triangles(&[]), dropped) }
}

/// Neighbours across edges of two triangles agree; each piece keeps the sense of most of its area. How many were turned.
fn oriented(surface: &Surface) -> (Surface, usize) {
    let uses = uses(surface);
    let count = surface.triangles().len();
    let mut beside: Vec<Vec<(u32, bool)>> = vec![Vec::new(); count];
    for run in uses.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() == 2) {
        let disagree = run[0].2 == run[1].2;
        beside[run[0].1 as usize].push((run[1].1, disagree));
        beside[run[1].1 as usize].push((run[0].1, disagree));
    }
    let mut turn: Vec<Option<bool>> = vec![None; count];
    for start in 0..count {
        if turn[start].is_some() {
            continue;
        }
        turn[start] = Some(false);
        let (mut piece, mut next) = (vec![start], 0);
        while next < piece.len() {
            let here = piece[next];
            next += 1;
            for (other, disagree) in &beside[here] {
                let other = *other as usize;
                if turn[other].is_none() {
                    turn[other] = turn[here].map(|turned| turned != *disagree);
                    piece.push(other);
                }
            }
        }
        let area = |turned: bool| -> f64 {
            let same = piece.iter().filter(|t| turn[**t] == Some(turned));
            let doubled = same.map(|t| {
                let [a, b, c] = surface.corners(surface.triangles()[*t]);
                (b - a).cross(&(c - a)).norm()
            });
            doubled.sum()
        };
        if area(false) < area(true) {
            piece.iter().for_each(|t| turn[*t] = turn[*t].map(|turned| !turned));
        }
    }
    let turned = turn.iter().filter(|turned| **turned == Some(true)).count();
    let triangles = surface.triangles().iter().zip(&turn);
    let triangles: Vec<[u32; 3]> =
        triangles.map(|([a, b, c], turned)| if *turned == Some(true) { [*a, *c, *b] } else { [*a, *b, *c] }).collect();
    (surface.with_triangles(&triangles), turned)
}

/// Holes of at most `hole_mm` around get a fan of triangles around their middle.
fn without_holes(surface: &Surface, hole_mm: f64) -> (Surface, usize) {
    let (mut positions, mut triangles) = (surface.positions().to_vec(), surface.triangles().to_vec());
    let mut filled = 0;
    for chain in holes(&uses(surface)) {
        let at = |n: usize| surface.positions()[chain[n % chain.len()] as usize];
        let length: f64 = (0..chain.len()).map(|n| (at(n + 1) - at(n)).norm()).sum();
        if hole_mm < length {
            continue;
        }
        filled += 1;
        if let [a, b, c] = chain[..] {
            triangles.push([a, c, b]);
            continue;
        }
        let middle = (0..chain.len()).fold(nalgebra::Vector3::zeros(), |sum, n| sum + at(n).coords);
        positions.push(Point::from(middle / chain.len() as f64));
        let new = positions.len() as u32 - 1;
        triangles.extend((0..chain.len()).map(|n| [chain[(n + 1) % chain.len()], chain[n], new]));
    }
    (Surface::new(positions, triangles).expect("means of finite points are finite"), filled)
}

/// Pieces that are not within another point outward, and how many were turned for that.
///
/// A piece that points inward inside another is a hollow and stays.
fn outward(surface: &Surface) -> (Surface, usize) {
    let (number, count) = components(surface.positions().len(), surface.triangles());
    let mut parent: Vec<u32> = (0..count as u32).collect();
    let mut volume: BTreeMap<u32, f64> = BTreeMap::new();
    let origin = surface.bounds().centre();
    for triangle in surface.triangles() {
        let piece = root(&mut parent, number[triangle[0] as usize]);
        let [a, b, c] = surface.corners(*triangle).map(|p| p - origin);
        *volume.entry(piece).or_insert(0.0) += a.dot(&b.cross(&c)) / 6.0;
    }
    let whole = crate::mesh::winding::Winding::new(surface);
    let inside_another = |piece: u32| {
        let vertex = number.iter().position(|n| *n == piece).expect("a piece has vertices");
        let around = surface.positions()[vertex];
        // A little off the vertex on the side that its own piece, inside out, takes for outside.
        let normal = surface.vertex_normals()[vertex];
        whole.number(&(around - normal * (1e-4 * surface.bounds().size().norm()))).abs() > 0.5
    };
    let wrong: Vec<u32> = volume.iter().filter(|(_, mm3)| **mm3 < 0.0).map(|(piece, _)| *piece).collect();
    let wrong: Vec<u32> = wrong.into_iter().filter(|piece| count == 1 || !inside_another(*piece)).collect();
    if wrong.is_empty() {
        return (surface.clone(), 0);
    }
    let turned = surface
        .triangles()
        .iter()
        .map(|[a, b, c]| if wrong.contains(&number[*a as usize]) { [*a, *c, *b] } else { [*a, *b, *c] });
    (surface.with_triangles(&turned.collect::<Vec<_>>()), wrong.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Vector;
    use crate::mesh::arrange::append;
    use crate::mesh::shapes::{ball, cuboid};

    fn faults(surface: &Surface) -> Vec<FaultKind> {
        let all = check(surface, 0.0, &Progress::default()).unwrap();
        all.iter().map(|fault| fault.kind).filter(|kind| *kind != FaultKind::Pieces).collect()
    }

    #[test]
    fn crumbs_go_and_small_pieces_stay() {
        let body = ball(20.0, 1.0);
        let at = |size: f64, x: f64| {
            let part = cuboid([size; 3]);
            part.with_positions(part.positions().iter().map(|p| p + Vector::new(x, 0.0, 0.0)).collect()).unwrap()
        };
        let all = append(&[body.clone(), at(2.0, 30.0), at(0.2, 40.0), at(0.1, 50.0)]).unwrap();
        let (mended, summary) = repair(&all, 60.0, 1.0, &Progress::default()).unwrap();
        assert_eq!(components(mended.positions().len(), mended.triangles()).1, 2);
        assert!(summary.methods[0].starts_with("2 crumbs"), "{:?}", summary.methods);
        assert!((mended.volume_ml() - body.volume_ml() - 0.008).abs() < 1e-6);
    }

    #[test]
    fn small_wounds_are_mended_without_a_wrap() {
        let ball = ball(10.0, 1.0);
        let mut wounded = ball.triangles()[3..].to_vec();
        wounded[40].swap(0, 1);
        wounded.push(wounded[9]);
        wounded.push([5, 5, 6]);
        let (mended, summary) = repair(&ball.with_triangles(&wounded), 20.0, 0.5, &Progress::default()).unwrap();
        assert_eq!(faults(&mended), []);
        assert!((mended.volume_ml() / ball.volume_ml() - 1.0).abs() < 1e-3);
        assert!(!summary.methods.iter().any(|text| text.contains("wrapped")), "{:?}", summary.methods);
        let (same, summary) = repair(&ball, 20.0, 0.5, &Progress::default()).unwrap();
        assert_eq!(same.triangles(), ball.triangles());
        assert_eq!(summary.methods, ["nothing was wrong; the surface is as it was"]);
    }

    #[test]
    fn what_cannot_be_mended_is_wrapped() {
        let cube = cuboid([20.0; 3]);
        let positions = cube.positions().iter().map(|p| p + Vector::new(7.0, 8.0, 9.0)).collect();
        let crossing = append(&[cube.clone(), cube.with_positions(positions).unwrap()]).unwrap();
        let (mended, summary) = repair(&crossing, 10.0, 0.5, &Progress::default()).unwrap();
        assert_eq!(faults(&mended), []);
        let exact = 16.0 - 13.0 * 12.0 * 11.0 / 1000.0;
        assert!((mended.volume_ml() / exact - 1.0).abs() < 0.01, "{} against {exact} ml", mended.volume_ml());
        assert!(summary.methods.iter().any(|text| text.contains("pass through each other")));
    }

    #[test]
    fn a_soup_of_random_wounds_comes_out_sound() {
        let ball = ball(8.0, 1.2);
        let mut rng = Rng::new(21);
        for case in 0..12 {
            let share = 0.02 * rng.unit();
            let mut triangles: Vec<[u32; 3]> =
                ball.triangles().iter().copied().filter(|_| share < rng.unit()).collect();
            for _ in 0..rng.below(20) {
                let n = rng.below(triangles.len());
                triangles[n].swap(0, 2);
            }
            let noise = 0.3 * rng.unit();
            let positions = ball.positions().iter().map(|p| {
                p + Vector::new(rng.between(-noise, noise), rng.between(-noise, noise), rng.between(-noise, noise))
            });
            let wounded = Surface::new(positions.collect(), triangles).unwrap();
            let (mended, summary) = repair(&wounded, 15.0, 0.4, &Progress::default()).unwrap();
            assert_eq!(faults(&mended), [], "case {case}: {:?}", summary.methods);
            let ratio = mended.volume_ml() / ball.volume_ml();
            assert!((ratio - 1.0).abs() < 0.1, "case {case}: {ratio}");
        }
    }

    #[test]
    fn an_open_sheet_and_nothing_are_refused_in_words() {
        let sheet = cuboid([10.0; 3]);
        let sheet = sheet.with_triangles(&sheet.triangles()[..2]);
        let error = repair(&sheet, 1.0, 0.5, &Progress::default()).unwrap_err();
        assert!(error.to_string().contains("it may be an open sheet"), "{error}");
        let nothing = Surface::new(vec![Point::origin(); 3], vec![[0, 1, 2]]).unwrap();
        assert_eq!(repair(&nothing, 1.0, 0.5, &Progress::default()), Err(RepairError::NoTriangles));
    }
}
