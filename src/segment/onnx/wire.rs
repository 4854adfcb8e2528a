//! Protocol Buffers, the form of ONNX files: a message is a list of fields, each a number, a type and a value
//! (Google, "Encoding", protobuf.dev).
//!
//! Nothing is copied and every length is checked against the bytes there are.

use std::cell::Cell;

/// Most fields of a file: a network of a thousand layers has some thirty thousand. Two bytes of a file may become a hundred
/// of memory, so that a file of fields only must end somewhere.
const FIELDS_MAX: usize = 300_000;

/// The value of a field.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// A whole number.
    Number(u64),
    /// A float.
    Float(f32),
    /// A text, a list of numbers without their keys, or a message.
    Bytes(Message<'a>),
}

/// The bytes of a message.
#[derive(Debug, Clone)]
pub(super) struct Message<'a> {
    pub(super) bytes: &'a [u8],
    at: usize,
    /// Where it begins in the file.
    first: usize,
    /// Fields of the file read so far.
    count: &'a Cell<usize>,
}

impl<'a> Message<'a> {
    /// A whole file; `count` begins at 0.
    pub(super) fn new(bytes: &'a [u8], count: &'a Cell<usize>) -> Self {
        Self { bytes, at: 0, first: 0, count }
    }

    /// The text that the bytes are.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes).into_owned()
    }

    /// The number and value of the next field; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, String> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let start = self.first + self.at;
        let field = self.field();
        self.count.set(self.count.get() + 1);
        if FIELDS_MAX < self.count.get() {
            return Err(format!("the network has more than {FIELDS_MAX} fields; it is no network for images"));
        }
        let broken = || format!("the file is no network in ONNX form, or it is cut off: byte {start} cannot be read");
        field.map(Some).ok_or_else(broken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Number(0)
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let first = self.first + self.at;
                Value::Bytes(Self { bytes: self.take(length)?, at: 0, first, count: self.count })
            }
            5 => Value::Float(f32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(bytes)
    }

    /// A number in groups of seven bits, the lowest first; `None` if it is cut off or longer than 64 bits.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}

/// Whole numbers of a field that may be given one by one or as a list, at most `max` of them.
pub(super) fn numbers(into: &mut Vec<i64>, value: Value<'_>, max: usize) -> Result<(), String> {
    match value {
        Value::Number(number) => into.push(number as i64),
        Value::Bytes(mut list) => {
            while list.at < list.bytes.len() && into.len() <= max {
                let number =
                    list.varint().ok_or("the file is no network in ONNX form: a list of numbers is cut off")?;
                into.push(number as i64);
            }
        }
        Value::Float(_) => return Err("the file is no network in ONNX form: a float stands where a number is".into()),
    }
    if max < into.len() { Err(format!("the network has a list of more than {max} numbers")) } else { Ok(()) }
}
