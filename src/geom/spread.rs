//! A few of many places, spread evenly.

use super::Point;
use std::collections::HashMap;

/// More places than this are thinned before they are compared.
const LOOKED_AT_MAX: usize = 150_000;
/// Halvings of the distance.
const STEPS: usize = 16;

/// At most `count` of `points`, spread evenly: the same for the same points, no two much closer than any other two, and
/// nowhere a gap where there are points. Returns their numbers in ascending order and the least distance between two in mm.
///
/// Places are taken in an order that jumps all over them, each unless it is too near to one that was taken before
/// ("dart throwing"; Cook 1986, ACM Trans. Graph. 5(1)); the distance is the least for which they are not too many.
pub fn spread(points: &[Point], count: usize) -> (Vec<usize>, f64) {
    let order = jumps(points.len());
    let finite = order.into_iter().filter(|n| points[*n].coords.iter().all(|x| x.is_finite()));
    let order: Vec<usize> = finite.take(LOOKED_AT_MAX).collect();
    if count == 0 || order.is_empty() {
        return (Vec::new(), 0.0);
    }
    let bounds = super::Aabb::of(order.iter().map(|n| &points[*n]));
    let (mut near, mut far) = (0.0, bounds.size().norm().max(1e-9));
    let mut found = vec![order[0]];
    for _ in 0..STEPS {
        let middle = 0.5 * (near + far);
        match taken(points, &order, middle, count) {
            Some(fewer) => {
                // All there are, or nearly as many as asked for: looking on would change nothing that is seen.
                let is_enough = fewer.len() == order.len() || 0.98 * count as f64 <= fewer.len() as f64;
                (found, far) = (fewer, middle);
                if is_enough {
                    break;
                }
            }
            None => near = middle,
        }
    }
    found.sort_unstable();
    (found, far)
}

/// The numbers below `len` in an order whose every beginning is spread over all of them: steps by the golden ratio.
fn jumps(len: usize) -> Vec<usize> {
    let step = (1..=len).rev().find(|step| (*step as f64) <= 0.618_034 * len as f64 && gcd(*step, len) == 1);
    let step = step.unwrap_or(1);
    (0..len).scan(0, |at, _| Some(std::mem::replace(at, (*at + step) % len))).collect()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Places at least `apart` from each other; `None` as soon as there are more than `count`.
fn taken(points: &[Point], order: &[usize], apart: f64, count: usize) -> Option<Vec<usize>> {
    let cell = |point: &Point| -> [i64; 3] { [0, 1, 2].map(|axis| (point[axis] / apart).floor() as i64) };
    // Only looked up, never gone through.
    let mut cells: HashMap<[i64; 3], Vec<usize>> = HashMap::new();
    let mut taken = Vec::new();
    for n in order {
        let point = &points[*n];
        let [i, j, k] = cell(point);
        let around = (0..27).map(|m| [i + m % 3 - 1, j + m / 3 % 3 - 1, k + m / 9 - 1]);
        let is_near = |other: &usize| (points[*other] - point).norm_squared() < apart * apart;
        if around.filter_map(|place| cells.get(&place)).flatten().any(is_near) {
            continue;
        }
        if taken.len() == count {
            return None;
        }
        taken.push(*n);
        cells.entry([i, j, k]).or_default().push(*n);
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dense block at one end of a thin line of points.
    fn uneven() -> Vec<Point> {
        let block = (0..20_000).map(|n| {
            let [x, y, z] = [n % 20, n / 20 % 20, n / 400].map(|n| f64::from(n) * 0.5);
            Point::new(x, y, z)
        });
        block.chain((0..400).map(|n| Point::new(10.0 + 0.25 * f64::from(n), 5.0, 5.0))).collect()
    }

    #[test]
    fn places_are_as_many_as_asked_for_and_none_is_near_another() {
        let points = uneven();
        for count in [1, 20, 300, 2000] {
            let (chosen, apart) = spread(&points, count);
            assert!(
                chosen.len() <= count && (0.75 * count as f64) <= chosen.len() as f64,
                "{} of {count}",
                chosen.len()
            );
            for (n, a) in chosen.iter().enumerate() {
                for b in &chosen[..n] {
                    assert!(apart <= (points[*a] - points[*b]).norm(), "{a} {b}");
                }
            }
            // No gap: every place has a chosen one within reach.
            let gap = points.iter().map(|p| chosen.iter().map(|c| (points[*c] - p).norm()).fold(f64::MAX, f64::min));
            assert!(gap.fold(0.0, f64::max) <= apart, "{count}");
        }
    }

    #[test]
    fn the_same_places_are_chosen_again_and_few_places_are_all_chosen() {
        let points = uneven();
        assert_eq!(spread(&points, 500), spread(&points, 500));
        let (all, apart) = spread(&points[..7], 100);
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6]);
        assert!((0.2..=0.5).contains(&apart), "half a millimetre lies between them: {apart}");
        assert_eq!(spread(&[], 10).0, [0; 0]);
        assert_eq!(spread(&[Point::new(f64::NAN, 0.0, 0.0), Point::origin()], 10).0, [1]);
        assert_eq!(spread(&points, 0).0, [0; 0]);
    }
}
