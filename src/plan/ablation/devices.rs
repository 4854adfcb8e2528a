//! The table of devices: how large a zone is at which power and time.

use super::AblationError;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../../assets/plan/devices.csv");

/// How tissue is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Microwaves of 915 MHz or 2.45 GHz.
    Microwave,
    /// A current of 200 to 500 kHz.
    Rf,
    /// Freezing.
    Cryo,
}

/// Axes of a zone and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ZoneSize {
    /// Along the applicator.
    pub long_mm: f64,
    /// Across it.
    pub short_mm: f64,
    /// From the tip back to the middle of the zone.
    pub behind_tip_mm: f64,
}

/// A zone at one power and time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dose {
    /// Power in W; 0 for devices without.
    pub power_w: f64,
    /// Time in minutes.
    pub minutes: f64,
    /// The zone.
    pub zone: ZoneSize,
}

/// A device of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Stable id.
    pub id: String,
    /// As people read it.
    pub name: String,
    /// How it works.
    pub kind: DeviceKind,
    /// Its doses, by power, then by time.
    pub doses: Vec<Dose>,
    /// Where the figures come from.
    pub source: String,
}

/// The devices of the embedded table.
pub fn devices() -> &'static [Device] {
    static DEVICES: OnceLock<Vec<Device>> = OnceLock::new();
    DEVICES.get_or_init(|| read(TABLE).expect("our table is sound, a test reads it"))
}

/// The device of an action that names none: microwaves, with illustrative figures.
pub const USUAL: &str = "microwave-example";

/// The device with this id among those of the embedded table and a plan's `own`; [`USUAL`] where it is empty.
///
/// # Errors
/// [`AblationError::UnknownDevice`].
pub fn device<'a>(own: &'a [Device], id: &str) -> Result<&'a Device, AblationError> {
    let id = if id.is_empty() { USUAL } else { id };
    devices().iter().chain(own).find(|device| device.id == id).ok_or_else(|| {
        let list: Vec<&str> = devices().iter().chain(own).map(|device| device.id.as_str()).collect();
        AblationError::UnknownDevice { id: id.to_owned(), list: list.join(", ") }
    })
}

/// The devices of a table in the format of ours; what people bring is read by [`super::table::read_own`].
///
/// # Errors
/// [`AblationError::BadTable`] names the line.
pub fn read(table: &str) -> Result<Vec<Device>, AblationError> {
    let mut devices: Vec<Device> = Vec::new();
    for (n, line) in table.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty()) {
        let bad = |problem: String| AblationError::BadTable { line: n + 1, problem };
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        let [id, name, kind, numbers @ .., source] = fields.as_slice() else {
            return Err(bad("it has fewer than nine fields".into()));
        };
        let numbers: Vec<f64> = numbers.iter().filter_map(|field| field.parse().ok()).collect();
        let [power_w, minutes, long_mm, short_mm, behind_tip_mm] = numbers[..] else {
            return Err(bad("it needs five numbers: power, minutes, two axes and the way behind the tip".into()));
        };
        let sound = 0.0 <= power_w && [minutes, long_mm, short_mm].iter().all(|x| 0.0 < *x && x.is_finite());
        if !sound || !behind_tip_mm.is_finite() || source.is_empty() {
            return Err(bad("times and axes must be more than 0, and a source must be named".into()));
        }
        let kind = match *kind {
            "microwave" => DeviceKind::Microwave,
            "rf" => DeviceKind::Rf,
            "cryo" => DeviceKind::Cryo,
            other => return Err(bad(format!("'{other}' is none of microwave, rf and cryo"))),
        };
        let dose = Dose { power_w, minutes, zone: ZoneSize { long_mm, short_mm, behind_tip_mm } };
        match devices.iter_mut().find(|device| device.id == *id) {
            Some(device) if device.name == *name && device.kind == kind => device.doses.push(dose),
            Some(_) => return Err(bad(format!("another device is called '{id}'"))),
            None => {
                let [id, name, source] = [id, name, source].map(|text| (*text).to_owned());
                devices.push(Device { id, name, kind, doses: vec![dose], source });
            }
        }
    }
    devices.iter_mut().for_each(Device::sort);
    Ok(devices)
}

impl Device {
    /// Put its doses in their order.
    pub(super) fn sort(&mut self) {
        self.doses.sort_by(|a, b| a.power_w.total_cmp(&b.power_w).then(a.minutes.total_cmp(&b.minutes)));
    }

    /// Whether its doses are in their order, none twice.
    pub(super) fn is_sorted(&self) -> bool {
        self.doses.windows(2).all(|pair| (pair[0].power_w, pair[0].minutes) < (pair[1].power_w, pair[1].minutes))
    }

    /// Whether its figures are examples and of no device: their source says so.
    pub fn is_illustrative(&self) -> bool {
        self.source.starts_with("illustrative")
    }

    /// The powers it has figures for, in W, from the least.
    pub fn powers_w(&self) -> Vec<f64> {
        let mut powers: Vec<f64> = self.doses.iter().map(|dose| dose.power_w).collect();
        powers.dedup();
        powers
    }

    /// The zone at a power and time: straight between the nearest times of the two nearest powers, and between these.
    ///
    /// # Errors
    /// [`AblationError::OutsideTable`]: nothing is guessed beyond what is published.
    pub fn zone(&self, power_w: f64, minutes: f64) -> Result<ZoneSize, AblationError> {
        let powers = self.powers_w();
        let ([low, high], part) =
            around(&powers, power_w).ok_or_else(|| self.outside("a power in W", power_w, &powers))?;
        let at = |power: f64| {
            let doses: Vec<&Dose> = self.doses.iter().filter(|dose| dose.power_w == power).collect();
            let times: Vec<f64> = doses.iter().map(|dose| dose.minutes).collect();
            let (ends, part) =
                around(&times, minutes).ok_or_else(|| self.outside("a time in minutes", minutes, &times))?;
            Ok::<_, AblationError>(between(ends.map(|n| doses[n].zone), part))
        };
        Ok(between([at(powers[low])?, at(powers[high])?], part))
    }

    fn outside(&self, what: &'static str, value: f64, known: &[f64]) -> AblationError {
        let [low, high] = [known.first(), known.last()].map(|end| end.copied().unwrap_or(f64::NAN));
        AblationError::OutsideTable { device: self.name.clone(), what, value, low, high }
    }
}

/// The two places of a sorted list that `value` lies between, and how far from the first to the second.
fn around(list: &[f64], value: f64) -> Option<([usize; 2], f64)> {
    let high = list.iter().position(|x| value <= *x)?;
    if list[high] == value {
        return Some(([high, high], 0.0));
    }
    let low = high.checked_sub(1)?;
    Some(([low, high], (value - list[low]) / (list[high] - list[low])))
}

fn between([a, b]: [ZoneSize; 2], part: f64) -> ZoneSize {
    let mix = |x: f64, y: f64| x + (y - x) * part;
    ZoneSize {
        long_mm: mix(a.long_mm, b.long_mm),
        short_mm: mix(a.short_mm, b.short_mm),
        behind_tip_mm: mix(a.behind_tip_mm, b.behind_tip_mm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_table_is_sound_and_names_its_sources() {
        assert!(3 <= devices().len());
        for device in devices() {
            assert!(!device.source.is_empty() && device.doses.is_sorted_by_key(|dose| dose.power_w));
            for Dose { power_w, minutes, zone } in &device.doses {
                assert_eq!(device.zone(*power_w, *minutes).unwrap(), *zone);
                assert!(zone.short_mm <= zone.long_mm && zone.behind_tip_mm < 0.5 * zone.long_mm);
            }
        }
        assert!(device(&[], "no such").unwrap_err().to_string().contains("'no such'"));
    }

    #[test]
    fn doses_between_rows_are_between_their_zones_and_beyond_them_refused() {
        let table = "x;X;rf;50;5;20;10;8;test\nx;X;rf;50;10;30;20;9;test\nx;X;rf;100;4;30;20;10;test\nx;X;rf;100;8;50;30;12;test";
        let device = &read(table).unwrap()[0];
        assert_eq!(device.powers_w(), [50.0, 100.0]);
        let zone = device.zone(75.0, 6.0).unwrap();
        // At 50 W: 22 × 12; at 100 W: 40 × 25.
        assert!((zone.long_mm - 31.0).abs() < 1e-12 && (zone.short_mm - 18.5).abs() < 1e-12);
        assert!((zone.behind_tip_mm - 0.5 * (8.2 + 11.0)).abs() < 1e-12);
        let said = |power, minutes| device.zone(power, minutes).unwrap_err().to_string();
        assert_eq!(said(40.0, 5.0), "X has no figures for a power in W of 40; its table goes from 50 to 100");
        assert_eq!(said(75.0, 9.0), "X has no figures for a time in minutes of 9; its table goes from 4 to 8");
        assert!(device.zone(f64::NAN, 5.0).is_err());
    }

    #[test]
    fn damaged_tables_name_the_line() {
        let said = |table: &str| read(table).unwrap_err().to_string();
        assert!(said("# fine\nx;X;rf;50;5").starts_with("line 2"));
        assert!(said("x;X;laser;50;5;20;10;8;test").contains("'laser'"));
        assert!(said("x;X;rf;50;-5;20;10;8;test").contains("more than 0"));
        assert!(said("x;X;rf;50;5;20;10;8;").contains("source"));
        assert!(said("x;X;rf;50;5;20;10;8;t\nx;Y;rf;50;6;20;10;8;t").contains("another device"));
    }
}
