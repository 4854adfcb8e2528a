//! What the tools of plans share: structures by name, the bodies a plan is scored among, plans in place of old ones.

use super::plan_bodies;
use super::plan_carried::Carrier;
use crate::base::{Cancelled, NodeId, Progress, SegmentId};
use crate::image::{LabelMap, Scan};
use crate::mesh::CentreLines;
use crate::plan::refuse::Refusal;
use crate::plan::score::{Body, BodyFrom};
use crate::plan::template::Found;
use crate::plan::territory::TerritoriesBy;
use crate::plan::{Plan, Scene, Structure};
use crate::segment::cropped::{cropped, region_around};
use crate::session::{Case, Change, CommandError, Data, Edit, FlowTubes, Node, NodeKind, ParamSpec};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The parameter that names a plan.
pub(in crate::tools) const PLAN: ParamSpec =
    ParamSpec::needed("plan", crate::session::Kind::Node(NodeKind::Plan), "", "the plan");

/// A refusal.
pub(in crate::tools) fn bad(text: impl Into<String>) -> CommandError {
    CommandError::BadParams(text.into())
}

/// The refusal of the action called `name`.
pub(in crate::tools) fn refused(name: &str, refusal: Refusal) -> CommandError {
    match refusal {
        Refusal::Cancelled(stop) => stop.into(),
        Refusal::Why(text) => bad(format!("{name}: {text}")),
    }
}

/// The plan `id` and its object.
///
/// # Errors
/// [`CommandError::BadParams`] if it is none.
pub(in crate::tools) fn plan_of(case: &Case, id: NodeId) -> Result<(Arc<Node>, Arc<Plan>), CommandError> {
    let node = case.expect_kind(id, NodeKind::Plan)?;
    match &node.data {
        Data::Plan(plan) => Ok((Arc::clone(node), Arc::clone(plan))),
        _ => unreachable!("the kind was checked"),
    }
}

/// The plans asked for: one, several as `3,4`, or all of the case.
///
/// # Errors
/// [`CommandError::BadParams`] if one is no plan, or there is none.
pub(in crate::tools) fn plans_of(
    case: &Case,
    asked: Option<&str>,
) -> Result<Vec<(NodeId, Arc<Node>, Arc<Plan>)>, CommandError> {
    let ids: Vec<NodeId> = match asked {
        None => case.plans().map(|(id, ..)| id).collect(),
        Some(text) => {
            let number = |part: &str| part.trim().trim_start_matches('#').parse().map(NodeId);
            let ids: Result<Vec<_>, _> = text.split(',').map(number).collect();
            ids.map_err(|_| bad(format!("plans = '{text}' must be numbers of plans with commas, e.g. 3,4")))?
        }
    };
    if ids.is_empty() {
        return Err(bad("there is no plan in this case; make one with plan.new first"));
    }
    let plan = |id| plan_of(case, id).map(|(node, plan)| (id, node, plan));
    ids.into_iter().map(plan).collect()
}

/// A structure as a person or a script names it: `liver`, `2/liver`, `2/8`, `5`, or its node and segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::tools) enum Named {
    Exact(Structure),
    Number(u32),
    Text(String),
}

impl Named {
    /// The structure of the case that is meant.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if there is none or several.
    pub(in crate::tools) fn find(&self, case: &Case) -> Result<Structure, CommandError> {
        match self {
            Self::Exact(structure) => checked(case, *structure),
            Self::Number(node) => checked(case, Structure { node: NodeId(*node), segment: None }),
            Self::Text(text) => find(case, text),
        }
    }
}

/// The structure called `text`; see [`Named`].
///
/// # Errors
/// As [`Named::find`].
pub(in crate::tools) fn find(case: &Case, text: &str) -> Result<Structure, CommandError> {
    let text = text.trim();
    let number = |part: &str| part.trim().trim_start_matches('#').parse::<u32>().ok().map(NodeId);
    if let Some((node, segment)) = text.split_once('/')
        && let Some(node) = number(node)
    {
        let labels = super::labels(case, node)?;
        let segment = segment.trim();
        let by_number = segment.parse::<u8>().ok().and_then(|id| labels.segment(SegmentId(id)));
        let found = by_number.or_else(|| labels.segment_named(segment));
        let found = found.ok_or_else(|| {
            let all = labels.segments().iter().map(|segment| format!("{} {}", segment.id.0, segment.name));
            bad(format!("object {node} has no segment '{segment}'; it has: {}", all.collect::<Vec<_>>().join(", ")))
        })?;
        return Ok(Structure { node, segment: Some(found.id) });
    }
    if let Some(node) = number(text) {
        return checked(case, Structure { node, segment: None });
    }
    let all = found(case);
    let wanted = text.to_lowercase();
    let named: Vec<&Found> = all.iter().filter(|one| one.name.to_lowercase() == wanted).collect();
    match named[..] {
        [only] => Ok(only.structure),
        [] => Err(bad(format!("nothing in the case is called '{text}'; name a segment, or an object by its number"))),
        _ => {
            let ways: Vec<String> = named.iter().map(|one| written(&one.structure)).collect();
            Err(bad(format!("several things are called '{text}'; say which: {}", ways.join(", "))))
        }
    }
}

/// `2/8` or `5`: a structure as [`find`] reads it.
pub(in crate::tools) fn written(structure: &Structure) -> String {
    let node = structure.node.0;
    structure.segment.map_or_else(|| node.to_string(), |segment| format!("{node}/{}", segment.0))
}

/// `structure`, if the case has it and it is a body; the only segment of a segmentation stands for it.
fn checked(case: &Case, structure: Structure) -> Result<Structure, CommandError> {
    let Structure { node: id, segment } = structure;
    let node = case.node(id).ok_or_else(|| bad(format!("there is no object {id}")))?;
    match (&node.data, segment) {
        (Data::Labels(labels), segment) => {
            let segment = super::one_segment(labels, segment.map(|segment| segment.0))?;
            Ok(Structure { node: id, segment: Some(segment) })
        }
        (Data::Surface(_) | Data::Lines(_), None) => Ok(structure),
        (data, _) => Err(bad(format!(
            "object {id} ({}) is {}; a plan needs segments, surfaces or centre lines",
            node.name,
            data.kind().words()
        ))),
    }
}

/// Everything in the case that a plan may name.
pub(in crate::tools) fn found(case: &Case) -> Vec<Found> {
    let mut all = Vec::new();
    for (id, node) in case.nodes() {
        match &node.data {
            Data::Labels(labels) => all.extend(labels.segments().iter().map(|segment| Found {
                structure: Structure { node: id, segment: Some(segment.id) },
                name: segment.name.clone(),
                snomed: segment.snomed,
            })),
            Data::Surface(_) | Data::Lines(_) => {
                let structure = Structure { node: id, segment: None };
                all.push(Found { structure, name: node.name.clone(), snomed: None });
            }
            _ => {}
        }
    }
    all
}

/// What `structure` is called in `case`.
pub(in crate::tools) fn name_of(case: &Case, structure: Structure) -> String {
    let known = found(case).into_iter().find(|one| one.structure == structure);
    known.map_or_else(|| format!("object {}", written(&structure)), |one| one.name)
}

/// Name, SNOMED CT code, content of the object and data of a structure.
type Part = (String, Option<u64>, String, Data);

/// What the bodies of plans are made from, shared with the case: taken when a command is asked for, made ready in its job.
#[derive(Debug)]
pub(crate) struct Ingredients {
    parts: BTreeMap<Structure, Part>,
    scan: Option<(NodeId, String, Arc<Scan>)>,
    /// Results whose flows count.
    tubes: Vec<FlowTubes>,
    /// Names of what is at rest while the plan was moved.
    at_rest: Vec<String>,
    /// What carries it.
    carrier: Option<Carrier>,
    /// Data of what was carried, once it was asked for.
    carried: OnceLock<BTreeMap<NodeId, Data>>,
}

impl Ingredients {
    /// What `plan` needs of `case`.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if something that it names is gone.
    pub(crate) fn of(case: &Case, plan: &Plan) -> Result<Self, CommandError> {
        Self::with(case, plan, &[])
    }

    /// What `plan` and beside it `more` need of `case`.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(in crate::tools) fn with(case: &Case, plan: &Plan, more: &[Structure]) -> Result<Self, CommandError> {
        let mut parts = BTreeMap::new();
        for structure in plan.structures().into_iter().chain(more.iter().copied()) {
            let gone = || {
                bad(format!(
                    "the plan names {}, which is not in the case any more; choose it again with plan.change",
                    written(&structure)
                ))
            };
            let node = case.node(structure.node).ok_or_else(gone)?;
            let (name, snomed) = match (&node.data, structure.segment) {
                (Data::Labels(labels), Some(id)) => {
                    let segment = labels.segment(id).ok_or_else(gone)?;
                    (segment.name.clone(), segment.snomed)
                }
                (Data::Surface(_) | Data::Lines(_), None) => (node.name.clone(), None),
                _ => return Err(gone()),
            };
            parts.insert(structure, (name, snomed, node.hash().to_hex(), node.data.clone()));
        }
        let scan = match plan.scan {
            None => None,
            Some(id) => {
                let node = case.expect_kind(id, NodeKind::Scan)?;
                let Data::Scan(scan) = &node.data else { unreachable!("the kind was checked") };
                Some((id, node.hash().to_hex(), Arc::clone(scan)))
            }
        };
        let tubes = plan.territories.results().iter().map(|id| {
            case.flow_tubes(*id).ok_or_else(|| {
                bad(format!(
                    "the plan names the flow result {id}, which is not in the case any more; choose another with plan.change, or \
                     part territories by radii or by distance"
                ))
            })
        });
        let tubes = tubes.collect::<Result<_, _>>()?;
        let at_rest = plan.moved_by.map_or_else(Vec::new, |organ| at_rest(case, plan, organ));
        let carrier = Carrier::of(case, plan);
        Ok(Self { parts, scan, tubes, at_rest, carrier, carried: OnceLock::new() })
    }

    /// The segmentations of its structures, where the deformed organ carried them if it did.
    fn groups(&self) -> Vec<LabelMap> {
        let nodes: BTreeMap<NodeId, &Structure> =
            self.parts.keys().map(|structure| (structure.node, structure)).collect();
        let labels = |structure: &Structure| match self.data(structure)? {
            Data::Labels(labels) => Some(labels.clone()),
            _ => None,
        };
        nodes.into_values().filter_map(labels).collect()
    }

    /// The data of a structure, where the deformed organ carried it if it did; see [`Self::scene`].
    fn data(&self, structure: &Structure) -> Option<&Data> {
        let carried = self.carried.get().and_then(|carried| carried.get(&structure.node));
        carried.or_else(|| self.parts.get(structure).map(|(.., data)| data))
    }

    /// The content of a structure, and of what carried it if something did.
    fn place(&self, structure: &Structure) -> Option<String> {
        let (_, _, content, _) = self.parts.get(structure)?;
        let by = self.carrier.as_ref().filter(|carrier| carrier.carries(structure.node));
        Some(by.map_or_else(|| content.clone(), |by| format!("{content}/{}", by.content)))
    }

    /// The centre lines that were carried to where `lines` are; none if they are no such lines.
    fn at_rest_of(&self, lines: &CentreLines) -> Option<&CentreLines> {
        let carried = self.carried.get()?;
        self.parts.iter().find_map(|(structure, (.., rest))| match (carried.get(&structure.node)?, rest) {
            (Data::Lines(moved), Data::Lines(rest)) if **moved == *lines => Some(rest.as_ref()),
            _ => None,
        })
    }

    /// Carry what is at rest, if it was not yet.
    fn carry(&self, progress: &Progress) -> Result<(), CommandError> {
        let (Some(carrier), None) = (&self.carrier, self.carried.get()) else { return Ok(()) };
        let own = self.parts.iter().map(|(structure, (_, _, content, data))| (structure.node, (content, data.clone())));
        let scan = self.scan.iter().map(|(node, content, scan)| (*node, (content, Data::Scan(Arc::clone(scan)))));
        let all: BTreeMap<NodeId, (&String, Data)> = own.chain(scan).filter(|(id, _)| carrier.carries(*id)).collect();
        let moved = all.into_iter().map(|(id, (content, data))| Ok((id, carrier.carried(&data, content, progress)?)));
        let moved = moved.collect::<Result<BTreeMap<NodeId, Data>, CommandError>>()?;
        // Another thread that was faster carried the same.
        let _ = self.carried.set(moved);
        Ok(())
    }

    /// The name and the centre lines of vessels; none for what is no centre line.
    pub(in crate::tools) fn lines(&self, structure: &Structure) -> Option<(&str, Arc<CentreLines>)> {
        let (name, ..) = self.parts.get(structure)?;
        let Data::Lines(lines) = self.data(structure)? else { return None };
        Some((name, Arc::clone(lines)))
    }

    /// The content of a segment, and its mask on the part of its grid within `around_mm` of it; none for what is no segment
    /// or is empty.
    pub(in crate::tools) fn mask(
        &self,
        structure: &Structure,
        around_mm: f64,
    ) -> Option<(String, impl Fn() -> crate::image::Volume<u8>)> {
        let (Data::Labels(labels), Some(id)) = (self.data(structure)?, structure.segment) else { return None };
        let region = region_around(labels, id, around_mm)?;
        let mask = move || {
            let (mask, _) = cropped(labels, id, &region).expect("the segment is not empty");
            mask
        };
        Some((self.place(structure)?, mask))
    }

    /// The content of a segment, and its mask on the part of its grid that lies within `around_mm` of it and in `within`: none
    /// where nothing of it does. None for what is no segment or is empty.
    pub(in crate::tools) fn mask_within(
        &self,
        structure: &Structure,
        around_mm: f64,
        within: &crate::geom::Aabb,
    ) -> Option<(String, impl Fn() -> Option<crate::image::Volume<u8>>)> {
        let (Data::Labels(labels), Some(id)) = (self.data(structure)?, structure.segment) else { return None };
        let (extent, grid) = (labels.extent(id)?, labels.grid());
        let step_mm = grid.spacing_mm();
        let ends = [within.min, within.max];
        let corners = (0..8).map(|c| crate::geom::Point::new(ends[c & 1].x, ends[c >> 1 & 1].y, ends[c >> 2].z));
        let corners: Vec<_> = corners.map(|corner| grid.index_from_patient(corner)).collect();
        let region = [0, 1, 2].map(|axis| {
            let more = (around_mm / step_mm[axis]).ceil() as usize;
            let low = corners.iter().map(|index| index[axis]).fold(f64::INFINITY, f64::min).floor().max(0.0) as usize;
            let high = corners.iter().map(|index| index[axis]).fold(0.0, f64::max).ceil() as usize + 1;
            let (start, end) = (extent[axis].start.saturating_sub(more), extent[axis].end + more);
            start.max(low)..end.min(high).min(grid.dims()[axis])
        });
        let mask = move || crate::segment::cropped::cropped(labels, id, &region).map(|(mask, _)| mask);
        Some((self.place(structure)?, mask))
    }

    /// The content of a structure of the plan, and of what carried it; none for one that it does not name.
    pub(in crate::tools) fn content(&self, structure: &Structure) -> Option<String> {
        self.place(structure)
    }

    #[cfg_attr(not(feature = "app"), allow(dead_code))]
    /// Whether a segment touches the two ends of its grid along each axis, where the scan cut it off; never for others.
    pub(in crate::tools) fn cut_off(&self, structure: &Structure) -> [[bool; 2]; 3] {
        let Some(Data::Labels(labels)) = self.data(structure) else { return Default::default() };
        let extent = structure.segment.and_then(|id| labels.extent(id));
        let dims = labels.grid().dims();
        extent.map_or_else(Default::default, |extent| {
            [0, 1, 2].map(|axis| [extent[axis].start == 0, extent[axis].end == dims[axis]])
        })
    }

    /// The scene, in which a deformed organ carried what was at rest; bodies that `ready` holds are taken from there, the others put into it, made anew only if no command
    /// before made them.
    ///
    /// # Errors
    /// [`CommandError::Cancelled`] if `progress` was cancelled.
    pub(in crate::tools) fn scene(
        &self,
        ready: &mut BTreeMap<Structure, Arc<Body>>,
        progress: &Progress,
    ) -> Result<Scene, CommandError> {
        self.carry(&progress.part(0.0..0.3, "bodies"))?;
        let carrier = |structure: &Structure| self.carrier.as_ref().filter(|carrier| carrier.carries(structure.node));
        // Names and codes count too: they say which tree brings blood, and whether an organ is a liver.
        let is_missing = |(structure, (name, snomed, content, _)): &(&Structure, &Part)| {
            let by = carrier(structure).map(|carrier| carrier.content.as_str());
            let is_it = |body: &Arc<Body>| {
                let is_here = body.carried_by.as_deref() == by;
                is_here && body.content == *content && body.name == *name && body.snomed == *snomed
            };
            !ready.get(structure).is_some_and(is_it)
        };
        let missing: Vec<_> = self.parts.iter().filter(is_missing).collect();
        let make = |(structure, (name, snomed, content, rest)): (&Structure, &Part)| {
            let from = match (self.data(structure).unwrap_or(rest), structure.segment) {
                (Data::Labels(labels), Some(segment)) => BodyFrom::Segment(labels, segment),
                (Data::Surface(own), _) => BodyFrom::Surface(&own.surface),
                (Data::Lines(lines), _) => BodyFrom::Lines(lines),
                _ => unreachable!("other data were refused"),
            };
            let place = self.place(structure).unwrap_or_default();
            let key = (name.clone(), *snomed, place, structure.segment);
            let body = plan_bodies::body(key, || {
                progress.check()?;
                let mut body = Body::new(name, *snomed, content.clone(), &from);
                body.carried_by = carrier(structure).map(|carrier| carrier.content.clone());
                Ok::<Body, Cancelled>(body)
            })?;
            Ok((*structure, body))
        };
        let made: Result<Vec<_>, Cancelled> = missing.into_par_iter().map(make).collect();
        ready.extend(made?);
        let own = self.parts.keys().filter_map(|structure| Some((*structure, Arc::clone(ready.get(structure)?))));
        let scene = match &self.carrier {
            Some(by) => Scene::new(own).with_carried(by.by, by.content.clone(), self.at_rest.clone()),
            None => Scene::new(own).with_at_rest(self.at_rest.clone()),
        };
        let scene = self.tubes.iter().fold(scene.with_groups(self.groups()), |scene, tubes| {
            // A result of vessels at rest is one of them where they were carried to.
            scene.with_flows(tubes.node, tubes.content.clone(), |lines| {
                tubes.flows(lines).or_else(|| tubes.flows(self.at_rest_of(lines)?))
            })
        });
        Ok(match &self.scan {
            Some((node, content, rest)) => {
                let scan = match self.carried.get().and_then(|carried| carried.get(node)) {
                    Some(Data::Scan(carried)) => carried,
                    _ => rest,
                };
                scene.with_scan(*node, content.clone(), Arc::clone(scan))
            }
            None => scene,
        })
    }
}

/// Whether `node` was moved with the deformed organ `organ`.
pub(in crate::tools) fn follows(node: &Node, organ: NodeId) -> bool {
    node.summary.made_of.iter().any(|made| made.of == organ)
}

/// The names of all that `plan` names and that did not follow the deformed organ `organ`, each once.
fn at_rest(case: &Case, plan: &Plan, organ: NodeId) -> Vec<String> {
    let is_at_rest = |id: &NodeId| !case.node(*id).is_some_and(|node| follows(node, organ));
    // An implant moves by its own numbers.
    let is_put = |structure: &Structure| plan.implants().any(|implant| implant.object == *structure);
    let structures = plan.structures().into_iter().filter(|own| is_at_rest(&own.node) && !is_put(own));
    let mut names: Vec<String> = structures.map(|structure| name_of(case, structure)).collect();
    names.extend(plan.scan.filter(is_at_rest).and_then(|id| case.node(id)).map(|node| node.name.clone()));
    names
}

/// The edit that puts `plan` in place of the object `id`, which was `old`. Sentences on its defaults are kept, and those on the
/// first cut as long as nothing else is done.
pub(in crate::tools) fn replaced(label: String, id: NodeId, old: &Node, plan: Plan) -> Edit {
    let is_as_begun = matches!(&old.data, Data::Plan(was) if was.actions == plan.actions);
    let is_default = |text: &&String| {
        text.starts_with("Distance to ")
            || text.starts_with("Margin to ")
            || (is_as_begun && text.starts_with("First cut: "))
    };
    let sources: Vec<String> = old.summary.methods.iter().filter(is_default).cloned().collect();
    let summary = plan.summary(&sources);
    let mut node = super::in_place_of(old, &old.name, Data::Plan(Arc::new(plan)));
    node.summary = summary;
    Edit::new(label).change(Change::Replace { id, was: old.hash(), node })
}

/// `plan`, checked: by itself, and against the case if `scene` holds what it names.
///
/// # Errors
/// [`CommandError::BadParams`] with what is wrong and what to do.
pub(in crate::tools) fn sound(plan: &Plan, scene: &Scene) -> Result<(), CommandError> {
    if let Some(stray) = scene.stray_flow() {
        return Err(bad(format!(
            "the flow result {stray} is of none of the plan's vessels as they are now; name results of theirs, or part territories \
             by radii or by distance"
        )));
    }
    crate::plan::refuse::places(plan, scene).map_err(bad)
}

/// What territories are parted by, as a person or a script writes it: `distance`, `radii`, or numbers of flow results with
/// commas.
///
/// # Errors
/// [`CommandError::BadParams`] if it is neither, or a result holds no flow along vessels.
pub(in crate::tools) fn territories_by(case: &Case, text: &str) -> Result<TerritoriesBy, CommandError> {
    match text.trim() {
        "distance" => return Ok(TerritoriesBy::Distance),
        "radii" => return Ok(TerritoriesBy::Radii),
        _ => {}
    }
    let result = |part: &str| {
        let number = part.trim().trim_start_matches('#').parse().map(NodeId).map_err(|_| {
            bad(format!(
                "territories = '{text}' must be distance, radii, or numbers of flow results with commas, e.g. 7"
            ))
        })?;
        case.flow_tubes(number).map(|tubes| tubes.node).ok_or_else(|| {
            bad(format!(
                "object {number} holds no flow along vessels; name results of simulate.network, simulate.waves or \
                 simulate.flow_along"
            ))
        })
    };
    text.split(',').map(result).collect::<Result<_, _>>().map(TerritoriesBy::Flow)
}
