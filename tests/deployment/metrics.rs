//! Metrics: what the source records and what processes show is what docs/metrics.md lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
};

use crate::{files, project};

/// Where metrics are recorded.
const CRATES: [&str; 6] = [
    "mesh/src",
    "auth/src",
    "telemetry/src",
    "chat/src",
    "gateway/src",
    "src",
];

/// What names of Envoy's own metrics begin with.
const ENVOY: &str = "envoy_";

/// A metric but its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    kind: String,
    labels: BTreeSet<String>,
}

/// The metrics of docs/metrics.md by name.
pub(crate) fn documented() -> BTreeMap<String, Metric> {
    let text = fs::read_to_string(project("docs/metrics.md")).expect("docs/metrics.md");
    let rows = text.lines().filter(|it| it.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 7, "{row}");
        let labels = cells[3].split(", ").filter(|it| *it != "–");
        let metric = Metric {
            kind: cells[2].to_owned(),
            labels: labels.map(|it| it.trim_matches('`').to_owned()).collect(),
        };
        (cells[1].trim_matches('`').to_owned(), metric)
    })
    .collect()
}

/// Every series that the documented metrics have, as queries name them.
pub(crate) fn series() -> BTreeMap<String, BTreeSet<String>> {
    let mut series = BTreeMap::new();
    for (name, Metric { kind, labels }) in documented() {
        if kind == "histogram" {
            for suffix in ["bucket", "sum", "count"] {
                series.insert(format!("{name}_{suffix}"), labels.clone());
            }
        } else {
            series.insert(name, labels);
        }
    }
    series
}

/// The metrics that the source records.
fn recorded() -> BTreeMap<String, Metric> {
    let mut all: BTreeMap<String, Metric> = BTreeMap::new();
    for file in CRATES.into_iter().flat_map(|it| files(it, "rs")) {
        of_file(&file, &mut all);
    }
    all
}

fn of_file(path: &PathBuf, all: &mut BTreeMap<String, Metric>) {
    let text = fs::read_to_string(path).expect("a source file");
    for kind in ["counter", "gauge", "histogram"] {
        for call in text.split(&format!("metrics::{kind}!(")).skip(1) {
            let (arguments, _) = call.split_once(')').expect("a call ends");
            let words: Vec<_> = arguments.split('"').collect();
            let name = words.get(1).expect("a name").to_string();
            let labels = words
                .windows(2)
                .skip(2)
                .filter(|it| it[1].trim_start().starts_with("=>"));
            let labels = labels.map(|it| it[0].to_owned()).collect();
            let metric = Metric {
                kind: kind.to_owned(),
                labels,
            };
            if let Some(other) = all.get(&name) {
                assert_eq!(*other, metric, "{name} is one thing everywhere");
            }
            all.insert(name, metric);
        }
    }
}

#[test]
fn what_the_source_records_is_documented() {
    let (recorded, mut documented) = (recorded(), documented());
    documented.retain(|name, _| !name.starts_with(ENVOY));
    let names = |it: &BTreeMap<String, Metric>| it.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&recorded), names(&documented));
    for (name, metric) in recorded {
        assert_eq!(metric, documented[&name], "{name}");
        assert_eq!(metric.kind == "counter", name.ends_with("_total"), "{name}");
    }
}

/// The names of the metrics that a process shows at a port; each is documented, and of the kind that it shows.
pub(crate) fn shown(port: u16) -> BTreeSet<String> {
    let documented = documented();
    let text = read(port, "/metrics");
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let types = text.lines().filter_map(|it| it.strip_prefix("# TYPE "));
    types
        .map(|it| {
            let (name, kind) = it.split_once(' ').expect("a name and a kind");
            let known = documented.get(name).unwrap_or_else(|| panic!("{name} is documented"));
            assert_eq!(kind, known.kind, "{name}");
            name.to_owned()
        })
        .collect()
}

/// The whole answer of a port to a plain request.
pub(crate) fn read(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("answered");
    text
}
