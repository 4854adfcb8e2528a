//! A table over time or along a way as curves.

use super::{theme, words};
use crate::base::i18n::tr_with;
use crate::base::{Column, Table};
use egui::{AsId, Ui};
use egui_plot::{Line, Plot, PlotPoints};

/// Height of the plot in points.
const HEIGHT: f32 = 150.0;
/// Lines of one plot that can be told apart by their colours.
const LINES_MAX: usize = 6;
/// The curves of `table` over its first column, of one unit at a time; nothing for a table that has none.
pub(super) fn curve_ui(ui: &mut Ui, n: usize, table: &Table) {
    curve_in(ui, n, table, HEIGHT);
}

/// As [`curve_ui`], the plot `height` points high.
pub(super) fn curve_in(ui: &mut Ui, n: usize, table: &Table, height: f32) {
    let Some(places) = table.places() else { return };
    let units = units(table);
    let id = ui.id().with(("unit of the curve", n));
    let mut chosen = ui.data(|data| data.get_temp::<usize>(id)).unwrap_or(0).min(units.len() - 1);
    if 1 < units.len() {
        ui.horizontal_wrapped(|ui| {
            for (k, unit) in units.iter().enumerate() {
                if ui.selectable_label(k == chosen, theme::small(label(table, unit))).clicked() {
                    chosen = k;
                }
            }
        });
        ui.data_mut(|data| data.insert_temp(id, chosen));
    }
    let lines = of_unit(table, units[chosen]);
    let plot = still_plot(("curve", n, chosen), height)
        .x_axis_label(theme::small(words::column(&table.columns[0])))
        .y_axis_label(theme::small(if units[chosen] == "1" { "" } else { units[chosen] }));
    let own = theme::of(ui);
    plot.show(ui, |plot| {
        for ((column, heading), colour) in lines.iter().zip(own.curves) {
            let points = places.iter().zip(&table.rows);
            let points: PlotPoints<'_> =
                points.filter_map(|(x, row)| Some([*x, row.values[*column]?])).collect::<Vec<_>>().into();
            plot.line(Line::new(words::said(&heading.name).into_owned(), points).color(colour).width(1.8));
        }
    });
    if LINES_MAX < lines.len() {
        ui.label(theme::small(tr_with("curves-first", &[("shown", LINES_MAX.into()), ("all", lines.len().into())])));
    }
    if 1 < lines.len() {
        ui.horizontal_wrapped(|ui| {
            for ((_, heading), colour) in lines.iter().zip(own.curves) {
                ui.label(theme::small(format!("— {}", words::said(&heading.name))).color(colour));
            }
        });
    }
}

/// A plot `height` points high that stays where it is under the mouse, on the ground of its panel.
pub(super) fn still_plot<'a>(id: impl AsId, height: f32) -> Plot<'a> {
    Plot::new(id)
        .height(height)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .show_background(false)
}

/// The units of the columns after the first, each once.
fn units(table: &Table) -> Vec<&str> {
    let mut units: Vec<&str> = Vec::new();
    for column in &table.columns[1..] {
        if !units.contains(&column.unit.as_str()) {
            units.push(&column.unit);
        }
    }
    units
}

/// The columns of a unit.
fn of_unit<'a>(table: &'a Table, unit: &str) -> Vec<(usize, &'a Column)> {
    table.columns.iter().enumerate().skip(1).filter(|(_, column)| column.unit == unit).collect()
}

/// What a unit is offered as: the quantity if one column has it, the unit if several do.
fn label(table: &Table, unit: &str) -> String {
    match of_unit(table, unit)[..] {
        [(_, column)] => words::heading(&column.name),
        _ => unit.to_owned(),
    }
}
