//! The menu of arrangements: ready-made ones, saved ones, and moving views by hand.

use super::super::layout::{Arrangement, Layout};
use super::super::settings::{self, Setting};
use super::super::wish::Wish;
use super::super::{icons, keys, theme, widgets};
use crate::base::i18n;
use crate::base::i18n::{in_tables, tr, tr_with};
use egui::{Id, RichText, Ui};

/// The icon of an arrangement.
pub fn icon(arrangement: Arrangement) -> &'static str {
    match arrangement {
        Arrangement::FourUp => icons::LAYOUT_GRID,
        Arrangement::SceneLarge => icons::LAYOUT_SIDEBAR,
        Arrangement::AxialLarge => icons::LAYOUT_BOARD,
        Arrangement::SceneOnly => icons::BOX,
        Arrangement::SliceOnly => icons::STACK_2,
        Arrangement::Slices => icons::LAYOUT_COLUMNS,
        Arrangement::TwoScenes | Arrangement::TwoSlices => icons::COLUMNS_2,
        Arrangement::ThreeOverThree => icons::LAYOUT_GRID,
        Arrangement::SlicesPlot => icons::WIND,
        Arrangement::Lecture => icons::PENCIL,
        Arrangement::Curved => icons::GIT_BRANCH,
    }
}

/// Show the button of the menu; `why_not` says why an arrangement cannot be used now, if it cannot.
pub fn layouts_menu(
    ui: &mut Ui,
    layout: &Layout,
    why_not: &dyn Fn(&Wish) -> Option<&'static str>,
    wishes: &mut Vec<Wish>,
) {
    let name = Arrangement::ALL.iter().find(|(each, _)| *each == layout.arrangement()).map_or("", |(_, name)| name);
    let name = i18n::in_tables("arrangement", name);
    let text = format!("{}  {name}  {}", icon(layout.arrangement()), icons::CHEVRON_DOWN);
    ui.menu_button(RichText::new(text).color(theme::of(ui).text), |ui| {
        ui.set_min_width(230.0);
        for (arrangement, name) in Arrangement::ALL {
            let wish = Wish::Arrange(arrangement);
            let on = layout.arrangement() == arrangement;
            let button = egui::Button::new(format!("{}  {}", icon(arrangement), i18n::in_tables("arrangement", name)))
                .selected(on);
            let key = keys::first(ui.ctx(), &wish).unwrap_or_default();
            let button = button.shortcut_text(RichText::new(key).color(theme::of(ui).weak));
            let why = why_not(&wish);
            let shown = ui.add_enabled(why.is_none(), button);
            if shown.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                wishes.push(wish);
            }
        }
        ui.separator();
        saved(ui, wishes);
        ui.separator();
        let mut moves = layout.arranging;
        if ui.checkbox(&mut moves, tr("layout-move")).clicked() {
            wishes.push(Wish::MoveViews);
        }
        let missing: Vec<_> = super::PANES.iter().filter(|(pane, ..)| !layout.panes().contains(pane)).collect();
        if !missing.is_empty() {
            ui.menu_button(tr("layout-add"), |ui| {
                for (pane, _, title) in missing {
                    if ui.button(in_tables("pane", title)).clicked() {
                        wishes.push(Wish::AddView(*pane));
                    }
                }
            });
        }
    })
    .response
    .on_hover_text(tr("layout-help"));
}

/// The user's own arrangements, and a field for the name of a new one.
fn saved(ui: &mut Ui, wishes: &mut Vec<Wish>) {
    let settings = settings::of(ui.ctx());
    for saved in &settings.layouts {
        ui.horizontal(|ui| {
            if ui.button(format!("{}  {}", icons::LAYOUT_BOARD, saved.name)).clicked() {
                wishes.push(Wish::Set(Setting::UseLayout(saved.name.clone())));
                ui.close();
            }
            if widgets::icon_button(
                ui,
                icons::TRASH,
                &tr_with("layout-forget", &[("name", saved.name.as_str().into())]),
            )
            .clicked()
            {
                wishes.push(Wish::Set(Setting::ForgetLayout(saved.name.clone())));
            }
        });
    }
    let id = Id::new("name of a new layout");
    let mut name = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_default();
    ui.horizontal(|ui| {
        let edit = egui::TextEdit::singleline(&mut name).hint_text(tr("layout-name")).desired_width(140.0);
        let edit = ui.add(edit);
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let ready = !name.trim().is_empty();
        if (ui.add_enabled(ready, egui::Button::new(tr("layout-save"))).clicked() || entered) && ready {
            wishes.push(Wish::Set(Setting::SaveLayout(name.trim().to_owned())));
            name.clear();
        }
    });
    ui.data_mut(|data| data.insert_temp(id, name));
}
