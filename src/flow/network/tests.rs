//! What holds for every network, and for trees of vessels.

use super::*;
use crate::base::Progress;
use crate::flow::Fluid;
use crate::geom::Point;
use crate::mesh::{CentreBranch, CentreLines};

fn vessel(resistance: f64) -> BlockKind {
    BlockKind::Vessel(Vessel { resistance, ..Vessel::default() })
}

fn flow(value: f64) -> BlockKind {
    BlockKind::Flow(Waveform::constant(value))
}

fn bed(resistance: f64) -> BlockKind {
    BlockKind::Resistance { resistance, distal_pressure: 0.0 }
}

fn network(blocks: &[(&str, BlockKind)], links: &[(usize, usize)]) -> Result<Network, NetworkError> {
    let blocks = blocks.iter().map(|(name, kind)| Block::new(*name, kind.clone())).collect();
    Network::new(blocks, links.iter().map(|(from, to)| Link { from: *from, to: *to }).collect())
}

fn solved(network: &Network) -> Solution {
    solve(network, &Progress::default()).unwrap()
}

#[test]
fn broken_networks_are_refused_in_sentences() {
    let refused =
        |blocks: &[(&str, BlockKind)], links: &[(usize, usize)]| network(blocks, links).unwrap_err().to_string();
    let (source, tube, end) = (flow(1.0), vessel(1.0), bed(1.0));
    let line = [(0, 1), (1, 2)];
    assert_eq!(
        refused(&[("a", source.clone()), ("b", tube.clone()), ("b", end.clone())], &line),
        "two blocks are called 'b'; give each its own name"
    );
    assert_eq!(
        refused(&[("a", source.clone()), ("b", vessel(-2.0)), ("c", end.clone())], &line),
        "the resistance of 'b' is -2; it must be a finite number, 0 or more"
    );
    assert!(refused(&[("a", source.clone()), ("b", vessel(f64::NAN)), ("c", end.clone())], &line).contains("NaN"));
    assert_eq!(
        refused(&[("a", source.clone()), ("b", tube.clone()), ("c", end.clone()), ("d", tube.clone())], &line),
        "'d' has 0 inlets and 0 outlets; connect one of each"
    );
    assert!(refused(&[("a", end.clone()), ("b", tube.clone()), ("c", end)], &line).contains("it is an outlet"));
    let beat = |period| BlockKind::Flow(Waveform::sampled(period, 4, |_| 1.0).unwrap());
    let other = BlockKind::Pressure(Waveform::sampled(0.8, 4, |_| 1.0).unwrap());
    assert_eq!(
        refused(&[("a", beat(1.0)), ("b", tube), ("c", other)], &line),
        "'c' has a cycle of 0.8, the network one of 1; give all waveforms the same cycle"
    );
}

#[test]
fn a_loop_without_resistance_is_named() {
    let blocks = [
        ("in", flow(1.0)),
        ("split", BlockKind::Junction),
        ("left", vessel(0.0)),
        ("right", vessel(0.0)),
        ("join", BlockKind::Junction),
        ("out", bed(1.0)),
    ];
    let links = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)];
    let error = solve(&network(&blocks, &links).unwrap(), &Progress::default()).unwrap_err();
    assert!(matches!(error, NetworkError::Undetermined { .. }), "{error}");
}

#[test]
fn a_cancelled_computation_stops() {
    let progress = Progress::default();
    progress.cancel();
    let line = network(&[("a", flow(1.0)), ("b", vessel(1.0)), ("c", bed(1.0))], &[(0, 1), (1, 2)]).unwrap();
    assert!(matches!(solve(&line, &progress), Err(NetworkError::Cancelled(_))));
}

#[test]
fn units_do_not_change_the_answer() {
    // The same tree in cgs and in SI: pressures differ by 10, flows by 1e6.
    let cgs = speed::tree(15, true).unwrap();
    let (pressure, volume) = (0.1, 1e-6);
    let blocks = cgs.blocks().iter().map(|block| {
        let kind = match &block.kind {
            BlockKind::Flow(wave) => BlockKind::Flow(wave.scaled(volume)),
            BlockKind::Vessel(vessel) => BlockKind::Vessel(Vessel {
                resistance: vessel.resistance * pressure / volume,
                inductance: vessel.inductance * pressure / volume,
                capacitance: vessel.capacitance * volume / pressure,
                stenosis: vessel.stenosis * pressure / volume.powi(2),
                order: vessel.order,
            }),
            BlockKind::Rcr(rcr) => BlockKind::Rcr(Rcr {
                proximal: rcr.proximal * pressure / volume,
                distal: rcr.distal * pressure / volume,
                capacitance: rcr.capacitance * volume / pressure,
                distal_pressure: rcr.distal_pressure * pressure,
            }),
            kind => kind.clone(),
        };
        Block::new(block.name.clone(), kind)
    });
    let mut si = Network::new(blocks.collect(), cgs.links().to_vec()).unwrap();
    si.schedule = cgs.schedule;
    let (cgs, si) = (solved(&cgs), solved(&si));
    let end = |solution: &Solution| solution.at(1, End::Inlet, Quantity::Pressure).unwrap();
    let error = end(&cgs).iter().zip(end(&si)).map(|(a, b)| (b / (a * pressure) - 1.0).abs()).fold(0.0, f64::max);
    assert!(error < 1e-8, "{error}");
}

#[test]
fn what_comes_in_goes_out_over_a_cycle() {
    let mut tree = speed::tree(31, true).unwrap();
    tree.schedule = Schedule { cycles: 12, points_per_cycle: 201, ..tree.schedule };
    let solution = solved(&tree);
    let is = |n: usize, root: bool| match &tree.blocks()[n].kind {
        BlockKind::Flow(_) => root,
        BlockKind::Rcr(_) => !root,
        _ => false,
    };
    let sum = |root: bool, end| -> f64 {
        let blocks = (0..tree.blocks().len()).filter(|n| is(*n, root));
        blocks.filter_map(|n| solution.mean(n, end, Quantity::Flow)).sum()
    };
    let (inflow, outflow) = (sum(true, End::Outlet), sum(false, End::Inlet));
    assert!((outflow / inflow - 1.0).abs() < 1e-3, "{inflow} in, {outflow} out");
}

/// A trunk of 60 mm and two branches of 50 mm.
fn lines() -> CentreLines {
    let straight = |from: [f64; 3], to: [f64; 3], radius_mm: f64, parent| {
        let (from, to) = (Point::from(from), Point::from(to));
        let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
        CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
    };
    CentreLines::new(vec![
        straight([0.0; 3], [0.0, 0.0, 60.0], 5.0, None),
        straight([0.0, 0.0, 60.0], [30.0, 0.0, 100.0], 4.0, Some(0)),
        straight([0.0, 0.0, 60.0], [-30.0, 0.0, 100.0], 3.0, Some(0)),
    ])
    .unwrap()
}

fn setup() -> TreeSetup {
    let inflow = TreeInflow::Pressure(Waveform::sampled(0.8, 40, |t| 12_000.0 + 2500.0 * (7.85 * t).sin()).unwrap());
    TreeSetup::blood(inflow, 3e-5)
}

/// Mean flow out of each branch of an edited tree in mL/s, and the ratio of pressures at its end.
fn answer(tree: &VesselTree, setup: &TreeSetup) -> Vec<(f64, f64)> {
    let mut built = tree.network(setup).unwrap();
    built.network.schedule = Schedule { cycles: 6, points_per_cycle: 101, ..Schedule::default() };
    let along = built.along(&solved(&built.network));
    let last = |branch| along.iter().rev().find(|means| means.piece.branch == Some(branch)).unwrap();
    (0..tree.len()).map(|branch| (1e6 * last(branch).flow_m3_s, last(branch).ratio)).collect()
}

#[test]
fn a_tree_carries_the_flow_its_outlets_are_made_for() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let built = tree.network(&setup()).unwrap();
    assert_eq!(built.pieces.len(), 4 + 4 + 4);
    let resistance = |branch: usize| -> f64 {
        let pieces = built.pieces.iter().filter(|piece| piece.branch == Some(branch));
        let kinds = pieces.map(|piece| &built.network.blocks()[piece.block].kind);
        kinds.map(|kind| if let BlockKind::Vessel(vessel) = kind { vessel.resistance } else { 0.0 }).sum()
    };
    let poiseuille = 8.0 * 3.5e-3 * 0.06 / (std::f64::consts::PI * 5e-3_f64.powi(4));
    assert!((resistance(0) / poiseuille - 1.0).abs() < 1e-12);
    let flows = answer(&tree, &setup());
    // Murray: 64 to 27 of the flow; the tree's own resistance and the swing of the pressure change little.
    let share = flows[1].0 / flows[0].0;
    assert!((share - 64.0 / 91.0).abs() < 0.01, "{share}");
    assert!((flows[0].0 - 30.0).abs() < 1.5, "{} mL/s", flows[0].0);
    assert!(flows.iter().all(|flow| 0.97 < flow.1 && flow.1 <= 1.0));
}

#[test]
fn a_stenosis_takes_pressure_a_stent_gives_it_back_and_a_clip_all_flow() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let narrow = VesselEdit::Reshape { branch: 1, from_mm: 20.0, to_mm: 30.0, diameter_mm: 2.0 };
    let stent = VesselEdit::Stent { branch: 1, from_mm: 18.0, to_mm: 32.0, diameter_mm: 8.0 };
    let close = VesselEdit::Close { branch: 1, at_mm: 25.0 };
    let [healthy, stenosed] = [tree.clone(), tree.edited(&narrow).unwrap()];
    let [stented, closed] = [stenosed.edited(&stent).unwrap(), stenosed.edited(&close).unwrap()];
    let [healthy_answer, stenosed_answer, stented, closed] =
        [&healthy, &stenosed, &stented, &closed].map(|tree| answer(tree, &setup()));
    assert!(stenosed_answer[1].1 < 0.9 * healthy_answer[1].1, "{stenosed_answer:?}");
    assert!(stenosed_answer[1].0 < healthy_answer[1].0 && healthy_answer[2].0 * 0.99 < stenosed_answer[2].0);
    assert!((stented[1].1 - healthy_answer[1].1).abs() < 2e-3, "{stented:?} {healthy_answer:?}");
    assert!(closed[1].0.abs() < 1e-3, "{closed:?}");
    assert!((closed[0].0 - closed[2].0).abs() < 0.01 * closed[2].0);
    // The stenosis is found by its shape.
    let pieces = stenosed.network(&setup()).unwrap().pieces;
    let found: Vec<f64> = pieces.iter().filter_map(|piece| piece.stenosis_mm).collect();
    assert!(found.len() == 1 && (found[0] - 2.0).abs() < 1e-9, "{found:?}");
}

#[test]
fn a_narrowing_costs_the_same_at_the_ends_of_a_branch_as_in_its_middle_and_more_the_longer_it_is() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let ratio = |from_mm: f64, to_mm: f64| {
        let narrow = VesselEdit::Reshape { branch: 1, from_mm, to_mm, diameter_mm: 2.5 };
        answer(&tree.edited(&narrow).unwrap(), &setup())[1].1
    };
    let middle = ratio(20.0, 28.0);
    assert!(middle < 0.97, "{middle}");
    for [from, to] in [[0.0, 8.0], [42.0, 50.0]] {
        assert!((ratio(from, to) - middle).abs() < 0.003, "{from} to {to} mm: {} against {middle}", ratio(from, to));
    }
    let longer: Vec<f64> = [8.0, 20.0, 35.0, 48.0].map(|length| ratio(1.0, 1.0 + length)).into();
    assert!(longer.windows(2).all(|pair| pair[1] < pair[0]), "{longer:?}");
    // What a later edit opens again is narrow no more.
    let narrow = VesselEdit::Reshape { branch: 1, from_mm: 0.0, to_mm: 20.0, diameter_mm: 2.5 };
    let stent = VesselEdit::Stent { branch: 1, from_mm: 5.0, to_mm: 15.0, diameter_mm: 8.0 };
    let edited = tree.edited(&narrow).unwrap().edited(&stent).unwrap();
    let pieces = edited.network(&setup()).unwrap().pieces;
    let narrow: Vec<[f64; 2]> =
        pieces.iter().filter(|piece| piece.stenosis_mm.is_some()).map(|piece| [piece.from_mm, piece.to_mm]).collect();
    assert_eq!(narrow.len(), 2, "{narrow:?}");
    assert!((narrow[0][1] - 5.0).abs() < 1e-6 && (narrow[1][0] - 15.0).abs() < 1e-6, "{narrow:?}");
}

#[test]
fn closed_at_its_very_begin_a_tree_is_measured_against_what_feeds_it() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let closed = tree.edited(&VesselEdit::Close { branch: 0, at_mm: 0.0 }).unwrap();
    let ends = answer(&closed, &setup());
    assert!(ends.iter().all(|(flow, ratio)| flow.abs() < 1e-3 && ratio.abs() < 0.2), "{ends:?}");
}

#[test]
fn a_bypass_feeds_what_lies_behind_a_closed_place() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let closed = tree.edited(&VesselEdit::Close { branch: 1, at_mm: 25.0 }).unwrap();
    let graft = |diameter_mm| VesselEdit::Connect {
        from_branch: 0,
        from_mm: 30.0,
        to_branch: 1,
        to_mm: 40.0,
        diameter_mm,
        length_mm: 80.0,
    };
    let [healthy, closed, thin, wide] =
        [tree, closed.clone(), closed.edited(&graft(1.5)).unwrap(), closed.edited(&graft(6.0)).unwrap()]
            .map(|tree| answer(&tree, &setup())[1].0);
    assert!(
        closed.abs() < 1e-3 && 0.1 * healthy < thin && thin < wide && 0.97 * healthy < wide,
        "{closed} {thin} {wide}"
    );
}

#[test]
fn losses_at_bends_and_junctions_only_ever_take_pressure() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let plain = answer(&tree, &setup())[2];
    let losses = answer(&tree, &TreeSetup { junction_loss: 1.5, ..setup() })[2];
    assert!(losses.1 < plain.1 && 0.9 < losses.1, "{plain:?} {losses:?}");
    // A quarter of a circle.
    let arc = (0..=40).map(|n| f64::from(n) / 40.0 * std::f64::consts::FRAC_PI_2);
    let points: Vec<Point> = arc.map(|a| Point::new(40.0 * a.cos(), 40.0 * a.sin(), 0.0)).collect();
    let branch = CentreBranch { parent: None, radii_mm: vec![4.0; points.len()], points };
    let bent = VesselTree::from_centre_lines(&CentreLines::new(vec![branch]).unwrap()).unwrap();
    let resistance = |bends| {
        let built = bent.network(&TreeSetup { bends, ..setup() }).unwrap();
        let kinds = built.pieces.iter().map(|piece| &built.network.blocks()[piece.block].kind);
        kinds.map(|kind| if let BlockKind::Vessel(vessel) = kind { vessel.resistance } else { 0.0 }).sum::<f64>()
    };
    let factor = resistance(true) / resistance(false);
    // Reynolds number 2 ρ Q/(π r μ) = 1446, Dean number Re √(4/40): the line turns by all but its last steps.
    let whole = bend_factor(Fluid::blood().reynolds(3e-5 / (std::f64::consts::PI * 16e-6), 8e-3) * 0.1_f64.sqrt());
    assert!(0.85 * whole < factor && factor <= whole, "{factor} {whole}");
}

#[test]
fn edits_that_cannot_be_done_are_refused_in_sentences() {
    let tree = VesselTree::from_centre_lines(&lines()).unwrap();
    let refused = |edit: VesselEdit| tree.edited(&edit).unwrap_err().to_string();
    let reshape = |branch, from_mm, to_mm, diameter_mm| VesselEdit::Reshape { branch, from_mm, to_mm, diameter_mm };
    assert_eq!(
        refused(reshape(7, 0.0, 1.0, 1.0)),
        "the vessels cannot be changed that way: there is no branch 7; there are 3, counted from 0"
    );
    assert!(refused(reshape(0, 10.0, 70.0, 1.0)).contains("70 mm is not on branch 0, which is 60.0 mm long"));
    assert!(refused(reshape(0, 20.0, 10.0, 1.0)).contains("has no length"));
    assert!(refused(reshape(0, 10.0, 20.0, 0.0)).contains("the diameter in mm of 'the stretch' is 0"));
    let close = VesselEdit::Close { branch: 0, at_mm: 20.0 };
    assert!(tree.edited(&close).unwrap().edited(&close).unwrap_err().to_string().contains("closed at 20 mm already"));
}
