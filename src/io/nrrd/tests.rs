//! Round trips, a real file, and files that lie.

use super::*;
use crate::base::rng::Rng;
use crate::base::{Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Segment, SegmentStatus, Volume, Voxels};
use nalgebra::Matrix3;
use std::io::Write;
use std::path::{Path, PathBuf};

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn oblique_map() -> LabelMap {
    let step = Matrix3::new(0.7, 0.1, 0.0, -0.1, 0.69, 0.3, 0.02, 0.0, 2.5);
    let grid = Grid::new([37, 41, 9], Point::new(-120.5, 33.25, -1000.125), step).unwrap();
    let mut rng = Rng::new(3);
    let labels = (0..grid.len()).map(|_| if rng.unit() < 0.7 { 0 } else { [3, 200][rng.below(2)] }).collect();
    let segments = vec![
        Segment::new(SegmentId(3), "liver: left ~ lobe", [221, 130, 101], Some(10_200_004)),
        Segment {
            locked: true,
            hidden: true,
            status: SegmentStatus::InProgress,
            ..Segment::new(SegmentId(7), "empty", [0, 0, 255], None)
        },
        Segment::new(SegmentId(200), "tumour", [144, 238, 144], Some(4_147_007)),
    ];
    LabelMap::from_volume(&Volume::new(grid, labels).unwrap(), segments).unwrap()
}

#[test]
fn a_segmentation_comes_back_as_it_was_written() {
    let map = oblique_map();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.seg.nrrd");
    write_labels(&map, &path, &Progress::default()).unwrap();
    let back = read_labels(&path, &Progress::default()).unwrap();
    assert_eq!(back.segments(), map.segments());
    assert_eq!(back.grid(), map.grid());
    assert_eq!(back.content_hash(), map.content_hash());
}

#[test]
fn the_header_names_what_slicer_needs() {
    let bytes = encode_labels(&oblique_map(), &Progress::default()).unwrap();
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let header = std::str::from_utf8(&bytes[..end]).unwrap();
    for line in [
        "space: left-posterior-superior",
        "sizes: 37 41 9",
        "Segment0_LabelValue:=3",
        "Segment0_Extent:=0 36 0 40 0 8",
        "Segment2_Name:=tumour",
        "Segment0_Layer:=0",
        "Segmentation_MasterRepresentation:=Binary labelmap",
    ] {
        assert!(header.lines().any(|found| found == line), "no line '{line}' in\n{header}");
    }
}

fn plain(kind: &str, extra: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("NRRD0005\ntype: {kind}\ndimension: 3\nsizes: 2 2 2\n{extra}\n\n");
    [header.as_bytes(), data].concat()
}

#[test]
fn raw_volumes_of_every_type_and_byte_order_are_read() {
    let values = [-5.0_f64, 0.0, 1.0, 2.0, 100.0, 7.0, 3.0, 4.0];
    let little: Vec<u8> = values.iter().flat_map(|v| (*v as i16).to_le_bytes()).collect();
    let big: Vec<u8> = values.iter().flat_map(|v| (*v as f32).to_be_bytes()).collect();
    let double: Vec<u8> = values.iter().flat_map(|v| (*v + 0.5).to_le_bytes()).collect();
    let space = "space: right-anterior-superior\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)";
    for (kind, endian, data, shift) in
        [("short", "little", little, 0.0), ("float", "big", big, 0.0), ("double", "little", double, 0.5)]
    {
        let (_folder, path) = file("a.nrrd", &plain(kind, &format!("endian: {endian}\nencoding: raw\n{space}"), &data));
        let scan = read_scan(&path, Some(Modality::Mr), &Progress::default()).unwrap();
        for (offset, value) in values.iter().enumerate() {
            assert_eq!(scan.value(offset), value + shift, "{kind}");
        }
        assert_eq!(matches!(scan.voxels, Voxels::I16(_)), shift == 0.0, "{kind}");
        // RAS becomes LPS.
        assert_eq!(scan.grid().origin(), Point::new(-10.0, -20.0, 30.0));
        assert_eq!(scan.grid().centre([1, 1, 1]), Point::new(-12.0, -23.0, 34.0));
    }
}

#[test]
fn damaged_and_hostile_files_are_refused_in_a_sentence() {
    let raw = "endian: little\nencoding: raw";
    let huge =
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 100000 100000 100000\nendian: little\nencoding: gzip\n\nabc";
    let bomb = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 1000 1000 1000\nencoding: gzip\n\nabc";
    let cases: [(Vec<u8>, &str); 10] = [
        (b"PK\x03\x04".to_vec(), "does not begin with NRRD000"),
        (b"NRRD0004\ntype: short\n".to_vec(), "the header has no end"),
        (plain("short", raw, &[0; 15]), "16 bytes of voxels are announced, but there are only 15"),
        (plain("block", raw, &[0; 16]), "the voxel type 'block' is not read"),
        (plain("short", "endian: little\nencoding: bzip2", &[0; 16]), "the encoding 'bzip2' is not read"),
        (plain("short", "encoding: raw\ndata file: other.raw", &[0; 16]), "detached NRRD headers"),
        (
            plain("short", &format!("{raw}\nspace: LPS\nspace directions: (1,0,0) (1,0,0) (0,0,1)"), &[0; 16]),
            "do not span space",
        ),
        (huge.into(), "more than 8 GiB"),
        (bomb.into(), "1000000000 bytes of voxels are announced, but there are only 3 bytes of packed data"),
        (plain("short", "endian: little\nencoding: gzip", &[9; 400]), "the packed voxels are damaged"),
    ];
    for (bytes, expected) in cases {
        let (_folder, path) = file("bad.nrrd", &bytes);
        let message = read_scan(&path, None, &Progress::default()).unwrap_err().to_string();
        assert!(message.contains(expected) && message.ends_with("bad.nrrd"), "'{message}' lacks '{expected}'");
    }
}

#[test]
fn no_prefix_of_a_file_crashes_the_reader() {
    let bytes = encode_labels(&oblique_map(), &Progress::default()).unwrap();
    for length in (0..bytes.len() - 12).step_by(61) {
        let (_folder, path) = file("cut.nrrd", &bytes[..length]);
        assert!(read_labels(&path, &Progress::default()).is_err(), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn labels_beyond_a_byte_are_refused() {
    let data: Vec<u8> = [0_i16, 1, 2, 300, 0, 0, 0, 0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let (_folder, path) = file("labels.nrrd", &plain("short", "endian: little\nencoding: raw", &data));
    let message = read_labels(&path, &Progress::default()).unwrap_err().to_string();
    assert!(message.contains("whole numbers from 0 to 255; the values go from 0 to 300"), "{message}");
}

fn data_folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("PROSECTOR_DATA").map_or(beside, PathBuf::from).join("mr-brain-tumour-nrrd");
    if !folder.exists() {
        // Straight to standard error: what `eprintln!` says is shown only of tests that fail.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there; set PROSECTOR_DATA", folder.display());
        return None;
    }
    Some(folder)
}

/// Values of an independent reader, `volumes.json` of the test data.
#[test]
fn a_real_brain_tumour_has_its_known_volume_and_place() {
    let Some(folder) = data_folder() else { return };
    let labels = read_labels(&folder.join("brain1_label.nrrd"), &Progress::default()).unwrap();
    assert!((labels.volume_ml(SegmentId(1)) - 16.413).abs() < 5e-4, "{} ml", labels.volume_ml(SegmentId(1)));
    let scan = read_scan(&folder.join("brain1_image.nrrd"), None, &Progress::default()).unwrap();
    assert_eq!((scan.grid().dims(), scan.modality), ([256, 256, 25], Modality::Other));
    let values: Vec<f64> = (0..scan.grid().len()).map(|offset| scan.value(offset)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((mean - 385.6564).abs() < 1e-4 && values.iter().copied().fold(0.0, f64::max) == 3057.0, "{mean}");
    assert!((scan.grid().origin() - Point::new(-99.6094, 99.6094, -78.0)).norm() < 1e-4);
    assert!((scan.grid().step()[(1, 1)] + 0.78125).abs() < 1e-9);
}
