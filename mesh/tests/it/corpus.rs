//! Tokens that must not pass: one by one, at the edge of a service.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tonic::Code;
use voltaire_mesh::{
    Identity, Role,
    test::{Signer, claims},
};
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::stub::{House, reason, stranger};

struct Corpus {
    now: i64,
    signer: Signer,
    good: Value,
}

impl Corpus {
    fn new(now: Timestamp) -> Self {
        let identity = Identity {
            user_id: UserId::new(),
            role: Role::User,
            scopes: None,
            token_id: TokenId::new(),
            expires: now.plus(std::time::Duration::from_hours(1)),
        };
        Self {
            now: now.parts().0,
            signer: Signer::new("corpus"),
            good: claims(&identity, now),
        }
    }

    fn token(&self) -> String {
        self.signer.token(&self.good)
    }

    /// The good token with one claim changed; null takes it away.
    fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.good.clone();
        let all = claims.as_object_mut().unwrap();
        if value.is_null() {
            all.remove(claim);
        } else {
            all.insert(claim.to_owned(), value);
        }
        self.signer.token(&claims)
    }

    /// The good token with another header.
    fn header(&self, header: &str) -> String {
        self.signer.sign(header, self.good.to_string().as_bytes())
    }

    /// The good token with one more header field, or one replaced.
    fn header_with(&self, field: &str, value: Value) -> String {
        let mut header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "corpus" });
        header[field] = value;
        self.header(&header.to_string())
    }

    /// Signed with a secret that a careless verifier might take for one.
    fn hmac(&self, algorithm: Algorithm, name: &str, secret: &[u8]) -> String {
        let header = json!({ "alg": name, "typ": "at+jwt", "kid": "corpus" }).to_string();
        let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(self.good.to_string()));
        let key = EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    fn segments(&self) -> Vec<(&'static str, String)> {
        let good = self.token();
        let parts: Vec<_> = good.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            panic!("three parts")
        };
        vec![
            ("1 empty", String::new()),
            ("2 one segment", header.to_owned()),
            ("3 two segments", format!("{header}.{payload}")),
            ("4 empty signature", format!("{header}.{payload}.")),
            ("5 four segments", format!("{good}.x")),
            ("6 five segments", format!("{good}.x.y")),
            (
                "17 payload flipped",
                format!("{header}.{}{}.{signature}", "f", &payload[1..]),
            ),
            ("18 non-canonical tail", noncanonical(&good)),
            ("19 padding", format!("{good}==")),
            ("20 other alphabet", format!("{header}.{payload}.{}", "+/".repeat(43))),
            ("21 whitespace", format!("{header}. {payload}.{signature}")),
            ("21 trailing whitespace", format!("{good} x")),
            ("16 signature flipped", flipped(&good)),
        ]
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": self.signer.jwk().x });
        let own = self.signer.jwk().x;
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{own}\n-----END PUBLIC KEY-----\n");
        let none = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode("{}"));
        vec![
            ("7 alg none", none),
            ("7 alg none, signed", self.header_with("alg", json!("none"))),
            ("8 alg nOnE", self.header_with("alg", json!("nOnE"))),
            (
                "9 none with a valid HMAC",
                self.hmac(Algorithm::HS256, "none", b"voltaire"),
            ),
            ("10 alg missing", self.header(r#"{"typ":"at+jwt","kid":"corpus"}"#)),
            ("11 alg array", self.header_with("alg", json!(["EdDSA"]))),
            ("12 HS384", self.hmac(Algorithm::HS384, "HS384", own.as_bytes())),
            ("13 hs256", self.hmac(Algorithm::HS256, "hs256", own.as_bytes())),
            (
                "14 HS256 with the public key",
                self.hmac(Algorithm::HS256, "HS256", own.as_bytes()),
            ),
            (
                "14 HS256 with the public PEM",
                self.hmac(Algorithm::HS256, "HS256", pem.as_bytes()),
            ),
            ("15 foreign key", stranger().token(&self.good)),
            ("15 foreign key, same id", Signer::new("corpus").token(&self.good)),
            ("23 kid path", self.header_with("kid", json!("../../dev/null"))),
            ("24 kid SQL", self.header_with("kid", json!("x' OR 1=1 --"))),
            ("25 unknown kid", self.header_with("kid", json!("nobody"))),
            ("26 kid 100 kB", self.header_with("kid", json!("k".repeat(100_000)))),
            ("26 kid 65", self.header_with("kid", json!("k".repeat(65)))),
            ("26 kid empty", self.header_with("kid", json!(""))),
            ("26 kid missing", self.header(r#"{"alg":"EdDSA","typ":"at+jwt"}"#)),
            ("27 embedded jwk", self.header_with("jwk", jwk)),
            ("28 jku", self.header_with("jku", json!("http://127.0.0.1:9/jwks"))),
            ("28 x5u", self.header_with("x5u", json!("http://127.0.0.1:9/x5u"))),
            ("29 crit", self.header_with("crit", json!(["exp"]))),
            ("30 b64 false", self.header_with("b64", json!(false))),
            ("31 zip", self.header_with("zip", json!("DEF"))),
            ("32 another typ", self.header_with("typ", json!("refresh+jwt"))),
            ("32 typ JWT", self.header_with("typ", json!("JWT"))),
            ("32 service typ", self.header_with("typ", json!("svc+jwt"))),
            (
                "48 duplicate alg",
                self.header(r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"corpus"}"#),
            ),
        ]
    }

    fn claims(&self) -> Vec<(&'static str, String)> {
        let now = self.now;
        vec![
            ("32 device audience", self.with("aud", json!("voltaire-mesh"))),
            ("33 no exp", self.with("exp", Value::Null)),
            ("35 exp string", self.with("exp", json!((now + 60).to_string()))),
            ("36 exp 1e300", self.with("exp", json!(1e300))),
            ("36 exp -1", self.with("exp", json!(-1))),
            ("36 exp largest", self.with("exp", json!(i64::MAX))),
            ("36 iat smallest", self.with("iat", json!(i64::MIN))),
            ("37 exp in 10 years", self.with("exp", json!(now + 10 * 365 * 86_400))),
            ("37 exp in 24 h and 1 s", self.with("exp", json!(now + 86_401))),
            ("38 nbf in 1 h", self.with("nbf", json!(now + 3600))),
            ("38 no nbf", self.with("nbf", Value::Null)),
            ("39 iat in 1 h", self.with("iat", json!(now + 3500))),
            ("39 no iat", self.with("iat", Value::Null)),
            ("40 no aud", self.with("aud", Value::Null)),
            ("41 other aud", self.with("aud", json!("hems"))),
            ("42 aud number", self.with("aud", json!(123))),
            ("42 aud array", self.with("aud", json!(["voltaire", "evil"]))),
            ("43 no iss", self.with("iss", Value::Null)),
            ("44 iss look-alike", self.with("iss", json!("voltaire "))),
            ("45 iss array", self.with("iss", json!(["voltaire", "evil"]))),
            ("46 no sub", self.with("sub", Value::Null)),
            ("46 empty sub", self.with("sub", json!(""))),
            ("46 sub no UUID", self.with("sub", json!("admin"))),
            (
                "46 sub nil",
                self.with("sub", json!("00000000-0000-0000-0000-000000000000")),
            ),
            (
                "46 sub in another form",
                self.with("sub", json!("{0190f5d2-6d5a-7cc0-a3d1-2b7e6d1f0c55}")),
            ),
            ("46 no jti", self.with("jti", Value::Null)),
            ("49 role array", self.with("role", json!(["admin"]))),
            ("49 role unknown", self.with("role", json!("root"))),
            ("49 role service", self.with("role", json!("service"))),
            ("49 no role", self.with("role", Value::Null)),
            ("49 no version", self.with("tv", Value::Null)),
            ("49 version negative", self.with("tv", json!(-1))),
            ("49 scope unknown", self.with("scope", json!("read everything"))),
            ("49 scope empty", self.with("scope", json!(""))),
            ("49 scope twice", self.with("scope", json!("read read"))),
        ]
    }

    fn payloads(&self) -> Vec<(&'static str, String)> {
        let header = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"corpus"}"#;
        let sign = |payload: &[u8]| self.signer.sign(header, payload);
        let good = self.good.to_string();
        let (start, _) = good.split_at(good.len() - 1);
        let twice = format!(r#"{start},"sub":"{}"}}"#, UserId::new());
        let deep = format!(r#"{start},"x":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
        let admin = {
            let mut claims = self.good.clone();
            claims["scope"] = json!("read");
            claims["role"] = json!("admin");
            claims.to_string()
        };
        vec![
            ("47 duplicate sub", sign(twice.as_bytes())),
            ("49 API token of an admin", sign(admin.as_bytes())),
            ("50 payload array", sign(b"[]")),
            ("51 bad UTF-8", sign(b"{\"iss\":\"\xff\xfe\"}")),
            (
                "52 1 MB payload",
                sign(format!(r#"{start},"x":"{}"}}"#, "x".repeat(1 << 20)).as_bytes()),
            ),
            ("53 deep JSON", sign(deep.as_bytes())),
            ("53 text after the payload", sign(format!("{good}x").as_bytes())),
        ]
    }
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The same bytes of the signature, written with other spare bits at its end.
fn noncanonical(token: &str) -> String {
    let (start, last) = token.split_at(token.len() - 1);
    let place = ALPHABET.find(last).unwrap();
    format!("{start}{}", &ALPHABET[place + 1..=place + 1])
}

fn flipped(token: &str) -> String {
    let at = token.rfind('.').unwrap() + 5;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

#[tokio::test]
async fn no_forged_token_passes() {
    let house = House::new().await;
    let corpus = Corpus::new(house.mesh.mesh.clock().now());
    house.stub.keys.lock().push(corpus.signer.jwk());
    house.call(&corpus.token()).await.expect("the control passes");
    let cases = [corpus.segments(), corpus.headers(), corpus.claims(), corpus.payloads()].concat();
    assert!(cases.len() >= 80, "{}", cases.len());
    let before = house.stub.runs();
    for (name, token) in &cases {
        // Longer headers do not even arrive: the connection's limit is 16 KiB.
        let status = house.call(token).await.expect_err(name);
        if token.len() < 8000 {
            assert_eq!(
                (status.code(), reason(&status).as_str()),
                (Code::Unauthenticated, "TOKEN_INVALID"),
                "{name}"
            );
        }
    }
    let fetches = house.stub.runs() - before;
    assert!(
        fetches <= 1,
        "no method ran; the keys were asked for at most once: {fetches}"
    );
    house.call(&corpus.token()).await.expect("the control still passes");
}

#[tokio::test]
async fn a_token_of_another_length_of_life_is_measured_by_its_kind() {
    let house = House::new().await;
    let corpus = Corpus::new(house.mesh.mesh.clock().now());
    house.stub.keys.lock().push(corpus.signer.jwk());
    let now = corpus.now;
    let mut claims = corpus.good.clone();
    claims["exp"] = json!(now + 86_400);
    house
        .call(&corpus.signer.token(&claims))
        .await
        .expect("a session of 24 h");
    claims["scope"] = json!("read");
    claims["exp"] = json!(now + 366 * 86_400);
    house
        .call(&corpus.signer.token(&claims))
        .await
        .expect("an API token of 366 d");
    claims["exp"] = json!(now + 366 * 86_400 + 1);
    let status = house.call(&corpus.signer.token(&claims)).await.unwrap_err();
    assert_eq!(reason(&status), "TOKEN_INVALID");
}
