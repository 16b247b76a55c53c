//! Replies of `/v1/chat/completions` in the dialects that servers speak: server-sent events, whole or in pieces, with or
//! without an end, with an error in the middle; or one JSON object from a server that does not stream.

use serde_json::Value;

use super::Failure;

/// The longest line or body that is read, bytes.
const MAX_LINE: usize = 256 * 1024;
/// The longest reply that is kept, bytes: a plan has a few hundred.
const MAX_TEXT: usize = 16 * 1024;

/// Collects a reply from the bytes of its body.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Whether events come, not one object.
    events: bool,
    waiting: Vec<u8>,
    data: String,
    text: String,
    tokens: Option<u64>,
    cut: bool,
    over: bool,
}

/// A whole reply.
#[derive(Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) text: String,
    /// Prompt and reply, as the server counts them; none: it does not.
    pub(super) tokens: Option<u64>,
}

impl Decoder {
    /// For a body of this content type.
    pub(super) fn new(content_type: &str) -> Self {
        Self {
            events: !content_type.trim_start().starts_with("application/json"),
            waiting: Vec::new(),
            data: String::new(),
            text: String::new(),
            tokens: None,
            cut: false,
            over: false,
        }
    }

    /// Whether something of the reply has come.
    pub(super) fn has_begun(&self) -> bool {
        !self.text.is_empty()
    }

    /// Whether the server said that this is all.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.waiting.len() + bytes.len() > MAX_LINE {
            return Err(Failure::TooLong);
        }
        self.waiting.extend_from_slice(bytes);
        while let Some(end) = self.waiting.iter().position(|it| *it == b'\n').filter(|_| self.events) {
            let line: Vec<u8> = self.waiting.drain(..=end).collect();
            self.line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']))?;
        }
        Ok(())
    }

    /// The reply, after the last bytes.
    pub(super) fn finish(mut self) -> Result<Reply, Failure> {
        let rest = std::mem::take(&mut self.waiting);
        let rest = String::from_utf8_lossy(&rest);
        if self.events {
            self.line(rest.trim_end())?;
            self.line("")?;
        } else {
            self.object(rest.trim())?;
        }
        if self.cut {
            return Err(Failure::TooLong);
        }
        if self.text.trim().is_empty() {
            return Err(Failure::Empty);
        }
        Ok(Reply {
            text: self.text,
            tokens: self.tokens,
        })
    }

    /// An empty line ends an event; what is neither data nor its end is of no interest.
    fn line(&mut self, line: &str) -> Result<(), Failure> {
        if let Some(data) = line.strip_prefix("data:") {
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            // Some servers leave out the empty line: an object that is whole is an event.
            if serde_json::from_str::<Value>(&self.data).is_ok() || self.data.trim() == "[DONE]" {
                return self.event();
            }
            self.data.push('\n');
            return Ok(());
        }
        // An error that is sent without being made an event.
        if line.starts_with('{') {
            return self.object(line);
        }
        if line.is_empty() && !self.data.trim().is_empty() {
            return self.event();
        }
        Ok(())
    }

    fn event(&mut self) -> Result<(), Failure> {
        let data = std::mem::take(&mut self.data);
        match data.trim() {
            "[DONE]" => {
                self.over = true;
                Ok(())
            }
            data => self.object(data),
        }
    }

    fn object(&mut self, json: &str) -> Result<(), Failure> {
        let value: Value = serde_json::from_str(json).map_err(|_| Failure::Unreadable)?;
        if value.get("error").is_some_and(|it| !it.is_null()) || value["object"] == "error" {
            return Err(Failure::InStream);
        }
        let choice = &value["choices"][0];
        for part in [&choice["delta"], &choice["message"]] {
            self.content(&part["content"]);
        }
        if self.text.len() > MAX_TEXT {
            return Err(Failure::TooLong);
        }
        self.cut |= choice["finish_reason"] == "length";
        self.tokens = value["usage"]["total_tokens"].as_u64().or(self.tokens);
        Ok(())
    }

    /// Text, or a list of texts; what a model thinks aloud stands in other fields and is left there.
    fn content(&mut self, content: &Value) {
        match content {
            Value::String(text) => self.text.push_str(text),
            Value::Array(parts) => parts
                .iter()
                .filter_map(|it| it["text"].as_str())
                .for_each(|it| self.text.push_str(it)),
            _ => {}
        }
    }
}

/// The JSON object of a reply, as bare as it should be or as models put it: after thoughts, in a fence, in a tag.
pub(super) fn object(text: &str) -> Option<Value> {
    let text = text.rsplit_once("</think>").map_or(text, |(_, said)| said);
    let mut starts = text.match_indices('{').map(|(at, _)| at).take(20);
    starts.find_map(|at| {
        let rest = text.get(at..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        values.next()?.ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str, piece: usize) -> Result<Reply, Failure> {
        let mut decoder = Decoder::new(content_type);
        for bytes in body.as_bytes().chunks(piece) {
            decoder.take(bytes)?;
        }
        decoder.finish()
    }

    /// Written after what the servers send; of llama-server as it was recorded.
    const STREAMS: [(&str, &str); 5] = [
        ("OpenAI", include_str!("recorded/openai.txt")),
        ("Ollama", include_str!("recorded/ollama.txt")),
        ("vLLM", include_str!("recorded/vllm.txt")),
        ("llama-server", include_str!("recorded/llama_server.txt")),
        ("no end", include_str!("recorded/no_end.txt")),
    ];

    #[test]
    fn every_dialect_says_the_same_in_any_pieces() {
        for (name, body) in STREAMS {
            for piece in [1, 2, 7, 64, 100_000] {
                let reply = read("text/event-stream", body, piece).unwrap_or_else(|it| panic!("{name}: {it:?}"));
                let plan = object(&reply.text).unwrap_or_else(|| panic!("{name}: {}", reply.text));
                assert_eq!(plan["operation"], "total", "{name}");
                assert_eq!(plan["when"], "last “week”", "{name}");
            }
        }
    }

    #[test]
    fn crlf_and_usage_are_read() {
        let body = include_str!("recorded/vllm.txt").replace('\n', "\r\n");
        assert_eq!(
            read("text/event-stream; charset=utf-8", &body, 3).unwrap().tokens,
            Some(312)
        );
    }

    #[test]
    fn a_whole_object_is_a_reply_too() {
        let body = include_str!("recorded/whole.json");
        let reply = read("application/json; charset=utf-8", body, 11).unwrap();
        assert_eq!(object(&reply.text).unwrap()["operation"], "total");
        assert_eq!(reply.tokens, Some(298));
    }

    #[test]
    fn what_is_no_reply_is_a_failure() {
        let stream = "text/event-stream";
        let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n";
        let error = "data: {\"error\":{\"message\":\"out of memory\"}}\n\n";
        assert_eq!(read(stream, &format!("{begun}{error}"), 9), Err(Failure::InStream));
        let bare = "{\"error\":\"model runner has stopped\"}\n";
        assert_eq!(read(stream, &format!("{begun}{bare}"), 9), Err(Failure::InStream));
        let vllm = "data: {\"object\":\"error\",\"message\":\"bad\"}\n\n";
        assert_eq!(read(stream, vllm, 9), Err(Failure::InStream));
        assert_eq!(read(stream, "", 1), Err(Failure::Empty));
        assert_eq!(read(stream, ": ping\n\ndata: [DONE]\n\n", 4), Err(Failure::Empty));
        assert_eq!(read("application/json", "<html>", 4), Err(Failure::Unreadable));
        let cut = "data: {\"choices\":[{\"delta\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}\n\n";
        assert_eq!(read(stream, cut, 9), Err(Failure::TooLong));
        let endless = "x".repeat(MAX_LINE + 1);
        assert_eq!(read(stream, &endless, 4096), Err(Failure::TooLong));
        let chatty = begun.repeat(MAX_TEXT + 1);
        assert_eq!(read(stream, &chatty, 4096), Err(Failure::TooLong));
    }

    #[test]
    fn the_object_is_found_as_models_put_it() {
        for text in [
            "{\"a\":1}",
            "```json\n{\"a\":1}\n```",
            "<tool_call>{\"a\":1}</tool_call>",
            "Sure! {not json} {\"a\":1} I hope that helps {\"a\":2}",
            "<think>{\"a\":9}?</think>\n{\"a\":1}",
        ] {
            assert_eq!(object(text).unwrap()["a"], 1, "{text}");
        }
        assert_eq!(object("The fridge was $125."), None);
        assert_eq!(object("{\"a\":"), None);
    }
}
