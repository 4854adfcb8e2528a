//! DICOM against real files: every image of the shared collection, its geometry, and its damaged files.

use super::image_file::ImageFile;
use super::pixel_format::Samples;
use super::pixel_reader::PixelReader;
use super::*;
use crate::base::{Findings, Progress};
use crate::image::Scan;
use crate::io::error::ReadError;
use rayon::prelude::*;
use serde_json::Value;
use sha2::Digest;
use std::path::{Path, PathBuf};

/// The folder of test data, which is larger than a repository should be; tests that need it pass without.
fn shared_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("PROSECTOR_DATA").map_or(beside, PathBuf::from);
    let found = folder.join("manifest.json").is_file();
    if !found {
        eprintln!("skipped: no test data at {} (set PROSECTOR_DATA)", folder.display());
    }
    found.then_some(folder)
}

fn json(path: PathBuf) -> serde_json::Map<String, Value> {
    match serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// Stored numbers of all frames as the reference reader hashed them: little endian, in the type of the bits allocated.
fn stored_hash(file: &ImageFile) -> Result<String, ReadError> {
    let reader = PixelReader::open(file)?;
    let mut hasher = sha2::Sha256::new();
    for frame in 0..file.format.frames {
        let samples = reader.frame(frame)?;
        let numbers = (0..samples.len()).map(|index| samples.number(&file.format, index));
        match file.format.bits_allocated {
            8 => hasher.update(numbers.map(|n| n as u8).collect::<Vec<_>>()),
            16 => hasher.update(numbers.flat_map(|n| (n as u16).to_le_bytes()).collect::<Vec<_>>()),
            _ => hasher.update(numbers.flat_map(|n| (n as u32).to_le_bytes()).collect::<Vec<_>>()),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn every_image_decodes_to_the_reference_pixels_or_is_refused_by_name() {
    let Some(data) = shared_data() else { return };
    let manifest = json(data.join("manifest.json"));
    let images: Vec<_> = manifest.iter().filter(|(_, about)| about.get("pixels_sha256").is_some()).collect();
    let check = |(path, about): &(&String, &Value)| -> Result<bool, String> {
        let decoded = ImageFile::read(&data.join(path)).and_then(|file| stored_hash(&file));
        let is_binary = about["bits"] == "1/1";
        match decoded {
            Ok(hash) if hash == about["pixels_sha256"] => Ok(true),
            Ok(_) => Err(format!("{path}: other pixels than the reference")),
            // What this program does not show, and says so.
            Err(ReadError::Unsupported { what, .. })
                if is_binary
                    || ["colour images", "Siemens mosaic", "High-Throughput", "radiotherapy"]
                        .iter()
                        .any(|n| what.contains(n)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.to_string()),
        }
    };
    let results: Vec<_> = images.par_iter().map(check).collect();
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let exact = results.iter().filter(|result| **result == Ok(true)).count();
    assert!(900 < exact, "{exact} images compared");
}
