//! Aorta, vena cava, the vessels between them and the organs, and the trees in the liver.

use super::super::draw::line;
use super::super::tissue::label;
use super::super::tree::{Naming, Room, Stem, balls_along, grow, push_apart, spread_points};
use super::super::truth::{Stenosis, Vessels};
use super::super::{Params, Shape, TubePoint, Tumour};
use super::liver;
use crate::base::rng::Rng;
use crate::geom::{Point, Vector};

/// Where the aorta divides.
const FORK: (f64, f64, f64) = (5.0, 6.0, 24.0);
/// Height of the stenosis, between the renal arteries and the fork.
const STENOSIS_Z: f64 = 70.0;
/// Above the renal arteries the aorta widens up to this factor.
const WIDENING: f64 = 1.3;
/// The portal vein's main trunk at its start (11 to 13 mm wide in adults).
const PORTAL_RADIUS_MM: f64 = 6.3;
/// End points lie at least this deep in the liver, in mm.
const END_DEPTH_MM: f64 = 7.0;
const PORTAL: Naming = Naming { system: "portal vein", label: label::PORTAL_VEIN };
const HEPATIC: Naming = Naming { system: "hepatic veins", label: label::HEPATIC_VEINS };

/// Lay the aorta with its stenosis, and the iliac arteries.
pub(super) fn lay_aorta(params: &Params, vessels: &mut Vessels) -> Option<Stenosis> {
    let r0 = params.aorta_radius_mm;
    let knots = [
        (16.0, 20.0, 300.0, r0),
        (14.0, 15.0, 240.0, r0),
        (11.0, 10.0, 180.0, r0),
        (8.0, 7.0, 120.0, r0),
        (6.0, 5.0, 70.0, r0),
        (FORK.0, FORK.1, FORK.2, r0),
    ];
    let mut points = line(knots, 60);
    let mut at = vec![0.0];
    for pair in points.windows(2) {
        at.push(at[at.len() - 1] + (pair[1].at - pair[0].at).norm());
    }
    let middle = points.iter().position(|point| point.at.z <= STENOSIS_Z).unwrap_or(0);
    let percent = params.stenosis_percent;
    for (point, s) in points.iter_mut().zip(&at) {
        let rise = ((point.at.z - 115.0) / 120.0).clamp(0.0, 1.0);
        let widening = 1.0 + (WIDENING - 1.0) * rise * rise * (3.0 - 2.0 * rise);
        point.radius_mm = r0 * widening * Stenosis::factor(at[middle], params.stenosis_length_mm, percent, *s);
    }
    let aorta = vessels.add("aorta", label::AORTA, None, &points);
    for side in [-1.0, 1.0] {
        let r = r0 * 0.5_f64.cbrt();
        let iliac = [
            (FORK.0, FORK.1, FORK.2, r),
            (FORK.0 + side * 9.0, FORK.1 + 1.0, 8.0, r),
            (FORK.0 + side * 24.0, FORK.1 + 6.0, -25.0, r),
        ];
        vessels.add("iliac arteries", label::ARTERIES, Some(aorta), &line(iliac, 20));
    }
    let centre = points[middle].at;
    (0.0 < percent).then(|| Stenosis {
        branch: aorta,
        centre_mm: [centre.x, centre.y, centre.z],
        at_mm: at[middle],
        length_mm: params.stenosis_length_mm,
        diameter_percent: percent,
        healthy_radius_mm: r0,
        radius_mm_min: r0 * (1.0 - percent / 100.0),
    })
}

/// Lay the arteries to the organs; `aorta` is the branch they come from.
pub(super) fn lay_arteries(vessels: &mut Vessels) {
    let mut lay = |system, knots: &[(f64, f64, f64, f64)]| {
        vessels.add(system, label::ARTERIES, Some(0), &line(knots.iter().copied(), 8))
    };
    lay("left renal artery", &[(9.0, 7.0, 118.0, 2.8), (24.0, 14.0, 117.0, 2.8), (44.0, 26.0, 120.0, 2.5)]);
    lay(
        "right renal artery",
        &[(8.0, 7.0, 116.0, 2.8), (-8.0, 21.0, 114.0, 2.8), (-26.0, 28.0, 110.0, 2.6), (-45.0, 24.0, 107.0, 2.4)],
    );
    lay(
        "superior mesenteric artery",
        &[
            (9.0, 6.0, 134.0, 3.6),
            (9.0, -8.0, 128.0, 3.5),
            (8.0, -16.0, 105.0, 3.3),
            (6.0, -20.0, 60.0, 3.0),
            (0.0, -24.0, 20.0, 2.4),
            (-6.0, -26.0, -20.0, 2.0),
        ],
    );
    lay("coeliac trunk", &[(10.0, 8.0, 152.0, 3.4), (10.0, -8.0, 152.0, 3.2)]);
    lay(
        "splenic artery",
        &[
            (10.0, -8.0, 152.0, 2.6),
            (28.0, -12.0, 158.0, 2.5),
            (46.0, 2.0, 152.0, 2.4),
            (66.0, 10.0, 166.0, 2.3),
            (84.0, 20.0, 168.0, 2.1),
        ],
    );
    lay(
        "common hepatic artery",
        &[(10.0, -8.0, 152.0, 2.5), (-8.0, -18.0, 150.0, 2.4), (-22.0, -26.0, 150.0, 2.2), (-32.0, -28.0, 158.0, 2.0)],
    );
}

/// Lay the vena cava and the veins that join it; gives the number of the vena cava.
pub(super) fn lay_veins(vessels: &mut Vessels) -> usize {
    let cava = [
        (-17.0, 12.0, 12.0, 10.0),
        (-18.0, 9.0, 60.0, 10.0),
        (-20.0, 8.0, 110.0, 10.5),
        (-24.0, 10.0, 160.0, 11.5),
        (-22.0, 10.0, 200.0, 12.0),
        (-17.0, 2.0, 232.0, 12.5),
        (-8.0, -16.0, 262.0, 13.0),
    ];
    let cava = vessels.add("inferior vena cava", label::VENA_CAVA, None, &line(cava, 16));
    let mut lay = |system, knots: &[(f64, f64, f64, f64)]| {
        vessels.add(system, label::VEINS, Some(cava), &line(knots.iter().copied(), 8))
    };
    lay("left common iliac vein", &[(-17.0, 12.0, 12.0, 7.0), (4.0, 20.0, 0.0, 7.0), (26.0, 26.0, -25.0, 7.0)]);
    lay("right common iliac vein", &[(-17.0, 12.0, 12.0, 7.0), (-22.0, 18.0, -5.0, 7.0), (-28.0, 24.0, -25.0, 7.0)]);
    lay(
        "left renal vein",
        &[
            (-18.0, 7.0, 118.0, 4.6),
            (-4.0, -4.0, 118.0, 4.0),
            (10.0, -6.5, 118.0, 3.4),
            (24.0, 2.0, 119.0, 4.6),
            (45.0, 20.0, 121.0, 4.0),
        ],
    );
    lay("right renal vein", &[(-20.0, 8.0, 106.0, 4.6), (-32.0, 14.0, 106.0, 4.6), (-45.0, 22.0, 106.0, 4.2)]);
    cava
}

/// Lay the veins of gut and spleen that make up the portal vein.
pub(super) fn lay_portal_inflow(vessels: &mut Vessels) {
    let mut lay = |system, knots: &[(f64, f64, f64, f64)]| {
        vessels.add(system, label::VEINS, None, &line(knots.iter().copied(), 8))
    };
    lay(
        "superior mesenteric vein",
        &[(-14.0, -28.0, -20.0, 3.6), (-8.0, -24.0, 40.0, 4.6), (-5.0, -18.0, 90.0, 5.2), (-5.0, -12.0, 128.0, 5.4)],
    );
    lay(
        "splenic vein",
        &[(84.0, 24.0, 163.0, 3.6), (62.0, 6.0, 151.0, 4.0), (30.0, -10.0, 140.0, 4.4), (-5.0, -12.0, 128.0, 4.6)],
    );
}

/// Grow the portal vein and the three hepatic veins in the liver; `cava` is the branch the latter join.
pub(super) fn lay_liver_trees(
    params: &Params,
    organ: &Shape,
    tumour: Option<&Tumour>,
    cava: usize,
    vessels: &mut Vessels,
) {
    let mut rng = Rng::new(params.seed ^ 0x11_7E55);
    let cava_points: Vec<TubePoint> = vessels.0[cava].line().collect();
    let mut obstacles = cava_points.clone();
    obstacles.extend(tumour.map(|t| TubePoint::new(Point::from(t.centre_mm), t.radius_mm)));
    obstacles.push(TubePoint::new(Point::new(-50.0, -50.0, 118.0), 16.0));

    // The portal vein: a trunk to the hilum, then one tree for each lobe.
    let mut room = Room { organ: organ.clone(), obstacles, clearance_mm: 2.0 };
    let ends = spread_points(&room, &liver::BOUNDS, params.vessel_ends, END_DEPTH_MM, &mut rng);
    let trunk = line(
        [
            (-5.0, -12.0, 128.0, PORTAL_RADIUS_MM),
            (-16.0, -16.0, 138.0, PORTAL_RADIUS_MM),
            (-30.0, -20.0, 150.0, PORTAL_RADIUS_MM),
            (-40.0, -20.0, 161.0, PORTAL_RADIUS_MM),
        ],
        6,
    );
    let hilum = trunk[trunk.len() - 1];
    let trunk = vessels.add(PORTAL.system, PORTAL.label, None, &trunk);
    let first = vessels.0.len();
    let (right, left): (Vec<Point>, Vec<Point>) = ends.iter().partition(|p| p.x < -22.0);
    for (lobe, direction) in [(right, Vector::new(-1.0, 0.15, 0.2)), (left, Vector::new(0.75, -0.5, 0.6))] {
        let radius_mm = hilum.radius_mm * (lobe.len() as f64 / ends.len() as f64).cbrt();
        let stem =
            Stem { start: TubePoint::new(hilum.at, radius_mm), direction: direction.normalize(), parent: Some(trunk) };
        grow(&room, stem, &lobe, PORTAL, vessels, &mut rng);
    }

    push_apart(&room, vessels, first);

    // The hepatic veins run between the portal branches, out of the vena cava.
    room.obstacles.retain(|ball| !cava_points.contains(ball));
    let portal = vessels.0[trunk..].iter().map(|branch| branch.line().collect::<Vec<_>>());
    room.obstacles.extend(portal.flat_map(|line| balls_along(&line)));
    let first = vessels.0.len();
    let ends = spread_points(&room, &liver::BOUNDS, params.vessel_ends, END_DEPTH_MM, &mut rng);
    // The main planes fan out from the cava: right vein, middle vein, left vein.
    let joint = cava_points.iter().min_by(|a, b| (a.at.z - 221.0).abs().total_cmp(&(b.at.z - 221.0).abs()));
    let Some(joint) = joint.copied() else { return };
    let angle = |p: &Point| (p.y - joint.at.y).atan2(-(p.x - joint.at.x)).to_degrees();
    let territory = |range: std::ops::Range<f64>| {
        ends.iter().filter(|p| range.contains(&angle(p))).copied().collect::<Vec<Point>>()
    };
    let veins = [
        (territory(-25.0..180.0), Vector::new(-1.0, 0.1, -0.25), 5.2),
        (territory(-85.0..-25.0), Vector::new(-0.6, -0.8, -0.35), 4.6),
        (territory(-180.0..-85.0), Vector::new(0.5, -0.9, -0.2), 4.4),
    ];
    for (ends, direction, radius_mm) in veins {
        let direction = direction.normalize();
        let stem = Stem { start: TubePoint::new(joint.at + direction * 5.0, radius_mm), direction, parent: Some(cava) };
        grow(&room, stem, &ends, HEPATIC, vessels, &mut rng);
    }
    push_apart(&room, vessels, first);
}
