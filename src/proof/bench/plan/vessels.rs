//! Territories of a tree in an organ of 256³ voxels, clips, and centre lines of portal systems.

use super::resection::{EDGE, organ_mask};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Point, Vector};
use crate::image::phantom::{self, label};
use crate::image::{Components, Neighbours, Volume};
use crate::io::{nifti, test_data};
use crate::mesh::centre_lines::{Wish, centre_lines};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::resection::{Layer, Organ};
use crate::plan::territory::{Territories, TreePlace, Weighting, murray_flows};
use crate::proof::bench::{Row, best_of_three, timed};
use std::sync::Arc;

/// Branches of the tree; each has this many pieces.
const BRANCHES: usize = 200;
const PIECES: usize = 25;
/// TotalSegmentator's portal and splenic vein.
const PORTAL_AND_SPLENIC: u8 = 64;

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let organ = Arc::new(Organ::of(&organ_mask(EDGE)).map_err(|error| error.to_string())?);
    let lines = tree()?;
    let mut rows = Vec::new();
    let of = |weighting: &Weighting| Territories::of(Arc::clone(&organ), &lines, weighting, progress);
    let (seconds, territories) = best_of_three(|| of(&Weighting::Distance));
    let territories = territories.map_err(|error| error.to_string())?;
    let what = format!("territories of {BRANCHES} branches in an organ of {EDGE}³, once");
    rows.push(Row::new("P5", what, 1e3 * seconds, "ms"));
    let (seconds, by_wall) = best_of_three(|| of(&Weighting::Wall));
    by_wall.map_err(|error| error.to_string())?;
    rows.push(Row::new("P5", "the same by the distance to the walls", 1e3 * seconds, "ms"));
    let by_radii = Weighting::Flow(murray_flows(&lines));
    let (seconds, by_flow) = best_of_three(|| of(&by_radii));
    let by_flow = by_flow.map_err(|error| error.to_string())?;
    rows.push(Row::new("P5", "the same by flow, estimated from radii", 1e3 * seconds, "ms"));
    let whole = by_flow.of_branches(&[2]);
    let (seconds, face) = best_of_three(|| by_flow.face(&whole));
    let what = format!("the face of a cut by one of these territories ({} triangles)", face.triangles().len());
    rows.push(Row::new("P5", what, 1e3 * seconds, "ms"));
    let clips = [(3, 4.0), (40, 1.0), (90, 2.0)].map(|(branch, along_mm)| TreePlace { branch, along_mm });
    let (seconds, behind) = best_of_three(|| {
        let ranges = territories.behind(&clips);
        (territories.volume_ml(&ranges, 0.0), territories.parted(&ranges))
    });
    let share = 100.0 * behind.0.value / (organ.voxels(Layer::Organ) as f64 * organ.grid().voxel_mm3() / 1000.0);
    let what = format!("volume with bounds and voxels behind three clips ({share:.1} %)");
    rows.push(Row::new("P6", what, 1e3 * seconds, "ms").target(500.0));
    let abdomen = phantom::abdomen(&phantom::Params::default(), progress).map_err(|error| error.to_string())?;
    let labels = abdomen.labels.to_volume();
    let portal = labels.voxels().iter().map(|l| u8::from(*l == label::PORTAL_VEIN)).collect();
    let portal = Volume::new(Arc::clone(labels.grid()), portal).map_err(|error| error.to_string())?;
    rows.push(tree_of("phantom's portal vein", &portal, progress));
    rows.push(real(progress)?);
    Ok(rows)
}

/// Branches at random, near enough to each other to look like a tree.
pub(super) fn tree() -> Result<CentreLines, String> {
    let mut rng = Rng::new(12);
    let mut branches: Vec<CentreBranch> = Vec::new();
    for n in 0..BRANCHES {
        let parent = (0 < n).then(|| (n - 1) / 2);
        let from = parent.map_or(Point::new(0.0, 0.0, -100.0), |parent| branches[parent].points[PIECES]);
        let reach = 90.0 * 0.82_f64.powi((n + 1).ilog2() as i32);
        let to = from + Vector::from_fn(|_, _| rng.between(-reach, reach));
        let to = Point::from(to.coords * (110.0 / to.coords.norm()).min(1.0));
        let bow = Vector::from_fn(|_, _| rng.between(-8.0, 8.0));
        let at = |p: usize| p as f64 / PIECES as f64;
        let points = (0..=PIECES).map(|p| from + (to - from) * at(p) + bow * (at(p) * (1.0 - at(p)))).collect();
        let radius_mm = 6.0 * 0.75_f64.powi((n + 1).ilog2() as i32);
        branches.push(CentreBranch { parent, points, radii_mm: vec![radius_mm; PIECES + 1] });
    }
    CentreLines::new(branches).map_err(|error| error.to_string())
}

fn tree_of(name: &str, mask: &Volume<u8>, progress: &Progress) -> Row {
    let voxels = mask.voxels().iter().filter(|v| **v != 0).count();
    let (seconds, found) = timed(|| centre_lines(mask, &Wish::default(), progress));
    match found {
        Ok(found) => {
            let n = found.lines.branches().len();
            let what = format!("centre-line tree of the {name} ({voxels} voxels, {n} branches)");
            Row::new("P7", what, seconds, "s").target(5.0)
        }
        Err(error) => Row::skipped("P7", format!("centre-line tree of the {name}"), error.to_string()),
    }
}

/// The largest part of the portal and splenic vein that a network drew in a real abdomen.
fn real(progress: &Progress) -> Result<Row, String> {
    let name = "portal and splenic vein of a real abdomen";
    let Some(folder) = test_data::folder("ct-abdomen-totalseg") else {
        let reason = "the project's test data is not here; set PROSECTOR_DATA";
        return Ok(Row::skipped("P7", format!("centre-line tree of the {name}"), reason));
    };
    let labels = nifti::read_labels(&folder.join("dicom_seg.nii.gz"), progress).map_err(|error| error.to_string())?;
    let labels = labels.to_volume();
    let marks = labels.voxels().iter().map(|l| u8::from(*l == PORTAL_AND_SPLENIC)).collect();
    let mask = Volume::new(Arc::clone(labels.grid()), marks).map_err(|error| error.to_string())?;
    let parts = Components::of(&mask, |value| value != 0, Neighbours::Six, progress).map_err(|e| e.to_string())?;
    if parts.parts().is_empty() {
        return Ok(Row::skipped("P7", format!("centre-line tree of the {name}"), "the labels have none"));
    }
    Ok(tree_of(name, &mask, progress))
}
