//! The guide as places see it: shell, sleeves, bridges and bores.

use super::SleeveRules;
use super::stand::Stand;
use crate::geom::{Point, Vector};
use crate::plan::bone::cast::Mould;

/// The guide as places see it.
pub(super) struct Frame<'a, 'b> {
    stands: &'a [Stand<'b>],
    rules: &'a SleeveRules,
    /// The third is the way off.
    axes: [Vector; 3],
    /// Bars between sleeves: where they begin and end, and their radius.
    bars: Vec<[Point; 2]>,
    bar_mm: f64,
}

impl<'a, 'b> Frame<'a, 'b> {
    pub(super) fn of(stands: &'a [Stand<'b>], off: Vector, rules: &'a SleeveRules) -> Self {
        // Along the row of sleeves, so that the box is small.
        let row = stands[stands.len() - 1].foot - stands[0].foot;
        let level = (row - off * row.dot(&off)).try_normalize(1e-6);
        let least = if off.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
        let u = level.unwrap_or_else(|| off.cross(&least).normalize());
        let lowest_mm = stands.iter().map(|stand| stand.height_mm).fold(f64::INFINITY, f64::min);
        // No higher than the faces the drills stop at.
        let bar_mm = (0.5 * rules.bridge_mm).min(0.5 * lowest_mm);
        let lift_mm = (rules.clearance_mm + bar_mm).min(lowest_mm - bar_mm);
        let pairs = if 0.0 < rules.bridge_mm { stands.windows(2) } else { stands[..1].windows(2) };
        let bars = pairs.map(|pair| [pair[0].at(lift_mm), pair[1].at(lift_mm)]).collect();
        Self { stands, rules, axes: [u, off.cross(&u), off], bars, bar_mm }
    }

    /// The box around the guide.
    pub(super) fn mould(&self) -> Mould {
        let (from, rules) = (self.stands[0].foot, self.rules);
        let (mut low_mm, mut high_mm) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        let mut hold = |place: &Point, round_mm: f64, up_mm: f64| {
            for (a, axis) in self.axes.iter().enumerate() {
                let mm = (place - from).dot(axis);
                low_mm[a] = low_mm[a].min(mm - round_mm);
                high_mm[a] = high_mm[a].max(mm + round_mm + if a == 2 { up_mm } else { 0.0 });
            }
        };
        for stand in self.stands {
            hold(&stand.foot, rules.radius_mm.max(stand.outer_mm), rules.clearance_mm + rules.thickness_mm);
            hold(&stand.at(stand.height_mm), stand.outer_mm, 0.0);
        }
        let voxel_mm = rules.voxel_mm;
        Mould { axes: self.axes, from, low_mm, high_mm, voxel_mm }
    }

    /// How far a place is outside of the guide, negative within; `mm` is its distance to the bone, `way_mm` the least on its
    /// way off.
    pub(super) fn outside(&self, place: &Point, mm: f64, way_mm: f64) -> f64 {
        let rules = self.rules;
        let level = |way: Vector| way - self.axes[2] * way.dot(&self.axes[2]);
        let mut footprint = f64::INFINITY;
        let (mut tubes, mut bores, mut rooms) = (f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for stand in self.stands {
            footprint = footprint.min(level(place - stand.foot).norm() - rules.radius_mm);
            let (above_mm, off_mm) = stand.places(place);
            let tube = (off_mm - stand.outer_mm).max(above_mm - stand.height_mm).max(-1.5 * stand.outer_mm - above_mm);
            tubes = tubes.min(tube);
            bores = bores.max(stand.bore_mm - off_mm);
            // No shell above the face: the drill's stop comes to lie there.
            rooms = rooms.max((stand.outer_mm - off_mm).min(above_mm - stand.height_mm));
        }
        let mut bars = f64::INFINITY;
        for [a, b] in &self.bars {
            let along = |from: Vector, way: Vector| (from.dot(&way) / way.norm_squared().max(1e-12)).clamp(0.0, 1.0);
            let way = b - a;
            let part = along(place - a, way);
            bars = bars.min((place - (a + way * part)).norm() - self.bar_mm);
            // Beneath the bar the shell goes on, over whatever the bone does there.
            let (flat, from) = (level(way), level(place - a));
            footprint = footprint.min((from - flat * along(from, flat)).norm() - 0.5 * rules.bridge_mm);
        }
        let shell = (mm - rules.clearance_mm - rules.thickness_mm).max(footprint);
        shell.min(bars).max(rooms).min(tubes).max(rules.clearance_mm - way_mm).max(bores)
    }
}
