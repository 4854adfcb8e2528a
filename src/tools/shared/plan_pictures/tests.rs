//! Pictures of plans through their tools: what is there, and that its numbers are those of the tables.

use super::*;
use crate::io::png::decode_rgba;
use crate::report::{Document, Report, english_page, printed};
use crate::session::{Command, Session};
use crate::tools::shared::plans_tests::desk;
use serde_json::{Value, json};

fn run(session: &mut Session, tool: &str, params: Value) -> u32 {
    let outcome =
        session.run(Command::new(tool, params), &Progress::default()).unwrap_or_else(|error| panic!("{tool}: {error}"));
    outcome.added.first().map_or(0, |id| id.0)
}

/// A plan of the bodies of the plans' tests: a plane through the liver across its vessel, and a needle into the tumour.
fn session() -> (Session, u32) {
    let mut session = desk();
    let plan = json!({ "template": "liver_resection", "entry": "skin", "name": "first" });
    let plan = run(&mut session, "plan.new", plan);
    let shape = json!({ "by": "plane", "point": [50, 0, 0], "normal": [-1, 0, 0] });
    let cut = json!({ "name": "across", "action": { "do": "cut", "shape": shape, "width_mm": 2 } });
    let path =
        json!({ "do": "needle", "entry": [12, 50, 30], "target": [40, 50, 30], "diameter_mm": 1.5, "kind": "needle" });
    let actions = json!([cut, { "name": "biopsy", "action": path }]);
    run(&mut session, "plan.act", json!({ "plan": plan, "actions": actions }));
    (session, plan)
}

fn made(session: &Session, language: Language) -> Vec<Picture> {
    let beside = crate::report::Beside {
        name: "inferior vena cava".into(),
        limit_mm: 1.0,
        least_mm: crate::plan::Bounded::within(33.25, 1.5),
        at_depth_mm: 28.0,
        verdict: crate::plan::Verdict::Ok,
        distances_mm: vec![61.0, 33.25],
    };
    let distances: Vec<Distances> = session
        .case()
        .plans()
        .map(|(id, ..)| Distances {
            plan: id.0,
            plan_name: "first".into(),
            action: "biopsy".into(),
            length_mm: 28.0,
            depths_mm: vec![0.0, 28.0],
            structures: vec![beside.clone()],
        })
        .collect();
    of_plans(session.case(), language, &mut Known::default(), &distances, &Progress::default()).unwrap()
}

#[test]
fn every_cut_and_path_is_there_with_the_numbers_of_the_tables() {
    let (mut session, plan) = session();
    let unscored = made(&session, Language::English);
    run(&mut session, "plan.score", json!({}));
    for language in Language::ALL {
        let pictures = made(&session, language);
        let names: Vec<&str> = pictures.iter().map(|picture| picture.file_name.as_str()).collect();
        let all = ["cut-1", "flat-1", "along-2", "beside-2", "across-2"].map(|name| format!("plan-{plan}-{name}"));
        assert_eq!(names, all.each_ref().map(String::as_str));
        assert!(pictures.iter().all(|picture| picture.letters.is_some() && picture.scale_bar.is_some()));
        assert!(pictures.iter().all(|picture| picture.shows == Shows::Part(NodeId(plan))));
        let [cut, flat, along, ..] = &pictures[..] else { unreachable!("five were counted") };
        // One vessel of 5 mm crosses the plane straight.
        let [spot] = &flat.spots[..] else { panic!("{:?}", flat.spots) };
        assert!(spot.text == "1" && flat.caption.contains("5.0 mm"), "{}", flat.caption);
        assert!(cut.legend == flat.legend && cut.legend.as_ref().unwrap().range[0] < 0.0);
        assert!(
            along.caption.contains("28.0 mm") && along.caption.contains("33.2 mm (31.8–34.8)"),
            "{}",
            along.caption
        );
        let score = session.case().plans().find_map(|(.., plan)| plan.score.clone()).unwrap();
        let margin = score.terms.iter().find(|term| term.id.starts_with("margin/")).unwrap();
        for picture in [cut, flat] {
            assert!(picture.caption.contains(&margin.text()), "{} is not in: {}", margin.text(), picture.caption);
        }
        // The page and the print have each of them, under the plan's table.
        let report = Report::new("case", session.case(), session.log());
        let page = english_page(&report, &pictures);
        let print = printed(&Document::new(&report, &pictures, language)).concat();
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '\u{1f}').collect::<String>();
        for picture in &pictures {
            assert!(page.contains(&crate::report::escaped(&picture.caption)), "{}", picture.caption);
            let first: String = solid(&picture.caption).chars().take(25).collect();
            assert!(solid(&print).contains(&first), "{first}");
        }
        assert!(page.contains("class=\"spot\""));
    }
    // Without a score there is nothing to quote, and after a change of the plan the old one is not quoted.
    assert!(unscored.iter().all(|picture| !picture.caption.contains("margin to")));
    run(
        &mut session,
        "plan.act",
        json!({ "plan": plan, "actions": [{ "name": "clip", "action": { "do": "clip", "at": [30, 60, 30] } }] }),
    );
    assert!(made(&session, Language::English).iter().all(|picture| !picture.caption.contains("margin to")));
}

#[test]
fn the_flattened_cut_is_red_and_blue_where_margin_lacks_and_is_kept() {
    let (session, _) = session();
    let pictures = made(&session, Language::English);
    let read = decode_rgba(&pictures[1].png, 4096).unwrap();
    let count = |is: fn(&[u8]) -> bool| read.pixels.chunks_exact(4).filter(|pixel| is(pixel)).count();
    // The tumour's edge is 4 mm from the plane, 10 mm are asked for: red near it, blue far from it.
    let red = count(|p| 120 < p[0] && p[2] < 90 && p[1] < 90);
    let blue = count(|p| u16::from(p[0]) + 50 < u16::from(p[2]));
    assert!(300 < red && 300 < blue, "{red} {blue}");
}

#[test]
fn the_risk_of_a_search_is_there_until_the_plan_asks_for_something_else() {
    let mut session = desk();
    let plan = run(&mut session, "plan.new", json!({ "template": "needle", "name": "biopsy" }));
    run(&mut session, "plan.search", json!({ "plan": plan }));
    let risk = |session: &Session| {
        made(session, Language::English).into_iter().find(|picture| picture.file_name == format!("plan-{plan}-risk"))
    };
    let found = risk(&session).expect("a search was made");
    let searched = session.case().nodes().find_map(|(_, node)| Some((node, searched(node, NodeId(plan))?))).unwrap().0;
    let possible = format!("{:.0} of", searched.summary.value("paths possible").unwrap());
    assert!(found.caption.contains(&possible) && found.legend.unwrap().field == "risk", "{}", found.caption);
    run(&mut session, "plan.change", json!({ "plan": plan, "targets": [] }));
    assert!(risk(&session).is_none(), "the colours are of other targets");
}

#[test]
fn pictures_stop_when_told() {
    let (session, _) = session();
    let progress = Progress::default();
    progress.cancel();
    let stopped = of_plans(session.case(), Language::English, &mut Known::default(), &[], &progress);
    assert!(matches!(stopped, Err(CommandError::Cancelled)));
}
