//! Files made here, real files against an independent reader, and files that lie.

use super::*;
use crate::base::SegmentId;
use std::io::Write;
use std::path::PathBuf;

/// A small file: 2 × 3 × 2 voxels, sform and qform both possible.
struct Made {
    kind: i16,
    data: Vec<u8>,
    sform: Option<[f32; 12]>,
    qform: Option<[f32; 6]>,
    rescale: [f32; 2],
}

impl Made {
    fn shorts(values: [i16; 12]) -> Self {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { kind: 4, data, sform: None, qform: None, rescale: [0.0, 0.0] }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0_u8; 352];
        let mut put = |offset: usize, value: &[u8]| bytes[offset..offset + value.len()].copy_from_slice(value);
        put(0, &348_i32.to_le_bytes());
        for (n, size) in [3_i16, 2, 3, 2, 1, 1, 1, 1].iter().enumerate() {
            put(40 + 2 * n, &size.to_le_bytes());
        }
        put(70, &self.kind.to_le_bytes());
        for (n, size) in [-1.0_f32, 2.0, 3.0, 4.0].iter().enumerate() {
            put(76 + 4 * n, &size.to_le_bytes());
        }
        put(108, &352.0_f32.to_le_bytes());
        put(112, &self.rescale[0].to_le_bytes());
        put(116, &self.rescale[1].to_le_bytes());
        put(123, &[2]);
        if let Some(qform) = self.qform {
            put(252, &1_i16.to_le_bytes());
            qform.iter().enumerate().for_each(|(n, x)| put(256 + 4 * n, &x.to_le_bytes()));
        }
        if let Some(sform) = self.sform {
            put(254, &1_i16.to_le_bytes());
            sform.iter().enumerate().for_each(|(n, x)| put(280 + 4 * n, &x.to_le_bytes()));
        }
        put(344, b"n+1\0");
        bytes.extend_from_slice(&self.data);
        bytes
    }
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.nii");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Scan, ReadError> {
    let (_folder, path) = file(bytes);
    read_scan(&path, None, &Progress::default())
}

const VALUES: [i16; 12] = [-1000, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100];

#[test]
fn an_sform_comes_before_a_qform_and_turns_from_ras_to_lps() {
    let sform = [2.0, 0.0, 0.0, 10.0, 0.0, 3.0, 0.5, 20.0, 0.0, 0.0, 4.0, 30.0];
    let made = Made { sform: Some(sform), qform: Some([0.0; 6]), ..Made::shorts(VALUES) };
    let scan = read(&made.bytes()).unwrap();
    assert_eq!(scan.grid().origin(), Point::new(-10.0, -20.0, 30.0));
    assert_eq!(scan.grid().centre([1, 1, 1]), Point::new(-12.0, -23.5, 34.0));
    assert_eq!(scan.ct().unwrap().voxels(), VALUES);
}

#[test]
fn a_qform_turns_and_mirrors() {
    // A quarter turn about z: b = c = 0, d = √½; qfac −1 mirrors the third axis.
    let qform = [0.0, 0.0, 0.5_f32.sqrt(), 1.0, 2.0, 3.0];
    let made = Made { qform: Some(qform), ..Made::shorts(VALUES) };
    let grid = read(&made.bytes()).unwrap().grid().clone();
    let near = |voxel, [x, y, z]: [f64; 3]| {
        let (place, wanted) = (grid.centre(voxel), Point::new(x, y, z));
        assert!((place - wanted).norm() < 1e-5, "{place} instead of {wanted}");
    };
    near([0, 0, 0], [-1.0, -2.0, 3.0]);
    near([1, 0, 0], [-1.0, -4.0, 3.0]);
    near([0, 1, 0], [2.0, -2.0, 3.0]);
    near([0, 0, 1], [-1.0, -2.0, -1.0]);
}

#[test]
fn packed_files_big_endian_files_and_rescale_are_read() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&Made { rescale: [0.5, 10.0], ..Made::shorts(VALUES) }.bytes()).unwrap();
    let scan = read(&packed.finish().unwrap()).unwrap();
    assert_eq!((scan.value(0), scan.value(2), scan.value(11)), (-490.0, 10.5, 60.0));

    // The same header with every number turned round.
    let mut big = Made::shorts(VALUES).bytes();
    big[..4].reverse();
    for offset in (40..56).chain(68..74).chain(252..256).step_by(2).chain((352..376).step_by(2)) {
        big.swap(offset, offset + 1);
    }
    for offset in (76..120).chain(256..328).step_by(4) {
        big[offset..offset + 4].reverse();
    }
    assert_eq!(read(&big).unwrap().ct().unwrap().voxels(), VALUES);
}

#[test]
fn damaged_and_foreign_files_are_refused_in_a_sentence() {
    let whole = Made::shorts(VALUES).bytes();
    let with = |offset: usize, value: &[u8]| {
        let mut bytes = whole.clone();
        bytes[offset..offset + value.len()].copy_from_slice(value);
        bytes
    };
    let flat = Made { sform: Some([1.0; 12]), ..Made::shorts(VALUES) }.bytes();
    let cases = [
        (b"hello".to_vec(), "not NIfTI"),
        (whole[..200].to_vec(), "the header ends after 200 of 348 bytes"),
        (whole[..370].to_vec(), "24 bytes of voxels are announced, but there are only 18"),
        (with(344, b"ni1\0"), "pairs of .hdr and .img"),
        (with(344, b"abcd"), "the mark 'n+1' is missing"),
        (with(0, &540_i32.to_le_bytes()), "NIfTI-2"),
        (with(70, &128_i16.to_le_bytes()), "the data type 128 is not read"),
        (with(42, &(-3_i16).to_le_bytes()), "an axis has -3 voxels"),
        (with(42, &i16::MAX.to_le_bytes()), "but there are only 24 bytes"),
        (with(40, &4_i16.to_le_bytes()).tap(|bytes| bytes[48] = 9), "but there are only 0 bytes"),
        (with(40, &5_i16.to_le_bytes()).tap(|bytes| bytes[50] = 9), "the size is 2 × 3 × 2 × 1 × 9"),
        (with(40, &99_i16.to_le_bytes()), "the header announces 99 axes"),
        (with(108, &f32::NAN.to_le_bytes()), "said to begin at byte NaN"),
        (with(108, &1e30_f32.to_le_bytes()), "said to begin at byte"),
        (with(112, &f32::INFINITY.to_le_bytes()), "the rescale is inf"),
        (with(80, &0.0_f32.to_le_bytes()), "do not span space"),
        (flat, "do not span space"),
    ];
    for (bytes, expected) in cases {
        let message = read(&bytes).unwrap_err().to_string();
        assert!(message.contains(expected) && message.ends_with("made.nii"), "'{message}' lacks '{expected}'");
    }
}

trait Tap: Sized {
    fn tap(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Tap for Vec<u8> {}

fn data(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("PROSECTOR_DATA").map_or(beside, PathBuf::from).join(name);
    if !path.exists() {
        // Straight to standard error: what `eprintln!` says is shown only of tests that fail.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there; set PROSECTOR_DATA", path.display());
        return None;
    }
    Some(path)
}

/// Values of an independent reader, `volumes.json` of the test data.
#[test]
fn real_volumes_have_their_known_geometry_and_values() {
    let origin = |x: f64, y: f64, z: f64| Point::new(x, y, z);
    let cases = [
        (
            "ct-abdomen-totalseg/abdomen_3mm.nii.gz",
            [122, 101, 112],
            origin(177.9563, -11.319, 94.3018),
            -1.0,
            -360.0204,
        ),
        ("cta-aorta-totalseg/cta_1p5mm.nii.gz", [120, 126, 164], origin(-71.6582, -255.6582, 540.2), 1.0, -200.7137),
        ("mr-hippocampus-msd/images/hippocampus_015.nii.gz", [42, 51, 28], origin(-1.0, -1.0, 1.0), -1.0, 439.5933),
    ];
    for (name, dims, origin, direction, mean) in cases {
        let Some(path) = data(name) else { return };
        let scan = read_scan(&path, None, &Progress::default()).unwrap();
        let grid = scan.grid();
        assert_eq!(grid.dims(), dims, "{name}");
        assert!((grid.origin() - origin).norm() < 1e-3, "{name}: {}", grid.origin());
        assert!((grid.step()[(0, 0)] / grid.spacing_mm()[0] - direction).abs() < 1e-6, "{name}");
        let found = (0..grid.len()).map(|offset| scan.value(offset)).sum::<f64>() / grid.len() as f64;
        assert!((found - mean).abs() < 1e-3 * mean.abs().max(1.0), "{name}: mean {found}");
        assert_eq!(scan.modality == Modality::Ct, name.contains("ct"), "{name}");
    }
}

/// Volumes of an independent reader.
#[test]
fn real_labels_have_their_known_volumes() {
    let cases = [
        ("ct-abdomen-totalseg/abdomen_3mm_seg.nii.gz", 5, 1125.684),
        ("ct-abdomen-totalseg/dicom_seg.nii.gz", 1, 249.165),
        ("cta-aorta-totalseg/labels/aorta.nii.gz", 1, 245.734),
        ("mr-hippocampus-msd/labels/hippocampus_001.nii.gz", 2, 1.624),
    ];
    for (name, label, wanted_ml) in cases {
        let Some(path) = data(name) else { return };
        let labels = read_labels(&path, &Progress::default()).unwrap();
        let volume_ml = labels.volume_ml(SegmentId(label));
        assert!((volume_ml - wanted_ml).abs() < 1e-3 * wanted_ml, "{name}: {volume_ml} ml");
    }
}

/// Three points in time: the header says how many and how far apart, volumes follow each other.
fn moving(times: i16, step: f32, unit: u8) -> Vec<u8> {
    let values: Vec<i16> = (0..times).flat_map(|time| VALUES.map(|value| value + 1000 * time)).collect();
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut bytes = Made { data, ..Made::shorts(VALUES) }.bytes();
    bytes[40..42].copy_from_slice(&4_i16.to_le_bytes());
    bytes[48..50].copy_from_slice(&times.to_le_bytes());
    bytes[92..96].copy_from_slice(&step.to_le_bytes());
    bytes[123] = 2 | unit;
    bytes
}

#[test]
fn points_in_time_are_scans_of_one_grid_with_their_times() {
    for (step, unit) in [(0.5, 8), (500.0, 16), (5e5, 24)] {
        let (_folder, path) = file(&moving(3, step, unit));
        let scans = read_times(&path, None, &Progress::default()).unwrap();
        assert_eq!(scans.len(), 3);
        for (n, (time_s, scan)) in scans.iter().enumerate() {
            assert!((time_s.unwrap() - 0.5 * n as f64).abs() < 1e-6);
            assert_eq!(scan.grid(), scans[0].1.grid());
            // The first reaches air; the others are CT because it is.
            let expected: Vec<i16> = VALUES.iter().map(|value| value + 1000 * n as i16).collect();
            assert_eq!(scan.ct().unwrap().voxels(), expected);
        }
    }
}

#[test]
fn several_points_in_time_are_no_single_scan_and_no_label_map() {
    let (_folder, path) = file(&moving(2, 1.0, 8));
    let said = read_scan(&path, None, &Progress::default()).unwrap_err().to_string();
    assert!(said.contains("2 points in time"), "{said}");
    let said = read_labels(&path, &Progress::default()).unwrap_err().to_string();
    assert!(said.contains("2 points in time"), "{said}");
}

#[test]
fn points_in_time_that_are_announced_and_missing_are_refused() {
    for times in [0, -3, 600] {
        let mut bytes = moving(2, 1.0, 8);
        bytes[48..50].copy_from_slice(&i16::to_le_bytes(times));
        let (_folder, path) = file(&bytes);
        let said = read_times(&path, None, &Progress::default()).unwrap_err().to_string();
        assert!(said.contains("points in time, expected 1 to 512"), "{said}");
    }
    let mut bytes = moving(2, 1.0, 8);
    bytes.truncate(bytes.len() - 3);
    let (_folder, path) = file(&bytes);
    let said = read_times(&path, None, &Progress::default()).unwrap_err().to_string();
    assert!(said.contains("24 bytes of voxels are announced"), "{said}");
}
