//! `simulate.needle`: push a needle into an organ and see where its tip and its target end.

mod needle;

use super::shared::organ_body::{
    HOLD, HOLD_AT, HOLD_PART, HOLD_RADIUS, HOLD_TOUCHING, OrganBody, POISSON, TISSUE, TOUCHING, YOUNG,
};
use super::simulate_tissue::at_rest;
use crate::base::{NodeId, Summary};
use crate::biomech::needle::{Inserted, Insertion, insert};
use crate::geom::Point;
use crate::mesh::{CentreBranch, CentreLines};
use crate::session::{Case, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use needle::Asked;

/// Opacity of the organ: the needle is seen through it.
const ORGAN_OPACITY: f32 = 0.4;
/// Colours of the needle and of the planned path.
const NEEDLE_COLOUR: [u8; 3] = [235, 235, 240];
const PLANNED_COLOUR: [u8; 3] = [90, 200, 120];

/// Push a needle into an organ.
#[derive(Debug)]
pub struct SimulateNeedle;

/// Parameters of [`SimulateNeedle`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    mesh: NodeId,
    #[serde(flatten)]
    asked: Asked,
    hit_mm: f64,
    #[serde(flatten)]
    body: OrganBody,
}

impl Tool for SimulateNeedle {
    const ID: &'static str = "simulate.needle";
    const LABEL: &'static str = "Needle…";
    const HELP: &'static str = "Push a flexible needle into an organ: force at the hand, bend of the needle, shift of the target, and planned path against real path.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("mesh", Kind::Node(NodeKind::Tets), "", "the tetrahedral mesh"),
        ParamSpec::needed("entry", Kind::Point, "mm", "where the needle enters, on the surface of the organ"),
        ParamSpec::needed("target", Kind::Point, "mm", "what its tip shall meet, inside the organ"),
        ParamSpec::with("gauge", Kind::Integer(14, 25), "", "18", "thickness: 14, 16 to 22 or 25"),
        ParamSpec::with("diameter_mm", Kind::Number(0.1, 5.0), "mm", "null", "outer diameter in place of the gauge's"),
        ParamSpec::with(
            "stylet",
            Kind::Bool,
            "",
            "true",
            "whether the bore is filled; a diameter is solid in any case",
        ),
        ParamSpec::with("metal", Kind::Choice(&["steel", "nitinol"]), "", "\"steel\"", "what the needle is made of"),
        ParamSpec::with("length_mm", Kind::Number(10.0, 500.0), "mm", "150", "length from the hand to the tip"),
        ParamSpec::with(
            "guide_mm",
            Kind::Number(0.0, 300.0),
            "mm",
            "null",
            "how far before the entry a guide keeps the needle on its line; none if not given",
        ),
        ParamSpec::with(
            "puncture_n",
            Kind::Number(0.0, 20.0),
            "N",
            "0.5",
            "force at which the surface gives way; thin needles 0.1 to 1, thick or blunt ones up to several",
        ),
        ParamSpec::with(
            "cutting_n",
            Kind::Number(0.0, 20.0),
            "N",
            "0.3",
            "force at the tip while it cuts; mostly 0.1 to 1",
        ),
        ParamSpec::with(
            "friction_n_cm",
            Kind::Number(0.0, 10.0),
            "N/cm",
            "0.15",
            "friction for each cm of shaft in the tissue; mostly 0.05 to 1",
        ),
        ParamSpec::with(
            "side_ratio",
            Kind::Number(0.0, 2.0),
            "",
            "0",
            "side force of a bevel over the cutting force; 0 for a symmetric tip",
        ),
        ParamSpec::with("side", Kind::Point, "", "null", "the direction that the bevel pushes the tip to"),
        ParamSpec::with("step_mm", Kind::Number(0.2, 10.0), "mm", "2", "how far the tip cuts from step to step"),
        ParamSpec::with(
            "hit_mm",
            Kind::Number(0.1, 100.0),
            "mm",
            "5",
            "the target is met if the tip ends so near to it",
        ),
        TISSUE,
        YOUNG,
        POISSON,
        HOLD,
        HOLD_PART,
        HOLD_AT,
        HOLD_RADIUS,
        HOLD_TOUCHING,
        TOUCHING,
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { mesh: id, asked, hit_mm, body } = params;
        let node = Arc::clone(case.expect_kind(id, NodeKind::Tets)?);
        let Data::Tets(mesh) = node.data.clone() else { unreachable!("the kind was checked") };
        let (made_of, whole) = (body.made_of(&node.name)?, at_rest(case, id, &node));
        let body = body.found_in(case)?;
        let (needle, resistance, path) = asked.checked()?;
        Ok(Box::new(move |progress| {
            let (fixed, materials) = (body.fixed(&mesh)?, made_of.everywhere(&mesh));
            let insertion = Insertion { mesh: &mesh, materials: &materials, fixed: &fixed, needle, resistance, path };
            let (inserted, tissue, summary) =
                insert(&insertion, progress).map_err(|error| CommandError::failed(&error))?;
            let summary = made_of.told(summary);
            let organ = node.name.trim_end_matches(" tetrahedra");
            let mut edit = Edit::new(format!("needle into {organ}"));
            let said = verdict(&inserted, hit_mm);
            let is_met = inserted.punctured && inserted.miss_mm() <= hit_mm;
            let summary = if is_met { summary } else { summary.warning(said.clone()) };
            edit.message = summary.warnings.first().filter(|_| !inserted.punctured).cloned().or(Some(said));
            let tissue_node = Node::new(format!("{organ}, needle in"), Data::Tissue(Arc::new(tissue)))
                .with_summary(summary)
                .from_source(id)
                .shown(node.display.colour, ORGAN_OPACITY)
                .coloured_by("displacement");
            let planned = vec![inserted.needle_mm[0], inserted.planned_mm];
            let lines = [("needle", inserted.needle_mm, NEEDLE_COLOUR), ("planned path", planned, PLANNED_COLOUR)];
            let mut edit = edit.add(tissue_node);
            for (name, points, colour) in lines {
                let line = line(points, 0.5 * needle.outer_mm)?;
                let summary = Summary::default().fact("length", line.length_mm(), "mm");
                let line = Node::new(format!("{organ}, {name}"), Data::Lines(Arc::new(line))).with_summary(summary);
                edit = edit.add(line.from_source(id).shown(colour, 1.0));
            }
            Ok(whole.into_iter().fold(edit, Edit::change))
        }))
    }
}

/// Whether the target was met, as a sentence.
fn verdict(inserted: &Inserted, hit_mm: f64) -> String {
    let met = if inserted.punctured && inserted.miss_mm() <= hit_mm { "met" } else { "missed" };
    format!(
        "the target is {met}: the tip ends {:.1} mm from it ({hit_mm} mm are allowed), after it has moved by {:.1} mm; largest force {:.2} N",
        inserted.miss_mm(),
        inserted.target_moved_mm(),
        inserted.peak_n()
    )
}

/// One line of one radius.
fn line(points: Vec<Point>, radius_mm: f64) -> Result<CentreLines, CommandError> {
    let radii_mm = vec![radius_mm; points.len()];
    CentreLines::new(vec![CentreBranch { parent: None, points, radii_mm }])
        .map_err(|error| CommandError::failed(&error))
}
