//! Needles that do what they must, and those that are refused.

use super::*;
use crate::base::Progress;
use crate::biomech::verification::shapes::{straight_box, vertices_where};
use crate::biomech::{Hyperelastic, Material, TissueError};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const LIVER: Material =
    Material { young_pa: 5000.0, poisson: 0.45, density_kg_m3: 1060.0, strain_max: 0.3, law: Hyperelastic::NeoHookean };
const NEEDLE: Needle = Needle { outer_mm: 1.0, inner_mm: 0.0, length_mm: 150.0, young_pa: STEEL_PA };
const RESISTANCE: Resistance = Resistance {
    puncture_n: 0.2,
    cutting_n: 0.1,
    friction_n_m: 5.0,
    side_ratio: 0.0,
    side_towards: Vector::new(1.0, 0.0, 0.0),
};
const PATH: Path = Path {
    entry_mm: Point::new(30.0, 30.0, 60.0),
    target_mm: Point::new(30.0, 30.0, 20.0),
    guide_mm: None,
    step_mm: 5.0,
};

/// A block of liver, 60 mm a side.
fn block() -> TetMesh {
    straight_box([4; 3], [60.0; 3])
}

fn run(change: impl Fn(&mut Insertion)) -> Result<Inserted, NeedleError> {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, LIVER)];
    let mut insertion = Insertion {
        mesh: &mesh,
        materials: &materials,
        fixed: &fixed,
        needle: NEEDLE,
        resistance: RESISTANCE,
        path: PATH,
    };
    change(&mut insertion);
    insert(&insertion, &Progress::default()).map(|(inserted, ..)| inserted)
}

#[test]
fn force_rises_to_the_puncture_falls_and_rises_by_friction() {
    let inserted = run(|_| ()).unwrap();
    let force = |n: usize| inserted.samples[n].force_n;
    assert_eq!((force(0), force(1)), (0.0, 0.2));
    assert!(force(2) < force(1), "{} N after {} N", force(2), force(1));
    let end = inserted.samples.last().unwrap();
    assert!((end.force_n - (0.1 + 5e-3 * end.cut_mm)).abs() < 1e-3, "{end:?}");
    assert!((end.depth_mm - 40.0).abs() < 1e-3 && end.cut_mm < end.depth_mm, "{end:?}");
    assert!(inserted.samples.windows(2).all(|pair| pair[0].depth_mm <= pair[1].depth_mm));
}

#[test]
fn the_target_is_pushed_ahead_and_less_in_stiffer_tissue() {
    let soft = run(|_| ()).unwrap();
    let ahead = |inserted: &Inserted| inserted.along_and_beside_mm(&inserted.target_mm)[0];
    let stiff = [(1, Material { young_pa: 10.0 * LIVER.young_pa, ..LIVER })];
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let insertion =
        Insertion { mesh: &mesh, materials: &stiff, fixed: &fixed, needle: NEEDLE, resistance: RESISTANCE, path: PATH };
    let (stiff, ..) = insert(&insertion, &Progress::default()).unwrap();
    assert!(0.0 < ahead(&stiff) && 5.0 * ahead(&stiff) < ahead(&soft), "{} and {} mm", ahead(&stiff), ahead(&soft));
    assert!(stiff.miss_mm() < soft.miss_mm());
}

#[test]
fn a_bevel_leads_to_its_side_and_a_thicker_needle_less_far() {
    let bent = |outer_mm| {
        let inserted = run(|insertion| {
            insertion.needle.outer_mm = outer_mm;
            insertion.resistance.side_ratio = 0.5;
        });
        inserted.unwrap().tip_mm.x - 30.0
    };
    let (thin, thick) = (bent(0.6), bent(1.5));
    assert!(0.0 < thick && thick < thin, "{thick} and {thin} mm");
}

#[test]
fn a_surface_that_holds_is_only_pushed_in() {
    let inserted = run(|insertion| insertion.resistance.puncture_n = 50.0).unwrap();
    assert!(!inserted.punctured && inserted.track_mm.len() == 1);
    assert_eq!(inserted.samples.len(), 2);
    assert!((inserted.indentation_mm - 40.0).abs() < 1e-9 && inserted.peak_n() < 50.0);
}

#[test]
fn what_cannot_be_is_refused_in_a_sentence() {
    let refused = |change: fn(&mut Insertion)| run(change).unwrap_err().to_string();
    let cases: [(fn(&mut Insertion), &str); 10] = [
        (|i| i.needle.length_mm = 0.0, "length of the needle is 0 mm"),
        (|i| i.needle.length_mm = 30.0, "is 30 mm long, but 40.0 mm are needed"),
        (|i| i.needle.inner_mm = 1.0, "inner diameter is 1 mm"),
        (|i| i.resistance.puncture_n = -1.0, "puncture force is -1 N"),
        (|i| i.resistance.friction_n_m = f64::NAN, "friction is NaN"),
        (|i| i.path.entry_mm.z = 80.0, "lies 20.0 mm from the surface"),
        (|i| i.path.target_mm.z = -5.0, "lies outside the organ"),
        (|i| i.path.target_mm = i.path.entry_mm, "are 0.00 mm apart"),
        (|i| i.path.step_mm = 0.01, "more than 300"),
        (|i| i.fixed = &[], "nothing holds the body"),
    ];
    for (change, words) in cases {
        let sentence = refused(change);
        assert!(sentence.contains(words), "{sentence}");
    }
    let along = run(|i| {
        i.resistance.side_ratio = 0.1;
        i.resistance.side_towards = Vector::z();
    });
    assert_eq!(along.unwrap_err(), NeedleError::NoSide);
}

#[test]
fn it_stops_when_asked() {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, LIVER)];
    let insertion = Insertion {
        mesh: &mesh,
        materials: &materials,
        fixed: &fixed,
        needle: NEEDLE,
        resistance: RESISTANCE,
        path: PATH,
    };
    let progress = Progress::default();
    progress.cancel();
    let error = insert(&insertion, &progress).unwrap_err();
    assert!(matches!(error, NeedleError::Tissue(TissueError::Cancelled(_))), "{error}");
}
