//! Reads what the test programs print: shows failures, hides successes, counts both, and collects what was skipped.
//!
//! A test that lacks a tool prints `skipped: why` and returns; libtest calls that a success, we do not.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read},
};

/// What happened so far.
#[derive(Default)]
pub(super) struct Tally {
    passed: usize,
    skipped: usize,
    failures: Vec<Failure>,
    /// Reason → how many tests gave it.
    skips: BTreeMap<String, usize>,
}

/// A test that failed.
#[derive(Default)]
pub(super) struct Failure {
    /// The test.
    pub(super) name: String,
    /// Where it panicked and how that began; empty where it did not say.
    pub(super) message: Vec<String>,
}

/// Lines of a panic that the summary repeats: the whole may be the logs of several processes.
const MESSAGE: usize = 12;

impl Tally {
    /// Notes something that could not be had, before any test asked for it.
    pub(super) fn skip(&mut self, reason: String) {
        self.skips.entry(reason).or_default();
    }

    /// Every reason with the number of tests that gave it.
    pub(super) fn skips(&self) -> impl Iterator<Item = (&String, &usize)> {
        self.skips.iter()
    }

    /// Tests that failed.
    pub(super) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The line that machines read; `steps` are failed steps other than the tests themselves.
    pub(super) fn line(&self, steps: usize) -> String {
        let Self {
            passed,
            skipped,
            failures,
            ..
        } = self;
        format!(
            "{} passed, {} failed, {skipped} skipped",
            passed.saturating_sub(*skipped),
            failures.len() + steps
        )
    }
}

/// Where in the output of a test program we are.
#[derive(Default)]
enum Part {
    #[default]
    Tests,
    /// What passing tests printed; whether the current one said that it skipped.
    Successes { counted: bool },
    /// What failed tests printed; which of them, once it has panicked.
    Failures { of: String, panicked: bool },
}

impl Part {
    fn failures(of: &str) -> Self {
        Self::Failures {
            of: of.to_owned(),
            panicked: false,
        }
    }
}

impl Failure {
    fn explain(&mut self, line: &str) {
        if self.message.len() < MESSAGE && !line.trim().is_empty() {
            self.message.push(line.to_owned());
        }
    }
}

/// Reads to the end, showing what deserves it.
pub(super) fn read(output: impl Read, tally: &mut Tally, show: impl Fn(&str)) -> anyhow::Result<()> {
    let mut part = Part::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if let Some(shown) = digest(&line, &mut part, tally) {
            show(shown);
        }
    }
    Ok(())
}

/// Notes what `line` means and returns it when it should be shown.
fn digest<'a>(line: &'a str, part: &mut Part, tally: &mut Tally) -> Option<&'a str> {
    if let Some(result) = line.strip_prefix("test result: ") {
        *part = Part::Tests;
        tally.passed += number_before(result, " passed").unwrap_or_default();
        let ignored = number_before(result, " ignored").unwrap_or_default();
        // Ignored tests are not among the passed: counted on both sides, they cancel out in the line.
        tally.passed += ignored;
        tally.skipped += ignored;
        return (!result.contains(" 0 passed; 0 failed")).then_some(line);
    }
    match line {
        "successes:" => *part = Part::Successes { counted: false },
        "failures:" => *part = Part::failures(""),
        _ => {}
    }
    match part {
        Part::Tests => test(line, tally),
        Part::Successes { counted } => {
            if line.starts_with("---- ") {
                *counted = false;
            } else if let Some(reason) = line.strip_prefix("skipped: ") {
                tally.skipped += usize::from(!*counted);
                *counted = true;
                *tally.skips.entry(reason.to_owned()).or_default() += 1;
            }
            None
        }
        Part::Failures { of, panicked } => {
            if let Some(name) = line
                .strip_prefix("---- ")
                .and_then(|it| it.strip_suffix(" stdout ----"))
            {
                *part = Part::failures(name);
            } else {
                *panicked = (*panicked || line.contains("panicked at ")) && line != "stack backtrace:";
                let failure = tally.failures.iter_mut().rev().find(|it| *panicked && it.name == *of);
                if let Some(it) = failure {
                    it.explain(line);
                }
            }
            Some(line)
        }
    }
}

fn test<'a>(line: &'a str, tally: &mut Tally) -> Option<&'a str> {
    let name = line.strip_prefix("test ")?;
    if let Some(name) = name.strip_suffix(" ... FAILED") {
        tally.failures.push(Failure {
            name: name.to_owned(),
            ..Failure::default()
        });
        return Some(line);
    }
    if let Some((name, reason)) = name.split_once(" ... ignored") {
        *tally.skips.entry(format!("{name}{reason}")).or_default() += 1;
    }
    None
}

fn number_before(text: &str, word: &str) -> Option<usize> {
    text.split_once(word)?.0.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
running 4 tests
test a ... ok
test b ... ok
test c ... ignored, slow
test d ... FAILED

successes:

---- b stdout ----
skipped: TEST_POSTGRES_URL is not set
skipped: TEST_TIMESCALE_URL is not set


successes:
    a
    b

failures:

---- d stdout ----
tried

thread 'd' (7) panicked at src/lib.rs:3:5:
boom


failures:
    d

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    #[test]
    fn a_test_that_skipped_did_not_pass() {
        let mut tally = Tally::default();
        // Printed, they would be taken for those of the tests that this is one of.
        read(OUTPUT.as_bytes(), &mut tally, |_| ()).unwrap();
        assert_eq!(tally.line(0), "1 passed, 1 failed, 2 skipped");
        let [failure] = tally.failures() else {
            panic!("one failed");
        };
        assert_eq!(failure.name, "d");
        assert_eq!(failure.message, ["thread 'd' (7) panicked at src/lib.rs:3:5:", "boom"]);
        assert_eq!(tally.skips().count(), 3);
    }

    #[test]
    fn a_failed_step_counts_as_a_failure() {
        assert_eq!(Tally::default().line(1), "0 passed, 1 failed, 0 skipped");
    }
}
