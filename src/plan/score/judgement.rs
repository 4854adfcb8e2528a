//! What a plan comes to as a whole, and what it came to when somebody signed.

use super::{Score, Term, Verdict};
use serde::{Deserialize, Serialize};

/// Whether a plan may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Every rule that forbids was judged, and none is broken.
    Allowed,
    /// A rule that forbids is broken.
    NotAllowed,
    /// None is broken as far as one can see, but one that forbids could not be judged.
    CannotBeSaid,
}

impl Judgement {
    /// Of these terms.
    pub(super) fn of(terms: &[Term]) -> Self {
        let any = |verdict| terms.iter().any(|term| term.forbids && term.verdict == verdict);
        match () {
            () if any(Verdict::Breach) => Self::NotAllowed,
            () if any(Verdict::NotValid) => Self::CannotBeSaid,
            () => Self::Allowed,
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotAllowed => "not allowed",
            Self::CannotBeSaid => "cannot be said",
        }
    }
}

impl Score {
    /// Whether the plan may be done.
    pub fn judgement(&self) -> Judgement {
        Judgement::of(&self.terms)
    }

    /// The terms that forbid and could not be judged.
    pub fn unjudged(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| term.forbids && term.verdict == Verdict::NotValid)
    }
}

/// What a plan had come to when a line of its check-list was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedOn {
    /// See [`Judgement::Allowed`].
    Allowed,
    /// See [`Judgement::NotAllowed`].
    NotAllowed,
    /// See [`Judgement::CannotBeSaid`].
    CannotBeSaid,
    /// It had no score.
    NotScored,
    /// Its score was of an earlier state.
    OldScore,
}

impl SignedOn {
    /// What a plan with this score comes to; `is_stale` where the score is of an earlier state.
    pub fn of(score: Option<&Score>, is_stale: bool) -> Self {
        match (score.map(Score::judgement), is_stale) {
            (None, _) => Self::NotScored,
            (Some(_), true) => Self::OldScore,
            (Some(Judgement::Allowed), false) => Self::Allowed,
            (Some(Judgement::NotAllowed), false) => Self::NotAllowed,
            (Some(Judgement::CannotBeSaid), false) => Self::CannotBeSaid,
        }
    }

    /// What is said to somebody who signs; nothing where there is nothing to say.
    pub fn remark(self) -> Option<&'static str> {
        Some(match self {
            Self::Allowed => return None,
            Self::NotAllowed => "signed although the plan is not allowed: something forbidden happens",
            Self::CannotBeSaid => {
                "signed although it cannot be said whether the plan is allowed: a rule could not be judged"
            }
            Self::NotScored => "signed although the plan is not scored",
            Self::OldScore => "signed although the score of the plan is old",
        })
    }
}
