//! The D3Q19 velocity set: 19 directions in opposite pairs, their weights, and the speed of sound.
//!
//! Direction 0 rests; directions `2k + 1` and `2k + 2` are opposite, for `k` in `0..9`.
//! Source: Qian, d'Humières and Lallemand 1992, Europhys. Lett. 17:479.

/// Number of directions.
pub const Q: usize = 19;

/// Number of opposite pairs.
pub const PAIRS: usize = 9;

/// Square of the lattice speed of sound, in cells² per step².
pub const CS2: f64 = 1.0 / 3.0;

/// Where a population goes in one step, in cells.
pub const C: [[i32; 3]; Q] = [
    [0, 0, 0],
    [1, 0, 0],
    [-1, 0, 0],
    [0, 1, 0],
    [0, -1, 0],
    [0, 0, 1],
    [0, 0, -1],
    [1, 1, 0],
    [-1, -1, 0],
    [1, -1, 0],
    [-1, 1, 0],
    [1, 0, 1],
    [-1, 0, -1],
    [1, 0, -1],
    [-1, 0, 1],
    [0, 1, 1],
    [0, -1, -1],
    [0, 1, -1],
    [0, -1, 1],
];

/// Weight of the resting population.
pub const W_REST: f32 = 1.0 / 3.0;
/// Weight of a population along an axis.
pub const W_AXIS: f32 = 1.0 / 18.0;
/// Weight of a population along a face diagonal.
pub const W_DIAGONAL: f32 = 1.0 / 36.0;

/// The opposite direction.
#[inline]
pub const fn opposite(i: usize) -> usize {
    if i == 0 { 0 } else { ((i - 1) ^ 1) + 1 }
}

/// The weight of direction `i`.
#[inline]
pub const fn weight(i: usize) -> f32 {
    match i {
        0 => W_REST,
        1..=6 => W_AXIS,
        _ => W_DIAGONAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposites_point_the_other_way() {
        for i in 0..Q {
            assert_eq!(C[opposite(i)], C[i].map(|c| -c));
            assert_eq!(opposite(opposite(i)), i);
        }
    }

    #[test]
    fn moments_of_the_weights_are_isotropic_to_fourth_order() {
        let sum = |f: &dyn Fn([f64; 3]) -> f64| -> f64 {
            (0..Q).map(|i| f64::from(weight(i)) * f(C[i].map(f64::from))).sum()
        };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-7, "{a} against {b}");
        close(sum(&|_| 1.0), 1.0);
        close(sum(&|c| c[0] * c[0]), CS2);
        close(sum(&|c| c[0] * c[1]), 0.0);
        close(sum(&|c| c[2].powi(4)), 3.0 * CS2 * CS2);
        close(sum(&|c| c[1].powi(2) * c[2].powi(2)), CS2 * CS2);
    }
}
