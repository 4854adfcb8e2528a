//! Content hashes of arrays, for determinism tests, replay and case files.

use std::fmt;

/// BLAKE3 of a value's content. Equal hashes mean equal bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash as 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The first 12 digits, enough for people.
    pub fn short(self) -> String {
        self.to_hex()[..12].to_owned()
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// Collects the bytes of a value. Lengths are written before arrays, so that neighbours cannot run together.
#[derive(Debug, Default)]
pub struct ContentHasher(blake3::Hasher);

impl ContentHasher {
    /// Add a text, with its length.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
        self
    }

    /// Add one whole number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    /// Add one real number, bit for bit.
    pub fn real(&mut self, number: f64) -> &mut Self {
        self.number(number.to_bits())
    }

    /// Add an array of plain numbers, with its length (little-endian machines only, as all we build for).
    pub fn array<T: bytemuck::NoUninit>(&mut self, array: &[T]) -> &mut Self {
        self.number(array.len() as u64);
        self.0.update(bytemuck::cast_slice(array));
        self
    }

    /// The hash of everything added so far.
    pub fn finish(&self) -> ContentHash {
        ContentHash(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        let hash = |a: &str, b: &str| ContentHasher::default().text(a).text(b).finish();
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
        assert_eq!(hash("ab", "c"), hash("ab", "c"));
    }
}
