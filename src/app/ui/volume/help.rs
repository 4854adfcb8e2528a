//! What a rendered volume shows and what it does not.

use crate::app::ui::theme;
use crate::base::i18n::{by_id, in_tables, slug};
use egui::Ui;

pub(in crate::app::ui) const TEXTS: [(&str, &str); 5] = [
    (
        "What it shows",
        "Every voxel has an opacity and a colour by its value alone. Colours are not tissue classes: two tissues of one \
         value look alike, and one tissue of two values does not.",
    ),
    (
        "When it misleads",
        "CT presets count on HU and on the phase of the contrast: vessels of an early, late or plain scan fall out of \
         their range. Metal, noise and partial volume look like tissue. MR has no unit: its presets are fitted to 1 to \
         99 % of the values of the foreground of this scan.",
    ),
    (
        "What not to do with it",
        "Do not judge a stenosis, a margin or a contact here: a small shift of the curve moves every surface. Measure \
         in the slices.",
    ),
    (
        "Where it comes from",
        "The values at which opacity rises are those of the preset family that 3D Slicer, OHIF, VolView and MITK share; \
         curves between them and colours are our own. Opacity is that of a millimetre of tissue.",
    ),
    (
        "In the 3D view",
        "Alt and drag: right shifts the curve, up stretches it. Ctrl and Alt and drag up: more opaque. Shift makes it \
         finer, Escape takes it back.",
    ),
];

pub(super) fn help_ui(ui: &mut Ui) {
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        for (heading, text) in TEXTS {
            ui.label(theme::heading(in_tables("volume-help", heading)));
            ui.add(
                egui::Label::new(
                    egui::RichText::new(by_id(text, || format!("volume-help-{}-text", slug(heading))))
                        .size(12.0)
                        .color(theme::of(ui).text),
                )
                .wrap(),
            );
            ui.add_space(3.0);
        }
    });
}
