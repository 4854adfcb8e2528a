//! The plans of a case side by side: terms with bounds and verdicts, check-lists, methods and limits.

use super::Report;
use super::html::escape;
use crate::plan::compare::{Board, Candidate, Column, Row};
use crate::plan::{Term, Verdict};
use crate::session::Case;
use std::fmt::Write;

/// The plans of `case`; none if it has none.
pub(super) fn board(case: &Case) -> Option<Board> {
    let plans: Vec<_> = case.plans().collect();
    let stale: Vec<Option<String>> = plans.iter().map(|(.., plan)| case.stale_score(plan)).collect();
    let candidates = plans.iter().zip(&stale).map(|((node, own, plan), stale)| Candidate {
        node: *node,
        name: &own.name,
        plan,
        stale: stale.as_deref(),
    });
    let candidates: Vec<_> = candidates.collect();
    (!candidates.is_empty()).then(|| Board::of(&candidates))
}

/// The section; nothing where there are no plans.
pub(super) fn section(page: &mut String, report: &Report) {
    let Some(board) = &report.plans else { return };
    page.push_str("<section class=\"plans\"><h2>Plans</h2>\n");
    for plan in &board.plans {
        if let Some(stale) = &plan.stale {
            let _ = writeln!(page, "<p class=\"stale\">{}: {}.</p>", escape(&plan.name), escape(stale));
        }
    }
    table(page, board);
    board.plans.iter().for_each(|plan| checks(page, plan));
    let methods = board.methods();
    if !methods.is_empty() {
        page.push_str("<div class=\"methods\"><h4>Methods and sources</h4><ul>");
        methods.iter().for_each(|text| {
            let _ = write!(page, "<li>{}</li>", escape(text));
        });
        page.push_str("</ul></div>\n");
    }
    page.push_str(
        "<p class=\"note\">Numbers in brackets are the bounds a value is known within. A verdict is a warning where the value \
         keeps its limit but its bounds do not. Grey values are outside what their method holds for. Limits are editable \
         defaults with their source, not medical advice.</p></section>\n",
    );
}

fn table(page: &mut String, board: &Board) {
    page.push_str("<div class=\"wide\"><table><thead><tr><th>Term</th>");
    for plan in &board.plans {
        let _ = write!(page, "<th>{} <small>#{}</small></th>", escape(&plan.name), plan.id);
    }
    page.push_str("</tr></thead><tbody>\n");
    let mut line = |name: &str, cell: &dyn Fn(&Column) -> String| {
        let cells: String = board.plans.iter().map(|plan| format!("<td>{}</td>", cell(plan))).collect();
        let _ = writeln!(page, "<tr><td>{name}</td>{cells}</tr>");
    };
    line("Verdict", &|plan| {
        let class = match (plan.allowed, &plan.stale) {
            (_, Some(_)) | (None, _) => "not-valid",
            (Some(true), None) => "ok",
            (Some(false), None) => "breach",
        };
        let old = if plan.stale.is_some() { " (old score)" } else { "" };
        format!("<span class=\"verdict {class}\">{}{old}</span>", plan.verdict())
    });
    line("Actions", &|plan| plan.actions.iter().map(|name| escape(name)).collect::<Vec<_>>().join("<br>"));
    line("Weighted sum of costs, 0 is best", &|plan| plan.total.map_or("–".into(), |total| format!("{total:.2}")));
    if board.plans.iter().any(|plan| !plan.note.is_empty()) {
        line("Note", &|plan| escape(&plan.note));
    }
    board.rows.iter().for_each(|row| terms(page, row));
    page.push_str("</tbody></table></div>\n");
}

fn terms(page: &mut String, row: &Row) {
    let _ = write!(page, "<tr><td>{}</td>", escape(&row.name));
    for cell in &row.cells {
        match cell {
            Some(term) => cell_of(page, term),
            None => page.push_str("<td></td>"),
        }
    }
    page.push_str("</tr>\n");
}

fn cell_of(page: &mut String, term: &Term) {
    let class = match term.verdict {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Breach => "breach",
        Verdict::NotValid => "not-valid",
    };
    // Without a limit there is nothing to judge, so no word either.
    let judged = !term.limit.is_empty() || term.verdict != Verdict::Ok;
    let word =
        if judged { format!(" <span class=\"verdict {class}\">{}</span>", term.verdict.word()) } else { String::new() };
    let small: Vec<String> =
        [&term.limit, &term.reason].iter().filter(|text| !text.is_empty()).map(|t| escape(t)).collect();
    let weight = term.weighed.map(|[weight, cost]| format!("weight {weight:.2} × cost {cost:.2}"));
    let small = small.into_iter().chain(weight).collect::<Vec<_>>().join("; ");
    let _ = write!(page, "<td class=\"{class}\">{}{word}<br><small>{small}</small></td>", escape(&term.text()));
}

fn checks(page: &mut String, plan: &Column) {
    if plan.checks.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<h4>Check-list of {}</h4><table><thead><tr><th>Line</th><th>Signed by</th><th>At</th></tr></thead><tbody>",
        escape(&plan.name)
    );
    for line in &plan.checks {
        let by = match (&line.by, line.changed_since) {
            (Some(by), false) => escape(by),
            (Some(by), true) => {
                format!("{} <span class=\"verdict warning\">the plan was changed since</span>", escape(by))
            }
            (None, _) => "<span class=\"verdict not-valid\">open</span>".into(),
        };
        let at = line.at.as_deref().map_or(String::new(), escape);
        let _ = writeln!(page, "<tr><td>{}</td><td>{by}</td><td>{at}</td></tr>", escape(&line.text));
    }
    page.push_str("</tbody></table>\n");
}
