//! The parameters that every tool for a body of tissue shares.

use super::Hold;
use crate::biomech::Position;
use crate::session::{Kind, NodeKind, ParamSpec};

const TISSUES: &[&str] =
    &["liver", "lung", "brain", "kidney", "spleen", "fat", "muscle", "skin", "vessel-wall", "tumour", "bone"];

/// What it is made of.
pub const TISSUE: ParamSpec = ParamSpec::with(
    "tissue",
    Kind::Choice(TISSUES),
    "",
    "null",
    "what it is made of, by its name if not given; constants and sources are in the table",
);
/// Stiffness.
pub const YOUNG: ParamSpec =
    ParamSpec::with("young_kpa", Kind::Number(0.05, 1e7), "kPa", "null", "stiffness in place of the table's");
/// Compressibility.
pub const POISSON: ParamSpec =
    ParamSpec::with("poisson", Kind::Number(0.0, 0.499), "", "null", "Poisson's ratio in place of the table's");
/// The side that is held.
pub const HOLD: ParamSpec =
    ParamSpec::with("hold", Kind::Choice(Hold::WORDS), "", "\"posterior\"", "the side that is held");
/// How much of it.
pub const HOLD_PART: ParamSpec =
    ParamSpec::with("hold_part", Kind::Number(0.01, 0.9), "", "0.15", "the part of its extent that is held");
/// Places in place of a side.
pub const HOLD_AT: ParamSpec = ParamSpec::with(
    "hold_at",
    Kind::Points,
    "mm",
    "null",
    "places that are held in place of a side: where ligaments and vessels enter",
);
/// How far around them.
pub const HOLD_RADIUS: ParamSpec =
    ParamSpec::with("hold_radius_mm", Kind::Number(0.5, 200.0), "mm", "15", "how far around each held place");
/// A neighbour in place of a side.
pub const HOLD_TOUCHING: ParamSpec = ParamSpec::with(
    "hold_touching",
    Kind::Node(NodeKind::Surface),
    "",
    "null",
    "a surface that holds it where they touch, in place of a side: a neighbouring organ or bone",
);
/// How near that is.
pub const TOUCHING: ParamSpec =
    ParamSpec::with("touching_mm", Kind::Number(0.0, 50.0), "mm", "3", "how near to that surface the organ is held");
/// How the patient lies.
pub const POSITION: ParamSpec = ParamSpec::with(
    "position",
    Kind::Choice(Position::WORDS),
    "",
    "null",
    "how the patient lies, for the organ's weight; without it none acts, as scans show organs under their weight",
);
/// How the table is tilted.
pub const TILT: ParamSpec = ParamSpec::with(
    "tilt_deg",
    Kind::Number(-90.0, 90.0),
    "deg",
    "0",
    "tilt of the table with the head down (Trendelenburg); negative is head up",
);
/// Gas around the organ.
pub const GAS: ParamSpec = ParamSpec::with(
    "gas_mmhg",
    Kind::Number(0.0, 30.0),
    "mmHg",
    "0",
    "pressure of gas on the free surface of the organ (pneumoperitoneum: 8 to 15)",
);
/// Neighbours beneath. An estimate: 5 kPa of soft tissue 50 mm thick yield 1 mm under 0.1 kPa.
pub const BED: ParamSpec = ParamSpec::with(
    "bed_kpa_mm",
    Kind::Number(0.0, 100.0),
    "kPa/mm",
    "0.1",
    "how firmly neighbours bear an organ that lies on them (in a position): pressure per way they yield; 0 for none",
);
