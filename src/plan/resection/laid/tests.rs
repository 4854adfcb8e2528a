//! Pictures of wedges and balls in an organ of 30 mm about the origin.

use super::*;
use crate::geom::Grid;
use crate::image::Volume;

fn organ() -> Organ {
    let grid = Grid::aligned([64; 3], Point::new(-31.5, -31.5, -31.5), [1.0; 3]).unwrap();
    let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 30.0)).collect();
    Organ::of(&Volume::new(grid, voxels).unwrap()).unwrap()
}

fn laid(shape: CutShape) -> Result<Laid, ResectionError> {
    Laid::of(&Cut { shape, width_mm: 0.0 }, &organ(), &Progress::default())
}

fn apart(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Places of the picture in steps of a little more than a millimetre, with what they show.
fn shown(laid: &Laid) -> Vec<([f64; 2], Point)> {
    let [width, height] = laid.size_mm();
    let places = (0..(height / 1.3) as usize).flat_map(|j| (0..(width / 1.3) as usize).map(move |i| (i, j)));
    let places = places.map(|(i, j)| [1.3 * i as f64 + 0.4, 1.3 * j as f64 + 0.4]);
    places.filter_map(|place| Some((place, laid.at(place)?))).collect()
}

/// The plane of a wedge that a place lies on.
fn plane_of(planes: &[[[f64; 3]; 2]], point: &Point) -> usize {
    let off = |[at, normal]: &[[f64; 3]; 2]| (point - Point::from(*at)).dot(&Vector::from(*normal).normalize()).abs();
    (0..planes.len()).min_by(|a, b| off(&planes[*a]).total_cmp(&off(&planes[*b]))).unwrap()
}

fn wedges() -> Vec<Vec<[[f64; 3]; 2]>> {
    vec![
        vec![[[0.0; 3], [1.0, 0.0, 1.0]], [[0.0; 3], [-1.0, 0.0, 1.0]]],
        // A blunt one that is turned and does not pass the middle.
        vec![[[3.0, 2.0, -4.0], [0.3, -0.2, 1.0]], [[3.0, 2.0, -4.0], [-0.7, 0.4, 0.5]]],
        // Three, a corner in the organ.
        vec![
            [[0.0, 0.0, -5.0], [0.0, 0.0, 1.0]],
            [[-8.0, 0.0, 0.0], [1.0, 0.2, 0.3]],
            [[0.0, -9.0, 0.0], [0.1, 1.0, 0.4]],
        ],
        // A trough: a floor between two walls.
        vec![
            [[0.0, 0.0, -6.0], [0.0, 0.0, 1.0]],
            [[-9.0, 0.0, 0.0], [1.0, 0.0, 0.0]],
            [[9.0, 0.0, 0.0], [-1.0, 0.0, 0.0]],
        ],
    ]
}

#[test]
fn distances_on_every_plane_of_a_wedge_are_kept() {
    for planes in wedges() {
        let laid = laid(CutShape::Wedge { planes: planes.clone() }).unwrap();
        assert_eq!((laid.manner(), laid.stretch_max()), (Manner::Planes(planes.len()), 1.0));
        let places = shown(&laid);
        let mut count = vec![0; planes.len()];
        for (n, (place, point)) in places.iter().enumerate() {
            let own = plane_of(&planes, point);
            count[own] += 1;
            // On the wedge, and back where it came from.
            let side =
                |[at, normal]: &[[f64; 3]; 2]| (point - Point::from(*at)).dot(&Vector::from(*normal).normalize());
            assert!(planes.iter().all(|plane| -1e-6 < side(plane)), "{point}");
            assert!(apart(laid.place_mm(point).unwrap(), *place) < 1e-6, "{point}");
            let (_, across, [right, up]) = laid.with_ways(*place).unwrap();
            let is_at_an_edge = planes.iter().filter(|plane| side(plane) < 1e-3).count() != 1;
            assert!(is_at_an_edge || (across - Vector::from(planes[own][1]).normalize()).norm() < 1e-9);
            assert!((right.cross(&up) - across).norm() < 1e-9, "seen from the side that is taken away");
            let (other_place, other) = &places[(7 * n + 31) % places.len()];
            if plane_of(&planes, other) == own {
                assert!((apart(*place, *other_place) - (point - other).norm()).abs() < 1e-6, "{point} {other}");
            }
        }
        assert!(count.iter().all(|count| 100 < *count), "{count:?}");
    }
}

/// Places on the edge belong to both planes: the picture does not tear there, and straight ways across it keep their length.
#[test]
fn planes_meet_at_their_hinges() {
    for planes in wedges() {
        let laid = laid(CutShape::Wedge { planes: planes.clone() }).unwrap();
        let hinges = laid.hinges_mm();
        assert_eq!(hinges.len(), planes.len() - 1, "{planes:?}");
        let mut seen = 0;
        for [from, to] in hinges {
            let length_mm = apart(from, to);
            for part in [0.3, 0.5, 0.62] {
                let on = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]));
                let across = [-(to[1] - from[1]) / length_mm, (to[0] - from[0]) / length_mm];
                let beside = |mm: f64| laid.at([0, 1].map(|axis| on[axis] + mm * across[axis]));
                let (Some(a), Some(b)) = (beside(1e-3), beside(-1e-3)) else { continue };
                assert!((a - b).norm() < 3e-3, "{a} {b}");
                if let (Some(a), Some(b)) = (beside(0.2), beside(-0.2)) {
                    assert_ne!(plane_of(&planes, &a), plane_of(&planes, &b));
                    seen += 1;
                }
            }
        }
        assert!(planes.len() - 1 <= seen, "{seen} of {planes:?}");
    }
}

#[test]
fn parallel_planes_stand_beside_each_other() {
    let planes = vec![[[0.0, 0.0, -8.0], [0.0, 0.0, 1.0]], [[0.0, 0.0, 8.0], [0.0, 0.0, -1.0]]];
    let laid = laid(CutShape::Wedge { planes: planes.clone() }).unwrap();
    assert!(laid.hinges_mm().is_empty());
    let places = shown(&laid);
    let on = |n: usize| places.iter().filter(|(_, point)| plane_of(&planes, point) == n).count();
    // Discs of 58 mm in squares of 60.
    assert!(1900 < on(0) && 1900 < on(1), "{} {}", on(0), on(1));
    let apart_mm = laid.size_mm()[0];
    assert!(115.0 < apart_mm && apart_mm < 135.0, "{apart_mm}");
}

#[test]
fn lengths_from_the_middle_of_a_ball_are_true_and_areas_are_off_as_told() {
    for (centre, radius_mm) in [([24.0, 6.0, -3.0], 14.0), ([0.0, -32.0, 5.0], 25.0), ([2.0, 1.0, 0.0], 12.0)] {
        let laid = laid(CutShape::Sphere { centre, radius_mm }).unwrap();
        assert_eq!(laid.manner(), Manner::Ball);
        let Map::Ball(globe) = &laid.map else { panic!("a ball") };
        let centre = Point::from(centre);
        let pole = laid.place_mm(&(centre + globe.pole * radius_mm)).unwrap();
        let (mut areas, places) = (0.0_f64, shown(&laid));
        assert!(200 < places.len());
        for (place, point) in &places {
            assert!(((point - centre).norm() - radius_mm).abs() < 1e-9);
            let angle = (point - centre).angle(&globe.pole);
            assert!((apart(*place, pole) - radius_mm * angle).abs() < 1e-6, "{point}");
            assert!(apart(laid.place_mm(point).unwrap(), *place) < 1e-6);
            // Directions are the differences of the picture.
            let (_, across, ways) = laid.with_ways(*place).unwrap();
            let step = 1e-5;
            for (axis, way) in ways.iter().enumerate() {
                let mut beside = *place;
                beside[axis] += step;
                if let Some(next) = laid.at(beside).filter(|_| 0.1 < angle && angle < 3.0) {
                    let difference = (next - point) / step;
                    // Across the radius lengths on the ball are shorter than in the picture.
                    assert!(difference.norm() < 1.0 + 1e-3 && 0.0 <= difference.dot(way), "{point}");
                }
            }
            assert!((across + (point - centre) / radius_mm).norm() < 1e-9, "a ball is taken away inside");
            assert!((ways[0].cross(&ways[1]) - across).norm() < 1e-6, "seen from inside");
            // What is told leaves out a voxel about the place opposite the middle.
            if point.coords.norm() < 29.0 && angle < std::f64::consts::PI - 1.0 / radius_mm {
                areas = areas.max(angle / angle.sin().max(1e-9));
            }
        }
        assert!(areas <= laid.stretch_max() * 1.02, "{areas} of {}", laid.stretch_max());
    }
}

#[test]
fn a_plane_is_a_sheet_and_what_has_no_surface_says_so() {
    let plane = laid(CutShape::Plane { point: [0.0, 0.0, 18.0], normal: [0.0, 0.0, 2.0] }).unwrap();
    assert!(plane.manner() == Manner::Sheet && (plane.stretch_max() - 1.0).abs() < 1e-9);
    // The section is a disc of 48 mm.
    assert!(plane.size_mm().iter().all(|mm| (mm - 48.0).abs() < 4.0), "{:?}", plane.size_mm());
    let beside =
        CutShape::Wedge { planes: vec![[[0.0, 0.0, 50.0], [0.0, 0.1, 1.0]], [[0.0, 0.0, 50.0], [0.1, 0.0, 1.0]]] };
    assert_eq!(laid(beside).unwrap_err(), ResectionError::NoOrgan);
    let why = laid(CutShape::Territories { branches: vec![0] }).unwrap_err().to_string();
    assert!(why.contains("territories") && why.contains("a ball or a sheet"), "{why}");
}
