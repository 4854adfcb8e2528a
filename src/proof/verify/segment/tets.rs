//! Tetrahedra against theory: volumes, distances, angles, and label maps of noise.

use crate::base::rng::Rng;
use crate::base::{Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::phantom::noisy_labels;
use crate::image::{LabelMap, Segment, Volume};
use crate::mesh::TetMesh;
use crate::mesh::quality::tet_quality;
use crate::mesh::sound::check_sound;
use crate::mesh::tetrahedralise::{CellSize, Sizing, tetrahedralise_segments};
use crate::proof::verify::{Row, Tolerance};
use std::f64::consts::PI;

const BALL_MM: f64 = 20.0;
const CORE_MM: f64 = 10.0;
const TORUS_MM: [f64; 2] = [25.0, 9.0];
const NOISE_MAPS: usize = 100;

/// A ball with a core, a torus, and noise.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let radius = |p: &Point| p.coords.norm();
    let ball = labels(|p| if radius(p) < CORE_MM { 2 } else { u8::from(radius(p) < BALL_MM) });
    let mesh = filled(&ball, CellSize::EdgeMm(2.0), progress)?;
    let ball_ml = |radius_mm: f64| 4.0 / 3.0 * PI * radius_mm.powi(3) / 1000.0;
    let source = "4/3 π r³";
    rows.push(Row::new(
        "S60",
        "tetrahedra of a ball of 20 mm: volume",
        mesh.volume_ml(),
        ball_ml(BALL_MM),
        "ml",
        Tolerance::Relative(0.005),
        source,
    ));
    let core = (0..mesh.tets().len()).filter(|tet| mesh.regions()[*tet] == 2);
    rows.push(Row::new(
        "S60",
        "its core of 10 mm, another segment: volume",
        core.map(|tet| mesh.tet_mm3(tet)).sum::<f64>() / 1000.0,
        ball_ml(CORE_MM),
        "ml",
        Tolerance::Relative(0.01),
        source,
    ));
    let (surface, _) = mesh.boundary();
    let away = surface.triangles().as_flattened().iter().map(|v| &surface.positions()[*v as usize]);
    rows.push(Row::new(
        "S60",
        "vertices of its surface: largest distance from the sphere",
        away.map(|p| (radius(p) - BALL_MM).abs()).fold(0.0, f64::max),
        0.5,
        "mm",
        Tolerance::AtMost,
        "half a voxel",
    ));
    angles(&mut rows, "a ball with a core", tet_quality(&mesh).dihedral_deg);
    let [major, minor] = TORUS_MM;
    let torus = labels(|p| u8::from((p.x.hypot(p.y) - major).hypot(p.z) < minor));
    let mesh = filled(&torus, CellSize::EdgeMm(2.0), progress)?;
    rows.push(Row::new(
        "S61",
        "tetrahedra of a torus of 25 and 9 mm: volume",
        mesh.volume_ml(),
        2.0 * PI * PI * major * minor * minor / 1000.0,
        "ml",
        Tolerance::Relative(0.005),
        "2 π² R r²",
    ));
    by_curvature(&mut rows, progress)?;
    progress.set(0.3).map_err(|error| error.to_string())?;
    let mut rng = Rng::new(7);
    let mut worst = [180.0_f64, 0.0_f64];
    let mut sound = 0;
    for case in 0..NOISE_MAPS {
        progress.step(case, NOISE_MAPS).map_err(|error| error.to_string())?;
        let map = with_segments(&noisy_labels(case, &mut rng));
        let size = if case.is_multiple_of(2) { CellSize::Count(600) } else { CellSize::EdgeMm(2.5) };
        let Ok(mesh) = filled(&map, size, progress) else { continue };
        sound += usize::from(check_sound(&mesh).is_ok());
        let [low, high] = tet_quality(&mesh).dihedral_deg;
        worst = [worst[0].min(low), worst[1].max(high)];
    }
    rows.push(Row::new(
        "S62",
        "noisy label maps that become sound meshes, of 100",
        sound as f64,
        NOISE_MAPS as f64,
        "1",
        Tolerance::Absolute(0.0),
        "positive, closed, conforming, in one piece, no vertex unused or doubled",
    ));
    angles(&mut rows, "all noisy label maps", worst);
    Ok(rows)
}

/// A large ball with a knob: cells of double size where it is flat save a third of them and cost no accuracy.
fn by_curvature(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let knob = Point::new(21.0, 21.0, 10.0);
    let depth = |p: &Point| (30.0 - p.coords.norm()).max(6.0 - (p - knob).norm());
    let body = labels(|p| u8::from(0.0 < depth(p)));
    let made = |by_curvature: bool| {
        let sizing = Sizing { at_surfaces: CellSize::EdgeMm(3.0), doublings: 2, by_curvature };
        filled(&body, sizing, progress)
    };
    let (even, graded) = (made(false)?, made(true)?);
    let share = graded.tets().len() as f64 / even.tets().len() as f64;
    let source = "the same body without it; a smooth surface needs a quarter of the triangles at double size";
    let what = "ball with a knob, cells by curvature: part of the tetrahedra";
    rows.push(Row::new("S63", what, share, 0.75, "1", Tolerance::AtMost, source));
    let (surface, _) = graded.boundary();
    let away = surface.triangles().as_flattened().iter().map(|v| depth(&surface.positions()[*v as usize]).abs());
    let what = "the same: largest distance of a vertex from the surface";
    let worst = away.fold(0.0, f64::max);
    rows.push(Row::new("S63", what, worst, 0.5, "mm", Tolerance::AtMost, "half a voxel"));
    let exact = body.volume_ml(SegmentId(1));
    let what = "the same: volume";
    rows.push(Row::new("S63", what, graded.volume_ml(), exact, "ml", Tolerance::Relative(0.005), "voxel count"));
    angles(rows, "a ball with a knob, by curvature", tet_quality(&graded).dihedral_deg);
    Ok(())
}

fn angles(rows: &mut Vec<Row>, of: &str, [low, high]: [f64; 2]) {
    let source = "range the mesher states; plain stuffing of one segment has 10.7° to 164.8°";
    let (smallest, largest) =
        (format!("tetrahedra of {of}: smallest dihedral angle"), format!("tetrahedra of {of}: largest dihedral angle"));
    rows.push(Row::new("S62", &smallest, low, 10.0, "°", Tolerance::AtLeast, source));
    rows.push(Row::new("S62", &largest, high, 165.0, "°", Tolerance::AtMost, source));
}

fn filled(labels: &LabelMap, size: impl Into<Sizing>, progress: &Progress) -> Result<TetMesh, String> {
    let ids: Vec<SegmentId> = labels.segments().iter().map(|segment| segment.id).collect();
    tetrahedralise_segments(labels, &ids, size, progress).map(|(mesh, _)| mesh).map_err(|error| error.to_string())
}

/// Labels by formula on a grid of 1 mm around the origin.
fn labels(label: impl Fn(&Point) -> u8) -> LabelMap {
    let grid = Grid::aligned([72; 3], Point::new(-35.3, -35.6, -35.1), [1.0; 3]).expect("a plain grid");
    let voxels = (0..grid.len()).map(|offset| label(&grid.centre(grid.voxel(offset)))).collect();
    with_segments(&Volume::new(grid, voxels).expect("one label a voxel"))
}

fn with_segments(volume: &Volume<u8>) -> LabelMap {
    let segment = |id| Segment::new(SegmentId(id), format!("segment {id}"), [200; 3], None);
    LabelMap::from_volume(volume, (1..=5).map(segment).collect()).expect("labels up to five")
}
