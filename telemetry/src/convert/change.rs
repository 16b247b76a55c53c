//! Why two periods differ: the question and its answer.

use voltaire_mesh::Invalid;
use voltaire_proto::telemetry::v1 as pb;

use super::query::{interval_out, money, period, scope};
use crate::{
    figures::change::{Contribution, Kind},
    query::{
        Setting,
        change::{Change, ChangeQuery},
    },
};

/// Reads which periods are to be compared.
pub(crate) fn change_query(request: &pb::ExplainChangeRequest) -> Result<ChangeQuery, Invalid> {
    let compare_to = request.compare_to.as_ref().map(|it| period("compare_to", Some(it)));
    Ok(ChangeQuery {
        period: period("period", request.period.as_ref())?,
        compare_to: compare_to.transpose()?,
        scope: scope("scope", request.scope.as_ref())?,
    })
}

/// Why two periods differ, in the words of the home.
pub(crate) fn change_answer(setting: &Setting, answer: &Change) -> pb::ExplainChangeResponse {
    let whole = answer.explanation.whole;
    let out = |list: &[Contribution]| list.iter().map(|it| contribution(setting, answer, it)).collect();
    let cost = setting
        .prices()
        .known()
        .then(|| money(whole.cost.normalize(), setting.home.currency));
    pb::ExplainChangeResponse {
        change_wh: whole.energy,
        change_cost: cost,
        contributions: out(&answer.explanation.contributions),
        parts: out(&answer.explanation.parts),
        hours: out(&answer.explanation.hours),
        interval: Some(interval_out(answer.intervals.now)),
        compared_interval: Some(interval_out(answer.intervals.before)),
        time_zone: setting.home.calendar.zone_name().to_owned(),
        energy_wh: answer.energy.now.0,
        compared_wh: answer.energy.before.0,
        length_wh: whole.length,
        coverage: answer.coverage.now,
        compared_coverage: answer.coverage.before,
    }
}

fn contribution(setting: &Setting, answer: &Change, it: &Contribution) -> pb::Contribution {
    let asked = &answer.chosen;
    let (kind, label) = match it.kind {
        None => (pb::ContributionKind::Unspecified, asked.label.clone()),
        Some(Kind::Device(id)) => {
            let name = setting
                .device(id)
                .map_or_else(|_| String::new(), |device| device.name.clone());
            (pb::ContributionKind::Device, name)
        }
        Some(Kind::Untracked) => (pb::ContributionKind::Untracked, "Untracked".to_owned()),
        Some(Kind::OwnSupply) => (pb::ContributionKind::OwnSupply, "Own supply".to_owned()),
        Some(Kind::StandingCharge) => (pb::ContributionKind::StandingCharge, "Standing charge".to_owned()),
    };
    let cost = it.difference.cost.normalize();
    pb::Contribution {
        scope: Some(it.scope(&asked.scope).unwrap_or_else(|| asked.scope.clone()).into()),
        label,
        hour: it.hour.and_then(|hour| u32::try_from(hour).ok()),
        change_wh: it.difference.energy,
        change_cost: setting.prices().known().then(|| money(cost, setting.home.currency)),
        kind: kind.into(),
        length_wh: it.difference.length,
    }
}
