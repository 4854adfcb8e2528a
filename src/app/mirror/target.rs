//! What rays of the mouse and of names can meet: surfaces of this case, and of the other one of a comparison.

use super::build::Shade;
use super::cut::Cut;
use crate::base::NodeId;
use crate::geom::{Aabb, Ray};
use crate::mesh::bvh::{Bvh, SurfacePoint};

/// A surface as a ray meets it.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    /// Of which object of its case.
    pub(crate) node: NodeId,
    /// The box around it, mm.
    pub(crate) bounds: &'a Aabb,
    /// Its colour, sRGB.
    pub(crate) colour: [u8; 3],
    /// 0 invisible, 1 opaque.
    pub(crate) opacity: f32,
    /// The field that colours it.
    pub(crate) shade: Option<&'a Shade>,
    /// Why some of its values are not valid.
    pub(crate) invalid_because: Option<&'a str>,
    pub(super) bvh: &'a Bvh,
    pub(super) cut: &'a Cut,
    /// The object of this case that it is cut like.
    pub(super) cut_as: NodeId,
}

impl Target<'_> {
    /// Where a ray meets what is left of it.
    pub(crate) fn hit(&self, ray: &Ray) -> Option<SurfacePoint> {
        self.cut.first_hit(self.cut_as, self.bvh, ray)
    }

    /// The value of its field there, if one colours it; no finite number where there is no valid value.
    pub(crate) fn value_at(&self, hit: &SurfacePoint) -> Option<f64> {
        let corners = self.bvh.surface().triangles()[hit.triangle];
        let values = &self.shade?.field.values;
        Some((0..3).map(|n| hit.weights[n] * values[corners[n] as usize]).sum())
    }
}

/// What somebody means who points along a ray: something coloured by values or hardly transparent, if there is any.
pub(crate) fn pointed_at<'a>(targets: &[Target<'a>], ray: &Ray) -> Option<(Target<'a>, SurfacePoint)> {
    let first = |counts: &dyn Fn(&Target<'_>) -> bool| {
        let hits =
            targets.iter().filter(|target| counts(target)).filter_map(|target| Some((*target, target.hit(ray)?)));
        hits.min_by(|a, b| a.1.distance_mm.total_cmp(&b.1.distance_mm))
    };
    first(&|target| target.shade.is_some() || 0.5 <= target.opacity).or_else(|| first(&|_| true))
}
