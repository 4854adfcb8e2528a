//! How long the window's thread works on each frame, and what held up the slowest ones.
//!
//! Counted is the time from the start of the main schedule to its end, and that of handing the scene to the thread that
//! draws; waiting for that thread, for the graphics card and for the screen is not. It is always on: a few looks at the
//! clock a frame.

use bevy::app::MainScheduleOrder;
use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::*;
use bevy::render::RenderApp;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Frames that are remembered: more than a quarter of an hour at 60 a second.
const KEPT: usize = 1 << 16;
/// Slow frames that are remembered with what went on.
const SLOW: usize = 10;
/// Frames that took longer than this go to the log, ms.
const LONG_MS: f64 = 100.0;
/// Parts of a frame shorter than this are not told of.
const PART_MS: f64 = 2.0;

/// What was noted in this frame, and what took how long; written by whatever thread a system runs on.
static NOTED: Mutex<Noted> = Mutex::new(Noted { words: Vec::new(), parts: Vec::new() });
/// Nanoseconds the scene took to be handed over.
static HANDED_NS: AtomicU64 = AtomicU64::new(0);

#[derive(Debug, Default)]
struct Noted {
    words: Vec<String>,
    parts: Vec<(&'static str, Duration)>,
}

/// Something happens in this frame that may hold it up.
pub(super) fn note(words: impl Into<String>) {
    if let Ok(mut noted) = NOTED.lock() {
        noted.words.push(words.into());
    }
}

/// Measure a part of the frame until the answer is dropped.
pub(super) fn part(name: &'static str) -> Part {
    Part { name, since: Instant::now() }
}

/// A part of the frame that is being measured.
#[must_use = "it measures until it is dropped"]
pub(super) struct Part {
    name: &'static str,
    since: Instant,
}

impl Drop for Part {
    fn drop(&mut self) {
        let passed = self.since.elapsed();
        let Ok(mut noted) = NOTED.lock() else { return };
        match noted.parts.iter_mut().find(|(name, _)| *name == self.name) {
            Some((_, sum)) => *sum += passed,
            None => noted.parts.push((self.name, passed)),
        }
    }
}

/// A frame that took long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slow {
    /// Its number, counted from 0.
    pub(super) number: u64,
    /// How long the window's thread worked, in ms.
    pub(super) ms: f64,
    /// What went on.
    pub(super) cause: String,
}

/// The frames so far.
#[derive(Resource, Debug)]
pub(super) struct Frames {
    begun: Option<Instant>,
    lap: Instant,
    laps: Vec<(&'static str, Duration)>,
    /// The last [`KEPT`] frames, in ms.
    ring: VecDeque<f32>,
    count: u64,
    slow: Vec<Slow>,
    /// What the script does, where one plays.
    pub(super) doing: String,
    /// Chapters of the script with their slowest frames.
    chapters: Vec<(String, Slow)>,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            begun: None,
            lap: Instant::now(),
            laps: Vec::new(),
            ring: VecDeque::new(),
            count: 0,
            slow: Vec::new(),
            doing: String::new(),
            chapters: Vec::new(),
        }
    }
}

impl Frames {
    /// Count from now on.
    pub(super) fn restart(&mut self) {
        (self.count, self.begun) = (0, None);
        self.ring.clear();
        self.slow.clear();
    }

    /// Frames so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The slowest frames, the slowest first.
    pub(super) fn slowest(&self) -> &[Slow] {
        &self.slow
    }

    /// The times below which the given parts of the remembered frames stay, in ms; `None` before the first frame.
    pub(super) fn quantiles<const N: usize>(&self, parts: [f64; N]) -> Option<[f64; N]> {
        let mut all: Vec<f32> = self.ring.iter().copied().collect();
        all.sort_by(f32::total_cmp);
        let last = all.len().checked_sub(1)?;
        Some(parts.map(|part| f64::from(all[(part.clamp(0.0, 1.0) * last as f64).round() as usize])))
    }

    /// A chapter of a script begins, or goes on.
    pub(super) fn chapter(&mut self, name: &str) {
        self.doing = name.to_owned();
        if let Some(place) = self.chapters.iter().position(|(own, _)| own == name) {
            let last = self.chapters.remove(place);
            self.chapters.push(last);
        } else {
            self.chapters.push((name.to_owned(), Slow { number: self.count, ms: 0.0, cause: String::new() }));
        }
    }

    /// Something of the chapter is done.
    pub(super) fn doing(&mut self, words: impl AsRef<str>) {
        let chapter = self.chapters.last().map_or("", |(name, _)| name);
        self.doing = format!("{chapter}: {}", words.as_ref());
    }

    /// Chapters with their slowest frames, in the order they were played last.
    pub(super) fn chapters(&self) -> &[(String, Slow)] {
        &self.chapters
    }

    fn begin(&mut self) {
        self.end();
        self.begun = Some(Instant::now());
        self.lap = Instant::now();
        self.laps.clear();
        HANDED_NS.store(0, Ordering::Relaxed);
    }

    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push((name, now - self.lap));
        self.lap = now;
    }

    /// The frame before is over, and handed over.
    fn end(&mut self) {
        let noted = NOTED.lock().map(|mut noted| std::mem::take(&mut *noted)).unwrap_or_default();
        let Some(begun) = self.begun.take() else { return };
        self.laps.push(("hand over", Duration::from_nanos(HANDED_NS.load(Ordering::Relaxed))));
        let worked = (self.lap - begun) + Duration::from_nanos(HANDED_NS.load(Ordering::Relaxed));
        self.add(worked.as_secs_f64() * 1e3, &noted);
    }

    fn add(&mut self, ms: f64, noted: &Noted) {
        if self.ring.len() == KEPT {
            self.ring.pop_front();
        }
        self.ring.push_back(ms as f32);
        let number = self.count;
        self.count += 1;
        if LONG_MS < ms {
            let cause = self.cause(noted);
            // Somebody who lets a session be played wants to know at once; others with -v only.
            match self.doing.is_empty() {
                true => debug!(number, ms, cause, "a long frame"),
                false => info!(number, ms, cause, "a long frame"),
            }
        }
        let place = self.slow.partition_point(|slow| ms <= slow.ms);
        if place < SLOW {
            let cause = self.cause(noted);
            self.slow.insert(place, Slow { number, ms, cause });
            self.slow.truncate(SLOW);
        }
        if self.chapters.last().is_some_and(|(_, worst)| worst.ms < ms) {
            let worst = Slow { number, ms, cause: self.cause(noted) };
            self.chapters.last_mut().expect("looked at above").1 = worst;
        }
    }

    /// What went on, in words: what the script did, what ended, and the parts that took longest.
    fn cause(&self, noted: &Noted) -> String {
        let told = |(name, time): &(&'static str, Duration)| {
            let ms = time.as_secs_f64() * 1e3;
            (PART_MS <= ms).then(|| format!("{name} {ms:.0} ms"))
        };
        let laps: Vec<String> = self.laps.iter().filter_map(told).collect();
        let parts: Vec<String> = noted.parts.iter().filter_map(told).collect();
        let mut cause: Vec<String> = Vec::new();
        cause.extend((!self.doing.is_empty()).then(|| self.doing.clone()));
        cause.extend(noted.words.iter().cloned());
        cause.push(laps.join(", "));
        if !parts.is_empty() {
            cause.push(format!("of these {}", parts.join(", ")));
        }
        cause.join("; ")
    }
}

/// Moments between the schedules of a frame.
#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
enum Moment {
    Begin,
    Read,
    Updated,
    Shown,
    End,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Frames>();
    let mut order = app.world_mut().resource_mut::<MainScheduleOrder>();
    order.insert_before(First, Moment::Begin);
    order.insert_after(PreUpdate, Moment::Read);
    order.insert_after(Update, Moment::Updated);
    order.insert_after(PostUpdate, Moment::Shown);
    order.insert_after(Last, Moment::End);
    app.add_systems(Moment::Begin, |mut frames: ResMut<Frames>| frames.begin());
    app.add_systems(Moment::Read, |mut frames: ResMut<Frames>| frames.lap("input"));
    app.add_systems(Moment::Updated, |mut frames: ResMut<Frames>| frames.lap("update"));
    app.add_systems(Moment::Shown, |mut frames: ResMut<Frames>| frames.lap("panels"));
    app.add_systems(Moment::End, |mut frames: ResMut<Frames>| frames.lap("rest"));
    let Some(render) = app.get_sub_app_mut(RenderApp) else { return };
    if let Some(mut hand_over) = render.take_extract() {
        render.set_extract(move |world, render| {
            let since = Instant::now();
            hand_over(world, render);
            HANDED_NS.store(since.elapsed().as_nanos() as u64, Ordering::Relaxed);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl Iterator<Item = f64>) -> Frames {
        let mut frames = Frames::default();
        times.for_each(|ms| frames.add(ms, &Noted::default()));
        frames
    }

    #[test]
    fn quantiles_and_the_slowest_are_those_of_all_frames() {
        // 1 to 101 in an order that is not theirs: 37 has no factor in common with the prime 101.
        let frames = of((0..101).map(|n| f64::from(n * 37 % 101 + 1)));
        assert_eq!(frames.quantiles([0.0, 0.5, 0.95, 1.0]), Some([1.0, 51.0, 96.0, 101.0]));
        let slowest: Vec<f64> = frames.slowest().iter().map(|slow| slow.ms).collect();
        assert_eq!(slowest, (92..=101).rev().map(f64::from).collect::<Vec<_>>());
        assert_eq!(Frames::default().quantiles([0.5]), None);
    }

    #[test]
    fn old_frames_are_forgotten_but_slow_ones_are_told_of() {
        let frames = of((0..KEPT + 100).map(|n| if n == 50 { 500.0 } else { 5.0 }));
        assert_eq!((frames.count(), frames.ring.len()), (KEPT as u64 + 100, KEPT));
        assert_eq!(frames.quantiles([1.0]), Some([5.0]));
        assert_eq!((frames.slowest()[0].number, frames.slowest()[0].ms), (50, 500.0));
    }

    #[test]
    fn a_slow_frame_says_what_went_on() {
        let mut frames = Frames { doing: "scroll".into(), ..Frames::default() };
        frames.laps = vec![("input", Duration::from_millis(1)), ("panels", Duration::from_millis(120))];
        let noted =
            Noted { words: vec!["segment.paint ended".into()], parts: vec![("slices", Duration::from_millis(90))] };
        frames.add(130.0, &noted);
        assert_eq!(frames.slowest()[0].cause, "scroll; segment.paint ended; panels 120 ms; of these slices 90 ms");
    }
}
