//! How far one surface is from another.

use super::{Field, Surface, deviation};
use crate::base::{Cancelled, Progress, Summary};

/// Signed distance in mm from every vertex of `surface` to `other`, negative inside, and a summary of it.
///
/// Every vertex counts with a third of the area around it. The summary has mean, mean of the size, root mean square, 95th
/// percentile and largest of the size, and how the area spreads over ten equal ranges. `None` if either has no triangle.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn distance_to(
    surface: &Surface,
    other: &Surface,
    progress: &Progress,
) -> Result<Option<(Field, Summary)>, Cancelled> {
    if surface.triangles().is_empty() {
        return Ok(None);
    }
    let Some(field) = deviation("distance", surface, other, &progress.part(0.0..0.9, "distance"))? else {
        return Ok(None);
    };
    let values = &field.values;
    let mut weights = vec![0.0; values.len()];
    for triangle in surface.triangles() {
        let [a, b, c] = surface.corners(*triangle);
        let third = (b - a).cross(&(c - a)).norm() / 6.0;
        triangle.iter().for_each(|v| weights[*v as usize] += third);
    }
    let summary = summary(values, &weights);
    progress.set(1.0)?;
    Ok(Some((field, summary)))
}

fn summary(values: &[f64], weights: &[f64]) -> Summary {
    let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mean = |f: fn(f64) -> f64| values.iter().zip(weights).map(|(x, w)| f(*x) * w).sum::<f64>() / total;
    let mut sizes: Vec<(f64, f64)> = values.iter().map(|x| x.abs()).zip(weights.iter().copied()).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    let most = sizes.iter().find(|(_, weight)| {
        below += weight;
        0.95 * total <= below
    });
    let used = || values.iter().zip(weights).filter(|(_, w)| 0.0 < **w);
    let low = used().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
    let high = used().map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
    let mut summary = Summary::default()
        .fact("mean distance", mean(|x| x), "mm")
        .fact("mean size of the distance", mean(f64::abs), "mm")
        .fact("root mean square", mean(|x| x * x).sqrt(), "mm")
        .fact("95th percentile", most.map_or(0.0, |(size, _)| *size), "mm")
        .fact("furthest inside", low.min(0.0).abs(), "mm")
        .fact("furthest outside", high.max(0.0), "mm")
        .method("Distance from every vertex to the nearest point of the other surface, weighted by area; negative inside (winding number, Jacobson 2013).");
    let width = (high - low) / 10.0;
    if 1e-9 < width {
        let mut parts = [0.0; 10];
        used().for_each(|(x, w)| parts[(((x - low) / width) as usize).min(9)] += w);
        for (n, part) in parts.into_iter().enumerate() {
            let from = low + n as f64 * width;
            summary = summary.fact(&format!("area at {from:.2} to {:.2} mm", from + width), 100.0 * part / total, "%");
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;

    #[test]
    fn a_smaller_ball_lies_inside_a_larger_one() {
        let (field, summary) = distance_to(&ball(10.0, 0.8), &ball(13.0, 0.8), &Progress::default()).unwrap().unwrap();
        for (name, exact) in
            [("mean distance", -3.0), ("root mean square", 3.0), ("95th percentile", 3.0), ("furthest inside", 3.0)]
        {
            assert!((summary.value(name).unwrap() - exact).abs() < 0.08, "{name}: {:?}", summary.value(name));
        }
        assert_eq!(summary.value("furthest outside"), Some(0.0));
        assert!(field.values.iter().all(|mm| *mm < -2.9));
        let spread: f64 = summary.facts.iter().filter(|fact| fact.unit == "%").map(|fact| fact.value).sum();
        assert!((spread - 100.0).abs() < 1e-6);
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(distance_to(&nothing, &ball(3.0, 1.0), &Progress::default()), Ok(None));
    }
}
