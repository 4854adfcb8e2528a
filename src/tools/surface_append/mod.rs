//! `surface.append`: two surfaces as one object.

use super::shared::effect::Outcome;
use super::shared::solid::{SURFACE, surface_of};
use crate::base::{NodeId, Summary};
use crate::mesh::arrange::append;
use crate::session::{Case, CommandError, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};

/// Two surfaces as one object.
#[derive(Debug)]
pub struct SurfaceAppend;

/// Parameters of [`SurfaceAppend`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    surface: NodeId,
    other: NodeId,
}

impl Tool for SurfaceAppend {
    const ID: &'static str = "surface.append";
    const LABEL: &'static str = "Append surfaces…";
    const HELP: &'static str =
        "Put two surfaces into one object as they are; the boolean union joins them where they meet.";
    const STEP: Step = Step::Model;
    const PARAMS: &'static [ParamSpec] =
        &[SURFACE, ParamSpec::needed("other", Kind::Node(NodeKind::Surface), "", "the other surface")];
    type Params = Params;

    fn prepare(case: &Case, Params { surface, other }: Params) -> Result<Task, CommandError> {
        let (source, other) = (surface_of(case, surface)?, surface_of(case, other)?);
        Ok(Box::new(move |progress| {
            progress.set(0.1)?;
            let both = append(&[source.surface().clone(), other.surface().clone()]);
            let text = "together they have more vertices than 32 bits can number; decimate them first";
            let both = both.ok_or_else(|| CommandError::Failed(text.into()))?;
            let limit = "where the surfaces overlap, their volume counts twice";
            let summary = source.account(&both, Summary::default().limit(limit));
            Ok(source.becomes(&format!("and {}", other.name()), both, summary, Outcome::New))
        }))
    }
}
