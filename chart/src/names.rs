//! Names below bars that stand for no point in time, as the hours of any day: as many as have room, as short as they must be.

/// How many letters a name has where only its first ones have room.
const SHORT: usize = 3;

/// Which bars are named, and how, where each has `room` pixels and a letter is `letter` wide. A stretch such as `18:00–19:00` is named
/// by its beginning. Where words have no room they are shortened, if that tells them apart; else only every second, third … bar is named.
pub fn below(names: &[String], room: f64, letter: f64) -> Vec<(usize, String)> {
    let begin = |name: &String| name.split('–').next().unwrap_or_default().trim().to_owned();
    let names: Vec<String> = names.iter().map(begin).collect();
    if let Some(short) = short(&names).filter(|_| !fit(&names, room, letter))
        && fit(&short, room, letter)
    {
        return short.into_iter().enumerate().collect();
    }
    let regular = |every: &usize| names.len().is_multiple_of(*every) && fit(&names, room * *every as f64, letter);
    let every = (1..=names.len()).find(regular).unwrap_or(names.len()).max(1);
    names.into_iter().enumerate().step_by(every).collect()
}

/// Whether each name has room, with a letter's width between two.
fn fit(names: &[String], room: f64, letter: f64) -> bool {
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    (longest + 1) as f64 * letter <= room
}

/// The first letters of words, where they tell the words apart.
fn short(names: &[String]) -> Option<Vec<String>> {
    let short: Vec<String> = names.iter().map(|name| name.chars().take(SHORT).collect()).collect();
    let different: std::collections::BTreeSet<&String> = short.iter().collect();
    let words = short.iter().all(|name| name.chars().all(char::is_alphabetic));
    (words && different.len() == short.len()).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours() -> Vec<String> {
        (0..24)
            .map(|hour| format!("{hour:02}:00–{:02}:00", (hour + 1) % 24))
            .collect()
    }

    fn named(names: &[String], room: f64) -> Vec<(usize, String)> {
        below(names, room, 7.0)
    }

    #[test]
    fn hours_are_named_by_their_beginning_as_often_as_there_is_room() {
        let all = named(&hours(), 42.0);
        assert_eq!((all.len(), all[18].clone()), (24, (18, "18:00".to_owned())));
        let few: Vec<String> = named(&hours(), 14.0).into_iter().map(|it| it.1).collect();
        assert_eq!(
            few,
            ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]
        );
        // At 320 px.
        let fewer: Vec<usize> = named(&hours(), 9.0).into_iter().map(|it| it.0).collect();
        assert_eq!(fewer, [0, 6, 12, 18]);
    }

    #[test]
    fn words_are_shortened_before_they_are_left_out() {
        let days = [
            "Mondays",
            "Tuesdays",
            "Wednesdays",
            "Thursdays",
            "Fridays",
            "Saturdays",
            "Sundays",
        ]
        .map(str::to_owned);
        assert_eq!(named(&days, 80.0)[2].1, "Wednesdays");
        let short: Vec<String> = named(&days, 36.0).into_iter().map(|it| it.1).collect();
        assert_eq!(short, ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
        assert_eq!(named(&days, 3.0), [(0, "Mondays".to_owned())]);
        let alike = ["Plug one", "Plug two"].map(str::to_owned);
        assert_eq!(
            named(&alike, 40.0),
            [(0, "Plug one".to_owned())],
            "`Plu` could be either"
        );
        assert_eq!(named(&[], 40.0), []);
    }
}
