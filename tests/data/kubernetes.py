"""Checks manifests, strictly, against the schemas of Kubernetes that the package kubernetes-validate carries."""

import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.31", "1.34"]
# Whose schemas are not in Kubernetes itself: kustomize's, and operators', which operators.mjs checks.
OTHERS = {
    "cert-manager.io",
    "gateway.networking.k8s.io",
    "kustomize.config.k8s.io",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
}

problems = []
checked = 0
for file in sys.argv[1:]:
    for document in yaml.safe_load_all(open(file)):
        if document["apiVersion"].split("/")[0] in OTHERS:
            continue
        for version in VERSIONS:
            checked += 1
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except Exception as error:
                problems.append(f"{file}: {document['kind']} {document['metadata']['name']} ({version}): {error}")
print("\n".join(problems) or f"{checked} checked")
sys.exit(bool(problems) or checked == 0)
