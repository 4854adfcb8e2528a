//! The phantoms against their own truth.

use super::abdomen::anatomy;
use super::tissue::segments;
use super::*;
use crate::base::Progress;
use crate::base::parallel::with_threads;
use crate::geom::{Grid, Point};
use nalgebra::Vector3;
use std::sync::OnceLock;

fn coarse() -> Params {
    Params { spacing_mm: [3.0; 3], ..Params::default() }
}

/// One phantom for all tests that only look.
fn shared() -> &'static Phantom {
    static PHANTOM: OnceLock<Phantom> = OnceLock::new();
    PHANTOM.get_or_init(|| abdomen(&coarse(), &Progress::default()).unwrap())
}

fn quiet_vessel(shape: VesselShape) -> VesselParams {
    VesselParams { shape, noise_hu: 0.0, blur_mm: 0.0, ..VesselParams::default() }
}

/// Every label at every centre is a count of cells; it must agree with the truth to the error of counting cells.
#[test]
fn label_volumes_agree_with_the_truth() {
    let Phantom { scan, labels, truth, .. } = shared();
    let voxel_ml = scan.grid().voxel_mm3() / 1000.0;
    assert!(20 < truth.volumes.len());
    for volume in &truth.volumes {
        let counted_ml = labels.volume_ml(volume.segment);
        // A cell on the border errs by at most one cell, uniformly: √(n/3). A ball has the fewest border cells, thin
        // tubes some 12 times as many; walls along the grid err alike, which 1 % covers.
        let border_cells = 12.0 * 4.84 * (volume.volume_ml / voxel_ml).powf(2.0 / 3.0);
        let allowed_ml = 3.0 * voxel_ml * (border_cells / 3.0).sqrt() + 0.01 * volume.volume_ml;
        let error_ml = (counted_ml - volume.volume_ml).abs();
        assert!(error_ml < allowed_ml, "{}: counted {counted_ml} ml, true {} ml", volume.name, volume.volume_ml);
    }
}

#[test]
fn the_organs_have_adult_sizes() {
    let phantom = shared();
    let between = |name: &str, low: f64, high: f64| {
        let volume_ml = phantom.truth.volume(name).unwrap().volume_ml;
        assert!(low < volume_ml && volume_ml < high, "{name}: {volume_ml} ml");
    };
    between("liver", 1100.0, 1800.0);
    between("spleen", 100.0, 250.0);
    between("right kidney", 110.0, 200.0);
    between("left kidney", 110.0, 200.0);
    between("pancreas", 40.0, 100.0);
    between("gallbladder", 15.0, 50.0);
}

#[test]
fn the_tumour_lies_whole_in_the_liver() {
    for tumour_radius_mm in [2.0, 24.0] {
        let (scene, truth) = anatomy(&Params { tumour_radius_mm, ..Params::default() });
        let Tumour { centre_mm, radius_mm } = truth.tumour.unwrap();
        for n in 0..400 {
            let (turn, rise) = (f64::from(n) * 2.4, f64::from(n) / 200.0 - 0.9975);
            let ring = (1.0 - rise * rise).sqrt();
            let direction = Vector3::new(ring * turn.cos(), ring * turn.sin(), rise);
            let at = |distance_mm: f64| scene.tissue_at(&(Point::from(centre_mm) + direction * distance_mm));
            assert_eq!(at(radius_mm - 0.01), tissue::portal_phase::TUMOUR);
            let around = at(radius_mm + 0.5);
            assert_eq!(around, tissue::portal_phase::LIVER, "radius {radius_mm}, towards {direction}");
        }
    }
}

/// The area of the label in a section square to the axis gives the radius; the aorta is nearly square to the slices.
#[test]
fn the_aorta_has_the_radii_of_its_profile() {
    let params = Params::default();
    let (scene, truth) = anatomy(&params);
    let aorta = truth.system("aorta").next().unwrap();
    assert!((truth.stenosis.as_ref().unwrap().radius_mm_min - 0.5 * params.aorta_radius_mm).abs() < 1e-12);
    let mut narrowest = f64::INFINITY;
    for pair in aorta.points_mm.windows(2).step_by(9).filter(|pair| 36.0 < pair[1][2] && pair[0][2] < 250.0) {
        let [a, b] = [0, 1].map(|n| Point::from(pair[n]));
        // One slice of 0.4 mm voxels around the aorta.
        let grid = Grid::aligned([80, 80, 1], a - Vector3::new(15.8, 15.8, 0.0), [0.4, 0.4, 0.01]).unwrap();
        let labels = render::render(&scene, &grid, &Progress::default()).unwrap().labels;
        let area_mm2 = labels.iter().filter(|label| **label == label::AORTA).count() as f64 * 0.16;
        let tilt = (a - b).normalize().z;
        let measured_mm = (area_mm2 * tilt / std::f64::consts::PI).sqrt();
        let radius_mm = aorta.radii_mm[aorta.points_mm.iter().position(|point| *point == pair[0]).unwrap()];
        narrowest = narrowest.min(measured_mm);
        assert!((measured_mm - radius_mm).abs() < 0.06, "z {}: {measured_mm} mm measured, {radius_mm} mm true", a.z);
    }
    assert!(narrowest < 0.6 * params.aorta_radius_mm, "{narrowest} mm");
}

#[test]
fn murrays_law_holds_at_every_division() {
    let phantom = shared();
    let vessels = &phantom.truth.vessels;
    let mut divisions = 0;
    for parent in vessels {
        for system in ["portal vein", "hepatic veins", "iliac arteries"] {
            let children = vessels.iter().filter(|child| child.parent == Some(parent.id) && child.system == system);
            let cubes: Vec<f64> = children.map(|child| child.radii_mm[0].powi(3)).collect();
            if cubes.len() == 2 {
                let whole = parent.radii_mm.last().unwrap().powi(3);
                assert!((cubes.iter().sum::<f64>() - whole).abs() < 1e-9 * whole, "at the end of {}", parent.id);
                divisions += 1;
            }
        }
    }
    assert!(40 < divisions, "{divisions}");
}

#[test]
fn vessels_are_connected_and_stay_in_the_liver_apart_from_each_other() {
    for seed in 1..4 {
        let (_, truth) = anatomy(&Params { seed, ..Params::default() });
        let vessels = &truth.vessels;
        for branch in vessels.iter().filter(|b| b.system == "portal vein" || b.system == "hepatic veins") {
            let start = Point::from(branch.points_mm[0]);
            let parent = branch.parent.map(|id| vessels[id].exact_tube());
            assert!(parent.is_none_or(|tube| tube.distance_mm(&start) < 1.0), "seed {seed}: {} hangs loose", branch.id);
        }
        let least = least_gap_mm(&truth);
        assert!(0.0 < least, "seed {seed}: portal and hepatic veins run into each other by {least} mm");
    }
}

/// The least distance between walls of portal and hepatic veins.
fn least_gap_mm(truth: &Truth) -> f64 {
    let portal: Vec<Tube> = truth.system("portal vein").map(Branch::swept_tube).collect();
    let points = truth.system("hepatic veins").flat_map(Branch::line);
    let gap = |point: TubePoint| {
        portal.iter().map(|tube| tube.distance_mm(&point.at)).fold(f64::INFINITY, f64::min) - point.radius_mm
    };
    points.map(gap).fold(f64::INFINITY, f64::min)
}

#[test]
fn a_seed_gives_the_same_bits_on_any_number_of_threads_and_another_seed_others() {
    let make = |seed, threads| {
        let params = Params { seed, spacing_mm: [5.0; 3], ..Params::default() };
        let phantom = with_threads(threads, || abdomen(&params, &Progress::default())).unwrap();
        (phantom.scan.content_hash(), phantom.labels.content_hash(), phantom.truth)
    };
    let first = make(7, 1);
    assert_eq!(first, make(7, 3));
    let other = make(8, 2);
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
}

/// Partial volume: across a border the attenuation goes from one tissue's to the other's without overshoot.
#[test]
fn attenuation_across_a_border_is_monotone() {
    let phantom = vessel(&quiet_vessel(VesselShape::Tube), &Progress::default()).unwrap();
    let ct = phantom.scan.ct().unwrap();
    let [ni, nj, nk] = ct.grid().dims();
    let row: Vec<i16> = (ni / 2..ni).map(|i| ct.at([i, nj / 2, nk / 2])).collect();
    assert!(row.windows(2).all(|pair| pair[1] <= pair[0]), "{row:?}");
    assert_eq!((row[0], row[row.len() - 1]), (350, 45));
    let mixed: Vec<&i16> = row.iter().filter(|hu| 45 < **hu && **hu < 350).collect();
    assert!(!mixed.is_empty(), "{row:?}");
}

/// Samples against formulas: the error must be what the truth says it is.
#[test]
fn sampled_volumes_agree_with_formulas_within_their_error() {
    for radius_mm in [2.1, 3.37, 4.0, 4.9] {
        // Without a stenosis the straight vessel is sampled and has the formula of the tube.
        let straight = VesselParams { radius_mm, stenosis_percent: 0.0, ..quiet_vessel(VesselShape::Straight) };
        let truth = vessel(&straight, &Progress::default()).unwrap().truth;
        let [block, lumen] = ["soft tissue", "vessel lumen"].map(|name| truth.volume(name).unwrap());
        let exact = std::f64::consts::PI * radius_mm * radius_mm * 60.0 / 1000.0;
        assert!(
            0.0 < block.standard_error_ml && lumen.standard_error_ml == 0.0 && (lumen.volume_ml - exact).abs() < 1e-9
        );
        let side_mm = |n: f64| (n / 0.4).round() * 0.4;
        let whole_ml = side_mm(2.0 * (radius_mm + 5.0)).powi(2) * 60.0 / 1000.0;
        let error_ml = (whole_ml - exact - block.volume_ml).abs();
        assert!(error_ml < 4.0 * block.standard_error_ml, "{error_ml} ml, said to be {} ml", block.standard_error_ml);
    }
}

/// ∫ π r² over a cosine stenosis: π r₀² L (1 − d + 3/8 d²).
#[test]
fn the_formula_for_a_stenosed_vessel_agrees_with_the_samples() {
    let params = VesselParams { stenosis_percent: 70.0, ..quiet_vessel(VesselShape::Straight) };
    let truth = vessel(&params, &Progress::default()).unwrap().truth;
    let [block, lumen] = ["soft tissue", "vessel lumen"].map(|name| truth.volume(name).unwrap());
    let exact = std::f64::consts::PI * 16.0 * (48.0 + 12.0 * (1.0 - 0.7 + 0.375 * 0.49)) / 1000.0;
    assert!((lumen.volume_ml - exact).abs() < 1e-9, "{} ml, {exact} ml", lumen.volume_ml);
    let error_ml = (18.0 * 18.0 * 60.0 / 1000.0 - exact - block.volume_ml).abs();
    assert!(error_ml < 4.0 * block.standard_error_ml, "{error_ml} ml, said to be {} ml", block.standard_error_ml);
}

#[test]
fn the_vessel_narrows_as_its_profile_says() {
    for shape in [VesselShape::Straight, VesselShape::Curved, VesselShape::Bifurcation] {
        let params = VesselParams { stenosis_percent: 60.0, ..quiet_vessel(shape) };
        let phantom = vessel(&params, &Progress::default()).unwrap();
        let stenosis = phantom.truth.stenosis.clone().unwrap();
        assert!((stenosis.radius_mm_min - 1.6).abs() < 1e-12);
        let trunk = &phantom.truth.vessels[stenosis.branch];
        let least = trunk.radii_mm.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((least - 1.6).abs() < 1e-9, "{shape:?}: {least} mm");
        let lengths = trunk.arc_lengths_mm();
        let healthy = lengths
            .iter()
            .zip(&trunk.radii_mm)
            .filter(|(s, _)| stenosis.length_mm / 2.0 <= (*s - stenosis.at_mm).abs());
        assert!(healthy.into_iter().all(|(_, r)| (r - 4.0).abs() < 1e-9), "{shape:?}");
        // Both ends of the block are open.
        let [ni, nj, nk] = phantom.labels.grid().dims();
        for k in [0, nk - 1] {
            let open = (0..nj)
                .flat_map(|j| (0..ni).map(move |i| [i, j, k]))
                .any(|voxel| phantom.labels.at(voxel) == label::LUMEN);
            assert!(open, "{shape:?}: slice {k} is closed");
        }
    }
}

#[test]
fn bad_parameters_are_named_with_their_limits() {
    let message = |params: Params| abdomen(&params, &Progress::default()).unwrap_err().to_string();
    let spacing = message(Params { spacing_mm: [0.9, f64::NAN, 1.0], ..Params::default() });
    assert_eq!(spacing, "the spacing along y is NaN mm; it must be 0.1 to 10 mm");
    let tumour = message(Params { tumour_radius_mm: 60.0, ..Params::default() });
    assert_eq!(tumour, "the radius of the tumour is 60 mm; it must be 2 to 24 mm");
    let large = message(Params { spacing_mm: [0.2; 3], ..Params::default() });
    assert!(large.contains("2855 million voxels") && large.contains("at most 200 million"), "{large}");
    let vessel_error = vessel(&VesselParams { radius_mm: 0.0, ..VesselParams::default() }, &Progress::default());
    assert_eq!(vessel_error.unwrap_err().to_string(), "the radius of the vessel is 0 mm; it must be 0.5 to 20 mm");
}

#[test]
fn cancelling_stops_the_work() {
    let progress = Progress::default();
    progress.cancel();
    assert_eq!(abdomen(&coarse(), &progress).unwrap_err(), PhantomError::Cancelled(crate::base::Cancelled));
}

#[test]
fn labels_are_unique_and_truth_survives_json() {
    let all = segments(|_| true);
    assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id));
    let truth = abdomen(&Params { spacing_mm: [8.0; 3], ..Params::default() }, &Progress::default()).unwrap().truth;
    let text = serde_json::to_string(&truth).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&text).unwrap(), truth);
}
