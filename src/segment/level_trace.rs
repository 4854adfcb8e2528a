//! Level tracing: the closed outline of the pixels as bright as the one clicked.

/// The outline of the face-connected pixels with at least the value of `pixel` that hold it, outer border only.
///
/// `values` in rows of `size[0]`. The outline is a closed polygon through corners of pixels as column and row (pixel
/// centres are whole numbers, so corners end in ½), counter-clockwise where rows run up, without its first point again;
/// straight runs are one edge. It walks between pixels and keeps the inside on its left, turning left first where two inside
/// pixels touch by a corner, so that they part (crack following, Rosenfeld & Kak 1982, section 11.1.3). As
/// vtkImageLevelTracing of 3D Slicer, but between pixels rather than through them.
///
/// `None` if `pixel` is outside, its value is no number, or the values do not fill the size.
pub fn level_trace(values: &[f32], size: [usize; 2], pixel: [usize; 2]) -> Option<Vec<[f64; 2]>> {
    let [width, height] = size;
    if values.len() != width * height || width <= pixel[0] || height <= pixel[1] {
        return None;
    }
    let level = values[pixel[1] * width + pixel[0]];
    if level.is_nan() {
        return None;
    }
    let region = region(values, size, pixel, level);
    let inside = |x: i64, y: i64| {
        (0..width as i64).contains(&x) && (0..height as i64).contains(&y) && region[y as usize * width + x as usize]
    };
    // The lower edge of the first pixel of the region in memory is on its outer border.
    let first = region.iter().position(|inside| *inside)?;
    let start = [(first % width) as i64, (first / width) as i64];
    let (mut at, mut heading) = (start, [1_i64, 0_i64]);
    let mut outline = Vec::new();
    loop {
        // Pixels beyond the corner that comes next: to the left and to the right of the heading. Corner (x, y) is the
        // one before pixel (x, y).
        let next = [at[0] + heading[0], at[1] + heading[1]];
        let left = turned(heading);
        let pixel = |side: [i64; 2]| {
            let doubled = |n: usize| 2 * next[n] - 1 + heading[n] + side[n];
            inside(doubled(0).div_euclid(2), doubled(1).div_euclid(2))
        };
        let right = [-left[0], -left[1]];
        let turn = match (pixel(left), pixel(right)) {
            (false, _) => left,
            (true, true) => right,
            (true, false) => heading,
        };
        if turn != heading {
            outline.push([next[0] as f64 - 0.5, next[1] as f64 - 0.5]);
        }
        (at, heading) = (next, turn);
        if at == start && heading == [1, 0] {
            break;
        }
    }
    Some(outline)
}

/// A quarter turn to the left where rows run up.
fn turned([x, y]: [i64; 2]) -> [i64; 2] {
    [-y, x]
}

/// The face-connected pixels of at least `level` around `pixel`, a run of a row at a time.
fn region(values: &[f32], [width, height]: [usize; 2], pixel: [usize; 2], level: f32) -> Vec<bool> {
    let mut region = vec![false; values.len()];
    let mut seeds = vec![pixel[1] * width + pixel[0]];
    while let Some(seed) = seeds.pop() {
        if region[seed] || !(level <= values[seed]) {
            continue;
        }
        let y = seed / width;
        let (begin, end) = (y * width, (y + 1) * width);
        let is_out = |value: &f32| !(level <= *value);
        let from = values[begin..seed].iter().rposition(is_out).map_or(begin, |n| begin + n + 1);
        let to = values[seed..end].iter().position(is_out).map_or(end, |n| seed + n);
        region[from..to].fill(true);
        let beside = [(0 < y).then(|| from - width), (y + 1 < height).then_some(from + width)];
        for other in beside.into_iter().flatten() {
            // One seed for each run beside this one.
            let is_open = |n: usize| level <= values[other + n] && !region[other + n];
            let starts = (0..to - from).filter(|n| is_open(*n) && (*n == 0 || !is_open(*n - 1)));
            seeds.extend(starts.map(|n| other + n));
        }
    }
    region
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    /// Twice the area inside a polygon, positive if it runs counter-clockwise.
    fn doubled_area(outline: &[[f64; 2]]) -> f64 {
        let next = outline.iter().cycle().skip(1);
        outline.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
    }

    #[test]
    fn the_outline_holds_as_much_as_the_pixels_it_goes_around() {
        let size = [23, 19];
        let mut rng = Rng::new(6);
        for _ in 0..50 {
            let values: Vec<f32> = (0..size[0] * size[1]).map(|_| rng.below(10) as f32).collect();
            let pixel = [rng.below(size[0]), rng.below(size[1])];
            let outline = level_trace(&values, size, pixel).unwrap();
            let mut filled = region(&values, size, pixel, values[pixel[1] * size[0] + pixel[0]]);
            fill_holes(&mut filled, size);
            let pixels = filled.iter().filter(|inside| **inside).count();
            assert_eq!(doubled_area(&outline), 2.0 * pixels as f64);
        }
    }

    /// Pixels that no path outside the region, also over corners, joins to the border are holes.
    fn fill_holes(region: &mut [bool], [width, height]: [usize; 2]) {
        let mut open = vec![false; region.len()];
        let mut stack: Vec<[i64; 2]> = (-1..=width as i64).flat_map(|x| [[x, 0], [x, height as i64 - 1]]).collect();
        stack.extend((0..height as i64).flat_map(|y| [[0, y], [width as i64 - 1, y]]));
        while let Some([x, y]) = stack.pop() {
            if !(0..width as i64).contains(&x) || !(0..height as i64).contains(&y) {
                continue;
            }
            let n = y as usize * width + x as usize;
            if !region[n] && !open[n] {
                open[n] = true;
                stack.extend((0..9).map(|d| [x + d % 3 - 1, y + d / 3 - 1]));
            }
        }
        region.iter_mut().zip(open).for_each(|(inside, open)| *inside = !open);
    }

    #[test]
    fn a_disc_is_traced_along_its_edge() {
        let value = |n: usize| 100.0 - ((n % 40) as f32 - 20.0).hypot((n / 40) as f32 - 20.0);
        let values: Vec<f32> = (0..1600).map(value).collect();
        let outline = level_trace(&values, [40, 40], [28, 20]).unwrap();
        for [x, y] in &outline {
            assert!(((x - 20.0).hypot(y - 20.0) - 8.0).abs() < 1.2);
        }
        assert!((doubled_area(&outline) / 2.0 - 64.0 * std::f64::consts::PI).abs() < 12.0);
    }

    #[test]
    fn odd_slices_give_an_outline_or_none() {
        assert_eq!(level_trace(&[3.0], [1, 1], [0, 0]).unwrap(), [[0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]]);
        assert_eq!(level_trace(&[3.0], [1, 1], [1, 0]), None);
        assert_eq!(level_trace(&[f32::NAN, 1.0], [2, 1], [0, 0]), None);
        assert_eq!(level_trace(&[f32::NAN, 1.0], [2, 1], [1, 0]).unwrap().len(), 4);
        assert_eq!(level_trace(&[], [0, 0], [0, 0]), None);
    }
}
