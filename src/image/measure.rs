//! A measure as the case holds it: a shape, a text, and the values read from a scan when it was made.

use super::Scan;
use super::region::{RegionError, region_values};
use crate::base::{ContentHash, ContentHasher, Fact, NodeId, Summary};
use crate::geom::Vector;
use crate::geom::measure::{Kind, Shape};

/// Something measured in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Where and what.
    pub shape: Shape,
    /// What a person wrote beside it; may be empty.
    pub text: String,
    /// The scan it was measured in and what was read there.
    pub reading: Option<Reading>,
}

/// What was read from a scan. It stays as it is when the scan changes or goes: it says which scan it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The number of the scan.
    pub scan: NodeId,
    /// The content hash of the scan, in full.
    pub content: String,
    /// Half the largest spacing of its voxels in the plane of the measure: no end is placed better.
    pub half_voxel_mm: f64,
    /// Values with units; empty where only the shape counts.
    pub values: Vec<Fact>,
    /// Distance of the samples in the plane; none where whole voxels were counted.
    pub pitch_mm: Option<f64>,
    /// Whether a part of the region lies outside the scan.
    pub is_cut: bool,
}

/// Why a measure cannot be read from a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// A region holds nothing of it.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// A place is outside.
    #[error("the point lies outside the scan; put it where the scan is")]
    Outside,
}

impl Reading {
    /// What `scan`, the object `node` with this content, says of `shape`.
    ///
    /// # Errors
    /// [`ReadingError`] if a region or a probe point holds nothing of the scan.
    pub fn of(shape: &Shape, node: NodeId, content: ContentHash, scan: &Scan) -> Result<Self, ReadingError> {
        let unit = if scan.unit().is_empty() { "1" } else { scan.unit() };
        let fact = |name: &str, value: f64, unit: &str| Fact::new(name, value, unit);
        let (mut values, mut pitch_mm, mut is_cut) = (Vec::new(), None, false);
        if shape.kind().encloses() {
            let found = region_values(scan, shape)?;
            (pitch_mm, is_cut) = (found.pitch_mm, found.is_cut);
            let what = if pitch_mm.is_some() { "samples" } else { "voxels" };
            values.extend([
                fact("mean", found.mean, unit),
                fact("SD", found.sd, unit),
                fact("minimum", found.min, unit),
                fact("maximum", found.max, unit),
                fact(what, found.count as f64, "1"),
            ]);
        } else if shape.kind() == Kind::Point {
            let grid = scan.grid();
            let voxel = grid.voxel_at(shape.points()[0]).ok_or(ReadingError::Outside)?;
            let value = scan.value(grid.offset(voxel));
            values.extend(value.is_finite().then(|| fact("value", value, unit)));
        }
        let half_voxel_mm = half_voxel_mm(scan, shape);
        Ok(Self { scan: node, content: content.to_hex(), half_voxel_mm, values, pitch_mm, is_cut })
    }
}

/// Half the largest spacing along the axes that lie more in the plane than across it.
fn half_voxel_mm(scan: &Scan, shape: &Shape) -> f64 {
    let step = scan.grid().step();
    let across = |axis: usize| step.column(axis).normalize().dot(&shape.normal()).abs();
    let lies = |axis: &usize| !shape.kind().is_flat() && !in_plane(shape) || across(*axis) < 0.75;
    0.5 * (0..3).filter(lies).map(|axis| step.column(axis).norm()).fold(0.0, f64::max)
}

/// Whether all points lie in the plane it was drawn in.
fn in_plane(shape: &Shape) -> bool {
    let plane = shape.plane();
    shape.points().iter().all(|point| plane.distance_mm(point).abs() < 1e-3)
}

impl Measure {
    /// Its numbers: those of the shape, then those of the scan.
    pub fn values(&self) -> Vec<Fact> {
        let read = self.reading.iter().flat_map(|reading| reading.values.iter().cloned());
        self.shape.figures().into_iter().chain(read).collect()
    }

    /// The value called `name`.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values().into_iter().find(|fact| fact.name == name).map(|fact| fact.value)
    }

    /// What it says of itself.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { facts: self.values(), ..Summary::default() };
        let kind = self.shape.kind();
        if kind.is_flat() || in_plane(&self.shape) {
            summary = summary.method(format!("drawn in the {}", self.shape.plane_words()));
        } else {
            summary = summary.method("measured in space: its points do not lie in one slice");
        }
        if kind == Kind::Cobb {
            summary = summary
                .method("the angle between the two lines (Cobb 1948)")
                .limit("two lines do not say which way they run: a curve above 90° shows as its supplementary angle");
        }
        if kind == Kind::Spline {
            summary =
                summary.method("the cubic spline through its points over chord length, with not-a-knot ends").limit(
                    "curvature follows from the second derivative: points placed unsteadily make it larger than it is",
                );
        }
        if kind == Kind::Geodesic {
            summary = summary
                .method("shortest paths on the surface between its points, found by Dijkstra's algorithm and then let slide")
                .limit("the path is the shortest near the one that was found first; over a hole it goes around");
        }
        if kind.encloses() {
            summary = summary.method("area and perimeter are those of the outline, not a count of pixels");
        }
        if self.shape.crosses_itself() {
            summary =
                summary.warning("the outline crosses itself: loops of opposite turn are subtracted from its area");
        }
        let Some(reading) = &self.reading else { return summary };
        let Reading { scan, content, half_voxel_mm, values, pitch_mm, is_cut } = reading;
        let content = &content[..12.min(content.len())];
        let what = if values.is_empty() { "measured on scan" } else { "values are those of scan" };
        summary = summary.method(format!("{what} {scan}, content {content}"));
        if kind.encloses() {
            summary = summary.method(match pitch_mm {
                Some(pitch) => format!("trilinear samples every {pitch:.2} mm in the plane; SD with n − 1"),
                None => "the voxels of the slice whose centres lie inside the outline; SD with n − 1".to_owned(),
            });
        }
        if *is_cut {
            summary = summary.warning("a part of the region lies outside the scan and has no values");
        }
        match (kind, summary.value("area"), summary.value("perimeter")) {
            (_, Some(area), Some(perimeter)) => summary.limit(format!(
                "an outline half a voxel ({half_voxel_mm:.2} mm) further out or in makes the area {:.0} % larger or smaller",
                100.0 * perimeter * half_voxel_mm / area
            )),
            (Kind::Arrow | Kind::Text, ..) => summary,
            (Kind::Point, ..) => summary.limit("the value is that of the voxel whose cell holds the point"),
            _ => summary.limit(format!("an end is placed to half a voxel at best, here {half_voxel_mm:.2} mm")),
        }
    }

    /// The hash of shape, text and reading.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        let normal: Vector = self.shape.normal();
        hasher.text(self.shape.kind().word()).array(normal.as_slice());
        hasher.number(self.shape.points().len() as u64);
        self.shape.points().iter().for_each(|point| _ = hasher.array(point.coords.as_slice()));
        if !self.shape.knots().is_empty() {
            hasher.array(self.shape.knots());
        }
        hasher.text(&self.text).number(u64::from(self.reading.is_some()));
        if let Some(Reading { scan, content, half_voxel_mm, values, pitch_mm, is_cut }) = &self.reading {
            hasher.number(u64::from(scan.0)).text(content).real(*half_voxel_mm);
            hasher.real(pitch_mm.unwrap_or(-1.0)).number(u64::from(*is_cut)).number(values.len() as u64);
            for Fact { name, value, unit, .. } in values {
                hasher.text(name).real(*value).text(unit);
            }
        }
        hasher.finish()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.shape.points()) + self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    fn scan() -> Scan {
        let grid = Grid::aligned([20, 20, 10], Point::new(0.0, 0.0, 0.0), [1.0, 1.0, 3.0]).unwrap();
        let values = (0..grid.len()).map(|offset| (offset % 20) as i16).collect();
        let voxels = Voxels::I16(Volume::new(grid, values).unwrap());
        Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
    }

    fn measure(kind: Kind, points: &[[f64; 3]]) -> Measure {
        let scan = scan();
        let points: Vec<Point> = points.iter().map(|p| Point::from(*p)).collect();
        let shape = Shape::new(kind, &points, Some(Vector::z())).unwrap();
        let reading = Reading::of(&shape, NodeId(1), scan.content_hash(), &scan).unwrap();
        Measure { shape, text: String::new(), reading: Some(reading) }
    }

    #[test]
    fn a_region_says_its_values_with_unit_and_how_they_were_read() {
        let found = measure(Kind::Rectangle, &[[1.5, 1.5, 6.0], [4.5, 1.5, 6.0], [4.5, 3.5, 6.0]]);
        let read = ["mean", "SD", "minimum", "maximum", "voxels", "area"].map(|name| found.value(name).unwrap());
        assert_eq!(read, [3.0, 0.8_f64.sqrt(), 2.0, 4.0, 6.0, 6.0]);
        let summary = found.summary();
        assert!(summary.facts.iter().any(|fact| fact.name == "mean" && fact.unit == "HU"));
        assert!(summary.methods.iter().any(|text| text.contains("axial plane at S 6.0 mm")));
        assert!(summary.methods.iter().any(|text| text.contains("scan #1, content ")), "{:?}", summary.methods);
        assert!(summary.limits[0].contains("half a voxel (0.50 mm)") && summary.limits[0].contains("83 %"));
    }

    #[test]
    fn ends_are_as_exact_as_the_voxels_of_their_plane() {
        let half = |points| measure(Kind::Length, points).reading.unwrap().half_voxel_mm;
        assert_eq!(half(&[[1.0, 1.0, 3.0], [5.0, 1.0, 3.0]]), 0.5);
        assert_eq!(half(&[[1.0, 1.0, 3.0], [5.0, 1.0, 9.0]]), 1.5, "across slices their distance counts");
    }

    #[test]
    fn a_probe_point_has_the_value_of_its_voxel() {
        let point = measure(Kind::Point, &[[7.3, 2.0, 6.0]]);
        assert_eq!(point.values(), [Fact::new("value", 7.0, "HU")]);
        let scan = scan();
        let shape = Shape::new(Kind::Point, &[Point::new(0.0, 0.0, 99.0)], None).unwrap();
        let outside = Reading::of(&shape, NodeId(1), scan.content_hash(), &scan);
        assert_eq!(outside, Err(ReadingError::Outside));
    }

    #[test]
    fn the_hash_follows_every_part() {
        let one = measure(Kind::Length, &[[1.0, 1.0, 3.0], [5.0, 1.0, 3.0]]);
        let named = Measure { text: "aorta".into(), ..one.clone() };
        let bare = Measure { reading: None, ..one.clone() };
        let moved = Measure { shape: one.shape.moved(Vector::x()), ..one.clone() };
        let hashes = [&one, &named, &bare, &moved].map(Measure::content_hash);
        for (place, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..place].contains(hash));
        }
        assert_eq!(one.content_hash(), one.clone().content_hash());
    }
}
