//! A turn of a conversation: what was said before, the plan, what telemetry says, the answer, and its place in the history.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use voltaire_mesh::Invalid;
use voltaire_types::{Calendar, DeviceId, HomeId, MessageId, SessionId, Timestamp, UserId};

use crate::{
    answer::{
        self, Answer,
        event::{Event, Proof, Reason},
        refusal,
    },
    error::{Error, Result},
    execute::{self, client::Telemetry, model::House},
    llm::{Asked, Llm},
    store::{Exchange, Store},
    understand::{
        self, Context, MAX_QUESTION, Named, No, Part, Pending, Understood, World,
        plan::Plan,
        timex::{self, Stretches},
    },
};

/// Turns that a question may refer to.
const REMEMBERED: u32 = 6;
/// Characters of a session's title.
const TITLE: usize = 60;
/// Characters of a title that a user gave.
const GIVEN_TITLE: usize = 80;
/// Bytes of what is said about a report.
const MAX_NOTE: usize = 1000;

/// A question, and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) new_session: bool,
    /// Which home; none: the first one.
    pub(crate) home: Option<HomeId>,
    pub(crate) text: String,
    pub(crate) asked: Timestamp,
}

/// What is kept of an answer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(default)]
    pub(crate) plan: Option<Plan>,
    /// The plans of the questions before the last one of the same message.
    #[serde(default)]
    pub(crate) before: Vec<Plan>,
    #[serde(default)]
    pub(crate) focus: Vec<DeviceId>,
    #[serde(default)]
    pub(crate) pending: Option<Pending>,
    #[serde(default)]
    pub(crate) events: Vec<Event>,
    #[serde(default)]
    pub(crate) time_zone: String,
    #[serde(default)]
    pub(crate) milliseconds: f64,
    /// The language model that read the question; none: the rules did.
    #[serde(default)]
    pub(crate) model: Option<String>,
}

/// What a question became, before anything is computed.
pub(crate) struct Turn {
    /// Its words, where it is one of several of a message.
    pub(crate) words: Option<String>,
    /// Whether it is about what the answer before it names, and so has to be read after that.
    pub(crate) follows: bool,
    pub(crate) understanding: Event,
    pub(crate) plan: Option<Plan>,
    pub(crate) notes: Vec<String>,
    /// The language model that read the question; none: the rules did.
    pub(crate) model: Option<String>,
    /// The whole answer, where nothing has to be computed.
    pub(crate) answer: Option<(Answer, Option<Pending>)>,
}

/// The session that a question belongs to: its own new one, or the caller's.
pub(crate) async fn session(
    store: &Store,
    user: UserId,
    id: Option<SessionId>,
) -> Result<(SessionId, bool, Option<HomeId>)> {
    match id {
        None => Ok((SessionId::new(), true, None)),
        Some(id) => {
            let session = store.session(user, id).await?.ok_or(Error::NoSession)?;
            Ok((id, false, session.home_id))
        }
    }
}

/// What the session's last answers left behind.
pub(crate) async fn context(store: &Store, question: &Question) -> Result<Context> {
    if question.new_session {
        return Ok(Context::default());
    }
    let values = store.memories(question.session, REMEMBERED).await?;
    let kept: Vec<Kept> = values
        .into_iter()
        .filter_map(|it| serde_json::from_value(it).ok())
        .collect();
    let pending = kept.first().and_then(|it| it.pending.clone());
    let missed = kept.first().is_some_and(is_missed);
    let focus = kept
        .iter()
        .find(|it| it.plan.is_some())
        .map(|it| it.focus.clone())
        .unwrap_or_default();
    let plans = kept
        .into_iter()
        .rev()
        .flat_map(|it| it.before.into_iter().chain(it.plan));
    let plans = plans.collect();
    Ok(Context {
        plans,
        focus,
        pending,
        missed,
    })
}

/// Whether nothing that was asked about the home's energy was understood.
fn is_missed(kept: &Kept) -> bool {
    let refused = kept.events.iter().any(|it| match it {
        Event::Refusal { reason, .. } => {
            matches!(
                reason,
                Reason::NotUnderstood | Reason::UnknownDevice | Reason::NotSupported
            )
        }
        _ => false,
    });
    refused && kept.plan.is_none()
}

/// The answer to what no home is needed for: thanks, and what is never answered.
pub(crate) fn at_once(question: &Question, context: &Context) -> Option<Turn> {
    let nowhere = World {
        calendar: Calendar::utc(),
        devices: Vec::new(),
        currency: String::new(),
        month_first: false,
    };
    match understand::understand(&question.text, &nowhere, context, question.asked) {
        Understood::Courtesy => Some(courtesy()),
        Understood::Refuse(no @ No::Private) => Some(refuse(&no, &[])),
        _ => None,
    }
}

/// Reads the message in its home, question by question: by the rules, and by a language model where there is one and they
/// are unsure. `left` is the time of the whole call.
pub(crate) async fn read(
    question: &Question,
    (house, context): (&House, &Context),
    llm: Option<&Llm>,
    left: Option<Duration>,
) -> Vec<Turn> {
    let world = world(house);
    let understood = understand::understand(&question.text, &world, context, question.asked);
    if let Understood::Several(parts) = understood {
        let part = |it: Part| Turn {
            words: Some(it.text),
            follows: it.follows,
            ..turn(it.understood, house, question.asked)
        };
        return parts.into_iter().map(part).collect();
    }
    let asked = Asked {
        user: question.user,
        text: &question.text,
        world: &world,
        context,
        now: question.asked,
    };
    let Some(llm) = llm.filter(|it| it.is_for(&understood)) else {
        return vec![turn(understood, house, question.asked)];
    };
    let Some(read) = llm.read(&asked, left).await else {
        return vec![turn(understood, house, question.asked)];
    };
    let mut turn = turn(read, house, question.asked);
    turn.model = Some(llm.name().to_owned());
    turn.notes
        .push("A language model read this question: check that it is what you meant.".to_owned());
    vec![turn]
}

/// Reads a question of several again, now that the answers before it are known.
pub(crate) fn read_again(turn: Turn, context: &Context, (house, now): (&House, Timestamp)) -> Turn {
    let Some(words) = turn.words.clone().filter(|_| turn.follows) else {
        return turn;
    };
    let understood = understand::understand(&words, &world(house), context, now);
    Turn {
        words: Some(words),
        ..self::turn(understood, house, now)
    }
}

fn turn(understood: Understood, house: &House, now: Timestamp) -> Turn {
    let (plan, confidence, unknown) = match understood {
        // Several are never read out of one of several.
        Understood::Courtesy | Understood::Several(_) => return courtesy(),
        Understood::Refuse(no) => {
            let names: Vec<String> = house.devices.iter().map(|it| it.name.clone()).collect();
            return refuse(&no, &names);
        }
        Understood::Clarify(pending) => return clarify(pending, house),
        Understood::Plan {
            plan,
            confidence,
            unknown,
        } => (plan, confidence, unknown),
    };
    let words: Vec<String> = unknown.iter().map(|it| format!("“{it}”")).collect();
    let aside = format!("I left aside: {}.", words.join(", "));
    Turn {
        words: None,
        follows: false,
        understanding: Event::Understanding {
            plan: Some(plan.clone()),
            text: answer::describe(&plan, house, when(&plan, house, now).as_ref()),
            confidence,
            unknown,
        },
        plan: Some(plan),
        notes: if words.is_empty() { Vec::new() } else { vec![aside] },
        model: None,
        answer: None,
    }
}

/// Runs a plan and tells what it found.
pub(crate) async fn run(
    telemetry: &Telemetry,
    house: &House,
    plan: &Plan,
    notes: &[String],
    now: Timestamp,
) -> Result<Answer> {
    let outcome = execute::run(telemetry, house, plan, now).await?;
    Ok(answer::answer(plan, house, &outcome, notes))
}

/// The understanding of a plan that is run again.
pub(crate) fn replayed(plan: &Plan, house: &House, now: Timestamp) -> Event {
    let text = answer::describe(plan, house, when(plan, house, now).as_ref());
    Event::Understanding {
        plan: Some(plan.clone()),
        text,
        confidence: 1.0,
        unknown: Vec::new(),
    }
}

/// Keeps the question and its answer. `NO_SESSION` when the session was deleted meanwhile.
pub(crate) async fn keep(
    store: &Store,
    question: &Question,
    id: MessageId,
    text: &str,
    kept: &Kept,
    now: Timestamp,
) -> Result<()> {
    let exchange = Exchange {
        user: question.user,
        session: question.session,
        home: question.home,
        title: title(&question.text),
        question: question.text.clone(),
        answer_id: id,
        answer: text.to_owned(),
        metadata: serde_json::to_value(kept).map_err(|_| Error::Unreadable("an answer that is no JSON"))?,
        asked: question.asked,
        answered: now.max(question.asked.plus(Duration::from_micros(1))),
    };
    if store.add(exchange, question.new_session).await? {
        Ok(())
    } else {
        Err(Error::NoSession)
    }
}

/// When the plan is about, as far as its words tell it.
fn when(plan: &Plan, house: &House, now: Timestamp) -> Option<Stretches> {
    let (expr, calendar) = (plan.period.as_ref()?, &house.home.calendar);
    let span = timex::resolve(expr, calendar, now).ok().filter(|it| !it.all)?;
    let several = timex::stretches(expr, calendar, now).ok().flatten();
    Some(several.unwrap_or_else(|| Stretches::single(span.interval, span.to_date)))
}

fn world(house: &House) -> World {
    let named = |it: &execute::model::Device| Named {
        id: it.id,
        name: it.name.clone(),
        aliases: it.aliases.clone(),
        room: it.room.clone(),
        kind: it.kind.clone(),
    };
    World {
        calendar: house.home.calendar.clone(),
        devices: house.devices.iter().map(named).collect(),
        currency: house.home.currency.clone(),
        month_first: house.home.locale.ends_with("-US"),
    }
}

fn not_planned(text: &str, event: Event, pending: Option<Pending>) -> Turn {
    let proof = Proof {
        text: text.to_owned(),
        ..Proof::default()
    };
    Turn {
        words: None,
        follows: false,
        understanding: Event::Understanding {
            plan: None,
            text: String::new(),
            confidence: 0.0,
            unknown: Vec::new(),
        },
        plan: None,
        notes: Vec::new(),
        model: None,
        answer: Some((
            Answer {
                events: vec![event],
                proof,
                focus: Vec::new(),
            },
            pending,
        )),
    }
}

fn courtesy() -> Turn {
    let text = "You are welcome. Ask me about this home's energy.";
    not_planned(text, Event::Text(text.to_owned()), None)
}

fn refuse(no: &No, names: &[String]) -> Turn {
    let (reason, text): (Reason, String) = refusal::refusal(no, names);
    let mut turn = not_planned(
        &text,
        Event::Refusal {
            reason,
            text: text.clone(),
        },
        None,
    );
    if let (No::NotUnderstood(words), Event::Understanding { unknown, .. }) = (no, &mut turn.understanding) {
        unknown.clone_from(words);
    }
    turn
}

fn clarify(pending: Pending, house: &House) -> Turn {
    let mut choices: Vec<String> = pending
        .options
        .iter()
        .take(4)
        .map(|id| house.name(*id).to_owned())
        .collect();
    let question = format!(
        "Which one do you mean by “{}”: {}?",
        pending.words,
        refusal::list(&choices).replace(" and ", " or ")
    );
    choices.push("all of them".to_owned());
    let event = Event::Clarification {
        question: question.clone(),
        choices,
    };
    not_planned(&question, event, Some(pending))
}

/// The beginning of the first question.
fn title(question: &str) -> String {
    let line: String = question.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE {
        return line;
    }
    let cut: String = line.chars().take(TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Whether a question may be asked: not empty, and not longer than a question may be.
pub(crate) fn check(text: &str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new("text", "must be set"));
    }
    storable("text", text, MAX_QUESTION)
}

/// Whether a report may say this; it may say nothing.
pub(crate) fn check_note(note: &str) -> Result<(), Invalid> {
    storable("note", note, MAX_NOTE)
}

/// The title that a session is to have, without spaces around it.
pub(crate) fn new_title(title: &str) -> Result<&str, Invalid> {
    let title = title.trim();
    if !(1..=GIVEN_TITLE).contains(&title.chars().count()) {
        return Err(Invalid::new(
            "title",
            format!("must have 1 to {GIVEN_TITLE} characters"),
        ));
    }
    storable("title", title, 4 * GIVEN_TITLE)?;
    Ok(title)
}

/// Whether every database can keep a text of at most so many bytes.
fn storable(field: &str, text: &str, most: usize) -> Result<(), Invalid> {
    if text.len() > most {
        return Err(Invalid::new(field, format!("at most {most} bytes")));
    }
    if text.contains('\0') {
        return Err(Invalid::new(field, "must be text: there is a NUL character in it"));
    }
    Ok(())
}
