//! A CT scan as a DICOM series.

use crate::base::{ContentHasher, Progress};
use crate::geom::Grid;
use crate::image::Scan;
use crate::io::error::WriteError;
use crate::io::file::write_whole;
use dicom::core::{DataElement, PrimitiveValue, Tag, VR};
use dicom::dictionary_std::{tags, uids};
use dicom::object::{FileMetaTableBuilder, InMemDicomObject};
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the headers of a written series say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesText {
    /// Stands where the patient's name and id would; at most 64 characters.
    pub patient: String,
    /// What the series shows; at most 64 characters.
    pub description: String,
    /// What made the images; at most 64 characters.
    pub maker: String,
}

/// Write a CT scan as one file a slice, Explicit VR Little Endian; returns the number of files.
///
/// UIDs follow from the scan's content, so that the same scan gives the same files. Files that exist are not
/// overwritten.
///
/// # Errors
/// [`WriteError`] if values are not whole HU, rows and columns are not at right angles, or the system refuses.
pub fn write_series(scan: &Scan, folder: &Path, text: &SeriesText, progress: &Progress) -> Result<usize, WriteError> {
    let Some(ct) = scan.ct() else {
        return Err(WriteError::unsupported(folder, "only CT with whole values in HU is written as DICOM"));
    };
    let grid = ct.grid();
    let [ni, nj, nk] = grid.dims();
    let [x_mm, y_mm, _] = grid.spacing_mm();
    let [row, column] = [grid.step().column(0) / x_mm, grid.step().column(1) / y_mm];
    if 1e-4 < row.dot(&column).abs() {
        return Err(WriteError::unsupported(folder, "rows and columns are not at right angles, as DICOM needs"));
    }
    if [ni, nj].iter().any(|n| usize::from(u16::MAX) < *n) {
        return Err(WriteError::unsupported(
            folder,
            format!("slices of {ni} × {nj} pixels are larger than DICOM allows"),
        ));
    }
    std::fs::create_dir_all(folder).map_err(|error| WriteError::system(folder, error))?;
    let hash = scan.content_hash().to_hex();
    let uids = Uids { study: uid(&hash, "study", 0), series: uid(&hash, "series", 0), frame: uid(&hash, "frame", 0) };
    let done = AtomicUsize::new(0);
    let write = |k: usize| -> Result<(), WriteError> {
        progress.step(done.fetch_add(1, Ordering::Relaxed), nk)?;
        let path = folder.join(format!("{:04}.dcm", k + 1));
        let instance = uid(&hash, "instance", k as u64);
        let mut set = header(scan, grid, k, &uids, &instance, text);
        let values = &ct.voxels()[k * ni * nj..(k + 1) * ni * nj];
        let words: Vec<u16> = values.iter().map(|value| *value as u16).collect();
        set.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into())));
        let failed =
            |error: &dyn std::error::Error| WriteError::system(&path, std::io::Error::other(error.to_string()));
        let meta = FileMetaTableBuilder::new()
            .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
            .media_storage_sop_instance_uid(&instance)
            .transfer_syntax(super::layout::EXPLICIT_LE);
        let object = set.with_meta(meta).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        object.write_all(&mut bytes).map_err(|error| failed(&error))?;
        // A scan that lies there is never written over; the same series again, as in a replay, is no harm.
        match std::fs::read(&path) {
            Ok(there) if there == bytes => Ok(()),
            Ok(_) => {
                Err(WriteError::unsupported(&path, "another DICOM file of this name is there; choose an empty folder"))
            }
            Err(_) => write_whole(&path, &bytes),
        }
    };
    let results: Vec<Result<(), WriteError>> = (0..nk).into_par_iter().map(write).collect();
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(nk)
}

struct Uids {
    study: String,
    series: String,
    frame: String,
}

/// A UID under the root 2.25 (PS3.5, B.2), whose last part is a UUID of version 8 made from a hash.
pub(super) fn uid(hash: &str, role: &str, number: u64) -> String {
    let digits = ContentHasher::default().text(hash).text(role).number(number).finish().to_hex();
    let bits = u128::from_str_radix(&digits[..32], 16).unwrap_or(1);
    let version = bits & !(0xF << 76) | 0x8 << 76;
    let variant = version & !(0x3 << 62) | 0x2 << 62;
    format!("2.25.{variant}")
}

fn header(scan: &Scan, grid: &Grid, k: usize, uids: &Uids, instance: &str, text: &SeriesText) -> InMemDicomObject {
    let [ni, nj, _] = grid.dims();
    let [x_mm, y_mm, z_mm] = grid.spacing_mm();
    let origin = grid.centre([0, 0, k]);
    let [row, column] = [grid.step().column(0) / x_mm, grid.step().column(1) / y_mm];
    let mut set = InMemDicomObject::new_empty();
    let mut put = |tag: Tag, vr: VR, value: PrimitiveValue| {
        set.put(DataElement::new(tag, vr, value));
    };
    let words = |text: &str| {
        PrimitiveValue::from(text.chars().filter(|c| !c.is_control() && *c != '\\').take(64).collect::<String>())
    };
    let numbers = |values: &[f64]| PrimitiveValue::Strs(values.iter().map(|value| decimal(*value)).collect());
    let short = |value: usize| PrimitiveValue::from(value as u16);
    put(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192".into());
    put(
        tags::IMAGE_TYPE,
        VR::CS,
        PrimitiveValue::Strs(["DERIVED", "SECONDARY", "AXIAL"].map(String::from).into_iter().collect()),
    );
    put(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE.into());
    put(tags::SOP_INSTANCE_UID, VR::UI, instance.into());
    for empty in [tags::STUDY_DATE, tags::CONTENT_DATE, tags::PATIENT_BIRTH_DATE] {
        put(empty, VR::DA, PrimitiveValue::Empty);
    }
    for empty in [tags::STUDY_TIME, tags::CONTENT_TIME] {
        put(empty, VR::TM, PrimitiveValue::Empty);
    }
    put(tags::ACCESSION_NUMBER, VR::SH, PrimitiveValue::Empty);
    put(tags::MODALITY, VR::CS, "CT".into());
    put(tags::MANUFACTURER, VR::LO, words(&text.maker));
    put(tags::REFERRING_PHYSICIAN_NAME, VR::PN, PrimitiveValue::Empty);
    put(tags::SERIES_DESCRIPTION, VR::LO, words(&text.description));
    put(tags::PATIENT_NAME, VR::PN, words(&text.patient));
    put(tags::PATIENT_ID, VR::LO, words(&text.patient));
    put(tags::PATIENT_SEX, VR::CS, PrimitiveValue::Empty);
    put(tags::SLICE_THICKNESS, VR::DS, numbers(&[z_mm]));
    put(tags::KVP, VR::DS, PrimitiveValue::Empty);
    put(tags::PATIENT_POSITION, VR::CS, "HFS".into());
    put(tags::STUDY_INSTANCE_UID, VR::UI, uids.study.as_str().into());
    put(tags::SERIES_INSTANCE_UID, VR::UI, uids.series.as_str().into());
    put(tags::STUDY_ID, VR::SH, PrimitiveValue::Empty);
    put(tags::SERIES_NUMBER, VR::IS, "1".into());
    put(tags::ACQUISITION_NUMBER, VR::IS, PrimitiveValue::Empty);
    put(tags::INSTANCE_NUMBER, VR::IS, (k + 1).to_string().into());
    put(tags::IMAGE_POSITION_PATIENT, VR::DS, numbers(&[origin.x, origin.y, origin.z]));
    put(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, numbers(&[row.x, row.y, row.z, column.x, column.y, column.z]));
    put(tags::FRAME_OF_REFERENCE_UID, VR::UI, uids.frame.as_str().into());
    put(tags::POSITION_REFERENCE_INDICATOR, VR::LO, PrimitiveValue::Empty);
    put(tags::SAMPLES_PER_PIXEL, VR::US, short(1));
    put(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2".into());
    put(tags::ROWS, VR::US, short(nj));
    put(tags::COLUMNS, VR::US, short(ni));
    put(tags::PIXEL_SPACING, VR::DS, numbers(&[y_mm, x_mm]));
    put(tags::BITS_ALLOCATED, VR::US, short(16));
    put(tags::BITS_STORED, VR::US, short(16));
    put(tags::HIGH_BIT, VR::US, short(15));
    put(tags::PIXEL_REPRESENTATION, VR::US, short(1));
    if let Some(window) = scan.window {
        put(tags::WINDOW_CENTER, VR::DS, numbers(&[window.level]));
        put(tags::WINDOW_WIDTH, VR::DS, numbers(&[window.width]));
    }
    put(tags::RESCALE_INTERCEPT, VR::DS, "0".into());
    put(tags::RESCALE_SLOPE, VR::DS, "1".into());
    put(tags::RESCALE_TYPE, VR::LO, "HU".into());
    set
}

/// A number in the 16 characters of a decimal string, as exactly as they allow.
pub(super) fn decimal(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() <= 16 {
        return plain;
    }
    let fitting = (0..=14).rev().map(|digits| format!("{value:.digits$}")).find(|text| text.len() <= 16);
    fitting.unwrap_or_else(|| format!("{value:.8e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_fit_sixteen_characters() {
        for value in [0.0, -0.1, 1.0 / 3.0, -123.456_789_012_345_67, 1e-7 / 3.0, -98_765.432_109_876_5, 1e300] {
            let text = decimal(value);
            assert!(text.len() <= 16, "{text}");
            let read: f64 = text.parse().unwrap();
            assert!((read - value).abs() <= 1e-8 * value.abs().max(1e-2), "{value} as {text}");
        }
    }

    #[test]
    fn uids_are_valid_and_differ() {
        let (a, b) = (uid("x", "instance", 1), uid("x", "instance", 2));
        assert!(a != b && a.len() <= 64 && a.starts_with("2.25."));
        let bits: u128 = a[5..].parse().unwrap();
        assert_eq!((bits >> 76 & 0xF, bits >> 62 & 3), (8, 2));
    }
}
