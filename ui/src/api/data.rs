//! What the pages of figures ask for: comparisons, runs, profiles, forecasts, data quality, corrections, budgets.

use voltaire_proto::telemetry::v1::{
    self as pb, alert_service_server as alerts, analysis_service_server as analysis,
    correction_service_server as corrections, query_service_server as figures,
};

use super::{
    Answer,
    calls::calls,
    wire::{Call, call},
};

calls! {
    figures "ListReadings": pb::ListReadingsRequest => pb::ListReadingsResponse;
    figures "ListRuns": pb::ListRunsRequest => pb::ListRunsResponse;
    figures "ExplainChange": pb::ExplainChangeRequest => pb::ExplainChangeResponse;
    analysis "GetAlwaysOn": pb::GetAlwaysOnRequest => pb::GetAlwaysOnResponse;
    analysis "GetDurationCurve": pb::GetDurationCurveRequest => pb::GetDurationCurveResponse;
    analysis "GetProfile": pb::GetProfileRequest => pb::GetProfileResponse;
    analysis "GetForecast": pb::GetForecastRequest => pb::GetForecastResponse;
    analysis "GetDataQuality": pb::GetDataQualityRequest => pb::GetDataQualityResponse;
    corrections "ListCorrections": pb::ListCorrectionsRequest => pb::ListCorrectionsResponse;
    corrections "UndoCorrection": pb::UndoCorrectionRequest => pb::UndoCorrectionResponse;
    alerts "ListAlertRules": pb::ListAlertRulesRequest => pb::ListAlertRulesResponse;
    alerts "CreateAlertRule": pb::CreateAlertRuleRequest => pb::CreateAlertRuleResponse;
    alerts "DeleteAlertRule": pb::DeleteAlertRuleRequest => pb::DeleteAlertRuleResponse;
}

/// Asks for figures.
pub(crate) fn figures<C: Figures>(request: C) -> impl Future<Output = Answer<C::Answer>> + use<C> {
    call(request)
}

/// A request that pages of figures may make.
pub(crate) trait Figures: Call {}

impl<C: Call> Figures for C {}
