use std::{fs, path::Path};

use tempfile::TempDir;
use voltaire_gateway::Config;

use crate::support::Edge;

const HASHED: &str = "assets/ui-0123456789abcdef.wasm";

fn built(folder: &Path) {
    let ui = folder.join("ui");
    fs::create_dir_all(ui.join("assets")).unwrap();
    fs::create_dir_all(ui.join(".git")).unwrap();
    fs::write(folder.join("secret.txt"), "outside").unwrap();
    fs::write(ui.join("index.html"), "<!doctype html>index").unwrap();
    fs::write(ui.join(".git/config"), "hidden").unwrap();
    fs::write(ui.join("only.br"), "twin of nothing").unwrap();
    for (ending, content) in [("", "plain"), (".br", "brotli"), (".gz", "gzip")] {
        fs::write(ui.join(format!("{HASHED}{ending}")), content).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.join("secret.txt"), ui.join("link.txt")).unwrap();
}

async fn edge() -> (Edge, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    built(folder.path());
    let config = Config {
        ui_dir: Some(folder.path().join("ui")),
        ..Config::default()
    };
    (Edge::with(config).await, folder)
}

#[tokio::test]
async fn a_file_comes_compressed_typed_and_cached() {
    let (edge, _folder) = edge().await;
    let get = async |encoding: &str| {
        let request = edge
            .client
            .get(edge.url(&format!("/{HASHED}")))
            .header("accept-encoding", encoding);
        request.send().await.unwrap()
    };
    let answer = get("gzip, br").await;
    assert_eq!(answer.headers()["content-encoding"], "br");
    assert_eq!(answer.headers()["content-type"], "application/wasm");
    assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(answer.text().await.unwrap(), "brotli");
    assert_eq!(get("gzip").await.text().await.unwrap(), "gzip");
    assert_eq!(get("identity").await.text().await.unwrap(), "plain");
    let request = edge
        .client
        .get(edge.url(&format!("/{HASHED}")))
        .header("accept-encoding", "br");
    let again = request.header("if-none-match", etag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.text().await.unwrap().len()), (304, 0));
}

#[tokio::test]
async fn the_uis_own_addresses_give_its_page() {
    let (edge, _folder) = edge().await;
    for path in ["/", "/devices", "/device/0193574e-1f2a-7c3b-8d4e-5f6071829304"] {
        let answer = edge
            .client
            .get(edge.url(path))
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-cache");
        assert_eq!(answer.text().await.unwrap(), "<!doctype html>index", "{path}");
    }
    let json = edge
        .client
        .get(edge.url("/devices"))
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(json.status(), 404);
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let (edge, _folder) = edge().await;
    let long = format!("/{}", "a".repeat(8 * 1024));
    for path in [
        "/..%2f..%2fsecret.txt",
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%252e%252e/",
        "/assets/..;/",
        "/.git/config",
        "/link.txt",
        "/C:\\secret.txt",
        "/only.br",
        "/only",
        "/assets/ui-0123456789abcdef.wasm.br",
        "//index.html",
        "/index.html%00",
        "/assets/",
        "/assets/nothing",
        "/missing.js",
        "/api/x",
        "/v1/x",
        long.as_str(),
    ] {
        let status = edge.raw_status(path).await;
        let page = path == "/only";
        assert_eq!(status, if page { 200 } else { 404 }, "{path}");
    }
}

#[tokio::test]
async fn a_ui_that_is_built_later_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        ui_dir: Some(folder.path().join("ui")),
        ..Config::default()
    };
    let edge = Edge::with(config).await;
    let answer = edge.client.get(edge.url("/")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.unwrap().contains("cargo xtask ui"));
    built(folder.path());
    let answer = edge.client.get(edge.url("/")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "<!doctype html>index");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let (edge, _folder) = edge().await;
    for path in [
        "/",
        &format!("/{HASHED}"),
        "/missing.js",
        "/v1/me",
        "/healthz",
        "/api-docs",
        "/openapi.json",
    ] {
        let answer = edge.client.get(edge.url(path)).send().await.unwrap();
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"),
            "{path}: {policy}"
        );
        assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe-inline"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(
            headers.contains_key("permissions-policy") && !headers.contains_key("server"),
            "{path}"
        );
        assert!(headers.contains_key("cache-control") && !headers.contains_key("strict-transport-security"));
    }
    let me = edge.client.get(edge.url("/v1/me")).send().await.unwrap();
    assert_eq!(me.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let edge = Edge::start().await;
    edge.well().await;
    let (status, answer) = edge.get("/healthz").await;
    assert_eq!((status, answer["status"].as_str()), (503, Some("NOT_SERVING")));
    assert_eq!(answer["missing"], serde_json::json!(["chat"]), "{answer}");
    assert_eq!(answer["services"]["auth"], "SERVING");
}

#[tokio::test]
async fn figures_are_for_the_private_network() {
    let edge = Edge::start().await;
    edge.get("/livez").await;
    let text = edge
        .client
        .get(edge.url("/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.contains("voltaire_gateway_requests_total"), "{text}");
    let config = Config {
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Config::default()
    };
    let edge = Edge::with(config).await;
    let request = edge
        .client
        .get(edge.url("/metrics"))
        .header("x-forwarded-for", "203.0.113.7");
    assert_eq!(request.send().await.unwrap().status(), 403);
}
