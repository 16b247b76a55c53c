//! What devices are called: kinds of things with their names in everyday language, and rooms.

/// A kind of device: the words for it, and the keys of device types that are of this kind.
pub(crate) struct Concept {
    /// Its names, most common first.
    pub(crate) names: &'static [&'static str],
    /// Substrings of `DeviceType.key`, whole words.
    pub(crate) types: &'static [&'static str],
}

macro_rules! concepts {
    ($($names:literal => $types:literal;)+) => {
        &[$(Concept { names: &split::<{ count($names) }>($names), types: &split::<{ count($types) }>($types) }),+]
    };
}

const fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut count) = (0, 1);
    while at < bytes.len() {
        if bytes[at] == b'|' {
            count += 1;
        }
        at += 1;
    }
    count
}

const fn split<const N: usize>(text: &'static str) -> [&'static str; N] {
    let mut out = [""; N];
    let (mut rest, mut at) = (text, 0);
    while at < N {
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() && bytes[end] != b'|' {
            end += 1;
        }
        let (head, tail) = rest.split_at(end);
        out[at] = head;
        rest = if tail.is_empty() { tail } else { tail.split_at(1).1 };
        at += 1;
    }
    out
}

/// Every kind that is known. Names are stems: singular, small letters.
pub(crate) const CONCEPTS: &[Concept] = concepts! {
    "fridge|refrigerator|fridge compressor|refrigerator compressor|icebox|fridge freezer" => "fridge|refrigerator|fridge_freezer";
    "freezer|deep freezer|chest freezer" => "freezer";
    "washing machine|washer|clothes washer|laundry machine|laundry|washing|wash" => "washing_machine|washer";
    "dryer|tumble dryer|clothes dryer|drier|tumble drier" => "dryer|tumble_dryer";
    "dishwasher|dish washer" => "dishwasher";
    "oven" => "oven|stove|cooker";
    "stove|cooker|range|cooking" => "oven|stove|cooker|hob";
    "hob|cooktop|induction hob|stove top" => "hob|cooktop";
    "microwave|microwave oven" => "microwave";
    "kettle|electric kettle" => "kettle";
    "coffee machine|coffee maker|espresso machine|coffee" => "coffee_machine|coffee_maker|coffee";
    "toaster" => "toaster";
    "blender|mixer|food processor" => "blender";
    "air fryer|airfryer" => "air_fryer";
    "ev charger|car charger|ev|electric car|car|electric vehicle|wallbox|wall box|charger|charging the car|car charging|ev charging|charging the ev|vehicle charger|charging station|tesla|charging|charge point" => "ev_charger|ev|car_charger|wallbox|charger";
    "air conditioner|ac|air conditioning|aircon|air con|air condition|a c|aircond|cooling" => "air_conditioner|air_conditioning|ac|aircon|cooling";
    "heat pump" => "heat_pump";
    "water heater|boiler|hot water heater|hot water|geyser|immersion heater|immersion|water boiler" => "water_heater|boiler|hot_water";
    "heater|space heater|electric heater|radiator|heating" => "heater|space_heater|heating|radiator";
    "fan|ventilation|ceiling fan|ventilator" => "fan|ventilation";
    "dehumidifier" => "dehumidifier";
    "humidifier" => "humidifier";
    "tv|television|telly|tv set|television set" => "tv|television";
    "tv box|set top box|streaming box|cable box|settop box|media box|tv receiver" => "tv_box|set_top_box|streaming_box|media_player";
    "console|game console|gaming console|playstation|xbox|nintendo" => "console|game_console|games_console";
    "soundbar|stereo|speaker|amplifier|sound system|hifi|hi fi|audio" => "stereo|speaker|audio|soundbar";
    "computer|pc|desktop|workstation|desktop pc|gaming pc" => "computer|pc|desktop";
    "laptop|notebook" => "laptop";
    "monitor|screen|display" => "monitor";
    "printer" => "printer";
    "router|broadband box|broadband|internet box|wifi box|wifi|wi fi|wifi router|modem|internet router|wlan" => "router|network|modem";
    "server|nas|home server" => "server|nas";
    "lamp|light|lighting|bulb|light bulb" => "lamp|light|lights|lighting|lamps";
    "aquarium|fish tank|fishtank" => "aquarium";
    "pool pump|swimming pool pump|pool|swimming pool" => "pool_pump|pool";
    "well pump|water pump|pump|sump pump" => "pump|well_pump|water_pump";
    "sauna" => "sauna";
    "hot tub|jacuzzi|whirlpool|spa" => "hot_tub|spa";
    "vacuum|vacuum cleaner|hoover|robot vacuum" => "vacuum";
    "iron|clothes iron" => "iron";
    "hair dryer|hairdryer|blow dryer" => "hair_dryer";
    "treadmill|gym equipment" => "treadmill";
    "lawn mower|lawnmower|mower|robot mower" => "mower";
    "e bike|ebike|e bike charger|scooter" => "ebike|e_bike";
    "electric blanket" => "electric_blanket";
    "garage door|gate" => "garage_door";
    "doorbell|camera|security camera|alarm" => "camera|doorbell";
    "main meter|meter|smart meter|grid meter|mains meter|grid" => "grid|grid_meter|main_meter|meter";
    "solar panel|solar inverter|inverter|pv system|solar|pv" => "solar|solar_inverter|pv|inverter";
    "battery|home battery|powerwall" => "battery";
    "smart plug|socket|outlet|plug" => "smart_plug|plug|socket";
    "rice cooker" => "rice_cooker";
    "extractor hood|cooker hood|range hood" => "hood|extractor";
    "wine cooler|wine fridge" => "wine_cooler";
};

/// Rooms that a device's name may carry where its room is not set.
pub(crate) const ROOMS: &[&str] = &[
    "living room",
    "bedroom",
    "kitchen",
    "bathroom",
    "garage",
    "office",
    "basement",
    "attic",
    "hallway",
    "dining room",
    "garden",
    "guest room",
    "kid room",
    "child room",
    "nursery",
    "study",
    "laundry room",
    "utility room",
    "balcony",
    "terrace",
    "cellar",
    "lounge",
    "master bedroom",
    "workshop",
    "corridor",
    "loft",
    "conservatory",
    "shed",
    "den",
    "guest bedroom",
];
