//! What is read only where it must be, against all that there is.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use voltaire_mesh::{Db, test::on_each_db};
use voltaire_types::{Clock, DeviceId, UserId, Watts};

use super::*;
use crate::{
    device::Device,
    figures::{Sample, duration::DurationCurve, runs::Runs},
    migrations,
    query::{runs::all_runs, scope::Scope},
    reading::Reading,
    store::{Batch, test::draft},
};

const CASES: usize = 40;
const THRESHOLDS: [f64; 3] = [10.0, 60.0, 110.0];

fn at(second: i64) -> Timestamp {
    Timestamp::from_parts(1_780_000_200 + second, 0).unwrap()
}

/// Stretches of steady or wild samples, of means, and of nothing.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let power = prop_oneof![Just(0.0), Just(100.0), Just(50.0), 0.0..200.0_f64];
    let stretch = (
        1_i64..1_500,
        0_usize..60,
        5_i64..320,
        power,
        prop::option::weighted(0.2, 60_u64..4_000),
        any::<bool>(),
    );
    prop::collection::vec(stretch, 0..12).prop_map(|stretches| {
        let (mut second, mut samples) = (-1_000, Vec::new());
        for (gap, count, apart, power, mean, wild) in stretches {
            second += gap;
            for number in 0..count {
                second += apart;
                samples.push(Sample {
                    at: at(second),
                    power: Watts(if wild && number % 2 == 0 {
                        150.0 - power / 2.0
                    } else {
                        power
                    }),
                    interval: mean.map(Duration::from_secs),
                    counter: None,
                    estimated: false,
                });
            }
        }
        samples
    })
}

struct House {
    store: Store,
    user: UserId,
    setting: Setting,
}

/// A house with two devices that sent these.
async fn house(db: Db, sent: &[Vec<Sample>; 2]) -> House {
    let now = at(1_000_000);
    let (store, user) = (Store::new(db, Clock::fixed(now)), UserId::new());
    let home = store.home(user, None).await.unwrap();
    for (samples, name) in sent.iter().zip(["One", "Two"]) {
        let device = Device {
            max_gap: Some(Duration::from_secs(300)),
            on_threshold: Some(Watts(60.0)),
            ..draft(home.id, name)
        };
        let device = store.create_device(user, device).await.unwrap();
        let readings: Vec<_> = samples.iter().map(|sample| reading(device.id, sample)).collect();
        let places = (0..readings.len() as u32).collect();
        store.insert(vec![Batch { user, readings, places }]).await.unwrap();
    }
    let mut setting = Setting::open(&store, user, None, now).await.unwrap();
    setting.devices.sort_by(|a, b| a.name.cmp(&b.name));
    House { store, user, setting }
}

fn reading(device: DeviceId, sample: &Sample) -> Reading {
    Reading {
        device,
        at: sample.at,
        power: sample.power,
        voltage: None,
        current: None,
        power_factor: None,
        counter: None,
        interval: sample.interval,
    }
}

fn all_pieces(samples: &[Sample]) -> Vec<Piece> {
    let (mut curve, mut pieces) = (Curve::new(Duration::from_secs(300)), Vec::new());
    for sample in samples {
        curve.push(sample, &mut pieces);
    }
    curve.settle(Timestamp::MAX, &mut pieces);
    pieces
}

struct Above(DurationCurve);

impl Visitor for Above {
    fn segment(&mut self, segment: &Segment) -> ControlFlow<()> {
        self.0.segment(segment);
        ControlFlow::Continue(())
    }
}

async fn compare(db: Db, sent: [Vec<Sample>; 2], interval: Interval) {
    let House { store, user, setting } = house(db, &sent).await;
    let chosen = setting
        .choose(
            Scope::Devices(setting.devices.iter().map(|it| it.id).collect()),
            "scope",
        )
        .unwrap();
    let mut apart = chosen.meters.clone();
    apart[1].weight.factor = -1.0;
    for meters in [&chosen.meters[..], &chosen.meters[..1], &apart] {
        let walk = Walk {
            meters,
            interval,
            thresholds: &THRESHOLDS,
            allowed: u64::MAX,
        };
        let mut walked = Above(DurationCurve::new(&THRESHOLDS));
        walk.show(&store, &setting, &mut walked).await.unwrap();
        let mut whole = DurationCurve::new(&THRESHOLDS);
        let order = |meter: &Meter| setting.devices.iter().position(|it| it.id == meter.id).unwrap();
        let curves: Vec<_> = meters
            .iter()
            .map(|meter| (meter.weight.factor, all_pieces(&sent[order(meter)])))
            .collect();
        segment::sum(&curves, interval, |segment| whole.segment(&segment));
        assert!(
            (walked.0.measured() - whole.measured()).abs() < 1e-6,
            "{sent:?} {interval:?}"
        );
        for (walked, whole) in walked.0.above().iter().zip(whole.above()) {
            assert!(
                (walked.1 - whole.1).abs() < 1e-6,
                "{walked:?} {whole:?} {sent:?} {interval:?}"
            );
        }
    }
    let mut runs = Runs::new(Watts(60.0), interval);
    for piece in all_pieces(&sent[0]) {
        runs.piece(&piece);
    }
    let found = all_runs(&store, &setting, &setting.devices[0], interval).await.unwrap();
    let whole = runs.found();
    assert_eq!(found.len(), whole.len(), "{sent:?} {interval:?}");
    for (found, whole) in found.iter().zip(&whole) {
        // A line that is cut crosses a threshold where the whole one does, to the microsecond.
        let apart = [(found.start, whole.start), (found.end, whole.end)].map(|(a, b)| a.micros().abs_diff(b.micros()));
        assert!(apart.iter().all(|it| *it <= 1), "{found:?} {whole:?}");
    }
    store.erase_user(user).await.unwrap();
}

#[tokio::test]
async fn what_is_read_in_parts_is_what_the_whole_curve_says() {
    on_each_db(&migrations(), async |db| {
        let mut runner = TestRunner::deterministic();
        let mut draw = |length: i64| {
            let case = ([samples(), samples()], 0_i64..3_000, 1..length);
            case.new_tree(&mut runner).unwrap().current()
        };
        for _ in 0..CASES {
            let (sent, start, length) = draw(20_000);
            compare(db.clone(), sent, Interval::new(at(start), at(start + length))).await;
        }
    })
    .await;
}
