//! Homes of one's own: days when clocks change, prices from a day on, more devices than colours.

use serde_json::json;
use voltaire_proto::telemetry::v1::{
    CreateCorrectionRequest, CreateDeviceRequest, Device, Flow, Home, IngestBatchRequest, Interval, ListHomesRequest,
    Reading, UndoCorrectionRequest, UpdateHomeRequest, correction_service_client::CorrectionServiceClient,
};

use crate::{
    Walk,
    common::{browser::Page, user::User},
};

/// 2026-03-29T00:00 and 2026-10-25T00:00 in Berlin: the days when clocks change.
const FORWARD: i64 = 1_774_738_800;
const BACK: i64 = 1_792_879_200;
/// 2026-10-31T00:00 in Berlin, the day before the price changes.
const OLD_PRICE: i64 = 1_793_401_200;

/// Walks them.
pub(crate) async fn walk(walk: &Walk<'_>) {
    let (user, heater) = berlin(walk).await;
    clocks(walk).await;
    walk.walked(15).await;
    estimated(walk, &user, &heater).await;
    prices(walk).await;
    walk.walked(25).await;
    many(walk).await;
    walk.walked(24).await;
}

fn reading(device: &str, seconds: i64, power_watts: f64) -> Reading {
    Reading {
        device_id: device.to_owned(),
        timestamp: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        power_watts,
        ..Reading::default()
    }
}

async fn store(user: &User, readings: Vec<Reading>) {
    let request = user.request(IngestBatchRequest { readings });
    user.ingest().ingest_batch(request).await.expect("stored");
}

/// A home in Berlin with a heater that takes 1 kW on the days that matter.
async fn berlin(walk: &Walk<'_>) -> (User, String) {
    let user = User::register(walk.server, "berta").await;
    let homes = user.homes().list_homes(user.request(ListHomesRequest {})).await;
    let home = homes.expect("homes").into_inner().homes.swap_remove(0);
    let request = UpdateHomeRequest {
        home: Some(Home {
            home_id: home.home_id,
            time_zone: "Europe/Berlin".to_owned(),
            ..Home::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["time_zone".to_owned()],
        }),
    };
    user.homes().update_home(user.request(request)).await.expect("changed");
    let heater = user.device("Heater").await;
    for (start, hours) in [(FORWARD, 23), (BACK, 25), (OLD_PRICE, 49)] {
        let readings = (0..=hours * 15).map(|step| reading(&heater, start + step * 240, 1000.0));
        store(&user, readings.collect()).await;
    }
    let page = walk.page;
    page.client.delete_all_cookies().await.expect("signed out");
    page.sign_in(&walk.server.url, "berta@example.com").await;
    (user, heater)
}

/// What a correction estimates looks unlike what was measured, in the chart, its legend and its table; undone, it does not.
async fn estimated(walk: &Walk<'_>, user: &User, heater: &str) {
    let page = walk.page;
    let at = |hours: i64| prost_types::Timestamp {
        seconds: FORWARD + hours * 3600,
        nanos: 0,
    };
    let mut corrections = CorrectionServiceClient::new(user.channel.clone());
    let request = CreateCorrectionRequest {
        device_id: heater.to_owned(),
        interval: Some(Interval {
            start_time: Some(at(9)),
            end_time: Some(at(11)),
        }),
        estimate_watts: Some(500.0),
        reason: "the plug was moved".to_owned(),
    };
    let made = corrections
        .create_correction(user.request(request))
        .await
        .expect("made");
    let correction_id = made.into_inner().correction.expect("a correction").correction_id;
    walk.open("usage?z=day&r=2026-03-29").await;
    page.text("[data-testid=estimated-key]", "Estimated").await;
    let marks = "return document.querySelectorAll('#usage-chart .plot .estimated').length";
    assert_eq!(page.run(marks).await, json!(2));
    page.picture("estimated").await;
    page.press("[data-testid=usage-chart-table-toggle]").await;
    page.text("[data-testid=chart-table] tbody", "100").await;
    let undo = UndoCorrectionRequest { correction_id };
    corrections.undo_correction(user.request(undo)).await.expect("undone");
    walk.open("usage?z=day&r=2026-03-29").await;
    page.find("[data-testid=usage-totals]").await;
    assert_eq!(page.run(marks).await, json!(0));
    page.gone("[data-testid=demo-mark]").await;
}

/// The line of costs ends where the bill is, standing charge included.
async fn cumulative(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("costs").await;
    page.press("[data-testid=costs-chart-table-toggle]").await;
    page.find("[data-testid=chart-table] tbody tr").await;
    let last = "return [...document.querySelectorAll('[data-testid=chart-table] tbody tr')]
        .map(row => parseFloat(row.cells[1].textContent)).filter(it => !isNaN(it)).pop()";
    let last = page.run(last).await.as_f64().expect("a sum");
    let bill = page.texts("[data-testid=month-cost]").await.concat();
    let bill: f64 = bill.trim_start_matches('€').parse().expect("an amount");
    assert!(
        bill > 0.2 && (bill - last).abs() < 0.02,
        "{bill} is billed, {last} drawn"
    );
}

/// 15: a day has as many bars as it has hours, each with a name of its own, and their sum is what was measured.
async fn clocks(walk: &Walk<'_>) {
    let page = walk.page;
    for (day, hours, named) in [("2026-03-29", 23, "01:00–03:00"), ("2026-10-25", 25, "02:00 UTC+2")] {
        walk.open(&format!("usage?z=day&r={day}")).await;
        page.find("[data-testid=usage-totals]").await;
        let bars = page
            .run("return document.querySelectorAll('#usage-chart .plot .bar').length")
            .await;
        assert_eq!(bars, json!(hours), "{day}");
        let total = page.texts("[data-testid=usage-energy]").await.concat();
        assert!(total.starts_with(&format!("{hours}.0")), "{day}: {total}");
        page.picture(&format!("clocks-{day}")).await;
        page.press("[data-testid=usage-chart-table-toggle]").await;
        page.find("[data-testid=chart-table]").await;
        let names = page.texts("[data-testid=chart-table] tbody th").await;
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), hours, "{day}: {names:?}");
        assert!(names.iter().any(|it| it == named), "{day}: {names:?}");
        let values = page.texts("[data-testid=chart-table] tbody td").await;
        assert!(values.iter().all(|it| it == "1.00"), "{day}: {values:?}");
    }
}

/// Adds a version of the tariff by the form.
async fn version(walk: &Walk<'_>, from: &str, price: &str, standing: &str) {
    let page = walk.page;
    walk.open("settings/tariffs").await;
    page.fill("#tariff-from", from).await;
    page.fill("#tariff-price", price).await;
    page.fill("#tariff-standing", standing).await;
    page.press("[data-testid=save-tariff]").await;
}

/// What a day cost, as the history page says.
async fn cost(walk: &Walk<'_>, day: &str) -> String {
    walk.open(&format!("usage?z=day&r={day}&u=cost")).await;
    walk.page.find("[data-testid=usage-cost]").await;
    walk.page.texts("[data-testid=usage-cost]").await.concat()
}

/// The first series of the file that the chart saves.
async fn saved(page: &Page) -> Vec<f64> {
    page.run("window.voltaireSave.text = (name, content) => window.saved = content")
        .await;
    page.press("[data-testid=usage-chart-csv]").await;
    let file = page.run("return window.saved").await;
    let lines = file.as_str().expect("a file").lines().skip(1);
    let values = lines.map(|line| {
        line.split(',')
            .nth(2)
            .unwrap_or_default()
            .parse::<f64>()
            .unwrap_or(f64::NAN)
    });
    values.collect()
}

/// 25: a new price from a day on leaves the days before it as they were; page, file and conversation say the same.
async fn prices(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("costs").await;
    page.press("[data-testid=set-price]").await;
    version(walk, "", "0.30", "").await;
    page.find("[data-testid=tariff][data-from=''][data-state=in-force]")
        .await;
    let before = cost(walk, "2026-10-31").await;
    assert_eq!(before, "€7.20");
    assert_eq!(cost(walk, "2026-11-01").await, "€7.20");

    version(walk, "11012026", "0.42", "0.23").await;
    page.find("[data-testid=tariff][data-from='2026-11-01'][data-state=in-force]")
        .await;
    page.find("[data-testid=tariff][data-from=''][data-state=other]").await;
    page.picture("tariffs").await;
    banded(walk).await;
    // Another one for the same day is refused in words, and nothing that was typed is lost.
    version(walk, "11012026", "0.50", "").await;
    page.find("#tariff-from-problem").await;
    let typed = page.run("return document.querySelector('#tariff-price').value").await;
    assert_eq!(typed, json!("0.50"));

    assert_eq!(cost(walk, "2026-10-31").await, before);
    let after = cost(walk, "2026-11-01").await;
    assert_eq!(after, "€10.31");
    let hours: f64 = saved(page).await.iter().sum();
    assert!(
        (hours - 10.08).abs() < 1e-6,
        "hours have no part of what a day costs: {hours}"
    );
    walk.open("ask").await;
    page.ask("what did 1 November 2026 cost?", 0).await;
    page.text("#turn-0 [data-testid=fact]", "€10.31").await;
    walk.open("costs").await;
    page.text("[data-testid=tariffs]", "1 Nov 2026").await;
    cumulative(walk).await;

    walk.open("settings/tariffs").await;
    page.press("[data-testid=tariff][data-from='2026-11-01'] [data-testid=edit-tariff]")
        .await;
    page.find("#tariff-price:focus").await;
    page.run("document.querySelector('#tariff-price').select()").await;
    page.fill("#tariff-price", "0.40\n").await;
    page.text("[data-testid=tariff]", "0.40").await;
    assert_eq!(cost(walk, "2026-11-01").await, "€9.83");
    walk.open("settings/tariffs").await;
    page.press("[data-testid=tariff][data-from='2026-11-01'] [data-testid=remove-tariff]")
        .await;
    page.press("[data-testid=remove-tariff-confirm]").await;
    page.gone("[data-testid=tariff][data-from='2026-11-01']").await;
    assert_eq!(cost(walk, "2026-11-01").await, "€7.20");
}

/// A week within which the price changed shows when it was low and when high, with both prices in words; a day at one price does not.
async fn banded(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=week&r=2026-11-01").await;
    page.text("[data-testid=price-key]", "0.42").await;
    let keys = page.texts("[data-testid=price-key]").await.concat();
    assert!(keys.contains("0.300") && keys.contains("/kWh"), "{keys}");
    let bands =
        "return ['low', 'high'].map(it => document.querySelectorAll(`#usage-chart .tariff.${it}-price`).length)";
    assert_eq!(page.run(bands).await, json!([1, 1]));
    page.run("document.querySelector('.plot').focus()").await;
    page.key("End").await;
    page.text(".readout", "0.420").await;
    page.picture("bands").await;
    walk.open("usage?z=day&r=2026-11-01").await;
    page.find("[data-testid=usage-totals]").await;
    assert_eq!(page.run(bands).await, json!([0, 0]));
    walk.open("settings/tariffs").await;
    page.find("#tariff-from").await;
}

/// 24: of fourteen devices eleven are shown in colours of their own, the rest together; grey is only what is not metered.
async fn many(walk: &Walk<'_>) {
    let page = walk.page;
    let user = User::register(walk.server, "mia").await;
    let meter = Device {
        name: "Meter".to_owned(),
        flow: Flow::Grid.into(),
        ..Device::default()
    };
    let request = user.request(CreateDeviceRequest { device: Some(meter) });
    let meter = user.devices().create_device(request).await.expect("made").into_inner();
    let mut devices = vec![(meter.device.expect("a device").device_id, 5000.0)];
    for number in 1..=14 {
        devices.push((user.device(&format!("Plug {number}")).await, f64::from(number) * 20.0));
    }
    let now = voltaire_types::Clock::system().now().micros() / 1_000_000;
    let readings = devices
        .iter()
        .flat_map(|(id, watts)| (0..=30).map(|step| reading(id, now - step * 240, *watts)));
    store(&user, readings.collect()).await;
    page.client.delete_all_cookies().await.expect("signed out");
    page.sign_in(&walk.server.url, "mia@example.com").await;
    walk.open("").await;
    page.find("[data-testid=row-other]").await;
    let colours =
        "return [...document.querySelectorAll('[data-testid=device-row] .tile')].map(it => getComputedStyle(it).color)";
    let own: Vec<String> = serde_json::from_value(page.run(colours).await).expect("colours");
    let different: std::collections::BTreeSet<_> = own.iter().collect();
    assert_eq!((own.len(), different.len()), (11, 11), "{own:?}");
    page.text("[data-testid=row-more]", "3 more").await;
    page.picture("many").await;
    let colour =
        |row: &str| format!("return getComputedStyle(document.querySelector('[data-testid={row}] .tile')).color");
    let others = [
        page.run(&colour("row-more")).await,
        page.run(&colour("row-other")).await,
    ];
    assert!(
        others.iter().all(|it| !own.iter().any(|own| it == own)),
        "{others:?} of {own:?}"
    );
    assert_ne!(others[0], others[1]);
    page.press("[data-testid=unfold]").await;
    page.find("[data-testid=device-row]:nth-child(15)").await;
    assert_eq!(page.texts("[data-testid=device-row]").await.len(), 14);
    walk.open("usage?z=day&by=device").await;
    page.text("#usage-chart .legend", "3 more").await;
    let legend = page
        .run("return document.querySelectorAll('#usage-chart .legend button').length")
        .await;
    assert_eq!(legend, json!(13), "eleven, the rest, and what is not metered");
}
