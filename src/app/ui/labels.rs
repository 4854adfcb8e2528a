//! Names of objects at the left and right of the scene, with a line to each: boundary labelling.
//!
//! Names have places one below the other in two columns. Objects are divided by where they appear from left to right, so
//! lines of different columns cannot cross; within a column names are given to places so that lines are short in sum, and
//! lines of least total length do not cross (Bekos et al. 2007, Computational Geometry 36(3), for straight leaders).

use super::camera::OrbitCamera;
use super::contract::SceneInfo;
use super::slice::shadowed;
use super::theme;
use crate::base::NodeId;
use crate::geom::Point;
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2};

/// A name and what it is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Which object.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its colour, sRGB.
    pub colour: [u8; 3],
    /// A place on it that is seen, LPS mm.
    pub anchor: Point,
    /// How much of the view it takes, 0 to 1: the larger has the older right to a place.
    pub share: f64,
}

impl Label {
    /// A name as it stands beside the scene, where everything is a surface: without that word at its end.
    pub fn short(name: &str) -> &str {
        let endings = [" surface", " Surface", "表面"];
        let cut = endings.iter().find_map(|ending| name.strip_suffix(ending)).map(str::trim_end);
        cut.filter(|rest| !rest.is_empty()).unwrap_or(name)
    }
}

/// Height of a row in points.
const ROW: f32 = 19.0;
/// Points between a column and the first bend of its lines.
const GAP: f32 = 10.0;
/// Widest name as a part of the room, and in points.
const WIDTH_PART: f32 = 0.24;
const WIDTH_MAX: f32 = 170.0;

/// Where a name is drawn and its line goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    /// Which of the items.
    pub(super) item: usize,
    /// Around its text.
    pub(super) rect: Rect,
    /// From the text to the bend to the object.
    pub(super) line: [Pos2; 3],
}

/// Place texts of `items` (anchor, width, weight) in two columns of `room`. Left out are those whose anchor lies beneath a
/// column, and the lightest where places run out.
pub(super) fn place(room: Rect, items: &[(Pos2, f32, f64)]) -> Vec<Placed> {
    let rows = (room.height() / ROW).floor().max(0.0) as usize;
    let widest = items.iter().map(|(_, width, _)| *width).fold(0.0, f32::max);
    // Both columns are as wide as the widest name, so that all lines bend at the same place.
    let bends = [room.left() + widest + GAP, room.right() - widest - GAP];
    let is_reached = |at: Pos2| bends[0] <= at.x && at.x <= bends[1];
    let mut kept: Vec<usize> = (0..items.len()).filter(|n| is_reached(items[*n].0)).collect();
    kept.sort_by(|a, b| items[*b].2.total_cmp(&items[*a].2).then(a.cmp(b)));
    kept.truncate(2 * rows);
    kept.sort_by(|a, b| items[*a].0.x.total_cmp(&items[*b].0.x).then(a.cmp(b)));
    let wished = kept.iter().filter(|n| items[**n].0.x < room.center().x).count();
    let on_left = wished.clamp(kept.len().saturating_sub(rows), rows.min(kept.len()));
    let (left, right) = kept.split_at(on_left);
    [(left, bends[0], true), (right, bends[1], false)]
        .into_iter()
        .flat_map(|(column, bend, is_left)| column_of(room, items, column, bend, is_left))
        .collect()
}

fn column_of(room: Rect, items: &[(Pos2, f32, f64)], column: &[usize], bend: f32, is_left: bool) -> Vec<Placed> {
    let mut order = column.to_vec();
    order.sort_by(|a, b| items[*a].0.y.total_cmp(&items[*b].0.y).then(a.cmp(b)));
    let heights: Vec<f32> = order.iter().map(|n| items[*n].0.y).collect();
    let rows = spread(&heights, room.top() + 0.5 * ROW, room.bottom() - 0.5 * ROW);
    uncross(&mut order, items, &rows, bend);
    let placed = order.iter().zip(&rows).map(|(item, y)| {
        let (anchor, width, _) = items[*item];
        let x = if is_left { room.left() } else { room.right() - width };
        let rect = Rect::from_min_size(Pos2::new(x, y - 0.5 * ROW), Vec2::new(width, ROW));
        let start = Pos2::new(if is_left { rect.right() + 4.0 } else { rect.left() - 4.0 }, *y);
        Placed { item: *item, rect, line: [start, Pos2::new(bend, *y), anchor] }
    });
    placed.collect()
}

/// Heights at least [`ROW`] apart within `low` and `high`, as near as possible to `wished`, which ascends: least squares by
/// pooling neighbours (Barlow et al. 1972), so that small changes of the wishes are small changes of the result.
fn spread(wished: &[f32], low: f32, high: f32) -> Vec<f32> {
    // Without the distances between rows it is a regression by an ascending function.
    let mut pools: Vec<(f32, usize)> = Vec::new();
    for (n, y) in wished.iter().enumerate() {
        pools.push((y - n as f32 * ROW, 1));
        while let [.., (a, many), (b, more)] = pools[..]
            && b <= a
        {
            pools.truncate(pools.len() - 2);
            pools.push(((a * many as f32 + b * more as f32) / (many + more) as f32, many + more));
        }
    }
    let last = (wished.len().max(1) - 1) as f32 * ROW;
    let flat = pools.into_iter().flat_map(|(y, many)| std::iter::repeat_n(y.min(high - last).max(low), many));
    flat.enumerate().map(|(n, y)| y + n as f32 * ROW).collect()
}

/// Exchange names whose lines cross. Each exchange makes the lines shorter in sum, so it ends.
fn uncross(order: &mut [usize], items: &[(Pos2, f32, f64)], rows: &[f32], bend: f32) {
    let port = |row: usize| Pos2::new(bend, rows[row]);
    let mut changed = true;
    while changed {
        changed = false;
        for a in 0..order.len() {
            for b in a + 1..order.len() {
                let [p, q] = [order[a], order[b]].map(|n| items[n].0);
                let now = port(a).distance(p) + port(b).distance(q);
                let other = port(a).distance(q) + port(b).distance(p);
                // A little more than rounding, or two names of one place would change for ever.
                if other + 1e-2 < now && cross([port(a), p], [port(b), q]) {
                    order.swap(a, b);
                    changed = true;
                }
            }
        }
    }
}

/// Whether two line segments cross in their insides.
fn cross([a, b]: [Pos2; 2], [c, d]: [Pos2; 2]) -> bool {
    let side = |p: Pos2, q: Pos2, r: Pos2| {
        let (u, v) = (q - p, r - p);
        f64::from(u.x) * f64::from(v.y) - f64::from(u.y) * f64::from(v.x)
    };
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// Draw the names of the scene in `rect`, texts within `room`.
pub(super) fn labels_ui(painter: &Painter, room: Rect, rect: Rect, scene: &SceneInfo) {
    paint(painter, room, rect, &scene.camera, &scene.labels);
}

fn paint(painter: &Painter, room: Rect, rect: Rect, camera: &OrbitCamera, labels: &[Label]) {
    let font = FontId::proportional(12.5);
    let widest = (WIDTH_PART * room.width()).min(WIDTH_MAX);
    if labels.is_empty() || widest < 40.0 {
        return;
    }
    let texts = labels.iter().map(|label| fitting(painter, &label.name, &font, widest));
    let (mut seen, mut items) = (Vec::new(), Vec::new());
    for (label, (text, width)) in labels.iter().zip(texts) {
        let Some(at) = camera.project(&label.anchor, rect).filter(|at| rect.contains(*at)) else { continue };
        items.push((at, width, label.share));
        seen.push((label, text));
    }
    let placed = place(room, &items);
    for (width, alpha) in [(3.0, 150), (1.0, 0)] {
        for Placed { item, line, .. } in &placed {
            let colour = if alpha == 0 { theme::TEXT } else { Color32::from_black_alpha(alpha) };
            painter.line(line.to_vec(), Stroke::new(width, colour));
            let dot = if alpha == 0 { theme::colour(seen[*item].0.colour) } else { Color32::from_black_alpha(200) };
            painter.circle_filled(line[2], 2.0 + width, dot);
        }
    }
    for Placed { item, rect, .. } in &placed {
        let text = &seen[*item].1;
        shadowed(painter, rect.left_center(), Align2::LEFT_CENTER, text, font.clone(), theme::STRONG);
    }
}

/// `name`, cut short where it is wider than `widest`, and its width.
pub(super) fn fitting(painter: &Painter, name: &str, font: &FontId, widest: f32) -> (String, f32) {
    let width = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), theme::STRONG).size().x;
    let whole = width(name);
    if whole <= widest {
        return (name.to_owned(), whole);
    }
    let mut letters: Vec<char> = name.chars().collect();
    while letters.pop().is_some() {
        let text = letters.iter().collect::<String>().trim_end().to_owned() + "…";
        let cut = width(&text);
        if cut <= widest {
            return (text, cut);
        }
    }
    (String::new(), 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Rect = Rect { min: Pos2::new(26.0, 40.0), max: Pos2::new(700.0, 480.0) };

    /// A few hundred views with names at places that follow from a number (a linear congruential generator).
    fn views() -> Vec<Vec<(Pos2, f32, f64)>> {
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        let mut item = move || {
            let at = Pos2::new(700.0 * next(), 520.0 * next());
            (at, 30.0 + 90.0 * next(), f64::from(next()))
        };
        (0..300).map(|n| (0..n % 60).map(|_| item()).collect()).collect()
    }

    #[test]
    fn only_the_word_at_the_end_is_left_out_of_a_name() {
        let short =
            ["Left kidney surface", "Surface", " surface", "surface of the liver", "肝脏表面"].map(Label::short);
        assert_eq!(short, ["Left kidney", "Surface", " surface", "surface of the liver", "肝脏"]);
    }

    #[test]
    fn names_lie_inside_and_do_not_overlap() {
        for items in views() {
            let placed = place(ROOM, &items);
            for (n, one) in placed.iter().enumerate() {
                assert!(ROOM.expand(1e-3).contains_rect(one.rect), "{:?}", one.rect);
                assert_eq!(one.line[2], items[one.item].0);
                for other in &placed[..n] {
                    let common = one.rect.shrink(1e-3).intersect(other.rect);
                    assert!(!common.is_positive(), "{:?} {:?}", one.rect, other.rect);
                    assert_ne!(one.item, other.item);
                }
            }
        }
    }

    #[test]
    fn no_two_lines_cross_and_no_line_crosses_a_name() {
        for items in views() {
            let placed = place(ROOM, &items);
            for (n, one) in placed.iter().enumerate() {
                for other in &placed[..n] {
                    for a in one.line.windows(2) {
                        for b in other.line.windows(2) {
                            let (a, b) = ([a[0], a[1]], [b[0], b[1]]);
                            // Lines that meet within a hundredth of a point are not told apart by anyone.
                            assert!(!cross(a, b) || nearly_one(a, b), "{one:?} {other:?}");
                        }
                    }
                    let in_column = other.rect.left() <= one.line[1].x && one.line[1].x <= other.rect.right();
                    assert!(!in_column, "a line bends beyond every name");
                }
            }
        }
    }

    /// Whether exchanging the ends changes the sum of lengths by less than what counts.
    fn nearly_one([a, p]: [Pos2; 2], [b, q]: [Pos2; 2]) -> bool {
        (a.distance(p) + b.distance(q) - a.distance(q) - b.distance(p)).abs() <= 1.1e-2
    }

    #[test]
    fn every_reachable_object_has_its_name_while_there_are_places() {
        let items: Vec<_> = (0..20).map(|n| (Pos2::new(200.0 + 15.0 * n as f32, 250.0), 60.0, 1.0)).collect();
        assert_eq!(place(ROOM, &items).len(), 20);
        let many: Vec<_> = (0..100).map(|n| (Pos2::new(200.0 + 3.0 * n as f32, 250.0), 60.0, f64::from(n))).collect();
        let placed = place(ROOM, &many);
        assert_eq!(placed.len(), 46, "23 rows in each column");
        assert!(placed.iter().all(|one| 54 <= one.item), "the heaviest");
        assert_eq!(place(Rect::NOTHING, &many), []);
        assert_eq!(place(ROOM, &[(Pos2::new(40.0, 100.0), 60.0, 1.0)]), [], "beneath the column");
    }

    #[test]
    fn a_small_move_of_the_camera_moves_names_little() {
        let (mut all, mut steady) = (0, 0);
        for items in views() {
            let moved: Vec<_> = items.iter().map(|(at, w, s)| (*at + Vec2::new(0.05, -0.05), *w, *s)).collect();
            let after = place(ROOM, &moved);
            for one in place(ROOM, &items) {
                all += 1;
                let same = after.iter().find(|other| other.item == one.item);
                steady += usize::from(same.is_some_and(|same| same.rect.min.distance(one.rect.min) < 1.0));
            }
        }
        // Some pass the middle or their neighbour in just this moment.
        assert!(4000 < all && 0.98 * f64::from(all) < steady as f64, "{steady} of {all}");
    }

    #[test]
    fn places_are_as_near_as_possible_to_what_is_wished() {
        assert_eq!(spread(&[100.0, 200.0], 0.0, 400.0), [100.0, 200.0]);
        assert_eq!(spread(&[100.0, 100.0], 0.0, 400.0), [100.0 - 0.5 * ROW, 100.0 + 0.5 * ROW]);
        assert_eq!(spread(&[-50.0, 500.0], 0.0, 400.0), [0.0, 400.0]);
        assert_eq!(spread(&[], 0.0, 400.0), [0.0; 0]);
    }
}
