//! How lanes get from slots into vectors and back, where they lie side by side and where only pieces of them do.

use super::links::{LANES, Piece, SCATTERED, Tables};
use super::vector::Vector;
use pulp::Simd;

/// A vector's share of the lanes.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, lanes: &[f32], group: usize) -> Vector<S> {
    Vector { simd, values: S::as_simd_f32s(lanes).0[group] }
}

#[inline(always)]
pub(super) fn store<S: Simd>(vector: Vector<S>, lanes: &mut [f32], group: usize) {
    S::as_mut_simd_f32s(lanes).0[group] = vector.values;
}

/// All pieces of a scattered row.
#[inline(always)]
pub(super) fn for_pieces(tables: &Tables, link: u32, mut each: impl FnMut(Piece)) {
    for piece in &tables.pieces[(link - SCATTERED) as usize..] {
        each(*piece);
        if !piece.goes_on {
            break;
        }
    }
}

/// Take the lanes of a piece from a row that begins at `begin`.
#[inline(always)]
pub(super) fn fetch<S: Simd>(simd: S, from: &[f32], begin: usize, piece: Piece, lanes: &mut [f32; LANES]) {
    let at = begin.wrapping_neg().wrapping_add_signed(piece.place as isize);
    if let Some(values) = from.get(at..at.wrapping_add(LANES)) {
        blend(simd, piece.lanes, values, lanes);
        return;
    }
    for lane in (0..LANES).filter(|lane| piece.lanes >> lane & 1 == 1) {
        lanes[lane] = from[at.wrapping_add(lane)];
    }
}

/// Put the lanes of a piece into a row that begins at `begin`.
#[inline(always)]
pub(super) fn put<S: Simd>(simd: S, to: &mut [f32], begin: usize, piece: Piece, lanes: &[f32; LANES]) {
    let at = begin.wrapping_neg().wrapping_add_signed(piece.place as isize);
    if let Some(values) = to.get_mut(at..at.wrapping_add(LANES)) {
        blend(simd, piece.lanes, lanes, values);
        return;
    }
    for lane in (0..LANES).filter(|lane| piece.lanes >> lane & 1 == 1) {
        to[at.wrapping_add(lane)] = lanes[lane];
    }
}

/// The bit of every lane.
const BITS: [u32; LANES] = [
    1,
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 4,
    1 << 5,
    1 << 6,
    1 << 7,
    1 << 8,
    1 << 9,
    1 << 10,
    1 << 11,
    1 << 12,
    1 << 13,
    1 << 14,
    1 << 15,
];

/// Copy some lanes.
#[inline(always)]
fn blend<S: Simd>(simd: S, lanes: u16, from: &[f32], to: &mut [f32]) {
    let (from, to) = (S::as_simd_f32s(from).0, S::as_mut_simd_f32s(to).0);
    for ((from, to), bits) in from.iter().zip(to).zip(S::as_simd_u32s(&BITS).0) {
        let chosen = simd.and_u32s(simd.splat_u32s(u32::from(lanes)), *bits);
        *to = simd.select_f32s(simd.less_than_u32s(simd.splat_u32s(0), chosen), *from, *to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    /// Take the lanes of a piece from `slots`, which begin at `begin`, and put them into others.
    struct Move<'a> {
        slots: &'a [f32],
        begin: usize,
        piece: Piece,
    }

    impl WithSimd for Move<'_> {
        type Output = ([f32; LANES], Vec<f32>);

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let (mut lanes, mut to) = ([-1.0; LANES], vec![-1.0; self.slots.len()]);
            fetch(simd, self.slots, self.begin, self.piece, &mut lanes);
            put(simd, &mut to, self.begin, self.piece, &lanes);
            (lanes, to)
        }
    }

    #[test]
    fn the_lanes_of_a_piece_are_moved_and_no_others() {
        let slots: Vec<f32> = (0..40).map(|n| n as f32).collect();
        // Wholly inside; over the beginning; over the end.
        for (place, lanes) in [(110, 0b0101_1000_0000_0011), (96, 0xfff0), (130, 0x03ff)] {
            let piece = Piece { place, lanes, goes_on: false };
            let (found, to) = Arch::new().dispatch(Move { slots: &slots, begin: 100, piece });
            let is_in = |lane: usize| lanes >> lane & 1 == 1;
            for lane in 0..LANES {
                let expected = if is_in(lane) { (place - 100 + lane as i32) as f32 } else { -1.0 };
                assert_eq!(found[lane], expected, "lane {lane} of {piece:?}");
            }
            for (n, value) in to.into_iter().enumerate() {
                let lane = 100 + n as i32 - place;
                let is_put = (0..16).contains(&lane) && is_in(lane as usize);
                assert_eq!(value, if is_put { n as f32 } else { -1.0 }, "slot {n} of {piece:?}");
            }
        }
    }
}
