//! Unit constants, and quantities as people write them: `1.5 mm`, `12 mmHg`.

/// Pascal in a millimetre of mercury (conventional value, BIPM).
pub const PA_PER_MMHG: f64 = 133.322_387_415;
/// Pascal in a centimetre of water (conventional value, water of 1000 kg/m³ under 9.80665 m/s²).
pub const PA_PER_CMH2O: f64 = 98.0665;
/// Cubic millimetres in a millilitre.
pub const MM3_PER_ML: f64 = 1000.0;

/// Units a parameter may be written in: symbol, dimension, factor to the dimension's first unit here.
const UNITS: &[(&str, &str, f64)] = &[
    ("mm", "length", 1.0),
    ("cm", "length", 10.0),
    ("m", "length", 1000.0),
    ("ml", "volume", 1.0),
    ("l", "volume", 1000.0),
    ("cm3", "volume", 1.0),
    ("mm3", "volume", 1e-3),
    ("Pa", "pressure", 1.0),
    ("kPa/mm", "pressure per way", 1.0),
    ("kPa", "pressure", 1e3),
    ("MPa", "pressure", 1e6),
    ("mmHg", "pressure", PA_PER_MMHG),
    ("N", "force", 1.0),
    ("mN", "force", 1e-3),
    ("s", "time", 1.0),
    ("ms", "time", 1e-3),
    ("min", "time", 60.0),
    ("ml/s", "flow", 1.0),
    ("l/min", "flow", 1000.0 / 60.0),
    ("m/s", "speed", 1.0),
    ("cm/s", "speed", 0.01),
    ("kg/m3", "density", 1.0),
    ("Pa s", "viscosity", 1.0),
    ("mPa s", "viscosity", 1e-3),
    ("HU", "attenuation", 1.0),
    ("deg", "angle", 1.0),
];

/// Read a number, with or without a unit, as a number of `unit`; `""` and `"1"` stand for a bare number.
///
/// # Errors
/// A sentence that names the text and what was expected.
pub fn parse(text: &str, unit: &str) -> Result<f64, String> {
    let text = text.trim();
    let split = text.char_indices().rev().find(|(_, c)| c.is_ascii_digit() || *c == '.').map_or(0, |(i, _)| i + 1);
    // "mm3" and "kg/m3" end in a digit: take the unit off by name first.
    let named =
        UNITS.iter().map(|(symbol, ..)| *symbol).filter(|symbol| text.ends_with(symbol)).max_by_key(|s| s.len());
    let (number, written) = match named {
        Some(symbol) => (text[..text.len() - symbol.len()].trim(), symbol),
        None => (text[..split].trim(), text[split..].trim()),
    };
    let value: f64 = number.parse().map_err(|_| format!("'{text}' is not a number{}", expected(unit)))?;
    if !value.is_finite() {
        return Err(format!("'{text}' is not a finite number"));
    }
    if written.is_empty() || written == unit {
        return Ok(value);
    }
    let find = |symbol: &str| UNITS.iter().find(|(s, ..)| *s == symbol);
    match (find(written), find(unit)) {
        (Some((_, from, from_factor)), Some((_, to, to_factor))) if from == to => Ok(value * from_factor / to_factor),
        _ => Err(format!("'{text}' has the unit '{written}'{}", expected(unit))),
    }
}

fn expected(unit: &str) -> String {
    if unit.is_empty() || unit == "1" { ", expected no unit".into() } else { format!(", expected {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_converted_to_the_unit_asked_for() {
        let close = |text, unit, value: f64| {
            let read = parse(text, unit).unwrap();
            assert!((read - value).abs() <= 1e-9 * value.abs(), "{text}: {read} {unit}");
        };
        close("1.5 mm", "mm", 1.5);
        close("1.5cm", "mm", 15.0);
        close("12 mmHg", "Pa", 12.0 * PA_PER_MMHG);
        close("-200", "HU", -200.0);
        close("6 l/min", "ml/s", 100.0);
        close("1060 kg/m3", "kg/m3", 1060.0);
        close("2e3", "Pa", 2000.0);
    }

    #[test]
    fn a_wrong_unit_or_number_is_named() {
        assert_eq!(parse("3 kg", "mm").unwrap_err(), "'3 kg' has the unit 'kg', expected mm");
        assert_eq!(parse("3 Pa", "mm").unwrap_err(), "'3 Pa' has the unit 'Pa', expected mm");
        assert!(parse("abc", "mm").is_err() && parse("", "mm").is_err() && parse("NaN", "mm").is_err());
    }
}
