//! The view of curves: what the selected result has over time or along a way, large.

use super::super::curve::curve_in;
use super::super::{theme, words};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::session::{Case, Node};
use egui::{Rect, ScrollArea, Ui, Vec2};
use std::sync::Arc;

/// Whether `node` has a table that can be drawn.
fn has_curves(node: &Node) -> bool {
    node.summary.tables.iter().any(|table| table.places().is_some())
}

/// The selected object if it has curves, else the newest that has.
fn subject(case: &Case, selected: Option<NodeId>) -> Option<&Arc<Node>> {
    let asked = selected.and_then(|id| case.node(id)).filter(|node| has_curves(node));
    asked.or_else(|| case.nodes().rev().map(|(_, node)| node).find(|node| has_curves(node)))
}

/// Show the curves in `rect`.
pub fn plot_ui(ui: &mut Ui, rect: Rect, case: &Case, selected: Option<NodeId>) {
    ui.painter().rect_filled(rect, 0, theme::of(ui).panel);
    let inner = rect.shrink2(Vec2::new(14.0, 10.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| {
        let Some(node) = subject(case, selected) else {
            ui.label(theme::strong(tr("plot-title")));
            ui.label(theme::small(tr("plot-none")));
            return;
        };
        ui.label(theme::strong(&node.name));
        let tables: Vec<_> =
            node.summary.tables.iter().enumerate().filter(|(_, table)| table.places().is_some()).collect();
        // One table fills the view; several are scrolled.
        let height = (ui.available_height() - 70.0) / tables.len().min(2) as f32 - 30.0;
        ScrollArea::vertical().id_salt("plots").auto_shrink(false).show(ui, |ui| {
            for (n, table) in tables {
                ui.label(theme::small(words::heading(&table.title)));
                curve_in(ui, n, table, height.max(90.0));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Summary;
    use crate::base::table::{Table, TableRow};
    use crate::geom::Point;
    use crate::mesh::TetMesh;
    use crate::session::Data;

    fn node(name: &str, rows: usize) -> Node {
        let corners = [[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]].map(Point::from);
        let mesh = TetMesh::new(corners.to_vec(), vec![[0, 1, 2, 3]], vec![1]).unwrap();
        let mut table = Table::new("flow", "time", &[("time", "s"), ("flow", "ml/s")]);
        let row = |n: usize| TableRow { name: n.to_string(), values: vec![Some(n as f64), Some(1.0)] };
        table.rows = (0..rows).map(row).collect();
        Node::new(name, Data::Tets(mesh)).with_summary(Summary { tables: vec![table], ..Summary::default() })
    }

    #[test]
    fn the_selected_result_is_plotted_or_else_the_newest_that_has_curves() {
        let nodes = [("first", 60), ("second", 60), ("no curve", 0)];
        let case = Case::from_nodes((1..).map(NodeId).zip(nodes.map(|(name, rows)| node(name, rows))));
        let name = |selected| subject(&case, selected).map(|node| node.name.as_str());
        assert_eq!([name(None), name(Some(NodeId(1))), name(Some(NodeId(3)))], ["second", "first", "second"].map(Some));
        assert!(subject(&Case::default(), None).is_none());
    }
}
