//! The thin adapter of `voltaire.auth.v1.AuthService`: who, parse, do, answer.

use std::{pin::Pin, sync::Arc};

use futures::Stream;
use tonic::{Request, Response, Status, async_trait};
use voltaire_mesh::{Mesh, caller, client_address, page, parse};
use voltaire_proto::auth::v1 as pb;
use voltaire_types::UserId;

use crate::{
    Auth, account, api_token,
    audit::{self, Origin},
    convert, invite, user,
    watch_service::{ALIVE, watch},
};

/// What a page has when nothing is asked for, and at most.
const PAGE: (u32, u32) = (50, 200);

/// The gRPC face of the service.
pub(crate) struct AuthService {
    pub(crate) auth: Arc<Auth>,
    pub(crate) mesh: Mesh,
}

impl AuthService {
    fn stranger<T>(&self, request: &Request<T>) -> Origin {
        Origin {
            now: self.mesh.clock().now(),
            address: client_address(request),
            actor: None,
        }
    }

    fn known<T>(&self, request: &Request<T>) -> Result<(Origin, UserId), Status> {
        let id = caller(request)?.user_id;
        Ok((
            Origin {
                actor: Some(id),
                ..self.stranger(request)
            },
            id,
        ))
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[async_trait]
impl pb::auth_service_server::AuthService for AuthService {
    type WatchRevocationsStream = Pin<Box<dyn Stream<Item = Result<pb::WatchRevocationsResponse, Status>> + Send>>;

    async fn register(&self, request: Request<pb::RegisterRequest>) -> Answer<pb::RegisterResponse> {
        let origin = self.stranger(&request);
        let applicant = convert::applicant(request.get_ref())?;
        let session = account::register(&self.auth, origin, applicant).await?;
        Ok(Response::new(pb::RegisterResponse {
            session: Some(session.into()),
        }))
    }

    async fn login(&self, request: Request<pb::LoginRequest>) -> Answer<pb::LoginResponse> {
        let origin = self.stranger(&request);
        let email = convert::email("email", &request.get_ref().email)?;
        let password = convert::password("password", &request.get_ref().password)?;
        let session = account::login(&self.auth, origin, &email, password).await?;
        Ok(Response::new(pb::LoginResponse {
            session: Some(session.into()),
        }))
    }

    async fn logout(&self, request: Request<pb::LogoutRequest>) -> Answer<pb::LogoutResponse> {
        let (origin, _) = self.known(&request)?;
        account::logout(&self.auth, origin, &caller(&request)?).await?;
        Ok(Response::new(pb::LogoutResponse {}))
    }

    async fn get_me(&self, request: Request<pb::GetMeRequest>) -> Answer<pb::GetMeResponse> {
        let user = account::me(&self.auth, caller(&request)?.user_id).await?;
        Ok(Response::new(pb::GetMeResponse {
            user: Some(user.into()),
        }))
    }

    async fn update_me(&self, request: Request<pb::UpdateMeRequest>) -> Answer<pb::UpdateMeResponse> {
        let (origin, id) = self.known(&request)?;
        let change = convert::profile(request.into_inner())?;
        let user = account::update(&self.auth, origin, id, change).await?;
        Ok(Response::new(pb::UpdateMeResponse {
            user: Some(user.into()),
        }))
    }

    async fn change_password(&self, request: Request<pb::ChangePasswordRequest>) -> Answer<pb::ChangePasswordResponse> {
        let (origin, id) = self.known(&request)?;
        let change = convert::password_change(request.into_inner())?;
        let session = account::change_password(&self.auth, origin, id, change).await?;
        Ok(Response::new(pb::ChangePasswordResponse {
            session: Some(session.into()),
        }))
    }

    async fn delete_me(&self, request: Request<pb::DeleteMeRequest>) -> Answer<pb::DeleteMeResponse> {
        let (origin, id) = self.known(&request)?;
        let password = convert::password("password", &request.get_ref().password)?;
        account::delete(&self.auth, origin, id, password).await?;
        Ok(Response::new(pb::DeleteMeResponse {}))
    }

    async fn list_users(&self, request: Request<pb::ListUsersRequest>) -> Answer<pb::ListUsersResponse> {
        let pb::ListUsersRequest { page_size, page_token } = request.into_inner();
        let size = page::size("page_size", page_size, PAGE.0, PAGE.1)?;
        let after: Option<user::Position> = page::parse_token(&page_token)?;
        let mut users = self.auth.store.users(after, size + 1).await?;
        let next = cut(&mut users, size, |it| user::Position {
            at: it.created_at,
            id: it.id,
        });
        Ok(Response::new(pb::ListUsersResponse {
            users: users.into_iter().map(Into::into).collect(),
            next_page_token: next,
        }))
    }

    async fn update_user_role(
        &self,
        request: Request<pb::UpdateUserRoleRequest>,
    ) -> Answer<pb::UpdateUserRoleResponse> {
        let (origin, _) = self.known(&request)?;
        let id = parse("user_id", &request.get_ref().user_id)?;
        let role = convert::role(request.get_ref().role)?;
        let user = account::change_role(&self.auth, origin, id, role).await?;
        Ok(Response::new(pb::UpdateUserRoleResponse {
            user: Some(user.into()),
        }))
    }

    async fn disable_user(&self, request: Request<pb::DisableUserRequest>) -> Answer<pb::DisableUserResponse> {
        let (origin, _) = self.known(&request)?;
        let id = parse("user_id", &request.get_ref().user_id)?;
        let user = account::set_enabled(&self.auth, origin, id, request.get_ref().enable).await?;
        Ok(Response::new(pb::DisableUserResponse {
            user: Some(user.into()),
        }))
    }

    async fn create_invite(&self, request: Request<pb::CreateInviteRequest>) -> Answer<pb::CreateInviteResponse> {
        let (origin, _) = self.known(&request)?;
        let text = request.get_ref().email.trim();
        let email = (!text.is_empty()).then(|| convert::email("email", text)).transpose()?;
        let (invite_code, expires) = invite::create(&self.auth, origin, email).await?;
        let expire_time = Some(voltaire_mesh::wire::timestamp(expires));
        Ok(Response::new(pb::CreateInviteResponse {
            invite_code,
            expire_time,
        }))
    }

    async fn create_api_token(
        &self,
        request: Request<pb::CreateApiTokenRequest>,
    ) -> Answer<pb::CreateApiTokenResponse> {
        let (origin, id) = self.known(&request)?;
        let wish = convert::wish(request.get_ref())?;
        let (token, access_token) = api_token::create(&self.auth, origin, id, wish).await?;
        Ok(Response::new(pb::CreateApiTokenResponse {
            api_token: Some(token.into()),
            access_token,
        }))
    }

    async fn list_api_tokens(&self, request: Request<pb::ListApiTokensRequest>) -> Answer<pb::ListApiTokensResponse> {
        let tokens = self.auth.store.api_tokens(caller(&request)?.user_id).await?;
        let api_tokens = tokens.into_iter().map(Into::into).collect();
        Ok(Response::new(pb::ListApiTokensResponse { api_tokens }))
    }

    async fn revoke_api_token(
        &self,
        request: Request<pb::RevokeApiTokenRequest>,
    ) -> Answer<pb::RevokeApiTokenResponse> {
        let (origin, id) = self.known(&request)?;
        let token = parse("token_id", &request.get_ref().token_id)?;
        account::revoke_api_token(&self.auth, origin, id, token).await?;
        Ok(Response::new(pb::RevokeApiTokenResponse {}))
    }

    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Answer<pb::ListAuditEventsResponse> {
        let pb::ListAuditEventsRequest { page_size, page_token } = request.into_inner();
        let size = page::size("page_size", page_size, PAGE.0, PAGE.1)?;
        let before: Option<audit::Position> = page::parse_token(&page_token)?;
        let mut events = self.auth.store.audit_events(before, size + 1).await?;
        let next = cut(&mut events, size, |it| audit::Position { at: it.at, id: it.id });
        Ok(Response::new(pb::ListAuditEventsResponse {
            events: events.into_iter().map(Into::into).collect(),
            next_page_token: next,
        }))
    }

    async fn get_jwks(&self, _: Request<pb::GetJwksRequest>) -> Answer<pb::GetJwksResponse> {
        let keys = self.auth.keys.current().await?;
        let keys = keys.published(self.mesh.clock().now()).map(Into::into).collect();
        Ok(Response::new(pb::GetJwksResponse { keys }))
    }

    async fn watch_revocations(&self, _: Request<pb::WatchRevocationsRequest>) -> Answer<Self::WatchRevocationsStream> {
        Ok(Response::new(Box::pin(watch(
            self.auth.news.clone(),
            &self.mesh,
            ALIVE,
        ))))
    }
}

/// Cuts rows that were read with one more than a page has; gives the token of the next page, or nothing.
fn cut<T, P: serde::Serialize>(rows: &mut Vec<T>, size: u32, position: impl Fn(&T) -> P) -> String {
    if rows.len() <= size as usize {
        return String::new();
    }
    rows.truncate(size as usize);
    rows.last().map(|row| page::token(&position(row))).unwrap_or_default()
}
