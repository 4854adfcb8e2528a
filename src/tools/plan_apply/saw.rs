//! Osteotomies applied: the bone in parts, and its fragments where the plan moves them.

use super::WISH;
use crate::base::{Made, NodeId, Progress, SegmentId, Summary};
use crate::image::{LabelMap, Segment, Volume};
use crate::mesh::{Surface, TetMesh};
use crate::plan::bone::BoneError;
use crate::plan::bone::sawn::{
    FIRST, KERF, REST, SawnSurface, Saws, moved_surface, sawn_surface, sawn_tets, sawn_voxels,
};
use crate::plan::{Action, Osteotomy, Plan};
use crate::session::{CommandError, Data, Edit, Node};
use crate::tools::shared::colour::next_colour;
use crate::tools::shared::plans::bad;
use crate::tools::shared::surface_node;

/// Fragments and bone; what is shared after the move stands out.
const STAYS: [u8; 3] = [0, 158, 115];
const TAKEN: [u8; 3] = [240, 228, 66];
const BOOKS: &str = "Every voxel of the bone belongs to the part its centre lies in: the saws in their order, each takes its fragment \
     from what those before it left. Together they are the bone, to the voxel.";
const MOVED: &str = "Fragments are moved as stiff bodies and asked for at the middle of every voxel, so that their voxels may be a few \
     more or fewer than before; what several would be is a segment of its own.";
const FACES: &str = "The faces that the saws leave are flat lids on the bone's surface; what stays and the fragments are closed bodies \
     of their own, the fragments moved as stiff bodies.";
const TETS: &str = "Tetrahedra that a face of a saw cut goes through are halved along it; a cut nearer to a corner than 2 % of an edge \
     goes through the corner. What the saws take is left out, and no part shares a vertex with another.";
const LIMIT: &str = "Nothing resists the move: soft tissue, callus and what fixes the fragments are not looked at.";

/// What osteotomies are applied to.
pub(super) struct Bone {
    /// The segmentation that holds it.
    pub(super) node: NodeId,
    pub(super) labels: LabelMap,
    pub(super) segment: SegmentId,
    pub(super) name: String,
    /// What the plan is called.
    pub(super) plan: String,
    /// A mesh that is to be divided too.
    pub(super) mesh: Option<(NodeId, TetMesh)>,
    pub(super) surfaces: bool,
    pub(super) made: Vec<Made>,
}

/// The osteotomies of `plan` with their names.
pub(super) fn osteotomies(plan: &Plan) -> Vec<(String, Osteotomy)> {
    let own = plan.actions.iter().filter_map(|named| match &named.action {
        Action::Osteotomy(saw) => Some((named.name.clone(), saw.clone())),
        _ => None,
    });
    own.collect()
}

fn said(error: BoneError) -> CommandError {
    match error {
        BoneError::Cancelled(stop) => stop.into(),
        other => bad(other.to_string()),
    }
}

impl Bone {
    /// The edit that applies `saws`: the parts where they were, the parts where they are moved to, and surfaces and a mesh of
    /// the latter if wanted.
    pub(super) fn sawn(self, saws: &[(String, Osteotomy)], progress: &Progress) -> Result<Edit, CommandError> {
        let each = Saws::of(saws.iter().map(|(_, saw)| saw)).map_err(said)?;
        let mask = self.labels.mask(self.segment);
        let parts = sawn_voxels(&mask, &each, &progress.part(0.0..0.5, "voxels")).map_err(said)?;
        let before = self.labels_of(&parts.before, saws, "taken by the saw")?;
        let after = self.labels_of(&parts.after, saws, "in several parts at once")?;
        let of_plan = |summary: Summary| summary.made_of(self.made.iter().cloned());
        let ml = |labels: &LabelMap, label: u8| labels.volume_ml(SegmentId(label));
        let with_parts = |mut summary: Summary, labels: &LabelMap| {
            summary = summary.fact("rest", ml(labels, REST), "ml");
            let own = saws.iter().enumerate();
            own.fold(summary, |summary, (n, (name, _))| {
                summary.fact(&format!("fragment {name}"), ml(labels, FIRST + n as u8), "ml")
            })
        };
        let books = Summary::default().method(BOOKS).fact(&self.name, self.labels.volume_ml(self.segment), "ml");
        let books = with_parts(books.fact("taken by the saw", ml(&before, KERF), "ml"), &before);
        let shared_ml = ml(&after, KERF);
        let mut moved = with_parts(Summary::default().method(MOVED).limit(LIMIT), &after);
        moved = moved.fact("in several parts at once", shared_ml, "ml");
        if 0.0 < shared_ml {
            moved = moved.warning(format!(
                "{shared_ml:.1} ml are in several parts at once after the move: turn or shift the fragments otherwise, or take \
                 more bone away"
            ));
        }
        let said = moved.warnings.first().cloned();
        let sawn = Node::new(format!("{}, {} sawn", self.name, self.plan), Data::Labels(before));
        let put = Node::new(format!("{}, {} moved", self.name, self.plan), Data::Labels(after));
        let mut edit = Edit::new(format!("apply {}", self.plan))
            .add(sawn.with_summary(of_plan(books)).from_source(self.node).hidden())
            .add(put.with_summary(of_plan(moved)).from_source(self.node));
        edit.message = said;
        if self.surfaces {
            let progress = progress.part(0.5..0.9, "surfaces");
            for mut node in self.surfaces_of(saws, &each, &progress)? {
                node.summary = of_plan(node.summary);
                edit = edit.add(node.from_source(self.node));
            }
        }
        if let Some((id, mesh)) = &self.mesh {
            let mut node = self.mesh_of(mesh, saws, &each)?;
            node.summary = of_plan(node.summary);
            edit = edit.add(node.from_source(*id));
        }
        Ok(edit)
    }

    fn labels_of(
        &self,
        parts: &Volume<u8>,
        saws: &[(String, Osteotomy)],
        second: &str,
    ) -> Result<LabelMap, CommandError> {
        let mut table = vec![
            Segment::new(SegmentId(REST), format!("rest of {}", self.name), STAYS, None),
            Segment::new(SegmentId(KERF), second, TAKEN, None),
        ];
        for (n, (name, _)) in saws.iter().enumerate() {
            let colour = next_colour(&table);
            table.push(Segment::new(SegmentId(FIRST + n as u8), format!("fragment {name}"), colour, None));
        }
        LabelMap::from_volume(parts, table).map_err(|error| CommandError::failed(&error))
    }

    /// What stays and the fragments, moved, as surfaces with flat faces.
    fn surfaces_of(
        &self,
        saws: &[(String, Osteotomy)],
        each: &Saws,
        progress: &Progress,
    ) -> Result<Vec<Node>, CommandError> {
        let whole = surface_node(&self.labels, self.segment, WISH, &progress.part(0.0..0.7, "bone"))?;
        let Data::Surface(whole) = whole.data else { unreachable!("a surface was made") };
        let progress = progress.part(0.7..1.0, "faces");
        let SawnSurface { rest, fragments } = sawn_surface(&whole.surface, each, &progress).map_err(said)?;
        let node = |name: String, surface: Surface, colour| {
            let summary = Summary::default().method(FACES).limit(LIMIT).fact("volume", surface.volume_ml(), "ml");
            Node::new(name, Data::surface(surface)).with_summary(summary).shown(colour, 1.0)
        };
        let mut nodes: Vec<Node> =
            rest.into_iter().map(|rest| node(format!("rest {}", self.name), rest, STAYS)).collect();
        let mut table =
            vec![Segment::new(SegmentId(REST), "", STAYS, None), Segment::new(SegmentId(KERF), "", TAKEN, None)];
        for (n, (fragment, (name, _))) in fragments.into_iter().zip(saws).enumerate() {
            let colour = next_colour(&table);
            table.push(Segment::new(SegmentId(FIRST + n as u8), "", colour, None));
            // One that vanished when the surface was smoothed is there in voxels all the same.
            let Some(fragment) = fragment else { continue };
            nodes.push(node(format!("fragment {name} {}", self.name), moved_surface(&fragment, each.turn(n)), colour));
        }
        Ok(nodes)
    }

    fn mesh_of(&self, mesh: &TetMesh, saws: &[(String, Osteotomy)], each: &Saws) -> Result<Node, CommandError> {
        let sawn = sawn_tets(mesh, each).map_err(|why| bad(format!("the mesh cannot be sawn: {why}")))?;
        let ml = |n: usize| sawn.mm3[n] / crate::base::units::MM3_PER_ML;
        let mut summary = Summary::default().method(TETS).limit(LIMIT);
        summary = summary.fact("rest", ml(0), "ml").fact("taken by the saw", ml(1), "ml");
        for (n, (name, _)) in saws.iter().enumerate() {
            summary = summary.fact(&format!("fragment {name}"), ml(2 + n), "ml");
        }
        Ok(Node::new(format!("{}, mesh in parts", self.name), Data::Tets(sawn.mesh)).with_summary(summary))
    }
}
