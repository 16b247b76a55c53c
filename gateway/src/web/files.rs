//! The UI's files, held in memory: what is not a file of the built UI does not exist, so no path leads out of its folder.

use std::{
    collections::HashMap,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use parking_lot::RwLock;

use crate::{error::Error, json};

const NOT_BUILT: &str = include_str!("not_built.html");

/// One file with its compressed twins.
#[derive(Default)]
struct File {
    plain: Option<Bytes>,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// All files of a build, by path.
struct Build {
    made: Option<SystemTime>,
    files: HashMap<String, File>,
}

/// The UI's folder.
pub(crate) struct Files {
    folder: Option<PathBuf>,
    build: RwLock<Arc<Build>>,
}

impl Files {
    /// Reads the folder; a missing one is told to visitors, and read as soon as it is there.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        let build = folder.as_deref().map_or_else(Build::nothing, Build::read);
        Self {
            folder,
            build: RwLock::new(Arc::new(build)),
        }
    }

    /// Whether the UI is there, or none is meant to be.
    pub(crate) async fn ready(&self) -> bool {
        self.folder.is_none() || self.build().await.files.contains_key("index.html")
    }

    /// Answers with a file, with the UI's page for its own addresses, or with 404.
    pub(crate) async fn serve(&self, request: Request<Body>) -> Response<Body> {
        let (request, _) = request.into_parts();
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return json::refusal(Error::Method {
                allow: "GET, HEAD".into(),
            });
        }
        let path = request.uri.path();
        let build = self.build().await;
        let name = path.trim_start_matches('/');
        if let Some(file) = build.files.get(name).filter(|_| path.len() == name.len() + 1) {
            return file.answer(name, &request.headers);
        }
        if !is_navigation(path, &request.headers) {
            return json::refusal(Error::NotFound);
        }
        match build.files.get("index.html") {
            Some(index) => index.answer("index.html", &request.headers),
            None => not_built(),
        }
    }

    /// The build, read again where the folder has a newer one.
    async fn build(&self) -> Arc<Build> {
        let build = Arc::clone(&self.build.read());
        let Some(folder) = self.folder.clone() else {
            return build;
        };
        let index = tokio::fs::metadata(folder.join("index.html")).await;
        if index.and_then(|it| it.modified()).ok() == build.made {
            return build;
        }
        match tokio::task::spawn_blocking(move || Build::read(&folder)).await {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                *self.build.write() = Arc::clone(&fresh);
                fresh
            }
            Err(_) => build,
        }
    }
}

impl Build {
    fn nothing() -> Self {
        Self {
            made: None,
            files: HashMap::new(),
        }
    }

    fn read(folder: &Path) -> Self {
        let made = fs::metadata(folder.join("index.html"))
            .and_then(|it| it.modified())
            .ok();
        let mut raw = Vec::new();
        collect(folder, "", &mut raw);
        let mut files: HashMap<String, File> = HashMap::new();
        for (name, content) in raw {
            let extension = Path::new(&name).extension().and_then(|it| it.to_str());
            match (extension, name.rsplit_once('.')) {
                (Some("br"), Some((base, _))) => files.entry(base.to_owned()).or_default().brotli = Some(content),
                (Some("gz"), Some((base, _))) => files.entry(base.to_owned()).or_default().gzip = Some(content),
                _ => files.entry(name).or_default().plain = Some(content),
            }
        }
        files.retain(|_, file| file.plain.is_some());
        Self { made, files }
    }
}

/// Plain files below a folder; hidden ones and links are left out.
fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, Bytes)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if kind.is_file()
            && let Ok(content) = fs::read(entry.path())
        {
            found.push((name, content.into()));
        }
    }
}

impl File {
    fn answer(&self, name: &str, asked: &HeaderMap) -> Response<Body> {
        let (content, encoding) = self.choose(asked);
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let known = asked
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|it| it.to_str().ok());
        let known = known
            .flat_map(|it| it.split(','))
            .any(|it| matches!(it.trim(), it if it == etag || it == "*"));
        let mut response = Response::new(if known { Body::empty() } else { Body::from(content) });
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache(name)));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    fn choose(&self, asked: &HeaderMap) -> (Bytes, Option<&'static str>) {
        for (encoding, content) in [("br", &self.brotli), ("gzip", &self.gzip)] {
            if let Some(content) = content
                && accepts(asked, encoding)
            {
                return (content.clone(), Some(encoding));
            }
        }
        (self.plain.clone().unwrap_or_default(), None)
    }
}

fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let lines = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|it| it.to_str().ok());
    lines.flat_map(|it| it.split(',')).any(|item| {
        let (name, quality) = item
            .split_once(';')
            .map_or((item, ""), |(name, rest)| (name, rest.trim()));
        let refused = quality
            .strip_prefix("q=")
            .is_some_and(|it| it.parse::<f32>().is_ok_and(|it| it <= 0.0));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

/// Names with a content hash are kept for a year, all others are asked for again.
fn cache(name: &str) -> &'static str {
    let stem = name
        .strip_prefix("assets/")
        .and_then(|it| it.rsplit('/').next())
        .and_then(|it| it.split('.').next());
    let hash = stem.and_then(|it| it.rsplit_once('-')).map(|(_, hash)| hash);
    let hashed = hash.is_some_and(|it| it.len() == 16 && it.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')));
    if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// Whether a browser asks for a page of the UI's own addresses: plain words without a file's ending.
fn is_navigation(path: &str, asked: &HeaderMap) -> bool {
    const NOT_PAGES: [&str; 5] = ["v1", "api", "api-docs", "assets", "session"];
    let accept = asked.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    let html = accept.is_none_or(|it| it.contains("text/html") || it.contains("*/*"));
    let plain = path
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'~' | b'/'));
    let first = path.split('/').nth(1).unwrap_or_default();
    html && plain && path.len() <= 1024 && !path.contains("//") && !NOT_PAGES.contains(&first)
}

fn content_type(name: &str) -> &'static str {
    match Path::new(name)
        .extension()
        .and_then(|it| it.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response<Body> {
    let mut response = Response::new(Body::from(NOT_BUILT));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_assets_are_kept_for_a_year() {
        let kept = "public, max-age=31536000, immutable";
        assert_eq!(cache("assets/ui-0123456789abcdef.js"), kept);
        assert_eq!(cache("assets/snippets/x-0123456789abcdef.js"), kept);
        for name in [
            "index.html",
            "assets/ui.js",
            "assets/ui-0123456789ABCDEF.js",
            "ui-0123456789abcdef.js",
        ] {
            assert_eq!(cache(name), "no-cache", "{name}");
        }
    }

    #[test]
    fn an_encoding_that_is_ruled_out_is_not_used() {
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", HeaderValue::from_static("gzip;q=0, br;q=0.5"));
        assert!(!accepts(&headers, "gzip"));
        assert!(accepts(&headers, "br"));
    }
}
