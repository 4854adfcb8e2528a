//! Typed access to the attributes of a data set.

use super::layout::{DEFLATED_LE, EXPLICIT_LE};
use crate::geom::{Point, Vector};
use crate::io::error::ReadError;
use dicom::core::header::Header;
use dicom::core::{PrimitiveValue, Tag, VR};
use dicom::encoding::TransferSyntaxIndex;
use dicom::object::InMemDicomObject;
use dicom::transfer_syntax::TransferSyntaxRegistry;
use std::panic::AssertUnwindSafe;
use std::path::Path;

/// A data set in memory; items of sequences are data sets too.
pub(super) type DataSet = InMemDicomObject;

/// Parse the bytes of a data set written in the transfer syntax `syntax`.
pub(super) fn parse(bytes: &[u8], syntax: &str, path: &Path) -> Result<DataSet, ReadError> {
    // Inflated data are plain; a syntax nobody knows differs in its pixels only.
    let plain = if syntax == DEFLATED_LE { EXPLICIT_LE } else { syntax };
    let known = TransferSyntaxRegistry.get(plain).or_else(|| TransferSyntaxRegistry.get(EXPLICIT_LE));
    let Some(syntax) = known else {
        return Err(ReadError::unsupported(path, format!("the transfer syntax {syntax} is not known")));
    };
    let parsed = std::panic::catch_unwind(AssertUnwindSafe(|| DataSet::read_dataset_with_ts(bytes, syntax)));
    match parsed {
        Ok(Ok(mut set)) => {
            restore_representations(&mut set);
            super::characters::reread(&mut set);
            Ok(set)
        }
        Ok(Err(error)) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            Err(ReadError::damaged(path, format!("the header cannot be read ({})", one_line(&cause.to_string()))))
        }
        Err(_) => Err(ReadError::damaged(path, "the header cannot be read (the parser gave up)")),
    }
}

/// Some software writes known attributes as of unknown representation (UN), a rescale or a spacing among them; give
/// them back what the dictionary says, or they would read as absent.
fn restore_representations(set: &mut DataSet) {
    let unknown: Vec<Tag> = set.iter().filter(|e| matches!(e.vr(), VR::UN | VR::SQ)).map(|e| e.tag()).collect();
    for tag in unknown {
        let vr = super::layout::dictionary_vr(tag);
        set.update_value(tag, |value| {
            if let Some(items) = value.items_mut() {
                items.iter_mut().for_each(restore_representations);
            } else if let Some(restored) = value.primitive().and_then(|bytes| restored(&bytes.to_bytes(), vr)) {
                *value = restored.into();
            }
        });
    }
}

/// A value of representation `vr` from its bytes; UN is always little endian (PS3.5, 6.2.2).
fn restored(bytes: &[u8], vr: VR) -> Option<PrimitiveValue> {
    Some(match vr {
        VR::UN | VR::SQ | VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::AT => return None,
        VR::US => PrimitiveValue::U16(bytes.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b)).collect()),
        VR::SS => PrimitiveValue::I16(bytes.as_chunks().0.iter().map(|b| i16::from_le_bytes(*b)).collect()),
        VR::UL => PrimitiveValue::U32(bytes.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b)).collect()),
        VR::SL => PrimitiveValue::I32(bytes.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b)).collect()),
        VR::FL => PrimitiveValue::F32(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        VR::FD => PrimitiveValue::F64(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect()),
        VR::SV | VR::UV => return None,
        _ => PrimitiveValue::Strs(String::from_utf8_lossy(bytes).split('\\').map(str::to_owned).collect()),
    })
}

/// Text as part of a sentence: no line breaks, no full stop at the end.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// The text of an element without padding; `None` if absent, empty or not text.
pub(super) fn text(set: &DataSet, tag: Tag) -> Option<String> {
    let value = set.get(tag)?.to_str().ok()?;
    Some(one_line(value.trim_matches(['\0', ' ']))).filter(|text| !text.is_empty())
}

/// The texts of a multi-valued element.
pub(super) fn texts(set: &DataSet, tag: Tag) -> Vec<String> {
    let values = set.get(tag).and_then(|element| element.to_multi_str().ok());
    values
        .map(|values| values.iter().map(|value| value.trim_matches(['\0', ' ']).to_owned()).collect())
        .unwrap_or_default()
}

/// The finite numbers of an element; empty if absent or if one of them is no number.
pub(super) fn reals(set: &DataSet, tag: Tag) -> Vec<f64> {
    let values = set.get(tag).and_then(|element| element.to_multi_float64().ok()).unwrap_or_default();
    if values.iter().all(|value| value.is_finite()) { values } else { Vec::new() }
}

/// The first number of an element.
pub(super) fn real(set: &DataSet, tag: Tag) -> Option<f64> {
    reals(set, tag).first().copied()
}

/// A whole number.
pub(super) fn whole<T: TryFrom<i64>>(set: &DataSet, tag: Tag) -> Option<T> {
    set.get(tag)?.to_int::<i64>().ok().and_then(|value| T::try_from(value).ok())
}

/// A point of the patient.
pub(super) fn point(set: &DataSet, tag: Tag) -> Option<Point> {
    <[f64; 3]>::try_from(reals(set, tag)).ok().map(Point::from)
}

/// Directions of rows (along increasing columns) and of columns, as written.
pub(super) fn directions(set: &DataSet, tag: Tag) -> Option<[Vector; 2]> {
    let [a, b, c, d, e, f] = <[f64; 6]>::try_from(reals(set, tag)).ok()?;
    Some([Vector::new(a, b, c), Vector::new(d, e, f)])
}

/// The items of a sequence.
pub(super) fn items(set: &DataSet, tag: Tag) -> &[DataSet] {
    set.get(tag).and_then(|element| element.items()).unwrap_or_default()
}

/// The first item of a sequence.
pub(super) fn item(set: &DataSet, tag: Tag) -> Option<&DataSet> {
    items(set, tag).first()
}
