//! DICOM against real files: every image of the shared collection, its geometry, and its damaged files.

use super::image_file::ImageFile;
use super::pixel_reader::PixelReader;
use super::*;
use crate::base::parallel::with_threads;
use crate::base::{Finding, Findings, Progress};
use crate::geom::Point;
use crate::image::{LabelMap, Modality, Scan, Volume};
use crate::io::error::ReadError;
use rayon::prelude::*;
use serde_json::Value;
use sha2::Digest;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of test data, which is larger than a repository should be; tests that need it pass without.
fn shared_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("PROSECTOR_DATA").map_or(beside, PathBuf::from);
    let found = folder.join("manifest.json").is_file();
    if !found {
        let _ = writeln!(std::io::stderr(), "skipped: no test data at {} (set PROSECTOR_DATA)", folder.display());
    }
    found.then_some(folder)
}

fn json(path: &Path) -> serde_json::Map<String, Value> {
    match serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first (largest) series of a folder or file, loaded, with everything odd.
fn load(path: &Path) -> Result<(Scan, Vec<Finding>), ReadError> {
    let findings = Findings::default();
    let series = scan_folder(path, &Progress::default(), &findings)?;
    let scan = load_series(&series[0], &Progress::default(), &findings)?;
    Ok((scan, findings.into_sorted()))
}

fn kinds(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.kind.as_str()).collect()
}

/// Stored numbers of all frames as the reference reader hashed them: little endian, in the type of the bits allocated.
fn stored_hash(file: &ImageFile) -> Result<String, ReadError> {
    let reader = PixelReader::open(file)?;
    let pixels = file.format.frame_pixels() * file.format.frames;
    if file.format.bits_allocated == 1 {
        let bits = reader.plain_bytes()?;
        return Ok(sha256(&(0..pixels).map(|n| bits[n / 8] >> (n % 8) & 1).collect::<Vec<_>>()));
    }
    let mut bytes = Vec::new();
    for frame in 0..file.format.frames {
        let samples = reader.frame(frame)?;
        let numbers = (0..samples.len()).map(|index| samples.number(&file.format, index));
        let width = file.format.bits_allocated as usize / 8;
        bytes.extend(numbers.flat_map(|number| number.to_le_bytes().into_iter().take(width)));
    }
    Ok(sha256(&bytes))
}

/// Images that this program does not show, with the sentence it says instead.
fn is_expected_refusal(path: &str, error: &ReadError) -> bool {
    let said = error.to_string();
    let by_name = ["colour images", "High-Throughput"];
    let damaged = [
        ("corrupt/ct-j2k-orientation-not-orthogonal.dcm", "rows and columns are"),
        ("corrupt/ct-j2k-rescale-slope-zero.dcm", "the rescale slope is 0"),
        ("corrupt/ct-j2k-zero-pixel-spacing.dcm", "the pixel spacing is 0 × 0 mm"),
        ("odd-headers/liver_1frame.dcm", "the image has 1 frames, but describes 3"),
    ];
    matches!(error, ReadError::Unsupported { .. }) && by_name.iter().any(|name| said.contains(name))
        || damaged.iter().any(|(name, sentence)| path.ends_with(name) && said.starts_with(sentence))
}

#[test]
fn every_image_decodes_to_the_reference_pixels_or_is_refused_by_name() {
    let Some(data) = shared_data() else { return };
    let manifest = json(&data.join("manifest.json"));
    let images: Vec<_> = manifest.iter().filter(|(_, about)| about.get("pixels_sha256").is_some()).collect();
    let check =
        |(path, about): &(&String, &Value)| match ImageFile::read(&data.join(path)).and_then(|f| stored_hash(&f)) {
            Ok(hash) if hash == about["pixels_sha256"] => Ok(true),
            Ok(_) => Err(format!("{path}: other pixels than the reference")),
            Err(error) if is_expected_refusal(path, &error) => Ok(false),
            Err(error) => Err(error.to_string()),
        };
    let results: Vec<_> = images.par_iter().map(check).collect();
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let refused = results.iter().filter(|result| **result == Ok(false)).count();
    assert!(800 < results.len() && refused < 20, "{refused} of {} images refused", results.len());
}

#[test]
fn lossy_images_come_close_to_the_reference() {
    let Some(data) = shared_data() else { return };
    for (path, about) in json(&data.join("manifest.json")).iter().filter(|(_, about)| about["lossy"] == true) {
        let file = ImageFile::read(&data.join(path)).unwrap();
        if about["transfer_syntax"] == "1.2.840.10008.1.2.4.51" {
            let error = stored_hash(&file).unwrap_err().to_string();
            assert!(error.starts_with("lossy JPEG of 12 bits is not supported"), "{error}");
            continue;
        }
        let samples = PixelReader::open(&file).unwrap().frame(0).unwrap();
        let numbers: Vec<f64> = (0..samples.len()).map(|n| f64::from(samples.number(&file.format, n))).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let expected = about["mean"].as_f64().unwrap();
        // JPEG-LS is exact even with loss; the others may round their inverse transforms differently, by one step.
        let tolerance = if about["transfer_syntax"] == "1.2.840.10008.1.2.4.81" { 1e-3 } else { 0.5 };
        assert!((mean - expected).abs() < tolerance, "{path}: mean {mean} where {expected} is expected");
    }
}

/// Geometry and values of whole folders; the reference stacks slices plainly, so unequal gaps are tested apart.
#[test]
fn volumes_lie_where_the_reference_says() {
    let Some(data) = shared_data() else { return };
    let volumes = json(&data.join("volumes.json"));
    let mut count = 0;
    for (path, about) in
        volumes.iter().filter(|(path, about)| !path.ends_with(".gz") && about.get("slice_gaps_mm").is_some())
    {
        if about["slice_gaps_mm"].as_array().unwrap().len() != 1 {
            continue;
        }
        count += 1;
        let (scan, findings) = load(&data.join(path)).unwrap();
        let numbers =
            |key: &str| about[key].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>();
        let grid = scan.grid();
        assert_eq!(grid.dims().map(|n| n as f64)[..], numbers("size"), "{path}");
        let (spacing, origin, direction) = (numbers("spacing_mm"), numbers("origin_lps"), numbers("direction"));
        for axis in 0..3 {
            assert!((grid.spacing_mm()[axis] - spacing[axis]).abs() < 2e-4, "{path}: {:?}", grid.spacing_mm());
            assert!((grid.origin()[axis] - origin[axis]).abs() < 1e-3, "{path}: {}", grid.origin());
            for row in 0..3 {
                let own = grid.step()[(row, axis)] / grid.spacing_mm()[axis];
                assert!((own - direction[3 * row + axis]).abs() < 1e-3, "{path}: {}", grid.step());
            }
        }
        let values: Vec<f64> = (0..grid.len()).map(|offset| scan.value(offset)).collect();
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let expected = ["min", "max", "mean"].map(|key| about[key].as_f64().unwrap());
        assert!(
            (low, high) == (expected[0], expected[1]) && (mean - expected[2]).abs() < 1e-3,
            "{path}: {low} {high} {mean}"
        );
        assert!(
            kinds(&findings).iter().all(|kind| *kind == "gap-between-slices" || *kind == "unsupported"),
            "{path}: {findings:?}"
        );
    }
    assert!(6 <= count, "{count} volumes");
}

#[test]
fn gaps_are_bridged_and_named() {
    let Some(data) = shared_data() else { return };
    let (scan, findings) = load(&data.join("edge-cases/missing-slice/mr-ax-oblique-gap")).unwrap();
    assert_eq!(scan.grid().dims(), [384, 512, 17]);
    assert!((scan.grid().spacing_mm()[2] - 2.5).abs() < 1e-3);
    assert!(kinds(&findings).contains(&"missing-slice"), "{findings:?}");

    let (scan, findings) = load(&data.join("edge-cases/gantry-tilt/ge-head-28")).unwrap();
    assert!(kinds(&findings).contains(&"unequal-gaps"), "{findings:?}");
    // A tilt of 18.5° shears the grid: slices go straight up while their planes lean.
    let step = scan.grid().step();
    let normal = step.column(0).cross(&step.column(1)).normalize();
    let angle = (normal.dot(&step.column(2)) / step.column(2).norm()).acos().to_degrees();
    assert!((angle - 18.5).abs() < 0.1, "{angle}°");
}

#[test]
fn damaged_files_say_in_one_sentence_what_is_wrong() {
    let Some(data) = shared_data() else { return };
    let expected = [
        ("MR_truncated.dcm", "the file has 8130 of the 8192 bytes of its pixels"),
        ("badVR.dcm", "radiotherapy images (RTDOSE) are not supported"),
        ("ct-j2k-bitstream-damaged.dcm", "the pixels cannot be decoded"),
        ("ct-j2k-header-bytes-flipped.dcm", "element (0008,"),
        ("ct-j2k-header-truncated.dcm", "the file's header is cut off at byte"),
        ("ct-j2k-not-dicom.dcm", "the file is not DICOM"),
        ("ct-j2k-orientation-not-orthogonal.dcm", "rows and columns are 1.000 and 1.000 long at 0.0°"),
        ("ct-j2k-pixel-data-truncated.dcm", "fragment 1 of the pixels has"),
        ("ct-j2k-rescale-slope-zero.dcm", "the rescale slope is 0"),
        (
            "ct-j2k-rows-do-not-match-data.dcm",
            "the header says 512 × 1024 pixels, the JPEG 2000 stream holds 512 × 512",
        ),
        ("ct-j2k-zero-length.dcm", "the file is empty"),
        ("ct-j2k-zero-pixel-spacing.dcm", "the pixel spacing is 0 × 0 mm"),
    ];
    for (name, sentence) in expected {
        let path = data.join("edge-cases/corrupt").join(name);
        let said = load(&path).map(|(scan, _)| scan.content_hash()).unwrap_err().to_string();
        assert!(said.starts_with(sentence) && said.ends_with(name) && !said.contains('\n'), "{name}: {said}");
    }
    let known = expected.map(|(name, _)| name);
    for entry in std::fs::read_dir(data.join("edge-cases/corrupt")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "{name} has no expectation");
    }
}

#[test]
fn every_other_odd_file_loads_or_says_why_not() {
    let Some(data) = shared_data() else { return };
    let mut files = Vec::new();
    let mut folders = vec![data.join("edge-cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let said: Vec<_> = files.par_iter().filter_map(|path| Some((path, load(path).err()?.to_string()))).collect();
    for (path, sentence) in &said {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(sentence.ends_with(name) && !sentence.contains('\n') && 20 < sentence.len(), "{path:?}: {sentence}");
        assert!(!sentence.contains("gave up"), "{path:?}: a library panicked");
    }
    assert!(30 < files.len() - said.len(), "{} of {} files load", files.len() - said.len(), files.len());
}

#[test]
fn a_mixed_folder_is_sorted_out() {
    let Some(data) = shared_data() else { return };
    let findings = Findings::default();
    let series = scan_folder(&data.join("edge-cases/mixed-folder"), &Progress::default(), &findings).unwrap();
    let found: Vec<_> = series.iter().map(|s| (s.modality, s.frames, s.grid.as_ref().unwrap().dims())).collect();
    assert_eq!(found, [(Modality::Ct, 6, [512, 512, 6]), (Modality::Mr, 5, [256, 256, 5])]);
    let findings = findings.into_sorted();
    // The copy has no UID of its own, so it counts as a second image of the same place.
    assert_eq!(kinds(&findings), ["same-place", "not-an-image", "not-an-image"]);
}

#[test]
fn enhanced_images_are_placed_frame_by_frame() {
    let Some(data) = shared_data() else { return };
    let (scan, _) = load(&data.join("edge-cases/enhanced/philips-enhanced-mr-8frame.dcm")).unwrap();
    let grid = scan.grid();
    assert_eq!(grid.dims(), [256, 256, 8]);
    let spacing = grid.spacing_mm();
    assert!((spacing[0] - 1.0).abs() < 1e-3 && (spacing[2] - 1.2).abs() < 1e-3, "{spacing:?}");
    // The reference NIfTI: LPS corner of the same volume, and its largest value after rescale.
    let reference = Point::new(100.2936, -150.6046, 116.9492);
    let corners = [0, 7].map(|k| grid.centre([0, 0, k]));
    assert!(corners.iter().any(|corner| (corner - reference).norm() < 0.01), "{corners:?}");
    let high = (0..grid.len()).map(|offset| scan.value(offset)).fold(0.0, f64::max);
    assert!((high - 1_081.748_535).abs() < 0.01, "{high}");

    let (scan, _) = load(&data.join("edge-cases/enhanced/xa30-enhanced-t1-96frame.dcm")).unwrap();
    assert_eq!(scan.grid().len(), 128 * 128 * 96);
}

#[test]
fn every_syntax_gives_the_same_voxels_on_any_number_of_threads() {
    let Some(data) = shared_data() else { return };
    let folder = data.join("edge-cases/ct-one-slice-all-syntaxes");
    let hash = |name: &str| load(&folder.join(name)).unwrap().0.content_hash();
    let plain = hash("ct-explicit-le.dcm");
    for name in ["big-endian", "deflated", "implicit-le", "j2k-lossless-90", "jpeg-lossless-sv1-70", "jpegls-80", "rle"]
    {
        assert_eq!(hash(&format!("ct-{name}.dcm")), plain, "{name}");
    }
    let oblique = data.join("edge-cases/missing-slice/mr-ax-oblique-gap");
    let hash = |threads| with_threads(threads, || load(&oblique).unwrap().0.content_hash());
    assert_eq!(hash(1), hash(3));
}

fn dice(a: &LabelMap, b: &LabelMap) -> f64 {
    let [a, b] = [a.to_volume(), b.to_volume()];
    let both = a.voxels().iter().zip(b.voxels()).filter(|(a, b)| **a != 0 && **b != 0).count();
    let count = |map: &Volume<u8>| map.voxels().iter().filter(|label| **label != 0).count();
    2.0 * both as f64 / (count(&a) + count(&b)) as f64
}

#[test]
fn overlapping_segments_keep_every_voxel() {
    let Some(data) = shared_data() else { return };
    let findings = Findings::default();
    let path = data.join("ct-lung-rider-1129164940/gtv_seg.dcm");
    let maps = read_segmentation(&path, &Progress::default(), &findings).unwrap();
    assert_eq!(kinds(&findings.into_sorted()), ["overlapping-segments"]);
    let names: Vec<_> = maps.iter().flat_map(|map| map.segments()).map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["Neoplasm, Primary (manual)", "Neoplasm, Primary (automatic)"]);
    assert!((dice(&maps[0], &maps[1]) - 0.9146).abs() < 5e-5, "{}", dice(&maps[0], &maps[1]));
    for name in ["seg_image_ct_binary.dcm", "seg_image_ct_binary_overlap.dcm"] {
        let path = data.join("edge-cases/seg").join(name);
        let manifest = json(&data.join("manifest.json"));
        let about = &manifest[&format!("edge-cases/seg/{name}")];
        let pixels: f64 = about["shape"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).product();
        let maps = read_segmentation(&path, &Progress::default(), &Findings::default()).unwrap();
        let marked: usize = maps.iter().flat_map(|map| map.segments().iter().map(|s| map.count(s.id))).sum();
        let expected = (about["mean"].as_f64().unwrap() * pixels).round() as usize;
        // The reference mean has four digits.
        assert!(marked.abs_diff(expected) <= 1, "{name}: {marked} of {expected}");
    }
}
