//! Plans through their tools: commands in, case out; scores against known bodies; refusals that change nothing.

use crate::base::{NodeId, Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels};
use crate::mesh::{CentreBranch, CentreLines, TetMesh};
use crate::plan::{Plan, Verdict};
use crate::session::{Case, Command, CommandError, Data, Node, Session, store};
use serde_json::{Value, json};
use std::sync::Arc;

const LIVER: u8 = 1;
const TUMOUR: u8 = 2;
const SKIN: u8 = 3;
const CAVA: u8 = 4;

/// A body of 100 × 100 × 60 mm in voxels of 2 mm: skin all round, a box of liver with a ball of tumour, a vein beside it.
fn label(p: &Point) -> u8 {
    let in_box = |low: [f64; 3], high: [f64; 3]| (0..3).all(|a| low[a] < p[a] && p[a] < high[a]);
    if !in_box([9.0; 3], [91.0, 91.0, 51.0]) {
        return 0;
    }
    match () {
        () if !in_box([13.0; 3], [87.0, 87.0, 47.0]) => SKIN,
        () if (p - Point::new(40.0, 50.0, 30.0)).norm() < 6.0 => TUMOUR,
        () if in_box([21.0, 31.0, 19.0], [61.0, 71.0, 41.0]) => LIVER,
        () if in_box([71.0, 45.0, 15.0], [77.0, 55.0, 45.0]) => CAVA,
        () => 0,
    }
}

/// Scan, segments, and one vessel along x through the middle of the liver.
fn case() -> Case {
    let grid = Grid::aligned([50, 50, 30], Point::origin(), [2.0; 3]).unwrap();
    let labels: Vec<u8> = (0..grid.len()).map(|n| label(&grid.centre(grid.voxel(n)))).collect();
    let inside = |p: Point| (0..3).all(|a| 9.0 < p[a]) && p.x < 91.0 && p.y < 91.0 && p.z < 51.0;
    let hu = (0..grid.len()).map(|n| if inside(grid.centre(grid.voxel(n))) { 40 } else { -1000 }).collect();
    let voxels = Voxels::I16(Volume::new(grid.clone(), hu).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let names = [
        (LIVER, "liver", 10_200_004),
        (TUMOUR, "tumour", 4_147_007),
        (SKIN, "skin", 39_937_001),
        (CAVA, "inferior vena cava", 64_131_007),
    ];
    let table = names.map(|(id, name, code)| Segment::new(SegmentId(id), name, [id; 3], Some(code)));
    let labels = LabelMap::from_volume(&Volume::new(grid, labels).unwrap(), table.to_vec()).unwrap();
    let points = (0..9).map(|n| Point::new(20.0 + 5.0 * f64::from(n), 60.0, 30.0)).collect();
    let lines = CentreLines::new(vec![CentreBranch { parent: None, points, radii_mm: vec![2.5; 9] }]).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("scan", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("segments", Data::Labels(labels)).from_source(NodeId(1))),
        (NodeId(3), Node::new("portal vein", Data::Lines(Arc::new(lines)))),
    ])
}

pub(in crate::tools) fn desk() -> Session {
    Session::with_case(crate::tools::TOOLS, case(), Vec::new())
}

pub(super) fn run(session: &mut Session, tool: &str, params: Value) -> Result<Vec<NodeId>, CommandError> {
    session.run(Command::new(tool, params), &Progress::default()).map(|outcome| outcome.added)
}

pub(super) fn plan(session: &Session, id: NodeId) -> Arc<Plan> {
    let Data::Plan(plan) = &session.case().node(id).unwrap().data else { panic!("{id} is no plan") };
    Arc::clone(plan)
}

/// The case of `session` with other data in an object, as if it had been worked on.
pub(super) fn changed(session: &Session, id: NodeId, data: Data) -> Session {
    let node = |(own, node): (NodeId, &Arc<Node>)| {
        let data = if own == id { data.clone() } else { node.data.clone() };
        let mut made = Node::new(&node.name, data).with_summary(node.summary.clone());
        made.source = node.source;
        (own, made)
    };
    let nodes: Vec<_> = session.case().nodes().map(node).collect();
    Session::with_case(crate::tools::TOOLS, Case::from_nodes(nodes), Vec::new())
}

/// The refusal of a command, which must change nothing.
pub(super) fn refused(session: &mut Session, tool: &str, params: Value) -> String {
    let before = session.content_hash();
    let said = run(session, tool, params).unwrap_err().to_string();
    assert_eq!(session.content_hash(), before, "{said}");
    said
}

fn resection(session: &mut Session) -> NodeId {
    let params = json!({ "template": "liver_resection", "height_cm": 180, "weight_kg": 80, "name": "right" });
    run(session, "plan.new", params).unwrap()[0]
}

/// A plane at `x`; taken away is what lies below it.
fn plane(x: f64, width_mm: f64) -> Value {
    let shape = json!({ "by": "plane", "point": [x, 0, 0], "normal": [-1, 0, 0] });
    json!({ "name": "cut", "action": { "do": "cut", "shape": shape, "width_mm": width_mm } })
}

pub(super) fn needle(entry: [f64; 3], target: [f64; 3]) -> Value {
    let path = json!({ "do": "needle", "entry": entry, "target": target, "diameter_mm": 1.0, "kind": "needle" });
    json!({ "name": "biopsy", "action": path })
}

#[test]
fn a_template_fills_in_what_is_usual_with_its_sources() {
    let mut session = desk();
    let id = resection(&mut session);
    let plan = plan(&session, id);
    let segment = |n| Some(SegmentId(n));
    assert_eq!(plan.organ.unwrap().segment, segment(LIVER));
    assert_eq!((plan.targets[0].structure.segment, plan.targets[0].margin_mm), (segment(TUMOUR), 10.0));
    assert_eq!(plan.keep_out.iter().map(|keep| keep.structure.segment).collect::<Vec<_>>(), [segment(CAVA)]);
    assert_eq!((plan.scan, plan.vessels.len(), plan.checks.len()), (Some(NodeId(1)), 1, 5));
    let methods = &session.case().node(id).unwrap().summary.methods;
    assert!(methods.iter().any(|text| text.contains("Cady")), "{methods:?}");
}

#[test]
fn the_score_of_a_cut_is_what_the_bodies_say() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [plane(53.0, 2.0)] })).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let plan = plan(&session, id);
    let score = plan.score.as_ref().unwrap();
    let value = |id: &str| score.term(id).unwrap_or_else(|| panic!("{id} in {score:#?}")).value.unwrap();
    let (cut, all) = (label, session.case().node(NodeId(2)).unwrap());
    let Data::Labels(labels) = &all.data else { panic!("segments") };
    // The books balance to the voxel.
    let [resected, remnant, lost, organ] =
        ["resected_ml", "remnant_ml", "cut_ml", "organ_ml"].map(|id| value(id).value);
    assert!((resected + remnant + lost - organ).abs() < 1e-9);
    assert!((organ - labels.volume_ml(SegmentId(LIVER))).abs() < 1e-9);
    let grid = labels.grid();
    let count = |side: &dyn Fn(f64) -> bool| {
        let centres = (0..grid.len()).map(|n| grid.centre(grid.voxel(n)));
        centres.filter(|p| cut(p) == LIVER && side(53.0 - p.x)).count() as f64 * 0.008
    };
    // The instrument takes the halves of the two layers of voxels beside the plane that lie next to it.
    let half = |low: f64, high: f64| 0.5 * count(&|s| low < s && s < high);
    assert!((resected - count(&|s| 2.0 < s) - half(0.0, 2.0)).abs() < 1e-9, "{resected} ml");
    assert!((remnant - count(&|s| s < -2.0) - half(-2.0, 0.0)).abs() < 1e-9, "{remnant} ml");
    // The tumour's last voxels are centred at x = 44, the next at 46: a quarter of the way between, 53 − 44.5 − 1 mm. The
    // ball itself ends at 46.
    let margin = score.term("margin/2.2").unwrap();
    assert!((margin.value.unwrap().value - 7.5).abs() < 1e-9 && margin.value.unwrap().holds(6.0), "{margin:?}");
    assert_eq!((margin.verdict, margin.forbids, score.allowed), (Verdict::Breach, true, false));
    // The vein begins at 71, the cut is at 53.
    let keep = score.term("1/keep/2.4").unwrap();
    assert!((keep.value.unwrap().value - 17.0).abs() < 1.5 && keep.verdict == Verdict::Ok, "{keep:?}");
    assert_eq!(keep.weighed, Some([2.0, 0.0]));
    let vessel = score.term("1/vessel/3/1").unwrap();
    assert!((vessel.value.unwrap().value - 5.0).abs() < 1e-9, "{vessel:?}");
    // 2 m² by Mosteller.
    let standard = value("standard_urata");
    assert!((standard.value - 100.0 * remnant / 1414.8).abs() < 1e-9);
    let percent = value("remnant_percent");
    assert!(
        (percent.value - 100.0 * remnant / organ).abs() < 1e-9
            && percent.low < percent.value
            && percent.value < percent.high
    );
    assert!(score.term("remnant_percent").unwrap().source.contains("PMC6422720"));
}

#[test]
fn a_score_says_when_it_is_old_and_undo_makes_it_new_again() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [plane(57.0, 0.0)] })).unwrap();
    run(&mut session, "plan.score", json!({ "plans": id.0.to_string() })).unwrap();
    let stale = |session: &Session| session.case().stale_score(&plan(session, id));
    assert_eq!(stale(&session), None);
    run(&mut session, "plan.change", json!({ "plan": id, "limits": [{ "remnant_percent_min": 30 }] })).unwrap();
    assert!(stale(&session).unwrap().contains("plan was changed"));
    assert!(session.case().node(id).unwrap().summary.warnings[0].contains("score it again"));
    assert!(session.undo());
    assert_eq!(stale(&session), None);
    run(&mut session, "plan.change", json!({ "plan": id, "note": "seen" })).unwrap();
    assert_eq!(stale(&session), None, "a note plans nothing");
    run(&mut session, "segment.edit", json!({ "labels": 2, "segment": 1, "name": "liver, seen" })).unwrap();
    assert!(stale(&session).unwrap().contains("#2"));
}

#[test]
fn bad_input_is_a_sentence_and_changes_nothing() {
    let mut session = desk();
    let outside = json!({ "organ": "liver", "targets": [{ "structure": "inferior vena cava" }] });
    assert!(refused(&mut session, "plan.new", outside).contains("lies outside liver"));
    let twice =
        json!({ "organ": "liver", "targets": [{ "structure": "tumour" }], "keep_out": [{ "structure": "2/tumour" }] });
    assert!(refused(&mut session, "plan.new", twice).contains("both to be spared and a target"));
    assert!(
        refused(&mut session, "plan.new", json!({ "organ": "spleen" }))
            .contains("nothing in the case is called 'spleen'")
    );
    let id = resection(&mut session);
    let act = |action: Value| json!({ "plan": id, "actions": [action] });
    assert!(refused(&mut session, "plan.act", act(plane(90.0, 2.0))).contains("misses liver by"));
    assert!(
        refused(&mut session, "plan.act", act(needle([12.0, 50.0, 30.0], [40.0, 50.0, 30.0])))
            .contains("segment the skin")
    );
    run(&mut session, "plan.change", json!({ "plan": id, "entry": "skin" })).unwrap();
    let short = refused(&mut session, "plan.act", act(needle([12.0, 50.0, 30.0], [12.0, 50.0, 30.0])));
    assert!(short.contains("there is no path"), "{short}");
    let air = refused(&mut session, "plan.act", act(needle([0.0, 50.0, 30.0], [40.0, 50.0, 30.0])));
    assert!(air.contains("through air"), "{air}");
    let deep = refused(&mut session, "plan.act", act(needle([25.0, 50.0, 30.0], [40.0, 50.0, 30.0])));
    assert!(deep.contains("off skin"), "{deep}");
    assert!(refused(&mut session, "plan.act", json!({ "plan": id, "at": 3, "remove": true })).contains("no action 3"));
    assert!(refused(&mut session, "plan.apply", json!({ "plan": id })).contains("no cut"));
    assert!(refused(&mut session, "plan.compare", json!({})).contains("plan.copy"));
    run(&mut session, "segment.remove", json!({ "labels": 2, "segment": 3 })).unwrap();
    assert!(refused(&mut session, "plan.new", json!({ "template": "needle" })).contains("no skin segment"));
    assert!(refused(&mut session, "plan.score", json!({})).contains("not in the case any more"));
}

#[test]
fn the_score_of_a_needle_is_what_the_bodies_say() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "needle", "organ": "liver" })).unwrap()[0];
    assert_eq!(plan(&session, id).keep_out.len(), 2, "the vena cava by its code, the centre lines by their name");
    // Straight in along x at right angles to the skin, through nothing else.
    let path = needle([12.0, 50.0, 30.0], [40.0, 50.0, 30.0]);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [path] })).unwrap();
    // The second goes on through the vein.
    let through = needle([88.0, 50.0, 30.0], [40.0, 50.0, 30.0]);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [through] })).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let plan = plan(&session, id);
    let score = plan.score.as_ref().unwrap();
    let term = |id: &str| score.term(id).unwrap_or_else(|| panic!("{id} in {score:#?}"));
    assert_eq!(term("1/length").value.unwrap().value, 28.0);
    assert!(term("1/angle").value.unwrap().value < 1.0, "{:?}", term("1/angle"));
    let depth = term("1/tip/2.2").value.unwrap();
    // The nearest corner of the tumour's voxels is 3, 3 and 1 mm off; the ball itself ends at 6 mm.
    assert!((depth.value - 19.0_f64.sqrt()).abs() < 1e-9 && depth.holds(6.0), "{depth:?}");
    // From the tip at 40 to the border at 71, less half a millimetre of the needle.
    assert!((term("1/keep/2.4").value.unwrap().value - 30.5).abs() < 0.8);
    let breach = term("2/keep/2.4");
    assert_eq!((breach.verdict, breach.forbids, score.allowed), (Verdict::Breach, true, false));
    assert!(
        ["5.8 mm (", "6.0 mm (", "6.2 mm ("].iter().any(|mm| breach.reason.starts_with(mm))
            && breach.reason.contains(") of the path lie in"),
        "{}",
        breach.reason
    );
}

#[test]
fn plans_stand_side_by_side_in_table_export_and_report() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [plane(57.0, 0.0)] })).unwrap();
    let copy = run(&mut session, "plan.copy", json!({ "plan": id, "name": "wide" })).unwrap()[0];
    run(&mut session, "plan.act", json!({ "plan": copy, "at": 1, "actions": [plane(51.0, 2.0)] })).unwrap();
    assert!(refused(&mut session, "plan.compare", json!({})).contains("not scored"));
    run(&mut session, "plan.score", json!({})).unwrap();
    run(&mut session, "plan.compare", json!({})).unwrap();
    let table = session.case().node(id).unwrap().summary.tables.iter().find(|table| table.title == "Plans").unwrap();
    assert_eq!(table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["right", "wide"]);
    run(&mut session, "plan.check", json!({ "plan": id, "line": 1, "by": "A. <b>", "at": "2026-11-30T21:05:09Z" }))
        .unwrap();
    let report = crate::report::Report::new("case", session.case(), session.log());
    let page = crate::report::english_page(&report, &[]);
    assert!(page.contains("<h2>Plans</h2>") && page.contains("A. &lt;b&gt;") && page.contains("2026-11-30T21:05:09Z"));
    // Every number of the page is that of the case.
    for plan in [plan(&session, id), plan(&session, copy)] {
        for term in &plan.score.as_ref().unwrap().terms {
            assert!(page.contains(&crate::report::escaped(&term.text())), "{} is not on the page", term.text());
        }
    }
    let json = serde_json::to_value(&report).unwrap();
    for (n, node) in [id, copy].into_iter().enumerate() {
        for row in json["plans"]["rows"].as_array().unwrap() {
            let own = plan(&session, node);
            let term = own.score.as_ref().unwrap().term(row["id"].as_str().unwrap());
            assert_eq!(row["cells"][n], serde_json::to_value(term).unwrap());
        }
    }
    let folder = std::env::temp_dir().join(format!("prosector-plans-{}", std::process::id()));
    run(&mut session, "export.plan", json!({ "path": folder.join("plans") })).unwrap();
    let csv = std::fs::read_to_string(folder.join("plans.csv")).unwrap();
    assert!(csv.starts_with("id,term,unit,right (object") && csv.contains("remnant_percent"), "{csv}");
    let json: Value = serde_json::from_slice(&std::fs::read(folder.join("plans.json")).unwrap()).unwrap();
    let back: Plan = serde_json::from_value(json["plans"][0]["plan"].clone()).unwrap();
    assert_eq!(back, *plan(&session, id));
    // The case file brings everything back, and the log does it again with the same hash.
    let file = folder.join("case.prosector");
    store::save(&file, session.case(), session.log(), &Progress::default()).unwrap();
    let stored = store::load(&file, &Progress::default()).unwrap();
    assert_eq!(stored.case.content_hash(), session.content_hash());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_signature_keeps_its_time_when_the_log_is_done_again() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.check", json!({ "plan": id, "text": "blood is ordered" })).unwrap();
    run(&mut session, "plan.check", json!({ "plan": id, "line": 6, "by": "AB" })).unwrap();
    let signed = plan(&session, id).checks[5].signed.clone().unwrap();
    assert_eq!((signed.by.as_str(), signed.planned.clone()), ("AB", plan(&session, id).planned()));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut again = desk();
    store::replay(&mut again, session.log(), &Progress::default(), |_| ()).unwrap();
    assert_eq!(again.content_hash(), session.content_hash());
    assert!(
        refused(&mut session, "plan.check", json!({ "plan": id, "line": 1, "by": "AB", "at": "noon" }))
            .contains("noon")
    );
    assert!(refused(&mut session, "plan.check", json!({ "plan": id, "line": 9, "by": "AB" })).contains("no line 9"));
    run(&mut session, "plan.check", json!({ "plan": id, "line": 6, "remove": true })).unwrap();
    assert_eq!(plan(&session, id).checks.len(), 5);
}

#[test]
fn a_cut_parts_voxels_and_tetrahedra_without_loss() {
    let mut session = desk();
    let id = resection(&mut session);
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [plane(53.0, 2.0)] })).unwrap();
    let sphere = json!({ "by": "sphere", "centre": [56, 66, 36], "radius_mm": 8 });
    let sphere = json!({ "name": "wedge", "action": { "do": "cut", "shape": sphere, "width_mm": 1.0 } });
    run(&mut session, "plan.act", json!({ "plan": id, "actions": [sphere] })).unwrap();
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "surfaces": true })).unwrap();
    assert!((3..=4).contains(&added.len()), "segments and surfaces, perhaps without that of a thin cut");
    let Data::Labels(parts) = &session.case().node(added[0]).unwrap().data else { panic!("segments") };
    let Data::Labels(labels) = &session.case().node(NodeId(2)).unwrap().data else { panic!("segments") };
    let counts = [1, 2, 3].map(|id| parts.count(SegmentId(id)));
    assert_eq!(counts.iter().sum::<usize>(), labels.count(SegmentId(LIVER)));
    assert!(counts.iter().all(|count| 0 < *count), "{counts:?}");
    let whole_ml = labels.volume_ml(SegmentId(LIVER));
    // The score counts the same voxels, but by their parts where a cut goes through them.
    run(&mut session, "plan.score", json!({})).unwrap();
    let plan = plan(&session, id);
    let term = |id: &str| plan.score.as_ref().unwrap().term(id).unwrap().value.unwrap().value;
    let ml = ["remnant_ml", "resected_ml", "cut_ml"].map(term);
    assert!((ml.iter().sum::<f64>() - whole_ml).abs() < 1e-9);
    // Along the plane and the ball lie about 20 × 11 and 120 voxels.
    assert!(ml.iter().zip(counts).all(|(ml, count)| (ml - count as f64 * 0.008).abs() < 340.0 * 0.008), "{ml:?}");
    let block = crate::mesh::block::block([10, 8, 6], [80.0, 80.0, 48.0]);
    let low = |corners: &[u32; 4]| corners.iter().all(|v| block.positions()[*v as usize].z < 24.0 + 1e-6);
    let regions = block.tets().iter().map(|corners| if low(corners) { 7 } else { 2 }).collect();
    let mesh = TetMesh::new(block.positions().to_vec(), block.tets().to_vec(), regions).unwrap();
    let nodes = session.case().nodes().map(|(id, node)| (id, Node::clone(node))).collect::<Vec<_>>();
    let tets = Node::new("mesh", Data::Tets(mesh.clone()));
    let with_mesh = Case::from_nodes(nodes.into_iter().chain([(NodeId(90), tets)]));
    let mut session = Session::with_case(crate::tools::TOOLS, with_mesh, Vec::new());
    let added = run(&mut session, "plan.apply", json!({ "plan": id, "mesh": 90 })).unwrap();
    // No tetrahedron is lost: what the cuts go through lies in pieces on their sides, each part a mesh of its own.
    let [stays, gone, lost] = [1, 2, 3].map(|n| mesh_of(&session, added[n]));
    assert!(mesh.tets().len() < [&stays, &gone, &lost].iter().map(|part| part.tets().len()).sum());
    for part in [&stays, &gone, &lost] {
        // The lower half of the block is another tissue, and so are its pieces.
        let is_low = |tet: usize| part.tets()[tet].iter().all(|v| part.positions()[*v as usize].z < 24.0 + 1e-6);
        assert!((0..part.tets().len()).all(|tet| part.regions()[tet] == if is_low(tet) { 7 } else { 2 }));
    }
    let own = &session.case().node(added[2]).unwrap();
    let fact = own.summary.facts.iter().find(|fact| fact.name == "volume").unwrap();
    let [low, high] = fact.bounds.unwrap();
    assert!(own.name == "resected liver, mesh" && low < fact.value && fact.value < high, "{fact:?}");
    let [stays, gone, lost] = [stays, gone, lost].map(|part| part.volume_ml());
    // 52 mm of 80 are on the side that is taken away; the ball lies beyond the plane but for a cap, and its edges are flat.
    assert!((stays + gone + lost - mesh.volume_ml()).abs() < 1e-6 && [stays, gone, lost].iter().all(|ml| 1.0 < *ml));
    let before_plane = 52.0 * 80.0 * 48.0 / 1000.0;
    assert!(before_plane < gone + 1e-6 && gone < before_plane + 2.2, "{gone} ml");
    // One part alone, under its own name and number.
    let before = labels_of(&session, added[0]).count(SegmentId(2));
    let params = json!({ "plan": id, "mesh": 90, "parts": "specimen", "surfaces": true });
    let added = run(&mut session, "plan.apply", params).unwrap();
    assert_eq!(added.len(), 3, "segments, a surface, a mesh");
    let specimen = labels_of(&session, added[0]);
    assert_eq!(specimen.segments().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["resected"]);
    assert_eq!((specimen.count(SegmentId(2)), specimen.count(SegmentId(1))), (before, 0));
    assert!((mesh_of(&session, added[2]).volume_ml() - gone).abs() < 1e-9);
    // Volumes of all parts are told with bounds, as the score has them.
    let facts = &session.case().node(added[0]).unwrap().summary.facts;
    assert_eq!(facts.len(), 4);
    assert!(facts.iter().all(|fact| fact.bounds.is_some_and(|[low, high]| low <= fact.value && fact.value <= high)));
    let remnant = run(&mut session, "plan.apply", json!({ "plan": id, "parts": "remnant" })).unwrap();
    assert_eq!(labels_of(&session, remnant[0]).segments()[0].name, "remnant");
}

fn mesh_of(session: &Session, id: NodeId) -> TetMesh {
    let Data::Tets(mesh) = &session.case().node(id).unwrap().data else { panic!("{id} is no mesh") };
    mesh.clone()
}

fn labels_of(session: &Session, id: NodeId) -> LabelMap {
    let Data::Labels(labels) = &session.case().node(id).unwrap().data else { panic!("{id} is no segmentation") };
    labels.clone()
}

/// The abdomen of formulas: every template finds what it needs, and the whole way runs from the scan to the report.
#[test]
fn a_phantom_is_planned_from_end_to_end() {
    let mut session = Session::new(crate::tools::TOOLS);
    let params = json!({ "kind": "abdomen", "spacing_mm": 4.0, "noise_hu": 0 });
    let labels = run(&mut session, "scan.phantom", params).unwrap()[1];
    let Data::Labels(map) = session.case().node(labels).unwrap().data.clone() else { panic!("segments") };
    let segment = |name: &str| map.segment_named(name).unwrap().id;
    let centroid = |id: SegmentId| {
        let own = (0..map.grid().len()).map(|n| map.grid().voxel(n)).filter(|voxel| map.at(*voxel) == id.0);
        let (sum, n) = own.fold((crate::geom::Vector::zeros(), 0.0), |(sum, n), voxel| {
            (sum + map.grid().centre(voxel).coords, n + 1.0)
        });
        Point::from(sum / n)
    };
    let tumour = centroid(segment("tumour"));
    // The nearest voxel of skin: it is thinner than these voxels, so a ray might miss it.
    let skin = segment("skin");
    let voxels = (0..map.grid().len()).map(|n| map.grid().voxel(n)).filter(|voxel| map.at(*voxel) == skin.0);
    let centres = voxels.map(|voxel| map.grid().centre(voxel));
    let far = |p: &Point| (p - tumour).norm();
    let entry = centres.min_by(|a, b| far(a).total_cmp(&far(b))).expect("there is skin");
    for template in ["liver_resection", "needle", "ablation", "pedicle_screw", "osteotomy", "port_placement"] {
        run(&mut session, "plan.new", json!({ "template": template, "name": template })).unwrap();
    }
    let ids: Vec<NodeId> = session.case().plans().map(|(id, ..)| id).collect();
    let resect = json!({ "name": "right", "action": { "do": "cut", "width_mm": 1.0,
        "shape": { "by": "plane", "point": [tumour.x + 30.0, 0, 0], "normal": [-1, 0, 0] } } });
    run(&mut session, "plan.act", json!({ "plan": ids[0], "actions": [resect] })).unwrap();
    let path = json!({ "entry": [entry.x, entry.y, entry.z], "target": [tumour.x, tumour.y, tumour.z], "diameter_mm": 1.6, "kind": "probe" });
    let mut biopsy = path.clone();
    biopsy["do"] = json!("needle");
    run(&mut session, "plan.act", json!({ "plan": ids[1], "actions": [{ "name": "biopsy", "action": biopsy }] }))
        .unwrap();
    let zone = json!({ "do": "ablation", "needle": path, "device": "", "power_w": 60, "minutes": 6 });
    run(&mut session, "plan.act", json!({ "plan": ids[2], "actions": [{ "name": "probe", "action": zone }] })).unwrap();
    let spine = centroid(segment("spine"));
    let screw = json!({ "do": "screw", "head": [spine.x - 20.0, spine.y + 20.0, spine.z], "tip": [spine.x - 5.0, spine.y - 20.0, spine.z], "diameter_mm": 6 });
    run(&mut session, "plan.act", json!({ "plan": ids[3], "actions": [{ "name": "L2", "action": screw }] })).unwrap();
    let port = json!({ "do": "port", "at": [entry.x, entry.y, entry.z], "towards": [tumour.x, tumour.y, tumour.z], "reach_mm": 250, "sweep_degrees": 40, "is_camera": true });
    run(&mut session, "plan.act", json!({ "plan": ids[5], "actions": [{ "name": "camera", "action": port }] }))
        .unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let term = |plan: NodeId, id: &str| {
        let plan = self::plan(&session, plan);
        let score = plan.score.clone().unwrap();
        score.term(id).cloned().unwrap_or_else(|| panic!("{id} in {score:#?}"))
    };
    let value = |plan: usize, id: &str| term(ids[plan], id).value.unwrap();
    let sum = ["resected_ml", "remnant_ml", "cut_ml"].map(|id| value(0, id).value).iter().sum::<f64>();
    assert!((sum - map.volume_ml(segment("liver"))).abs() < 1e-6, "{sum} ml");
    // The tumour of the phantom is a ball of 15 mm about its middle, and the cut is 30 mm from that.
    let margin = value(0, &format!("margin/{}.{}", labels.0, segment("tumour").0));
    assert!(margin.holds(30.0 - 15.0 - 0.5), "{margin:?}");
    assert_eq!(value(1, "1/length").value, (entry - tumour).norm());
    let depth = value(1, &format!("1/tip/{}.{}", labels.0, segment("tumour").0));
    assert!(depth.holds(15.0), "{depth:?}");
    assert!(value(5, &format!("1/reach/{}.{}", labels.0, segment("tumour").0)).holds((entry - tumour).norm() + 15.0));
    let report = crate::report::english_page(&crate::report::Report::new("case", session.case(), session.log()), &[]);
    assert!(report.contains("liver_resection") && report.contains("<h2>Plans</h2>"));
}

/// The example of the README: two plans of the phantom's liver, whose tumour is a ball of 15 mm at a known place.
#[test]
fn the_example_script_runs_and_says_what_is_known() {
    let mut session = Session::new(crate::tools::TOOLS);
    let script: Vec<Command> = serde_json::from_str(include_str!("../../../tests/plans/liver.json")).unwrap();
    for command in script {
        let tool = command.tool.clone();
        session.run(command, &Progress::default()).unwrap_or_else(|error| panic!("{tool}: {error}"));
    }
    let margin = |id: u32| {
        let plan = plan(&session, NodeId(id));
        let score = plan.score.clone().unwrap();
        score.terms.iter().find(|term| term.id.starts_with("margin/")).cloned().unwrap()
    };
    // 30 mm from the middle to the plane and to the sphere, less the radius and half a millimetre.
    for (id, known) in [(3, 14.5), (4, 14.5)] {
        let term = margin(id);
        assert!(term.value.unwrap().holds(known), "{term:?}");
        assert_ne!(term.verdict, Verdict::Breach, "{term:?}");
    }
    assert_eq!(session.case().plans().filter(|(.., plan)| session.case().stale_score(plan).is_some()).count(), 0);
    assert!(plan(&session, NodeId(4)).checks[0].signed.is_some());
}
