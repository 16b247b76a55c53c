//! What the answer must be, computed from the readings by the definitions and nothing else.

use serde_json::Value;

use crate::house::{House, MAX_GAP, Metered, RISE, STANDING};

type Stretch = (i64, i64);

/// The figures that must be among the facts, with their units, for a meaning and one of its periods.
pub(crate) fn expected(house: &House, meaning: &Value, when: &Value) -> Vec<(f64, String)> {
    let devices = selected(house, meaning);
    let when = stretch(house, when);
    let cost = meaning["metric"][0] == "cost";
    let of = |devices: &[&Metered], when: Stretch| {
        if cost {
            let standing = if devices.len() == house.devices.len() {
                standing(house, when)
            } else {
                0.0
            };
            (money(house, devices, when) + standing, house.currency.clone())
        } else {
            (energy(devices, when) / 1000.0, "kWh".to_owned())
        }
    };
    match (meaning["op"].as_str().unwrap(), meaning["per"].as_str()) {
        ("total", None) => vec![of(&devices, when)],
        ("average", None) => vec![(
            energy(&devices, when) * 3600.0 / covered(&devices, when),
            "W".to_owned(),
        )],
        ("average", Some("day")) => {
            let (value, unit) = of(&devices, when);
            vec![(value / house.days(when).len() as f64, unit)]
        }
        ("extreme", None) => vec![(extreme(&devices, when, meaning["dir"] == "most"), "W".to_owned())],
        ("extreme", Some("day")) => {
            let values = house.days(when).into_iter().map(|day| of(&devices, day));
            let order = |a: &(f64, String), b: &(f64, String)| a.0.total_cmp(&b.0);
            vec![
                if meaning["dir"] == "most" {
                    values.max_by(order)
                } else {
                    values.min_by(order)
                }
                .unwrap(),
            ]
        }
        ("rank", None) => {
            let mut values: Vec<f64> = devices.iter().map(|it| of(&[it], when).0).collect();
            values.sort_by(|a, b| {
                if meaning["dir"] == "least" {
                    a.total_cmp(b)
                } else {
                    b.total_cmp(a)
                }
            });
            let (rank, limit) = (
                meaning["rank"].as_u64().unwrap_or(1) as usize,
                meaning["limit"].as_u64().unwrap_or(1) as usize,
            );
            let unit = of(&[], when).1;
            values[rank - 1..(rank - 1 + limit)]
                .iter()
                .map(|it| (*it, unit.clone()))
                .collect()
        }
        ("breakdown", None) => devices.iter().map(|it| of(&[it], when)).collect(),
        ("compare", None) if meaning.get("versus").is_some() => {
            vec![of(&devices, when), of(&devices, stretch(house, &meaning["versus"][0]))]
        }
        ("compare", None) => devices.iter().map(|it| of(&[it], when)).collect(),
        ("share", None) => {
            let all: Vec<&Metered> = house.devices.iter().collect();
            vec![(of(&devices, when).0 / of(&all, when).0 * 100.0, "%".to_owned())]
        }
        other => panic!("no oracle for {other:?}"),
    }
}

fn selected<'a>(house: &'a House, meaning: &Value) -> Vec<&'a Metered> {
    let named: Vec<&Metered> = meaning["of"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| house.device(it.as_str().unwrap()))
        .collect();
    match (meaning.get("of").is_some(), meaning["except"] == true) {
        (true, false) => named,
        (true, true) => house
            .devices
            .iter()
            .filter(|it| named.iter().all(|named| named.name != it.name))
            .collect(),
        (false, _) => house.devices.iter().collect(),
    }
}

fn stretch(house: &House, period: &Value) -> Stretch {
    (
        house.instant(period[0].as_str().unwrap()),
        house.instant(period[1].as_str().unwrap()),
    )
}

/// Wh: the trapezoid between consecutive samples, nothing across a longer gap, split at the edges by linear interpolation.
pub(crate) fn energy(devices: &[&Metered], when: Stretch) -> f64 {
    devices
        .iter()
        .map(|it| segments(it, when).map(|(length, watts)| length * watts).sum::<f64>() / 3600.0)
        .sum()
}

/// Seconds that any of them covers: where they are silent, one of them is silent alone.
pub(crate) fn covered(devices: &[&Metered], when: Stretch) -> f64 {
    let each = devices
        .iter()
        .map(|it| segments(it, when).map(|(length, _)| length).sum::<f64>());
    each.fold(0.0, f64::max)
}

/// Length in s and mean power in W of each covered piece.
fn segments(device: &Metered, (start, end): Stretch) -> impl Iterator<Item = (f64, f64)> {
    device.readings.windows(2).filter_map(move |pair| {
        let ((t0, w0), (t1, w1)) = (pair[0], pair[1]);
        let (from, to) = (t0.max(start), t1.min(end));
        let at = |second: i64| w0 + (w1 - w0) * (second - t0) as f64 / (t1 - t0) as f64;
        (from < to && t1 - t0 <= MAX_GAP).then(|| ((to - from) as f64, f64::midpoint(at(from), at(to))))
    })
}

/// Energy at the price in force.
pub(crate) fn money(house: &House, devices: &[&Metered], (start, end): Stretch) -> f64 {
    let rise = house.midnight(RISE);
    let before = energy(devices, (start.min(rise), end.min(rise))) / 1000.0 * house.price;
    let after = energy(devices, (start.max(rise), end.max(rise))) / 1000.0 * house.risen();
    before + after
}

/// The standing charge of the days of the period, a day that still runs by its part.
fn standing(house: &House, (start, end): Stretch) -> f64 {
    let part = |day: &Stretch| (day.1 - day.0) as f64 / house.day_of(day.0) as f64;
    house.days((start, end)).iter().map(|it| part(it) * STANDING).sum()
}

/// The highest or lowest sum of the samples of an instant; the devices are read at the same instants.
pub(crate) fn extreme(devices: &[&Metered], (start, end): Stretch, most: bool) -> f64 {
    let mut sums = std::collections::BTreeMap::new();
    for (second, watts) in devices
        .iter()
        .flat_map(|it| &it.readings)
        .filter(|it| (start..end).contains(&it.0))
    {
        *sums.entry(*second).or_insert(0.0) += watts;
    }
    let fold = if most { f64::max } else { f64::min };
    sums.into_values().reduce(fold).unwrap()
}
