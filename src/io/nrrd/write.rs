//! Label maps as `.seg.nrrd`.

use super::super::error::WriteError;
use super::super::file::write_whole;
use super::segments::write_segment;
use crate::base::{Cancelled, Progress};
use crate::image::LabelMap;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::path::Path;

/// Write `map` to `path` as a segmentation that 3D Slicer opens.
///
/// # Errors
/// [`WriteError`] from the system, or cancelled.
pub fn write_labels(map: &LabelMap, path: &Path, progress: &Progress) -> Result<(), WriteError> {
    write_whole(path, &encode_labels(map, progress)?)
}

/// The bytes of a `.seg.nrrd` file with `map`: one byte per voxel, gzip.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn encode_labels(map: &LabelMap, progress: &Progress) -> Result<Vec<u8>, Cancelled> {
    let grid = map.grid();
    let [ni, nj, nk] = grid.dims();
    let labels = map.to_volume();
    let mut header = String::from(
        "NRRD0004\n# Complete NRRD file format specification at:\n# http://teem.sourceforge.net/nrrd/format.html\n",
    );
    let column = |axis: usize| grid.step().column(axis).iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let origin = grid.origin().iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let fields = format!(
        "type: unsigned char\ndimension: 3\nspace: left-posterior-superior\nsizes: {ni} {nj} {nk}\n\
         space directions: ({}) ({}) ({})\nkinds: domain domain domain\nencoding: gzip\nspace origin: ({origin})\n",
        column(0),
        column(1),
        column(2),
    );
    header.push_str(&fields);
    let extents = extents(labels.voxels(), grid.dims());
    for (n, segment) in map.segments().iter().enumerate() {
        write_segment(&mut header, n, segment, extents[usize::from(segment.id.0)]);
    }
    header.push_str(
        "Segmentation_ContainedRepresentationNames:=Binary labelmap|\n\
         Segmentation_MasterRepresentation:=Binary labelmap\n\
         Segmentation_ReferenceImageExtentOffset:=0 0 0\n\n",
    );
    let mut packed = GzEncoder::new(header.into_bytes(), Compression::fast());
    for (k, slice) in labels.voxels().chunks(ni * nj).enumerate() {
        progress.step(k, nk)?;
        packed.write_all(slice).expect("memory takes all bytes");
    }
    Ok(packed.finish().expect("memory takes all bytes"))
}

/// First and last index along i, j, k of every label; the first voxel for labels that do not occur.
fn extents(labels: &[u8], [ni, nj, _]: [usize; 3]) -> Vec<[[usize; 2]; 3]> {
    let mut found: Vec<Option<[[usize; 2]; 3]>> = vec![None; 256];
    for (row, values) in labels.chunks(ni).enumerate() {
        let (j, k) = (row % nj, row / nj);
        // Only the ends of runs can widen an extent.
        let mut start = 0;
        while start < ni {
            let label = values[start];
            let length = values[start..].iter().take_while(|value| **value == label).count();
            let last = start + length - 1;
            let extent = found[usize::from(label)].get_or_insert([[start, last], [j, j], [k, k]]);
            for (range, [low, high]) in extent.iter_mut().zip([[start, last], [j, j], [k, k]]) {
                *range = [range[0].min(low), range[1].max(high)];
            }
            start += length;
        }
    }
    found.into_iter().map(|extent| extent.unwrap_or([[0, 0]; 3])).collect()
}
