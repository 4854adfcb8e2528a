//! Laws of their own, fibres, contraction, relaxation and quadratic elements: sentences, balance and equal bits.

use super::*;

const HEART: Guccione = Guccione { c_pa: 2000.0, bf: 8.0, bt: 2.0, bfs: 4.0 };

fn heart() -> Material {
    Material::hyperelastic(Hyperelastic::Guccione(HEART), 0.49, 1060.0, 0.5)
}

fn oblique(mesh: &TetMesh) -> Vec<Fibre> {
    vec![Fibre::along(Vector::new(1.0, 0.5, 0.2)); mesh.tets().len()]
}

fn run(mesh: &TetMesh, fibres: &[Fibre], material: Material, loads: &[Load], formulation: Formulation) -> Answer {
    let fixed = bottom(mesh);
    let materials = [(1, material)];
    let problem = Problem { mesh, materials: &materials, fixed: &fixed, loads, model: Model::Hyperelastic };
    let options = Options { formulation, ..Options::default() };
    quasi_static_with_fibres(&problem, fibres, &options, &Progress::default())
}

fn all_loads(mesh: &TetMesh) -> [Load; 4] {
    [
        Load::Force { vertices: vertices_where(mesh, |p| p.y == 50.0), total_n: Vector::new(0.02, 0.0, -0.05) },
        Load::Pressure { triangles: faces_where(mesh, |p| p.x == 60.0), pa: 400.0 },
        Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) },
        Load::Contract { region: 1, tension_pa: 3000.0 },
    ]
}

#[test]
fn forces_balance_in_every_formulation_with_fibres_that_contract() {
    let mesh = straight_box([4, 3, 3], [60.0, 50.0, 40.0]);
    let quadratic = [Formulation::Quadratic, Formulation::QuadraticDisplacement];
    for formulation in [Formulation::Mixed, Formulation::Displacement].into_iter().chain(quadratic) {
        let (result, _) = run(&mesh, &oblique(&mesh), heart(), &all_loads(&mesh), formulation).unwrap();
        let sum = result.reaction_n + result.applied_n;
        assert!(sum.norm() < 1e-7 * result.reaction_n.norm(), "{formulation:?}: {sum} of {}", result.reaction_n);
        assert!(0.5 < result.applied_n.norm(), "weight and pressure: {}", result.applied_n);
    }
}

#[test]
fn quadratic_and_mixed_elements_agree_on_a_fine_mesh() {
    let mesh = straight_box([6, 4, 4], [60.0, 50.0, 40.0]);
    let [mixed, quadratic] = [Formulation::Mixed, Formulation::Quadratic]
        .map(|formulation| run(&mesh, &oblique(&mesh), heart(), &all_loads(&mesh), formulation).unwrap().0);
    let largest = quadratic.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    for (a, b) in mixed.displacement_mm.iter().zip(&quadratic.displacement_mm) {
        assert!((a - b).norm() < 0.1 * largest, "{a} against {b}, largest {largest} mm");
    }
}

/// Far from ν = 0.5 a pressure of its own changes little (0.25 % on this coarse beam); near it, displacement alone is stiffer.
#[test]
fn quadratic_elements_bend_alike_with_and_without_pressure_until_they_lock() {
    let mesh = straight_box([10, 2, 2], [100.0, 20.0, 20.0]);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let end = vertices_where(&mesh, |p| p.x == 100.0);
    let loads = [Load::Force { vertices: end.clone(), total_n: Vector::new(0.0, 1e-3, 0.0) }];
    let tip = |poisson: f64, formulation| {
        let options = Options { formulation, ..Options::default() };
        let material = Material { poisson, ..LIVER };
        let (result, _) = solve_with(&mesh, material, &fixed, &loads, Model::NeoHookean, &options).unwrap();
        end.iter().map(|v| result.displacement_mm[*v as usize].y).sum::<f64>() / end.len() as f64
    };
    let share = |poisson| tip(poisson, Formulation::QuadraticDisplacement) / tip(poisson, Formulation::Quadratic);
    assert!((share(0.3) - 1.0).abs() < 5e-3, "ν = 0.3: {}", share(0.3));
    let locked = share(0.4999);
    assert!((0.5..0.999).contains(&locked), "known: {locked}");
}

#[test]
fn the_answer_of_quadratic_elements_has_the_same_bits_on_one_thread_and_on_three() {
    let mesh = straight_box([4, 3, 3], [60.0, 50.0, 40.0]);
    let run =
        || run(&mesh, &oblique(&mesh), heart(), &all_loads(&mesh), Formulation::Quadratic).unwrap().0.content_hash();
    assert_eq!(with_threads(1, run), with_threads(3, run));
}

#[test]
fn a_neo_hookean_material_is_the_same_by_either_model() {
    let mesh = block();
    let loads = pulled(&mesh);
    let own = run(&mesh, &[], LIVER, &loads, Formulation::Mixed).unwrap().0;
    let (plain, _) = solve_with(&mesh, LIVER, &bottom(&mesh), &loads, Model::NeoHookean, &Options::default()).unwrap();
    assert_eq!(own.content_hash(), plain.content_hash());
}

#[test]
fn what_is_wrong_with_fibres_and_constants_is_named() {
    let mesh = block();
    let say = |fibres: &[Fibre], material: Material, loads: &[Load]| {
        sentence(run(&mesh, fibres, material, loads, Formulation::Mixed))
    };
    let weight = [Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) }];
    let bare = say(&[], heart(), &weight);
    assert_eq!(bare, "region 1 has fibres in its material, but no fibre directions are given");
    let slack = say(&[], LIVER, &[Load::Contract { region: 1, tension_pa: 100.0 }]);
    assert_eq!(slack, "region 1 has fibres in its load, but no fibre directions are given");
    let few = say(&oblique(&mesh)[1..], heart(), &weight);
    assert_eq!(few, "719 fibre directions are given for 720 tetrahedra; there must be one for each");
    let mut lost = oblique(&mesh);
    lost[7].along = Vector::zeros();
    let lost = say(&lost, heart(), &weight);
    assert!(lost.starts_with("the fibre direction of tetrahedron 7 is 0.000 0.000 0.000 in a layer"), "{lost}");
    let nobody = say(&oblique(&mesh), heart(), &[Load::Contract { region: 9, tension_pa: 100.0 }]);
    assert_eq!(nobody, "the patch of load 1 (contract) is empty: it touches no vertex of the body");
    let nan = say(&oblique(&mesh), heart(), &[Load::Contract { region: 1, tension_pa: f64::NAN }]);
    assert_eq!(nan, "the tension of load 1 is not a finite number");
    let wrong = Hyperelastic::Guccione(Guccione { bt: -2.0, ..HEART });
    let wrong = say(&oblique(&mesh), Material { law: wrong, ..heart() }, &weight);
    assert_eq!(wrong, "the material of region 1 has Guccione's bt = -2; it must be above 0 and at most 1000");
    let outside = [Load::Pressure { triangles: vec![[0, 20, 200]], pa: 10.0 }];
    let outside = sentence(run(&mesh, &oblique(&mesh), heart(), &outside, Formulation::Quadratic));
    assert_eq!(outside, "load 1 presses on the triangle [0, 20, 200], which is no face of a tetrahedron");
}

#[test]
fn the_summary_names_law_contraction_and_elements() {
    let mesh = straight_box([4, 3, 3], [60.0, 50.0, 40.0]);
    let (_, summary) = run(&mesh, &oblique(&mesh), heart(), &all_loads(&mesh), Formulation::Quadratic).unwrap();
    for words in ["Guccione", "active tension", "quadratic tetrahedra"] {
        assert!(summary.methods.iter().any(|method| method.contains(words)), "{words}: {:?}", summary.methods);
    }
}

#[test]
fn times_and_branches_that_cannot_be_are_named() {
    let mesh = block();
    let (fixed, loads, materials) = (bottom(&mesh), pulled(&mesh), [(1, LIVER)]);
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let say = |branch: Branch, times: [f64; 2], formulation: Formulation| {
        let moments = times.map(|at_s| Moment { at_s, load: 1.0 });
        let options = Options { formulation, ..Options::default() };
        let relaxation = [(1, vec![branch])];
        let answer = viscoelastic(&problem, &[], &relaxation, &moments, &options, &Progress::default());
        answer.map(|_| ()).unwrap_err().to_string()
    };
    let good = Branch { beta: 1.0, tau_s: 2.0 };
    let back = say(good, [2.0, 1.0], Formulation::Mixed);
    assert!(back.starts_with("moment 2 is at 1 s, but the one before at 2 s"), "{back}");
    let frozen = say(Branch { tau_s: 0.0, ..good }, [0.0, 1.0], Formulation::Mixed);
    assert_eq!(frozen, "the material of region 1 has relaxation time = 0; it must be above 0 s");
    for formulation in [Formulation::Quadratic, Formulation::QuadraticDisplacement] {
        let quadratic = say(good, [0.0, 1.0], formulation);
        assert!(quadratic.contains("quadratic elements"), "{quadratic}");
    }
}

#[test]
fn a_body_without_branches_is_elastic_at_every_moment() {
    let mesh = block();
    let (fixed, loads, materials) = (bottom(&mesh), pulled(&mesh), [(1, LIVER)]);
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let moments = [(0.0, 0.5), (1.0, 1.0), (2.0, 0.0)].map(|(at_s, load)| Moment { at_s, load });
    let (results, _) = viscoelastic(&problem, &[], &[], &moments, &Options::default(), &Progress::default()).unwrap();
    let (elastic, _) = solve(&mesh, &fixed, &loads).unwrap();
    for v in 0..mesh.positions().len() {
        assert!((results[1].displacement_mm[v] - elastic.displacement_mm[v]).norm() < 1e-6, "vertex {v}");
        assert!(results[2].displacement_mm[v].norm() < 1e-6, "vertex {v} does not come back");
    }
}
