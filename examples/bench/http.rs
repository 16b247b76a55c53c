//! Just enough HTTP/1.1 to talk to a database on this machine, over one connection that stays open.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

use anyhow::Context as _;

/// A connection.
pub(crate) struct Http {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Http {
    /// Connects to `http://ADDRESS`.
    pub(crate) fn connect(url: &str) -> anyhow::Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&address).with_context(|| format!("no server at {url}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            address,
            stream: BufReader::with_capacity(1 << 16, stream),
        })
    }

    /// Posts a body, and gives the answer's.
    pub(crate) fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        self.answer(path)
    }

    /// Posts a form.
    pub(crate) fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Vec<u8>> {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() {
                    body.push(char::from(byte));
                } else {
                    write!(body, "%{byte:02X}")?;
                }
            }
        }
        self.post(path, "application/x-www-form-urlencoded", body.as_bytes())
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn answer(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let status = self.line()?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            chunked |= line.starts_with("transfer-encoding:") && line.ends_with("chunked");
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16)?;
                self.take(size, &mut body)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length, &mut body)?;
        }
        let good = status.split(' ').nth(1).is_some_and(|code| code.starts_with('2'));
        anyhow::ensure!(good, "{path}: {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    fn take(&mut self, size: usize, body: &mut Vec<u8>) -> anyhow::Result<()> {
        let read = self.stream.by_ref().take(size as u64).read_to_end(body)?;
        anyhow::ensure!(read == size, "the server hung up");
        Ok(())
    }
}
