//! The schemas of Kubernetes' operators, and what checks objects against them: packages that `tests/data/operators.mjs` reads.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, ensure};
use xshell::cmd;

use crate::workspace::{Workspace, on_path};

/// Those that models are made with are named as well, so that all are of one version.
const PACKAGES: [&str; 9] = [
    "@kubernetes-models/apimachinery@3.0.2",
    "@kubernetes-models/base@6.0.1",
    "@kubernetes-models/cert-manager@6.0.0",
    "@kubernetes-models/cloudnative-pg@2.0.0",
    "@kubernetes-models/gateway-api@2.0.0",
    "@kubernetes-models/prometheus-operator@6.0.0",
    "@kubernetes-models/validate@5.0.2",
    "kubernetes-models@5.1.0",
    "typescript@5.9.3",
];

/// What puts manifests together as a cluster takes them; it needs none for that.
pub(crate) fn kubectl() -> anyhow::Result<PathBuf> {
    on_path(&["kubectl"]).context("run: apt-get install kubernetes-client")
}

/// The folder that has them.
pub(crate) fn folder(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    on_path(&["node"]).context("run: apt-get install nodejs")?;
    let folder = workspace.tools().join("operators");
    let complete = || {
        let mut names = PACKAGES.iter().filter_map(|it| it.rsplit_once('@'));
        names.all(|(name, _)| folder.join("node_modules").join(name).join("package.json").is_file())
    };
    if complete() {
        return Ok(folder);
    }
    let npm = on_path(&["npm"]).context("run: apt-get install npm")?;
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
    let shell = workspace.shell()?;
    shell.change_dir(&folder);
    let packages = PACKAGES;
    cmd!(
        shell,
        "{npm} install --silent --ignore-scripts --no-audit --no-fund --save-exact {packages...}"
    )
    .quiet()
    .ignore_stdout()
    .run()
    .with_context(|| format!("run: npm install --prefix {} {}", folder.display(), packages.join(" ")))?;
    ensure!(complete(), "npm did not bring all of {}", PACKAGES.join(" "));
    Ok(folder)
}
