//! Tables as comma-separated values (RFC 4180): one header line, full precision, a dot in numbers.

use crate::base::Table;

/// `tables` with the same rows side by side as one text; the first column has the names of the rows.
///
/// Rows are those of the first table; columns of the others are matched by the name of the row.
pub fn encode(tables: &[&Table]) -> String {
    let Some(first) = tables.first() else { return String::new() };
    let headings = tables.iter().flat_map(|table| &table.columns).map(|column| column.heading());
    let mut lines = vec![line(std::iter::once(first.of.clone()).chain(headings))];
    for (n, row) in first.rows.iter().enumerate() {
        let mut cells = vec![row.name.clone()];
        for table in tables {
            // Names may repeat; the same place is the same row unless the tables differ.
            let same = table.rows.get(n).filter(|other| other.name == row.name);
            let same = same.or_else(|| table.rows.iter().find(|other| other.name == row.name));
            let value = |column: usize| same.and_then(|row| row.values[column]);
            cells.extend((0..table.columns.len()).map(|c| value(c).map_or(String::new(), |value| value.to_string())));
        }
        lines.push(line(cells));
    }
    lines.concat()
}

/// One line: cells with commas, quotes or breaks are quoted.
pub fn line(cells: impl IntoIterator<Item = String>) -> String {
    let quoted = cells.into_iter().map(|cell| {
        let must = cell.contains(['"', ',', '\n', '\r']);
        if must { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_side_by_side_and_names_are_quoted() {
        let sizes = Table::new("sizes", "segment", &[("volume", "ml")]);
        let sizes = sizes.row("liver, left", [Some(0.1)]).row("a \"b\"", [Some(2.0)]);
        let values = Table::new("values", "segment", &[("mean", "HU")]).row("a \"b\"", [Some(-5.25)]);
        let text = encode(&[&sizes, &values]);
        assert_eq!(text, "segment,volume [ml],mean [HU]\r\n\"liver, left\",0.1,\r\n\"a \"\"b\"\"\",2,-5.25\r\n");
        assert_eq!(encode(&[]), "");
    }
}
