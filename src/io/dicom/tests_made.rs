//! DICOM with files made here: round trips, unreadable slices, hostile headers, and the bundled scan.

use super::*;
use crate::base::{Findings, Progress};
use crate::geom::{Grid, Point};
use crate::image::{Modality, Scan, Volume, Voxels, Window};
use crate::io::error::ReadError;
use nalgebra::Matrix3;
use sha2::Digest;
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) fn made_scan(slices: usize) -> Scan {
    // Oblique rows and columns, sheared slices: what a tilted gantry makes.
    let turn = nalgebra::Rotation3::from_euler_angles(0.1, -0.2, 0.3);
    let axes = turn * Matrix3::new(0.7, 0.0, 0.0, 0.0, 0.8, 0.2, 0.0, 0.0, 1.5);
    let grid = Grid::new([20, 14, slices], Point::new(-12.5, 33.25, 100.125), axes).unwrap();
    let voxels = (0..grid.len()).map(|offset| ((offset * 37) % 4096) as i16 - 1024).collect();
    Scan {
        voxels: Voxels::I16(Volume::new(grid, voxels).unwrap()),
        modality: Modality::Ct,
        window: Some(Window { width: 350.0, level: 40.0 }),
        facts: Vec::new(),
    }
}

fn text() -> SeriesText {
    SeriesText { patient: "PHANTOM".into(), description: "a made scan".into(), maker: "prosector".into() }
}

/// A folder with a written scan.
fn written(scan: &Scan) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_series(scan, folder.path(), &text(), &Progress::default()).unwrap();
    folder
}

fn load(path: &Path) -> Result<(Scan, Vec<String>), ReadError> {
    let findings = Findings::default();
    let series = scan_folder(path, &Progress::default(), &findings)?;
    let scan = load_series(&series[0], &Progress::default(), &findings)?;
    Ok((scan, findings.into_sorted().into_iter().map(|finding| finding.kind).collect()))
}

#[test]
fn a_written_scan_comes_back() {
    let scan = made_scan(9);
    let (read, findings) = load(written(&scan).path()).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(read.ct().unwrap().voxels(), scan.ct().unwrap().voxels());
    assert_eq!((read.window, read.grid().dims()), (scan.window, scan.grid().dims()));
    // Decimal strings of 16 characters hold about 13 digits.
    assert!((read.grid().origin() - scan.grid().origin()).norm() < 1e-9);
    assert!((read.grid().step() - scan.grid().step()).norm() < 1e-9, "{}{}", read.grid().step(), scan.grid().step());
}

#[test]
fn writing_is_repeatable_and_never_overwrites() {
    let scan = made_scan(3);
    let [a, b] = [written(&scan), written(&scan)];
    for name in ["0001.dcm", "0003.dcm"] {
        assert_eq!(std::fs::read(a.path().join(name)).unwrap(), std::fs::read(b.path().join(name)).unwrap());
    }
    assert_eq!(write_series(&scan, a.path(), &text(), &Progress::default()).unwrap(), 3, "the same again is no harm");
    let other = write_series(&made_scan(4), a.path(), &text(), &Progress::default()).unwrap_err().to_string();
    assert!(other.contains("another DICOM file of this name is there"), "{other}");
    for name in ["0001.dcm", "0003.dcm"] {
        assert_eq!(std::fs::read(a.path().join(name)).unwrap(), std::fs::read(b.path().join(name)).unwrap());
    }
}

#[test]
fn an_unreadable_slice_is_named_and_interpolated_but_not_many() {
    let scan = made_scan(12);
    let folder = written(&scan);
    let cut = |name: &str| {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
    };
    cut("0005.dcm");
    let (read, findings) = load(folder.path()).unwrap();
    assert_eq!(findings, ["unreadable-slice", "missing-slice"]);
    assert_eq!(read.grid().dims(), scan.grid().dims());
    let value = |k| f64::from(read.ct().unwrap().at([3, 2, k]));
    assert!((value(4) - 0.5 * (value(3) + value(5))).abs() <= 0.5);
    cut("0008.dcm");
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.contains("of the 560 bytes of its pixels") && error.ends_with("0005.dcm"), "{error}");
}

#[test]
fn first_slice_lies_within_the_volume() {
    let scan = made_scan(9);
    let folder = written(&scan);
    let series = scan_folder(folder.path(), &Progress::default(), &Findings::default()).unwrap();
    let first = first_slice(&series[0]).unwrap();
    assert_eq!(first.ct().unwrap().voxels(), &scan.ct().unwrap().voxels()[4 * 280..5 * 280]);
    assert!((first.grid().origin() - scan.grid().centre([0, 0, 4])).norm() < 1e-9);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_above_is_followed_once() {
    let folder = written(&made_scan(3));
    let below = folder.path().join("below");
    std::fs::create_dir(&below).unwrap();
    std::os::unix::fs::symlink(folder.path(), below.join("up")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("gone"), below.join("nowhere")).unwrap();
    let findings = Findings::default();
    let series = scan_folder(folder.path(), &Progress::default(), &findings).unwrap();
    assert_eq!((series.len(), series[0].frames), (1, 3));
    let findings = findings.into_sorted();
    assert!(findings.len() == 1 && findings[0].message.ends_with("nowhere"), "{findings:?}");
}

#[test]
fn a_cancelled_load_stops() {
    let folder = written(&made_scan(3));
    let series = scan_folder(folder.path(), &Progress::default(), &Findings::default()).unwrap();
    let progress = Progress::default();
    progress.cancel();
    assert!(matches!(load_series(&series[0], &progress, &Findings::default()), Err(ReadError::Cancelled(_))));
    assert!(matches!(scan_folder(folder.path(), &progress, &Findings::default()), Err(ReadError::Cancelled(_))));
}

/// A file of a preamble, a transfer syntax and these bytes.
fn file_of(syntax: &str, dataset: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM\x02\x00\x10\x00UI");
    let padded = syntax.len().next_multiple_of(2);
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(syntax.as_bytes());
    bytes.resize(132 + 8 + padded, 0);
    bytes.extend(dataset);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.dcm");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn lengths_are_checked_before_memory_is_taken() {
    let said = |dataset: &[u8]| {
        let (_folder, path) = file_of("1.2.840.10008.1.2.1", dataset);
        scan_folder(&path, &Progress::default(), &Findings::default()).unwrap_err().to_string()
    };
    let huge = said(b"\x08\x00\x08\x00OB\0\0\xFE\xFF\xFF\xFFxx");
    assert!(huge.starts_with("element (0008,0008) declares 4294967294 bytes, but only 2 follow"), "{huge}");
    let inner = said(b"\x08\x00\x40\x11SQ\0\0\x14\0\0\0\xFE\xFF\x00\xE0\x0C\0\0\0\x08\x00\x08\x00UT\0\0\xFF\xFF\0\0");
    assert!(inner.starts_with("element (0008,0008) declares 65535 bytes, but only 0 follow"), "{inner}");
    let deep = said(&b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF".repeat(5000));
    assert!(deep.starts_with("sequences are nested deeper than 24 levels"), "{deep}");
    let open = said(b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF");
    assert!(open.starts_with("the file's header is cut off"), "{open}");
}

#[test]
fn an_image_larger_than_its_file_is_refused() {
    let mut dataset = b"\x08\x00\x60\x00CS\x02\0CT".to_vec();
    let mut word = |element: u16, value: u16| {
        dataset.extend([0x28, 0]);
        dataset.extend(element.to_le_bytes());
        dataset.extend(b"US\x02\0");
        dataset.extend(value.to_le_bytes());
    };
    for (element, value) in [(0x02, 1), (0x10, 8000), (0x11, 8000), (0x100, 16), (0x101, 16), (0x102, 15), (0x103, 0)] {
        word(element, value);
    }
    dataset.extend(b"\xE0\x7F\x10\0OW\0\0\x04\0\0\0abcd");
    let (_folder, path) = file_of("1.2.840.10008.1.2.1", &dataset);
    let file = super::image_file::ImageFile::read(&path).unwrap();
    let error = super::pixel_reader::PixelReader::open(&file).unwrap_err().to_string();
    assert!(error.starts_with("the file has 4 of the 128000000 bytes of its pixels"), "{error}");
}

#[test]
fn flipped_bytes_end_in_a_scan_or_a_sentence() {
    let folder = written(&made_scan(1));
    let path = folder.path().join("0001.dcm");
    let good = std::fs::read(&path).unwrap();
    let mut rng = crate::base::rng::Rng::new(5);
    for _ in 0..400 {
        let mut bytes = good.clone();
        for _ in 0..4 {
            let place = rng.below(bytes.len());
            bytes[place] = rng.below(256) as u8;
        }
        bytes.truncate(good.len() - if rng.unit() < 0.3 { rng.below(good.len()) } else { 0 });
        std::fs::write(&path, bytes).unwrap();
        if let Err(error) = load(&path) {
            let said = error.to_string();
            assert!(said.ends_with("0001.dcm") && !said.contains('\n') && !said.contains("gave up"), "{said}");
        }
    }
}

/// The scan that comes with the program: every file is what the manifest says, and so are the numbers.
#[test]
fn the_bundled_scan_is_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_scans/rider-lung-ct");
    let Ok(manifest) = std::fs::read(folder.join("manifest.json")) else {
        let _ = writeln!(std::io::stderr(), "skipped: no bundled scan at {}", folder.display());
        return;
    };
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    for (name, about) in manifest["files"].as_object().unwrap() {
        let digest = sha2::Sha256::digest(std::fs::read(folder.join(name)).unwrap());
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, about["sha256"], "{name}");
    }
    let (scan, findings) = load(&folder).unwrap();
    // The manifest, and the structure set.
    assert_eq!(findings, ["not-an-image", "unsupported"]);
    let ct = scan.ct().unwrap();
    assert_eq!(serde_json::json!(scan.grid().dims()), manifest["grid"]["size"]);
    let mean = ct.voxels().iter().map(|value| f64::from(*value)).sum::<f64>() / ct.voxels().len() as f64;
    assert!((mean - manifest["values_hu"]["mean"].as_f64().unwrap()).abs() < 1e-3, "{mean}");
    assert_eq!(ct.voxels().iter().max().map(|v| i64::from(*v)), manifest["values_hu"]["max"].as_i64());
    let maps = read_segmentation(&folder.join("gtv_seg.dcm"), &Progress::default(), &Findings::default()).unwrap();
    for segment in maps.iter().flat_map(|map| map.segments().iter().map(move |segment| (map, segment))) {
        let expected = &manifest["segments"][segment.1.id.0.to_string()];
        assert_eq!(Some(segment.0.count(segment.1.id) as u64), expected["voxels"].as_u64());
        let place = segment.0.grid().origin();
        let index = scan.grid().index_from_patient(place);
        assert!((index - index.map(f64::round)).norm() < 1e-3, "segments lie on the scan's voxels, not at {index}");
    }
}
