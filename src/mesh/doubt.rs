//! Where a field says nothing that holds, and why.

use super::Field;

/// The vertices at which a field is outside the limits of its method.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// One mark per vertex: whether its value is outside.
    pub marks: Vec<bool>,
    /// Why, in a few words after "not valid here: ".
    pub because: String,
}

impl Doubt {
    /// A doubt, if there is any: nothing where no vertex is marked.
    pub fn of(marks: Vec<bool>, because: impl Into<String>) -> Option<Self> {
        marks.contains(&true).then(|| Self { marks, because: because.into() })
    }

    /// The field with no number (NaN) at the marked vertices, for showing; what is computed with keeps its numbers. `None`
    /// if nothing would be left, or if the field is of another surface.
    pub fn apply(&self, field: &Field) -> Option<Field> {
        if self.marks.len() != field.values.len() || !self.marks.contains(&false) {
            return None;
        }
        let shown = |(value, mark): (&f64, &bool)| if *mark { f64::NAN } else { *value };
        Some(Field::new(&field.name, &field.unit, field.values.iter().zip(&self.marks).map(shown).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_values_are_not_shown_and_nothing_is_hidden_whole() {
        let field = Field::new("thickness", "mm", vec![1.0, 2.0, 50.0]);
        let doubt = Doubt::of(vec![false, false, true], "thicker than 50 mm").unwrap();
        let shown = doubt.apply(&field).unwrap();
        assert_eq!(shown.values[..2], [1.0, 2.0]);
        assert!(shown.values[2].is_nan() && (shown.name, shown.unit) == (field.name.clone(), field.unit.clone()));
        assert_eq!(Doubt::of(vec![false; 3], "never"), None);
        assert_eq!(Doubt::of(vec![true; 3], "everywhere").unwrap().apply(&field), None);
        assert_eq!(Doubt::of(vec![true, false], "other surface").unwrap().apply(&field), None);
    }
}
