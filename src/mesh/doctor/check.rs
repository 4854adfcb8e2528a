//! What is wrong with a surface: how often, where, and in words.

use super::cross::crossing_pairs;
use super::edges::{Use, holes, uses};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::mesh::Surface;
use crate::mesh::quality::{components, root};
use crate::mesh::thickness::thickness;
use std::collections::BTreeMap;

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A loop of edges with a triangle on one side only.
    Hole,
    /// More than two triangles on an edge.
    BranchingEdge,
    /// Sheets that meet in one vertex only.
    PinchedVertex,
    /// Neighbours that do not agree which side is outside.
    FlippedEdge,
    /// Triangles without area.
    Degenerate,
    /// Triangles that pass through each other.
    Crossing,
    /// More than one piece.
    Pieces,
    /// Thinner than asked for.
    Thin,
    /// The surface as a whole points inward.
    InsideOut,
}

/// One fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// How many there are.
    pub count: usize,
    /// Where the first or worst is, LPS mm.
    pub place: Point,
    /// One sentence with count, size and place.
    pub words: String,
}

/// Crossing pairs that are counted at most.
const PAIRS_MAX: usize = 10_000;
/// Holes that get a sentence of their own.
const HOLES_SHOWN: usize = 5;

/// Look for everything a simulation or a printer stumbles over; walls thinner than `thin_mm` are told (0: not looked for).
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn check(surface: &Surface, thin_mm: f64, progress: &Progress) -> Result<Vec<Fault>, Cancelled> {
    let mut faults = Vec::new();
    let uses = uses(surface);
    progress.set(0.2)?;
    open_edges(&mut faults, surface, &uses);
    edges(&mut faults, surface, &uses);
    faults.extend(pinched(surface, &uses));
    progress.set(0.4)?;
    faults.extend(degenerate(surface));
    let pairs = crossing_pairs(surface, PAIRS_MAX, &progress.part(0.4..0.7, "crossings"))?;
    if let Some((_, place)) = pairs.first() {
        let (count, more) = (pairs.len(), if pairs.len() < PAIRS_MAX { "" } else { " or more" });
        let words =
            format!("{count}{more} pairs of triangles pass through each other, the first at {}", words_of(place));
        faults.push(Fault { kind: FaultKind::Crossing, count, place: *place, words });
    }
    faults.extend(pieces(surface));
    let closed = !faults.iter().any(|fault| fault.kind == FaultKind::Hole);
    if closed && surface.volume_ml() < 0.0 {
        let place = surface.bounds().centre();
        let words = "the surface is inside out: its triangles point inward".to_owned();
        faults.push(Fault { kind: FaultKind::InsideOut, count: 1, place, words });
    }
    if 0.0 < thin_mm && !surface.triangles().is_empty() {
        faults.extend(thin(surface, thin_mm, &progress.part(0.7..1.0, "thickness"))?);
    }
    Ok(faults)
}

fn words_of(place: &Point) -> String {
    format!("({:.1}, {:.1}, {:.1}) mm", place.x, place.y, place.z)
}

fn open_edges(faults: &mut Vec<Fault>, surface: &Surface, uses: &[Use]) {
    let mut loops: Vec<(f64, Point, usize)> = holes(uses)
        .iter()
        .map(|chain| {
            let at = |n: usize| surface.positions()[chain[n % chain.len()] as usize];
            let length: f64 = (0..chain.len()).map(|n| (at(n + 1) - at(n)).norm()).sum();
            let sum = (0..chain.len()).fold(nalgebra::Vector3::zeros(), |sum, n| sum + at(n).coords);
            (length, Point::from(sum / chain.len() as f64), chain.len())
        })
        .collect();
    loops.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (length, place, edges) in loops.iter().take(HOLES_SHOWN) {
        let words = format!("a hole of {edges} edges, {length:.1} mm around, at {}", words_of(place));
        faults.push(Fault { kind: FaultKind::Hole, count: 1, place: *place, words });
    }
    if let Some((length, place, _)) = loops.get(HOLES_SHOWN) {
        let count = loops.len() - HOLES_SHOWN;
        let words = format!("{count} more holes of at most {length:.1} mm around, the largest at {}", words_of(place));
        faults.push(Fault { kind: FaultKind::Hole, count, place: *place, words });
    }
}

fn edges(faults: &mut Vec<Fault>, surface: &Surface, uses: &[Use]) {
    let runs = || uses.chunk_by(|a, b| a.0 == b.0);
    let middle = |run: &[Use]| {
        let [a, b] = run[0].0.map(|v| surface.positions()[v as usize]);
        nalgebra::center(&a, &b)
    };
    let mut tell = |kind, what: &str, test: &dyn Fn(&[Use]) -> bool| {
        let count = runs().filter(|run| test(run)).count();
        if let Some(first) = runs().find(|run| test(run)) {
            let place = middle(first);
            let words = format!("{count} {what}, the first at {}", words_of(&place));
            faults.push(Fault { kind, count, place, words });
        }
    };
    tell(FaultKind::BranchingEdge, "edges with more than two triangles (non-manifold)", &|run| 2 < run.len());
    tell(FaultKind::FlippedEdge, "edges whose two triangles do not agree which side is outside", &|run| {
        run.len() == 2 && run[0].2 == run[1].2
    });
}

/// Vertices whose triangles fall into more than one fan.
fn pinched(surface: &Surface, uses: &[Use]) -> Option<Fault> {
    // Each corner of a triangle is a node; those at the same vertex beside the same edge hang together.
    let mut parent: Vec<u32> = (0..3 * surface.triangles().len() as u32).collect();
    let corner = |triangle: u32, vertex: u32| {
        let corners = surface.triangles()[triangle as usize];
        3 * triangle + corners.iter().position(|v| *v == vertex).expect("an end of an edge of the triangle") as u32
    };
    for run in uses.chunk_by(|a, b| a.0 == b.0) {
        for other in &run[1..] {
            for vertex in run[0].0 {
                let (a, b) = (root(&mut parent, corner(run[0].1, vertex)), root(&mut parent, corner(other.1, vertex)));
                parent[a.max(b) as usize] = a.min(b);
            }
        }
    }
    let mut fans = vec![0_u32; surface.positions().len()];
    for (n, triangle) in surface.triangles().iter().enumerate() {
        let [a, b, c] = *triangle;
        for (side, vertex) in triangle.iter().enumerate().filter(|_| a != b && b != c && c != a) {
            fans[*vertex as usize] +=
                u32::from(root(&mut parent, 3 * n as u32 + side as u32) == 3 * n as u32 + side as u32);
        }
    }
    let first = fans.iter().position(|count| 1 < *count)?;
    let (count, place) = (fans.iter().filter(|count| 1 < **count).count(), surface.positions()[first]);
    let words = format!(
        "{count} vertices where sheets meet in a single point (non-manifold), the first at {}",
        words_of(&place)
    );
    Some(Fault { kind: FaultKind::PinchedVertex, count, place, words })
}

/// Whether a triangle has two equal corners or hardly any area for its length.
pub(super) fn is_degenerate(surface: &Surface, triangle: [u32; 3]) -> bool {
    let [a, b, c] = surface.corners(triangle);
    let longest = (b - a).norm().max((c - b).norm()).max((a - c).norm());
    (b - a).cross(&(c - a)).norm() <= 1e-9 * longest * longest
}

fn degenerate(surface: &Surface) -> Option<Fault> {
    let flat = || surface.triangles().iter().filter(|t| is_degenerate(surface, **t));
    let place = *surface.corners(*flat().next()?)[0];
    let count = flat().count();
    let words = format!("{count} triangles without area, the first at {}", words_of(&place));
    Some(Fault { kind: FaultKind::Degenerate, count, place, words })
}

fn pieces(surface: &Surface) -> Option<Fault> {
    let (number, count) = components(surface.positions().len(), surface.triangles());
    if count < 2 {
        return None;
    }
    let mut area: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
    for triangle in surface.triangles() {
        let [a, b, c] = surface.corners(*triangle);
        let entry = area.entry(number[triangle[0] as usize]).or_insert((0.0, triangle[0]));
        entry.0 += 0.5 * (b - a).cross(&(c - a)).norm();
    }
    let (smallest, vertex) = area.values().copied().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let place = surface.positions()[vertex as usize];
    let words = format!("{count} separate pieces, the smallest of {smallest:.1} mm² at {}", words_of(&place));
    Some(Fault { kind: FaultKind::Pieces, count, place, words })
}

fn thin(surface: &Surface, thin_mm: f64, progress: &Progress) -> Result<Option<Fault>, Cancelled> {
    let field = thickness(surface, 4.0 * thin_mm, progress)?;
    let count = field.values.iter().filter(|mm| **mm < thin_mm).count();
    let thinnest = field.values.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    Ok(thinnest.filter(|(_, mm)| *mm < thin_mm).map(|(vertex, mm)| {
        let place = surface.positions()[vertex];
        let percent = 100.0 * count as f64 / field.values.len() as f64;
        let words = format!(
            "walls thinner than {thin_mm} mm at {percent:.1} % of the vertices, the thinnest {mm:.2} mm at {}",
            words_of(&place)
        );
        Fault { kind: FaultKind::Thin, count, place, words }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::arrange::append;
    use crate::mesh::shapes::{ball, cuboid};

    fn kinds(surface: &Surface) -> Vec<FaultKind> {
        check(surface, 0.0, &Progress::default()).unwrap().iter().map(|fault| fault.kind).collect()
    }

    #[test]
    fn a_sound_ball_has_no_fault_and_each_wound_its_own() {
        let ball = ball(10.0, 1.0);
        assert_eq!(kinds(&ball), []);
        assert_eq!(kinds(&ball.with_triangles(&ball.triangles()[1..])), [FaultKind::Hole]);
        let turned: Vec<[u32; 3]> = ball.triangles().iter().map(|[a, b, c]| [*a, *c, *b]).collect();
        assert_eq!(kinds(&ball.with_triangles(&turned)), [FaultKind::InsideOut]);
        let mut one = ball.triangles().to_vec();
        one[7].swap(0, 1);
        assert_eq!(kinds(&ball.with_triangles(&one)), [FaultKind::FlippedEdge]);
        let mut flat = ball.triangles().to_vec();
        flat.push([1, 1, 2]);
        assert_eq!(kinds(&ball.with_triangles(&flat)), [FaultKind::Degenerate]);
    }

    #[test]
    fn holes_are_told_with_length_and_place() {
        let cube = cuboid([2.0; 3]);
        let faults = check(&cube.with_triangles(&cube.triangles()[2..]), 0.0, &Progress::default()).unwrap();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].words, "a hole of 4 edges, 8.0 mm around, at (1.0, 1.0, 0.0) mm");
    }

    #[test]
    fn bodies_that_cross_or_touch_in_a_point_are_found() {
        let cube = cuboid([2.0; 3]);
        let moved = |by: [f64; 3]| {
            let positions = cube.positions().iter().map(|p| p + Vector::from(by)).collect();
            cube.with_positions(positions).unwrap()
        };
        let crossing = append(&[cube.clone(), moved([0.7, 0.8, 0.9])]).unwrap();
        assert_eq!(kinds(&crossing), [FaultKind::Crossing, FaultKind::Pieces]);
        assert_eq!(kinds(&append(&[cube.clone(), moved([5.0, 0.0, 0.0])]).unwrap()), [FaultKind::Pieces]);
        // The far corner of the one is the near corner of the other, or a whole edge is.
        let join = |by: [f64; 3]| {
            let both = append(&[cube.clone(), moved(by)]).unwrap();
            let corners: Vec<Point> = both.triangles().iter().flat_map(|t| both.corners(*t)).copied().collect();
            crate::mesh::weld(&corners).unwrap()
        };
        assert_eq!(kinds(&join([2.0, 2.0, 2.0])), [FaultKind::PinchedVertex]);
        assert_eq!(kinds(&join([2.0, 2.0, 0.0])), [FaultKind::BranchingEdge]);
    }

    #[test]
    fn thin_walls_are_told_with_their_thickness() {
        let faults = check(&cuboid([20.0, 20.0, 1.0]), 1.5, &Progress::default()).unwrap();
        assert!(faults.is_empty() || faults[0].kind == FaultKind::Thin, "{faults:?}");
        let plate =
            crate::mesh::solid::shell(&cuboid([20.0, 20.0, 1.0]), None, 0.0, 0.25, &Progress::default()).unwrap();
        let faults = check(&plate, 1.5, &Progress::default()).unwrap();
        assert_eq!(faults.iter().map(|f| f.kind).collect::<Vec<_>>(), [FaultKind::Thin]);
        assert!(faults[0].words.starts_with("walls thinner than 1.5 mm"), "{}", faults[0].words);
    }
}
