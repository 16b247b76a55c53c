//! The browser's session: a token in a cookie that scripts cannot read, and that counts only for requests of this
//! server's own pages.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use tonic::metadata::MetadataMap;
use voltaire_mesh::Mesh;
use voltaire_proto::auth::v1::{GetMeRequest, auth_service_client::AuthServiceClient};

use crate::{error::Error, grpc, json, visitor::Visitor};

/// The claims that the edge reads of a token which auth has just verified.
#[derive(serde::Deserialize)]
struct Claims {
    exp: i64,
    #[serde(default)]
    scope: String,
}

/// Where a request comes from, as the browser tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provenance {
    /// A page of this server.
    Own,
    /// The address bar, or a browser that does not tell, with nothing that speaks against it.
    Untold,
    /// Somewhere else.
    Foreign,
}

/// Turns the session cookie into a bearer token where that is safe; else the request stays without. An `Authorization`
/// header always wins. `changes`: whether the request may change something.
pub(crate) fn bearer_from_cookie(headers: &mut HeaderMap, visitor: &Visitor, changes: bool) {
    if headers.contains_key(header::AUTHORIZATION) {
        return;
    }
    let counts = match provenance(headers, visitor) {
        Provenance::Own => true,
        Provenance::Untold => !changes,
        Provenance::Foreign => false,
    };
    let Some(token) = cookie(headers, name(visitor.secure)).filter(|_| counts) else {
        return;
    };
    if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
}

/// `POST /session` keeps the token it comes with; `DELETE /session` forgets it.
pub(crate) async fn serve(mesh: &Mesh, request: Request<Body>, visitor: &Visitor) -> Response<Body> {
    let (request, _) = request.into_parts();
    let own = provenance(&request.headers, visitor) == Provenance::Own;
    match request.method {
        Method::POST | Method::DELETE if !own => json::refusal(Error::CrossSite),
        Method::POST => keep(mesh, &request.headers, visitor).await,
        Method::DELETE => done(&set_cookie("", 0, visitor.secure)),
        _ => json::refusal(Error::Method {
            allow: "POST, DELETE".into(),
        }),
    }
}

async fn keep(mesh: &Mesh, headers: &HeaderMap, visitor: &Visitor) -> Response<Body> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return json::failure(&voltaire_mesh::Refused::token_missing().into());
    };
    let mut passed = HeaderMap::new();
    passed.insert(header::AUTHORIZATION, authorization.clone());
    for name in ["traceparent", "tracestate"] {
        if let Some(value) = headers.get(name) {
            passed.insert(name, value.clone());
        }
    }
    grpc::introduce(&mut passed, visitor);
    let mut call = tonic::Request::new(GetMeRequest {});
    *call.metadata_mut() = MetadataMap::from_headers(passed);
    call.set_timeout(std::time::Duration::from_secs(10));
    if let Err(status) = AuthServiceClient::new(mesh.peer("auth")).get_me(call).await {
        return json::failure(&status);
    }
    let token = authorization
        .to_str()
        .ok()
        .and_then(|it| it.split_once(' '))
        .map(|(_, token)| token.trim());
    match token.and_then(|token| Some((token, claims(token)?))) {
        Some((_, claims)) if !claims.scope.is_empty() => json::refusal(Error::NotASession),
        Some((token, claims)) => {
            let left = claims.exp.saturating_sub(mesh.clock().now().parts().0).max(0);
            done(&set_cookie(token, left, visitor.secure))
        }
        None => json::refusal(Error::NotASession),
    }
}

fn claims(token: &str) -> Option<Claims> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn done(cookie: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn name(secure: bool) -> &'static str {
    if secure { "__Host-session" } else { "voltaire-session" }
}

fn set_cookie(token: &str, seconds: i64, secure: bool) -> String {
    let name = name(secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// The cookie's value; none where it is given twice, since one of them is then not ours.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = lines
        .flat_map(|it| it.split(';'))
        .filter_map(|it| it.trim().split_once('='));
    let mut values = pairs.filter(|(it, _)| *it == name).map(|(_, value)| value);
    let first = values.next().filter(|it| !it.is_empty())?;
    values.next().is_none().then_some(first)
}

fn provenance(headers: &HeaderMap, visitor: &Visitor) -> Provenance {
    let origin = headers.get(header::ORIGIN).map(|it| {
        let host = it.to_str().ok().and_then(|it| it.split_once("://"));
        host.is_some_and(|(_, host)| visitor.hosts.contains(&host.to_ascii_lowercase()))
    });
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    match (site, origin) {
        (_, Some(false)) => Provenance::Foreign,
        (Some(b"same-origin"), _) | (None, Some(true)) => Provenance::Own,
        (Some(b"none") | None, _) => Provenance::Untold,
        (Some(_), _) => Provenance::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(headers: &[(&'static str, &str)], changes: bool) -> Option<String> {
        let visitor = Visitor {
            address: [127, 0, 0, 1].into(),
            secure: false,
            hosts: vec!["home.local:3000".into()],
        };
        let mut map = HeaderMap::new();
        map.insert("cookie", HeaderValue::from_static("a=b; voltaire-session=t.o.k"));
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        bearer_from_cookie(&mut map, &visitor, changes);
        map.get("authorization").map(|it| it.to_str().unwrap().to_owned())
    }

    /// Headers, whether reading is let in, whether changing is.
    type Case<'a> = (&'a [(&'static str, &'a str)], bool, bool);

    #[test]
    fn a_cookie_counts_only_for_pages_of_this_server() {
        let good = Some("Bearer t.o.k".to_owned());
        let own = ("origin", "http://home.local:3000");
        let matrix: [Case<'_>; 12] = [
            (&[("sec-fetch-site", "same-origin")], true, true),
            (&[("sec-fetch-site", "same-origin"), own], true, true),
            (&[own], true, true),
            (&[("origin", "HTTP://HOME.local:3000")], true, true),
            (&[], true, false),
            (&[("sec-fetch-site", "none")], true, false),
            (&[("sec-fetch-site", "same-site")], false, false),
            (&[("sec-fetch-site", "cross-site")], false, false),
            (
                &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
                false,
                false,
            ),
            (&[("origin", "http://home.local:8080")], false, false),
            (&[("origin", "null")], false, false),
            (&[("origin", "http://home.local:3000.evil.example")], false, false),
        ];
        for (headers, reads, changes) in matrix {
            assert_eq!(
                bearer(headers, false),
                good.clone().filter(|_| reads),
                "reading with {headers:?}"
            );
            assert_eq!(
                bearer(headers, true),
                good.clone().filter(|_| changes),
                "changing with {headers:?}"
            );
        }
    }

    #[test]
    fn an_authorization_header_wins() {
        let headers = [("authorization", "Bearer mine"), ("sec-fetch-site", "same-origin")];
        assert_eq!(bearer(&headers, true).as_deref(), Some("Bearer mine"));
    }

    #[test]
    fn a_cookie_that_is_given_twice_does_not_count() {
        assert_eq!(bearer(&[("cookie", "voltaire-session=other")], false), None);
    }
}
