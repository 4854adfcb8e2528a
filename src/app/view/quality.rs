//! How finely to draw the scene: always sharp when it stands still, always fluent while it moves.
//!
//! Pure arithmetic on measured frame times, so that a laptop, a workstation and a machine without a graphics card each
//! get what they can do.

use std::time::Duration;

/// A frame while the scene moves should take no longer than this.
const MOVING_FRAME_MAX: Duration = Duration::from_millis(50);
/// The one frame after it came to rest should take no longer than this.
const RESTING_FRAME_MAX: Duration = Duration::from_millis(250);
/// Pixels of the texture for one pixel of the window, at most: two each way is four samples per pixel.
pub(super) const SCALE_MAX: f32 = 2.0;
const SCALE_MIN: f32 = 0.4;

/// What was learned about this machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    /// The adapter is a processor that plays a graphics card.
    software: bool,
    /// Time of a frame of one million pixels of texture in seconds, smoothed, at rest and while moving; `None` before the
    /// first measurement.
    s_per_mpx: [Option<f64>; 2],
}

impl Quality {
    pub(super) fn new(software: bool) -> Self {
        Self { software, s_per_mpx: [None; 2] }
    }

    /// Whether the adapter is a processor.
    pub(super) fn software(self) -> bool {
        self.software
    }

    /// Learn from a frame that drew `pixels` in `time`.
    pub(super) fn learn(&mut self, pixels: f64, time: Duration, moving: bool) {
        let fresh = time.as_secs_f64() / (pixels * 1e-6).max(0.05);
        let known = &mut self.s_per_mpx[usize::from(moving)];
        let part = known.map_or(1.0, |old| if old < fresh { 0.5 } else { 0.2 });
        let old = known.unwrap_or(fresh);
        *known = Some(old + (fresh - old) * part);
    }

    /// Pixels of texture per pixel of the window (each way) for a pane of `pixels`.
    pub(super) fn scale(self, pixels: f64, moving: bool) -> f32 {
        let (budget, most) = if moving { (MOVING_FRAME_MAX, 1.0) } else { (RESTING_FRAME_MAX, SCALE_MAX) };
        let [here, there] = if moving { [1, 0] } else { [0, 1] };
        let Some(s_per_mpx) = self.s_per_mpx[here].or(self.s_per_mpx[there]) else { return 1.0 };
        let affordable = budget.as_secs_f64() / s_per_mpx.max(1e-6) * 1e6;
        let scale = (affordable / pixels.max(1.0)).sqrt() as f32;
        // Steps of a quarter, so that the picture does not breathe; at rest never coarser than the window.
        let least = if moving { SCALE_MIN } else { 1.0 };
        ((scale * 4.0).floor() / 4.0).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graphics_card_draws_pixel_by_pixel_while_moving_unless_it_is_slow_and_smooths_edges_at_rest() {
        let mut quality = Quality::new(false);
        quality.learn(1e6, Duration::from_secs(1), true);
        assert_eq!((quality.scale(1e6, true), quality.scale(1e6, false)), (SCALE_MIN, 1.0));
        let mut quality = Quality::new(false);
        quality.learn(2e6, Duration::from_millis(17), true);
        assert_eq!((quality.scale(2e6, true), quality.scale(2e6, false)), (1.0, SCALE_MAX));
    }

    #[test]
    fn a_slow_machine_draws_coarsely_while_moving_and_at_least_pixel_by_pixel_at_rest() {
        let mut quality = Quality::new(true);
        quality.learn(1e6, Duration::from_millis(200), true);
        assert_eq!(quality.scale(1e6, true), 0.5);
        assert_eq!(quality.scale(1e6, false), 1.0);
        quality.learn(1e6, Duration::from_secs(9), true);
        assert_eq!((quality.scale(1e6, true), quality.scale(1e6, false)), (SCALE_MIN, 1.0));
    }

    /// Stand-ins are drawn while the camera moves: their times say nothing of the picture at rest.
    #[test]
    fn moving_and_resting_frames_are_learned_apart() {
        let mut quality = Quality::new(true);
        quality.learn(1e6, Duration::from_millis(20), true);
        quality.learn(1e6, Duration::from_secs(2), false);
        assert_eq!((quality.scale(1e6, true), quality.scale(1e6, false)), (1.0, 1.0));
        let mut quality = Quality::new(true);
        quality.learn(1e6, Duration::from_millis(200), true);
        quality.learn(1e6, Duration::from_millis(40), false);
        assert_eq!((quality.scale(1e6, true), quality.scale(1e6, false)), (0.5, SCALE_MAX));
    }

    #[test]
    fn a_fast_processor_gets_four_samples_per_pixel_at_rest() {
        let mut quality = Quality::new(true);
        for _ in 0..30 {
            quality.learn(5e5, Duration::from_millis(10), true);
        }
        assert_eq!(quality.scale(5e5, true), 1.0);
        assert_eq!(quality.scale(5e5, false), SCALE_MAX);
    }
}
