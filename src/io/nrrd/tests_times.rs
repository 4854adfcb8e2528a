//! Files of several points in time, as 3D Slicer and others write them, and those that are none.

use super::{read_labels, read_scan, read_times};
use crate::base::Progress;
use crate::geom::Point;
use crate::image::{Modality, Scan};
use crate::io::times::{Time, TimeUnit};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const DIMS: [usize; 3] = [3, 2, 2];
const TIMES: usize = 4;

/// The value of a voxel at a point in time.
fn value(voxel: usize, time: usize) -> i16 {
    (100 * time + voxel) as i16
}

/// The numbers of a file, time first or last.
fn bytes(first: bool) -> Vec<u8> {
    let voxels = DIMS.iter().product::<usize>();
    let at = |place: usize| match first {
        true => value(place / TIMES, place % TIMES),
        false => value(place % voxels, place / voxels),
    };
    (0..voxels * TIMES).flat_map(|place| at(place).to_le_bytes()).collect()
}

/// Read a file with this header and these bytes; the name is that of what went wrong.
fn read(header: &str, data: &[u8]) -> Result<Vec<(Option<Time>, Scan)>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("beat.nrrd");
    let mut all = format!("NRRD0005\ntype: short\nendian: little\n{header}\n\n").into_bytes();
    all.extend(data);
    std::fs::write(&path, all).unwrap();
    read_times(&path, Some(Modality::Mr), &Progress::default()).map_err(|error| error.to_string())
}

fn times(scans: &[(Option<Time>, Scan)]) -> Vec<String> {
    scans.iter().map(|(time, _)| time.map_or_else(String::new, |time| time.to_string())).collect()
}

#[test]
fn points_in_time_come_one_by_one_wherever_their_axis_is() {
    let place = "(2,0,0) (0,3,0) (0,0,4)\nspace: left-posterior-superior\nspace origin: (10,20,30)";
    let first = "dimension: 4\nsizes: 4 3 2 2\nkinds: list domain domain domain";
    let last = "dimension: 4\nsizes: 3 2 2 4\nkinds: domain domain domain time";
    let packed = |data: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(data).unwrap();
        packed.finish().unwrap()
    };
    let files = [
        (format!("{first}\nspace directions: none {place}\nencoding: raw"), bytes(true)),
        (format!("{first}\nspace directions: none {place}\nencoding: gzip"), packed(&bytes(true))),
        (
            format!("{last}\nspace directions: {}\nencoding: raw", place.replacen("(0,0,4)", "(0,0,4) none", 1)),
            bytes(false),
        ),
        (
            format!("{last}\nspace directions: {}\nencoding: gzip", place.replacen("(0,0,4)", "(0,0,4) none", 1)),
            packed(&bytes(false)),
        ),
    ];
    for (header, data) in files {
        let scans = read(&header, &data).unwrap();
        assert_eq!(scans.len(), TIMES, "{header}");
        for (n, (time, scan)) in scans.iter().enumerate() {
            assert_eq!((scan.grid().dims(), *time), (DIMS, None), "{header}");
            assert_eq!(scan.grid().centre([1, 1, 1]), Point::new(12.0, 23.0, 34.0), "{header}");
            let wrong = (0..scan.grid().len()).find(|voxel| scan.value(*voxel) != f64::from(value(*voxel, n)));
            assert_eq!(wrong, None, "point {n} of {header}");
            let said = scan.facts.iter().find(|(name, _)| name == "time").map(|(_, text)| text.as_str());
            assert_eq!(said, Some(format!("point {} of 4", n + 1).as_str()));
        }
    }
}

#[test]
fn times_are_read_as_slicer_says_them() {
    let start = "dimension: 4\nsizes: 4 3 2 2\nkinds: list domain domain domain\nencoding: raw";
    let said = |rest: &str| times(&read(&format!("{start}\n{rest}"), &bytes(true)).unwrap());
    let sequence = "units: \"s\" \"mm\" \"mm\" \"mm\"\naxis 0 index type:=numeric\naxis 0 index values:=0 0.25 0.5 1";
    assert_eq!(said(sequence), ["0 s", "0.25 s", "0.5 s", "1 s"]);
    let volumes = "MultiVolume.FrameIdentifyingDICOMTagName:=TriggerTime\nMultiVolume.FrameLabels:=0,30,60,90\n\
                   MultiVolume.FrameIdentifyingDICOMTagUnits:=ms";
    assert_eq!(said(volumes), ["0 ms", "30 ms", "60 ms", "90 ms"]);
    assert_eq!(said("spacings: 2.5 1 1 3\nunits: \"sec\" \"\" \"\" \"\""), ["0 s", "2.5 s", "5 s", "7.5 s"]);
    assert_eq!(said("axis 0 index values:=0 25 50"), [""; 4], "three values for four points say nothing");
    assert_eq!(said("axis 0 index values:=rest stress late later"), [""; 4]);
    let scans = read(&format!("{start}\nspacings: 2.5 1 1 3"), &bytes(true)).unwrap();
    assert_eq!(scans[0].1.grid().spacing_mm(), [1.0, 1.0, 3.0]);
    assert_eq!(scans[1].0, Some(Time { value: 2.5, unit: TimeUnit::Unknown }));
}

#[test]
fn other_fourth_axes_are_refused_in_a_sentence() {
    let refused = |header: &str, expected: &str| {
        let said = read(&format!("{header}\nencoding: raw"), &bytes(true)).map(|scans| scans.len()).unwrap_err();
        assert!(said.contains(expected) && said.ends_with("beat.nrrd"), "'{said}' lacks '{expected}'");
    };
    let sizes = "dimension: 4\nsizes: 4 3 2 2";
    refused(sizes, "does not say in 'kinds' which of them is time");
    refused(&format!("{sizes}\nkinds: vector domain domain domain"), "of the kind 'vector'");
    refused(&format!("{sizes}\nkinds: domain list domain domain"), "neither the first nor the last");
    refused(&format!("{sizes}\nkinds: domain domain domain domain"), "not three of place and one of time");
    refused("dimension: 5\nsizes: 4 3 2 2 1", "the file has 5 axes");
    refused("dimension: 4\nsizes: 4 3 2\nkinds: list domain domain domain", "'sizes' holds 3 numbers, not 4");
    refused("dimension: 4\nsizes: 900 3 2 2\nkinds: list domain domain domain", "has 900 points, expected 1 to 512");
    refused("dimension: 4\nsizes: 0 3 2 2\nkinds: list domain domain domain", "has 0 points, expected 1 to 512");
    refused("dimension: 4\nsizes: 5 3 2 2\nkinds: list domain domain domain", "bytes of voxels are announced");
    refused("dimension: 4\nsizes: 3 2 2 5\nkinds: domain domain domain list", "bytes of voxels are announced");
}

#[test]
fn one_volume_is_wanted_where_one_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("beat.nrrd");
    let header = "NRRD0005\ntype: short\nendian: little\ndimension: 4\nsizes: 4 3 2 2\nkinds: list domain domain domain\nencoding: raw\n\n";
    std::fs::write(&path, [header.as_bytes(), &bytes(true)].concat()).unwrap();
    let said = read_scan(&path, None, &Progress::default()).unwrap_err().to_string();
    assert!(said.contains("the file holds 4 points in time; one volume is wanted here"), "{said}");
    let said = read_labels(&path, &Progress::default()).unwrap_err().to_string();
    assert!(said.contains("the file holds 4 points in time or layers"), "{said}");
    // A fourth axis of one point is none.
    std::fs::write(&path, [header.replace("4 3 2 2", "1 3 2 2").as_bytes(), &bytes(true)[..24]].concat()).unwrap();
    let scan = read_scan(&path, Some(Modality::Mr), &Progress::default()).unwrap();
    assert!(scan.facts.iter().all(|(name, _)| name != "time"));
}
