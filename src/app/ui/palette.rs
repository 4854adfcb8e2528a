//! The command palette: every action, tool and organ, found by typing a few letters.

use super::actions::{self, ACTIONS};
use super::wish::Wish;
use super::{icons, theme, widgets};
use crate::segment::organ::{PRESETS, Preset};
use crate::session::ToolEntry;
use egui::{Align2, FontId, Key, Vec2};
use serde_json::{Value, json};

/// An open palette.
#[derive(Debug, Default)]
pub struct Palette {
    text: String,
    chosen: usize,
}

struct Entry {
    icon: &'static str,
    name: String,
    help: &'static str,
    keys: String,
    wish: Wish,
}

/// How well `name` fits what was typed; `None` if a typed word is not in it. Smaller is better.
fn fit(name: &str, typed: &str) -> Option<usize> {
    let name = name.to_lowercase();
    typed.to_lowercase().split_whitespace().try_fold(0, |sum, word| {
        let place = name.find(word)?;
        let word_start = place == 0 || !name[..place].ends_with(char::is_alphanumeric);
        Some(sum + place + if word_start { 0 } else { 50 })
    })
}

/// Entries shown at once.
const SHOWN_MAX: usize = 12;

impl Palette {
    /// Show the palette; the wish that was chosen, and whether it is done.
    pub fn show(
        &mut self,
        ctx: &egui::Context,
        tools: &'static [ToolEntry],
        can: &dyn Fn(&Wish) -> bool,
    ) -> (Option<Wish>, bool) {
        let found = self.found(ctx, tools, can);
        let (down, up, enter, escape) = ctx.input_mut(|input| {
            let mut pressed = |key| input.consume_key(egui::Modifiers::NONE, key);
            (pressed(Key::ArrowDown), pressed(Key::ArrowUp), pressed(Key::Enter), pressed(Key::Escape))
        });
        let last = found.len().min(SHOWN_MAX).saturating_sub(1);
        self.chosen = (self.chosen + usize::from(down)).saturating_sub(usize::from(up)).min(last);
        let mut wish = enter.then(|| found.get(self.chosen).map(|entry| entry.wish.clone())).flatten();
        let area = egui::Modal::default_area(egui::Id::new("palette")).anchor(Align2::CENTER_TOP, Vec2::new(0.0, 90.0));
        let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(10).corner_radius(10);
        let modal = egui::Modal::new(egui::Id::new("palette")).area(area).frame(frame);
        let modal = modal.backdrop_color(egui::Color32::from_black_alpha(90));
        let response = modal.show(ctx, |ui| {
            ui.set_width(540.0);
            let edit = egui::TextEdit::singleline(&mut self.text)
                .hint_text("What do you want to do?")
                .font(FontId::proportional(16.0));
            let edit = ui.add(edit.desired_width(f32::INFINITY).margin(Vec2::new(10.0, 8.0)));
            if edit.changed() {
                self.chosen = 0;
            }
            edit.request_focus();
            ui.add_space(4.0);
            ui.spacing_mut().item_spacing.y = 1.0;
            for (place, entry) in found.iter().take(SHOWN_MAX).enumerate() {
                if entry_ui(ui, entry, place == self.chosen) {
                    wish = Some(entry.wish.clone());
                }
            }
            if found.is_empty() {
                ui.label(theme::small("Nothing has this name."));
            }
        });
        let done = wish.is_some() || escape || response.should_close();
        (wish, done)
    }

    fn found(&self, ctx: &egui::Context, tools: &'static [ToolEntry], can: &dyn Fn(&Wish) -> bool) -> Vec<Entry> {
        let action = |action: &'static actions::Action| Entry {
            icon: action.icon,
            name: action.name.to_owned(),
            help: "",
            keys: action.keys.first().map(|key| actions::key_text(ctx, key)).unwrap_or_default(),
            wish: action.wish.clone(),
        };
        let tool = |tool: &'static ToolEntry| Entry {
            icon: icons::TOOL,
            name: format!("{}…", tool.label.trim_end_matches('…')),
            help: tool.help,
            keys: String::new(),
            wish: Wish::Form { tool: tool.id.into(), params: Value::Null },
        };
        let organ = |preset: &'static Preset| Entry {
            icon: icons::PALETTE,
            name: format!("{}…", preset.label),
            help: preset.help,
            keys: String::new(),
            wish: Wish::Form { tool: "segment.organ".into(), params: json!({ "preset": preset.id }) },
        };
        let usable = ACTIONS.iter().filter(|action| action.wish != Wish::Palette && can(&action.wish)).map(action);
        let mut found: Vec<(usize, Entry)> = tools
            .iter()
            .map(tool)
            .chain(PRESETS.iter().map(organ))
            .chain(usable)
            .filter_map(|entry| {
                let by_name = fit(&entry.name, &self.text);
                let by_help = || fit(entry.help, &self.text).map(|place| place + 1000);
                Some((by_name.or_else(by_help)?, entry))
            })
            .collect();
        found.sort_by_key(|(fit, _)| *fit);
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

fn entry_ui(ui: &mut egui::Ui, entry: &Entry, chosen: bool) -> bool {
    let (rect, response) = widgets::list_row(ui, 32.0, chosen, &entry.name);
    let painter = ui.painter();
    let at = rect.left_center() + Vec2::new(18.0, 0.0);
    painter.text(at, Align2::CENTER_CENTER, entry.icon, FontId::proportional(16.0), theme::ACCENT);
    let keys = painter.text(
        rect.right_center() - Vec2::new(8.0, 0.0),
        Align2::RIGHT_CENTER,
        &entry.keys,
        FontId::proportional(12.0),
        theme::WEAK,
    );
    let at = rect.left_center() + Vec2::new(36.0, 0.0);
    let name = widgets::text_in(ui, at, 260.0, &entry.name, FontId::proportional(14.0), theme::STRONG);
    let at = egui::pos2(name.right() + 12.0, rect.center().y);
    widgets::text_in(ui, at, keys.left() - at.x - 12.0, entry.help, FontId::proportional(12.0), theme::WEAK);
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typed_word_must_be_in_the_name_and_beginnings_win() {
        assert!(fit("Save case as…", "case sav").is_some());
        assert_eq!(fit("Save case", "report"), None);
        assert!(fit("Redo", "re") < fit("Make surface", "re").or(Some(usize::MAX)));
        assert!(fit("Window: bone", "bo") < fit("Carbon", "bo"));
    }
}
