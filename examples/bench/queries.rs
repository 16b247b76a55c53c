//! The questions of the query benchmark: what the pages of an energy monitor show.

use std::time::{Duration, Instant};

use jiff::civil::date;

use crate::workload::START;

/// Columns of a chart.
pub(crate) const COLUMNS: u32 = 600;
const DAY: i64 = 86_400;
/// A question that takes long is asked no more after this time, unless it was asked fewer times than this.
const PATIENCE: Duration = Duration::from_secs(15);
const FEWEST: usize = 3;

/// A question. Days and months are Berlin's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Energy of one device in each month of 2025.
    MonthsOne,
    /// The same of every device.
    MonthsAll,
    /// Energy of every device on each day of January.
    Days,
    /// Energy of every device in each hour of 15 January.
    Hours,
    /// Least, highest and average power of one device on 15 January, in 600 columns.
    Columns,
    /// The last reading of every device.
    Latest,
}

/// All of them with their names.
const ALL: [(&str, Question); 6] = [
    ("months-one", Question::MonthsOne),
    ("months-all", Question::MonthsAll),
    ("days", Question::Days),
    ("hours", Question::Hours),
    ("columns", Question::Columns),
    ("latest", Question::Latest),
];

impl Question {
    /// From and until, seconds since 1970.
    pub(crate) fn period(self) -> (i64, i64) {
        match self {
            Self::MonthsOne | Self::MonthsAll => (START, month(13)),
            Self::Days => (START, month(2)),
            Self::Hours | Self::Columns | Self::Latest => (START + 14 * DAY, START + 15 * DAY),
        }
    }

    /// Whether it is about one device.
    pub(crate) fn is_about_one(self) -> bool {
        matches!(self, Self::MonthsOne | Self::Columns)
    }
}

/// When a month of 2025 begins, from 1; 13: when 2026 does. Seconds since 1970.
pub(crate) fn month(number: i8) -> i64 {
    let first = if number > 12 {
        date(2026, number - 12, 1)
    } else {
        date(2025, number, 1)
    };
    let midnight = first.in_tz("Europe/Berlin").expect("a midnight of Berlin");
    midnight.timestamp().as_second()
}

/// Someone who answers.
pub(crate) trait Asker {
    /// An answer as it came.
    type Answer;

    /// Asks, and waits for the whole answer.
    async fn ask(&mut self, question: Question) -> anyhow::Result<Self::Answer>;

    /// How many values the answer has.
    fn values(answer: &Self::Answer) -> anyhow::Result<usize>;
}

/// Asks each question often, and prints its p50 and p95 in ms, and how many values an answer has. One that is not answered is
/// told, and left out.
pub(crate) async fn run<A: Asker>(asker: &mut A, repetitions: usize) -> anyhow::Result<()> {
    for (name, question) in ALL {
        if let Err(error) = time(asker, (name, question), repetitions).await {
            eprintln!("{name}: {error:#}");
        }
    }
    Ok(())
}

async fn time<A: Asker>(asker: &mut A, (name, question): (&str, Question), repetitions: usize) -> anyhow::Result<()> {
    let values = A::values(&asker.ask(question).await?)?;
    anyhow::ensure!(values > 0, "an answer without values");
    let mut times = Vec::with_capacity(repetitions);
    let begun = Instant::now();
    while times.len() < repetitions && (times.len() < FEWEST || begun.elapsed() < PATIENCE) {
        let started = Instant::now();
        asker.ask(question).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    for (percent, label) in [(50, "p50"), (95, "p95")] {
        let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        println!("{name} {label}\t{:.3}", times.get(at).copied().unwrap_or_default());
    }
    println!("{name} values\t{values}");
    Ok(())
}
