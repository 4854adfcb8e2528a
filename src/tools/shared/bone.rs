//! Bone as tools that make or place something on it take it: a segment whose surface is made, or a surface.

use super::plans::{bad, name_of};
use super::{SurfaceWish, surface_node};
use crate::base::{Progress, SegmentId};
use crate::image::LabelMap;
use crate::mesh::Surface;
use crate::plan::Structure;
use crate::plan::distance::half_voxel_mm;
use crate::session::{Case, CommandError, Data};

/// How the bone's surface is made of a segment: as smooth as bone is, moved as little as can be.
const WISH: SurfaceWish = SurfaceWish { smoothing: 0.25, triangles_max: 400_000, error_mm: 0.05 };

/// A bone of the case, not yet a surface.
#[derive(Debug, Clone)]
pub(in crate::tools) enum Bone {
    Segment(LabelMap, SegmentId),
    Surface(Surface),
}

impl Bone {
    /// The bone that `structure` is; `to_do` says what to do about another kind of object.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] if it is no segment and no surface, or has no triangle.
    pub(in crate::tools) fn of(case: &Case, structure: Structure, to_do: &str) -> Result<Self, CommandError> {
        let name = name_of(case, structure);
        match (case.node(structure.node).map(|node| &node.data), structure.segment) {
            (Some(Data::Labels(labels)), Some(segment)) => Ok(Self::Segment(labels.clone(), segment)),
            (Some(Data::Surface(own)), None) if own.surface.triangles().is_empty() => {
                Err(bad(format!("{name} has no triangle; {to_do}")))
            }
            (Some(Data::Surface(own)), None) => Ok(Self::Surface(own.surface.clone())),
            _ => Err(bad(format!("{name} is no segment and no surface; {to_do}"))),
        }
    }

    /// Thickness of the thickest way through a voxel's faces (mm); none for a surface, whose scan is not known.
    pub(in crate::tools) fn slice_mm(&self) -> Option<f64> {
        match self {
            Self::Segment(labels, _) => Some(labels.grid().spacing_mm().into_iter().fold(0.0, f64::max)),
            Self::Surface(_) => None,
        }
    }

    /// How far its edge may lie from the true one: half a voxel's diagonal, where it has voxels, and `edge_mm`.
    pub(in crate::tools) fn known_mm(&self, edge_mm: f64) -> f64 {
        match self {
            Self::Segment(labels, _) => half_voxel_mm(labels.grid()) + edge_mm,
            Self::Surface(_) => edge_mm,
        }
    }

    /// Its surface.
    ///
    /// # Errors
    /// A sentence for an empty segment, or if `progress` was cancelled.
    pub(in crate::tools) fn surface(self, progress: &Progress) -> Result<Surface, CommandError> {
        match self {
            Self::Surface(surface) => Ok(surface),
            Self::Segment(labels, segment) => match surface_node(&labels, segment, WISH, progress)?.data {
                Data::Surface(own) => Ok(own.surface.clone()),
                _ => unreachable!("a surface was made"),
            },
        }
    }
}
