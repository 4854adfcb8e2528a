//! The one list of things the user can do: a line here puts a tool into the menu, the palette, the command line,
//! scripts, the job list, the history and the help.

use crate::session::{ToolEntry, entry};

pub mod export_centre_lines;
pub mod export_measures;
pub mod export_mesh;
pub mod export_network;
pub mod export_plan;
pub mod export_report_dicom;
pub mod import_dicom;
pub mod import_image;
pub mod import_implants;
pub mod import_mesh;
pub mod import_segmentation;
pub mod measure_add;
pub mod measure_edit;
pub mod measure_geodesic;
pub mod model_centre_lines;
pub mod model_surface;
pub mod model_surfaces;
pub mod model_tetrahedra;
pub mod object_display;
pub mod object_remove;
pub mod object_rename;
pub mod plan_act;
pub mod plan_apply;
pub mod plan_change;
pub mod plan_check;
pub mod plan_compare;
pub mod plan_copy;
pub mod plan_couinaud;
pub mod plan_devices;
pub mod plan_drill;
pub mod plan_guide;
pub mod plan_implant;
pub mod plan_new;
pub mod plan_score;
pub mod plan_search;
pub mod report_write;
pub mod scan_phantom;
pub mod segment_add;
pub mod segment_brain;
pub mod segment_compare;
pub mod segment_copy_to;
pub mod segment_draw;
pub mod segment_edit;
pub mod segment_fast_marching;
pub mod segment_fill_between_slices;
pub mod segment_fill_holes;
pub mod segment_grow_from_seeds;
pub mod segment_hollow;
pub mod segment_islands;
pub mod segment_level_set;
pub mod segment_local_threshold;
pub mod segment_logic;
pub mod segment_margin;
pub mod segment_mask_volume;
pub mod segment_model;
pub mod segment_move;
pub mod segment_organ;
pub mod segment_paint;
pub mod segment_random_walker;
pub mod segment_refine;
pub mod segment_refine_clicks;
pub mod segment_region_grow;
pub mod segment_remove;
pub mod segment_scissors;
pub mod segment_smooth;
pub mod segment_staple;
pub mod segment_statistics;
pub mod segment_threshold;
pub mod segment_tube;
pub mod segment_vesselness;
pub mod segment_watershed;
pub mod segment_wrap;
mod shared;
#[cfg(feature = "app")]
pub(crate) use shared::flow::{Beat as FlowBeat, beat as flow_beat};
#[cfg(feature = "app")]
pub(crate) use shared::{plan_entry, plan_shapes, plan_stage, plan_views};
pub mod simulate_cut;
pub mod simulate_flow;
pub mod simulate_flow_along;
pub mod simulate_flow_compare;
pub mod simulate_flow_probe;
pub mod simulate_flow_vortices;
pub mod simulate_follow;
pub mod simulate_needle;
pub mod simulate_network;
pub mod simulate_operate;
pub mod simulate_relax;
pub mod simulate_release;
pub mod simulate_rest_shape;
pub mod simulate_tissue;
pub mod simulate_transport;
pub mod simulate_waves;
pub mod surface_append;
pub mod surface_boolean;
pub mod surface_check;
pub mod surface_clip;
pub mod surface_decimate;
pub mod surface_distance;
pub mod surface_hollow;
pub mod surface_margin;
pub mod surface_mirror;
pub mod surface_remesh;
pub mod surface_repair;
pub mod surface_smooth;
pub mod surface_thickness;
pub mod surface_to_segment;
pub mod view_change;
pub mod view_keep;
pub mod view_show;

/// All tools, in menu order.
pub const TOOLS: &[ToolEntry] = &[
    entry::<import_dicom::ImportDicom>(),
    entry::<import_image::ImportImage>(),
    entry::<import_segmentation::ImportSegmentation>(),
    entry::<import_mesh::ImportMesh>(),
    entry::<import_implants::ImportImplants>(),
    entry::<scan_phantom::ScanPhantom>(),
    entry::<segment_add::SegmentAdd>(),
    entry::<segment_edit::SegmentEdit>(),
    entry::<segment_move::SegmentMove>(),
    entry::<segment_remove::SegmentRemove>(),
    entry::<segment_organ::SegmentOrgan>(),
    entry::<segment_brain::SegmentBrain>(),
    entry::<segment_model::SegmentModel>(),
    entry::<segment_threshold::SegmentThreshold>(),
    entry::<segment_local_threshold::SegmentLocalThreshold>(),
    entry::<segment_region_grow::SegmentRegionGrow>(),
    entry::<segment_grow_from_seeds::SegmentGrowFromSeeds>(),
    entry::<segment_watershed::SegmentWatershed>(),
    entry::<segment_random_walker::SegmentRandomWalker>(),
    entry::<segment_level_set::SegmentLevelSet>(),
    entry::<segment_fast_marching::SegmentFastMarching>(),
    entry::<segment_vesselness::SegmentVesselness>(),
    entry::<segment_tube::SegmentTube>(),
    entry::<segment_fill_between_slices::SegmentFillBetweenSlices>(),
    entry::<segment_paint::SegmentPaint>(),
    entry::<segment_draw::SegmentDraw>(),
    entry::<segment_scissors::SegmentScissors>(),
    entry::<segment_smooth::SegmentSmooth>(),
    entry::<segment_islands::SegmentIslands>(),
    entry::<segment_margin::SegmentMargin>(),
    entry::<segment_hollow::SegmentHollow>(),
    entry::<segment_fill_holes::SegmentFillHoles>(),
    entry::<segment_wrap::SegmentWrap>(),
    entry::<segment_logic::SegmentLogic>(),
    entry::<segment_mask_volume::SegmentMaskVolume>(),
    entry::<segment_refine_clicks::SegmentRefineClicks>(),
    entry::<segment_copy_to::SegmentCopyTo>(),
    entry::<segment_refine::SegmentRefine>(),
    entry::<segment_statistics::SegmentStatistics>(),
    entry::<segment_compare::SegmentCompare>(),
    entry::<segment_staple::SegmentStaple>(),
    entry::<model_surface::ModelSurface>(),
    entry::<model_centre_lines::ModelCentreLines>(),
    entry::<model_surfaces::ModelSurfaces>(),
    entry::<surface_smooth::SurfaceSmooth>(),
    entry::<surface_decimate::SurfaceDecimate>(),
    entry::<surface_clip::SurfaceClip>(),
    entry::<surface_boolean::SurfaceBoolean>(),
    entry::<surface_margin::SurfaceMargin>(),
    entry::<surface_hollow::SurfaceHollow>(),
    entry::<surface_mirror::SurfaceMirror>(),
    entry::<surface_append::SurfaceAppend>(),
    entry::<surface_thickness::SurfaceThickness>(),
    entry::<surface_distance::SurfaceDistance>(),
    entry::<surface_check::SurfaceCheck>(),
    entry::<surface_remesh::SurfaceRemesh>(),
    entry::<surface_repair::SurfaceRepair>(),
    entry::<surface_to_segment::SurfaceToSegment>(),
    entry::<model_tetrahedra::ModelTetrahedra>(),
    entry::<plan_new::PlanNew>(),
    entry::<plan_change::PlanChange>(),
    entry::<plan_act::PlanAct>(),
    entry::<plan_search::PlanSearch>(),
    entry::<plan_devices::PlanDevices>(),
    entry::<plan_copy::PlanCopy>(),
    entry::<plan_score::PlanScore>(),
    entry::<plan_compare::PlanCompare>(),
    entry::<plan_check::PlanCheck>(),
    entry::<plan_apply::PlanApply>(),
    entry::<plan_guide::PlanGuide>(),
    entry::<plan_drill::PlanDrill>(),
    entry::<plan_implant::PlanImplant>(),
    entry::<plan_couinaud::PlanCouinaud>(),
    entry::<simulate_tissue::SimulateTissue>(),
    entry::<simulate_relax::SimulateRelax>(),
    entry::<simulate_release::SimulateRelease>(),
    entry::<simulate_rest_shape::SimulateRestShape>(),
    entry::<simulate_cut::SimulateCut>(),
    entry::<simulate_needle::SimulateNeedle>(),
    entry::<simulate_operate::SimulateOperate>(),
    entry::<simulate_follow::SimulateFollow>(),
    entry::<simulate_flow::SimulateFlow>(),
    entry::<simulate_flow_along::SimulateFlowAlong>(),
    entry::<simulate_flow_probe::SimulateFlowProbe>(),
    entry::<simulate_flow_vortices::SimulateFlowVortices>(),
    entry::<simulate_flow_compare::SimulateFlowCompare>(),
    entry::<simulate_transport::SimulateTransport>(),
    entry::<simulate_network::SimulateNetwork>(),
    entry::<simulate_waves::SimulateWaves>(),
    entry::<export_mesh::ExportMesh>(),
    entry::<export_measures::ExportMeasures>(),
    entry::<export_network::ExportNetwork>(),
    entry::<export_plan::ExportPlan>(),
    entry::<export_centre_lines::ExportCentreLines>(),
    entry::<report_write::ReportWrite>(),
    entry::<export_report_dicom::ExportReportDicom>(),
    entry::<measure_add::MeasureAdd>(),
    entry::<measure_edit::MeasureEdit>(),
    entry::<measure_geodesic::MeasureGeodesic>(),
    entry::<object_display::ObjectDisplay>(),
    entry::<object_rename::ObjectRename>(),
    entry::<object_remove::ObjectRemove>(),
    entry::<view_keep::ViewKeep>(),
    entry::<view_change::ViewChange>(),
    entry::<view_show::ViewShow>(),
];

/// The tool with this id.
pub fn find(id: &str) -> Option<&'static ToolEntry> {
    TOOLS.iter().find(|tool| tool.id == id)
}
