use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use super::*;
use crate::rotate_keys;

async fn jwks(bench: &Bench) -> Vec<pb::Jwk> {
    bench
        .client()
        .get_jwks(pb::GetJwksRequest {})
        .await
        .unwrap()
        .into_inner()
        .keys
}

async fn ids(bench: &Bench) -> Vec<String> {
    jwks(bench).await.into_iter().map(|it| it.kid).collect()
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn login(bench: &Bench) -> String {
    bench.login_as("ada@example.org", PASSWORD).await.unwrap().access_token
}

/// What a token says, verified with the published key.
async fn claims(bench: &Bench, token: &str) -> Value {
    let kid = kid_of(token);
    let key = jwks(bench)
        .await
        .into_iter()
        .find(|it| it.kid == kid)
        .expect("its key is published");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["voltaire"]);
    validation.set_issuer(&["voltaire"]);
    validation.validate_exp = false;
    jsonwebtoken::decode(token, &DecodingKey::from_ed_components(&key.x).unwrap(), &validation)
        .unwrap()
        .claims
}

#[tokio::test]
async fn a_token_is_verified_by_the_published_key() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let [key] = jwks(bench).await.try_into().unwrap();
        assert_eq!(
            [&key.kty, &key.crv, &key.r#use, &key.alg, &key.kid].map(String::as_str),
            ["OKP", "Ed25519", "sig", "EdDSA", &kid_of(&ada.access_token)]
        );
        assert_eq!(
            jsonwebtoken::decode_header(&ada.access_token).unwrap().typ.as_deref(),
            Some("at+jwt")
        );
        let said = claims(bench, &ada.access_token).await;
        let now = bench.now().parts().0;
        assert_eq!(said["sub"], user_of(&ada).user_id);
        assert_eq!(
            (&said["iat"], &said["nbf"], &said["exp"]),
            (&now.into(), &now.into(), &(now + 86_400).into())
        );
        assert_eq!(
            (&said["tv"], &said["role"], said.get("scope")),
            (&1.into(), &"admin".into(), None)
        );
        let message = pb::CreateApiTokenRequest {
            name: "a".into(),
            scopes: vec!["mcp".into(), "read".into()],
            expire_time: None,
        };
        let made = bench
            .client()
            .create_api_token(bearer(&ada.access_token, message))
            .await
            .unwrap()
            .into_inner();
        let said = claims(bench, &made.access_token).await;
        assert_eq!(
            (&said["role"], &said["scope"], said.get("tv")),
            (&"user".into(), &"read mcp".into(), None)
        );
        assert_eq!(said["jti"], made.api_token.unwrap().token_id);
    })
    .await;
}

#[tokio::test]
async fn a_new_key_is_published_at_once_and_signs_a_little_later() {
    each(async |bench| {
        bench.register("Ada").await;
        let old_token = login(bench).await;
        let old = kid_of(&old_token);
        let new = rotate_keys(&bench.db, bench.mesh.mesh.clock()).await.unwrap();
        assert_ne!(old, new);
        bench.advance(Duration::from_secs(4));
        assert_eq!(
            ids(bench).await,
            [old.clone(), new.clone()],
            "noticed within seconds; the old one signs still"
        );
        assert_eq!(kid_of(&login(bench).await), old);
        bench.advance(Duration::from_secs(11));
        let new_token = login(bench).await;
        assert_eq!(
            (kid_of(&new_token), ids(bench).await),
            (new.clone(), vec![new.clone(), old.clone()])
        );
        claims(bench, &old_token).await;
        claims(bench, &new_token).await;

        bench.advance(Duration::from_secs(25 * 3600 - 5));
        assert_eq!(
            ids(bench).await,
            [new.clone(), old.clone()],
            "as long as any session of it lives"
        );
        bench.advance(Duration::from_secs(5));
        assert_eq!(ids(bench).await, [new]);
        let events = bench
            .events(&bench.login_as("ada@example.org", PASSWORD).await.unwrap())
            .await;
        assert!(events.iter().any(|it| it.kind == "keys_rotated"));
    })
    .await;
}

#[tokio::test]
async fn a_key_stays_as_long_as_an_api_token_needs_it() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let message = pb::CreateApiTokenRequest {
            name: "plug".into(),
            scopes: vec!["read".into()],
            expire_time: None,
        };
        let made = bench
            .client()
            .create_api_token(bearer(&ada.access_token, message))
            .await
            .unwrap()
            .into_inner();
        let old = kid_of(&made.access_token);
        let new = rotate_keys(&bench.db, bench.mesh.mesh.clock()).await.unwrap();
        bench.advance(Duration::from_hours(720));
        assert_eq!(ids(bench).await, [new.clone(), old]);
        assert_eq!(bench.me(&made.access_token).await.unwrap().name, "Ada");
        // A process that has just asked for the keys asks again after five seconds only; this one has not asked yet.
        let later = bench.replica().await;
        let session = login(&later).await;
        let token_id = made.api_token.unwrap().token_id;
        later
            .client()
            .revoke_api_token(bearer(&session, pb::RevokeApiTokenRequest { token_id }))
            .await
            .unwrap();
        bench.advance(Duration::from_secs(5));
        assert_eq!(ids(bench).await, [new]);
    })
    .await;
}

#[tokio::test]
async fn two_servers_that_start_at_once_share_one_key() {
    each(async |bench| {
        let (first, second) = tokio::join!(bench.replica(), bench.replica());
        assert_eq!(ids(&first).await, ids(&second).await);
        assert_eq!(ids(bench).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn several_rotations_leave_one_signer() {
    each(async |bench| {
        bench.register("Ada").await;
        let mut last = String::new();
        for _ in 0..3 {
            last = rotate_keys(&bench.db, bench.mesh.mesh.clock()).await.unwrap();
            bench.advance(Duration::from_secs(5));
            login(bench).await;
        }
        bench.advance(Duration::from_secs(15));
        assert_eq!(kid_of(&login(bench).await), last);
        assert_eq!(ids(bench).await.len(), 4);
    })
    .await;
}
