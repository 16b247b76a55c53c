//! The small parts that pages are built from.

mod dialog;
mod figures;
mod forms;
mod states;

pub(crate) use dialog::Dialog;
pub(crate) use figures::{Figure, LoadBar};
pub(crate) use forms::{ColoursSelect, Copy, Field, LanguageSelect, Segments, ThemeSelect};
pub(crate) use states::{Empty, Loading, Page, Problem, Skeleton, Writes, use_offline};
