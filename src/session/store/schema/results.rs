//! The stored form of simulation results.

use super::{
    Arrays, Encoded, GridV1, Meta, bytes_of, decode_fields, field_arrays, numbers, point_bytes, points, surface,
    surface_arrays, tet_arrays, tets, vector_bytes, vectors,
};
use crate::biomech::TissueResult;
use crate::flow::{Cells, FlowResult, Inflow, Opening, OpeningFlow, OpeningKind, Profile, Streamline};
use crate::geom::{Point, Vector};
use crate::session::Data;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The small part of a tissue result.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct TissueV1 {
    reaction_n: [f64; 3],
    grip_n: [f64; 3],
    applied_n: [f64; 3],
    imbalance: f64,
}

/// The small part of a flow result.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::session::store) struct FlowV1 {
    grid: GridV1,
    /// Name and unit of each wall field.
    wall_fields: Vec<(String, String)>,
    openings: Vec<OpeningV1>,
    /// Points of each streamline.
    streamlines: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OpeningV1 {
    name: String,
    centre: [f64; 3],
    normal: [f64; 3],
    area_mm2: f64,
    radius_mm: f64,
    reach_mm: f64,
    kind: KindV1,
    inflow_ml_s: f64,
    pressure_pa: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindV1 {
    InletFlowMlS { value: f64, plug: bool },
    InletSpeedMS { value: f64, plug: bool },
    OutletPa { value: f64 },
}

pub(super) fn encode_tissue(result: &TissueResult) -> (Meta, Encoded<'_>) {
    let TissueResult { mesh, displacement_mm, von_mises_pa, principal_pa, tet_von_mises_pa, .. } = result;
    let TissueResult { tet_volume_ratio, support_n, reaction_n, grip_n, applied_n, imbalance, .. } = result;
    let meta = TissueV1 {
        reaction_n: (*reaction_n).into(),
        grip_n: (*grip_n).into(),
        applied_n: (*applied_n).into(),
        imbalance: *imbalance,
    };
    let mut arrays = tet_arrays(mesh);
    arrays.extend([
        ("displacement_mm".into(), vector_bytes(displacement_mm)),
        ("von_mises_pa".into(), bytes_of(von_mises_pa)),
        ("principal_pa".into(), bytes_of(principal_pa.as_flattened())),
        ("tet_von_mises_pa".into(), bytes_of(tet_von_mises_pa)),
        ("tet_volume_ratio".into(), bytes_of(tet_volume_ratio)),
        ("support_n".into(), vector_bytes(support_n)),
    ]);
    (Meta::Tissue(meta), arrays)
}

pub(super) fn decode_tissue(meta: &TissueV1, arrays: &mut Arrays) -> Result<Data, String> {
    let mesh = tets(arrays)?;
    let result = TissueResult {
        displacement_mm: sized("displacement_mm", vectors(arrays, "displacement_mm")?, mesh.positions().len())?,
        von_mises_pa: sized("von_mises_pa", numbers(arrays, "von_mises_pa")?, mesh.positions().len())?,
        principal_pa: sized("principal_pa", flat(arrays, "principal_pa")?, mesh.positions().len())?,
        tet_von_mises_pa: sized("tet_von_mises_pa", numbers(arrays, "tet_von_mises_pa")?, mesh.tets().len())?,
        tet_volume_ratio: sized("tet_volume_ratio", numbers(arrays, "tet_volume_ratio")?, mesh.tets().len())?,
        support_n: sized("support_n", vectors(arrays, "support_n")?, mesh.positions().len())?,
        reaction_n: meta.reaction_n.into(),
        grip_n: meta.grip_n.into(),
        applied_n: meta.applied_n.into(),
        imbalance: meta.imbalance,
        mesh,
    };
    Ok(Data::Tissue(Arc::new(result)))
}

pub(super) fn encode_flow(result: &FlowResult) -> (Meta, Encoded<'_>) {
    let FlowResult { cells, velocity_m_s, pressure_pa, stress_pa, wall, wall_fields, openings, streamlines } = result;
    let meta = FlowV1 {
        grid: GridV1::of(cells.grid()),
        wall_fields: wall_fields.iter().map(|field| (field.name.clone(), field.unit.clone())).collect(),
        openings: openings.iter().map(OpeningV1::of).collect(),
        streamlines: streamlines.iter().map(|line| line.points.len()).collect(),
    };
    let mut arrays = surface_arrays(wall);
    arrays.extend(field_arrays(wall_fields));
    let lines = |values: fn(&Streamline) -> &[f32]| -> Vec<u8> {
        streamlines.iter().flat_map(|line| values(line).iter().flat_map(|x| x.to_le_bytes())).collect()
    };
    let places: Vec<Point> = streamlines.iter().flat_map(|line| line.points.iter().copied()).collect();
    arrays.extend([
        ("cells".into(), bytes_of(cells.offsets())),
        ("velocity_m_s".into(), bytes_of(velocity_m_s.as_flattened())),
        ("pressure_pa".into(), bytes_of(pressure_pa)),
        ("stress_pa".into(), bytes_of(stress_pa.as_flattened())),
        ("line_points".into(), point_bytes(&places)),
        ("line_speed_m_s".into(), lines(|line| &line.speed_m_s).into()),
        ("line_time_s".into(), lines(|line| &line.time_s).into()),
    ]);
    (Meta::Flow(meta), arrays)
}

pub(super) fn decode_flow(meta: &FlowV1, arrays: &mut Arrays) -> Result<Data, String> {
    let offsets: Vec<u32> = numbers(arrays, "cells")?;
    let cells = Cells::from_offsets(meta.grid.grid()?, &offsets).ok_or("the cells do not fit their grid")?;
    let wall = surface(arrays)?;
    let wall_fields = decode_fields(arrays, &meta.wall_fields, wall.positions().len())?;
    let count = meta.streamlines.iter().try_fold(0_usize, |sum, n| sum.checked_add(*n)).ok_or("too many points")?;
    let places = sized("line_points", points(arrays, "line_points")?, count)?;
    let speeds: Vec<f32> = sized("line_speed_m_s", numbers(arrays, "line_speed_m_s")?, count)?;
    let times: Vec<f32> = sized("line_time_s", numbers(arrays, "line_time_s")?, count)?;
    let mut start = 0;
    let streamlines = meta.streamlines.iter().map(|n| {
        let range = start..start + n;
        start += n;
        Streamline {
            points: places[range.clone()].to_vec(),
            speed_m_s: speeds[range.clone()].to_vec(),
            time_s: times[range].to_vec(),
        }
    });
    let result = FlowResult {
        streamlines: Arc::new(streamlines.collect()),
        velocity_m_s: Arc::new(sized("velocity_m_s", flat(arrays, "velocity_m_s")?, cells.len())?),
        pressure_pa: Arc::new(sized("pressure_pa", numbers(arrays, "pressure_pa")?, cells.len())?),
        stress_pa: Arc::new(sized("stress_pa", flat(arrays, "stress_pa")?, cells.len())?),
        openings: meta.openings.iter().map(OpeningV1::opening).collect(),
        cells: Arc::new(cells),
        wall,
        wall_fields,
    };
    Ok(Data::Flow(Arc::new(result)))
}

/// An array of groups of `N` numbers.
fn flat<const N: usize, T: bytemuck::AnyBitPattern>(arrays: &mut Arrays, name: &str) -> Result<Vec<[T; N]>, String> {
    let values: Vec<T> = numbers(arrays, name)?;
    let (groups, rest) = values.as_chunks::<N>();
    if rest.is_empty() { Ok(groups.to_vec()) } else { Err(format!("the array {name} is not made of groups of {N}")) }
}

fn sized<T>(name: &str, values: Vec<T>, count: usize) -> Result<Vec<T>, String> {
    if values.len() == count {
        Ok(values)
    } else {
        Err(format!("the array {name} has {} entries, {count} are needed", values.len()))
    }
}

impl OpeningV1 {
    fn of(flow: &OpeningFlow) -> Self {
        let OpeningFlow { opening, inflow_ml_s, pressure_pa } = flow;
        let Opening { name, centre, normal, area_mm2, radius_mm, reach_mm, kind } = opening;
        let kind = match *kind {
            OpeningKind::Inlet { inflow, profile } => {
                let plug = profile == Profile::Plug;
                match inflow {
                    Inflow::FlowMlS(value) => KindV1::InletFlowMlS { value, plug },
                    Inflow::MeanSpeedMS(value) => KindV1::InletSpeedMS { value, plug },
                }
            }
            OpeningKind::Outlet { pressure_pa } => KindV1::OutletPa { value: pressure_pa },
        };
        Self {
            name: name.clone(),
            centre: (*centre).into(),
            normal: (*normal).into(),
            area_mm2: *area_mm2,
            radius_mm: *radius_mm,
            reach_mm: *reach_mm,
            kind,
            inflow_ml_s: *inflow_ml_s,
            pressure_pa: *pressure_pa,
        }
    }

    fn opening(&self) -> OpeningFlow {
        let profile = |plug| if plug { Profile::Plug } else { Profile::Developed };
        let kind = match self.kind {
            KindV1::InletFlowMlS { value, plug } => {
                OpeningKind::Inlet { inflow: Inflow::FlowMlS(value), profile: profile(plug) }
            }
            KindV1::InletSpeedMS { value, plug } => {
                OpeningKind::Inlet { inflow: Inflow::MeanSpeedMS(value), profile: profile(plug) }
            }
            KindV1::OutletPa { value } => OpeningKind::Outlet { pressure_pa: value },
        };
        let opening = Opening {
            name: self.name.clone(),
            centre: Point::from(self.centre),
            normal: Vector::from(self.normal),
            area_mm2: self.area_mm2,
            radius_mm: self.radius_mm,
            reach_mm: self.reach_mm,
            kind,
        };
        OpeningFlow { opening, inflow_ml_s: self.inflow_ml_s, pressure_pa: self.pressure_pa }
    }
}
