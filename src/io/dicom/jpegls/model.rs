//! What encoder and decoder share: parameters, gradient contexts, prediction (T.87, Annex A and C.2.4.1.1).

use super::marker::JpegLsError;

/// Run lengths grow by these exponents (T.87, code segment A.15).
pub(super) const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Largest RESET accepted above 255: the standard allows MAXVAL, but then sums of errors may exceed 31 bits.
const RESET_MAX: i32 = 16_384;

/// The coding parameters, all derived from MAXVAL, NEAR and the thresholds.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub(super) maxval: i32,
    pub(super) near: i32,
    pub(super) reset: i32,
    pub(super) range: i32,
    /// Bits of a mapped error value.
    pub(super) qbpp: u32,
    /// Longest Golomb code in bits.
    pub(super) limit: u32,
    t3: i32,
    /// Quantised gradient, −4 to 4, of every difference from −T3 to T3.
    quantised: Vec<i8>,
}

impl Parameters {
    /// Parameters for samples of `bits` bits; zeros in `preset` (MAXVAL, T1, T2, T3, RESET) stand for the defaults.
    pub(super) fn new(bits: u32, near: i32, preset: [i32; 5]) -> Result<Self, JpegLsError> {
        const WRONG: JpegLsError = JpegLsError::Damaged("its coding parameters contradict each other");
        let or = |value: i32, default: i32| if value == 0 { default } else { value };
        let maxval = or(preset[0], (1 << bits) - 1);
        if (1 << bits) <= maxval || near < 0 || 255.min(maxval / 2) < near {
            return Err(WRONG);
        }
        let [t1, t2, t3] = default_thresholds(maxval, near);
        let (t1, t2, t3) = (or(preset[1], t1), or(preset[2], t2), or(preset[3], t3));
        let reset = or(preset[4], 64);
        if !(near < t1 && t1 <= t2 && t2 <= t3 && t3 <= maxval && 3 <= reset && reset <= 255.max(maxval.min(RESET_MAX)))
        {
            return Err(WRONG);
        }
        let range = (maxval + 2 * near) / (2 * near + 1) + 1;
        let ceil_log2 = |n: i32| 32 - (n - 1).leading_zeros();
        let bpp = ceil_log2(maxval + 1).max(2);
        let quantise = |d: i32| {
            let size = d.abs();
            let level = i8::from(near < size) + i8::from(t1 <= size) + i8::from(t2 <= size) + i8::from(t3 <= size);
            if d < 0 { -level } else { level }
        };
        Ok(Self {
            maxval,
            near,
            reset,
            range,
            qbpp: ceil_log2(range),
            limit: 2 * (bpp + bpp.max(8)),
            t3,
            quantised: (-t3..=t3).map(quantise).collect(),
        })
    }

    #[inline]
    fn level(&self, difference: i32) -> i32 {
        i32::from(self.quantised[(difference.clamp(-self.t3, self.t3) + self.t3) as usize])
    }

    /// The context of the neighbours, −364 to 364; 0 means run mode (T.87, A.3.3 and A.3.4).
    #[inline]
    pub(super) fn context(&self, [ra, rb, rc, rd]: [i32; 4]) -> i32 {
        81 * self.level(rd - rb) + 9 * self.level(rb - rc) + self.level(rc - ra)
    }

    /// A reconstructed sample from prediction and dequantised error, wrapped into the range and clamped (A.4.5).
    #[inline]
    pub(super) fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut value = prediction + error * step;
        if value < -self.near {
            value += self.range * step;
        } else if self.maxval + self.near < value {
            value -= self.range * step;
        }
        value.clamp(0, self.maxval)
    }

    /// The error quantised to steps of 2·NEAR + 1 and reduced modulo RANGE to the shortest (A.4.4, A.4.5).
    #[inline]
    pub(super) fn quantise_error(&self, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let quantised = if 0 < error { (error + self.near) / step } else { -((self.near - error) / step) };
        let positive = if quantised < 0 { quantised + self.range } else { quantised };
        if (self.range + 1) / 2 <= positive { positive - self.range } else { positive }
    }
}

/// T1, T2, T3 where the file gives none (T.87, C.2.4.1.1).
fn default_thresholds(maxval: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, low: i32| if maxval < value || value < low { low } else { value };
    let scaled = |basic: i32, offset: i32, multiple: i32, low: i32| {
        if 128 <= maxval {
            let factor = (maxval.min(4095) + 128) / 256;
            clamp(factor * (basic - offset) + offset + multiple * near, low)
        } else {
            let factor = 256 / (maxval + 1);
            clamp((basic / factor).max(offset) + multiple * near, low)
        }
    };
    let t1 = scaled(3, 2, 3, near + 1);
    let t2 = scaled(7, 3, 5, t1);
    [t1, t2, scaled(21, 4, 7, t2)]
}

/// Median edge detector: the prediction from left, upper and upper left neighbours (T.87, A.4.1).
#[inline]
pub(super) fn predict(ra: i32, rb: i32, rc: i32) -> i32 {
    if ra.max(rb) <= rc {
        ra.min(rb)
    } else if rc <= ra.min(rb) {
        ra.max(rb)
    } else {
        ra + rb - rc
    }
}

/// The smallest k with N·2ᵏ ≥ A (T.87, A.5.1).
#[inline]
fn golomb_parameter(a: i32, n: i32) -> u32 {
    let k = n.leading_zeros().saturating_sub(a.leading_zeros());
    k + u32::from(n << k < a)
}

/// Statistics of one gradient context.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    a: i32,
    b: i32,
    /// Bias correction of the prediction.
    pub(super) c: i32,
    n: i32,
}

impl Context {
    /// The state before the first sample (T.87, A.2.1).
    pub(super) fn new(range: i32) -> Self {
        Self { a: first_a(range), b: 0, c: 0, n: 1 }
    }

    /// The Golomb parameter, and whether the signs of errors are swapped in the mapping (A.5.1, A.5.2).
    #[inline]
    pub(super) fn coding(&self, near: i32) -> (u32, bool) {
        let k = golomb_parameter(self.a, self.n);
        (k, k == 0 && near == 0 && 2 * self.b <= -self.n)
    }

    /// Learn from an error (T.87, A.6).
    #[inline]
    pub(super) fn update(&mut self, error: i32, near: i32, reset: i32) {
        self.b += error * (2 * near + 1);
        self.a += error.abs();
        if self.n == reset {
            self.a >>= 1;
            self.b >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
        if self.b <= -self.n {
            self.b = (self.b + self.n).max(1 - self.n);
            self.c = (self.c - 1).max(-128);
        } else if 0 < self.b {
            self.b = (self.b - self.n).min(0);
            self.c = (self.c + 1).min(127);
        }
    }
}

/// Statistics of the samples that end a run; one context for each way a run can end (T.87, A.7.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct RunContext {
    a: i32,
    n: i32,
    /// How many errors were negative.
    negative: i32,
    /// 1 if the neighbours left and above are alike, else 0.
    kind: i32,
}

impl RunContext {
    pub(super) fn new(range: i32, kind: i32) -> Self {
        Self { a: first_a(range), n: 1, negative: 0, kind }
    }

    #[inline]
    pub(super) fn golomb_parameter(&self) -> u32 {
        golomb_parameter(self.a + if self.kind == 1 { self.n >> 1 } else { 0 }, self.n)
    }

    /// The error behind a mapped value.
    #[inline]
    pub(super) fn error_from_mapped(&self, mapped: i32, k: u32) -> i32 {
        let sum = mapped + self.kind;
        let odd = sum & 1 == 1;
        let size = (sum + i32::from(odd)) >> 1;
        if (k != 0 || self.n <= 2 * self.negative) == odd { -size } else { size }
    }

    /// The mapped value of an error (T.87, code segments A.21 and A.22).
    #[inline]
    pub(super) fn mapped_from_error(&self, error: i32, k: u32) -> i32 {
        let odd = if k == 0 && 0 < error && 2 * self.negative < self.n {
            true
        } else {
            error < 0 && (k != 0 || self.n <= 2 * self.negative)
        };
        2 * error.abs() - self.kind - i32::from(odd)
    }

    /// Learn from an error (T.87, code segment A.23).
    #[inline]
    pub(super) fn update(&mut self, error: i32, mapped: i32, reset: i32) {
        self.negative += i32::from(error < 0);
        self.a += (mapped + 1 - self.kind) >> 1;
        if self.n == reset {
            self.a >>= 1;
            self.n >>= 1;
            self.negative >>= 1;
        }
        self.n += 1;
    }
}

fn first_a(range: i32) -> i32 {
    ((range + 32) / 64).max(2)
}
