//! What hands, instruments and the anaesthetist do to a body, one thing at a time, as it is kept in a case.

use crate::geom::{Point, Vector};
use serde::{Deserialize, Serialize};

/// Largest radius of a patch, an instrument or a bite, mm.
pub const RADIUS_MM_MAX: f64 = 200.0;
/// Largest pressure of gas, mmHg.
pub const GAS_MMHG_MAX: f64 = 40.0;

/// Longest thread or widest clip once it is closed, mm.
const FASTENED_MM_MAX: f64 = 200.0;

/// The outside of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Instrument {
    /// A ball at the end of a thin shaft: a swab, a finger tip.
    Ball {
        /// Radius, mm.
        radius_mm: f64,
    },
    /// A rod with round ends, across the organ: a retractor's blade.
    Rod {
        /// Radius, mm.
        radius_mm: f64,
        /// From the middle of one end to that of the other, mm.
        along_mm: [f64; 3],
    },
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// Close a grasper on the surface; graspers are numbered from 0 in the order they close.
    Grasp {
        /// Where, mm, where the organ is now.
        at_mm: [f64; 3],
        /// Radius of the patch in its jaws, mm.
        radius_mm: f64,
    },
    /// Move a grasper.
    Drag {
        /// Which.
        grasper: usize,
        /// Where to, from where it closed, mm.
        by_mm: [f64; 3],
    },
    /// Open a grasper.
    LetGo {
        /// Which.
        grasper: usize,
    },
    /// Put an instrument somewhere, or move the one that is there.
    Place {
        /// Its outside.
        #[serde(flatten)]
        instrument: Instrument,
        /// Where, mm: the middle of a ball or of a rod's first end.
        at_mm: [f64; 3],
    },
    /// Take the instrument away.
    Withdraw,
    /// Draw a blade through the organ where it is now.
    Cut {
        /// What it swept, as triangles, mm.
        sheet_mm: Vec<[[f64; 3]; 3]>,
    },
    /// Take tissue away: ablation, suction.
    Take {
        /// The middle of the bite, mm, where the organ is now.
        at_mm: [f64; 3],
        /// Its radius, mm.
        radius_mm: f64,
    },
    /// Draw a thread through the surface at two places and pull it tight; what is fastened is numbered from 0.
    Stitch {
        /// Where it goes in, mm, where the organ is now.
        from_mm: [f64; 3],
        /// Where it comes out.
        to_mm: [f64; 3],
        /// Length of thread that is left between them, mm.
        length_mm: f64,
    },
    /// Join two places by a staple, which also holds them apart.
    Staple {
        /// One place, mm, where the organ is now.
        from_mm: [f64; 3],
        /// The other.
        to_mm: [f64; 3],
        /// Length of the closed staple between them, mm.
        length_mm: f64,
    },
    /// Close a clip over a fold of tissue: its jaws bring both sides together.
    Clip {
        /// Its middle, mm, where the organ is now.
        at_mm: [f64; 3],
        /// From one jaw to the other, mm: where it points is across the fold.
        across_mm: [f64; 3],
        /// Radius of its jaws, mm.
        radius_mm: f64,
        /// What is left between them, mm.
        gap_mm: f64,
    },
    /// Set a straight needle on the surface, in place of one that is there.
    Needle {
        /// Where it enters, mm, where the organ is now.
        entry_mm: [f64; 3],
        /// What its tip shall meet, mm, where the organ is now: what the line goes through.
        target_mm: [f64; 3],
        /// Force at which the surface gives way, N.
        puncture_n: f64,
        /// Force at the tip while it cuts, N.
        cutting_n: f64,
        /// Friction for each cm of shaft in the tissue, N.
        friction_n_cm: f64,
    },
    /// Push the needle, or draw it back; a hand moves it by 50 mm a second.
    Push {
        /// Where its tip shall be, mm behind the entry; it is out where that is negative.
        depth_mm: f64,
    },
    /// Take off a thread, staple or clip.
    Unfasten {
        /// Which.
        fastening: usize,
    },
    /// Pressure of the gas around the organ from now on.
    Gas {
        /// Over that of the scan, mmHg.
        mmhg: f64,
    },
    /// The weight of the organ from now on: how the patient lies.
    Weight {
        /// Acceleration, m/s².
        m_s2: [f64; 3],
    },
    /// Move what holds the organ to and fro: the diaphragm of a breathing patient.
    Breathe {
        /// The way from breathing out to breathing in, mm; 0 ends it.
        by_mm: [f64; 3],
        /// Breaths a minute.
        per_minute: f64,
    },
}

/// Something that is done in a certain frame, before that frame is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Frames computed before; a frame is a sixtieth of a second.
    pub frame: u64,
    /// What is done.
    #[serde(flatten)]
    pub act: Act,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ActError {
    /// A number is out of its limits.
    #[error("{what} is {value} {unit}; it must be {limit}")]
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
    /// A place that is none.
    #[error("{what} has a coordinate that is not a number, or larger than a million")]
    NotFinite {
        /// Which place.
        what: &'static str,
    },
    /// Nothing is in the jaws.
    #[error(
        "the grasper closes {away_mm:.0} mm from anything that can move; close it on the free surface of the organ"
    )]
    Empty {
        /// Distance of the nearest vertex, mm.
        away_mm: f64,
    },
    /// No such grasper, or it is open.
    #[error("grasper {0} is not closed on anything")]
    NoGrasper(usize),
    /// No tissue where something is fastened.
    #[error("{what} is {away_mm:.0} mm from the organ; put it on the surface")]
    NoTissue {
        /// What.
        what: &'static str,
        /// Distance of the nearest vertex, mm.
        away_mm: f64,
    },
    /// Both ends at one vertex.
    #[error("both ends are in the same vertex of the mesh; put them further apart, or make a finer mesh")]
    SameVertex,
    /// A clip over nothing.
    #[error(
        "the clip holds tissue on one side only; put its middle on the fold and both jaws, {radius_mm:.0} mm wide, beside it"
    )]
    OneSided {
        /// Its radius, mm.
        radius_mm: f64,
    },
    /// The needle points away from the organ.
    #[error("from there the way to the target leads out of the organ; press where the needle can enter towards it")]
    Outwards,
    /// There is no needle to push.
    #[error("there is no needle in the organ; set one on its surface first")]
    NoNeedle,
    /// No such thread, staple or clip.
    #[error("there is no thread, staple or clip number {0} (they are numbered from 0)")]
    NoFastening(usize),
    /// The frames do not ascend.
    #[error("entry {entry} is in frame {frame}, but the one before is in frame {before}; the list must be in order")]
    Order {
        /// Position in the list, from 1.
        entry: usize,
        /// Its frame.
        frame: u64,
        /// That of the one before.
        before: u64,
    },
}

impl Act {
    /// Whether every number is one and within its limits.
    ///
    /// # Errors
    /// [`ActError::Number`], [`ActError::NotFinite`].
    pub fn check(&self) -> Result<(), ActError> {
        match self {
            Self::Grasp { at_mm, radius_mm } => {
                place("the grasper", at_mm).and(radius("the grasper's radius", *radius_mm))
            }
            Self::Drag { by_mm, .. } => place("the grasper's way", by_mm),
            Self::LetGo { .. } | Self::Withdraw => Ok(()),
            Self::Place { instrument, at_mm } => {
                let own = match instrument {
                    Instrument::Ball { radius_mm } => *radius_mm,
                    Instrument::Rod { radius_mm, along_mm } => {
                        place("the rod", along_mm)?;
                        *radius_mm
                    }
                };
                place("the instrument", at_mm).and(radius("the instrument's radius", own))
            }
            Self::Cut { sheet_mm } => sheet_mm.as_flattened().iter().try_for_each(|point| place("the blade", point)),
            Self::Take { at_mm, radius_mm } => place("the bite", at_mm).and(radius("the bite's radius", *radius_mm)),
            Self::Stitch { from_mm, to_mm, length_mm } | Self::Staple { from_mm, to_mm, length_mm } => {
                place("the first end", from_mm).and(place("the second end", to_mm))?;
                number("the length that is left", *length_mm, 0.0..=FASTENED_MM_MAX, "mm", "0 to 200")
            }
            Self::Clip { at_mm, across_mm, radius_mm, gap_mm } => {
                place("the clip", at_mm).and(place("the way between its jaws", across_mm))?;
                number("the way between its jaws", vector(across_mm).norm(), 1e-3..=1e3, "mm", "0.001 to 1000")?;
                radius("the clip's radius", *radius_mm)?;
                number("what is left between its jaws", *gap_mm, 0.0..=FASTENED_MM_MAX, "mm", "0 to 200")
            }
            Self::Unfasten { .. } => Ok(()),
            Self::Needle { entry_mm, target_mm, puncture_n, cutting_n, friction_n_cm } => {
                place("the entry", entry_mm).and(place("the target", target_mm))?;
                let way = vector(target_mm) - vector(entry_mm);
                number("the way from entry to target", way.norm(), 1.0..=1e3, "mm", "1 to 1000")?;
                number("the force of puncture", *puncture_n, 0.0..=20.0, "N", "0 to 20")?;
                number("the force of cutting", *cutting_n, 0.0..=20.0, "N", "0 to 20")?;
                number("the friction", *friction_n_cm, 0.0..=10.0, "N/cm", "0 to 10")
            }
            Self::Push { depth_mm } => number("the depth", *depth_mm, -10.0..=500.0, "mm", "-10 to 500"),
            Self::Gas { mmhg } => number("the pressure of the gas", *mmhg, 0.0..=GAS_MMHG_MAX, "mmHg", "0 to 40"),
            Self::Weight { m_s2 } => place("the weight", m_s2).and(number(
                "the weight",
                vector(m_s2).norm(),
                0.0..=100.0,
                "m/s²",
                "100 at most",
            )),
            Self::Breathe { by_mm, per_minute } => place("the breath", by_mm)
                .and(number("the breath", vector(by_mm).norm(), 0.0..=60.0, "mm", "60 at most"))
                .and(number("the rate of breathing", *per_minute, 0.0..=60.0, "a minute", "0 to 60")),
        }
    }
}

fn place(what: &'static str, at: &[f64; 3]) -> Result<(), ActError> {
    if at.iter().all(|x| x.is_finite() && x.abs() <= 1e6) { Ok(()) } else { Err(ActError::NotFinite { what }) }
}

fn radius(what: &'static str, value: f64) -> Result<(), ActError> {
    number(what, value, 0.1..=RADIUS_MM_MAX, "mm", "0.1 to 200")
}

fn number(
    what: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    unit: &'static str,
    limit: &'static str,
) -> Result<(), ActError> {
    if range.contains(&value) { Ok(()) } else { Err(ActError::Number { what, value, unit, limit }) }
}

/// Three numbers as a vector.
pub(super) fn vector(of: &[f64; 3]) -> Vector {
    Vector::from(*of)
}

/// Three numbers as a place.
pub(super) fn point(of: &[f64; 3]) -> Point {
    Point::from(*of)
}
