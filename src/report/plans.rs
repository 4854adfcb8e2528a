//! The plans of a case side by side: terms with bounds and verdicts, check-lists, methods and limits.

use super::Report;
use super::document::{Block, Cell, Document, Figure, Mark, Span, Table, TableKind, Text, Tone, plain};
use crate::base::i18n;
use crate::plan::compare::{Board, Candidate, Column, Line};
use crate::plan::{Judgement, SignedOn, Term, Verdict};
use crate::session::Case;

/// The plans of `case`; none if it has none.
pub(super) fn board(case: &Case) -> Option<Board> {
    let plans: Vec<_> = case.plans().collect();
    let stale: Vec<Option<String>> = plans.iter().map(|(.., plan)| case.stale_score(plan)).collect();
    let together: Vec<_> = plans.iter().map(|(node, _, plan)| case.together(*node, plan)).collect();
    let candidates = plans.iter().zip(&stale).zip(&together).map(|(((node, own, plan), stale), together)| Candidate {
        node: *node,
        name: &own.name,
        plan,
        stale: stale.as_deref(),
        together,
        contents: Some(case.plan_contents(plan)),
    });
    let candidates: Vec<_> = candidates.collect();
    (!candidates.is_empty()).then(|| Board::of(&candidates))
}

/// The section, with the pictures of the plans and of their `parts`; nothing where there are no plans.
pub(super) fn blocks<'a>(
    document: &mut Document<'a>,
    report: &Report,
    pictures: Vec<Figure<'a>>,
    parts: impl Fn(u32) -> Vec<Figure<'a>>,
) {
    let Some(board) = &report.plans else { return };
    document.head("report-plans");
    for plan in &board.plans {
        if let Some(stale) = &plan.stale {
            let text = format!("{}: {}.", plan.name, document.said(stale));
            document.blocks.push(Block::Paragraph(vec![Span::new(text, Tone::Warning)]));
        }
    }
    if !pictures.is_empty() {
        document.blocks.push(Block::Figures(pictures));
    }
    let table = table(document, board);
    document.blocks.push(Block::Table(table));
    for plan in &board.plans {
        let figures = parts(plan.id);
        if !figures.is_empty() {
            let of = [("plan", plan.name.as_str().into())];
            document.blocks.push(Block::Caption(i18n::tr_with_in(document.language, "report-plan-parts", &of)));
            document.blocks.push(Block::Figures(figures));
        }
    }
    super::distances::blocks(document, report);
    board.plans.iter().for_each(|plan| checks(document, plan));
    let methods: Vec<String> = board.methods().iter().map(|method| document.said(method)).collect();
    if !methods.is_empty() {
        let heading = document.word("report-plan-methods").to_owned();
        document.blocks.push(Block::List { heading, tone: Tone::Plain, items: methods });
    }
    document.note("report-plan-note");
}

fn table(document: &Document<'_>, board: &Board) -> Table {
    let mut head = vec![Cell::of(document.word("report-term"))];
    head.extend(board.plans.iter().map(|plan| {
        Cell::text(vec![Span::new(&plan.name, Tone::Plain), Span::new(format!(" #{}", plan.id), Tone::Small)])
    }));
    let line = |id: &'static str, cell: &dyn Fn(&Column) -> Text| {
        let cells = board.plans.iter().map(|plan| Cell::text(cell(plan)));
        std::iter::once(Cell::of(document.word(id))).chain(cells).collect::<Vec<_>>()
    };
    let verdict = |plan: &Column| {
        let mark = match (plan.judgement, &plan.stale) {
            (_, Some(_)) | (None, _) => Mark::NotValid,
            (Some(Judgement::Allowed), None) if plan.breaches_to_weigh.is_some_and(|count| 0 < count) => Mark::Warning,
            (Some(Judgement::Allowed), None) => Mark::Ok,
            (Some(Judgement::NotAllowed), None) => Mark::Breach,
            (Some(Judgement::CannotBeSaid), None) => Mark::Unsaid,
        };
        let word = match (plan.judgement, plan.breaches_to_weigh) {
            (Some(Judgement::Allowed), Some(count)) if 0 < count => {
                i18n::tr_with_in(document.language, "report-allowed-weighing", &[("count", count.into())])
            }
            (Some(Judgement::Allowed), _) => document.word("report-allowed").to_owned(),
            (Some(Judgement::NotAllowed), _) => document.word("report-not-allowed").to_owned(),
            (Some(Judgement::CannotBeSaid), _) => document.word("report-cannot-be-said").to_owned(),
            (None, _) => document.word("report-not-scored").to_owned(),
        };
        let old =
            if plan.stale.is_some() { format!(" ({})", document.word("report-old-score")) } else { String::new() };
        vec![Span::new(format!("{word}{old}"), Tone::Verdict(mark))]
    };
    let mut rows = vec![
        line("report-verdict", &verdict),
        line("report-actions", &|plan| plain(plan.actions.join("\n"))),
        line("report-sum", &|plan| plain(plan.total.map_or("–".into(), |total| format!("{total:.2}")))),
    ];
    if board.plans.iter().any(|plan| !plan.note.is_empty()) {
        rows.push(line("report-note", &|plan| plain(&plan.note)));
    }
    rows.extend(board.all_rows().map(|row| {
        let cells =
            row.cells.iter().map(|cell| cell.as_ref().map_or_else(Cell::default, |term| cell_of(document, term)));
        std::iter::once(Cell::of(document.said(&row.name))).chain(cells).collect()
    }));
    Table { kind: TableKind::Wide, head, rows }
}

fn cell_of(document: &Document<'_>, term: &Term) -> Cell {
    let (mark, word) = match term.verdict {
        Verdict::Ok => (Mark::Ok, "report-verdict-ok"),
        Verdict::Warning => (Mark::Warning, "report-verdict-warning"),
        Verdict::Breach => (Mark::Breach, "report-verdict-breach"),
        Verdict::NotValid => (Mark::NotValid, "report-verdict-not-valid"),
    };
    let mut text = plain(term.text());
    // Without a limit there is nothing to judge, so no word either.
    if !term.limit.is_empty() || term.verdict != Verdict::Ok {
        text.extend([Span::new(" ", Tone::Plain), Span::new(document.word(word), Tone::Verdict(mark))]);
    }
    let weighed = term.weighed.map(|[weight, cost]| {
        let of = [("weight", format!("{weight:.2}")), ("cost", format!("{cost:.2}"))];
        let of = [(of[0].0, (&of[0].1).into()), (of[1].0, (&of[1].1).into())];
        i18n::tr_with_in(document.language, "report-weighed", &of)
    });
    let said = [&term.limit, &term.reason].into_iter().filter(|text| !text.is_empty()).map(|text| document.said(text));
    let small = said.chain(weighed);
    let small = small.collect::<Vec<_>>().join("; ");
    if !small.is_empty() {
        text.push(Span::new(format!("\n{small}"), Tone::Small));
    }
    Cell { faded: mark == Mark::NotValid, ..Cell::text(text) }
}

fn checks(document: &mut Document<'_>, plan: &Column) {
    if plan.checks.is_empty() {
        return;
    }
    let heading = i18n::tr_with_in(document.language, "report-check-list", &[("plan", (&plan.name).into())]);
    document.blocks.push(Block::Caption(heading));
    let changed = document.word("report-changed-since");
    let row = |line: &Line| {
        let by = match (&line.by, line.changed_since) {
            (Some(by), false) => plain(by),
            (Some(by), true) => {
                vec![Span::new(format!("{by} "), Tone::Plain), Span::new(changed, Tone::Verdict(Mark::Warning))]
            }
            (None, _) => vec![Span::new(document.word("report-open"), Tone::Verdict(Mark::NotValid))],
        };
        let mut by = by;
        if let Some(remark) = line.signed_on.and_then(SignedOn::remark) {
            by.push(Span::new(format!("\n{}", document.said(remark)), Tone::Small));
        }
        vec![Cell::of(document.said(&line.text)), Cell::text(by), Cell::of(line.at.clone().unwrap_or_default())]
    };
    let rows = plan.checks.iter().map(row).collect();
    let columns = [("report-line", false), ("report-signed-by", false), ("report-signed-at", false)];
    let table = Table { kind: TableKind::Wide, head: document.columns(&columns), rows };
    document.blocks.push(Block::Table(table));
}
