//! Outlines in the plane: area, way around, which part of a row lies inside, diameters.

/// A closed outline in plane coordinates.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// Its corners; the last is joined to the first. What is inside follows the even-odd rule.
    Polygon(Vec<[f64; 2]>),
    /// An ellipse: its centre and two half axes, which need not be at right angles.
    Ellipse {
        /// The centre.
        centre: [f64; 2],
        /// From the centre to the ends of two conjugate half diameters.
        half: [[f64; 2]; 2],
    },
}

fn cross([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> f64 {
    ax * by - ay * bx
}

fn minus([ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> [f64; 2] {
    [ax - bx, ay - by]
}

impl Outline {
    /// The area enclosed: of a polygon by Gauss's formula, of an ellipse π·|a × b|.
    pub fn area(&self) -> f64 {
        match self {
            Self::Polygon(corners) => {
                // From the first corner, so that places far from the origin cost no digits.
                let first = corners[0];
                let fan = corners.windows(2).map(|pair| cross(minus(pair[0], first), minus(pair[1], first)));
                0.5 * fan.sum::<f64>().abs()
            }
            Self::Ellipse { half: [a, b], .. } => std::f64::consts::PI * cross(*a, *b).abs(),
        }
    }

    /// The way around. Half axes of an ellipse must be at right angles.
    pub fn perimeter(&self) -> f64 {
        match self {
            Self::Polygon(corners) => sides(corners)
                .map(|(a, b)| {
                    let [x, y] = minus(b, a);
                    x.hypot(y)
                })
                .sum(),
            Self::Ellipse { half: [a, b], .. } => ellipse_perimeter(a[0].hypot(a[1]), b[0].hypot(b[1])),
        }
    }

    /// The smallest and largest coordinates.
    pub fn bounds(&self) -> [[f64; 2]; 2] {
        match self {
            Self::Polygon(corners) => corners.iter().fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], |[l, h], p| {
                [[l[0].min(p[0]), l[1].min(p[1])], [h[0].max(p[0]), h[1].max(p[1])]]
            }),
            Self::Ellipse { centre, half: [a, b] } => {
                let reach = [0, 1].map(|axis| a[axis].hypot(b[axis]));
                [[centre[0] - reach[0], centre[1] - reach[1]], [centre[0] + reach[0], centre[1] + reach[1]]]
            }
        }
    }

    /// The parts of the row at height `v` that lie inside: pairs of `u` in ascending order.
    pub fn spans(&self, v: f64) -> Vec<[f64; 2]> {
        match self {
            Self::Polygon(corners) => {
                let mut at: Vec<f64> = sides(corners)
                    .filter(|(a, b)| (a[1] <= v) != (b[1] <= v))
                    .map(|(a, b)| a[0] + (v - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
                    .collect();
                at.sort_by(f64::total_cmp);
                at.as_chunks::<2>().0.to_vec()
            }
            // c + a cos t + b sin t has v = cᵥ + R cos(t − φ) with R = |(aᵥ, bᵥ)| and φ its direction.
            Self::Ellipse { centre, half: [a, b] } => {
                let reach = a[1].hypot(b[1]);
                let height = v - centre[1];
                if reach <= height.abs() {
                    return Vec::new();
                }
                let (phase, turn) = (b[1].atan2(a[1]), (height / reach).acos());
                let u = |t: f64| centre[0] + a[0] * t.cos() + b[0] * t.sin();
                let (one, other) = (u(phase - turn), u(phase + turn));
                vec![[one.min(other), one.max(other)]]
            }
        }
    }

    /// Whether sides of a polygon cross one another.
    pub fn crosses_itself(&self) -> bool {
        let Self::Polygon(corners) = self else { return false };
        let all: Vec<_> = sides(corners).collect();
        let side = |(a, b): ([f64; 2], [f64; 2]), p| cross(minus(b, a), minus(p, a));
        let cut = |one: ([f64; 2], [f64; 2]), other: ([f64; 2], [f64; 2])| {
            side(one, other.0) * side(one, other.1) < 0.0 && side(other, one.0) * side(other, one.1) < 0.0
        };
        all.iter().enumerate().any(|(n, one)| all[n + 1..].iter().any(|other| cut(*one, *other)))
    }

    /// The longest diameter and the longest chord at right angles to it, as WHO 1979 measures lesions: their ends.
    pub fn diameters(&self) -> [[[f64; 2]; 2]; 2] {
        let corners = match self {
            Self::Polygon(corners) => corners,
            Self::Ellipse { centre, half } => {
                let ends = half.map(|[x, y]| [[centre[0] - x, centre[1] - y], [centre[0] + x, centre[1] + y]]);
                let long = |[x, y]: [f64; 2]| x.hypot(y);
                return if long(half[1]) <= long(half[0]) { ends } else { [ends[1], ends[0]] };
            }
        };
        let hull = hull(corners);
        let mut longest = ([hull[0], hull[0]], -1.0);
        for (n, a) in hull.iter().enumerate() {
            for b in &hull[n + 1..] {
                let [x, y] = minus(*b, *a);
                if longest.1 < x.hypot(y) {
                    longest = ([*a, *b], x.hypot(y));
                }
            }
        }
        let ([start, end], length) = longest;
        let [cos, sin] = minus(end, start).map(|x| x / length);
        // Turned so that the diameter stands upright: chords across it are rows, and the longest ends beside a corner.
        let turned = |p: &[f64; 2]| {
            let [x, y] = minus(*p, start);
            [x * sin - y * cos, x * cos + y * sin]
        };
        let back = |[u, v]: [f64; 2]| [start[0] + u * sin + v * cos, start[1] - u * cos + v * sin];
        let upright = Self::Polygon(corners.iter().map(turned).collect());
        let mut widest = ([0.0, 0.0], 0.0);
        for corner in corners {
            let height = turned(corner)[1];
            for beside in [-1e-9, 1e-9].map(|part| height + part * length) {
                for [low, high] in upright.spans(beside) {
                    if widest.0[1] - widest.0[0] < high - low {
                        widest = ([low, high], beside);
                    }
                }
            }
        }
        let ([low, high], height) = widest;
        [[start, end], [back([low, height]), back([high, height])]]
    }
}

fn sides(corners: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    corners.iter().zip(corners.iter().cycle().skip(1)).map(|(a, b)| (*a, *b))
}

/// The way around an ellipse with half axes `a` and `b`: 4a·E(k), by the arithmetic-geometric mean (Abramowitz and Stegun
/// 1964, 17.6).
pub(super) fn ellipse_perimeter(a: f64, b: f64) -> f64 {
    let (mut high, mut low) = (a.max(b), a.min(b));
    if high <= 0.0 {
        return 0.0;
    }
    let longest = high;
    let mut sum = longest * longest - 0.5 * (high * high - low * low);
    let mut power = 1.0;
    while 1e-15 * longest < high - low {
        let difference = 0.5 * (high - low);
        (high, low) = (0.5 * (high + low), (high * low).sqrt());
        sum -= power * difference * difference;
        power *= 2.0;
        // Flat ellipses: the mean of a number and 0 only halves.
        if low == 0.0 {
            return 4.0 * longest;
        }
    }
    std::f64::consts::TAU * sum / high
}

/// The corners of the convex hull, counterclockwise (Andrew 1979).
fn hull(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let half = |points: &mut dyn Iterator<Item = &[f64; 2]>| {
        let mut chain: Vec<[f64; 2]> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if 0.0 < cross(minus(b, a), minus(*point, a)) {
                    break;
                }
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut sorted.iter());
    hull.extend(half(&mut sorted.iter().rev()));
    if hull.is_empty() { sorted[..1].to_vec() } else { hull }
}
