//! Large pages for the populations, which are read from end to end in nineteen places at once.
//!
//! With pages of 4 kB the processor looks up where a page is more often than it can do beside the collision. The one
//! `unsafe` of the flow solver: a hint to the system, without which everything works the same, only slower.

/// Bytes of a large page on most systems, and more than a page on all.
#[cfg(target_os = "linux")]
const LARGE: usize = 1 << 21;

/// Ask for large pages for `values`, best before they are first written to.
#[cfg(target_os = "linux")]
pub(super) fn prefer_large_pages(values: &mut [f32]) {
    let skipped = values.as_ptr().align_offset(LARGE);
    let Some(rest) = values.get_mut(skipped..) else { return };
    let bytes = size_of_val(rest) / LARGE * LARGE;
    if bytes == 0 {
        return;
    }
    // SAFETY: the range begins at a multiple of the page size and lies wholly in `rest`, which is borrowed mutably; this
    // advice changes how the memory is mapped, never what it holds. A refusal is of no consequence.
    let _ = unsafe { libc::madvise(rest.as_mut_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
}

/// Elsewhere the system decides by itself.
#[cfg(not(target_os = "linux"))]
pub(super) fn prefer_large_pages(_: &mut [f32]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_what_they_are() {
        for n in [0, 5, 1 << 19, (1 << 20) + 7] {
            let mut values: Vec<f32> = (0..n).map(|n| n as f32).collect();
            prefer_large_pages(&mut values);
            prefer_large_pages(&mut values[n.min(3)..]);
            assert!(values.iter().enumerate().all(|(n, value)| *value == n as f32));
        }
    }
}
