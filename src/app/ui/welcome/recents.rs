//! Cases that were opened before: a click opens them.

use super::super::contract::Request;
use super::super::settings::Setting;
use super::super::theme;
use super::super::wish::Wish;
use super::{WelcomeView, icon_of, list_row, shows_names, text_in};
use egui::{Align2, FontId, Ui, Vec2};

/// Show the list.
pub fn recents_ui(ui: &mut Ui, view: &WelcomeView<'_>, wishes: &mut Vec<Wish>) {
    ui.label(theme::heading("Recent"));
    ui.add_space(4.0);
    if !shows_names(ui) {
        ui.label(theme::small("Hidden during a lecture."));
        return;
    }
    if view.recent.is_empty() {
        theme::card().show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label("Cases and scans you open will be listed here.");
            ui.label(theme::small("The list stays on this computer and can be emptied in the settings."));
        });
        return;
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    for recent in view.recent {
        let there = !view.missing.contains(&recent.path);
        let name = recent.name();
        // A case that is not there keeps its menu.
        let label = if there { format!("Open recent {name}") } else { format!("Recent {name}, not there any more") };
        let (rect, response) = list_row(ui, 44.0, false, &label);
        let (bright, weak) = if there { (theme::STRONG, theme::WEAK) } else { (theme::FAINT, theme::FAINT) };
        let middle = rect.left_center();
        let icon = if there { theme::ACCENT } else { theme::FAINT };
        let font = FontId::proportional(19.0);
        ui.painter().text(middle + Vec2::new(20.0, 0.0), Align2::CENTER_CENTER, icon_of(recent), font, icon);
        let ago = if there { recent.ago(view.now_s) } else { "not there any more".to_owned() };
        let font = FontId::proportional(11.5);
        let at = rect.right_center() - Vec2::new(10.0, 0.0);
        let ago = ui.painter().text(at, Align2::RIGHT_CENTER, ago, font, weak);
        let width = ago.left() - middle.x - 52.0;
        text_in(ui, middle + Vec2::new(40.0, -8.0), width, &name, theme::semibold(13.0), bright);
        let folder = recent.path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        text_in(ui, middle + Vec2::new(40.0, 9.0), width, &folder, FontId::proportional(11.5), weak);
        let response = response.on_hover_text(recent.path.display().to_string());
        if response.clicked() && there {
            let is_case = recent.path.extension().is_some_and(|ending| ending == "prosector");
            let open = Request::OpenCase(recent.path.clone());
            // A case takes the place of this one, a scan is added to it.
            wishes.push(if is_case { Wish::Guarded(open) } else { Wish::Ask(open) });
        }
        response.context_menu(|ui| {
            if ui.button("Take from the list").clicked() {
                wishes.push(Wish::Set(Setting::ForgetRecent(recent.path.clone())));
            }
        });
    }
}
