//! AVI files with Motion JPEG: a RIFF list of headers, a list of JPEG files, and an index.
//!
//! Layout after Microsoft's "AVI RIFF File Reference" (Multimedia Programming Interface and Data Specifications 1.0 with
//! DirectShow's `AVIMAINHEADER`, `AVISTREAMHEADER` and `BITMAPINFOHEADER`). Numbers are little-endian, chunks are padded
//! to even lengths, offsets of the index count from the word `movi`.

use super::{FilmError, said};

/// Quality of the pictures, 1 to 100.
const QUALITY: u8 = 92;
/// Bytes of an AVI file without extensions, at most; players read the sizes as signed numbers.
const MOST: usize = 1_900_000_000;
/// Of `AVIMAINHEADER`: the file has an index.
const HAS_INDEX: u32 = 0x10;
/// Of the index: the picture does not need another one.
const KEY_FRAME: u32 = 0x10;

pub(super) struct Avi {
    size: [usize; 2],
    fps: f64,
    /// What follows the word `movi`.
    pictures: Vec<u8>,
    /// Offset and length of each picture.
    index: Vec<[u32; 2]>,
}

impl Avi {
    pub(super) fn new(size: [usize; 2], fps: f64) -> Self {
        Self { size, fps, pictures: Vec::new(), index: Vec::new() }
    }

    pub(super) fn push(&mut self, rgba: &[u8]) -> Result<(), FilmError> {
        let [width, height] = self.size.map(|n| n as u16);
        let mut jpeg = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut jpeg, QUALITY);
        encoder.encode(rgba, width, height, jpeg_encoder::ColorType::Rgba).map_err(said)?;
        if MOST < self.pictures.len() + jpeg.len() {
            return Err(FilmError::Long { mb: self.pictures.len() / 1_000_000 });
        }
        self.index.push([4 + self.pictures.len() as u32, jpeg.len() as u32]);
        chunk(&mut self.pictures, b"00dc", &jpeg);
        Ok(())
    }

    pub(super) fn bytes(&self) -> usize {
        self.pictures.len()
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let count = self.index.len() as u32;
        let largest = self.index.iter().map(|[_, bytes]| *bytes).max().unwrap_or(0);
        let [width, height] = self.size.map(|n| n as u32);
        // Pictures a second as a fraction of whole numbers.
        let (rate, scale) = ((self.fps * 1000.0).round().max(1.0) as u32, 1000_u32);
        let micros = (1e6 / self.fps).round() as u32;
        let main = words(&[
            micros,
            (f64::from(largest) * self.fps) as u32,
            0,
            HAS_INDEX,
            count,
            0,
            1,
            largest,
            width,
            height,
            0,
            0,
            0,
            0,
        ]);
        let mut stream = b"vidsMJPG".to_vec();
        stream.extend(words(&[0, 0, 0, scale, rate, 0, count, largest, u32::MAX, 0]));
        // The rectangle it is shown in, as four 16-bit numbers.
        stream.extend([0, 0, width as u16, height as u16].iter().flat_map(|n| n.to_le_bytes()));
        // One plane of 24 bits, in the upper half of the fourth word.
        let mut bitmap = words(&[40, width, height, 1 | 24 << 16]);
        bitmap.extend(b"MJPG");
        bitmap.extend(words(&[width * height * 3, 0, 0, 0, 0]));
        let mut of_stream = b"strl".to_vec();
        chunk(&mut of_stream, b"strh", &stream);
        chunk(&mut of_stream, b"strf", &bitmap);
        let mut headers = b"hdrl".to_vec();
        chunk(&mut headers, b"avih", &main);
        chunk(&mut headers, b"LIST", &of_stream);
        let mut index = Vec::with_capacity(self.index.len() * 16);
        for [offset, bytes] in &self.index {
            index.extend(b"00dc");
            index.extend(words(&[KEY_FRAME, *offset, *bytes]));
        }
        let mut body = b"AVI ".to_vec();
        chunk(&mut body, b"LIST", &headers);
        // Not through `chunk`, which would copy all pictures once more.
        body.extend(b"LIST");
        body.extend((4 + self.pictures.len() as u32).to_le_bytes());
        body.extend(b"movi");
        body.extend(&self.pictures);
        drop(self.pictures);
        chunk(&mut body, b"idx1", &index);
        let mut file = Vec::with_capacity(body.len() + 8);
        chunk(&mut file, b"RIFF", &body);
        file
    }
}

fn chunk(into: &mut Vec<u8>, name: &[u8; 4], bytes: &[u8]) {
    into.extend(name);
    into.extend((bytes.len() as u32).to_le_bytes());
    into.extend(bytes);
    if bytes.len() % 2 == 1 {
        into.push(0);
    }
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    #[test]
    fn the_index_finds_every_picture() {
        let mut avi = Avi::new([33, 17], 25.0);
        for grey in [10, 200, 90] {
            avi.push(&[grey; 33 * 17 * 4]).unwrap();
        }
        let file = avi.finish();
        assert_eq!((&file[..4], &file[8..12]), (&b"RIFF"[..], &b"AVI "[..]));
        assert_eq!(number(&file, 4), file.len() - 8);
        let place = |name: &[u8]| file.windows(4).position(|word| word == name).unwrap();
        let (movi, index, head) = (place(b"movi"), place(b"idx1"), place(b"avih") + 8);
        assert_eq!([number(&file, head), number(&file, head + 16)], [40_000, 3], "microseconds a picture, pictures");
        assert_eq!([number(&file, head + 32), number(&file, head + 36)], [33, 17]);
        assert_eq!(number(&file, index + 4), 3 * 16);
        for n in 0..3 {
            let entry = index + 8 + 16 * n;
            let (at, bytes) = (movi + number(&file, entry + 8), number(&file, entry + 12));
            assert_eq!((&file[at..at + 4], number(&file, at + 4)), (&b"00dc"[..], bytes));
            let jpeg = &file[at + 8..at + 8 + bytes];
            assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]), "a whole JPEG file");
        }
    }
}
