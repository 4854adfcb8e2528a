//! The device of an ablation: a choice from the table, and the power and time that it has figures for.

use crate::app::ui::theme;
use crate::base::i18n::{sentence, tr, tr_with};
use crate::plan::Zone;
use crate::plan::ablation::{Device, device, devices};
use egui::{ComboBox, Ui};
use std::ops::RangeInclusive;

/// Power in W and time in minutes as far as the table goes; wide where the device is not in it.
pub(super) fn ranges(zone: &Zone, own: &[Device]) -> [RangeInclusive<f64>; 2] {
    device(own, &zone.device).map_or([1.0..=300.0, 0.5..=60.0], of_device)
}

fn of_device(device: &Device) -> [RangeInclusive<f64>; 2] {
    let powers = device.powers_w();
    let ends = powers.first().copied().unwrap_or(0.0)..=powers.last().copied().unwrap_or(0.0);
    // Between two powers a time must be known of both.
    let times = |power: &f64| {
        let own: Vec<f64> =
            device.doses.iter().filter(|dose| dose.power_w == *power).map(|dose| dose.minutes).collect();
        [own.first().copied().unwrap_or(0.0), own.last().copied().unwrap_or(0.0)]
    };
    let all: Vec<[f64; 2]> = powers.iter().map(times).collect();
    let least = all.iter().map(|[first, _]| *first).fold(0.0, f64::max);
    let most = all.iter().map(|[_, last]| *last).fold(f64::INFINITY, f64::min);
    [ends, least..=most.max(least)]
}

/// The choice of the device, those of the plan after the built-in ones; true if another was chosen, whose table then holds power and time.
pub(super) fn choose(ui: &mut Ui, zone: &mut Zone, own: &[Device]) -> bool {
    let known = device(own, &zone.device).ok();
    let was = known.map_or_else(|| zone.device.clone(), |device| sentence(&device.name).into_owned());
    let mut chosen = None;
    ui.label(tr("plan-device"));
    ComboBox::from_id_salt("ablation device").selected_text(was).width(ui.available_width()).truncate().show_ui(
        ui,
        |ui| {
            for device in devices().iter().chain(own) {
                let is_own = known.is_some_and(|own| own.id == device.id);
                if ui.selectable_label(is_own, sentence(&device.name)).on_hover_text(sentence(&device.source)).clicked()
                    && !is_own
                {
                    chosen = Some(device);
                }
            }
        },
    );
    match known {
        None => ui.label(theme::small(tr("plan-device-unknown"))),
        Some(own) => {
            ui.label(theme::small(tr_with("plan-device-source", &[("source", sentence(&own.source).as_ref().into())])))
        }
    };
    let Some(device) = chosen else { return false };
    take(zone, device);
    true
}

fn take(zone: &mut Zone, device: &Device) {
    zone.device.clone_from(&device.id);
    let [powers, times] = of_device(device);
    zone.power_w = zone.power_w.clamp(*powers.start(), *powers.end());
    zone.minutes = zone.minutes.clamp(*times.start(), *times.end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Needle, NeedleKind};

    #[test]
    fn whatever_is_chosen_has_a_zone_at_both_ends_of_its_ranges() {
        let needle = Needle {
            entry: [0.0; 3],
            target: [0.0, 0.0, 50.0],
            diameter_mm: 1.6,
            kind: NeedleKind::Probe,
            contacts: None,
        };
        for device in devices() {
            for (power_w, minutes) in [(0.0, 0.0), (60.0, 5.0), (1000.0, 200.0)] {
                let mut zone = Zone { needle: needle.clone(), device: String::new(), power_w, minutes };
                take(&mut zone, device);
                assert!(device.zone(zone.power_w, zone.minutes).is_ok(), "{zone:?}");
                let [powers, times] = ranges(&zone, &[]);
                for (power, time) in [(powers.start(), times.start()), (powers.end(), times.end())] {
                    assert!(device.zone(*power, *time).is_ok(), "{}: {power} W, {time} min", device.id);
                }
            }
        }
    }
}
