//! Plans of an operation: what is to be reached, what is to be spared, what is done, and what that is worth.
//!
//! One grammar for every organ: a [`Plan`] names an organ, [`Target`]s with their margins, [`KeepOut`] structures with their
//! distances, and [`Action`]s; it is scored by visible terms. A liver cut, a needle, an ablation, a screw and an osteotomy are
//! actions of the same list. Knows no case, no window and no files: a plan holds ids, kernels get masks, surfaces and lines.

pub mod ablation;
pub mod access;
pub mod action;
pub mod alike;
pub mod bone;
pub mod bounded;
pub mod compare;
pub mod depths;
pub mod distance;
pub mod follow;
pub mod grammar;
pub mod liver;
pub mod path;
pub mod refuse;
pub mod resection;
pub mod score;
pub mod search;
mod summary;
pub mod template;
pub mod territory;
pub mod tree;
pub mod uncertainty;

pub use action::{Action, Cut, CutShape, Implant, Needle, NeedleKind, Osteotomy, Port, Screw, Sheet, Zone};
pub use bounded::Bounded;
pub use distance::DistanceMap;
pub use grammar::{Check, KeepOut, Limits, Linked, NamedAction, Plan, Signature, Structure, Target};
pub use score::{Judgement, Scene, Score, SignedOn, Term, Verdict, score};
