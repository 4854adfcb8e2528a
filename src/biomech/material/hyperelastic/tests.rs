//! What every law must obey, checked for all of them at once.

use super::*;
use crate::biomech::material::{Law, Local, Material, Model, isochoric, neo_hookean};
use crate::geom::Vector;
use nalgebra::Rotation3;

/// All laws, some with constants that make every term count.
fn laws() -> [Hyperelastic; 6] {
    [
        Hyperelastic::NeoHookean,
        Hyperelastic::MooneyRivlin(MooneyRivlin { c10_pa: 600.0, c01_pa: 250.0 }),
        Hyperelastic::Ogden(Ogden { mu_pa: [900.0, 20.0, -150.0], alpha: [1.3, 5.0, -2.0] }),
        Hyperelastic::Guccione(Guccione { c_pa: 2000.0, bf: 8.0, bt: 2.0, bfs: 4.0 }),
        Hyperelastic::Guccione(Guccione { c_pa: 800.0, bf: 3.0, bt: 3.0, bfs: 3.0 }),
        Hyperelastic::Holzapfel(Holzapfel { mu_pa: 3000.0, k1_pa: 2400.0, k2: 0.8, angle_deg: 29.0 }),
    ]
}

fn material(law: Hyperelastic) -> Material {
    let plain = Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law };
    law.shear_pa().map_or(plain, |_| Material::hyperelastic(law, 0.45, 1060.0, 0.3))
}

fn oblique() -> Fibre {
    Fibre { along: Vector::new(0.5, -1.0, 0.3), across: Vector::new(0.2, 0.4, 1.0) }.normalised().unwrap()
}

fn bound(law: Hyperelastic) -> Law {
    Law::new(Model::Hyperelastic, &material(law)).with_fibre(oblique())
}

/// Stretched along the fibres, so that they bear load in every law.
fn sheared() -> Matrix3<f64> {
    let f = oblique().along;
    Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.95, 0.2, 0.0, 0.0, 1.02) + 0.2 * f * f.transpose()
}

#[test]
fn stress_is_the_derivative_of_energy_in_every_law() {
    let h = 1e-6;
    for law in laws().map(bound) {
        let stress = law.stress_pa(&sheared()).unwrap();
        for n in 0..9 {
            let (mut plus, mut minus) = (sheared(), sheared());
            plus[n] += h;
            minus[n] -= h;
            let difference = (law.energy_pa(&plus).unwrap() - law.energy_pa(&minus).unwrap()) / (2.0 * h);
            let error = (stress[n] - difference).abs();
            assert!(error < 1e-7 * stress.norm(), "{:?} {n}: {} against {difference} Pa", law.shape, stress[n]);
        }
    }
}

#[test]
fn tangents_are_the_derivatives_of_stress_in_every_law() {
    let (a, b) = (Vector::new(0.3, -1.0, 0.4), Vector::new(0.8, 0.2, -0.5));
    let h = 1e-5;
    for law in laws() {
        let at = |F: &Matrix3<f64>| isochoric::At::new(&law, 1700.0, &oblique(), F).unwrap();
        for F in [Matrix3::identity(), sheared(), Matrix3::from_diagonal(&Vector::new(1.3, 1.3, 0.8))] {
            // Fibres that begin to bear load have a kink there.
            if F == Matrix3::identity() && matches!(law, Hyperelastic::Holzapfel(_)) {
                continue;
            }
            let local = at(&F);
            for k in 0..3 {
                let mut direction = Matrix3::zeros();
                direction.set_row(k, &b.transpose());
                let (plus, minus) = (at(&(F + h * direction)), at(&(F - h * direction)));
                let shape = (plus.shape_stress() - minus.shape_stress()) * a / (2.0 * h);
                let error = (local.pair_shape(&a, &b).column(k) - shape).norm();
                assert!(error < 1e-6 * (1000.0 + shape.norm()), "{law:?} column {k}: {error:e} of {}", shape.norm());
                let theta = (plus.theta_gradient() - minus.theta_gradient()) * a / (2.0 * h);
                assert!((local.pair_theta(&a, &b).column(k) - theta).norm() < 1e-8);
            }
        }
    }
}

#[test]
fn tangents_are_symmetric() {
    let (a, b) = (Vector::new(0.3, -1.0, 0.4), Vector::new(0.8, 0.2, -0.5));
    for law in laws() {
        let local = isochoric::At::new(&law, 1700.0, &oblique(), &sheared()).unwrap();
        let pair = local.pair_shape(&a, &b);
        assert!((pair - local.pair_shape(&b, &a).transpose()).norm() < 1e-12 * pair.norm(), "{law:?}");
    }
}

/// P(Q F) = Q P(F): who looks from elsewhere sees the same.
#[test]
fn a_turned_body_has_turned_stress() {
    let turn = Rotation3::from_euler_angles(0.7, -0.4, 1.9).into_inner();
    for law in laws().map(bound) {
        assert!(law.stress_pa(&turn).unwrap().norm() < 1e-9 * law.mu_pa, "{:?}", law.shape);
        let (seen, own) = (law.stress_pa(&(turn * sheared())).unwrap(), turn * law.stress_pa(&sheared()).unwrap());
        assert!((seen - own).norm() < 1e-12 * own.norm(), "{:?}", law.shape);
    }
}

#[test]
fn isotropic_laws_agree_with_hooke_at_small_strain() {
    let F = Matrix3::identity() + 1e-6 * (sheared() - Matrix3::identity());
    for law in laws().into_iter().filter(|law| !law.needs_fibres()) {
        let [hooke, own] = [Model::LinearElastic, Model::Hyperelastic]
            .map(|model| Law::new(model, &material(law)).with_fibre(oblique()).stress_pa(&F).unwrap());
        assert!((hooke - own).norm() < 2e-5 * hooke.norm(), "{law:?}: {hooke} against {own}");
    }
}

/// The same law written for isochoric parts and by hand must be one.
#[test]
fn the_shared_part_gives_the_neo_hookean_solid() {
    let (a, b) = (Vector::new(0.3, -1.0, 0.4), Vector::new(0.8, 0.2, -0.5));
    let by_hand = neo_hookean::At::new(1700.0, &sheared()).unwrap();
    for law in [
        Hyperelastic::NeoHookean,
        Hyperelastic::MooneyRivlin(MooneyRivlin { c10_pa: 850.0, c01_pa: 0.0 }),
        Hyperelastic::Ogden(Ogden::one_term(1700.0, 2.0)),
        Hyperelastic::Holzapfel(Holzapfel { mu_pa: 1700.0, k1_pa: 0.0, k2: 1.0, angle_deg: 0.0 }),
    ] {
        let shared = isochoric::At::new(&law, 1700.0, &oblique(), &sheared()).unwrap();
        assert!((shared.shape_stress() - by_hand.shape_stress()).norm() < 1e-9, "{law:?}");
        assert!((shared.pair_shape(&a, &b) - by_hand.pair_shape(&a, &b)).norm() < 1e-9, "{law:?}");
    }
}

/// An Ogden solid of the terms 2 and -2 is the solid of Mooney and Rivlin.
#[test]
fn ogden_with_two_and_minus_two_is_mooney_rivlin() {
    let ogden = Hyperelastic::Ogden(Ogden { mu_pa: [1200.0, -500.0, 0.0], alpha: [2.0, -2.0, 2.0] });
    let mooney = Hyperelastic::MooneyRivlin(MooneyRivlin { c10_pa: 600.0, c01_pa: 250.0 });
    for F in [sheared(), Matrix3::from_diagonal(&Vector::new(1.2, 1.2, 0.7))] {
        let [one, other] = [ogden, mooney].map(|law| bound(law).stress_pa(&F).unwrap());
        assert!((one - other).norm() < 1e-11 * one.norm(), "{one} against {other}");
    }
}

/// Small strains of Guccione's solid with equal constants cost what the law of St Venant and Kirchhoff asks.
#[test]
fn a_weak_exponential_is_st_venant_kirchhoff() {
    let (b, mu) = (1e-6, 1700.0);
    let law = Guccione { c_pa: 2.0 * mu / b, bf: b, bt: b, bfs: b };
    let C = Matrix3::new(1.3, 0.2, 0.1, 0.2, 0.8, -0.1, 0.1, -0.1, 1.1);
    let E = 0.5 * (C - Matrix3::identity());
    let state = law.state(&oblique(), &C);
    assert!((state.energy - mu * E.norm_squared()).abs() < 1e-5 * state.energy);
    assert!((state.S - 2.0 * mu * E).norm() < 1e-5 * state.S.norm());
}

#[test]
fn fibres_bear_no_push() {
    let law = Holzapfel { mu_pa: 1.0, k1_pa: 1e6, k2: 1.0, angle_deg: 0.0 };
    let along_x = |stretch: f64| Matrix3::from_diagonal(&Vector::new(stretch * stretch, 1.0, 1.0));
    assert_eq!(law.state(&Fibre::default(), &along_x(0.9)).S, Matrix3::identity());
    assert!(1e5 < law.state(&Fibre::default(), &along_x(1.1)).S[(0, 0)]);
}

#[test]
fn bad_constants_are_named_with_value_and_limit() {
    let bad = |law: Hyperelastic| law.check().map_err(|bad| (bad.name, bad.value, bad.limit)).unwrap_err();
    let mooney = Hyperelastic::MooneyRivlin(MooneyRivlin { c10_pa: 600.0, c01_pa: -1.0 });
    assert_eq!(bad(mooney), ("Mooney's C01", -1.0, "at least 0 Pa"));
    let ogden = Hyperelastic::Ogden(Ogden { mu_pa: [1.0, 2.0, 0.0], alpha: [2.0, -3.0, 0.0] });
    assert_eq!(bad(ogden), ("Ogden's mu times alpha", -6.0, "above 0 Pa in every term"));
    let none = Hyperelastic::Ogden(Ogden { mu_pa: [0.0; 3], alpha: [2.0; 3] });
    assert_eq!(bad(none).0, "shear modulus of Ogden's terms");
    let guccione = Hyperelastic::Guccione(Guccione { c_pa: 2000.0, bf: 8.0, bt: 0.0, bfs: 4.0 });
    assert_eq!(bad(guccione), ("Guccione's bt", 0.0, "above 0 and at most 1000"));
    let wide = Hyperelastic::Holzapfel(Holzapfel { mu_pa: 1.0, k1_pa: 1.0, k2: 1.0, angle_deg: 100.0 });
    assert_eq!(bad(wide), ("fibre angle", 100.0, "between 0 and 90 degrees"));
    let nan = Hyperelastic::Holzapfel(Holzapfel { mu_pa: f64::NAN, k1_pa: 1.0, k2: 1.0, angle_deg: 10.0 });
    assert_eq!(bad(nan).0, "Holzapfel's mu");
    assert!(laws().iter().all(|law| law.check().is_ok()));
}

#[test]
fn old_materials_are_neo_hookean_and_new_ones_come_back() {
    let old = r#"{"young_pa": 5000.0, "poisson": 0.45, "density_kg_m3": 1060.0, "strain_max": 0.3}"#;
    assert_eq!(serde_json::from_str::<Material>(old).unwrap().law, Hyperelastic::NeoHookean);
    for law in laws() {
        let text = serde_json::to_string(&material(law)).unwrap();
        assert_eq!(serde_json::from_str::<Material>(&text).unwrap(), material(law), "{text}");
    }
}
