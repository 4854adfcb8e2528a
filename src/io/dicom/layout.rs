//! Where the parts of a DICOM file are, found by walking over element headers without reading values.
//!
//! Every length a file declares is compared with what is left of the file before any value is read, because the
//! parser allocates what an element declares. Depth and header size are bounded too.

use crate::io::error::ReadError;
use dicom::core::{Tag, VR};
use dicom::dictionary_std::StandardDataDictionary;
use std::io::{Read, Seek};
use std::path::Path;

/// Deepest nesting of sequences accepted; clinical files have up to about 6.
const DEPTH_MAX: u32 = 24;
/// Longest data set before the pixels accepted, in bytes; enhanced images of many frames have some 10 MB.
const HEADER_BYTES_MAX: u64 = 256 << 20;
/// Longest inflated data set accepted, in bytes.
const INFLATED_BYTES_MAX: u64 = 1 << 30;

pub(super) const IMPLICIT_LE: &str = "1.2.840.10008.1.2";
pub(super) const EXPLICIT_LE: &str = "1.2.840.10008.1.2.1";
pub(super) const EXPLICIT_BE: &str = "1.2.840.10008.1.2.2";
pub(super) const DEFLATED_LE: &str = "1.2.840.10008.1.2.1.99";

/// Where the pixels are, in bytes from the start of the data set's source (see [`Layout::source`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PixelPlace {
    /// Plain numbers, as bytes or as words of 16 bits; `declared` may be more than the file has.
    Native { start: u64, declared: u64, is_words: bool },
    /// Items of a codec's bytes, the first of which is the offset table.
    Encapsulated { start: u64 },
    /// Floating point pixels (parametric maps).
    Float,
}

/// Where the data set is: in the file as it is, or deflated from this byte on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    File,
    Deflated { start: u64 },
}

/// What the walk found.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Transfer syntax UID, as written or guessed.
    pub(super) syntax: String,
    /// The data set's bytes before the pixels.
    pub(super) header: Vec<u8>,
    pub(super) pixels: Option<PixelPlace>,
    pub(super) source: Source,
    /// Bytes of the source.
    pub(super) source_len: u64,
}

/// Walk over the file at `path`.
pub(super) fn read(path: &Path) -> Result<Layout, ReadError> {
    let failed = |error| ReadError::system(path, error);
    let file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(ReadError::not_this_format(path, "not a file"));
    }
    let mut walk = Walk::new(std::io::BufReader::with_capacity(32 << 10, file), about.len(), path);
    let (syntax, start) = walk.preamble()?;
    if syntax == DEFLATED_LE {
        let bytes = inflate(path, start)?;
        let source_len = bytes.len() as u64;
        let (header, pixels) = Walk::new(std::io::Cursor::new(bytes), source_len, path).dataset(0, EXPLICIT_LE)?;
        return Ok(Layout { syntax, header, pixels, source: Source::Deflated { start }, source_len });
    }
    let (header, pixels) = walk.dataset(start, &syntax)?;
    Ok(Layout { syntax, header, pixels, source: Source::File, source_len: about.len() })
}

/// The data set that is deflated in the file from byte `start` on.
pub(super) fn inflate(path: &Path, start: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |error| ReadError::system(path, error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    file.seek(std::io::SeekFrom::Start(start)).map_err(failed)?;
    let mut out = Vec::new();
    let mut inflater = flate2::read::DeflateDecoder::new(file).take(INFLATED_BYTES_MAX + 1);
    inflater.read_to_end(&mut out).map_err(|_| ReadError::damaged(path, "the deflated data set cannot be inflated"))?;
    if INFLATED_BYTES_MAX < out.len() as u64 {
        return Err(ReadError::too_large(path, "the deflated data set holds more than 1 GiB"));
    }
    Ok(out)
}

/// A cursor that knows how far it may go.
struct Walk<'a, R> {
    reader: R,
    at: u64,
    len: u64,
    path: &'a Path,
    big_endian: bool,
    explicit: bool,
}

/// The header of one element.
struct Element {
    tag: Tag,
    vr: VR,
    /// `None` for an undefined length.
    len: Option<u64>,
}

impl<'a, R: Read + Seek> Walk<'a, R> {
    fn new(reader: R, len: u64, path: &'a Path) -> Self {
        Self { reader, at: 0, len, path, big_endian: false, explicit: true }
    }

    fn seek(&mut self, to: u64) -> Result<(), ReadError> {
        let offset = to as i64 - self.at as i64;
        self.reader.seek_relative(offset).map_err(|e| ReadError::system(self.path, e))?;
        self.at = to;
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|e| ReadError::system(self.path, e))?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn take_u16(&mut self) -> Result<u16, ReadError> {
        let bytes = self.take()?;
        Ok(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn take_u32(&mut self) -> Result<u32, ReadError> {
        let bytes = self.take()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The transfer syntax and where the data set begins.
    fn preamble(&mut self) -> Result<(String, u64), ReadError> {
        let foreign = || ReadError::not_this_format(self.path, "the file is not DICOM");
        let mut start = 0;
        if 132 <= self.len {
            self.seek(128)?;
            if &self.take::<4>()? == b"DICM" {
                start = 132;
            }
        }
        if self.len == 0 {
            return Err(ReadError::damaged(self.path, "the file is empty"));
        }
        if self.len < start + 8 {
            return Err(if start == 0 {
                foreign()
            } else {
                ReadError::damaged(self.path, "the file ends after its preamble")
            });
        }
        self.seek(start)?;
        let first: [u8; 8] = self.take()?;
        let group = u16::from_le_bytes([first[0], first[1]]);
        if start == 0 && !matches!(group, 0x0002 | 0x0008) {
            return Err(foreign());
        }
        self.seek(start)?;
        let mut syntax = None;
        while self.at + 8 <= self.len {
            let before = self.at;
            let group: [u8; 2] = self.take()?;
            self.seek(before)?;
            if u16::from_le_bytes(group) != 0x0002 {
                break;
            }
            let element = self.element()?;
            let len = self.known_length(&element, self.len)?;
            if element.tag == Tag(0x0002, 0x0010) && len <= 64 {
                let mut text = vec![0; len as usize];
                self.reader.read_exact(&mut text).map_err(|e| ReadError::system(self.path, e))?;
                self.at += len;
                let text = String::from_utf8_lossy(&text);
                syntax = Some(text.trim_matches(['\0', ' ']).to_owned()).filter(|uid| !uid.is_empty());
            } else {
                self.seek(self.at + len)?;
            }
        }
        let syntax = match syntax {
            Some(syntax) => syntax,
            None => self.guess_syntax()?.to_owned(),
        };
        Ok((syntax, self.at))
    }

    /// Old files lack the transfer syntax: their first element shows whether representations are written.
    fn guess_syntax(&mut self) -> Result<&'static str, ReadError> {
        let before = self.at;
        if self.len < before + 8 {
            return Err(ReadError::damaged(self.path, "the file ends before its data set"));
        }
        let first: [u8; 8] = self.take()?;
        self.seek(before)?;
        let explicit = VR::from_binary([first[4], first[5]]).is_some();
        Ok(match (explicit, u16::from_le_bytes([first[0], first[1]])) {
            (true, 0x0800) => EXPLICIT_BE,
            (true, _) => EXPLICIT_LE,
            (false, _) => IMPLICIT_LE,
        })
    }

    /// The bytes before the pixels, and where those are.
    fn dataset(&mut self, start: u64, syntax: &str) -> Result<(Vec<u8>, Option<PixelPlace>), ReadError> {
        self.explicit = syntax != IMPLICIT_LE;
        self.big_endian = syntax == EXPLICIT_BE;
        self.seek(start)?;
        let (end, pixels) = self.elements(self.len, false, 0)?;
        if HEADER_BYTES_MAX < end - start {
            let what = format!(
                "the header has {} MB, more than the {} MB allowed",
                (end - start) >> 20,
                HEADER_BYTES_MAX >> 20
            );
            return Err(ReadError::too_large(self.path, what));
        }
        self.seek(start)?;
        let mut header = vec![0; (end - start) as usize];
        self.reader.read_exact(&mut header).map_err(|e| ReadError::system(self.path, e))?;
        Ok((header, pixels))
    }

    /// Walk over elements up to `end`, a delimiter, or at depth 0 the pixels; returns where they stopped.
    fn elements(&mut self, end: u64, delimited: bool, depth: u32) -> Result<(u64, Option<PixelPlace>), ReadError> {
        if DEPTH_MAX < depth {
            let what = format!("sequences are nested deeper than {DEPTH_MAX} levels");
            return Err(ReadError::damaged(self.path, what));
        }
        while self.at < end {
            let before = self.at;
            if end < before + 8 {
                // Some writers leave a few bytes of padding at the end of the file.
                while depth == 0 && self.at < end && self.take()? == [0] {}
                return if self.at == end { Ok((before, None)) } else { Err(self.cut_off()) };
            }
            let element = self.element()?;
            match element.tag {
                Tag(0xFFFE, 0xE00D) if delimited => return Ok((before, None)),
                Tag(0xFFFE, _) => return Err(ReadError::damaged(self.path, "a sequence delimiter is out of place")),
                Tag(0x7FE0, 0x0010) if depth == 0 => {
                    let start = self.at;
                    let place = match element.len {
                        Some(declared) => PixelPlace::Native { start, declared, is_words: element.vr == VR::OW },
                        None => PixelPlace::Encapsulated { start },
                    };
                    return Ok((before, Some(place)));
                }
                Tag(0x7FE0, 0x0008 | 0x0009) if depth == 0 => return Ok((before, Some(PixelPlace::Float))),
                _ => self.value(&element, end, depth)?,
            }
        }
        if delimited { Err(self.cut_off()) } else { Ok((self.at, None)) }
    }

    /// Walk over one value.
    fn value(&mut self, element: &Element, end: u64, depth: u32) -> Result<(), ReadError> {
        let Element { tag, vr, len } = *element;
        match len {
            None if vr == VR::UN && self.explicit => {
                // A sequence of unknown kind is written without representations.
                let (explicit, big_endian) = (self.explicit, self.big_endian);
                (self.explicit, self.big_endian) = (false, false);
                let result = self.items(end, true, true, depth);
                (self.explicit, self.big_endian) = (explicit, big_endian);
                result
            }
            None if matches!(vr, VR::OB | VR::OW) => self.items(end, true, false, depth),
            None if vr == VR::SQ || !self.explicit => self.items(end, true, true, depth),
            None => Err(ReadError::damaged(
                self.path,
                format!("element {tag} has an undefined length, which only sequences may have"),
            )),
            Some(_) => {
                let stop = self.at + self.known_length(element, end)?;
                if vr == VR::SQ {
                    self.items(stop, false, true, depth)?;
                }
                self.seek(stop)
            }
        }
    }

    /// Walk over the items of a sequence, or over fragments where items hold no elements.
    fn items(&mut self, end: u64, delimited: bool, elements: bool, depth: u32) -> Result<(), ReadError> {
        while self.at < end {
            if end < self.at + 8 {
                return Err(self.cut_off());
            }
            let tag = Tag(self.take_u16()?, self.take_u16()?);
            let len = self.take_u32()?;
            match (tag, len) {
                (Tag(0xFFFE, 0xE0DD), _) if delimited => return Ok(()),
                (Tag(0xFFFE, 0xE000), u32::MAX) if elements => {
                    self.elements(end, true, depth + 1)?;
                }
                (Tag(0xFFFE, 0xE000), len) if len < u32::MAX => {
                    let item = Element { tag, vr: VR::UN, len: Some(u64::from(len)) };
                    let stop = self.at + self.known_length(&item, end)?;
                    if elements {
                        self.elements(stop, false, depth + 1)?;
                    }
                    self.seek(stop)?;
                }
                _ => {
                    return Err(ReadError::damaged(
                        self.path,
                        format!("a sequence holds {tag} where an item must begin"),
                    ));
                }
            }
        }
        if delimited { Err(self.cut_off()) } else { Ok(()) }
    }

    fn element(&mut self) -> Result<Element, ReadError> {
        let tag = Tag(self.take_u16()?, self.take_u16()?);
        if tag.0 == 0xFFFE {
            let len = self.take_u32()?;
            return Ok(Element { tag, vr: VR::UN, len: Some(u64::from(len)) });
        }
        // The file's meta group is always explicit.
        let (vr, len) = if self.explicit {
            let code: [u8; 2] = self.take()?;
            if !code.iter().all(u8::is_ascii_uppercase) {
                let what =
                    format!("element {tag} has a value representation of the bytes {:02X} {:02X}", code[0], code[1]);
                return Err(ReadError::damaged(self.path, what));
            }
            // As the parser does: what is unknown has the long form.
            let vr = VR::from_binary(code).unwrap_or(VR::UN);
            let long = [
                VR::OB,
                VR::OD,
                VR::OF,
                VR::OL,
                VR::OV,
                VR::OW,
                VR::SQ,
                VR::SV,
                VR::UC,
                VR::UN,
                VR::UR,
                VR::UT,
                VR::UV,
            ];
            if long.contains(&vr) {
                self.take_u16()?;
                (vr, self.take_u32()?)
            } else {
                (vr, u32::from(self.take_u16()?))
            }
        } else {
            (dictionary_vr(tag), self.take_u32()?)
        };
        Ok(Element { tag, vr, len: Some(u64::from(len)).filter(|_| len != u32::MAX) })
    }

    /// The length of a value, if there is one and it ends before `end`.
    fn known_length(&self, element: &Element, end: u64) -> Result<u64, ReadError> {
        let left = end.saturating_sub(self.at);
        match element.len {
            Some(len) if len <= left => Ok(len),
            Some(len) => {
                let what = format!("element {} declares {len} bytes, but only {left} follow", element.tag);
                Err(ReadError::damaged(self.path, what))
            }
            None => Err(ReadError::damaged(self.path, format!("element {} has no length", element.tag))),
        }
    }

    fn cut_off(&self) -> ReadError {
        ReadError::damaged(self.path, format!("the file's header is cut off at byte {}", self.at))
    }
}

/// The representation the dictionary gives an element.
pub(super) fn dictionary_vr(tag: Tag) -> VR {
    use dicom::core::dictionary::{DataDictionary, DataDictionaryEntry};
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}
