use super::*;
use crate::{
    Registration,
    audit::{Event, Kind, Origin},
    email::Email,
    error::Error,
    invite::NewInvite,
    store::{Admission, Store},
    user::{NewUser, Position, Profile, User},
};

pub(super) fn now() -> Timestamp {
    Timestamp::from_parts(1_800_000_000, 123_456_000).unwrap()
}

pub(super) fn event(kind: Kind, subject: Option<UserId>) -> Event {
    Origin {
        now: now(),
        address: Some("203.0.113.7".parse().unwrap()),
        actor: subject,
    }
    .event(kind, subject)
}

fn open() -> Admission {
    Admission {
        registration: Registration::Open,
        invite: None,
        member: false,
    }
}

pub(super) async fn add(store: &Store, name: &str) -> User {
    let id = UserId::new();
    let email = Email::parse(&format!("{name}@Example.org")).unwrap();
    let new = NewUser {
        id,
        name: name.into(),
        email,
        hash: "hash".into(),
    };
    store
        .register(new, open(), event(Kind::Register, Some(id)))
        .await
        .unwrap()
}

pub(super) async fn on_each(test: impl AsyncFn(Store)) {
    on_each_db(&migrations(), async |db| test(Store::new(db)).await).await;
}

#[tokio::test]
async fn a_user_is_found_as_stored() {
    on_each(async |store| {
        assert!(!store.has_admin().await.unwrap());
        let (ada, bob) = (add(&store, "ada").await, add(&store, "bob").await);
        assert!(store.has_admin().await.unwrap());
        assert_eq!(
            (ada.role, bob.role, bob.token_version, bob.created_at),
            (Role::Admin, Role::User, 1, now())
        );
        assert_eq!(store.user(ada.id).await.unwrap(), Some(ada.clone()));
        assert_eq!(store.credentials(ada.id).await.unwrap().unwrap().hash, "hash");
        let found = store.credentials_by_email("ada@example.org").await.unwrap().unwrap();
        assert_eq!((found.user, found.hash.as_str()), (ada, "hash"));
        assert!(
            store.credentials_by_email("ada@Example.org").await.unwrap().is_none(),
            "the compared form is asked for"
        );
        assert_eq!(store.user(UserId::new()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_used_once() {
    on_each(async |store| {
        let ada = add(&store, "ada").await;
        let invite = NewInvite {
            id: voltaire_types::InviteId::new(),
            hash: vec![7; 32],
            email: None,
            expires_at: now().plus(Duration::from_secs(1)),
        };
        store
            .create_invite(invite, event(Kind::InviteCreated, Some(ada.id)))
            .await
            .unwrap();
        let register = async |name: &str, invite: Option<Vec<u8>>| {
            let id = UserId::new();
            let email = Email::parse(&format!("{name}@example.org")).unwrap();
            let new = NewUser {
                id,
                name: name.into(),
                email,
                hash: "hash".into(),
            };
            let admission = Admission {
                registration: Registration::Invite,
                invite,
                member: false,
            };
            store.register(new, admission, event(Kind::Register, Some(id))).await
        };
        assert!(matches!(register("bob", None).await, Err(Error::InviteRequired)));
        assert!(matches!(
            register("bob", Some(vec![8; 32])).await,
            Err(Error::InviteInvalid)
        ));
        register("bob", Some(vec![7; 32])).await.unwrap();
        assert!(matches!(
            register("eve", Some(vec![7; 32])).await,
            Err(Error::InviteInvalid)
        ));
        assert_eq!(store.forget_invites(now()).await.unwrap(), 0);
        assert_eq!(
            store.forget_invites(now().plus(Duration::from_secs(2))).await.unwrap(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn users_come_in_pages_in_their_order() {
    on_each(async |store| {
        let mut all = Vec::new();
        for name in ["a", "b", "c"] {
            all.push(add(&store, name).await);
        }
        assert_eq!(store.users(None, 2).await.unwrap(), all[..2]);
        let after = Position {
            at: all[1].created_at,
            id: all[1].id,
        };
        assert_eq!(store.users(Some(after), 2).await.unwrap(), all[2..]);
    })
    .await;
}

#[tokio::test]
async fn a_hash_is_replaced_only_where_it_is_the_one_that_was_checked() {
    on_each(async |store| {
        let ada = add(&store, "ada").await;
        store.rehash(ada.id, "other".into(), "new".into()).await.unwrap();
        assert_eq!(store.credentials(ada.id).await.unwrap().unwrap().hash, "hash");
        store.rehash(ada.id, "hash".into(), "new".into()).await.unwrap();
        assert_eq!(store.credentials(ada.id).await.unwrap().unwrap().hash, "new");
        let changed = store.change_password(
            ada.id,
            ("hash".into(), "x".into()),
            event(Kind::PasswordChanged, Some(ada.id)),
        );
        assert!(matches!(changed.await, Err(Error::BadCredentials)));
        let changed = store.change_password(
            ada.id,
            ("new".into(), "x".into()),
            event(Kind::PasswordChanged, Some(ada.id)),
        );
        assert_eq!(changed.await.unwrap().token_version, 2);
        assert_eq!(store.revocations_after(0).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_profile_changes_where_something_is_given() {
    on_each(async |store| {
        let (ada, bob) = (add(&store, "ada").await, add(&store, "bob").await);
        let change = |name: Option<&str>, email: Option<&str>| Profile {
            name: name.map(Into::into),
            email: email.map(|it| Email::parse(it).unwrap()),
        };
        let update = async |change| {
            store
                .update_profile(bob.id, change, event(Kind::UserUpdated, Some(bob.id)))
                .await
        };
        assert_eq!(update(change(Some("Rob"), None)).await.unwrap().name, "Rob");
        let user = update(change(None, Some("Rob@x.org"))).await.unwrap();
        assert_eq!((user.name.as_str(), user.email.as_str()), ("Rob", "Rob@x.org"));
        assert!(store.credentials_by_email("rob@x.org").await.unwrap().is_some());
        assert!(matches!(
            update(change(None, Some("ADA@example.org"))).await,
            Err(Error::EmailTaken)
        ));
        assert_eq!(store.user(ada.id).await.unwrap(), Some(ada));
    })
    .await;
}

#[tokio::test]
async fn roles_and_states_change_and_the_last_admin_stays() {
    on_each(async |store| {
        let (ada, bob) = (add(&store, "ada").await, add(&store, "bob").await);
        let of = |kind, user: &User| event(kind, Some(user.id));
        let last = store.change_role(ada.id, Role::User, of(Kind::RoleChanged, &ada)).await;
        assert!(matches!(last, Err(Error::LastAdmin)));
        assert!(matches!(
            store.disable(ada.id, of(Kind::UserDisabled, &ada)).await,
            Err(Error::LastAdmin)
        ));
        let gone = store.delete_user(ada.id, now(), of(Kind::UserDeleted, &ada)).await;
        assert!(matches!(gone, Err(Error::LastAdmin)));
        assert_eq!(
            store.user(ada.id).await.unwrap(),
            Some(ada.clone()),
            "a refusal changes nothing"
        );
        let admin = store
            .change_role(bob.id, Role::Admin, of(Kind::RoleChanged, &bob))
            .await
            .unwrap();
        assert_eq!((admin.role, admin.token_version), (Role::Admin, 2));
        assert!(
            store
                .disable(ada.id, of(Kind::UserDisabled, &ada))
                .await
                .unwrap()
                .disabled
        );
        assert!(
            !store
                .enable(ada.id, of(Kind::UserEnabled, &ada))
                .await
                .unwrap()
                .disabled
        );
        store
            .delete_user(ada.id, now(), of(Kind::UserDeleted, &ada))
            .await
            .unwrap();
        assert_eq!(store.user(ada.id).await.unwrap(), None);
        let nobody = store.delete_user(ada.id, now(), of(Kind::UserDeleted, &ada)).await;
        assert!(matches!(nobody, Err(Error::Gone)));
        let services: Vec<_> = store
            .due_erasures(now())
            .await
            .unwrap()
            .into_iter()
            .map(|it| it.service)
            .collect();
        assert_eq!(services.len(), 2);
    })
    .await;
}
