//! The account an insertion gives of itself.

use super::{Ground, Inserted, Insertion, TissueGround};
use crate::base::{Summary, Table};
use crate::biomech::TissueResult;
use crate::biomech::stress::ElementState;
use crate::geom::{Point, Vector};

/// Rows of the table of forces.
const ROWS: usize = 24;
/// Largest principal strain for which small-strain elasticity is meant.
const STRAIN_MAX: f64 = 0.05;
/// Part of the organ that may be strained more without a warning: what lies around the needle always is.
const STRAINED_MAX: f64 = 0.05;

/// Facts, tables, methods, limits and warnings of one insertion.
pub(super) fn summarise(
    insertion: &Insertion,
    ground: &TissueGround,
    inserted: &Inserted,
    tissue: &TissueResult,
    states: &[ElementState],
) -> Summary {
    let end = inserted.samples.last().expect("there is a sample of the first touch");
    let [target_along_mm, _] = inserted.along_and_beside_mm(&inserted.target_mm);
    let strained = ground.share(|tet| STRAIN_MAX < states[tet].strain);
    let largest_mm = tissue.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
    let resistance = &insertion.resistance;
    let after = inserted.samples.get(2).filter(|after| inserted.punctured && after.force_n < resistance.puncture_n);
    let mut summary = Summary::default()
        .fact("distance from tip to target", inserted.miss_mm(), "mm")
        .fact("shift of the target", inserted.target_moved_mm(), "mm")
        .fact("shift of the target along the needle", target_along_mm, "mm")
        .fact("tip from where it was planned", inserted.tip_off_mm(), "mm")
        .fact("tip beside the planned line", end.beside_mm, "mm")
        .fact("largest force at the hand", inserted.peak_n(), "N")
        .fact("force at the hand at the end", end.force_n, "N")
        .fact("indentation before the puncture", inserted.indentation_mm, "mm");
    if let Some(after) = after {
        let fall_n = resistance.puncture_n - after.force_n;
        summary = summary.fact("fall of force at the puncture", fall_n, "N").fact(
            "cut at once at the puncture",
            after.cut_mm,
            "mm",
        );
    }
    summary = summary
        .fact("way of the hand", end.depth_mm, "mm")
        .fact("cut into the tissue", end.cut_mm, "mm")
        .fact("largest displacement of the organ", largest_mm, "mm")
        .fact("largest side force on the shaft", inserted.across_n, "N")
        .fact("force over the force of buckling", inserted.buckling, "1")
        .fact("organ strained beyond 5 %", 100.0 * strained, "%")
        .fact("cells along the path", ground.cell_mm(), "mm")
        .fact("unknowns", ground.unknowns() as f64, "1")
        .table(places(inserted))
        .table(forces(inserted))
        .method("organ: linear elasticity, small strain, linear tetrahedra with continuous pressure (Dohrmann and Bochev 2004), held by its supports; the track grows in the tissue (DiMaio and Salcudean 2003)")
        .method(format!(
            "force at the hand: stiffness up to a puncture at {} N, then cutting {} N and friction {} N/cm (three parts as in Okamura, Simone and O'Leary 2004)",
            resistance.puncture_n,
            resistance.cutting_n,
            resistance.friction_n_m / 100.0
        ))
        .method(format!(
            "needle: Euler-Bernoulli beam clamped in the hand, {} mm thick, E I = {:.2e} N m²; beside it the tissue is taken as a rigid shaft in plane strain where the mesh is too coarse",
            insertion.needle.outer_mm,
            insertion.needle.bending_n_m2()
        ))
        .method(format!("equations of the organ by {}", ground.solver()));
    if 0.0 < resistance.side_ratio {
        summary = summary.method(format!(
            "asymmetric tip: it cuts at the angle by which a side force of {} of the cutting force bends it in this tissue (the front wheel of Webster et al. 2006, with the force in place of a fitted angle)",
            resistance.side_ratio
        ));
    }
    summary = summary
        .limit("the organ alone is held at its supports: skin, fat and muscle on the way, breathing and the organs around are not part of it")
        .limit("indentation and the cut at the puncture depend on the size of the cells at the entry: there a needle point would sink in without end in a linear material; forces, not these ways, are given by the parameters")
        .limit(format!(
            "the force of the tip is spread over a ball of {:.0} mm, and places are means over such a ball: the shift of a target beside the tip grows with smaller cells until these are 5 mm wide",
            ground.detail_mm()
        ))
        .limit("puncture, cutting and friction differ by a factor of several between needles, speeds and patients; use forces measured with the same needle")
        .limit("the needle slides everywhere while it goes in; pulling back, turning and letting go are not computed");
    warnings(inserted, strained, summary)
}

fn warnings(inserted: &Inserted, strained: f64, mut summary: Summary) -> Summary {
    if !inserted.punctured {
        summary = summary.warning(format!(
            "the surface is pushed in by {:.1} mm and does not give way: {:.2} N are reached at the planned depth; a sharper needle (less puncture force) or a faster push is needed",
            inserted.indentation_mm,
            inserted.peak_n()
        ));
    }
    if 1.0 <= inserted.buckling {
        summary = summary.warning(format!(
            "the free part of the shaft would buckle: the force reaches {:.1} times what it bears; take a thicker or shorter needle or hold it nearer to the entry",
            inserted.buckling
        ));
    }
    if STRAINED_MAX < strained {
        summary = summary.warning(format!(
            "outside validity: {:.0} % of the organ is strained beyond {:.0} %, which linear elasticity is meant for; take the shift of the target as an estimate",
            100.0 * strained,
            100.0 * STRAIN_MAX
        ));
    }
    summary
}

/// Where tip and target were planned to be and are.
fn places(inserted: &Inserted) -> Table {
    let columns = [("x", "mm"), ("y", "mm"), ("z", "mm"), ("along the needle", "mm"), ("beside it", "mm")];
    let row = |place: &Point| {
        let [along, beside] = inserted.along_and_beside_mm(place);
        [place.x, place.y, place.z, along, beside].map(Some)
    };
    Table::new("planned path against real path", "place", &columns)
        .row("tip as planned, target before", row(&inserted.planned_mm))
        .row("tip", row(&inserted.tip_mm))
        .row("target", row(&inserted.target_mm))
}

/// Force against depth, the first samples and then evenly many.
fn forces(inserted: &Inserted) -> Table {
    let columns = [
        ("way of the hand", "mm"),
        ("force", "N"),
        ("cut", "mm"),
        ("tip beside the line", "mm"),
        ("target moved", "mm"),
    ];
    let last = inserted.samples.len() - 1;
    let mut table = Table::new("force at the hand", "moment", &columns);
    let mut wanted: Vec<usize> = (0..=ROWS).map(|n| n * last / ROWS).chain(0..last.min(3)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for n in wanted {
        let name = match n {
            0 => "touch".to_owned(),
            1 if inserted.punctured => "puncture".to_owned(),
            2 if inserted.punctured => "after the puncture".to_owned(),
            n if n == last => "end".to_owned(),
            n => format!("{n}"),
        };
        let sample = &inserted.samples[n];
        let values = [sample.depth_mm, sample.force_n, sample.cut_mm, sample.beside_mm, sample.target_mm];
        table = table.row(name, values.map(Some));
    }
    table
}
