//! Any reading at the edge: what is stored is what is allowed, each other one is told with a reason that is true of it, and nothing
//! else changes.

use std::collections::BTreeMap;

use pb::RejectionReason as Reason;
use proptest::{prelude::*, test_runner::TestRunner};

use super::*;

const OLDEST: i64 = 946_684_800;
const MONTH: i64 = 31 * 86_400;

/// Whose device a reading names.
#[derive(Clone, Copy, Debug)]
enum Owner {
    First,
    Second,
    Someone,
    Nobody,
}

#[derive(Clone, Debug)]
struct Any {
    owner: Owner,
    reading: pb::Reading,
}

fn seconds() -> impl Strategy<Value = i64> {
    let edges = [OLDEST - 1, OLDEST, NOW + 300, NOW + 301, 0, i64::MIN, i64::MAX, -1];
    // Few instants, so that some are sent twice.
    prop_oneof![6 => NOW - 20..NOW, 1 => OLDEST..NOW, 2 => prop::sample::select(edges.to_vec()), 1 => any::<i64>()]
}

fn nanos() -> impl Strategy<Value = i32> {
    prop_oneof![
        6 => Just(0),
        1 => prop::sample::select(vec![999, 1000, 999_999_999, 1_000_000_000, -1, i32::MIN, i32::MAX]),
        1 => any::<i32>(),
    ]
}

fn number(edges: &[f64]) -> impl Strategy<Value = f64> + use<> {
    let strange = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        f64::MIN_POSITIVE / 2.0,
        f64::MAX,
    ];
    prop_oneof![
        8 => 0.0..1.0,
        2 => prop::sample::select(edges.to_vec()),
        1 => prop::sample::select(strange.to_vec()),
        1 => any::<f64>(),
    ]
}

fn optional(edges: &[f64]) -> impl Strategy<Value = Option<f64>> + use<> {
    prop::option::weighted(0.3, number(edges))
}

fn any_reading() -> impl Strategy<Value = Any> {
    use Owner::{First, Nobody, Second, Someone};
    let owner = prop::sample::select(vec![First, First, First, First, Second, Second, Someone, Nobody]);
    let timestamp = prop::option::weighted(0.95, (seconds(), nanos()));
    let timestamp = timestamp.prop_map(|it| it.map(|(seconds, nanos)| prost_types::Timestamp { seconds, nanos }));
    let length = prop_oneof![
        3 => 1..3600_i64,
        1 => prop::sample::select(vec![0, 1, -1, MONTH, MONTH + 1, i64::MAX, i64::MIN]),
    ];
    let interval = prop::option::weighted(0.3, (length, nanos()));
    let interval = interval.prop_map(|it| it.map(|(seconds, nanos)| prost_types::Duration { seconds, nanos }));
    let numbers = (
        number(&[1e6, -1e6, 1_000_000.1, -1_000_000.1]),
        optional(&[0.0, -0.1, 230.0]),
        optional(&[-16.0]),
        optional(&[1.0, -1.0, 1.000_001, -1.000_001]),
        optional(&[0.0, -1.0, 1e12]),
    );
    (owner, timestamp, numbers, interval, "[ -~]{0,40}").prop_map(
        |(owner, timestamp, (power_watts, voltage, current, power_factor, energy_total_wh), interval, noise)| Any {
            owner,
            reading: pb::Reading {
                device_id: noise,
                timestamp,
                power_watts,
                voltage,
                current,
                power_factor,
                energy_total_wh,
                interval,
                reading_id: String::new(),
            },
        },
    )
}

/// Microseconds since 1970; none where it is no instant.
fn instant(it: prost_types::Timestamp) -> Option<i128> {
    (0..1_000_000_000)
        .contains(&it.nanos)
        .then(|| i128::from(it.seconds) * 1_000_000 + i128::from(it.nanos / 1000))
        .filter(|at| (-377_705_023_201_000_000..=253_402_207_200_999_999).contains(at))
}

/// Everything that is wrong with a reading, by what the contract says.
fn faults(any: &Any) -> Vec<Reason> {
    let reading = &any.reading;
    let at = reading.timestamp.and_then(instant);
    let before = |limit: i64| at.is_some_and(|at| at < i128::from(limit) * 1_000_000);
    let after = |limit: i64| at.is_some_and(|at| at > i128::from(limit) * 1_000_000);
    let optional = [
        reading.voltage,
        reading.current,
        reading.power_factor,
        reading.energy_total_wh,
    ];
    let numbers = || optional.into_iter().flatten().chain([reading.power_watts]);
    let long = |it: prost_types::Duration| {
        let micros = i128::from(it.seconds) * 1_000_000 + i128::from(it.nanos / 1000);
        (0..1_000_000_000).contains(&it.nanos) && (1_000_000..=i128::from(MONTH) * 1_000_000).contains(&micros)
    };
    let faults = [
        (
            matches!(any.owner, Owner::Someone | Owner::Nobody),
            Reason::UnknownDevice,
        ),
        (at.is_none(), Reason::TimestampMissing),
        (before(OLDEST), Reason::TimestampTooOld),
        (after(NOW + 300), Reason::TimestampInFuture),
        (numbers().any(|it| !it.is_finite()), Reason::NotANumber),
        (reading.power_watts.abs() > 1e6, Reason::PowerOutOfRange),
        (reading.voltage.is_some_and(|it| it < 0.0), Reason::VoltageOutOfRange),
        (
            reading.power_factor.is_some_and(|it| it.abs() > 1.0),
            Reason::PowerFactorOutOfRange,
        ),
        (
            reading.energy_total_wh.is_some_and(|it| it < 0.0),
            Reason::CounterOutOfRange,
        ),
        (reading.interval.is_some_and(|it| !long(it)), Reason::IntervalOutOfRange),
    ];
    faults
        .into_iter()
        .filter_map(|(wrong, reason)| wrong.then_some(reason))
        .collect()
}

/// A reading as it comes back: to the microsecond.
fn stored(reading: &pb::Reading) -> pb::Reading {
    let micros = |nanos: i32| nanos / 1000 * 1000;
    let mut stored = reading.clone();
    stored.reading_id = String::new();
    if let Some(at) = &mut stored.timestamp {
        at.nanos = micros(at.nanos);
    }
    if let Some(length) = &mut stored.interval {
        length.nanos = micros(length.nanos);
    }
    stored
}

/// All readings of a device, those of the next minutes too.
async fn kept(user: &User, device: &str) -> Vec<pb::Reading> {
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let ahead = pb::Interval {
        start_time: at(NOW),
        end_time: at(NOW + 400),
    };
    let request = user.ask(pb::ListReadingsRequest {
        device_id: device.to_owned(),
        period: Some(pb::Period {
            kind: Some(pb::period::Kind::Interval(ahead)),
        }),
        page_size: 5000,
        ..pb::ListReadingsRequest::default()
    });
    let ahead = user.query().list_readings(request).await.unwrap().into_inner().readings;
    let all = user.readings(device).await;
    all.iter().chain(&ahead).map(stored).collect()
}

/// Sends a batch twice and compares with what must become of it.
async fn holds(server: &Server, batch: Vec<Any>) -> Result<(), TestCaseError> {
    let (user, someone) = (server.user(), server.user());
    let first = user.device("First").await.device_id;
    let second = user.device("Second").await.device_id;
    let foreign = someone.device("First").await.device_id;
    let sent = batch.iter().map(|any| {
        let mut reading = any.reading.clone();
        match any.owner {
            Owner::First => reading.device_id.clone_from(&first),
            Owner::Second => reading.device_id.clone_from(&second),
            Owner::Someone => reading.device_id.clone_from(&foreign),
            Owner::Nobody => {}
        }
        reading
    });
    let sent: Vec<_> = sent.collect();
    let mut expected: BTreeMap<(String, i128), pb::Reading> = BTreeMap::new();
    let mut good = 0;
    for (any, reading) in batch.iter().zip(&sent) {
        if faults(any).is_empty() {
            good += 1;
            let at = reading.timestamp.and_then(instant).unwrap();
            expected
                .entry((reading.device_id.clone(), at))
                .or_insert_with(|| stored(reading));
        }
    }
    for accepted in [expected.len(), 0] {
        let result = user.send(sent.clone()).await.unwrap();
        prop_assert_eq!(result.accepted as usize, accepted);
        prop_assert_eq!(result.duplicates as usize, good - accepted);
        let told: BTreeMap<_, _> = result.rejected.iter().map(|it| (it.index as usize, it)).collect();
        prop_assert_eq!(told.len(), batch.len() - good);
        for (index, rejected) in told {
            let faults = batch.get(index).map(faults).unwrap_or_default();
            prop_assert!(
                faults.contains(&rejected.reason()),
                "{index}: {rejected:?}, true are {faults:?}"
            );
            prop_assert!(!rejected.message.is_empty());
        }
        for device in [&first, &second] {
            let mine: Vec<_> = expected
                .iter()
                .filter(|((id, _), _)| id == device)
                .map(|(_, it)| it.clone())
                .collect();
            prop_assert_eq!(kept(&user, device).await, mine);
        }
        prop_assert!(someone.readings(&foreign).await.is_empty());
    }
    Ok(())
}

#[test]
fn of_any_batch_what_is_allowed_is_stored_and_the_rest_is_told_truly() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(96));
    let batches = prop::collection::vec(any_reading(), 1..40);
    let held = runner.run(&batches, |batch| runtime.block_on(holds(&server, batch)));
    held.unwrap();
}
