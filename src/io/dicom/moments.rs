//! When images were made: a series with several images at every place is sorted into points in time by it.

use super::attribute::{self as attr, DataSet};
use super::series::Slice;
use crate::io::times::{TIMES_MAX, Time, TimeUnit};
use dicom::core::Tag;
use dicom::dictionary_std::tags;
use std::collections::{BTreeMap, BTreeSet};

/// What says when an image was made, as far as its file says it. Dates and times of day serve for differences only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Moment {
    /// The number of its point in time.
    pub position: Option<i64>,
    /// Part of the heart's or the breath's cycle, %.
    pub percent: Option<f64>,
    /// After the beat, ms.
    pub trigger_ms: Option<f64>,
    /// After the first point, s.
    pub offset_s: Option<f64>,
    /// When it was acquired, s after some start that all files share.
    pub at_s: Option<f64>,
    /// The number of its acquisition.
    pub acquisition: Option<i64>,
}

impl Moment {
    /// From the data sets that `find` knows for functional groups.
    pub fn of<'a>(find: impl Fn(Tag) -> Option<&'a DataSet>) -> Self {
        let (content, beat) = (find(tags::FRAME_CONTENT_SEQUENCE), find(tags::CARDIAC_SYNCHRONIZATION_SEQUENCE));
        let breath = find(tags::RESPIRATORY_SYNCHRONIZATION_SEQUENCE);
        let whole = |set: Option<&DataSet>, tag| set.and_then(|set| attr::whole::<i64>(set, tag));
        let real = |set: Option<&DataSet>, tag| set.and_then(|set| attr::real(set, tag));
        let moment = |tag| content.and_then(|set| attr::text(set, tag));
        let at_s = moment(tags::FRAME_ACQUISITION_DATE_TIME).or_else(|| moment(tags::ACQUISITION_DATE_TIME));
        let at_s = at_s.as_deref().and_then(date_time_s).or_else(|| {
            let time_s = time_s(&moment(tags::ACQUISITION_TIME)?)?;
            Some(time_s + moment(tags::ACQUISITION_DATE).as_deref().and_then(date_s).unwrap_or(0.0))
        });
        Self {
            position: whole(content, tags::TEMPORAL_POSITION_IDENTIFIER)
                .or_else(|| whole(content, tags::TEMPORAL_POSITION_INDEX)),
            percent: real(beat, tags::NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE)
                .or_else(|| real(breath, tags::NOMINAL_PERCENTAGE_OF_RESPIRATORY_PHASE)),
            trigger_ms: real(beat, tags::TRIGGER_TIME).or_else(|| real(beat, tags::NOMINAL_CARDIAC_TRIGGER_DELAY_TIME)),
            offset_s: real(find(tags::TEMPORAL_POSITION_SEQUENCE), tags::TEMPORAL_POSITION_TIME_OFFSET),
            at_s,
            acquisition: whole(content, tags::ACQUISITION_NUMBER),
        }
    }
}

/// What tells images of one place and time apart: the echo, the strength of diffusion, the part of a complex value.
pub(super) fn kind<'a>(find: impl Fn(Tag) -> Option<&'a DataSet>) -> String {
    let text = |sequence, tag| find(sequence).and_then(|set| attr::text(set, tag));
    let types =
        [tags::MR_IMAGE_FRAME_TYPE_SEQUENCE, tags::CT_IMAGE_FRAME_TYPE_SEQUENCE].into_iter().find_map(|group| {
            let set = find(group)?;
            let types = [tags::FRAME_TYPE, tags::IMAGE_TYPE].map(|tag| attr::texts(set, tag));
            types.into_iter().find(|types| !types.is_empty())
        });
    let echo = text(tags::MR_ECHO_SEQUENCE, tags::EFFECTIVE_ECHO_TIME);
    let echo = echo.or_else(|| text(tags::MR_ECHO_SEQUENCE, tags::ECHO_TIME));
    let diffusion = text(tags::MR_DIFFUSION_SEQUENCE, tags::DIFFUSION_B_VALUE);
    [types.unwrap_or_default().join("\\"), echo.unwrap_or_default(), diffusion.unwrap_or_default()].join("|")
}

/// `HHMMSS.FFFFFF`, where what is fine may lack.
fn time_s(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let part = |at: usize| match whole.get(at..at + 2) {
        Some(digits) => digits.parse::<u32>().ok(),
        None => (whole.len() <= at).then_some(0),
    };
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    let fraction = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
    let are_sound = 2 <= whole.len() && hours < 24 && minutes < 60 && seconds <= 60;
    are_sound.then(|| f64::from(hours * 3600 + minutes * 60 + seconds) + fraction)
}

/// `YYYYMMDD`, as seconds from some day on.
fn date_s(text: &str) -> Option<f64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // A year begins in March, so that its last day is the leap day.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    Some(86_400.0 * days as f64)
}

/// `YYYYMMDDHHMMSS.FFFFFF&ZZXX`; the zone is the same for all.
fn date_time_s(text: &str) -> Option<f64> {
    let local = text.split(['+', '-']).next().unwrap_or_default();
    Some(date_s(local)? + time_s(local.get(8..)?)?)
}

/// A volume of a series, and when it was made.
pub(super) type Point = (Option<Time>, Vec<Slice>);

/// What came of sorting.
pub(super) struct Sorted {
    /// The points in time, in order.
    pub points: Vec<Point>,
    /// Points without an image at every place, and their images: they are left out.
    pub incomplete: [usize; 2],
}

fn moment(slice: &Slice) -> &Moment {
    &slice.frame().moment
}

/// `places` apart by kind, if every place has the same kinds, each as often; otherwise as they are.
pub(super) fn by_kind(places: Vec<Vec<Slice>>) -> Vec<Vec<Vec<Slice>>> {
    let counts = |place: &Vec<Slice>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        place.iter().for_each(|slice| *counts.entry(slice.frame().kind.clone()).or_default() += 1);
        counts
    };
    let Some(first) = places.first().map(counts) else { return vec![places] };
    if first.len() < 2 || !places.iter().all(|place| counts(place) == first) {
        return vec![places];
    }
    // In the order of their first images, as the series has them.
    let mut kinds: Vec<String> = Vec::new();
    for slice in &places[0] {
        if !kinds.contains(&slice.frame().kind) {
            kinds.push(slice.frame().kind.clone());
        }
    }
    let of = |kind: &String| {
        let own = |place: &Vec<Slice>| place.iter().filter(|slice| slice.frame().kind == *kind).cloned().collect();
        places.iter().map(own).collect()
    };
    kinds.iter().map(of).collect()
}

/// The points in time of a series with these images at its places; `None` where nothing says that they are any.
pub(super) fn points(places: &[Vec<Slice>]) -> Option<Sorted> {
    let numbered = |number: fn(&Moment) -> Option<i64>| by_number(places, number);
    let ranked = |value: fn(&Moment) -> Option<f64>| by_rank(places, value);
    numbered(|moment| moment.position)
        .or_else(|| ranked(|moment| moment.percent))
        .or_else(|| ranked(|moment| moment.trigger_ms))
        .or_else(|| ranked(|moment| moment.at_s))
        .or_else(|| numbered(|moment| moment.acquisition))
        .filter(|sorted| sorted.points.len() <= TIMES_MAX)
}

/// Every number is a point in time; those with an image at every place are kept.
fn by_number(places: &[Vec<Slice>], number: fn(&Moment) -> Option<i64>) -> Option<Sorted> {
    let mut points: BTreeMap<i64, Vec<Slice>> = BTreeMap::new();
    for place in places {
        let numbers: BTreeSet<i64> = place.iter().map(|slice| number(moment(slice))).collect::<Option<_>>()?;
        if numbers.len() != place.len() {
            return None;
        }
        place
            .iter()
            .for_each(|slice| points.entry(number(moment(slice)).unwrap_or(0)).or_default().push(slice.clone()));
    }
    let (whole, part): (Vec<_>, Vec<_>) = points.into_values().partition(|slices| slices.len() == places.len());
    let incomplete = [part.len(), part.iter().map(Vec::len).sum()];
    (2 <= whole.len()).then(|| Sorted { points: timed(whole), incomplete })
}

/// The first images of all places are the first point, and so on: times of the same point differ from place to place.
fn by_rank(places: &[Vec<Slice>], value: fn(&Moment) -> Option<f64>) -> Option<Sorted> {
    let count = places.first()?.len();
    let mut points: Vec<Vec<Slice>> = vec![Vec::new(); count];
    for place in places {
        let mut ranked: Vec<(f64, &Slice)> =
            place.iter().map(|slice| Some((value(moment(slice))?, slice))).collect::<Option<_>>()?;
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let differ = ranked.windows(2).all(|pair| 1e-6 < pair[1].0 - pair[0].0);
        if ranked.len() != count || !differ {
            return None;
        }
        points.iter_mut().zip(ranked).for_each(|(point, (_, slice))| point.push(slice.clone()));
    }
    (2 <= count).then(|| Sorted { points: timed(points), incomplete: [0, 0] })
}

/// The points with their times: what all images say and what ascends.
fn timed(points: Vec<Vec<Slice>>) -> Vec<Point> {
    let mean = |slices: &Vec<Slice>, value: fn(&Moment) -> Option<f64>| {
        let values: Vec<f64> = slices.iter().map(|slice| value(moment(slice))).collect::<Option<_>>()?;
        Some(values.iter().sum::<f64>() / values.len() as f64)
    };
    let all = |value: fn(&Moment) -> Option<f64>| -> Option<Vec<f64>> {
        let values: Vec<f64> = points.iter().map(|slices| mean(slices, value)).collect::<Option<_>>()?;
        values.windows(2).all(|pair| pair[0] < pair[1]).then_some(values)
    };
    let known = [
        (all(|moment| moment.percent), TimeUnit::Percent),
        (all(|moment| moment.trigger_ms), TimeUnit::Millisecond),
        (all(|moment| moment.offset_s), TimeUnit::Second),
        (all(|moment| moment.at_s), TimeUnit::Second),
    ];
    let from_start = known.iter().take(3).all(|(values, _)| values.is_none());
    let known = known.into_iter().find_map(|(values, unit)| Some((values?, unit)));
    let times: Vec<Option<Time>> = match known {
        None => vec![None; points.len()],
        Some((values, unit)) => {
            // A time of day says when somebody was in hospital: only what has passed since the first is kept.
            let start = if from_start { values[0] } else { 0.0 };
            values.iter().map(|value| Some(Time { value: value - start, unit })).collect()
        }
    };
    times.into_iter().zip(points).collect()
}

/// Points in time whose slices lie between each other's and never at the same place: one stack of them would mix times.
pub(super) fn interlaced(places: &[Vec<Slice>]) -> Option<Vec<Vec<Slice>>> {
    let mut points: BTreeMap<i64, Vec<(usize, Slice)>> = BTreeMap::new();
    for (n, slice) in places.iter().flatten().enumerate() {
        points.entry(moment(slice).position?).or_default().push((n, slice.clone()));
    }
    let spans: Vec<[usize; 2]> = points.values().map(|own| [own[0].0, own[own.len() - 1].0]).collect();
    let mut others = spans.iter().enumerate().flat_map(|(n, a)| spans[n + 1..].iter().map(move |b| (a, b)));
    let overlap = others.all(|(a, b)| a[0] < b[1] && b[0] < a[1]);
    let are_volumes = 2 <= points.len() && points.values().all(|own| 2 <= own.len());
    let slices = |own: Vec<(usize, Slice)>| own.into_iter().map(|(_, slice)| slice).collect();
    (are_volumes && overlap).then(|| points.into_values().map(slices).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_are_read_as_far_as_they_are_written() {
        assert_eq!(time_s("10"), Some(36_000.0));
        assert_eq!(time_s("1030"), Some(37_800.0));
        assert_eq!(time_s("103015.25"), Some(37_815.25));
        assert_eq!(["", "1", "103", "25", "1060", "abc"].map(time_s), [None; 6]);
        let apart = |a: &str, b: &str| date_time_s(b).unwrap() - date_time_s(a).unwrap();
        assert_eq!(apart("20231231235959.5", "20240101000000"), 0.5);
        assert_eq!(apart("20240228120000", "20240301120000"), 2.0 * 86_400.0, "a leap day");
        assert_eq!(apart("20230228120000+0100", "20230301120001+0100"), 86_401.0);
        assert_eq!(date_s("20241301"), None);
    }
}
