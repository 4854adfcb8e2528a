//! The numbers a shape has by itself.

use super::{Kind, LEAST_BEND, Shape};
use crate::base::Fact;
use crate::geom::{Point, Vector, orientation};

/// The angle between two directions in degrees, exact also where it is small.
fn angle_deg(a: &Vector, b: &Vector) -> f64 {
    a.cross(b).norm().atan2(a.dot(b)).to_degrees()
}

fn way_mm(points: &[Point]) -> f64 {
    points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum()
}

impl Shape {
    /// Its numbers, the most important first.
    pub fn figures(&self) -> Vec<Fact> {
        let p = &self.points;
        let fact = |name: &str, value: f64, unit: &str| Fact::new(name, value, unit);
        match self.kind {
            Kind::Point | Kind::Text | Kind::Arrow => Vec::new(),
            Kind::Length => vec![fact("length", way_mm(p), "mm")],
            Kind::Polyline => {
                let straight = (p[p.len() - 1] - p[0]).norm();
                vec![fact("length", way_mm(p), "mm"), fact("straight distance", straight, "mm")]
            }
            Kind::Curve => vec![fact("length", way_mm(&self.strokes()[0]), "mm")],
            Kind::Geodesic => {
                let straight = (p[p.len() - 1] - p[0]).norm();
                vec![fact("length", way_mm(p), "mm"), fact("straight distance", straight, "mm")]
            }
            Kind::Spline => {
                let Some(bend) = self.spline().map(|spline| spline.bend()) else { return Vec::new() };
                let straight = (p[p.len() - 1] - p[0]).norm();
                let mut facts = vec![
                    fact("length", bend.length_mm, "mm"),
                    fact("straight distance", straight, "mm"),
                    fact("mean curvature", bend.mean_per_mm, "1/mm"),
                    fact("greatest curvature", bend.most_per_mm, "1/mm"),
                ];
                if LEAST_BEND < bend.most_per_mm {
                    facts.push(fact("smallest radius", 1.0 / bend.most_per_mm, "mm"));
                }
                facts
            }
            Kind::Angle => vec![fact("angle", angle_deg(&(p[0] - p[1]), &(p[2] - p[1])), "°")],
            Kind::Cobb => {
                let angle = angle_deg(&(p[1] - p[0]), &(p[3] - p[2]));
                let acute = angle.min(180.0 - angle);
                vec![fact("Cobb angle", acute, "°"), fact("supplementary angle", 180.0 - acute, "°")]
            }
            Kind::Bidirectional => {
                let [one, other] = [(p[1] - p[0]).norm(), (p[3] - p[2]).norm()];
                vec![
                    fact("long axis", one.max(other), "mm"),
                    fact("short axis", one.min(other), "mm"),
                    fact("product of the axes", one * other, "mm²"),
                ]
            }
            Kind::Ellipse | Kind::Rectangle | Kind::Region => {
                let outline = self.flat_outline().expect("these kinds have an outline");
                let mut facts = vec![fact("area", outline.area(), "mm²"), fact("perimeter", outline.perimeter(), "mm")];
                let lengths = match self.kind {
                    // Two sides say more of a rectangle than its diagonal.
                    Kind::Rectangle => {
                        let [a, b] = [(p[1] - p[0]).norm(), (p[2] - p[1]).norm()];
                        [a.max(b), a.min(b)]
                    }
                    _ => outline.diameters().map(|[[ax, ay], [bx, by]]| (bx - ax).hypot(by - ay)),
                };
                let names = match self.kind {
                    Kind::Rectangle => ["long side", "short side"],
                    _ => ["longest diameter", "widest across it"],
                };
                facts.extend(names.iter().zip(lengths).map(|(name, length)| fact(name, length, "mm")));
                facts
            }
        }
    }

    /// The plane it was drawn in, in words: `axial plane at S 118.8 mm`.
    pub fn plane_words(&self) -> String {
        let (normal, at) = (self.normal, self.points[0]);
        let axis = normal.iamax();
        if 1.0 - normal[axis].abs() < 1e-6 {
            let name = ["sagittal", "coronal", "axial"][axis];
            let letter = [["R", "L"], ["A", "P"], ["I", "S"]][axis][usize::from(0.0 <= at[axis])];
            return format!("{name} plane at {letter} {:.1} mm", at[axis].abs());
        }
        let [x, y, z]: [f64; 3] = at.into();
        format!("oblique plane through {x:.1}, {y:.1}, {z:.1} mm (LPS) that faces {}", orientation::letters(&normal))
    }
}
