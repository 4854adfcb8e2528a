//! Points in time of one place: phases of a heart beat or of contrast, stepped and played like slices.

use super::find;
use super::workspace::Workspace;
use crate::base::NodeId;
use crate::image::{Modality, Scan};
use crate::session::{Case, Data};

/// A fact of a scan, if it has one of this name.
fn fact<'a>(scan: &'a Scan, name: &str) -> Option<&'a str> {
    scan.facts.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// Whether two scans of the same grid can be two points in time: both are said to be, or both are CT. Two contrasts of an
/// MR examination on one grid are no film.
fn may_follow(a: &Scan, b: &Scan) -> bool {
    let timed = [a, b].map(|scan| fact(scan, "time").is_some());
    a.modality == b.modality && timed[0] == timed[1] && (timed[0] || a.modality == Modality::Ct)
}

/// The points in time that `of` is one of, oldest first: scans as they were brought in, on the same grid.
pub fn phases(case: &Case, of: NodeId) -> Vec<NodeId> {
    let Some(node) = case.node(of).filter(|node| node.source.is_none()) else { return Vec::new() };
    let Data::Scan(first) = &node.data else { return Vec::new() };
    let same = |scan: &Scan| scan.grid() == first.grid() && may_follow(scan, first);
    let fits =
        case.nodes().filter(|(_, node)| node.source.is_none() && matches!(&node.data, Data::Scan(scan) if same(scan)));
    fits.map(|(id, _)| id).collect()
}

impl Workspace {
    /// The points in time of the scan that is shown; fewer than two are none.
    pub(super) fn phases(&self, case: &Case) -> Vec<NodeId> {
        let shown = find::active_scan(case, self.selected);
        shown.map_or_else(Vec::new, |(id, ..)| phases(case, id))
    }

    /// Show the point in time that is `steps` further, round and round, through the window and colours of this one.
    pub(super) fn step_phase(&mut self, case: &Case, steps: i64) {
        let all = self.phases(case);
        let now = find::active_scan(case, self.selected).map(|(id, ..)| id);
        let Some(place) = all.iter().position(|id| Some(*id) == now) else { return };
        let next = (place as i64 + steps).rem_euclid(all.len() as i64) as usize;
        self.show_phase(case, all[next]);
    }

    fn show_phase(&mut self, case: &Case, next: NodeId) {
        let Some((id, node, _)) = find::active_scan(case, self.selected) else { return };
        if let Some(there) = case.node(next) {
            self.slices.look_alike((id, node.hash()), (next, there.hash()));
        }
        self.selected = Some(next);
    }

    /// Show the next point in time if they are played and it is due.
    pub(super) fn play_phases(&mut self, ctx: &egui::Context, case: &Case, now_s: f64) {
        if !self.slices.cine.plays_times() {
            return;
        }
        let all = self.phases(case);
        let now = find::active_scan(case, self.selected).map(|(id, ..)| id);
        let place = all.iter().position(|id| Some(*id) == now).unwrap_or(0);
        if let Some((next, wait)) = self.slices.cine.advance_times(now_s, place, all.len()) {
            if next != place {
                self.show_phase(case, all[next]);
            }
            let early_s = ctx.input(|input| input.predicted_dt).clamp(0.0, 0.1);
            ctx.request_repaint_after(wait + std::time::Duration::from_secs_f32(early_s));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::geom::{Grid, Point};
    use crate::image::{Volume, Voxels};
    use crate::session::{Command, Node, Session};
    use serde_json::json;
    use std::sync::Arc;

    fn scan(modality: Modality, time: Option<&str>, first: i16, x: f64) -> Node {
        let grid = Grid::aligned([4, 3, 2], Point::new(x, 0.0, 0.0), [1.0; 3]).unwrap();
        let voxels = (0..grid.len() as i16).map(|n| n + first).collect();
        let facts = time.map(|time| ("time".to_owned(), time.to_owned())).into_iter().collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        Node::new("scan", Data::Scan(Arc::new(Scan { voxels, modality, window: None, facts })))
    }

    fn case(nodes: impl IntoIterator<Item = Node>) -> Case {
        Case::from_nodes((1..).map(NodeId).zip(nodes))
    }

    #[test]
    fn points_in_time_are_what_was_brought_in_on_one_grid() {
        let mr = |time, first| scan(Modality::Mr, time, first, 0.0);
        let all = case([
            mr(Some("0 s"), 0),
            mr(Some("0.1 s"), 10),
            mr(None, 20),
            scan(Modality::Mr, Some("0.2 s"), 30, 5.0),
            mr(Some("0.3 s"), 40),
        ]);
        let ids: Vec<NodeId> = find::scans(&all).collect();
        assert_eq!(phases(&all, ids[0]), [ids[0], ids[1], ids[4]], "another grid and another contrast are none");
        assert_eq!(phases(&all, ids[2]), Vec::new(), "a contrast is none, not even of itself");
    }

    #[test]
    fn stepping_goes_round_and_keeps_the_window() {
        let all = case((0..3).map(|n| scan(Modality::Ct, None, 100 * n, 0.0)));
        let ids: Vec<NodeId> = find::scans(&all).collect();
        let mut window = Workspace::default();
        window.selected = Some(ids[0]);
        let (id, node, shown) = find::active_scan(&all, window.selected).unwrap();
        window.slices.window(id, shown, node.hash()).window.level = 123.0;
        for expected in [1, 2, 0, 1] {
            window.step_phase(&all, 1);
            assert_eq!(window.selected, Some(ids[expected]));
            let (id, node, shown) = find::active_scan(&all, window.selected).unwrap();
            assert!((window.slices.window(id, shown, node.hash()).window.level - 123.0).abs() < 1e-9);
        }
        window.step_phase(&all, -2);
        assert_eq!(window.selected, Some(ids[2]));
    }

    fn imported(tool: &str, params: serde_json::Value) -> Session {
        let mut session = Session::new(crate::tools::TOOLS);
        session.run(Command::new(tool, params), &Progress::default()).unwrap();
        session
    }

    fn names(session: &Session) -> Vec<&str> {
        session.case().nodes().map(|(_, node)| node.name.as_str()).collect()
    }

    #[test]
    fn a_series_of_several_times_comes_in_as_points_in_time() {
        let folder = crate::io::dicom::tests_times::beats(4);
        let session = imported("import.dicom", json!({ "path": folder.path() }));
        let expected = ["beat (0 ms, 1 of 4)", "beat (40 ms, 2 of 4)", "beat (80 ms, 3 of 4)", "beat (120 ms, 4 of 4)"];
        assert_eq!(names(&session), expected);
        let ids: Vec<NodeId> = find::scans(session.case()).collect();
        assert_eq!(phases(session.case(), ids[2]), ids);
        let Data::Scan(second) = &session.case().node(ids[1]).unwrap().data else { panic!("a scan") };
        assert_eq!(fact(second, "time"), Some("40 ms, point 2 of 4"));
        let one = imported("import.dicom", json!({ "path": folder.path(), "all_times": false }));
        assert_eq!(names(&one).len(), 1, "one alone, if that is asked for");
    }

    #[test]
    fn a_file_of_several_times_comes_in_as_points_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Perfusion.seq.nrrd");
        let header = "NRRD0005\ntype: short\nendian: little\ndimension: 4\nsizes: 3 2 2 2\nkinds: list domain domain domain\n\
                      units: \"s\" \"mm\" \"mm\" \"mm\"\nencoding: raw\naxis 0 index values:=0 2.5 5\n\n";
        let voxels: Vec<u8> = (0..24_i16).flat_map(i16::to_le_bytes).collect();
        std::fs::write(&path, [header.as_bytes(), &voxels].concat()).unwrap();
        let session = imported("import.image", json!({ "path": path, "modality": "MR" }));
        assert_eq!(names(&session), ["perfusion 1: 0 s", "perfusion 2: 2.5 s", "perfusion 3: 5 s"]);
        let ids: Vec<NodeId> = find::scans(session.case()).collect();
        assert_eq!(phases(session.case(), ids[0]), ids);
    }
}
