//! The table of what differs between the two sides of a comparison.

use super::super::layout::Arrangement;
use super::super::wish::Wish;
use super::super::{find, icons, numbers, theme, widgets, words};
use super::{Compare, Loaded, ScenesWish};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::session::{Difference, Sameness};
use egui::{Align, Grid, Layout, RichText, ScrollArea, Ui, Vec2};

/// Show the table; a click on a row selects the object.
pub(in crate::app::ui) fn table_ui(ui: &mut Ui, compare: &mut Compare, left: &str, wishes: &mut Vec<Wish>) {
    let count = |what: Sameness| compare.rows.iter().filter(|row| row.sameness() == what).count();
    ui.horizontal(|ui| {
        ui.label(theme::strong(tr("compare-heading")));
        match &compare.loaded {
            Loaded::Loading => {
                ui.add(egui::Spinner::new().size(14.0));
                ui.label(theme::small(tr("compare-loading")));
            }
            Loaded::Failed(why) => {
                ui.label(RichText::new(words::said(why)).color(theme::of(ui).warning));
            }
            Loaded::Ready => {
                let numbers = [Sameness::LeftOnly, Sameness::RightOnly, Sameness::Changed, Sameness::Same].map(count);
                let [left, right, changed, same] = numbers;
                let values = [
                    ("left", left.into()),
                    ("right", right.into()),
                    ("changed", changed.into()),
                    ("same", same.into()),
                ];
                ui.label(theme::small(tr_with("compare-counts", &values)));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button(ui, icons::X, tr("scenes-end-compare")).clicked() {
                wishes.push(Wish::Scenes(ScenesWish::EndCompare));
            }
            ui.checkbox(&mut compare.hides_same, tr("compare-hide-same"));
            let has_scans = compare.case.as_ref().is_some_and(|case| find::scans(case).next().is_some());
            let slices = ui.add_enabled(has_scans, egui::Button::new(tr("compare-slices")));
            if slices.on_disabled_hover_text(tr("two-scans-none-there")).clicked() {
                wishes.push(Wish::Arrange(Arrangement::ThreeOverThree));
            }
            if ui.button(tr("compare-scenes")).clicked() {
                wishes.push(Wish::Arrange(Arrangement::TwoScenes));
            }
        });
    });
    if compare.loaded != Loaded::Ready {
        return;
    }
    let rows: Vec<&Difference> =
        compare.rows.iter().filter(|row| !compare.hides_same || row.sameness() != Sameness::Same).collect();
    if rows.is_empty() {
        ui.label(theme::small(tr("compare-nothing")));
        return;
    }
    let columns = [left, compare.name.as_str(), tr("compare-difference")];
    ScrollArea::both().id_salt("comparison").auto_shrink(false).show(ui, |ui| {
        Grid::new("comparison").num_columns(6).spacing(Vec2::new(22.0, 4.0)).striped(true).show(ui, |ui| {
            ui.label(theme::small(tr("compare-object")));
            ui.label("");
            for name in columns {
                number(ui, &shortened(name), theme::of(ui).weak);
            }
            // Aligned to the right, the last column would take all room there is.
            ui.label(theme::small(tr("compare-overlap")));
            ui.end_row();
            for row in rows {
                row_ui(ui, row, wishes);
                ui.end_row();
            }
        });
    });
}

fn row_ui(ui: &mut Ui, row: &Difference, wishes: &mut Vec<Wish>) {
    let kind = in_tables("kind", find::kind_name(row.kind));
    let name = format!("{}  {}", find::kind_icon(row.kind), row.name);
    let button = ui.add(egui::Button::new(RichText::new(name).color(theme::of(ui).strong)).frame(false));
    let here = row.nodes[0];
    if button.on_hover_text(kind).clicked() && here.is_some() {
        wishes.push(Wish::Select(here));
    }
    let (text, colour) = match row.sameness() {
        Sameness::LeftOnly => (tr("compare-left-only"), theme::of(ui).warning),
        Sameness::RightOnly => (tr("compare-right-only"), theme::of(ui).accent),
        Sameness::Changed => (tr("compare-changed"), theme::of(ui).strong),
        Sameness::Same => (tr("compare-same"), theme::of(ui).faint),
    };
    ui.label(RichText::new(text).color(colour).size(12.5));
    for volume_ml in row.volumes_ml {
        number(ui, &volume_ml.map_or_else(String::new, |ml| format!("{} ml", millilitres(ml))), theme::of(ui).text);
    }
    number(ui, &change(row), theme::of(ui).strong);
    let overlap = row.dice.map_or_else(String::new, |dice| format!("{:.1} %", 100.0 * dice));
    ui.label(RichText::new(overlap).color(theme::of(ui).text).size(12.5));
}

fn number(ui: &mut Ui, text: &str, colour: egui::Color32) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(RichText::new(text).color(colour).size(12.5));
    });
}

/// One decimal, as volumes are read; three where less than a millilitre is in question.
fn millilitres(ml: f64) -> String {
    numbers::grouped(ml, if ml.abs() < 1.0 { 3 } else { 1 })
}

/// How much the right is larger than the left, in ml and of the left.
fn change(row: &Difference) -> String {
    let [Some(left), Some(right)] = row.volumes_ml else { return String::new() };
    let by = right - left;
    if by == 0.0 {
        return "0 ml".to_owned();
    }
    let sign = if 0.0 < by { "+" } else { "−" };
    let percent = if 0.0 < left { format!(" ({sign}{:.1} %)", 100.0 * by.abs() / left) } else { String::new() };
    format!("{sign}{} ml{percent}", millilitres(by.abs()))
}

/// A name that heads a column of numbers.
fn shortened(name: &str) -> String {
    const MOST: usize = 24;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::NodeKind;

    fn row(volumes_ml: [Option<f64>; 2]) -> Difference {
        Difference {
            kind: NodeKind::Surface,
            name: "liver".into(),
            nodes: [None; 2],
            volumes_ml,
            dice: None,
            is_same: false,
        }
    }

    #[test]
    fn a_change_says_millilitres_and_per_cent_of_the_left() {
        assert_eq!(change(&row([Some(1500.0), Some(900.0)])), "−600.0 ml (−40.0 %)");
        assert_eq!(change(&row([Some(0.5), Some(0.75)])), "+0.250 ml (+50.0 %)");
        assert_eq!(change(&row([Some(0.0), Some(2.0)])), "+2.0 ml");
        assert_eq!([change(&row([Some(3.0), Some(3.0)])), change(&row([Some(3.0), None]))], ["0 ml", ""]);
    }

    #[test]
    fn long_names_of_files_do_not_push_numbers_away() {
        assert_eq!(shortened("plan.prosector"), "plan.prosector");
        assert_eq!(shortened(&"x".repeat(90)).chars().count(), 24);
    }
}
