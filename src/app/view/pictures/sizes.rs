//! How large a picture may be that is drawn at once.

/// A size of the same shape with at most `side` pixels a side and `area` in all, where textures come in steps of 128.
pub(super) fn drawable(size: [usize; 2], side: usize, area: usize) -> [usize; 2] {
    let longer = size[0].max(size[1]);
    let first = if side < longer { size.map(|n| (n * side / longer).max(1)) } else { size };
    let padded = |size: [usize; 2]| size.iter().fold(1, |all: usize, n| all.saturating_mul(n.div_ceil(128) * 128));
    // In steps of half a per cent.
    let smaller = (1..=200).rev().map(|part| first.map(|n| (n * part / 200).max(1)));
    smaller.into_iter().find(|size| padded(*size) <= area).unwrap_or([1; 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_made_smaller_until_the_adapter_can_draw_it() {
        assert_eq!(drawable([800, 600], 8192, 32 << 20), [800, 600]);
        assert_eq!(drawable([10_000, 5_000], 8192, 1 << 30), [8192, 4096]);
        let [width, height] = drawable([7680, 4320], 16_384, 32 << 20);
        assert_eq!([width, height], [7680, 4320], "8K just fits into 128 MiB");
        let [width, height] = drawable([8000, 6000], 16_384, 32 << 20);
        assert!(width.div_ceil(128) * 128 * height.div_ceil(128) * 128 <= 32 << 20 && 6400 < width, "{width}×{height}");
        assert!((width as f64 / height as f64 - 4.0 / 3.0).abs() < 1e-2);
    }
}
