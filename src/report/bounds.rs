//! Within which bounds the volume of a segment is known.

use crate::base::SegmentId;
use crate::base::units::MM3_PER_ML;
use crate::image::LabelMap;
use crate::plan::resection::{LAYERS, Organ};
use crate::plan::{Bounded, uncertainty};
use crate::segment::cropped::cropped;

/// The volume of `segment` in ml, with its edge moved half a voxel and [`uncertainty::EDGE_MM`] in and out; none if it is empty.
///
/// See [`uncertainty::METHOD`]. The same kernel as the volumes of plans.
pub(super) fn volume_ml(labels: &LabelMap, segment: SegmentId) -> Option<Bounded> {
    let region = labels.extent(segment)?;
    let (mask, _) = cropped(labels, segment, &region)?;
    let organ = Organ::of(&mask).ok()?;
    let [voxels, inner, outer] = LAYERS.map(|layer| organ.voxels(layer));
    let grid = organ.grid();
    let voxel_ml = grid.voxel_mm3() / MM3_PER_ML;
    let share = uncertainty::share_of_band(grid, uncertainty::EDGE_MM) * voxel_ml;
    Some(uncertainty::volume(voxels as f64 * voxel_ml, share, [inner, outer]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::Volume;
    use crate::report::{Report, english_page};
    use crate::session::{Case, Command, Data, Edit, Node};

    /// A ball of `radius_mm` in voxels of 1.2 mm.
    fn ball(radius_mm: f64) -> LabelMap {
        let grid = Grid::aligned([40; 3], Point::new(-23.4, -23.4, -23.4), [1.2; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < radius_mm)).collect();
        LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "ball", [9; 3], None)
    }

    fn truth_ml(radius_mm: f64) -> f64 {
        4.0 / 3.0 * std::f64::consts::PI * radius_mm.powi(3) / 1000.0
    }

    #[test]
    fn bounds_hold_a_ball_that_was_drawn_a_millimetre_off() {
        for off_mm in [-1.0, -0.4, 0.0, 0.6, 1.0] {
            let bounds = volume_ml(&ball(15.0 + off_mm), SegmentId(1)).unwrap();
            assert!(bounds.holds(truth_ml(15.0)), "{off_mm} mm: {bounds:?} for {} ml", truth_ml(15.0));
        }
        assert_eq!(volume_ml(&ball(15.0), SegmentId(2)), None);
    }

    #[test]
    fn the_table_of_volumes_shows_them() {
        let labels = ball(15.0);
        let bounds = volume_ml(&labels, SegmentId(1)).unwrap();
        let edit = Edit::new("ball").add(Node::new("balls", Data::Labels(labels)));
        let command = Command::new("segment.threshold", serde_json::Value::Null);
        let case = Case::default().with(&edit, &command).unwrap().0;
        let page = english_page(&Report::new("a", &case, &[]), &[]);
        assert!(page.contains(&format!("{:.1} ({:.1}–{:.1})", bounds.value, bounds.low, bounds.high)), "{page}");
        assert!(page.contains("half a voxel and 1 mm"), "{page}");
    }
}
