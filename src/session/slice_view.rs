//! How a slice view looked when it was kept: where it was, how it was turned and zoomed, and how it showed the scan.

use crate::base::{ContentHasher, NodeId};
use crate::geom::Orientation;
use crate::image::Window;
use crate::image::slice::Projection;
use serde::{Deserialize, Serialize};

/// A slice view as it was kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SliceView {
    /// The scan it showed.
    pub scan: NodeId,
    /// Which of the three views.
    pub orientation: Orientation,
    /// How all three planes were turned out of the patient's axes: a unit quaternion, x, y, z, w.
    #[serde(default = "no_turn")]
    pub turn: [f64; 4],
    /// The turn of each view about its own normal, in the order of [`Orientation::ALL`], radians.
    #[serde(default)]
    pub spins_rad: [f64; 3],
    /// 1 showed the whole slice.
    #[serde(default = "no_zoom")]
    pub zoom: f64,
    /// Place of the view's centre relative to the scan's, to the right and down, mm.
    #[serde(default)]
    pub pan_mm: [f64; 2],
    /// Whether left and right were swapped, and top and bottom.
    #[serde(default)]
    pub flipped: [bool; 2],
    /// The display window.
    pub window: Window,
    /// Whether black and white were swapped.
    #[serde(default)]
    pub inverted: bool,
    /// How the values across a slab became one; a plane was shown where there is none.
    #[serde(default)]
    pub projection: Option<Projection>,
    /// The thickness of the slab, mm.
    #[serde(default = "usual_mm")]
    pub thickness_mm: f64,
}

fn no_turn() -> [f64; 4] {
    [0.0, 0.0, 0.0, 1.0]
}

fn no_zoom() -> f64 {
    1.0
}

fn usual_mm() -> f64 {
    20.0
}

impl SliceView {
    /// Whether every number makes sense.
    ///
    /// # Errors
    /// A sentence with the number that does not, and its limits.
    pub fn check(&self) -> Result<(), String> {
        let Self { turn, spins_rad, zoom, pan_mm, window, thickness_mm, .. } = self;
        let norm = turn.iter().map(|x| x * x).sum::<f64>().sqrt();
        if !(1.0 - 1e-6..=1.0 + 1e-6).contains(&norm) {
            return Err(format!("the turn of a slice view is a quaternion of length {norm}; it must be 1"));
        }
        if !spins_rad.iter().all(|spin| spin.abs() <= 10.0) {
            return Err("the turn of a slice view about its normal is not three angles of at most 10 rad".into());
        }
        if !(1e-3..=1e3).contains(zoom) {
            return Err(format!("the zoom of a slice view, {zoom}, is outside 0.001 to 1000"));
        }
        if !pan_mm.iter().all(|mm| mm.abs() <= 1e6) {
            return Err("a slice view lies more than 1000000 mm beside its scan".into());
        }
        if !(window.width.is_finite() && 0.0 < window.width && window.level.is_finite()) {
            return Err(format!(
                "the window of a slice view has the width {} and the level {}; it must be wider than 0",
                window.width, window.level
            ));
        }
        if !(0.01..=1e4).contains(thickness_mm) {
            return Err(format!("the slab of a slice view, {thickness_mm} mm, is outside 0.01 to 10000 mm"));
        }
        Ok(())
    }

    /// What it shows, in words: `axial slice, MIP 20 mm, W 400 L 40`.
    pub fn words(&self) -> String {
        let is_turned = self.turn != no_turn() || self.spins_rad != [0.0; 3];
        let turned = if is_turned { ", turned" } else { "" };
        let slab = self.projection.map(|kind| format!(", {} {} mm", kind.short(), self.thickness_mm));
        let Window { width, level } = self.window;
        let inverted = if self.inverted { ", inverted" } else { "" };
        let slab = slab.unwrap_or_default();
        let flipped = if self.flipped == [false; 2] { "" } else { ", flipped" };
        let number = |value: f64| {
            let digits = if width.abs() < 10.0 { 1000.0 } else { 1.0 };
            (value * digits).round() / digits
        };
        let (name, width, level) = (self.orientation.name(), number(width), number(level));
        format!("{name} slice{turned}{flipped}{slab}, W {width} L {level}{inverted}")
    }

    /// Add it to a hash.
    pub(super) fn hash_into(&self, hasher: &mut ContentHasher) {
        let Self {
            scan,
            orientation,
            turn,
            spins_rad,
            zoom,
            pan_mm,
            window,
            inverted,
            projection,
            thickness_mm,
            flipped,
        } = self;
        hasher.number(u64::from(scan.0)).number(*orientation as u64).array(turn).array(spins_rad);
        hasher.real(*zoom).array(pan_mm).real(window.width).real(window.level).number(u64::from(*inverted));
        let kind = projection.map_or(0, |kind| 1 + kind as u64);
        hasher.number(kind).real(*thickness_mm);
        // Views that were kept before there were flips keep their hash.
        if *flipped != [false; 2] {
            hasher.number(u64::from(flipped[0]) + 2 * u64::from(flipped[1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: SliceView = SliceView {
        scan: NodeId(3),
        orientation: Orientation::Coronal,
        turn: [0.6, 0.0, 0.0, 0.8],
        spins_rad: [0.1, 0.0, -0.2],
        zoom: 2.5,
        pan_mm: [4.0, -9.0],
        flipped: [false; 2],
        window: Window { width: 400.0, level: 40.0 },
        inverted: true,
        projection: Some(Projection::Maximum),
        thickness_mm: 12.5,
    };

    #[test]
    fn it_says_what_it_shows_and_comes_back_from_its_written_form() {
        assert_eq!(VIEW.words(), "coronal slice, turned, MIP 12.5 mm, W 400 L 40, inverted");
        assert_eq!(serde_json::from_value::<SliceView>(serde_json::to_value(VIEW).unwrap()).unwrap(), VIEW);
        // A script says the least.
        let short = serde_json::json!({ "scan": 1, "orientation": "axial", "window": { "width": 80, "level": 40 } });
        let short: SliceView = serde_json::from_value(short).unwrap();
        assert_eq!((short.check(), short.words().as_str()), (Ok(()), "axial slice, W 80 L 40"));
    }

    #[test]
    fn every_number_is_checked_and_counts() {
        assert_eq!(VIEW.check(), Ok(()));
        let hash = |view: SliceView| {
            let mut hasher = ContentHasher::default();
            view.hash_into(&mut hasher);
            hasher.finish()
        };
        let bad = [
            SliceView { turn: [1.0; 4], ..VIEW },
            SliceView { spins_rad: [f64::NAN; 3], ..VIEW },
            SliceView { zoom: 0.0, ..VIEW },
            SliceView { pan_mm: [f64::INFINITY, 0.0], ..VIEW },
            SliceView { window: Window { width: 0.0, level: 1.0 }, ..VIEW },
            SliceView { thickness_mm: -1.0, ..VIEW },
        ];
        for view in bad {
            assert!(view.check().is_err(), "{view:?}");
            assert_ne!(hash(view), hash(VIEW));
        }
        assert_ne!(hash(SliceView { projection: None, ..VIEW }), hash(VIEW));
        assert_ne!(hash(SliceView { inverted: false, ..VIEW }), hash(VIEW));
        let flipped = SliceView { flipped: [false, true], ..VIEW };
        assert_ne!(hash(flipped), hash(VIEW));
        assert!(flipped.words().contains(", flipped"), "{}", flipped.words());
    }
}
