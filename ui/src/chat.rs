//! The conversation: its turns, and the answer that is coming in. It outlives the page, so that leaving it loses nothing.

use dioxus::{core::Task, prelude::*};
use futures::StreamExt as _;
use gloo_timers::future::TimeoutFuture;
use voltaire_proto::chat::v1::{
    AnswerEvent, Author, Chart, Clarification, Done, Fact, Message, Refusal, Session, Understanding,
    answer_event::Kind as Step,
};

use crate::{
    api::{self, Failure, Kind},
    browser,
    state::App,
};

/// An answer, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reply {
    /// One for each question of the message, in order.
    pub(crate) parts: Vec<Part>,
    /// The text of all parts.
    pub(crate) text: String,
    pub(crate) suggestions: Vec<String>,
    pub(crate) clarification: Option<Clarification>,
    pub(crate) done: Option<Done>,
}

/// The answer to one question of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Part {
    pub(crate) understanding: Option<Understanding>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) charts: Vec<Chart>,
    pub(crate) text: String,
    pub(crate) refusal: Option<Refusal>,
}

impl Reply {
    fn take(&mut self, event: AnswerEvent) {
        match event.kind {
            Some(Step::Understanding(understanding)) => self.parts.push(Part {
                understanding: Some(understanding),
                ..Part::default()
            }),
            Some(Step::Fact(fact)) => self.part().facts.push(fact),
            Some(Step::Chart(chart)) => self.part().charts.push(chart),
            Some(Step::Text(delta)) => {
                self.part().text.push_str(&delta.text);
                self.text.push_str(&delta.text);
            }
            Some(Step::Suggestions(suggestions)) => self.suggestions = suggestions.questions,
            Some(Step::Clarification(clarification)) => self.clarification = Some(clarification),
            Some(Step::Refusal(refusal)) => self.part().refusal = Some(refusal),
            Some(Step::Done(done)) => {
                if self.text.is_empty() {
                    self.set_text(done.text.clone());
                }
                self.done = Some(done);
            }
            None => {}
        }
    }

    /// The part that is coming in.
    fn part(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// Gives each part its line of the text; where they do not match, the first one has it all.
    fn set_text(&mut self, text: String) {
        self.part();
        let lines: Vec<&str> = text.lines().collect();
        let matched = lines.len() == self.parts.len();
        for (index, part) in self.parts.iter_mut().enumerate() {
            part.text = match (matched, index) {
                (true, _) => lines.get(index).copied().unwrap_or_default().to_owned(),
                (false, 0) => text.clone(),
                (false, _) => String::new(),
            };
        }
        self.text = text;
    }

    /// Whether a question has no figure as its answer.
    pub(crate) fn refused(&self) -> bool {
        self.parts.iter().any(|part| part.refusal.is_some())
    }

    /// The session it belongs to; empty: not known yet.
    fn session(&self) -> &str {
        let understood = self.parts.iter().filter_map(|part| part.understanding.as_ref());
        understood
            .map(|it| it.session_id.as_str())
            .next_back()
            .unwrap_or_default()
    }
}

/// How far an answer is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// It is coming in.
    Running,
    /// It is whole.
    Done,
    /// The reader stopped it.
    Stopped,
    /// It broke off.
    Failed(Failure),
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) question: String,
    pub(crate) reply: Reply,
    pub(crate) phase: Phase,
}

/// The conversation on screen.
#[derive(Clone, Copy)]
pub(crate) struct Chat {
    /// Its session; empty: not begun.
    pub(crate) session: Signal<String>,
    pub(crate) turns: Signal<Vec<Turn>>,
    /// What the reader is writing.
    pub(crate) draft: Signal<String>,
    /// The sessions that were asked in, last first, while the list of sessions may not have them at its top.
    pub(crate) asked: Signal<Vec<Session>>,
    /// Counts changes of the list of sessions.
    pub(crate) changes: Signal<u32>,
    /// About to be deleted: until then it can be kept.
    pub(crate) deleted: Signal<Option<Session>>,
    /// What could not be deleted, and why.
    pub(crate) undeleted: Signal<Option<(Session, Failure)>>,
    task: Signal<Option<Task>>,
}

impl Chat {
    /// For the root of the app.
    pub(crate) fn new() -> Self {
        Self {
            session: Signal::new(String::new()),
            turns: Signal::new(Vec::new()),
            draft: Signal::new(String::new()),
            asked: Signal::new(Vec::new()),
            changes: Signal::new(0),
            deleted: Signal::new(None),
            undeleted: Signal::new(None),
            task: Signal::new(None),
        }
    }

    /// Notes in which session this was asked.
    fn note(mut self, session_id: &str, question: &str) {
        let session = Session {
            session_id: session_id.to_owned(),
            title: question.to_owned(),
            ..Session::default()
        };
        let mut asked = self.asked.write();
        asked.retain(|it| it.session_id != session_id);
        asked.insert(0, session);
    }

    /// Whether an answer is coming in.
    pub(crate) fn running(self) -> bool {
        self.turns
            .read()
            .last()
            .is_some_and(|turn| turn.phase == Phase::Running)
    }

    /// Begins a new conversation.
    pub(crate) fn reset(mut self) {
        self.halt();
        self.session.set(String::new());
        self.turns.set(Vec::new());
    }

    /// Forgets everything that belongs to the user.
    pub(crate) fn forget(mut self) {
        self.reset();
        self.draft.set(String::new());
        self.asked.set(Vec::new());
        self.deleted.set(None);
        self.undeleted.set(None);
    }

    /// Stops the answer that is coming in; what has come stays.
    pub(crate) fn stop(mut self) {
        self.halt();
        if let Some(turn) = self
            .turns
            .write()
            .last_mut()
            .filter(|turn| turn.phase == Phase::Running)
        {
            turn.phase = Phase::Stopped;
        }
    }

    fn halt(&mut self) {
        if let Some(task) = self.task.take() {
            task.cancel();
        }
    }

    /// Shows a conversation that was had before.
    pub(crate) fn show(mut self, session: String, messages: Vec<Message>) {
        self.halt();
        self.session.set(session);
        self.turns.set(turns(messages));
    }
}

/// Asks a question in the conversation on screen.
pub(crate) fn ask(app: App, question: &str) {
    let mut chat = app.chat;
    let question = question.trim().to_owned();
    if question.is_empty() || chat.running() {
        return;
    }
    chat.turns.write().push(Turn {
        question: question.clone(),
        reply: Reply::default(),
        phase: Phase::Running,
    });
    chat.task.set(Some(dioxus::core::spawn_forever(run(app, question))));
}

async fn run(app: App, question: String) {
    let mut chat = app.chat;
    let failure = stream(app, question.clone()).await.err();
    chat.task.set(None);
    chat.changes += 1;
    if failure.as_ref().is_some_and(|failure| app.has_left(failure)) {
        return;
    }
    let (facts, charts) = with_last(chat, |turn| {
        turn.phase = failure.clone().map_or(Phase::Done, Phase::Failed);
        let parts = &turn.reply.parts;
        let count = |of: fn(&Part) -> usize| parts.iter().map(of).sum();
        (count(|part| part.facts.len()), count(|part| part.charts.len()))
    })
    .unwrap_or_default();
    let text = app.text();
    match failure {
        // The question is not lost: it stands in the composer again.
        Some(failure) => {
            if chat.draft.peek().is_empty() {
                chat.draft.set(question);
            }
            app.announce(text.failure(&failure));
        }
        None => app.announce(text.answer_ready(facts, charts)),
    }
}

/// How long a deletion can be undone, milliseconds.
const UNDO: u32 = 10_000;

/// Deletes a conversation, unless it is kept meanwhile.
pub(crate) fn delete(app: App, session: Session) {
    let (mut deleted, mut undeleted, mut asked) = (app.chat.deleted, app.chat.undeleted, app.chat.asked);
    asked.write().retain(|it| it.session_id != session.session_id);
    undeleted.set(None);
    if let Some(before) = deleted.replace(Some(session.clone())) {
        dioxus::core::spawn_forever(delete_now(app, before));
    }
    dioxus::core::spawn_forever(async move {
        TimeoutFuture::new(UNDO).await;
        let due = deleted
            .peek()
            .as_ref()
            .is_some_and(|it| it.session_id == session.session_id);
        if due {
            deleted.set(None);
            delete_now(app, session).await;
        }
    });
}

/// Keeps the conversation that was about to be deleted.
pub(crate) fn keep(app: App) {
    let mut deleted = app.chat.deleted;
    deleted.set(None);
}

async fn delete_now(app: App, session: Session) {
    let mut chat = app.chat;
    match api::delete_session(&session.session_id).await {
        Err(failure) if failure.kind != Kind::Missing => {
            if !app.has_left(&failure) {
                chat.undeleted.set(Some((session, failure)));
            }
        }
        _ => chat.changes += 1,
    }
}

/// Paints at most ten times a second.
const PAINT: i64 = 100;

async fn stream(app: App, question: String) -> Result<(), Failure> {
    let mut chat = app.chat;
    let session = chat.session.peek().clone();
    if !session.is_empty() {
        chat.note(&session, &question);
    }
    let mut events = api::ask(session, question.clone(), app.home_id_now()).await?;
    let mut reply = Reply::default();
    let mut painted = 0;
    while let Some(event) = events.next().await {
        reply.take(event?.event.unwrap_or_default());
        let session = reply.session().to_owned();
        if !session.is_empty() && *chat.session.peek() != session {
            chat.note(&session, &question);
            chat.session.set(session);
        }
        if browser::now() - painted >= PAINT {
            painted = browser::now();
            with_last(chat, |turn| turn.reply = reply.clone());
        }
    }
    with_last(chat, |turn| turn.reply = reply.clone());
    if reply.done.is_some() {
        Ok(())
    } else {
        Err(Failure::incomplete())
    }
}

fn with_last<T>(mut chat: Chat, change: impl FnOnce(&mut Turn) -> T) -> Option<T> {
    chat.turns.write().last_mut().map(change)
}

/// The turns of a stored conversation.
fn turns(messages: Vec<Message>) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for message in messages {
        if message.author() == Author::User {
            turns.push(Turn {
                question: message.content,
                reply: Reply::default(),
                phase: Phase::Stopped,
            });
        } else if let Some(turn) = turns.last_mut() {
            let mut reply = Reply::default();
            for event in message.events {
                reply.take(event);
            }
            reply.set_text(message.content);
            turn.reply = reply;
            turn.phase = Phase::Done;
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use voltaire_proto::chat::v1::{AnswerEvent, Done, Fact, TextDelta, Understanding, answer_event::Kind as Step};

    use super::Reply;

    fn reply(steps: Vec<Step>) -> Reply {
        let mut reply = Reply::default();
        for step in steps {
            reply.take(AnswerEvent { kind: Some(step) });
        }
        reply
    }

    fn understood(text: &str) -> Step {
        Step::Understanding(Understanding {
            text: text.to_owned(),
            ..Understanding::default()
        })
    }

    fn fact(id: &str) -> Step {
        Step::Fact(Fact {
            id: id.to_owned(),
            ..Fact::default()
        })
    }

    fn text(text: &str) -> Step {
        Step::Text(TextDelta { text: text.to_owned() })
    }

    /// What each part shows: what was understood, its facts, its text.
    fn shown(reply: &Reply) -> Vec<(String, Vec<&str>, &str)> {
        let parts = reply.parts.iter();
        let shown = parts.map(|part| {
            (
                part.understanding.clone().unwrap_or_default().text,
                part.facts.iter().map(|fact| fact.id.as_str()).collect(),
                part.text.trim(),
            )
        });
        shown.collect()
    }

    #[test]
    fn each_question_of_a_message_keeps_its_own_proof() {
        let steps = vec![
            understood("total"),
            fact("f1"),
            text("70 kWh"),
            understood("peak"),
            fact("f2"),
            fact("f3"),
            text("\n4 kW"),
        ];
        let reply = reply(steps);
        let expected = vec![
            ("total".to_owned(), vec!["f1"], "70 kWh"),
            ("peak".to_owned(), vec!["f2", "f3"], "4 kW"),
        ];
        assert_eq!(shown(&reply), expected);
        assert_eq!(reply.text, "70 kWh\n4 kW");
    }

    #[test]
    fn a_stored_text_is_divided_among_its_questions() {
        let mut stored = reply(vec![understood("total"), fact("f1"), understood("peak")]);
        stored.set_text("70 kWh\n4 kW".to_owned());
        let texts = |reply: &Reply| reply.parts.iter().map(|part| part.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&stored), ["70 kWh", "4 kW"]);
        stored.set_text("one\ntwo\nthree".to_owned());
        assert_eq!(texts(&stored), ["one\ntwo\nthree", ""]);
    }

    #[test]
    fn a_text_that_comes_only_at_the_end_is_shown() {
        let done = Done {
            text: "Hello".to_owned(),
            ..Done::default()
        };
        assert_eq!(
            shown(&reply(vec![Step::Done(done)])),
            [(String::new(), vec![], "Hello")]
        );
    }
}
