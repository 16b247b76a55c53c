use futures::future::join_all;
use tonic::Code;

use super::*;
use crate::{email::Email, store::Store};

const BAD: (Code, &str) = (Code::Unauthenticated, "BAD_CREDENTIALS");

#[tokio::test]
async fn a_session_lasts_24_hours() {
    each(async |bench| {
        bench.register("Ada").await;
        let session = bench.login_as("ada@example.org", PASSWORD).await.unwrap();
        assert_eq!(session.expire_time.unwrap().seconds - bench.now().parts().0, 86_400);
        bench.advance(Duration::from_secs(86_400 - 1));
        assert_eq!(bench.me(&session.access_token).await.unwrap().name, "Ada");
        bench.advance(Duration::from_mins(1));
        assert!(is(
            &refusal(bench.me(&session.access_token).await),
            (Code::Unauthenticated, "TOKEN_EXPIRED")
        ));
    })
    .await;
}

#[tokio::test]
async fn unknown_wrong_and_disabled_are_one_answer() {
    each(async |bench| {
        let (ada, bob) = (bench.register("Ada").await, bench.register("Bob").await);
        let user_id = user_of(&bob).user_id;
        let request = bearer(
            &ada.access_token,
            pb::DisableUserRequest {
                user_id: user_id.clone(),
                enable: false,
            },
        );
        bench.client().disable_user(request).await.unwrap();
        let answers = [
            ("nobody@example.org", PASSWORD),
            ("ada@example.org", "red kettle on the roof"),
            ("bob@example.org", PASSWORD),
        ];
        let mut told = Vec::new();
        for (email, password) in answers {
            let status = bench.login_as(email, password).await.unwrap_err();
            assert!(is(&refusal(Err::<(), _>(status.clone())), BAD), "{email}");
            told.push((status.message().to_owned(), status.details().to_vec()));
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
        let failed: Vec<_> = bench
            .events(&ada)
            .await
            .into_iter()
            .filter(|it| it.kind == "login_failed")
            .collect();
        let subjects: Vec<_> = failed.iter().rev().map(|it| it.subject_user_id.clone()).collect();
        assert_eq!(subjects, [String::new(), user_of(&ada).user_id, user_id]);
        assert!(failed.iter().all(|it| it.actor_user_id.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn a_malformed_login_is_invalid_whoever_exists() {
    each(async |bench| {
        bench.register("Ada").await;
        let login = async |email: &str, password: &str| {
            bench
                .client()
                .login(pb::LoginRequest {
                    email: email.into(),
                    password: password.into(),
                })
                .await
        };
        assert_eq!(field(login("", PASSWORD).await), "email");
        assert_eq!(field(login("ada", PASSWORD).await), "email");
        assert_eq!(field(login("ada@example.org", "").await), "password");
        assert_eq!(field(login("ada@example.org", &"x".repeat(100_000)).await), "password");
    })
    .await;
}

#[tokio::test]
async fn guessing_gets_slower_and_never_locks_out() {
    each(async |bench| {
        bench.register("Ada").await;
        let guess = async |address: &str, password: &str, email: &str| {
            let request = pb::LoginRequest {
                email: email.into(),
                password: password.into(),
            };
            bench.client().login(from(address, request)).await
        };
        for email in [
            "ada@example.org",
            "ADA@example.org",
            "Ada@Example.ORG",
            "ada@example.org ",
            "aDA@example.org",
        ] {
            assert!(is(&refusal(guess("203.0.113.7", "red kettle", email).await), BAD));
        }
        assert_eq!(
            retry_after(guess("203.0.113.99", PASSWORD, "ada@example.org").await),
            1,
            "its network waits, even when right"
        );
        bench.advance(Duration::from_secs(1));
        assert!(is(
            &refusal(guess("203.0.113.7", "red kettle", "ada@example.org").await),
            BAD
        ));
        assert_eq!(retry_after(guess("203.0.113.7", PASSWORD, "ada@example.org").await), 2);
        guess("198.51.100.1", PASSWORD, "ada@example.org")
            .await
            .expect("its owner gets in from elsewhere");
        bench.advance(Duration::from_secs(2));
        guess("203.0.113.7", PASSWORD, "ada@example.org")
            .await
            .expect("who waits gets in");
        assert!(
            is(
                &refusal(guess("203.0.113.7", "red kettle", "ada@example.org").await),
                BAD
            ),
            "and starts afresh"
        );
    })
    .await;
}

#[tokio::test]
async fn an_unknown_account_is_throttled_like_a_known_one() {
    each(async |bench| {
        bench.register("Ada").await;
        for email in ["ada@example.org", "nobody@example.org"] {
            for _ in 0..5 {
                assert!(is(&refusal(bench.login_as(email, "red kettle").await), BAD));
            }
            assert_eq!(retry_after(bench.login_as(email, "red kettle").await), 1, "{email}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_burst_gets_no_more_guesses_than_a_queue() {
    each_with(
        Config {
            attempts_per_minute: 20,
            ..config()
        },
        async |bench| {
            bench.register("Ada").await;
            let burst = |email: fn(usize) -> String| {
                let guesses = (0..100).map(move |n| {
                    let mut client = bench.client();
                    let request = pb::LoginRequest {
                        email: email(n),
                        password: "red kettle".into(),
                    };
                    async move { client.login(from("203.0.113.7", request)).await }
                });
                async {
                    join_all(guesses)
                        .await
                        .into_iter()
                        .filter(|it| it.as_ref().is_err_and(|it| it.code() == Code::Unauthenticated))
                        .count()
                }
            };
            assert_eq!(burst(|_| "ada@example.org".into()).await, 5, "of one account");
            assert_eq!(
                burst(|n| format!("user{n}@example.org")).await,
                15,
                "of one address, twenty in a minute"
            );
        },
    )
    .await;
}

#[tokio::test]
async fn a_login_renews_a_hash_of_another_cost() {
    each(async |bench| {
        bench.register("Ada").await;
        let email = Email::parse("ada@example.org").unwrap();
        let dearer = PasswordCost {
            memory: 16,
            passes: 2,
            lanes: 1,
        };
        let other = Bench::at(
            bench.db.clone(),
            Config {
                password_cost: dearer,
                ..config()
            },
            bench.time.clone(),
        )
        .await;
        for _ in 0..2 {
            other.login_as("ada@example.org", PASSWORD).await.unwrap();
        }
        let store = Store::new(bench.db.clone());
        let hash = store.credentials_by_email(email.key()).await.unwrap().unwrap().hash;
        assert!(hash.contains("m=16,t=2,p=1"), "{hash}");
    })
    .await;
}

#[tokio::test]
async fn an_event_has_the_address_and_no_secret() {
    each(async |bench| {
        let ada = bench.register("Ada").await;
        let request = pb::LoginRequest {
            email: email("Ada"),
            password: "my secret kettle".into(),
        };
        bench.client().login(from("2001:db8::7", request)).await.unwrap_err();
        let events = bench.events(&ada).await;
        assert_eq!(
            (events[0].kind.as_str(), events[0].address.as_str()),
            ("login_failed", "2001:db8::7")
        );
        assert!(!format!("{events:?}").contains("kettle"));
    })
    .await;
}
