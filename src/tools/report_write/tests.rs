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
        "需保护的结构",
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
    assert!(scene.triangles <= crate::report::TRIANGLES_MAX + 4000);
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
    assert!(!page.contains("http"), "the page needs no network");
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
