//! The time of day as people sign with it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as RFC 3339 in UTC: `2026-11-30T21:05:09Z`.
pub(in crate::tools) fn now() -> String {
    written(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs()))
}

/// Seconds since 1970 as RFC 3339 (days to a date after Hinnant, "chrono-compatible low-level date algorithms").
fn written(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let (era, day) = (z / 146_097, z % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let [h, m, s] = [second / 3600, second / 60 % 60, second % 60];
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
}

/// Whether `text` is a time as RFC 3339 writes it, to the second.
pub(in crate::tools) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |form: &str| {
        let same = |(byte, like): (&u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { *byte == like };
        form.len() == bytes.len() && bytes.iter().zip(form.bytes()).all(same)
    };
    ["0000-00-00T00:00:00Z", "0000-00-00T00:00:00+00:00", "0000-00-00T00:00:00-00:00"].into_iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_written_as_calendars_do() {
        assert_eq!(written(0), "1970-01-01T00:00:00Z");
        assert_eq!(written(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(written(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(written(1_000_000_000), "2001-09-09T01:46:40Z");
        assert_eq!(written(4_102_444_800), "2100-01-01T00:00:00Z");
        assert!(is_time(&now()) && is_time("2026-11-30T21:05:09+08:00"));
        assert!(!is_time("yesterday") && !is_time("2026-11-30 21:05:09") && !is_time(""));
    }
}
