//! Fields, segmented controls, selects of theme and language, copying.

use dioxus::prelude::*;
use voltaire_chart::Lang;

use crate::{
    browser,
    icon::Icon,
    state::{Colours, Theme, use_app},
};

/// A labelled field around its input; with a hint and, when something is wrong, what.
#[component]
pub(crate) fn Field(
    id: String,
    label: String,
    #[props(default)] hint: String,
    #[props(default)] problem: String,
    children: Element,
) -> Element {
    rsx! {
        div { class: "field",
            label { r#for: "{id}", "{label}" }
            {children}
            if !problem.is_empty() {
                p { class: "problem", id: "{id}-problem", role: "alert",
                    Icon { name: "triangle-alert", small: true }
                    "{problem}"
                }
            } else if !hint.is_empty() {
                p { class: "hint", id: "{id}-hint", "{hint}" }
            }
        }
    }
}

/// A few choices side by side, one of them taken.
#[component]
pub(crate) fn Segments(
    label: String,
    options: Vec<(&'static str, String)>,
    value: String,
    onpick: EventHandler<&'static str>,
    testid: &'static str,
) -> Element {
    rsx! {
        div { class: "seg", role: "group", "aria-label": "{label}", "data-testid": testid,
            for (key, name) in options {
                button {
                    key: "{key}",
                    r#type: "button",
                    "data-value": key,
                    "aria-pressed": if key == value { "true" } else { "false" },
                    onclick: move |_| onpick.call(key),
                    "{name}"
                }
            }
        }
    }
}

/// Chooses light or dark.
#[component]
pub(crate) fn ThemeSelect() -> Element {
    let app = use_app();
    let text = app.text();
    let options = Theme::ALL
        .into_iter()
        .map(|theme| (theme.key(), text.theme_name(theme).to_owned()))
        .collect();
    rsx! {
        Segments { label: text.theme(), options, value: (app.theme)().key(), testid: "theme",
            onpick: move |key| {
                let picked = Theme::ALL.into_iter().find(|theme| theme.key() == key);
                app.set_theme(picked.unwrap_or_default());
            }
        }
    }
}

/// Chooses how devices are told apart.
#[component]
pub(crate) fn ColoursSelect() -> Element {
    let app = use_app();
    let text = app.text();
    let options = vec![
        (Colours::Standard.key(), text.colours_standard().to_owned()),
        (Colours::Patterns.key(), text.colours_patterns().to_owned()),
    ];
    rsx! {
        Segments { label: text.colours(), options, value: (app.colours)().key(), testid: "colours",
            onpick: move |key| {
                let picked = Colours::ALL.into_iter().find(|it| it.key() == key);
                app.set_colours(picked.unwrap_or_default());
            }
        }
    }
}

/// Chooses the language.
#[component]
pub(crate) fn LanguageSelect() -> Element {
    let app = use_app();
    let text = app.text();
    let options = vec![("en", "English".to_owned()), ("de", "Deutsch".to_owned())];
    rsx! {
        Segments { label: text.language(), options, value: (app.lang)().tag(), testid: "language",
            onpick: move |key: &'static str| app.set_lang(Lang::from_tag(key)),
        }
    }
}

/// Copies something and says so.
#[component]
pub(crate) fn Copy(value: String, label: String, testid: &'static str) -> Element {
    let app = use_app();
    let text = app.text();
    let mut done = use_signal(|| false);
    rsx! {
        button { class: "btn small", r#type: "button", "data-testid": testid,
            onclick: move |_| {
                let value = value.clone();
                async move {
                    let copied = browser::copy(&value).await;
                    done.set(copied);
                    app.announce(app.text().copied(copied).to_owned());
                }
            },
            Icon { name: if done() { "check" } else { "copy" }, small: true }
            if done() { {text.copied(true)} } else { "{label}" }
        }
    }
}
