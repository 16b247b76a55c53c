//! Tariffs: versions, each in force from a day on until the next one; adding, changing and removing one.

use dioxus::prelude::*;
use voltaire_chart::{day, fmt, period};
use voltaire_proto::telemetry::v1::{Home, Tariff};

use crate::{
    act::{Act, ActProblem, Confirm, use_act},
    api, browser,
    parts::Field,
    state::{App, use_app},
};

/// The versions, and the form of one.
#[component]
pub(super) fn TariffSettings() -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut edited = use_signal(|| None::<usize>);
    let tariffs = tariffs(app);
    let today = period::day_of(*app.now.peek(), &app.zone()).map(day::iso);
    let in_force = tariffs
        .iter()
        .rposition(|tariff| today.as_ref().is_some_and(|today| tariff.valid_from <= *today));
    let mut remove = move |index: usize| {
        edited.set(None);
        let mut left = self::tariffs(app);
        if index < left.len() {
            left.remove(index);
        }
        save(app, act, left, || {});
    };
    let draft = edited().and_then(|index| tariffs.get(index).cloned());
    let state = if tariffs.is_empty() { "empty" } else { "ready" };
    rsx! {
        section { class: "card stack", "aria-labelledby": "versions-title", "data-testid": "tariff-versions", "data-state": state,
            h2 { id: "versions-title", {text.tariffs()} }
            p { class: "hint", {text.tariffs_text()} }
            if tariffs.is_empty() {
                p { class: "muted", {text.no_tariff()} }
            }
            ul { class: "lines",
                for (index, tariff) in tariffs.iter().cloned().enumerate().rev() {
                    Line { key: "{tariff.valid_from}", tariff, in_force: in_force == Some(index), busy: act.busy(),
                        onedit: move |()| edited.set(Some(index)),
                        onremove: move |()| remove(index) }
                }
            }
            ActProblem { act }
        }
        // Another version in the form is another form.
        for index in [edited()] {
            Editor { key: "{index:?} {tariffs.len()}", index, tariff: draft.clone(), onclose: move |()| edited.set(None) }
        }
    }
}

/// The home's tariffs, oldest first.
fn tariffs(app: App) -> Vec<Tariff> {
    app.home
        .read()
        .as_ref()
        .map(|home| home.pb.tariffs.clone())
        .unwrap_or_default()
}

/// Replaces the home's tariffs, oldest first, then says so.
fn save(app: App, act: Act, tariffs: Vec<Tariff>, mut then: impl FnMut() + 'static) {
    let home = Home {
        home_id: app.home_id_now(),
        tariffs,
        ..Home::default()
    };
    act.run(app, api::update_home(home, &["tariffs"]), move |saved| {
        app.set_home(saved);
        app.announce(app.text().saved().to_owned());
        then();
    });
}

/// What a tariff costs, in words.
fn terms(app: App, tariff: &Tariff) -> String {
    let (locale, currency) = (app.locale(), app.currency());
    let price = fmt::price(&tariff.price_per_kwh, &currency, &locale).to_string();
    match tariff.standing_charge_per_day.as_str() {
        "" => price,
        charge => app
            .text()
            .with_standing(&price, &fmt::money(charge, &currency, &locale).to_string()),
    }
}

/// From when on it is in force.
pub(super) fn since(app: App, tariff: &Tariff) -> String {
    day::parse(&tariff.valid_from).map_or_else(
        || app.text().always_in_force().to_owned(),
        |day| fmt::date(day, &app.locale()),
    )
}

#[component]
fn Line(tariff: Tariff, in_force: bool, busy: bool, onedit: EventHandler<()>, onremove: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let since = since(app, &tariff);
    rsx! {
        li { "data-testid": "tariff", "data-from": "{tariff.valid_from}", "data-state": if in_force { "in-force" } else { "other" },
            div { class: "grow",
                p {
                    strong { "{since}" }
                    if in_force { " " span { class: "chip live", {text.in_force()} } }
                }
                p { class: "muted", {terms(app, &tariff)} }
            }
            button { class: "btn small", r#type: "button", "data-testid": "edit-tariff", "aria-label": "{text.change_it()}: {since}", onclick: move |_| onedit.call(()),
                {text.change_it()}
            }
            Confirm { label: text.remove(), what: since.clone(), question: text.remove_tariff_question(), testid: "remove-tariff", busy, onconfirm: move |()| onremove.call(()) }
        }
    }
}

/// What stands in the form.
#[derive(Clone, Default, PartialEq)]
struct Draft {
    from: String,
    price: String,
    standing: String,
}

/// What is wrong with each field; empty: nothing.
type Wrong = [String; 3];

impl Draft {
    fn of(tariff: Tariff) -> Self {
        Self {
            from: tariff.valid_from,
            price: tariff.price_per_kwh,
            standing: tariff.standing_charge_per_day,
        }
    }

    /// The tariff that it says; or what is wrong with it beside the `others`.
    fn tariff(&self, app: App, others: &[Tariff]) -> Result<Tariff, Wrong> {
        let text = app.text();
        let amount = |typed: &str| typed.trim().replace(',', ".");
        let wrong = |typed: &str| !fmt::read(typed).is_some_and(|it| (0.0..=1000.0).contains(&it));
        let tariff = Tariff {
            valid_from: self.from.clone(),
            price_per_kwh: amount(&self.price),
            standing_charge_per_day: amount(&self.standing),
        };
        let told = |when: bool, what: &'static str| if when { what.to_owned() } else { String::new() };
        let taken = others.iter().any(|other| other.valid_from == tariff.valid_from);
        let from = match (taken, tariff.valid_from.is_empty()) {
            (true, true) => text.tariff_needs_day(),
            (true, false) => text.tariff_day_taken(),
            (false, _) => "",
        };
        let charge = &tariff.standing_charge_per_day;
        let problems = [
            from.to_owned(),
            told(wrong(&tariff.price_per_kwh), text.price_wrong()),
            told(!charge.is_empty() && wrong(charge), text.price_wrong()),
        ];
        if problems.iter().all(String::is_empty) {
            Ok(tariff)
        } else {
            Err(problems)
        }
    }
}

/// The form of a new version, or of the one at `index`.
#[component]
fn Editor(index: Option<usize>, tariff: Option<Tariff>, onclose: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut draft = use_signal(|| tariff.clone().map(Draft::of).unwrap_or_default());
    let mut wrong = use_signal(Wrong::default);
    use_effect(move || {
        if index.is_some() {
            browser::focus("tariff-price");
        }
    });
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let mut all = tariffs(app);
        if let Some(index) = index.filter(|index| *index < all.len()) {
            all.remove(index);
        }
        match draft.peek().tariff(app, &all) {
            Err(problems) => wrong.set(problems),
            Ok(tariff) => {
                wrong.set(Wrong::default());
                // Dates written year first compare as they stand; "from the beginning" is empty and comes first.
                let place = all.partition_point(|other| other.valid_from < tariff.valid_from);
                all.insert(place, tariff);
                save(app, act, all, move || {
                    draft.set(Draft::default());
                    onclose.call(());
                });
            }
        }
    };
    let [from, price, standing] = wrong();
    let invalid = |problem: &String| (!problem.is_empty()).then_some("true");
    let (from_invalid, price_invalid, standing_invalid) = (invalid(&from), invalid(&price), invalid(&standing));
    let title = match index {
        Some(_) => text.change_tariff(),
        None => text.new_tariff(),
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "tariff-title",
            h2 { id: "tariff-title", {title} }
            form { class: "form", onsubmit: submit, novalidate: true,
                Field { id: "tariff-from", label: text.in_force_from(), hint: text.tariff_from_hint(), problem: from,
                    input { class: "input", id: "tariff-from", r#type: "date", value: "{draft.read().from}", "aria-invalid": from_invalid,
                        oninput: move |event| draft.write().from = event.value() }
                }
                div { class: "two",
                    Field { id: "tariff-price", label: "{text.price()}, {app.currency()}", hint: text.price_hint(), problem: price,
                        input { class: "input", id: "tariff-price", inputmode: "decimal", autocomplete: "off", value: "{draft.read().price}", "aria-invalid": price_invalid,
                            oninput: move |event| draft.write().price = event.value() }
                    }
                    Field { id: "tariff-standing", label: "{text.per_day()}, {app.currency()}", hint: text.standing_hint(), problem: standing,
                        input { class: "input", id: "tariff-standing", inputmode: "decimal", autocomplete: "off", value: "{draft.read().standing}", "aria-invalid": standing_invalid,
                            oninput: move |event| draft.write().standing = event.value() }
                    }
                }
                ActProblem { act }
                div { class: "row wrap",
                    button { class: "btn primary", r#type: "submit", "data-testid": "save-tariff", "aria-disabled": if act.busy() { "true" }, {text.save()} }
                    if index.is_some() {
                        button { class: "btn quiet", r#type: "button", onclick: move |_| onclose.call(()), {text.cancel()} }
                    }
                }
            }
        }
    }
}
