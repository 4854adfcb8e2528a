//! Case files: round trips, damage, atomic saves, logs, replay.

use super::desk::Desk;
use prosector::base::{Progress, parallel};
use prosector::session::store::{self, Journal, StoreError, journal};
use prosector::session::{Data, LogEntry, Session};
use prosector::tools::TOOLS;
use serde_json::json;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

/// A case with every kind of data.
fn full_desk() -> Desk {
    let mut desk = Desk::new();
    let [scan, truth] = desk.vessel();
    let mask = desk.threshold(scan, 150);
    desk.run("model.surface", json!({ "labels": mask }));
    let tets = desk.run("model.tetrahedra", json!({ "labels": mask, "tets": 600 }))[0];
    desk.run(
        "simulate.tissue",
        json!({ "mesh": tets, "tissue": "vessel-wall", "hold": "inferior", "radius_mm": 4, "by_mm": [0, 0, 2] }),
    );
    desk.run(
        "simulate.flow",
        json!({ "labels": truth, "segment": 30, "fluid": "blood", "flow_ml_s": 5, "cells_across": 6 }),
    );
    desk.run("object.display", json!({ "node": scan, "visible": false }));
    desk
}

#[test]
fn a_case_file_brings_back_every_kind_of_data() {
    let desk = full_desk();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let stored = store::load(&path, &Progress::default()).unwrap();
    assert_eq!(stored.case.content_hash().to_hex(), desk.hash());
    assert_eq!(stored.log, desk.0.log());
    for ((_, a), (_, b)) in stored.case.nodes().zip(desk.case().nodes()) {
        assert_eq!((a.hash(), &a.summary, a.made_by()), (b.hash(), &b.summary, b.made_by()));
    }
    // The next node gets a new number, and work goes on.
    let mut again = Desk(Session::with_case(TOOLS, stored.case, stored.log));
    again.run("object.rename", json!({ "node": 1, "name": "opened again" }));
}

#[test]
fn replay_gives_the_same_hashes_on_one_thread_and_on_three() {
    let desk = full_desk();
    for threads in [1, 3] {
        let steps = parallel::with_pool_of(threads, || {
            let mut session = Session::new(TOOLS);
            store::replay(&mut session, desk.0.log(), &Progress::default(), |_| {}).unwrap()
        });
        assert_eq!(steps.len(), desk.0.log().len());
        for step in &steps {
            assert!(step.agrees(), "{threads} threads, {}: {} instead of {:?}", step.label, step.hash, step.expected);
        }
        assert_eq!(steps.last().unwrap().hash, desk.hash());
    }
}

#[test]
fn damaged_case_files_give_a_sentence() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 150);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut rng = prosector::base::rng::Rng::new(3);
    let bad = folder.path().join("bad.prosector");
    let mut refused = 0;
    for round in 0..120 {
        let mut bytes = whole.clone();
        if round % 3 == 0 {
            bytes.truncate(rng.below(whole.len()));
        } else {
            for _ in 0..=rng.below(4) {
                let place = rng.below(bytes.len());
                bytes[place] ^= 1 << rng.below(8);
            }
        }
        std::fs::write(&bad, &bytes).unwrap();
        match store::load(&bad, &Progress::default()) {
            // A flipped bit in a time stamp or a name harms nothing.
            Ok(stored) => assert_eq!(stored.case.nodes().count(), desk.case().nodes().count()),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().ends_with("bad.prosector"), "{error}");
            }
        }
    }
    assert!(60 < refused, "only {refused} of 120 damaged files were noticed");
    std::fs::write(&bad, b"hello").unwrap();
    assert!(matches!(store::load(&bad, &Progress::default()), Err(StoreError::NotACase(..))));
}

/// Label maps had another hash before their bricks had one each; case files from then open, wrong hashes do not.
#[test]
fn case_files_with_the_old_hash_of_label_maps_open() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let mask = desk.threshold(scan, 150);
    let node = desk.case().node(mask).unwrap();
    let Data::Labels(labels) = &node.data else { panic!("a threshold makes a segmentation") };
    let (new, old) = (node.hash().to_hex(), labels.content_hash_of_old_files().to_hex());
    assert_ne!(new, old);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    for (hash, opens) in [(&old, true), (&"0".repeat(64), false)] {
        let changed = folder.path().join("changed.prosector");
        let mut from = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
        let mut to = zip::ZipWriter::new(std::fs::File::create(&changed).unwrap());
        for n in 0..from.len() {
            let mut file = from.by_index(n).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            if name == "manifest.json" {
                bytes = String::from_utf8(bytes).unwrap().replace(&new, hash).into_bytes();
            }
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            to.write_all(&bytes).unwrap();
        }
        to.finish().unwrap();
        match store::load(&changed, &Progress::default()) {
            Ok(stored) => assert!(opens && stored.case.node(mask).unwrap().hash().to_hex() == new),
            Err(error) => assert!(!opens, "{error}"),
        }
    }
}

#[test]
fn a_save_that_fails_leaves_the_old_file_whole() {
    let mut desk = Desk::new();
    desk.vessel();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let before = std::fs::read(&path).unwrap();
    let cancelled = Progress::default();
    cancelled.cancel();
    assert!(store::save(&path, desk.case(), &[], &cancelled).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written is left");
    let nowhere = folder.path().join("no/such/folder/case.prosector");
    let error = store::save(&nowhere, desk.case(), &[], &Progress::default()).unwrap_err().to_string();
    assert!(error.starts_with("creating the case file"), "{error}");
}

#[test]
fn the_running_log_is_found_again_unless_the_session_ended_well() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(Mutex::new(Some(Journal::create(folder.path(), None).unwrap())));
    let mut desk = Desk::new();
    let writer = Arc::clone(&journal);
    desk.0.record(Box::new(move |entry| writer.lock().unwrap().as_mut().unwrap().append(entry).unwrap()));
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 150);
    desk.0.undo();
    assert!(Journal::left_behind(folder.path()).is_empty(), "it is locked while its session lives");
    let path = journal.lock().unwrap().as_ref().unwrap().path().to_owned();
    drop(journal.lock().unwrap().take());
    assert_eq!(Journal::left_behind(folder.path()), std::slice::from_ref(&path));
    // A line that a crash cut short is left out.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"do\":\"comm");
    std::fs::write(&path, bytes).unwrap();
    let journal::Log { header, entries, .. } = journal::read(&path).unwrap();
    assert_eq!(header.unwrap().format, "prosector log");
    assert_eq!(entries.len(), 3);
    assert!(matches!(&entries[2], LogEntry::Undo { hash: Some(hash) } if *hash == desk.hash()));
    let mut session = Session::new(TOOLS);
    store::replay(&mut session, &entries, &Progress::default(), |_| {}).unwrap();
    assert_eq!(session.content_hash().to_hex(), desk.hash());
}

#[test]
fn ids_are_not_used_twice_after_opening_again() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let gone = desk.threshold(scan, 100);
    desk.run("object.remove", json!({ "node": gone }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let stored = store::load(&path, &Progress::default()).unwrap();
    let mut again = Desk(Session::with_case(TOOLS, stored.case, stored.log));
    let next = again.threshold(scan, 200);
    assert!(gone < next, "{next} was given before");
    // The whole log, of both sittings, gives the same case from nothing; so does a jump by its state's number.
    let state = again.0.history().current();
    again.0.undo();
    again.0.go_to(state);
    let mut session = Session::new(TOOLS);
    let steps = store::replay(&mut session, again.0.log(), &Progress::default(), |_| {}).unwrap();
    assert!(steps.iter().all(store::ReplayStep::agrees));
    assert_eq!(session.content_hash().to_hex(), again.hash());
}

#[test]
fn a_running_log_fits_only_the_case_it_began_with_and_reaches_behind_it() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 100);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.prosector");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let opened = store::Opened::new(&path, desk.0.content_hash());
    let mut journal = Journal::create(folder.path(), Some(&opened)).unwrap();
    let log = journal.path().to_owned();
    let known = desk.0.log().len();
    // A step back behind the saved state, then on.
    assert!(desk.0.undo());
    desk.threshold(scan, 200);
    desk.0.log()[known..].iter().for_each(|entry| journal.append(entry).unwrap());
    let recovered = store::recover(&log, TOOLS, &Progress::default()).unwrap();
    assert_eq!(recovered.problem, None);
    assert_eq!(recovered.session.content_hash().to_hex(), desk.hash());
    // Another case in the same file is refused: the steps would be done twice.
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    let error = store::recover(&log, TOOLS, &Progress::default()).unwrap_err().to_string();
    assert!(error.contains("changed since the running log began"), "{error}");
}

#[test]
fn a_damaged_line_in_a_log_costs_only_what_follows() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 150);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    journal::write_all(&path, desk.0.log()).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // A letter cut in two at the end is what a crash leaves; the same in the middle is damage.
    bytes.extend_from_slice(b"{\"do\":\"\xc3");
    std::fs::write(&path, &bytes).unwrap();
    let log = journal::read(&path).unwrap();
    assert_eq!((log.entries.len(), log.warning), (2, None));
    bytes.extend_from_slice(b"\n{\"do\":\"undo\"}\n");
    std::fs::write(&path, &bytes).unwrap();
    let log = journal::read(&path).unwrap();
    assert_eq!(log.entries.len(), 2);
    assert!(log.warning.unwrap().contains("is damaged"));
}
