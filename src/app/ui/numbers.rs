//! Numbers as people read them: sensible digits, thin spaces, never without a unit.

use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use std::time::Duration;

/// A quantity with its unit: one decimal for mm and ml, four significant digits otherwise; `1` and `` are no unit.
pub fn quantity(value: f64, unit: &str) -> String {
    let number = match unit {
        _ if !value.is_finite() => return tr("number-none").into(),
        "mm" | "ml" if 0.05 <= value.abs() || value == 0.0 => grouped(value, 1),
        _ => significant(value),
    };
    if unit.is_empty() || unit == "1" { number } else { format!("{number} {unit}") }
}

/// Four significant digits; whole numbers in full.
pub fn significant(value: f64) -> String {
    let size = value.abs();
    if value == value.trunc() && size < 1e9 {
        return grouped(value, 0);
    }
    match size {
        1e-3..1e9 => {
            let before = size.log10().floor() as i32 + 1;
            let text = grouped(value, (4 - before).clamp(0, 6) as usize);
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
        _ => format!("{value:.3e}").replace('-', "−"),
    }
}

/// `value` with `decimals`, a real minus sign, and a thin space between thousands.
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let negative = value < 0.0 && text.contains(|c: char| ('1'..='9').contains(&c));
    let mut out = String::from(if negative { "−" } else { "" });
    for (place, digit) in whole.chars().enumerate() {
        if 0 < place && 4 < whole.len() && (whole.len() - place).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out + rest
}

/// A place with the letters of its side: `L 12.0  P 34.5  S 118.8 mm`.
pub fn place(point: &Point) -> String {
    let part = |axis: usize, letters: [&str; 2]| coordinate(point[axis], letters);
    format!("{}  {}  {} mm", part(0, ["R", "L"]), part(1, ["A", "P"]), part(2, ["I", "S"]))
}

/// A coordinate with the letter of its side: `L 12.0`.
pub fn coordinate(value: f64, letters: [&str; 2]) -> String {
    format!("{} {:.1}", letters[usize::from(0.0 <= value)], value.abs())
}

/// How long something takes: `8 s`, `2 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        ..9.95 => format!("{seconds:.1} s"),
        ..59.5 => format!("{seconds:.0} s"),
        _ => tr_with(
            "number-minutes",
            &[("minutes", (duration.as_secs() / 60).into()), ("seconds", (duration.as_secs() % 60).into())],
        ),
    }
}

/// The largest of 1, 2, 5 times a power of ten that is at most `limit`; for scale bars and ticks.
pub fn round_step(limit: f64) -> f64 {
    let power = 10_f64.powf(limit.max(1e-300).log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|n| n * power).find(|step| *step <= limit * (1.0 + 1e-9)).unwrap_or(power)
}

/// A length for a scale bar: `5 cm`, `20 mm`.
pub fn length_mm(mm: f64) -> String {
    if mm < 9.99 { format!("{} mm", significant(mm)) } else { format!("{} cm", significant(mm / 10.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_sensible_digits_and_their_unit() {
        assert_eq!(quantity(4321.987, "ml"), "4322.0 ml");
        assert_eq!(quantity(54321.987, "ml"), "54\u{2009}322.0 ml");
        assert_eq!(quantity(0.0123456, "Pa"), "0.01235 Pa");
        assert_eq!(quantity(-1234.5678, "Pa"), "−1235 Pa");
        assert_eq!(quantity(1.5, "1"), "1.5");
        assert_eq!(quantity(48123.0, ""), "48\u{2009}123");
        assert_eq!(quantity(3.2e-7, "m/s"), "3.200e−7 m/s");
        assert_eq!(quantity(f64::NAN, "mm"), "not a number");
        assert_eq!(quantity(-0.04, "HU"), "−0.04 HU");
    }

    #[test]
    fn places_name_their_side() {
        assert_eq!(place(&Point::new(-12.0, 34.54, 0.0)), "R 12.0  P 34.5  S 0.0 mm");
    }

    #[test]
    fn scale_bars_have_round_lengths() {
        let rounded: Vec<f64> = [0.99, 1.0, 4.9, 5.0, 73.0].map(round_step).to_vec();
        assert_eq!(rounded, [0.5, 1.0, 2.0, 5.0, 50.0]);
        assert_eq!((length_mm(50.0), length_mm(5.0)), ("5 cm".into(), "5 mm".into()));
    }
}
