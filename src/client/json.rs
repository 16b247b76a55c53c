//! Messages as canonical JSON, from the descriptors that the server itself uses.

use std::sync::LazyLock;

use anyhow::Context;
use prost_reflect::{DescriptorPool, DynamicMessage};

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(voltaire_proto::DESCRIPTORS).expect("the descriptors were compiled into this binary")
});

/// The message as proto3 JSON; `name` is its full name, as `voltaire.chat.v1.QueryPlan`.
pub(crate) fn message(name: &str, message: &impl prost::Message) -> anyhow::Result<serde_json::Value> {
    let descriptor = POOL
        .get_message_by_name(name)
        .with_context(|| format!("no message is called {name}"))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice())?;
    Ok(serde_json::to_value(dynamic)?)
}

/// The message that proto3 JSON tells, or what is wrong with it.
pub(crate) fn parse<M: prost::Message + Default>(name: &str, value: serde_json::Value) -> Result<M, String> {
    let descriptor = POOL
        .get_message_by_name(name)
        .ok_or_else(|| format!("no message is called {name}"))?;
    let dynamic = DynamicMessage::deserialize(descriptor, value).map_err(|error| error.to_string())?;
    dynamic.transcode_to().map_err(|error| error.to_string())
}

/// Prints a value to standard output.
pub(crate) fn print(value: &serde_json::Value) {
    println!("{value:#}");
}
