//! The embedded tables, read once.

use super::{Category, Template, Term, by_name};

const ANATOMY: &str = include_str!("../../../assets/terminology/anatomy.csv");
const TEMPLATES: &str = include_str!("../../../assets/terminology/templates.csv");

/// The fields of every line that is no comment.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).map(|line| {
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        fields.try_into().unwrap_or_else(|_| panic!("our table has {N} fields in every line, not in: {line}"))
    })
}

pub(super) fn terms() -> Vec<Term> {
    rows(ANATOMY)
        .map(|[name, other, colour, code, category, paired]: [&str; 6]| {
            let channels: Vec<u8> = colour.split(' ').filter_map(|channel| channel.parse().ok()).collect();
            Term {
                name,
                other_names: other.split(',').filter(|name| !name.is_empty()).collect(),
                colour: channels.try_into().expect("our table has three channels a colour"),
                code: code.parse().expect("our table has numbers as codes"),
                category: match category {
                    "T" => Category::Tissue,
                    "A" => Category::Anatomy,
                    "M" => Category::Altered,
                    "B" => Category::Substance,
                    "O" => Category::Object,
                    other => panic!("our table has no category {other}"),
                },
                paired: paired == "yes",
            }
        })
        .collect()
}

pub(super) fn templates() -> Vec<Template> {
    let member = |name: &str| by_name(name).unwrap_or_else(|| panic!("our template names a term: {name}"));
    rows(TEMPLATES)
        .map(|[name, about, members]: [&str; 3]| Template {
            name,
            about,
            members: members.split(',').map(|name| member(name.trim())).collect(),
        })
        .collect()
}
