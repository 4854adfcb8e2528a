//! Reports through their tool: commands in, files out; the three forms say the same.

use crate::base::Progress;
use crate::base::i18n::Language;
use crate::report::{Document, Known, Report, Scene, escaped, pictures, printed, to_html, to_pdf};
use crate::session::{Command, CommandError, Data, Session};
use crate::tools::TOOLS;
use crate::tools::shared::plans_tests::desk;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn run(session: &mut Session, tool: &str, params: Value) -> Result<u32, CommandError> {
    let outcome = session.run(Command::new(tool, params), &Progress::default())?;
    Ok(outcome.added.first().map_or(0, |id| id.0))
}

/// Organs with a tumour, a surface, and two scored plans with a signed check-list.
fn session() -> Session {
    let mut session = desk();
    run(&mut session, "model.surface", json!({ "labels": 2, "segment": 3 })).unwrap();
    let plan =
        run(&mut session, "plan.new", json!({ "template": "liver_resection", "entry": "skin", "name": "first" }))
            .unwrap();
    let shape = json!({ "by": "plane", "point": [57, 0, 0], "normal": [-1, 0, 0] });
    let cut = json!({ "name": "cut", "action": { "do": "cut", "shape": shape, "width_mm": 2 } });
    let path =
        json!({ "do": "needle", "entry": [12, 50, 30], "target": [40, 50, 30], "diameter_mm": 1.5, "kind": "needle" });
    let biopsy = json!({ "name": "biopsy", "action": path });
    run(&mut session, "plan.act", json!({ "plan": plan, "actions": [cut, biopsy] })).unwrap();
    run(&mut session, "plan.copy", json!({ "plan": plan, "name": "second" })).unwrap();
    run(&mut session, "plan.check", json!({ "plan": plan, "text": "side <right>?", "at": "2026-11-30T21:05:09Z" }))
        .unwrap();
    run(&mut session, "plan.check", json!({ "plan": plan, "line": 1, "by": "A. B.", "at": "2026-11-30T21:05:09Z" }))
        .unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    session
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{1f}').collect()
}

/// The page as it is read: without tags, scripts and style.
fn read(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let skipped = ["script", "style"].iter().find(|tag| rest[start + 1..].starts_with(**tag));
        rest = &rest[start..];
        let end = match skipped {
            Some(tag) => rest.find(&format!("</{tag}>")).unwrap(),
            None => 0,
        };
        rest = &rest[end + rest[end..].find('>').unwrap() + 1..];
    }
    text.push_str(rest);
    text
}

#[test]
fn page_print_and_json_say_the_same_numbers_in_both_languages() {
    let session = session();
    let report = Report::new("Numbers", session.case(), session.log());
    for language in Language::ALL {
        let shown = pictures(session.case(), language, &mut Known::default(), &Progress::default()).unwrap();
        let document = Document::new(&report, &shown, language);
        let page = without_blanks(&read(&to_html(&document, None)));
        let print = without_blanks(&printed(&document).concat());
        let texts = document.texts();
        assert!(60 < texts.len());
        // Rows that go on over a sheet are set side by side, so that only short texts are found whole.
        for text in texts.iter().filter(|text| text.chars().count() < 150) {
            let text = without_blanks(text);
            assert!(page.contains(&escaped(&text)), "{language:?}: the page lacks '{text}'");
            assert!(print.contains(&text), "{language:?}: the print lacks '{text}'");
        }
        let words: BTreeSet<&String> = texts.iter().collect();
        for (_, node) in session.case().nodes() {
            for fact in &node.summary.facts {
                let number = crate::report::number(fact.value);
                assert!(words.contains(&number), "{} {number}", fact.name);
            }
            if let Data::Plan(plan) = &node.data {
                for term in &plan.score.as_ref().unwrap().terms {
                    assert!(print.contains(&without_blanks(&term.text())), "{}", term.text());
                }
            }
        }
    }
    let json = serde_json::to_value(&report).unwrap();
    for (id, node) in session.case().nodes() {
        let section = json["sections"].as_array().unwrap().iter().find(|own| own["id"] == id.0).unwrap();
        for (n, fact) in node.summary.facts.iter().enumerate() {
            assert_eq!(section["summary"]["facts"][n]["value"].as_f64().unwrap(), fact.value);
        }
    }
}

#[test]
fn chinese_reports_have_chinese_words_and_the_names_of_the_case() {
    let session = session();
    let report = Report::new("病例", session.case(), session.log());
    let document = Document::new(&report, &[], Language::SimplifiedChinese);
    let page = to_html(&document, None);
    for words in [
        "<html lang=\"zh-CN\">",
        "<h2>计划</h2>",
        "<h2>体积</h2>",
        "命令记录",
        "first",
        "biopsy",
        "仅供研究与教学",
        "保护结构",
    ] {
        assert!(page.contains(words), "{words}");
    }
    for words in ["<h2>Plans", "Weighted sum", "Research and education", "structures to spare"] {
        assert!(!page.contains(words), "{words}");
    }
    let print = printed(&document);
    assert!(print[0].contains("病例") && to_pdf(&document).unwrap().starts_with(b"%PDF"));
}

#[test]
fn every_plan_has_its_picture_and_the_scene_holds_surfaces_and_plans() {
    let session = session();
    let shown = pictures(session.case(), Language::English, &mut Known::default(), &Progress::default()).unwrap();
    let plans: Vec<&str> =
        shown.iter().filter(|p| p.file_name.starts_with("plan-")).map(|p| p.caption.as_str()).collect();
    assert_eq!(plans.len(), 2);
    assert!(plans[0].contains("first") && plans[0].contains("cut") && plans[0].contains("biopsy"), "{plans:?}");
    let scene = Scene::of(session.case(), &mut Known::default(), &Progress::default()).unwrap().unwrap();
    assert!(scene.triangles <= crate::report::TRIANGLES_MAX);
    let content = crate::io::glb::contents(&scene.glb, Path::new("scene")).unwrap();
    let names: Vec<&str> = content.iter().map(|mesh| mesh.name.as_str()).collect();
    assert!(names.contains(&"first: cut") && names.contains(&"first: biopsy"), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.ends_with("cut")).count(), 1, "both plans share the shape: {names:?}");
    let sum: u64 = content.iter().map(|mesh| mesh.triangles).sum();
    assert_eq!(sum, scene.triangles as u64);
    let report = Report::new("t", session.case(), session.log());
    let page = to_html(&Document::new(&report, &shown, Language::English), Some(&scene));
    assert_eq!(page.matches("id=\"scene-data\"").count(), 1);
    assert!(page.contains(&format!("{} triangles", scene.triangles)) && page.contains("<noscript>"));
    assert!(!page.contains("http:") && !page.contains("https:"), "the page needs no network");
}

#[test]
fn a_large_scene_is_reduced_and_says_by_how_much() {
    let mut session = Session::new(TOOLS);
    let scan = run(&mut session, "scan.phantom", json!({ "kind": "abdomen", "spacing_mm": 6 })).unwrap();
    run(&mut session, "object.display", json!({ "node": scan + 1, "visible": true })).unwrap();
    let scene = Scene::of(session.case(), &mut Known::default(), &Progress::default()).unwrap().unwrap();
    assert!(crate::report::TRIANGLES_MAX < scene.triangles_before, "{} triangles", scene.triangles_before);
    assert!(
        scene.triangles <= crate::report::TRIANGLES_MAX && scene.error_mm < 1.0,
        "{} {}",
        scene.triangles,
        scene.error_mm
    );
}

#[test]
fn a_name_with_dots_keeps_them_in_every_form() {
    let mut session = session();
    let folder = tempfile::tempdir().unwrap();
    let mut write = |name: &str| {
        let path = folder.path().join(name).display().to_string();
        run(&mut session, "report.write", json!({ "path": path, "format": "both", "scene": false })).unwrap();
        let all = std::fs::read_dir(folder.path()).unwrap();
        let mut all: Vec<String> = all.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        all.sort();
        all.retain(|file| file.starts_with(name.split('.').next().unwrap()));
        all
    };
    let of = |stem: &str| ["-pictures", ".html", ".json", ".pdf"].map(|end| format!("{stem}{end}")).to_vec();
    assert_eq!(write("a.b.c.html"), of("a.b.c"));
    assert_eq!(write("d.2026.11.30"), of("d.2026.11.30"), "no ending of a report: all of it is the name");
    assert_eq!(write("e.v2.PDF"), of("e.v2"));
}

#[test]
fn the_distances_along_paths_are_in_every_form() {
    let mut session = desk();
    let keep = json!([{ "structure": "inferior vena cava", "distance_mm": 8 }]);
    let plan = run(&mut session, "plan.new", json!({ "entry": "skin", "keep_out": keep, "name": "ports" })).unwrap();
    let port = json!({ "do": "port", "at": [50, 12, 30], "towards": [50, 82, 30], "reach_mm": 250, "sweep_degrees": 40, "is_camera": false });
    let needle =
        json!({ "do": "needle", "entry": [12, 50, 30], "target": [60, 50, 30], "diameter_mm": 2, "kind": "needle" });
    let actions = json!([{ "name": "left port", "action": port }, { "name": "biopsy", "action": needle }]);
    run(&mut session, "plan.act", json!({ "plan": plan, "actions": actions })).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ports.html").display().to_string();
    run(&mut session, "report.write", json!({ "path": path, "format": "both", "pictures": false, "scene": false }))
        .unwrap();
    let json: Value = serde_json::from_slice(&std::fs::read(folder.path().join("ports.json")).unwrap()).unwrap();
    let all = json["distances"].as_array().unwrap();
    assert_eq!(all.iter().map(|own| own["action"].as_str().unwrap()).collect::<Vec<_>>(), ["left port", "biopsy"]);
    // The vein's voxels begin at x = 71; the instrument of 5 mm goes along x = 50, the needle of 2 mm ends at x = 60.
    let [port, needle] = [0, 1].map(|n| all[n]["structures"][0].clone());
    // The vein's edge is known within half the diagonal of its voxels of 2 mm and 1 mm: 10 mm may be less than 8.
    let both = [(&port, 71.0 - 50.0 - 2.5, 5.0, "ok"), (&needle, 71.0 - 60.0 - 1.0, 8.0, "warning")];
    for (own, least, limit, verdict) in both {
        assert!((own["least_mm"]["value"].as_f64().unwrap() - least).abs() < 1e-6, "{own}");
        assert_eq!((own["limit_mm"].as_f64(), own["verdict"].as_str()), (Some(limit), Some(verdict)));
        let values = own["distances_mm"].as_array().unwrap();
        let lowest = values.iter().map(|value| value.as_f64().unwrap()).fold(f64::INFINITY, f64::min);
        assert!(least - 1e-6 <= lowest && lowest < least + 3.0, "{own}");
    }
    let depths: Vec<f64> = all[0]["depths_mm"].as_array().unwrap().iter().map(|mm| mm.as_f64().unwrap()).collect();
    assert_eq!((depths[0], depths[1], *depths.last().unwrap()), (0.0, 5.0, 70.0));
    let page = read(&std::fs::read_to_string(folder.path().join("ports.html")).unwrap());
    for words in
        ["Distances along left port of ports, 70.0 mm long", "18.5", "inferior vena cava [mm]", "Least there is"]
    {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn applied_cuts_stand_in_place_of_their_organ() {
    let mut session = session();
    let names = |session: &Session, known: &mut Known| {
        let scene = Scene::of(session.case(), known, &Progress::default()).unwrap().unwrap();
        let content = crate::io::glb::contents(&scene.glb, Path::new("scene")).unwrap();
        content.into_iter().map(|mesh| mesh.name).collect::<Vec<_>>()
    };
    let is_there = |names: &[String], name: &str| names.iter().filter(|own| *own == name).count();
    // Of surfaces: the liver's own is there until its parts are.
    run(&mut session, "model.surface", json!({ "labels": 2, "segment": 1 })).unwrap();
    let before = names(&session, &mut Known::default());
    assert_eq!([is_there(&before, "liver"), is_there(&before, "liver surface")], [1, 1], "{before:?}");
    run(&mut session, "plan.apply", json!({ "plan": 5, "surfaces": true })).unwrap();
    let parts = names(&session, &mut Known::default());
    let of = ["liver", "liver surface", "remnant liver", "resected liver"].map(|name| is_there(&parts, name));
    assert_eq!(of, [0, 0, 1, 1], "{parts:?}");
    // Applied again: only the newest parts.
    let again = run(&mut session, "plan.apply", json!({ "plan": 6, "surfaces": true })).unwrap();
    let newest = names(&session, &mut Known::default());
    assert_eq!((is_there(&newest, "remnant liver"), is_there(&newest, "liver")), (1, 0), "{newest:?}");
    // Of segments, where no surface is visible.
    let surfaces: Vec<u32> =
        session.case().nodes().filter(|(_, node)| matches!(node.data, Data::Surface(_))).map(|(id, _)| id.0).collect();
    for id in surfaces {
        run(&mut session, "object.display", json!({ "node": id, "visible": false })).unwrap();
    }
    let segments = names(&session, &mut Known::default());
    assert_eq!([is_there(&segments, "liver"), is_there(&segments, "remnant")], [0, 1], "{segments:?}");
    // Hidden again, the whole stands there.
    for id in session.case().nodes().map(|(id, _)| id.0).collect::<Vec<_>>() {
        let node = session.case().node(crate::base::NodeId(id)).unwrap();
        if node.made_by().is_some_and(|command| command.tool == "plan.apply") {
            run(&mut session, "object.display", json!({ "node": id, "visible": false })).unwrap();
        }
    }
    assert!(session.case().node(crate::base::NodeId(again)).is_some());
    assert_eq!(is_there(&names(&session, &mut Known::default()), "liver"), 1);
}

#[test]
fn format_follows_the_ending_and_what_contradicts_it_is_refused() {
    let mut session = session();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    run(&mut session, "report.write", json!({ "path": at("a.pdf"), "pictures": false })).unwrap();
    run(&mut session, "report.write", json!({ "path": at("b"), "pictures": false, "scene": false })).unwrap();
    run(&mut session, "report.write", json!({ "path": at("c.html"), "format": "both", "language": "zh-CN" })).unwrap();
    let is_there = |name: &str| folder.path().join(name).exists();
    assert!(is_there("a.pdf") && is_there("a.json") && !is_there("a.html") && !is_there("a-pictures"));
    assert!(is_there("b.html") && !is_there("b.pdf"));
    assert!(is_there("c.html") && is_there("c.pdf") && is_there("c-pictures"));
    for (path, format, part) in [
        ("x.pdf", json!("html"), "ends in .pdf"),
        ("x.html", json!("pdf"), "ends in .html"),
        ("x.json", Value::Null, "JSON form"),
    ] {
        let said =
            run(&mut session, "report.write", json!({ "path": at(path), "format": format })).unwrap_err().to_string();
        assert!(said.contains(part), "{said}");
    }
}
