//! The colours of devices: twelve, fixed to a device for life, told apart with any kind of colour vision, in both themes.
//! The style sheet holds the same values as `--d0` … `--d11` and `--other`; a test keeps them equal.

/// A colour in both themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is called.
    pub name: &'static str,
    /// On light surfaces, as `#RRGGBB`.
    pub light: &'static str,
    /// On dark surfaces, as `#RRGGBB`.
    pub dark: &'static str,
}

const fn token(name: &'static str, light: &'static str, dark: &'static str) -> Token {
    Token { name, light, dark }
}

/// Device colours in the order they are given out.
pub const DEVICE: [Token; 12] = [
    token("azure", "#5884FE", "#87AAFE"),
    token("amber", "#C77E38", "#E69D1A"),
    token("plum", "#740145", "#C0284B"),
    token("forest", "#225E39", "#B7E4B3"),
    token("indigo", "#212DA6", "#7159DB"),
    token("jade", "#149171", "#15B687"),
    token("ocean", "#0368A3", "#77DFFB"),
    token("moss", "#5E7002", "#E8DA74"),
    token("coral", "#D8425E", "#FC656D"),
    token("mauve", "#8F5674", "#A23F93"),
    token("umber", "#593C00", "#AF6B24"),
    token("lilac", "#A17CB8", "#A482BA"),
];

/// What no device explains; never a device's colour.
pub const OTHER: Token = token("other", "#868C95", "#767D87");

const CLASSES: [&str; 12] = ["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11"];

/// The class that gives a device's colour as `color`.
pub fn class(slot: i32) -> &'static str {
    CLASSES[slot.rem_euclid(12) as usize]
}

/// Which of the devices with these slots, the most important first, are drawn in their own colour; and the colour of the others together.
///
/// All are while there are at most twelve and no two share a colour. Beyond that the first eleven that differ are, and the colour that is
/// left is that of the others.
pub fn fold(slots: &[i32]) -> (Vec<bool>, &'static str) {
    let mut taken = [false; 12];
    let mut take = |slot: &i32| !std::mem::replace(&mut taken[slot.rem_euclid(12) as usize], true);
    let distinct = slots.len() <= 12 && slots.iter().all(&mut take);
    if distinct {
        return (vec![true; slots.len()], OTHER_CLASS);
    }
    taken = [false; 12];
    let mut left = 11;
    let own = slots.iter().map(|slot| {
        let seat = &mut taken[slot.rem_euclid(12) as usize];
        let own = left > 0 && !*seat;
        if own {
            *seat = true;
            left -= 1;
        }
        own
    });
    let own = own.collect();
    let free = CLASSES.iter().zip(taken).find(|(_, taken)| !taken);
    (own, free.map_or(OTHER_CLASS, |(class, _)| class))
}

/// The class of what no device explains.
pub const OTHER_CLASS: &str = "d-other";

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = include_str!("../../ui/assets/main.css");

    #[test]
    fn the_style_sheet_has_the_same_colours() {
        for (slot, token) in DEVICE.iter().enumerate() {
            for value in [token.light, token.dark] {
                assert!(CSS.contains(&format!("--d{slot}: {value};")), "--d{slot}: {value}");
            }
            assert!(CSS.contains(&format!(".d{slot} {{ color: var(--d{slot}); }}")));
        }
        assert!(
            CSS.contains(&format!("--other: {};", OTHER.light)) && CSS.contains(&format!("--other: {};", OTHER.dark))
        );
    }

    #[test]
    fn beyond_twelve_devices_no_two_that_are_shown_share_a_colour() {
        let twelve: Vec<i32> = (0..12).rev().collect();
        assert_eq!(fold(&twelve), (vec![true; 12], OTHER_CLASS));
        assert_eq!(fold(&[]), (Vec::new(), OTHER_CLASS));
        // The sixth has the colour of the second; the last two come after the eleventh.
        let slots = [0, 1, 2, 3, 4, 13, 5, 6, 7, 8, 9, 10, 11, 12];
        let (own, others) = fold(&slots);
        let folded: Vec<i32> = own
            .iter()
            .zip(slots)
            .filter(|(own, _)| !**own)
            .map(|(_, slot)| slot)
            .collect();
        assert_eq!((folded, others), (vec![13, 11, 12], "d11"));
        assert_eq!(fold(&[3, 15]), (vec![true, false], "d0"), "two of one colour");
    }

    #[test]
    fn slots_come_round_again() {
        assert_eq!(class(0), "d0");
        assert_eq!(class(12), "d0");
        assert_eq!(class(-1), "d11");
    }
}
