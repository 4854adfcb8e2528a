//! A body on soft neighbours.

use crate::base::Progress;
use crate::biomech::bed::{bed_springs, facing};
use crate::biomech::interactive::{Body, Inputs, Settings};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Load, Material, Model, Options, Problem, TissueError, quasi_static};
use crate::geom::Vector;
use crate::mesh::TetMesh;

const STIFFNESS_PA_M: f64 = 1e5;

fn soft() -> Material {
    let law = Material::hyperelastic(Hyperelastic::NeoHookean, 0.45, 1000.0, 0.3);
    Material { young_pa: 8e3, ..law }
}

/// A slab held at one end, on its bed, by its weight.
fn slab() -> (TetMesh, Vec<u32>) {
    let mesh = straight_box([12, 4, 3], [120.0, 40.0, 30.0]);
    let held = vertices_where(&mesh, |p| p.x == 0.0);
    (mesh, held)
}

#[test]
fn far_from_what_holds_it_a_slab_sinks_as_deep_as_its_weight_presses() {
    let (mesh, held) = slab();
    let down = -Vector::z();
    let triangles = facing(&mesh, &down);
    assert_eq!(triangles.len(), 12 * 4 * 2, "the lower side, nothing else");
    let weight = Load::Gravity { m_s2: down * 9.81 };
    let bed = Load::Bed { triangles, stiffness_pa_m: STIFFNESS_PA_M };
    let materials = [(1, soft())];
    // ρ g h / k = 1000 · 9.81 · 0.03 / 1e5 = 2.943 mm.
    let depth_mm = 1e3 * 1000.0 * 9.81 * 0.03 / STIFFNESS_PA_M;
    for model in [Model::LinearElastic, Model::NeoHookean] {
        let loads = [weight.clone(), bed.clone()];
        let problem = Problem { mesh: &mesh, materials: &materials, fixed: &held, loads: &loads, model };
        let (result, summary) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
        let far = vertices_where(&mesh, |p| p.z == 0.0 && p.x == 120.0);
        let mean = far.iter().map(|v| -result.displacement_mm[*v as usize].z).sum::<f64>() / far.len() as f64;
        assert!((mean / depth_mm - 1.0).abs() < 0.1, "{model:?}: {mean} mm, {depth_mm} expected");
        let deepest = summary.facts.iter().find(|fact| fact.name == "deepest in the bed").unwrap().value;
        assert!(depth_mm * 0.9 < deepest && deepest < depth_mm * 1.3, "{deepest}");
    }
    let alone =
        Problem { mesh: &mesh, materials: &materials, fixed: &held, loads: &[weight], model: Model::NeoHookean };
    let (hanging, _) = quasi_static(&alone, &Options::default(), &Progress::default()).unwrap();
    let lowest = hanging.displacement_mm.iter().map(|u| -u.z).fold(0.0, f64::max);
    assert!(10.0 * depth_mm < lowest, "without its bed it hangs {lowest} mm down");
}

#[test]
fn a_bed_never_pulls() {
    let (mesh, held) = slab();
    let end = vertices_where(&mesh, |p| p.x == 120.0);
    let lift = Load::Move { vertices: end, by_mm: Vector::new(0.0, 0.0, 10.0) };
    let bed = Load::Bed { triangles: facing(&mesh, &-Vector::z()), stiffness_pa_m: STIFFNESS_PA_M };
    let materials = [(1, soft())];
    let solve = |loads: &[Load]| {
        let problem = Problem { mesh: &mesh, materials: &materials, fixed: &held, loads, model: Model::NeoHookean };
        quasi_static(&problem, &Options::default(), &Progress::default()).unwrap().0
    };
    let (with, without) = (solve(&[lift.clone(), bed]), solve(&[lift]));
    let [with, without] = [&with, &without].map(|result| result.grip_n.z);
    assert!(0.0 < without && (with / without - 1.0).abs() < 0.05, "{with} N with, {without} N without");
}

#[test]
fn the_live_body_lies_as_the_accurate_one_and_rises_and_sinks_with_what_holds_it() {
    let (mesh, held) = slab();
    let down = -Vector::z();
    let triangles = facing(&mesh, &down);
    let materials = [(1, soft())];
    let loads = [
        Load::Gravity { m_s2: down * 9.81 },
        Load::Bed { triangles: triangles.clone(), stiffness_pa_m: STIFFNESS_PA_M },
    ];
    let problem = Problem { mesh: &mesh, materials: &materials, fixed: &held, loads: &loads, model: Model::NeoHookean };
    let (exact, _) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
    let settings = Settings { damping_per_s: 20.0, ..Settings::default() };
    let mut body = Body::new(&mesh, &materials, &held).unwrap().with_settings(settings);
    body.rest_on(&bed_springs(&mesh, &triangles, STIFFNESS_PA_M));
    let inputs = Inputs { gravity_m_s2: down * 9.81, ..Inputs::default() };
    for _ in 0..300 {
        body.step(&inputs);
    }
    let (mut off, mut all) = (0.0, 0.0);
    for (v, exact) in exact.displacement_mm.iter().enumerate() {
        off += (body.positions()[v] - body.rest(v) - exact).norm_squared();
        all += exact.norm_squared();
    }
    assert!(off < all * 0.05 * 0.05, "{:.1} % off", 100.0 * (off / all).sqrt());
    let balance = (body.support_n() + body.applied_n()).norm();
    assert!(balance < 0.01 * body.mass_kg() * 9.81, "{balance} N out of balance");

    body.move_held(&Vector::new(0.0, 0.0, 8.0));
    for _ in 0..300 {
        body.step(&inputs);
    }
    let lifted = held[0] as usize;
    assert!((body.positions()[lifted] - body.rest(lifted) - Vector::z() * 8.0).norm() < 1e-6);
    body.move_held(&Vector::new(f64::NAN, 0.0, 0.0));
    body.move_held(&Vector::zeros());
    for _ in 0..300 {
        body.step(&inputs);
    }
    let off =
        (0..mesh.positions().len()).map(|v| (body.positions()[v] - body.rest(v) - exact.displacement_mm[v]).norm());
    assert!(off.fold(0.0, f64::max) < 0.6, "it comes back to where it lay");
}

#[test]
fn beds_that_cannot_be_are_refused() {
    let (mesh, held) = slab();
    let materials = [(1, soft())];
    let say = |stiffness_pa_m: f64, triangles: Vec<[u32; 3]>| {
        let loads = [Load::Bed { triangles, stiffness_pa_m }];
        let problem =
            Problem { mesh: &mesh, materials: &materials, fixed: &held, loads: &loads, model: Model::NeoHookean };
        quasi_static(&problem, &Options::default(), &Progress::default()).unwrap_err()
    };
    let triangles = facing(&mesh, &-Vector::z());
    assert!(matches!(say(-1.0, triangles.clone()), TissueError::BadBed { load: 1, .. }));
    assert!(matches!(say(f64::NAN, triangles), TissueError::NotFinite { .. }));
    assert!(matches!(say(1.0, vec![]), TissueError::EmptyPatch { .. }));
}
