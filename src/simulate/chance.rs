//! Chance that can be repeated: numbers from a seed and a place, without state.

/// A number below 1 that depends on nothing but its inputs (`SplitMix64`).
pub(crate) fn at(seed: u64, place: i64) -> f64 {
    let mut mixed = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(place as u64)
        .wrapping_mul(0xD129_0B2C_5E3B_1F4D);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Noise that changes smoothly over about `period` seconds, from 0 to 1.
pub(crate) fn smooth(seed: u64, second: i64, period: i64) -> f64 {
    let step = second.div_euclid(period);
    let into = second.rem_euclid(period) as f64 / period as f64;
    let eased = into * into * (3.0 - 2.0 * into);
    at(seed, step) * (1.0 - eased) + at(seed, step + 1) * eased
}
