//! Organs under hand, weight and gas, by command.

use crate::desk::Desk;
use prosector::base::NodeId;
use prosector::biomech::TissueResult;
use prosector::geom::Vector;
use prosector::mesh::TetMesh;
use prosector::session::Data;
use serde_json::{Value, json};
use std::sync::Arc;

/// The liver of a coarse phantom, as tetrahedra.
pub(crate) fn liver(desk: &mut Desk) -> NodeId {
    let phantom = json!({ "kind": "abdomen", "spacing_mm": 3.0, "noise_hu": 0.0 });
    let [_, truth] = desk.run("scan.phantom", phantom)[..] else { panic!("a scan and its truth") };
    desk.run("model.tetrahedra", json!({ "labels": truth, "segment": 8, "tets": 2500 }))[0]
}

fn tets(desk: &Desk, id: NodeId) -> TetMesh {
    match &desk.case().node(id).unwrap().data {
        Data::Tets(mesh) => mesh.clone(),
        other => panic!("{:?}", other.kind()),
    }
}

pub(crate) fn result(desk: &Desk, id: NodeId) -> Arc<TissueResult> {
    match &desk.case().node(id).unwrap().data {
        Data::Tissue(result) => Arc::clone(result),
        other => panic!("{:?}", other.kind()),
    }
}

fn mean_mm(result: &TissueResult) -> Vector {
    result.displacement_mm.iter().sum::<Vector>() / result.displacement_mm.len() as f64
}

#[test]
fn an_organ_sinks_to_where_the_patient_lies_and_gas_presses_it_on_what_holds_it() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let mut hang = |extra: Value| {
        let mut params = json!({ "mesh": mesh, "tissue": "liver", "young_kpa": 8.0, "action": "hang", "hold": "superior", "hold_part": 0.3, "bed_kpa_mm": 0 });
        params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let added = desk.run("simulate.tissue", params)[0];
        result(&desk, added)
    };
    let supine = mean_mm(&hang(json!({ "position": "supine" })));
    let prone = mean_mm(&hang(json!({ "position": "prone" })));
    let left = mean_mm(&hang(json!({ "position": "left_lateral" })));
    let head_down = mean_mm(&hang(json!({ "position": "supine", "tilt_deg": 30.0 })));
    assert!(1.0 < supine.y && prone.y < -1.0, "{supine} {prone}");
    assert!(1.0 < left.x, "{left}");
    assert!(supine.z < head_down.z, "{supine} {head_down}");
    assert_eq!(mean_mm(&hang(json!({}))), supine, "without a position an organ hangs as in a patient on the back");
    let lies = mean_mm(&hang(json!({ "position": "supine", "bed_kpa_mm": 0.1 })));
    assert!(0.0 < lies.y && lies.y < 0.9 * supine.y, "on its neighbours it sinks less: {lies} {supine}");
    let gas = hang(json!({ "position": "supine", "gas_mmhg": 12.0 }));
    // 12 mmHg on the area that is held, of which the gas does not get behind.
    assert!(0.0 < gas.applied_n.z && gas.imbalance < 1e-6, "{}", gas.applied_n);
}

#[test]
fn an_organ_at_rest_hangs_as_it_was_scanned() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let body = json!({ "mesh": mesh, "tissue": "liver", "young_kpa": 8.0 });
    let [rest, loaded] = desk.run("simulate.rest_shape", body.clone())[..] else { panic!("a mesh and a result") };
    let (scanned, rest_mesh) = (tets(&desk, mesh), tets(&desk, rest));
    let way =
        |a: &TetMesh| a.positions().iter().zip(scanned.positions()).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    let off_mm = way(&rest_mesh);
    assert!(1.0 < off_mm, "weight moves a liver by more than {off_mm} mm");
    let back = result(&desk, loaded).positions_mm();
    let miss_mm = back.iter().zip(scanned.positions()).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
    assert!(miss_mm <= 2e-3 * off_mm, "{miss_mm} mm after {off_mm} mm");
    let hash = desk.hash();
    let soft = json!({ "mesh": mesh, "young_kpa": 0.1, "hold_part": 0.02 });
    let error = desk.try_run("simulate.rest_shape", soft).unwrap_err().to_string();
    let sentences = ["from where the scan shows it", "inverted element", "did not converge"];
    assert!(sentences.iter().any(|words| error.contains(words)), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn a_cut_keeps_the_volume_and_opens_when_pulled_and_a_part_cut_off_can_be_taken_out() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let whole = tets(&desk, mesh);
    let middle = whole.positions().iter().map(|p| p.coords).sum::<Vector>() / whole.positions().len() as f64;
    let at = [middle.x, middle.y, middle.z];
    let notch = json!({ "mesh": mesh, "at": [at[0], at[1] - 40.0, at[2]], "normal": [1, 0, 0], "radius_mm": 35 });
    let notched = desk.run("simulate.cut", notch)[0];
    let cut = tets(&desk, notched);
    assert_eq!(cut.tets().len(), whole.tets().len());
    assert!(whole.positions().len() < cut.positions().len());
    assert!((cut.volume_ml() / whole.volume_ml() - 1.0).abs() < 1e-12);
    assert!(10.0 < desk.case().node(notched).unwrap().summary.value("area of the cut").unwrap());
    let pull = json!({ "mesh": notched, "hold": "posterior", "hold_part": 0.3, "by_mm": [0, -8, 0] });
    let pulled = desk.run("simulate.tissue", pull)[0];
    let gap = result(&desk, pulled);
    assert!(gap.imbalance < 1e-6);
    // Right through, the part that nothing holds is taken out.
    let through = json!({
        "mesh": mesh, "at": at, "normal": [1, 0, 0], "radius_mm": 400, "hold": "right", "loose": "remove",
    });
    let half = desk.run("simulate.cut", through)[0];
    let (left_ml, taken_ml) = {
        let summary = &desk.case().node(half).unwrap().summary;
        (tets(&desk, half).volume_ml(), summary.value("taken out").unwrap())
    };
    assert!(100.0 < taken_ml && (left_ml + taken_ml - whole.volume_ml()).abs() < 1e-6 * whole.volume_ml());
    let hash = desk.hash();
    let beside = json!({ "mesh": mesh, "at": [900, 0, 0], "normal": [1, 0, 0] });
    let error = desk.try_run("simulate.cut", beside).unwrap_err().to_string();
    assert!(error.contains("parts no tetrahedra"), "{error}");
    let flat = json!({ "mesh": mesh, "at": at, "normal": [0, 0, 0] });
    let error = desk.try_run("simulate.cut", flat).unwrap_err().to_string();
    assert!(error.contains("must not be zero"), "{error}");
    assert_eq!(desk.hash(), hash);
}

#[test]
fn laws_agree_at_small_strain_and_part_at_large() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let mut pulled = |law: Value, by_mm: f64| {
        let mut params = json!({ "mesh": mesh, "tissue": "liver", "hold_part": 0.3, "by_mm": [0.0, -by_mm, 0.0] });
        params.as_object_mut().unwrap().extend(law.as_object().unwrap().clone());
        let added = desk.run("simulate.tissue", params)[0];
        result(&desk, added)
    };
    let off = |a: &TissueResult, b: &TissueResult| {
        let size: f64 = a.displacement_mm.iter().map(Vector::norm_squared).sum();
        let all = a.displacement_mm.iter().zip(&b.displacement_mm).map(|(a, b)| (a - b).norm_squared());
        (all.sum::<f64>() / size).sqrt()
    };
    let neo = pulled(json!({ "model": "neo_hookean" }), 20.0);
    for same in
        [json!({ "model": "ogden", "ogden_alpha": 2.0 }), json!({ "model": "mooney_rivlin", "mooney_share": 0.0 })]
    {
        let other = pulled(same.clone(), 20.0);
        assert!(off(&neo, &other) < 1e-5, "{same}: {}", off(&neo, &other));
    }
    let stiffening = json!({ "model": "ogden", "ogden_alpha": 10.0 });
    let far = off(&neo, &pulled(stiffening.clone(), 20.0));
    let near = off(&pulled(json!({ "model": "neo_hookean" }), 0.2), &pulled(stiffening, 0.2));
    assert!(0.005 < far && near < 0.1 * far, "{near} at small strain, {far} at large");
    let refused = json!({ "mesh": mesh, "model": "ogden", "ogden_alpha": 0.0 });
    let error = desk.try_run("simulate.tissue", refused).unwrap_err().to_string();
    assert!(error.contains("ogden_alpha is 0"), "{error}");
}

#[test]
fn sides_of_a_cut_press_on_each_other_where_they_are_asked_to() {
    let mut desk = Desk::new();
    let mesh = liver(&mut desk);
    let cut = json!({ "mesh": mesh, "hold": "posterior", "hold_part": 0.3, "radius_mm": 45.0 });
    let added = desk.run("simulate.cut", cut);
    let parted = added.into_iter().find(|id| matches!(desk.case().node(*id).unwrap().data, Data::Tets(_))).unwrap();
    // On its right side one part leans on the other. Stiff, for a liver of so few tetrahedra sags by more than they bear.
    let mut lying = |contact: bool| {
        let params = json!({ "mesh": parted, "tissue": "liver", "young_kpa": 100, "hold_part": 0.3, "action": "hang",
            "contact": contact, "position": "right_lateral", "bed_kpa_mm": 0 });
        let added = desk.run("simulate.tissue", params)[0];
        (result(&desk, added), desk.case().node(added).unwrap().summary.clone())
    };
    let (through, _) = lying(false);
    let (against, summary) = lying(true);
    let fact = |name: &str| summary.value(name).unwrap_or_else(|| panic!("no fact '{name}': {:?}", summary.facts));
    assert!(fact("overlap left between tissues") < 0.5 && 1.0 < fact("tissue pressed on tissue"));
    let apart = through.displacement_mm.iter().zip(&against.displacement_mm).map(|(a, b)| (a - b).norm());
    let apart = apart.fold(0.0, f64::max);
    assert!(1.0 < apart, "{apart} mm: what passes through moves otherwise");
    assert!(against.imbalance < 1e-3, "{}", against.imbalance);
}
