//! What `kubectl apply -k` would apply is what the other tests read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    cluster::{Cluster, OVERLAYS, containers, name},
    common::tool,
    project,
};

fn names<'a>(objects: impl IntoIterator<Item = &'a Value>) -> BTreeSet<(String, String)> {
    let named = objects
        .into_iter()
        .map(|it| (it["kind"].as_str().expect("a kind").to_owned(), name(it).to_owned()));
    named.collect()
}

#[test]
fn kustomize_makes_of_each_overlay_what_these_tests_read() {
    for overlay in OVERLAYS {
        let Some(mut kubectl) = tool::tool("VOLTAIRE_TEST_KUBECTL") else {
            return;
        };
        let folder = project("deploy/k8s/overlays").join(overlay);
        let output = kubectl.arg("kustomize").arg(folder).output().expect("kubectl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("a text");
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).expect("YAML");
        let read = Cluster::of(overlay);
        assert_eq!(names(&objects), names(&read.objects), "{overlay}");
        for object in objects.iter().filter(|it| it["kind"] != "Namespace") {
            let place = &object["metadata"]["namespace"];
            assert_eq!(place, "voltaire", "{overlay}: {} {}", object["kind"], name(object));
        }
        let rendered = Cluster {
            objects,
            tags: read.tags.clone(),
        };
        for container in rendered.workloads().flat_map(containers) {
            let image = container["image"].as_str().expect("an image");
            let tagged = read.tags.iter().any(|(name, tag)| *image == format!("{name}:{tag}"));
            assert!(tagged, "{overlay}: {image}");
        }
    }
}
