//! The first cut of an operation on a liver, from its procedure and from the anatomy that is there. A hand moves it then.

use super::Template;
use crate::geom::{Plane, Point, Vector};
use crate::mesh::CentreLines;
use crate::plan::score::{Body, Solid};
use crate::plan::territory::{Couinaud, Landmarks, NAMES, cava_between, landmarks};
use crate::plan::{Action, Cut, CutShape, NamedAction};

/// Width of what an instrument destroys, as a new cut has it.
const WIDTH_MM: f64 = 2.0;
/// A ball is opened to the surface where its middle lies no deeper than this part of its radius; deeper ones would leave a roof.
const OPEN: f64 = 0.7;
/// How steeply the sides of a wedge open towards the surface.
const OPENING_DEGREES: f64 = 20.0;
/// Directions in which the nearest surface is looked for.
const DIRECTIONS: usize = 400;
/// Two places of the vena cava nearer to each other than this tell no direction.
const CAVA_MM_MIN: f64 = 20.0;

const BISMUTH: &str = "Bismuth 1982, World J Surg 6:3";

/// What a proposal is made from.
#[derive(Debug, Clone, Copy)]
pub struct Anatomy<'a> {
    /// The liver.
    pub organ: &'a Body,
    /// What is taken away with these margins in mm.
    pub targets: &'a [(&'a Body, f64)],
    /// The vena cava behind the liver.
    pub cava: Option<&'a Body>,
    /// The gallbladder.
    pub gallbladder: Option<&'a Body>,
    /// The portal vein from its trunk.
    pub portal: Option<&'a CentreLines>,
    /// The hepatic veins from where they meet the vena cava.
    pub hepatic: Option<&'a CentreLines>,
    /// How far edges may lie from the true ones beyond what voxels tell, mm.
    pub edge_mm: f64,
}

/// What is proposed, and a sentence for each cut that says where it comes from.
type Proposal = (Vec<NamedAction>, Vec<String>);

impl Template {
    /// Whether a first cut can be proposed.
    pub fn proposes(self) -> bool {
        matches!(self, Self::LiverWedge | Self::LiverSegment | Self::RightHepatectomy | Self::LeftHepatectomy)
    }

    /// The first cuts of the procedure; none for one that begins with nothing. `segments` are the segments of Couinaud that
    /// are taken, 1 to 8; the one that the first target lies in if none is given.
    ///
    /// # Errors
    /// A sentence that says what lacks and what to segment first.
    pub fn propose(self, anatomy: &Anatomy<'_>, segments: &[u8]) -> Result<Proposal, String> {
        let organ = anatomy.organ.solid.as_ref().ok_or_else(|| {
            format!("{} is no segment, so no cut can be proposed; choose a segment as the organ", anatomy.organ.name)
        })?;
        match self {
            Self::LiverWedge => wedges(anatomy, organ),
            Self::LiverSegment => of_segments(anatomy, organ, segments),
            Self::RightHepatectomy => half(anatomy, organ, true),
            Self::LeftHepatectomy => half(anatomy, organ, false),
            _ => Ok((Vec::new(), Vec::new())),
        }
    }
}

/// The segments of Couinaud in a text such as `VI, VII` or `6,7`.
///
/// # Errors
/// A sentence that names what is none.
pub fn segments_in(text: &str) -> Result<Vec<u8>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let segment = |part: &str| {
        let by_name = NAMES.iter().position(|name| name.eq_ignore_ascii_case(part)).map(|n| n as u8 + 1);
        let number = part.parse::<u8>().ok().filter(|n| (1..=NAMES.len() as u8).contains(n));
        by_name
            .or(number)
            .ok_or_else(|| format!("'{part}' is no segment of Couinaud; give I to VIII, with commas between several"))
    };
    parts.map(segment).collect()
}

fn cut(name: impl Into<String>, shape: CutShape) -> NamedAction {
    NamedAction { name: name.into(), action: Action::Cut(Cut { shape, width_mm: WIDTH_MM }) }
}

fn plane_cut(name: &str, plane: &Plane) -> NamedAction {
    let shape = CutShape::Plane { point: plane.point.into(), normal: plane.normal().into() };
    cut(name, shape)
}

/// About every target a ball that is open to the surface, or a wedge where it lies deep.
fn wedges(anatomy: &Anatomy<'_>, organ: &Solid) -> Result<Proposal, String> {
    if anatomy.targets.is_empty() {
        return Err(
            "a wedge is cut about a target, and there is none; segment the tumour first, or name the targets".into()
        );
    }
    let (mut actions, mut said) = (Vec::new(), Vec::new());
    for (target, margin_mm) in anatomy.targets {
        let name = &target.name;
        if target.is_empty() {
            return Err(format!(
                "{name} is empty, so nothing can be cut about it; segment it again, or name another target"
            ));
        }
        let middle = target.middle();
        let reach_mm = target.border.iter().map(|(at, radius)| (at - middle).norm() + radius).fold(0.0, f64::max);
        // The margin is kept with its bounds.
        let doubt_mm = target.solid.as_ref().map_or(0.0, Solid::half_mm) + anatomy.edge_mm;
        let radius_mm = reach_mm + doubt_mm + margin_mm + 0.5 * WIDTH_MM;
        let (towards, depth_mm) = nearest_surface(organ, &middle);
        let depth = format!("{depth_mm:.0}");
        if depth_mm <= OPEN * radius_mm {
            let shape = CutShape::Sphere { centre: middle.into(), radius_mm };
            actions.push(cut(format!("wedge, {name}"), shape));
            said.push(format!(
                "First cut: a ball about {name} with its margin, open to the surface {depth} mm from its middle."
            ));
        } else {
            let shape = CutShape::Wedge { planes: frustum(&middle, &towards, radius_mm) };
            actions.push(cut(format!("wedge, {name}"), shape));
            said.push(format!(
                "First cut: a wedge about {name} with its margin, open to the nearest surface {depth} mm from its middle."
            ));
        }
    }
    Ok((actions, said))
}

/// Four planes that open towards the surface and one beneath, each as far from the middle as the ball's radius.
fn frustum(middle: &Point, towards: &Vector, radius_mm: f64) -> Vec<[[f64; 3]; 2]> {
    let plane = Plane::new(*middle, *towards).expect("a direction");
    let [a, b] = plane.across();
    let (sin, cos) = OPENING_DEGREES.to_radians().sin_cos();
    let sides = [a, -a, b, -b].map(|side| towards * sin - side * cos);
    let normals = sides.into_iter().chain([*towards]);
    normals.map(|normal| [(middle - normal * radius_mm).into(), normal.into()]).collect()
}

/// The direction in which the last of the organ is nearest to a place, and how far that is. Holes for vessels and tumours are
/// no surface.
fn nearest_surface(organ: &Solid, middle: &Point) -> (Vector, f64) {
    let grid = organ.grid();
    let step_mm = 0.5 * grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let far_mm = grid.bounds().size().norm();
    let depth = |way: &Vector| {
        let steps = (far_mm / step_mm) as usize;
        let last = (0..=steps).rev().find(|n| organ.holds(&(middle + way * (*n as f64 * step_mm))));
        last.map_or(0.0, |n| (n as f64 + 1.0) * step_mm)
    };
    // Evenly over the ball, along a spiral of the golden angle.
    let turn = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    let ways = (0..DIRECTIONS).map(|n| {
        let z = 1.0 - (2.0 * n as f64 + 1.0) / DIRECTIONS as f64;
        let (sin, cos) = (turn * n as f64).sin_cos();
        let r = (1.0 - z * z).sqrt();
        Vector::new(r * cos, r * sin, z)
    });
    let found = ways.map(|way| (way, depth(&way)));
    found.min_by(|(_, a), (_, b)| a.total_cmp(b)).expect("there are directions")
}

/// The centre lines and the vena cava tell where the vessels divide.
fn marks(anatomy: &Anatomy<'_>, organ: &Solid) -> Result<Landmarks, String> {
    let portal = anatomy.portal.ok_or(
        "segments of the liver are told by its vessels, and there are no centre lines of the portal vein; segment the portal vein \
         and find its centre lines first",
    )?;
    let hepatic = anatomy.hepatic.ok_or(
        "segments of the liver are told by its vessels, and there are no centre lines of the hepatic veins; segment the hepatic \
         veins and find their centre lines first",
    )?;
    let roots: Vec<&Point> = hepatic
        .branches()
        .iter()
        .filter(|branch| branch.parent.is_none())
        .filter_map(|branch| branch.points.first())
        .collect();
    let mouth_z = roots.iter().map(|root| root.z).sum::<f64>() / roots.len().max(1) as f64;
    let cava = cava_ends(anatomy, organ, mouth_z)?;
    landmarks(portal, hepatic, cava).map_err(|error| error.to_string())
}

/// The vena cava at the lower end of the liver and at the height `top_z`.
fn cava_ends(anatomy: &Anatomy<'_>, organ: &Solid, top_z: f64) -> Result<[Point; 2], String> {
    let lacks = "segments of the liver are told by its vessels, and there is no vena cava; segment the inferior vena cava behind \
                 the liver first";
    let cava = anatomy.cava.and_then(|cava| cava.solid.as_ref()).filter(|cava| 0 < cava.count()).ok_or(lacks)?;
    let places: Vec<Point> = centres(cava).collect();
    let step_mm = cava.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let low_z = centres(organ).map(|at| at.z).fold(f64::INFINITY, f64::min);
    let ends = cava_between(&places, step_mm, [low_z, top_z]);
    let long_mm = ends[1].z - ends[0].z;
    if long_mm < CAVA_MM_MIN {
        return Err(format!(
            "the vena cava goes {long_mm:.0} mm upwards along the liver, and {CAVA_MM_MIN} mm of it are needed; segment more of it"
        ));
    }
    Ok(ends)
}

fn centres(solid: &Solid) -> impl Iterator<Item = Point> + '_ {
    solid.voxels().map(|voxel| solid.grid().centre(voxel))
}

fn mean(places: impl Iterator<Item = Point>) -> Option<Point> {
    let (sum, count) = places.fold((Vector::zeros(), 0.0), |(sum, count), at| (sum + at.coords, count + 1.0));
    (0.0 < count).then(|| Point::from(sum / count))
}

/// All that hangs on the branches of the portal vein that end in the segments.
fn of_segments(anatomy: &Anatomy<'_>, organ: &Solid, segments: &[u8]) -> Result<Proposal, String> {
    let marks = marks(anatomy, organ)?;
    let planes = Couinaud::of(&marks).map_err(|error| error.to_string())?;
    let portal = anatomy.portal.expect("landmarks were found on it");
    let mut wanted = segments.to_vec();
    if wanted.is_empty() {
        let (target, _) = anatomy
            .targets
            .first()
            .ok_or("no segment is chosen and no target tells one; give the segments, or segment the tumour first")?;
        wanted.push(planes.segment(&target.middle()));
    }
    let list: Vec<&str> = (0..NAMES.len()).filter(|n| wanted.contains(&(*n as u8 + 1))).map(|n| NAMES[n]).collect();
    let list = list.join(", ");
    let of_branches = planes.of_branches(portal);
    let parent = |n: usize| portal.branches()[n].parent;
    // A branch is taken with all that grows from it, so all of that must end there.
    let mut whole: Vec<bool> = of_branches.iter().map(|segment| wanted.contains(segment)).collect();
    for n in (0..whole.len()).rev() {
        if let Some(parent) = parent(n).filter(|_| !whole[n]) {
            whole[parent] = false;
        }
    }
    let branches: Vec<usize> =
        (0..whole.len()).filter(|n| whole[*n] && parent(*n).is_none_or(|parent| !whole[parent])).collect();
    if branches.is_empty() {
        return Err(format!(
            "no branch of the portal vein ends in segment {list}; look at its centre lines, or find more branches of it"
        ));
    }
    let said = format!(
        "First cut: the territories of the portal branches that end in segment {list} by the planes of {BISMUTH}."
    );
    Ok((vec![cut(format!("segment {list}"), CutShape::Territories { branches })], vec![said]))
}

/// The plane between right and left liver: through the vena cava and the middle hepatic vein, or the gallbladder, or the middle
/// of the organ where neither is known.
fn half(anatomy: &Anatomy<'_>, organ: &Solid, is_right: bool) -> Result<Proposal, String> {
    let (plane, said) = middle_plane(anatomy, organ)?;
    let plane = if is_right { plane } else { Plane::new(plane.point, -plane.normal()).expect("it had a direction") };
    let name = if is_right { "right hemihepatectomy" } else { "left hemihepatectomy" };
    Ok((vec![plane_cut(name, &plane)], vec![said]))
}

/// Positive to the patient's right.
fn middle_plane(anatomy: &Anatomy<'_>, organ: &Solid) -> Result<(Plane, String), String> {
    if anatomy.portal.is_some()
        && let Ok(marks) = marks(anatomy, organ)
        && let Ok(planes) = Couinaud::of(&marks)
    {
        let said = format!("First cut: through the vena cava and the middle hepatic vein, as {BISMUTH}, describes it.");
        return Ok((near(planes.middle(), organ)?, said));
    }
    let bed = anatomy.gallbladder.and_then(|body| body.solid.as_ref()).and_then(|solid| mean(centres(solid)));
    let top_z = centres(organ).map(|at| at.z).fold(f64::NEG_INFINITY, f64::max);
    if let Some(bed) = bed
        && let Ok([low, high]) = cava_ends(anatomy, organ, top_z)
    {
        let across = (high - low).cross(&(bed - low));
        // Patient's right is −x.
        let across = if across.x < 0.0 { across } else { -across };
        if let Some(plane) = Plane::new(low, across) {
            let said = "First cut: through the vena cava and the gallbladder (Cantlie's line); the middle hepatic vein is not known, \
                        so move the cut beside it.";
            return Ok((near(&plane, organ)?, said.into()));
        }
    }
    let middle = mean(centres(organ)).ok_or_else(|| format!("{} is empty; segment it again", anatomy.organ.name))?;
    let plane = Plane::new(middle, -Vector::x()).expect("a direction");
    let said = "First cut: straight through the middle of the organ, for neither its veins nor the vena cava and the gallbladder \
                are known; move it, or segment these first.";
    Ok((plane, said.into()))
}

/// The same plane with its point in the middle of the organ, where its handle is looked for.
fn near(plane: &Plane, organ: &Solid) -> Result<Plane, String> {
    let middle = mean(centres(organ)).ok_or("the organ is empty; segment it again")?;
    let foot = middle - plane.normal() * plane.distance_mm(&middle);
    Ok(Plane::new(foot, plane.normal()).expect("it had a direction"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::geom::Grid;
    use crate::image::{LabelMap, Segment, Volume};
    use crate::plan::score::BodyFrom;

    const MARGIN_MM: f64 = 5.0;

    /// A box of liver of 120 mm with a ball of 8 mm at `x`, as bodies.
    fn bodies(x: f64) -> [Body; 2] {
        let grid = Grid::aligned([44; 3], Point::new(-64.5, -64.5, -64.5), [3.0; 3]).unwrap();
        let label = |n: usize| {
            let at = grid.centre(grid.voxel(n));
            match () {
                () if (at - Point::new(x, 0.0, 0.0)).norm() < 8.0 => 2,
                () if at.coords.amax() < 60.0 => 1,
                () => 0,
            }
        };
        let voxels = Volume::new(grid.clone(), (0..grid.len()).map(label).collect()).unwrap();
        let table = [(1, "liver"), (2, "tumour")].map(|(id, name)| Segment::new(SegmentId(id), name, [id; 3], None));
        let labels = LabelMap::from_volume(&voxels, table.to_vec()).unwrap();
        let body = |id, name| Body::new(name, None, String::new(), &BodyFrom::Segment(&labels, SegmentId(id)));
        [body(1, "liver"), body(2, "tumour")]
    }

    fn wedge(x: f64) -> CutShape {
        let [organ, tumour] = bodies(x);
        let targets = [(&tumour, MARGIN_MM)];
        let none = Anatomy {
            organ: &organ,
            targets: &targets,
            cava: None,
            gallbladder: None,
            portal: None,
            hepatic: None,
            edge_mm: 1.0,
        };
        let (actions, said) = Template::LiverWedge.propose(&none, &[]).unwrap();
        let [NamedAction { action: Action::Cut(cut), .. }] = &actions[..] else { panic!("one cut") };
        assert_eq!(said.len(), 1);
        cut.shape.clone()
    }

    #[test]
    fn a_shallow_tumour_gets_a_ball_and_a_deep_one_a_wedge_that_is_open_to_the_surface() {
        let CutShape::Sphere { centre, radius_mm } = wedge(52.0) else { panic!("a ball at the surface") };
        assert!((centre[0] - 52.0).abs() < 1.5 && 8.0 + MARGIN_MM < radius_mm && radius_mm < 8.0 + MARGIN_MM + 8.0);
        // The middle of the ball lies 40 mm from the face at +x and further from all others.
        let CutShape::Wedge { planes } = wedge(20.0) else { panic!("a wedge for the deep one") };
        let side = |at: Point| {
            let of = |[point, normal]: &[[f64; 3]; 2]| (at - Point::from(*point)).dot(&Vector::from(*normal));
            planes.iter().map(of).fold(f64::INFINITY, f64::min)
        };
        // The ball with its margin lies in it, the way to the surface is open, and the other side stays.
        assert!(8.0 + MARGIN_MM < side(Point::new(20.0, 0.0, 0.0)));
        assert!((20..60).all(|x| 0.0 < side(Point::new(f64::from(x), 0.0, 0.0))));
        assert!(side(Point::new(-10.0, 0.0, 0.0)) < 0.0 && side(Point::new(20.0, 55.0, 0.0)) < 0.0);
    }

    #[test]
    fn segments_are_read_by_name_and_number() {
        assert_eq!(segments_in("VI, vii,8"), Ok(vec![6, 7, 8]));
        assert_eq!(segments_in(" "), Ok(Vec::new()));
        for bad in ["IX", "0", "9", "VI VII"] {
            assert!(segments_in(bad).unwrap_err().contains("no segment of Couinaud"), "{bad}");
        }
    }
}
