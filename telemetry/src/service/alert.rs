//! Alert rules and alerts.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};
use voltaire_mesh::{Invalid, caller, page, parse};
use voltaire_proto::telemetry::v1::{self as pb, alert_service_server::AlertService};
use voltaire_types::{AlertId, AlertRuleId, HomeId, Timestamp};

use super::Service;
use crate::{alert::MAX_RULES, alerting::AlertWatch, convert, error::Error, query::Setting};

type Messages = Pin<Box<dyn Stream<Item = Result<pb::WatchAlertsResponse, Status>> + Send>>;

/// Where a page of rules begins: after this one.
#[derive(Serialize, Deserialize)]
struct RulePosition {
    home: HomeId,
    rule: AlertRuleId,
}

/// Where a page of alerts begins: after this one, within the time that the first page was about.
#[derive(Serialize, Deserialize)]
struct Position {
    home: HomeId,
    raised: Timestamp,
    alert: AlertId,
    start: Timestamp,
    end: Timestamp,
}

#[tonic::async_trait]
impl AlertService for Service {
    type WatchAlertsStream = Messages;

    async fn create_alert_rule(
        &self,
        request: Request<pb::CreateAlertRuleRequest>,
    ) -> Result<Response<pb::CreateAlertRuleResponse>, Status> {
        let user = caller(&request)?.user_id;
        let rule = request.into_inner().alert_rule.ok_or_else(missing)?;
        let id = convert::optional_id("alert_rule.home_id", &rule.home_id)?;
        let home = self.store.home(user, id).await?;
        let rule = convert::new_rule(rule, &home, user)?;
        let rule = self.store.create_rule(rule).await?;
        self.alerting.rules_changed();
        Ok(Response::new(pb::CreateAlertRuleResponse {
            alert_rule: Some(rule.into()),
        }))
    }

    async fn list_alert_rules(
        &self,
        request: Request<pb::ListAlertRulesRequest>,
    ) -> Result<Response<pb::ListAlertRulesResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let size = page::size("page_size", request.page_size, 100, MAX_RULES as u32)? as usize;
        let position: Option<RulePosition> = page::parse_token(&request.page_token)?;
        let id = convert::optional_id("home_id", &request.home_id)?;
        let home = self
            .store
            .home(user, id.or(position.as_ref().map(|it| it.home)))
            .await?;
        let mut rules = self.store.rules_of_home(user, home.id).await?;
        if let Some(position) = position {
            let before = rules.iter().position(|it| it.id == position.rule);
            rules.drain(..before.map_or(rules.len(), |it| it + 1));
        }
        let more = rules.len() > size;
        rules.truncate(size);
        let last = rules.last().filter(|_| more);
        let next = last.map(|it| {
            page::token(&RulePosition {
                home: home.id,
                rule: it.id,
            })
        });
        Ok(Response::new(pb::ListAlertRulesResponse {
            alert_rules: rules.into_iter().map(Into::into).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn get_alert_rule(
        &self,
        request: Request<pb::GetAlertRuleRequest>,
    ) -> Result<Response<pb::GetAlertRuleResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("alert_rule_id", &request.get_ref().alert_rule_id)?;
        let rule = self.store.rule(user, id).await?;
        Ok(Response::new(pb::GetAlertRuleResponse {
            alert_rule: Some(rule.into()),
        }))
    }

    async fn update_alert_rule(
        &self,
        request: Request<pb::UpdateAlertRuleRequest>,
    ) -> Result<Response<pb::UpdateAlertRuleResponse>, Status> {
        let user = caller(&request)?.user_id;
        let pb::UpdateAlertRuleRequest {
            alert_rule,
            update_mask,
        } = request.into_inner();
        let rule = alert_rule.ok_or_else(missing)?;
        let id = parse("alert_rule.alert_rule_id", &rule.alert_rule_id)?;
        let change = convert::rule_change(rule, update_mask)?;
        let rule = self.store.update_rule(user, id, change).await?;
        self.alerting.rules_changed();
        self.alerting.alerts_changed(rule.home);
        Ok(Response::new(pb::UpdateAlertRuleResponse {
            alert_rule: Some(rule.into()),
        }))
    }

    async fn delete_alert_rule(
        &self,
        request: Request<pb::DeleteAlertRuleRequest>,
    ) -> Result<Response<pb::DeleteAlertRuleResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("alert_rule_id", &request.get_ref().alert_rule_id)?;
        let rule = self.store.delete_rule(user, id).await?;
        self.alerting.rules_changed();
        self.alerting.alerts_changed(rule.home);
        Ok(Response::new(pb::DeleteAlertRuleResponse {}))
    }

    async fn list_alerts(
        &self,
        request: Request<pb::ListAlertsRequest>,
    ) -> Result<Response<pb::ListAlertsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let request = request.into_inner();
        let size = page::size("page_size", request.page_size, 50, 500)?;
        let position: Option<Position> = page::parse_token(&request.page_token)?;
        let id = convert::optional_id("home_id", &request.home_id)?;
        let id = id.or(position.as_ref().map(|it| it.home));
        let mut query = convert::alert_query(&request, user)?;
        let setting = Setting::open(&self.store, user, id, self.mesh.clock().now()).await?;
        query.home = setting.home.id;
        query.limit = size + 1;
        if let Some(position) = position {
            query.raised = voltaire_types::Interval::new(position.start, position.end);
            query.after = Some((position.raised, position.alert));
        } else if request.period.is_some() {
            let period = convert::period("period", request.period.as_ref())?;
            let asked = setting.resolve(&self.store, period, "period").await?;
            query.raised = asked.intersection(query.raised);
        }
        let raised = query.raised;
        let mut alerts = self.store.alerts(query).await?;
        let more = alerts.len() > size as usize;
        alerts.truncate(size as usize);
        let next = alerts.last().filter(|_| more).map(|last| {
            page::token(&Position {
                home: setting.home.id,
                raised: last.raised_at,
                alert: last.id,
                start: raised.start,
                end: raised.end,
            })
        });
        Ok(Response::new(pb::ListAlertsResponse {
            alerts: alerts.into_iter().map(Into::into).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn acknowledge_alert(
        &self,
        request: Request<pb::AcknowledgeAlertRequest>,
    ) -> Result<Response<pb::AcknowledgeAlertResponse>, Status> {
        let user = caller(&request)?.user_id;
        let id = parse("alert_id", &request.get_ref().alert_id)?;
        let alert = self.store.acknowledge(user, id).await?;
        self.alerting.alerts_changed(alert.home);
        Ok(Response::new(pb::AcknowledgeAlertResponse {
            alert: Some(alert.into()),
        }))
    }

    async fn acknowledge_alerts(
        &self,
        request: Request<pb::AcknowledgeAlertsRequest>,
    ) -> Result<Response<pb::AcknowledgeAlertsResponse>, Status> {
        let user = caller(&request)?.user_id;
        let pb::AcknowledgeAlertsRequest { home_id, alert_rule_id } = request.into_inner();
        let rule = convert::optional_id("alert_rule_id", &alert_rule_id)?;
        let home = match rule {
            Some(rule) => Some(self.store.rule(user, rule).await?.home),
            None => convert::optional_id("home_id", &home_id)?,
        };
        let home = self.store.home(user, home).await?;
        let acknowledged = self.store.acknowledge_all(user, home.id, rule).await?;
        self.alerting.alerts_changed(home.id);
        Ok(Response::new(pb::AcknowledgeAlertsResponse { acknowledged }))
    }

    async fn watch_alerts(&self, request: Request<pb::WatchAlertsRequest>) -> Result<Response<Messages>, Status> {
        let caller = caller(&request)?;
        let pb::WatchAlertsRequest {
            home_id,
            since_revision,
        } = request.into_inner();
        let id = convert::optional_id("home_id", &home_id)?;
        let home = self.store.home(caller.user_id, id).await?;
        let watch = AlertWatch {
            user: caller.user_id,
            home: home.id,
            since: i64::try_from(since_revision).unwrap_or(0),
            expires: caller.expires,
        };
        let messages = self.stalls.attend(self.alerting.watch(watch).await?);
        let messages = messages.map(|it| it.map(Into::into).map_err(Into::into));
        Ok(Response::new(Box::pin(messages)))
    }
}

fn missing() -> Error {
    Invalid::new("alert_rule", "must be set").into()
}
