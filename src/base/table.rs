//! Numbers in rows and columns, each column with its unit.

use super::Made;
use serde::{Deserialize, Serialize};

/// Rows that make a curve.
const CURVE_ROWS_MIN: usize = 5;

/// A table of numbers; never a number without a unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What it shows, e.g. `size of the segments`.
    pub title: String,
    /// What a row is, e.g. `segment`.
    pub of: String,
    /// What stands in each column.
    pub columns: Vec<Column>,
    /// The rows in order, each with one cell per column.
    pub rows: Vec<TableRow>,
    /// What it tells of, where that may change without it: a table of what was is not shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_of: Vec<Made>,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// What it is, e.g. `volume`.
    pub name: String,
    /// Its unit as shown; `1` for a pure number.
    pub unit: String,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableRow {
    /// What it is about, e.g. the name of a segment.
    pub name: String,
    /// One value per column; none where there is no number.
    pub values: Vec<Option<f64>>,
}

impl Column {
    /// The heading: name, and unit where there is one.
    pub fn heading(&self) -> String {
        if self.unit == "1" { self.name.clone() } else { format!("{} [{}]", self.name, self.unit) }
    }
}

impl Table {
    /// A table without rows; columns are (name, unit).
    pub fn new(title: impl Into<String>, of: &str, columns: &[(&str, &str)]) -> Self {
        let column = |(name, unit): &(&str, &str)| Column { name: (*name).to_owned(), unit: (*unit).to_owned() };
        let columns = columns.iter().map(column).collect();
        Self { title: title.into(), of: of.to_owned(), columns, ..Self::default() }
    }

    /// This table with one more row. Numbers that are not finite count as none; a row that is too short gets nones.
    #[must_use]
    pub fn row(mut self, name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut values: Vec<_> = values.into_iter().map(|value| value.filter(|value| value.is_finite())).collect();
        values.resize(self.columns.len(), None);
        self.rows.push(TableRow { name: name.into(), values });
        self
    }

    /// This table of what these are now.
    #[must_use]
    pub fn made_of(mut self, made: impl IntoIterator<Item = Made>) -> Self {
        self.made_of.extend(made);
        self
    }

    /// The first column, if the others are curves over it: one called `time` or `along …` that ascends from row to row,
    /// at least five of them.
    pub fn places(&self) -> Option<Vec<f64>> {
        self.columns.first().filter(|column| column.name == "time" || column.name.starts_with("along"))?;
        if self.columns.len() < 2 || self.rows.len() < CURVE_ROWS_MIN {
            return None;
        }
        let places: Option<Vec<f64>> = self.rows.iter().map(|row| row.values[0]).collect();
        places.filter(|places| places.windows(2).all(|pair| pair[0] < pair[1]))
    }

    /// The value in the row and column with these names.
    pub fn value(&self, row: &str, column: &str) -> Option<f64> {
        let column = self.columns.iter().position(|own| own.name == column)?;
        self.rows.iter().find(|own| own.name == row)?.values[column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ascends_in_time_or_along_a_way_is_a_curve() {
        let table = |name: &str, values: &[Option<f64>]| {
            let table = Table::new("flow", "sample", &[(name, "s"), ("flow", "ml/s")]);
            values.iter().fold(table, |table, value| table.row("", [*value, Some(1.0)]))
        };
        let times: Vec<Option<f64>> = (0..6).map(|n| Some(0.1 * f64::from(n))).collect();
        assert_eq!(table("time", &times).places().map(|places| places.len()), Some(6));
        assert_eq!(table("from", &times).places(), None);
        assert_eq!(table("time", &times[..3]).places(), None);
        let back = [Some(0.0), Some(1.0), Some(0.5), Some(2.0), Some(3.0)];
        assert_eq!(table("time", &back).places(), None);
        let gap = [Some(0.0), None, Some(0.5), Some(2.0), Some(3.0)];
        assert_eq!(table("along the way", &gap).places(), None);
    }

    #[test]
    fn what_is_no_number_is_left_blank() {
        let table = Table::new("sizes", "segment", &[("volume", "ml"), ("Dice", "1"), ("area", "cm²")]);
        let table = table.row("liver", [Some(1500.0), Some(f64::NAN)]);
        assert_eq!(table.rows[0].values, [Some(1500.0), None, None]);
        assert_eq!((table.value("liver", "volume"), table.value("liver", "area")), (Some(1500.0), None));
        assert_eq!([0, 1].map(|n| table.columns[n].heading()), ["volume [ml]", "Dice"]);
    }
}
