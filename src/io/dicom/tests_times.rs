//! Series of several images at every place: points in time, other kinds, and what does not match up.

use super::tests_made::made_scan;
use super::*;
use crate::base::{Findings, Progress};
use crate::image::{Scan, Volume, Voxels};
use dicom::core::{DataElement, PrimitiveValue, Tag, VR};
use dicom::dictionary_std::tags;
use dicom::object::open_file;
use std::path::Path;

/// What is put into the header of an image: the tag, its representation, and the text.
type Put = (Tag, VR, String);

/// A scan of slices whose values say which `point` it is.
fn scan_at(point: usize, slices: usize) -> Scan {
    let first = made_scan(slices);
    let voxels = (0..first.grid().len()).map(|offset| (100 * point + offset % 97) as i16).collect();
    Scan { voxels: Voxels::I16(Volume::new(std::sync::Arc::clone(first.grid()), voxels).unwrap()), ..first }
}

/// One series of `points` volumes; `put` says what their headers hold, or that an image (point, slice) is not there.
fn film(points: usize, slices: usize, put: impl Fn(usize, usize) -> Option<Vec<Put>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for point in 0..points {
        let made = tempfile::tempdir().unwrap();
        let text = SeriesText { patient: "PHANTOM".into(), description: "beat".into(), maker: "made".into() };
        write_series(&scan_at(point, slices), made.path(), &text, &Progress::default()).unwrap();
        for slice in 0..slices {
            let Some(put) = put(point, slice) else { continue };
            let mut object = open_file(made.path().join(format!("{:04}.dcm", slice + 1))).unwrap();
            let one_series = (tags::SERIES_INSTANCE_UID, VR::UI, "2.25.7".to_owned());
            for (tag, vr, text) in put.into_iter().chain([one_series]) {
                let value = match vr {
                    VR::FD => PrimitiveValue::from(text.parse::<f64>().unwrap()),
                    _ => PrimitiveValue::Strs(text.split('\\').map(str::to_owned).collect()),
                };
                object.put(DataElement::new(tag, vr, value));
            }
            // Names whose order says nothing of time.
            object.write_to_file(folder.path().join(format!("{slice:02}-{:02}.dcm", (7 * point + 3) % 11))).unwrap();
        }
    }
    folder
}

/// A film of `points` points in time, 40 ms apart.
pub(crate) fn beats(points: usize) -> tempfile::TempDir {
    film(points, 3, |point, _| {
        Some(vec![
            (tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, (point + 1).to_string()),
            (tags::TRIGGER_TIME, VR::DS, (40 * point).to_string()),
        ])
    })
}

/// The series of a folder, the kinds of what was found, and all its sentences.
fn found(folder: &Path) -> (Vec<SeriesFiles>, Vec<String>, String) {
    let findings = Findings::default();
    let series = scan_folder(folder, &Progress::default(), &findings).unwrap();
    let findings = findings.into_sorted();
    let said = findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join("\n");
    (series, findings.into_iter().map(|finding| finding.kind).collect(), said)
}

fn times(series: &[SeriesFiles]) -> Vec<String> {
    let text = |series: &SeriesFiles| series.time.as_ref()?.time.map(|time| time.to_string());
    series.iter().map(|series| text(series).unwrap_or_default()).collect()
}

/// The points are in order, and each has the voxels of its own point.
fn are_points(series: &[SeriesFiles], of: usize, slices: usize) {
    assert_eq!(series.len(), of, "{:?}", series.iter().map(|series| &series.description).collect::<Vec<_>>());
    for (n, series) in series.iter().enumerate() {
        let time = series.time.as_ref().expect("a point in time");
        assert_eq!((time.n, time.of), (n, of));
        let scan = load_series(series, &Progress::default(), &Findings::default()).unwrap();
        assert_eq!(scan.voxels, scan_at_written(n, slices, &scan).voxels, "point {n}");
    }
}

/// What was written, on the grid that was read: decimal strings round.
fn scan_at_written(point: usize, slices: usize, read: &Scan) -> Scan {
    let made = scan_at(point, slices);
    let values = made.ct().unwrap().voxels().to_vec();
    Scan { voxels: Voxels::I16(Volume::new(std::sync::Arc::clone(read.grid()), values).unwrap()), ..made }
}

#[test]
fn temporal_positions_are_points_in_time_with_what_the_trigger_says() {
    let folder = film(4, 3, |point, slice| {
        let trigger = 30.0 + 250.0 * point as f64 + slice as f64;
        Some(vec![
            (tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, (point + 1).to_string()),
            (tags::TRIGGER_TIME, VR::DS, trigger.to_string()),
        ])
    });
    let (series, kinds, said) = found(folder.path());
    are_points(&series, 4, 3);
    assert_eq!(times(&series), ["31 ms", "281 ms", "531 ms", "781 ms"], "of all slices in the mean");
    assert_eq!(kinds, ["several-times"]);
    assert!(said.contains("the series 'beat' holds 4 points in time"), "{said}");
    assert_eq!(series[1].description, "beat (281 ms, 2 of 4)");
}

#[test]
fn phases_triggers_and_acquisitions_are_points_in_time_too() {
    let percent = film(3, 3, |point, _| {
        Some(vec![(tags::NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE, VR::FD, (25 * point).to_string())])
    });
    let (series, ..) = found(percent.path());
    are_points(&series, 3, 3);
    assert_eq!(times(&series), ["0 %", "25 %", "50 %"]);
    // Each slice has its own heart beat: what counts is the order at its place.
    let trigger =
        film(3, 4, |point, slice| Some(vec![(tags::TRIGGER_TIME, VR::DS, (100 * point * (slice + 2)).to_string())]));
    let (series, ..) = found(trigger.path());
    are_points(&series, 3, 4);
    assert_eq!(times(&series), ["0 ms", "350 ms", "700 ms"]);
    // Contrast runs over midnight; nobody learns at what time of day.
    let clock = film(3, 3, |point, slice| {
        let second = 59.0 + 20.0 * point as f64 + 0.1 * slice as f64;
        let (date, clock) = if second < 60.0 { ("20240229", 235_900.0 + second) } else { ("20240301", second - 60.0) };
        Some(vec![
            (tags::ACQUISITION_DATE, VR::DA, date.into()),
            (tags::ACQUISITION_TIME, VR::TM, format!("{clock:09.2}")),
        ])
    });
    let (series, ..) = found(clock.path());
    are_points(&series, 3, 3);
    assert_eq!(times(&series), ["0 s", "20 s", "40 s"]);
    let numbers = film(3, 3, |point, _| Some(vec![(tags::ACQUISITION_NUMBER, VR::IS, (point + 5).to_string())]));
    let (series, ..) = found(numbers.path());
    are_points(&series, 3, 3);
    assert_eq!(times(&series), ["", "", ""], "in order, but nobody knows when");
}

#[test]
fn echoes_are_no_points_in_time_and_each_may_have_some() {
    let echo = |echo: usize| (tags::ECHO_TIME, VR::DS, (2.5 * (echo + 1) as f64).to_string());
    let two =
        film(2, 3, |point, _| Some(vec![echo(point), (tags::ACQUISITION_NUMBER, VR::IS, (point + 1).to_string())]));
    let (series, kinds, said) = found(two.path());
    assert!(series.len() == 2 && series.iter().all(|series| series.time.is_none()));
    assert_eq!(kinds, ["several-volumes"]);
    assert!(said.contains("holds 2 images at every place; they are listed as 2 series"), "{said}");
    let both = film(6, 3, |point, _| {
        Some(vec![echo(point % 2), (tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, (point / 2 + 1).to_string())])
    });
    let (series, _, said) = found(both.path());
    assert_eq!(series.len(), 6);
    let films: std::collections::BTreeSet<&str> =
        series.iter().filter_map(|series| Some(series.time.as_ref()?.first.as_str())).collect();
    assert_eq!(films.len(), 2, "two echoes of three points in time each");
    assert!(
        said.contains("holds 2 kinds of images at every place") && said.contains("holds 3 points in time"),
        "{said}"
    );
}

#[test]
fn points_that_do_not_match_up_are_said() {
    let identifier = |point: usize| (tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, (point + 1).to_string());
    // The last one was broken off.
    let broken = film(3, 4, |point, slice| (point < 2 || slice < 2).then(|| vec![identifier(point)]));
    let (series, kinds, said) = found(broken.path());
    are_points(&series, 2, 4);
    assert_eq!(kinds, ["times-incomplete", "several-times"]);
    assert!(said.contains("has 1 points in time without an image at every place; left out: 2"), "{said}");
    // Without anything that says when, copies of one place are no film.
    let copies = film(2, 3, |_, _| Some(Vec::new()));
    let (series, kinds, _) = found(copies.path());
    assert!(series.len() == 2 && series.iter().all(|series| series.time.is_none()));
    assert_eq!(kinds, ["several-volumes"]);
    // The table moved between the points: their slices lie between each other's.
    let apart = film(2, 4, |point, slice| {
        let origin =
            made_scan(4).grid().centre([0, 0, slice]) + made_scan(4).grid().step().column(2) * (0.5 * point as f64);
        let position = [origin.x, origin.y, origin.z].map(|x| format!("{x:.6}")).join("\\");
        Some(vec![identifier(point), (tags::IMAGE_POSITION_PATIENT, VR::DS, position)])
    });
    let (series, kinds, said) = found(apart.path());
    assert!(series.len() == 2 && series.iter().all(|series| series.frames == 4 && series.time.is_none()));
    assert_eq!(kinds, ["times-apart"]);
    assert!(said.contains("the 2 points in time of the series 'beat' lie at different places"), "{said}");
}
