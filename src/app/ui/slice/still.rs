//! A slice view as it stands, for pictures: drawn anew at any size and in any thread.

use super::company::Company;
use super::corners;
use super::geometry::SliceGeometry;
use super::look::{Fused, FusedLook};
use super::picture::{Key, Overlay, Read, Subject};
use super::plane::{coarser_to, plane_of};
use super::view::{SliceSubject, Slices};
use super::{Stack, annotate, lines};
use crate::base::{ContentHash, NodeId};
use crate::geom::{Orientation, Point};
use crate::image::{LabelMap, Scan, SlicePlane};
use crate::session::{Data, Node};
use egui::{Rect, Vec2};
use std::sync::Arc;

/// Most samples of a picture that follows the hand in the scene.
const SAMPLES_MAX: f64 = 1e6;

/// A segmentation over the slices, with its hash and opacity.
#[derive(Debug, Clone)]
pub struct StillLabels {
    /// The labels.
    pub labels: LabelMap,
    /// Their hash.
    pub hash: ContentHash,
    /// 0 shows outlines only, 1 fills them.
    pub opacity: f32,
}

/// A slice view as it stands. It holds what it shows, so that nothing of the window is needed to draw it.
#[derive(Debug)]
pub struct SliceStill {
    slices: Slices,
    view: Orientation,
    node: NodeId,
    scan: Arc<Node>,
    /// The scan over it, and how much of it is seen.
    second: Option<(NodeId, Arc<Node>, f32)>,
    labels: Vec<StillLabels>,
    crosshair: Point,
}

fn scan_of(node: &Node) -> Option<&Scan> {
    match &node.data {
        Data::Scan(scan) => Some(scan),
        _ => None,
    }
}

impl Slices {
    /// The views as they stand: nothing is held, drawn or pointed at, and nothing was made yet.
    fn still(&self) -> Self {
        Self {
            crosshair: self.crosshair,
            annotations: self.annotations,
            segments: self.segments,
            active: self.active,
            measures: self.measures.still(),
            turn: self.turn,
            flips: self.flips,
            names_hidden: self.names_hidden,
            slabs: self.slabs,
            segment_look: self.segment_look,
            framings: self.framings,
            company: Company { pointed: None, ..self.company },
            looks: self.looks.clone(),
            windows: self.windows.clone(),
            sum_windows: self.sum_windows.clone(),
            ..Self::default()
        }
    }

    /// The view of `view` on the scan `node`, with `labels` over it.
    pub fn still_of(
        &self,
        view: Orientation,
        (node, scan): (NodeId, &Arc<Node>),
        second: Option<(NodeId, Arc<Node>, f32)>,
        labels: Vec<StillLabels>,
        crosshair: Point,
    ) -> SliceStill {
        let labels = if self.segments { labels } else { Vec::new() };
        let mut slices = self.still();
        slices.told_in = view;
        // A window that was found in the picture on the screen is that of the picture on paper too.
        if let Some(window) = self.found_sum_window(view) {
            slices.sum_windows.entry((node, scan.hash())).or_insert(window);
        }
        SliceStill { slices, view, node, scan: Arc::clone(scan), second, labels, crosshair }
    }
}

impl SliceStill {
    /// Without names that may be those of persons.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        self.slices.names_hidden = true;
        self
    }

    /// Beside other views, of which that of `told_in` says which scan it is.
    #[must_use]
    pub fn beside(mut self, told_in: Orientation) -> Self {
        self.slices.told_in = told_in;
        self
    }

    /// How many slices there are.
    pub fn count(&self) -> usize {
        scan_of(&self.scan).map_or(1, |scan| self.slices.stack(scan.grid(), self.view).count())
    }

    /// Show slice `index`, counted from 0.
    pub fn turn_to(&mut self, index: usize) {
        if let Some(scan) = scan_of(&self.scan) {
            self.crosshair = self.slices.stack(scan.grid(), self.view).moved_to(&self.crosshair, index);
        }
    }

    /// Show another scan of the same grid, through the same window.
    pub fn show_scan(&mut self, node: NodeId, scan: &Arc<Node>) {
        let before = (self.node, self.scan.hash());
        (self.node, self.scan) = (node, Arc::clone(scan));
        let now = (node, scan.hash());
        if let Some(window) = self.slices.windows.get(&before).copied() {
            self.slices.windows.insert(now, window);
        }
        if let Some(window) = self.slices.sum_windows.get(&before).copied() {
            self.slices.sum_windows.insert(now, window);
        }
        let look = *self.slices.look(before.0);
        *self.slices.look(node) = look;
    }

    fn geometry(&self, scan: &Scan, rect: Rect) -> (SliceGeometry, Stack) {
        let frame = self.slices.frame(self.view);
        let stack = Stack::of(scan.grid(), frame);
        let framing = self.slices.framings[self.view as usize];
        (SliceGeometry::new(scan.grid(), frame, stack.shown_mm(&self.crosshair), framing, rect), stack)
    }

    /// What its picture shows on `plane`, where a pixel of the screen has `scale` pixels of the picture.
    fn subject<'a>(&'a self, scan: &'a Scan, plane: SlicePlane, scale: f64) -> Subject<'a> {
        let hash = self.scan.hash();
        let window = self.slices.windows.get(&(self.node, hash)).copied();
        let window = window.unwrap_or_else(|| super::ScanWindow::first(scan));
        let fused = self.second.as_ref().and_then(|(id, node, share)| {
            let (over, hash) = (scan_of(node)?, node.hash());
            let window = self.slices.windows.get(&(*id, hash)).copied();
            let window = window.unwrap_or_else(|| super::ScanWindow::first(over)).shown();
            let look = self.slices.look_over_of(*id);
            Some((Fused { name: &node.name, node: *id, scan: over, hash, share: *share }, FusedLook { window, look }))
        });
        let overlay = |own: &'a StillLabels| {
            let StillLabels { labels, hash, opacity } = own;
            Overlay { labels, hash: *hash, revision: 0, opacity: *opacity }
        };
        let overlays = self.labels.iter().map(overlay).collect();
        let mut segments = self.slices.segment_look;
        segments.width = ((segments.width as f64 * scale).round() as usize).max(1);
        Subject {
            scan,
            hash,
            plane,
            slab: self.slices.slabs[self.view as usize].slab(),
            window: window.shown(),
            sums: self.slices.chosen_sum_window(self.view, self.node, hash),
            look: self.slices.look_of(self.node),
            overlays,
            segments,
            range: None,
            fused,
        }
    }

    /// The pixels of the view, RGBA and opaque, of a view of `pane` points drawn at `size` pixels: values are read from the
    /// scan for every one of them.
    pub fn pixels(&self, pane: Vec2, size: [usize; 2]) -> Vec<u8> {
        let black = || [0, 0, 0, 255].repeat(size[0] * size[1]);
        let Some(scan) = scan_of(&self.scan) else { return black() };
        let scale = size[0] as f64 / f64::from(pane.x.max(1.0));
        let (geometry, _) = self.geometry(scan, Rect::from_min_size(egui::Pos2::ZERO, pane));
        let [right, down, _] = geometry.right_down_away();
        let centre = geometry.patient_from_screen(geometry.rect.center());
        let plane = SlicePlane::centred(centre, right, down, geometry.mm_per_point() / scale, size);
        self.subject(scan, plane, scale).pixels(&mut Read::default())
    }

    /// Letters, scale bar, measures, crosshair and corners, as they are over the view on the screen.
    pub fn texts_ui(&mut self, ui: &egui::Ui, rect: Rect) {
        let Self { slices, view, node, scan: own, second, crosshair, .. } = self;
        let Some(scan) = scan_of(own) else { return };
        let frame = slices.frame(*view);
        let stack = Stack::of(scan.grid(), frame);
        let framing = slices.framings[*view as usize];
        let geometry = SliceGeometry::new(scan.grid(), frame, stack.shown_mm(crosshair), framing, rect);
        let painter = ui.painter_at(rect);
        if slices.crosshair {
            let lines = lines::lines(&geometry, scan.grid(), &slices.turn.frames(), crosshair);
            lines::paint(&painter, rect, &lines, None, false);
        }
        slices.measures.paint(&painter, &geometry, 0.51 * stack.step_mm());
        let fused = second.as_ref().and_then(|(id, node, share)| {
            let scan = scan_of(node)?;
            Some(Fused { name: &node.name, node: *id, scan, hash: node.hash(), share: *share })
        });
        let subject = SliceSubject {
            node: *node,
            name: &own.name,
            scan,
            hash: own.hash(),
            overlays: Vec::new(),
            range: None,
            crosshair: *crosshair,
            fused,
        };
        annotate::annotate(&painter, &geometry);
        corners::corners_ui(slices, &painter, &geometry, &stack, &subject, None);
    }

    /// Columns of colour bars at the right edge.
    pub fn bars(&self) -> usize {
        let greys = |look: super::look::Look| look.colours == crate::image::Colormap::Greys;
        let second = self.second.as_ref().map(|(id, ..)| self.slices.look_over_of(*id));
        [Some(self.slices.look_of(self.node)), second].into_iter().flatten().filter(|look| !greys(*look)).count()
    }

    /// The plane it has in the scene, of at most `side_max` pixels a side; `None` where nothing of the scan lies there.
    pub fn plane_in_scene(&self, side_max: usize) -> Option<SlicePlane> {
        let scan = scan_of(&self.scan)?;
        // In the scene nothing is mirrored: it lies where it is in the patient.
        let frame = self.slices.turn.frame(self.view);
        let depth_mm = Stack::of(scan.grid(), frame).shown_mm(&self.crosshair);
        let plane = plane_of(scan.grid(), &frame, depth_mm)?;
        let factor = plane.size.into_iter().max().unwrap_or(1).div_ceil(side_max).max(1);
        let (step, size) = (factor as f64, plane.size.map(|n| n.div_ceil(factor)));
        let plane = SlicePlane { right: plane.right * step, down: plane.down * step, size, ..plane };
        let slab = self.slices.slabs[self.view as usize].slab();
        Some(coarser_to(SAMPLES_MAX, plane, slab, scan.grid()))
    }

    /// Everything its picture on `plane` depends on.
    pub fn key(&self, plane: SlicePlane) -> Option<Key> {
        Some(self.subject(scan_of(&self.scan)?, plane, 1.0).key())
    }

    /// The pixels of `plane`, RGBA and opaque; what was `read` for those before is not read again where it is the same.
    pub fn pixels_on(&self, plane: SlicePlane, read: &mut Read) -> Vec<u8> {
        let black = || [0, 0, 0, 255].repeat(plane.size[0] * plane.size[1]);
        scan_of(&self.scan).map_or_else(black, |scan| self.subject(scan, plane, 1.0).pixels(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::{Modality, Volume, Voxels, Window};

    /// A scan of anisotropic voxels of many values, with a segment over a part of it.
    fn still(view: Orientation, width: usize) -> (SliceStill, Arc<Node>) {
        let grid = Grid::aligned([30, 24, 10], Point::new(-15.0, -12.0, 40.0), [1.0, 1.5, 4.0]).unwrap();
        let values = (0..grid.len()).map(|o| (o * 7919 % 200) as i16).collect();
        let mask = (0..grid.len()).map(|o| u8::from((8..20).contains(&(o % 30)) && (6..18).contains(&(o / 30 % 24))));
        let mask = Volume::new(grid.clone(), mask.collect()).unwrap();
        let labels = LabelMap::from_mask(&mask, "part", [255, 0, 0], None);
        let voxels = Voxels::I16(Volume::new(grid, values).unwrap());
        let window = Some(Window { width: 200.0, level: 100.0 });
        let scan = Scan { voxels, modality: Modality::Ct, window, facts: Vec::new() };
        let node = Arc::new(Node::new("scan", Data::Scan(Arc::new(scan))));
        let mut slices = Slices::default();
        slices.look(NodeId(1)).smooth = false;
        slices.segment_look.width = width.max(1);
        let hash = labels.content_hash();
        let labels = if width == 0 { Vec::new() } else { vec![StillLabels { labels, hash, opacity: 0.0 }] };
        let centre = Point::new(0.0, 3.0, 60.0);
        (slices.still_of(view, (NodeId(1), &node), None, labels, centre), node)
    }

    #[test]
    fn every_voxel_of_the_slice_has_its_grey_at_its_place_at_any_size() {
        let pane = Vec2::new(400.0, 300.0);
        for view in Orientation::ALL {
            let (still, node) = still(view, 0);
            let scan = scan_of(&node).unwrap();
            let rect = Rect::from_min_size(egui::Pos2::ZERO, pane);
            let (geometry, _) = still.geometry(scan, rect);
            for size in [[400, 300], [1000, 750]] {
                let pixels = still.pixels(pane, size);
                let mut looked_at = 0;
                for offset in (0..scan.grid().len()).step_by(3) {
                    let at = scan.grid().centre([offset % 30, offset / 30 % 24, offset / 720]);
                    if geometry.distance_mm(&at).abs() > 1e-6 {
                        continue;
                    }
                    let pos = geometry.screen_from_patient(&at) * (size[0] as f32 / pane.x);
                    let pixel = &pixels[(pos.y as usize * size[0] + pos.x as usize) * 4..][..4];
                    let grey = (scan.value(offset) / 200.0 * 255.0).round() as u8;
                    assert!(pixel[0].abs_diff(grey) <= 1 && pixel[3] == 255, "{view:?} {pixel:?} {grey}");
                    looked_at += 1;
                }
                assert!(60 <= looked_at, "{view:?}: {looked_at} voxels");
            }
        }
    }

    #[test]
    fn outlines_are_as_wide_on_paper_as_on_the_screen() {
        let (still, _) = still(Orientation::Axial, 2);
        let count = |size: [usize; 2]| {
            let pixels = still.pixels(Vec2::new(300.0, 300.0), size);
            let row = &pixels[size[0] * 4 * (size[1] / 2)..][..size[0] * 4];
            let red = |pixel: &&[u8]| 200 < pixel[0] && pixel[1] < 60;
            row.chunks(4).filter(red).count()
        };
        assert_eq!(count([300, 300]), 4, "two pixels at both sides");
        assert_eq!(count([1500, 1500]), 20, "drawn anew, ten at both sides");
    }
}
