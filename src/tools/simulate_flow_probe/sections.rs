//! Probes through sections: what flows forwards and backwards, at a moment and over the beat.

use super::{Asked, Found};
use crate::base::units::PA_PER_MMHG;
use crate::base::{Progress, Table};
use crate::flow::along::{Slice, Through};
use crate::mesh::{Field, Surface};
use crate::session::CommandError;
use crate::session::data::SurfaceData;

/// The field sections are coloured by.
const FIELD: &str = "velocity through the section";

/// A section through each point.
pub(super) fn sections(asked: &Asked, progress: &Progress) -> Result<Found, CommandError> {
    let result = &asked.flow.result;
    let mut found: Vec<(usize, Slice, Through)> = Vec::new();
    let mut warnings = Vec::new();
    for (n, point) in asked.points.iter().enumerate() {
        progress.step(n, asked.points.len())?;
        if let Some(outside) = asked.outside(n) {
            warnings.push(outside);
            continue;
        }
        let slice = match asked.normal {
            Some(normal) => Slice::of(&result.cells, *point, normal),
            None => Slice::across(result, *point),
        };
        match slice {
            Some(slice) => {
                let through = slice.through(result);
                found.push((n, slice, through));
            }
            None => warnings.push(format!(
                "no section was found at point {}: next to nothing moves there, or the lumen is too narrow; give a normal, or another point",
                n + 1
            )),
        }
    }
    let [(first, slice, through), ..] = found.as_slice() else {
        return Err(CommandError::BadParams(format!("{}; put a point into the lumen", warnings.join("; "))));
    };
    let told = |what: &str| if found.len() == 1 { what.to_owned() } else { format!("{what}, section {}", first + 1) };
    let mut summary = asked
        .summary()
        .fact(&told("flow through the section"), through.net_ml_s(), "ml/s")
        .fact(&told("of all that passes flows back"), 100.0 * through.backward_share(), "%")
        .fact(&told("highest velocity through it"), through.peak_m_s(), "m/s")
        .fact(&told("mean velocity through it"), through.mean_m_s(), "m/s")
        .fact(&told("mean pressure"), through.mean_pa() / PA_PER_MMHG, "mmHg")
        .fact(&told("area"), slice.area_mm2(), "mm²")
        .fact(&told("Reynolds number"), reynolds(asked, slice, through), "1")
        .table(table(asked, &found))
        .method(format!(
            "sections: the lumen in the plane as far as it is connected to the point, on a raster of {:.3} mm; diameter of the Reynolds number: that of a circle of the same area",
            slice.spacing_mm
        ))
        .limit("area and flow are good to about the circumference times a quarter of a cell");
    if asked.normal.is_none() {
        summary = summary.method("each plane lies across the mean flow through it, so flow forwards is along that");
    }
    summary.warnings.extend(warnings);
    if !asked.moments.is_empty() {
        for (n, slice, _) in &found {
            progress.check()?;
            let title = if found.len() == 1 { String::new() } else { format!(", section {}", n + 1) };
            let (table, share) = over_beat(asked, slice, format!("Over the beat{title}"));
            summary = summary.table(table);
            if let Some(share) = share {
                summary = summary.fact(&format!("backward over forward volume of the beat{title}"), 100.0 * share, "%");
            }
        }
    }
    Ok(Found { name: "Sections", data: picture(&found), field: FIELD, summary })
}

fn reynolds(asked: &Asked, slice: &Slice, through: &Through) -> f64 {
    asked.flow.fluid.reynolds(through.mean_m_s().abs(), 1e-3 * slice.diameter_mm())
}

fn table(asked: &Asked, found: &[(usize, Slice, Through)]) -> Table {
    let columns = [
        ("flow", "ml/s"),
        ("forwards", "ml/s"),
        ("backwards", "ml/s"),
        ("backward share", "%"),
        ("mean velocity", "m/s"),
        ("highest velocity", "m/s"),
        ("highest over mean", "1"),
        ("pressure", "mmHg"),
        ("area", "mm²"),
        ("diameter of that area", "mm"),
        ("Reynolds number", "1"),
    ];
    found.iter().fold(Table::new("Sections", "section", &columns), |table, (n, slice, through)| {
        let mean = through.mean_m_s();
        let values = [
            Some(through.net_ml_s()),
            Some(through.forward_ml_s),
            Some(through.backward_ml_s),
            Some(100.0 * through.backward_share()),
            Some(mean),
            Some(through.peak_m_s()),
            // Where as much comes as goes there is no mean to compare with.
            (0.01 * through.peak_m_s() < mean.abs()).then(|| through.peak_m_s() / mean.abs()),
            Some(through.mean_pa() / PA_PER_MMHG),
            Some(slice.area_mm2()),
            Some(slice.diameter_mm()),
            Some(reynolds(asked, slice, through)),
        ];
        table.row((n + 1).to_string(), values)
    })
}

/// A section over the beat, and the volume that flows back in it over that which flows forwards; the moments are equally
/// spaced.
fn over_beat(asked: &Asked, slice: &Slice, title: String) -> (Table, Option<f64>) {
    let columns = [
        ("time", "s"),
        ("flow", "ml/s"),
        ("forwards", "ml/s"),
        ("backwards", "ml/s"),
        ("mean velocity", "m/s"),
        ("highest velocity", "m/s"),
        ("pressure", "mmHg"),
        ("Reynolds number", "1"),
    ];
    let mut table = Table::new(title, "moment", &columns);
    let (mut forward, mut backward) = (0.0, 0.0);
    for (time_s, result) in &asked.moments {
        let through = slice.through(result);
        // Net flow counts: eddies within a section go forwards and backwards all the time.
        forward += through.net_ml_s().max(0.0);
        backward += (-through.net_ml_s()).max(0.0);
        let values = [
            *time_s,
            through.net_ml_s(),
            through.forward_ml_s,
            through.backward_ml_s,
            through.mean_m_s(),
            through.peak_m_s(),
            through.mean_pa() / PA_PER_MMHG,
            reynolds(asked, slice, &through),
        ];
        table = table.row(format!("{time_s:.3} s"), values.map(Some));
    }
    (table, (0.0 < forward).then(|| backward / forward))
}

/// All sections as one surface.
fn picture(found: &[(usize, Slice, Through)]) -> SurfaceData {
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    let mut fields: Vec<Field> = Vec::new();
    for (_, slice, through) in found {
        let base = positions.len() as u32;
        let surface = slice.surface();
        positions.extend_from_slice(surface.positions());
        triangles.extend(surface.triangles().iter().map(|triangle| triangle.map(|v| base + v)));
        for (n, field) in through.fields().into_iter().enumerate() {
            match fields.get_mut(n) {
                Some(all) => {
                    let values = all.values.iter().chain(field.values.iter()).copied().collect();
                    *all = Field::new(&all.name, &all.unit, values);
                }
                None => fields.push(field),
            }
        }
    }
    let surface = Surface::new(positions, triangles).expect("each section brings its own vertices");
    SurfaceData { surface, fields }
}
