//! temporary
use super::*;
#[derive(Debug, Serialize, Deserialize)] pub(super) struct TissueV1 {}
#[derive(Debug, Serialize, Deserialize)] pub(super) struct FlowV1 {}
pub(super) fn encode_tissue(_: &crate::biomech::TissueResult) -> (Meta, Encoded<'_>) { todo!() }
pub(super) fn encode_flow(_: &crate::flow::FlowResult) -> (Meta, Encoded<'_>) { todo!() }
pub(super) fn decode_tissue(_: &TissueV1, _: &mut Arrays) -> Result<Data,String> { todo!() }
pub(super) fn decode_flow(_: &FlowV1, _: &mut Arrays) -> Result<Data,String> { todo!() }
