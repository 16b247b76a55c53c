//! What settings and administration ask for: the account, tokens, users, devices, the state of the services.

use voltaire_proto::{
    auth::v1::{self as auth, auth_service_server as accounts},
    telemetry::v1::{self as telemetry, alert_service_server as alerts, device_service_server as devices},
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::{
    Answer, Failure,
    calls::calls,
    keep, session,
    wire::{Call, call},
};

calls! {
    accounts "UpdateMe": auth::UpdateMeRequest => auth::UpdateMeResponse;
    accounts "ChangePassword": auth::ChangePasswordRequest => auth::ChangePasswordResponse;
    accounts "DeleteMe": auth::DeleteMeRequest => auth::DeleteMeResponse;
    accounts "ListUsers": auth::ListUsersRequest => auth::ListUsersResponse;
    accounts "UpdateUserRole": auth::UpdateUserRoleRequest => auth::UpdateUserRoleResponse;
    accounts "DisableUser": auth::DisableUserRequest => auth::DisableUserResponse;
    accounts "CreateInvite": auth::CreateInviteRequest => auth::CreateInviteResponse;
    accounts "ListApiTokens": auth::ListApiTokensRequest => auth::ListApiTokensResponse;
    accounts "RevokeApiToken": auth::RevokeApiTokenRequest => auth::RevokeApiTokenResponse;
    accounts "ListAuditEvents": auth::ListAuditEventsRequest => auth::ListAuditEventsResponse;
    devices "UpdateDevice": telemetry::UpdateDeviceRequest => telemetry::UpdateDeviceResponse;
    devices "DeleteDevice": telemetry::DeleteDeviceRequest => telemetry::DeleteDeviceResponse;
    alerts "UpdateAlertRule": telemetry::UpdateAlertRuleRequest => telemetry::UpdateAlertRuleResponse;
}

/// Changes the password: other sessions end, this one goes on.
pub(crate) async fn change_password(current_password: String, new_password: String) -> Answer<()> {
    let request = auth::ChangePasswordRequest {
        current_password,
        new_password,
    };
    keep(call(request).await?.session).await.map(drop)
}

/// Deletes the account with all its data, and the session cookie.
pub(crate) async fn delete_account(password: String) -> Answer<()> {
    call(auth::DeleteMeRequest { password }).await?;
    session("DELETE", None).await
}

/// Each service with its state, as the gateway's own health check tells: `SERVING` is well.
pub(crate) async fn health() -> Answer<Vec<(String, String)>> {
    let broken = |_: JsValue| Failure::unreachable();
    let window = web_sys::window().ok_or_else(Failure::unreachable)?;
    let response = JsFuture::from(window.fetch_with_str("/healthz"))
        .await
        .map_err(broken)?;
    let response: Response = response.dyn_into().map_err(broken)?;
    let text = JsFuture::from(response.text().map_err(broken)?).await.map_err(broken)?;
    let told = js_sys::JSON::parse(&text.as_string().unwrap_or_default()).map_err(broken)?;
    let services = js_sys::Reflect::get(&told, &JsValue::from_str("services")).map_err(broken)?;
    let services: js_sys::Object = services.dyn_into().map_err(broken)?;
    let entry = |pair: JsValue| {
        let pair: js_sys::Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Ok(js_sys::Object::entries(&services).iter().filter_map(entry).collect())
}

/// Makes a token; what is answered holds the token itself, shown only now.
pub(crate) async fn api_token(request: auth::CreateApiTokenRequest) -> Answer<String> {
    Ok(call(request).await?.access_token)
}

/// Asks once.
pub(crate) fn ask_once<C: Asked>(request: C) -> impl Future<Output = Answer<C::Answer>> + use<C> {
    call(request)
}

/// A request of these pages.
pub(crate) trait Asked: Call {}

impl<C: Call> Asked for C {}
