//! A case that is being opened or saved: a card with how far it is, and the way to stop it.

use super::*;
use crate::base::i18n::tr;
use std::time::Duration;

fn job(ending: bool) -> FileJob {
    FileJob { what: "Opening liver".into(), fraction: 0.42, elapsed: Duration::from_secs(3), ending }
}

#[test]
fn what_is_opened_has_a_card_with_its_part_done_and_can_be_cancelled() {
    for (case, size) in [
        (case(), Vec2::new(1440.0, 900.0)),
        // Without a left panel it lies over the window.
        (Case::default(), Vec2::new(800.0, 500.0)),
        (case(), Vec2::new(640.0, 360.0)),
    ] {
        let mut harness = open_sized(case, size);
        assert!(harness.query_by_label(tr("job-cancel")).is_none());
        harness.state_mut().busy = Some(job(false));
        harness.run_steps(3);
        assert!(is_written(&harness, "42 %"), "{size}");
        let button = harness.get_by_label(tr("job-cancel")).rect();
        assert!(harness.ctx.content_rect().contains_rect(button), "{size}: {button}");
        assert_eq!(press(&mut harness, tr("job-cancel")), [Request::CancelFile], "{size}");
        harness.state_mut().busy = Some(job(true));
        harness.run_steps(3);
        assert_eq!(press(&mut harness, tr("job-cancel")), [], "it was cancelled already");
        assert!(is_written(&harness, tr("file-cancelling")));
    }
}
