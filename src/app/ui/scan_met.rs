//! Where a ray through the 3D view meets the scan: a slice that is shown there, or what the rendered volume shows.

use super::find;
use super::slice::Stack;
use super::volume::{VolumeMode, VolumeView};
use super::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::{Grid, Orientation, Plane, Point, Ray};
use crate::image::{LabelMap, Scan};
use crate::session::{Case, Data};

/// A ray ends in the rendered volume where so much of what is behind is hidden.
const HIDDEN: f64 = 0.5;

/// A place on the scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScanMet {
    /// The scan.
    pub node: NodeId,
    /// Where, LPS mm.
    pub point: Point,
    /// Its value there, and the unit.
    pub value: f64,
    /// See [`ScanMet::value`].
    pub unit: &'static str,
    /// How far along the ray, mm.
    pub distance_mm: f64,
}

impl Workspace {
    /// The nearest place where a ray of unit direction meets a slice in the scene or the rendered volume.
    pub fn scan_met(&self, case: &Case, ray: &Ray) -> Option<ScanMet> {
        let of_volume = self.volume_met(case, ray);
        let of_slices = self.slice_met(case, ray);
        of_volume.into_iter().chain(of_slices).min_by(|a, b| a.distance_mm.total_cmp(&b.distance_mm))
    }

    fn slice_met(&self, case: &Case, ray: &Ray) -> Option<ScanMet> {
        let (node, own, scan) = find::active_scan(case, self.selected)?;
        let cut = self.cut.as_ref().map(|cut| cut.orientation);
        if !own.display.visible {
            return None;
        }
        let grid = scan.grid();
        let crosshair = self.crosshair.unwrap_or_else(|| grid.bounds().centre());
        let shown = Orientation::ALL.into_iter().filter(|view| self.slices_in_scene || cut == Some(*view));
        let met = shown.filter_map(|view| {
            let frame = self.slices.turn.frame(view);
            let depth_mm = Stack::of(grid, frame).shown_mm(&crosshair);
            let along = ray.direction.dot(&frame.away());
            // From the edge nothing is seen of a slice.
            let distance_mm = (depth_mm - ray.origin.coords.dot(&frame.away())) / along;
            let point = ray.at(distance_mm);
            let seen = 1e-3 < along.abs() && 0.0 < distance_mm;
            let value = scan.value(grid.offset(grid.voxel_at(point).filter(|_| seen)?));
            Some(ScanMet { node, point, value, unit: scan.unit(), distance_mm })
        });
        met.min_by(|a, b| a.distance_mm.total_cmp(&b.distance_mm))
    }

    fn volume_met(&self, case: &Case, ray: &Ray) -> Option<ScanMet> {
        let view = self.shown_volume()?;
        let Data::Scan(scan) = &case.node(view.scan)?.data else { return None };
        let labels = view.mask.as_ref().and_then(|mask| match &case.node(mask.labels)?.data {
            Data::Labels(labels) => Some(labels),
            _ => None,
        });
        // The cut of the scene cuts the volume, too.
        let cut = self.cut_plane();
        let planes: Vec<_> = view.planes.iter().copied().chain(cut).collect();
        let (point, distance_mm) = met_in(view, &planes, scan, labels, ray)?;
        let value = scan.sample_index(scan.grid().index_from_patient(point))?;
        Some(ScanMet { node: view.scan, point, value, unit: scan.unit(), distance_mm })
    }
}

/// Where a ray of unit direction passes the box that is drawn, from and to, mm.
fn passage(grid: &Grid, crop: Option<[[f64; 3]; 2]>, ray: &Ray) -> Option<[f64; 2]> {
    let ends = crop.unwrap_or([[-0.5; 3], grid.dims().map(|n| n as f64 - 0.5)]);
    let start = grid.index_from_patient(ray.origin);
    let step = grid.index_from_patient(ray.at(1.0)) - start;
    let (mut from, mut to) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        let [a, b] = [ends[0][axis].min(ends[1][axis]), ends[0][axis].max(ends[1][axis])];
        if step[axis].abs() < 1e-12 {
            if !(a..=b).contains(&start[axis]) {
                return None;
            }
            continue;
        }
        let (s, e) = ((a - start[axis]) / step[axis], (b - start[axis]) / step[axis]);
        (from, to) = (from.max(s.min(e)), to.min(s.max(e)));
    }
    (from < to).then_some([from, to])
}

/// The place a person points at: where the picture is half opaque, or the brightest place of a projection; a radiograph has
/// no depth.
fn met_in(
    view: &VolumeView,
    planes: &[Plane],
    scan: &Scan,
    labels: Option<&LabelMap>,
    ray: &Ray,
) -> Option<(Point, f64)> {
    let grid = scan.grid();
    let [from, to] = passage(grid, view.crop, ray)?;
    let step_mm = 0.5 * grid.spacing_mm().into_iter().fold(f64::INFINITY, f64::min);
    let hidden_by_mask = |point: Point| {
        let Some((labels, mask)) = labels.zip(view.mask.as_ref()) else { return false };
        !mask.draws(labels, point)
    };
    let (mut through, mut brightest) = (1.0, None::<(f64, Point, f64)>);
    for n in 0..((to - from) / step_mm) as usize {
        let distance_mm = from + (n as f64 + 0.5) * step_mm;
        let point = ray.at(distance_mm);
        if planes.iter().any(|plane| 0.0 < plane.distance_mm(&point)) || hidden_by_mask(point) {
            continue;
        }
        let Some(value) = scan.sample_index(grid.index_from_patient(point)) else { continue };
        match view.mode {
            VolumeMode::Composite => {
                through *= (1.0 - f64::from(view.transfer.opacity_at(value))).max(0.0).powf(step_mm);
                if through < 1.0 - HIDDEN {
                    return Some((point, distance_mm));
                }
            }
            VolumeMode::Maximum if brightest.is_none_or(|(most, ..)| most < value) => {
                brightest = Some((value, point, distance_mm));
            }
            VolumeMode::Maximum | VolumeMode::XRay => {}
        }
    }
    brightest.map(|(_, point, distance_mm)| (point, distance_mm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::image::transfer::{Histogram, TransferFunction};
    use crate::image::{Modality, Volume, Voxels};
    use crate::session::Node;
    use std::sync::Arc;

    const HALF: f64 = 12.0;

    /// A bright ball of 12 mm in the dark, on voxels of 1 × 1 × 2 mm.
    fn case() -> Case {
        let grid = Grid::aligned([50, 50, 25], Point::new(-24.5, -24.5, -24.0), [1.0, 1.0, 2.0]).unwrap();
        let value = |o: usize| if (grid.centre(grid.voxel(o)) - Point::origin()).norm() < HALF { 1000 } else { 0 };
        let voxels = (0..grid.len()).map(value).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        Case::from_nodes([(NodeId(1), Node::new("ball", Data::Scan(Arc::new(scan))))])
    }

    fn towards(direction: Vector) -> Ray {
        let direction = direction.normalize();
        Ray { origin: Point::from(direction * -200.0), direction }
    }

    fn window(case: &Case) -> Workspace {
        let mut window = Workspace::default();
        let (id, _, scan) = find::active_scan(case, None).unwrap();
        let (mut view, _) = VolumeView::new(id, scan, &Histogram::of(scan));
        view.mode = VolumeMode::Composite;
        view.transfer = TransferFunction::new(vec![(400.0, 0.0), (600.0, 1.0)], vec![(0.0, [255; 3])], None);
        (window.selected, window.volume, window.slices_in_scene) = (Some(id), Some(view), false);
        window
    }

    #[test]
    fn a_ray_meets_the_surface_that_the_volume_shows() {
        let case = case();
        let mut window = window(&case);
        for direction in [Vector::x(), Vector::new(1.0, -2.0, 0.5), Vector::new(0.0, 0.3, 1.0)] {
            let ray = towards(direction);
            let met = window.scan_met(&case, &ray).expect("the ball is in the way");
            assert!((met.point.coords.norm() - HALF).abs() < 1.5, "{:?}", met.point);
            assert!((met.distance_mm - (200.0 - HALF)).abs() < 1.5 && met.node == NodeId(1));
            // Half of it is cut away: the ray meets the cut.
            let plane = crate::geom::Plane::new(Point::origin(), -ray.direction).unwrap();
            window.volume.as_mut().unwrap().planes = vec![plane];
            let met = window.scan_met(&case, &ray).unwrap();
            assert!(met.point.coords.norm() < 1.5, "{:?}", met.point);
            window.volume.as_mut().unwrap().planes.clear();
        }
        let beside = Ray { origin: Point::new(-200.0, 18.0, 0.0), direction: Vector::x() };
        assert_eq!(window.scan_met(&case, &beside), None, "nothing opaque");
        window.volume.as_mut().unwrap().visible = false;
        assert_eq!(window.scan_met(&case, &towards(Vector::x())), None, "nothing shown");
    }

    #[test]
    fn a_ray_meets_the_nearest_slice_with_its_value() {
        let case = case();
        let mut window = window(&case);
        (window.volume, window.slices_in_scene, window.crosshair) = (None, true, Some(Point::new(5.0, 3.0, 2.0)));
        let ray = Ray { origin: Point::new(-100.0, 3.4, -60.0), direction: Vector::new(1.0, 0.0, 0.6).normalize() };
        let met = window.scan_met(&case, &ray).expect("two slices are in the way");
        // The axial slice at z = 2 comes at x = 3.3, before the sagittal one at x = 5.
        assert!((met.point - Point::new(3.333, 3.4, 2.0)).norm() < 0.6, "{:?}", met.point);
        assert_eq!((met.value, met.unit), (1000.0, "HU"));
        window.slices_in_scene = false;
        assert_eq!(window.scan_met(&case, &ray), None);
    }
}
