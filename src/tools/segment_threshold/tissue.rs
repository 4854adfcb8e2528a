//! The usual ranges of tissues in CT, by name.

/// Where the ranges are from.
pub(super) const SOURCE: &str = "threshold presets of InVesalius 3";

/// A tissue and its usual range.
#[derive(Debug)]
pub(super) struct Tissue {
    pub word: &'static str,
    pub name: &'static str,
    /// Both ends in HU, included.
    pub low: f64,
    pub high: f64,
    pub colour: [u8; 3],
}

const fn tissue(word: &'static str, name: &'static str, low: f64, high: f64, colour: [u8; 3]) -> Tissue {
    Tissue { word, name, low, high, colour }
}

const BONE: [u8; 3] = [241, 214, 145];
const TOOTH: [u8; 3] = [255, 250, 220];
const MUSCLE: [u8; 3] = [192, 104, 88];
const FAT: [u8; 3] = [230, 220, 70];
const SKIN: [u8; 3] = [177, 122, 101];

const TISSUES: [Tissue; 14] = [
    tissue("bone", "bone", 226.0, 3071.0, BONE),
    tissue("compact_bone", "compact bone", 662.0, 1988.0, BONE),
    tissue("compact_bone_child", "compact bone of a child", 586.0, 2198.0, BONE),
    tissue("spongy_bone", "spongy bone", 148.0, 661.0, BONE),
    tissue("spongy_bone_child", "spongy bone of a child", 156.0, 585.0, BONE),
    tissue("enamel", "enamel", 1553.0, 2850.0, TOOTH),
    tissue("enamel_child", "enamel of a child", 2042.0, 3071.0, TOOTH),
    tissue("muscle", "muscle", -5.0, 135.0, MUSCLE),
    tissue("muscle_child", "muscle of a child", -25.0, 139.0, MUSCLE),
    tissue("fat", "fat", -205.0, -51.0, FAT),
    tissue("fat_child", "fat of a child", -212.0, -72.0, FAT),
    tissue("skin", "skin", -718.0, -177.0, SKIN),
    tissue("skin_child", "skin of a child", -766.0, -202.0, SKIN),
    tissue("soft_tissue", "soft tissue", -700.0, 225.0, [128, 174, 128]),
];

/// The words of all tissues.
pub(super) const WORDS: &[&str] = &{
    let mut words = [""; TISSUES.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = TISSUES[n].word;
        n += 1;
    }
    words
};

/// The tissue called `word`.
pub(super) fn find(word: &str) -> Option<&'static Tissue> {
    static ALL: [Tissue; 14] = TISSUES;
    ALL.iter().find(|tissue| tissue.word == word)
}
