//! What stands in a view of the second scan: the chain that links it with the first, and the menu of the two.

use super::super::find;
use super::super::scenes::ScenesWish;
use super::super::slice::SliceSubject;
use super::super::wish::Wish;
use super::super::{icons, numbers, theme, widgets};
use super::view::Other;
use super::{Second, TwoScans};
use crate::base::i18n::{tr, tr_with};
use crate::geom::Orientation;
use crate::session::Case;
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align2, PopupCloseBehavior, Rect, RichText, ScrollArea, Ui, UiBuilder, Vec2};

/// Below this size there is no room for it, points.
const SMALLEST: Vec2 = Vec2::new(150.0, 90.0);

/// What was asked of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Link this view or let it go.
    Chain,
    /// The same place of the patient.
    ByPlace,
    /// What both show now is the same place.
    AsTheyStand,
}

/// Show it at the upper right of `rect`.
pub fn show(
    own: &mut TwoScans,
    ui: &mut Ui,
    rect: Rect,
    orientation: Orientation,
    (subject, other): (&SliceSubject<'_>, &Other<'_>),
    wishes: &mut Vec<Wish>,
) -> Option<Link> {
    if rect.width() < SMALLEST.x || rect.height() < SMALLEST.y {
        return None;
    }
    let is_linked = own.alone[orientation as usize].is_none();
    let mut asked = None;
    let area = Rect::from_min_size(rect.right_top() + Vec2::new(-66.0, 5.0), Vec2::new(60.0, 28.0));
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(area).layout(layout).id_salt(("second scan", orientation)), |ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        menu(own, ui, is_linked, (subject, other), &mut asked, wishes);
        let (icon, name) = match is_linked {
            true => (icons::LINK, tr("two-scans-unlink")),
            false => (icons::UNLINK, tr("two-scans-link")),
        };
        if widgets::icon_toggle(ui, icon, name, is_linked).clicked() {
            asked = Some(Link::Chain);
        }
    });
    let said = match (is_linked, own.offset.norm()) {
        (false, _) => Some((tr("two-scans-alone").to_owned(), theme::WARNING)),
        (true, by) if 0.05 < by => {
            Some((tr_with("two-scans-moved", &[("mm", numbers::length_mm(by).as_str().into())]), theme::ACCENT))
        }
        _ => None,
    };
    if let Some((text, colour)) = said {
        let at = rect.right_top() + Vec2::new(-22.0, 34.0);
        super::super::slice::shadowed(
            &ui.painter_at(rect),
            at,
            Align2::RIGHT_TOP,
            &text,
            egui::FontId::proportional(11.5),
            colour,
        );
    }
    asked
}

fn menu(
    own: &mut TwoScans,
    ui: &mut Ui,
    is_linked: bool,
    (subject, other): (&SliceSubject<'_>, &Other<'_>),
    asked: &mut Option<Link>,
    wishes: &mut Vec<Wish>,
) {
    let button = egui::Button::new(RichText::new(icons::STACK_2).size(17.0).color(theme::TEXT)).frame(false);
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let name = tr("two-scans-menu");
    let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
        ui.set_min_width(230.0);
        ScrollArea::vertical().max_height(220.0).show(ui, |ui| {
            let [here, there] = other.cases;
            choice(own, ui, here, subject, other.which, Second::Here);
            if there.is_some_and(|case| find::scans(case).next().is_some()) {
                ui.label(theme::heading(tr("two-scans-there")));
                choice(own, ui, there, subject, other.which, Second::There);
            }
        });
        if ui.button(tr("two-scans-compare")).clicked() {
            wishes.push(Wish::Scenes(ScenesWish::AskCompare));
            ui.close();
        }
        ui.separator();
        let mut one = own.has_one_window(subject.scan, other.subject.scan);
        let may = subject.scan.unit() == other.subject.scan.unit();
        let window = ui.add_enabled(may, egui::Checkbox::new(&mut one, tr("two-scans-window")));
        if window.on_disabled_hover_text(tr("two-scans-other-unit")).changed() {
            own.one_window = Some(one);
        }
        ui.checkbox(&mut own.all_segments, tr("two-scans-segments"));
        ui.separator();
        let by_place = is_linked && own.offset.norm() == 0.0;
        if ui.add_enabled(!by_place, egui::Button::new(tr("two-scans-by-place"))).clicked() {
            *asked = Some(Link::ByPlace);
        }
        let stand = ui.add_enabled(!is_linked, egui::Button::new(tr("two-scans-as-they-stand")));
        if stand.on_hover_text(tr("two-scans-as-they-stand-help")).clicked() {
            *asked = Some(Link::AsTheyStand);
        }
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, name));
    response.on_hover_text(name);
}

/// The scans of a case to choose from.
fn choice(
    own: &mut TwoScans,
    ui: &mut Ui,
    case: Option<&Case>,
    subject: &SliceSubject<'_>,
    now: Second,
    of: impl Fn(crate::base::NodeId) -> Second,
) {
    let Some(case) = case else { return };
    for id in find::scans(case).filter(|id| of(*id) != Second::Here(subject.node)) {
        let Some(node) = case.node(id) else { continue };
        let mut name: String = node.name.chars().take(34).collect();
        if name.len() < node.name.len() {
            name.push('…');
        }
        if ui.radio(now == of(id), name).clicked() {
            own.chosen = Some(of(id));
        }
    }
}
