//! `cargo xtask ui`: the web UI as plain files, with nothing installed but the wasm target.
//!
//! cargo compiles the crate, wasm-bindgen (as a library) makes the module and its glue, the parts that the first page does not need are cut
//! out of it, the static files join them, names get the hash of their content, and everything compressible is compressed once here rather
//! than on every request. The gateway may call a file below `assets/` immutable when its name holds `-` and 16 hexadecimal digits before the last dot; everything else must be revalidated.

mod compress;
mod hash;
mod split;
mod sweep;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Instant, SystemTime},
};

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Shell, cmd};

use crate::{report, tools, workspace::Workspace};

/// How much a first visit may download at most, bytes of brotli; this goes down with what is saved, never up. It is all that the first page
/// asks for before it can be used: `index.html` and what lies below `assets`, but for the parts of the app (`part-*.wasm`), which are asked
/// for by another page, or when the first has been there for seconds.
const FIRST_LOAD: usize = 310_000;

/// Builds the UI where inputs changed; returns the folder to serve.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    tools::wasm::ensure(workspace)?;
    let module = compile(workspace)?;
    let folder = workspace.ui();
    if is_fresh(workspace, &module, &folder) {
        println!("the web UI in {} is up to date", workspace.shown(&folder));
        return Ok(folder);
    }
    let started = Instant::now();
    let fresh = folder.with_extension("new");
    remove(&fresh)?;
    assemble(workspace, &module, &fresh)?;
    hash::rename(&fresh)?;
    let sizes = compress::folder(&fresh)?;
    let first_load: usize = sizes.iter().map(compress::Size::first_load).sum();
    anyhow::ensure!(
        first_load <= FIRST_LOAD,
        "a first visit would download {}, more than the {} that it may",
        report::kilobytes(first_load),
        report::kilobytes(FIRST_LOAD)
    );
    remove(&folder)?;
    fs::rename(&fresh, &folder)?;
    for size in &sizes {
        println!("  {size}");
    }
    let later: usize = sizes.iter().map(compress::Size::later).sum();
    println!(
        "  a first visit downloads {}, and {} when its page is there",
        report::kilobytes(first_load),
        report::kilobytes(later)
    );
    println!(
        "the web UI is in {} ({})",
        workspace.shown(&folder),
        report::duration(started.elapsed())
    );
    Ok(folder)
}

/// Every file below `folder`, sorted.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn compile(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let shell = workspace.shell()?;
    cmd!(
        shell,
        "cargo rustc --package voltaire-ui --bin voltaire-ui --target wasm32-unknown-unknown --profile wasm-release -- -Clink-arg=--emit-relocs"
    )
    .env("RUSTFLAGS", flags(&shell))
    .quiet()
    .run()?;
    Ok(workspace
        .target
        .join("wasm32-unknown-unknown/wasm-release/voltaire-ui.wasm"))
}

/// What places in the code are called by does not tell where this machine keeps its crates; visitors need not download it either.
fn flags(shell: &Shell) -> String {
    let given = shell.var("RUSTFLAGS").unwrap_or_default();
    let home = shell
        .var("CARGO_HOME")
        .or_else(|_| Ok::<_, xshell::Error>(format!("{}/.cargo", shell.var("HOME")?)));
    let crates = home.map(|home| format!("--remap-path-prefix={home}/registry/src="));
    [given, crates.unwrap_or_default()].join(" ").trim().to_owned()
}

fn assemble(workspace: &Workspace, module: &Path, folder: &Path) -> anyhow::Result<()> {
    let assets = folder.join("assets");
    fs::create_dir_all(&assets)?;
    let mut output = Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .demangle(false)
        .remove_producers_section(true)
        .out_name("ui")
        .generate_output()?;
    let split::Modules { main, parts } = split::split(&fs::read(module)?, &output.wasm_mut().emit_wasm())?;
    *output.wasm_mut() = main;
    output.emit(&assets)?;
    for (name, part) in &parts {
        fs::write(assets.join(name), part)?;
    }
    sweep::add(&assets)?;
    let source = workspace.root.join("ui");
    if source.join("assets").is_dir() {
        for file in files(&source.join("assets"))? {
            let to = folder.join(file.strip_prefix(&source)?);
            fs::create_dir_all(to.parent().context("an asset lies in a folder")?)?;
            fs::copy(&file, to)?;
        }
    }
    for file in files(&source.join("root"))? {
        fs::copy(&file, folder.join(file.file_name().context("a file has a name")?))?;
    }
    let index = source.join("index.html");
    fs::copy(&index, folder.join("index.html")).with_context(|| format!("cannot copy {}", index.display()))?;
    for script in ["assets/boot.js", "sw.js"] {
        let text = fs::read_to_string(folder.join(script))?;
        for name in parts.keys() {
            anyhow::ensure!(
                text.contains(&format!("/assets/{name}")),
                "{script} does not know {name}"
            );
        }
    }
    Ok(())
}

fn is_fresh(workspace: &Workspace, module: &Path, folder: &Path) -> bool {
    let source = workspace.root.join("ui");
    let mut inputs = vec![module.to_owned(), source.join("index.html")];
    inputs.extend(std::env::current_exe());
    for folder in ["assets", "root"] {
        inputs.extend(files(&source.join(folder)).unwrap_or_default());
    }
    // The copied page carries the time of the build: it is written last.
    let Some(built) = modified(&folder.join("index.html")) else {
        return false;
    };
    inputs
        .iter()
        .all(|input| modified(input).is_some_and(|time| time <= built))
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}
