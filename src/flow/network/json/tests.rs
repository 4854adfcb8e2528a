//! The format is read as it is documented, written so that it can be read again, and refused in sentences.

use crate::base::Progress;
use crate::flow::network::{
    Activation, Atrium, Block, BlockKind, Chamber, ChamberWall, CoronaryBed, Heart, HeartValve, Link, Network, Rcr,
    Schedule, Side, Valve, Ventricle, Vessel, VesselOrder, solve, speed,
};
use serde_json::{Value, json};

/// A flow of 5 through a stenosis into a resistance.
fn case() -> Value {
    json!({
        "description": { "of": "nothing that is read" },
        "simulation_parameters": { "number_of_cardiac_cycles": 2, "number_of_time_pts_per_cardiac_cycle": 5 },
        "boundary_conditions": [
            { "bc_name": "INFLOW", "bc_type": "FLOW", "bc_values": { "Q": [5.0, 5.0], "t": [0.0, 1.0] } },
            { "bc_name": "OUT", "bc_type": "RESISTANCE", "bc_values": { "R": 100.0, "Pd": 100.0, "_comment": "" } },
        ],
        "vessels": [{
            "boundary_conditions": { "inlet": "INFLOW", "outlet": "OUT" },
            "vessel_id": 0, "vessel_length": 10.0, "vessel_name": "branch0_seg0",
            "zero_d_element_type": "BloodVessel",
            "zero_d_element_values": { "R_poiseuille": 100.0, "stenosis_coefficient": 100.0 },
        }],
    })
}

fn refused(change: impl Fn(&mut Value)) -> String {
    let mut case = case();
    change(&mut case);
    Network::from_json(&case.to_string()).unwrap_err().to_string()
}

#[test]
fn a_case_is_read_and_solved() {
    let network = Network::from_json(&case().to_string()).unwrap();
    let solution = solve(&network, &Progress::default()).unwrap();
    let inlet = solution.named("pressure:INFLOW:branch0_seg0").unwrap();
    assert_eq!(inlet.len(), 5);
    assert!(inlet.iter().all(|pressure| (pressure - 3600.0).abs() < 1e-6), "{inlet:?}");
}

#[test]
fn files_that_are_not_understood_are_refused_by_name() {
    assert!(Network::from_json("{").unwrap_err().to_string().starts_with("the network file cannot be read: EOF"));
    let kind = refused(|case| case["vessels"][0]["zero_d_element_type"] = "Hose".into());
    assert_eq!(
        kind,
        "the block 'branch0_seg0' is of the kind 'Hose', which is not known; known are BloodVessel, BloodVesselCRL and BloodVesselRC"
    );
    let parameter = refused(|case| case["vessels"][0]["zero_d_element_values"]["r_poiseuille"] = 1.0.into());
    assert!(parameter.contains("'branch0_seg0' has the parameter 'r_poiseuille', which is not known"), "{parameter}");
    let missing = refused(|case| case["boundary_conditions"][1]["bc_values"] = json!({ "Pd": 1.0 }));
    assert!(missing.ends_with("'OUT' has no 'R'"), "{missing}");
    let nobody = refused(|case| case["vessels"][0]["boundary_conditions"]["outlet"] = "AWAY".into());
    assert!(nobody.ends_with("nothing is called 'AWAY'"), "{nobody}");
    let times = refused(|case| case["boundary_conditions"][0]["bc_values"]["t"] = json!([1.0, 0.5]));
    assert_eq!(times, "the waveform of 'INFLOW' has the time 0.5 after 1; times must grow");
    let steps = refused(|case| case["simulation_parameters"]["number_of_time_pts_per_cardiac_cycle"] = 1.into());
    assert!(steps.contains("the number of steps of 'the schedule' is 0"), "{steps}");
}

#[test]
fn a_tree_written_and_read_again_gives_the_same_answer() {
    let mut tree = speed::tree(15, true).unwrap();
    tree.schedule = Schedule { cycles: 1, points_per_cycle: 101, ..tree.schedule };
    let again = Network::from_json(&tree.to_json()).unwrap();
    assert_eq!(again.schedule, tree.schedule);
    let [before, after] = [&tree, &again].map(|network| solve(network, &Progress::default()).unwrap());
    for (n, unknown) in before.unknowns().iter().enumerate() {
        let (before, after) = (before.series(n), after.named(&unknown.name).unwrap());
        let scale = before.iter().fold(0.0_f64, |max, value| max.max(value.abs()));
        let error = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error <= 1e-9 * scale, "{}: {error}", unknown.name);
    }
}

/// One of every kind that makes a loop, with a heart as one block.
fn whole_heart() -> Network {
    let atrium = |elastance| Atrium { elastance, rest_volume: 5.0, passive_pressure: 9.0, passive_stiffness: 0.006 };
    let ventricle = |elastance| Ventricle { elastance, rest_volume: 6.0, muscle_part: 0.5 };
    let valve = |n: f64| HeartValve { resistance: 0.005 + 0.001 * n, inductance: 2e-4 + 1e-5 * n };
    let heart = Heart {
        period: 1.0,
        atrial_part: 0.4,
        cycle_over_p_wave: 9.0,
        atria: [atrium(0.2), atrium(0.3)],
        ventricles: [ventricle(2.0), ventricle(3.0)],
        valves: [valve(0.0), valve(1.0), valve(2.0), valve(3.0)],
        lung_resistance: 0.1,
        lung_capacitance: 1.1,
        aortic_capacitance: 0.5,
    };
    let bed =
        CoronaryBed { arterial: 9.0, micro: 15.0, venous: 33.0, arterial_capacitance: 5e-4, muscle_capacitance: 4e-3 };
    let rcr = Rcr { proximal: 0.13, capacitance: 0.24, distal: 1.36, distal_pressure: 0.0 };
    let vessel = Vessel { resistance: 0.003, inductance: 0.004, ..Vessel::default() };
    let blocks = [
        ("aorta", BlockKind::Vessel(vessel)),
        ("coronary", BlockKind::Vessel(vessel)),
        ("BODY", BlockKind::LoopRcr { rcr, to_heart: true }),
        ("MUSCLE", BlockKind::LoopCoronary { side: Side::Left, bed }),
        ("CLH", BlockKind::Heart(Box::new(heart))),
        ("J_heart_inlet", BlockKind::Junction),
        ("J_heart_outlet", BlockKind::Junction),
    ];
    let links = [(0, 2), (1, 3), (5, 4), (2, 5), (3, 5), (4, 6), (6, 0), (6, 1)];
    make(&blocks, &links)
}

/// A loop of a chamber, two valves and vessels, two of which touch directly.
fn chamber_loop() -> Network {
    let wall = ChamberWall::Exponential { pressure: 5.0, stiffness: 0.01, rest_volume: 10.0 };
    let activation = Activation::HalfCosine { start: 0.1, length: 0.3 };
    let chamber = Chamber { elastance_max: 2.0, wall, inductance: 1e-4, activation };
    let valve = |steepness| BlockKind::Valve(Valve { open: 0.01, closed: 1e3, steepness });
    let vessel = |capacitance, resistance, order| {
        BlockKind::Vessel(Vessel { resistance, capacitance, order, ..Vessel::default() })
    };
    let blocks = [
        ("LV", BlockKind::Chamber(chamber)),
        ("AV", valve(None)),
        ("arteries", vessel(1.3, 1.0, VesselOrder::Crl)),
        ("lung", vessel(2.0, 0.1, VesselOrder::Lung)),
        ("MV", valve(Some(50.0))),
    ];
    make(&blocks, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)])
}

fn make(blocks: &[(&str, BlockKind)], links: &[(usize, usize)]) -> Network {
    let blocks = blocks.iter().map(|(name, kind)| Block::new(*name, kind.clone())).collect();
    let links = links.iter().map(|(from, to)| Link { from: *from, to: *to }).collect();
    let mut network = Network::new(blocks, links).unwrap();
    network.schedule = Schedule { cycles: 2, points_per_cycle: 101, steady_start: false, ..Schedule::default() };
    let volumes = ["V_RA:CLH", "V_RV:CLH", "V_LA:CLH", "V_LV:CLH", "Vc:LV"];
    network.initial = volumes.map(|name| (name.to_string(), 60.0)).into();
    network
}

#[test]
fn hearts_and_loops_survive_writing_and_reading() {
    for network in [whole_heart(), chamber_loop()] {
        let again = Network::from_json(&network.to_json()).unwrap();
        assert_eq!(again.initial, network.initial);
        for block in network.blocks() {
            let found = again.find(&block.name).unwrap();
            assert_eq!(&again.blocks()[found], block);
        }
        assert_eq!(Network::from_json(&again.to_json()).unwrap().to_json(), again.to_json());
        let [before, after] = [&network, &again].map(|network| solve(network, &Progress::default()).unwrap());
        for (n, unknown) in before.unknowns().iter().enumerate().filter(|(_, u)| u.name.contains('V')) {
            let Some(after) = after.named(&unknown.name) else { continue };
            let last = before.series(n)[100];
            assert!((after[100] - last).abs() <= 1e-4 * (1.0 + last.abs()), "{}: {last} {}", unknown.name, after[100]);
        }
    }
}
