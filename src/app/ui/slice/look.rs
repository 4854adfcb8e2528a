//! How pictures of scans and segments look: colours, interpolation, slabs, outlines, a second scan over the first.

use crate::base::i18n::in_tables;
use crate::base::{ContentHash, NodeId};
use crate::image::slice::{Projection, Slab};
use crate::image::{Colormap, Interpolation, Scan, Window};
use crate::session::{Case, Data};

/// How one scan is coloured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Its colours from black to white of the window.
    pub colours: Colormap,
    /// Whether values between voxels are interpolated.
    pub smooth: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colours: Colormap::Greys, smooth: true }
    }
}

impl Look {
    /// How values between voxel centres are found.
    pub fn interpolation(&self) -> Interpolation {
        if self.smooth { Interpolation::Linear } else { Interpolation::Nearest }
    }
}

/// The 256 colours of a map.
pub fn table(colours: Colormap) -> [[u8; 3]; 256] {
    std::array::from_fn(|n| colours.colour(n as f64 / 255.0))
}

/// How segments are drawn over slices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SegmentLook {
    /// Share of a segment's colour inside its outline, 0 to 1, where its group is fully opaque.
    pub fill: f32,
    /// Whether there is an outline.
    pub outline: bool,
    /// Its width, pixels of the picture.
    pub width: usize,
}

impl Default for SegmentLook {
    fn default() -> Self {
        Self { fill: 0.45, outline: true, width: 1 }
    }
}

/// The slab a view shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlabLook {
    /// How values across it become one; a plane is shown where there is none.
    pub projection: Option<Projection>,
    /// Its thickness, mm.
    pub thickness_mm: f64,
}

/// Limits of the thickness, mm.
pub const THICKNESS_MM: [f64; 2] = [0.5, 100.0];

impl Default for SlabLook {
    fn default() -> Self {
        Self { projection: None, thickness_mm: 20.0 }
    }
}

impl SlabLook {
    /// The slab, if one is shown.
    pub fn slab(&self) -> Option<Slab> {
        let thickness_mm = self.thickness_mm.clamp(THICKNESS_MM[0], THICKNESS_MM[1]);
        self.projection.map(|projection| Slab { projection, thickness_mm })
    }

    /// Thicker or thinner by `steps` of a quarter, rounded to half millimetres.
    pub fn resize(&mut self, steps: i64) {
        let wanted = self.thickness_mm * 1.25_f64.powi(steps.clamp(-20, 20) as i32);
        let rounded = (wanted * 2.0).round() / 2.0;
        let moved = if rounded == self.thickness_mm { rounded + 0.5 * steps.signum() as f64 } else { rounded };
        self.thickness_mm = moved.clamp(THICKNESS_MM[0], THICKNESS_MM[1]);
    }

    /// `MIP 20 mm`.
    pub fn text(&self) -> Option<String> {
        let Slab { projection, thickness_mm } = self.slab()?;
        Some(format!("{} {} mm", in_tables("projection", projection.short()), (thickness_mm * 10.0).round() / 10.0))
    }
}

/// A second scan over the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fusion {
    /// Which scan.
    pub node: NodeId,
    /// How much of it is seen, 0 to 1.
    pub share: f32,
}

/// A second scan as pictures need it.
#[derive(Debug, Clone, Copy)]
pub struct Fused<'a> {
    /// What the user calls it.
    pub name: &'a str,
    /// Which scan.
    pub node: NodeId,
    /// The scan.
    pub scan: &'a Scan,
    /// Its hash.
    pub hash: ContentHash,
    /// How much of it is seen, 0 to 1.
    pub share: f32,
}

/// The second scan over the scan `first`, if there is one and it is still there.
pub fn fused(fusion: Option<Fusion>, case: &Case, first: NodeId) -> Option<Fused<'_>> {
    let Fusion { node: id, share } = fusion.filter(|fusion| fusion.node != first)?;
    let node = case.node(id)?;
    let Data::Scan(scan) = &node.data else { return None };
    Some(Fused { name: &node.name, node: id, scan, hash: node.hash(), share })
}

/// What a picture needs of a second scan beside its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedLook {
    /// Its window; a negative width swaps black and white.
    pub window: Window,
    /// Its colours.
    pub look: Look,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slab_grows_by_steps_within_its_limits_and_says_what_it_is() {
        let mut slab = SlabLook { projection: Some(Projection::Maximum), thickness_mm: 20.0 };
        assert_eq!(slab.text().as_deref(), Some("MIP 20 mm"));
        slab.resize(1);
        assert_eq!(slab.thickness_mm, 25.0);
        slab.resize(-1);
        assert_eq!(slab.thickness_mm, 20.0);
        (0..99).for_each(|_| slab.resize(-1));
        assert_eq!(slab.text().as_deref(), Some("MIP 0.5 mm"));
        slab.resize(1);
        assert_eq!(slab.thickness_mm, 1.0, "small slabs grow too");
        (0..99).for_each(|_| slab.resize(1));
        assert_eq!(slab.thickness_mm, 100.0);
        assert_eq!(SlabLook::default().text(), None);
    }

    #[test]
    fn greys_are_the_greys_of_the_window() {
        let table = table(Colormap::Greys);
        assert!((0..256).all(|n| table[n] == [n as u8; 3]));
    }
}
