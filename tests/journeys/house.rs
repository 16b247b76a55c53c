//! Settings and administration.

use std::time::Duration;

use serde_json::json;
use tonic::Code;
use voltaire_proto::{
    auth::v1::{
        CreateApiTokenRequest, GetMeRequest, ListUsersRequest, LogoutRequest, auth_service_client::AuthServiceClient,
    },
    telemetry::v1::{Home, ListHomesRequest, Tariff, UpdateHomeRequest, home_service_client::HomeServiceClient},
};

use crate::{
    Walk,
    common::user::{self, PASSWORD, User},
};

/// Walks them.
pub(crate) async fn walk(walk: &Walk<'_>) {
    walk.page.client.delete_all_cookies().await.expect("signed out");
    walk.page.sign_in(&walk.server.url, "una@example.com").await;
    device_and_token(walk).await;
    walk.walked(23).await;
    people(walk).await;
    walk.walked(27).await;
    ended_session(walk).await;
    walk.walked(28).await;
    rest(walk).await;
    only_looking(walk).await;
}

/// 23: a new device with kind and room; its token is shown once; its name and room are changed, and stay so.
async fn device_and_token(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("devices?add=1").await;
    page.fill("#device-name", "Kettle").await;
    page.fill("#device-room", "Kitchen").await;
    page.click("[data-testid=create-device]").await;
    page.click("[data-testid=make-token]").await;
    page.find("[data-testid=copy-token]").await;
    page.press("[data-testid=finish]").await;
    let colour = "return [...document.querySelectorAll('[data-testid=device]')]
        .find(it => it.textContent.includes('Kettle')).querySelector('.tile').className";
    page.text("[data-testid=device]", "Kettle").await;
    let before = page.run(colour).await;
    walk.open("settings/devices").await;
    let room = "[data-testid=device-line]:last-child [data-testid=edit-room]";
    page.find(room).await;
    page.run(&format!("document.querySelector('{room}').select()")).await;
    page.fill(room, "Cellar\t").await;
    page.find("[data-testid=device-line]:last-child [aria-busy=false] .icon")
        .await;
    walk.open("devices").await;
    page.text("[data-testid=device]", "Cellar").await;
    assert_eq!(page.run(colour).await, before);

    walk.open("settings/tokens").await;
    page.fill("#token-name", "script\n").await;
    page.find("[data-testid=made-token] pre").await;
    // The list comes a moment after it.
    page.text("[data-testid=token]", "script").await;
    let lines = page.texts("[data-testid=token]").await;
    assert!(
        lines
            .iter()
            .any(|it| it.contains("script") && it.contains("Send readings")),
        "{lines:?}"
    );
    page.picture("settings-tokens").await;
    page.client.refresh().await.expect("reloaded");
    page.find("[data-testid=token]").await;
    page.gone("[data-testid=made-token]").await;
    page.press("[data-testid=token]:first-child [data-testid=revoke]").await;
    page.press("[data-testid=revoke-confirm]").await;
    page.gone("[data-testid=token]:nth-child(2)").await;
}

/// 27: an admin invites, changes roles and disables; it holds in the other's session, and stands in the record.
async fn people(walk: &Walk<'_>) {
    let (page, server) = (walk.page, walk.server);
    let wes = User::register(server, "wes").await;
    walk.open("admin").await;
    page.press("[data-testid=create-invite]").await;
    page.find("[data-testid=invite-code] pre").await;
    page.text("[data-testid=user]", "wes@example.com").await;
    page.picture("admin-users").await;
    let line = "[...document.querySelectorAll('[data-testid=user]')].find(it => it.textContent.includes('wes@'))";
    page.run(&format!("{line}.querySelector('[data-testid=disable]').click()"))
        .await;
    page.press("[data-testid=disable-confirm]").await;
    page.find("[data-testid=user][data-state=disabled]").await;
    let mut refused = false;
    for _ in 0..50 {
        refused = wes.auth().get_me(wes.request(GetMeRequest {})).await.is_err();
        if refused {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(refused, "a disabled user's session goes on");
    walk.open("admin/audit").await;
    page.text("[data-testid=event]", "Account disabled").await;
    walk.open("admin/services").await;
    page.find("[data-testid=service][data-state=SERVING]").await;
}

/// 28: a session that has ended is begun again over the page; what was typed stays, and what was begun is done.
async fn ended_session(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("settings/tokens").await;
    page.fill("#token-name", "plug in the cellar").await;
    let mut auth = AuthServiceClient::new(user::channel(&walk.server.url).await);
    for cookie in page.client.get_all_cookies().await.expect("cookies") {
        let request = user::bearer(cookie.value(), LogoutRequest {});
        auth.logout(request).await.expect("signed out elsewhere");
    }
    page.press("[data-testid=create-token]").await;
    page.find("#sign-in-again[open] #password:focus").await;
    page.picture("sign-in-again").await;
    page.fill("#sign-in-again #password", "not-the-password\n").await;
    page.find("#sign-in-again #auth-problem").await;
    let typed = page.run("return document.querySelector('#token-name').value").await;
    assert_eq!(typed, json!("plug in the cellar"));
    page.run("document.querySelector('#sign-in-again #password').select()")
        .await;
    page.fill("#sign-in-again #password", &format!("{PASSWORD}\n")).await;
    page.gone("#sign-in-again").await;
    page.find("[data-testid=made-token] pre").await;
    page.text("[data-testid=token]", "plug in the cellar").await;
    // A refused call is an error to the browser.
    page.console().await;
}

/// Rules of alerts, the password; who is no admin is told who can open the administration.
async fn rest(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("settings/alerts").await;
    page.press("[data-testid=create-rule]").await;
    page.press("[data-testid=rule][data-state=on] [data-testid=pause-rule]")
        .await;
    page.find("[data-testid=rule][data-state=paused]").await;
    walk.open("settings/account").await;
    let disabled = page.run("return document.querySelector('[data-testid=delete-account]').disabled");
    page.find("[data-testid=delete-account]").await;
    assert_eq!(disabled.await, json!(true));
    page.press("#sign-out").await;
    page.find("[data-testid=page-login]").await;
    page.sign_in(&walk.server.url, "vic@example.com").await;
}

/// What there is of 26: who may not do something is told who may, and is refused by hand as well; a token that may only look cannot
/// change a tariff. A home has no members who may only look.
async fn only_looking(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("admin").await;
    page.text(
        "[data-testid=page-admin][data-state=denied]",
        "Ask whoever runs this server",
    )
    .await;
    page.gone("[data-testid=page-admin] .tabs").await;
    assert_eq!(page.console().await, Vec::<String>::new());

    let channel = user::channel(&walk.server.url).await;
    let mut auth = AuthServiceClient::new(channel.clone());
    let cookies = page.client.get_all_cookies().await.expect("cookies");
    let session = cookies.first().expect("the session").value().to_owned();
    let refused = auth
        .list_users(user::bearer(&session, ListUsersRequest::default()))
        .await;
    assert_eq!(refused.map_err(|it| it.code()).err(), Some(Code::PermissionDenied));

    let request = CreateApiTokenRequest {
        name: "wall".to_owned(),
        scopes: vec!["read".to_owned()],
        expire_time: None,
    };
    let made = auth
        .create_api_token(user::bearer(&session, request))
        .await
        .expect("made");
    let looking = made.into_inner().access_token;
    let mut homes = HomeServiceClient::new(channel);
    let list = homes.list_homes(user::bearer(&looking, ListHomesRequest {})).await;
    let home = list.expect("readable").into_inner().homes.swap_remove(0);
    let dear = Tariff {
        price_per_kwh: "9.99".to_owned(),
        ..Tariff::default()
    };
    let request = UpdateHomeRequest {
        home: Some(Home {
            tariffs: vec![dear],
            ..home
        }),
        update_mask: None,
    };
    let refused = homes.update_home(user::bearer(&looking, request)).await;
    assert_eq!(refused.map_err(|it| it.code()).err(), Some(Code::PermissionDenied));
}
