//! What is refused, listed, acknowledged, resumed and forgotten.

use prost_types::FieldMask;
use tonic::Code;
use voltaire_mesh::{Identity, Role, test::TestMesh};
use voltaire_proto::telemetry::v1::{
    erasure_service_client::ErasureServiceClient, home_service_client::HomeServiceClient, watch_alerts_response::Event,
};
use voltaire_types::{TokenId, UserId};

use super::{support::refusal, *};

fn invalid(field: &str) -> (Code, String, String) {
    (Code::InvalidArgument, "INVALID_FIELD".to_owned(), field.to_owned())
}

fn refused(code: Code, reason: &str) -> (Code, String, String) {
    (code, reason.to_owned(), String::new())
}

/// A house at 15 minutes with a silent device and an alert of each of two rules.
async fn silent(url: &str) -> (House, Vec<pb::Alert>) {
    let mut house = House::at(url, 0).await;
    let fridge = house.device("Fridge").await;
    for minutes in [10, 15] {
        house.rule(no_data(&fridge, minutes)).await;
    }
    let mut watch = house.watch(0).await;
    watch.snapshot().await;
    house.move_to(15 * MINUTE);
    let alerts = vec![watch.alert().await, watch.alert().await];
    (house, alerts)
}

#[tokio::test]
async fn a_bad_field_of_a_rule_is_named() {
    on_each_url(async |url| {
        let house = House::at(url, 0).await;
        let id = house.device("Fridge").await;
        let day = pb::CalendarUnit::Day;
        let money = |text: &str| budget(day, Limit::Cost(text.to_owned()));
        let score = |score| {
            Condition::UnusualDay(pb::UnusualEnergy {
                device_id: String::new(),
                score: Some(score),
            })
        };
        let cases = [
            ("alert_rule.power_above.device_id", power_above("x", 1.0, 5)),
            ("alert_rule.power_above.power_watts", power_above(&id, f64::NAN, 5)),
            ("alert_rule.power_above.duration", power_above(&id, 1.0, 0)),
            ("alert_rule.on_longer.duration", on_longer(&id, 8 * 24 * 60)),
            ("alert_rule.no_data.duration", no_data(&id, 32 * 24 * 60)),
            (
                "alert_rule.budget.period",
                budget(pb::CalendarUnit::Hour, Limit::EnergyWh(1.0)),
            ),
            ("alert_rule.budget.energy_wh", budget(day, Limit::EnergyWh(0.0))),
            (
                "alert_rule.budget.energy_wh",
                budget(day, Limit::EnergyWh(f64::INFINITY)),
            ),
            ("alert_rule.budget.cost", money("0.00")),
            ("alert_rule.budget.cost", money("-1")),
            ("alert_rule.budget.cost", money("1e3")),
            ("alert_rule.unusual_day.score", score(1.9)),
            ("alert_rule.unusual_day.score", score(f64::NAN)),
        ];
        for (field, condition) in cases {
            assert_eq!(refusal(house.try_rule(condition).await), invalid(field));
        }
        let create = async |alert_rule| {
            let request = house.ask(pb::CreateAlertRuleRequest { alert_rule });
            refusal(house.alerts().create_alert_rule(request).await)
        };
        assert_eq!(create(None).await, invalid("alert_rule"));
        let nameless = pb::AlertRule {
            condition: Some(no_data(&id, 5)),
            ..pb::AlertRule::default()
        };
        assert_eq!(create(Some(nameless)).await, invalid("alert_rule.name"));
        let named = pb::AlertRule {
            name: "Rule".to_owned(),
            ..pb::AlertRule::default()
        };
        assert_eq!(create(Some(named)).await, invalid("alert_rule"));
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_what_its_mask_names() {
    on_each_url(async |url| {
        let house = House::at(url, 0).await;
        let id = house.device("Fridge").await;
        let made = house.rule(no_data(&id, 5)).await;
        let update = async |rule: pb::AlertRule, paths: &[&str]| {
            let rule = pb::AlertRule {
                alert_rule_id: made.alert_rule_id.clone(),
                ..rule
            };
            let paths = paths.iter().map(|it| (*it).to_owned()).collect();
            let request = house.ask(pb::UpdateAlertRuleRequest {
                alert_rule: Some(rule),
                update_mask: Some(FieldMask { paths }),
            });
            let changed = house.alerts().update_alert_rule(request).await?.into_inner();
            Ok::<_, tonic::Status>(changed.alert_rule.unwrap())
        };
        let paused = pb::AlertRule {
            paused: true,
            ..pb::AlertRule::default()
        };
        let changed = update(paused, &[]).await.unwrap();
        assert!(changed.paused && changed.condition == made.condition && changed.name == made.name);
        let other = pb::AlertRule {
            name: "Sleeps".to_owned(),
            condition: Some(power_above(&id, 5.0, 5)),
            ..pb::AlertRule::default()
        };
        let named = update(other.clone(), &["name", "paused"]).await.unwrap();
        assert_eq!((named.name.as_str(), named.paused), ("Sleeps", false));
        assert_eq!(named.condition, made.condition);
        let changed = update(other.clone(), &["power_above"]).await.unwrap();
        assert_eq!(changed.condition, other.condition);
        assert_eq!(
            refusal(update(other.clone(), &["no_data"]).await),
            invalid("update_mask")
        );
        assert_eq!(refusal(update(other, &["home_id"]).await), invalid("update_mask"));
        let nothing = pb::AlertRule::default();
        assert_eq!(refusal(update(nothing, &["no_data"]).await), invalid("alert_rule"));
    })
    .await;
}

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    on_each_url(async |url| {
        let (house, alerts) = silent(url).await;
        let token = house.neighbour();
        let mut client = house.alerts();
        let (rule, alert) = (alerts[0].alert_rule_id.clone(), alerts[0].alert_id.clone());
        let home = alerts[0].home_id.clone();
        let no_rule = refused(Code::NotFound, "NO_ALERT_RULE");
        let get = pb::GetAlertRuleRequest {
            alert_rule_id: rule.clone(),
        };
        let get = client.get_alert_rule(TestMesh::request(&token, get)).await;
        assert_eq!(refusal(get), no_rule);
        let delete = pb::DeleteAlertRuleRequest {
            alert_rule_id: rule.clone(),
        };
        let delete = client.delete_alert_rule(TestMesh::request(&token, delete)).await;
        assert_eq!(refusal(delete), no_rule);
        let all = pb::AcknowledgeAlertsRequest {
            home_id: String::new(),
            alert_rule_id: rule,
        };
        let all = client.acknowledge_alerts(TestMesh::request(&token, all)).await;
        assert_eq!(refusal(all), no_rule);
        let one = pb::AcknowledgeAlertRequest { alert_id: alert };
        let one = client.acknowledge_alert(TestMesh::request(&token, one)).await;
        assert_eq!(refusal(one), refused(Code::NotFound, "NO_ALERT"));
        let watch = pb::WatchAlertsRequest {
            home_id: home.clone(),
            since_revision: 0,
        };
        let watch = client.watch_alerts(TestMesh::request(&token, watch)).await;
        assert_eq!(refusal(watch), refused(Code::NotFound, "NO_HOME"));
        let list = pb::ListAlertsRequest {
            home_id: home,
            ..pb::ListAlertsRequest::default()
        };
        let list = client.list_alerts(TestMesh::request(&token, list)).await;
        assert_eq!(refusal(list), refused(Code::NotFound, "NO_HOME"));
        let own = client.list_alerts(TestMesh::request(&token, pb::ListAlertsRequest::default()));
        assert!(own.await.unwrap().into_inner().alerts.is_empty());
    })
    .await;
}

#[tokio::test]
async fn alerts_and_rules_come_in_pages_and_by_status() {
    on_each_url(async |url| {
        let (house, alerts) = silent(url).await;
        let page = |page_token| pb::ListAlertsRequest {
            page_size: 1,
            page_token,
            ..pb::ListAlertsRequest::default()
        };
        let first = house.list(page(String::new())).await;
        let second = house.list(page(first.next_page_token)).await;
        let mut seen: Vec<_> = [&first.alerts[0], &second.alerts[0]].map(|it| &it.alert_id).to_vec();
        let mut told: Vec<_> = alerts.iter().map(|it| &it.alert_id).collect();
        seen.sort();
        told.sort();
        assert_eq!(seen, told);
        assert!(second.next_page_token.is_empty());

        let rules = pb::ListAlertRulesRequest {
            page_size: 1,
            ..pb::ListAlertRulesRequest::default()
        };
        let rules = house
            .alerts()
            .list_alert_rules(house.ask(rules))
            .await
            .unwrap()
            .into_inner();
        let rest = pb::ListAlertRulesRequest {
            page_token: rules.next_page_token,
            ..pb::ListAlertRulesRequest::default()
        };
        let rest = house
            .alerts()
            .list_alert_rules(house.ask(rest))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((rules.alert_rules.len(), rest.alert_rules.len()), (1, 1));
        assert!(rest.next_page_token.is_empty());

        let one = pb::AcknowledgeAlertRequest {
            alert_id: alerts[0].alert_id.clone(),
        };
        let seen = house
            .alerts()
            .acknowledge_alert(house.ask(one))
            .await
            .unwrap()
            .into_inner();
        let seen = seen.alert.unwrap();
        assert_eq!(
            (seen.acknowledged_by, seen.acknowledge_time),
            (house.user.to_string(), Some(time(900)))
        );
        let count = async |status: pb::AlertStatus| {
            let request = pb::ListAlertsRequest {
                status: status.into(),
                ..pb::ListAlertsRequest::default()
            };
            house.list(request).await.alerts.len()
        };
        assert_eq!(count(pb::AlertStatus::Acknowledged).await, 1);
        assert_eq!(count(pb::AlertStatus::Unacknowledged).await, 1);
        assert_eq!(count(pb::AlertStatus::Open).await, 2);
        let all = pb::AcknowledgeAlertsRequest::default();
        let all = house.alerts().acknowledge_alerts(house.ask(all)).await.unwrap();
        assert_eq!(all.into_inner().acknowledged, 1);
        let bad = pb::ListAlertsRequest {
            status: 9,
            ..pb::ListAlertsRequest::default()
        };
        assert_eq!(
            refusal(house.alerts().list_alerts(house.ask(bad)).await),
            invalid("status")
        );
        let before = pb::ListAlertsRequest {
            period: Some(pb::Period {
                kind: Some(pb::period::Kind::Last(prost_types::Duration { seconds: 1, nanos: 0 })),
            }),
            ..pb::ListAlertsRequest::default()
        };
        assert!(house.list(before).await.alerts.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_gets_what_changed_since_and_signs_of_life() {
    on_each_url(async |url| {
        let (house, alerts) = silent(url).await;
        let mut watch = house.watch(alerts[0].revision).await;
        assert_eq!(watch.alert().await.alert_id, alerts[1].alert_id);
        let (revision, event) = watch.next().await.unwrap();
        assert!(matches!(event, Event::Heartbeat(_)));
        assert_eq!(revision, alerts[1].revision);
        let one = pb::AcknowledgeAlertRequest {
            alert_id: alerts[0].alert_id.clone(),
        };
        house.alerts().acknowledge_alert(house.ask(one)).await.unwrap();
        let seen = watch.alert().await;
        assert!(seen.alert_id == alerts[0].alert_id && seen.acknowledge_time.is_some());
        // A revision that never was begins anew.
        assert_eq!(house.watch(u64::MAX).await.snapshot().await.len(), 2);
        house.mesh.mesh.drain().await;
        let end = loop {
            if let Err(status) = watch.next().await {
                break status;
            }
        };
        assert_eq!(refusal(Err::<(), _>(end)), refused(Code::Unavailable, "DRAINING"));
    })
    .await;
}

#[tokio::test]
async fn an_erased_user_leaves_no_rule_and_no_alert() {
    on_each_url(async |url| {
        let (house, alerts) = silent(url).await;
        let service = house.mesh.token_of(&Identity {
            user_id: UserId::from_uuid(uuid::Uuid::nil()),
            role: Role::Service,
            scopes: None,
            token_id: TokenId::new(),
            expires: house.mesh.mesh.clock().now().plus(std::time::Duration::from_mins(1)),
        });
        let request = pb::EraseUserRequest {
            user_id: house.user.to_string(),
        };
        let mut erasure = ErasureServiceClient::new(house.channel.clone());
        erasure.erase_user(TestMesh::request(&service, request)).await.unwrap();
        let get = pb::GetAlertRuleRequest {
            alert_rule_id: alerts[0].alert_rule_id.clone(),
        };
        let get = house.alerts().get_alert_rule(house.ask(get)).await;
        assert_eq!(refusal(get), refused(Code::NotFound, "NO_ALERT_RULE"));
        assert!(house.all().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_when_its_home_is_deleted() {
    on_each_url(async |url| {
        let mut house = House::at(url, 0).await;
        house.move_to(MINUTE);
        let mut homes = HomeServiceClient::new(house.channel.clone());
        let second = pb::Home {
            name: "Second".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            ..pb::Home::default()
        };
        let request = house.ask(pb::CreateHomeRequest { home: Some(second) });
        let home_id = homes
            .create_home(request)
            .await
            .unwrap()
            .into_inner()
            .home
            .unwrap()
            .home_id;
        let (mut first, mut second) = (house.watch(0).await, house.watch_home(&home_id).await);
        assert!(first.snapshot().await.is_empty() && second.snapshot().await.is_empty());
        let request = house.ask(pb::DeleteHomeRequest {
            home_id,
            confirm_name: "Second".to_owned(),
        });
        homes.delete_home(request).await.unwrap();
        let ended = second.end().await;
        assert_eq!(refusal::<()>(Err(ended)), refused(Code::NotFound, "NO_HOME"));
        // The other one goes on.
        first.next().await.unwrap();
    })
    .await;
}
