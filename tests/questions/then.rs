//! What drew power when there was most of it, against a computation from the readings.

use jiff::civil::date;

use super::{house::House, oracle, tells};

/// The quarter hour of the highest sum of samples in a stretch, which its readings every 20 minutes begin with.
fn peak(house: &House, (start, end): (i64, i64)) -> (f64, i64) {
    let mut sums = std::collections::BTreeMap::new();
    for (second, watts) in house.devices.iter().flat_map(|it| &it.readings) {
        if (start..end).contains(second) {
            *sums.entry(*second).or_insert(0.0) += watts;
        }
    }
    let highest = sums
        .into_iter()
        .reduce(|best, it| if it.1 > best.1 { it } else { best });
    let (at, watts) = highest.unwrap();
    (watts, at - at.rem_euclid(900))
}

#[tokio::test]
async fn who_drew_power_at_the_peak_is_each_devices_mean_of_its_quarter_hour() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let yesterday = (house.midnight(date(2026, 11, 17)), house.midnight(date(2026, 11, 18)));
    let (watts, quarter) = peak(&house, yesterday);
    let wanted: Vec<_> = house
        .devices
        .iter()
        .map(|it| oracle::energy(&[it], (quarter, quarter + 900)) * 4.0)
        .collect();
    for said in [
        &["peak yesterday", "what was on then?"][..],
        &["what was on at the peak yesterday"],
    ] {
        let facts = house.talk(said).await.unwrap();
        assert!(
            tells(&facts[0], &(watts, "W".into())),
            "{said:?}: {watts} {:?}",
            facts[0]
        );
        for mean in &wanted {
            assert!(
                facts[1..].iter().any(|fact| tells(fact, &(*mean, "W".into()))),
                "{said:?}: {mean} W is not among {facts:?}"
            );
        }
        assert_eq!(facts.len(), wanted.len() + 1);
        let most_first = facts[1..].is_sorted_by(|a, b| a.value >= b.value);
        assert!(most_first, "{facts:?}");
    }
    let evenings = house
        .talk(&["peak in the evenings last week", "what was on then?"])
        .await;
    assert!(evenings.is_err(), "{evenings:?}");
}
