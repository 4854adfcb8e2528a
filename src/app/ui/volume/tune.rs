//! One gesture in the scene changes the whole transfer function: Alt and the left button, or Shift and the right one.
//!
//! Right shifts it to higher values, up stretches it; with Ctrl, up makes it more opaque. Without a curve (MIP, X-ray)
//! the same gesture is that of the slices: width and level of the window.

use crate::app::ui::numbers;
use crate::base::i18n::tr_with;
use crate::image::transfer::TransferFunction;
use egui::{Modifiers, Vec2};

/// The range of values is this many points wide.
const RANGE_POINTS: f64 = 1024.0;
/// Movement that stretches e-fold, in points.
const STRETCH_POINTS: f64 = 250.0;
/// Movement that makes e-fold as opaque, in points.
const FADE_POINTS: f64 = 120.0;
/// Shift is four times slower, as for windows.
const FINE: f64 = 0.25;

/// A gesture that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// The transfer function before; none where the window is changed.
    pub start: Option<TransferFunction>,
    /// Shift in values, logarithm of the stretch, logarithm of the opacity.
    moved: [f64; 3],
}

impl Tuning {
    /// One that begins; `start` is none where there is no curve.
    pub fn new(start: Option<TransferFunction>) -> Self {
        Self { start, moved: [0.0; 3] }
    }

    /// The mouse went `delta` points farther, over a scan whose values span `range`.
    pub fn go(&mut self, delta: Vec2, modifiers: Modifiers, range: [f64; 2]) {
        let slow = if modifiers.shift { FINE } else { 1.0 };
        let (right, up) = (f64::from(delta.x) * slow, -f64::from(delta.y) * slow);
        if modifiers.command {
            self.moved[2] += up / FADE_POINTS;
        } else {
            self.moved[0] += right * (range[1] - range[0]) / RANGE_POINTS;
            self.moved[1] += up / STRETCH_POINTS;
        }
    }

    /// What has come of it.
    pub fn result(&self) -> Option<TransferFunction> {
        let start = self.start.as_ref()?;
        let [shift, stretch, fade] = self.moved;
        let stretched = start.stretched(start.middle(), stretch.exp()).shifted(shift);
        // Opacities that were not touched are not rounded.
        Some(if fade == 0.0 { stretched } else { stretched.scaled_opacity(fade.exp() as f32) })
    }

    /// How far it went, in words: `shift +35 HU · stretch ×1.20 · opacity ×0.80`.
    pub fn text(&self, unit: &str) -> String {
        let [shift, stretch, fade] = self.moved;
        let sign = if 0.5 <= shift { "+" } else { "" };
        let shift = numbers::quantity(if shift.abs() < 0.5 { 0.0 } else { shift.round() }, unit);
        tr_with(
            "volume-tuned",
            &[
                ("shift", (&format!("{sign}{shift}")).into()),
                ("stretch", (&format!("{:.2}", stretch.exp())).into()),
                ("opacity", (&format!("{:.2}", fade.exp())).into()),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::transfer::preset;

    const RANGE: [f64; 2] = [-1024.0, 3072.0];

    fn started() -> Tuning {
        Tuning::new(Some(preset("ct-bone").unwrap().transfer([0.0, 1.0])))
    }

    #[test]
    fn right_shifts_up_stretches_and_with_control_up_makes_it_more_opaque() {
        let start = started().start.unwrap();
        let gone = |delta: Vec2, modifiers: Modifiers| {
            let mut tuning = started();
            tuning.go(delta, modifiers, RANGE);
            tuning.result().unwrap()
        };
        let shifted = gone(Vec2::new(10.0, 0.0), Modifiers::ALT);
        assert!((shifted.opacity[0].0 - start.opacity[0].0 - 40.0).abs() < 1e-9);
        assert!((shifted.colours[0].0 - start.colours[0].0 - 40.0).abs() < 1e-9);
        let wide = gone(Vec2::new(0.0, -50.0), Modifiers::ALT).span().unwrap();
        let [low, high] = start.span().unwrap();
        assert!(((wide[1] - wide[0]) / (high - low) - 0.2_f64.exp()).abs() < 1e-9);
        assert!((0.5 * (wide[0] + wide[1]) - start.middle()).abs() < 1e-9, "about its middle");
        let faded = gone(Vec2::new(30.0, 120.0), Modifiers::ALT | Modifiers::COMMAND);
        assert!((faded.opacity[3].1 / start.opacity[3].1 - 1.0 / std::f32::consts::E).abs() < 1e-6);
        assert_eq!(faded.opacity[3].0, start.opacity[3].0, "with control nothing is shifted");
        let fine = gone(Vec2::new(10.0, 0.0), Modifiers::ALT | Modifiers::SHIFT);
        assert!((fine.opacity[0].0 - start.opacity[0].0 - 10.0).abs() < 1e-9);
    }

    /// Fully opaque and back again: the way there forgets nothing.
    #[test]
    fn there_and_back_is_where_it_began() {
        let mut tuning = started();
        for delta in [Vec2::new(0.0, -900.0), Vec2::new(0.0, 900.0)] {
            tuning.go(delta, Modifiers::ALT | Modifiers::COMMAND, RANGE);
        }
        let (end, start) = (tuning.result().unwrap(), tuning.start.unwrap());
        assert!(end.opacity.iter().zip(&start.opacity).all(|(a, b)| (a.1 - b.1).abs() < 1e-6));
    }

    #[test]
    fn it_says_how_far_it_went() {
        let mut tuning = started();
        tuning.go(Vec2::new(10.0, 0.0), Modifiers::ALT, RANGE);
        assert_eq!(tuning.text("HU"), "shift +40 HU  ·  stretch ×1.00  ·  opacity ×1.00");
        assert_eq!(Tuning::new(None).result(), None);
    }
}
