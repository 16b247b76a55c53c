//! Everything that is checked without running the product.

use xshell::cmd;

use crate::{tidy, tools, workspace::Workspace};

/// A check with the name of its headline.
pub(crate) type Check = (&'static str, fn(&Workspace) -> anyhow::Result<()>);

/// All checks, quickest first.
pub(crate) const CHECKS: [Check; 5] = [
    ("format", format),
    ("tidy", tidy::run),
    ("contracts", contracts),
    ("clippy", clippy),
    ("clippy of the web UI", clippy_ui),
];

/// Runs every check and fails at the first that does.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    for (number, (name, check)) in CHECKS.iter().enumerate() {
        crate::report::step(number + 1, CHECKS.len(), name);
        check(workspace)?;
    }
    Ok(())
}

fn format(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    Ok(cmd!(shell, "cargo fmt --all --check").quiet().run()?)
}

fn contracts(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    let buf = tools::python::buf(workspace)?;
    cmd!(shell, "{buf} lint proto").quiet().run()?;
    Ok(
        cmd!(shell, "{buf} format -d --exit-code proto --exclude-path proto/google")
            .quiet()
            .run()?,
    )
}

fn clippy(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = workspace.shell()?;
    let clippy = cmd!(
        shell,
        "cargo clippy --quiet --workspace --exclude voltaire-ui --all-targets -- -D warnings"
    );
    Ok(clippy.quiet().run()?)
}

fn clippy_ui(workspace: &Workspace) -> anyhow::Result<()> {
    tools::wasm::ensure(workspace)?;
    let shell = workspace.shell()?;
    let clippy = cmd!(
        shell,
        "cargo clippy --quiet --package voltaire-ui --target wasm32-unknown-unknown -- -D warnings"
    );
    Ok(clippy.quiet().run()?)
}
