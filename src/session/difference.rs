//! In what two cases differ: objects and segments of only one of them, and volumes on both sides.

use super::{Case, Data, Node, NodeKind};
use crate::base::{ContentHash, NodeId};
use crate::image::{BRICK, BrickLabels, LabelMap, Segment};
use std::collections::BTreeMap;

/// An object or a segment on one or both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What kind of object it is; segments have that of segmentations.
    pub kind: NodeKind,
    /// Its name.
    pub name: String,
    /// The object on the left and on the right.
    pub nodes: [Option<NodeId>; 2],
    /// Its volume on the left and on the right, where it encloses one.
    pub volumes_ml: [Option<f64>; 2],
    /// Of a segment on both sides and on the same grid: how much of it is in common (Dice 1945), 0 to 1.
    pub dice: Option<f64>,
    /// Whether both sides hold the same data.
    pub is_same: bool,
}

/// How the sides of a row are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sameness {
    /// Only on the left.
    LeftOnly,
    /// Only on the right.
    RightOnly,
    /// On both sides, with other data.
    Changed,
    /// On both sides, with the same data.
    Same,
}

impl Difference {
    /// How the sides are to each other.
    pub fn sameness(&self) -> Sameness {
        match self.nodes {
            [Some(_), None] => Sameness::LeftOnly,
            [None, Some(_)] => Sameness::RightOnly,
            _ if self.is_same => Sameness::Same,
            _ => Sameness::Changed,
        }
    }
}

/// Volumes that were computed already, by the hash of the data.
#[derive(Debug, Default)]
pub struct Volumes(BTreeMap<ContentHash, Option<f64>>);

impl Volumes {
    /// The volume a node encloses in ml; none where it encloses none, as a surface with a hole.
    fn of(&mut self, node: &Node) -> Option<f64> {
        *self.0.entry(node.hash()).or_insert_with(|| match &node.data {
            Data::Surface(data) => (data.surface.open_edges() == 0).then(|| data.surface.volume_ml()),
            Data::Tets(mesh) => Some(mesh.volume_ml()),
            _ => None,
        })
    }
}

/// Objects of the left beside what they are on the right.
///
/// States of one history share the numbers of their objects; other cases are matched by kind and name, the first of a
/// name with the first.
pub fn pairs(left: &Case, right: &Case, same_history: bool) -> Vec<[Option<NodeId>; 2]> {
    let mut free: BTreeMap<(String, &'static str), Vec<NodeId>> = BTreeMap::new();
    let key = |node: &Node| (node.name.clone(), node.data.kind().words());
    let mut taken = BTreeMap::new();
    if same_history {
        let kind = |case: &Case, id| case.node(id).map(|node| node.data.kind());
        let both = left.nodes().filter(|(id, node)| kind(right, *id) == Some(node.data.kind()));
        taken.extend(both.map(|(id, _)| (id, id)));
    } else {
        for (id, node) in right.nodes().rev() {
            free.entry(key(node)).or_default().push(id);
        }
        for (id, node) in left.nodes() {
            if let Some(other) = free.get_mut(&key(node)).and_then(Vec::pop) {
                taken.insert(id, other);
            }
        }
    }
    let mut pairs: Vec<_> = left.nodes().map(|(id, _)| [Some(id), taken.get(&id).copied()]).collect();
    let matched: Vec<NodeId> = taken.into_values().collect();
    pairs.extend(right.nodes().filter(|(id, _)| !matched.contains(id)).map(|(id, _)| [None, Some(id)]));
    pairs
}

/// In what `right` differs from `left`: what is only on one side first, then what changed, the largest change first.
/// Saved views are left out, for they are no part of a plan. Computes; not for the main thread.
pub fn differences(left: &Case, right: &Case, same_history: bool, volumes: &mut Volumes) -> Vec<Difference> {
    let mut rows = Vec::new();
    for nodes in pairs(left, right, same_history) {
        let [a, b] = [nodes[0].and_then(|id| left.node(id)), nodes[1].and_then(|id| right.node(id))];
        let Some(node) = a.or(b).filter(|node| node.data.kind() != NodeKind::View) else { continue };
        if let Data::Labels(_) = &node.data {
            let map = |node: Option<&std::sync::Arc<Node>>| match node.map(|node| &node.data) {
                Some(Data::Labels(labels)) => Some(labels.clone()),
                _ => None,
            };
            segments(nodes, [map(a), map(b)], &mut rows);
            continue;
        }
        rows.push(Difference {
            kind: node.data.kind(),
            name: node.name.clone(),
            nodes,
            volumes_ml: [a, b].map(|side| side.and_then(|node| volumes.of(node))),
            dice: None,
            is_same: a.zip(b).is_some_and(|(a, b)| a.hash() == b.hash()),
        });
    }
    rows.sort_by(|a, b| {
        let change = |row: &Difference| match row.volumes_ml {
            [Some(left), Some(right)] => (right - left).abs(),
            [Some(only), None] | [None, Some(only)] => only,
            [None, None] => 0.0,
        };
        a.sameness().cmp(&b.sameness()).then(change(b).total_cmp(&change(a)))
    });
    rows
}

/// The rows of two segmentations, matched by the names of their segments.
fn segments(nodes: [Option<NodeId>; 2], maps: [Option<LabelMap>; 2], rows: &mut Vec<Difference>) {
    let own = |side: usize| maps[side].as_ref().map_or(&[] as &[Segment], LabelMap::segments);
    let pairs = own(0).iter().map(|left| [Some(left), own(1).iter().find(|right| right.name == left.name)]);
    let of_right = own(1).iter().filter(|right| own(0).iter().all(|left| left.name != right.name));
    for pair in pairs.chain(of_right.map(|right| [None, Some(right)])) {
        let volume = |side: usize| Some(maps[side].as_ref()?.volume_ml(pair[side]?.id));
        let mut row = Difference {
            kind: NodeKind::Labels,
            name: pair[0].or(pair[1]).map_or_else(String::new, |segment| segment.name.clone()),
            nodes: [0, 1].map(|side| nodes[side].filter(|_| pair[side].is_some())),
            volumes_ml: [volume(0), volume(1)],
            dice: None,
            is_same: false,
        };
        if let ([Some(a), Some(b)], [Some(left), Some(right)]) = (&maps, pair)
            && a.grid() == b.grid()
        {
            let counts = [a.count(left.id), b.count(right.id)];
            let both = common(a, left, b, right);
            row.is_same = counts == [both; 2];
            let all = counts[0] + counts[1];
            row.dice = (all != 0).then(|| 2.0 * both as f64 / all as f64);
        }
        rows.push(row);
    }
}

/// Voxels that belong to one segment in one map and to the other in the other, on the same grid.
fn common(a: &LabelMap, left: &Segment, b: &LabelMap, right: &Segment) -> usize {
    let dims = a.grid().dims();
    let [nx, ny, nz] = dims.map(|n| n.div_ceil(BRICK));
    let in_brick = |index: usize| {
        let count = |labels: &[u8], id: u8| labels.iter().filter(|label| **label == id).count();
        match (a.brick(index), b.brick(index)) {
            (BrickLabels::One(x), BrickLabels::One(y)) if x == left.id.0 && y == right.id.0 => {
                let start = [index % nx, index / nx % ny, index / (nx * ny)].map(|n| n * BRICK);
                [0, 1, 2].map(|axis| BRICK.min(dims[axis] - start[axis])).iter().product()
            }
            (BrickLabels::One(x), BrickLabels::Each(labels)) if x == left.id.0 => count(labels, right.id.0),
            (BrickLabels::Each(labels), BrickLabels::One(y)) if y == right.id.0 => count(labels, left.id.0),
            (BrickLabels::Each(x), BrickLabels::Each(y)) => {
                x.iter().zip(y).filter(|(x, y)| **x == left.id.0 && **y == right.id.0).count()
            }
            _ => 0,
        }
    };
    (0..nx * ny * nz).map(in_brick).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point, Vector};
    use crate::image::Volume;
    use crate::mesh::Surface;
    use std::sync::Arc;

    /// A closed box of so many millimetres a side.
    fn cube(side_mm: f64) -> Surface {
        let corner = |n: u32| Point::from([n & 1, n >> 1 & 1, n >> 2 & 1].map(|bit| side_mm * f64::from(bit)));
        let faces = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = faces.iter().flat_map(|[a, b, c, d]| [[*a, *b, *c], [*a, *c, *d]]);
        Surface::new((0..8).map(corner).collect(), triangles.collect()).unwrap()
    }

    fn surface(name: &str, side_mm: f64) -> Node {
        Node::new(name, Data::surface(cube(side_mm)))
    }

    fn case(nodes: impl IntoIterator<Item = (u32, Node)>) -> Case {
        Case::from_nodes(nodes.into_iter().map(|(id, node)| (NodeId(id), node)))
    }

    fn compare(left: &Case, right: &Case) -> Vec<Difference> {
        differences(left, right, false, &mut Volumes::default())
    }

    #[test]
    fn objects_are_matched_by_name_whatever_their_numbers_and_say_how_their_volumes_differ() {
        let left = case([(1, surface("liver", 100.0)), (2, surface("tumour", 20.0)), (3, surface("kidney", 50.0))]);
        let right = case([(7, surface("kidney", 50.0)), (9, surface("liver", 80.0)), (12, surface("stent", 10.0))]);
        let rows = compare(&left, &right);
        let words: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.sameness())).collect();
        let expected = [
            ("tumour", Sameness::LeftOnly),
            ("stent", Sameness::RightOnly),
            ("liver", Sameness::Changed),
            ("kidney", Sameness::Same),
        ];
        assert_eq!(words, expected);
        let [Some(before), Some(after)] = rows[2].volumes_ml else { panic!("both sides have a volume") };
        assert!((before - 1000.0).abs() < 1e-6 && (after - 512.0).abs() < 1e-6, "{before} {after}");
        assert_eq!(rows[2].nodes, [Some(NodeId(1)), Some(NodeId(9))]);
    }

    #[test]
    fn states_of_one_history_are_matched_by_number_so_that_a_new_name_is_no_new_object() {
        let left = case([(1, surface("liver", 100.0))]);
        let right = case([(1, surface("liver remnant", 60.0))]);
        assert_eq!(compare(&left, &right).len(), 2);
        let rows = differences(&left, &right, true, &mut Volumes::default());
        assert_eq!(rows.iter().map(Difference::sameness).collect::<Vec<_>>(), [Sameness::Changed]);
    }

    #[test]
    fn the_first_of_a_name_belongs_to_the_first() {
        let left = case([(1, surface("node", 10.0)), (2, surface("node", 20.0))]);
        let right = case([(5, surface("node", 10.0)), (6, surface("node", 20.0)), (7, surface("node", 30.0))]);
        let [one, two, five, six, seven] = [1, 2, 5, 6, 7].map(|id| Some(NodeId(id)));
        assert_eq!(pairs(&left, &right, false), [[one, five], [two, six], [None, seven]]);
    }

    #[test]
    fn an_open_surface_has_no_volume() {
        let open = cube(10.0).with_triangles(&cube(10.0).triangles()[1..]);
        let rows = compare(&case([(1, Node::new("skin", Data::surface(open)))]), &Case::default());
        assert_eq!((rows[0].sameness(), rows[0].volumes_ml), (Sameness::LeftOnly, [None, None]));
    }

    /// A segmentation whose segment `liver` has the first `n` columns of every row, on a grid that is no multiple of bricks.
    fn labels(n: usize) -> LabelMap {
        let grid = Arc::new(Grid::aligned([70, 40, 3], Point::origin(), [1.0, 1.0, 2.0]).unwrap());
        let voxels = (0..grid.len()).map(|offset| u8::from(offset % 70 < n)).collect();
        LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "liver", [200, 80, 60], None)
    }

    #[test]
    fn segments_have_volumes_and_what_they_have_in_common() {
        let of = |n| case([(1, Node::new("organs", Data::Labels(labels(n))))]);
        let row = &compare(&of(60), &of(40))[0];
        assert_eq!((row.name.as_str(), row.sameness()), ("liver", Sameness::Changed));
        let ml = |n: f64| n * 40.0 * 3.0 * 2.0 / 1000.0;
        assert_eq!(row.volumes_ml, [Some(ml(60.0)), Some(ml(40.0))]);
        assert!((row.dice.unwrap() - 2.0 * 40.0 / 100.0).abs() < 1e-12, "{:?}", row.dice);
        let same = &compare(&of(64), &of(64))[0];
        assert_eq!((same.sameness(), same.dice), (Sameness::Same, Some(1.0)), "whole bricks, too");
        let gone = &compare(&of(64), &Case::default())[0];
        assert_eq!((gone.sameness(), gone.dice), (Sameness::LeftOnly, None));
    }

    #[test]
    fn a_volume_is_computed_once() {
        let (left, mut volumes) = (case([(1, surface("liver", 100.0))]), Volumes::default());
        differences(&left, &left, false, &mut volumes);
        assert_eq!(volumes.0.len(), 1);
        let moved = cube(100.0).with_positions(cube(100.0).positions().iter().map(|p| p + Vector::x()).collect());
        let moved = case([(1, Node::new("liver", Data::surface(moved.unwrap())))]);
        let rows = differences(&left, &moved, false, &mut volumes);
        assert_eq!((volumes.0.len(), rows[0].sameness()), (2, Sameness::Changed), "moved, of the same volume");
    }
}
