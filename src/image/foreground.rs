//! Display windows found in the values themselves: of a body without its background, and of all values.

use super::{Scan, Voxels, Window};

/// Most voxels that are looked at.
const SAMPLE: usize = 400_000;
/// Voxels beside each other that are looked at together.
const RUN: usize = 16;

/// Narrowest window of a scan with these smallest and largest values, in its unit: 1, or a step of the mouse if that is
/// less, so that maps of 0 to 1 can be windowed too.
pub fn width_min([low, high]: [f64; 2]) -> f64 {
    ((high - low) / 1024.0).clamp(1e-9, 1.0)
}

/// The values that 1 % and 99 % of the foreground lie below, for scans whose numbers have no fixed meaning, as MR. `None`
/// without values. The order of `values`, which are finite, changes.
///
/// Foreground is what lies above t₂ + (t₉₈ − t₂)/10, with t₂ and t₉₈ the values below which 2 % and 98 % lie, as in BET
/// (Smith, Human Brain Mapping 17:143, 2002); everything, if nothing does.
pub fn foreground_of(values: &mut [f32]) -> Option<[f64; 2]> {
    let [dark, bright] = [at(values, 0.02)?, at(values, 0.98)?];
    let threshold = dark + 0.1 * (bright - dark);
    let mut behind = 0;
    for place in 0..values.len() {
        if values[place] <= threshold {
            values.swap(place, behind);
            behind += 1;
        }
    }
    let body = if behind == values.len() { values } else { &mut values[behind..] };
    Some([f64::from(at(body, 0.01)?), f64::from(at(body, 0.99)?)])
}

/// The value that `part` of the values lie below.
fn at(values: &mut [f32], part: f64) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    let (_, value, _) = values.select_nth_unstable_by((part * last as f64).round() as usize, f32::total_cmp);
    Some(*value)
}

/// The window of the foreground of `scan`, see [`foreground_of`]. `None` where no number is finite.
pub fn foreground(scan: &Scan) -> Option<Window> {
    let mut values = sample(scan);
    let ends = values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(f64::from(*value)), high.max(f64::from(*value))]
    });
    let [low, high] = foreground_of(&mut values)?;
    Some(Window { width: (high - low).max(width_min(ends)), level: 0.5 * (low + high) })
}

/// Finite values in short runs at equal steps: the memory of a run is fetched at once. The step is odd, so that runs do not
/// stand in one column of the usual even grids.
pub(super) fn sample(scan: &Scan) -> Vec<f32> {
    fn of<T: Copy + Into<f32>>(voxels: &[T]) -> Vec<f32> {
        let step = voxels.len().div_ceil(SAMPLE).max(1) | 1;
        let runs = voxels.chunks(RUN).step_by(step);
        runs.flatten().map(|value| (*value).into()).filter(|value| value.is_finite()).collect()
    }
    match &scan.voxels {
        Voxels::I16(volume) => of(volume.voxels()),
        Voxels::F32(volume) => of(volume.voxels()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::transfer::Histogram;
    use crate::image::{Modality, Volume};

    fn scan(values: Vec<f32>) -> Scan {
        let grid = crate::geom::Grid::aligned([values.len(), 1, 1], crate::geom::Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::F32(Volume::new(grid, values).unwrap());
        Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() }
    }

    /// Half air, half head in a mixed order: slices and transfer functions see the same foreground.
    #[test]
    fn slices_and_histograms_have_one_foreground() {
        let value =
            |n: usize| if n.is_multiple_of(2) { (n % 20) as f32 } else { 400.0 + 0.05 * (n * 37 % 10_000) as f32 };
        let scan = scan((0..10_000).map(value).collect());
        let Window { width, level } = foreground(&scan).unwrap();
        let [low, high] = Histogram::of(&scan).foreground;
        assert_eq!((width, level), (high - low, 0.5 * (low + high)));
        assert!((low - 405.0).abs() < 2.0 && (high - 895.0).abs() < 2.0, "{low} {high}");
    }

    #[test]
    fn without_a_background_everything_is_foreground() {
        assert_eq!(foreground(&scan(vec![5.0; 40])), Some(Window { width: 1e-9, level: 5.0 }));
        assert_eq!(foreground(&scan(vec![f32::NAN; 40])), None);
    }

    #[test]
    fn a_map_of_small_values_starts_with_a_window_as_narrow_as_it_is() {
        let fractions = scan((0..2000).map(|n| n as f32 / 2000.0).collect()).first_window();
        assert!((0.99..=1.0).contains(&fractions.width) && (fractions.level - 0.5).abs() < 1e-2, "{fractions:?}");
        let diffusion = scan((0..2000).map(|n| n as f32 * 1.5e-6).collect()).first_window();
        assert!((diffusion.width - 3e-3).abs() < 2e-5, "mm²/s: {diffusion:?}");
        // A single spot in nothing is seen, and nothing by itself has a window.
        let spot = scan((0..9000).map(|n| if n == 4500 { 0.3 } else { 0.0 }).collect()).first_window();
        assert!((spot.width - 0.3).abs() < 1e-6);
        assert_eq!(scan(vec![0.25; 50]).first_window(), Window { width: 1.0, level: 0.25 });
    }
}
