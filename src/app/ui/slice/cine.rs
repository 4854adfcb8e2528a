//! Slices or points in time played one after the other.

use crate::geom::{Orientation, Point};
use std::time::Duration;

use super::Stack;

/// How slices are played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cine {
    /// Slices, or points in time, in a second.
    pub per_second: f64,
    /// Back at the last slice; otherwise it begins anew at the first.
    pub ping_pong: bool,
    run: Option<Run>,
}

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Over {
    Slices(Orientation),
    Times,
    Path,
}

/// What is being played, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    over: Over,
    /// When the next slice is due, seconds of the program's clock.
    due_s: f64,
    forward: bool,
}

/// Limits of the rate, slices per second.
pub const RATE: [f64; 2] = [1.0, 30.0];

impl Default for Cine {
    fn default() -> Self {
        Self { per_second: 10.0, ping_pong: true, run: None }
    }
}

impl Cine {
    /// The view whose slices are played.
    pub fn plays(&self) -> Option<Orientation> {
        self.run.and_then(|run| match run.over {
            Over::Slices(view) => Some(view),
            Over::Times | Over::Path => None,
        })
    }

    /// Whether the path of the view along a way is played.
    pub fn plays_path(&self) -> bool {
        self.run.is_some_and(|run| run.over == Over::Path)
    }

    /// Play the path of the view along a way at once, from the place that is shown.
    pub fn start_path(&mut self, now_s: f64) {
        self.run = Some(Run { over: Over::Path, due_s: now_s + self.period_s(), forward: true });
    }

    /// The place of the path to show of `count`, and when the next is due.
    pub fn advance_path(&mut self, now_s: f64, shown: usize, count: usize) -> Option<(usize, Duration)> {
        if !self.plays_path() {
            return None;
        }
        self.step(now_s, shown, count, self.ping_pong)
    }

    /// Whether points in time are played.
    pub fn plays_times(&self) -> bool {
        self.run.is_some_and(|run| run.over == Over::Times)
    }

    /// Play points in time at once, from the one that is shown.
    pub fn start_times(&mut self, now_s: f64) {
        self.run = Some(Run { over: Over::Times, due_s: now_s + self.period_s(), forward: true });
    }

    /// Begin at once, from the slice that is shown.
    pub fn start(&mut self, view: Orientation, now_s: f64) {
        self.run = Some(Run { over: Over::Slices(view), due_s: now_s + self.period_s(), forward: true });
    }

    /// Stand still.
    pub fn stop(&mut self) {
        self.run = None;
    }

    fn period_s(&self) -> f64 {
        1.0 / self.per_second.clamp(RATE[0], RATE[1])
    }

    /// The slice to show at `now_s` and when the next is due. Every slice is shown: where frames come too late, it plays
    /// slower than asked for.
    pub fn advance(&mut self, now_s: f64, stack: &Stack, shown: &Point) -> Option<(Point, Duration)> {
        self.plays()?;
        let index = stack.index(shown);
        let (next, wait) = self.step(now_s, index, stack.count(), self.ping_pong)?;
        Some((if next == index { *shown } else { stack.moved_to(shown, next) }, wait))
    }

    /// The point in time to show of `count`, and when the next is due; a heart beat has no way back.
    pub fn advance_times(&mut self, now_s: f64, shown: usize, count: usize) -> Option<(usize, Duration)> {
        if !self.plays_times() {
            return None;
        }
        self.step(now_s, shown, count, false)
    }

    fn step(&mut self, now_s: f64, index: usize, count: usize, ping_pong: bool) -> Option<(usize, Duration)> {
        let period_s = self.period_s();
        let run = self.run.as_mut()?;
        if count < 2 {
            self.run = None;
            return None;
        }
        let mut shown = index;
        // A rate that was raised meanwhile holds at once.
        run.due_s = run.due_s.min(now_s + period_s);
        if run.due_s <= now_s + 1e-4 {
            let last = count - 1;
            shown = match (run.forward, ping_pong) {
                (true, _) if index < last => index + 1,
                (true, true) => last - 1,
                (true, false) => 0,
                (false, _) if 0 < index => index - 1,
                (false, true) => 1,
                (false, false) => last,
            };
            if ping_pong {
                run.forward = index < shown;
            }
            run.due_s = if run.due_s + period_s <= now_s { now_s + period_s } else { run.due_s + period_s };
        }
        Some((shown, Duration::from_secs_f64((run.due_s - now_s).clamp(0.0, 1.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;

    fn played(ping_pong: bool, times_s: &[f64]) -> Vec<usize> {
        let grid = Grid::aligned([4, 4, 4], Point::origin(), [1.0, 1.0, 3.0]).unwrap();
        let stack = Stack::of(&grid, Orientation::Axial);
        let mut cine = Cine { per_second: 10.0, ping_pong, ..Cine::default() };
        cine.start(Orientation::Axial, 5.0);
        let mut point = Point::new(1.0, 2.0, 3.0);
        let show = |time: &f64| {
            let (next, wait) = cine.advance(5.0 + time, &stack, &point).expect("it plays");
            assert!(wait <= Duration::from_millis(101), "{wait:?}");
            point = next;
            stack.index(&next)
        };
        times_s.iter().map(show).collect()
    }

    #[test]
    fn a_slice_comes_when_it_is_due_and_not_before() {
        assert_eq!(played(false, &[0.0, 0.05, 0.09, 0.1, 0.15, 0.2, 0.3, 0.4]), [1, 1, 1, 2, 2, 3, 0, 1]);
    }

    #[test]
    fn ping_pong_turns_at_both_ends() {
        let times: Vec<f64> = (1..=9).map(|n| 0.1 * f64::from(n)).collect();
        assert_eq!(played(true, &times), [2, 3, 2, 1, 0, 1, 2, 3, 2]);
    }

    #[test]
    fn late_frames_skip_no_slice() {
        assert_eq!(played(false, &[0.75, 0.8, 0.86, 1.6]), [2, 2, 3, 0]);
    }

    #[test]
    fn points_in_time_begin_anew_after_the_last() {
        let mut cine = Cine { per_second: 10.0, ..Cine::default() };
        cine.start_times(5.0);
        assert!(cine.plays_times() && cine.plays().is_none());
        let mut shown = 0;
        let mut seen = Vec::new();
        for n in 1..=5 {
            (shown, _) = cine.advance_times(5.0 + 0.1 * f64::from(n), shown, 3).expect("it plays");
            seen.push(shown);
        }
        assert_eq!(seen, [1, 2, 0, 1, 2], "not back and forth, as slices are");
        assert_eq!(cine.advance_times(6.0, 0, 1), None);
        assert!(!cine.plays_times(), "one point in time cannot be played");
    }

    #[test]
    fn a_path_is_played_to_its_end_and_back() {
        let mut cine = Cine { per_second: 10.0, ..Cine::default() };
        cine.start_path(5.0);
        assert!(cine.plays_path() && cine.plays().is_none() && !cine.plays_times());
        let (mut shown, mut seen) = (1, Vec::new());
        for n in 1..=5 {
            (shown, _) = cine.advance_path(5.0 + 0.1 * f64::from(n), shown, 4).expect("it plays");
            seen.push(shown);
        }
        assert_eq!(seen, [2, 3, 2, 1, 0]);
    }

    #[test]
    fn one_slice_cannot_be_played() {
        let grid = Grid::aligned([4, 4, 1], Point::origin(), [1.0; 3]).unwrap();
        let mut cine = Cine::default();
        cine.start(Orientation::Axial, 0.0);
        assert_eq!(cine.advance(1.0, &Stack::of(&grid, Orientation::Axial), &Point::origin()), None);
        assert_eq!(cine.plays(), None);
    }
}
