//! An arrangement of views as it stands in the file of settings.

use super::super::layout::{Arrangement, Layout, Pane};
use egui_tiles::{Container, Grid, GridLayout, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

/// A part of the arrangement. Shares are of the space of the whole container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    /// A view by its name.
    View(String),
    /// Side by side.
    Row(Vec<(f32, Stored)>),
    /// One above the other.
    Column(Vec<(f32, Stored)>),
    /// A table, row by row.
    Grid { column_shares: Vec<f32>, row_shares: Vec<f32>, tiles: Vec<Stored> },
    /// One behind the other.
    Tabs { active: usize, tiles: Vec<Stored> },
}

/// An arrangement that can be written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredLayout {
    arrangement: Arrangement,
    tile: Stored,
}

/// Containers within containers; a file that goes deeper is not ours.
const DEPTH_MAX: usize = 12;

impl StoredLayout {
    /// `layout` as it stands.
    pub fn of(layout: &Layout) -> Self {
        let tree = layout.tree();
        let tile = tree.root().and_then(|root| store(&tree.tiles, root, 0));
        Self { arrangement: layout.arrangement(), tile: tile.unwrap_or(Stored::Row(Vec::new())) }
    }

    /// The layout; the arrangement it started as if nothing of it is known to this program.
    pub fn layout(&self) -> Layout {
        let mut tiles = Tiles::default();
        match restore(&mut tiles, &self.tile, 0) {
            Some(root) => Layout::stored(self.arrangement, Tree::new(egui::Id::new("stored views"), root, tiles)),
            None => Layout::new(self.arrangement),
        }
    }
}

fn store(tiles: &Tiles<Pane>, id: TileId, depth: usize) -> Option<Stored> {
    if DEPTH_MAX < depth {
        return None;
    }
    let stored = |id: &TileId| store(tiles, *id, depth + 1);
    match tiles.get(id)? {
        Tile::Pane(pane) => super::code(*pane).map(|code| Stored::View(code.to_owned())),
        Tile::Container(Container::Linear(Linear { children, dir, shares })) => {
            // Rounded, so that a window that is one pixel wider changes nothing.
            let share = |id: &TileId| (shares[*id] * 1000.0).round() / 1000.0;
            let parts = children.iter().filter_map(|id| Some((share(id), stored(id)?))).collect();
            Some(if *dir == LinearDir::Horizontal { Stored::Row(parts) } else { Stored::Column(parts) })
        }
        Tile::Container(Container::Grid(grid)) => {
            let children: Vec<Stored> = grid.children().filter_map(stored).collect();
            let columns = match grid.layout {
                GridLayout::Columns(columns) => columns,
                GridLayout::Auto => grid.col_shares.len(),
            };
            let shares = |shares: &[f32], n: usize| {
                (0..n).map(|k| (shares.get(k).copied().unwrap_or(1.0) * 1000.0).round() / 1000.0).collect()
            };
            let rows = children.len().div_ceil(columns.max(1));
            Some(Stored::Grid {
                column_shares: shares(&grid.col_shares, columns),
                row_shares: shares(&grid.row_shares, rows),
                tiles: children,
            })
        }
        Tile::Container(Container::Tabs(Tabs { children, active })) => {
            let place = children.iter().position(|id| Some(*id) == *active).unwrap_or(0);
            Some(Stored::Tabs { active: place, tiles: children.iter().filter_map(stored).collect() })
        }
    }
}

fn restore(tiles: &mut Tiles<Pane>, stored: &Stored, depth: usize) -> Option<TileId> {
    if DEPTH_MAX < depth {
        return None;
    }
    let share = |share: f32| if share.is_finite() { share.clamp(0.05, 20.0) } else { 1.0 };
    match stored {
        Stored::View(code) => super::pane(code).map(|pane| tiles.insert_pane(pane)),
        Stored::Row(parts) | Stored::Column(parts) => {
            let children: Vec<(f32, TileId)> = parts
                .iter()
                .filter_map(|(part, tile)| Some((share(*part), restore(tiles, tile, depth + 1)?)))
                .collect();
            let row = matches!(stored, Stored::Row(_));
            let dir = if row { LinearDir::Horizontal } else { LinearDir::Vertical };
            let mut linear = Linear::new(dir, children.iter().map(|(_, id)| *id).collect());
            children.iter().for_each(|(share, id)| linear.shares.set_share(*id, *share));
            (!children.is_empty()).then(|| tiles.insert_container(Container::Linear(linear)))
        }
        Stored::Grid { column_shares, row_shares, tiles: parts } => {
            let children: Vec<TileId> = parts.iter().filter_map(|tile| restore(tiles, tile, depth + 1)).collect();
            if children.is_empty() {
                return None;
            }
            let mut grid = Grid::new(children);
            grid.layout = GridLayout::Columns(column_shares.len().clamp(1, 6));
            grid.col_shares = column_shares.iter().map(|each| share(*each)).collect();
            grid.row_shares = row_shares.iter().map(|each| share(*each)).collect();
            Some(tiles.insert_container(Container::Grid(grid)))
        }
        Stored::Tabs { active, tiles: parts } => {
            let children: Vec<TileId> = parts.iter().filter_map(|tile| restore(tiles, tile, depth + 1)).collect();
            let shown = children.get(*active).or(children.first()).copied()?;
            let mut tabs = Tabs::new(children);
            tabs.set_active(shown);
            Some(tiles.insert_container(Container::Tabs(tabs)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrangement_comes_back_as_it_was() {
        for (arrangement, name) in Arrangement::ALL {
            let stored = StoredLayout::of(&Layout::new(arrangement));
            let text = serde_json::to_string(&stored).unwrap();
            let read: StoredLayout = serde_json::from_str(&text).unwrap();
            assert_eq!(StoredLayout::of(&read.layout()), stored, "{name}");
            assert_eq!(read.layout().panes(), Layout::new(arrangement).panes(), "{name}");
        }
    }

    #[test]
    fn views_of_a_later_program_are_left_out() {
        let text =
            r#"{"arrangement": "four_up", "tile": {"row": [[2.0, {"view": "axial"}], [1.0, {"view": "hologram"}]]}}"#;
        let read: StoredLayout = serde_json::from_str(text).unwrap();
        assert_eq!(read.layout().panes(), [Pane::Slice(crate::geom::Orientation::Axial)]);
        let nothing = r#"{"arrangement": "slices", "tile": {"view": "hologram"}}"#;
        let read: StoredLayout = serde_json::from_str(nothing).unwrap();
        assert_eq!(read.layout().panes(), Layout::new(Arrangement::Slices).panes());
    }

    #[test]
    fn shares_that_make_no_sense_do_not_hide_a_view() {
        let text =
            r#"{"arrangement": "four_up", "tile": {"row": [[-3.0, {"view": "axial"}], [1e30, {"view": "scene"}]]}}"#;
        let read: StoredLayout = serde_json::from_str(text).unwrap();
        let Stored::Row(parts) = StoredLayout::of(&read.layout()).tile else { panic!("a row comes back as a row") };
        assert!(parts.iter().all(|(share, _)| (0.05..=20.0).contains(share)), "{parts:?}");
    }
}
