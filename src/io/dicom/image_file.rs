//! One DICOM image file: what its header says, checked, without its pixels and without identities.

use super::attribute::{self as attr, DataSet};
use super::layout::{self, PixelPlace, Source};
use super::moments::{self, Moment};
use super::pixel_format::PixelFormat;
use crate::geom::{Point, Vector};
use crate::image::{Modality, Window};
use crate::io::error::ReadError;
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use std::path::{Path, PathBuf};

/// Where one frame lies and how its stored values become physical ones.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Centre of the first pixel.
    pub(super) position: Option<Point>,
    /// Unit vectors: along a row (increasing column), along a column (increasing row).
    pub(super) directions: Option<[Vector; 2]>,
    /// Distance of neighbours within a row and within a column.
    pub(super) spacing_mm: Option<[f64; 2]>,
    pub(super) thickness_mm: Option<f64>,
    /// value = slope · stored + intercept
    pub(super) slope: f64,
    pub(super) intercept: f64,
    /// Number of the segment, in segmentations.
    pub(super) segment: Option<u16>,
    /// When it was made.
    pub(super) moment: Moment,
    /// What tells it apart from others of its place and time.
    pub(super) kind: String,
}

/// One file's image.
#[derive(Debug, Clone)]
pub(super) struct ImageFile {
    pub(super) path: PathBuf,
    pub(super) syntax: String,
    pub(super) place: PixelPlace,
    pub(super) source: Source,
    pub(super) source_len: u64,
    pub(super) format: PixelFormat,
    pub(super) frames: Vec<Frame>,
    pub(super) series_uid: String,
    pub(super) instance_uid: String,
    /// What orders images at the same place: echo, time, acquisition, instance.
    pub(super) order: [i64; 4],
    pub(super) is_localiser: bool,
    /// Many slices as tiles of one image.
    pub(super) is_mosaic: bool,
    pub(super) is_segmentation: bool,
    pub(super) modality: Modality,
    pub(super) description: String,
    pub(super) window: Option<Window>,
    pub(super) padding: Option<i64>,
    pub(super) has_rescale: bool,
    pub(super) has_modality_table: bool,
    /// Shown with low values bright.
    pub(super) is_inverted: bool,
    pub(super) is_lossy: bool,
    pub(super) facts: Vec<(String, String)>,
}

impl ImageFile {
    /// Read the header of the image at `path`.
    ///
    /// # Errors
    /// [`ReadError`] for files that are not DICOM, damaged, hold no image or one of a kind that is not supported.
    pub(super) fn read(path: &Path) -> Result<Self, ReadError> {
        Self::read_with_set(path).map(|(file, _)| file)
    }

    /// As [`ImageFile::read`], with the whole header for those who need more of it.
    pub(super) fn read_with_set(path: &Path) -> Result<(Self, DataSet), ReadError> {
        let layout = layout::read(path)?;
        let set = attr::parse(&layout.header, &layout.syntax, path)?;
        let modality = attr::text(&set, tags::MODALITY).unwrap_or_default();
        let place = image_place(&set, &modality, layout.pixels, path)?;
        let is_segmentation = modality == "SEG";
        let format = PixelFormat::read(&set, is_segmentation, path)?;
        let frames = frames(&set, &format, path)?;
        let kind = attr::texts(&set, tags::IMAGE_TYPE);
        let number = |tag| attr::whole::<i64>(&set, tag).unwrap_or(0);
        let order =
            [tags::ECHO_NUMBERS, tags::TEMPORAL_POSITION_IDENTIFIER, tags::ACQUISITION_NUMBER, tags::INSTANCE_NUMBER];
        let shared = attr::item(&set, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let voi = [tags::FRAME_VOILUT_SEQUENCE].iter().find_map(|tag| group(&set, 0, shared, *tag));
        let file = Self {
            path: path.to_owned(),
            place,
            source: layout.source,
            source_len: layout.source_len,
            format,
            series_uid: attr::text(&set, tags::SERIES_INSTANCE_UID).unwrap_or_default(),
            instance_uid: attr::text(&set, tags::SOP_INSTANCE_UID).unwrap_or_default(),
            order: order.map(number),
            is_localiser: kind.iter().any(|word| word == "LOCALIZER"),
            is_mosaic: kind.iter().any(|word| word == "MOSAIC"),
            is_segmentation,
            modality: match modality.as_str() {
                "CT" => Modality::Ct,
                "MR" => Modality::Mr,
                _ => Modality::Other,
            },
            description: attr::text(&set, tags::SERIES_DESCRIPTION).unwrap_or_default(),
            window: window(&set).or_else(|| window(voi?)),
            padding: attr::whole(&set, tags::PIXEL_PADDING_VALUE),
            has_rescale: group(&set, 0, shared, tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)
                .unwrap_or(&set)
                .get(tags::RESCALE_SLOPE)
                .is_some(),
            has_modality_table: !attr::items(&set, tags::MODALITY_LUT_SEQUENCE).is_empty(),
            is_inverted: attr::text(&set, tags::PHOTOMETRIC_INTERPRETATION).is_some_and(|text| text == "MONOCHROME1"),
            is_lossy: attr::text(&set, tags::LOSSY_IMAGE_COMPRESSION).is_some_and(|text| text == "01"),
            facts: facts(&set, &modality),
            frames,
            syntax: layout.syntax,
        };
        Ok((file, set))
    }
}

/// Where the pixels are, if this is an image of a kind that can be shown.
fn image_place(set: &DataSet, modality: &str, place: Option<PixelPlace>, path: &Path) -> Result<PixelPlace, ReadError> {
    if set.get(tags::DIRECTORY_RECORD_SEQUENCE).is_some() {
        return Err(ReadError::not_this_format(path, "a DICOMDIR index, not an image"));
    }
    let name = if modality.is_empty() { "no modality" } else { modality };
    let place = match place {
        None => return Err(ReadError::unsupported(path, format!("a DICOM file without an image ({name})"))),
        Some(PixelPlace::Float) => return Err(ReadError::unsupported(path, "floating point pixels are not supported")),
        Some(place) => place,
    };
    if modality.starts_with("RT") {
        return Err(ReadError::unsupported(path, format!("radiotherapy images ({name}) are not supported")));
    }
    let samples = attr::whole::<i64>(set, tags::SAMPLES_PER_PIXEL).unwrap_or(1);
    let photometric = attr::text(set, tags::PHOTOMETRIC_INTERPRETATION).unwrap_or_else(|| "MONOCHROME2".into());
    if samples != 1 || !photometric.starts_with("MONOCHROME") {
        return Err(ReadError::unsupported(path, format!("colour images ({photometric}) are not supported")));
    }
    Ok(place)
}

/// The first item of a functional group of one frame: its own, else the shared one.
fn group<'a>(set: &'a DataSet, frame: usize, shared: Option<&'a DataSet>, tag: Tag) -> Option<&'a DataSet> {
    let own = attr::items(set, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(frame);
    own.and_then(|own| attr::item(own, tag)).or_else(|| attr::item(shared?, tag))
}

fn frames(set: &DataSet, format: &PixelFormat, path: &Path) -> Result<Vec<Frame>, ReadError> {
    let groups = attr::items(set, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).len();
    let shared = attr::item(set, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    if groups == 0 && shared.is_none() {
        if 1 < format.frames {
            // A film or a shortened file: nothing says where each frame lies.
            let placeless = Frame { position: None, directions: None, ..frame(|_| Some(set), path)? };
            return Ok(vec![placeless; format.frames]);
        }
        return Ok(vec![frame(|_| Some(set), path)?]);
    }
    if groups != format.frames {
        let what = format!("the image has {} frames, but describes {groups}", format.frames);
        return Err(ReadError::damaged(path, what));
    }
    (0..groups).map(|n| frame(|tag| group(set, n, shared, tag), path)).collect()
}

/// One frame, from the data sets that `find` knows for functional groups.
fn frame<'a>(find: impl Fn(Tag) -> Option<&'a DataSet>, path: &Path) -> Result<Frame, ReadError> {
    let measures = find(tags::PIXEL_MEASURES_SEQUENCE);
    let spacing_mm = measures.and_then(|set| {
        // Projection images give the spacing at the detector.
        let tags = [tags::PIXEL_SPACING, tags::IMAGER_PIXEL_SPACING];
        tags.iter().find_map(|tag| <[f64; 2]>::try_from(attr::reals(set, *tag)).ok())
    });
    // Written as distance of rows, then distance of columns.
    let spacing_mm = spacing_mm.map(|[rows, columns]| [columns, rows]);
    if let Some([x, y]) = spacing_mm.filter(|spacing| !spacing.iter().all(|mm| (1e-4..=1e3).contains(mm))) {
        return Err(ReadError::damaged(path, format!("the pixel spacing is {x} × {y} mm")));
    }
    let directions = find(tags::PLANE_ORIENTATION_SEQUENCE)
        .and_then(|set| attr::directions(set, tags::IMAGE_ORIENTATION_PATIENT))
        .map(|written| checked_directions(written, path))
        .transpose()?;
    let rescale = find(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
    let number = |tag| rescale.and_then(|set| attr::real(set, tag));
    let slope = number(tags::RESCALE_SLOPE).unwrap_or(1.0);
    if slope == 0.0 {
        return Err(ReadError::damaged(path, "the rescale slope is 0, so that all values would be the same"));
    }
    let position = find(tags::PLANE_POSITION_SEQUENCE).and_then(|set| attr::point(set, tags::IMAGE_POSITION_PATIENT));
    let segment = find(tags::SEGMENT_IDENTIFICATION_SEQUENCE);
    let (moment, kind) = (Moment::of(&find), moments::kind(&find));
    Ok(Frame {
        position: position.filter(|point| point.coords.amax() < 1e6),
        directions,
        spacing_mm,
        thickness_mm: measures.and_then(|set| attr::real(set, tags::SLICE_THICKNESS)).filter(|mm| 0.0 < *mm),
        slope,
        intercept: number(tags::RESCALE_INTERCEPT).unwrap_or(0.0),
        segment: segment.and_then(|set| attr::whole(set, tags::REFERENCED_SEGMENT_NUMBER)),
        moment,
        kind,
    })
}

/// Directions of unit length, at right angles within what rounding explains.
fn checked_directions([row, column]: [Vector; 2], path: &Path) -> Result<[Vector; 2], ReadError> {
    let lengths = [row.norm(), column.norm()];
    let cosine = row.dot(&column) / (lengths[0] * lengths[1]);
    let off = lengths.iter().map(|length| (length - 1.0).abs()).fold(0.0, f64::max);
    // Negated, so that a NaN is off too.
    if !(off < 0.01 && cosine.abs() < 0.01) {
        let angle = cosine.acos().to_degrees();
        let [a, b] = lengths;
        let what = format!("rows and columns are {a:.3} and {b:.3} long at {angle:.1}°, and must be 1, 1 and 90°");
        return Err(ReadError::damaged(path, what));
    }
    Ok([row / lengths[0], column / lengths[1]])
}

fn window(set: &DataSet) -> Option<Window> {
    let (level, width) = (attr::real(set, tags::WINDOW_CENTER)?, attr::real(set, tags::WINDOW_WIDTH)?);
    (0.0 < width).then_some(Window { width, level })
}

/// Technical facts worth showing; never names, dates or numbers of people, places and devices.
fn facts(set: &DataSet, modality: &str) -> Vec<(String, String)> {
    const SHOWN: &[(Tag, &str, &str)] = &[
        (tags::MANUFACTURER, "manufacturer", ""),
        (tags::MANUFACTURER_MODEL_NAME, "model", ""),
        (tags::BODY_PART_EXAMINED, "body part", ""),
        (tags::PATIENT_POSITION, "patient position", ""),
        (tags::SLICE_THICKNESS, "slice thickness", " mm"),
        (tags::CONVOLUTION_KERNEL, "kernel", ""),
        (tags::KVP, "tube voltage", " kV"),
        (tags::GANTRY_DETECTOR_TILT, "gantry tilt", "°"),
        (tags::CONTRAST_BOLUS_AGENT, "contrast", ""),
        (tags::SCANNING_SEQUENCE, "sequence", ""),
        (tags::MAGNETIC_FIELD_STRENGTH, "field", " T"),
        (tags::ECHO_TIME, "echo time", " ms"),
        (tags::REPETITION_TIME, "repetition time", " ms"),
    ];
    let shown = SHOWN.iter().filter_map(|(tag, name, unit)| {
        let text = attr::text(set, *tag)?;
        // Writers pad numbers with zeros: 1.250000 is 1.25.
        let number = text.parse::<f64>().ok().filter(|_| !unit.is_empty());
        Some((*name, format!("{}{unit}", number.map_or(text, |number| number.to_string()))))
    });
    let modality = Some(("modality", modality.to_owned())).filter(|(_, text)| !text.is_empty());
    modality.into_iter().chain(shown).map(|(name, value)| (name.to_owned(), value)).collect()
}
