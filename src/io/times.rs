//! When a scan of several was made: after a start, or at a part of a beat or a breath.

use std::fmt;

/// Points in time that a file or series may hold.
pub const TIMES_MAX: usize = 512;

/// What a time is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds after the first point.
    Second,
    /// Milliseconds after the beat that set it off.
    Millisecond,
    /// Per cent of a cycle.
    Percent,
    /// The file names none.
    Unknown,
}

impl TimeUnit {
    /// The unit a file names.
    pub fn named(name: &str) -> Self {
        match name.trim().to_lowercase().as_str() {
            "s" | "sec" | "second" | "seconds" => Self::Second,
            "ms" | "msec" | "millisecond" | "milliseconds" => Self::Millisecond,
            "%" | "percent" => Self::Percent,
            _ => Self::Unknown,
        }
    }
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Time {
    /// The number.
    pub value: f64,
    /// What it is counted in.
    pub unit: TimeUnit,
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A thousandth of a second, and no digits that say nothing.
        let value = (self.value * 1000.0).round() / 1000.0;
        match self.unit {
            TimeUnit::Second => write!(f, "{value} s"),
            TimeUnit::Millisecond => write!(f, "{value} ms"),
            TimeUnit::Percent => write!(f, "{value} %"),
            TimeUnit::Unknown => write!(f, "{value}"),
        }
    }
}

/// The fact that says which point in time a scan is, `n` counted from 0. Scans that have it are played as a film.
pub fn fact(time: Option<Time>, n: usize, times: usize) -> (String, String) {
    let text = match time {
        Some(time) => format!("{time}, point {} of {times}", n + 1),
        None => format!("point {} of {times}", n + 1),
    };
    ("time".to_owned(), text)
}

/// The name of a point in time of what is called `of`, `n` counted from 0.
pub fn name(of: &str, time: Option<Time>, n: usize) -> String {
    time.map_or_else(|| format!("{of} {}", n + 1), |time| format!("{of} {}: {time}", n + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_with_their_units_and_without_needless_digits() {
        let time = |value, unit| Time { value, unit };
        assert_eq!(time(0.1 + 0.2, TimeUnit::Second).to_string(), "0.3 s");
        assert_eq!(time(350.0, TimeUnit::named("ms")).to_string(), "350 ms");
        assert_eq!(fact(Some(time(75.0, TimeUnit::named("%"))), 2, 8).1, "75 %, point 3 of 8");
        assert_eq!(fact(None, 0, 2), ("time".to_owned(), "point 1 of 2".to_owned()));
        assert_eq!(name("heart", Some(time(40.25, TimeUnit::Unknown)), 1), "heart 2: 40.25");
    }
}
