//! What can be set about the language model.

use serde::Deserialize;
use voltaire_mesh::config::Secret;

/// When the model is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Never.
    #[default]
    Off,
    /// Where the rules are unsure of a question.
    Auto,
    /// Also where they are sure, except of what they refuse for good.
    Always,
}

/// The section `[chat.llm]`: an OpenAI-compatible endpoint that reads questions. Off by default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LlmConfig {
    /// `off`, `auto` or `always`; `CHAT_LLM`.
    pub mode: Mode,
    /// With `/v1`, as `http://127.0.0.1:8080/v1`; `OPENAI_BASE_URL`.
    pub base_url: String,
    /// Where there is no `base_url`: Ollama's `HOST`, `HOST:PORT` or URL; `OLLAMA_HOST`.
    pub ollama_host: String,
    /// Empty: none is sent; `OPENAI_API_KEY`, `OPENAI_API_KEY_FILE`.
    pub api_key: Secret,
    /// The model's name; `CHAT_MODEL`.
    pub model: String,
    /// The longest wait for the first piece of a reply, s.
    pub first_byte_seconds: u32,
    /// The longest time of a reply, s. A call's own deadline counts as well.
    pub total_seconds: u32,
    /// Tokens that one user's questions may take a day, prompts and replies, on each replica.
    pub daily_tokens: u64,
    /// Questions at the model at once; more are read by the rules alone. One of each user in any case.
    pub concurrency: usize,
}

impl Default for LlmConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Off,
            base_url: String::new(),
            ollama_host: String::new(),
            api_key: Secret::default(),
            model: String::new(),
            first_byte_seconds: 20,
            total_seconds: 60,
            daily_tokens: 500_000,
            concurrency: 4,
        }
    }
}

/// Ollama's port where none is named.
const OLLAMA_PORT: u16 = 11434;

impl LlmConfig {
    /// The address that calls begin with, without a slash at the end.
    pub(super) fn base(&self) -> anyhow::Result<String> {
        let base = self.base_url.trim().trim_end_matches('/');
        let base = match base {
            "" => ollama(self.ollama_host.trim().trim_end_matches('/')),
            base => base.to_owned(),
        };
        let plausible = ["http://", "https://"]
            .iter()
            .any(|scheme| base.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        anyhow::ensure!(
            plausible,
            "chat.llm.base_url (OPENAI_BASE_URL) must be http://… or https://…, or set chat.llm.ollama_host (OLLAMA_HOST)"
        );
        Ok(base)
    }
}

/// `HOST`, `HOST:PORT`, `:PORT` or a URL, as Ollama's own programs take it; an address to listen at means this machine.
fn ollama(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    if rest.is_empty() {
        return String::new();
    }
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() && !name.ends_with(':') => (name, port.to_owned()),
        _ => (rest, OLLAMA_PORT.to_string()),
    };
    let name = match name {
        "" | "0.0.0.0" | "[::]" => "127.0.0.1",
        name => name,
    };
    format!("{scheme}://{name}:{port}/v1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ollama_host_is_read_as_its_own_programs_read_it() {
        for (host, base) in [
            ("localhost", "http://localhost:11434/v1"),
            ("10.0.0.7:8000", "http://10.0.0.7:8000/v1"),
            ("0.0.0.0:11434", "http://127.0.0.1:11434/v1"),
            (":11434", "http://127.0.0.1:11434/v1"),
            ("https://ollama.example/", "https://ollama.example:11434/v1"),
            ("[::1]:7", "http://[::1]:7/v1"),
        ] {
            let config = LlmConfig {
                ollama_host: host.into(),
                ..LlmConfig::default()
            };
            assert_eq!(config.base().unwrap(), base, "{host}");
        }
    }

    #[test]
    fn the_base_url_wins_and_must_be_one() {
        let config = |base_url: &str| LlmConfig {
            base_url: base_url.into(),
            ..LlmConfig::default()
        };
        let with_both = LlmConfig {
            ollama_host: "elsewhere".into(),
            ..config("http://127.0.0.1:1/v1/")
        };
        assert_eq!(with_both.base().unwrap(), "http://127.0.0.1:1/v1");
        for wrong in ["", "localhost:8080/v1", "file:///etc/passwd", "http://"] {
            assert!(config(wrong).base().is_err(), "{wrong}");
        }
    }
}
