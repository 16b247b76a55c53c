//! JSON over HTTP by the contract's `google.api.http` annotations, for any message: no handler is written by hand.

mod answer;
mod call;
mod codec;
mod fill;
mod template;

pub(crate) use answer::{failure, refusal};
pub(crate) use call::{Settings, Transcoder};
