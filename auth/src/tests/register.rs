use futures::future::join_all;
use tonic::Code;

use super::*;
use crate::Registration;

const INVALID: (Code, &str) = (Code::PermissionDenied, "INVITE_INVALID");

#[tokio::test]
async fn the_first_user_is_admin_and_the_next_is_not() {
    each(async |bench| {
        let (ada, bob) = (bench.register("Ada").await, bench.register("Bob").await);
        assert_eq!(
            (user_of(&ada).role(), user_of(&bob).role()),
            (pb::Role::Admin, pb::Role::User)
        );
        assert_eq!(user_of(&ada).email, "ada@example.org");
        assert_eq!(bench.me(&ada.access_token).await.unwrap(), user_of(&ada));
        let kinds: Vec<_> = bench.events(&ada).await.into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["register", "register"]);
    })
    .await;
}

#[tokio::test]
async fn of_many_first_users_at_once_one_is_admin() {
    each_with(
        Config {
            registration: Registration::Closed,
            ..config()
        },
        async |bench| {
            let names: Vec<_> = (0..8).map(|n| format!("User{n}")).collect();
            let all = join_all(names.iter().map(|name| {
                let mut client = bench.client();
                async move { client.register(application(name)).await }
            }));
            let (admitted, refused): (Vec<_>, Vec<_>) = all.await.into_iter().partition(Result::is_ok);
            assert_eq!(
                (admitted.len(), refused.len()),
                (1, 7),
                "a closed server admits its first user only"
            );
            assert!(
                refused
                    .into_iter()
                    .all(|it| is(&refusal(it), (Code::PermissionDenied, "REGISTRATION_CLOSED")))
            );
        },
    )
    .await;
}

#[tokio::test]
async fn an_email_is_taken_however_it_is_written() {
    each(async |bench| {
        bench.register("Ada").await;
        for email in ["ada@example.org", "ADA@EXAMPLE.ORG", " Ada@Example.org "] {
            let request = pb::RegisterRequest {
                email: email.into(),
                ..application("Eve")
            };
            let answer = bench.client().register(request).await;
            assert!(is(&refusal(answer), (Code::AlreadyExists, "EMAIL_TAKEN")), "{email}");
        }
        let users = bench.login_as("ADA@example.ORG", PASSWORD).await.unwrap();
        assert_eq!(user_of(&users).name, "Ada");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_field_is_named_and_nothing_is_stored() {
    each(async |bench| {
        let good = || application("Ada");
        let long = "x".repeat(81);
        for (request, expected) in [
            (pb::RegisterRequest::default(), "name"),
            (pb::RegisterRequest { name: long, ..good() }, "name"),
            (
                pb::RegisterRequest {
                    name: "A\u{1b}[31m".into(),
                    ..good()
                },
                "name",
            ),
            (
                pb::RegisterRequest {
                    email: String::new(),
                    ..good()
                },
                "email",
            ),
            (
                pb::RegisterRequest {
                    email: "ada@@example.org".into(),
                    ..good()
                },
                "email",
            ),
            (
                pb::RegisterRequest {
                    email: "x".repeat(1_000_000),
                    ..good()
                },
                "email",
            ),
            (
                pb::RegisterRequest {
                    password: String::new(),
                    ..good()
                },
                "password",
            ),
            (
                pb::RegisterRequest {
                    password: "x".repeat(1_000_000),
                    ..good()
                },
                "password",
            ),
            (
                pb::RegisterRequest {
                    invite_code: "x".repeat(65),
                    ..good()
                },
                "invite_code",
            ),
        ] {
            assert_eq!(field(bench.client().register(request).await), expected);
        }
        for (password, expected) in [
            ("too short", "PASSWORD_TOO_SHORT"),
            ("passwordpassword", "PASSWORD_COMMON"),
            ("voltaire & me 1778", "PASSWORD_PERSONAL"),
        ] {
            let answer = bench
                .client()
                .register(pb::RegisterRequest {
                    password: password.into(),
                    ..good()
                })
                .await;
            assert!(is(&refusal(answer), (Code::InvalidArgument, expected)), "{password}");
        }
        let first = bench.register("Ada").await;
        assert_eq!(user_of(&first).role(), pb::Role::Admin, "nobody was there before");
    })
    .await;
}

#[tokio::test]
async fn strange_texts_are_stored_as_they_are_or_refused() {
    each(async |bench| {
        let texts = [
            "'; DROP TABLE users; --",
            "\" OR 1=1 --",
            "%",
            "_",
            "${jndi:ldap://x}",
            "{{7*7}}",
            "<img src=x onerror=alert(1)>",
            "\u{202e}abc",
            "Ünïcödé 猫",
            "$1",
            "NULL",
            "\\",
        ];
        for (n, text) in texts.into_iter().enumerate() {
            let request = pb::RegisterRequest {
                name: text.into(),
                email: format!("u{n}@example.org"),
                ..application("x")
            };
            let session = session(bench.client().register(request).await.map(|it| it.into_inner().session));
            assert_eq!(bench.me(&session.access_token).await.unwrap().name, text);
            let answer = bench
                .login_as(&format!("{}@example.org", text.replace(' ', "")), PASSWORD)
                .await;
            assert!(matches!(
                answer.unwrap_err().code(),
                Code::InvalidArgument | Code::Unauthenticated
            ));
        }
    })
    .await;
}

#[tokio::test]
async fn an_invitation_opens_one_registration() {
    each_with(
        Config {
            registration: Registration::Invite,
            ..config()
        },
        async |bench| {
            let ada = bench.register("Ada").await;
            let invite = async |email: &str| {
                let request = bearer(&ada.access_token, pb::CreateInviteRequest { email: email.into() });
                bench.client().create_invite(request).await.unwrap().into_inner()
            };
            let with = |name: &str, code: &str| pb::RegisterRequest {
                invite_code: code.into(),
                ..application(name)
            };
            let none = bench.client().register(application("Bob")).await;
            assert!(is(&refusal(none), (Code::PermissionDenied, "INVITE_REQUIRED")));
            assert!(is(
                &refusal(bench.client().register(with("Bob", "guessed")).await),
                INVALID
            ));

            let code = invite("").await.invite_code;
            let taken = bench
                .client()
                .register(pb::RegisterRequest {
                    email: email("Ada"),
                    ..with("Bob", &code)
                })
                .await;
            assert!(
                is(&refusal(taken), (Code::AlreadyExists, "EMAIL_TAKEN")),
                "and the invitation is not used up"
            );
            bench.client().register(with("Bob", &code)).await.unwrap();
            assert!(
                is(&refusal(bench.client().register(with("Eve", &code)).await), INVALID),
                "once only"
            );

            let code = invite("Carol@Example.org").await.invite_code;
            assert!(
                is(&refusal(bench.client().register(with("Eve", &code)).await), INVALID),
                "it is Carol's"
            );
            bench.client().register(with("Carol", &code)).await.unwrap();

            let old = invite("").await;
            assert_eq!(old.expire_time.unwrap().seconds - bench.now().parts().0, 7 * 86_400);
            bench.advance(Duration::from_hours(168));
            assert!(
                is(
                    &refusal(bench.client().register(with("Dan", &old.invite_code)).await),
                    INVALID
                ),
                "too old"
            );
        },
    )
    .await;
}

#[tokio::test]
async fn an_address_cannot_register_without_end() {
    each_with(
        Config {
            attempts_per_minute: 3,
            ..config()
        },
        async |bench| {
            for name in ["Ada", "Bob", "Carol"] {
                bench
                    .client()
                    .register(from("203.0.113.7", application(name)))
                    .await
                    .unwrap();
            }
            let fourth = bench.client().register(from("203.0.113.7", application("Dan"))).await;
            assert_eq!(retry_after(fourth), 60);
            bench
                .client()
                .register(from("203.0.113.8", application("Dan")))
                .await
                .unwrap();
            bench.advance(Duration::from_mins(1));
            bench
                .client()
                .register(from("203.0.113.7", application("Eve")))
                .await
                .unwrap();
        },
    )
    .await;
}
