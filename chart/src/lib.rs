//! The pure core of every chart and every printed figure: scales, ticks, paths, stacks, summaries, periods and formats.
//!
//! Nothing here draws, asks a server or reads a clock: values go in, geometry and words come out, so that all of it is
//! tested natively. Instants are `i64` milliseconds UTC; calendar words take the home's time zone as a parameter.

pub mod balance;
pub mod bands;
pub mod bars;
pub mod color;
pub mod compare;
pub mod csv;
pub mod day;
pub mod fmt;
pub mod fresh;
pub mod heat;
pub mod names;
pub mod path;
pub mod period;
pub mod ring;
pub mod scale;
pub mod spec;
pub mod stack;
pub mod summary;
pub mod ticks;
pub mod time_ticks;
pub mod waterfall;
pub mod window;
pub mod zone;

pub use bands::Bands;
pub use fmt::{Axis, Lang, Locale, Quantity};
pub use period::{Period, Span};
pub use ring::Ring;
pub use scale::Scale;
pub use spec::Spec;
pub use window::Window;
