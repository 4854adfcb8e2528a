//! What a node of a case can hold.

use crate::base::ContentHash;
use crate::biomech::TissueResult;
use crate::flow::FlowResult;
use crate::image::{LabelMap, Measure, Scan};
use crate::mesh::{CentreLines, Field, Surface, TetMesh};
use crate::plan::Plan;
use std::sync::Arc;

/// The data of a node. Cloning shares arrays; values are never changed in place.
#[derive(Debug, Clone)]
pub enum Data {
    /// An image series.
    Scan(Arc<Scan>),
    /// Segments on a grid.
    Labels(LabelMap),
    /// A triangle surface with fields for colouring.
    Surface(Arc<SurfaceData>),
    /// A tetrahedral mesh.
    Tets(TetMesh),
    /// Centre lines of vessels.
    Lines(Arc<CentreLines>),
    /// A solved soft-tissue problem.
    Tissue(Arc<TissueResult>),
    /// A solved flow problem.
    Flow(Arc<FlowResult>),
    /// Something measured in a picture.
    Measure(Arc<Measure>),
    /// A view somebody wants to come back to.
    View(Arc<super::SavedView>),
    /// A plan of an operation.
    Plan(Arc<Plan>),
}

/// A surface and the fields on its vertices.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceData {
    /// The triangles.
    pub surface: Surface,
    /// One value per vertex each.
    pub fields: Vec<Field>,
}

impl Data {
    /// A surface without fields.
    pub fn surface(surface: Surface) -> Self {
        Self::Surface(Arc::new(SurfaceData { surface, fields: Vec::new() }))
    }

    /// The word for this kind of data, as in [`super::NodeKind`].
    pub fn kind(&self) -> super::NodeKind {
        use super::NodeKind;
        match self {
            Self::Scan(_) => NodeKind::Scan,
            Self::Labels(_) => NodeKind::Labels,
            Self::Surface(_) => NodeKind::Surface,
            Self::Tets(_) => NodeKind::Tets,
            Self::Lines(_) => NodeKind::Lines,
            Self::Tissue(_) => NodeKind::Tissue,
            Self::Flow(_) => NodeKind::Flow,
            Self::Measure(_) => NodeKind::Measure,
            Self::View(_) => NodeKind::View,
            Self::Plan(_) => NodeKind::Plan,
        }
    }

    /// The hash of the content: equal hashes mean equal data.
    pub fn content_hash(&self) -> ContentHash {
        match self {
            Self::Scan(scan) => scan.content_hash(),
            Self::Labels(labels) => labels.content_hash(),
            Self::Surface(data) => {
                let mut hasher = crate::base::ContentHasher::default();
                hasher.text(&data.surface.content_hash().to_hex());
                data.fields.iter().for_each(|field| field.hash_into(&mut hasher));
                hasher.finish()
            }
            Self::Tets(mesh) => mesh.content_hash(),
            Self::Lines(lines) => lines.content_hash(),
            Self::Tissue(result) => result.content_hash(),
            Self::Flow(result) => result.content_hash(),
            Self::Measure(measure) => measure.content_hash(),
            Self::View(view) => view.content_hash(),
            Self::Plan(plan) => plan.content_hash(),
        }
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Scan(scan) => scan.bytes(),
            Self::Labels(labels) => labels.bytes(),
            Self::Surface(data) => data.surface.bytes() + data.fields.iter().map(|f| f.values.len() * 8).sum::<usize>(),
            Self::Tets(mesh) => mesh.bytes(),
            Self::Lines(lines) => lines.bytes(),
            Self::Tissue(result) => result.bytes(),
            Self::Flow(result) => result.bytes(),
            Self::Measure(measure) => measure.bytes(),
            Self::View(view) => view.bytes(),
            Self::Plan(plan) => plan.bytes(),
        }
    }

    /// The part of these bytes that `other`, the same object in another state, does not hold too.
    pub fn bytes_beside(&self, other: &Self) -> usize {
        match (other, self) {
            (Self::Labels(old), Self::Labels(new)) if old.grid() == new.grid() => old.bytes_not_shared_with(new),
            _ => self.bytes(),
        }
    }
}
