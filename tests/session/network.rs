//! Networks from files: MeshNet on a real brain, a small one on a phantom, and files that are none.

use crate::desk::Desk;
use prosector::base::{Progress, SegmentId};
use prosector::io::test_data;
use prosector::session::{Command, Data};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../models/write.rs"]
mod write;

/// The manifest `name` of `tests/models` in a folder, with the network beside it if `weights` has it.
fn beside(folder: &Path, name: &str, network: &str, weights: Option<&Path>) -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(name);
    std::fs::copy(manifest, folder.join(name)).unwrap();
    if let Some(weights) = weights {
        std::fs::copy(weights.join(network), folder.join(network)).unwrap();
    }
    folder.join(name)
}

/// A network that finds what is brighter than 200 HU in the mean of 3³ voxels, and its manifest.
fn blur(folder: &Path, more: &str) -> PathBuf {
    std::fs::write(folder.join("blur.onnx"), write::blur(15, &[1, 1, 0, 0, 0])).unwrap();
    let manifest = format!(
        r#"{{ "name": "bright", "model": "blur.onnx", "modality": "CT", "source": "this test", "licence": "CC0",
        "normalisation": {{ "kind": "range", "low": -200, "high": 600 }}, "labels": [{{ "class": 1, "name": "vessel lumen" }}]{more} }}"#
    );
    std::fs::write(folder.join("blur.json"), manifest).unwrap();
    folder.join("blur.json")
}

/// Voxels of white and grey matter that the ONNX runtime of Microsoft (1.32) finds in the same file, all at once.
const WHITE_GREY: [usize; 2] = [520_985, 737_032];

#[test]
fn a_network_finds_in_a_real_brain_what_the_onnx_runtime_finds() {
    let Some(weights) = test_data::folder("weights/meshnet-brainchop") else {
        eprintln!("left out: the project's test data is not here; set PROSECTOR_DATA");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = beside(folder.path(), "meshnet5.json", "model5_gw_ae.onnx", Some(&weights));
    let mut desk = Desk::new();
    let scan = desk.run("import.image", json!({ "path": weights.join("t1_crop.nii.gz"), "modality": "MR" }))[0];
    let found = desk.run("segment.model", json!({ "scan": scan, "path": path, "flips": false }))[0];
    let node = desk.case().node(found).unwrap();
    let Data::Labels(labels) = &node.data else { panic!("a segmentation is expected") };
    assert_eq!(node.summary.value("tiles"), Some(1.0));
    for (n, wanted) in WHITE_GREY.into_iter().enumerate() {
        let count = labels.count(SegmentId(n as u8 + 1));
        assert!(count.abs_diff(wanted) <= wanted / 10_000, "{count} voxels against {wanted}");
    }
    assert!(node.summary.methods.iter().any(|method| method.contains("licence: MIT")));
    // Cancelled in the middle, it stops at once: the largest of its layers takes longer than that.
    let progress = Progress::default();
    let stop = progress.clone();
    let waited = std::thread::scope(|threads| {
        let asked = threads.spawn(move || {
            while stop.fraction() < 0.3 {
                std::thread::sleep(Duration::from_millis(5));
            }
            stop.cancel();
            Instant::now()
        });
        let command = Command::new("segment.model", json!({ "scan": scan, "path": path, "flips": false }));
        assert!(desk.0.run(command, &progress).is_err());
        let ended = Instant::now();
        ended.duration_since(asked.join().unwrap())
    });
    // A busy machine may take longer to wake threads than the fifth of a second that is the aim.
    assert!(waited < Duration::from_millis(1000), "{} ms", waited.as_millis());
}

#[test]
fn a_small_network_in_tiles_finds_the_vessel_of_the_phantom() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let mut count = |more: &str| {
        let path = blur(folder.path(), more);
        let found = desk.run("segment.model", json!({ "scan": scan, "path": path }))[0];
        let Data::Labels(labels) = &desk.case().node(found).unwrap().data else { panic!("a segmentation is expected") };
        labels.count(SegmentId(1))
    };
    let whole = count("");
    assert!(100 < whole, "{whole}");
    for more in [
        r#", "patch": [16, 24, 9], "overlap": 1"#,
        r#", "patch": [16, 24, 9], "overlap": 1, "order": "ijk", "flips": [0, 2]"#,
        r#", "patch": [24, 24, 24], "overlap": 6, "blend": "gaussian""#,
    ] {
        let tiled = count(more);
        // Sums in another order decide ties otherwise; blended ones see the ends of tiles with little weight.
        assert!(tiled.abs_diff(whole) <= whole / 100, "{tiled} voxels against {whole} with {more}");
    }
    // The threshold on the same mean, without a network: a voxel wide, the smoothed vessel is about as large.
    let plain = desk.threshold(scan, 200);
    let Data::Labels(labels) = &desk.case().node(plain).unwrap().data else { panic!("a segmentation is expected") };
    let sharp = labels.count(SegmentId(1));
    assert!(2 * whole > sharp && whole < 2 * sharp, "{whole} {sharp}");
}

#[test]
fn the_plan_says_memory_source_and_licence_and_computes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = blur(folder.path(), r#", "patch": [16, 16, 16], "overlap": 4, "flips": [0]"#);
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let before = desk.hash();
    let outcome = desk.try_run("segment.model", json!({ "scan": scan, "path": path, "plan_only": true })).unwrap();
    assert!(outcome.added.is_empty());
    assert_eq!(desk.hash(), before);
    let said = outcome.message.unwrap();
    for wanted in ["tiles of 16 × 16 × 16 voxels, 2 times each", "at most", "source: this test", "licence: CC0"] {
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn what_is_no_network_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let before = desk.hash();
    let mut refused =
        |path: &Path| desk.try_run("segment.model", json!({ "scan": scan, "path": path })).unwrap_err().to_string();
    let path = beside(folder.path(), "meshnet5.json", "model5_gw_ae.onnx", None);
    let absent = refused(&path);
    assert!(absent.contains("there is no such file") && absent.contains("model5_gw_ae.onnx"), "{absent}");
    std::fs::create_dir(folder.path().join("model5_gw_ae.onnx")).unwrap();
    assert!(refused(&path).contains("this is no file"));
    std::fs::remove_dir(folder.path().join("model5_gw_ae.onnx")).unwrap();
    std::fs::write(folder.path().join("model5_gw_ae.onnx"), b"not a network").unwrap();
    let broken = refused(&path);
    assert!(broken.contains("no network in ONNX form"), "{broken}");
    std::fs::write(folder.path().join("model5_gw_ae.onnx"), write::blur(15, &[1, 1, 0, 0, 0])).unwrap();
    let other = refused(&path);
    assert!(other.contains("made for MR; the scan is CT"), "{other}");
    std::fs::write(&path, "{ }").unwrap();
    let empty = refused(&path);
    assert!(empty.contains("the manifest cannot be read"), "{empty}");
    // A thousand channels of a tile of 1024³ voxels, four terabytes: said before, not tried.
    let large = blur(folder.path(), r#", "patch": [1024, 1024, 1024], "multiple": 1024"#);
    let nodes = [write::node("Conv", &["x", "many"], "wide", &[]), write::node("Conv", &["wide", "two"], "y", &[])];
    let weights = [("many", [1024, 1, 1, 1, 1]), ("two", [2, 1024, 1, 1, 1])].map(|(name, dims): (&str, [i64; 5])| {
        write::tensor(name, &dims, &vec![1.0; dims.iter().product::<i64>() as usize])
    });
    let network = write::model(15, &[1, 1, 0, 0, 0], &nodes, &weights);
    std::fs::write(folder.path().join("blur.onnx"), network).unwrap();
    let said = refused(&large);
    assert!(said.contains("MB of memory for tiles of 1024 × 1024 × 1024 voxels"), "{said}");
    assert_eq!(desk.hash(), before);
}
