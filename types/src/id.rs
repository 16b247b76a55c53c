//! An id is a type: a device can never be passed where a home is meant.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new id, `UUIDv7`: later ones sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "a new id differs each time")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// The UUID itself.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }

            /// The id that is this UUID.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// A home.
    HomeId
);
id!(
    /// Something whose power is measured.
    DeviceId
);
id!(
    /// A correction of what was measured.
    CorrectionId
);
id!(
    /// A rule that raises alerts.
    AlertRuleId
);
id!(
    /// An alert.
    AlertId
);
id!(
    /// A conversation.
    SessionId
);
id!(
    /// A message of a conversation.
    MessageId
);
id!(
    /// A token: the `jti` of its JWT.
    TokenId
);
id!(
    /// A security event.
    EventId
);
id!(
    /// An invitation.
    InviteId
);
