//! The time a frame has for pictures, shared by the views whose pictures have to be made in it.

use crate::geom::Orientation;

/// Which views have to be made in a frame. A view that is alone has all the time, three have a third each.
#[derive(Debug)]
pub struct Budget {
    pass: Option<u64>,
    /// The views that were shown in the frame before, and in this one so far.
    before: [bool; 3],
    now: [bool; 3],
    /// The views that were shown in the frame before and have to be made in this one.
    due: [bool; 3],
}

impl Default for Budget {
    fn default() -> Self {
        // Nobody knows yet which views there are.
        Self { pass: None, before: [true; 3], now: [true; 3], due: [true; 3] }
    }
}

impl Budget {
    /// Whether this is the first question in frame number `pass`: [`Budget::begin`] has to come first then.
    pub fn is_new(&self, pass: u64) -> bool {
        self.pass != Some(pass)
    }

    /// Begin frame number `pass`; `due` says of a view whether its picture has to be made.
    pub fn begin(&mut self, pass: u64, due: impl FnMut(Orientation) -> bool) {
        self.pass = Some(pass);
        (self.before, self.now) = (self.now, [false; 3]);
        self.due = Orientation::ALL.map(due);
        self.due.iter_mut().zip(self.before).for_each(|(due, before)| *due &= before);
    }

    /// The share of the frame's time that a view has, which is shown now. One that was not foreseen has a third.
    pub fn share(&mut self, view: Orientation) -> f64 {
        let place = view as usize;
        self.now[place] = true;
        if !self.before[place] {
            return 1.0 / 3.0;
        }
        1.0 / self.due.iter().filter(|due| **due).count().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::SlabLook;
    use super::super::{SliceSubject, Slices};
    use super::*;
    use crate::base::NodeId;
    use crate::geom::{Grid, Point, Vector};
    use crate::image::slice::Projection;
    use crate::image::{Modality, Scan, Volume, Voxels};
    use egui::{Rect, pos2, vec2};

    /// Views of 160² pixels with slabs of 80 voxels: each alone is made at once, three together are not.
    #[test]
    fn three_slabs_of_one_frame_take_no_more_samples_than_one_may() {
        const LAYERS: usize = 80;
        let grid = Grid::aligned([160; 3], Point::origin(), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| (o * 7919 % 500) as i16).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        let hash = scan.content_hash();
        let slab = SlabLook { projection: Some(Projection::Maximum), thickness_mm: LAYERS as f64 };
        // Without texts, whose fonts only the whole window has.
        let slices = Slices { slabs: [slab; 3], annotations: false, ..Slices::default() };
        let state = (slices, Point::new(80.0, 80.0, 80.0));
        let show = move |ui: &mut egui::Ui, (slices, crosshair): &mut (Slices, Point)| {
            let (node, name) = (NodeId(1), "scan");
            for (n, view) in Orientation::ALL.into_iter().enumerate() {
                let rect = Rect::from_min_size(pos2(260.0 * n as f32, 0.0), vec2(250.0, 250.0));
                let (crosshair, overlays) = (*crosshair, Vec::new());
                let subject =
                    SliceSubject { node, name, scan: &scan, hash, overlays, range: None, crosshair, fused: None };
                slices.show(ui, rect, view, &subject, None, &mut Vec::new());
            }
        };
        let mut harness = egui_kittest::Harness::builder().with_size(vec2(800.0, 300.0)).build_ui_state(show, state);
        let sides = |slices: &Slices| Orientation::ALL.map(|view| slices.image(view).unwrap().plane.size[0]);
        let samples = |sides: [usize; 3]| sides.iter().map(|side| side * side * (LAYERS + 1)).sum::<usize>();
        let waits = |harness: &mut egui_kittest::Harness<'_, (Slices, Point)>| {
            let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
            while sides(&harness.state().0) != [160; 3] {
                assert!(std::time::Instant::now() < until, "the fine pictures never came");
                std::thread::sleep(std::time::Duration::from_millis(5));
                harness.step();
            }
        };
        waits(&mut harness);
        // All three are to be made anew, and are made coarsely; once, as long as a button is held.
        let pos = pos2(100.0, 100.0);
        let (button, modifiers) = (egui::PointerButton::Middle, egui::Modifiers::NONE);
        harness.event(egui::Event::PointerMoved(pos));
        harness.event(egui::Event::PointerButton { pos, button, pressed: true, modifiers });
        harness.step();
        let made = harness.state().0.pictures_made();
        harness.state_mut().1 += Vector::new(3.0, 3.0, 3.0);
        (0..3).for_each(|_| harness.step());
        let coarse = sides(&harness.state().0);
        assert!(coarse.iter().all(|side| *side < 160) && samples(coarse) <= 4_000_000, "{coarse:?}");
        assert_eq!(harness.state().0.pictures_made() - made, 3, "what waits is not made again");
        harness.event(egui::Event::PointerButton { pos, button, pressed: false, modifiers });
        harness.step();
        waits(&mut harness);
        // One alone has the time of all.
        harness.state_mut().1 += Vector::new(0.0, 0.0, 3.0);
        harness.step();
        assert_eq!(sides(&harness.state().0), [160; 3]);
    }

    #[test]
    fn the_shares_of_views_that_are_due_add_up_to_a_frame() {
        let mut budget = Budget::default();
        for n in 0..8_u64 {
            assert!(budget.is_new(n));
            let due = |view: Orientation| n >> (view as usize) & 1 == 1;
            budget.begin(n, due);
            assert!(!budget.is_new(n));
            let all = Orientation::ALL.map(|view| budget.share(view));
            let sum: f64 = Orientation::ALL.iter().filter(|view| due(**view)).map(|view| all[*view as usize]).sum();
            assert!(n == 0 || (sum - 1.0).abs() < 1e-12, "{n}: {sum}");
        }
    }

    #[test]
    fn a_view_that_appears_has_a_third() {
        let mut budget = Budget::default();
        budget.begin(1, |_| true);
        budget.share(Orientation::Axial);
        budget.begin(2, |_| true);
        assert_eq!(budget.share(Orientation::Axial), 1.0, "the others are not shown");
        assert_eq!(budget.share(Orientation::Coronal), 1.0 / 3.0);
        budget.begin(3, |_| true);
        assert_eq!(budget.share(Orientation::Coronal), 0.5);
    }
}
