//! Cases that were opened before: a click opens them.

use super::super::contract::Request;
use super::super::settings::Setting;
use super::super::theme;
use super::super::wish::Wish;
use super::{WelcomeView, icon_of, list_row, shows_names, text_in};
use crate::base::i18n::{tr, tr_with};
use egui::{Align2, FontId, Ui, Vec2};

/// Show the list.
pub fn recents_ui(ui: &mut Ui, view: &WelcomeView<'_>, wishes: &mut Vec<Wish>) {
    ui.label(theme::heading(tr("recent-title")));
    ui.add_space(4.0);
    if !shows_names(ui) {
        ui.label(theme::small(tr("recent-hidden")));
        return;
    }
    if view.recent.is_empty() {
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(tr("recent-none"));
            ui.label(theme::small(tr("recent-none-help")));
        });
        return;
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    for recent in view.recent {
        let there = !view.missing.contains(&recent.path);
        let name = recent.name();
        // A case that is not there keeps its menu.
        let label = if there {
            tr_with("recent-open", &[("name", (&name).into())])
        } else {
            tr_with("recent-missing", &[("name", (&name).into())])
        };
        let (rect, response) = list_row(ui, 44.0, false, &label);
        let (bright, weak) =
            if there { (theme::of(ui).strong, theme::of(ui).weak) } else { (theme::of(ui).faint, theme::of(ui).faint) };
        let middle = rect.left_center();
        let icon = if there { theme::of(ui).accent } else { theme::of(ui).faint };
        let font = FontId::proportional(19.0);
        ui.painter().text(middle + Vec2::new(20.0, 0.0), Align2::CENTER_CENTER, icon_of(recent), font, icon);
        let ago = if there { recent.ago(view.now_s) } else { tr("recent-gone").to_owned() };
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
            if ui.button(tr("recent-forget")).clicked() {
                wishes.push(Wish::Set(Setting::ForgetRecent(recent.path.clone())));
            }
        });
    }
}
