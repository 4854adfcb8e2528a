//! The stored form of measures.

use super::{Arrays, Encoded, Meta, point_bytes, points};
use crate::base::{Fact, NodeId};
use crate::geom::Vector;
use crate::geom::measure::{Kind, Shape};
use crate::image::{Measure, Reading};
use crate::session::Data;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The small part: the points lie in an array.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct MeasureV1 {
    /// The field called `kind` is that of the node.
    measures: Kind,
    normal: [f64; 3],
    text: String,
    reading: Option<ReadingV1>,
    /// Of a path on a surface, which of its points were placed by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    knots: Vec<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReadingV1 {
    scan: u32,
    content: String,
    half_voxel_mm: f64,
    values: Vec<Fact>,
    pitch_mm: Option<f64>,
    is_cut: bool,
}

pub(super) fn encode(measure: &Measure) -> (Meta, Encoded<'_>) {
    let Measure { shape, text, reading } = measure;
    let reading = reading.as_ref().map(|reading| {
        let Reading { scan, content, half_voxel_mm, values, pitch_mm, is_cut } = reading.clone();
        ReadingV1 { scan: scan.0, content, half_voxel_mm, values, pitch_mm, is_cut }
    });
    let meta = MeasureV1 {
        measures: shape.kind(),
        normal: shape.normal().into(),
        text: text.clone(),
        reading,
        knots: shape.knots().to_vec(),
    };
    (Meta::Measure(meta), vec![("points".into(), point_bytes(shape.points()))])
}

pub(super) fn decode(meta: &MeasureV1, arrays: &mut Arrays) -> Result<Data, String> {
    let points = points(arrays, "points")?;
    let normal = Vector::from(meta.normal);
    let shape = match meta.measures {
        Kind::Geodesic => Shape::on_surface(&points, &meta.knots, Some(normal)),
        kind => Shape::stored(kind, &points, normal),
    };
    let shape = shape.map_err(|error| error.to_string())?;
    let reading = meta.reading.as_ref().map(|stored| {
        let ReadingV1 { scan, content, half_voxel_mm, values, pitch_mm, is_cut } = stored;
        Reading {
            scan: NodeId(*scan),
            content: content.clone(),
            half_voxel_mm: *half_voxel_mm,
            values: values.clone(),
            pitch_mm: *pitch_mm,
            is_cut: *is_cut,
        }
    });
    Ok(Data::Measure(Arc::new(Measure { shape, text: meta.text.clone(), reading })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use std::collections::BTreeMap;

    #[test]
    fn every_kind_comes_back_bit_for_bit() {
        // Directions that are not round: putting points at right angles again must not change a bit.
        let normal = Vector::new(0.3, -0.4, 0.7);
        let corner = |n: usize| {
            let t = n as f64;
            Point::new(13.7 * (1.3 * t).sin() - 40.0, 11.1 * (0.7 * t).cos() + 0.1, 7.3 * (2.1 * t).sin() + 1234.5)
        };
        for kind in Kind::ALL {
            let count = if kind.points()[1] < 10 { kind.points()[0] } else { 7 };
            let points: Vec<Point> = (0..count).map(corner).collect();
            let shape = Shape::new(kind, &points, Some(normal)).unwrap();
            let values = vec![Fact::new("mean", 0.1 + 0.2, "HU")];
            let reading = Reading {
                scan: NodeId(3),
                content: "abc".into(),
                half_voxel_mm: 0.35,
                values,
                pitch_mm: Some(0.7),
                is_cut: true,
            };
            let measure = Measure { shape, text: "a, \"b\"".into(), reading: Some(reading) };
            let (meta, arrays) = encode(&measure);
            let json = serde_json::to_string(&meta).unwrap();
            let Meta::Measure(meta) = serde_json::from_str(&json).unwrap() else { panic!("{json} is no measure") };
            let mut arrays: BTreeMap<String, Vec<u8>> =
                arrays.into_iter().map(|(name, bytes)| (name, bytes.into_owned())).collect();
            let Data::Measure(back) = decode(&meta, &mut arrays).unwrap() else { panic!("no measure came back") };
            assert_eq!(*back, measure);
            assert_eq!(back.content_hash(), measure.content_hash());
        }
    }

    #[test]
    fn damaged_points_are_refused() {
        let shape = Shape::new(Kind::Length, &[Point::origin(), Point::new(1.0, 0.0, 0.0)], None).unwrap();
        let measure = Measure { shape, text: String::new(), reading: None };
        let (Meta::Measure(meta), _) = encode(&measure) else { panic!("a measure") };
        let arrays = |points: &[Point]| BTreeMap::from([("points".to_owned(), point_bytes(points).into_owned())]);
        assert!(decode(&meta, &mut arrays(&[Point::origin()])).is_err());
        assert!(decode(&meta, &mut arrays(&[Point::origin(), Point::new(f64::NAN, 0.0, 0.0)])).is_err());
        assert!(decode(&meta, &mut BTreeMap::new()).is_err());
    }
}
