//! Administration: users, invitations, what happened, how the services are. For admins alone.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::auth::v1::{
    AuditEvent, CreateInviteRequest, DisableUserRequest, ListAuditEventsRequest, ListUsersRequest, Role,
    UpdateUserRoleRequest, User,
};

use super::tabs::Tabs;
use crate::{
    act::{ActProblem, Confirm, use_act},
    api,
    app::Route,
    icon::Icon,
    load::use_load,
    parts::{Copy, Empty, Field, Page, Problem, Skeleton, Writes},
    state::{App, Me, use_app},
};

/// Users or events on a page.
const PAGE: i32 = 200;

/// Whether an admin is signed in.
pub(crate) fn is_admin(app: App) -> bool {
    matches!(&*app.me.read(), Me::SignedIn(user) if user.role() == Role::Admin)
}

/// The page of a part; for others than admins it says who can open it.
#[component]
pub(crate) fn Admin(tab: Vec<String>) -> Element {
    let app = use_app();
    let text = app.text();
    if !is_admin(app) {
        return rsx! {
            Page { name: "admin", title: text.admin(), state: "denied",
                div { class: "card",
                    Empty { icon: "settings", title: text.admins_only(), text: text.admins_only_text(),
                        Link { class: "btn primary", to: Route::Now {}, {text.to_now()} }
                    }
                }
            }
        };
    }
    let here = tab.first().map_or("users", String::as_str).to_owned();
    let tabs = vec![
        ("users", text.users(), Route::admin("")),
        ("services", text.services(), Route::admin("services")),
        ("audit", text.audit(), Route::admin("audit")),
    ];
    rsx! {
        Page { name: "admin", title: text.admin(),
            Tabs { label: text.admin(), here: here.clone(), tabs }
            match here.as_str() {
                "users" => rsx! { Writes { Users {} Invite {} } },
                "services" => rsx! { Services {} },
                "audit" => rsx! { Audit {} },
                _ => rsx! { p { class: "note", Icon { name: "info" } {text.not_found()} } },
            }
        }
    }
}

#[component]
fn Users() -> Element {
    let text = use_app().text();
    let users = use_load(|| {
        api::ask_once(ListUsersRequest {
            page_size: PAGE,
            page_token: String::new(),
        })
    });
    rsx! {
        section { class: "card stack", "aria-labelledby": "users-title", "data-testid": "users", "data-state": users.state(),
            h2 { id: "users-title", {text.users()} }
            if let Some(failure) = users.failure() {
                Problem { failure, onretry: move |()| users.reload() }
            }
            match users.data() {
                Some(answer) => rsx! {
                    ul { class: "lines",
                        for user in answer.users { UserLine { key: "{user.user_id}", user, onchanged: move |()| users.reload() } }
                    }
                },
                None => rsx! { Skeleton { shape: "sk-row" } },
            }
        }
    }
}

/// A user with the ways to change the role and to disable; one's own account is changed in Settings.
#[component]
fn UserLine(user: User, onchanged: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let own = matches!(&*app.me.read(), Me::SignedIn(me) if me.user_id == user.user_id);
    let admin = user.role() == Role::Admin;
    let (id, disabled) = (user.user_id.clone(), user.disabled);
    let role = use_callback(move |role: Role| {
        let request = UpdateUserRoleRequest {
            user_id: id.clone(),
            role: role.into(),
        };
        act.run(app, api::ask_once(request), move |_| onchanged.call(()));
    });
    let id = user.user_id.clone();
    let disable = move |()| {
        let request = DisableUserRequest {
            user_id: id.clone(),
            enable: disabled,
        };
        act.run(app, api::ask_once(request), move |_| onchanged.call(()));
    };
    rsx! {
        li { "data-testid": "user", "data-state": if disabled { "disabled" } else { "enabled" },
            div { class: "grow",
                p { strong { "{user.name}" } }
                p { class: "hint",
                    "{user.email}"
                    if own { " · {text.you()}" }
                    if disabled { " · {text.disabled()}" }
                }
                ActProblem { act }
            }
            select { class: "select", "aria-label": "{text.role()}: {user.name}", disabled: own, "data-testid": "role",
                onchange: move |event| role(if event.value() == "admin" { Role::Admin } else { Role::User }),
                option { value: "user", selected: !admin, {text.role_user()} }
                option { value: "admin", selected: admin, {text.role_admin()} }
            }
            if !own {
                Confirm { label: if disabled { text.enable() } else { text.disable() }, what: user.name.clone(),
                    question: if disabled { text.enable_question() } else { text.disable_question() }, testid: "disable", busy: act.busy(), onconfirm: disable }
            }
        }
    }
}

/// Makes an invitation and shows its code once.
#[component]
fn Invite() -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut email = use_signal(String::new);
    let mut code = use_signal(|| None::<String>);
    let make = move |event: FormEvent| {
        event.prevent_default();
        let request = CreateInviteRequest {
            email: email.peek().trim().to_owned(),
        };
        act.run(app, api::ask_once(request), move |answer| {
            code.set(Some(answer.invite_code));
        });
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "invite-title",
            h2 { id: "invite-title", {text.invite()} }
            p { class: "muted", {text.invite_text()} }
            if let Some(code) = code() {
                div { class: "note", role: "status", "data-testid": "invite-code",
                    div { class: "grow",
                        p { {text.invite_once()} }
                        pre { class: "snippet", tabindex: "0", "{code}" }
                    }
                    Copy { value: code, label: text.copy(), testid: "copy-invite" }
                }
            }
            form { class: "form", onsubmit: make, novalidate: true,
                Field { id: "invite-email", label: text.invite_email(), hint: text.invite_email_hint(),
                    input { class: "input", id: "invite-email", r#type: "email", autocomplete: "off", value: "{email}", oninput: move |event| email.set(event.value()) }
                }
                ActProblem { act }
                div { button { class: "btn primary", r#type: "submit", "data-testid": "create-invite", "aria-disabled": if act.busy() { "true" }, {text.create_invite()} } }
            }
        }
    }
}

#[component]
fn Services() -> Element {
    let text = use_app().text();
    let health = use_load(api::health);
    rsx! {
        section { class: "card stack", "aria-labelledby": "services-title", "data-testid": "services", "data-state": health.state(),
            div { class: "row between wrap",
                h2 { id: "services-title", {text.services()} }
                button { class: "btn small", r#type: "button", onclick: move |_| health.reload(), Icon { name: "refresh-cw", small: true } {text.check_again()} }
            }
            if let Some(failure) = health.failure() {
                Problem { failure, onretry: move |()| health.reload() }
            }
            match health.data() {
                Some(services) => rsx! {
                    ul { class: "lines",
                        for (name, state) in services {
                            li { key: "{name}", "data-testid": "service", "data-state": "{state}",
                                span { class: "grow", "{name}" }
                                if state == "SERVING" {
                                    span { class: "state live", Icon { name: "check", small: true } {text.serving()} }
                                } else {
                                    span { class: "state stale", Icon { name: "triangle-alert", small: true } {text.not_serving()} }
                                }
                            }
                        }
                    }
                },
                None => rsx! { Skeleton { shape: "sk-row" } },
            }
            p { class: "hint", a { href: "/api-docs", {text.api_docs()} } }
        }
    }
}

#[component]
fn Audit() -> Element {
    let text = use_app().text();
    let load = use_load(|| async {
        let users = ListUsersRequest {
            page_size: PAGE,
            page_token: String::new(),
        };
        let events = ListAuditEventsRequest {
            page_size: PAGE,
            page_token: String::new(),
        };
        let (users, events) = futures::join!(api::ask_once(users), api::ask_once(events));
        Ok((users?.users, events?.events))
    });
    rsx! {
        section { class: "card stack", "aria-labelledby": "audit-title", "data-testid": "audit", "data-state": load.state(),
            h2 { id: "audit-title", {text.audit()} }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match load.data() {
                Some((users, events)) => rsx! { Events { users, events } },
                None => rsx! { Skeleton { shape: "sk-plot" } },
            }
        }
    }
}

#[component]
fn Events(users: Vec<User>, events: Vec<AuditEvent>) -> Element {
    let app = use_app();
    let text = app.text();
    let (zone, locale, now) = (app.zone(), app.locale(), *app.now.peek());
    let name = |id: &str| {
        let known = users.iter().find(|user| user.user_id == id);
        known.map_or_else(|| fmt::MISSING.to_owned(), |user| user.name.clone())
    };
    let when = |event: &AuditEvent| {
        event.time.as_ref().map_or_else(String::new, |time| {
            fmt::date_time(api::millis(time), now, &zone, &locale)
        })
    };
    rsx! {
        div { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": "audit-title",
            table { class: "table",
                thead {
                    tr {
                        th { scope: "col", {text.time()} }
                        th { scope: "col", {text.event()} }
                        th { scope: "col", {text.who()} }
                        th { scope: "col", {text.whom()} }
                        th { scope: "col", {text.address()} }
                    }
                }
                tbody {
                    for event in events.iter() {
                        tr { key: "{event.event_id}", "data-testid": "event",
                            td { class: "nowrap", {when(event)} }
                            td { {text.event_name(&event.kind)} }
                            td { {name(&event.actor_user_id)} }
                            td { {name(&event.subject_user_id)} }
                            td { class: "muted", "{event.address}" }
                        }
                    }
                }
            }
        }
    }
}
