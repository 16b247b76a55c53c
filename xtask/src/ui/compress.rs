//! Compresses once, at the highest setting, what would otherwise be compressed on every request.

use std::{
    fmt, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::{files, split};
use crate::report::kilobytes;

/// File kinds that shrink.
const KINDS: [&str; 9] = ["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt", "map"];

/// The size of one file, plain and compressed, in bytes.
pub(super) struct Size {
    name: String,
    plain: usize,
    gzip: usize,
    brotli: usize,
}

impl Size {
    /// What a first visit downloads of it: everything but the parts that come later, and what only an installed app asks for.
    pub(super) fn first_load(&self) -> usize {
        let page = self.name == "index.html" || self.name.starts_with("assets/");
        if page && !self.is_part() { self.brotli } else { 0 }
    }

    /// What a visit downloads of it after the first page is there.
    pub(super) fn later(&self) -> usize {
        if self.is_part() { self.brotli } else { 0 }
    }

    fn is_part(&self) -> bool {
        self.name
            .strip_prefix("assets/")
            .is_some_and(|name| name.starts_with(split::PREFIX))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            plain,
            gzip,
            brotli,
        } = self;
        let [plain, gzip, brotli] = [plain, gzip, brotli].map(|bytes| kilobytes(*bytes));
        write!(f, "{name:<44} {plain:>10}  gzip {gzip:>10}  brotli {brotli:>10}")
    }
}

/// Puts a `.br` and a `.gz` beside every compressible file of `folder`.
pub(super) fn folder(folder: &Path) -> anyhow::Result<Vec<Size>> {
    let mut sizes = Vec::new();
    for file in files(folder)? {
        if file
            .extension()
            .is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
        {
            sizes.push(compress(folder, &file)?);
        }
    }
    Ok(sizes)
}

fn compress(folder: &Path, file: &Path) -> anyhow::Result<Size> {
    let plain = fs::read(file)?;
    let mut brotli = Vec::new();
    let best = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: plain.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut plain.as_slice(), &mut brotli, &best)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain)?;
    let gzip = encoder.finish()?;
    fs::write(beside(file, "br"), &brotli)?;
    fs::write(beside(file, "gz"), &gzip)?;
    let name = file.strip_prefix(folder)?.display().to_string();
    Ok(Size {
        name,
        plain: plain.len(),
        gzip: gzip.len(),
        brotli: brotli.len(),
    })
}

fn beside(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_later_is_no_part_of_a_first_visit() {
        let size = |name: &str| {
            let size = Size {
                name: name.to_owned(),
                plain: 300,
                gzip: 200,
                brotli: 100,
            };
            (size.first_load(), size.later())
        };
        assert_eq!(size("index.html"), (100, 0));
        assert_eq!(size("assets/ui_bg-0123456789abcdef.wasm"), (100, 0));
        assert_eq!(size("assets/snippets/part-of-dioxus.js"), (100, 0));
        assert_eq!(size("assets/part-costs-0123456789abcdef.wasm"), (0, 100));
        assert_eq!(size("sw.js"), (0, 0));
    }
}
