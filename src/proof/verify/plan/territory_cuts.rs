//! Cuts along territories of random trees: books, painted voxels, tetrahedra, each done twice.

use super::{around, body};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::block::block;
use crate::mesh::sound::check_sound;
use crate::mesh::{CentreBranch, CentreLines, TetMesh};
use crate::plan::resection::{Blade, Books, Fate, Layer, Organ, fates, split};
use crate::plan::territory::{Territories, Weighting};
use crate::proof::verify::{Row, Tolerance};
use std::sync::Arc;

/// Trees, and cuts along the territories of each.
const TREES: usize = 40;
const OF_EACH: usize = 5;
/// Half the box that the organ fills.
const HALF_MM: f64 = 20.0;
/// Branches of a tree at most.
const BRANCHES: usize = 7;

/// What went wrong, counted.
#[derive(Default)]
struct Wrong {
    refused: usize,
    unbalanced: usize,
    differing: usize,
    again: usize,
    elsewhere: usize,
    tets: usize,
}

/// A tree of random branches in and beside the box, each of one to six straight pieces.
fn tree(rng: &mut Rng) -> Result<CentreLines, String> {
    let place = |rng: &mut Rng| Point::from(Vector::from_fn(|_, _| rng.between(-24.0, 24.0)));
    let mut branches: Vec<CentreBranch> = Vec::new();
    for n in 0..2 + rng.below(BRANCHES - 1) {
        let parent = (0 < n).then(|| rng.below(n));
        let start = match parent {
            Some(parent) => branches[parent].points[rng.below(branches[parent].points.len())],
            None => place(rng),
        };
        let points: Vec<Point> = std::iter::once(start).chain((0..1 + rng.below(6)).map(|_| place(rng))).collect();
        let radii_mm = points.iter().map(|_| rng.between(0.5, 4.0)).collect();
        branches.push(CentreBranch { parent, points, radii_mm });
    }
    CentreLines::new(branches).map_err(|error| error.to_string())
}

/// All of them.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let wrong = tried(TREES, progress)?;
    let all = TREES * OF_EACH;
    let lines = [
        ("cuts that failed", wrong.refused),
        ("books that do not balance to the voxel, or to 10⁻⁹ of the organ in ml", wrong.unbalanced),
        ("books that differ from the voxels painted", wrong.differing),
        ("voxels taken away that are not those of the branches", wrong.elsewhere),
        ("cuts done twice with other results", wrong.again),
        ("tetrahedra: pieces that do not fit together, or do not add up to 10⁻⁹", wrong.tets),
    ];
    let row = |(what, value): (&str, usize)| {
        let what = format!("territories: {what}, of {all} along territories of {TREES} random trees");
        Row::new("P7", &what, value as f64, 0.0, "cuts", Tolerance::Absolute(0.0), "must not happen")
    };
    Ok(lines.into_iter().map(row).collect())
}

fn tried(trees: usize, progress: &Progress) -> Result<Wrong, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let grid = around([40, 40, 27], [1.0, 1.0, 1.5]);
    let hollow = |p: &Point| (p - Point::new(9.0, 4.0, 3.0)).norm() < 6.0;
    let mask = body(&grid, |p| p.coords.abs().max() <= HALF_MM && !hollow(p));
    let organ = Arc::new(Organ::of(&mask).map_err(|error| text(&error))?);
    let mesh = block([5; 3], [2.0 * HALF_MM; 3]);
    let shift = Aabb::of(mesh.positions()).centre().coords;
    let positions = mesh.positions().iter().map(|point| point - shift).collect();
    let mesh = TetMesh::new(positions, mesh.tets().to_vec(), mesh.regions().to_vec()).map_err(|error| text(&error))?;
    let mut rng = Rng::new(2029);
    let mut wrong = Wrong::default();
    for n in 0..trees {
        progress.step(n, trees).map_err(|error| text(&error))?;
        let lines = tree(&mut rng)?;
        let found = Territories::of(Arc::clone(&organ), &lines, &Weighting::Distance, progress);
        let found = found.map_err(|error| text(&error))?;
        for _ in 0..OF_EACH {
            let first = rng.below(found.branches());
            let others = (0..found.branches()).filter(|branch| *branch == first || rng.below(3) == 0);
            let ranges = found.of_branches(&others.collect::<Vec<_>>());
            let own = found.voxels(&ranges, Layer::Organ);
            let width_mm = [0.0, 0.0, 1.0, 3.0, 8.0][rng.below(5)];
            let cut = || {
                let blade = Blade::between(&found.parted(&ranges), width_mm, progress)?;
                let books = Books::of(&organ, &blade, 0.0, progress)?;
                Ok::<_, crate::plan::resection::ResectionError>((blade, books))
            };
            let (Ok((blade, books)), again) = (cut(), cut()) else {
                // Branches that no voxel is nearest to have no territory: that is refused, and is right.
                wrong.refused += usize::from(0 < own);
                continue;
            };
            wrong.again += usize::from(again.map(|(_, books)| books) != Ok(books));
            let sum_ml = books.resected_ml.value + books.remnant_ml.value + books.cut_ml.value;
            let balanced = books.resected + books.remnant + books.cut == books.organ
                && books.organ == organ.voxels(Layer::Organ)
                && (sum_ml - books.organ_ml.value).abs() < 1e-9 * books.organ_ml.value;
            wrong.unbalanced += usize::from(!balanced);
            let painted = fates(&organ, &blade, progress).map_err(|error| text(&error))?;
            let count = |fate: Fate| painted.voxels().iter().filter(|v| **v == fate as u8).count() as u64;
            let counts = [Fate::Remnant, Fate::Resected, Fate::Cut].map(count);
            wrong.differing += usize::from(counts != [books.remnant, books.resected, books.cut]);
            // Without a width every voxel goes with its branch; with one, no more is taken than that.
            let is_own = if width_mm == 0.0 { books.resected == own } else { books.resected <= own };
            wrong.elsewhere += usize::from(!is_own);
            let fits = split(&mesh, &blade).is_ok_and(|pieces| {
                let parts = [Fate::Remnant, Fate::Resected, Fate::Cut].map(|fate| pieces.volume_ml(fate));
                let off_ml = (parts.iter().sum::<f64>() - mesh.volume_ml()).abs();
                check_sound(&pieces.mesh).is_ok() && off_ml <= 1e-9 * mesh.volume_ml()
            });
            wrong.tets += usize::from(!fits);
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_along_territories_balance() {
        let Wrong { refused, unbalanced, differing, again, elsewhere, tets } = tried(4, &Progress::default()).unwrap();
        assert_eq!([refused, unbalanced, differing, again, elsewhere, tets], [0; 6]);
    }
}
