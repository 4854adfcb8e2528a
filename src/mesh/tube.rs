//! Thin tubes around lines, so that lines can be drawn as surfaces.

use super::Surface;
use crate::geom::{Point, Vector};

/// Open tubes of `radius_mm` with `sides` sides around each line of at least two points.
///
/// Second, for each vertex of the surface the point it belongs to, counted through all lines. `None` if no line has two
/// points at different places. Frames are carried along the line without twist (Hanson and Ma 1995, parallel transport).
pub fn tube_surface(lines: &[&[Point]], radius_mm: f64, sides: u32) -> Option<(Surface, Vec<u32>)> {
    tubes(lines, |_| radius_mm, sides)
}

/// As [`tube_surface`] with a radius in mm for each point, counted through all lines.
pub fn tapered_tubes(lines: &[&[Point]], radii_mm: &[f64], sides: u32) -> Option<(Surface, Vec<u32>)> {
    tubes(lines, |point| radii_mm[point as usize], sides)
}

fn tubes(lines: &[&[Point]], radius_mm: impl Fn(u32) -> f64, sides: u32) -> Option<(Surface, Vec<u32>)> {
    let (mut positions, mut triangles, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_point = 0_u32;
    for line in lines {
        let mut across: Option<Vector> = None;
        let mut rings = 0;
        for (n, point) in line.iter().enumerate() {
            let ahead = line.get(n + 1).unwrap_or(point) - line[n.saturating_sub(1)];
            let Some(along) = ahead.try_normalize(1e-9) else { continue };
            let side = across.and_then(|a| (a - along * a.dot(&along)).try_normalize(1e-6));
            let side = side.unwrap_or_else(|| any_across(&along));
            let other = along.cross(&side);
            across = Some(side);
            let base = positions.len() as u32;
            let radius_mm = radius_mm(first_point + n as u32);
            for s in 0..sides {
                let (sin, cos) = (std::f64::consts::TAU * f64::from(s) / f64::from(sides)).sin_cos();
                positions.push(point + (side * cos + other * sin) * radius_mm);
                owners.push(first_point + n as u32);
                if 0 < rings {
                    let next = (s + 1) % sides;
                    let (a, b, c, d) = (base - sides + s, base - sides + next, base + s, base + next);
                    triangles.extend([[a, b, c], [b, d, c]]);
                }
            }
            rings += 1;
        }
        first_point += line.len() as u32;
    }
    if triangles.is_empty() {
        return None;
    }
    let surface = Surface::new(positions, triangles).ok()?;
    Some((surface, owners))
}

/// A unit direction at a right angle to `along`.
fn any_across(along: &Vector) -> Vector {
    let least = if along.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
    along.cross(&least).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tube_has_the_area_of_its_prism_and_points_outwards() {
        let line: Vec<Point> = (0..11).map(|n| Point::new(0.0, 0.0, f64::from(n))).collect();
        let (surface, owners) = tube_surface(&[&line], 2.0, 6).unwrap();
        // Six sides of width r and 10 mm height.
        assert!((surface.area_cm2() - 6.0 * 2.0 * 10.0 / 100.0).abs() < 1e-9);
        assert_eq!(owners.len(), 66);
        for (normal, position) in surface.vertex_normals().iter().zip(surface.positions()) {
            assert!(0.9 < normal.dot(&Vector::new(position.x, position.y, 0.0).normalize()));
        }
        assert!(tube_surface(&[&line[..1]], 1.0, 6).is_none());
    }
}
