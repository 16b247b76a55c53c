//! The thin adapters of `voltaire.chat.v1`: who, parse, do, answer.

use std::{pin::Pin, time::Instant};

use futures::Stream;
use tonic::{Request, Response, Status, async_trait, service::Routes};
use voltaire_mesh::{Mesh, Onward, caller, page, parse};
use voltaire_proto::chat::v1 as pb;
use voltaire_types::{MessageId, SessionId, UserId};

use crate::{
    answer::{
        Answer,
        event::{Event, Proof},
        several::Told,
    },
    convert::{self, Envelope},
    error::Error,
    execute::{client::Telemetry, model::House},
    llm::Llm,
    outcome,
    store::Store,
    talk::{self, Kept, Question, Turn},
    understand::Context,
};

/// What a page has when nothing is asked for, and at most.
const PAGE: (u32, u32) = (50, 200);

/// The gRPC face of the service.
#[derive(Clone)]
pub(crate) struct ChatService {
    pub(crate) store: Store,
    pub(crate) mesh: Mesh,
    pub(crate) llm: Option<Llm>,
}

type Reply<T> = Result<Response<T>, Status>;
type Steps<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A question on its way to an answer.
struct Asking {
    question: Question,
    context: Context,
    telemetry: Telemetry,
    house: Option<House>,
    /// Of each question of the message.
    turns: Vec<Turn>,
    began: Instant,
}

impl ChatService {
    /// Its two services.
    pub(crate) fn routes(self) -> Routes {
        let chat = pb::chat_service_server::ChatServiceServer::new(self.clone());
        Routes::new(chat).add_service(pb::erasure_service_server::ErasureServiceServer::new(self))
    }

    async fn begin(&self, request: &Request<pb::AskRequest>) -> Result<Asking, Error> {
        let began = Instant::now();
        let user = caller(request)?.user_id;
        let message = request.get_ref();
        talk::check(&message.text)?;
        let id = optional::<SessionId>("session_id", &message.session_id)?;
        let asked_home = optional("home_id", &message.home_id)?;
        let (session, new_session, known_home) = talk::session(&self.store, user, id).await?;
        let home = asked_home.or(known_home);
        let asked = self.mesh.clock().now();
        let mut question = Question {
            user,
            session,
            new_session,
            home,
            text: message.text.clone(),
            asked,
        };
        let context = talk::context(&self.store, &question).await?;
        let onward = Onward::of(request)?;
        let telemetry = Telemetry::new(&self.mesh, onward.clone());
        if let Some(turn) = talk::at_once(&question, &context) {
            return Ok(Asking {
                question,
                context,
                telemetry,
                house: None,
                turns: vec![turn],
                began,
            });
        }
        let house = telemetry
            .house(&home.map(|it| it.to_string()).unwrap_or_default())
            .await?;
        question.home = Some(house.home.id);
        let turns = talk::read(&question, (&house, &context), self.llm.as_ref(), onward.remaining()).await;
        Ok(Asking {
            question,
            context,
            telemetry,
            house: Some(house),
            turns,
            began,
        })
    }

    /// The answer's steps, question by question; the last one is kept with the others before it is sent.
    fn steps(self, asking: Asking) -> impl Stream<Item = Result<pb::AskResponse, Status>> + Send {
        async_stream::try_stream! {
            let Asking { question, mut context, telemetry, house, turns, began } = asking;
            let id = MessageId::new();
            let mut envelope = Envelope {
                session: question.session.to_string(),
                message: id.to_string(),
                time_zone: house.as_ref().map(|it| it.home.calendar.zone_name().to_owned()).unwrap_or_default(),
                milliseconds: 0.0,
                model: turns.first().and_then(|it| it.model.clone()),
            };
            let mut kept = Kept {
                time_zone: envelope.time_zone.clone(),
                focus: context.focus.clone(),
                model: envelope.model.clone(),
                ..Kept::default()
            };
            let mut told = Told::of(turns.len());
            for turn in turns {
                let turn = match &house {
                    Some(house) => talk::read_again(turn, &context, (house, question.asked)),
                    None => turn,
                };
                let words = turn.words.clone();
                yield step(&envelope, turn.understanding.clone());
                kept.events.push(turn.understanding.clone());
                let answer = answered(&telemetry, house.as_ref(), turn, question.asked, (&mut kept, &mut context))
                    .await
                    .inspect_err(outcome::failed)?;
                outcome::told(&answer);
                for event in told.take(answer, words.as_deref()) {
                    if !matches!(event, Event::Text(_)) {
                        kept.events.push(event.clone());
                    }
                    yield step(&envelope, event);
                }
            }
            kept.milliseconds = began.elapsed().as_secs_f64() * 1000.0;
            envelope.milliseconds = kept.milliseconds;
            let text = told.proof.text.clone();
            kept.events.push(Event::Done(told.proof.clone()));
            talk::keep(&self.store, &question, id, &text, &kept, self.mesh.clock().now()).await?;
            yield step(&envelope, Event::Done(told.proof));
        }
    }
}

/// The rest of the answer: known at once, or computed.
async fn answered(
    telemetry: &Telemetry,
    house: Option<&House>,
    turn: Turn,
    now: voltaire_types::Timestamp,
    (kept, context): (&mut Kept, &mut Context),
) -> Result<Answer, Error> {
    match (turn.answer, turn.plan, house) {
        (Some((answer, pending)), ..) => {
            kept.pending = kept.pending.take().or(pending);
            Ok(answer)
        }
        (None, Some(plan), Some(house)) => {
            let answer = talk::run(telemetry, house, &plan, &turn.notes, now).await?;
            kept.focus.clone_from(&answer.focus);
            context.focus.clone_from(&answer.focus);
            context.missed = false;
            context.plans.push(plan.clone());
            kept.before.extend(kept.plan.replace(plan));
            Ok(answer)
        }
        _ => Ok(Answer {
            proof: Proof::default(),
            ..Answer::default()
        }),
    }
}

fn step(envelope: &Envelope, event: Event) -> pb::AskResponse {
    pb::AskResponse {
        event: Some(envelope.event(event)),
    }
}

fn optional<T: std::str::FromStr>(field: &str, text: &str) -> Result<Option<T>, voltaire_mesh::Invalid> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(field, text).map(Some)
    }
}

#[async_trait]
impl pb::chat_service_server::ChatService for ChatService {
    type AskStream = Steps<pb::AskResponse>;
    type ReplayPlanStream = Steps<pb::ReplayPlanResponse>;

    async fn ask(&self, request: Request<pb::AskRequest>) -> Reply<Self::AskStream> {
        let asking = self.begin(&request).await.inspect_err(outcome::failed)?;
        Ok(Response::new(Box::pin(self.clone().steps(asking))))
    }

    async fn replay_plan(&self, request: Request<pb::ReplayPlanRequest>) -> Reply<Self::ReplayPlanStream> {
        let (began, now) = (Instant::now(), self.mesh.clock().now());
        let plan = convert::to_plan(request.get_ref().plan.as_ref())?;
        let home = optional::<voltaire_types::HomeId>("home_id", &request.get_ref().home_id)?;
        let telemetry = Telemetry::new(&self.mesh, Onward::of(&request)?);
        let house = telemetry
            .house(&home.map(|it| it.to_string()).unwrap_or_default())
            .await?;
        let answer = talk::run(&telemetry, &house, &plan, &[], now).await?;
        let envelope = Envelope {
            session: String::new(),
            message: String::new(),
            time_zone: house.home.calendar.zone_name().to_owned(),
            milliseconds: began.elapsed().as_secs_f64() * 1000.0,
            model: None,
        };
        let first = std::iter::once(talk::replayed(&plan, &house, now));
        let all = first
            .chain(answer.events)
            .chain(std::iter::once(Event::Done(answer.proof)));
        let steps: Vec<_> = all
            .map(|it| {
                Ok(pb::ReplayPlanResponse {
                    event: Some(envelope.event(it)),
                })
            })
            .collect();
        Ok(Response::new(Box::pin(futures::stream::iter(steps))))
    }

    async fn list_sessions(&self, request: Request<pb::ListSessionsRequest>) -> Reply<pb::ListSessionsResponse> {
        let user = caller(&request)?.user_id;
        let message = request.get_ref();
        let size = page::size("page_size", message.page_size, PAGE.0, PAGE.1)?;
        let after = page::parse_token(&message.page_token)?;
        let mut sessions = self.store.sessions(user, after, size + 1).await?;
        let more = sessions.len() > size as usize;
        sessions.truncate(size as usize);
        let last = sessions
            .last()
            .filter(|_| more)
            .map(|it| page::token(&(it.updated_at, it.id)));
        let next_page_token = last.unwrap_or_default();
        Ok(Response::new(pb::ListSessionsResponse {
            sessions: sessions.into_iter().map(Into::into).collect(),
            next_page_token,
        }))
    }

    async fn list_messages(&self, request: Request<pb::ListMessagesRequest>) -> Reply<pb::ListMessagesResponse> {
        let user = caller(&request)?.user_id;
        let message = request.get_ref();
        let id: SessionId = parse("session_id", &message.session_id)?;
        let size = page::size("page_size", message.page_size, PAGE.0, PAGE.1)?;
        let after = page::parse_token(&message.page_token)?;
        self.store.session(user, id).await?.ok_or(Error::NoSession)?;
        let mut messages = self.store.messages(id, after, size + 1).await?;
        let more = messages.len() > size as usize;
        messages.truncate(size as usize);
        let last = messages
            .last()
            .filter(|_| more)
            .map(|it| page::token(&(it.created_at, it.id)));
        let next_page_token = last.unwrap_or_default();
        let messages = messages.into_iter().map(|it| convert::message(id, it)).collect();
        Ok(Response::new(pb::ListMessagesResponse {
            messages,
            next_page_token,
        }))
    }

    async fn rename_session(&self, request: Request<pb::RenameSessionRequest>) -> Reply<pb::RenameSessionResponse> {
        let user = caller(&request)?.user_id;
        let message = request.get_ref();
        let id: SessionId = parse("session_id", &message.session_id)?;
        let title = talk::new_title(&message.title)?;
        let renamed = self.store.rename_session(user, id, title).await?;
        Ok(Response::new(pb::RenameSessionResponse {
            session: Some(renamed.ok_or(Error::NoSession)?.into()),
        }))
    }

    async fn delete_session(&self, request: Request<pb::DeleteSessionRequest>) -> Reply<pb::DeleteSessionResponse> {
        let user = caller(&request)?.user_id;
        let id: SessionId = parse("session_id", &request.get_ref().session_id)?;
        if self.store.delete_session(user, id).await? {
            Ok(Response::new(pb::DeleteSessionResponse {}))
        } else {
            Err(Error::NoSession.into())
        }
    }

    async fn report_answer(&self, request: Request<pb::ReportAnswerRequest>) -> Reply<pb::ReportAnswerResponse> {
        let user = caller(&request)?.user_id;
        let message = request.get_ref();
        let id: MessageId = parse("message_id", &message.message_id)?;
        talk::check_note(&message.note)?;
        let now = self.mesh.clock().now();
        if self.store.report(user, id, &message.note, now).await? {
            Ok(Response::new(pb::ReportAnswerResponse {}))
        } else {
            Err(Error::NoMessage.into())
        }
    }

    async fn list_reports(&self, request: Request<pb::ListReportsRequest>) -> Reply<pb::ListReportsResponse> {
        let user = caller(&request)?.user_id;
        let message = request.get_ref();
        let size = page::size("page_size", message.page_size, PAGE.0, PAGE.1)?;
        let after = page::parse_token(&message.page_token)?;
        let mut reports = self.store.reports(user, after, size + 1).await?;
        let more = reports.len() > size as usize;
        reports.truncate(size as usize);
        let last = reports.last().filter(|_| more);
        let next_page_token = last.map(|it| page::token(&(it.created_at, it.message_id)));
        Ok(Response::new(pb::ListReportsResponse {
            next_page_token: next_page_token.unwrap_or_default(),
            reports: reports.into_iter().map(Into::into).collect(),
        }))
    }
}

#[async_trait]
impl pb::erasure_service_server::ErasureService for ChatService {
    async fn erase_user(&self, request: Request<pb::EraseUserRequest>) -> Reply<pb::EraseUserResponse> {
        let user: UserId = parse("user_id", &request.get_ref().user_id)?;
        self.store.erase(user).await?;
        Ok(Response::new(pb::EraseUserResponse {}))
    }
}
