//! What the laboratories measured, each scaled to the flow of the study by the flow that its own profile carries.

use super::{FLOW_ML_S, wall_mm};
use crate::io::fda_nozzle::{Laboratory, Series};
use std::f64::consts::PI;

/// A profile across the axis at one place, measured by one laboratory.
pub(super) struct Profile<'a> {
    own: &'a Laboratory,
    across: &'a Series,
    z_mm: f64,
    /// Flow that it carries over that of the study.
    pub carried: f64,
}

/// All profiles measured at a place. Each carries a flow of its own: the mean of what its two sides carry, between axis and
/// wall, at rest on the wall.
pub(super) fn profiles(measured: &[Laboratory], z_mm: f64) -> Vec<Profile<'_>> {
    // On the edge of the throat the wall is that of the throat.
    let wall_mm = wall_mm(if z_mm == 0.0 { -1e-6 } else { z_mm });
    let of = |own| {
        let own: &Laboratory = own;
        let (_, across) = own.profiles_m_s.iter().find(|(at_mm, _)| (at_mm - z_mm).abs() < 0.05)?;
        let [left, right] = [-1.0, 1.0].map(|side| flow_ml_s(across, side, wall_mm));
        Some(Profile { own, across, z_mm, carried: 0.5 * (left? + right?) / FLOW_ML_S })
    };
    measured.iter().filter_map(of).collect()
}

impl Profile<'_> {
    /// The speed on the axis as measured, m/s.
    pub fn axis_m_s(&self) -> Option<f64> {
        at(&self.own.axis_m_s, self.z_mm)
    }

    /// The speeds on both sides at a radius, scaled to the flow of the study, m/s.
    pub fn scaled_m_s(&self, radius_mm: f64) -> impl Iterator<Item = f64> + '_ {
        [-radius_mm, radius_mm].into_iter().filter_map(|x_mm| Some(at(self.across, x_mm)? / self.carried))
    }
}

/// Flow of a whole section that looks as one side of a profile, ml/s; none without points there.
fn flow_ml_s(across: &Series, side: f64, wall_mm: f64) -> Option<f64> {
    let mut half: Series = across.iter().map(|[x_mm, speed]| [side * x_mm, *speed]).collect();
    half.retain(|[radius_mm, _]| (0.0..wall_mm).contains(radius_mm));
    half.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let innermost = half.first()?[1];
    half.insert(0, [0.0, innermost]);
    half.push([wall_mm, 0.0]);
    // ∫ 2π r u dr of speeds that change linearly; m/s times mm² is ml/s.
    let piece = |pair: &[[f64; 2]]| {
        let ([a, u], [b, v]) = (pair[0], pair[1]);
        PI / 3.0 * (b - a) * ((2.0 * a + b) * u + (a + 2.0 * b) * v)
    };
    Some(half.windows(2).map(piece).sum())
}

/// A series at a place between its own, linearly; none beyond its ends.
pub(super) fn at(series: &Series, place: f64) -> Option<f64> {
    let mut sorted = series.clone();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let after = sorted.partition_point(|[at, _]| *at < place);
    match (after.checked_sub(1).and_then(|n| sorted.get(n)), sorted.get(after)) {
        (_, Some([at, value])) if *at == place => Some(*value),
        (Some([a, u]), Some([b, v])) => Some(u + (v - u) * (place - a) / (b - a)),
        _ => None,
    }
}

/// Smallest and largest of numbers; none if there are none.
pub(super) fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.fold(None, |range, value| match range {
        None => Some([value; 2]),
        Some([low, high]) => Some([value.min(low), value.max(high)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_read_between_their_places_and_not_beyond() {
        let series = vec![[2.0, 1.0], [0.0, 3.0]];
        assert_eq!([at(&series, 1.0), at(&series, 0.0), at(&series, 2.5)], [Some(2.0), Some(3.0), None]);
    }

    #[test]
    fn a_profile_is_scaled_by_the_flow_it_carries() {
        // A parabola with 90 % of the flow in the inlet pipe.
        let peak = 2.0 * 0.9 * FLOW_ML_S / (PI * 36.0);
        let across =
            (-80..=80).map(|k| f64::from(k) * 0.1).map(|x| [x, (peak * (1.0 - x * x / 36.0)).max(0.0)]).collect();
        let own = Laboratory { profiles_m_s: vec![(-64.0, across)], ..Laboratory::default() };
        let all = [own];
        let profiles = profiles(&all, -64.0);
        assert_eq!(profiles.len(), 1);
        assert!((profiles[0].carried - 0.9).abs() < 1e-3, "{}", profiles[0].carried);
        for speed in profiles[0].scaled_m_s(3.0) {
            assert!((speed * 0.9 / (0.75 * peak) - 1.0).abs() < 1e-3, "{speed}");
        }
        assert_eq!(range(profiles[0].scaled_m_s(9.0)), None);
    }
}
