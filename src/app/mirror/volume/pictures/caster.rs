//! A plain ray caster on the processor: one ray for each pixel, one sample after another, no leaps and no early end.
//!
//! It knows the rule of the shader (opacity of a millimetre, lamps, window) and the scan, but none of its textures: values
//! come from the voxels, colours from the transfer function, gradients from six values around a place.

use super::*;

/// How a ray is cut into steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Steps {
    /// As the shader does it: half a voxel, begun at a place that differs from pixel to pixel.
    Same,
    /// So fine that it does not matter.
    Fine,
}

/// What is looked at.
pub(super) struct Caster<'a> {
    pub(super) scan: &'a Scan,
    pub(super) view: &'a VolumeView,
    /// The depth of an opaque red wall behind the eye, mm.
    pub(super) wall_mm: Option<f64>,
    pub(super) steps: Steps,
    /// What masks, if something does.
    pub(super) labels: Option<&'a LabelMap>,
    /// Parallel lines of sight that begin at the depth of the eye.
    pub(super) parallel: bool,
}

/// A ray within the scan: from where to where, in mm from the eye, and the face it enters through towards the viewer.
struct Cast {
    way: Vector,
    /// The eye as a voxel index, and how the index changes on a mm.
    index: Vector,
    per_mm: Vector,
    start: f64,
    end: f64,
    face: Vector,
}

/// An sRGB channel in linear light and back to 0 … 255.
fn linear(stored: f32) -> f64 {
    f64::from(if stored <= 0.04045 { stored / 12.92 } else { ((stored + 0.055) / 1.055).powf(2.4) })
}

fn stored(linear: f64) -> f64 {
    let linear = linear.clamp(0.0, 1.0);
    255.0 * if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

fn smooth(low: f64, high: f64, at: f64) -> f64 {
    let part = ((at - low) / (high - low)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// Interleaved gradient noise (Jimenez 2014), in the numbers of a graphics card.
fn noise(x: u32, y: u32) -> f64 {
    let inner = (x as f32 * 0.067_110_56 + y as f32 * 0.005_837_15).fract();
    f64::from((52.982_918 * inner).fract())
}

impl Caster<'_> {
    /// Every pixel, row by row: premultiplied, stored from 0 to 255.
    pub(super) fn picture(&self) -> Vec<[f64; 4]> {
        (0..SIDE * SIDE).map(|n| self.pixel(n % SIDE, n / SIDE)).collect()
    }

    fn pixel(&self, x: u32, y: u32) -> [f64; 4] {
        let half = f64::from(0.5 * FOV).tan();
        let place = |n: u32| (f64::from(n) + 0.5) / f64::from(SIDE) * 2.0 - 1.0;
        // To the right, away from an eye in front of the patient, and up.
        let ahead = Vector::new(place(x) * half, 1.0, -place(y) * half);
        let eye = Point::new(0.0, -f64::from(AWAY), 0.0);
        let (eye, ahead) = match self.parallel {
            true => (eye + (ahead - Vector::y()) * f64::from(AWAY), Vector::y()),
            false => (eye, ahead),
        };
        let mut ray = self.cast(eye, ahead.normalize());
        if let Some(wall) = self.wall_mm {
            ray.end = ray.end.min(wall * ahead.norm());
        }
        let least = self.scan.grid().spacing_mm().into_iter().fold(f64::MAX, f64::min);
        let (step, jitter) = match self.steps {
            Steps::Same => (0.5 * least, noise(x, y)),
            Steps::Fine => (0.2 * least, 0.5),
        };
        match self.view.mode {
            VolumeMode::Composite => self.composite(&ray, step, jitter),
            VolumeMode::Maximum | VolumeMode::XRay => self.projected(&ray, step, jitter),
        }
    }

    /// The part of a ray within the scan and before the planes that cut.
    fn cast(&self, eye: Point, way: Vector) -> Cast {
        let grid = self.scan.grid();
        let index = grid.index_from_patient(eye);
        let per_mm: Vector = grid.index_from_patient(eye + way) - index;
        let mut ray = Cast { way, index, per_mm, start: 0.0, end: f64::MAX, face: -way };
        for axis in 0..3 {
            let faces = [-0.5, grid.dims()[axis] as f64 - 0.5].map(|face| (face - index[axis]) / per_mm[axis]);
            ray.start = ray.start.max(faces[0].min(faces[1]));
            ray.end = ray.end.min(faces[0].max(faces[1]));
        }
        for plane in &self.view.planes {
            let (above, rise) = (plane.normal().dot(&(eye - plane.point)), plane.normal().dot(&way));
            let at = -above / rise;
            if rise < 0.0 && ray.start < at {
                (ray.start, ray.face) = (at, plane.normal());
            }
            if 0.0 < rise {
                ray.end = ray.end.min(at);
            }
        }
        ray
    }

    fn value(&self, index: Vector) -> f64 {
        let dims = self.scan.grid().dims();
        let clamped = Vector::from_fn(|axis, _| index[axis].clamp(0.0, dims[axis] as f64 - 1.0));
        self.scan.sample_index(clamped).expect("clamped into the scan")
    }

    fn composite(&self, ray: &Cast, step: f64, jitter: f64) -> [f64; 4] {
        let (mut passed, mut colour) = (1.0, [0.0; 3]);
        let (mut way, mut stop) = (ray.start, ray.start + jitter * step);
        while way < ray.end {
            let stopped = stop.min(ray.end);
            let middle = 0.5 * (way + stopped);
            let value = self.value(ray.index + middle * ray.per_mm);
            let opacity = f64::from(self.view.transfer.opacity_at(value));
            let is_masked = |place: Point| {
                self.view.mask.as_ref().zip(self.labels).is_some_and(|(mask, labels)| !mask.draws(labels, place))
            };
            if 0.0 < opacity && !is_masked(self.scan.grid().patient_from_index(ray.index + middle * ray.per_mm)) {
                let left = (1.0 - opacity).powf(stopped - way);
                let own = self.view.transfer.colour_at(value).map(linear);
                let shown = self.lit(own, ray, middle);
                (0..3).for_each(|n| colour[n] += passed * (1.0 - left) * shown[n]);
                passed *= left;
            }
            (way, stop) = (stopped, stop + step);
        }
        let red = if self.wall_mm.is_some() { passed } else { 0.0 };
        let [r, g, b] = [colour[0] + red, colour[1], colour[2]].map(stored);
        [r, g, b, 255.0 * (1.0 - passed + red)]
    }

    fn projected(&self, ray: &Cast, step: f64, jitter: f64) -> [f64; 4] {
        let grid = self.scan.grid();
        let reference = RADIOGRAPH * grid.bounds().size().norm();
        let (mut best, mut sum, mut way) = (0.0_f64, 0.0, ray.start + (jitter - 0.5) * step);
        while way < ray.end {
            let index = ray.index + way.max(ray.start) * ray.per_mm;
            let brightness = ((self.value(index) - WINDOW.level) / WINDOW.width + 0.5).clamp(0.0, 1.0);
            best = best.max(brightness);
            sum += brightness * step;
            way += step;
        }
        let shown = if self.view.mode == VolumeMode::Maximum { best } else { 1.0 - (-sum / reference).exp() };
        [255.0 * shown; 4]
    }

    /// The change of the value at a place, per mm in the patient: differences over one voxel to each side.
    fn slope(&self, index: Vector) -> Vector {
        let grid = self.scan.grid();
        let origin = grid.index_from_patient(Point::origin());
        let mut slope = Vector::zeros();
        for axis in 0..3 {
            let one = Vector::from_fn(|row, _| f64::from(u8::from(row == axis)));
            let rise = 0.5 * (self.value(index + one) - self.value(index - one));
            // How this index grows along x, y and z of the patient.
            let grows = Vector::from_fn(|row, _| {
                let unit = Vector::from_fn(|each, _| f64::from(u8::from(each == row)));
                (grid.index_from_patient(Point::from(unit)) - origin)[axis]
            });
            slope += rise * grows;
        }
        slope
    }

    /// Three lights that follow the camera: key from the upper left, fill from the right, sky over ground.
    fn lit(&self, own: [f64; 3], ray: &Cast, way: f64) -> [f64; 3] {
        let Some(shading) = self.view.transfer.shading else { return own };
        let [ambient, diffuse, specular, power] =
            [shading.ambient, shading.diffuse, shading.specular, shading.power].map(f64::from);
        // The camera looks from the patient's front: right is the patient's left, back is anterior.
        let (right, up, back) = (Vector::x(), Vector::z(), -Vector::y());
        let key = (-0.45 * right + 0.6 * up + 0.75 * back).normalize();
        let fill = (0.85 * right - 0.15 * up + 0.5 * back).normalize();
        let least = self.scan.grid().spacing_mm().into_iter().fold(f64::MAX, f64::min);
        let [first, last] = self.view.transfer.span().expect("a function with points");
        let slope = self.slope(ray.index + way * ray.per_mm);
        let steep = slope.norm();
        let mut wall = smooth(0.15, 1.0, steep / (f64::from(WALL) * (last - first) / least));
        let mut normal = -slope / steep.max(1e-9);
        if 0.0 < normal.dot(&ray.way) {
            normal = -normal;
        }
        if way - ray.start < 1.2 * least {
            (normal, wall) = (ray.face, 1.0);
        }
        let half_way = (key - ray.way).normalize();
        let shine = normal.dot(&half_way).max(0.0).powf(power) * wall;
        let mix = |flat: f64, bent: f64| flat + wall * (bent - flat);
        let key_part = mix(0.6, ((normal.dot(&key) + 0.15) / 1.15).max(0.0));
        let fill_part = mix(0.4, normal.dot(&fill).max(0.0));
        let high = 0.5 + 0.5 * wall * normal.dot(&up);
        let (sky, ground) = ([0.30, 0.32, 0.35], [0.16, 0.14, 0.13]);
        let (warm, cold) = ([0.86, 0.84, 0.81], [0.18, 0.20, 0.23]);
        [0, 1, 2].map(|n| {
            let around = (ground[n] + high * (sky[n] - ground[n])) * (0.7 + 1.5 * ambient);
            own[n] * (around + diffuse * (warm[n] * key_part + cold[n] * fill_part)) + 0.5 * specular * shine
        })
    }
}
