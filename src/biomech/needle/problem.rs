//! What is asked: the needle, what resists it, where it shall go, and every sentence that refuses it.

use crate::biomech::{Material, TissueError};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

/// A needle: a round tube, or a solid wire where `inner_mm` is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needle {
    /// Outer diameter, mm.
    pub outer_mm: f64,
    /// Inner diameter, mm; 0 for a solid needle and for one with its stylet in.
    pub inner_mm: f64,
    /// Length from the hand to the tip, mm.
    pub length_mm: f64,
    /// Young's modulus of what it is made of, Pa.
    pub young_pa: f64,
}

/// Young's modulus of stainless steel, Pa.
pub const STEEL_PA: f64 = 200e9;
/// Young's modulus of nitinol in its austenite, Pa.
pub const NITINOL_PA: f64 = 75e9;

/// Gauge, outer and inner diameter in mm of regular-wall tubes (Birmingham wire gauge).
const GAUGES: [(i64, f64, f64); 9] = [
    (14, 2.11, 1.60),
    (16, 1.65, 1.19),
    (17, 1.47, 1.07),
    (18, 1.27, 0.84),
    (19, 1.07, 0.69),
    (20, 0.91, 0.60),
    (21, 0.82, 0.51),
    (22, 0.72, 0.41),
    (25, 0.51, 0.26),
];

impl Needle {
    /// Outer and inner diameter in mm of a gauge from 14 to 25; none for one that is not in the table.
    pub fn of_gauge(gauge: i64) -> Option<[f64; 2]> {
        GAUGES.iter().find(|(own, ..)| *own == gauge).map(|(_, outer, inner)| [*outer, *inner])
    }

    /// Bending stiffness E I, N m²: π/64 E (d⁴ − dᵢ⁴).
    pub fn bending_n_m2(&self) -> f64 {
        let fourth = |mm: f64| (mm * 1e-3).powi(4);
        self.young_pa * std::f64::consts::PI / 64.0 * (fourth(self.outer_mm) - fourth(self.inner_mm))
    }
}

/// What tissue sets against the needle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resistance {
    /// Force at which the surface gives way, N.
    pub puncture_n: f64,
    /// Force at the tip while it cuts, N.
    pub cutting_n: f64,
    /// Friction along the shaft in the tissue, N per m.
    pub friction_n_m: f64,
    /// Side force of an asymmetric tip over the cutting force; 0 for a symmetric tip.
    pub side_ratio: f64,
    /// The side that the side force pushes the tip to; its part across the needle counts.
    pub side_towards: Vector,
}

/// Where the needle shall go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    /// Where it enters the organ, mm; moved to the nearest place of its surface.
    pub entry_mm: Point,
    /// What it shall meet, mm.
    pub target_mm: Point,
    /// How far before the entry a guide keeps it on its line, mm; none for a needle held by the hand alone.
    pub guide_mm: Option<f64>,
    /// How far the tip cuts from one equilibrium to the next, mm.
    pub step_mm: f64,
}

/// A needle, an organ and a path.
#[derive(Debug, Clone, Copy)]
pub struct Insertion<'a> {
    /// The organ, free of stress.
    pub mesh: &'a TetMesh,
    /// One material per region of the mesh.
    pub materials: &'a [(u8, Material)],
    /// Vertices that do not move.
    pub fixed: &'a [u32],
    /// The needle.
    pub needle: Needle,
    /// What resists it.
    pub resistance: Resistance,
    /// Where it shall go.
    pub path: Path,
}

/// Most steps from entry to target: each costs four solutions of the organ's equations.
pub const STEPS_MAX: f64 = 300.0;
/// Slope against the planned line beyond which the theory of small deflections is left, 1.
pub const SLOPE_MAX: f64 = 0.5;

/// Why no needle was inserted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NeedleError {
    /// A number that cannot be.
    #[error("the {what} is {value} {unit}; it must be {limit}")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Its unit.
        unit: &'static str,
        /// What it may be.
        limit: &'static str,
    },
    /// Entry and target are at one place.
    #[error("entry and target are {apart_mm:.2} mm apart; a path has at least 1 mm")]
    NoPath {
        /// Their distance.
        apart_mm: f64,
    },
    /// The entry is not at the surface.
    #[error(
        "the entry ({:.1}, {:.1}, {:.1}) mm lies {away_mm:.1} mm from the surface of the organ, at most {limit_mm} mm is meant; put it on the surface",
        at.x, at.y, at.z
    )]
    EntryAway {
        /// Where it is.
        at: Point,
        /// How far from the surface.
        away_mm: f64,
        /// How far it may be.
        limit_mm: f64,
    },
    /// The target is not in the organ.
    #[error("the target ({:.1}, {:.1}, {:.1}) mm lies outside the organ; put it inside", at.x, at.y, at.z)]
    TargetOutside {
        /// Where it is.
        at: Point,
    },
    /// The straight line to the target leaves the organ.
    #[error(
        "the straight way to the target lies outside the organ {after_mm:.1} mm behind the entry; choose another entry"
    )]
    PathOutside {
        /// How far behind the entry.
        after_mm: f64,
    },
    /// The needle ends before the target.
    #[error("the needle is {length_mm} mm long, but {needed_mm:.1} mm are needed for {what}; take a longer one")]
    TooShort {
        /// Length of the needle.
        length_mm: f64,
        /// Length needed.
        needed_mm: f64,
        /// What for.
        what: &'static str,
    },
    /// More steps than are meant.
    #[error(
        "steps of {step_mm} mm on a path of {path_mm:.0} mm are more than {STEPS_MAX}; take at least {:.2} mm",
        path_mm / STEPS_MAX
    )]
    ManySteps {
        /// Step asked for.
        step_mm: f64,
        /// Length of the path.
        path_mm: f64,
    },
    /// The side force has no direction across the needle.
    #[error("the side force points along the needle or nowhere; give a direction across it")]
    NoSide,
    /// The needle bends too far.
    #[error(
        "the tip leans {degrees:.0}° from the planned line at a depth of {depth_mm:.1} mm, more than small deflections allow; take a stiffer needle, a guide or less side force"
    )]
    TooBent {
        /// How far it leans.
        degrees: f64,
        /// Depth of the tip in the tissue.
        depth_mm: f64,
    },
    /// The needle came out again.
    #[error(
        "the tip leaves the organ at ({:.1}, {:.1}, {:.1}) mm, {after_mm:.1} mm behind the entry and before the hand is at the planned depth; plan away from the surface",
        at.x, at.y, at.z
    )]
    Left {
        /// Where.
        at: Point,
        /// How far behind the entry.
        after_mm: f64,
    },
    /// Nothing resists the needle.
    #[error(
        "the tissue beside the needle has no stiffness of its own at a depth of {depth_mm:.1} mm; use another mesh"
    )]
    NoStiffness {
        /// Depth of the tip.
        depth_mm: f64,
    },
    /// What the organ's equations say.
    #[error(transparent)]
    Tissue(#[from] TissueError),
}

impl From<crate::base::Cancelled> for NeedleError {
    fn from(cancelled: crate::base::Cancelled) -> Self {
        Self::Tissue(cancelled.into())
    }
}

impl Insertion<'_> {
    /// Check everything that is known without the organ's equations.
    ///
    /// # Errors
    /// [`NeedleError::Number`], [`NeedleError::NoPath`], [`NeedleError::TooShort`], [`NeedleError::ManySteps`],
    /// [`NeedleError::NoSide`].
    pub fn check(&self) -> Result<(), NeedleError> {
        let Self { needle, resistance, path, .. } = self;
        let Needle { outer_mm, inner_mm, length_mm, young_pa } = *needle;
        let Resistance { puncture_n, cutting_n, friction_n_m, side_ratio, side_towards } = *resistance;
        let above = |what, value: f64, unit, most: f64, limit| {
            if 0.0 < value && value <= most { Ok(()) } else { Err(NeedleError::Number { what, value, unit, limit }) }
        };
        let from_zero = |what, value: f64, unit, most: f64, limit| {
            if (0.0..=most).contains(&value) { Ok(()) } else { Err(NeedleError::Number { what, value, unit, limit }) }
        };
        above("outer diameter", outer_mm, "mm", 10.0, "above 0 and at most 10 mm")?;
        if !(0.0 <= inner_mm && inner_mm < outer_mm) {
            let limit = "at least 0 and less than the outer diameter";
            return Err(NeedleError::Number { what: "inner diameter", value: inner_mm, unit: "mm", limit });
        }
        above("length of the needle", length_mm, "mm", 1000.0, "above 0 and at most 1000 mm")?;
        above("Young's modulus of the needle", young_pa, "Pa", 1e12, "above 0 and at most 1e12 Pa")?;
        from_zero("puncture force", puncture_n, "N", 100.0, "0 to 100 N")?;
        from_zero("cutting force", cutting_n, "N", 100.0, "0 to 100 N")?;
        from_zero("friction", friction_n_m, "N/m", 10_000.0, "0 to 10 000 N/m")?;
        from_zero("side force ratio", side_ratio, "", 2.0, "0 to 2")?;
        above("step", path.step_mm, "mm", 50.0, "above 0 and at most 50 mm")?;
        if let Some(guide_mm) = path.guide_mm {
            from_zero("distance of the guide", guide_mm, "mm", 1000.0, "0 to 1000 mm")?;
        }
        let way = path.target_mm - path.entry_mm;
        let path_mm = way.norm();
        if !(1.0 <= path_mm && path_mm.is_finite()) {
            return Err(NeedleError::NoPath { apart_mm: path_mm });
        }
        let across = side_towards - way * (side_towards.dot(&way) / way.norm_squared());
        if 0.0 < side_ratio && !(1e-6 * side_towards.norm() < across.norm() && across.norm().is_finite()) {
            return Err(NeedleError::NoSide);
        }
        if STEPS_MAX * path.step_mm < path_mm {
            return Err(NeedleError::ManySteps { step_mm: path.step_mm, path_mm });
        }
        let (needed_mm, what) = match path.guide_mm {
            Some(guide_mm) => (path_mm + guide_mm, "the path and the way to the guide"),
            None => (path_mm, "the path"),
        };
        if length_mm <= needed_mm { Err(NeedleError::TooShort { length_mm, needed_mm, what }) } else { Ok(()) }
    }
}
