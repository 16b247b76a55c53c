//! An endpoint that answers one request after the other with what it was given, and knows who left.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What is said to one request.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    /// Says no more after that, and waits until the caller leaves.
    hangs: bool,
}

impl Answer {
    /// This text, as a stream of pieces.
    pub(super) fn says(text: &str) -> Self {
        let pieces: Vec<char> = text.chars().collect();
        let event = |piece: &[char]| {
            let content: String = piece.iter().collect();
            format!(
                "data: {}\n\n",
                json!({ "choices": [{ "delta": { "content": content } }] })
            )
        };
        let events: String = pieces.chunks(11).map(event).collect();
        Self::stream(&format!("{events}data: [DONE]\n\n"))
    }

    /// What a server says to the probe that keeps to a schema.
    pub(super) fn schema_is_kept() -> Self {
        Self::says("{\"answer\": \"by the schema\"}")
    }

    /// These events.
    pub(super) fn stream(events: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        Self {
            bytes: format!("{head}{events}").into_bytes(),
            hangs: false,
        }
    }

    /// The beginning of a longer body.
    pub(super) fn breaks_off(events: &str) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n";
        Self {
            bytes: format!("{head}{events}").into_bytes(),
            hangs: false,
        }
    }

    pub(super) fn refuses(status: u16, message: &str) -> Self {
        let body = json!({ "error": { "message": message } }).to_string();
        let head = format!(
            "HTTP/1.1 {status} No\r\ncontent-type: application/json\r\ncontent-length: {}",
            body.len()
        );
        Self {
            bytes: format!("{head}\r\nconnection: close\r\n\r\n{body}").into_bytes(),
            hangs: false,
        }
    }

    /// Nothing, for ever.
    pub(super) fn hangs() -> Self {
        Self {
            bytes: Vec::new(),
            hangs: true,
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn head(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// How many requests came, and how many callers left while it hung.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    seen: usize,
    left: usize,
}

pub(super) struct Server {
    address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    counts: watch::Receiver<Counts>,
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    pub(super) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (counting, counts) = watch::channel(Counts::default());
        let (kept, mut answers) = (Arc::clone(&requests), VecDeque::from(answers));
        drop(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.pop_front().unwrap_or_else(|| Answer::refuses(503, "no more"));
                answer_one(stream, &answer, (&kept, &counting)).await;
            }
        }));
        Self {
            address,
            requests,
            counts,
        }
    }

    pub(super) fn base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().clone()
    }

    /// Waits for so many requests.
    pub(super) async fn seen(&self, requests: usize) {
        self.until(|it| it.seen >= requests).await;
    }

    /// Waits until so many callers have left.
    pub(super) async fn left(&self, callers: usize) {
        self.until(|it| it.left >= callers).await;
    }

    async fn until(&self, reached: impl FnMut(&Counts) -> bool) {
        let mut counts = self.counts.clone();
        let waited = tokio::time::timeout(Duration::from_secs(30), counts.wait_for(reached)).await;
        waited.expect("it comes to that").expect("the server is there");
    }
}

async fn answer_one(
    mut stream: TcpStream,
    answer: &Answer,
    (kept, counting): (&Mutex<Vec<Request>>, &watch::Sender<Counts>),
) {
    let Some(request) = request(&mut stream).await else {
        return;
    };
    kept.lock().push(request);
    counting.send_modify(|it| it.seen += 1);
    // A caller who leaves early is no error.
    let _ = stream.write_all(&answer.bytes).await;
    if answer.hangs {
        let mut rest = [0; 16];
        let end = stream.read(&mut rest).await;
        counting.send_modify(|it| it.left += usize::from(matches!(end, Ok(0) | Err(_))));
    }
    let _ = stream.shutdown().await;
}

async fn request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let split = bytes.windows(4).position(|it| it == b"\r\n\r\n");
        if let Some(end) = split {
            let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
            let request = Request {
                body: bytes.get(end + 4..)?.to_vec(),
                head,
            };
            let length: usize = request.head("content-length")?.parse().ok()?;
            if request.body.len() >= length {
                return Some(request);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(piece.get(..read)?),
            _ => return None,
        }
    }
}
