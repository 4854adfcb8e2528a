//! JPEG-LS: round trips, near-lossless bounds, damaged streams.

use super::*;
use crate::base::rng::Rng;

fn frame(bits: u32, columns: usize, rows: usize) -> FrameHeader {
    FrameHeader { bits, columns, rows }
}

/// Images that reach every part of the coder: noise, flat areas, edges, ramps, extremes.
fn image(kind: usize, FrameHeader { bits, columns, rows }: FrameHeader, rng: &mut Rng) -> Vec<u16> {
    let top = (1_u32 << bits) - 1;
    let value = |x: usize, y: usize, rng: &mut Rng| -> u32 {
        match kind {
            0 => rng.below(top as usize + 1) as u32,
            1 => 0,
            2 => top,
            3 => ((x * 7 + y * 3) as u32 + rng.below(4) as u32) % (top + 1),
            4 => {
                if (x / 5 + y / 3).is_multiple_of(2) {
                    top
                } else {
                    0
                }
            }
            5 => {
                if rng.unit() < 0.01 {
                    rng.below(top as usize + 1) as u32
                } else {
                    top / 2
                }
            }
            _ => {
                let wave = (x as f64 * 0.11).sin() * (y as f64 * 0.07).cos();
                ((0.5 + 0.4 * wave) * f64::from(top) + rng.normal() * 0.01 * f64::from(top)).clamp(0.0, f64::from(top))
                    as u32
            }
        }
    };
    (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y))).map(|(x, y)| value(x, y, rng) as u16).collect()
}

#[test]
fn every_image_comes_back_exactly() {
    let mut rng = Rng::new(1);
    for bits in 2..=16 {
        for (kind, size) in [(1, 1), (1, 40), (40, 1), (7, 9), (64, 33)].into_iter().cycle().take(35).enumerate() {
            let frame = frame(bits, size.0, size.1);
            let samples = image(kind % 7, frame, &mut rng);
            let stream = encode(frame, &samples, 0).unwrap();
            assert_eq!(decode(&stream).unwrap(), (frame, samples), "{bits} bits, kind {kind}, {size:?}");
        }
    }
}

#[test]
fn near_lossless_keeps_its_bound() {
    let mut rng = Rng::new(2);
    for (bits, near) in [(8, 1), (8, 3), (12, 2), (16, 10), (16, 200)] {
        for kind in 0..7 {
            let frame = frame(bits, 61, 47);
            let samples = image(kind, frame, &mut rng);
            let (_, decoded) = decode(&encode(frame, &samples, near).unwrap()).unwrap();
            let worst = samples.iter().zip(&decoded).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= u16::from(near), "{bits} bits, kind {kind}: {worst} above {near}");
        }
    }
}

/// The worked example of ITU-T T.87, Annex H.3: a 4×4 image of 8 bits and its code stream.
#[test]
fn the_example_of_the_standard_has_the_published_bytes() {
    let samples = [0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145];
    let stream = encode(frame(8, 4, 4), &samples, 0).unwrap();
    let bits = [
        0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6E, 0xE6, 0x00,
        0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91, 0x60,
    ];
    assert_eq!(stream[25..stream.len() - 2], bits);
    assert_eq!(decode(&stream).unwrap().1, samples);
}

#[test]
fn a_stream_cut_anywhere_is_an_error_and_never_a_panic() {
    let mut rng = Rng::new(3);
    let frame = frame(12, 50, 20);
    let stream = encode(frame, &image(6, frame, &mut rng), 0).unwrap();
    for end in 0..stream.len() - 8 {
        assert!(decode(&stream[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let mut rng = Rng::new(4);
    let frame = frame(16, 40, 30);
    let stream = encode(frame, &image(6, frame, &mut rng), 0).unwrap();
    for _ in 0..2000 {
        let mut damaged = stream.clone();
        for _ in 0..3 {
            // The size stays, since a larger one would only cost time.
            let place = 11 + rng.below(damaged.len() - 11);
            damaged[place] = rng.below(256) as u8;
        }
        let _either = decode(&damaged);
    }
}

#[test]
fn foreign_streams_are_named() {
    assert_eq!(decode(b"BM").unwrap_err(), JpegLsError::NotJpegLs);
    let baseline = [0xFF, 0xD8, 0xFF, 0xC0, 0, 4, 8, 0];
    assert_eq!(decode(&baseline).unwrap_err(), JpegLsError::NotJpegLs);
    assert!(encode(frame(8, 2, 2), &[0, 1, 2], 0).is_none() && encode(frame(8, 1, 1), &[256], 0).is_none());
}
