//! Short edges become one vertex.

use super::edges::{Edge, NONE};
use super::{Creases, Edges, Kind, Patch, WORTH};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;

/// Passes over all edges; vertices next to a collapse wait for the next pass, when their neighbours are known again.
const PASSES: usize = 6;
/// How far the normal of a triangle may turn: the cosine of 60°.
const TURN_COS: f64 = 0.5;

/// Collapse edges shorter than `shortest_mm`, the shortest first, where nothing tears, folds or gets longer than
/// `longest_mm`.
pub(super) fn collapse_short(
    patch: &mut Patch,
    [shortest_mm, longest_mm]: [f64; 2],
    creases: Creases,
    progress: &Progress,
) -> Result<(), Cancelled> {
    for _ in 0..PASSES {
        progress.check()?;
        let edges = Edges::of(patch, creases, progress)?;
        let length = |edge: &Edge| patch.length(edge.ends[0], edge.ends[1]);
        let mut short: Vec<(f64, usize)> = edges.list.iter().map(length).enumerate().map(|(n, mm)| (mm, n)).collect();
        short.retain(|(mm, _)| *mm < shortest_mm);
        short.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
        let mut waiting = vec![false; patch.positions.len()];
        let mut gone = vec![false; patch.triangles.len()];
        let mut collapsed = 0;
        for (_, n) in short {
            let edge = edges.list[n];
            let Some((keep, drop, place)) = plan(patch, &edges, &edge) else { continue };
            let rings = [keep, drop].map(|v| edges.ring(patch, v));
            if waiting[keep as usize]
                || waiting[drop as usize]
                || rings.iter().flatten().any(|v| waiting[*v as usize])
                || tears(&edges, &edge, &rings)
                || folds(patch, &edges, [keep, drop], place, longest_mm)
            {
                continue;
            }
            patch.positions[keep as usize] = place;
            for t in edges.around(drop) {
                let corners = &mut patch.triangles[*t as usize];
                gone[*t as usize] = corners.contains(&keep);
                corners.iter_mut().filter(|v| **v == drop).for_each(|v| *v = keep);
            }
            rings.iter().flatten().for_each(|v| waiting[*v as usize] = true);
            collapsed += 1;
        }
        let mut gone = gone.iter();
        patch.triangles.retain(|_| !gone.next().expect("one flag per triangle"));
        if collapsed * WORTH <= edges.list.len() {
            break;
        }
    }
    Ok(())
}

/// Which vertex stays, which goes, and where the one that stays goes to; nothing where kept lines would be lost.
fn plan(patch: &Patch, edges: &Edges, edge: &Edge) -> Option<(u32, u32, Point)> {
    let [a, b] = edge.ends;
    if edge.odd {
        return None;
    }
    let at = |v: u32| patch.positions[v as usize];
    match (edges.kind(a), edges.kind(b)) {
        (Kind::Free, Kind::Free) => Some((a, b, nalgebra::center(&at(a), &at(b)))),
        (_, Kind::Free) => Some((a, b, at(a))),
        (Kind::Free, _) => Some((b, a, at(b))),
        // Across the land between two lines there is no way; along a line there is.
        (Kind::Corner, Kind::Corner) => None,
        (_, Kind::Line) if edge.kept => Some((a, b, at(a))),
        (Kind::Line, Kind::Corner) if edge.kept => Some((b, a, at(b))),
        _ => None,
    }
}

/// Whether the collapse would glue sheets together: the ends must share no neighbours but those opposite of the edge
/// (the link condition), and these must have a triangle left over.
fn tears(edges: &Edges, edge: &Edge, [one, other]: &[Vec<u32>; 2]) -> bool {
    let shared: Vec<u32> = one.iter().copied().filter(|v| other.binary_search(v).is_ok()).collect();
    let opposite = edge.triangles.iter().filter(|t| **t != NONE).count();
    let least = if opposite == 2 { 4 } else { 2 };
    shared.len() != opposite || shared.iter().any(|v| edges.around(*v).len() < least)
}

/// Whether a triangle that stays would turn over, lose its area, or get an edge that is too long.
fn folds(patch: &Patch, edges: &Edges, [keep, drop]: [u32; 2], place: Point, longest_mm: f64) -> bool {
    [keep, drop].into_iter().any(|moved| {
        edges.around(moved).iter().any(|t| {
            let corners = patch.triangles[*t as usize];
            if corners.contains(&keep) && corners.contains(&drop) {
                return false;
            }
            let before = patch.normal(corners);
            let [a, b, c] = corners.map(|v| if v == moved { place } else { patch.positions[v as usize] });
            let after = (b - a).cross(&(c - a));
            let longest = (b - a).norm().max((c - b).norm()).max((a - c).norm());
            let size = before.norm() * after.norm();
            // A triangle that had no area has no direction to keep.
            let turned = 1e-18 < size && before.dot(&after) < TURN_COS * size;
            turned || after.norm() < 0.1 * longest * longest || longest_mm < longest
        })
    })
}
