//! `plan.couinaud`: the liver's segments I to VIII from its vessels.

use crate::base::{NodeId, SegmentId, Summary, Table};
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Segment};
use crate::mesh::CentreLines;
use crate::plan::resection::{Organ, ResectionError};
use crate::plan::territory::{
    Couinaud, Landmarks, NAMES, Territories, TerritoriesBy, TerritoryError, Weighting, cava_between, landmarks,
    murray_flows,
};
use crate::plan::{Structure, uncertainty};
use crate::session::{Case, CommandError, Data, Edit, FlowTubes, Kind, Node, NodeKind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, bad};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Two places of the vena cava nearer to each other than this tell no direction: this program's choice.
const CAVA_MM_MIN: f64 = 20.0;
/// SNOMED CT code of the inferior vena cava.
const CAVA: u64 = 64_131_007;
/// Colours that are told apart by everybody (Okabe and Ito 2008).
const COLOURS: [[u8; 3]; 8] = [
    [153, 153, 153],
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
];
const PLANES: &str = "Couinaud 1957 as Bismuth 1982, World J Surg 6:3, describes it: upright planes through the vena cava and the \
     right hepatic vein, the middle hepatic vein and the umbilical fissure; level planes through the portal vein's division and, \
     left of the fissure, through its umbilical part; I lies behind the plane of the portal division, the umbilical part and the \
     mouth of the hepatic veins.";
const VESSELS: &str = "Every voxel belongs to the nearest branch of the portal vein, and that to the segment in which it ends by the \
     planes (Selle and others 2002, IEEE TMI 21:1344).";

const FLOWS: &str = "Which branch is nearest goes by distance over weight, the weight by the flow of the branches from division to \
     division (Aurenhammer 1991, ACM Computing Surveys 23:345; Murray 1926, PNAS 12:207).";

/// The segments of a liver.
#[derive(Debug)]
pub struct PlanCouinaud;

/// How voxels are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Planes,
    Vessels,
}

/// Parameters of [`PlanCouinaud`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    organ: String,
    portal: NodeId,
    hepatic: NodeId,
    cava: Option<String>,
    gallbladder: Option<String>,
    by: By,
    territories: String,
}

impl Tool for PlanCouinaud {
    const ID: &'static str = "plan.couinaud";
    const LABEL: &'static str = "Segments of Couinaud…";
    const HELP: &'static str = "Make the liver's segments I to VIII from where the portal vein, the hepatic veins and the vena cava lie: by planes, or by the territories of portal branches.";
    const STEP: Step = Step::Simulate;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::with(
            "organ",
            Kind::Text,
            "",
            "\"liver\"",
            "the liver: the name of a segment, or object/segment, e.g. 2/liver",
        ),
        ParamSpec::needed(
            "portal",
            Kind::Node(NodeKind::Lines),
            "",
            "centre lines of the portal vein, from its trunk outwards",
        ),
        ParamSpec::needed(
            "hepatic",
            Kind::Node(NodeKind::Lines),
            "",
            "centre lines of the hepatic veins, from where they meet the vena cava",
        ),
        ParamSpec::with(
            "cava",
            Kind::Text,
            "",
            "null",
            "the vena cava behind the liver, a segment; the one of the case if not given",
        ),
        ParamSpec::with(
            "gallbladder",
            Kind::Text,
            "",
            "null",
            "the gallbladder, a segment: with the vena cava it makes the middle plane where no middle hepatic vein is found",
        ),
        ParamSpec::with(
            "by",
            Kind::Choice(&["planes", "vessels"]),
            "",
            "\"planes\"",
            "parted by planes, or every voxel by the segment in which the nearest portal branch ends",
        ),
        ParamSpec::with(
            "territories",
            Kind::Text,
            "",
            "\"distance\"",
            "which branch is nearest, by vessels: distance, radii (flows estimated from radii by Murray's law), or the number of a flow result of the portal vein",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { organ, portal, hepatic, cava, gallbladder, by, territories } = params;
        let territories = plans::territories_by(case, &territories)?;
        let tubes: Vec<FlowTubes> = territories.results().iter().filter_map(|id| case.flow_tubes(*id)).collect();
        let liver = segment(case, plans::find(case, &organ)?, "the liver")?;
        let cava = match cava {
            Some(text) => plans::find(case, &text)?,
            None => cava_of(case)?,
        };
        let cava = segment(case, cava, "the vena cava")?;
        let gallbladder = match gallbladder {
            Some(text) => Some(segment(case, plans::find(case, &text)?, "the gallbladder")?),
            None => None,
        };
        if portal == hepatic {
            return Err(bad("portal and hepatic veins are the same centre lines; give those of each"));
        }
        let (portal, hepatic) = (lines(case, portal)?, lines(case, hepatic)?);
        Ok(Box::new(move |progress| {
            let organ = liver.voxels()?;
            let marks = marks(&liver, &cava, gallbladder.as_ref(), &portal, &hepatic)?;
            let planes = Couinaud::of(&marks).map_err(refused)?;
            let organ = Arc::new(organ);
            progress.set(0.3)?;
            let voxels = match by {
                By::Planes => planes.labels(&organ),
                By::Vessels => {
                    let weighting = weighting(&territories, &tubes, &portal)?;
                    let parting = progress.part(0.3..0.9, "territories");
                    let territories = Territories::of(Arc::clone(&organ), &portal, &weighting, &parting);
                    let of_branches = planes.of_branches(&portal);
                    territories.map_err(refused)?.labels(|branch| of_branches[branch])
                }
            };
            let table = NAMES.iter().zip(COLOURS).enumerate().map(|(n, (name, colour))| {
                Segment::new(SegmentId(n as u8 + 1), format!("segment {name}"), colour, None)
            });
            let found =
                LabelMap::from_volume(&voxels, table.collect()).map_err(|error| CommandError::failed(&error))?;
            let summary = summary(&found, by, &territories);
            let empty: Vec<&str> =
                (0..8).filter(|n| found.count(SegmentId(n + 1)) == 0).map(|n| NAMES[usize::from(n)]).collect();
            let mut edit = Edit::new(format!("segments of {}", liver.name));
            if !empty.is_empty() {
                edit = edit.say(format!(
                    "nothing of the liver lies in segment {}; look at the centre lines",
                    empty.join(", ")
                ));
            }
            let name = format!("{}, segments of Couinaud", liver.name);
            Ok(edit.add(Node::new(name, Data::Labels(found)).with_summary(summary).from_source(liver.node)))
        }))
    }
}

/// A segment of the case.
struct Part {
    node: NodeId,
    name: String,
    labels: LabelMap,
    id: SegmentId,
}

impl Part {
    fn voxels(&self) -> Result<Organ, CommandError> {
        Organ::of(&self.labels.mask(self.id)).map_err(|error| match error {
            ResectionError::NoOrgan => {
                bad(format!("{} is empty; choose a segment that has something in it", self.name))
            }
            other => CommandError::failed(&other),
        })
    }

    /// The centres of its voxels.
    fn centres(&self) -> Result<Vec<Point>, CommandError> {
        Ok(self.voxels()?.centres(crate::plan::resection::Layer::Organ))
    }
}

fn segment(case: &Case, structure: Structure, what: &str) -> Result<Part, CommandError> {
    let Some(id) = structure.segment else {
        return Err(bad(format!("{} is no segment; choose a segment for {what}", plans::name_of(case, structure))));
    };
    let labels = crate::tools::shared::labels(case, structure.node)?;
    let name = labels.segment(id).map_or_else(|| what.to_owned(), |segment| segment.name.clone());
    Ok(Part { node: structure.node, name, labels, id })
}

/// The vena cava of the case, by its code or name.
fn cava_of(case: &Case) -> Result<Structure, CommandError> {
    let is_cava = |one: &crate::plan::template::Found| {
        one.structure.segment.is_some()
            && (one.snomed == Some(CAVA) || one.name.eq_ignore_ascii_case("inferior vena cava"))
    };
    let found = plans::found(case).into_iter().find(is_cava).map(|one| one.structure);
    found.ok_or_else(|| {
        bad("the vena cava is missing for the segments of Couinaud; segment it behind the liver and name it with cava")
    })
}

fn lines(case: &Case, id: NodeId) -> Result<Arc<CentreLines>, CommandError> {
    match &case.expect_kind(id, NodeKind::Lines)?.data {
        Data::Lines(lines) => Ok(Arc::clone(lines)),
        _ => unreachable!("the kind was checked"),
    }
}

fn refused(error: TerritoryError) -> CommandError {
    match error {
        TerritoryError::Cancelled(stop) => stop.into(),
        TerritoryError::NoFlow { branch, .. } => bad(format!(
            "branch {} of the portal vein has no flow; name another flow result, or choose radii or distance",
            branch + 1
        )),
        other => bad(other.to_string()),
    }
}

/// Where the vessels lie: the vena cava at the level of the veins' mouth, and at the lower end of the liver.
fn marks(
    liver: &Part,
    cava: &Part,
    gallbladder: Option<&Part>,
    portal: &CentreLines,
    hepatic: &CentreLines,
) -> Result<Landmarks, CommandError> {
    let roots: Vec<Point> =
        hepatic.branches().iter().filter(|branch| branch.parent.is_none()).map(|branch| branch.points[0]).collect();
    let mouth_z = roots.iter().map(|root| root.z).sum::<f64>() / roots.len().max(1) as f64;
    let liver_z = liver.centres()?.iter().map(|centre| centre.z).fold(f64::INFINITY, f64::min);
    let places = cava.centres()?;
    let step_mm = cava.labels.grid().spacing_mm().into_iter().fold(0.0, f64::max);
    let ends = cava_between(&places, step_mm, [liver_z, mouth_z]);
    let long_mm = ends[1].z - ends[0].z;
    if long_mm < CAVA_MM_MIN {
        return Err(bad(format!(
            "{} goes {long_mm:.0} mm upwards between the lower end of the liver and the mouth of the hepatic veins; the segments \
             of Couinaud need {CAVA_MM_MIN} mm of it: segment more of it, or begin the hepatic veins where they meet it",
            cava.name
        )));
    }
    let mut found = landmarks(portal, hepatic, ends).map_err(refused)?;
    if let Some(gallbladder) = gallbladder {
        let places = gallbladder.centres()?;
        found.gallbladder =
            Some(Point::from(places.iter().map(|place| place.coords).sum::<Vector>() / places.len() as f64));
    }
    Ok(found)
}

/// What decides which branch of the portal vein is nearest.
fn weighting(by: &TerritoriesBy, tubes: &[FlowTubes], portal: &CentreLines) -> Result<Weighting, CommandError> {
    match by {
        TerritoriesBy::Distance => Ok(Weighting::Distance),
        TerritoriesBy::Radii => Ok(Weighting::Flow(murray_flows(portal))),
        TerritoriesBy::Flow(_) => {
            let flows = tubes.iter().find_map(|tubes| tubes.flows(portal));
            flows.map(Weighting::Flow).ok_or_else(|| {
                bad("the flow result is not of these centre lines of the portal vein as they are now; compute their flow with simulate.network, or choose radii or distance")
            })
        }
    }
}

fn summary(found: &LabelMap, by: By, territories: &TerritoriesBy) -> Summary {
    let mut table = Table::new("Segments", "segment", &[("volume", "ml"), ("at least", "ml"), ("at most", "ml")]);
    let mut summary = Summary::default().method(PLANES);
    if by == By::Vessels {
        summary = summary.method(VESSELS);
        if !territories.is_default() {
            summary = summary.method(FLOWS);
        }
    }
    for (n, name) in NAMES.iter().enumerate() {
        let id = SegmentId(n as u8 + 1);
        let Ok(part) = Organ::of(&found.mask(id)) else {
            table = table.row((*name).to_owned(), [Some(0.0); 3]);
            continue;
        };
        let [voxels, inner, outer] = crate::plan::resection::LAYERS.map(|layer| part.voxels(layer));
        let grid = part.grid();
        let voxel_ml = grid.voxel_mm3() / crate::base::units::MM3_PER_ML;
        let share = uncertainty::share_of_band(grid, uncertainty::EDGE_MM) * voxel_ml;
        let ml = uncertainty::volume(voxels as f64 * voxel_ml, share, [inner, outer]);
        summary = summary.bounded(&format!("segment {name}"), ml.all(), "ml");
        table = table.row((*name).to_owned(), [ml.value, ml.low, ml.high].map(Some));
    }
    summary
        .method(uncertainty::METHOD)
        .method(uncertainty::EDGE_SOURCE)
        .limit("Real borders between segments are not flat, and people differ: planes through the vessels are a convention.")
        .limit("About 29 % of people have the vessels of the textbook (doi 10.1007/s00423-020-01862-7); where the portal vein divides otherwise, the landmarks are others.")
        .limit("Bounds hold the voxels along the borders, not where the borders truly are.")
        .table(table)
}
