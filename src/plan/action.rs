//! What is done: shapes in patient space (LPS mm), without any structure they act on; an implant is an object that is put.

use super::Structure;
use super::bone::Turn;
use super::path::Contacts;
use serde::{Deserialize, Serialize};

/// Something a plan does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// A part of the organ is taken away.
    Cut(Cut),
    /// A needle, drain, electrode or probe along a straight path.
    Needle(Needle),
    /// Tissue is destroyed around the tip of a needle.
    Ablation(Zone),
    /// A screw in bone.
    Screw(Screw),
    /// Bone is parted and a fragment moved.
    Osteotomy(Osteotomy),
    /// A place in the skin where an instrument comes in.
    Port(Port),
    /// An implant is put on bone.
    Implant(Implant),
    /// A vessel is closed: everything downstream of the place loses its supply.
    Clip {
        /// The place on the vessel.
        at: [f64; 3],
    },
}

/// A resection: what lies on the resected side of the shape is taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// Where the knife goes.
    pub shape: CutShape,
    /// Width of tissue the instrument itself destroys, half on each side (mm).
    pub width_mm: f64,
}

/// Where a cut goes. The resected side is the side of the normal, the inside of a sphere, or the named territories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum CutShape {
    /// One plane.
    Plane {
        /// A point of it.
        point: [f64; 3],
        /// Towards what is taken away.
        normal: [f64; 3],
    },
    /// Several planes: taken away is what lies on the side of the normals of all of them, e.g. a wedge.
    Wedge {
        /// Point and normal of each.
        planes: Vec<[[f64; 3]; 2]>,
    },
    /// A ball.
    Sphere {
        /// Its centre.
        centre: [f64; 3],
        /// Its radius.
        radius_mm: f64,
    },
    /// A smooth sheet.
    Sheet(Sheet),
    /// Everything nearest to some branches of a tree of vessels.
    Territories {
        /// The branches, counted as the centre lines count them, each with all that grows from it.
        branches: Vec<usize>,
    },
}

/// A tensor-product Bézier surface with `count[0]` × `count[1]` control points, 4 to 8 each way; `controls[u + count[0]·v]`.
///
/// Taken away is the side of ∂u × ∂v. Beyond its edges it goes on along its tangents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Control points along u and v.
    pub count: [usize; 2],
    /// The control points (LPS mm), u fastest.
    pub controls: Vec<[f64; 3]>,
}

/// A straight path from the skin or bone to a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Needle {
    /// Where it goes in.
    pub entry: [f64; 3],
    /// Where its tip ends.
    pub target: [f64; 3],
    /// Its outer diameter.
    pub diameter_mm: f64,
    /// What it is.
    pub kind: NeedleKind,
    /// The contacts of an electrode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Contacts>,
}

/// What goes along a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedleKind {
    /// For a biopsy or an injection.
    Needle,
    /// A catheter that stays.
    Drain,
    /// Contacts along the last part, e.g. for stereo-EEG.
    Electrode,
    /// An applicator of an ablation.
    Probe,
}

/// An ablation: a needle and the zone of its device at some power and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The applicator.
    pub needle: Needle,
    /// The row of the device table.
    pub device: String,
    /// Power in W.
    pub power_w: f64,
    /// Time in minutes.
    pub minutes: f64,
}

/// A screw, from its head to its tip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Screw {
    /// Where it goes into the bone.
    pub head: [f64; 3],
    /// Where it ends.
    pub tip: [f64; 3],
    /// Outer diameter of the thread.
    pub diameter_mm: f64,
}

/// Bone parted along planes; the fragment on the side of all normals is moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Osteotomy {
    /// Point and normal of each saw cut.
    pub planes: Vec<[[f64; 3]; 2]>,
    /// Width of the saw blade.
    pub kerf_mm: f64,
    /// Turn of the fragment about `about`, as an axis times an angle in degrees.
    pub turn_degrees: [f64; 3],
    /// The fixed point of the turn.
    pub about: [f64; 3],
    /// Shift of the fragment after the turn.
    pub shift_mm: [f64; 3],
}

/// An implant, e.g. a plate, as an object of the case that is turned and shifted to where it lies on bone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Implant {
    /// The implant as it came.
    pub object: Structure,
    /// The bone it lies on; the one that is operated on if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bone: Option<Structure>,
    /// Its turn about `about`, as an axis times an angle in degrees.
    pub turn_degrees: [f64; 3],
    /// The fixed point of the turn.
    pub about: [f64; 3],
    /// Its shift after the turn.
    pub shift_mm: [f64; 3],
}

impl Implant {
    /// How it is moved from where it came.
    pub fn turn(&self) -> Turn {
        Turn::by(self.turn_degrees, self.about, self.shift_mm)
    }

    /// Where its middle is put, if it turns about that.
    pub fn at(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.about[axis] + self.shift_mm[axis])
    }

    /// The same as a point.
    pub fn middle(&self) -> crate::geom::Point {
        self.at().into()
    }

    /// It, with its middle at `to`.
    #[must_use]
    pub fn put_at(self, to: [f64; 3]) -> Self {
        let shift_mm = [0, 1, 2].map(|axis| to[axis] - self.about[axis]);
        Self { shift_mm, ..self }
    }
}

/// A port for an instrument or a camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Where it passes the skin.
    pub at: [f64; 3],
    /// Length of the instrument beyond the skin.
    pub reach_mm: f64,
    /// Half the opening of the cone it may sweep about its direction.
    pub sweep_degrees: f64,
    /// Where its axis points when at rest.
    pub towards: [f64; 3],
    /// Whether it holds the camera.
    pub is_camera: bool,
}
