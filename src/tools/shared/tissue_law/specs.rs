//! The parameters that say which law tissue follows.

use super::TissueLaw;
use crate::session::{Kind, NodeKind, ParamSpec};

/// Rows of the table of published laws that have constants.
const CONSTANTS: &[&str] =
    &["brain", "brain-shear", "heart-muscle", "heart-benchmark", "artery-media", "artery-adventitia", "fat", "muscle"];
/// Rows of it that say how tissue relaxes.
pub const RELAXING: &[&str] = &["brain", "brain-shear"];

/// Which law.
pub const MODEL: ParamSpec = ParamSpec::with(
    "model",
    Kind::Choice(TissueLaw::WORDS),
    "",
    "\"neo_hookean\"",
    "the law for large deformations, or linear for small ones only; all have the same stiffness at small strain",
);
/// Ogden's exponent.
pub const OGDEN: ParamSpec = ParamSpec::with(
    "ogden_alpha",
    Kind::Number(-30.0, 30.0),
    "",
    "8",
    "exponent of Ogden's law: 2 is neo-Hookean, more stiffens when stretched, below 0 when pressed; not 0",
);
/// Mooney's second constant.
pub const MOONEY: ParamSpec = ParamSpec::with(
    "mooney_share",
    Kind::Number(0.0, 1.0),
    "",
    "0.5",
    "share of the second constant of Mooney and Rivlin's law in the stiffness; 0 is neo-Hookean",
);
/// Published constants.
pub const PUBLISHED: ParamSpec = ParamSpec::with(
    "constants",
    Kind::Choice(CONSTANTS),
    "",
    "null",
    "a published law with its constants in place of the model; with young_kpa all its stresses are scaled to that stiffness",
);
/// Which way fibres run.
pub const FIBRE: ParamSpec = ParamSpec::with(
    "fibre_direction",
    Kind::Point,
    "",
    "null",
    "the way fibres run, the same everywhere (LPS, of any length), for laws with fibres and for contraction",
);
/// What fibres follow.
pub const FIBRE_LINES: ParamSpec = ParamSpec::with(
    "fibre_lines",
    Kind::Node(NodeKind::Lines),
    "",
    "null",
    "centre lines that fibres follow in place of a direction; those of an artery's wall count their angles around them",
);
/// Active tension.
pub const CONTRACT: ParamSpec = ParamSpec::with(
    "contract_kpa",
    Kind::Number(0.0, 500.0),
    "kPa",
    "0",
    "active tension along the fibres: heart muscle at its peak about 60 to 100",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::published;

    #[test]
    fn the_words_are_the_rows_of_the_table() {
        let ids = |has: fn(&crate::biomech::Published) -> bool| -> Vec<&str> {
            published().iter().filter(|row| has(row)).map(|row| row.id.as_str()).collect()
        };
        assert_eq!(CONSTANTS, ids(|row| row.law.is_some()));
        assert_eq!(RELAXING, ids(|row| !row.relaxation.is_empty()));
    }
}
