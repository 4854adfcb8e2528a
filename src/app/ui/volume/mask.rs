//! Segments that show or hide the voxels they hold.

use super::{VolumeMask, VolumeView};
use crate::app::ui::{find, theme};
use crate::base::i18n::tr;
use crate::geom::{Point, Vector};
use crate::image::{LabelMap, Segment};
use crate::session::{Case, Data};
use egui::{ComboBox, Sense, Ui, Vec2};

/// Rows shown before the list scrolls.
const ROWS_MAX: f32 = 8.0;
const ROW: f32 = 24.0;

impl VolumeMask {
    /// Whether voxels with this label are drawn.
    fn shows(&self, label: u8) -> bool {
        self.segments.iter().any(|segment| segment.0 == label) == self.keep
    }

    /// Whether a place is drawn: where the share of drawn voxels, interpolated from voxel to voxel, is at least one half. What
    /// lies beyond the segmentation has no label.
    pub fn draws(&self, labels: &LabelMap, point: Point) -> bool {
        let (index, dims) = (labels.grid().index_from_patient(point), labels.grid().dims());
        let low = index.map(f64::floor);
        let part: Vector = index - low;
        let share = (0..8_usize).map(|n| {
            let corner = [n & 1, n >> 1 & 1, n >> 2];
            let weight: f64 = (0..3).map(|a| if corner[a] == 1 { part[a] } else { 1.0 - part[a] }).product();
            let place = [0, 1, 2].map(|a| low[a] + corner[a] as f64);
            let inside = (0..3).all(|a| 0.0 <= place[a] && place[a] < dims[a] as f64);
            let label = if inside { labels.at(place.map(|x| x as usize)) } else { 0 };
            if self.shows(label) { weight } else { 0.0 }
        });
        0.5 <= share.sum::<f64>()
    }
}

/// Choose the group, its segments, and whether they stay or go.
pub(super) fn mask_ui(ui: &mut Ui, view: &mut VolumeView, case: &Case) {
    if find::label_maps(case).next().is_none() {
        ui.label(theme::small(tr("volume-mask-none")));
        return;
    }
    let group = view.mask.as_ref().and_then(|mask| case.node(mask.labels)).map(|node| node.name.clone());
    let combo = ComboBox::from_id_salt("volume mask").width(ui.available_width() - 8.0);
    combo.selected_text(group.as_deref().unwrap_or(tr("volume-all-voxels"))).truncate().show_ui(ui, |ui| {
        if ui.selectable_label(view.mask.is_none(), tr("volume-all-voxels")).clicked() {
            view.mask = None;
        }
        for (id, node, labels) in find::label_maps(case) {
            let on = view.mask.as_ref().is_some_and(|mask| mask.labels == id);
            if ui.selectable_label(on, &node.name).clicked() && !on {
                let segments = labels.segments().iter().map(|segment| segment.id).collect();
                let keep = view.mask.as_ref().is_none_or(|mask| mask.keep);
                view.mask = Some(VolumeMask { labels: id, segments, keep });
            }
        }
    });
    let Some(mask) = &mut view.mask else { return };
    let Some(Data::Labels(labels)) = case.node(mask.labels).map(|node| &node.data) else { return };
    ui.horizontal(|ui| {
        for (keep, name, help) in [
            (true, tr("volume-only-these"), tr("volume-only-these-help")),
            (false, tr("volume-without"), tr("volume-without-help")),
        ] {
            if ui.selectable_label(mask.keep == keep, name).on_hover_text(help).clicked() {
                mask.keep = keep;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.small_button(tr("volume-mask-nothing")).clicked() {
                mask.segments.clear();
            }
            if ui.small_button(tr("volume-mask-all")).clicked() {
                mask.segments = labels.segments().iter().map(|segment| segment.id).collect();
            }
        });
    });
    let scroll = egui::ScrollArea::vertical().id_salt("mask segments").max_height(ROWS_MAX * ROW);
    scroll.auto_shrink([false, true]).show(ui, |ui| {
        for segment in labels.segments() {
            segment_ui(ui, mask, segment);
        }
    });
    if mask.keep && mask.segments.is_empty() {
        ui.label(theme::small(tr("volume-mask-empty")).color(theme::of(ui).warning));
    }
}

fn segment_ui(ui: &mut Ui, mask: &mut VolumeMask, segment: &Segment) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
        ui.painter().rect_filled(rect, 3, theme::colour(segment.colour));
        let mut on = mask.segments.contains(&segment.id);
        if ui.checkbox(&mut on, &segment.name).changed() {
            mask.segments.retain(|id| *id != segment.id);
            if on {
                mask.segments.push(segment.id);
                mask.segments.sort();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeId, SegmentId};
    use crate::geom::Grid;
    use crate::image::Volume;

    /// A ball of 12 mm on voxels of 3 mm.
    fn ball() -> LabelMap {
        let grid = Grid::aligned([12; 3], Point::new(-16.5, -16.5, -16.5), [3.0; 3]).unwrap();
        let inside = |o: usize| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 12.0) * 3;
        let voxels = (0..grid.len()).map(inside).collect();
        let segments = vec![Segment::new(SegmentId(3), "ball", [1, 2, 3], None)];
        LabelMap::from_volume(&Volume::new(grid, voxels).unwrap(), segments).unwrap()
    }

    #[test]
    fn the_edge_of_a_mask_is_smoother_than_its_voxels() {
        let (labels, keep) = (ball(), VolumeMask { labels: NodeId(1), segments: vec![SegmentId(3)], keep: true });
        let nearest = |point: Point| labels.grid().voxel_at(point).is_some_and(|voxel| labels.at(voxel) == 3);
        // Where the edge lies along rays from the middle.
        let spread = |is_drawn: &dyn Fn(Point) -> bool| {
            let edges = (0..400).map(|n| {
                let (turn, up) = (2.4 * f64::from(n), f64::from(n) / 200.0 - 0.9975);
                let flat = (1.0 - up * up).sqrt();
                let way = Vector::new(flat * turn.cos(), flat * turn.sin(), up);
                0.05 * f64::from(
                    (0..360).take_while(|step| is_drawn(Point::from(way * (0.05 * f64::from(*step))))).count() as u32,
                )
            });
            let edges: Vec<f64> = edges.collect();
            let mean = edges.iter().sum::<f64>() / edges.len() as f64;
            (mean, (edges.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / edges.len() as f64).sqrt())
        };
        let (smooth, blocky) = (spread(&|point| keep.draws(&labels, point)), spread(&nearest));
        assert!((smooth.0 - 12.0).abs() < 0.6 && smooth.1 < 0.75 * blocky.1, "{smooth:?} {blocky:?}");
    }

    #[test]
    fn what_is_left_out_is_what_is_not_kept_also_beyond_the_segmentation() {
        let labels = ball();
        let keep = VolumeMask { labels: NodeId(1), segments: vec![SegmentId(3)], keep: true };
        let without = VolumeMask { keep: false, ..keep.clone() };
        for n in 0..200 {
            let point = Point::new(0.37 * f64::from(n) - 30.0, (1.7 * f64::from(n)).sin() * 14.0, 2.2);
            assert_ne!(keep.draws(&labels, point), without.draws(&labels, point), "{point}");
        }
        assert!(!keep.draws(&labels, Point::new(500.0, 0.0, 0.0)));
    }
}
