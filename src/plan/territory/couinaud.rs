//! The liver's segments I to VIII from planes through its vessels.

use super::TerritoryError;
use crate::geom::{Plane, Point, Vector};
use crate::image::Volume;
use crate::mesh::CentreLines;
use crate::plan::resection::{Layer, Organ};
use rayon::prelude::*;
use std::sync::Arc;

/// Names of the segments; the label of a segment is its place here and 1 more.
pub const NAMES: [&str; 8] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"];

/// Joins with less than this part of a tree are side branches, not a division of its trunk.
const DIVIDES: f64 = 0.15;

/// Where the vessels lie that divide a liver.
#[derive(Debug, Clone, PartialEq)]
pub struct Landmarks {
    /// Where the portal vein parts into right and left.
    pub bifurcation: Point,
    /// End of the transverse part of the left portal vein, where it turns into the umbilical fissure.
    pub umbilical: Point,
    /// The vena cava behind the liver, from caudal to cranial.
    pub cava: [Point; 2],
    /// Points along the right, middle and left hepatic vein.
    pub veins: [Vec<Point>; 3],
    /// The bed of the gallbladder: with the vena cava it makes the middle plane (Cantlie's line) where no point of the middle
    /// vein is known.
    pub gallbladder: Option<Point>,
}

/// The planes between the segments.
///
/// Couinaud 1957 ("Le foie"), as Bismuth 1982 (World J Surg 6:3) describes it for surgeons: three upright planes through the
/// vena cava and the right, the middle hepatic vein and the umbilical fissure, and a transverse one through the portal
/// vein's division; left of the fissure the transverse plane lies at the umbilical part of the left portal vein. Segment I
/// lies behind the plane of the portal division, the umbilical part and the mouth of the hepatic veins, between the vena
/// cava and the fissure. Real borders are not flat.
#[derive(Debug, Clone, PartialEq)]
pub struct Couinaud {
    /// Positive right of the right hepatic vein.
    right: Plane,
    /// Positive right of the middle hepatic vein.
    middle: Plane,
    /// Positive left of the umbilical fissure.
    fissure: Plane,
    /// Positive above the division of the portal vein.
    above: Plane,
    /// Positive above the umbilical part.
    above_left: Plane,
    /// Positive behind the portal vein, and left of the way from there to the vena cava.
    behind: [Plane; 2],
}

impl Couinaud {
    /// The planes of a liver.
    ///
    /// # Errors
    /// [`TerritoryError::Landmark`] if landmarks are missing or coincide.
    pub fn of(marks: &Landmarks) -> Result<Self, TerritoryError> {
        let missing = |what, wish| TerritoryError::Landmark { what, wish };
        let Landmarks { bifurcation, umbilical, cava: [low, high], veins, gallbladder } = marks;
        let up = (high - low).try_normalize(1e-6);
        let up = up.ok_or(missing("the direction of the vena cava", "give two places of it apart from each other"))?;
        // Patient's right is −x in LPS.
        let upright = |to: Vector, what| {
            let across = up.cross(&to);
            let plane = Plane::new(*low, if across.x < 0.0 { across } else { -across });
            plane.ok_or(missing(what, "it must not lie in the vena cava"))
        };
        let towards = |points: &[Point]| -> Vector { points.iter().map(|point| point - low).sum() };
        let right = upright(towards(&veins[0]), "the right hepatic vein")?;
        let middle = match gallbladder.filter(|_| veins[1].is_empty()) {
            Some(bed) => upright(bed - low, "the bed of the gallbladder")?,
            None => upright(towards(&veins[1]), "the middle hepatic vein")?,
        };
        let fissure = flipped(&upright(umbilical - low, "the umbilical part of the left portal vein")?);
        let level = |at: &Point| Plane::new(*at, up).expect("up has a direction");
        let mouth = high;
        let cava_beside = low + up * (bifurcation - low).dot(&up);
        let back = Plane::new(*bifurcation, (umbilical - bifurcation).cross(&(mouth - bifurcation)));
        let back = back.ok_or(missing("the umbilical part", "it must lie beside the portal vein's division"))?;
        let back = if back.distance_mm(&cava_beside) < 0.0 { flipped(&back) } else { back };
        let beside = flipped(&upright(bifurcation - low, "the division of the portal vein")?);
        let (above, above_left) = (level(bifurcation), level(umbilical));
        Ok(Self { right, middle, fissure, above, above_left, behind: [back, beside] })
    }

    /// The plane between right and left liver, positive to the right.
    pub fn middle(&self) -> &Plane {
        &self.middle
    }

    /// The label of the segment a place belongs to, 1 to 8.
    pub fn segment(&self, point: &Point) -> u8 {
        let beyond = |plane: &Plane| 0.0 <= plane.distance_mm(point);
        let is_left = beyond(&self.fissure);
        if !is_left && self.behind.iter().all(beyond) {
            return 1;
        }
        match (beyond(&self.middle), is_left) {
            (true, _) => match (beyond(&self.right), beyond(&self.above)) {
                (true, true) => 7,
                (true, false) => 6,
                (false, true) => 8,
                (false, false) => 5,
            },
            (false, true) => 2 + u8::from(!beyond(&self.above_left)),
            (false, false) => 4,
        }
    }

    /// The segment of every voxel of a liver, 0 outside.
    pub fn labels(&self, liver: &Organ) -> Volume<u8> {
        let grid = liver.grid();
        let mut voxels = vec![0_u8; grid.len()];
        let slice = grid.dims()[0] * grid.dims()[1];
        voxels.par_chunks_mut(slice).enumerate().for_each(|(k, slice)| {
            for (brick, plane) in liver.bricks_of_slice(k) {
                let mut word = liver.words(brick)[Layer::Organ as usize] >> (16 * plane) & 0xFFFF;
                while word != 0 {
                    let [i, j, _] = liver.voxel(brick, word.trailing_zeros() as usize);
                    slice[j * grid.dims()[0] + i] = self.segment(&grid.centre([i, j, k]));
                    word &= word - 1;
                }
            }
        });
        Volume::new(Arc::clone(grid), voxels).expect("one label per voxel")
    }

    /// The segment that each branch of a portal tree ends in: with territories these make segments that follow the vessels
    /// (Selle et al. 2002, IEEE TMI 21:1344).
    pub fn of_branches(&self, portal: &CentreLines) -> Vec<u8> {
        let end = |n: usize| portal.branches()[n].points.last().map_or(0, |end| self.segment(end));
        (0..portal.branches().len()).map(end).collect()
    }
}

fn flipped(plane: &Plane) -> Plane {
    Plane::new(plane.point, -plane.normal()).expect("it had a direction")
}

/// Landmarks told from the trees themselves: where their trunks divide, and which part lies right or left.
///
/// `portal` starts at its trunk, `hepatic` where the veins meet the vena cava. The cava is given by two places of it, caudal
/// first; the upper one at the mouth of the hepatic veins.
///
/// # Errors
/// [`TerritoryError::Landmark`] where a tree does not divide as it should.
pub fn landmarks(portal: &CentreLines, hepatic: &CentreLines, cava: [Point; 2]) -> Result<Landmarks, TerritoryError> {
    let missing = |what, wish| TerritoryError::Landmark { what, wish };
    let portal = Tree::of(portal);
    let trunk = portal.roots().into_iter().max_by(|a, b| portal.beyond_mm[*a].total_cmp(&portal.beyond_mm[*b]));
    let divided = trunk.and_then(|trunk| portal.division(trunk));
    let (at, parts) = divided.ok_or(missing("the division of the portal vein", "find more branches of it"))?;
    let left = parts.into_iter().max_by(|a, b| portal.middle_x(*a).total_cmp(&portal.middle_x(*b)));
    let left = left.ok_or(missing("the left portal vein", "find more branches of it"))?;
    let turn = portal.division(left).map_or(left, |(at, _)| at);
    let hepatic = Tree::of(hepatic);
    let mut groups = hepatic.roots();
    while groups.len() < 3 {
        // The largest that still divides.
        let parted = |n: &usize| hepatic.division(groups[*n]).is_some();
        let largest = (0..groups.len())
            .filter(parted)
            .max_by(|a, b| hepatic.beyond_mm[groups[*a]].total_cmp(&hepatic.beyond_mm[groups[*b]]));
        let largest = largest.ok_or(missing("three hepatic veins", "find more branches of them"))?;
        let whole = groups.swap_remove(largest);
        groups.extend(hepatic.division(whole).map(|(_, parts)| parts).unwrap_or_default());
    }
    groups.sort_by(|a, b| hepatic.beyond_mm[*b].total_cmp(&hepatic.beyond_mm[*a]).then(a.cmp(b)));
    groups.truncate(3);
    groups.sort_by(|a, b| hepatic.middle_x(*a).total_cmp(&hepatic.middle_x(*b)));
    let veins = [0, 1, 2].map(|n| hepatic.points(groups[n]));
    Ok(Landmarks { bifurcation: portal.end(at), umbilical: portal.end(turn), cava, veins, gallbladder: None })
}

/// The middle of a vena cava, which fills voxels `step_mm` large about these `places`, at two heights.
pub fn cava_between(places: &[Point], step_mm: f64, heights: [f64; 2]) -> [Point; 2] {
    heights.map(|z| {
        let off = |place: &Point| (place.z - z).abs();
        let nearest_mm = places.iter().map(off).fold(f64::INFINITY, f64::min);
        let level: Vec<&Point> = places.iter().filter(|place| off(place) <= nearest_mm + step_mm).collect();
        Point::from(level.iter().map(|place| place.coords).sum::<Vector>() / level.len().max(1) as f64)
    })
}

/// A tree with what lies beyond each branch.
struct Tree<'a> {
    lines: &'a CentreLines,
    children: Vec<Vec<usize>>,
    /// Length of a branch and all that grows from it.
    beyond_mm: Vec<f64>,
}

impl<'a> Tree<'a> {
    fn of(lines: &'a CentreLines) -> Self {
        let branches = lines.branches();
        let mut children = vec![Vec::new(); branches.len()];
        let mut beyond_mm: Vec<f64> = branches.iter().map(|branch| branch.length_mm()).collect();
        for (n, branch) in branches.iter().enumerate().rev() {
            if let Some(parent) = branch.parent {
                beyond_mm[parent] += beyond_mm[n];
                children[parent].insert(0, n);
            }
        }
        Self { lines, children, beyond_mm }
    }

    fn roots(&self) -> Vec<usize> {
        (0..self.children.len()).filter(|n| self.lines.branches()[*n].parent.is_none()).collect()
    }

    fn end(&self, branch: usize) -> Point {
        let points = &self.lines.branches()[branch].points;
        points[points.len() - 1]
    }

    /// The branch at whose end the trunk from `from` parts into large parts, and those parts.
    fn division(&self, from: usize) -> Option<(usize, Vec<usize>)> {
        let mut at = from;
        loop {
            let children = &self.children[at];
            let all_mm: f64 = children.iter().map(|child| self.beyond_mm[*child]).sum();
            let large: Vec<usize> =
                children.iter().copied().filter(|child| DIVIDES * all_mm <= self.beyond_mm[*child]).collect();
            match large.as_slice() {
                [] => return None,
                [only] => at = *only,
                _ => return Some((at, large)),
            }
        }
    }

    fn points(&self, branch: usize) -> Vec<Point> {
        let mut points = self.lines.branches()[branch].points.clone();
        for child in &self.children[branch] {
            points.extend(self.points(*child));
        }
        points
    }

    fn middle_x(&self, branch: usize) -> f64 {
        let points = self.points(branch);
        points.iter().map(|point| point.x).sum::<f64>() / points.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::mesh::CentreBranch;

    fn branch(parent: Option<usize>, points: &[[f64; 3]]) -> CentreBranch {
        let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
        CentreBranch { parent, radii_mm: vec![2.0; points.len()], points }
    }

    /// Trees as in a book: the cava behind, veins that fan out forwards, the portal vein in the middle.
    fn book() -> (CentreLines, CentreLines, [Point; 2]) {
        let portal = CentreLines::new(vec![
            branch(None, &[[0.0, 5.0, -40.0], [0.0, 0.0, 0.0]]),
            branch(Some(0), &[[0.0, 0.0, 0.0], [-40.0, 0.0, 0.0]]),
            branch(Some(0), &[[0.0, 0.0, 0.0], [35.0, -15.0, 5.0]]),
            branch(Some(1), &[[-40.0, 0.0, 0.0], [-60.0, -20.0, 30.0]]),
            branch(Some(1), &[[-40.0, 0.0, 0.0], [-60.0, 10.0, -30.0]]),
            branch(Some(2), &[[35.0, -15.0, 5.0], [60.0, -15.0, 25.0]]),
            branch(Some(2), &[[35.0, -15.0, 5.0], [62.0, -40.0, -15.0]]),
        ])
        .unwrap();
        let mouth = [0.0, 30.0, 50.0];
        let hepatic = CentreLines::new(vec![
            branch(None, &[mouth, [-60.0, 10.0, 20.0]]),
            branch(None, &[mouth, [2.0, 10.0, 40.0]]),
            branch(Some(1), &[[2.0, 10.0, 40.0], [-12.0, -40.0, 0.0]]),
            branch(Some(1), &[[2.0, 10.0, 40.0], [50.0, -20.0, 10.0]]),
        ])
        .unwrap();
        (portal, hepatic, [Point::new(0.0, 30.0, -60.0), Point::from(mouth)])
    }

    #[test]
    fn places_as_in_a_book_are_named_as_there() {
        let (portal, hepatic, cava) = book();
        let marks = landmarks(&portal, &hepatic, cava).unwrap();
        assert_eq!((marks.bifurcation, marks.umbilical), (Point::origin(), Point::new(35.0, -15.0, 5.0)));
        let planes = Couinaud::of(&marks).unwrap();
        for (at, name) in [
            ([5.0, 22.0, 10.0], "I"),
            ([60.0, -10.0, 30.0], "II"),
            ([55.0, -40.0, -20.0], "III"),
            ([10.0, -40.0, 5.0], "IV"),
            ([-35.0, -40.0, -30.0], "V"),
            ([-60.0, 30.0, -30.0], "VI"),
            ([-60.0, 30.0, 30.0], "VII"),
            ([-35.0, -40.0, 30.0], "VIII"),
        ] {
            assert_eq!(NAMES[usize::from(planes.segment(&Point::from(at))) - 1], name, "{at:?}");
        }
        assert_eq!(planes.of_branches(&portal)[3..], [8, 6, 2, 3]);
        // Without the middle vein, Cantlie's line parts V from IV; without either there is no middle.
        let mut without = marks.clone();
        without.veins[1].clear();
        assert!(Couinaud::of(&without).unwrap_err().to_string().contains("the middle hepatic vein is missing"));
        without.gallbladder = Some(Point::new(-12.0, -45.0, -30.0));
        let planes = Couinaud::of(&without).unwrap();
        let [right, left] = [-30.0, 5.0].map(|x| planes.segment(&Point::new(x, -40.0, -30.0)));
        assert_eq!([right, left], [5, 4]);
    }

    #[test]
    fn every_voxel_of_a_liver_has_one_segment() {
        let (portal, hepatic, cava) = book();
        let planes = Couinaud::of(&landmarks(&portal, &hepatic, cava).unwrap()).unwrap();
        let grid = Grid::aligned([50, 30, 36], Point::new(-75.0, -45.0, -52.0), [3.0; 3]).unwrap();
        let mask = Volume::new(grid.clone(), vec![1; grid.len()]).unwrap();
        let labels = planes.labels(&Organ::of(&mask).unwrap());
        let counts: Vec<usize> = (0..9).map(|n| labels.voxels().iter().filter(|v| **v == n).count()).collect();
        assert_eq!(counts[0], 0);
        assert!(counts[1..].iter().all(|n| 100 < *n), "{counts:?}");
    }

    #[test]
    fn a_tree_that_does_not_divide_is_told() {
        let (_, hepatic, cava) = book();
        let one = CentreLines::new(vec![branch(None, &[[0.0; 3], [1.0; 3]])]).unwrap();
        assert!(landmarks(&one, &hepatic, cava).unwrap_err().to_string().contains("division of the portal vein"));
        assert!(landmarks(&book().0, &one, cava).unwrap_err().to_string().contains("three hepatic veins"));
    }
}
