//! Geometry of lines, areas and bands as SVG path data. A gap in the data is a gap in the drawing: nothing is joined across NaN.

use std::{fmt::Write as _, ops::Range};

/// A point in pixels; a NaN in it is a gap.
pub type Point = (f64, f64);

/// The stretches of points without a gap.
pub fn runs(points: &[Point]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = None;
    for (index, (x, y)) in points.iter().enumerate() {
        match (x.is_finite() && y.is_finite(), start) {
            (true, None) => start = Some(index),
            (false, Some(first)) => {
                runs.push(first..index);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|first| first..points.len()));
    runs
}

/// A line; a single point between gaps becomes a dot (drawn with round caps).
pub fn line(points: &[Point]) -> String {
    let mut path = String::new();
    for run in runs(points) {
        let run = &points[run];
        trace(&mut path, run.iter(), 'M');
        if run.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

/// The area between a line and a horizontal `base`.
pub fn area(points: &[Point], base: f64) -> String {
    let mut path = String::new();
    for run in runs(points) {
        let run = &points[run];
        let (first, last) = (run[0].0, run[run.len() - 1].0);
        trace(&mut path, run.iter(), 'M');
        let _ = write!(path, "L{last:.1} {base:.1}L{first:.1} {base:.1}Z");
    }
    path
}

/// The area between two lines over the same x, as between lowest and highest value. A gap in either is a gap.
pub fn band(xs: &[f64], low: &[f64], high: &[f64]) -> String {
    let top: Vec<Point> = xs
        .iter()
        .zip(high)
        .zip(low)
        .map(|((x, high), low)| (*x, high + low * 0.0))
        .collect();
    let mut path = String::new();
    for run in runs(&top) {
        trace(&mut path, top[run.clone()].iter(), 'M');
        let bottom: Vec<Point> = run.rev().map(|index| (xs[index], low[index])).collect();
        trace(&mut path, bottom.iter(), 'L');
        path.push('Z');
    }
    path
}

/// The gaps inside a drawing: from the end of one run to the start of the next, in pixels. Before the first and after the
/// last value nothing is missing that was there.
pub fn gaps(points: &[Point]) -> Vec<(f64, f64)> {
    runs(points)
        .windows(2)
        .map(|pair| (points[pair[0].end - 1].0, points[pair[1].start].0))
        .collect()
}

fn trace<'a>(path: &mut String, points: impl Iterator<Item = &'a Point>, first: char) {
    for (index, (x, y)) in points.enumerate() {
        let command = if index == 0 { first } else { 'L' };
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAPPED: [Point; 5] = [(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 4.0), (4.0, 5.0)];

    #[test]
    fn a_gap_is_a_gap() {
        assert_eq!(line(&GAPPED), "M0.0 1.0L1.0 2.0M3.0 4.0L4.0 5.0");
        assert_eq!(gaps(&GAPPED), [(1.0, 3.0)]);
    }

    #[test]
    fn a_lonely_point_is_seen() {
        assert_eq!(line(&[(0.0, f64::NAN), (5.0, 5.0), (9.0, f64::NAN)]), "M5.0 5.0h0");
    }

    #[test]
    fn an_area_returns_to_its_base_before_each_gap() {
        assert_eq!(area(&GAPPED[..3], 9.0), "M0.0 1.0L1.0 2.0L1.0 9.0L0.0 9.0Z");
    }

    #[test]
    fn a_band_needs_both_of_its_lines() {
        let path = band(&[0.0, 1.0, 2.0], &[5.0, 5.0, f64::NAN], &[1.0, 2.0, 3.0]);
        assert_eq!(path, "M0.0 1.0L1.0 2.0L1.0 5.0L0.0 5.0Z");
        assert_eq!(band(&[], &[], &[]), "");
    }
}
