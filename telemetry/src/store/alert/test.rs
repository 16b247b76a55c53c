//! Rules and alerts on every database.

mod plan;
mod touched;

use std::time::Duration;

use voltaire_mesh::{Db, test::on_each_db};
use voltaire_types::{AlertId, AlertRuleId, Clock, Currency, DeviceId, Interval, Timestamp, UserId, WattHours, Watts};

use super::{AlertQuery, Status};
use crate::{
    alert::{Active, Alert, Amount, BudgetPeriod, Condition, Limit, MAX_RULES, Reason, Rule, RuleChange, State},
    device::{Device, Flow},
    error::Error,
    home::Home,
    migrations,
    store::{Check, Settled, Store},
};

const NOON: i64 = 1_763_899_200;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(NOON + seconds, 0).unwrap()
}

struct House {
    store: Store,
    user: UserId,
    home: Home,
    fridge: Device,
}

impl House {
    async fn new(db: &Db) -> Self {
        let store = Store::new(db.clone(), Clock::fixed(at(0)));
        let user = UserId::new();
        let home = store.home(user, None).await.unwrap();
        let fridge = Device {
            id: DeviceId::new(),
            home_id: home.id,
            name: "Fridge".to_owned(),
            type_id: 0,
            room: String::new(),
            flow: Flow::Consumption,
            parent: None,
            aliases: Vec::new(),
            on_threshold: Some(Watts(2.5)),
            max_gap: None,
            color_slot: 0,
            created_at: at(0),
            updated_at: at(0),
        };
        let fridge = store.create_device(user, fridge).await.unwrap();
        Self {
            store,
            user,
            home,
            fridge,
        }
    }

    fn draft(&self, condition: Condition) -> Rule {
        Rule {
            id: AlertRuleId::new(),
            user: self.user,
            home: self.home.id,
            name: "Wächter".to_owned(),
            paused: false,
            condition,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn above(&self) -> Condition {
        Condition::PowerAbove {
            device: self.fridge.id,
            threshold: Watts(100.5),
            lasting: Duration::from_millis(90_500),
        }
    }

    async fn rule(&self) -> Check {
        let rule = self.store.create_rule(self.draft(self.above())).await.unwrap();
        self.store.check(rule.id).await.unwrap().unwrap()
    }

    fn alert(&self, rule: &Rule, seconds: i64) -> Alert {
        Alert {
            id: AlertId::new(),
            home: self.home.id,
            rule: Some(rule.id),
            device: rule.condition.device(),
            reason: Reason::PowerAbove,
            message: "Fridge is “hot”".to_owned(),
            observed: Amount::Power(Watts(123.456_789)),
            limit: Amount::Power(Watts(100.5)),
            started_at: at(seconds - 60),
            raised_at: at(seconds),
            ended_at: None,
            acknowledged: None,
            revision: 0,
        }
    }

    /// Raises an alert of a rule that has none, and gives the rule after that.
    async fn raise(&self, check: &Check, alert: Alert) -> Check {
        let active = Active {
            reason: alert.reason,
            since: alert.started_at,
            last: alert.raised_at,
        };
        let settled = Settled {
            state: State {
                active: Some(active),
                ..check.state
            },
            due: at(30),
            raised: vec![alert],
            ended: None,
        };
        assert!(self.store.settle(check, settled).await.unwrap());
        self.store.check(check.rule.id).await.unwrap().unwrap()
    }

    async fn touched(&self, since: i64) -> Vec<Check> {
        self.store.touched_rules(at(since)).await.unwrap()
    }

    fn query(&self) -> AlertQuery {
        AlertQuery {
            user: self.user,
            home: self.home.id,
            status: Status::Any,
            rule: None,
            device: None,
            raised: Interval::new(Timestamp::EPOCH, Timestamp::MAX),
            after: None,
            limit: 100,
        }
    }

    async fn alerts(&self, status: Status) -> Vec<Alert> {
        let query = AlertQuery { status, ..self.query() };
        self.store.alerts(query).await.unwrap()
    }
}

fn end(check: &Check, seconds: i64) -> Settled {
    Settled {
        state: State {
            judged: at(seconds),
            active: None,
            running: None,
        },
        due: check.due,
        raised: Vec::new(),
        ended: Some(at(seconds)),
    }
}

#[tokio::test]
async fn a_rule_comes_back_as_it_was_made_and_changed() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        assert_eq!(check.state, State::begin(&house.above(), at(0)));
        assert_eq!((check.on_threshold, check.due), (Watts(2.5), at(0)));
        assert_eq!(house.touched(0).await, std::slice::from_ref(&check));
        assert_eq!(house.touched(1).await, []);
        let budget = Condition::Budget {
            device: None,
            period: BudgetPeriod::Month,
            limit: Limit::Cost("80.50".parse().unwrap()),
            projected: true,
        };
        let budget = house.store.create_rule(house.draft(budget)).await.unwrap();
        let rules = house.store.rules_of_home(house.user, house.home.id).await.unwrap();
        assert_eq!(rules, [check.rule.clone(), budget.clone()]);
        let change = RuleChange {
            name: Some("Budget".to_owned()),
            condition: Some(Condition::UnusualDay {
                device: Some(house.fridge.id),
                score: 3.5,
            }),
            ..RuleChange::default()
        };
        let changed = house.store.update_rule(house.user, budget.id, change).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.paused), ("Budget", false));
        assert_eq!(house.store.rule(house.user, budget.id).await.unwrap(), changed);
        house.store.delete_rule(house.user, budget.id).await.unwrap();
        let gone = house.store.rule(house.user, budget.id).await;
        assert!(matches!(gone, Err(Error::NoAlertRule)));
    })
    .await;
}

#[tokio::test]
async fn another_users_rules_alerts_and_devices_are_not_there() {
    on_each_db(&migrations(), async |db| {
        let (house, other) = (House::new(&db).await, House::new(&db).await);
        let (store, thief, home) = (&house.store, other.user, house.home.id);
        let check = house.rule().await;
        let alert = house.alert(&check.rule, 0);
        house.raise(&check, alert.clone()).await;
        let id = check.rule.id;
        assert!(matches!(store.rule(thief, id).await, Err(Error::NoAlertRule)));
        let update = store.update_rule(thief, id, RuleChange::default()).await;
        assert!(matches!(update, Err(Error::NoAlertRule)));
        assert!(matches!(store.delete_rule(thief, id).await, Err(Error::NoAlertRule)));
        assert!(store.rules_of_home(thief, home).await.unwrap().is_empty());
        assert!(matches!(store.alert(thief, alert.id).await, Err(Error::NoAlert)));
        assert!(matches!(store.acknowledge(thief, alert.id).await, Err(Error::NoAlert)));
        assert_eq!(store.acknowledge_all(thief, home, None).await.unwrap(), 0);
        assert!(matches!(store.alert_revision(thief, home).await, Err(Error::NoHome)));
        assert!(store.alerts_since((thief, home), 0, 10).await.unwrap().is_empty());
        let query = AlertQuery {
            user: thief,
            ..house.query()
        };
        assert!(store.alerts(query).await.unwrap().is_empty());
        let foreign_device = store.create_rule(other.draft(house.above())).await;
        assert!(matches!(foreign_device, Err(Error::NoDevice)));
        let foreign_home = Rule {
            user: thief,
            ..house.draft(house.above())
        };
        assert!(matches!(store.create_rule(foreign_home).await, Err(Error::NoHome)));
    })
    .await;
}

#[tokio::test]
async fn a_home_has_at_most_100_rules() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let made = (0..MAX_RULES + 5).map(|_| house.store.create_rule(house.draft(house.above())));
        let made = futures::future::join_all(made).await;
        let refused = made.iter().filter(|it| matches!(it, Err(Error::TooManyAlertRules)));
        let accepted = made.iter().filter(|it| it.is_ok());
        assert_eq!((refused.count(), accepted.count()), (5, MAX_RULES as usize));
    })
    .await;
}

#[tokio::test]
async fn whoever_looks_at_once_tells_once() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        let claimed = (0..4).map(|_| house.store.claim_due(at(0), at(60), 10));
        let claimed = futures::future::join_all(claimed).await;
        let claimed: Vec<_> = claimed.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(claimed, [check.rule.id]);

        let settle = |_| {
            let settled = Settled {
                state: check.state,
                due: at(30),
                raised: vec![house.alert(&check.rule, 0)],
                ended: None,
            };
            house.store.settle(&check, settled)
        };
        let settled = futures::future::join_all((0..4).map(settle)).await;
        assert_eq!(settled.into_iter().filter(|it| *it.as_ref().unwrap()).count(), 1);
        assert_eq!(house.alerts(Status::Any).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_alert_comes_back_as_it_was_raised_ended_and_acknowledged() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        let alert = house.alert(&check.rule, 0);
        let check = house.raise(&check, alert.clone()).await;
        let raised = house.store.alert(house.user, alert.id).await.unwrap();
        let first = raised.revision;
        assert_eq!(
            raised,
            Alert {
                revision: first,
                ..alert
            }
        );
        assert!(house.store.settle(&check, end(&check, 90)).await.unwrap());
        let ended = house.store.alert(house.user, raised.id).await.unwrap();
        assert_eq!(ended.ended_at, Some(at(90)));
        let seen = house.store.acknowledge(house.user, raised.id).await.unwrap();
        assert_eq!(seen.acknowledged, Some((at(0), house.user)));
        assert!(first < ended.revision && ended.revision < seen.revision);
        assert_eq!(house.store.acknowledge(house.user, raised.id).await.unwrap(), seen);
        let home = (house.user, house.home.id);
        assert_eq!(house.store.alert_revision(home.0, home.1).await.unwrap(), seen.revision);
        let since = async |revision| house.store.alerts_since(home, revision, 10).await.unwrap();
        assert_eq!(since(first).await, std::slice::from_ref(&seen));
        assert!(since(seen.revision).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_unit_comes_back_exactly() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        let amounts = [
            Amount::Energy(WattHours(0.1 + 0.2)),
            Amount::Cost("12.3456789".parse().unwrap(), Currency::EUR),
            Amount::Time(Duration::from_millis(1_234_567)),
        ];
        let alert = |amount| Alert {
            observed: amount,
            limit: amount,
            ended_at: Some(at(1)),
            ..house.alert(&check.rule, 0)
        };
        let settled = Settled {
            raised: amounts.map(alert).to_vec(),
            ended: None,
            ..end(&check, 1)
        };
        assert!(house.store.settle(&check, settled).await.unwrap());
        let home = (house.user, house.home.id);
        let found = house.store.alerts_since(home, 0, 10).await.unwrap();
        assert_eq!(found.iter().map(|it| it.observed).collect::<Vec<_>>(), amounts);
    })
    .await;
}

#[tokio::test]
async fn alerts_are_listed_by_status_rule_device_and_time_in_pages() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let (first, second) = (house.rule().await, house.rule().await);
        let (old, new) = (house.alert(&first.rule, -100), house.alert(&second.rule, 100));
        let first = house.raise(&first, old.clone()).await;
        house.raise(&second, new.clone()).await;
        house.store.settle(&first, end(&first, 0)).await.unwrap();
        house.store.acknowledge(house.user, new.id).await.unwrap();
        let ids = async |query| {
            let found = house.store.alerts(query).await.unwrap();
            found.iter().map(|it| it.id).collect::<Vec<_>>()
        };
        let status = |status| AlertQuery {
            status,
            ..house.query()
        };
        assert_eq!(ids(status(Status::Open)).await, [new.id, old.id]);
        assert_eq!(ids(status(Status::Active)).await, [new.id]);
        assert_eq!(ids(status(Status::Acknowledged)).await, [new.id]);
        assert_eq!(ids(status(Status::Unacknowledged)).await, [old.id]);
        let of_rule = AlertQuery {
            rule: Some(first.rule.id),
            device: Some(house.fridge.id),
            ..house.query()
        };
        assert_eq!(ids(of_rule).await, [old.id]);
        let of_nothing = AlertQuery {
            device: Some(DeviceId::new()),
            ..house.query()
        };
        assert!(ids(of_nothing).await.is_empty());
        let early = AlertQuery {
            raised: Interval::new(at(-100), at(100)),
            ..house.query()
        };
        assert_eq!(ids(early).await, [old.id]);
        let page = |after| AlertQuery {
            after,
            limit: 1,
            ..house.query()
        };
        assert_eq!(ids(page(None)).await, [new.id]);
        assert_eq!(ids(page(Some((at(100), new.id)))).await, [old.id]);
        assert!(ids(page(Some((at(-100), old.id)))).await.is_empty());

        let seen = async |rule| {
            house
                .store
                .acknowledge_all(house.user, house.home.id, rule)
                .await
                .unwrap()
        };
        assert_eq!(seen(Some(second.rule.id)).await, 0);
        assert_eq!(seen(None).await, 1);
        assert!(ids(status(Status::Unacknowledged)).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_condition_a_pause_and_the_end_of_a_rule_end_its_alert() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let condition = Condition::OnLonger {
            device: house.fridge.id,
            lasting: Duration::from_mins(5),
        };
        let changes = [
            RuleChange {
                condition: Some(condition),
                ..RuleChange::default()
            },
            RuleChange {
                paused: Some(true),
                ..RuleChange::default()
            },
        ];
        for change in changes {
            let check = house.rule().await;
            let check = house.raise(&check, house.alert(&check.rule, 0)).await;
            let id = check.rule.id;
            let renamed = RuleChange {
                name: Some("Other".to_owned()),
                ..RuleChange::default()
            };
            house.store.update_rule(house.user, id, renamed).await.unwrap();
            assert_eq!(house.alerts(Status::Active).await.len(), 1);
            house.store.update_rule(house.user, id, change).await.unwrap();
            assert!(house.alerts(Status::Active).await.is_empty());
            // Whoever looked before the change comes too late.
            assert!(!house.store.settle(&check, end(&check, 0)).await.unwrap());
            let began = house.store.check(id).await.unwrap().unwrap();
            assert_eq!(began.state, State::begin(&began.rule.condition, at(0)));
        }
        let check = house.rule().await;
        house.raise(&check, house.alert(&check.rule, 0)).await;
        house.store.delete_rule(house.user, check.rule.id).await.unwrap();
        let alerts = house.alerts(Status::Any).await;
        assert_eq!(alerts.iter().filter(|it| it.rule.is_none()).count(), 1);
        assert!(alerts.iter().all(|it| it.ended_at.is_some()));
    })
    .await;
}

#[tokio::test]
async fn rules_that_rest_are_not_looked_at() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let rule = Rule {
            paused: true,
            ..house.draft(house.above())
        };
        house.store.create_rule(rule).await.unwrap();
        assert!(house.store.claim_due(at(0), at(60), 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn devices_and_users_take_their_rules_and_alerts_along_and_old_alerts_are_forgotten() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        let check = house.raise(&check, house.alert(&check.rule, 0)).await;
        assert_eq!(house.store.forget_alerts(at(1000)).await.unwrap(), 0);
        house.store.settle(&check, end(&check, 10)).await.unwrap();
        assert_eq!(house.store.forget_alerts(at(10)).await.unwrap(), 0);
        assert_eq!(house.store.forget_alerts(at(11)).await.unwrap(), 1);

        let check = house.store.check(check.rule.id).await.unwrap().unwrap();
        house.raise(&check, house.alert(&check.rule, 20)).await;
        house.store.delete_device(house.user, house.fridge.id).await.unwrap();
        assert!(house.alerts(Status::Any).await.is_empty());
        assert_eq!(house.store.check(check.rule.id).await.unwrap(), None);

        let other = House::new(&db).await;
        let check = other.rule().await;
        other.raise(&check, other.alert(&check.rule, 0)).await;
        other.store.erase_user(other.user).await.unwrap();
        assert_eq!(other.store.check(check.rule.id).await.unwrap(), None);
        assert!(other.alerts(Status::Any).await.is_empty());
    })
    .await;
}
