//! How results look in the report: one picture for each field worth seeing.

use super::pictures::Body;
use crate::flow::Streamline;
use crate::geom::Point;
use crate::mesh::tube::tube_surface;
use crate::mesh::{Field, Surface};
use crate::session::{Data, Node};

/// Radius of a streamline in a picture, mm.
const TUBE_RADIUS_MM: f64 = 0.25;

/// The bodies of each picture of `node`; none if it is no visible result.
pub(super) fn bodies(node: &Node) -> Vec<Vec<Body>> {
    if !node.display.visible {
        return Vec::new();
    }
    match &node.data {
        Data::Tissue(result) => {
            let (rest, _) = result.mesh.boundary();
            let Ok(moved) = rest.with_positions(result.positions_mm()) else { return Vec::new() };
            let ghost = Body { surface: rest, colour: [150, 160, 170], opacity: 0.25, field: None };
            [result.displacement_field(), result.von_mises_field()]
                .map(|field| vec![coloured(moved.clone(), field), ghost.clone()])
                .to_vec()
        }
        Data::Flow(result) => {
            let lines = tubes(&result.streamlines);
            let on_wall = result.wall_fields.iter().filter(|field| field.name != "speed near the wall");
            let walls = on_wall.map(|field| vec![coloured(result.wall.clone(), field.clone())]);
            let ghost = Body { surface: result.wall.clone(), colour: [170, 180, 190], opacity: 0.18, field: None };
            walls.chain(lines.map(|lines| vec![lines, ghost])).collect()
        }
        // Measured on a surface, as the vortices or a section of a flow: the field it is shown with.
        Data::Surface(data) => {
            let is_shown = |field: &&Field| Some(&field.name) == node.display.field.as_ref();
            let shown = data.fields.iter().find(is_shown).filter(|field| !field.values.is_empty());
            shown.map(|field| vec![coloured(data.surface.clone(), field.clone())]).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Streamlines as thin tubes, coloured by speed.
fn tubes(lines: &[Streamline]) -> Option<Body> {
    let points: Vec<&[Point]> = lines.iter().map(|line| line.points.as_slice()).collect();
    let (surface, of_point) = tube_surface(&points, TUBE_RADIUS_MM, 5)?;
    let speeds: Vec<f64> = lines.iter().flat_map(|line| line.speed_m_s.iter().map(|speed| f64::from(*speed))).collect();
    let values = of_point.iter().map(|point| speeds[*point as usize]).collect();
    Some(coloured(surface, Field::new("speed", "m/s", values)))
}

fn coloured(surface: Surface, field: Field) -> Body {
    Body { surface, colour: [200; 3], opacity: 1.0, field: Some(field) }
}
