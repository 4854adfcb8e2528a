//! Light and dark.

/// Direction to the key light in view space (right, up, toward the viewer): over the viewer's left shoulder.
const KEY: [f32; 3] = [-0.302_6, 0.389_1, 0.870_1];
/// Half way between the key light and the viewer.
const HALF: [f32; 3] = [-0.156_5, 0.201_2, 0.967_0];

/// sRGB (0 to 255) and opacity of a point with colour `rgb`, opacity and view-space `normal` of any length; both sides alike.
///
/// Ambient light that is a little stronger from above, a key light from the camera, a faint highlight, and darkening towards
/// the silhouette. What is translucent becomes denser there, as glass does.
#[inline]
pub(super) fn shade(rgb: [f32; 3], opacity: f32, normal: [f32; 3]) -> [f32; 4] {
    let length = (normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]).sqrt().max(1e-20);
    let flip = if normal[2] < 0.0 { -1.0 } else { 1.0 } / length;
    let n = normal.map(|x| x * flip);
    let dot = |a: [f32; 3]| (a[0] * n[0] + a[1] * n[1] + a[2] * n[2]).max(0.0);
    let grazing = 1.0 - n[2].min(1.0);
    let silhouette = grazing * grazing * grazing;
    let light = (0.30 + 0.08 * n[1] + 0.72 * dot(KEY)) * (1.0 - 0.55 * silhouette);
    let mut highlight = dot(HALF);
    for _ in 0..5 {
        highlight *= highlight;
    }
    let [r, g, b] = rgb.map(|c| (c * light + 38.0 * highlight).clamp(0.0, 255.0));
    let alpha = if opacity < 1.0 { 1.0 - (1.0 - opacity).powf(1.0 / n[2].max(0.12)) } else { 1.0 };
    [r, g, b, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_to_the_light_are_brighter_than_the_silhouette_and_both_sides_are_alike() {
        let red = [200.0, 50.0, 40.0];
        let front = shade(red, 1.0, [0.0, 0.0, 2.0]);
        let side = shade(red, 1.0, [1.0, 0.0, 0.05]);
        assert!(2.0 * side[0] < front[0], "{side:?} {front:?}");
        assert_eq!(front, shade(red, 1.0, [0.0, 0.0, -1.0]));
        assert!(shade(red, 0.3, [0.0, 0.0, 1.0])[3] < shade(red, 0.3, [1.0, 0.0, 0.2])[3]);
    }
}
