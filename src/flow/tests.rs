//! Properties of whole computations: masks in, results out.

use super::*;
use crate::base::{Progress, parallel};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;

fn distance_mm(p: Point, a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (Point::from(a), Point::from(b));
    let t = ((p - a).dot(&(b - a)) / (b - a).norm_squared()).clamp(0.0, 1.0);
    (p - (a + (b - a) * t)).norm()
}

fn mask(dims: [usize; 3], inside: impl Fn(Point) -> bool) -> Volume<u8> {
    let grid = Grid::aligned(dims, Point::origin(), [1.0; 3]).unwrap();
    let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
    Volume::new(grid, voxels).unwrap()
}

/// A straight tube of 5 mm radius through both ends of the box.
fn tube() -> Volume<u8> {
    mask([16, 16, 24], |p| (p.x - 7.5).hypot(p.y - 7.5) < 5.0)
}

/// A windpipe cut by the top of the box, with two branches that end inside.
fn fork() -> Volume<u8> {
    mask([60, 24, 60], |p| {
        let trunk = distance_mm(p, [30.0, 12.0, 70.0], [30.0, 12.0, 38.0]) < 6.0;
        let left = distance_mm(p, [30.0, 12.0, 38.0], [13.0, 12.0, 12.0]) < 4.5;
        let right = distance_mm(p, [30.0, 12.0, 38.0], [46.0, 12.0, 14.0]) < 4.0;
        trunk || left || right
    })
}

fn search(flow_ml_s: f64, ends_max: usize) -> Search {
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow_ml_s), profile: Profile::Developed };
    Search { area_mm2_min: 20.0, ends_max, end_radius_mm_min: 2.5, inlet }
}

fn set_up(mask: &Volume<u8>, search: &Search, cell_mm: f64) -> Setup {
    let found = find_openings(mask, search, &Progress::default()).unwrap();
    let mut setup = Setup::new(Lumen::from_mask(mask).unwrap(), found.openings, Fluid::air());
    setup.resolution = Resolution::CellMm(cell_mm);
    setup.streamlines = 8;
    setup
}

#[test]
fn a_tube_through_the_box_has_an_inlet_and_an_outlet() {
    let found = find_openings(&tube(), &search(10.0, 8), &Progress::default()).unwrap();
    let [inlet, outlet] = found.openings.as_slice() else { panic!("{} openings", found.openings.len()) };
    assert!(inlet.kind.is_inlet() && !outlet.kind.is_inlet());
    assert!((inlet.normal + outlet.normal).norm() < 1e-12);
    assert!((inlet.radius_mm - 5.0).abs() < 0.3, "{} mm", inlet.radius_mm);
    assert!((inlet.centre - Point::new(7.5, 7.5, inlet.centre.z)).norm() < 1e-9);
    assert_eq!(
        inlet.centre.z.abs().min((inlet.centre.z - 23.5).abs()).max(0.0),
        if inlet.centre.z < 0.0 { 0.5 } else { 0.0 }
    );
}

#[test]
fn branches_that_end_inside_are_opened_along_their_axis() {
    let found = find_openings(&fork(), &search(100.0, 8), &Progress::default()).unwrap();
    assert_eq!(found.openings.len(), 3, "{:?}", found.openings);
    assert!(found.openings[0].normal.z > 0.99);
    let left = found.openings.iter().find(|o| o.centre.x < 25.0).unwrap();
    let along = Vector::new(-17.0, 0.0, -26.0).normalize();
    assert!(0.95 < left.normal.dot(&along), "{:?}", left.normal);
    assert!((left.radius_mm - 4.0).abs() < 1.0, "{} mm", left.radius_mm);
}

#[test]
fn a_fork_carries_all_of_its_inflow_to_its_outlets() {
    let mut setup = set_up(&fork(), &search(30.0, 8), 1.0);
    setup.steps_max = 4000;
    let (result, summary) = simulate(&setup, &Progress::default()).unwrap();
    assert_eq!(result.openings.len(), 3);
    assert!(result.openings[1..].iter().all(|o| o.inflow_ml_s < 0.0), "{:?}", result.openings);
    assert!(summary.value("flow lost").unwrap().abs() < 2.0, "{:?}", summary.facts);
    assert!(0.0 < summary.value("pressure drop").unwrap());
    assert!(!result.streamlines.is_empty() && !result.wall.triangles().is_empty());
    let cost = estimate(&setup).unwrap();
    let cells = summary.value("cells").unwrap();
    assert!(0.5 * cells < cost.cells && cost.cells < 2.0 * cells, "{} estimated, {cells} counted", cost.cells);
}

#[test]
fn flow_has_the_same_bits_on_one_thread_and_on_three() {
    let mut setup = set_up(&tube(), &search(10.0, 0), 1.0);
    setup.steps_max = 300;
    let hash = || simulate(&setup, &Progress::default()).unwrap().0.content_hash();
    assert_eq!(parallel::with_threads(1, hash), parallel::with_threads(3, hash));
}

/// The inflow is developed, so the drop is that of Hagen and Poiseuille; the smoothed mask is 2 % narrower, and the
/// cells at the openings are a little less than the length apart.
#[test]
fn a_fine_lattice_starts_from_the_flow_on_a_coarse_one() {
    let mut setup = set_up(&tube(), &search(10.0, 0), 0.6);
    setup.tolerance = 3e-3;
    let (result, summary) = simulate(&setup, &Progress::default()).unwrap();
    assert!(0.0 < summary.value("steps before on twice the cells").unwrap());
    let radius_m = result.openings[0].opening.radius_mm * 1e-3;
    let drop = 8.0 * setup.fluid.viscosity_pa_s * 24e-3 * 10e-6 / (std::f64::consts::PI * radius_m.powi(4));
    let found = summary.value("pressure drop").unwrap();
    assert!((found / drop - 1.0).abs() < 0.12, "{found} Pa instead of {drop} Pa");
}

#[test]
fn flow_that_does_not_become_steady_is_averaged_and_says_so() {
    let mut setup = set_up(&tube(), &search(10.0, 0), 1.0);
    (setup.tolerance, setup.exchanges_max) = (1e-15, 3.0);
    let (result, summary) = simulate(&setup, &Progress::default()).unwrap();
    assert!(summary.warnings.iter().any(|warning| warning.contains("the mean over the last")), "{summary:?}");
    assert!(summary.value("flow lost").unwrap().abs() < 0.1);
    assert!(result.openings[1].inflow_ml_s < -9.9);
    // Too short for a mean: the last state is shown.
    setup.exchanges_max = 1.0;
    let (_, summary) = simulate(&setup, &Progress::default()).unwrap();
    assert!(!summary.warnings.iter().any(|warning| warning.contains("the mean over the last")), "{summary:?}");
}

#[test]
fn flow_in_a_symmetric_tube_is_symmetric() {
    let mut setup = set_up(&tube(), &search(10.0, 0), 1.0);
    setup.steps_max = 600;
    let (result, _) = simulate(&setup, &Progress::default()).unwrap();
    let cells = &result.cells;
    let fastest = result.velocity_m_s.iter().map(|u| u[2].abs()).fold(0.0, f32::max);
    let dims = cells.grid().dims();
    for cell in 0..cells.len() {
        let [x, y, z] = cells.place(cell);
        let mirror = cells.at([dims[0] as i32 - 1 - x, y, z]).expect("the tube is its own mirror image");
        let difference = (result.velocity_m_s[cell][2] - result.velocity_m_s[mirror][2]).abs();
        assert!(difference < 1e-4 * fastest, "{difference} of {fastest} m/s at {x} {y} {z}");
    }
}

#[test]
fn a_contact_with_the_scan_border_that_stays_closed_is_a_wall() {
    // A side branch that leaves the box through a face, too small to be opened there.
    let mask =
        mask([16, 16, 24], |p| (p.x - 7.5).hypot(p.y - 7.5) < 5.0 || (p.z - 12.0).hypot(p.y - 7.5) < 2.0 && 7.5 < p.x);
    let mut setup = set_up(&mask, &search(10.0, 0), 1.0);
    setup.steps_max = 300;
    assert_eq!(setup.openings.len(), 2, "{:?}", setup.openings);
    let (result, _) = simulate(&setup, &Progress::default()).unwrap();
    let furthest = (0..result.cells.len()).map(|cell| result.cells.centre(cell).x).fold(0.0, f64::max);
    assert!((14.0..15.5).contains(&furthest), "cells up to {furthest} mm, the scan ends at 15.5 mm");
}

#[test]
fn the_result_turns_with_the_patient() {
    // The same tube scanned with other axes: x of the scan along −z of the patient.
    let turned = {
        let step = nalgebra::Matrix3::new(0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0);
        let grid = Grid::new([16, 16, 24], Point::origin(), step).unwrap();
        Volume::new(grid, tube().voxels().to_vec()).unwrap()
    };
    let run = |mask: &Volume<u8>| {
        let mut setup = set_up(mask, &search(10.0, 0), 1.0);
        setup.steps_max = 300;
        simulate(&setup, &Progress::default()).unwrap().0
    };
    let (straight, turned) = (run(&tube()), run(&turned));
    assert_eq!(straight.cells.len(), turned.cells.len());
    let along = |result: &FlowResult, axis: usize| result.velocity_m_s.iter().map(|u| u[axis]).sum::<f32>().abs();
    let (z, x) = (along(&straight, 2), along(&turned, 0));
    assert!((z - x).abs() < 1e-3 * z, "{z} against {x}");
}

#[test]
fn bad_input_is_answered_with_a_sentence() {
    let sentence = |result: Result<(FlowResult, crate::base::Summary), FlowError>| result.unwrap_err().to_string();
    let progress = Progress::default();
    let empty = mask([4, 4, 4], |_| false);
    assert_eq!(find_openings(&empty, &search(1.0, 0), &progress).unwrap_err(), FlowError::EmptyLumen);
    let closed = mask([16, 16, 16], |p| (p - Point::new(8.0, 8.0, 8.0)).norm() < 5.0);
    assert_eq!(find_openings(&closed, &search(1.0, 0), &progress).unwrap_err(), FlowError::Closed);
    let dead_end = mask([16, 16, 24], |p| (p.x - 7.5).hypot(p.y - 7.5) < 5.0 && p.z < 18.0);
    assert!(sentence(simulate(&set_up(&dead_end, &search(1.0, 0), 1.0), &progress)).contains("no outlet"));
    for flow in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = sentence(simulate(&set_up(&tube(), &search(flow, 0), 1.0), &progress));
        assert!(error.contains("inflow") && error.contains("more than 0"), "{error}");
    }
    let good = set_up(&tube(), &search(1.0, 0), 1.0);
    let with = |change: fn(&mut Setup)| {
        let mut setup = good.clone();
        change(&mut setup);
        sentence(simulate(&setup, &progress))
    };
    assert!(with(|s| s.openings.clear()).contains("closed"));
    assert!(with(|s| s.openings[0].kind = OpeningKind::Outlet { pressure_pa: 0.0 }).contains("no inlet"));
    assert!(with(|s| s.openings[1].kind = OpeningKind::Outlet { pressure_pa: f64::NAN }).contains("pressure"));
    assert!(with(|s| s.resolution = Resolution::CellMm(0.001)).contains("larger cells"));
    assert!(with(|s| s.resolution = Resolution::CellMm(20.0)).contains("smaller cells"));
    assert!(with(|s| s.resolution = Resolution::CellMm(f64::NAN)).contains("edge of a cell"));
    assert!(with(|s| s.mach = 0.9).contains("Mach"));
    assert!(with(|s| s.fluid.viscosity_pa_s = 0.0).contains("viscosity"));
    assert!(with(|s| s.openings[0].centre.x += 100.0).contains("does not cut"));
    let stop = Progress::default();
    stop.cancel();
    assert_eq!(simulate(&good, &stop).unwrap_err(), FlowError::Cancelled(crate::base::Cancelled));
}

#[test]
fn quick_problems_with_known_answers_are_solved() {
    for case in verification::cases().iter().filter(|case| ["F1", "F3", "F5"].contains(&case.id)) {
        for row in (case.run)(&Progress::default()).unwrap() {
            assert!(row.passes(), "{row:?}");
        }
    }
}

#[test]
fn steps_that_run_into_each_other_have_the_same_bits_as_single_ones() {
    use super::assemble::assemble;
    use super::domain::Domain;
    use super::plan::Plan;
    let axis = Vector::new(0.2, 0.1, 1.0);
    for scheme in [super::Scheme::Trt, super::Scheme::Regularised { smagorinsky: 0.05 }] {
        let fluid = Fluid { viscosity_pa_s: 2e-2, ..Fluid::blood() };
        let mut setup = super::verification::tube::tube(20.0, |_| 2.0, axis, 14.0, 1.0, fluid);
        setup.scheme = scheme;
        let cell_mm = setup.cell_mm().unwrap();
        let domain = Domain::new(&setup.lumen, &setup.openings, cell_mm, &Progress::default()).unwrap();
        let plan = Plan::new(&setup, &domain, setup.mach, 0, false).unwrap();
        let (mut one, mut many) = (assemble(&setup, &domain, &plan), assemble(&setup, &domain, &plan));
        let mut sum = 0.0;
        for _ in 0..110 {
            one.one_step();
            sum += one.outlets[0].outflow();
        }
        let sums = many.advance(110, &mut |_| true);
        assert_eq!(one.states(), many.states(), "{scheme:?}");
        assert_eq!(sums, [sum]);
        // Stopped in the middle, and on again.
        let mut stopped = assemble(&setup, &domain, &plan);
        stopped.advance(110, &mut |done| done < 30);
        assert!(stopped.steps < 110, "{} steps", stopped.steps);
        let left = 110 - stopped.steps;
        stopped.advance(left, &mut |_| true);
        assert_eq!(one.states(), stopped.states(), "{scheme:?}, stopped");
    }
}

#[test]
fn an_end_inside_that_is_much_wider_than_what_leaves_the_scan_is_the_inlet() {
    // Like an aorta: wide where it begins inside, narrow where it leaves the scan below.
    let radius = |z: f64| if z < 30.0 { 4.0 } else { 9.0 };
    let vessel = mask([31, 31, 61], |p| p.z < 52.0 && (p.x - 15.0).hypot(p.y - 15.0) < radius(p.z));
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(10.0), profile: Profile::Developed };
    let search = |ends_max| Search { area_mm2_min: 3.0, ends_max, end_radius_mm_min: 2.0, inlet };
    let found = |ends_max| find_openings(&vessel, &search(ends_max), &Progress::default()).unwrap().openings;
    let openings = found(2);
    assert_eq!(openings.iter().filter(|opening| opening.kind.is_inlet()).count(), 1);
    assert!(openings[0].kind.is_inlet() && 30.0 < openings[0].centre.z, "{openings:?}");
    assert!(openings.iter().skip(1).any(|opening| opening.centre.z < 1.0), "what leaves the scan is an outlet");
    assert!(found(0)[0].centre.z < 1.0, "without ends inside there is only the face");
}

#[test]
fn parts_that_are_not_connected_and_narrow_places_are_told_of() {
    let progress = Progress::default();
    let in_tube = |p: Point| (p.x - 7.5).hypot(p.y - 7.5) < if (p.z - 12.0).abs() < 2.0 { 2.5 } else { 6.0 };
    let island = |p: Point| (p - Point::new(20.0, 7.5, 12.0)).norm() < 3.5;
    let alone = find_openings(&mask([26, 16, 24], in_tube), &search(1.0, 0), &progress).unwrap();
    assert!(alone.warnings.is_empty(), "{:?}", alone.warnings);
    let both = find_openings(&mask([26, 16, 24], |p| in_tube(p) || island(p)), &search(1.0, 0), &progress).unwrap();
    assert!(both.warnings[0].contains("1 other part"), "{:?}", both.warnings);
    assert_eq!(both.openings, alone.openings);
    let narrow = |cell_mm: f64| {
        let mut setup = set_up(&mask([26, 16, 24], in_tube), &search(1.0, 0), cell_mm);
        setup.steps_max = 300;
        let (_, summary) = simulate(&setup, &progress).unwrap();
        let across = summary.value("cells across the narrowest place before a branch").unwrap();
        (across, summary.warnings.iter().any(|own| own.contains("narrowest place")))
    };
    let (coarse, said) = narrow(0.9);
    let (fine, unsaid) = narrow(0.5);
    assert!(said && !unsaid && coarse < 8.0 && 8.0 < fine, "{coarse} and {fine} cells");
}
