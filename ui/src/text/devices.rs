//! Devices: the list, adding one, its first reading.

use super::{Text, messages};

messages! {
    room: "Room", "Raum";
    now_column: "Now", "Jetzt";
    last_30_days: "30 days", "30 Tage";
    last_seen: "Last reading", "Letzter Messwert";
    never: "Never", "Nie";
    actions: "Actions", "Aktionen";
    connect: "Connect", "Verbinden";
    device_name: "Name", "Name";
    device_type: "Type", "Art";
    room_hint: "Optional, as Kitchen.", "Optional, etwa Küche.";
    add: "Add device", "Gerät hinzufügen";
    adding: "Adding", "Fügt hinzu";
    make_token: "Make a token", "Token erstellen";
    token_text: "Readings are sent with a token that may do nothing else. It is shown only once and lasts 90 days.", "Messwerte werden mit einem Token gesendet, das sonst nichts darf. Es wird nur einmal gezeigt und gilt 90 Tage.";
    token_once: "Copy it now: it is not shown again.", "Kopieren Sie es jetzt: es wird nicht wieder gezeigt.";
    send_reading: "Run this on any computer that reaches this server:", "Führen Sie dies auf einem Rechner aus, der diesen Server erreicht:";
    tool: "Tool", "Werkzeug";
    waiting: "Waiting for the first reading", "Wartet auf den ersten Messwert";
    finish: "Done", "Fertig";
}

impl Text {
    /// The title of the dialog that connects a device.
    pub(crate) fn connect_title(self, name: &str) -> String {
        self.pick(
            format!("Send a reading for {name}"),
            format!("Einen Messwert für {name} senden"),
        )
    }

    /// How many devices there are.
    pub(crate) fn device_count(self, count: usize) -> String {
        match count {
            1 => self.pick("1 device", "1 Gerät").to_owned(),
            _ => self.pick(format!("{count} devices"), format!("{count} Geräte")),
        }
    }

    /// A reading has arrived.
    pub(crate) fn got_reading(self, power: &str, name: &str) -> String {
        self.pick(
            format!("Got {power} from {name}."),
            format!("{power} von {name} erhalten."),
        )
    }

    /// The English name of a kind of device, or what it is called in the reader's language.
    pub(crate) fn kind_name(self, key: &str, english: &str) -> String {
        let german = match key {
            "fridge" => "Kühlschrank",
            "freezer" => "Gefriertruhe",
            "grid_meter" | "grid" => "Netzzähler",
            "main_meter" => "Hauptzähler",
            "solar" => "Photovoltaik",
            "battery" => "Batterie",
            "ev" | "ev_charger" | "charger" => "Wallbox",
            "heat_pump" => "Wärmepumpe",
            "boiler" => "Boiler",
            "heater" => "Heizung",
            "ac" | "air_conditioner" => "Klimaanlage",
            "ventilation" => "Lüftung",
            "washer" | "washing_machine" => "Waschmaschine",
            "dryer" => "Trockner",
            "dishwasher" => "Geschirrspüler",
            "oven" => "Backofen",
            "hob" => "Kochfeld",
            "microwave" => "Mikrowelle",
            "light" | "lights" | "lighting" => "Licht",
            "tv" => "Fernseher",
            "computer" => "Computer",
            "server" => "Server",
            "pool_pump" => "Poolpumpe",
            "plug" | "smart_plug" => "Steckdose",
            "other" => "Sonstiges",
            _ => english,
        };
        self.pick(english, german).to_owned()
    }
}
