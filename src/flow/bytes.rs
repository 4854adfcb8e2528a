//! Plain numbers as bytes and back, for checkpoints: little-endian, as all machines we build for.

use bytemuck::Pod;

/// Numbers one behind the other.
#[derive(Debug, Default)]
pub(super) struct Written(pub Vec<u8>);

impl Written {
    /// One number.
    pub fn one(&mut self, value: impl Pod) {
        self.0.extend_from_slice(bytemuck::bytes_of(&value));
    }

    /// Many numbers, with how many there are.
    pub fn all<T: Pod>(&mut self, values: &[T]) {
        self.one(values.len() as u64);
        self.0.extend_from_slice(bytemuck::cast_slice(values));
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.all(text.as_bytes());
    }
}

/// What [`Written`] wrote, read in the same order; none where it ends too early.
#[derive(Debug)]
pub(super) struct Read<'a>(pub &'a [u8]);

impl Read<'_> {
    /// One number.
    pub fn one<T: Pod>(&mut self) -> Option<T> {
        let bytes = self.0.split_off(..size_of::<T>())?;
        Some(bytemuck::pod_read_unaligned(bytes))
    }

    /// A whole number of things.
    pub fn count(&mut self) -> Option<usize> {
        self.one::<u64>()?.try_into().ok()
    }

    /// Many numbers.
    pub fn all<T: Pod>(&mut self) -> Option<Vec<T>> {
        let bytes = self.count()?.checked_mul(size_of::<T>())?;
        let bytes = self.0.split_off(..bytes)?;
        Some(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect())
    }

    /// A text.
    pub fn text(&mut self) -> Option<String> {
        String::from_utf8(self.all()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_nothing_is_read_beyond_the_end() {
        let mut written = Written::default();
        written.one(7_u64);
        written.text("α");
        written.all(&[[1.5_f32, -0.0], [f32::MIN, 3e-40]]);
        for end in 0..=written.0.len() {
            let mut read = Read(&written.0[..end]);
            let all = (|| Some((read.count()?, read.text()?, read.all::<[f32; 2]>()?)))();
            let expected = (7, "α".to_owned(), vec![[1.5, -0.0], [f32::MIN, 3e-40]]);
            assert_eq!(all, (end == written.0.len()).then_some(expected));
        }
        // A length that no memory holds.
        assert_eq!(Read(&[255; 16]).all::<f32>(), None);
    }
}
