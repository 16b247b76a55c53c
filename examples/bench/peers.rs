//! Other databases, by the line protocol that both take and by the query languages of their own.

use std::fmt::Write as _;

use anyhow::Context as _;
use futures::future::try_join_all;
use serde_json::Value;

use crate::{
    http::Http,
    queries::{self, COLUMNS, Question, month},
    workload::{Load, Row},
};

/// Takes readings in.
pub(crate) struct Sink {
    url: String,
    path: &'static str,
}

impl Sink {
    /// `InfluxDB`, with a new database.
    pub(crate) fn influxdb(url: &str) -> anyhow::Result<Self> {
        Http::connect(url)?.form("/query", &[("q", "CREATE DATABASE bench")])?;
        Ok(Self {
            url: url.to_owned(),
            path: "/write?db=bench&precision=s",
        })
    }

    /// `VictoriaMetrics`.
    pub(crate) fn victoria(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            path: "/write?precision=s",
        }
    }
}

impl crate::Sink for Sink {
    type Batch = (usize, String);

    fn prepare(&self, rows: &[Row]) -> (usize, String) {
        let mut lines = String::with_capacity(rows.len() * 90);
        for row in rows {
            let Row {
                device,
                second,
                power,
                voltage,
                current,
                factor,
            } = row;
            writeln!(
                lines,
                "reading,device=d{device} power={power},voltage={voltage},current={current},factor={factor} {second}"
            )
            .expect("a text takes all");
        }
        (rows.len(), lines)
    }

    async fn send(&mut self, writers: Vec<Vec<(usize, String)>>) -> anyhow::Result<u64> {
        let writers = writers.into_iter().map(|batches| {
            let (url, path) = (self.url.clone(), self.path);
            tokio::task::spawn_blocking(move || {
                let mut http = Http::connect(&url)?;
                let mut sent = 0;
                for (count, lines) in batches {
                    http.post(path, "text/plain", lines.as_bytes())?;
                    sent += count as u64;
                }
                anyhow::Ok(sent)
            })
        });
        try_join_all(writers).await?.into_iter().sum()
    }

    async fn close(self) {}
}

/// Asks for figures. Energy is asked for as average power, which is less work than an integral.
pub(crate) struct Asker {
    http: Http,
    ask: fn(&mut Self, Question) -> anyhow::Result<Vec<Vec<u8>>>,
    last: i64,
}

impl Asker {
    /// `InfluxDB`.
    pub(crate) fn influxdb(url: &str, load: &Load) -> anyhow::Result<Self> {
        Self::new(url, load, influxdb)
    }

    /// `VictoriaMetrics`.
    pub(crate) fn victoria(url: &str, load: &Load) -> anyhow::Result<Self> {
        Self::new(url, load, victoria)
    }

    fn new(
        url: &str,
        load: &Load,
        ask: fn(&mut Self, Question) -> anyhow::Result<Vec<Vec<u8>>>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::connect(url)?,
            ask,
            last: load.last(),
        })
    }
}

impl queries::Asker for Asker {
    type Answer = Vec<Vec<u8>>;

    async fn ask(&mut self, question: Question) -> anyhow::Result<Vec<Vec<u8>>> {
        (self.ask)(self, question)
    }

    fn values(answers: &Vec<Vec<u8>>) -> anyhow::Result<usize> {
        let mut count = 0;
        for answer in answers {
            let answer = serde_json::from_slice(answer).context("not JSON")?;
            count += points(&answer);
        }
        Ok(count)
    }
}

/// The values in an answer of either: rows of `values`, or one `value`.
fn points(answer: &Value) -> usize {
    match answer {
        Value::Array(items) => items.iter().map(points).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("values", Value::Array(rows)) => rows
                    .iter()
                    .filter_map(Value::as_array)
                    .map(|row| row.iter().skip(1).filter(|it| !it.is_null()).count())
                    .sum(),
                ("value", _) => 1,
                _ => points(value),
            })
            .sum(),
        _ => 0,
    }
}

fn influxdb(asker: &mut Asker, question: Question) -> anyhow::Result<Vec<Vec<u8>>> {
    let (start, end) = question.period();
    let within = |start, end| format!("FROM reading WHERE time >= {start}s AND time < {end}s");
    let months = |rest: &str| {
        let month = |it| format!("SELECT mean(power) {}{rest}", within(month(it), month(it + 1)));
        (1..=12).map(month).collect::<Vec<_>>().join(";")
    };
    let span = within(start, end);
    let query = match question {
        Question::MonthsOne => months(" AND device = 'd0'"),
        Question::MonthsAll => months(" GROUP BY device"),
        Question::Days => format!("SELECT mean(power) {span} GROUP BY device, time(1d) tz('Europe/Berlin')"),
        Question::Hours => format!("SELECT mean(power) {span} GROUP BY device, time(1h) tz('Europe/Berlin')"),
        Question::Columns => {
            let step = (end - start) / i64::from(COLUMNS);
            format!("SELECT min(power), max(power), mean(power) {span} AND device = 'd0' GROUP BY time({step}s)")
        }
        Question::Latest => "SELECT last(*) FROM reading GROUP BY device".into(),
    };
    let answer = asker
        .http
        .form("/query", &[("db", "bench"), ("epoch", "s"), ("q", &query)])?;
    Ok(vec![answer])
}

fn victoria(asker: &mut Asker, question: Question) -> anyhow::Result<Vec<Vec<u8>>> {
    let (start, end) = question.period();
    let series = if question.is_about_one() {
        "reading_power{device=\"d0\"}"
    } else {
        "reading_power"
    };
    let mut at = |query: &str, time: i64| {
        let time = time.to_string();
        asker
            .http
            .form("/api/v1/query", &[("query", query), ("time", &time), ("nocache", "1")])
    };
    let step = match question {
        Question::MonthsOne | Question::MonthsAll => {
            let month = |it| {
                let (start, end) = (month(it), month(it + 1));
                at(&format!("avg_over_time({series}[{}s])", end - start), end - 1)
            };
            return (1..=12).map(month).collect();
        }
        Question::Latest => {
            let answer = at("last_over_time({__name__=~\"reading_.*\"}[5m])", asker.last)?;
            return Ok(vec![answer]);
        }
        Question::Days => 86_400,
        Question::Hours => 3600,
        Question::Columns => (end - start) / i64::from(COLUMNS),
    };
    let query = match question {
        Question::Columns => {
            format!("aggr_over_time((\"min_over_time\", \"max_over_time\", \"avg_over_time\"), {series}[{step}s])")
        }
        _ => format!("avg_over_time({series}[{step}s])"),
    };
    // The value at an instant is that of the step before it.
    let [start, end, step] = [start + step, end, step].map(|it| it.to_string());
    let answer = asker.http.form(
        "/api/v1/query_range",
        &[
            ("query", &query),
            ("start", &start),
            ("end", &end),
            ("step", &step),
            ("nocache", "1"),
        ],
    )?;
    Ok(vec![answer])
}
