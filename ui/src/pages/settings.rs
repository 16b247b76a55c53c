//! Settings: each field is saved when it is left.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::{Home as Pb, Tariff};

use super::{
    admin::is_admin, settings_account::Account, settings_alerts::Alerts, settings_devices::DeviceSettings,
    settings_tariffs::TariffSettings, settings_tokens::Tokens, tabs::Tabs,
};
use crate::{
    act::{ActProblem, use_act},
    api::{self, Failure},
    app::Route,
    icon::Icon,
    parts::{ColoursSelect, Field, LanguageSelect, Page, ThemeSelect, Writes},
    state::{App, Home, use_app},
    zone,
};

/// How saving a field went.
#[derive(Clone, Debug, Default, PartialEq)]
enum Saving {
    #[default]
    Idle,
    Busy,
    Done,
    Failed(Failure),
}

/// The settings page: the part that its address names.
#[component]
pub(crate) fn Settings(tab: Vec<String>) -> Element {
    let app = use_app();
    let text = app.text();
    let here = tab.first().map_or("home", String::as_str).to_owned();
    let mut tabs = vec![
        ("home", text.home(), Route::settings("")),
        ("tariffs", text.tariffs(), Route::settings("tariffs")),
        ("devices", text.devices(), Route::settings("devices")),
        ("alerts", text.alerts(), Route::settings("alerts")),
        ("tokens", text.tokens(), Route::settings("tokens")),
        ("account", text.account(), Route::settings("account")),
    ];
    if is_admin(app) {
        tabs.push(("admin", text.admin(), Route::admin("")));
    }
    rsx! {
        Page { name: "settings", title: text.settings(),
            Tabs { label: text.settings(), here: here.clone(), tabs }
            match here.as_str() {
                "home" => rsx! { Writes { HomeSettings {} } Look {} },
                "tariffs" => rsx! { Writes { TariffSettings {} } },
                "devices" => rsx! { Writes { DeviceSettings {} } },
                "alerts" => rsx! { Writes { Alerts {} } },
                "tokens" => rsx! { Writes { Tokens {} } },
                "account" => rsx! { Writes { Account {} } },
                _ => rsx! { p { class: "note", Icon { name: "info" } {text.not_found()} } },
            }
        }
    }
}

#[component]
fn HomeSettings() -> Element {
    let app = use_app();
    let text = app.text();
    let Some(home) = app.home.read().clone() else {
        return rsx! {};
    };
    let zones = use_hook(zone::names);
    rsx! {
        section { class: "card form", "aria-labelledby": "home-settings",
            h2 { id: "home-settings", {text.home()} }
            TextSetting { id: "home-name-field", label: text.home_name(), value: home.pb.name.clone(), field: "name" }
            TextSetting { id: "time-zone", label: text.time_zone(), hint: text.time_zone_hint(), value: home.pb.time_zone.clone(), field: "time_zone", options: zones }
            div { class: "two",
                TextSetting { id: "currency", label: text.currency(), hint: text.currency_hint(), value: home.pb.currency_code.clone(), field: "currency_code",
                    options: ["AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "INR", "JPY", "NOK", "NZD", "PLN", "SEK", "USD", "ZAR"].map(str::to_owned).to_vec() }
                // With several versions, one field would not tell which of them it changes.
                if home.pb.tariffs.len() < 2 {
                    TextSetting { id: "price", label: text.price(), hint: text.price_hint(), value: price(&home), field: "tariffs" }
                }
            }
            p {
                Link { to: Route::settings("tariffs"), {text.tariffs_link()} }
            }
            if home.pb.demo { NoLongerDemo { home: home.pb.clone() } }
        }
    }
}

/// What a demo home is, and how it stops being one.
#[component]
fn NoLongerDemo(home: Pb) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let over = move |_| {
        let real = Pb {
            demo: false,
            ..home.clone()
        };
        act.run(app, api::update_home(real, &["demo"]), move |saved| app.set_home(saved));
    };
    rsx! {
        div { class: "note", "data-testid": "demo-note",
            Icon { name: "info" }
            span { class: "grow", {text.demo_title()} " " {text.demo_until()} }
            button { class: "btn small", r#type: "button", "data-testid": "demo-over", disabled: act.busy(), onclick: over, {text.demo_over()} }
        }
        ActProblem { act }
    }
}

fn price(home: &Home) -> String {
    home.pb
        .tariffs
        .last()
        .map(|tariff| tariff.price_per_kwh.clone())
        .unwrap_or_default()
}

/// A field of the home that is saved when it is left.
#[component]
fn TextSetting(
    id: String,
    label: String,
    #[props(default)] hint: String,
    value: String,
    field: &'static str,
    #[props(default)] options: Vec<String>,
) -> Element {
    let app = use_app();
    let text = app.text();
    let mut saving = use_signal(Saving::default);
    let mut wrong = use_signal(String::new);
    let mut draft = use_signal(|| value.clone());
    let mut known = use_signal(|| value.clone());
    if *known.peek() != value {
        known.set(value.clone());
        draft.set(value.clone());
    }
    let before = value;
    let save = move |event: FormEvent| {
        let entered = event.value().trim().to_owned();
        draft.set(event.value());
        let changed = if entered == before {
            Ok(None)
        } else {
            change(app, field, &entered).map(Some)
        };
        async move {
            wrong.set(String::new());
            match changed {
                Ok(Some(home)) => store(app, home, field, saving).await,
                Ok(None) => saving.set(Saving::Idle),
                Err(problem) => wrong.set(problem),
            }
        }
    };
    let problem = match saving() {
        Saving::Failed(failure) => text.failure(&failure),
        _ => wrong(),
    };
    let invalid = !problem.is_empty();
    let list = (!options.is_empty()).then(|| format!("{id}-options"));
    let (state, status) = match saving() {
        Saving::Busy => ("saving", text.saving()),
        Saving::Done => ("saved", text.saved()),
        Saving::Idle => ("idle", ""),
        Saving::Failed(_) => ("error", ""),
    };
    rsx! {
        div { class: "setting",
            Field { id: id.clone(), label, hint, problem,
                input { class: "input", id: "{id}", value: "{draft}", autocomplete: "off", list,
                    inputmode: if field == "tariffs" { "decimal" } else { "text" }, "aria-invalid": if invalid { "true" }, onchange: save }
                if !options.is_empty() {
                    datalist { id: "{id}-options",
                        for option in options { option { value: "{option}" } }
                    }
                }
            }
            p { class: "hint done", role: "status", "data-testid": "{id}-status", "data-state": state,
                if !status.is_empty() {
                    span { class: "row",
                        Icon { name: "check", small: true }
                        {status}
                    }
                }
            }
        }
    }
}

/// The home with a field changed; or what is wrong with the value.
fn change(app: App, field: &str, value: &str) -> Result<Pb, String> {
    let text = app.text();
    let mut home = app.home.peek().as_ref().map(|home| home.pb.clone()).unwrap_or_default();
    match field {
        "name" if value.is_empty() => return Err(text.required(text.home_name())),
        "name" => value.clone_into(&mut home.name),
        "time_zone" => value.clone_into(&mut home.time_zone),
        "currency_code" => home.currency_code = value.to_ascii_uppercase(),
        _ => {
            let price = value.replace(',', ".");
            let valid = fmt::read(&price).is_some_and(|price| (0.0..=1000.0).contains(&price));
            if !valid {
                return Err(text.price_wrong().to_owned());
            }
            match home.tariffs.last_mut() {
                Some(tariff) => tariff.price_per_kwh = price,
                None => home.tariffs.push(Tariff {
                    price_per_kwh: price,
                    ..Tariff::default()
                }),
            }
        }
    }
    Ok(home)
}

async fn store(app: App, home: Pb, field: &'static str, mut saving: Signal<Saving>) {
    saving.set(Saving::Busy);
    match api::update_home(home, &[field]).await {
        Ok(saved) => {
            app.set_home(saved);
            saving.set(Saving::Done);
        }
        Err(failure) => saving.set(Saving::Failed(failure)),
    }
}

#[component]
fn Look() -> Element {
    let text = use_app().text();
    rsx! {
        section { class: "card form", "aria-labelledby": "look-settings",
            h2 { id: "look-settings", {text.look()} }
            div { class: "field",
                span { class: "label", {text.theme()} }
                span { ThemeSelect {} }
            }
            div { class: "field",
                span { class: "label", {text.colours()} }
                span { ColoursSelect {} }
                p { class: "hint", {text.colours_hint()} }
            }
            div { class: "field",
                span { class: "label", {text.language()} }
                span { LanguageSelect {} }
            }
        }
    }
}
