//! Instruments that press on a body, in both solvers.

use crate::base::Progress;
use crate::biomech::interactive::{Body, Inputs, Settings, Shape, Tool};
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Formulation, Hyperelastic, Load, Material, Model, Options, Problem, TissueError, quasi_static};
use crate::geom::{Point, Vector};

fn soft() -> Material {
    let law = Material::hyperelastic(Hyperelastic::NeoHookean, 0.45, 1000.0, 0.3);
    Material { young_pa: 6e3, ..law }
}

#[test]
fn a_ball_pressed_into_tissue_comes_to_the_same_in_both_solvers() {
    let mesh = straight_box([10, 10, 6], [60.0, 60.0, 36.0]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, soft())];
    let [clear, end] = [46.0, 38.0].map(|z| Point::new(31.0, 29.0, z));
    let tool = Tool::sphere(end, 9.0);
    let loads = [Load::Touch { tool, from_mm: clear }];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let (exact, summary) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
    let fact = |name: &str| summary.facts.iter().find(|fact| fact.name == name).unwrap().value;
    let (force, deepest) = (fact("force of the instrument"), fact("deepest under the instrument"));
    assert!(0.0 < force && deepest < 0.5, "{force} N, {deepest} mm");
    assert!((exact.reaction_n.norm() - force).abs() < 1e-6 * force, "what presses is held: {}", exact.reaction_n);

    let settings = Settings { damping_per_s: 20.0, ..Settings::default() };
    let mut body = Body::new(&mesh, &materials, &fixed).unwrap().with_settings(settings);
    for frame in 0..240 {
        let at = clear + (end - clear) * (f64::from(frame) / 60.0).min(1.0);
        body.step(&Inputs { tools: &[Tool::sphere(at, 9.0)], ..Inputs::default() });
    }
    let live = body.tool_forces_n()[0].norm();
    assert!((live / force - 1.0).abs() < 0.05, "{live} N live, {force} N at rest");
    let (mut off, mut all) = (0.0, 0.0);
    for (v, exact) in exact.displacement_mm.iter().enumerate() {
        off += (body.positions()[v] - body.rest(v) - exact).norm_squared();
        all += exact.norm_squared();
    }
    assert!(off < all * 0.05 * 0.05, "{:.1} % off", 100.0 * (off / all).sqrt());
}

#[test]
fn a_plate_that_presses_a_block_evenly_gives_the_force_of_its_compression() {
    // Plane strain is none here: sides slide freely, so the block is compressed in one direction only.
    let mesh = straight_box([4, 4, 4], [40.0; 3]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0 && p.x == 0.0 && p.y == 0.0);
    let slide = |axis, vertices| Load::Slide { vertices, axis, by_mm: 0.0 };
    use crate::biomech::Axis::{X, Y, Z};
    let tool =
        Tool { shape: Shape::Plane { normal: -Vector::z() }, place_mm: Point::new(0.0, 0.0, 39.0), friction: 0.0 };
    let loads = [
        slide(Z, vertices_where(&mesh, |p| p.z == 0.0)),
        slide(X, vertices_where(&mesh, |p| p.x == 0.0)),
        slide(Y, vertices_where(&mesh, |p| p.y == 0.0)),
        Load::Touch { tool, from_mm: Point::new(0.0, 0.0, 41.0) },
    ];
    let materials = [(1, soft())];
    let held = [fixed[0]];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &held, loads: &loads, model: Model::LinearElastic };
    let (_, summary) = quasi_static(&problem, &Options::default(), &Progress::default()).unwrap();
    let fact = |name: &str| summary.facts.iter().find(|fact| fact.name == name).unwrap().value;
    // E A ε, less what the springs give way.
    let pressed_mm = 1.0 - fact("deepest under the instrument");
    let expected = 6e3 * 1.6e-3 * pressed_mm / 40.0;
    assert!(
        (fact("force of the instrument") / expected - 1.0).abs() < 0.01,
        "{} N, {expected} expected",
        fact("force of the instrument")
    );
}

#[test]
fn instruments_that_cannot_be_are_refused_and_one_that_is_clear_does_nothing() {
    let mesh = straight_box([3, 3, 3], [30.0; 3]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, soft())];
    let solve = |tool: Tool, formulation| {
        let loads = [Load::Touch { tool, from_mm: Point::new(0.0, 0.0, 200.0) }];
        let problem =
            Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
        quasi_static(&problem, &Options { formulation, ..Options::default() }, &Progress::default())
    };
    let clear = solve(Tool::sphere(Point::new(0.0, 0.0, 100.0), 5.0), Formulation::Mixed).unwrap().0;
    assert!(clear.displacement_mm.iter().all(|u| u.norm() == 0.0));
    let nan = solve(Tool::sphere(Point::new(f64::NAN, 0.0, 0.0), 5.0), Formulation::Mixed).unwrap_err();
    assert!(matches!(nan, TissueError::NotFinite { what: "instrument", .. }));
    let quadratic = solve(Tool::sphere(Point::new(0.0, 0.0, 32.0), 5.0), Formulation::Quadratic).unwrap_err();
    assert_eq!(quadratic, TissueError::NoContact);
}
