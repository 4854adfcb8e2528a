//! Centre lines of a mask.

use super::lumen::Lumen;
use super::paths::{Tree, farthest, ways};
use super::ridge::Ridge;
use super::{CentreBranch, CentreLineError, CentreLines};
use crate::base::Progress;
use crate::geom::Point;
use crate::image::Volume;

/// Given points may lie this far from the segment.
const AWAY_MM: f64 = 20.0;

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Where the tree begins; at its widest end if not given.
    pub root: Option<Point>,
    /// Where its branches end; found if empty.
    pub ends: Vec<Point>,
    /// Shorter branches are left out, counted from the wall of their parent, mm.
    pub length_mm_min: f64,
    /// Branches are followed while they have this radius, mm.
    pub radius_mm_min: f64,
}

impl Default for Wish {
    fn default() -> Self {
        Self { root: None, ends: Vec::new(), length_mm_min: 5.0, radius_mm_min: 0.0 }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The tree.
    pub lines: CentreLines,
    /// Voxels of the mask that are not joined to it.
    pub others: usize,
}

/// The centre lines of one connected part of `mask` (anything but 0 is inside) as one tree.
///
/// Shortest paths that keep to the middle are found on the voxels (TEASAR, Sato et al. 2000), moved to the ridge of the
/// exact distance map between them, and evened out. The radius is that of the largest ball around a point that holds no
/// centre of a voxel outside. Where a vessel leaves the scan its line goes on to the border; elsewhere it ends in the
/// middle of the last ball that fits. A ring is cut open where the ways around it meet.
///
/// # Errors
/// [`CentreLineError`].
pub fn centre_lines(mask: &Volume<u8>, wish: &Wish, progress: &Progress) -> Result<Found, CentreLineError> {
    let (lumen, others) = Lumen::of(mask, wish.root, &progress.part(0.0..0.3, "distance"))?;
    let inside = |point: &Point, what: &'static str| {
        let (voxel, away_mm) = lumen.nearest(point);
        let away = CentreLineError::Away { what, at: (*point).into(), away_mm, limit_mm: AWAY_MM };
        if away_mm <= AWAY_MM { Ok(lumen.climb(voxel)) } else { Err(away) }
    };
    let ends = wish.ends.iter().map(|end| inside(end, "the end")).collect::<Result<Vec<_>, _>>()?;
    let (root, is_tip) = match &wish.root {
        Some(point) => (inside(point, "the root")?, false),
        None => (widest_end(&lumen, wish, &progress.part(0.3..0.6, "widest end"))?, true),
    };
    let mut tree = Tree::new(&lumen, root, &progress.part(0.6..0.75, "paths"))?;
    if ends.is_empty() {
        tree.find_tips(wish.length_mm_min, &progress.part(0.75..0.85, "branches"))?;
    } else {
        ends.into_iter().for_each(|end| tree.lead_to(end));
    }
    let mut ridge = Ridge::new(&lumen, &tree, is_tip);
    ridge.settle(&progress.part(0.85..0.98, "middle"))?;
    let branches = cut_thin(ridge.branches(), wish.radius_mm_min, wish.length_mm_min);
    if branches.is_empty() {
        let widest_mm = lumen.depth_mm.iter().copied().fold(0.0, f32::max).into();
        let Wish { length_mm_min: length_mm, radius_mm_min: radius_mm, .. } = *wish;
        return Err(CentreLineError::Nothing { length_mm, radius_mm, widest_mm });
    }
    progress.set(1.0)?;
    Ok(Found { lines: CentreLines::new(branches)?, others })
}

/// The tip of the tree at its widest end: the one where it most likely begins.
fn widest_end(lumen: &Lumen, wish: &Wish, progress: &Progress) -> Result<u32, CentreLineError> {
    let depth = |n: u32| lumen.depth_mm[n as usize];
    let deepest = (0..lumen.len() as u32).fold(0, |best, n| if depth(best) < depth(n) { n } else { best });
    let tip = farthest(&ways(lumen, deepest, &progress.part(0.0..0.4, "widest end"))?);
    let openings = lumen.openings();
    let middle = |tip: u32| openings.iter().find(|opening| opening.voxels.contains(&tip)).map_or(tip, |o| o.deepest);
    let tip = middle(tip);
    let mut tree = Tree::new(lumen, tip, &progress.part(0.4..0.8, "widest end"))?;
    tree.find_tips(wish.length_mm_min, &progress.part(0.8..1.0, "widest end"))?;
    let branches = tree.branches();
    let inner: Vec<usize> = branches.iter().filter_map(|(parent, _)| *parent).collect();
    let mut best = (tip, branches.first().map_or(0.0, |(_, line)| width(lumen, line.iter())));
    for (_, line) in branches.iter().enumerate().filter(|(n, _)| !inner.contains(n)).map(|(_, branch)| branch) {
        let width = width(lumen, line.iter().rev());
        if best.1 < width {
            best = (line[line.len() - 1], width);
        }
    }
    Ok(best.0)
}

/// The depth near the end of a line that its first two radii have in the middle: neither the closing end nor a bulge.
fn width<'a>(lumen: &Lumen, line: impl Iterator<Item = &'a u32>) -> f32 {
    let (mut depths, mut first) = (Vec::new(), None);
    for n in line {
        let depth = lumen.depth_mm[*n as usize];
        depths.push(depth);
        let first = *first.get_or_insert(lumen.centre(*n));
        let widest = depths.iter().copied().fold(0.0, f32::max);
        if 3.0 * f64::from(widest) < (lumen.centre(*n) - first).norm() {
            break;
        }
    }
    depths.sort_by(f32::total_cmp);
    depths.get(depths.len() / 2).copied().unwrap_or(0.0)
}

/// Cut leaves where they become thinner than `radius_mm`, drop what is then too short, and join what no junction parts.
fn cut_thin(mut branches: Vec<CentreBranch>, radius_mm: f64, length_mm: f64) -> Vec<CentreBranch> {
    let n = branches.len();
    let mut gone = vec![false; n];
    for at in (0..n).rev().filter(|_| 0.0 < radius_mm) {
        let is_leaf = (at + 1..n).all(|child| gone[child] || branches[child].parent != Some(at));
        if !is_leaf {
            continue;
        }
        let branch = &mut branches[at];
        let own = branch.own_start();
        let Some(last) = (own..branch.points.len()).rfind(|p| radius_mm <= branch.radii_mm[*p]) else {
            gone[at] = true;
            continue;
        };
        if last + 1 < branch.points.len() {
            branch.points.truncate(last + 1);
            branch.radii_mm.truncate(last + 1);
            let left_mm: f64 = branch.points[own.min(last)..].windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
            gone[at] = branch.points.len() < 2 || left_mm < length_mm;
        }
    }
    let mut place = vec![None; n];
    let mut kept: Vec<CentreBranch> = Vec::new();
    let children = |at: usize, branches: &[CentreBranch]| {
        (at + 1..n).filter(|child| !gone[*child] && branches[*child].parent == Some(at)).count()
    };
    for at in (0..n).filter(|at| !gone[*at]) {
        let mut branch = branches[at].clone();
        match branch.parent {
            Some(parent) if children(parent, &branches) == 1 => {
                let into: usize = place[parent].expect("parents come first and have a child");
                kept[into].points.extend(branch.points.drain(1..));
                kept[into].radii_mm.extend(branch.radii_mm.drain(1..));
                place[at] = Some(into);
            }
            parent => {
                branch.parent = parent.and_then(|parent| place[parent]);
                place[at] = Some(kept.len());
                kept.push(branch);
            }
        }
    }
    kept
}
