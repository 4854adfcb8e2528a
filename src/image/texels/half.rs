//! Half floats (IEEE 754 binary16) as bits.

/// The half float nearest to `value`, even bits at a tie; beyond its range an infinity.
#[inline]
pub fn f16_bits(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let magnitude = bits & 0x7fff_ffff;
    if magnitude > 0x7f80_0000 {
        return sign | 0x7e00;
    }
    if magnitude >= 0x4780_0000 {
        return sign | 0x7c00;
    }
    if magnitude < 0x3880_0000 {
        // Below the normal range: whole multiples of 2⁻²⁴.
        let multiples = (f32::from_bits(magnitude) * 16_777_216.0).round_ties_even();
        return sign | multiples as u16;
    }
    // Round the 13 bits that fall away to nearest, then change the exponent's bias from 127 to 15.
    let rounded = magnitude + 0x0fff + (magnitude >> 13 & 1);
    sign | ((rounded - 0x3800_0000) >> 13) as u16
}

/// The value of a half float.
#[inline]
pub fn f16_value(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let rest = u32::from(bits & 0x7fff);
    let value = match rest {
        0x7c00.. => f32::from_bits(0x7f80_0000 | (rest & 0x3ff) << 13),
        0x0400.. => f32::from_bits((rest << 13) + 0x3800_0000),
        _ => rest as f32 / 16_777_216.0,
    };
    f32::from_bits(value.to_bits() | sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_float_comes_back() {
        for bits in 0..=u16::MAX {
            let value = f16_value(bits);
            if !value.is_nan() {
                assert_eq!(f16_bits(value), bits, "{value}");
            }
        }
        assert!(f16_value(f16_bits(f32::NAN)).is_nan());
    }

    #[test]
    fn values_between_go_to_the_nearer_and_to_even_at_a_tie() {
        assert_eq!(f16_value(f16_bits(2049.0)), 2048.0);
        assert_eq!(f16_value(f16_bits(2051.0)), 2052.0);
        assert_eq!(f16_value(f16_bits(2049.1)), 2050.0);
        assert_eq!(f16_value(f16_bits(65519.0)), 65504.0);
        assert_eq!(f16_value(f16_bits(65520.0)), f32::INFINITY);
        assert_eq!(f16_value(f16_bits(-1.0)), -1.0);
        assert_eq!(f16_value(f16_bits(0.1)), 0.099_975_586);
    }
}
