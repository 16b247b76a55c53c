//! Laws of the figures, against a slow reference: the definition, second by second.

use std::time::Duration;

use proptest::prelude::*;
use voltaire_types::{Timestamp, Watts};

use super::{
    Sample,
    curve::Curve,
    energy::{Cursor, Figures, Steps, Weight},
    sum::SumCurve,
    test::{at, counter, interval, point},
};

const MAX_GAP: Duration = Duration::from_mins(5);
const END: i64 = 4_000;

fn measured(samples: &[Sample], boundaries: &[i64]) -> Vec<Figures> {
    let boundaries: Vec<_> = boundaries.iter().map(|it| at(*it)).collect();
    let (mut curve, mut pieces, mut cursor) = (Curve::new(MAX_GAP), Vec::new(), Cursor::default());
    let mut steps = Steps::new(boundaries.into());
    for sample in samples {
        curve.push(sample, &mut pieces);
        steps.sample(&mut cursor, sample, true);
    }
    curve.settle(Timestamp::MAX, &mut pieces);
    for piece in &pieces {
        steps.piece(&mut cursor, piece, Weight::WHOLE, true);
    }
    steps.figures().to_vec()
}

fn energy(figures: &[Figures]) -> f64 {
    figures.iter().map(|it| it.energy().0).sum()
}

/// The power in the middle of a second, by the definition; none where nothing covers it.
fn power_in(samples: &[Sample], second: i64) -> Option<f64> {
    let (start, end) = (at(second), at(second + 1));
    let mean = samples.iter().rfind(|it| it.interval.is_some() && it.at <= start);
    if let Some((mean, length)) = mean.and_then(|it| Some((it, it.interval?)))
        && mean.at.plus(length) >= end
    {
        return Some(mean.power.0);
    }
    let before = samples.iter().rfind(|it| it.at <= start)?;
    let after = samples.iter().find(|it| it.at >= end)?;
    let joined = before.interval.or(after.interval).is_none() && after.at.since(before.at) <= MAX_GAP;
    let share = (start.seconds_since(before.at) + 0.5) / after.at.seconds_since(before.at);
    joined.then_some(before.power.0 + (after.power.0 - before.power.0) * share)
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let one = (1_i64..500, -500.0..3_000.0, prop::option::weighted(0.2, 1_u64..900));
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let mut seconds = -600;
        let sample = |(gap, watts, length): (i64, f64, Option<u64>)| {
            seconds += gap;
            length.map_or(point(seconds, watts), |length| interval(seconds, length, watts))
        };
        all.into_iter().map(sample).collect()
    })
}

fn counted() -> impl Strategy<Value = Vec<Sample>> {
    let one = (1_i64..700, 0.0..3_000.0, prop::option::of(-20.0..80.0));
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let (mut seconds, mut total) = (-600, 1_000.0);
        let sample = |(gap, watts, more): (i64, f64, Option<f64>)| {
            seconds += gap;
            total += more.unwrap_or(0.0);
            if more.is_some() {
                counter(seconds, watts, total)
            } else {
                point(seconds, watts)
            }
        };
        all.into_iter().map(sample).collect()
    })
}

fn cuts() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::btree_set(1..END, 0..30).prop_map(|inner| {
        let mut all = vec![0];
        all.extend(inner);
        all.push(END);
        all
    })
}

proptest! {
    #[test]
    fn energy_coverage_and_count_are_what_the_definition_gives_second_by_second(samples in samples(), cuts in cuts()) {
        for (step, bounds) in measured(&samples, &cuts).iter().zip(cuts.windows(2)) {
            let powers: Vec<_> = (bounds[0]..bounds[1]).filter_map(|second| power_in(&samples, second)).collect();
            prop_assert!((step.energy().0 - powers.iter().sum::<f64>() / 3600.0).abs() < 1e-6);
            prop_assert_eq!(step.covered_seconds(), powers.len() as f64);
            let inside = samples.iter().filter(|it| at(bounds[0]) <= it.at && it.at < at(bounds[1]));
            prop_assert_eq!(step.count(), inside.count() as u64);
        }
    }

    #[test]
    fn steps_add_up_to_the_whole_wherever_they_are_cut(samples in counted(), cuts in cuts()) {
        let (steps, whole) = (measured(&samples, &cuts), measured(&samples, &[0, END])[0]);
        prop_assert!((energy(&steps) - whole.energy().0).abs() < 1e-6);
        let mut merged = Figures::default();
        for step in &steps {
            merged.merge(step);
        }
        prop_assert!((merged.energy().0 - whole.energy().0).abs() < 1e-6);
        prop_assert_eq!(merged.covered_seconds(), whole.covered_seconds());
        prop_assert_eq!(merged.measured_seconds(), whole.measured_seconds());
        prop_assert_eq!(merged.count(), whole.count());
        prop_assert_eq!(merged.peak().filter(|_| whole.count() > 0), whole.peak().filter(|_| whole.count() > 0));
    }

    #[test]
    fn power_that_is_never_negative_gives_energy_that_is_never_negative(samples in counted(), cuts in cuts()) {
        prop_assert!(measured(&samples, &cuts).iter().all(|step| step.energy().0 >= 0.0));
    }

    #[test]
    fn the_peak_is_the_highest_sample_and_the_earliest_of_equals(watts in prop::collection::vec(0_u8..5, 1..50)) {
        let samples: Vec<_> = (0..).zip(&watts).map(|(second, it)| point(second * 10, f64::from(*it))).collect();
        let peak = measured(&samples, &[0, END])[0].peak().unwrap();
        let (place, highest) = (0_i64..).zip(&watts).collect::<Vec<_>>().into_iter().rev().max_by_key(|(_, it)| **it).unwrap();
        prop_assert_eq!((peak.power, peak.at), (Watts(f64::from(*highest)), at(place * 10)));
    }

    #[test]
    fn a_sum_is_the_same_in_whatever_portions_it_is_added(one in samples(), two in samples(), cuts in cuts(), portion in 1_i64..900) {
        let boundaries: Vec<_> = cuts.iter().map(|it| at(*it)).collect();
        let sum = |ends: Vec<i64>| {
            let mut steps = Steps::new(boundaries.clone().into());
            let mut sum = SumCurve::new(vec![1.0, 1.0], at(0));
            for (number, samples) in [&one, &two].into_iter().enumerate() {
                let mut curve = Curve::new(MAX_GAP);
                for sample in samples {
                    curve.push(sample, sum.pieces(number));
                }
                curve.settle(Timestamp::MAX, sum.pieces(number));
            }
            for end in ends {
                sum.settle(at(end.min(END)), &mut steps);
            }
            steps
        };
        let ends = (1..=END / portion + 1).map(|it| it * portion).collect();
        let (whole, parts) = (sum(vec![END]), sum(ends));
        for (whole, parts) in whole.figures().iter().zip(parts.figures()) {
            prop_assert_eq!(whole.measured_seconds(), parts.measured_seconds());
            let powers = |it: &Figures| it.peak().zip(it.minimum()).map(|(a, b)| (a.power.0, b.power.0));
            // A portion's edge is an instant between measurements: it counts only where a step holds none.
            if whole.peak() != parts.peak() || whole.minimum() != parts.minimum() {
                let ((a, b), (c, d)) = (powers(whole).unwrap(), powers(parts).unwrap());
                prop_assert!(a <= c + 1e-9 && d <= b + 1e-9);
            }
        }
        let seconds = |second: &i64| power_in(&one, *second).is_some() || power_in(&two, *second).is_some();
        let covered: f64 = whole.figures().iter().map(Figures::measured_seconds).sum();
        prop_assert_eq!(covered, (0..END).filter(seconds).count() as f64);
    }
}

#[test]
fn a_year_of_hourly_readings_adds_up_to_the_watt_hour() {
    let hours = 8_727_i64;
    let samples: Vec<_> = (0..hours)
        .map(|hour| interval(hour * 3600, 3600, 583.2 + (hour % 7) as f64 * 0.1))
        .collect();
    let exact: i64 = (0..hours).map(|hour| 5_832 + hour % 7).sum();
    let whole = measured(&samples, &[0, hours * 3600]);
    assert!((whole[0].energy().0 - exact as f64 / 10.0).abs() < 1e-9);
    let days: Vec<_> = (0..=364).map(|day| (day * 86_400).min(hours * 3600)).collect();
    assert!((energy(&measured(&samples, &days)) - exact as f64 / 10.0).abs() < 1e-6);
    assert_eq!(whole[0].covered_seconds(), hours as f64 * 3600.0);
}

#[test]
fn a_line_across_midnight_is_split_there() {
    let steps = measured(&[point(-100, 0.0), point(100, 200.0)], &[-3600, 0, 3600]);
    let energy: Vec<_> = steps.iter().map(|it| (it.energy().0 * 3600.0).round()).collect();
    assert_eq!(energy, [50.0 * 100.0, 150.0 * 100.0]);
    assert_eq!(steps[1].peak().unwrap().power, Watts(200.0));
}

#[test]
fn energy_that_a_counter_bridges_is_no_average_power() {
    let steps = measured(
        &[
            counter(0, 60.0, 0.0),
            counter(60, 60.0, 1.0),
            counter(4_000, 60.0, 500.0),
        ],
        &[0, 4_000],
    );
    assert_eq!((steps[0].energy().0, steps[0].covered_seconds()), (500.0, 60.0));
    assert_eq!(steps[0].average(), Some(Watts(60.0)));
}

#[test]
fn a_mean_over_several_steps_shows_in_each_of_them() {
    let steps = measured(&[interval(0, 3600, 600.0)], &[0, 900, 1800, 2700, 3600, 4500]);
    let peaks: Vec<_> = steps.iter().map(|it| it.peak().map(|it| it.power.0)).collect();
    assert_eq!(peaks, [Some(600.0), Some(600.0), Some(600.0), Some(600.0), None]);
    assert_eq!(steps.iter().map(Figures::count).sum::<u64>(), 1);
}
