//! The scale a field is shown with: its own, or what the user made of it in the legend.

use super::build::Shade;
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::ui::{FieldLook, Workspace, isolines};
use crate::image::Colormap;
use bevy::prelude::*;
use std::sync::{Arc, Weak};

/// Values further below the range than this many times its width stand for the object's own colour, as in the shader.
const OWN_COLOUR_BELOW: f64 = -100.0;
/// Fields whose extent is remembered; older ones are forgotten.
const KEPT_MAX: usize = 64;

/// What the values of a field are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    /// The least and the largest valid value.
    pub(super) ends: [f64; 2],
    /// Whether there is none at some vertices.
    pub(super) has_invalid: bool,
}

/// Extents of fields that were looked at, so that no frame goes through all values again.
#[derive(Resource, Default)]
pub(super) struct Extents(Vec<(Weak<Vec<f64>>, Extent)>);

impl Extents {
    /// The extent of the values of `shade`.
    pub(super) fn of(&mut self, shade: &Shade) -> Extent {
        let values = &shade.field.values;
        // An address is not used again while somebody points at it, even weakly.
        if let Some((_, extent)) = self.0.iter().find(|(kept, _)| std::ptr::eq(kept.as_ptr(), Arc::as_ptr(values))) {
            return *extent;
        }
        let extent = extent(shade);
        self.0.retain(|(kept, _)| 0 < kept.strong_count());
        if KEPT_MAX <= self.0.len() {
            self.0.remove(0);
        }
        self.0.push((Arc::downgrade(values), extent));
        extent
    }
}

fn extent(shade: &Shade) -> Extent {
    let [low, high] = shade.range;
    let own_colour = low + OWN_COLOUR_BELOW * (high - low);
    let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
    let mut has_invalid = false;
    for value in shade.field.values.iter() {
        if !value.is_finite() {
            has_invalid = true;
        } else if own_colour < *value {
            ends = [ends[0].min(*value), ends[1].max(*value)];
        }
    }
    Extent { ends: if ends[0] <= ends[1] { ends } else { shade.range }, has_invalid }
}

/// How a field is shown now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) look: FieldLook,
    pub(super) map: Colormap,
    pub(super) range: [f64; 2],
    /// The range by itself, which the mesh knows.
    pub(super) own: [f64; 2],
    /// Whether values lie below and above.
    pub(super) beyond: [bool; 2],
    /// Their colours, where these are not those of the ends.
    pub(super) outside: [Option<[u8; 3]>; 2],
    pub(super) has_invalid: bool,
}

impl Scale {
    /// The scale of `shade` as the user wants its field shown.
    pub(super) fn of(shade: &Shade, workspace: &Workspace, extents: &mut Extents) -> Self {
        let look = workspace.fields.get(&shade.field.name).copied().unwrap_or_default();
        let (own, extent) = (shade.range, extents.of(shade));
        let range = look.range(own);
        let [least, most] = extent.ends;
        let beyond = if range == own { shade.beyond } else { [least < range[0], range[1] < most] };
        // The steps of this map stand for values: in another range they would lie.
        let own_map = if shade.map == Colormap::Margin && range != own { Colormap::Diverging } else { shade.map };
        Self {
            look,
            map: look.map.unwrap_or(own_map),
            range,
            own,
            beyond,
            outside: look.outside(own, extent.ends),
            has_invalid: extent.has_invalid,
        }
    }

    /// Let a material show it; lines only on surfaces.
    pub(super) fn dress(&self, material: &mut SurfaceMaterial, with_lines: bool, maps: &ColourMaps) {
        material.map = maps.texture(self.map);
        let uniform = &mut material.uniform;
        // Where a margin is just kept there is always a line: one in the middle, the next ones beyond the ends.
        let own_line = (with_lines && self.map == Colormap::Margin).then_some([2.0, 0.5]);
        let lines = isolines(self.range).filter(|_| with_lines && self.look.isolines).or(own_line).unwrap_or([0.0; 2]);
        uniform.scale = scale(self.own, self.range).extend(lines[0]).extend(lines[1]);
        let linear = |[r, g, b]: [u8; 3]| Color::srgb_u8(r, g, b).to_linear().to_vec3().extend(1.0);
        [uniform.below, uniform.above] = self.outside.map(|colour| colour.map_or(Vec4::ZERO, linear));
    }
}

/// Factor and shift from a place in the range of the mesh to a place in the range that is shown.
fn scale([own_low, own_high]: [f64; 2], [low, high]: [f64; 2]) -> Vec2 {
    let span = high - low;
    Vec2::new(((own_high - own_low) / span) as f32, ((own_low - low) / span) as f32)
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Extents>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Field;

    fn shade(values: Vec<f64>) -> Shade {
        Shade {
            field: Field::new("pressure", "Pa", values),
            map: Colormap::Viridis,
            range: [0.0, 10.0],
            beyond: [false, true],
        }
    }

    #[test]
    fn the_shader_finds_a_value_in_the_range_of_the_user() {
        let (own, range) = ([2.0, 12.0], [4.0, 8.0]);
        let by = scale(own, range);
        for value in [2.0, 4.0, 5.0, 8.0, 12.0] {
            let of_mesh = ((value - own[0]) / (own[1] - own[0])) as f32;
            let expected = ((value - range[0]) / (range[1] - range[0])) as f32;
            assert!((by.x * of_mesh + by.y - expected).abs() < 1e-5, "{value}");
        }
        assert_eq!(scale(own, own), Vec2::new(1.0, 0.0));
    }

    #[test]
    fn a_narrowed_scale_says_what_lies_beyond_it_and_an_untouched_one_is_as_before() {
        let shade = shade(vec![0.0, 5.0, 25.0]);
        let (mut workspace, mut extents) = (Workspace::default(), Extents::default());
        let before = Scale::of(&shade, &workspace, &mut extents);
        assert_eq!((before.range, before.beyond, before.outside), ([0.0, 10.0], [false, true], [None, None]));
        let look = FieldLook { map: Some(Colormap::Cividis), ends: [Some(1.0), None], isolines: true };
        workspace.fields.insert("pressure".into(), look);
        let after = Scale::of(&shade, &workspace, &mut extents);
        assert_eq!((after.range, after.beyond, after.map), ([1.0, 10.0], [true, true], Colormap::Cividis));
        assert!(after.outside[0].is_some() && after.outside[1].is_none(), "{:?}", after.outside);
    }

    #[test]
    fn steps_of_margins_are_never_stretched() {
        let margins = Shade { map: Colormap::Margin, range: [-8.0, 8.0], ..shade(vec![-20.0, 3.0]) };
        let (mut workspace, mut extents) = (Workspace::default(), Extents::default());
        assert_eq!(Scale::of(&margins, &workspace, &mut extents).map, Colormap::Margin);
        let look = FieldLook { ends: [None, Some(4.0)], ..FieldLook::default() };
        workspace.fields.insert("pressure".into(), look);
        assert_eq!(Scale::of(&margins, &workspace, &mut extents).map, Colormap::Diverging);
    }

    #[test]
    fn an_extent_counts_valid_values_only_and_is_kept_for_its_field() {
        let mut extents = Extents::default();
        let one = shade(vec![3.0, f64::NAN, -1.0, -3e4, 7.0]);
        assert_eq!(extents.of(&one), Extent { ends: [-1.0, 7.0], has_invalid: true });
        assert_eq!((extents.of(&one.clone()).ends, extents.0.len()), ([-1.0, 7.0], 1));
        drop(one);
        let other = shade(vec![4.0, 4.5]);
        assert_eq!(extents.of(&other), Extent { ends: [4.0, 4.5], has_invalid: false });
        assert_eq!(extents.0.len(), 1, "what is gone is forgotten");
    }
}
