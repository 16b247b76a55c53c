//! The methods that the app calls, as the contracts name them.

use voltaire_proto::{
    auth::v1::{self as auth, auth_service_server as accounts},
    chat::v1::{self as chat, chat_service_server as talk},
    telemetry::v1::{
        self as telemetry, device_service_server as devices, home_service_server as homes,
        query_service_server as figures,
    },
};

use voltaire_proto::demo::v1::{self as demo, demo_service_server as demos};

use super::wire::Call;

macro_rules! calls {
    ($($service:ident $method:literal: $request:ty => $answer:ty;)*) => {
        $(impl Call for $request {
            type Answer = $answer;
            const SERVICE: &'static str = $service::SERVICE_NAME;
            const METHOD: &'static str = $method;
        })*
    };
}
pub(super) use calls;

calls! {
    accounts "GetMe": auth::GetMeRequest => auth::GetMeResponse;
    accounts "Login": auth::LoginRequest => auth::LoginResponse;
    accounts "Register": auth::RegisterRequest => auth::RegisterResponse;
    accounts "Logout": auth::LogoutRequest => auth::LogoutResponse;
    accounts "CreateApiToken": auth::CreateApiTokenRequest => auth::CreateApiTokenResponse;
    homes "ListHomes": telemetry::ListHomesRequest => telemetry::ListHomesResponse;
    homes "UpdateHome": telemetry::UpdateHomeRequest => telemetry::UpdateHomeResponse;
    devices "ListDevices": telemetry::ListDevicesRequest => telemetry::ListDevicesResponse;
    devices "ListDeviceTypes": telemetry::ListDeviceTypesRequest => telemetry::ListDeviceTypesResponse;
    devices "CreateDevice": telemetry::CreateDeviceRequest => telemetry::CreateDeviceResponse;
    figures "QuerySeries": telemetry::QuerySeriesRequest => telemetry::QuerySeriesResponse;
    figures "Summarize": telemetry::SummarizeRequest => telemetry::SummarizeResponse;
    figures "WatchLive": telemetry::WatchLiveRequest => telemetry::WatchLiveResponse;
    demos "LoadDemoHome": demo::LoadDemoHomeRequest => demo::LoadDemoHomeResponse;
    talk "Ask": chat::AskRequest => chat::AskResponse;
    talk "ListSessions": chat::ListSessionsRequest => chat::ListSessionsResponse;
    talk "ListMessages": chat::ListMessagesRequest => chat::ListMessagesResponse;
    talk "RenameSession": chat::RenameSessionRequest => chat::RenameSessionResponse;
    talk "DeleteSession": chat::DeleteSessionRequest => chat::DeleteSessionResponse;
    talk "ReportAnswer": chat::ReportAnswerRequest => chat::ReportAnswerResponse;
}
