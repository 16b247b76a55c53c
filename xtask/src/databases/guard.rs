//! Ends a database server when this process ends, however it ends.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Waits until its input is closed, which the kernel does when this process is gone, and stops the server by its pid file.
/// There is nothing left to stop where that has been done already. The first signal makes a server let its clients go; who
/// began with that one ignored, as whatever a script starts in the background, ends by the second.
const SCRIPT: &str = r#"
read -r _
pid=$(head -n 1 "$1" 2>/dev/null) || exit 0
grep -q postgres "/proc/$pid/cmdline" 2>/dev/null && kill -INT "$pid" && kill -TERM "$pid"
"#;

/// A process beside this one that outlives it by a moment.
pub(super) struct Guard(Child);

impl Guard {
    /// Guards the server that writes its pid into `data`.
    pub(super) fn over(data: &Path) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "sh"]).arg(data.join("postmaster.pid"));
        // In a group of its own, so that Ctrl-C does not end it first.
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.process_group(0).spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs, thread,
        time::{Duration, Instant},
    };

    use super::*;

    /// Something that runs for long under this name.
    fn server(name: &str) -> Child {
        let mut sleep = Command::new("sleep");
        // Who reads what tests print would wait for one that a failed test leaves behind.
        sleep.arg0(name).arg("600").stdout(Stdio::null()).stderr(Stdio::null());
        sleep.spawn().unwrap()
    }

    fn ends(child: &mut Child) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if child.try_wait().unwrap().is_some() {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    #[test]
    fn a_server_ends_when_the_pipe_of_its_guard_closes() {
        let data = tempfile::tempdir().unwrap();
        let mut child = server("postgres");
        let guard = Guard::over(data.path()).unwrap();
        // Written after the guard has begun, as a server does.
        fs::write(data.path().join("postmaster.pid"), format!("{}\n/data\n", child.id())).unwrap();
        assert!(child.try_wait().unwrap().is_none());
        drop(guard);
        assert!(ends(&mut child));
    }

    #[test]
    fn who_has_the_pid_of_a_server_that_is_gone_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        drop(Guard::over(data.path()).unwrap());
        let mut child = server("innocent");
        fs::write(data.path().join("postmaster.pid"), format!("{}\n", child.id())).unwrap();
        drop(Guard::over(data.path()).unwrap());
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_guard_outlives_a_process_that_is_killed() {
        let data = tempfile::tempdir().unwrap();
        let mut child = server("postgres");
        let file = data.path().join("postmaster.pid");
        fs::write(&file, format!("{}\n", child.id())).unwrap();
        // A shell in the place of this process: it holds the pipe and is killed.
        let mut parent = Command::new("sh");
        let script = r#"mkfifo "$1" && { sh -c "$2" sh "$3" < "$1" & } && exec sleep 600 > "$1""#;
        parent.args(["-c", script, "sh"]).arg(data.path().join("pipe"));
        parent
            .args([SCRIPT])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut parent = parent.spawn().unwrap();
        // From then on it holds the pipe.
        let comm = format!("/proc/{}/comm", parent.id());
        while fs::read_to_string(&comm).unwrap().trim() != "sleep" {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(child.try_wait().unwrap().is_none());
        parent.kill().unwrap();
        parent.wait().unwrap();
        assert!(ends(&mut child));
    }
}
