//! Several paths at once: which instruments come too near to one another.

use super::Path;
use super::segment::nearest_parts;
use crate::geom::Point;

/// How near two paths come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meeting {
    /// Which two, counted as the list of paths counts, the smaller first.
    pub paths: [usize; 2],
    /// Between the instruments' sides; negative where they overlap.
    pub gap_mm: f64,
    /// Depth on both where they come nearest.
    pub depths_mm: [f64; 2],
    /// The places on both axes.
    pub places: [Point; 2],
    /// Whether the gap is smaller than required.
    pub is_conflict: bool,
}

/// How near every two of `paths` come, in the order of the list; exact, for both are cylinders with round ends.
pub fn conflicts(paths: &[Path], gap_mm_min: f64) -> Vec<Meeting> {
    let meet = |a: usize, b: usize| {
        let ends = |n: usize| [paths[n].entry(), paths[n].target()];
        let ([p, q], [r, s]) = (ends(a), ends(b));
        let parts = nearest_parts([&p, &q], [&r, &s]);
        let depths_mm = [parts[0] * paths[a].length_mm(), parts[1] * paths[b].length_mm()];
        let places = [paths[a].at(depths_mm[0]), paths[b].at(depths_mm[1])];
        let gap_mm = (places[1] - places[0]).norm() - paths[a].radius_mm() - paths[b].radius_mm();
        Meeting { paths: [a, b], gap_mm, depths_mm, places, is_conflict: gap_mm < gap_mm_min }
    };
    (0..paths.len()).flat_map(|a| (a + 1..paths.len()).map(move |b| meet(a, b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_needles_are_in_conflict_and_parallel_ones_are_not() {
        let path = |a: [f64; 3], b: [f64; 3]| Path::new(Point::from(a), Point::from(b), 2.0).unwrap();
        let paths = [
            path([-10.0, 0.0, 0.0], [10.0, 0.0, 0.0]),
            path([0.0, -10.0, 2.5], [0.0, 10.0, 2.5]),
            path([-10.0, 0.0, -9.0], [10.0, 0.0, -9.0]),
        ];
        let table = conflicts(&paths, 1.0);
        assert_eq!(table.iter().map(|m| m.paths).collect::<Vec<_>>(), [[0, 1], [0, 2], [1, 2]]);
        let gaps: Vec<f64> = table.iter().map(|m| m.gap_mm).collect();
        assert!(gaps.iter().zip([0.5, 7.0, 9.5]).all(|(found, exact)| (found - exact).abs() < 1e-12), "{gaps:?}");
        assert_eq!(table.iter().map(|m| m.is_conflict).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(table[0].depths_mm, [10.0, 10.0]);
        assert!(conflicts(&paths[..1], 1.0).is_empty());
    }
}
