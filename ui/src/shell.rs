//! What every page of a signed-in user stands in: navigation, home, freshness, banner, content.

use dioxus::prelude::*;
use voltaire_chart::{Locale, fmt, fresh::Freshness};

use crate::{
    api::{self, again::Held},
    app::{Route, find_me},
    dock::{Dock, DockButton, use_dock_key},
    icon::Icon,
    live, load,
    parts::{Loading, Problem},
    state::{App, Me, use_app},
};

/// Lets signed-in users in and shows others the way.
#[component]
pub(crate) fn Shell() -> Element {
    let app = use_app();
    let me = app.me.read().clone();
    match me {
        Me::Unknown => rsx! {
            Frame { Loading {} }
        },
        Me::Failed(failure) => rsx! {
            Frame {
                Problem { failure, onretry: move |()| { spawn(find_me(app)); } }
            }
        },
        Me::SignedOut => rsx! {
            ToLogin {}
        },
        Me::SignedIn(_) => rsx! {
            Inside {}
        },
    }
}

#[component]
fn ToLogin() -> Element {
    let app = use_app();
    let route = use_route::<Route>();
    let navigator = use_navigator();
    use_effect(move || {
        app.come_back_to(&route.to_string());
        navigator.replace(Route::Login {});
    });
    rsx! {
        Frame { Loading {} }
    }
}

/// Loads the home, then follows it live.
#[component]
fn Inside() -> Element {
    let app = use_app();
    let loaded = load::use_load(api::home);
    use_effect(move || {
        if let Some(first) = loaded.data() {
            app.set_home(first);
        }
    });
    if app.home.read().is_some() {
        return rsx! {
            AtHome {}
        };
    }
    match loaded.failure() {
        Some(failure) => rsx! {
            Frame {
                Problem { failure, onretry: move |()| loaded.reload() }
            }
        },
        None => rsx! {
            Frame { Loading {} }
        },
    }
}

/// Loads the devices, holds the one live stream of this tab, and shows the page.
#[component]
fn AtHome() -> Element {
    let app = use_app();
    load::provide_catalog();
    use_future(move || live::follow(app));
    use_dock_key();
    rsx! {
        Frame { inside: true, Outlet::<Route> {} }
    }
}

#[component]
fn Frame(#[props(default)] inside: bool, children: Element) -> Element {
    let app = use_app();
    let text = app.text();
    let (name, demo) = app
        .home
        .read()
        .as_ref()
        .map(|home| (home.pb.name.clone(), home.pb.demo))
        .unwrap_or_default();
    rsx! {
        a { class: "skip", href: "#content", onclick: move |event| { event.prevent_default(); crate::browser::focus("content"); },
            {text.skip()}
        }
        div { class: if inside && (app.dock)() { "app docked" } else { "app" },
            header { class: "top",
                span { class: "home-name", "data-testid": "home-name", "{name}" }
                if demo {
                    span { class: "chip demo", "data-testid": "demo-mark", title: text.demo_title(), {text.demo()} }
                }
                span { class: "grow" }
                FreshChip {}
                if inside { DockButton {} }
                SettingsLink {}
            }
            OfflineBanner {}
            Nav {}
            main { class: "page-main", id: "content", tabindex: "-1", {children} }
            if inside { Dock {} }
        }
    }
}

/// The way to the settings where the navigation has room for five: on a phone.
#[component]
fn SettingsLink() -> Element {
    let label = use_app().text().settings();
    let on = matches!(use_route::<Route>(), Route::Settings { .. });
    rsx! {
        Link { to: Route::settings(""), class: "settings", "data-testid": "top-settings", title: label, "aria-label": label,
            "aria-current": if on { "page" },
            Icon { name: "settings" }
        }
    }
}

#[component]
fn Nav() -> Element {
    let app = use_app();
    let text = app.text();
    let here = use_route::<Route>();
    let items = [
        (
            "now",
            "activity",
            text.now(),
            Route::Now {},
            matches!(here, Route::Now {}),
        ),
        (
            "usage",
            "chart-column",
            text.usage(),
            Route::usage(),
            matches!(here, Route::Usage { .. }),
        ),
        (
            "devices",
            "plug",
            text.devices(),
            Route::devices(),
            matches!(here, Route::Devices { .. } | Route::Device { .. }),
        ),
        (
            "costs",
            "wallet",
            text.costs(),
            Route::Costs {},
            matches!(here, Route::Costs {}),
        ),
        (
            "ask",
            "message-circle",
            text.ask(),
            Route::ask(""),
            matches!(here, Route::Ask { .. }),
        ),
        (
            "settings",
            "settings",
            text.settings(),
            Route::settings(""),
            matches!(here, Route::Settings { .. } | Route::Admin { .. }),
        ),
    ];
    rsx! {
        nav { class: "nav", "aria-label": text.navigation(),
            span { class: "brand", "aria-hidden": "true",
                Icon { name: "zap" }
                span { class: "label", "Voltaire" }
            }
            for (key, icon, label, to, on) in items {
                Link { key: "{key}", to, class: if on { "nav-{key} on" } else { "nav-{key}" }, "data-testid": "nav-{key}", title: label,
                    "aria-current": if on { "page" },
                    Icon { name: icon }
                    span { class: "label", {label} }
                }
            }
        }
    }
}

/// How fresh what is shown is: always a word, never colour alone.
#[component]
fn FreshChip() -> Element {
    let app = use_app();
    let fresh = app.live.read().freshness((app.now)());
    let words = chip_words(app, fresh, &app.locale());
    rsx! {
        span { class: "chip {fresh.name()}", "data-testid": "freshness", "data-state": fresh.name(),
            match fresh {
                Freshness::Live(_) => rsx! { span { class: "dot" } },
                Freshness::Offline(_) => rsx! { Icon { name: "wifi-off", small: true } },
                Freshness::Reconnecting(_) => rsx! { Icon { name: "refresh-cw", small: true } },
                _ => rsx! { Icon { name: "clock", small: true } },
            }
            "{words}"
        }
    }
}

fn chip_words(app: App, fresh: Freshness, locale: &Locale) -> String {
    let text = app.text();
    match fresh {
        Freshness::Waiting => text.connecting().to_owned(),
        Freshness::Never => text.no_readings_yet().to_owned(),
        Freshness::Live(age) => text.live(&fmt::age(age, locale)),
        Freshness::Stale(age) => text.last_reading(&fmt::age(age, locale)),
        Freshness::Reconnecting(_) => text.reconnecting().to_owned(),
        Freshness::Offline(_) => text.offline().to_owned(),
    }
}

#[component]
fn OfflineBanner() -> Element {
    let app = use_app();
    let mut live = app.live;
    let text = app.text();
    let (now, fresh) = {
        let now = (app.now)();
        (now, app.live.read().freshness(now))
    };
    // Who is asked to sign in again is not told of a connection.
    if matches!((app.held)(), Held::Ended(_)) {
        return rsx! {};
    }
    let (last, offline) = match fresh {
        Freshness::Offline(last) => (last, true),
        Freshness::Reconnecting(last) => (last, false),
        _ => return rsx! {},
    };
    let until = last.map(|at| fmt::date_time(at, now, &app.zone(), &app.locale()));
    rsx! {
        div { class: "banner", role: "status", "data-testid": "banner", "data-state": fresh.name(),
            span { {text.away(offline, until.as_deref())} }
            button { class: "btn link", onclick: move |_| live.write().kicks += 1, {text.try_now()} }
        }
    }
}
