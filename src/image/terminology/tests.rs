//! The tables are whole, and terms are found as one types.

use super::*;
use std::collections::BTreeSet;

#[test]
fn names_and_codes_are_used_once() {
    let mut names = BTreeSet::new();
    let mut codes = BTreeSet::new();
    for term in terms() {
        for name in term.other_names.iter().copied().chain([term.name]) {
            assert!(names.insert(name.to_lowercase()), "two terms are called {name}");
        }
        assert!(codes.insert(term.code), "two terms have the code {} ({})", term.code, term.name);
        assert_eq!(term.name, term.name.to_lowercase());
    }
    assert!(100 < terms().len());
}

/// SNOMED CT identifiers end in a check digit (Verhoeff 1969): a slip of the keyboard shows.
#[test]
fn every_code_has_the_right_check_digit() {
    const TIMES: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let check = |code: u64| {
        code.to_string().bytes().rev().enumerate().fold(0_u8, |sum, (place, digit)| {
            let turned = (0..place % 8).fold(digit - b'0', |digit, _| TURN[usize::from(digit)]);
            TIMES[usize::from(sum)][usize::from(turned)]
        })
    };
    let codes = terms().iter().map(|term| (term.name, term.code));
    let others = Category::ALL.map(|c| (c.name(), c.code())).into_iter();
    let sides = [Side::Left, Side::Right].map(|s| (s.word(), s.code()));
    let wrong: Vec<_> = codes.chain(others).chain(sides).filter(|(_, code)| check(*code) != 0).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn terms_are_found_by_a_few_letters_the_best_first() {
    let names = |text: &str| search(text).iter().map(|term| term.name).collect::<Vec<_>>();
    assert_eq!(names("liver"), ["liver"]);
    assert_eq!(names("kid")[0], "kidney");
    assert_eq!(names("vein po"), ["portal vein"]);
    assert_eq!(names("SVC"), ["superior vena cava"]);
    assert_eq!(names("10200004"), ["liver"]);
    assert_eq!(names("left kid"), ["kidney"]);
    assert_eq!(names("left v")[0], "left ventricle");
    assert!(names("left v").contains(&"lateral ventricle") && !names("left v").contains(&"portal vein"));
    assert!(names("xyz").is_empty());
    assert_eq!(names("").len(), terms().len());
}

#[test]
fn names_with_and_without_a_side_are_known() {
    let kidney = by_name("Left kidney").unwrap();
    assert_eq!((kidney.term.code, kidney.side, kidney.name().as_str()), (64_033_007, Some(Side::Left), "left kidney"));
    assert_eq!(by_name("left ventricle").unwrap().side, None);
    assert_eq!(by_name("tumor").unwrap().term.name, "tumour");
    assert_eq!(by_name("left liver"), None);
    assert_eq!(by_code(10_200_004).unwrap().colour, [221, 130, 101]);
}

#[test]
fn every_procedure_has_its_structures() {
    let liver = template("liver resection").unwrap();
    let names: Vec<_> = liver.members.iter().map(|member| member.name()).collect();
    assert_eq!(names[..4], ["liver", "tumour", "portal vein", "hepatic vein"]);
    for template in templates() {
        let names: BTreeSet<_> = template.members.iter().map(|member| member.name()).collect();
        assert_eq!(names.len(), template.members.len(), "{}: one name twice", template.name);
        assert!(!template.about.is_empty());
    }
}
