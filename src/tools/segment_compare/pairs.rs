//! Which segment is compared with which.

use crate::base::SegmentId;
use crate::image::{LabelMap, Segment};
use crate::session::CommandError;
use crate::tools::shared::one_segment;

/// Two segments to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) id: SegmentId,
    pub(super) name: String,
    pub(super) reference: SegmentId,
    pub(super) reference_name: String,
}

/// The pairs that are meant: the two that were asked for, the only ones, or all that share a name.
///
/// # Errors
/// [`CommandError::BadParams`] listing what there is.
pub(super) fn pairs(
    labels: &LabelMap,
    segment: Option<u8>,
    reference: &LabelMap,
    reference_segment: Option<u8>,
) -> Result<Vec<Pair>, CommandError> {
    let pair = |a: &Segment, b: &Segment| Pair {
        id: a.id,
        name: a.name.clone(),
        reference: b.id,
        reference_name: b.name.clone(),
    };
    let of = |labels: &LabelMap, id| labels.segment(id).expect("picked from the table").clone();
    let namesake = |a: &Segment| {
        let is_same = |b: &&Segment| b.name.to_lowercase() == a.name.to_lowercase();
        reference.segments().iter().find(is_same).map(|b| pair(a, b))
    };
    let both_single = labels.segments().len() == 1 && reference.segments().len() == 1;
    if segment.is_some() || reference_segment.is_some() || both_single {
        let a = of(labels, one_segment(labels, segment)?);
        if reference_segment.is_none()
            && 1 < reference.segments().len()
            && let Some(pair) = namesake(&a)
        {
            return Ok(vec![pair]);
        }
        let b = of(reference, one_segment(reference, reference_segment)?);
        return Ok(vec![pair(&a, &b)]);
    }
    let found: Vec<Pair> = labels.segments().iter().filter_map(namesake).collect();
    if found.is_empty() {
        let names = |labels: &LabelMap| {
            let names = labels.segments().iter().map(|segment| format!("{} {}", segment.id.0, segment.name));
            names.collect::<Vec<_>>().join(", ")
        };
        return Err(CommandError::BadParams(format!(
            "no segment has the same name in both: {}; and: {}; say which two are meant",
            names(labels),
            names(reference)
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use std::sync::Arc;

    fn group(names: &[&str]) -> LabelMap {
        let segment = |(n, name): (usize, &&str)| Segment::new(SegmentId(n as u8 + 1), *name, [0; 3], None);
        let grid = Grid::aligned([2, 2, 2], Point::origin(), [1.0; 3]).unwrap();
        LabelMap::empty(Arc::new(grid), names.iter().enumerate().map(segment).collect()).unwrap()
    }

    #[test]
    fn what_is_not_said_is_found_by_name() {
        let (a, b) = (group(&["liver", "spleen"]), group(&["Spleen", "kidney", "liver"]));
        let ids = |found: Vec<Pair>| found.iter().map(|p| (p.id.0, p.reference.0)).collect::<Vec<_>>();
        assert_eq!(ids(pairs(&a, None, &b, None).unwrap()), [(1, 3), (2, 1)]);
        assert_eq!(ids(pairs(&a, Some(2), &b, None).unwrap()), [(2, 1)]);
        assert_eq!(ids(pairs(&a, Some(2), &b, Some(2)).unwrap()), [(2, 2)]);
        assert_eq!(ids(pairs(&group(&["x"]), None, &group(&["y"]), None).unwrap()), [(1, 1)]);
        let none = pairs(&a, None, &group(&["x", "y"]), None).unwrap_err().to_string();
        assert!(none.contains("1 liver, 2 spleen") && none.contains("1 x, 2 y"), "{none}");
    }
}
