//! The score: what forbids the plan first, then every term with its bounds, its limit and where both come from.

use super::Planning;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::plan::{Judgement, Score, Term, Verdict};
use crate::session::Case;
use egui::{Color32, RichText, Ui};
use serde_json::json;

impl Planning {
    /// One line that says whether the plan may be done, and what is known of a plan that is still moved.
    pub(super) fn verdict_ui(&self, ui: &mut Ui) {
        self.whole_ui(ui);
        self.first_ui(ui);
    }

    fn whole_ui(&self, ui: &mut Ui) {
        if self.shown().actions.is_empty() {
            ui.label(theme::small(tr("plan-nothing-done")));
            return;
        }
        let Some(score) = self.score() else {
            ui.label(theme::small(tr("plan-not-scored")));
            return;
        };
        let score = match score {
            Ok(score) => score,
            Err(text) => {
                ui.label(RichText::new(words::said(text)).size(12.0).color(theme::of(ui).warning));
                return;
            }
        };
        let (icon, colour, word) = light(ui, score);
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::icon(icon).color(colour));
            ui.label(theme::strong(word).color(colour));
            if let Some(total) = score.total {
                ui.label(theme::small(tr_with("plan-total", &[("total", format!("{total:.2}").as_str().into())])));
            }
            if self.live.as_ref().is_some_and(|live| live.planned != self.shown().planned()) {
                ui.label(theme::small(tr("plan-scoring")));
            }
        });
        for term in score.unjudged().take(4) {
            let text = format!("{}: {}", words::said(&term.name), words::said(&term.reason));
            ui.label(RichText::new(text).size(12.0).color(unsaid_colour(ui)));
        }
        // The worst things, wherever the panel stands.
        for term in score.terms.iter().filter(|term| term.verdict == Verdict::Breach).take(4) {
            let text = format!("{}: {}, {}", words::said(&term.name), term.text(), words::said(&term.limit));
            ui.label(RichText::new(text).size(12.0).color(colour_of(ui, Verdict::Breach)));
        }
    }

    /// Volumes and margins of what a hand still moves: they are known before the score.
    fn first_ui(&self, ui: &mut Ui) {
        let Some((planned, terms)) = &self.first else { return };
        if self.live.as_ref().is_some_and(|live| live.planned == *planned) {
            return;
        }
        let is_first = |term: &&Term| term.id == "remnant_percent" || term.id.starts_with("margin/");
        let mut told = terms.iter().filter(is_first).filter(|term| term.verdict != Verdict::NotValid).peekable();
        if told.peek().is_some() {
            ui.label(theme::small(tr("plan-first")));
        }
        for term in told {
            let text = format!("{}: {}", words::said(&term.name), term.text());
            ui.label(RichText::new(text).size(12.5).color(colour_of(ui, term.verdict)));
        }
    }

    /// Every term.
    pub(super) fn score_ui(&mut self, ui: &mut Ui, case: &Case, wishes: &mut Vec<Wish>) {
        ui.horizontal_wrapped(|ui| {
            let keep = widgets::primary_button(ui, tr("plan-keep-score")).on_hover_text(tr("plan-keep-score-help"));
            if keep.clicked() {
                wishes.push(Wish::run("plan.score", json!({ "plans": self.node.0.to_string() })));
            }
            if let Some(live) = &self.live {
                ui.label(theme::small(tr_with("plan-took", &[("ms", format!("{:.0}", live.took_ms).as_str().into())])));
            }
        });
        if self.live.is_none()
            && let Some(stale) = case.stale_score(&self.shown())
        {
            ui.label(theme::small(words::said(&stale)).color(theme::of(ui).warning));
        }
        let Some(Ok(score)) = self.score() else { return };
        for term in &score.terms {
            term_ui(ui, term);
        }
    }
}

/// Icon, colour and word of the whole score.
fn light(ui: &Ui, score: &Score) -> (&'static str, Color32, String) {
    let of = |icon, verdict| (icon, colour_of(ui, verdict));
    let (icon, colour) = match (score.judgement(), score.worst()) {
        (Judgement::CannotBeSaid, _) => (icons::CIRCLE_DASHED, unsaid_colour(ui)),
        (Judgement::NotAllowed, _) | (Judgement::Allowed, Verdict::Breach) => of(icons::ALERT_CIRCLE, Verdict::Breach),
        (Judgement::Allowed, Verdict::Warning) => of(icons::INFO_CIRCLE, Verdict::Warning),
        (Judgement::Allowed, _) => of(icons::CIRCLE_CHECK, Verdict::Ok),
    };
    (icon, colour, word_of_plan(score.judgement(), score.worst(), score.to_weigh()))
}

/// The verdict on a whole plan in words, from the worst of its terms and how many breaches of it only count.
pub(super) fn word_of_plan(judgement: Judgement, worst: Verdict, to_weigh: usize) -> String {
    match (judgement, worst) {
        (Judgement::NotAllowed, _) => tr("plan-not-allowed").to_owned(),
        (Judgement::CannotBeSaid, _) => tr("plan-cannot-be-said").to_owned(),
        (Judgement::Allowed, Verdict::Breach) => tr_with("plan-breaches", &[("count", to_weigh.into())]),
        (Judgement::Allowed, Verdict::Warning) => tr("plan-warnings").to_owned(),
        (Judgement::Allowed, _) => tr("plan-allowed").to_owned(),
    }
}

/// The colour of a plan of which nobody can say whether it is allowed: none of those of verdicts.
pub(super) fn unsaid_colour(ui: &Ui) -> Color32 {
    theme::of(ui).accent
}

/// The sign of a verdict: a second cue beside its colour.
pub(super) fn icon_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => icons::CIRCLE_CHECK,
        Verdict::Warning => icons::ALERT_TRIANGLE,
        Verdict::Breach => icons::ALERT_CIRCLE,
        Verdict::NotValid => icons::CIRCLE_DASHED,
    }
}

/// The word of a verdict.
pub(super) fn word_of(verdict: Verdict) -> &'static str {
    tr(match verdict {
        Verdict::Ok => "board-verdict-ok",
        Verdict::Warning => "board-verdict-warning",
        Verdict::Breach => "board-verdict-breach",
        Verdict::NotValid => "board-verdict-not-valid",
    })
}

/// The colour of a verdict; its word stands beside it.
pub(super) fn colour_of(ui: &Ui, verdict: Verdict) -> Color32 {
    match verdict {
        Verdict::Ok => theme::of(ui).good,
        Verdict::Warning => theme::of(ui).warning,
        Verdict::Breach => theme::of(ui).error,
        Verdict::NotValid => theme::of(ui).faint,
    }
}

fn term_ui(ui: &mut Ui, term: &Term) {
    let colour = colour_of(ui, term.verdict);
    let faint = term.verdict == Verdict::NotValid;
    let head = ui.horizontal_wrapped(|ui| {
        let name = RichText::new(words::said(&term.name)).size(12.5);
        ui.label(if faint { name.color(theme::of(ui).faint) } else { name });
        ui.label(RichText::new(term.text()).size(12.5).strong().color(if faint {
            theme::of(ui).faint
        } else {
            theme::of(ui).strong
        }));
        if !term.limit.is_empty() {
            ui.label(theme::small(words::said(&term.limit)));
        }
        if term.verdict != Verdict::Ok || !term.limit.is_empty() {
            ui.label(RichText::new(word_of(term.verdict)).size(11.5).color(colour));
        }
    });
    if !term.reason.is_empty() {
        ui.label(theme::small(words::said(&term.reason)));
    }
    head.response.on_hover_ui(|ui| {
        ui.set_max_width(320.0);
        if !term.method.is_empty() {
            ui.label(words::said(&term.method));
        }
        if !term.source.is_empty() {
            ui.label(theme::small(words::said(&term.source)));
        }
        if let Some([weight, cost]) = term.weighed {
            let values = [("weight", format!("{weight:.1}")), ("cost", format!("{cost:.2}"))];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str().into()));
            ui.label(theme::small(tr_with("plan-weighed", &values)));
        }
    });
    ui.add_space(2.0);
}
