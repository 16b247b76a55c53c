"""Checks manifests, strictly, against the schemas of Kubernetes that the package kubernetes-validate carries."""

import sys

import kubernetes_validate
import yaml

VERSIONS = ["1.31", "1.34"]
# Kinds of operators and tools, whose schemas are not in Kubernetes itself.
OTHERS = {"Kustomization", "Issuer", "Certificate", "Cluster", "ScheduledBackup", "Gateway", "TLSRoute"}

problems = []
checked = 0
for file in sys.argv[1:]:
    for document in yaml.safe_load_all(open(file)):
        if document["kind"] in OTHERS:
            continue
        for version in VERSIONS:
            checked += 1
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except Exception as error:
                problems.append(f"{file}: {document['kind']} {document['metadata']['name']} ({version}): {error}")
print("\n".join(problems) or f"{checked} checked")
sys.exit(bool(problems) or checked == 0)
