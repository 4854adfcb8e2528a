//! What is drawn and listed of trees of vessels, kept from frame to frame until the trees or the action change.

use super::trees;
use crate::base::{ContentHash, NodeId};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::plan::tree::{Role, names};
use crate::plan::{Action, Cut, CutShape, Plan};
use crate::session::Case;
use std::sync::Arc;

/// The trees of a plan as they are: objects, contents, and what they do by their names.
type Trees = Vec<(NodeId, ContentHash, Role)>;

/// Lines over trees, shared between views.
pub(super) type Strokes = Arc<Vec<Vec<Point>>>;

/// What was made of trees last.
#[derive(Debug, Default)]
pub(super) struct Kept {
    trees: Trees,
    /// One for each action that lies on trees.
    strokes: Vec<(Action, Strokes)>,
    names: Option<(ContentHash, Arc<Vec<String>>)>,
    /// How often strokes were made.
    #[cfg(test)]
    made: usize,
}

impl Kept {
    /// [`trees::strokes`] of an action; none where it does not lie on trees.
    pub(super) fn strokes(&mut self, action: &Action, plan: &Plan, case: &Case) -> Option<Strokes> {
        if !matches!(action, Action::Clip { .. } | Action::Cut(Cut { shape: CutShape::Territories { .. }, .. })) {
            return None;
        }
        let now = trees_of(plan, case);
        if now != self.trees {
            (self.trees, self.strokes) = (now, Vec::new());
        }
        if let Some((_, known)) = self.strokes.iter().find(|(own, _)| own == action) {
            return Some(Arc::clone(known));
        }
        let strokes = Arc::new(trees::strokes(action, plan, case));
        // What a hand moved is of no use any longer: only actions of the plan stay, and this one.
        self.strokes.retain(|(own, _)| plan.actions.iter().any(|named| named.action == *own));
        self.strokes.push((action.clone(), Arc::clone(&strokes)));
        #[cfg(test)]
        {
            self.made += 1;
        }
        Some(strokes)
    }

    /// The names of the branches of `lines`, whose content is `content`.
    pub(super) fn names(&mut self, content: ContentHash, lines: &CentreLines) -> Arc<Vec<String>> {
        match &self.names {
            Some((of, known)) if *of == content => Arc::clone(known),
            _ => {
                let made = Arc::new(names(lines, &[]));
                self.names = Some((content, Arc::clone(&made)));
                made
            }
        }
    }
}

fn trees_of(plan: &Plan, case: &Case) -> Trees {
    let tree = |(id, _)| case.node(id).map(|node| (id, node.hash(), Role::of(&node.name)));
    trees::trees(plan, case).filter_map(tree).collect()
}

#[cfg(test)]
mod tests {
    use super::super::trees::tests::case;
    use super::*;
    use crate::plan::NamedAction;
    use crate::session::{Data, Node};

    #[test]
    fn strokes_are_made_anew_only_when_the_action_or_a_tree_changes() {
        let (case, bare) = case();
        let clip = |x: f64| Action::Clip { at: [x, 0.0, 0.0] };
        let plan = |action: &Action| Plan {
            actions: vec![NamedAction { name: "clip".into(), action: action.clone() }],
            ..bare.clone()
        };
        let mut kept = Kept::default();
        let mut made = |action: &Action, case: &Case| {
            let strokes = kept.strokes(action, &plan(action), case).unwrap();
            assert_eq!(*strokes, trees::strokes(action, &plan(action), case));
            kept.made
        };
        assert_eq!([made(&clip(10.0), &case), made(&clip(10.0), &case), made(&clip(30.0), &case)], [1, 1, 2]);
        assert_eq!(made(&clip(30.0), &case), 2);
        // Another content of the tree, and another role of it by its name.
        let other = |name: &str, lines: CentreLines| {
            Case::from_nodes([(NodeId(1), Node::new(name, Data::Lines(Arc::new(lines))))])
        };
        let lines = Arc::clone(trees::trees(&bare, &case).next().unwrap().1);
        let fewer = CentreLines::new(lines.branches()[..3].to_vec()).unwrap();
        assert_eq!(made(&clip(30.0), &other("portal", fewer)), 3);
        assert_eq!(made(&clip(30.0), &other("portal", CentreLines::clone(&lines))), 4);
        assert_eq!(made(&clip(30.0), &other("hepatic veins", CentreLines::clone(&lines))), 5);
        assert!(Kept::default().strokes(&Action::Clip { at: [0.0; 3] }, &Plan::default(), &case).unwrap().is_empty());
        let plane = CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.0, 0.0] };
        let cut = Action::Cut(Cut { shape: plane, width_mm: 1.0 });
        assert!(Kept::default().strokes(&cut, &bare, &case).is_none());
    }
}
