//! Reported answers: copies of what was said, so that they outlive the conversation.

use sqlx::types::Json;
use voltaire_mesh::{read, transaction};
use voltaire_types::{MessageId, SessionId, Timestamp, UserId};

use super::Store;
use crate::error::Result;

/// An answer, with what was said before it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Report {
    pub(crate) message_id: MessageId,
    /// The user's questions, oldest first; the last one is the one that was answered.
    pub(crate) said: Json<Vec<String>>,
    /// As it is kept with the answer; none where nothing was understood.
    pub(crate) plan: Option<Json<serde_json::Value>>,
    pub(crate) answer: String,
    pub(crate) note: String,
    pub(crate) created_at: Timestamp,
}

/// Questions before the one that was answered which are kept with it.
const BEFORE: i64 = 6;

/// Its session, text, what is kept of it, and when it was given.
type Answer = (SessionId, String, Json<serde_json::Value>, Timestamp);

impl Store {
    /// Copies the user's answer, the questions that led to it and its plan into a report; a second report of the same
    /// answer replaces the note. False when the user has no such answer.
    pub(crate) async fn report(&self, user: UserId, id: MessageId, note: &str, now: Timestamp) -> Result<bool> {
        const ANSWER: &str = "SELECT session_id, content, metadata, created_at FROM chat_messages
            WHERE id = $1 AND user_id = $2 AND role = 'assistant'";
        const SAID: &str = "SELECT content FROM chat_messages
            WHERE session_id = $1 AND user_id = $2 AND role = 'user' AND created_at < $3
            ORDER BY created_at DESC, id DESC LIMIT $4";
        const KEEP: &str = "INSERT INTO chat_reports (message_id, user_id, said, plan, answer, note, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (message_id) DO UPDATE SET note = excluded.note, created_at = excluded.created_at";
        let note = note.to_owned();
        transaction!(self.db, |tx| {
            let answer: Option<Answer> = sqlx::query_as(ANSWER)
                .bind(id)
                .bind(user)
                .fetch_optional(&mut *tx)
                .await?;
            let Some((session, answer, Json(mut kept), answered)) = answer else {
                return Ok(false);
            };
            let said = sqlx::query_scalar(SAID).bind(session).bind(user).bind(answered);
            let mut said: Vec<String> = said.bind(BEFORE).fetch_all(&mut *tx).await?;
            said.reverse();
            let plan = kept.get_mut("plan").map(serde_json::Value::take);
            let plan = plan.filter(|it| !it.is_null()).map(Json);
            let keep = sqlx::query(KEEP).bind(id).bind(user).bind(Json(said)).bind(plan);
            keep.bind(answer).bind(note).bind(now).execute(&mut *tx).await?;
            Ok(true)
        })
    }

    /// The user's reports, the latest first, after the given one.
    pub(crate) async fn reports(
        &self,
        user: UserId,
        after: Option<(Timestamp, MessageId)>,
        limit: u32,
    ) -> Result<Vec<Report>> {
        const SQL: &str = "SELECT message_id, said, plan, answer, note, created_at FROM chat_reports
            WHERE user_id = $1 AND (created_at, message_id) < ($2, $3)
            ORDER BY created_at DESC, message_id DESC LIMIT $4";
        let (at, id) = after.unwrap_or((Timestamp::MAX, MessageId::from_uuid(uuid::Uuid::max())));
        Ok(read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(user)
                .bind(at)
                .bind(id)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })?)
    }
}
