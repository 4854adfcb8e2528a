//! How many lattice cells are updated a second, and how long flow takes to become steady.

use super::peer::{Better, lbmpy, svzerod};
use super::{Row, timed};
use crate::base::{NodeId, Progress, SegmentId};
use crate::flow::network;
use crate::flow::ranks::speed::{self as scaling, Network};
use crate::flow::speed::{Operator, Shape, speed};
use crate::flow::{
    FlowError, Fluid, Inflow, Lumen, OpeningKind, Profile, Resolution, Search, Setup, estimate, find_openings, simulate,
};
use crate::geom::Point;
use crate::image::phantom::{VesselParams, label, vessel};
use crate::mesh::CentreLines;
use crate::mesh::centre_lines::CentreBranch;
use crate::tools::simulate_network::{Params, VesselChange};

/// Vessels of the network.
const VESSELS: usize = 215;

/// Most memory of a fluid cell that the project allows itself, bytes: where all cells are fluid, and where few are.
const BYTES_DENSE: f64 = 100.0;
const BYTES_SPARSE: f64 = 150.0;
const FLUIDX3D: &str = "FluidX3D holds 93 B a cell in single precision, of every cell of the box, fluid or not";

/// A full box and a sparse tube, both collision operators; a whole computation.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let shapes = [(Shape::Box, 128, "box of 128³ cells"), (Shape::Tube, 256, "tube in a box of 256³ cells")];
    let operators = [(Operator::Trt, "two relaxation times"), (Operator::Regularised, "regularised")];
    let all = shapes.iter().flat_map(|shape| operators.iter().map(move |operator| (shape, operator)));
    for (n, ((shape, edge, where_), (operator, how))) in all.enumerate() {
        progress.step(n, 5).map_err(|error| error.to_string())?;
        let (_, measured) = timed(|| speed(*shape, *operator, *edge, 3.0));
        let what = format!("{where_}, {how}, {} fluid cells", measured.cells);
        let row = Row::new("L1", &what, measured.mlups, "million updates/s").target(40.0);
        let is_peers = (*shape, *operator) == (Shape::Box, Operator::Trt);
        rows.push(match is_peers {
            true => row.beside(Better::More, (measured.cells as f64, 0.0), lbmpy::full_box(*edge)),
            false => row,
        });
        rows.push(Row::new("L1", format!("{what}: memory traffic"), measured.gb_s, "GB/s"));
        if *operator == Operator::Trt {
            let most = if *shape == Shape::Box { BYTES_DENSE } else { BYTES_SPARSE };
            let row = Row::new("L5", format!("{what}: memory allocated"), measured.bytes_a_cell, "B/fluid cell");
            rows.push(Row { note: Some(FLUIDX3D.into()), ..row.target(most) });
        }
    }
    rows.extend(steady(&progress.part(0.8..0.97, "steady flow"))?);
    for stenosed in [false, true] {
        rows.push(tree(stenosed, &progress.part(0.97..1.0, "network"))?);
    }
    rows.push(edited()?);
    rows.extend(ranks());
    Ok(rows)
}

/// Cells along the tube that one rank steps, and pairs of steps that are timed.
const LENGTH: usize = 400;
const PAIRS: usize = 40;
/// The network that more ranks are reckoned with: InfiniBand HDR100.
const NETWORK: Network = Network { latency_s: 2e-6, bytes_s: 12.5e9 };
/// Cells a rank, of those that are reckoned.
const CELLS: [f64; 2] = [1e5, 1e7];

/// One rank against two, threads of this machine with messages in between, of the same tube and of one twice as long; and
/// what a network would leave of the speed of many.
fn ranks() -> Vec<Row> {
    let [one, strong, weak] =
        [(1, 1), (2, 1), (2, 2)].map(|(ranks, parts)| scaling::speed(ranks, parts * LENGTH, PAIRS));
    let row = |how: &str, speed: scaling::Speed| {
        let what = format!(
            "{how}: tube of {} cells on 2 ranks, each a thread, halo {:.1} % of the cells: speed over that of 1 rank",
            speed.cells,
            100.0 * speed.halo
        );
        Row::new("L5", what, speed.mlups / one.mlups, "1").target(2.0)
    };
    let alone =
        Row::new("L5", format!("tube of {} cells on 1 rank, a thread", one.cells), one.mlups, "million updates/s");
    let mut rows = vec![alone, row("strong scaling", strong), row("weak scaling", weak)];
    for cells in CELLS {
        let share = scaling::modelled(cells, one.mlups, NETWORK);
        let what = format!(
            "modelled, not measured: share of their speed that ranks of {:.1} million cells keep among many, with neighbours \
             on all sides, a latency of {} µs and {} GB/s",
            cells * 1e-6,
            NETWORK.latency_s * 1e6,
            NETWORK.bytes_s * 1e-9
        );
        rows.push(Row::new("L5", what, 100.0 * share, "%"));
    }
    rows
}

/// Generations of the tree that is operated on.
const GENERATIONS: usize = 7;

/// From a narrowing of one vessel of a tree to the numbers and the picture of the whole, as the panel asks for them.
fn edited() -> Result<Row, String> {
    let mut branches = Vec::new();
    let point = |way: f64, aside: f64| Point::new(aside, 0.0, way);
    for generation in 0..GENERATIONS {
        for n in 0..1_usize << generation {
            let parent = (0 < generation).then(|| (1 << (generation - 1)) - 1 + n / 2);
            let radius_mm = 6.0 * 0.5_f64.powf(generation as f64 / 3.0);
            let aside = |level: usize, n: usize| (n as f64 + 0.5) * 200.0 / (1_usize << level) as f64;
            let from = aside(generation.saturating_sub(1), n / 2);
            let to = aside(generation, n);
            let points: Vec<Point> = (0..=20_u32)
                .map(|k| 0.05 * f64::from(k))
                .map(|part| point(30.0 * (generation as f64 + part), from + (to - from) * part))
                .collect();
            branches.push(CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points });
        }
    }
    let count = branches.len();
    let middle = branches[count / 2].points[10];
    let lines = CentreLines::new(branches).map_err(|error| error.to_string())?;
    let mut params = Params::of(NodeId(1));
    params.edits.push(VesselChange::Narrow { at: middle.into(), length_mm: 8.0, percent: 50.0 });
    let solve = || params.solve(&lines, &Progress::default()).map_err(|error| error.to_string());
    solve()?;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let (seconds, solved) = timed(solve);
        solved?;
        best = best.min(seconds);
    }
    let what = format!("a narrowing in a tree of {count} vessels until its new numbers and picture, before and after");
    Ok(Row::new("L4", what, best, "s").target(0.1))
}

/// A network of 215 vessels through three heart beats, beside the solver whose files it reads.
fn tree(stenosed: bool, progress: &Progress) -> Result<Row, String> {
    let network = network::speed::tree(VESSELS, stenosed).map_err(|error| error.to_string())?;
    let measured = network::speed::speed(&network, 5, progress).map_err(|error| error.to_string())?;
    let what = if stenosed { ", every seventh narrowed" } else { "" };
    let what = format!("network of {VESSELS} vessels{what}, three beats of 705 points, {} unknowns", measured.unknowns);
    let row = Row::new("L3", what, measured.seconds, "s").target(0.1);
    let answer = svzerod::network(&network.to_json(), "pressure:INFLOW:branch0_seg0");
    Ok(row.beside(Better::Less, (measured.root_pressure, 1e-6), answer))
}

/// Blood through the vessel phantom of the demo, narrowed to half its diameter, until it is steady.
fn steady(progress: &Progress) -> Result<[Row; 2], String> {
    let phantom = vessel(&VesselParams::default(), progress).map_err(|error| error.to_string())?;
    let mask = phantom.labels.mask(SegmentId(label::LUMEN));
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(5.0), profile: Profile::Developed };
    let search = Search { area_mm2_min: 3.0, ends_max: 0, end_radius_mm_min: 2.0, inlet };
    let solve = || -> Result<_, FlowError> {
        let openings = find_openings(&mask, &search, progress)?.openings;
        let mut setup = Setup::new(Lumen::from_mask(&mask)?, openings, Fluid::blood());
        setup.resolution = Resolution::CellsAcross(24.0);
        setup.mach = 0.2;
        setup.tolerance = 0.01;
        Ok((estimate(&setup)?, simulate(&setup, progress)?.1))
    };
    let (seconds, solved) = timed(solve);
    let (cost, summary) = solved.map_err(|error| error.to_string())?;
    let fact = |name| summary.value(name).unwrap_or(0.0);
    let what = format!(
        "stenosed vessel phantom from mask to steady flow, {} cells, {} steps after {} on a coarse lattice",
        fact("cells"),
        fact("steps"),
        fact("steps before on twice the cells")
    );
    let row = Row::new("L2", &what, seconds, "s");
    let row = if summary.warnings.is_empty() { row } else { Row { note: Some(summary.warnings.join("; ")), ..row } };
    Ok([row, Row::new("L2", "the same as estimated beforehand for two shared cores", cost.seconds, "s")])
}
