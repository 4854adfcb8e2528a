//! What shows an organ as it was before it was moved.

use crate::base::NodeId;
use crate::geom::Aabb;
use crate::mesh::{Surface, TetMesh};
use crate::session::{Case, Change, Data, Node};

/// This share of a surface within the extent of a mesh makes them the same organ.
const SAME_SHARE: f64 = 0.9;

/// As [`seen_with`], hidden.
pub(in crate::tools) fn at_rest(case: &Case, mesh: NodeId, tets: &Node) -> Vec<Change> {
    let seen = seen_with(case, mesh, tets).into_iter();
    seen.filter_map(|id| Some(Change::Hide { id, was: case.node(id)?.hash() })).collect()
}

/// What shows the organ of `mesh` at rest and is hidden then, so that the result is seen alone: the mesh, the surfaces it
/// was made from or that bound the same organ, earlier results.
pub fn seen_with(case: &Case, mesh: NodeId, tets: &Node) -> Vec<NodeId> {
    let segment = |node: &Node| node.made_by().and_then(|command| command.params.get("segment")?.as_u64());
    let is_same = |id: NodeId, node: &Node| match &node.data {
        Data::Tets(_) => id == mesh,
        Data::Tissue(_) => node.source == Some(mesh),
        Data::Surface(_) if tets.source == Some(id) => true,
        Data::Surface(surface) => {
            let is_other = segment(node).zip(segment(tets)).is_some_and(|(a, b)| a != b);
            let Data::Tets(mesh) = &tets.data else { return false };
            tets.source.is_some() && node.source == tets.source && !is_other && lies_in(&surface.surface, mesh)
        }
        _ => false,
    };
    let nodes = case.nodes().filter(|(id, node)| node.display.visible && is_same(*id, node));
    nodes.map(|(id, _)| id).collect()
}

/// Whether a surface lies where the mesh does: of a pair of lungs only one does.
fn lies_in(surface: &Surface, mesh: &TetMesh) -> bool {
    let bounds = Aabb::of(mesh.positions());
    let inside = surface.positions().iter().filter(|place| bounds.contains(place)).count();
    SAME_SHARE * surface.positions().len() as f64 <= inside as f64
}
