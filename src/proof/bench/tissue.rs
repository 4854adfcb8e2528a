//! How fast organs are meshed and solved.

use super::peer::{Better, calculix};
use super::{Row, timed};
use crate::base::{Progress, parallel};
use crate::biomech::interactive::{Body, Inputs, Loose, Settings, Tool};
use crate::biomech::{
    Formulation, Load, Material, Model, Options, Problem, TissueError, quasi_static, tissues, vertices_within,
};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::mesh::TetMesh;
use crate::mesh::tetrahedralise::{CellSize, tetrahedralise};

/// How far the organ is pulled.
const BY_MM: Vector = Vector::new(0.0, -15.0, 0.0);

/// An organ-sized ellipsoid of 20 000 and 50 000 tetrahedra, meshed and pulled.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mask = ellipsoid();
    for (count, target_s) in [(20_000, Some(5.0)), (50_000, None)] {
        let (seconds, mesh) = timed(|| tetrahedralise(&mask, CellSize::Count(count), progress));
        let (mesh, _) = mesh.map_err(|error| error.to_string())?;
        let tets = mesh.tets().len();
        rows.push(Row::new("T1", format!("ellipsoid of {tets} tetrahedra: mesh"), seconds, "s").target(10.0));
        let material = tissues().iter().find(|t| t.id == "liver").ok_or("the table has no liver")?.material();
        let fixed: Vec<u32> = vertices_within(&mesh, &Point::new(0.0, 60.0, 0.0), 25.0);
        let vertices = vertices_within(&mesh, &Point::new(0.0, -60.0, 0.0), 15.0);
        let loads = [Load::Move { vertices, by_mm: BY_MM }];
        for model in [Model::LinearElastic, Model::NeoHookean] {
            let problem = Problem { mesh: &mesh, materials: &[(1, material)], fixed: &fixed, loads: &loads, model };
            let (seconds, solved) = timed(|| quasi_static(&problem, &Options::default(), progress));
            solved.map_err(|error| error.to_string())?;
            let row = Row::new("T2", format!("{tets} tetrahedra, {model:?}: pulled 15 mm"), seconds, "s");
            rows.push(target_s.map_or(row.clone(), |target| row.target(target)));
        }
        // Our usual elements are mixed; these lock at such Poisson ratios, but are the peer's, so the same is computed.
        let problem = Problem {
            mesh: &mesh,
            materials: &[(1, material)],
            fixed: &fixed,
            loads: &loads,
            model: Model::NeoHookean,
        };
        let options = Options { formulation: Formulation::Displacement, ..Options::default() };
        let (seconds, solved) = timed(|| quasi_static(&problem, &options, progress));
        let force_n = solved.map_err(|error| error.to_string())?.0.grip_n.dot(&BY_MM.normalize());
        let Load::Move { vertices: moved, .. } = &loads[0] else { unreachable!("made above") };
        let pulled = calculix::Pulled { mesh: &mesh, material, fixed: &fixed, moved, by_mm: BY_MM };
        let what = format!(
            "{tets} tetrahedra, NeoHookean, elements of displacement only: pulled 15 mm (peer: with its files)"
        );
        let target_ms = if count == 20_000 { 8.0 } else { 16.0 };
        let framed = parallel::install(|| interactive(&mut rows, &mesh, material, target_ms));
        framed.map_err(|error| error.to_string())?;
        rows.push(Row::new("T3", what, seconds, "s").beside(Better::Less, (force_n, 5e-3), calculix::pulled(&pulled)));
    }
    Ok(rows)
}

fn ellipsoid() -> Volume<u8> {
    let grid = Grid::aligned([100, 70, 60], Point::new(-99.0, -69.0, -59.0), [2.0; 3]).expect("a plain grid");
    let inside = |offset: usize| {
        let p = grid.centre(grid.voxel(offset));
        u8::from((p.x / 90.0).powi(2) + (p.y / 60.0).powi(2) + (p.z / 50.0).powi(2) < 1.0)
    };
    let voxels = (0..grid.len()).map(inside).collect();
    Volume::new(grid, voxels).expect("one value a voxel")
}

/// A frame of the interactive solver: an ellipsoid under its weight while a ball wanders over it.
fn interactive(rows: &mut Vec<Row>, mesh: &TetMesh, material: Material, target_ms: f64) -> Result<(), TissueError> {
    let fixed: Vec<u32> = vertices_within(mesh, &Point::new(0.0, 60.0, 0.0), 25.0);
    let mut body = Body::new(mesh, &[(1, material)], &fixed)?.with_settings(Settings::for_size(mesh.tets().len()));
    let gravity_m_s2 = Vector::new(0.0, 9.81, 0.0);
    // The best of many frames is what the machine can do; the worst is what the window feels.
    let (mut best, mut sum, mut iterations) = (f64::INFINITY, 0.0, 0);
    let frames = 120;
    for frame in 0..frames {
        let angle = 0.05 * f64::from(frame);
        // From above the organ to 6 mm deep, then around.
        let depth = (0.2 * f64::from(frame)).min(16.0);
        let place = Point::new(20.0 * angle.sin(), -80.0 + depth, 20.0 * angle.cos());
        let tools = [Tool { friction: 0.1, ..Tool::sphere(place, 10.0) }];
        let (seconds, health) = timed(|| body.step(&Inputs { gravity_m_s2, tools: &tools, ..Inputs::default() }));
        best = best.min(seconds);
        sum += seconds;
        iterations += health.iterations;
    }
    let tets = mesh.tets().len();
    let mean = sum / f64::from(frames);
    let what = format!("{tets} tetrahedra, interactive: frame with a ball in contact, best of {frames}");
    rows.push(Row::new("T4", what, 1e3 * best, "ms").target(target_ms));
    let what = format!("{tets} tetrahedra, interactive: frame with a ball in contact, mean");
    rows.push(Row::new("T4", what, 1e3 * mean, "ms").target(target_ms));
    let what = format!("{tets} tetrahedra, interactive: time of a frame per tetrahedron and iteration");
    let each = 1e9 * sum / (tets * iterations.max(1)) as f64;
    rows.push(Row::new("T4", what, each, "ns"));
    let weight = Inputs { gravity_m_s2, ..Inputs::default() };
    let what = format!("{tets} tetrahedra, interactive: frame with the graphics card, median of 20");
    rows.push(match body.device_times_ms(&weight) {
        // A card that is slower than the processor is not used.
        Ok([processor_ms, card_ms]) if processor_ms < card_ms => Row::new("T6", what, card_ms, "ms"),
        Ok([_, card_ms]) => Row::new("T6", what, card_ms, "ms").target(target_ms),
        Err(reason) => Row::skipped("T6", what, reason),
    });
    let across = |z: f64| [[-99.0, -99.0], [99.0, -99.0], [0.0, 99.0]].map(|[x, y]| Point::new(x, y, z));
    let (seconds, _) = timed(|| body.cut(&[across(0.0)], Loose::Falls));
    rows.push(Row::new("T5", format!("{tets} tetrahedra, interactive: cut across"), 1e3 * seconds, "ms").target(16.0));
    Ok(())
}
