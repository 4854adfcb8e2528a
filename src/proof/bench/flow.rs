//! How many lattice cells are updated a second, and how long flow takes to become steady.

use super::peer::{Better, lbmpy, svzerod};
use super::{Row, timed};
use crate::base::{Progress, SegmentId};
use crate::flow::network;
use crate::flow::speed::{Operator, Shape, speed};
use crate::flow::{
    FlowError, Fluid, Inflow, Lumen, OpeningKind, Profile, Resolution, Search, Setup, estimate, find_openings, simulate,
};
use crate::image::phantom::{VesselParams, label, vessel};

/// Vessels of the network.
const VESSELS: usize = 215;

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
    }
    rows.extend(steady(&progress.part(0.8..0.97, "steady flow"))?);
    for stenosed in [false, true] {
        rows.push(tree(stenosed, &progress.part(0.97..1.0, "network"))?);
    }
    Ok(rows)
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
