//! All SQL of the chat service: sessions, their messages, and reported answers.

mod report;

use sqlx::types::Json;
use voltaire_mesh::{Db, read, transaction, write};
use voltaire_types::{HomeId, MessageId, SessionId, Timestamp, UserId};

use crate::error::Result;
pub(crate) use report::Report;

/// A conversation.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) home_id: Option<HomeId>,
    pub(crate) title: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    /// `user` or `assistant`.
    pub(crate) role: String,
    pub(crate) content: String,
    pub(crate) metadata: Json<serde_json::Value>,
    pub(crate) created_at: Timestamp,
}

/// A question and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) home: Option<HomeId>,
    pub(crate) title: String,
    pub(crate) question: String,
    pub(crate) answer_id: MessageId,
    pub(crate) answer: String,
    pub(crate) metadata: serde_json::Value,
    pub(crate) asked: Timestamp,
    pub(crate) answered: Timestamp,
}

/// The database of the chat service.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: Db,
}

impl Store {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// The user's session.
    pub(crate) async fn session(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        const SQL: &str =
            "SELECT id, home_id, title, created_at, updated_at FROM chat_sessions WHERE id = $1 AND user_id = $2";
        Ok(read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(id)
            .bind(user)
            .fetch_optional(pool)
            .await)?)
    }

    /// The user's sessions, last used first, after the given one.
    pub(crate) async fn sessions(
        &self,
        user: UserId,
        after: Option<(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<Session>> {
        const SQL: &str = "SELECT id, home_id, title, created_at, updated_at FROM chat_sessions
            WHERE user_id = $1 AND (updated_at, id) < ($2, $3) ORDER BY updated_at DESC, id DESC LIMIT $4";
        let (at, id) = after.unwrap_or((END_OF_TIME, SessionId::from_uuid(uuid::Uuid::max())));
        let rows = read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(user)
                .bind(at)
                .bind(id)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })?;
        Ok(rows)
    }

    /// The messages of a session, oldest first, after the given one.
    pub(crate) async fn messages(
        &self,
        session: SessionId,
        after: Option<(Timestamp, MessageId)>,
        limit: u32,
    ) -> Result<Vec<Message>> {
        const SQL: &str = "SELECT id, role, content, metadata, created_at FROM chat_messages
            WHERE session_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4";
        let (at, id) = after.unwrap_or((Timestamp::EPOCH, MessageId::from_uuid(uuid::Uuid::nil())));
        let rows = read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(session)
                .bind(at)
                .bind(id)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })?;
        Ok(rows)
    }

    /// The metadata of the session's last answers, the latest first.
    pub(crate) async fn memories(&self, session: SessionId, limit: u32) -> Result<Vec<serde_json::Value>> {
        const SQL: &str = "SELECT metadata FROM chat_messages WHERE session_id = $1 AND role = 'assistant'
            ORDER BY created_at DESC, id DESC LIMIT $2";
        let rows: Vec<(Json<serde_json::Value>,)> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(session)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(Json(value),)| value).collect())
    }

    /// Adds a question and its answer; makes the session where there is none. False when the session is another user's, or
    /// was deleted meanwhile and is not to be made.
    pub(crate) async fn add(&self, exchange: Exchange, new_session: bool) -> Result<bool> {
        const MAKE: &str = "INSERT INTO chat_sessions (id, user_id, home_id, title, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $5)";
        const TOUCH: &str =
            "UPDATE chat_sessions SET updated_at = $3, home_id = COALESCE($4, home_id) WHERE id = $1 AND user_id = $2";
        const SAY: &str = "INSERT INTO chat_messages (id, user_id, session_id, role, content, metadata, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        transaction!(self.db, |tx| {
            let it = exchange;
            if new_session {
                let make = sqlx::query(MAKE)
                    .bind(it.session)
                    .bind(it.user)
                    .bind(it.home)
                    .bind(it.title)
                    .bind(it.asked);
                make.execute(&mut *tx).await?;
            }
            let touched = sqlx::query(TOUCH)
                .bind(it.session)
                .bind(it.user)
                .bind(it.answered)
                .bind(it.home)
                .execute(&mut *tx)
                .await?;
            if touched.rows_affected() == 0 {
                return Ok(false);
            }
            let question = sqlx::query(SAY)
                .bind(MessageId::new())
                .bind(it.user)
                .bind(it.session)
                .bind("user");
            question
                .bind(it.question)
                .bind(Json(serde_json::json!({})))
                .bind(it.asked)
                .execute(&mut *tx)
                .await?;
            let answer = sqlx::query(SAY)
                .bind(it.answer_id)
                .bind(it.user)
                .bind(it.session)
                .bind("assistant");
            answer
                .bind(it.answer)
                .bind(Json(it.metadata))
                .bind(it.answered)
                .execute(&mut *tx)
                .await?;
            Ok(true)
        })
    }

    /// Gives the user's session another title; when it was last used stays. None when there is none.
    pub(crate) async fn rename_session(&self, user: UserId, id: SessionId, title: &str) -> Result<Option<Session>> {
        const SQL: &str = "UPDATE chat_sessions SET title = $3 WHERE id = $1 AND user_id = $2
            RETURNING id, home_id, title, created_at, updated_at";
        let title = title.to_owned();
        Ok(write!(self.db, |pool| sqlx::query_as(SQL)
            .bind(id)
            .bind(user)
            .bind(title)
            .fetch_optional(pool)
            .await)?)
    }

    /// Deletes the user's session with its messages; false when there is none.
    pub(crate) async fn delete_session(&self, user: UserId, id: SessionId) -> Result<bool> {
        const SQL: &str = "DELETE FROM chat_sessions WHERE id = $1 AND user_id = $2";
        let done = write!(self.db, |pool| sqlx::query(SQL)
            .bind(id)
            .bind(user)
            .execute(pool)
            .await
            .map(|it| it.rows_affected()))?;
        Ok(done > 0)
    }

    /// Deletes everything of the user.
    pub(crate) async fn erase(&self, user: UserId) -> Result<()> {
        const ALL: [&str; 2] = [
            "DELETE FROM chat_sessions WHERE user_id = $1",
            "DELETE FROM chat_reports WHERE user_id = $1",
        ];
        transaction!(self.db, |tx| {
            for sql in ALL {
                sqlx::query(sql).bind(user).execute(&mut *tx).await?;
            }
            Ok(())
        })
    }
}

/// Later than anything that is stored; PostgreSQL's and SQLite's numbers hold it.
const END_OF_TIME: Timestamp = Timestamp::MAX;
