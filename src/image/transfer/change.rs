//! What a hand does to a transfer function. Every operation gives a new one that keeps the rules of its points.

use super::TransferFunction;

/// Factors of a stretch that keep numbers sensible.
const STRETCH: [f64; 2] = [0.02, 50.0];
/// Values farther out than this mean nothing in any scan.
const FARTHEST: f64 = 1e7;

impl TransferFunction {
    /// Everything at values higher by `by`.
    #[must_use]
    pub fn shifted(&self, by: f64) -> Self {
        self.moved(|value| value + by)
    }

    /// Everything `factor` times as far from the value `about`.
    #[must_use]
    pub fn stretched(&self, about: f64, factor: f64) -> Self {
        let factor = if factor.is_nan() { 1.0 } else { factor.clamp(STRETCH[0], STRETCH[1]) };
        self.moved(|value| about + (value - about) * factor)
    }

    /// `factor` times as opaque, up to 1.
    #[must_use]
    pub fn scaled_opacity(&self, factor: f32) -> Self {
        let factor = if factor.is_finite() { factor.max(0.0) } else { 1.0 };
        let opacity = self.opacity.iter().map(|(value, opacity)| (*value, opacity * factor)).collect();
        Self::new(opacity, self.colours.clone(), self.shading)
    }

    /// A point of opacity at another place, no farther than its neighbours.
    #[must_use]
    pub fn with_opacity_moved(&self, point: usize, value: f64, opacity: f32) -> Self {
        let mut new = self.clone();
        if let Some(value) = kept_between(&self.opacity, point, value).filter(|_| opacity.is_finite()) {
            new.opacity[point] = (value, opacity.clamp(0.0, 1.0));
        }
        new
    }

    /// One more point of opacity, and its place in the list.
    #[must_use]
    pub fn with_opacity_added(&self, value: f64, opacity: f32) -> (Self, usize) {
        let place = self.opacity.partition_point(|(at, _)| *at <= value);
        if !value.is_finite() || !opacity.is_finite() {
            return (self.clone(), place.saturating_sub(1));
        }
        let mut new = self.clone();
        new.opacity.insert(place, (value, opacity.clamp(0.0, 1.0)));
        (new, place)
    }

    /// Without a point of opacity; the last one stays.
    #[must_use]
    pub fn without_opacity(&self, point: usize) -> Self {
        let mut new = self.clone();
        if point < new.opacity.len() && 1 < new.opacity.len() {
            new.opacity.remove(point);
        }
        new
    }

    /// A colour stop at another value, no farther than its neighbours.
    #[must_use]
    pub fn with_colour_moved(&self, stop: usize, value: f64) -> Self {
        let mut new = self.clone();
        if let Some(value) = kept_between(&self.colours, stop, value) {
            new.colours[stop].0 = value;
        }
        new
    }

    /// A colour stop in another colour.
    #[must_use]
    pub fn recoloured(&self, stop: usize, colour: [u8; 3]) -> Self {
        let mut new = self.clone();
        if let Some((_, old)) = new.colours.get_mut(stop) {
            *old = colour;
        }
        new
    }

    /// One more colour stop, in the colour that is there, and its place in the list.
    #[must_use]
    pub fn with_colour_added(&self, value: f64) -> (Self, usize) {
        let place = self.colours.partition_point(|(at, _)| *at <= value);
        if !value.is_finite() {
            return (self.clone(), place.saturating_sub(1));
        }
        let mut new = self.clone();
        new.colours.insert(place, (value, self.colour_at(value).map(|part| (part * 255.0).round() as u8)));
        (new, place)
    }

    /// Without a colour stop; the last one stays.
    #[must_use]
    pub fn without_colour(&self, stop: usize) -> Self {
        let mut new = self.clone();
        if stop < new.colours.len() && 1 < new.colours.len() {
            new.colours.remove(stop);
        }
        new
    }

    fn moved(&self, to: impl Fn(f64) -> f64) -> Self {
        let kept = |value: f64| {
            let moved = to(value);
            if moved.is_finite() { moved.clamp(-FARTHEST, FARTHEST) } else { value }
        };
        let opacity = self.opacity.iter().map(|(value, opacity)| (kept(*value), *opacity)).collect();
        let colours = self.colours.iter().map(|(value, colour)| (kept(*value), *colour)).collect();
        Self::new(opacity, colours, self.shading)
    }
}

/// `value` as near as the neighbours of point `n` allow; none without that point, or for no number.
fn kept_between<T>(points: &[(f64, T)], n: usize, value: f64) -> Option<f64> {
    points.get(n).filter(|_| value.is_finite())?;
    let low = n.checked_sub(1).map_or(-FARTHEST, |before| points[before].0);
    let high = points.get(n + 1).map_or(FARTHEST, |after| after.0);
    // `max` and `min`, not `clamp`: neighbours from elsewhere may lie farther out than anything.
    Some(value.max(low).min(high.max(low)))
}

#[cfg(test)]
mod tests {
    use super::super::PRESETS;
    use super::*;

    fn keeps_the_rules(transfer: &TransferFunction) -> bool {
        let rises = |values: Vec<f64>| values.is_sorted() && values.iter().all(|value| value.is_finite());
        rises(transfer.opacity.iter().map(|(value, _)| *value).collect())
            && rises(transfer.colours.iter().map(|(value, _)| *value).collect())
            && transfer.opacity.iter().all(|(_, opacity)| (0.0..=1.0).contains(opacity))
            && !transfer.opacity.is_empty()
            && !transfer.colours.is_empty()
    }

    /// A long walk of everything a hand can do, with numbers no hand would give among them.
    #[test]
    fn nothing_that_is_done_breaks_the_rules() {
        let odd = [0.0, 1.0, -3.5, 250.0, 1e9, -1e12, f64::NAN, f64::INFINITY, 1e-9];
        for preset in &PRESETS {
            let mut transfer = preset.transfer([0.0, 255.0]);
            let mut seed = 12_345_u64;
            for step in 0..600 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let draw = (seed >> 33) as usize;
                let (value, other) = (odd[draw % odd.len()], odd[draw / 16 % odd.len()]);
                let n = draw / 256 % 6;
                transfer = match step % 10 {
                    0 => transfer.shifted(value),
                    1 => transfer.stretched(other, value),
                    2 => transfer.scaled_opacity(value as f32),
                    3 => transfer.with_opacity_moved(n, value, other as f32),
                    4 => transfer.with_opacity_added(value, other as f32).0,
                    5 => transfer.without_opacity(n),
                    6 => transfer.with_colour_moved(n, value),
                    7 => transfer.with_colour_added(value).0,
                    8 => transfer.without_colour(n),
                    _ => transfer.recoloured(n, [1, 2, 3]),
                };
                assert!(keeps_the_rules(&transfer), "{} after step {step}: {transfer:?}", preset.name);
                let at = transfer.opacity_at(value);
                assert!((0.0..=1.0).contains(&at), "{at}");
            }
        }
    }

    /// Between two neighbours opacity lies between theirs.
    #[test]
    fn opacity_between_neighbours_is_between_theirs() {
        for preset in &PRESETS {
            let transfer = preset.transfer([0.0, 255.0]);
            for pair in transfer.opacity.windows(2) {
                let [(low, first), (high, second)] = [pair[0], pair[1]];
                for part in [0.1, 0.5, 0.9] {
                    let at = transfer.opacity_at(low + part * (high - low));
                    assert!(first.min(second) - 1e-6 <= at && at <= first.max(second) + 1e-6, "{}", preset.name);
                }
            }
        }
    }

    #[test]
    fn shift_and_stretch_move_opacity_and_colour_alike() {
        let start = PRESETS[0].transfer([0.0, 255.0]);
        let (shifted, about) = (start.shifted(40.0), start.middle());
        for value in [-20.0, 150.0, 300.0, 900.0] {
            assert!((shifted.opacity_at(value + 40.0) - start.opacity_at(value)).abs() < 1e-6);
            assert_eq!(shifted.colour_at(value + 40.0), start.colour_at(value));
            let twice = start.stretched(about, 2.0).opacity_at(about + 2.0 * (value - about));
            assert!((twice - start.opacity_at(value)).abs() < 1e-6);
        }
        let back = start.shifted(40.0).shifted(-40.0);
        assert_eq!(back, start);
        assert_eq!(start.scaled_opacity(0.0).opacity_at(641.0), 0.0);
    }

    #[test]
    fn points_are_added_where_they_belong_and_the_last_one_stays() {
        let start = PRESETS[0].transfer([0.0, 255.0]);
        let (more, place) = start.with_opacity_added(400.0, 0.5);
        assert_eq!((more.opacity[place], more.opacity.len()), ((400.0, 0.5), start.opacity.len() + 1));
        assert_eq!(more.without_opacity(place), start);
        let mut fewer = start.clone();
        (0..20).for_each(|_| fewer = fewer.without_opacity(0).without_colour(0));
        assert_eq!((fewer.opacity.len(), fewer.colours.len()), (1, 1));
        // A new stop shows what was there.
        let (coloured, _) = start.with_colour_added(333.0);
        let [was, is] = [&start, &coloured].map(|each| each.colour_at(333.0));
        assert!(was.iter().zip(is).all(|(a, b)| (a - b).abs() <= 0.5 / 255.0 + 1e-6));
        // A point stops at its neighbours.
        assert_eq!(start.with_opacity_moved(1, 1e6, 0.3).opacity[1].0, start.opacity[2].0);
    }
}
