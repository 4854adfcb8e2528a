//! From a segment to a surface that is smooth, closed and light enough to turn on a laptop.

use crate::base::{Progress, SegmentId};
use crate::image::LabelMap;
use crate::mesh::Surface;
use crate::mesh::balance::with_volume;
use crate::mesh::contour::segment_surface;
use crate::mesh::decimate::{DecimateError, decimate};
use crate::mesh::smooth::{Smoothing, smooth};
use crate::session::{CommandError, Data, Node};

/// How smooth and how light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::tools) struct SurfaceWish {
    /// 0 leaves the contour as it is, 1 is very smooth; the steps of 3D Slicer's slider.
    pub smoothing: f64,
    /// At most this many triangles, as far as the error allows.
    pub triangles_max: usize,
    /// Largest distance decimation may cause, mm.
    pub error_mm: f64,
}

/// How far, as a part of the smallest spacing, the surface may be shifted to hold the volume of the voxels.
const VOLUME_REACH: f64 = 0.25;

/// The surface of one segment as a node in the segment's colour.
pub(in crate::tools) fn surface_node(
    labels: &LabelMap,
    id: SegmentId,
    wish: SurfaceWish,
    progress: &Progress,
) -> Result<Node, CommandError> {
    let SurfaceWish { smoothing, triangles_max, error_mm } = wish;
    let segment = labels.segment(id).expect("the caller picked an existing segment");
    let failed = |error: &(dyn std::error::Error + 'static)| match CommandError::failed(error) {
        CommandError::Failed(text) => CommandError::Failed(format!("{}: {text}", segment.name)),
        other => other,
    };
    let mut surface = segment_surface(labels, id, &progress.part(0.0..0.3, "contour")).map_err(|e| failed(&e))?;
    let rough = surface.triangles().len();
    let contour_ml = surface.volume_ml();
    if 0.0 < smoothing {
        // 3D Slicer's scale (conventions: 0.25, 0.5, 0.75, 1 are pass-bands 0.1, 0.01, 0.001, 0.0001, 20 to 60 iterations).
        let pass_band = 10_f64.powf(-4.0 * smoothing);
        let iterations = (20.0 + 40.0 * smoothing).round() as usize;
        let how = Smoothing::WindowedSinc { iterations, pass_band };
        surface = smooth(&surface, how, &progress.part(0.3..0.7, "smooth")).map_err(|e| failed(&e))?.0;
    }
    let smooth_ml = surface.volume_ml();
    // What smoothing took from the whole comes back as a shift of hundredths of a millimetre along the normals.
    let voxel_ml = labels.volume_ml(id);
    let reach_mm = VOLUME_REACH * labels.grid().spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let (balanced, moved_mm) = with_volume(&surface, voxel_ml, reach_mm);
    surface = balanced;
    surface =
        lighter(surface, triangles_max, error_mm, &progress.part(0.7..0.95, "decimate")).map_err(|e| failed(&e))?;
    let surface_ml = surface.volume_ml();
    let mut summary = crate::base::Summary::default()
        .fact("volume", surface_ml, "ml")
        .fact("volume of the voxels", voxel_ml, "ml")
        .fact("volume of the contour", contour_ml, "ml")
        .fact("volume after smoothing", smooth_ml, "ml")
        .fact("moved along the normals", moved_mm, "mm")
        .fact("area", surface.area_cm2(), "cm²")
        .fact("triangles", surface.triangles().len() as f64, "1")
        .fact("triangles before decimation", rough as f64, "1")
        .fact("open edges", surface.open_edges() as f64, "1")
        .method(format!(
            "Marching cubes over the blurred mask, windowed-sinc smoothing {smoothing:.2} (Taubin, Zhang, Golub 1996), \
             shift along the normals to the volume of the voxels, \
             quadric decimation to at most {error_mm} mm error (Garland and Heckbert 1997)."
        ));
    if 0.02 < ((surface_ml - voxel_ml) / voxel_ml).abs() {
        let percent = 100.0 * (surface_ml - voxel_ml) / voxel_ml;
        summary = summary.warning(format!(
            "The surface holds {percent:+.1} % against the voxels; thin parts shrank, use less smoothing for measuring."
        ));
    }
    let name = format!("{} surface", segment.name);
    Ok(Node::new(name, Data::surface(surface)).with_summary(summary).shown(segment.colour, 1.0))
}

/// `surface` with at most `triangles_max` triangles, or with more where fewer would tear it open.
fn lighter(
    surface: Surface,
    triangles_max: usize,
    error_mm: f64,
    progress: &Progress,
) -> Result<Surface, DecimateError> {
    let mut wanted = triangles_max;
    while wanted < surface.triangles().len() {
        match decimate(&surface, wanted as f64 / surface.triangles().len() as f64, error_mm, progress) {
            Err(DecimateError::Opened { .. }) => wanted = wanted.saturating_mul(2),
            other => return other.map(|(lighter, _)| lighter),
        }
    }
    Ok(surface)
}
