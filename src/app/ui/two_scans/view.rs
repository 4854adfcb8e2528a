//! One view of the second scan, and what stands where there is none.

use super::super::measures::Measures;
use super::super::scenes::{Compare, Loaded, ScenesWish};
use super::super::slice::{Framing, SliceAnswer, SliceGeometry, SliceSubject, Slices};
use super::super::wish::Wish;
use super::super::{Request, theme, widgets, words};
use super::{First, Second, TwoScans, bar};
use crate::base::i18n::tr;
use crate::geom::{Orientation, Vector};
use crate::session::Case;
use egui::{Rect, Ui, UiBuilder, Vec2};

/// The second scan as its views show it.
#[derive(Debug)]
pub struct Other<'a> {
    /// Which it is.
    pub which: Second,
    /// What is shown of it; the place is that of the first scan.
    pub subject: SliceSubject<'a>,
    /// This case and the other one, to choose scans from.
    pub cases: [Option<&'a Case>; 2],
}

impl TwoScans {
    /// Show a view of the second scan in `rect`; `measures` are those of the other case, which are only looked at.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        orientation: Orientation,
        first: First<'_, '_>,
        (other, measures): (&Other<'_>, Option<&Measures>),
        wishes: &mut Vec<Wish>,
    ) -> SliceAnswer {
        let First { slices, subject } = first;
        let place = orientation as usize;
        let subject_rect = self.rects[place].unwrap_or(rect);
        let second = SliceSubject { crosshair: self.place(orientation, subject.crosshair), ..other.subject.clone() };
        let is_linked = self.alone[place].is_none();
        let one_window = self.has_one_window(subject.scan, second.scan);
        let grids = [subject, &second].map(|subject| subject.scan.grid());

        // What both share is that of the first.
        self.slices.follow(slices);
        let company = &mut self.slices.company;
        (company.beside, company.second) = (true, true);
        company.looks_only = matches!(other.which, Second::There(_));
        company.pointed = slices.cursor_place().map(|point| point + self.offset).filter(|_| is_linked);
        let here = slices.geometry(subject_rect, orientation, subject).0;
        if is_linked {
            self.slices.framings[place] = Framing::like(&here, self.offset, grids[1], rect);
        }
        if one_window {
            self.slices.set_window_like(slices, subject, &second);
        }
        let window = |slices: &mut Slices| {
            let shown = slices.window(second.node, second.scan, second.hash);
            (shown.window, shown.inverted)
        };
        let before = (self.slices.framings[place], window(&mut self.slices));
        let aside = match (other.which, measures) {
            (Second::Here(_), _) => {
                std::mem::swap(&mut slices.measures, &mut self.slices.measures);
                Some(self.slices.measures.set_aside(second.node))
            }
            (Second::There(_), measures) => {
                let seen = measures.filter(|_| !slices.measures.hidden);
                self.slices.measures = seen.map(Measures::still).unwrap_or_default();
                None
            }
        };

        let mut asked = Vec::new();
        let answer =
            ui.push_id("second scan", |ui| self.slices.show(ui, rect, orientation, &second, None, &mut asked)).inner;

        if let Some(aside) = aside {
            self.slices.measures.bring_back(aside);
            std::mem::swap(&mut slices.measures, &mut self.slices.measures);
        }
        if answer.touched {
            (self.active, slices.active) = (true, orientation);
        }
        slices.lead(&self.slices);
        let there = self.slices.geometry(rect, orientation, &second).0;
        if is_linked && self.slices.framings[place] != before.0 {
            slices.frame_as(orientation, Framing::like(&there, -self.offset, grids[0], subject_rect));
        }
        for wish in asked {
            match wish {
                Wish::Crosshair(point) if is_linked => wishes.push(Wish::Crosshair(point - self.offset)),
                Wish::Crosshair(point) => self.alone[place] = Some(point),
                wish @ (Wish::WindowPreset(_) | Wish::WindowFull) => {
                    self.slices.change_window((second.node, second.scan, second.hash), &wish);
                }
                // What lies in the second scan is no reason to look at that alone.
                Wish::Select(Some(_)) => {}
                wish => wishes.push(wish),
            }
        }
        if one_window && window(&mut self.slices) != before.1 {
            slices.set_window_like(&mut self.slices, &second, subject);
        }
        self.bar_ui(ui, rect, orientation, [&here, &there], (subject, other), wishes);
        answer
    }

    /// The chain, the menu, and what is said of both.
    fn bar_ui(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        orientation: Orientation,
        [here, there]: [&SliceGeometry; 2],
        (subject, other): (&SliceSubject<'_>, &Other<'_>),
        wishes: &mut Vec<Wish>,
    ) {
        let place = orientation as usize;
        match bar::show(self, ui, rect, orientation, (subject, other), wishes) {
            None => {}
            Some(bar::Link::Chain) if self.alone[place].is_some() => self.alone[place] = None,
            Some(bar::Link::Chain) => self.alone[place] = Some(self.place(orientation, subject.crosshair)),
            Some(bar::Link::ByPlace) => (self.alone, self.offset) = ([None; 3], Vector::zeros()),
            Some(bar::Link::AsTheyStand) => {
                let [from, to] = [here, there].map(|of| of.patient_from_screen(of.rect.center()));
                (self.alone, self.offset) = ([None; 3], to - from);
            }
        }
    }
}

/// Why there is no second scan, and what can be done about it.
pub fn no_second_ui(ui: &mut Ui, rect: Rect, compare: Option<&Compare>, wishes: &mut Vec<Wish>) {
    ui.painter().rect_filled(rect, 0, egui::Color32::BLACK);
    let why = match compare.map(|compare| &compare.loaded) {
        Some(Loaded::Loading) => tr("compare-loading").to_owned(),
        Some(Loaded::Failed(why)) => words::said(why).into_owned(),
        Some(Loaded::Ready) => tr("two-scans-none-there").to_owned(),
        None => tr("two-scans-none").to_owned(),
    };
    let size = Vec2::new((rect.width() - 24.0).min(300.0), 150.0_f32.min(rect.height() - 8.0));
    if size.x < 40.0 || size.y < 20.0 {
        return;
    }
    let area = Rect::from_center_size(rect.center(), size);
    let layout = egui::Layout::top_down(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(area).layout(layout), |ui| {
        ui.label(theme::small(why));
        ui.add_space(8.0);
        if widgets::primary_button(ui, tr("two-scans-compare")).clicked() {
            wishes.push(Wish::Scenes(ScenesWish::AskCompare));
        }
        if ui.button(tr("two-scans-open")).clicked() {
            wishes.push(Wish::Ask(Request::OpenFileDialog));
        }
    });
}
