//! Tables: widths from what stands in the columns, rows that go on over sheets, heads that are repeated.

use super::super::document::{Cell, Table, TableKind};
use super::faces::Faces;
use super::flow::{Flow, base_line, put};
use super::lines::{LEADING, Line, Look, extent, lines};
use super::sheet::{BOTTOM, HAIR, MARGIN, Mark, SOFT, TOP, WIDTH};

/// Sizes of text, tried from the largest.
const SIZES: [f32; 4] = [8.5, 7.6, 6.8, 6.0];
/// Left and right of a cell, and above and below.
const PAD: [f32; 2] = [4.0, 2.4];
/// A colour before a text.
const CHIP: f32 = 8.0;
/// A column of this width is not made wider.
const NARROW: f32 = 22.0;
/// Names and values from this number of rows on stand in two columns.
const FOLDED: usize = 8;
/// A row higher than this is parted at the foot of a sheet.
const PARTED: f32 = 120.0;

/// What a table needs at the foot of a sheet to begin there.
pub(super) fn least_height(table: &Table) -> f32 {
    let rows = table.rows.len().min(2) + usize::from(!table.head.is_empty());
    (rows as f32 * 24.0).max(40.0)
}

/// A row ready to be put down.
struct Row {
    /// Left edge, width, lines, and the cell itself.
    cells: Vec<(f32, f32, Vec<Line>)>,
    count: usize,
}

/// Put `table` down.
pub(super) fn table(flow: &mut Flow<'_>, table: &Table) {
    let folded = folded(table, flow.faces);
    let table = folded.as_ref().unwrap_or(table);
    let size = if table.kind == TableKind::Log { 1 } else { 0 };
    let chosen = SIZES[size..].iter().find_map(|size| Some((*size, widths(table, *size, flow.faces)?)));
    let (size, widths) = match chosen {
        Some(chosen) => chosen,
        None => {
            if let Some(parts) = parted(table) {
                parts.iter().for_each(|part| {
                    self::table(flow, part);
                    flow.y += 6.0;
                });
                return;
            }
            let size = SIZES[SIZES.len() - 1];
            (size, squeezed(table, size, flow.faces))
        }
    };
    let bold = Look { bold: true, ..Look::soft(0.94 * size) };
    let head = (!table.head.is_empty()).then(|| set(&table.head, &widths, bold, flow.faces));
    let rows: Vec<Row> = table.rows.iter().map(|cells| set(cells, &widths, Look::plain(size), flow.faces)).collect();
    for (n, (row, cells)) in rows.iter().zip(&table.rows).enumerate() {
        let height = height(size, 0..row.count);
        let over = head.as_ref().map_or(0.0, |head| self::height(size, 0..head.count));
        if n == 0 {
            flow.keep(over + height.min(PARTED));
            put_head(flow, head.as_ref(), &table.head, size, &widths);
        }
        // The last row does not go on alone.
        let next =
            rows.get(n + 1).filter(|_| n + 2 == rows.len() && 1 < n).map(|next| self::height(size, 0..next.count));
        if next.is_some_and(|next| height + next < PARTED && height <= flow.room() && flow.room() < height + next) {
            flow.next_sheet();
            put_head(flow, head.as_ref(), &table.head, size, &widths);
        }
        let mut from = 0;
        while from < row.count {
            let fits = ((flow.room() - 2.0 * PAD[1]) / (size * LEADING)).floor().max(0.0) as usize;
            let rest = row.count - from;
            let to = if rest <= fits {
                row.count
            } else if PARTED < height && 3 <= fits || BOTTOM - TOP - over < height && 0 < fits {
                from + fits
            } else {
                flow.next_sheet();
                put_head(flow, head.as_ref(), &table.head, size, &widths);
                // On an empty sheet everything must go on, however high it is.
                let fits = ((flow.room() - 2.0 * PAD[1]) / (size * LEADING)).floor().max(1.0) as usize;
                row.count.min(from + fits)
            };
            put_row(flow, row, cells, size, from..to, &widths);
            from = to;
        }
    }
    flow.y += 3.0;
}

/// Many names and values in two columns beside each other, the second half right of the first; none where they do not fit.
fn folded(table: &Table, faces: &Faces) -> Option<Table> {
    let span = |row: &[Cell]| row.iter().map(|cell| 1 + cell.more_columns).sum::<usize>();
    let columns = table.rows.iter().map(|row| span(row)).max()?;
    if table.kind != TableKind::Facts || table.rows.len() < FOLDED || !table.head.is_empty() {
        return None;
    }
    let filled = |row: &[Cell]| {
        let mut row = row.to_vec();
        row.extend((span(&row)..columns).map(|_| Cell::default()));
        row
    };
    let half = table.rows.len().div_ceil(2);
    let row = |n: usize| {
        let right = table.rows.get(half + n).map(Vec::as_slice).unwrap_or_default();
        let mut row = filled(&table.rows[n]);
        row.push(Cell::default());
        row.extend(filled(right));
        row
    };
    let folded = Table { kind: table.kind, head: Vec::new(), rows: (0..half).map(row).collect() };
    let needed: f32 = extents(&folded, SIZES[0], faces).iter().map(|extent| extent[1].max(extent[0])).sum();
    (needed <= WIDTH).then_some(folded)
}

/// A table of too many columns as two, each with the first column; none if it cannot be parted.
fn parted(table: &Table) -> Option<[Table; 2]> {
    let columns = table.head.len();
    let is_even = table.rows.iter().all(|row| row.len() == columns && row.iter().all(|cell| cell.more_columns == 0));
    if columns < 4 || !is_even {
        return None;
    }
    let middle = 1 + (columns - 1) / 2;
    let part = |from: usize, to: usize| {
        let row = |cells: &Vec<Cell>| cells.iter().take(1).chain(&cells[from..to]).cloned().collect::<Vec<_>>();
        Table { kind: table.kind, head: row(&table.head), rows: table.rows.iter().map(row).collect() }
    };
    Some([part(1, middle), part(middle, columns)])
}

/// The least and the most width of every column.
fn extents(table: &Table, size: f32, faces: &Faces) -> Vec<[f32; 2]> {
    let columns = |row: &Vec<Cell>| row.iter().map(|cell| 1 + cell.more_columns).sum::<usize>();
    let count = table.rows.iter().chain([&table.head]).map(columns).max().unwrap_or(0);
    let mut all = vec![[0.0_f32; 2]; count];
    let mut take = |row: &Vec<Cell>, look: Look| {
        let mut column = 0;
        for cell in row {
            let [least, most] = extent(&cell.text, look, faces);
            let more = 2.0 * PAD[0] + if cell.chip.is_some() { CHIP + 3.0 } else { 0.0 };
            let (first, own) = (column, 1 + cell.more_columns);
            column += own;
            if own == 1 {
                let known = &mut all[first];
                // A single long word, as a path or a hash, may be broken rather than squeeze all other columns.
                *known = [known[0].max(least.min(0.3 * WIDTH) + more), known[1].max(most + more)];
            } else {
                let there: f32 = all[first..first + own].iter().map(|known| known[1]).sum();
                let last = &mut all[first + own - 1];
                last[1] = last[1].max((most + more - there + last[1]).min(0.7 * WIDTH));
            }
        }
    };
    let bold = Look { bold: true, ..Look::plain(0.94 * size) };
    take(&table.head, bold);
    table.rows.iter().for_each(|row| take(row, Look::plain(size)));
    all
}

/// Widths of the columns at this size of text; none if words would have to be broken.
fn widths(table: &Table, size: f32, faces: &Faces) -> Option<Vec<f32>> {
    let extents = extents(table, size, faces);
    let sum = |n: usize| extents.iter().map(|extent| extent[n].max(extent[0])).sum::<f32>();
    let (least, most) = (sum(0), sum(1));
    if WIDTH < least {
        return None;
    }
    let spread =
        |[a, b]: &[f32; 2]| if most <= least { *a } else { a + (b.max(*a) - a) * (WIDTH - least) / (most - least) };
    Some(match table.kind {
        TableKind::Facts if most <= WIDTH => extents.iter().map(|extent| extent[1].max(extent[0])).collect(),
        _ if most <= WIDTH => {
            let own = |extent: &[f32; 2]| extent[1].max(extent[0]);
            // A column of nothing but colours stays as narrow as it is.
            let fixed: f32 = extents.iter().map(own).filter(|own| *own <= NARROW).sum();
            let factor = (WIDTH - fixed) / (most - fixed).max(1.0);
            extents.iter().map(own).map(|own| if own <= NARROW { own } else { own * factor }).collect()
        }
        _ => extents.iter().map(spread).collect(),
    })
}

/// Widths in the same proportions where nothing else helps.
fn squeezed(table: &Table, size: f32, faces: &Faces) -> Vec<f32> {
    let extents = extents(table, size, faces);
    let least: f32 = extents.iter().map(|extent| extent[0]).sum();
    extents.iter().map(|extent| extent[0] * WIDTH / least.max(1.0)).collect()
}

fn set(cells: &[Cell], widths: &[f32], look: Look, faces: &Faces) -> Row {
    let (mut x, mut column) = (MARGIN, 0);
    let mut row = Row { cells: Vec::new(), count: 1 };
    for cell in cells {
        let width: f32 = widths[column..(column + 1 + cell.more_columns).min(widths.len())].iter().sum();
        let look = if cell.faded { Look { colour: SOFT, ..look } } else { look };
        let chip = if cell.chip.is_some() { CHIP + 3.0 } else { 0.0 };
        let set = lines(&cell.text, look, (width - 2.0 * PAD[0] - chip).max(4.0) + 0.01, faces);
        row.count = row.count.max(set.len());
        row.cells.push((x, width, set));
        x += width;
        column += 1 + cell.more_columns;
    }
    row
}

fn height(size: f32, part: std::ops::Range<usize>) -> f32 {
    part.len() as f32 * size * LEADING + 2.0 * PAD[1]
}

fn put_head(flow: &mut Flow<'_>, head: Option<&Row>, cells: &[Cell], size: f32, widths: &[f32]) {
    if let Some(head) = head {
        put_row(flow, head, cells, size, 0..head.count, widths);
        let (y, width) = (flow.y, widths.iter().sum());
        flow.sheet().fill([MARGIN, y - 0.5, width, 0.9], SOFT);
    }
}

fn put_row(flow: &mut Flow<'_>, row: &Row, cells: &[Cell], size: f32, part: std::ops::Range<usize>, widths: &[f32]) {
    let top = flow.y + PAD[1];
    let step = size * LEADING;
    let bottom = flow.y + height(size, part.clone());
    let sheet = flow.sheet();
    for ((x, width, set), cell) in row.cells.iter().zip(cells) {
        let mut left = x + PAD[0];
        if let Some(colour) = cell.chip.filter(|_| part.start == 0) {
            let place = [left, top + 0.5 * (step - CHIP), CHIP, CHIP];
            let edge = Some((SOFT, 0.3));
            sheet.marks.push(Mark::Box { place, fill: Some((colour, 1.0)), edge, radius: 1.5 });
            left += CHIP + 3.0;
        }
        for (n, line) in set.iter().enumerate().skip(part.start).take(part.len()) {
            let x = if cell.right { x + width - PAD[0] - line.width } else { left };
            put(sheet, line, x, top + (n - part.start) as f32 * step + base_line(size));
        }
    }
    sheet.fill([MARGIN, bottom - 0.5, widths.iter().sum(), 0.5], HAIR);
    flow.y = bottom;
}
