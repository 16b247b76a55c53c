//! What a browser meets: sessions, other origins, security headers, the UI's files and the API's pages.

pub(crate) mod cors;
pub(crate) mod docs;
pub(crate) mod files;
pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod plain;
pub(crate) mod session;
pub(crate) mod span;
pub(crate) mod status;
