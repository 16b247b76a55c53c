//! Corrections.

use tonic::Code;
use voltaire_proto::telemetry::v1::correction_service_client::CorrectionServiceClient;

use super::*;

fn corrections(user: &User) -> CorrectionServiceClient<Channel> {
    CorrectionServiceClient::new(user.channel.clone())
}

fn ago(from: i64, to: i64) -> pb::Interval {
    let at = |seconds| prost_types::Timestamp {
        seconds: NOW - seconds,
        nanos: 0,
    };
    pb::Interval {
        start_time: Some(at(from)),
        end_time: Some(at(to)),
    }
}

/// The heater's plug was moved for twenty minutes.
fn moved(device_id: &str, estimate_watts: Option<f64>) -> pb::CreateCorrectionRequest {
    pb::CreateCorrectionRequest {
        device_id: device_id.to_owned(),
        interval: Some(ago(2400, 1200)),
        estimate_watts,
        reason: " the plug was moved ".to_owned(),
    }
}

async fn create(user: &User, request: pb::CreateCorrectionRequest) -> Result<pb::Correction, Status> {
    let made = corrections(user).create_correction(user.ask(request)).await?;
    Ok(made.into_inner().correction.unwrap())
}

async fn undo(user: &User, correction_id: &str) -> Result<pb::Correction, Status> {
    let request = pb::UndoCorrectionRequest {
        correction_id: correction_id.to_owned(),
    };
    let undone = corrections(user).undo_correction(user.ask(request)).await?;
    Ok(undone.into_inner().correction.unwrap())
}

fn of(device_id: &str) -> pb::Scope {
    pb::Scope {
        kind: Some(pb::scope::Kind::DeviceId(device_id.to_owned())),
    }
}

async fn summary(user: &User, device_id: &str) -> pb::Summary {
    let request = pb::SummarizeRequest {
        period: Some(pb::Period {
            kind: Some(pb::period::Kind::Interval(ago(3600, 0))),
        }),
        scope: Some(of(device_id)),
        ..Default::default()
    };
    let answer = user.query().summarize(user.ask(request)).await.unwrap();
    answer.into_inner().summary.unwrap()
}

/// A device that used a kilowatt in the last hour, and its user.
async fn kilowatt(server: &Server) -> (User, String) {
    let user = server.user();
    let id = user.device("Heater").await.device_id;
    let readings = (0..=60).map(|minute| reading(&id, minute * 60, 1000.0)).collect();
    user.send(readings).await.unwrap();
    (user, id)
}

/// What is estimated in steps of five minutes.
async fn estimated_steps(user: &User, device: &str) -> Vec<f64> {
    let request = pb::QuerySeriesRequest {
        period: Some(pb::Period {
            kind: Some(pb::period::Kind::Interval(ago(3600, 0))),
        }),
        step: Some(pb::Step {
            kind: Some(pb::step::Kind::Fixed(prost_types::Duration { seconds: 300, nanos: 0 })),
        }),
        scopes: vec![of(device)],
        metrics: vec![pb::Metric::Estimated.into()],
        ..pb::QuerySeriesRequest::default()
    };
    let answer = user.query().query_series(user.ask(request)).await.unwrap();
    answer.into_inner().series.remove(0).values
}

fn assert_whole(summary: &pb::Summary) {
    assert!((summary.energy_wh - 1000.0).abs() < 1e-9);
    assert_eq!(
        (summary.coverage, summary.estimated_wh, summary.reading_count),
        (1.0, 0.0, 60)
    );
}

#[tokio::test]
async fn what_is_left_out_is_not_covered_what_is_estimated_is_said_to_be_and_undoing_gives_the_readings_back() {
    let server = Server::start().await;
    let (user, device) = kilowatt(&server).await;
    assert_whole(&summary(&user, &device).await);

    let left_out = create(&user, moved(&device, None)).await.unwrap();
    assert_eq!(left_out.reason, "the plug was moved");
    let without = summary(&user, &device).await;
    // From the last minute before it to the first one after it nothing is known.
    assert!((without.energy_wh - 1000.0 * (3600.0 - 1260.0) / 3600.0).abs() < 1e-6);
    assert!((without.coverage - (3600.0 - 1260.0) / 3600.0).abs() < 1e-9);
    assert_eq!(user.readings(&device).await.len(), 60);
    undo(&user, &left_out.correction_id).await.unwrap();
    assert_whole(&summary(&user, &device).await);

    let estimated = create(&user, moved(&device, Some(400.0))).await.unwrap();
    let with = summary(&user, &device).await;
    assert!((with.estimated_wh - 400.0 / 3.0).abs() < 1e-6);
    assert!((with.energy_wh - with.estimated_wh - without.energy_wh).abs() < 1e-6);
    assert!((with.estimated_share - 1200.0 / (3600.0 - 60.0)).abs() < 1e-9);
    let steps = estimated_steps(&user, &device).await;
    assert!((steps.iter().filter(|it| it.is_finite()).sum::<f64>() - with.estimated_wh).abs() < 1e-6);
    assert!(steps.iter().any(|it| *it > 0.0) && steps.contains(&0.0));
    let once = undo(&user, &estimated.correction_id).await.unwrap();
    assert_eq!(undo(&user, &estimated.correction_id).await.unwrap(), once);
    assert_whole(&summary(&user, &device).await);

    let listed = async |show_undone| {
        let request = pb::ListCorrectionsRequest {
            device_id: device.clone(),
            show_undone,
        };
        let listed = corrections(&user).list_corrections(user.ask(request)).await.unwrap();
        listed.into_inner().corrections.len()
    };
    assert_eq!((listed(false).await, listed(true).await), (0, 2));
}

#[tokio::test]
async fn bad_corrections_are_refused_by_field_and_change_nothing() {
    let server = Server::start().await;
    let (user, device) = kilowatt(&server).await;
    let good = moved(&device, None);
    let refused = async |request: pb::CreateCorrectionRequest| refusal(create(&user, request).await);
    let with = |interval, estimate_watts, reason: &str| pb::CreateCorrectionRequest {
        interval,
        estimate_watts,
        reason: reason.to_owned(),
        ..good.clone()
    };
    assert_eq!(refused(with(None, None, "x")).await, invalid("interval"));
    assert_eq!(
        refused(with(Some(ago(1200, 2400)), None, "x")).await,
        invalid("interval")
    );
    assert_eq!(refused(with(Some(ago(59, 0)), None, "x")).await, invalid("interval"));
    let no_end = pb::Interval {
        end_time: None,
        ..ago(2400, 0)
    };
    assert_eq!(
        refused(with(Some(no_end), None, "x")).await,
        invalid("interval.end_time")
    );
    assert_eq!(
        refused(with(good.interval, Some(f64::NAN), "x")).await,
        invalid("estimate_watts")
    );
    assert_eq!(refused(with(good.interval, None, " ")).await, invalid("reason"));
    assert_eq!(
        refused(with(good.interval, None, &"x".repeat(201))).await,
        invalid("reason")
    );
    let made = create(&user, good.clone()).await.unwrap();
    let overlap = refused(with(Some(ago(1260, 60)), Some(1.0), "x")).await;
    assert_eq!(
        (overlap.0, overlap.1.as_str()),
        (Code::FailedPrecondition, "CORRECTIONS_OVERLAP")
    );

    let stranger = server.user();
    let foreign = refusal(create(&stranger, good).await);
    assert_eq!((foreign.0, foreign.1.as_str()), (Code::NotFound, "NO_DEVICE"));
    let foreign = refusal(undo(&stranger, &made.correction_id).await);
    assert_eq!((foreign.0, foreign.1.as_str()), (Code::NotFound, "NO_CORRECTION"));
    let request = pb::ListCorrectionsRequest {
        device_id: device.clone(),
        show_undone: true,
    };
    let foreign = refusal(corrections(&stranger).list_corrections(stranger.ask(request)).await);
    assert_eq!((foreign.0, foreign.1.as_str()), (Code::NotFound, "NO_DEVICE"));
}
