//! A thousand cuts at random: grazing, tangent, through corners, twice the same.

use super::{around, body, direction};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::block::block;
use crate::mesh::shapes::ball;
use crate::mesh::sound::check_sound;
use crate::plan::resection::{Blade, Books, Fate, Layer, Organ, fates, parts, split};
use crate::plan::{Cut, CutShape, Sheet};
use crate::proof::verify::{Row, Tolerance};

const CUTS: usize = 1000;
/// Surfaces are cut by every fifth: they are resolved in cubes, which takes longer.
const OF_SURFACES: usize = 5;
/// Every fourth is also joined with the one before.
const TOGETHER: usize = 4;
/// The box that is cut: its corners are hit.
const HALF_MM: f64 = 20.0;

/// What went wrong, counted.
#[derive(Default)]
struct Wrong {
    refused: usize,
    unbalanced: usize,
    differing: usize,
    tets_refused: usize,
    tets_unsound: usize,
    tets_unbalanced: usize,
    surfaces_refused: usize,
    surfaces_open: usize,
    again: usize,
    together: usize,
}

/// All cuts, through voxels, tetrahedra and a surface.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let grid = around([40, 40, 27], [1.0, 1.0, 1.5]);
    let hollow = |p: &Point| (p - Point::new(9.0, 4.0, 3.0)).norm() < 6.0;
    let mask = body(&grid, |p| p.coords.abs().max() <= HALF_MM && !hollow(p));
    let organ = Organ::of(&mask).map_err(|error| text(&error))?;
    let mesh = block([5; 3], [2.0 * HALF_MM; 3]);
    let shift = Aabb::of(mesh.positions()).centre().coords;
    let surface = ball(HALF_MM, 2.0);
    let mut rng = Rng::new(1000);
    let mut wrong = Wrong::default();
    let mut last: Option<(Cut, Books, Blade)> = None;
    for n in 0..CUTS {
        progress.step(n, CUTS).map_err(|error| text(&error))?;
        // Every tenth is the last one again.
        let cut = match &last {
            Some((cut, ..)) if n % 10 == 9 => cut.clone(),
            _ => random_cut(&mut rng, n),
        };
        let Ok(blade) = Blade::of(&cut, &organ.bounds()) else {
            wrong.refused += 1;
            continue;
        };
        let Ok(books) = Books::of(&organ, &blade, 0.0, progress) else {
            wrong.refused += 1;
            continue;
        };
        let sum_ml = books.resected_ml.value + books.remnant_ml.value + books.cut_ml.value;
        let balanced = books.resected + books.remnant + books.cut == books.organ
            && books.organ == organ.voxels(Layer::Organ)
            && (sum_ml - books.organ_ml.value).abs() < 1e-9 * books.organ_ml.value;
        wrong.unbalanced += usize::from(!balanced);
        wrong.again += usize::from(last.as_ref().is_some_and(|(old, before, _)| *old == cut && *before != books));
        let painted = fates(&organ, &blade, progress).map_err(|error| text(&error))?;
        let count = |fate: Fate| painted.voxels().iter().filter(|v| **v == fate as u8).count() as u64;
        let counts = [Fate::Remnant, Fate::Resected, Fate::Cut].map(count);
        wrong.differing += usize::from(counts != [books.remnant, books.resected, books.cut]);
        if n % OF_SURFACES == 0 {
            match parts(&surface, &blade, 2.5, progress) {
                Ok(found) => {
                    let open = |part: Option<crate::mesh::Surface>| part.map_or(0, |part| part.open_edges());
                    wrong.surfaces_open += usize::from(0 < open(found.remnant) + open(found.resected));
                }
                Err(_) => wrong.surfaces_refused += 1,
            }
        }
        let moved = Blade::of(&shifted(&cut, shift), &Aabb::of(mesh.positions())).map_err(|error| text(&error))?;
        match split(&mesh, &moved) {
            Ok(pieces) => {
                wrong.tets_unsound += usize::from(check_sound(&pieces.mesh).is_err());
                let sum: f64 =
                    [Fate::Remnant, Fate::Resected, Fate::Cut].map(|fate| pieces.volume_ml(fate)).iter().sum();
                wrong.tets_unbalanced += usize::from(1e-9 * mesh.volume_ml() < (sum - mesh.volume_ml()).abs());
            }
            Err(_) => wrong.tets_refused += 1,
        }
        if let Some((_, before, old)) = &last
            && n % TOGETHER == 0
        {
            let both = Blade::any(vec![blade.clone(), old.clone()]).map_err(|error| text(&error))?;
            let joined = Books::of(&organ, &both, 0.0, progress).map_err(|error| text(&error))?;
            let balanced = joined.resected + joined.remnant + joined.cut == joined.organ;
            // Two cuts leave no more than either.
            wrong.together += usize::from(!balanced || before.remnant.min(books.remnant) < joined.remnant);
        }
        last = Some((cut, books, blade));
    }
    let Wrong { refused, unbalanced, differing, tets_refused, tets_unsound, tets_unbalanced, .. } = wrong;
    let of_surfaces = CUTS / OF_SURFACES;
    let lines = [
        ("voxels: cuts that failed", CUTS, refused),
        ("voxels: books that do not balance to the voxel, or to 10⁻⁹ of the organ in ml", CUTS, unbalanced),
        ("voxels: books that differ from the voxels painted", CUTS, differing),
        ("voxels: cuts done twice with other results", CUTS / 10, wrong.again),
        (
            "voxels: two cuts as one whose books do not balance, or that leave more than one",
            CUTS / TOGETHER,
            wrong.together,
        ),
        ("tetrahedra: cuts that failed", CUTS, tets_refused),
        ("tetrahedra: pieces that do not fit together", CUTS, tets_unsound),
        ("tetrahedra: volumes that do not add up to 10⁻⁹", CUTS, tets_unbalanced),
        ("surfaces: cuts that failed", of_surfaces, wrong.surfaces_refused),
        ("surfaces: parts that are not closed", of_surfaces, wrong.surfaces_open),
    ];
    let row = |(what, tried, value): (&str, usize, usize)| {
        let what = format!("{what}, of {tried} at random: grazing, tangent, through corners, twice the same");
        Row::new("P7", &what, value as f64, 0.0, "cuts", Tolerance::Absolute(0.0), "must not happen")
    };
    Ok(lines.into_iter().map(row).collect())
}

/// The same cut elsewhere.
fn shifted(cut: &Cut, by: Vector) -> Cut {
    let at = |p: &[f64; 3]| (Vector::from(*p) + by).into();
    let shape = match &cut.shape {
        CutShape::Plane { point, normal } => CutShape::Plane { point: at(point), normal: *normal },
        CutShape::Wedge { planes } => CutShape::Wedge { planes: planes.iter().map(|[p, n]| [at(p), *n]).collect() },
        CutShape::Sphere { centre, radius_mm } => CutShape::Sphere { centre: at(centre), radius_mm: *radius_mm },
        CutShape::Sheet(sheet) => {
            CutShape::Sheet(Sheet { count: sheet.count, controls: sheet.controls.iter().map(at).collect() })
        }
        CutShape::Territories { branches } => CutShape::Territories { branches: branches.clone() },
    };
    Cut { shape, width_mm: cut.width_mm }
}

/// A cut of every kind in turn, often exactly through faces, edges, corners or voxel centres.
fn random_cut(rng: &mut Rng, n: usize) -> Cut {
    let whole = |rng: &mut Rng| Vector::from_fn(|_, _| rng.below(41) as f64 - 20.0);
    let corner = |rng: &mut Rng| Vector::from_fn(|_, _| if rng.below(2) == 0 { -HALF_MM } else { HALF_MM });
    let somewhere = |rng: &mut Rng| Vector::from_fn(|_, _| rng.between(-30.0, 30.0));
    let place = |rng: &mut Rng| match rng.below(3) {
        0 => corner(rng),
        1 => whole(rng),
        _ => somewhere(rng),
    };
    let straight = |rng: &mut Rng| {
        let mut axis = Vector::zeros();
        axis[rng.below(3)] = if rng.below(2) == 0 { -1.0 } else { 1.0 };
        axis
    };
    let normal = |rng: &mut Rng| match rng.below(3) {
        0 => straight(rng),
        1 => corner(rng) / HALF_MM,
        _ => direction(rng),
    };
    let width_mm = [0.0, 0.0, 1.0, 3.0, 12.0][rng.below(5)];
    let shape = match n % 5 {
        0 => CutShape::Plane { point: place(rng).into(), normal: normal(rng).into() },
        1 => {
            CutShape::Wedge { planes: (0..1 + rng.below(4)).map(|_| [place(rng).into(), normal(rng).into()]).collect() }
        }
        // Tangent to a face, through a corner, or any.
        2 => {
            let centre = place(rng);
            let radius_mm = [(centre.x - HALF_MM).abs(), (centre - corner(rng)).norm(), rng.between(0.2, 40.0)];
            CutShape::Sphere { centre: centre.into(), radius_mm: radius_mm[rng.below(3)].max(0.5) }
        }
        _ => {
            let count = [4 + rng.below(5), 4 + rng.below(5)];
            let middle = place(rng);
            let across = normal(rng).normalize();
            let [u, v] =
                crate::geom::Plane::new(Point::origin(), across).map_or([Vector::x(), Vector::y()], |p| p.across());
            let wave_mm = [0.0, 6.0, 25.0][rng.below(3)];
            let at = |n: usize, of: usize| 60.0 * (n as f64 / (of - 1) as f64 - 0.5);
            let controls = (0..count[0] * count[1])
                .map(|c| (c % count[0], c / count[0]))
                .map(|(i, j)| {
                    let lift = across * (wave_mm * (rng.unit() - 0.5));
                    (middle + u * at(i, count[0]) + v * at(j, count[1]) + lift).into()
                })
                .collect();
            CutShape::Sheet(Sheet { count, controls })
        }
    };
    Cut { shape, width_mm }
}
