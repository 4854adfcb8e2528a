//! What tools that make one surface from another share: the surface, the resolution, and what becomes of the result.

use super::effect::Outcome;
use crate::base::{NodeId, Summary};
use crate::mesh::Surface;
use crate::mesh::solid::voxel_mm_for;
use crate::session::{Case, Change, CommandError, Data, Edit, Kind, Node, NodeKind, ParamSpec, data::SurfaceData};
use std::sync::Arc;

/// The surface that is worked on.
pub(in crate::tools) const SURFACE: ParamSpec =
    ParamSpec::needed("surface", Kind::Node(NodeKind::Surface), "", "the surface");
/// Edge of the cubes.
pub(in crate::tools) const VOXEL: ParamSpec = ParamSpec::with(
    "voxel_mm",
    Kind::Number(0.02, 50.0),
    "mm",
    "null",
    "edge of the cubes it is computed in; a two hundredth of the longest side, at least 0.2 mm, if not given",
);
/// A new object, or in place.
pub(in crate::tools) const RESULT: ParamSpec = ParamSpec::with(
    "result",
    Kind::Choice(&["edit", "new"]),
    "",
    "\"new\"",
    "make a new object and hide the surface, or change the surface in place",
);

/// A surface node with its data shared.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Source {
    id: NodeId,
    node: Arc<Node>,
    data: Arc<SurfaceData>,
}

/// The surface node `id`.
///
/// # Errors
/// [`CommandError::BadParams`] if it is no surface or has no triangle.
pub(in crate::tools) fn surface_of(case: &Case, id: NodeId) -> Result<Source, CommandError> {
    let node = Arc::clone(case.expect_kind(id, NodeKind::Surface)?);
    let Data::Surface(data) = &node.data else { unreachable!("the kind was checked") };
    if data.surface.triangles().is_empty() {
        return Err(CommandError::BadParams(format!("object {id} ({}) has no triangle", node.name)));
    }
    let data = Arc::clone(data);
    Ok(Source { id, node, data })
}

impl Source {
    /// Its triangles.
    pub(in crate::tools) fn surface(&self) -> &Surface {
        &self.data.surface
    }

    /// What the user calls it.
    pub(in crate::tools) fn name(&self) -> &str {
        &self.node.name
    }

    /// Its colour.
    pub(in crate::tools) fn colour(&self) -> [u8; 3] {
        self.node.display.colour
    }

    /// The change that hides it, where something else takes its place.
    pub(in crate::tools) fn hidden(&self) -> Change {
        Change::Hide { id: self.id, was: self.node.hash() }
    }

    /// The edge of the cubes the user asked for, or one that suits the surface.
    pub(in crate::tools) fn voxel_mm(&self, asked: Option<f64>) -> f64 {
        asked.unwrap_or_else(|| voxel_mm_for(&self.surface().bounds()))
    }

    /// What a surface made from this one says of itself, before the rest of `summary`.
    pub(in crate::tools) fn account(&self, new: &Surface, summary: Summary) -> Summary {
        let old = self.surface();
        let open = new.open_edges();
        let mut account = Summary::default()
            .fact("volume", new.volume_ml(), "ml")
            .fact("volume before", old.volume_ml(), "ml")
            .fact("area", new.area_cm2(), "cm²")
            .fact("area before", old.area_cm2(), "cm²")
            .fact("triangles", new.triangles().len() as f64, "1")
            .fact("triangles before", old.triangles().len() as f64, "1")
            .fact("open edges", open as f64, "1");
        for fact in summary.facts {
            if account.value(&fact.name).is_none() {
                account.facts.push(fact);
            }
        }
        (account.methods, account.limits, account.warnings) = (summary.methods, summary.limits, summary.warnings);
        if 0 < open {
            account.warnings.push(format!("the surface has {open} open edges, so its volume means little"));
        }
        account
    }

    /// The edit that puts `new` in place of this surface, or beside it under its name with `what` behind it.
    pub(in crate::tools) fn becomes(&self, what: &str, new: Surface, summary: Summary, result: Outcome) -> Edit {
        let mut edit = Edit::new(format!("{what} of {}", self.name()));
        edit.message = summary.warnings.first().cloned();
        match result {
            Outcome::Edit => {
                let mut node = Node::new(self.name(), Data::surface(new)).with_summary(summary);
                node.display = self.node.display.clone();
                node.display.field = None;
                edit.change(Change::Replace { id: self.id, was: self.node.hash(), node })
            }
            Outcome::New => {
                let node = Node::new(format!("{} {what}", self.name()), Data::surface(new)).with_summary(summary);
                let node = node.shown(self.colour(), self.node.display.opacity).from_source(self.id);
                edit.add(node).change(self.hidden())
            }
        }
    }

    /// The edit that gives this surface a field, coloured by it, and another account of itself.
    pub(in crate::tools) fn with_field(&self, label: &str, field: crate::mesh::Field, summary: Summary) -> Edit {
        let name = field.name.clone();
        let mut data = SurfaceData::clone(&self.data);
        data.fields.retain(|other| other.name != name);
        data.fields.push(field);
        let mut edit = Edit::new(format!("{label} of {}", self.name()));
        edit.message = summary.warnings.first().cloned();
        let mut node = Node::new(self.name(), Data::Surface(Arc::new(data))).with_summary(summary);
        node.display = self.node.display.clone();
        edit.change(Change::Replace { id: self.id, was: self.node.hash(), node: node.coloured_by(&name) })
    }

    /// The edit that leaves this surface as it is with another account of itself.
    pub(in crate::tools) fn with_account(&self, label: &str, summary: Summary) -> Edit {
        let node = Node::clone(&self.node).with_summary(summary);
        let edit = Edit::new(format!("{label} of {}", self.name()));
        edit.change(Change::Replace { id: self.id, was: self.node.hash(), node })
    }
}
