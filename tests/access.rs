//! Every method with every kind of caller, from the descriptors: a method that is added is walked too.

mod common;

use common::{
    Server, on_each_shape,
    user::{User, bearer},
};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, ReflectMessage, Value};
use tonic::{Code, Request, transport::Channel};
use voltaire_proto::auth::v1 as auth;

/// What the access rule of a method says.
#[derive(Debug)]
struct Rule {
    access: i32,
    scopes: Vec<String>,
}

const PUBLIC: i32 = 1;
const ADMIN: i32 = 2;
const SERVICE: i32 = 3;

fn methods() -> Vec<(MethodDescriptor, Rule)> {
    let pool = DescriptorPool::decode(voltaire_proto::DESCRIPTORS).expect("descriptors");
    let option = pool
        .get_extension_by_name("voltaire.options.v1.rule")
        .expect("the option");
    let ours = pool
        .services()
        .filter(|it| it.full_name().starts_with("voltaire.") && !it.full_name().contains(".demo."));
    let methods = ours.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .map(|method| {
            let options = method.options();
            let rule = options.get_extension(&option);
            let rule = rule.as_message().expect("a message");
            let access = rule
                .get_field_by_name("access")
                .and_then(|it| it.as_enum_number())
                .unwrap_or_default();
            let scopes = rule.get_field_by_name("scopes").map(|it| match it.into_owned() {
                Value::List(list) => list.iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect(),
                _ => Vec::new(),
            });
            let scopes = scopes.unwrap_or_default();
            (method, Rule { access, scopes })
        })
        .collect()
}

/// A codec for messages that are only bytes.
#[derive(Clone, Default)]
struct Bytes;

impl tonic::codec::Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl tonic::codec::Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut tonic::codec::EncodeBuf<'_>) -> Result<(), tonic::Status> {
        bytes::BufMut::put_slice(buffer, &item);
        Ok(())
    }
}

impl tonic::codec::Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = tonic::Status;

    fn decode(&mut self, buffer: &mut tonic::codec::DecodeBuf<'_>) -> Result<Option<Vec<u8>>, tonic::Status> {
        let mut bytes = vec![0; bytes::Buf::remaining(buffer)];
        bytes::Buf::copy_to_slice(buffer, &mut bytes);
        Ok(Some(bytes))
    }
}

/// Calls a method with a message and gives the status of its beginning or first message.
async fn call(channel: &Channel, method: &MethodDescriptor, request: Request<Vec<u8>>) -> Code {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name())
        .parse()
        .expect("a path");
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.expect("the server is there");
    let (metadata, extensions, message) = request.into_parts();
    let request = Request::from_parts(metadata, extensions, futures::stream::iter([message]));
    match client.streaming(request, path, Bytes).await {
        Err(status) => status.code(),
        Ok(answer) => {
            let first = tokio::time::timeout(std::time::Duration::from_secs(10), answer.into_inner().message()).await;
            first.map_or(Code::Ok, |first| {
                first.map_or_else(|status| status.code(), |_| Code::Ok)
            })
        }
    }
}

/// A token of each kind, and whether the rule lets it in.
async fn callers(server: &Server) -> Vec<(&'static str, Option<String>)> {
    let admin = User::register(server, "root").await;
    let user = User::register(server, "hal").await;
    let revoked = User::register(server, "ida").await;
    revoked
        .auth()
        .logout(revoked.request(auth::LogoutRequest {}))
        .await
        .expect("signed out");
    let mut callers = vec![
        ("nobody", None),
        ("garbage", Some("x.y.z".to_owned())),
        ("revoked", Some(revoked.token)),
    ];
    for scope in ["ingest", "read", "mcp"] {
        let request = auth::CreateApiTokenRequest {
            name: scope.into(),
            scopes: vec![scope.into()],
            expire_time: None,
        };
        let made = user
            .auth()
            .create_api_token(user.request(request))
            .await
            .expect("a token")
            .into_inner();
        callers.push((scope, Some(made.access_token)));
    }
    callers.push(("user", Some(user.token)));
    callers.push(("admin", Some(admin.token)));
    callers
}

/// What the contract says a caller gets before the method is run; none: it is let in.
fn refusal(rule: &Rule, caller: &str) -> Option<Code> {
    match (rule.access, caller) {
        (PUBLIC, _) | (ADMIN, "admin") => None,
        // The edge lets nobody through to them, whoever it is.
        (SERVICE, _) => Some(Code::PermissionDenied),
        (_, "nobody" | "garbage" | "revoked") => Some(Code::Unauthenticated),
        (ADMIN, _) => Some(Code::PermissionDenied),
        (_, "user" | "admin") => None,
        (_, scope) => (!rule.scopes.iter().any(|it| it == scope)).then_some(Code::PermissionDenied),
    }
}

#[tokio::test]
async fn every_method_lets_in_exactly_who_its_contract_names() {
    on_each_shape(async |server| {
        let callers = callers(server).await;
        let channel = common::user::channel(&server.url).await;
        // What is signed out is refused everywhere within a second.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let mut cells = 0;
        for (method, rule) in methods() {
            if matches!(method.name(), "Logout" | "DeleteMe") {
                continue;
            }
            for (caller, token) in &callers {
                let empty = Vec::new();
                let request = token
                    .as_ref()
                    .map_or_else(|| Request::new(empty.clone()), |token| bearer(token, empty.clone()));
                let code = call(&channel, &method, request).await;
                match refusal(&rule, caller) {
                    Some(expected) => assert_eq!(code, expected, "{} by {caller}, {rule:?}", method.full_name()),
                    None => assert!(
                        !matches!(code, Code::PermissionDenied | Code::Internal | Code::Unknown)
                            && (code != Code::Unauthenticated || matches!(method.name(), "Login" | "ChangePassword")),
                        "{} by {caller}: {code:?}",
                        method.full_name()
                    ),
                }
                cells += 1;
            }
        }
        println!("{cells} cells");
    })
    .await;
}

/// A message whose every text is this, whatever it is for.
fn filled(method: &MethodDescriptor, text: &str) -> Vec<u8> {
    let mut message = DynamicMessage::new(method.input());
    fill(&mut message, text, 0);
    prost::Message::encode_to_vec(&message)
}

fn fill(message: &mut DynamicMessage, text: &str, depth: usize) {
    let fields: Vec<_> = message.descriptor().fields().collect();
    for field in fields {
        let value = match field.kind() {
            prost_reflect::Kind::String => Value::String(text.to_owned()),
            prost_reflect::Kind::Int32 => Value::I32(-7),
            prost_reflect::Kind::Double => Value::F64(f64::NAN),
            prost_reflect::Kind::Message(inner) if depth < 3 => {
                let mut inner = DynamicMessage::new(inner);
                fill(&mut inner, text, depth + 1);
                Value::Message(inner)
            }
            _ => continue,
        };
        let value = if field.is_list() {
            Value::List(vec![value])
        } else {
            value
        };
        if !field.is_map() {
            message.set_field(&field, value);
        }
    }
}

#[tokio::test]
async fn no_garbage_in_any_field_is_an_internal_error() {
    let server = Server::up().await;
    let user = User::register(&server, "jan").await;
    let long = "x".repeat(100_000);
    let injected = "'; DROP TABLE users; --";
    for text in [
        "",
        "\u{0}",
        injected,
        "../../etc/passwd",
        "\u{202e}\u{1f420}",
        long.as_str(),
    ] {
        for (method, rule) in methods() {
            if rule.access == SERVICE || matches!(method.name(), "Logout" | "DeleteMe") {
                continue;
            }
            let code = call(&user.channel, &method, user.request(filled(&method, text))).await;
            let fine = !matches!(
                code,
                Code::Internal | Code::Unknown | Code::Unavailable | Code::DeadlineExceeded | Code::DataLoss
            );
            assert!(fine, "{} with {:.20?}: {code:?}", method.full_name(), text);
        }
    }
    assert!(user.auth().get_me(user.request(auth::GetMeRequest {})).await.is_ok());
    server.stop();
}
