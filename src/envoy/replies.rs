//! What Envoy says by itself: as gRPC with a hint when to try again, and as JSON in the shape that the gateway gives errors.

/// HTTP status, the name of its code, and seconds after which trying again makes sense.
const REPLIES: [(u16, &str, Option<u32>); 9] = [
    (400, "INVALID_ARGUMENT", None),
    (401, "UNAUTHENTICATED", None),
    (403, "PERMISSION_DENIED", None),
    (404, "NOT_FOUND", None),
    (408, "DEADLINE_EXCEEDED", None),
    (413, "OUT_OF_RANGE", None),
    (429, "RESOURCE_EXHAUSTED", Some(1)),
    (503, "UNAVAILABLE", Some(1)),
    (504, "DEADLINE_EXCEEDED", None),
];

/// A call by JSON, also where the transcoder has made gRPC of it.
const JSON: &str = "{ or_filter: { filters: [{ header_filter: { header: { name: x-envoy-original-path, present_match: true } } }, \
{ header_filter: { header: { name: content-type, string_match: { prefix: application/grpc }, treat_missing_header_as_empty: true, \
invert_match: true } } }] } }";

/// For both kinds of calls.
pub(super) fn of_all() -> String {
    REPLIES.iter().map(|reply| json(*reply)).collect::<String>() + &of_grpc()
}

/// For gRPC alone.
pub(super) fn of_grpc() -> String {
    let hinted = REPLIES.iter().filter_map(|(http, _, wait)| Some((http, (*wait)?)));
    let lines =
        hinted.map(|(http, wait)| format!("- {{ filter: {}, headers_to_add: [{}] }}", status(*http), hints(wait)));
    lines.collect::<Vec<_>>().join("\n")
}

fn json((http, name, wait): (u16, &str, Option<u32>)) -> String {
    let headers = wait
        .map(|wait| format!("  headers_to_add: [{}]\n", hints(wait)))
        .unwrap_or_default();
    format!(
        "- filter: {{ and_filter: {{ filters: [{}, {JSON}] }} }}\n{headers}  body_format_override:\n    content_type: application/json\n    \
         json_format: {{ error: {{ code: {http}, status: {name}, message: \"%LOCAL_REPLY_BODY%\", details: [] }} }}\n",
        status(http)
    )
}

fn status(http: u16) -> String {
    format!(
        "{{ status_code_filter: {{ comparison: {{ op: EQ, value: {{ default_value: {http}, runtime_key: none }} }} }} }}"
    )
}

/// The same hint for HTTP and for gRPC clients.
fn hints(wait: u32) -> String {
    let header = |name: &str, value: u32| {
        format!("{{ header: {{ key: {name}, value: \"{value}\" }}, append_action: OVERWRITE_IF_EXISTS_OR_ADD }}")
    };
    [
        header("retry-after", wait),
        header("grpc-retry-pushback-ms", wait * 1000),
    ]
    .join(", ")
}
