//! Bits in and out of a JPEG-LS scan: after a byte of all ones the next byte carries seven bits (T.87, A.1).

/// Reads bits, the highest first, up to the next marker or the end of the data; zeros follow after that.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, left-aligned; all below `count` bits are zero.
    cache: u64,
    /// Valid bits in the cache.
    count: u32,
    after_ones: bool,
    /// Zeros made up beyond the end of the data, in bits.
    invented: u64,
}

impl<'a> BitReader<'a> {
    /// A reader of the scan that begins at the first byte of `data`.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, cache: 0, count: 0, after_ones: false, invented: 0 }
    }

    /// Make sure that the cache holds at least 32 bits.
    #[inline]
    fn fill(&mut self) {
        if 32 <= self.count {
            return;
        }
        if !self.after_ones
            && let Some(four) = self.data[self.at..].first_chunk::<4>()
            && !four.contains(&0xFF)
        {
            self.cache |= u64::from(u32::from_be_bytes(*four)) << (32 - self.count);
            self.count += 32;
            self.at += 4;
            return;
        }
        self.fill_slowly();
    }

    #[cold]
    fn fill_slowly(&mut self) {
        while self.count <= 56 {
            let next = self.data.get(self.at).copied().filter(|byte| !(self.after_ones && 0x80 <= *byte));
            let Some(byte) = next else {
                self.invented += u64::from(64 - self.count);
                self.count = 64;
                return;
            };
            let width = if self.after_ones { 7 } else { 8 };
            self.cache |= u64::from(byte) << (64 - width - self.count);
            self.count += width;
            self.after_ones = byte == 0xFF;
            self.at += 1;
        }
    }

    #[inline]
    fn drop_bits(&mut self, n: u32) {
        self.cache <<= n;
        self.count -= n;
    }

    /// The next `n` bits, at most 24.
    #[inline]
    pub(super) fn bits(&mut self, n: u32) -> i32 {
        debug_assert!(n <= 24);
        self.fill();
        // Two shifts, since a shift by 64 is none.
        let value = (self.cache >> 1 >> (63 - n)) as i32;
        self.drop_bits(n);
        value
    }

    /// The next bit.
    #[inline]
    pub(super) fn bit(&mut self) -> bool {
        self.bits(1) == 1
    }

    /// A limited Golomb code of parameter `k` (T.87, A.5.3): `limit` bounds its length, `escape_bits` follow then.
    ///
    /// `None` if the code is longer than any encoder writes.
    #[inline]
    pub(super) fn golomb(&mut self, k: u32, limit: u32, escape_bits: u32) -> Option<i32> {
        self.fill();
        let zeros = self.cache.leading_zeros();
        if zeros + 1 + k <= self.count && zeros < limit - escape_bits - 1 {
            // The common case: the whole code is in the cache.
            let rest = self.cache << zeros << 1;
            let low = (rest >> 1 >> (63 - k)) as i32;
            self.drop_bits(zeros);
            self.drop_bits(1 + k);
            return Some(((zeros as i32) << k) + low);
        }
        self.golomb_slowly(k, limit, escape_bits)
    }

    #[cold]
    fn golomb_slowly(&mut self, k: u32, limit: u32, escape_bits: u32) -> Option<i32> {
        let mut zeros = 0;
        while !self.bit() {
            zeros += 1;
            if limit < zeros {
                return None;
            }
        }
        Some(if zeros < limit - escape_bits - 1 {
            ((zeros as i32) << k) + self.bits(k)
        } else {
            self.bits(escape_bits) + 1
        })
    }

    /// Whether more bits were taken than the data has.
    pub(super) fn is_overrun(&self) -> bool {
        u64::from(self.count) < self.invented
    }
}

/// Writes bits, the highest first, with a zero bit stuffed after every byte of all ones.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet written, right-aligned.
    cache: u64,
    count: u32,
}

impl BitWriter {
    /// Append the low `n` bits of `value`, at most 24.
    #[inline]
    pub(super) fn bits(&mut self, value: u32, n: u32) {
        debug_assert!(n <= 24 && u64::from(value) < 1_u64 << n);
        self.cache = self.cache << n | u64::from(value);
        self.count += n;
        self.flush();
    }

    #[inline]
    fn flush(&mut self) {
        loop {
            let width = if self.bytes.last() == Some(&0xFF) { 7 } else { 8 };
            if self.count < width {
                return;
            }
            self.count -= width;
            self.bytes.push((self.cache >> self.count) as u8 & (0xFF >> (8 - width)) as u8);
        }
    }

    /// Append a limited Golomb code (T.87, A.5.3).
    pub(super) fn golomb(&mut self, value: u32, k: u32, limit: u32, escape_bits: u32) {
        let zeros = value >> k;
        if zeros < limit - escape_bits - 1 {
            self.unary(zeros);
            self.bits(value & ((1 << k) - 1), k);
        } else {
            self.unary(limit - escape_bits - 1);
            self.bits((value - 1) & ((1 << escape_bits) - 1), escape_bits);
        }
    }

    fn unary(&mut self, mut zeros: u32) {
        while 24 <= zeros {
            self.bits(0, 24);
            zeros -= 24;
        }
        self.bits(0, zeros);
        self.bits(1, 1);
    }

    /// All bytes, the last one filled with zeros; never ends in a byte of all ones.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if 0 < self.count {
            let width = if self.bytes.last() == Some(&0xFF) { 7 } else { 8 };
            self.bits(0, width - self.count);
        }
        if self.bytes.last() == Some(&0xFF) {
            self.bytes.push(0);
        }
        self.bytes
    }
}
