//! Periods with two ends: `from 11 to 18 October`, `between 6 pm and 9 pm`, `Monday to Wednesday`; and `since …`.

use jiff::{ToSpan, civil::Date};

use super::{
    Bucket, Meaning, TimeExpr, Today, View,
    atoms::{self, Atom, Window},
    days, whole,
};

const TO: [&str; 7] = ["to", "until", "till", "through", "thru", "til", "-"];

#[derive(Clone, Debug)]
enum End {
    Days(Date, Date),
    Time(Window),
    Number(i8),
}

/// A period with two ends at this place, or an open one from `since`.
pub(super) fn range(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    since(view, at, today).or_else(|| match view.word(at) {
        "from" => two(view, at + 1, &TO, today).map(|(used, atom)| (used + 1, atom)),
        "between" => two(view, at + 1, &["and", "-", "to"], today).map(|(used, atom)| (used + 1, atom)),
        _ => two(view, at, &TO, today).filter(|(_, atom)| !matches!(atom, Atom::Window(Window { sure: false, .. }))),
    })
}

fn since(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, Atom)> {
    if !(view.word(at) == "since" || view.word(at) == "from" && two(view, at + 1, &TO, today).is_none()) {
        return None;
    }
    let strict = view.word(at) == "since";
    let the = usize::from(view.word(at + 1) == "the");
    let (used, atom) = atoms::atom(view, at + 1 + the, today).or_else(|| {
        let (used, window) = atoms::time(view, at + 1 + the).filter(|(_, window)| window.sure)?;
        Some((used, Atom::Window(window)))
    })?;
    let onwards = view.any(
        at + 1 + the + used,
        &["onwards", "on", "until now", "to now", "till now"],
    );
    if !strict && onwards.is_none() {
        return None;
    }
    let day = |back| Box::new(TimeExpr::calendar(Bucket::Day, back));
    let expr = match atom {
        Atom::Meaning(Meaning::Expr(TimeExpr::All)) => TimeExpr::All,
        Atom::Meaning(Meaning::Expr(expr)) => TimeExpr::Since(Box::new(expr)),
        Atom::Window(Window { from, .. }) | Atom::Part(Window { from, .. }) => {
            let back = u32::from(from > today.minute());
            TimeExpr::Since(Box::new(TimeExpr::Clock {
                base: day(back),
                from,
                to: from,
            }))
        }
        Atom::Meaning(_) => return None,
    };
    Some((1 + the + used + onwards.unwrap_or(0), Atom::expr(expr)))
}

fn two(view: View<'_>, at: usize, joins: &[&str], today: Today<'_>) -> Option<(usize, Atom)> {
    let (first_used, first) = end(view, at, today)?;
    if !joins.contains(&view.word(at + first_used)) {
        return None;
    }
    let second_at = at + first_used + 1;
    let (second_used, second) = end(view, second_at, today)?;
    let atom = join(&first, &second, today)?;
    Some((first_used + 1 + second_used, atom))
}

fn end(view: View<'_>, at: usize, today: Today<'_>) -> Option<(usize, End)> {
    let the = usize::from(view.word(at) == "the");
    let at = at + the;
    let of = |date: Date, used: usize| (used + the, End::Days(date, date));
    if let Some((used, date)) = days::date(view, at, today) {
        return Some(of(date, used));
    }
    if let Some((used, window)) = atoms::time(view, at) {
        let number = days::day_number(view, at).filter(|_| !window.sure && used == 1);
        return Some((
            used + the,
            if the == 1 {
                End::Number(number?)
            } else {
                End::Time(window)
            },
        ));
    }
    if let Some(number) = days::day_number(view, at) {
        return Some((1 + the, End::Number(number)));
    }
    if view.word(at) == "now" {
        let date = today.date();
        return Some(of(date, 1));
    }
    let (used, atom) = atoms::atom(view, at, today)?;
    let Atom::Meaning(Meaning::Expr(expr)) = atom else {
        return None;
    };
    if matches!(expr, TimeExpr::All | TimeExpr::Rolling(_) | TimeExpr::Clock { .. }) {
        return None;
    }
    let interval = whole(&expr, today).ok()?;
    let first = today.calendar.date(interval.start);
    let last = today.calendar.date(interval.end).saturating_sub(1.day());
    Some((used + the, End::Days(first, last)))
}

fn join(first: &End, second: &End, today: Today<'_>) -> Option<Atom> {
    let dates = |first: Date, last: Date| {
        // Over a week's end the first day belongs to the week before, over a year's end to the year before.
        let first = match (first - last).get_days() {
            days if days <= 0 => first,
            days if days < 7 => first.saturating_sub(7.days()),
            _ => first.saturating_sub(1.year()),
        };
        (first <= last).then(|| Atom::expr(TimeExpr::Dates(first, last)))
    };
    let number = |end: &End| match end {
        End::Number(number) => Some(*number),
        End::Time(window) if !window.sure => i8::try_from(window.from / 60).ok(),
        _ => None,
    };
    let in_month = |of: Date, day: i8| Date::new(of.year(), of.month(), day).ok();
    match (first, second) {
        (End::Days(first, _), End::Days(_, last)) => dates(*first, *last),
        (End::Days(first, _), end) => {
            let last = in_month(*first, number(end)?)?;
            dates(*first, last).filter(|_| last >= *first)
        }
        (end, End::Days(only, last)) if only == last => dates(in_month(*last, number(end)?)?, *last),
        // "The 1st to the 10th": of this month where it has come to the first day, else of the month before.
        (End::Number(from), End::Number(to)) if from < to => {
            let now = today.date();
            let back = i64::from(i8::from(*from > now.day()));
            let month = now.first_of_month().saturating_sub(back.months());
            dates(in_month(month, *from)?, in_month(month, *to)?)
        }
        (End::Time(from), End::Time(to)) => Some(Atom::Window(window(*from, *to))),
        _ => None,
    }
}

/// `6 to 9 pm` is 18 to 21; `10 to 2 pm` is 10 to 14.
fn window(from: Window, to: Window) -> Window {
    let mut start = from.from;
    let mut finish = to.from;
    if to.sure && !from.sure && finish >= 720 && start + 720 < finish {
        start += 720;
    }
    if from.sure && !to.sure && start >= 720 && finish < 720 && finish + 720 > start {
        finish += 720;
    }
    Window {
        from: start,
        to: finish,
        sure: from.sure || to.sure,
    }
}
