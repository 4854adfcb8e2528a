//! Waves in trees of vessels against the 0D networks of the same trees.

use super::*;
use crate::base::Progress;
use crate::flow::Fluid;
use crate::flow::network::{
    self, End as Side, Outlets, Quantity, TreeInflow, TreePlace, TreeSetup, VesselEdit, VesselTree, Wall, Waveform,
};
use crate::geom::Point;
use crate::mesh::{CentreBranch, CentreLines};

fn solved(network: &Network, setup: &Setup, probes: &[Probe]) -> Waves {
    solve(network, setup, probes, &Progress::default()).unwrap()
}

/// A trunk of 60 mm that narrows and two branches of 50 mm.
fn tree() -> VesselTree {
    let straight = |from: [f64; 3], to: [f64; 3], radii_mm: [f64; 2], parent| {
        let (from, to) = (Point::from(from), Point::from(to));
        let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
        let radius = |n: i32| radii_mm[0] + (radii_mm[1] - radii_mm[0]) * f64::from(n) / 20.0;
        CentreBranch { parent, radii_mm: (0..=20).map(radius).collect(), points }
    };
    let lines = CentreLines::new(vec![
        straight([0.0; 3], [0.0, 0.0, 60.0], [5.5, 4.5], None),
        straight([0.0, 0.0, 60.0], [30.0, 0.0, 100.0], [4.0; 2], Some(0)),
        straight([0.0, 0.0, 60.0], [-30.0, 0.0, 100.0], [3.0; 2], Some(0)),
    ]);
    VesselTree::from_centre_lines(&lines.unwrap()).unwrap()
}

fn tree_setup() -> TreeSetup {
    let shape = |t: f64| 3e-5 * (0.4 + 2.2 * (std::f64::consts::PI * t / 0.8).sin().powi(6));
    let mut setup = TreeSetup::blood(TreeInflow::Flow(Waveform::sampled(0.8, 100, shape).unwrap()), 3e-5);
    setup.outlets = Outlets::Rcr { proximal_part: 0.2, time_constant_s: 0.4 };
    setup
}

/// Mean, lowest and highest pressure at the ends of the two branches, in 1D and in 0D.
fn both(tree: &VesselTree, setup: &TreeSetup) -> [[[f64; 3]; 2]; 2] {
    let made = from_tree(tree, setup, Profile::of_order(2.0)).unwrap();
    let end = |branch: usize| made.probe(TreePlace { branch, at_mm: tree.length_mm(branch) }).unwrap();
    let waves = solved(&made.network, &Setup { samples: 200, ..made.setup }, &[end(1), end(2)]);
    let spread = |values: &[f64], mean: f64| {
        let fold = |start: f64, of: fn(f64, f64) -> f64| values.iter().copied().fold(start, of);
        [mean, fold(f64::MAX, f64::min), fold(f64::MIN, f64::max)]
    };
    let waves = [0, 1].map(|n| spread(&waves.series[n].pressure_pa, Waves::mean(&waves.series[n].pressure_pa)));
    let mut lumped = tree.network(setup).unwrap();
    lumped.network.schedule = network::Schedule { cycles: 12, points_per_cycle: 401, ..network::Schedule::default() };
    let solution = network::solve(&lumped.network, &Progress::default()).unwrap();
    let lumped = [1, 2].map(|branch| {
        let piece = lumped.pieces.iter().rev().find(|piece| piece.branch == Some(branch)).unwrap();
        let values = solution.at(piece.block, Side::Outlet, Quantity::Pressure).unwrap();
        spread(&values, solution.mean_of(&values))
    });
    [waves, lumped]
}

#[test]
fn a_tree_of_a_scan_has_the_pressures_of_its_0d_network_but_for_the_waves() {
    let [waves, lumped] = both(&tree(), &tree_setup());
    for (own, other) in waves.iter().zip(&lumped) {
        assert!((own[0] / other[0] - 1.0).abs() < 0.01, "mean {waves:?} {lumped:?}");
        assert!(
            (own[1] / other[1] - 1.0).abs() < 0.03 && (own[2] / other[2] - 1.0).abs() < 0.05,
            "{waves:?} {lumped:?}"
        );
    }
}

#[test]
fn a_stenosis_a_stent_a_graft_and_a_clip_are_in_the_waves_too() {
    let narrow = VesselEdit::Reshape { branch: 1, from_mm: 20.0, to_mm: 30.0, diameter_mm: 3.0 };
    let stenosed = tree().edited(&narrow).unwrap();
    let [waves, lumped] = both(&stenosed, &tree_setup());
    assert!((waves[0][0] / lumped[0][0] - 1.0).abs() < 0.01, "{waves:?} {lumped:?}");
    assert!(waves[0][0] < 0.95 * waves[1][0], "the stenosis takes nothing: {waves:?}");
    let stent = VesselEdit::Stent { branch: 1, from_mm: 18.0, to_mm: 32.0, diameter_mm: 8.0 };
    let [waves, lumped] = both(&stenosed.edited(&stent).unwrap(), &tree_setup());
    assert!((waves[0][0] / lumped[0][0] - 1.0).abs() < 0.01, "{waves:?} {lumped:?}");
    let (from_branch, to_branch, diameter_mm) = (0, 1, 5.0);
    let graft =
        VesselEdit::Connect { from_branch, from_mm: 40.0, to_branch, to_mm: 40.0, diameter_mm, length_mm: 50.0 };
    let [waves, lumped] = both(&stenosed.edited(&graft).unwrap(), &tree_setup());
    assert!((waves[0][0] / lumped[0][0] - 1.0).abs() < 0.01, "{waves:?} {lumped:?}");
    assert!(0.95 * waves[1][0] < waves[0][0], "the graft carries nothing: {waves:?}");
    // A closed branch carries nothing to its end.
    let closed = tree().edited(&VesselEdit::Close { branch: 1, at_mm: 25.0 }).unwrap();
    let made = from_tree(&closed, &tree_setup(), Profile::of_order(2.0)).unwrap();
    let probes =
        [(1, 10.0), (1, 40.0), (2, 40.0)].map(|(branch, at_mm)| made.probe(TreePlace { branch, at_mm }).unwrap());
    let waves = solved(&made.network, &Setup { samples: 100, tolerance: Some(1e-3), ..made.setup }, &probes);
    let means = waves.series.iter().map(|series| 1e6 * Waves::mean(&series.flow_m3_s)).collect::<Vec<_>>();
    assert!(means[0].abs() < 0.3 && means[1].abs() < 0.3 && 20.0 < means[2], "{means:?}");
}

#[test]
fn places_of_a_tree_are_found_in_the_network() {
    let made = from_tree(&tree(), &tree_setup(), Profile::of_order(2.0)).unwrap();
    assert_eq!(made.network.segments().len(), 3);
    let probe = made.probe(TreePlace { branch: 0, at_mm: 22.0 }).unwrap();
    assert!(probe.segment == 0 && (probe.at_m - 0.022).abs() < 1e-12);
    assert!(made.probe(TreePlace { branch: 9, at_mm: 0.0 }).is_none());
    // Area and wall in the middle of the trunk are those of the scan.
    let section = made.network.segments()[0].sections[1];
    let speed = section.speed_m_s(&Fluid::blood());
    assert!((section.area_m2 / (std::f64::consts::PI * 5.125e-3_f64.powi(2)) - 1.0).abs() < 1e-2);
    assert!((speed * speed * 3.0 * 1060.0 / (2.0 * 4e5 * 0.1) - 1.0).abs() < 1e-2, "{speed}");
    let rigid = TreeSetup { wall: Wall::Rigid, ..tree_setup() };
    assert!(from_tree(&tree(), &rigid, Profile::of_order(2.0)).unwrap_err().to_string().contains("walls are rigid"));
}
