//! What the whole app knows: who is signed in, the home, the reader's settings, what is live, the conversation.

use std::ops::Deref;

use dioxus::prelude::*;
use jiff_bare::tz::TimeZone;
use voltaire_chart::{Lang, Locale, day, period};
use voltaire_proto::{auth::v1::User, telemetry::v1 as telemetry};

use crate::{
    api::{
        Failure, Kind,
        again::{self, Held},
        kept,
    },
    browser,
    chat::Chat,
    live::Live,
    text::Text,
    zone,
};

/// Who is signed in.
#[derive(Clone, PartialEq)]
pub(crate) enum Me {
    /// Not known yet.
    Unknown,
    /// Nobody.
    SignedOut,
    /// This user.
    SignedIn(Box<User>),
    /// It could not be found out.
    Failed(Failure),
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word it is stored under.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn stored() -> Self {
        let key = browser::stored("theme").unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|theme| theme.key() == key)
            .unwrap_or_default()
    }
}

/// How devices are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Colours {
    /// By colour, order and label.
    #[default]
    Standard,
    /// By strokes over the colours and dashed lines besides.
    Patterns,
}

impl Colours {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Standard, Self::Patterns];

    /// The word it is stored under.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Patterns => "patterns",
        }
    }

    fn stored() -> Self {
        let key = browser::stored("colours").unwrap_or_default();
        Self::ALL.into_iter().find(|it| it.key() == key).unwrap_or_default()
    }
}

/// The home that is shown.
#[derive(Clone, PartialEq)]
pub(crate) struct Home {
    /// As the server has it.
    pub(crate) pb: telemetry::Home,
    /// Its time zone; UTC while it is not one this app knows.
    pub(crate) zone: TimeZone,
}

impl From<telemetry::Home> for Home {
    fn from(pb: telemetry::Home) -> Self {
        let zone = zone::named(&pb.time_zone).unwrap_or(TimeZone::UTC);
        Self { pb, zone }
    }
}

impl Home {
    /// The day its weeks start on, 1 Monday to 7 Sunday.
    pub(crate) fn week_start(&self) -> i8 {
        i8::try_from(self.pb.week_start).unwrap_or(1).clamp(1, 7)
    }

    /// The price per kWh in force at an instant; `None` when no tariff is set.
    pub(crate) fn price(&self, at: i64) -> Option<&str> {
        // Dates written year first compare as they stand; the oldest tariff has none.
        let today = day::iso(period::day_of(at, &self.zone)?);
        let in_force = |tariff: &&telemetry::Tariff| tariff.valid_from <= today;
        let tariff = self.pb.tariffs.iter().rfind(in_force)?;
        Some(tariff.price_per_kwh.as_str()).filter(|price| !price.is_empty())
    }
}

/// The state of the app, to be passed around freely. There is one for as long as the page is open.
#[derive(Clone, Copy)]
pub(crate) struct App(&'static State);

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        self.0
    }
}

/// The parts of the state; each redraws what reads it.
pub(crate) struct State {
    pub(crate) me: Signal<Me>,
    /// Whose session the page has, as far as its calls have shown.
    pub(crate) held: Signal<Held>,
    pub(crate) home: Signal<Option<Home>>,
    pub(crate) theme: Signal<Theme>,
    /// How devices are told apart.
    pub(crate) colours: Signal<Colours>,
    pub(crate) lang: Signal<Lang>,
    pub(crate) live: Signal<Live>,
    /// The server's clock, milliseconds UTC; steps once a second.
    pub(crate) now: Signal<i64>,
    /// The address to open once somebody is signed in.
    pub(crate) next: Signal<String>,
    /// Said to screen readers.
    pub(crate) announcement: Signal<String>,
    pub(crate) chat: Chat,
    /// Whether the conversation stands beside the page.
    pub(crate) dock: Signal<bool>,
    /// The parts of the app that have come since the first page.
    pub(crate) parts: Signal<Vec<&'static str>>,
}

impl App {
    /// For the root of the app.
    pub(crate) fn new() -> Self {
        let lang = browser::stored("lang").unwrap_or_else(browser::language);
        let state = State {
            me: Signal::new(Me::Unknown),
            held: Signal::new(Held::Nobody),
            home: Signal::new(None),
            theme: Signal::new(Theme::stored()),
            colours: Signal::new(Colours::stored()),
            lang: Signal::new(Lang::from_tag(&lang)),
            live: Signal::new(Live::default()),
            now: Signal::new(browser::now()),
            next: Signal::new(String::new()),
            announcement: Signal::new(String::new()),
            chat: Chat::new(),
            dock: Signal::new(false),
            parts: Signal::new(Vec::new()),
        };
        again::watch(state.held);
        Self(Box::leak(Box::new(state)))
    }

    /// The texts in the reader's language.
    pub(crate) fn text(self) -> Text {
        Text((self.lang)())
    }

    /// How figures are printed: as at home, when that is the reader's language.
    pub(crate) fn locale(self) -> Locale {
        let lang = (self.lang)();
        let speaks = |tag: &String| Lang::from_tag(tag) == lang && tag.starts_with(lang.tag());
        let home = self
            .home
            .read()
            .as_ref()
            .map(|home| home.pb.locale.clone())
            .filter(speaks);
        let tag = home
            .or_else(|| Some(browser::language()).filter(speaks))
            .unwrap_or_else(|| lang.tag().to_owned());
        Locale::new(&tag, lang)
    }

    /// The home's time zone.
    pub(crate) fn zone(self) -> TimeZone {
        self.home
            .read()
            .as_ref()
            .map_or(TimeZone::UTC, |home| home.zone.clone())
    }

    /// The home's id; empty: the first home.
    pub(crate) fn home_id(self) -> String {
        self.home
            .read()
            .as_ref()
            .map(|home| home.pb.home_id.clone())
            .unwrap_or_default()
    }

    /// The home's id, without redrawing when it changes.
    pub(crate) fn home_id_now(self) -> String {
        self.home
            .peek()
            .as_ref()
            .map(|home| home.pb.home_id.clone())
            .unwrap_or_default()
    }

    /// The day the home's weeks start on, 1 Monday to 7 Sunday.
    pub(crate) fn week_start(self) -> i8 {
        self.home.read().as_ref().map_or(1, Home::week_start)
    }

    /// The home's currency.
    pub(crate) fn currency(self) -> String {
        self.home
            .read()
            .as_ref()
            .map_or_else(|| "EUR".to_owned(), |home| home.pb.currency_code.clone())
    }

    /// Remembers an address until somebody is signed in.
    pub(crate) fn come_back_to(self, address: &str) {
        let mut next = self.next;
        next.set(address.to_owned());
    }

    /// Lets a user in.
    pub(crate) fn enter(self, user: User) {
        let (mut me, mut held) = (self.me, self.held);
        me.set(Me::SignedIn(Box::new(user)));
        let renewed = held.peek().renewed();
        held.set(renewed);
    }

    /// Replaces the home by what the server has now.
    pub(crate) fn set_home(self, home: telemetry::Home) {
        let mut kept = self.home;
        kept.set(Some(Home::from(home)));
    }

    /// Changes the theme, now and for later visits.
    pub(crate) fn set_theme(self, theme: Theme) {
        let mut kept = self.theme;
        kept.set(theme);
        browser::store("theme", theme.key());
        browser::set_root("data-theme", Some(theme.key()).filter(|_| theme != Theme::System));
    }

    /// Changes how devices are told apart, now and for later visits.
    pub(crate) fn set_colours(self, colours: Colours) {
        let mut kept = self.colours;
        kept.set(colours);
        browser::store("colours", colours.key());
        let patterns = colours == Colours::Patterns;
        browser::set_root("data-colours", patterns.then_some(colours.key()));
    }

    /// Changes the language, now and for later visits.
    pub(crate) fn set_lang(self, lang: Lang) {
        let mut kept = self.lang;
        kept.set(lang);
        browser::store("lang", lang.tag());
        browser::set_root("lang", Some(lang.tag()));
    }

    /// Says something to screen readers.
    pub(crate) fn announce(self, text: String) {
        let mut said = self.announcement;
        said.set(text);
    }

    /// Whether a call failed because its user has left: then there is nobody to tell.
    pub(crate) fn has_left(self, failure: &Failure) -> bool {
        failure.kind == Kind::SignedOut && *self.held.peek() == Held::Nobody
    }

    /// Forgets everything that belongs to the user.
    pub(crate) fn forget(self) {
        kept::forget();
        let (mut me, mut held, mut home, mut live) = (self.me, self.held, self.home, self.live);
        me.set(Me::SignedOut);
        held.set(Held::Nobody);
        home.set(None);
        live.set(Live::default());
        let mut dock = self.dock;
        dock.set(false);
        self.chat.forget();
    }
}

/// The state of the app, from within any part of it.
pub(crate) fn use_app() -> App {
    use_context()
}
