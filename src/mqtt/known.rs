//! Which device a source is: the one of its name, an alias or its id.

use std::collections::HashMap;

use voltaire_proto::telemetry::v1 as pb;

use super::heard::Source;

/// The devices of a home by what they go by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    exact: HashMap<String, String>,
    /// Without regard to how words are set apart; none where two devices differ in that alone.
    alike: HashMap<String, Option<String>>,
}

impl Known {
    pub(crate) fn of(devices: &[pb::Device]) -> Self {
        let mut known = Self::default();
        for device in devices {
            let names = [&device.device_id, &device.name];
            for name in names.into_iter().chain(&device.aliases) {
                known.exact.insert(name.to_lowercase(), device.device_id.clone());
                let slot = known
                    .alike
                    .entry(words(name))
                    .or_insert_with(|| Some(device.device_id.clone()));
                if slot.as_ref().is_some_and(|it| *it != device.device_id) {
                    *slot = None;
                }
            }
        }
        known
    }

    /// The device's id.
    pub(crate) fn find(&self, source: &Source) -> Option<&str> {
        let exact = source.names().find_map(|name| self.exact.get(&name.to_lowercase()));
        let alike = || source.names().find_map(|name| self.alike.get(&words(name))?.as_ref());
        exact.or_else(alike).map(String::as_str)
    }
}

/// `kitchen_fridge`, `Kitchen-Fridge` and `kitchen/fridge` are alike.
fn words(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str, aliases: &[&str]) -> pb::Device {
        pb::Device {
            device_id: id.into(),
            name: name.into(),
            aliases: aliases.iter().map(|it| (*it).to_owned()).collect(),
            ..pb::Device::default()
        }
    }

    #[test]
    fn a_device_is_found_by_name_alias_or_id() {
        let known = Known::of(&[
            device("1", "Kitchen fridge", &["tasmota_B1"]),
            device("2", "Café", &[]),
            device("3", "a-b", &[]),
            device("4", "a b", &[]),
        ]);
        let find = |name: &str| known.find(&Source::of("tasmota", name)).map(str::to_owned);
        for (name, id) in [
            ("kitchen_fridge", Some("1")),
            ("Kitchen/Fridge", Some("1")),
            ("tasmota_b1", Some("1")),
            ("B1", Some("1")),
            ("café", Some("2")),
            ("2", Some("2")),
            ("a-b", Some("3")),
            ("A B", Some("4")),
            ("a_b", None),
            ("fridge", None),
        ] {
            assert_eq!(find(name).as_deref(), id, "{name}");
        }
    }

    #[test]
    fn the_makers_name_tells_two_of_one_name_apart() {
        let known = Known::of(&[device("1", "Plug", &["shelly/lamp"]), device("2", "Lamp", &[])]);
        assert_eq!(known.find(&Source::of("zigbee2mqtt", "lamp")), Some("2"));
        let known = Known::of(&[device("1", "Plug", &["shelly/lamp"])]);
        assert_eq!(known.find(&Source::of("zigbee2mqtt", "lamp")), None);
        assert_eq!(known.find(&Source::of("shelly", "lamp")), Some("1"));
    }
}
