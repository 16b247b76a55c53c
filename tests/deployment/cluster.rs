//! What an overlay of Kubernetes brings, as kustomize puts it together from files that it does not change.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::{documents, project, texts};

/// What is deployed, each of them whole.
pub(crate) const OVERLAYS: [&str; 4] = ["dev", "production", "gateway-api", "prometheus-operator"];

/// What an overlay brings into a cluster, and the tags of its images.
pub(crate) struct Cluster {
    pub(crate) objects: Vec<Value>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Cluster {
    pub(crate) fn of(overlay: &str) -> Self {
        let mut cluster = Self {
            objects: Vec::new(),
            tags: BTreeMap::new(),
        };
        cluster.read(&project("deploy/k8s/overlays").join(overlay));
        cluster
    }

    fn read(&mut self, folder: &Path) {
        let kustomization = documents(&folder.join("kustomization.yaml")).remove(0);
        assert_eq!(kustomization["namespace"], "voltaire");
        let understood = ["apiVersion", "kind", "namespace", "resources", "images"];
        for key in kustomization.as_object().expect("an object").keys() {
            assert!(understood.contains(&key.as_str()), "{key} changes what is in the files");
        }
        for resource in texts(&kustomization["resources"]) {
            let path = folder.join(&resource);
            if path.is_dir() {
                self.read(&path);
            } else {
                self.objects.extend(documents(&path));
            }
        }
        for image in kustomization["images"].as_array().into_iter().flatten() {
            let text = |key: &str| image[key].as_str().expect("a text").to_owned();
            self.tags.insert(text("name"), text("newTag"));
        }
    }

    pub(crate) fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |it| it["kind"] == kind)
    }

    pub(crate) fn named(&self, kind: &str, name: &str) -> Option<&Value> {
        self.all(kind).find(|it| it["metadata"]["name"] == name)
    }

    /// Deployments, stateful sets and jobs.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = &Value> {
        let kinds = ["Deployment", "StatefulSet", "Job"];
        self.objects
            .iter()
            .filter(move |it| kinds.iter().any(|kind| it["kind"] == *kind))
    }

    /// The workload whose pods have this name as their label.
    pub(crate) fn labelled(&self, name: &str) -> Option<&Value> {
        self.workloads()
            .find(|it| it["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] == name)
    }

    pub(crate) fn environment(&self, container: &Value) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        for from in container["envFrom"].as_array().into_iter().flatten() {
            let name = from["configMapRef"]["name"].as_str().expect("a config map");
            let map = self
                .named("ConfigMap", name)
                .unwrap_or_else(|| panic!("there is no {name}"));
            let data = map["data"].as_object().expect("data");
            let text = |value: &Value| value.as_str().expect("values are texts").to_owned();
            environment.extend(data.iter().map(|(name, value)| (name.clone(), text(value))));
        }
        for variable in container["env"].as_array().into_iter().flatten() {
            let text = |key: &str| variable[key].as_str().expect("a text").to_owned();
            environment.insert(text("name"), text("value"));
        }
        environment
    }
}

pub(crate) fn name(value: &Value) -> &str {
    value["metadata"]["name"].as_str().expect("a name")
}

pub(crate) fn pod(workload: &Value) -> &Value {
    &workload["spec"]["template"]["spec"]
}

pub(crate) fn containers(workload: &Value) -> impl Iterator<Item = &Value> {
    let kinds = ["initContainers", "containers"];
    kinds
        .into_iter()
        .flat_map(|kind| pod(workload)[kind].as_array().into_iter().flatten())
}

/// Ports of a workload by name.
pub(crate) fn ports(workload: &Value) -> BTreeMap<String, u64> {
    let ports = containers(workload).flat_map(|it| it["ports"].as_array().into_iter().flatten());
    ports
        .filter_map(|it| Some((it["name"].as_str()?.to_owned(), it["containerPort"].as_u64()?)))
        .collect()
}

pub(crate) fn on_each_overlay(test: impl Fn(&Cluster)) {
    for overlay in OVERLAYS {
        println!("{overlay}");
        let cluster = Cluster::of(overlay);
        assert!(cluster.workloads().count() >= 7);
        test(&cluster);
    }
}
