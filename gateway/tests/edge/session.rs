use voltaire_gateway::Config;

use crate::{
    support::{Edge, reason},
    wire::frames,
};

fn origin(edge: &Edge) -> String {
    edge.url("")
}

/// Signs a browser in; its cookie as the browser would send it.
async fn sign_in(edge: &Edge) -> String {
    let request = edge.client.post(edge.url("/session")).bearer_auth(edge.token());
    let answer = request.header("origin", origin(edge)).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_kept_in_a_cookie_that_scripts_cannot_read() {
    let edge = Edge::start().await;
    let request = edge.client.post(edge.url("/session")).bearer_auth(edge.token());
    let answer = request.header("origin", origin(&edge)).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("voltaire-session="), "{cookie}");
    for part in ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=3"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !answer.headers().contains_key("strict-transport-security"));
    let forget = edge
        .client
        .delete(edge.url("/session"))
        .header("origin", origin(&edge))
        .send()
        .await
        .unwrap();
    assert!(
        forget.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("voltaire-session=; Path=/; Max-Age=0")
    );
}

#[tokio::test]
async fn by_https_the_cookie_is_bound_to_this_host() {
    let config = Config {
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Config::default()
    };
    let edge = Edge::with(config).await;
    let request = edge.client.post(edge.url("/session")).bearer_auth(edge.token());
    let request = request
        .header("origin", origin(&edge))
        .header("x-forwarded-proto", "https");
    let answer = request.send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(answer.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_session_begins_only_on_a_page_of_this_server_with_a_good_session_token() {
    let edge = Edge::start().await;
    let post = async |token: String, origin: &str| {
        let request = edge
            .client
            .post(edge.url("/session"))
            .bearer_auth(token)
            .header("origin", origin);
        let answer = request.send().await.unwrap();
        assert!(!answer.headers().contains_key("set-cookie"));
        let status = answer.status().as_u16();
        (status, reason(&answer.json().await.unwrap()).to_owned())
    };
    let foreign = post(edge.token(), "http://evil.example").await;
    assert_eq!(foreign, (403, "CROSS_SITE".into()));
    assert_eq!(post("bad".into(), &origin(&edge)).await.0, 401);
    let api = post(edge.api_token(), &origin(&edge)).await;
    assert_eq!(api, (403, "SESSION_TOKEN_REQUIRED".into()));
}

#[tokio::test]
async fn a_cookie_opens_calls_of_own_pages_only() {
    let edge = Edge::start().await;
    let cookie = sign_in(&edge).await;
    let own = origin(&edge);
    let get = async |headers: &[(&'static str, &str)]| {
        let mut request = edge.client.get(edge.url("/v1/me")).header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(get(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(get(&[]).await, 200);
    assert_eq!(get(&[("sec-fetch-site", "cross-site")]).await, 401);
    assert_eq!(get(&[("origin", "null")]).await, 401);
    let call = async |kind: &str, headers: &[(&'static str, &str)]| {
        let url = edge.url("/voltaire.auth.v1.AuthService/GetMe");
        let mut request = edge
            .client
            .post(url)
            .header("cookie", &cookie)
            .header("content-type", kind.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(frames(&[])).send().await.unwrap();
        let status = answer.status().as_u16();
        let told = format!("{:?}", answer.headers());
        (status, told + &String::from_utf8_lossy(&answer.bytes().await.unwrap()))
    };
    let web = "application/grpc-web+proto";
    assert!(call(web, &[("origin", &own)]).await.1.contains("grpc-status:0"));
    for headers in [
        &[][..],
        &[("origin", "http://evil.example")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let (_, told) = call(web, headers).await;
        assert!(
            told.contains("\"grpc-status\": \"16\"") || told.contains("grpc-status:16"),
            "{headers:?}: {told}"
        );
    }
    assert_eq!(call("text/plain", &[("origin", &own)]).await.0, 415);
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let edge = Edge::start().await;
    let cookie = sign_in(&edge).await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = edge.client.post(edge.url("/v1/logout")).header("cookie", &cookie);
        let request = request
            .header("content-type", kind)
            .header("origin", "http://evil.example")
            .body("{}");
        assert_eq!(request.send().await.unwrap().status(), 415, "{kind}");
    }
    let delete = edge
        .client
        .delete(edge.url("/v1/tokens/x"))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(delete.status(), 401, "a change needs a sign of where it comes from");
}

#[tokio::test]
async fn other_origins_may_call_only_when_they_are_listed() {
    let good = "https://dashboard.example";
    let config = Config {
        allowed_origins: vec![good.into()],
        ..Config::default()
    };
    let edge = Edge::with(config).await;
    let preflight = async |origin: &str| {
        let request = edge
            .client
            .request(http::Method::OPTIONS, edge.url("/v1/me"))
            .header("origin", origin);
        request
            .header("access-control-request-method", "GET")
            .send()
            .await
            .unwrap()
    };
    let answer = preflight(good).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["access-control-allow-origin"], good);
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    for bad in ["https://evil.example", "null", "https://dashboard.example.evil.example"] {
        let answer = preflight(bad).await;
        assert_eq!(answer.status(), 403, "{bad}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    let request = edge
        .client
        .get(edge.url("/v1/me"))
        .bearer_auth(edge.token())
        .header("origin", good);
    let answer = request.send().await.unwrap();
    let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("grpc-status-details-bin"), "{exposed}");
}

#[tokio::test]
async fn a_header_that_is_given_twice_is_refused() {
    let edge = Edge::start().await;
    let answer = edge
        .raw("GET /v1/me HTTP/1.1\r\nhost: x\r\nauthorization: a\r\nauthorization: b\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
