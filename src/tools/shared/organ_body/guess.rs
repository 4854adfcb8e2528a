//! Which tissue of the table an organ is made of, by what it is called.

use crate::biomech::{Tissue, tissues};
use crate::session::CommandError;

/// Words in names of objects, and the tissue they stand for; the first that fits counts.
const WORDS: &[(&str, &str)] = &[
    ("tumour", "tumour"),
    ("tumor", "tumour"),
    ("lesion", "tumour"),
    ("metasta", "tumour"),
    ("lung", "lung"),
    ("lobe", "lung"),
    ("liver", "liver"),
    ("hepat", "liver"),
    ("brain", "brain"),
    ("hippocamp", "brain"),
    ("kidney", "kidney"),
    ("renal", "kidney"),
    ("spleen", "spleen"),
    ("aort", "vessel-wall"),
    ("arter", "vessel-wall"),
    ("vessel", "vessel-wall"),
    ("vein", "vessel-wall"),
    ("muscle", "muscle"),
    ("skin", "skin"),
    ("fat", "fat"),
    ("bone", "bone"),
    ("vertebra", "bone"),
    ("rib", "bone"),
];
/// What an organ is taken for whose name says nothing.
const UNKNOWN: &str = "liver";

/// The tissue `asked` for, or the one that the organ's name stands for; with a sentence if that is a mere assumption.
///
/// # Errors
/// [`CommandError::BadParams`] if the table has no such tissue.
pub fn tissue_of(asked: Option<&str>, organ: &str) -> Result<(&'static Tissue, Option<String>), CommandError> {
    let organ = organ.to_lowercase();
    let says = |word: &str| organ.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word));
    let guessed = WORDS.iter().find(|(word, _)| says(word)).map(|(_, tissue)| *tissue);
    let id = asked.or(guessed).unwrap_or(UNKNOWN);
    let tissue = tissues().iter().find(|tissue| tissue.id == id);
    let tissue = tissue.ok_or_else(|| CommandError::BadParams(format!("the table has no tissue '{id}'")))?;
    let assumed = (asked.is_none() && guessed.is_none())
        .then(|| format!("the name tells no tissue, so this is computed as {id}; choose the tissue for another"));
    Ok((tissue, assumed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_tissue() {
        let of =
            |organ| tissue_of(None, organ).map(|(tissue, assumed)| (tissue.id.clone(), assumed.is_some())).unwrap();
        for (organ, tissue) in [
            ("right lung tetrahedra", "lung"),
            ("Liver tumour", "tumour"),
            ("Left kidney", "kidney"),
            ("aorta", "vessel-wall"),
            ("rib 3", "bone"),
        ] {
            assert_eq!(of(organ), (tissue.to_owned(), false));
        }
        assert_eq!(of("tribe"), (UNKNOWN.to_owned(), true));
        assert_eq!(tissue_of(Some("brain"), "liver").unwrap().0.id, "brain");
        assert!(tissue_of(Some("cheese"), "liver").is_err());
    }

    #[test]
    fn every_word_stands_for_a_tissue_of_the_table() {
        for (word, tissue) in WORDS {
            assert!(tissues().iter().any(|known| known.id == *tissue), "{word}: {tissue}");
        }
    }
}
