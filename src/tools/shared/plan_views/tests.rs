//! Pictures of plans of a ball with a tumour, a vessel and a structure to spare.

use super::*;
use crate::geom::Grid;
use crate::image::{LabelMap, Volume};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::{KeepOut, NamedAction, Needle, NeedleKind, Target};
use crate::session::{Case, Data, Node};

/// An organ of 30 mm about the origin; a tumour of 6 mm at x = 12 mm, z = 0; a vessel along x at z = 0, 3 mm thick.
fn case() -> Case {
    let grid = Grid::aligned([70; 3], Point::new(-34.5, -34.5, -34.5), [1.0; 3]).unwrap();
    let ball = |name: &str, centre: Point, radius_mm: f64| {
        let inside = |o: usize| (grid.centre(grid.voxel(o)) - centre).norm() < radius_mm;
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        Data::Labels(LabelMap::from_mask(&Volume::new(grid.clone(), voxels).unwrap(), name, [200, 90, 60], None))
    };
    let points: Vec<Point> = (0..=80).map(|n| Point::new(f64::from(n) - 40.0, -10.0, 5.0)).collect();
    let lines =
        CentreLines::new(vec![CentreBranch { parent: None, radii_mm: vec![1.5; points.len()], points }]).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("organ", ball("organ", Point::origin(), 30.0))),
        (NodeId(2), Node::new("tumour", ball("tumour", Point::new(12.0, 0.0, 0.0), 6.0))),
        (NodeId(3), Node::new("portal vein", Data::Lines(Arc::new(lines)))),
        (NodeId(4), Node::new("bowel", ball("bowel", Point::new(-15.0, 0.0, 0.0), 5.0))),
    ])
}

fn segment(node: u32) -> Structure {
    Structure { node: NodeId(node), segment: Some(crate::base::SegmentId(1)) }
}

fn plan(action: Action) -> Plan {
    Plan {
        organ: Some(segment(1)),
        targets: vec![Target { structure: segment(2), margin_mm: 5.0 }],
        vessels: vec![Structure { node: NodeId(3), segment: None }],
        keep_out: vec![KeepOut { structure: segment(4), distance_mm: 4.0, weight: None }],
        actions: vec![NamedAction { name: "first".into(), action }],
        ..Plan::default()
    }
}

fn cut(shape: CutShape) -> Action {
    Action::Cut(Cut { shape, width_mm: 2.0 })
}

fn staged(plan: &Plan) -> (Stage, Ingredients) {
    let ingredients = Ingredients::of(&case(), plan).unwrap();
    let mut stage = Stage::default();
    stage.prepare(&ingredients, plan, &Progress::default()).unwrap();
    (stage, ingredients)
}

fn flat(action: Action) -> Result<FlatCut, NoFlat> {
    let plan = plan(action);
    let (stage, ingredients) = staged(&plan);
    Flats::default().of(&stage, &ingredients, &plan, 0, &Progress::default()).unwrap()
}

#[test]
fn a_plane_laid_flat_shows_margin_shadow_and_vessel_where_they_are() {
    let flat = flat(cut(CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] })).unwrap();
    let mut seen = [0; 3];
    for y in 0..flat.size[1] {
        for x in 0..flat.size[0] {
            let pixel = y * flat.size[0] + x;
            let at = flat.place([x as f64 + 0.5, y as f64 + 0.5]);
            assert!(at.x.abs() < 1e-9, "the picture lies on the plane");
            let r = at.coords.norm();
            if r < 28.5 {
                // 12 − 6 mm of tissue beside it, less 1 mm of the knife: 5 mm needed.
                let truth = 5.0 - ((at - Point::new(12.0, 0.0, 0.0)).norm() - 6.0 - 1.0);
                let lacks = f64::from(flat.lacking_mm[pixel]);
                assert!((lacks - truth).abs() < 0.8, "{at}: {lacks} of {truth}");
                assert_eq!(flat.shadow[pixel], flat.shadow[pixel] && r < 7.0, "{at}");
                assert!(5.0 < r || flat.shadow[pixel], "{at}");
                seen[usize::from(flat.shadow[pixel])] += 1;
            } else if 31.5 < r {
                assert!(flat.lacking_mm[pixel].is_nan() && flat.zones[pixel].is_none());
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|count| 100 < *count), "{seen:?}");
    let [vessel] = &flat.crossings[..] else { panic!("{:?}", flat.crossings) };
    assert_eq!((vessel.name.as_str(), vessel.lines), ("portal vein", NodeId(3)));
    assert!((vessel.crossing.diameter_mm() - 3.0).abs() < 1e-9);
    assert!((flat.place(vessel.at_px) - Point::new(0.0, -10.0, 5.0)).norm() < 1e-6);
}

#[test]
fn what_cannot_be_laid_flat_says_why() {
    let plane = |x: f64| cut(CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.0, 0.0] });
    assert_eq!(flat(plane(40.0)).unwrap_err(), NoFlat::Misses);
    assert_eq!(flat(cut(CutShape::Sphere { centre: [0.0; 3], radius_mm: 9.0 })).unwrap_err(), NoFlat::Ball);
    assert_eq!(flat(cut(CutShape::Territories { branches: vec![0] })).unwrap_err(), NoFlat::Territories);
    let planes = vec![[[0.0; 3], [1.0, 0.0, 1.0]], [[0.0; 3], [-1.0, 0.0, 1.0]]];
    assert_eq!(flat(cut(CutShape::Wedge { planes })).unwrap_err(), NoFlat::Several(2));
    assert_eq!(flat(Action::Clip { at: [0.0; 3] }).unwrap_err(), NoFlat::NoCut);
    let controls = (0..16).map(|n| [100.0 + f64::from(n % 4) * 9.0, f64::from(n / 4) * 9.0, 0.0]).collect();
    assert_eq!(flat(cut(CutShape::Sheet(Sheet { count: [4, 4], controls }))).unwrap_err(), NoFlat::Misses);
}

#[test]
fn distances_along_a_path_are_those_of_the_ball_beside_it() {
    let needle =
        Needle { entry: [-15.0, -34.0, 12.0], target: [-15.0, 20.0, 12.0], diameter_mm: 2.0, kind: NeedleKind::Needle };
    let plan = plan(Action::Needle(needle));
    let (stage, _) = staged(&plan);
    let found = depths(&stage, &plan, 0, &Progress::default()).unwrap().unwrap();
    let [line] = &found.lines[..] else { panic!("one structure to spare") };
    // The ball of 5 mm lies 12 mm below the path at a depth of 34 mm; the needle is 1 mm thick to each side.
    // The top of a ball of voxels is flat for some millimetres.
    assert!((line.nearest.depth_mm - 34.0).abs() < 3.0, "{:?}", line.nearest);
    assert!(line.least_mm().holds(12.0 - 5.0 - 1.0), "{:?}", line.least_mm());
    assert_eq!((line.verdict(), line.limit_mm), (Verdict::Ok, 4.0));
    for (depth_mm, distance_mm) in line.profile.depths_mm.iter().zip(&line.profile.distances_mm) {
        let truth = (found.path.at(*depth_mm) - Point::new(-15.0, 0.0, 0.0)).norm() - 6.0;
        assert!((distance_mm - truth).abs() < 0.9, "{depth_mm}: {distance_mm} of {truth}");
    }
    let no_path = super::depths(&stage, &self::plan(Action::Clip { at: [0.0; 3] }), 0, &Progress::default());
    assert!(no_path.unwrap().is_none());
}
