//! Green Button (NAESB ESPI): the Atom XML that utilities export, energy per interval.
//!
//! A file holds entries: reading types (unit, power of ten, direction), meter readings that link to them, and blocks of
//! intervals that link to meter readings. Files with a single reading type often leave the links out.

use std::{collections::HashMap, time::Duration};

use quick_xml::{Reader, events::Event};
use voltaire_types::{Timestamp, WattHours, Watts};

use super::{BrokenFile, Imported};

/// Readings of energy sent back to the grid go to a device of this name.
pub(crate) const EXPORT_DEVICE: &str = "export";

const UNIT_WATTS: &str = "38";
const UNIT_WATT_HOURS: &str = "72";
const FLOW_REVERSE: &str = "19";

/// What a block's values mean.
#[derive(Clone, Debug, Default)]
struct ReadingType {
    multiplier: i32,
    unit: Option<String>,
    interval: Option<u64>,
    reverse: bool,
}

/// One interval as the file has it.
#[derive(Clone, Debug, Default)]
struct Raw {
    line: usize,
    start: Option<i64>,
    duration: Option<u64>,
    value: Option<i64>,
}

/// One Atom entry.
#[derive(Debug, Default)]
struct Entry {
    own: Option<String>,
    related: Vec<String>,
    reading_type: Option<ReadingType>,
    is_meter: bool,
    readings: Vec<Raw>,
}

/// Reads all intervals of a file, oldest first.
pub(crate) fn parse(xml: &str) -> Result<Vec<Imported>, BrokenFile> {
    let entries = entries(xml)?;
    let types = Types::of(&entries);
    let mut readings = Vec::new();
    for entry in &entries {
        if let Some(first) = entry.readings.first() {
            let meaning = types.meaning(entry).ok_or_else(|| {
                BrokenFile::new(
                    first.line,
                    "cannot tell which ReadingType this IntervalBlock belongs to: its links lead nowhere",
                )
            })?;
            for raw in &entry.readings {
                readings.push(convert(raw, meaning)?);
            }
        }
    }
    if readings.is_empty() {
        return Err(BrokenFile::new(
            1,
            "no IntervalReading found: is this a Green Button file?",
        ));
    }
    readings.sort_by_key(|reading| reading.at);
    Ok(readings)
}

fn convert(raw: &Raw, meaning: &ReadingType) -> Result<Imported, BrokenFile> {
    let missing = |what: &str| BrokenFile::new(raw.line, format!("IntervalReading without {what}"));
    let start = raw.start.ok_or_else(|| missing("a start"))?;
    let at = Timestamp::from_parts(start, 0).map_err(|error| BrokenFile::new(raw.line, error.to_string()))?;
    let seconds = raw
        .duration
        .or(meaning.interval)
        .filter(|it| *it > 0)
        .ok_or_else(|| missing("a duration"))?;
    let interval = Duration::from_secs(seconds);
    let value = raw.value.ok_or_else(|| missing("a value"))? as f64 * 10_f64.powi(meaning.multiplier);
    let power = match meaning.unit.as_deref() {
        Some(UNIT_WATT_HOURS) | None => WattHours(value).mean_over(interval).unwrap_or_default(),
        Some(UNIT_WATTS) => Watts(value),
        Some(other) => {
            return Err(BrokenFile::new(
                raw.line,
                format!("unit {other} is neither energy (72, Wh) nor power (38, W)"),
            ));
        }
    };
    Ok(Imported {
        line: raw.line,
        device: meaning.reverse.then(|| EXPORT_DEVICE.to_owned()),
        at,
        power: if meaning.reverse { -power } else { power },
        interval: Some(interval),
        voltage: None,
        current: None,
        power_factor: None,
        counter: None,
    })
}

/// The reading types of a file, by the links that lead to them.
struct Types<'a> {
    by_link: HashMap<&'a str, &'a ReadingType>,
    only: Option<&'a ReadingType>,
}

impl<'a> Types<'a> {
    fn of(entries: &'a [Entry]) -> Self {
        let all: Vec<_> = entries
            .iter()
            .filter_map(|entry| Some((entry, entry.reading_type.as_ref()?)))
            .collect();
        let mut by_link: HashMap<&str, &ReadingType> = all
            .iter()
            .filter_map(|(entry, it)| Some((entry.own.as_deref()?, *it)))
            .collect();
        for meter in entries.iter().filter(|entry| entry.is_meter) {
            let meaning = meter
                .related
                .iter()
                .find_map(|link| by_link.get(link.as_str()).copied());
            for link in meaning
                .is_some()
                .then_some(meter.own.iter().chain(&meter.related))
                .into_iter()
                .flatten()
            {
                if let Some(meaning) = meaning {
                    by_link.entry(link).or_insert(meaning);
                }
            }
        }
        Self {
            by_link,
            only: if all.len() == 1 {
                all.first().map(|(_, it)| *it)
            } else {
                None
            },
        }
    }

    /// Follows the links of a block, from the most specific to its parents.
    fn meaning(&self, block: &Entry) -> Option<&'a ReadingType> {
        self.only.or_else(|| {
            block
                .related
                .iter()
                .chain(&block.own)
                .find_map(|link| self.follow(link))
        })
    }

    fn follow(&self, link: &str) -> Option<&'a ReadingType> {
        let mut link = link;
        loop {
            if let Some(found) = self.by_link.get(link) {
                return Some(found);
            }
            link = link.rsplit_once('/')?.0;
        }
    }
}

/// Reads the Atom entries, whatever prefix their namespaces have.
fn entries(xml: &str) -> Result<Vec<Entry>, BrokenFile> {
    let mut scan = Scan::new(xml);
    let mut entries = Vec::new();
    let mut entry = Entry::default();
    let mut raw = Raw::default();
    let mut path: Vec<String> = Vec::new();
    loop {
        match scan.next()? {
            Node::Open { name, link, empty } => {
                match name.as_str() {
                    "entry" => entry = Entry::default(),
                    "ReadingType" => entry.reading_type = Some(ReadingType::default()),
                    "MeterReading" => entry.is_meter = true,
                    "IntervalReading" => {
                        raw = Raw {
                            line: scan.line(),
                            ..Raw::default()
                        }
                    }
                    "link" => match link {
                        Some((rel, href)) if rel == "self" => entry.own = Some(href),
                        Some((_, href)) => entry.related.push(href),
                        None => {}
                    },
                    _ => {}
                }
                if !empty {
                    path.push(name);
                }
            }
            Node::Text(text) => take(&path, &text, (&mut entry, &mut raw), scan.line())?,
            Node::Close(name) => {
                path.pop();
                match name.as_str() {
                    "IntervalReading" => entry.readings.push(std::mem::take(&mut raw)),
                    "entry" => entries.push(std::mem::take(&mut entry)),
                    _ => {}
                }
            }
            Node::End => return Ok(entries),
        }
    }
}

/// Puts an element's text where it belongs.
fn take(path: &[String], text: &str, (entry, raw): (&mut Entry, &mut Raw), line: usize) -> Result<(), BrokenFile> {
    let Some(name) = path.last().map(String::as_str) else {
        return Ok(());
    };
    let within = |parent: &str| path.iter().any(|it| it == parent);
    if within("IntervalReading") {
        match name {
            "start" => raw.start = Some(number(name, text, line)?),
            "duration" => raw.duration = Some(number(name, text, line)?),
            "value" if !within("ReadingQuality") && !within("cost") => raw.value = Some(number(name, text, line)?),
            _ => {}
        }
    } else if let Some(meaning) = entry.reading_type.as_mut().filter(|_| within("ReadingType")) {
        match name {
            "powerOfTenMultiplier" => {
                meaning.multiplier = number(name, text, line)?;
                if !(-12..=12).contains(&meaning.multiplier) {
                    return Err(BrokenFile::new(
                        line,
                        format!("powerOfTenMultiplier {text} is not within -12 to 12"),
                    ));
                }
            }
            "uom" => meaning.unit = Some(text.to_owned()),
            "intervalLength" => meaning.interval = Some(number(name, text, line)?),
            "flowDirection" => meaning.reverse = text == FLOW_REVERSE,
            _ => {}
        }
    }
    Ok(())
}

fn number<T: std::str::FromStr>(name: &str, text: &str, line: usize) -> Result<T, BrokenFile> {
    text.parse()
        .map_err(|_| BrokenFile::new(line, format!("{name} is not a whole number: {text:.40}")))
}

/// A part of the document, names without namespace prefix.
enum Node {
    Open {
        name: String,
        link: Option<(String, String)>,
        empty: bool,
    },
    Text(String),
    Close(String),
    End,
}

/// The document's parts, one after the other, with the line they are on.
struct Scan<'a> {
    xml: &'a str,
    reader: Reader<&'a [u8]>,
    counted: (usize, usize),
}

impl<'a> Scan<'a> {
    fn new(xml: &'a str) -> Self {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().trim_text(true);
        Self {
            xml,
            reader,
            counted: (0, 1),
        }
    }

    /// The line that was read up to, from 1.
    fn line(&mut self) -> usize {
        let position = usize::try_from(self.reader.buffer_position())
            .unwrap_or(usize::MAX)
            .min(self.xml.len());
        let (from, line) = self.counted;
        let bytes = self.xml.as_bytes().get(from..position).unwrap_or_default();
        self.counted = (
            position.max(from),
            line + String::from_utf8_lossy(bytes).matches('\n').count(),
        );
        self.counted.1
    }

    fn next(&mut self) -> Result<Node, BrokenFile> {
        loop {
            let event = self.reader.read_event();
            return match event {
                Ok(Event::Start(tag)) => Ok(open(&tag, false)),
                Ok(Event::Empty(tag)) => Ok(open(&tag, true)),
                Ok(Event::End(tag)) => Ok(Node::Close(local(tag.local_name().as_ref()))),
                Ok(Event::Text(text)) => Ok(Node::Text(String::from_utf8_lossy(&text).trim().to_owned())),
                Ok(Event::Eof) => Ok(Node::End),
                Ok(_) => continue,
                Err(error) => Err(BrokenFile::new(self.line(), format!("not well-formed XML: {error}"))),
            };
        }
    }
}

fn open(tag: &quick_xml::events::BytesStart<'_>, empty: bool) -> Node {
    let attribute = |name: &str| {
        let found = tag.try_get_attribute(name).ok().flatten();
        found.map(|it| String::from_utf8_lossy(&it.value).trim_end_matches('/').to_owned())
    };
    let link = attribute("rel").zip(attribute("href"));
    Node::Open {
        name: local(tag.local_name().as_ref()),
        link,
        empty,
    }
}

fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(types: &str, blocks: &str) -> String {
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n{types}\n{blocks}\n</feed>")
    }

    const WH: &str = "<entry><content><ReadingType><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry>";

    fn block(value: &str) -> String {
        format!(
            "<entry><content><IntervalBlock><IntervalReading>\n<timePeriod><duration>900</duration><start>1296547200</start></timePeriod><value>{value}</value></IntervalReading></IntervalBlock></content></entry>"
        )
    }

    #[test]
    fn energy_of_an_interval_becomes_its_mean_power() {
        let readings = parse(&file(WH, &block("250"))).unwrap();
        assert_eq!(
            (readings[0].power, readings[0].interval),
            (Watts(1000.0), Some(Duration::from_secs(900)))
        );
        assert_eq!(readings[0].at.to_string(), "2011-02-01T08:00:00Z");
    }

    #[test]
    fn the_power_of_ten_and_any_prefix_are_understood() {
        let types = WH.replace(">0<", ">3<");
        let xml = file(&types, &block("2"))
            .replace("<entry>", "<atom:entry>")
            .replace("</entry>", "</atom:entry>");
        assert_eq!(parse(&xml).unwrap()[0].power, Watts(8000.0));
    }

    #[test]
    fn links_tell_import_from_export() {
        let reading_type = |id, flow| {
            format!(
                "<entry><link rel=\"self\" href=\"/ReadingType/{id}\"/><content><ReadingType><uom>72</uom><flowDirection>{flow}</flowDirection></ReadingType></content></entry>\
                     <entry><link rel=\"self\" href=\"/MeterReading/{id}\"/><link rel=\"related\" href=\"/ReadingType/{id}\"/><content><MeterReading/></content></entry>"
            )
        };
        let linked = |id| {
            block("100").replacen(
                "<entry>",
                &format!("<entry><link rel=\"up\" href=\"/MeterReading/{id}/IntervalBlock\"/>"),
                1,
            )
        };
        let xml = file(&(reading_type(1, 1) + &reading_type(2, 19)), &(linked(1) + &linked(2)));
        let powers: Vec<_> = parse(&xml)
            .unwrap()
            .into_iter()
            .map(|it| (it.device, it.power))
            .collect();
        assert_eq!(powers, [(None, Watts(400.0)), (Some("export".into()), Watts(-400.0))]);
    }

    #[test]
    fn a_broken_file_names_line_and_cause() {
        let broken = |xml: &str| parse(xml).unwrap_err();
        assert_eq!(
            broken(&file(WH, &block("1x"))),
            BrokenFile::new(4, "value is not a whole number: 1x")
        );
        assert_eq!(
            broken("hello").problem,
            "no IntervalReading found: is this a Green Button file?"
        );
        assert!(
            broken(&file(WH, "<entry></feed>"))
                .problem
                .starts_with("not well-formed XML")
        );
        assert!(
            broken(&file(&WH.replace("72", "169"), &block("1")))
                .problem
                .contains("unit 169")
        );
    }
}
