// Checks objects of operators, strictly: by the validators of @kubernetes-models, which are made from the operators' own
// schemas, and by their types, so that a field that there is not is told as well.
//   node operators.mjs FOLDER_WITH_NODE_MODULES OBJECTS.json

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const root = join(folder, "checked.mts");
const require = createRequire(pathToFileURL(root));
const typescript = require("typescript");

const PACKAGES = {
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
};

const objects = JSON.parse(readFileSync(file, "utf8"));
const problems = [];
const lines = [];
for (const [number, object] of objects.entries()) {
  const { apiVersion, kind } = object;
  const module = `${PACKAGES[apiVersion.split("/")[0]]}/${apiVersion}/${kind}`;
  const { [kind]: Model } = await import(pathToFileURL(join(folder, "node_modules", `${module}.js`)));
  try {
    new Model(object).validate();
  } catch (error) {
    problems.push(`${kind} ${object.metadata.name}: ${error.message}`);
  }
  lines.push(`import type { I${kind} as I${number} } from "${module}"; export const it${number}: I${number} = ${JSON.stringify(object)};`);
}

const options = {
  module: typescript.ModuleKind.NodeNext,
  moduleResolution: typescript.ModuleResolutionKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  types: [],
};
const host = typescript.createCompilerHost(options);
const { fileExists, readFile } = host;
const text = lines.join("\n");
host.fileExists = (name) => name === root || fileExists(name);
host.readFile = (name) => (name === root ? text : readFile(name));
const program = typescript.createProgram([root], options, host);
for (const { file: where, start, messageText } of typescript.getPreEmitDiagnostics(program)) {
  const number = where ? where.getLineAndCharacterOfPosition(start).line : 0;
  const { kind, metadata } = objects[number];
  problems.push(`${kind} ${metadata.name}: ${typescript.flattenDiagnosticMessageText(messageText, "; ")}`);
}
console.log(problems.join("\n") || `${objects.length} checked`);
process.exit(problems.length ? 1 : 0);
