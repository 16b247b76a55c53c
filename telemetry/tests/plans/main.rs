//! What the main questions read: every statement that they run is watched, and so is its plan. None may go through a table
//! that grows with time, and long periods read rollups.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]

mod access;
mod house;
mod recorder;

use std::{collections::BTreeMap, time::Duration};

use access::{GROWING, accesses};
use house::{DAY, Devices, HOUR, House, MIDNIGHT, NOW, time};
use pb::step::Kind;
use tonic::Status;
use voltaire_mesh::test::on_each_url;
use voltaire_proto::telemetry::v1 as pb;
use voltaire_types::UserId;

/// How long statements may take to be written down.
const PATIENCE: Duration = Duration::from_secs(30);

/// Rows that a question may read, by table; of the other tables none.
type Budget<'a> = &'a [(&'a str, u64)];

/// What was asked, and what it may read.
struct Question<'a> {
    name: &'a str,
    /// Tables that it must read.
    reads: &'a [&'a str],
    budget: Budget<'a>,
}

fn interval(start: i64, end: i64) -> pb::Period {
    let interval = pb::Interval {
        start_time: Some(time(start)),
        end_time: Some(time(end)),
    };
    pb::Period {
        kind: Some(pb::period::Kind::Interval(interval)),
    }
}

fn calendar(unit: pb::CalendarUnit, back: u32) -> pb::Period {
    let unit = unit.into();
    pb::Period {
        kind: Some(pb::period::Kind::Calendar(pb::CalendarPeriod { unit, back })),
    }
}

impl House {
    async fn series(&self, period: pb::Period, step: Kind) {
        let request = pb::QuerySeriesRequest {
            period: Some(period),
            step: Some(pb::Step { kind: Some(step) }),
            metrics: vec![pb::Metric::Energy.into()],
            ..pb::QuerySeriesRequest::default()
        };
        let answer = self.query().query_series(self.ask(request)).await.unwrap().into_inner();
        let energy: f64 = answer
            .series
            .iter()
            .flat_map(|it| &it.values)
            .filter(|it| it.is_finite())
            .sum();
        assert!(energy > 100.0, "the question is about something");
    }

    async fn page(&self, device: &str, period: pb::Period) {
        let request = pb::ListReadingsRequest {
            device_id: device.to_owned(),
            period: Some(period),
            page_size: 20,
            ..pb::ListReadingsRequest::default()
        };
        let answer = self
            .query()
            .list_readings(self.ask(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.readings.len(), 20);
    }

    async fn latest(&self) {
        let request = self.ask(pb::WatchLiveRequest::default());
        let mut messages = self.query().watch_live(request).await.unwrap().into_inner();
        messages.message().await.unwrap().unwrap();
    }

    async fn resume(&self) -> Result<(), Status> {
        let request = self.ask(pb::ListAlertsRequest::default());
        let revision = self.alerts().list_alerts(request).await?.into_inner().alerts[0].revision;
        let request = self.ask(pb::WatchAlertsRequest {
            since_revision: revision - 1,
            ..pb::WatchAlertsRequest::default()
        });
        let mut messages = self.alerts().watch_alerts(request).await?.into_inner();
        let message = messages.message().await?.unwrap();
        assert!(matches!(
            message.event,
            Some(pb::watch_alerts_response::Event::Changes(_))
        ));
        Ok(())
    }

    /// What has been read since it was asked last holds what the question is known to need and no more.
    async fn check(&self, question: Question<'_>) {
        let mut read = BTreeMap::<String, u64>::new();
        let looked = async {
            loop {
                for statement in recorder::take() {
                    for it in accesses(&self.db, &statement).await {
                        // Old alerts are looked for once an hour.
                        let matters = statement.in_call || it.table != "alerts";
                        let grows = matters && GROWING.iter().any(|(table, _)| *table == it.table);
                        let name = question.name;
                        assert!(
                            !(grows && it.whole),
                            "{name}: goes through all of {}: {}",
                            it.table,
                            statement.sql
                        );
                        if statement.in_call {
                            *read.entry(it.table).or_default() += it.rows;
                        }
                    }
                }
                if question
                    .reads
                    .iter()
                    .all(|table| read.get(*table).is_some_and(|rows| *rows > 0))
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let looked = tokio::time::timeout(PATIENCE, looked).await;
        assert!(
            looked.is_ok(),
            "{}: read {read:?}, not {:?}",
            question.name,
            question.reads
        );
        for (table, _) in GROWING {
            let allowed = question.budget.iter().find(|(it, _)| *it == table).map_or(0, |it| it.1);
            let rows = read.get(table).copied().unwrap_or(0);
            assert!(
                rows <= allowed,
                "{}: {rows} rows of {table}, more than {allowed}",
                question.name
            );
        }
    }

    /// The clock finds the rules that are due by their index.
    async fn check_due_rules(&self) {
        let found = async {
            loop {
                for statement in recorder::take() {
                    let read = accesses(&self.db, &statement).await;
                    if statement.sql.contains("UPDATE alert_rules SET due_at") && !read.is_empty() {
                        return read;
                    }
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        for it in tokio::time::timeout(PATIENCE, found).await.unwrap() {
            assert!(!it.whole && it.rows < 100, "{it:?}");
        }
    }
}

/// Past time of which nothing need be measured. The plug was not there yet: its first reading is looked for, among rows and blocks
/// by one statement, whose rows SQLite counts for both.
async fn long_periods(house: &House) {
    house
        .series(
            calendar(pb::CalendarUnit::Month, 1),
            Kind::Calendar(pb::CalendarUnit::Day.into()),
        )
        .await;
    let question = Question {
        name: "a month by day",
        reads: &["rollup_quarters"],
        budget: &[
            ("rollup_quarters", 2 * 33),
            ("telemetry_data", 1),
            ("reading_blocks", 1),
        ],
    };
    house.check(question).await;
    house
        .series(
            interval(MIDNIGHT - 365 * DAY, MIDNIGHT),
            Kind::Calendar(pb::CalendarUnit::Month.into()),
        )
        .await;
    let question = Question {
        name: "a year by month",
        reads: &["rollups", "rollup_quarters"],
        budget: &[
            ("rollups", 2 * 367),
            ("rollup_quarters", 2 * 14),
            ("telemetry_data", 1),
            ("reading_blocks", 1),
        ],
    };
    house.check(question).await;
    // Rows of this day are still there.
    house
        .series(
            calendar(pb::CalendarUnit::Day, 1),
            Kind::Calendar(pb::CalendarUnit::Hour.into()),
        )
        .await;
    let question = Question {
        name: "hours of a day",
        reads: &["rollup_quarters"],
        budget: &[("rollup_quarters", 2 * 2)],
    };
    house.check(question).await;
}

async fn readings(house: &House, devices: &Devices) {
    house.latest().await;
    let question = Question {
        name: "last values",
        reads: &["telemetry_data"],
        budget: &[("telemetry_data", 8), ("reading_blocks", 4)],
    };
    house.check(question).await;
    house.page(&devices.plug, interval(NOW - DAY, NOW)).await;
    let question = Question {
        name: "a page of rows",
        reads: &["telemetry_data"],
        budget: &[("telemetry_data", 21)],
    };
    house.check(question).await;
    let past = MIDNIGHT - 100 * DAY;
    house.page(&devices.boiler, interval(past, past + 30 * DAY)).await;
    let question = Question {
        name: "a page of blocks",
        reads: &["reading_blocks"],
        budget: &[("reading_blocks", 31 + 4)],
    };
    house.check(question).await;
    // Minutes are shorter than what is rolled up; a mean that reaches into them may have begun a month before.
    let minute = prost_types::Duration { seconds: 60, nanos: 0 };
    house.series(interval(past, past + 2 * HOUR), Kind::Fixed(minute)).await;
    let question = Question {
        name: "minutes of two hours that are sealed",
        reads: &["reading_blocks"],
        budget: &[
            ("reading_blocks", 80),
            ("telemetry_data", 80),
            ("rollups", 4),
            ("rollup_quarters", 4),
        ],
    };
    house.check(question).await;
}

#[tokio::test]
async fn no_question_goes_through_all_readings_and_long_periods_read_rollups() {
    recorder::start();
    on_each_url(async |url| {
        let user = UserId::new();
        let house = House::open(url, user).await;
        let devices = house.furnish().await;
        house.close().await;
        // Whoever starts looks after what is there at once.
        let house = House::open(url, user).await;
        house.settle().await;
        house.close().await;
        let house = House::open(url, user).await;
        house.surround(&devices).await;
        house.explain().await;
        house.close().await;
        recorder::take();

        let house = House::open(url, user).await;
        house.check_due_rules().await;
        recorder::take();
        long_periods(&house).await;
        readings(&house, &devices).await;
        house.resume().await.unwrap();
        let question = Question {
            name: "alerts since",
            reads: &["alerts"],
            budget: &[("alerts", 8)],
        };
        house.check(question).await;
        house.close().await;
    })
    .await;
}
