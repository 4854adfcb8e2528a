//! DICOM segmentations as label maps.

use super::attribute as attr;
use super::image_file::{Frame, ImageFile};
use super::pixel_reader::PixelReader;
use crate::base::{Findings, Progress, SegmentId, Severity};
use crate::geom::Grid;
use crate::image::{LabelMap, Segment, Volume};
use crate::io::error::ReadError;
use dicom::dictionary_std::tags;
use dicom::object::InMemDicomObject;
use nalgebra::Matrix3;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Colours of segments that have none, sRGB (Okabe and Ito 2008, safe for the colour-blind).
const COLOURS: [[u8; 3]; 7] =
    [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]];
/// Largest label map read, in voxels.
const VOXELS_MAX: usize = 1 << 31;
/// A frame may lie this part of a step beside its slice.
const PLACE_TOLERANCE: f64 = 0.1;

/// SOP class of segmentations that mark voxels (PS3.6, table A-1).
const SEGMENTATION_STORAGE: &[u8] = b"1.2.840.10008.5.1.4.1.1.66.4";
/// The SOP class stands in the first attributes of a file.
const META_BYTES: u64 = 1024;

/// Whether the file at `path` says in its first lines that it is a DICOM segmentation; `false` if it cannot be read.
pub fn is_segmentation(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(META_BYTES).read_to_end(&mut start));
    let mut words = start.split(|byte| !byte.is_ascii_digit() && *byte != b'.');
    read.is_ok() && start.get(128..132) == Some(b"DICM") && words.any(|word| word == SEGMENTATION_STORAGE)
}

/// Read a binary DICOM segmentation; every map has the grid that encloses all frames of the file.
///
/// Where segments overlap, a voxel would need two labels: segments are then spread over as few maps as their order
/// allows, and `findings` says so. Segments keep their numbers as ids.
///
/// # Errors
/// [`ReadError`] for damaged files, fractional segmentations, more than 255 segments, frames that form no grid.
pub fn read_segmentation(path: &Path, progress: &Progress, findings: &Findings) -> Result<Vec<LabelMap>, ReadError> {
    let (file, set) = ImageFile::read_with_set(path)?;
    if !file.is_segmentation {
        return Err(ReadError::not_this_format(path, "the file is no DICOM segmentation"));
    }
    let kind = attr::text(&set, tags::SEGMENTATION_TYPE).unwrap_or_else(|| "BINARY".into());
    if kind != "BINARY" || file.format.bits_allocated != 1 {
        return Err(ReadError::unsupported(path, format!("segmentations of the type {kind} are not supported")));
    }
    let segments = segments(&set, path)?;
    let (grid, slices) = grid(&file, path)?;
    let bits = PixelReader::open(&file)?.plain_bytes()?;
    let pixels = file.format.frame_pixels();
    let mut maps: Vec<(Vec<u8>, Vec<Segment>)> = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        progress.step(n, segments.len())?;
        let frames = || {
            let own = file.frames.iter().zip(&slices).enumerate();
            own.filter(|(_, (frame, _))| frame.segment == Some(u16::from(segment.id.0)))
                .map(|(f, (_, k))| (f * pixels, k * pixels))
        };
        let marked = |(first_bit, first_voxel): (usize, usize)| {
            let is_set = |bit: usize| bits[bit / 8] >> (bit % 8) & 1 == 1; // the lowest bit comes first (PS3.5, 8.1.1)
            (0..pixels).filter(move |p| is_set(first_bit + p)).map(move |p| first_voxel + p)
        };
        let is_free = |labels: &[u8]| frames().flat_map(marked).all(|voxel| labels[voxel] == 0);
        let map = match maps.iter().position(|(labels, _)| is_free(labels)) {
            Some(map) => map,
            None => {
                maps.push((vec![0; grid.len()], Vec::new()));
                maps.len() - 1
            }
        };
        let (labels, members) = &mut maps[map];
        frames().flat_map(marked).for_each(|voxel| labels[voxel] = segment.id.0);
        members.push(segment.clone());
    }
    if 1 < maps.len() {
        let message = format!("segments overlap and are spread over {} label maps", maps.len());
        findings.add(Severity::Note, "overlapping-segments", message);
    }
    let shared = std::sync::Arc::new(grid);
    let damaged = |what: String| ReadError::damaged(path, what);
    let finish = |(labels, members)| {
        let volume = Volume::new(std::sync::Arc::clone(&shared), labels).map_err(|e| damaged(e.to_string()))?;
        LabelMap::from_volume(&volume, members).map_err(|e| damaged(e.to_string()))
    };
    maps.into_iter().map(finish).collect()
}

/// The table of segments.
fn segments(set: &InMemDicomObject, path: &Path) -> Result<Vec<Segment>, ReadError> {
    let items = attr::items(set, tags::SEGMENT_SEQUENCE);
    if items.is_empty() {
        return Err(ReadError::damaged(path, "the segmentation describes no segment"));
    }
    if 255 < items.len() {
        let what = format!("the segmentation has {} segments, more than the 255 a label map can hold", items.len());
        return Err(ReadError::too_large(path, what));
    }
    let mut segments = BTreeMap::new();
    for (n, item) in items.iter().enumerate() {
        let number = attr::whole::<u8>(item, tags::SEGMENT_NUMBER).filter(|number| *number != 0);
        let Some(number) = number else {
            return Err(ReadError::unsupported(
                path,
                format!("segment {} of the list has no number from 1 to 255", n + 1),
            ));
        };
        let code = attr::item(item, tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE);
        let is_snomed = |scheme: String| scheme == "SCT";
        let snomed = code
            .filter(|code| attr::text(code, tags::CODING_SCHEME_DESIGNATOR).is_some_and(is_snomed))
            .and_then(|code| attr::text(code, tags::CODE_VALUE)?.parse().ok());
        let lab = attr::reals(item, tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
        let colour = match lab[..] {
            [l, a, b] => srgb_from_dicom_lab([l, a, b]),
            _ => COLOURS[n % COLOURS.len()],
        };
        let name = attr::text(item, tags::SEGMENT_LABEL).unwrap_or_else(|| format!("segment {number}"));
        if segments.insert(number, Segment::new(SegmentId(number), name, colour, snomed)).is_some() {
            return Err(ReadError::damaged(path, format!("two segments have the number {number}")));
        }
    }
    Ok(tell_apart(segments.into_values().collect(), items))
}

/// Segments of the same name get how they were made behind it, or their number.
fn tell_apart(mut segments: Vec<Segment>, items: &[InMemDicomObject]) -> Vec<Segment> {
    let names: Vec<(u8, String)> = segments.iter().map(|segment| (segment.id.0, segment.name.clone())).collect();
    for segment in &mut segments {
        let is_namesake = |(number, name): &&(u8, String)| *name == segment.name && *number != segment.id.0;
        let namesakes: Vec<u8> = names.iter().filter(is_namesake).map(|(number, _)| *number).collect();
        if namesakes.is_empty() {
            continue;
        }
        let made = |number: u8| {
            let item = items.iter().find(|item| attr::whole(item, tags::SEGMENT_NUMBER) == Some(number))?;
            attr::text(item, tags::SEGMENT_ALGORITHM_TYPE).map(|text| text.to_lowercase())
        };
        let own = made(segment.id.0);
        let is_unique = own.is_some() && namesakes.iter().all(|number| made(*number) != own);
        let detail = own.filter(|_| is_unique).unwrap_or_else(|| segment.id.0.to_string());
        segment.name = format!("{} ({detail})", segment.name);
    }
    segments
}

/// The grid that holds all frames, and the slice of each.
fn grid(file: &ImageFile, path: &Path) -> Result<(Grid, Vec<usize>), ReadError> {
    let damaged = |what: String| ReadError::damaged(path, what);
    let first = &file.frames[0];
    let (Some([row, column]), Some([x_mm, y_mm])) = (first.directions, first.spacing_mm) else {
        return Err(damaged("the frames lack direction or pixel spacing".into()));
    };
    let normal = row.cross(&column);
    let is_parallel =
        |frame: &Frame| frame.directions.is_some_and(|d| (d[0] - row).norm() + (d[1] - column).norm() < 1e-3);
    let places: Option<Vec<_>> =
        file.frames.iter().map(|frame| frame.position.filter(|_| is_parallel(frame))).collect();
    let places = places.ok_or_else(|| damaged("the frames lack places or differ in direction".into()))?;
    let depths: Vec<f64> = places.iter().map(|place| place.coords.dot(&normal)).collect();
    let (lowest, highest) = depths.iter().enumerate().fold((0, 0), |(low, high), (n, depth)| {
        (if *depth < depths[low] { n } else { low }, if depths[high] < *depth { n } else { high })
    });
    let mut sorted = depths.clone();
    sorted.sort_by(f64::total_cmp);
    let gap = sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| 0.01 < *gap).fold(f64::MAX, f64::min);
    let total = depths[highest] - depths[lowest];
    // Empty frames may be left out, so the smallest gap is the spacing.
    let (count, step) = if gap == f64::MAX {
        (1, normal * first.thickness_mm.unwrap_or(1.0))
    } else {
        let intervals = (total / gap).round();
        (intervals as usize + 1, (places[highest] - places[lowest]) / intervals)
    };
    let format = &file.format;
    if VOXELS_MAX / format.frame_pixels() < count {
        let what = format!("the frames span {count} slices of {} × {} pixels", format.columns, format.rows);
        return Err(ReadError::too_large(path, what));
    }
    let step_mm = step.dot(&normal);
    let slice = |(n, depth): (usize, &f64)| {
        let k = (depth - depths[lowest]) / step_mm;
        let at = places[lowest] + step * k.round();
        let beside = (places[n] - at).norm();
        if PLACE_TOLERANCE * step_mm.max(x_mm) < beside {
            return Err(damaged(format!("frame {} lies {beside:.2} mm beside the grid of the others", n + 1)));
        }
        Ok(k.round() as usize)
    };
    let slices = depths.iter().enumerate().map(slice).collect::<Result<Vec<_>, _>>()?;
    let matrix = Matrix3::from_columns(&[row * x_mm, column * y_mm, step]);
    let grid =
        Grid::new([format.columns, format.rows, count], places[lowest], matrix).map_err(|e| damaged(e.to_string()))?;
    Ok((grid, slices))
}

/// sRGB of a colour in DICOM's 16-bit CIELAB (PS3.3, C.10.7.1.1), white point D50 as there.
fn srgb_from_dicom_lab([l, a, b]: [f64; 3]) -> [u8; 3] {
    let (l, a, b) = (l * 100.0 / 65535.0, a * 255.0 / 65535.0 - 128.0, b * 255.0 / 65535.0 - 128.0);
    let fy = (l + 16.0) / 116.0;
    let inverse = |t: f64| if 6.0 / 29.0 < t { t.powi(3) } else { 3.0 * (6.0_f64 / 29.0).powi(2) * (t - 4.0 / 29.0) };
    let [x, y, z] = [0.964_22 * inverse(fy + a / 500.0), inverse(fy), 0.825_21 * inverse(fy - b / 200.0)];
    // XYZ (D50) to linear sRGB (D65), Bradford-adapted (Lindbloom).
    let linear = [
        3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z,
        -0.978_768_4 * x + 1.916_141_5 * y + 0.033_454_0 * z,
        0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z,
    ];
    linear.map(|c| {
        let c = c.clamp(0.0, 1.0);
        let encoded = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_colours_become_srgb() {
        let dicom = |l: f64, a: f64, b: f64| [l * 655.35, (a + 128.0) * 257.0, (b + 128.0) * 257.0];
        assert_eq!(srgb_from_dicom_lab(dicom(100.0, 0.0, 0.0)), [255, 255, 255]);
        assert_eq!(srgb_from_dicom_lab(dicom(0.0, 0.0, 0.0)), [0, 0, 0]);
        // sRGB red in CIELAB with D50 (Lindbloom): 54.29, 80.80, 69.89.
        let [r, g, b] = srgb_from_dicom_lab(dicom(54.29, 80.80, 69.89));
        assert!(253 <= r && g <= 3 && b <= 3, "{r} {g} {b}");
    }
}
