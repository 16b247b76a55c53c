//! What becomes of questions, counted.

use crate::{
    answer::{Answer, event::Event},
    error::Error,
};

/// Counts an answer by what it is.
pub(crate) fn told(answer: &Answer) {
    count(match () {
        () if answer.events.iter().any(|it| matches!(it, Event::Refusal { .. })) => "refused",
        () if answer.events.iter().any(|it| matches!(it, Event::Clarification { .. })) => "asked",
        () => "answered",
    });
}

/// Counts a question that got no answer, unless whoever asked is at fault.
pub(crate) fn failed(error: &Error) {
    if !error.is_askers_fault() {
        count("failed");
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("voltaire_chat_answers_total", "outcome" => outcome).increment(1);
}
