//! What is made from a case as DICOM objects for an archive: a report as encapsulated PDF, pictures as secondary captures.
//!
//! Who the patient is and which study this belongs to go from a file of the original series straight into the new file; a
//! case never holds them.

use super::attribute::{self as attr, DataSet};
use super::image_file::ImageFile;
use super::series::SeriesFiles;
use super::write::uid;
use crate::base::ContentHasher;
use crate::io::error::{ReadError, WriteError};
use crate::io::file::write_whole;
use dicom::core::header::Header;
use dicom::core::value::DataSetSequence;
use dicom::core::{DataElement, Length, PrimitiveValue, Tag, VR};
use dicom::dictionary_std::{tags, uids};
use dicom::object::{FileMetaTableBuilder, InMemDicomObject};
use std::path::Path;

/// The patient and the study (PS3.3, C.7.1.1 and C.7.2.1), and what they stand as where the series has nothing.
const KEPT: [(Tag, VR); 11] = [
    (tags::STUDY_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_INSTANCE_UID, VR::UI),
    (tags::STUDY_ID, VR::SH),
];
/// Only copied where it is there.
const OPTIONAL: [Tag; 2] = [tags::STUDY_DESCRIPTION, tags::ISSUER_OF_PATIENT_ID];

/// The patient, the study and the first image of a series; shows nothing of them.
pub struct Origin {
    kept: Vec<DataElement<InMemDicomObject>>,
    /// Class and instance of the first image.
    image: [String; 2],
    series: String,
    /// Whether the patient's name could not be read.
    names_nobody: bool,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin").finish_non_exhaustive()
    }
}

/// What is said of the new objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedText {
    /// The title of the document.
    pub title: String,
    /// What made it.
    pub maker: String,
    /// Its version.
    pub version: String,
}

/// A picture for the archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture<'a> {
    /// Pixels across and down.
    pub size: [usize; 2],
    /// Red, green, blue, row by row from the top.
    pub rgb: &'a [u8],
    /// What it shows.
    pub caption: &'a str,
    /// Where rows and columns lead, as letters of the patient's directions.
    pub directions: Option<[&'a str; 2]>,
    /// Edge of a pixel in the patient, if it has one.
    pub pixel_mm: Option<f64>,
}

impl Origin {
    /// That of `series`, from its first file.
    ///
    /// # Errors
    /// [`ReadError`] if the file cannot be read or says no study.
    pub fn of(series: &SeriesFiles) -> Result<Self, ReadError> {
        let Some(path) = series.files().first().map(|path| path.to_path_buf()) else {
            return Err(ReadError::unsupported(Path::new(&series.key), "the series has no file"));
        };
        let (file, set) = ImageFile::read_with_set(&path)?;
        if attr::text(&set, tags::STUDY_INSTANCE_UID).is_none() {
            return Err(ReadError::damaged(
                &path,
                "the file has no Study Instance UID, so no report can join its study",
            ));
        }
        let kept = KEPT.iter().map(|(tag, vr)| match set.get(*tag) {
            Some(there) => Some(there.clone()),
            None if OPTIONAL.contains(tag) => None,
            None => Some(DataElement::new(*tag, *vr, PrimitiveValue::Empty)),
        });
        let issuer = set.get(tags::ISSUER_OF_PATIENT_ID).cloned();
        let class = attr::text(&set, tags::SOP_CLASS_UID).unwrap_or_default();
        let kept: Vec<_> = kept.chain([issuer]).flatten().collect();
        // What could not be read must not be written as if it had been understood.
        let has_set = attr::texts(&set, tags::SPECIFIC_CHARACTER_SET).iter().any(|one| !one.trim().is_empty());
        let is_doubtful = |text: &str| text.contains(['\u{1b}', '\u{fffd}']) || !has_set && !text.is_ascii();
        let mut names_nobody = false;
        let mut known = Vec::with_capacity(kept.len());
        for element in kept {
            let Some(text) = element.to_str().ok().filter(|text| is_doubtful(text)) else {
                known.push(element);
                continue;
            };
            let (tag, vr) = (element.tag(), element.vr());
            if tag == tags::PATIENT_ID || tag == tags::STUDY_INSTANCE_UID {
                return Err(ReadError::unsupported(
                    &path,
                    "the number of the patient is written in characters that are not read here, so no report can carry it",
                ));
            }
            // Of a name the part in Latin letters, where that is sound.
            let latin = text.split('=').next().filter(|part| vr == VR::PN && !part.is_empty() && !is_doubtful(part));
            names_nobody |= tag == tags::PATIENT_NAME && latin.is_none();
            let left = latin.map_or(PrimitiveValue::Empty, |part| part.into());
            if latin.is_some() || !OPTIONAL.contains(&tag) {
                known.push(DataElement::new(tag, vr, left));
            }
        }
        let kept = known;
        Ok(Self { kept, image: [class, file.instance_uid], series: file.series_uid, names_nobody })
    }

    /// What the new objects lack of the patient, as a sentence.
    pub fn warning(&self) -> Option<&'static str> {
        let lacks = "the name of the patient is written in characters that are not read here: the new files carry the patient's number and leave the name empty";
        self.names_nobody.then_some(lacks)
    }
}

/// Write `pdf` as an encapsulated PDF (PS3.3, A.45.1) to `path`; its UIDs follow from the series and from what is in it.
///
/// # Errors
/// [`WriteError`] if the system refuses.
pub fn write_pdf(origin: &Origin, pdf: &[u8], text: &DerivedText, path: &Path) -> Result<(), WriteError> {
    let content = ContentHasher::default().text(&origin.series).text(&text.title).array(pdf).finish().to_hex();
    let class = uids::ENCAPSULATED_PDF_STORAGE;
    let instance = uid(&content, "pdf", 0);
    let mut set = common(origin, class, &instance, &uid(&content, "pdf series", 0), text, 1);
    let mut put = |tag: Tag, vr: VR, value: PrimitiveValue| {
        set.put(DataElement::new(tag, vr, value));
    };
    put(tags::MODALITY, VR::CS, "DOC".into());
    put(tags::CONVERSION_TYPE, VR::CS, "WSD".into());
    put(tags::ACQUISITION_DATE_TIME, VR::DT, PrimitiveValue::Empty);
    put(tags::DOCUMENT_TITLE, VR::ST, words(&text.title, 1024));
    put(tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, "application/pdf".into());
    put(tags::ENCAPSULATED_DOCUMENT_LENGTH, VR::UL, PrimitiveValue::from(pdf.len() as u32));
    let mut bytes = pdf.to_vec();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    put(tags::ENCAPSULATED_DOCUMENT, VR::OB, PrimitiveValue::U8(bytes.into()));
    set.put(sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, Vec::new()));
    set.put(sequence(tags::SOURCE_INSTANCE_SEQUENCE, vec![reference(origin)]));
    save(set, class, &instance, path)
}

/// Write `pictures` as secondary captures (PS3.3, A.8.1), one file each: `path` of its number; returns how many.
///
/// # Errors
/// [`WriteError`] if a picture is too large for DICOM or the system refuses.
///
/// # Panics
/// If a picture has not 3 bytes a pixel.
pub fn write_captures(
    origin: &Origin,
    pictures: &[Capture<'_>],
    text: &DerivedText,
    path: impl Fn(usize) -> std::path::PathBuf,
) -> Result<usize, WriteError> {
    let mut hasher = ContentHasher::default();
    hasher.text(&origin.series).text(&text.title);
    pictures.iter().for_each(|own| {
        hasher.text(own.caption).array(own.rgb);
    });
    let content = hasher.finish().to_hex();
    let series = uid(&content, "capture series", 0);
    let class = uids::SECONDARY_CAPTURE_IMAGE_STORAGE;
    for (n, own) in pictures.iter().enumerate() {
        let path = path(n);
        let [columns, rows] = own.size;
        assert_eq!(own.rgb.len(), 3 * columns * rows, "3 bytes per pixel");
        if usize::from(u16::MAX) < columns.max(rows) {
            let what = format!("the picture has {columns} × {rows} pixels, more a side than the 65535 DICOM allows");
            return Err(WriteError::unsupported(&path, what));
        }
        let instance = uid(&content, "capture", n as u64);
        let mut set = common(origin, class, &instance, &series, text, n as u64 + 1);
        let mut put = |tag: Tag, vr: VR, value: PrimitiveValue| {
            set.put(DataElement::new(tag, vr, value));
        };
        let short = |n: usize| PrimitiveValue::from(n as u16);
        put(tags::MODALITY, VR::CS, "OT".into());
        put(tags::CONVERSION_TYPE, VR::CS, "WSD".into());
        put(tags::LATERALITY, VR::CS, PrimitiveValue::Empty);
        put(tags::IMAGE_TYPE, VR::CS, several(["DERIVED", "SECONDARY"]));
        put(tags::IMAGE_COMMENTS, VR::LT, words(own.caption, 10_240));
        put(tags::DERIVATION_DESCRIPTION, VR::ST, words(own.caption, 1024));
        // Head and feet are H and F there (PS3.3, C.7.6.1.1.1); our letters for them are S and I.
        let directions = own.directions.map_or(PrimitiveValue::Empty, |ways| {
            PrimitiveValue::Strs(ways.iter().map(|way| way.replace('S', "H").replace('I', "F")).collect())
        });
        put(tags::PATIENT_ORIENTATION, VR::CS, directions);
        put(tags::SAMPLES_PER_PIXEL, VR::US, short(3));
        put(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB".into());
        put(tags::PLANAR_CONFIGURATION, VR::US, short(0));
        put(tags::ROWS, VR::US, short(rows));
        put(tags::COLUMNS, VR::US, short(columns));
        put(tags::BITS_ALLOCATED, VR::US, short(8));
        put(tags::BITS_STORED, VR::US, short(8));
        put(tags::HIGH_BIT, VR::US, short(7));
        put(tags::PIXEL_REPRESENTATION, VR::US, short(0));
        put(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00".into());
        if let Some(mm) = own.pixel_mm {
            let mm = super::write::decimal(mm);
            put(tags::PIXEL_SPACING, VR::DS, several([&mm, &mm]));
            put(tags::PIXEL_SPACING_CALIBRATION_TYPE, VR::CS, "GEOMETRY".into());
            put(
                tags::PIXEL_SPACING_CALIBRATION_DESCRIPTION,
                VR::LO,
                "slice of the scan, or parallel projection".into(),
            );
        }
        let mut bytes = own.rgb.to_vec();
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        put(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(bytes.into()));
        save(set, class, &instance, &path)?;
    }
    Ok(pictures.len())
}

/// What all new objects say: patient, study, series, equipment.
fn common(
    origin: &Origin,
    class: &str,
    instance: &str,
    series: &str,
    text: &DerivedText,
    number: u64,
) -> InMemDicomObject {
    let mut set = InMemDicomObject::new_empty();
    origin.kept.iter().for_each(|element| {
        set.put(element.clone());
    });
    let mut put = |tag: Tag, vr: VR, value: PrimitiveValue| {
        set.put(DataElement::new(tag, vr, value));
    };
    put(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192".into());
    put(tags::SOP_CLASS_UID, VR::UI, class.into());
    put(tags::SOP_INSTANCE_UID, VR::UI, instance.into());
    put(tags::SERIES_INSTANCE_UID, VR::UI, series.into());
    // High numbers, after the series of the scanner.
    let series_number = if class == uids::ENCAPSULATED_PDF_STORAGE { "9001" } else { "9002" };
    put(tags::SERIES_NUMBER, VR::IS, series_number.into());
    put(tags::INSTANCE_NUMBER, VR::IS, number.to_string().as_str().into());
    put(tags::SERIES_DESCRIPTION, VR::LO, words(&text.title, 64));
    put(tags::CONTENT_DATE, VR::DA, PrimitiveValue::Empty);
    put(tags::CONTENT_TIME, VR::TM, PrimitiveValue::Empty);
    put(tags::MANUFACTURER, VR::LO, words(&text.maker, 64));
    put(tags::SOFTWARE_VERSIONS, VR::LO, words(&text.version, 64));
    // Who it is stands in the attributes only, never in the page or the picture.
    put(tags::BURNED_IN_ANNOTATION, VR::CS, "NO".into());
    set
}

fn reference(origin: &Origin) -> InMemDicomObject {
    let [class, instance] = &origin.image;
    InMemDicomObject::from_element_iter([
        DataElement::new(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class.as_str()),
        DataElement::new(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance.as_str()),
    ])
}

fn sequence(tag: Tag, items: Vec<DataSet>) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::new(items, Length::UNDEFINED))
}

fn several<const N: usize>(texts: [&str; N]) -> PrimitiveValue {
    PrimitiveValue::Strs(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// A text of at most `most` characters without what separates values.
fn words(text: &str, most: usize) -> PrimitiveValue {
    text.chars().filter(|c| !c.is_control() && *c != '\\').take(most).collect::<String>().into()
}

fn save(set: InMemDicomObject, class: &str, instance: &str, path: &Path) -> Result<(), WriteError> {
    let failed = |error: &dyn std::error::Error| WriteError::system(path, std::io::Error::other(error.to_string()));
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(instance)
        .transfer_syntax(super::layout::EXPLICIT_LE);
    let object = set.with_meta(meta).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    object.write_all(&mut bytes).map_err(|error| failed(&error))?;
    write_whole(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests_made::made_scan;
    use super::*;
    use crate::base::{Findings, Progress};
    use crate::io::dicom::{SeriesText, scan_folder, write_series};

    /// A series of somebody.
    fn somebody(folder: &Path) -> SeriesFiles {
        series_of(folder, "Müller^阿")
    }

    fn series_of(folder: &Path, patient: &str) -> SeriesFiles {
        let text = SeriesText { patient: patient.into(), description: "CT".into(), maker: "test".into() };
        write_series(&made_scan(4), folder, &text, &Progress::default()).unwrap();
        scan_folder(folder, &Progress::default(), &Findings::default()).unwrap().remove(0)
    }

    fn text() -> DerivedText {
        DerivedText { title: "报告 Ω".into(), maker: "prosector".into(), version: "0.1".into() }
    }

    fn read(path: &Path) -> DataSet {
        let layout = crate::io::dicom::layout::read(path).unwrap();
        attr::parse(&layout.header, &layout.syntax, path).unwrap()
    }

    #[test]
    fn a_report_joins_the_study_of_the_scan_and_holds_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let series = somebody(&folder.path().join("series"));
        let origin = Origin::of(&series).unwrap();
        assert!(!format!("{origin:?}").contains("ller"));
        let source = read(series.files()[0]);
        let path = folder.path().join("report.dcm");
        let pdf = b"%PDF-1.7 odd".as_slice();
        write_pdf(&origin, &pdf[..11], &text(), &path).unwrap();
        let made = dicom::object::open_file(&path).unwrap();
        for tag in [tags::PATIENT_NAME, tags::PATIENT_ID, tags::STUDY_INSTANCE_UID] {
            assert_eq!(attr::text(&made, tag), attr::text(&source, tag));
            assert!(attr::text(&made, tag).is_some());
        }
        assert_ne!(attr::text(&made, tags::SERIES_INSTANCE_UID), attr::text(&source, tags::SERIES_INSTANCE_UID));
        assert_eq!(attr::text(&made, tags::SOP_CLASS_UID).unwrap(), "1.2.840.10008.5.1.4.1.1.104.1");
        assert_eq!(attr::text(&made, tags::DOCUMENT_TITLE).unwrap(), "报告 Ω");
        assert_eq!(attr::text(&made, tags::PATIENT_NAME).unwrap(), "Müller^阿");
        let inside = made.get(tags::ENCAPSULATED_DOCUMENT).unwrap().to_bytes().unwrap();
        assert_eq!((&inside[..11], inside.len()), (&pdf[..11], 12));
        let first = std::fs::read(&path).unwrap();
        write_pdf(&origin, &pdf[..11], &text(), &path).unwrap();
        assert!(first == std::fs::read(&path).unwrap(), "the same report gives the same file");
    }

    /// The series of somebody whose name stands in these bytes.
    fn called(folder: &Path, sets: &str, name: &[u8]) -> SeriesFiles {
        let series = series_of(folder, "Nobody");
        for path in series.files() {
            let mut file = dicom::object::open_file(path).unwrap();
            let mut bytes = name.to_vec();
            bytes.resize(name.len().next_multiple_of(2), b' ');
            file.put(DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::Str(sets.into())));
            file.put(DataElement::new(tags::PATIENT_NAME, VR::PN, PrimitiveValue::U8(bytes.into())));
            file.write_to_file(path).unwrap();
        }
        scan_folder(folder, &Progress::default(), &Findings::default()).unwrap().remove(0)
    }

    #[test]
    fn a_name_in_a_second_character_set_goes_into_the_report() {
        let folder = tempfile::tempdir().unwrap();
        let kanji = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B";
        let origin = Origin::of(&called(&folder.path().join("series"), "\\ISO 2022 IR 87", kanji)).unwrap();
        assert_eq!(origin.warning(), None);
        let path = folder.path().join("report.dcm");
        write_pdf(&origin, b"%PDF", &text(), &path).unwrap();
        let made = dicom::object::open_file(&path).unwrap();
        assert_eq!(attr::text(&made, tags::PATIENT_NAME).unwrap(), "Yamada^Tarou=山田^太郎");
    }

    #[test]
    fn a_name_that_cannot_be_read_is_left_empty_with_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        for (n, (name, left)) in
            [(&b"\x1b%Gabc"[..], None), (&b"Yamada^Tarou=\x1b%Gabc"[..], Some("Yamada^Tarou".to_owned()))]
                .into_iter()
                .enumerate()
        {
            let series = called(&folder.path().join(format!("series {n}")), "\\ISO 2022 IR 87", name);
            let origin = Origin::of(&series).unwrap();
            assert_eq!(origin.warning().is_some(), left.is_none(), "{n}");
            let path = folder.path().join(format!("{n}.dcm"));
            write_pdf(&origin, b"%PDF", &text(), &path).unwrap();
            let made = dicom::object::open_file(&path).unwrap();
            assert_eq!(attr::text(&made, tags::PATIENT_NAME), left);
            assert!(attr::text(&made, tags::PATIENT_ID).is_some() && made.get(tags::PATIENT_NAME).is_some());
        }
    }

    #[test]
    fn captures_are_read_back_as_colour_pictures_with_their_directions() {
        let folder = tempfile::tempdir().unwrap();
        let origin = Origin::of(&somebody(&folder.path().join("series"))).unwrap();
        let rgb: Vec<u8> = (0..5 * 3 * 3).map(|n| n as u8 * 5).collect();
        let own = |directions, pixel_mm| Capture { size: [5, 3], rgb: &rgb, caption: "a slice", directions, pixel_mm };
        let pictures = [own(Some(["L", "P"]), Some(0.7)), own(None, None)];
        let place = |n: usize| folder.path().join(format!("{n}.dcm"));
        assert_eq!(write_captures(&origin, &pictures, &text(), place).unwrap(), 2);
        let [a, b] = [0, 1].map(|n| dicom::object::open_file(place(n)).unwrap());
        assert_eq!(attr::texts(&a, tags::PATIENT_ORIENTATION), ["L", "P"]);
        assert_eq!(attr::reals(&a, tags::PIXEL_SPACING), [0.7, 0.7]);
        assert!(b.get(tags::PIXEL_SPACING).is_none());
        assert_eq!(a.get(tags::PIXEL_DATA).unwrap().to_bytes().unwrap()[..45], rgb[..]);
        assert_eq!(attr::text(&a, tags::SERIES_INSTANCE_UID), attr::text(&b, tags::SERIES_INSTANCE_UID));
        assert_ne!(attr::text(&a, tags::SOP_INSTANCE_UID), attr::text(&b, tags::SOP_INSTANCE_UID));
    }
}
