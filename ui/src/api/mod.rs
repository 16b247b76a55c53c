//! The only module that talks: same-origin gRPC-Web, and the exchange of a fresh token for the session cookie.
//!
//! The cookie is `HttpOnly` and SameSite=Strict and set by the gateway; no token is kept in the app or the browser's storage.

mod account;
pub(crate) mod again;
mod calls;
mod data;
mod failure;
mod frame;
pub(crate) mod kept;
mod offered;
mod wire;

use futures::stream::LocalBoxStream;
use prost_types::{FieldMask, Timestamp};
use voltaire_proto::{auth::v1 as auth, chat::v1 as chat, telemetry::v1 as telemetry};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, RequestCredentials, RequestInit, Response};

pub(crate) use account::{api_token, ask_once, change_password, delete_account, health};
pub(crate) use data::figures;
pub(crate) use failure::{Failure, Kind};
pub(crate) use offered::demo_offered;
use wire::{call, follow};

/// The answer of a call.
pub(crate) type Answer<T> = Result<T, Failure>;
/// The answers of a stream; dropping it aborts the call.
pub(crate) type Answers<T> = LocalBoxStream<'static, Answer<T>>;

const PAGE: i32 = 200;

/// A time in milliseconds UTC.
pub(crate) fn millis(time: &Timestamp) -> i64 {
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}

/// An instant in milliseconds UTC as a time.
pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp {
        seconds: millis.div_euclid(1000),
        nanos: (millis.rem_euclid(1000) * 1_000_000) as i32,
    }
}

/// A stretch of time in milliseconds UTC as a period.
pub(crate) fn period(start: i64, end: i64) -> telemetry::Period {
    let interval = telemetry::Interval {
        start_time: Some(time(start)),
        end_time: Some(time(end)),
    };
    telemetry::Period {
        kind: Some(telemetry::period::Kind::Interval(interval)),
    }
}

/// The whole home.
pub(crate) fn whole_home() -> telemetry::Scope {
    telemetry::Scope {
        kind: Some(telemetry::scope::Kind::Home(telemetry::WholeHome {})),
    }
}

/// One device.
pub(crate) fn one_device(id: &str) -> telemetry::Scope {
    telemetry::Scope {
        kind: Some(telemetry::scope::Kind::DeviceId(id.to_owned())),
    }
}

/// Which fields an update changes.
pub(crate) fn mask(paths: &[&str]) -> FieldMask {
    FieldMask {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
    }
}

/// Who is signed in.
pub(crate) async fn me() -> Answer<auth::User> {
    call(auth::GetMeRequest {}).await?.user.ok_or_else(Failure::incomplete)
}

/// Signs in: the browser holds the session cookie afterwards.
pub(crate) async fn sign_in(email: String, password: String) -> Answer<auth::User> {
    keep(call(auth::LoginRequest { email, password }).await?.session).await
}

/// Makes an account and signs it in.
pub(crate) async fn sign_up(request: auth::RegisterRequest) -> Answer<auth::User> {
    keep(call(request).await?.session).await
}

/// Ends the session on the server and in the browser.
pub(crate) async fn sign_out() -> Answer<()> {
    call(auth::LogoutRequest {}).await?;
    session("DELETE", None).await
}

async fn keep(fresh: Option<auth::Session>) -> Answer<auth::User> {
    let token = fresh.ok_or_else(Failure::incomplete)?.access_token;
    session("POST", Some(&token)).await?;
    // Asked for once more, as this answer is kept for a visit without a network.
    me().await
}

async fn session(method: &str, token: Option<&str>) -> Answer<()> {
    let unreachable = |_: JsValue| Failure::unreachable();
    let headers = Headers::new().map_err(unreachable)?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::SameOrigin);
    if let Some(token) = token {
        headers
            .set("authorization", &format!("Bearer {token}"))
            .map_err(unreachable)?;
        headers.set("content-type", "application/json").map_err(unreachable)?;
        init.set_body(&JsValue::from_str("{}"));
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init("/session", &init).map_err(unreachable)?;
    let window = web_sys::window().ok_or_else(Failure::unreachable)?;
    let response = JsFuture::from(window.fetch_with_request(&request))
        .await
        .map_err(unreachable)?;
    let response: Response = response.dyn_into().map_err(unreachable)?;
    if response.ok() {
        Ok(())
    } else {
        Err(Failure::http(response.status()))
    }
}

/// Makes a token that may send readings and nothing else; shown once.
pub(crate) async fn ingest_token(name: &str) -> Answer<String> {
    let name = name.chars().take(80).collect();
    let request = auth::CreateApiTokenRequest {
        name,
        scopes: vec!["ingest".to_owned()],
        expire_time: None,
    };
    Ok(call(request).await?.access_token)
}

/// The caller's first home; the server makes it on first use.
pub(crate) async fn home() -> Answer<telemetry::Home> {
    let answer = call(telemetry::ListHomesRequest {}).await?;
    answer.homes.into_iter().next().ok_or_else(Failure::incomplete)
}

/// Changes the named fields of a home.
pub(crate) async fn update_home(home: telemetry::Home, fields: &[&str]) -> Answer<telemetry::Home> {
    let request = telemetry::UpdateHomeRequest {
        home: Some(home),
        update_mask: Some(mask(fields)),
    };
    call(request).await?.home.ok_or_else(Failure::incomplete)
}

/// All devices of a home, first made first.
pub(crate) async fn devices(home_id: &str) -> Answer<Vec<telemetry::Device>> {
    let mut devices = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = telemetry::ListDevicesRequest {
            home_id: home_id.to_owned(),
            page_size: 500,
            page_token,
        };
        let answer = call(request).await?;
        devices.extend(answer.devices);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(devices);
        }
    }
}

/// The kinds of devices.
pub(crate) async fn device_types() -> Answer<Vec<telemetry::DeviceType>> {
    Ok(call(telemetry::ListDeviceTypesRequest {}).await?.device_types)
}

/// Makes a device.
pub(crate) async fn create_device(device: telemetry::Device) -> Answer<telemetry::Device> {
    let request = telemetry::CreateDeviceRequest { device: Some(device) };
    call(request).await?.device.ok_or_else(Failure::incomplete)
}

/// Begins to fill the first home with the demo devices and their history: what comes is how far it is.
pub(crate) async fn load_demo() -> Answer<Answers<voltaire_proto::demo::v1::LoadDemoHomeResponse>> {
    follow(voltaire_proto::demo::v1::LoadDemoHomeRequest::default()).await
}

/// Values per step.
pub(crate) fn series(
    request: telemetry::QuerySeriesRequest,
) -> impl Future<Output = Answer<telemetry::QuerySeriesResponse>> {
    call(request)
}

/// Totals.
pub(crate) fn summary(
    request: telemetry::SummarizeRequest,
) -> impl Future<Output = Answer<telemetry::SummarizeResponse>> {
    call(request)
}

/// Live readings from after `since` on.
pub(crate) async fn live(home_id: &str, since: u64) -> Answer<Answers<telemetry::WatchLiveResponse>> {
    let request = telemetry::WatchLiveRequest {
        home_id: home_id.to_owned(),
        since_sequence: since,
    };
    follow(request).await
}

/// Asks a question; an empty session is a new one.
pub(crate) async fn ask(session_id: String, text: String, home_id: String) -> Answer<Answers<chat::AskResponse>> {
    follow(chat::AskRequest {
        session_id,
        text,
        home_id,
    })
    .await
}

/// The latest sessions, last used first.
pub(crate) async fn sessions() -> Answer<Vec<chat::Session>> {
    let request = chat::ListSessionsRequest {
        page_size: PAGE,
        page_token: String::new(),
    };
    Ok(call(request).await?.sessions)
}

/// All messages of a session, oldest first.
pub(crate) async fn messages(session_id: &str) -> Answer<Vec<chat::Message>> {
    let mut messages = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = chat::ListMessagesRequest {
            session_id: session_id.to_owned(),
            page_size: PAGE,
            page_token,
        };
        let answer = call(request).await?;
        messages.extend(answer.messages);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(messages);
        }
    }
}

/// Gives a session another title.
pub(crate) async fn rename_session(session_id: &str, title: &str) -> Answer<()> {
    call(chat::RenameSessionRequest {
        session_id: session_id.to_owned(),
        title: title.to_owned(),
    })
    .await?;
    Ok(())
}

/// Deletes a session.
pub(crate) async fn delete_session(session_id: &str) -> Answer<()> {
    call(chat::DeleteSessionRequest {
        session_id: session_id.to_owned(),
    })
    .await?;
    Ok(())
}

/// Reports an answer that seems wrong, with a note of at most 1,000 bytes.
pub(crate) async fn report_answer(message_id: &str, note: &str) -> Answer<()> {
    call(chat::ReportAnswerRequest {
        message_id: message_id.to_owned(),
        note: note.to_owned(),
    })
    .await?;
    Ok(())
}
