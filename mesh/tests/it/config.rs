//! Configuration in layers.

use std::path::PathBuf;

use voltaire_mesh::{
    MeshConfig, Secret,
    config::{Alias, ConfigError, Sources, load},
};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    mesh: MeshConfig,
    store: Store,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Store {
    url: Secret,
    limit: u32,
    words: Vec<String>,
    name: String,
    note_file: PathBuf,
}

const ALIASES: [Alias<'static>; 1] = [Alias {
    variable: "DATABASE_URL",
    keys: &["store.url"],
}];

fn loaded(file: Option<&str>, environment: &[(&str, &str)], flags: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voltaire.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    load(Sources {
        file: file.map(|_| path),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into())),
        aliases: &ALIASES,
        flags: toml::from_str(flags).unwrap(),
    })
}

#[test]
fn a_later_layer_is_stronger() {
    let file = "[store]\nlimit = 1\nname = 'file'\nwords = ['a']";
    let it = loaded(Some(file), &[], "").unwrap().store;
    assert_eq!((it.limit, it.name.as_str()), (1, "file"));
    let environment = [("VOLTAIRE_STORE__LIMIT", "2"), ("PATH", "/bin"), ("VOLTAIRE_PORT", "x")];
    let it = loaded(Some(file), &environment, "").unwrap().store;
    assert_eq!((it.limit, it.name.as_str()), (2, "file"));
    let it = loaded(Some(file), &environment, "store.limit = 3").unwrap().store;
    assert_eq!((it.limit, it.name.as_str(), it.words), (3, "file", vec!["a".into()]));
}

#[test]
fn a_variable_is_read_as_its_key_needs_it() {
    let it = loaded(
        None,
        &[
            ("VOLTAIRE_STORE__NAME", "12345"),
            ("VOLTAIRE_STORE__WORDS", "['a', 'b']"),
            ("VOLTAIRE_STORE__NOTE_FILE", "note.txt"),
            ("VOLTAIRE_MESH__LOG__JSON", "true"),
            ("VOLTAIRE_MESH__PEERS__AUTH", "http://auth:50051"),
            ("VOLTAIRE_MESH__TRUSTED_PROXIES", "['10.0.0.0/8']"),
        ],
        "",
    )
    .unwrap();
    assert_eq!((it.store.name.as_str(), it.store.words.len()), ("12345", 2));
    assert_eq!(it.store.note_file, PathBuf::from("note.txt"), "a key may end so");
    assert!(it.mesh.log.json && it.mesh.trusted_proxies.len() == 1);
    assert_eq!(it.mesh.peers.auth.as_deref(), Some("http://auth:50051"));
}

#[test]
fn a_secret_may_come_from_a_file_and_a_plain_variable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "postgres://u:p@db/v\n").unwrap();
    let path = path.to_str().unwrap();
    for (name, value) in [
        ("DATABASE_URL", "postgres://u:p@db/v"),
        ("DATABASE_URL_FILE", path),
        ("VOLTAIRE_STORE__URL_FILE", path),
    ] {
        let it = loaded(None, &[(name, value)], "").unwrap();
        assert_eq!(it.store.url.reveal(), "postgres://u:p@db/v", "{name}");
        assert!(!format!("{it:?}").contains("u:p"), "never shown");
    }
    let both = [("DATABASE_URL", "plain"), ("VOLTAIRE_STORE__URL", "prefixed")];
    assert_eq!(loaded(None, &both, "").unwrap().store.url.reveal(), "prefixed");
}

#[test]
fn what_is_unknown_or_does_not_fit_is_refused_by_name_and_place() {
    for (file, environment, flags, words) in [
        (Some("[store]\nlimmit = 1"), None, "", ["voltaire.toml", "limmit"]),
        (Some("[store]\nlimit = 'x'"), None, "", ["voltaire.toml", "limit"]),
        (Some("store ="), None, "", ["voltaire.toml", "TOML"]),
        (
            None,
            Some(("VOLTAIRE_STORE__LIMMIT", "1")),
            "",
            ["VOLTAIRE_STORE__LIMMIT", "limmit"],
        ),
        (
            None,
            Some(("VOLTAIRE_STORE__LIMIT", "many")),
            "",
            ["VOLTAIRE_STORE__LIMIT", "limit"],
        ),
        (
            None,
            Some(("VOLTAIRE_NOWHERE__X", "1")),
            "",
            ["VOLTAIRE_NOWHERE__X", "nowhere"],
        ),
        (
            None,
            Some(("VOLTAIRE_STORE__URL_FILE", "/no/such")),
            "",
            ["VOLTAIRE_STORE__URL_FILE", "/no/such"],
        ),
        (None, None, "store.limmit = 1", ["flags", "limmit"]),
    ] {
        let environment: Vec<_> = environment.into_iter().collect();
        let error = loaded(file, &environment, flags).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{word} in {error}");
        }
    }
}

#[test]
fn a_file_that_is_named_must_exist() {
    let sources = Sources {
        file: Some(PathBuf::from("/no/such/voltaire.toml")),
        environment: Vec::new(),
        aliases: &[],
        flags: toml::Table::new(),
    };
    assert!(matches!(load::<Config>(sources), Err(ConfigError::File { .. })));
}
