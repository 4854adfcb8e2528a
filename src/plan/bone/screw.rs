//! A screw in bone: how far it breaches the cortex and where, its grade, and which size the corridor takes.

use super::BoneError;
use crate::geom::{Point, Vector};
use crate::plan::Bounded;
use crate::plan::path::{Obstacle, Path, PathFrame};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Directions around the axis, and the step along it.
const ROUND: usize = 36;
const STEP_MM: f64 = 0.25;
/// How far a ray across the axis looks for the cortex.
const WIDE_MM: f64 = 30.0;

/// How well bone holds a screw, by how far it breaches the cortex.
///
/// Gertzbein and Robbins 1990 (Spine 15:11) in the five grades in use today: A none, B less than 2 mm, C less than 4 mm, D less
/// than 6 mm, E 6 mm or more. A and B usually count as acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Within the bone.
    A,
    /// Less than 2 mm.
    B,
    /// Less than 4 mm.
    C,
    /// Less than 6 mm.
    D,
    /// 6 mm or more.
    E,
}

impl Grade {
    /// The grade of a breach.
    pub fn of(breach_mm: f64) -> Self {
        if breach_mm <= 0.0 {
            Self::A
        } else if breach_mm < 2.0 {
            Self::B
        } else if breach_mm < 4.0 {
            Self::C
        } else if breach_mm < 6.0 {
            Self::D
        } else {
            Self::E
        }
    }
}

/// How a screw lies in bone.
#[derive(Debug, Clone, PartialEq)]
pub struct ScrewContact {
    /// How far the thread stands out of the bone at worst; 0 if it does not.
    pub breach_mm: Bounded,
    /// The same, negative where bone is left between the thread and the cortex.
    pub worst_mm: Bounded,
    /// The grade of that breach.
    pub grade: Grade,
    /// The grades of the bounds: equal to it where voxels leave no doubt.
    pub grades: [Grade; 2],
    /// The place of the thread that stands out furthest, or comes nearest to the cortex.
    pub at: Point,
    /// Direction from the axis to that place.
    pub towards: Vector,
    /// For each of 36 directions how far the thread stands out of the bone at worst, measured at a right angle to the axis;
    /// negative: bone that is left. Where the axis itself is outside, the distance to the bone.
    pub around_mm: Vec<f64>,
    /// The directions they belong to.
    pub directions: Vec<Vector>,
    /// Part of the thread's surface within bone; bounds count what lies nearer to the bone's edge than that is uncertain as
    /// outside, or as inside.
    pub contact_percent: Bounded,
    /// Depth at which the axis enters the bone, and at which judging begins: before that the screw comes in.
    pub from_mm: [f64; 2],
    /// Length of the axis within bone.
    pub in_bone_mm: Bounded,
}

impl ScrewContact {
    /// The same for a bone whose edge is known `edge_mm` less well.
    #[must_use]
    pub fn known_within(self, edge_mm: f64) -> Self {
        let worst_mm = self.worst_mm.widened(edge_mm);
        let breach_mm = worst_mm.at_least(0.0);
        let grades = [Grade::of(breach_mm.low), Grade::of(breach_mm.high)];
        let in_bone_mm = self.in_bone_mm.widened(2.0 * edge_mm).at_least(0.0);
        Self { breach_mm, worst_mm, grades, in_bone_mm, ..self }
    }
}

/// A size to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScrewSize {
    /// Diameter of the thread.
    pub diameter_mm: f64,
    /// Length from where the axis enters the bone.
    pub length_mm: f64,
    /// The narrowest width of the corridor along that length.
    pub corridor_mm: Bounded,
    /// How deep in the bone the narrowest place lies.
    pub narrowest_mm: f64,
}

/// Sizes there are and how they are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScrewList {
    /// Diameters, from the thinnest.
    pub diameters_mm: Vec<f64>,
    /// Lengths, from the shortest.
    pub lengths_mm: Vec<f64>,
    /// The thickest screw has this part of the corridor's width.
    pub part_of_width: f64,
    /// Bone that is left before the tip.
    pub tip_mm: f64,
}

/// About 80 % of the width of the pedicle, the criterion most in use (Solitro and others 2019, Int J Spine Surg 13:132); sizes
/// in steps that are usual, 3 mm before the far cortex as this program's choice.
impl Default for ScrewList {
    fn default() -> Self {
        Self {
            diameters_mm: (0..10).map(|n| 4.0 + 0.5 * f64::from(n)).collect(),
            lengths_mm: (0..8).map(|n| 25.0 + 5.0 * f64::from(n)).collect(),
            part_of_width: 0.8,
            tip_mm: 3.0,
        }
    }
}

/// How `screw` (a path from its head to its tip) lies in `bone`.
///
/// The thread is the cylinder of the screw's outer diameter, looked at every 10° and 0.25 mm. A screw comes in through the
/// cortex: judging begins where it is first in bone all round, at the latest one diameter behind where its axis enters.
///
/// # Errors
/// [`BoneError::Misses`] if the axis is nowhere in the bone.
pub fn contact(screw: &Path, bone: &Obstacle) -> Result<ScrewContact, BoneError> {
    let radius = screw.radius_mm();
    let depths: Vec<f64> = screw.depths_mm(STEP_MM).collect();
    let on_axis: Vec<f64> = depths.iter().map(|depth| bone.signed_mm(&screw.at(*depth))).collect();
    let entered = on_axis.iter().position(|mm| *mm < 0.0).ok_or(BoneError::Misses)?;
    let directions = round(screw);
    let ring = |depth: f64| directions.iter().map(move |way| bone.signed_mm(&(screw.at(depth) + way * radius)));
    let latest = depths[entered] + 2.0 * radius;
    let whole = |n: &usize| latest <= depths[*n] || ring(depths[*n]).all(|mm| mm <= 0.0);
    let first = (entered..depths.len()).find(whole).unwrap_or(depths.len() - 1);
    let mut around_mm = vec![f64::NEG_INFINITY; ROUND];
    let (mut worst, mut worst_at) = (f64::NEG_INFINITY, (first, 0));
    // Surely within, within, perhaps within.
    let mut within = [0; 3];
    let edge = bone.edge_mm();
    for (n, depth) in depths.iter().enumerate().skip(first) {
        for (side, mm) in ring(*depth).enumerate() {
            let across = to_cortex(bone, &screw.at(*depth), &directions[side]);
            let out = if on_axis[n] < 0.0 { radius - across } else { mm };
            around_mm[side] = around_mm[side].max(out);
            let counts = [mm <= -edge, mm <= 0.0, mm <= edge];
            (0..3).for_each(|n| within[n] += usize::from(counts[n]));
            if worst < mm {
                (worst, worst_at) = (mm, (n, side));
            }
        }
    }
    let (mut at, mut towards) =
        (screw.at(depths[worst_at.0]) + directions[worst_at.1] * radius, directions[worst_at.1]);
    // The middle of the tip may stand out further than its rim.
    if let Some(tip) = on_axis.last().filter(|tip| worst < **tip) {
        (worst, at, towards) = (*tip, screw.target(), screw.along());
    }
    let worst_mm = Bounded::within(worst, edge);
    let breach_mm = worst_mm.at_least(0.0);
    let [low, value, high] = within.map(|n| 100.0 * n as f64 / ((depths.len() - first) * ROUND) as f64);
    let step = screw.length_mm() / (depths.len() - 1) as f64;
    let in_bone = on_axis.iter().filter(|mm| **mm < 0.0).count() as f64 * step;
    Ok(ScrewContact {
        breach_mm,
        worst_mm,
        grade: Grade::of(breach_mm.value),
        grades: [Grade::of(breach_mm.low), Grade::of(breach_mm.high)],
        at,
        towards,
        around_mm,
        directions,
        contact_percent: Bounded { value, low, high },
        from_mm: [depths[entered], depths[first]],
        in_bone_mm: Bounded::within(in_bone.min(screw.length_mm()), 2.0 * edge).at_least(0.0),
    })
}

/// The largest screw of the list along the axis of `screw` that the corridor takes.
///
/// The corridor is the bone across the axis: twice the way from the axis to the nearest cortex at a right angle to it, from half
/// a diameter behind the entry to the tip. The length is that of the bone ahead less the bone left before the tip.
///
/// # Errors
/// [`BoneError::Misses`], or [`BoneError::NoneFits`] if the thinnest or shortest is too large.
pub fn suggest(screw: &Path, bone: &Obstacle, list: &ScrewList) -> Result<ScrewSize, BoneError> {
    let enter = |depth: &f64| bone.signed_mm(&screw.at(*depth)) < 0.0;
    let entered = screw.depths_mm(STEP_MM).find(enter).ok_or(BoneError::Misses)?;
    // Along the axis, also beyond the tip that was drawn, to where it leaves the bone.
    let longest = list.lengths_mm.iter().copied().fold(0.0, f64::max) + list.tip_mm;
    let steps = (longest / STEP_MM) as usize;
    let ahead_mm = (0..=steps).map(|n| n as f64 * STEP_MM).take_while(|s| enter(&(entered + s))).last().unwrap_or(0.0);
    let fits = |length: &&f64| **length + list.tip_mm <= ahead_mm + STEP_MM;
    let none = |corridor_mm: f64| {
        let least = list.diameters_mm.iter().copied().fold(f64::INFINITY, f64::min);
        BoneError::NoneFits { corridor_mm, least_mm: least / list.part_of_width }
    };
    let length_mm = list.lengths_mm.iter().filter(fits).copied().fold(f64::NAN, f64::max);
    if length_mm.is_nan() {
        let limit = "at least the shortest screw and the bone before its tip: turn the axis or take shorter screws";
        return Err(BoneError::BadNumber { what: "the bone ahead of the entry in mm", value: ahead_mm, limit });
    }
    let directions = round(screw);
    let widths: Vec<(f64, f64)> = (0..=(length_mm / STEP_MM) as usize)
        .map(|n| n as f64 * STEP_MM)
        .map(|s| {
            (s, 2.0 * directions.iter().map(|way| to_cortex(bone, &screw.at(entered + s), way)).fold(WIDE_MM, f64::min))
        })
        .collect();
    let mut sorted = list.diameters_mm.clone();
    sorted.sort_by(f64::total_cmp);
    for diameter_mm in sorted.into_iter().rev() {
        let behind = widths.iter().filter(|(s, _)| 0.5 * diameter_mm <= *s);
        let Some((narrowest_mm, width)) = behind.copied().reduce(|a, b| if b.1 < a.1 { b } else { a }) else {
            continue;
        };
        if diameter_mm <= list.part_of_width * width + 1e-9 {
            let corridor_mm = Bounded::within(width, 2.0 * bone.edge_mm()).at_least(0.0);
            return Ok(ScrewSize { diameter_mm, length_mm, corridor_mm, narrowest_mm });
        }
    }
    Err(none(widths.iter().skip(8).map(|(_, width)| *width).fold(WIDE_MM, f64::min)))
}

/// Directions all round the axis.
fn round(screw: &Path) -> Vec<Vector> {
    let PathFrame { across, up, .. } = PathFrame::of(screw);
    (0..ROUND).map(|n| (TAU * n as f64 / ROUND as f64).sin_cos()).map(|(sin, cos)| across * cos + up * sin).collect()
}

/// The way from a place within bone to its cortex in a direction.
fn to_cortex(bone: &Obstacle, from: &Point, way: &Vector) -> f64 {
    let mut reach = 0.0;
    let mut before = (0.0, bone.signed_mm(from));
    if 0.0 <= before.1 {
        return 0.0;
    }
    while reach < WIDE_MM {
        // The cortex is no nearer than the distance says.
        reach += (-before.1).max(0.1);
        let mm = bone.signed_mm(&(from + way * reach));
        if 0.0 <= mm {
            return before.0 + (reach - before.0) * before.1 / (before.1 - mm);
        }
        before = (reach, mm);
    }
    WIDE_MM
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::geom::Grid;
    use crate::image::Volume;

    /// A body (y < 30) behind a pedicle of 10 mm width around the y axis that ends at y = 60, on voxels of 0.5 mm.
    fn vertebra() -> Obstacle {
        let grid = Grid::aligned([80, 160, 80], Point::new(-19.9, -9.9, -19.9), [0.5; 3]).unwrap();
        let inside = |p: Point| {
            let body = p.x.abs() < 17.0 && p.z.abs() < 12.0 && (0.0..30.0).contains(&p.y);
            body || (p.x.hypot(p.z) < 5.0 && (0.0..60.0).contains(&p.y))
        };
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
        Obstacle::of_mask(&Volume::new(grid, voxels).unwrap(), &Progress::default()).unwrap()
    }

    fn screw(x: f64, tip: f64, diameter_mm: f64) -> Path {
        Path::new(Point::new(x, 65.0, 0.0), Point::new(x, tip, 0.0), diameter_mm).unwrap()
    }

    #[test]
    fn a_screw_in_the_middle_of_a_pedicle_has_grade_a_and_known_bone_around_it() {
        let bone = vertebra();
        let found = contact(&screw(0.0, 10.0, 6.0), &bone).unwrap();
        assert_eq!((found.grade, found.breach_mm.value), (Grade::A, 0.0));
        assert!(found.around_mm.iter().all(|mm| (mm + 2.0).abs() <= bone.edge_mm()), "{:?}", found.around_mm);
        assert!((found.from_mm[0] - 5.0).abs() < 0.5 && (found.in_bone_mm.value - 50.0).abs() < 0.6);
        // The thread is 2 mm from the cortex all along the pedicle; in doubt is its first ring, at the end of the pedicle.
        let Bounded { value, low, high } = found.contact_percent;
        assert!(value == 100.0 && high == 100.0 && 98.0 < low && low < 100.0, "{low}");
    }

    #[test]
    fn breaches_have_their_size_direction_and_grade() {
        let bone = vertebra();
        // The thread reaches x + 3 mm where the pedicle ends at 5 mm.
        for (x, breach, grade) in [(3.5, 1.5, Grade::B), (-4.5, 2.5, Grade::C)] {
            let found = contact(&screw(x, 25.0, 6.0), &bone).unwrap();
            assert!(found.breach_mm.holds(breach), "{x}: {:?}", found.breach_mm);
            assert!((found.breach_mm.value - breach).abs() < 0.3 && found.grade == grade);
            assert!(0.95 < found.towards.x * x.signum(), "{:?}", found.towards);
            let contact = found.contact_percent;
            assert!(contact.value < 95.0 && contact.low < contact.value && contact.value < contact.high, "{contact:?}");
        }
        let through = contact(&screw(0.0, -4.0, 6.0), &bone).unwrap();
        assert!(through.breach_mm.holds(4.0) && through.grades[0] >= Grade::C, "{:?}", through.breach_mm);
        assert_eq!(contact(&screw(40.0, 10.0, 6.0), &bone), Err(BoneError::Misses));
    }

    #[test]
    fn grades_change_at_their_limits() {
        let grades = [0.0, 1.99, 2.0, 3.99, 4.0, 5.99, 6.0].map(Grade::of);
        use Grade::{A, B, C, D, E};
        assert_eq!(grades, [A, B, C, C, D, D, E]);
    }

    #[test]
    fn the_size_follows_the_corridor() {
        let bone = vertebra();
        let size = suggest(&screw(0.0, 10.0, 4.0), &bone, &ScrewList::default()).unwrap();
        // 80 % of 10 mm; 60 mm of bone less 3 mm before the far cortex.
        assert!((7.5..=8.0).contains(&size.diameter_mm) && size.length_mm == 55.0, "{size:?}");
        assert!(size.corridor_mm.holds(10.0) && size.narrowest_mm < 30.5, "{size:?}");
        let beside = suggest(&screw(2.0, 10.0, 4.0), &bone, &ScrewList::default()).unwrap();
        assert!((4.0..5.1).contains(&beside.diameter_mm), "{beside:?}");
        let thick = ScrewList { diameters_mm: vec![9.5], ..ScrewList::default() };
        assert!(suggest(&screw(0.0, 10.0, 4.0), &bone, &thick).unwrap_err().to_string().contains("no screw"));
        let long = ScrewList { lengths_mm: vec![80.0], ..ScrewList::default() };
        assert!(suggest(&screw(0.0, 10.0, 4.0), &bone, &long).is_err());
    }
}
