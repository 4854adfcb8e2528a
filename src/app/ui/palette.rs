//! The command palette: every action, tool and organ, found by typing a few letters.

use super::actions::{self, ACTIONS};
use super::wish::Wish;
use super::{icons, keys, settings, theme, widgets, words};
use crate::base::i18n::{self, Language, language};
use crate::segment::organ::{PRESETS, Preset};
use crate::session::ToolEntry;
use egui::{Align2, Event, FontId, Key, Vec2};
use serde_json::{Value, json};

/// An open palette.
#[derive(Debug, Default)]
pub struct Palette {
    text: String,
    chosen: usize,
    /// The first entry shown.
    first: usize,
    /// Keys that choose among what is found by the letters before them, which are found in this frame.
    waiting: Vec<Event>,
}

struct Entry {
    icon: &'static str,
    name: String,
    /// Its name in the other language, so that both find it.
    also: &'static str,
    help: &'static str,
    keys: String,
    wish: Wish,
    /// Why it cannot be done now.
    refused: Option<&'static str>,
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

/// After everything that was used lately.
const NOT_LATELY: usize = 1000;
/// After everything that can be done now and is found by its name.
const REFUSED: usize = 1000;
/// Entries shown at once.
const SHOWN_MAX: usize = 12;

impl Palette {
    /// Show the palette; the wish that was chosen with its name, and whether it is done.
    pub fn show(
        &mut self,
        ctx: &egui::Context,
        tools: &'static [ToolEntry],
        why_not: &dyn Fn(&Wish) -> Option<&'static str>,
    ) -> (Option<(String, Wish)>, bool) {
        self.keep_order(ctx);
        // Before the field is shown: what is typed in the first frame is for it too. Not again while it has the keyboard,
        // for that would end what an input method composes.
        let field = egui::Id::new("palette text");
        if !ctx.memory(|memory| memory.has_focus(field)) {
            ctx.memory_mut(|memory| memory.request_focus(field));
        }
        let found = self.found(ctx, tools, why_not);
        let (down, up, enter, escape) = ctx.input_mut(|input| {
            let mut pressed = |key| input.count_and_consume_key(egui::Modifiers::NONE, key);
            (pressed(Key::ArrowDown), pressed(Key::ArrowUp), pressed(Key::Enter) != 0, pressed(Key::Escape) != 0)
        });
        let last = found.len().saturating_sub(1);
        self.chosen = (self.chosen + down).saturating_sub(up).min(last);
        // The list follows the chosen entry.
        self.first = self.first.min(self.chosen).max((self.chosen + 1).saturating_sub(SHOWN_MAX));
        // What cannot be done is listed, with the reason, and stays there.
        let taken = |entry: &Entry| entry.refused.is_none().then(|| (entry.name.clone(), entry.wish.clone()));
        let mut wish = enter.then(|| found.get(self.chosen).and_then(taken)).flatten();
        let area = egui::Modal::default_area(egui::Id::new("palette")).anchor(Align2::CENTER_TOP, Vec2::new(0.0, 90.0));
        let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(10).corner_radius(10);
        let modal = egui::Modal::new(egui::Id::new("palette")).area(area).frame(frame);
        let modal = modal.backdrop_color(egui::Color32::from_black_alpha(90));
        let response = modal.show(ctx, |ui| {
            ui.set_width(540.0_f32.min(ui.ctx().content_rect().width() - 40.0));
            let edit = egui::TextEdit::singleline(&mut self.text)
                .id(field)
                .hint_text(i18n::tr("palette-hint"))
                .font(FontId::proportional(16.0));
            let edit = ui.add(edit.desired_width(f32::INFINITY).margin(Vec2::new(10.0, 8.0)));
            if edit.changed() {
                (self.chosen, self.first) = (0, 0);
            }
            ui.add_space(4.0);
            ui.spacing_mut().item_spacing.y = 1.0;
            let height = ui.ctx().content_rect().height() - 190.0;
            egui::ScrollArea::vertical().max_height(height.max(100.0)).show(ui, |ui| {
                for (place, entry) in found.iter().enumerate().skip(self.first).take(SHOWN_MAX) {
                    if entry_ui(ui, entry, place == self.chosen) {
                        wish = taken(entry);
                    }
                }
            });
            if SHOWN_MAX < found.len() {
                let last = (self.first + SHOWN_MAX).min(found.len());
                let values = [("first", self.first + 1), ("last", last), ("all", found.len())];
                let values = values.map(|(name, value)| (name, value.into()));
                ui.label(theme::small(i18n::tr_with("palette-more", &values)).color(theme::of(ui).faint));
            }
            if found.is_empty() {
                ui.label(theme::small(i18n::tr("palette-nothing")));
            }
        });
        let done = wish.is_some() || escape || response.should_close();
        (wish, done)
    }

    /// Leave keys that choose, and what was typed after them, to the next frame where letters come before them.
    fn keep_order(&mut self, ctx: &egui::Context) {
        ctx.input_mut(|input| {
            let mut events = std::mem::take(&mut self.waiting);
            events.append(&mut input.events);
            input.events = events;
            let struck = |event: &Event, keys: &[Key]| matches!(event, Event::Key { key, pressed: true, .. } if keys.contains(key));
            let changes = |event: &Event| {
                matches!(event, Event::Text(_) | Event::Paste(_)) || struck(event, &[Key::Backspace, Key::Delete])
            };
            let Some(text) = input.events.iter().position(changes) else { return };
            let chooses = |event: &Event| struck(event, &[Key::ArrowDown, Key::ArrowUp, Key::Enter, Key::Escape]);
            let Some(choice) = input.events[text..].iter().position(chooses) else { return };
            let rest = input.events.split_off(text + choice);
            let (typed, other) = rest.into_iter().partition(keys::is_typed);
            self.waiting = typed;
            input.events.extend::<Vec<Event>>(other);
        });
        if !self.waiting.is_empty() {
            ctx.request_repaint();
        }
    }

    /// What was typed so far.
    #[cfg(test)]
    pub fn typed(&self) -> &str {
        &self.text
    }

    fn found(
        &self,
        ctx: &egui::Context,
        tools: &'static [ToolEntry],
        why_not: &dyn Fn(&Wish) -> Option<&'static str>,
    ) -> Vec<Entry> {
        let settings = settings::of(ctx);
        let other = match language() {
            Language::English => Language::SimplifiedChinese,
            Language::SimplifiedChinese => Language::English,
        };
        let action = |action: &'static actions::Action| Entry {
            icon: action.icon,
            name: words::action(action).to_owned(),
            also: words::action_in(other, action),
            help: "",
            keys: keys::first(ctx, &action.wish).unwrap_or_default(),
            wish: action.wish.clone(),
            refused: why_not(&action.wish),
        };
        let tool = |tool: &'static ToolEntry| Entry {
            icon: icons::TOOL,
            name: words::tool_item(tool),
            also: words::tool_label_in(other, tool),
            help: words::tool_help(tool),
            keys: String::new(),
            wish: Wish::Form { tool: tool.id.into(), params: Value::Null },
            refused: None,
        };
        let organ = |preset: &'static Preset| Entry {
            icon: icons::PALETTE,
            name: format!("{}…", words::organ(preset)),
            also: words::organ_in(other, preset),
            help: words::organ_help(preset),
            keys: String::new(),
            wish: Wish::Form { tool: "segment.organ".into(), params: json!({ "preset": preset.id }) },
            refused: None,
        };
        let actions = ACTIONS.iter().filter(|action| action.wish != Wish::Palette).map(action);
        let mut found: Vec<(usize, Entry)> = tools
            .iter()
            .map(tool)
            .chain(PRESETS.iter().map(organ))
            .chain(actions)
            .filter_map(|entry| {
                let by_name = fit(&entry.name, &self.text).or_else(|| fit(entry.also, &self.text));
                let by_help = || fit(entry.help, &self.text).map(|place| place + 1000);
                let fit = by_name.or_else(by_help)?;
                // What was used lately comes first where it fits as well, and at the top before anything is typed.
                let lately = settings.used.iter().position(|used| *used == entry.name);
                let fit = if self.text.trim().is_empty() {
                    lately.unwrap_or(NOT_LATELY)
                } else {
                    2 * fit + usize::from(lately.is_none())
                };
                let fit = if entry.refused.is_some() { fit + REFUSED } else { fit };
                Some((fit, entry))
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
    let own = theme::of(ui);
    let (icon, strong) = if entry.refused.is_some() { (own.faint, own.faint) } else { (own.accent, own.strong) };
    painter.text(at, Align2::CENTER_CENTER, entry.icon, FontId::proportional(16.0), icon);
    let keys = painter.text(
        rect.right_center() - Vec2::new(8.0, 0.0),
        Align2::RIGHT_CENTER,
        &entry.keys,
        FontId::proportional(12.0),
        theme::of(ui).weak,
    );
    let at = rect.left_center() + Vec2::new(36.0, 0.0);
    let name = widgets::text_in(ui, at, 260.0, &entry.name, FontId::proportional(14.0), strong);
    let at = egui::pos2(name.right() + 12.0, rect.center().y);
    let said = entry.refused.unwrap_or(entry.help);
    widgets::text_in(ui, at, keys.left() - at.x - 12.0, said, FontId::proportional(12.0), theme::of(ui).weak);
    let response = match entry.refused {
        Some(why) => response.on_hover_text(why),
        None => response,
    };
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
