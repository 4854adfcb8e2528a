//! Texts in several character sets: code extension by escape sequences (PS3.5, 6.1.2.5; PS3.3, C.12.1.1.2).
//!
//! The parser knows the first character set of a file only. Where a file declares more, its texts are turned back into bytes
//! and read again here. What no set explains becomes U+FFFD; nothing is refused for it.

use super::attribute::DataSet;
use dicom::core::header::Header;
use dicom::core::{PrimitiveValue, Tag, VR};
use dicom::dictionary_std::tags;
use dicom::encoding::text::{SpecificCharacterSet, TextCodec};

const ESC: u8 = 0x1b;
/// What cannot be read.
const UNREAD: char = '\u{fffd}';

/// What an escape sequence switches to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    /// ASCII, or its Japanese variant, for bytes below 128.
    Plain,
    /// Kanji in pairs of bytes below 128, by the sequence that the codec wants before them.
    Kanji(&'static [u8]),
    /// The set of bytes from 128 on.
    Upper(&'static str),
}

/// The sequences behind Escape (PS3.3, tables C.12-3 and C.12-4).
const SWITCHES: [(&[u8], Switch); 18] = [
    (b"(B", Switch::Plain),
    (b"(J", Switch::Plain),
    (b")I", Switch::Upper("ISO_IR 13")),
    (b"-A", Switch::Upper("ISO_IR 100")),
    (b"-B", Switch::Upper("ISO_IR 101")),
    (b"-C", Switch::Upper("ISO_IR 109")),
    (b"-D", Switch::Upper("ISO_IR 110")),
    (b"-L", Switch::Upper("ISO_IR 144")),
    (b"-G", Switch::Upper("ISO_IR 127")),
    (b"-F", Switch::Upper("ISO_IR 126")),
    (b"-H", Switch::Upper("ISO_IR 138")),
    (b"-T", Switch::Upper("ISO_IR 166")),
    (b"$B", Switch::Kanji(b"\x1b$B")),
    (b"$@", Switch::Kanji(b"\x1b$@")),
    (b"$(D", Switch::Kanji(b"\x1b$(D")),
    (b"$)C", Switch::Upper("ISO_IR 149")),
    (b"$)A", Switch::Upper("GBK")),
    (b"$A", Switch::Upper("GBK")),
];

/// Read the texts of `set` again that are in several character sets; those in one are what the parser made of them.
pub(super) fn reread(set: &mut DataSet) {
    let declared = super::attribute::texts(set, tags::SPECIFIC_CHARACTER_SET);
    let Some((first, more)) = declared.split_first().filter(|(_, more)| !more.is_empty()) else { return };
    let first = known(first).unwrap_or_default();
    // Some software names a second set that needs no escape sequences: it speaks where the first is plain ASCII.
    let silent = more.iter().find(|name| matches!(name.trim(), "GB18030" | "GBK" | "ISO_IR 192"));
    let upper = match silent.and_then(|name| known(name)) {
        Some(silent) if first == SpecificCharacterSet::default() => silent,
        _ => first.clone(),
    };
    reread_items(set, &first, &upper);
}

fn known(name: &str) -> Option<SpecificCharacterSet> {
    SpecificCharacterSet::from_code(name.trim()).filter(|_| !name.trim().is_empty())
}

fn reread_items(set: &mut DataSet, first: &SpecificCharacterSet, upper: &SpecificCharacterSet) {
    let is_text = |vr: VR| matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::UC | VR::UT | VR::PN | VR::SQ);
    let tags: Vec<(Tag, VR)> =
        set.iter().map(|element| (element.tag(), element.vr())).filter(|(_, vr)| is_text(*vr)).collect();
    for (tag, vr) in tags {
        set.update_value(tag, |value| {
            if let Some(items) = value.items_mut() {
                items.iter_mut().for_each(|item| reread_items(item, first, upper));
                return;
            }
            // The parser split values at every backslash, also at one that is half of a character.
            let whole = match value.primitive() {
                Some(PrimitiveValue::Strs(texts)) => texts.join("\\"),
                Some(PrimitiveValue::Str(text)) => text.clone(),
                _ => return,
            };
            let Ok(bytes) = first.encode(&whole) else { return };
            if bytes.is_ascii() && !bytes.contains(&ESC) {
                return;
            }
            // Long texts have one value, in which a backslash is a letter.
            let is_one = matches!(vr, VR::ST | VR::LT | VR::UT);
            let texts = decoded(&bytes, upper, vr == VR::PN);
            let read = if is_one { PrimitiveValue::Str(texts.join("\\")) } else { PrimitiveValue::Strs(texts.into()) };
            *value = read.into();
        });
    }
}

/// The values in `bytes`, `upper` being the set of bytes from 128 on where nothing else was said. At the end of a line, a
/// value, or a part of a name the sets of the beginning hold again.
fn decoded(bytes: &[u8], upper: &SpecificCharacterSet, is_name: bool) -> Vec<String> {
    let mut texts = vec![String::new()];
    let (mut kanji, mut set) = (None, upper.clone());
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        let text = texts.last_mut().expect("never empty");
        if byte == ESC {
            match SWITCHES.iter().find(|(sequence, _)| rest[1..].starts_with(sequence)) {
                Some((sequence, switch)) => {
                    rest = &rest[1 + sequence.len()..];
                    match switch {
                        Switch::Plain => kanji = None,
                        Switch::Kanji(sequence) => kanji = Some(*sequence),
                        Switch::Upper(name) => set = known(name).unwrap_or_else(|| upper.clone()),
                    }
                }
                None => {
                    text.push(UNREAD);
                    rest = &rest[1..];
                }
            }
            continue;
        }
        // Two bytes each, none of them a control or a space.
        if let Some(sequence) = kanji.filter(|_| (0x21..0x7f).contains(&byte)) {
            let run = rest.iter().take_while(|byte| (0x21..0x7f).contains(*byte)).count();
            let (pairs, after) = rest.split_at(run);
            let wrapped: Vec<u8> = sequence.iter().chain(pairs).chain(b"\x1b(B").copied().collect();
            text.push_str(&read_by(&SpecificCharacterSet::from_code("ISO_IR 87").unwrap_or_default(), &wrapped));
            rest = after;
            continue;
        }
        if byte < 0x80 {
            rest = &rest[1..];
            let ends = matches!(byte, b'\\' | b'\r' | b'\n' | 0x0c) || is_name && matches!(byte, b'^' | b'=');
            if ends {
                (kanji, set) = (None, upper.clone());
            }
            if byte == b'\\' {
                texts.push(String::new());
            } else {
                text.push(char::from(byte));
            }
            continue;
        }
        let (run, after) = rest.split_at(run_of(rest, &set));
        text.push_str(&read_by(&set, run));
        rest = after;
    }
    texts
}

/// How many bytes from the first belong to characters that begin with a byte from 128 on. In GB18030 the bytes behind it may be
/// below, the backslash among them.
fn run_of(bytes: &[u8], set: &SpecificCharacterSet) -> usize {
    let is_chinese = ["GB18030", "GBK"].contains(&&*set.name());
    let mut run = 0;
    while let Some(byte) = bytes.get(run).filter(|byte| 0x80 <= **byte) {
        run += match bytes.get(run + 1) {
            Some(0x30..=0x39) if is_chinese && *byte != 0x80 => 4,
            Some(0x40..=0xfe) if is_chinese && *byte != 0x80 => 2,
            _ => 1,
        };
    }
    run.min(bytes.len())
}

/// `bytes` by `set`. The codecs write octal numbers for bytes they do not know.
fn read_by(set: &SpecificCharacterSet, bytes: &[u8]) -> String {
    match set.decode(bytes) {
        Ok(text) if !text.contains('\\') => text,
        _ => UNREAD.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom::core::DataElement;
    use dicom::object::InMemDicomObject;
    use std::path::Path;

    /// A name as a file with these character sets has it.
    fn name(sets: &str, bytes: &[u8]) -> String {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(2), b' ');
        let inner = InMemDicomObject::from_element_iter([DataElement::new(
            tags::REFERRING_PHYSICIAN_NAME,
            VR::PN,
            PrimitiveValue::U8(padded.clone().into()),
        )]);
        let items = dicom::core::value::DataSetSequence::new(vec![inner], dicom::core::Length::UNDEFINED);
        let set = InMemDicomObject::from_element_iter([
            DataElement::new(tags::SPECIFIC_CHARACTER_SET, VR::CS, PrimitiveValue::Str(sets.into())),
            DataElement::new(tags::PATIENT_NAME, VR::PN, PrimitiveValue::U8(padded.into())),
            DataElement::new(tags::REFERENCED_STUDY_SEQUENCE, VR::SQ, items),
        ]);
        let syntax = dicom::transfer_syntax::entries::EXPLICIT_VR_LITTLE_ENDIAN.erased();
        let mut written = Vec::new();
        set.write_dataset_with_ts(&mut written, &syntax).unwrap();
        let read = super::super::attribute::parse(&written, super::super::layout::EXPLICIT_LE, Path::new("a")).unwrap();
        let text = |set: &DataSet, tag| super::super::attribute::text(set, tag).unwrap_or_default();
        let outer = text(&read, tags::PATIENT_NAME);
        let inner = super::super::attribute::item(&read, tags::REFERENCED_STUDY_SEQUENCE).unwrap();
        assert_eq!(text(inner, tags::REFERRING_PHYSICIAN_NAME), outer, "items of sequences too");
        outer
    }

    /// The examples of PS3.5, annexes H.3, I.2 and K.2.
    #[test]
    fn names_of_the_standard_are_read() {
        let kanji = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(name("\\ISO 2022 IR 87", kanji), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let half =
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J";
        assert_eq!(name("ISO 2022 IR 13\\ISO 2022 IR 87", half), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう");
        let hangul = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        assert_eq!(name("\\ISO 2022 IR 149", hangul), "Hong^Gildong=洪^吉洞=홍^길동");
        let chinese = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=";
        assert_eq!(name("\\ISO 2022 IR 58", chinese), "Zhang^XiaoDong=张^小东=");
        let greek = b"M\xfcller^\x1b-F\xc4\xe9\xef\xed";
        assert_eq!(name("ISO 2022 IR 100\\ISO 2022 IR 126", greek), "Müller^Διον");
    }

    #[test]
    fn a_second_set_without_escape_sequences_is_read_with_its_backslashes() {
        // 誠 is D5 5C.
        assert_eq!(name("\\GB18030", b"Wang^\xd5\x5c\xd0\xa1"), "Wang^誠小");
        assert_eq!(name("ISO_IR 6\\ISO_IR 192", "Wang^小东".as_bytes()), "Wang^小东");
    }

    #[test]
    fn what_no_set_explains_is_replaced_and_one_set_is_left_to_the_parser() {
        assert_eq!(name("\\ISO 2022 IR 87", b"A^\x1b%Gx"), "A^\u{fffd}%Gx");
        assert_eq!(name("\\ISO 2022 IR 149", b"A=\x1b$)C\xff\xff"), "A=\u{fffd}");
        assert_eq!(name("ISO_IR 100", b"M\xfcller"), "Müller");
        assert_eq!(name("\\ISO 2022 IR 87", b"Smith^John"), "Smith^John");
    }
}
