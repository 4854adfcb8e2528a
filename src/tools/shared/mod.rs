//! What several tools need: picking a segment, editing it in place, a surface fit for the screen.

pub(super) mod bone;
pub(super) mod colour;
pub(super) mod effect;
pub(super) mod flow;
pub(super) mod group;
pub(super) mod guides;
pub mod hand;
pub(super) mod into;
pub(super) mod limits;
pub(super) mod measures;
pub mod organ_body;
mod plan_bodies;
mod plan_carried;
// A report asks for less of what follows than a plan that is moved in the window.
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) mod plan_entry;
#[cfg(all(test, feature = "app"))]
mod plan_fixture;
pub(super) mod plan_pictures;
#[cfg(feature = "app")]
pub(crate) mod plan_shapes;
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) mod plan_stage;
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) mod plan_views;
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) mod plan_watch;
pub(super) mod plans;
#[cfg(test)]
pub(super) mod plans_tests;
#[cfg(test)]
mod plans_bone_tests;
#[cfg(test)]
mod plans_links_tests;
#[cfg(test)]
mod plans_hard_tests;
#[cfg(test)]
mod plans_liver_tests;
#[cfg(test)]
mod plans_paths_tests;
#[cfg(test)]
mod plans_templates_tests;
#[cfg(test)]
mod plans_territories_tests;
pub(super) mod clock;
pub(super) mod seed_points;
pub(super) mod solid;
pub(super) mod views;
mod surface;
pub mod tissue_law;

pub(super) use surface::{SurfaceWish, surface_node};

use crate::base::{NodeId, Progress, SegmentId};
use crate::image::{BrickLabels, LabelMap, Modality, Scan, Volume, VoxelBox};
use crate::session::{Case, CommandError, Data, Node, NodeKind};
use std::borrow::Cow;

/// The segment with this number; without a number the only one there is.
///
/// # Errors
/// [`CommandError::BadParams`] listing the segments there are.
pub(super) fn one_segment(labels: &LabelMap, asked: Option<u8>) -> Result<SegmentId, CommandError> {
    let list = || {
        let names = labels.segments().iter().map(|segment| format!("{} {}", segment.id.0, segment.name));
        names.collect::<Vec<_>>().join(", ")
    };
    match (asked, labels.segments()) {
        (Some(id), _) => labels
            .segment(SegmentId(id))
            .map(|segment| segment.id)
            .ok_or_else(|| CommandError::BadParams(format!("there is no segment {id} here; there are: {}", list()))),
        (None, [only]) => Ok(only.id),
        (None, []) => Err(CommandError::BadParams("the segmentation has no segment".into())),
        (None, _) => Err(CommandError::BadParams(format!("say which segment is meant: {}", list()))),
    }
}

/// The segment with this number, which must not be locked.
///
/// # Errors
/// [`CommandError::BadParams`] listing the segments there are, or that it is locked.
pub(super) fn unlocked(labels: &LabelMap, id: u8) -> Result<SegmentId, CommandError> {
    let picked = one_segment(labels, Some(id))?;
    match labels.segment(picked) {
        Some(segment) if segment.locked => {
            Err(CommandError::BadParams(format!("segment {id} ({}) is locked; unlock it first", segment.name)))
        }
        _ => Ok(picked),
    }
}

/// A node in place of `old`, shown as it was and with what it says of itself.
pub(super) fn in_place_of(old: &Node, name: impl Into<String>, data: Data) -> Node {
    let mut node = Node::new(name, data).with_summary(old.summary.clone());
    node.display = old.display.clone();
    node.source = old.source;
    node
}

/// The group without segment `id`, whose voxels become background.
pub(super) fn without(labels: &LabelMap, id: SegmentId, progress: &Progress) -> Result<LabelMap, CommandError> {
    let rest = match labels.extent(id) {
        Some(region) => {
            // Only bricks that may hold it are looked at: others are most of a scan.
            let without = |_: &VoxelBox, labels: BrickLabels<'_>| match labels {
                BrickLabels::One(label) => label != id.0,
                BrickLabels::Each(labels) => !labels.contains(&id.0),
            };
            let clear = |_: [usize; 3], row: &mut [u8]| {
                let mut changed = false;
                for label in row.iter_mut().filter(|label| **label == id.0) {
                    (*label, changed) = (0, true);
                }
                changed
            };
            labels.edited_rows(&region, without, clear, progress)?
        }
        None => labels.clone(),
    };
    let table = rest.segments().iter().filter(|segment| segment.id != id).cloned().collect();
    rest.with_segments(table).map_err(|error| CommandError::failed(&error))
}

/// `text` as the name of something: 1 to 80 characters without space around.
///
/// # Errors
/// [`CommandError::BadParams`] with the number of characters.
pub(super) fn name(text: &str) -> Result<String, CommandError> {
    let name = text.trim();
    let count = name.chars().count();
    if (1..=80).contains(&count) {
        Ok(name.to_owned())
    } else {
        Err(CommandError::BadParams(format!("the name has {count} characters; give it 1 to 80")))
    }
}

/// `text` with a capital letter at the start.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A CT node's scan, shared; [`hounsfield`] gives its values inside the job.
///
/// # Errors
/// [`CommandError::BadParams`] if the node is no CT.
pub(super) fn ct(case: &Case, scan: NodeId) -> Result<Scan, CommandError> {
    let node = case.expect_kind(scan, NodeKind::Scan)?;
    let Data::Scan(data) = &node.data else { unreachable!("the kind was checked") };
    if data.modality != Modality::Ct {
        let (name, modality) = (&node.name, data.modality.name());
        let text = format!("a CT in Hounsfield units is needed; {scan} ({name}) is {modality}");
        return Err(CommandError::BadParams(text));
    }
    Ok(data.as_ref().clone())
}

/// The values of a scan that [`ct`] gave, rounded where the file has fractions.
pub(super) fn hounsfield(scan: &Scan) -> Cow<'_, Volume<i16>> {
    scan.ct_hu().expect("the modality was checked")
}

/// The label map of a segmentation node, shared. Its only segment has the name of the node: whoever renames one means
/// both.
///
/// # Errors
/// [`CommandError::BadParams`] if the node is no segmentation.
pub(super) fn labels(case: &Case, id: NodeId) -> Result<LabelMap, CommandError> {
    let node = case.expect_kind(id, NodeKind::Labels)?;
    let Data::Labels(labels) = &node.data else { unreachable!("the kind was checked") };
    match labels.segments() {
        [only] if only.name.to_lowercase() != node.name.to_lowercase() => {
            Ok(labels.clone().renamed(only.id, &node.name))
        }
        _ => Ok(labels.clone()),
    }
}
