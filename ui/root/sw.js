// Keeps the app's own files, so that it opens without a network. It answers nothing else: calls are POST and never pass through here.
// The names get the hash of their content when the app is built, so that another build is another cache.
const SHELL = [
  "/",
  "/assets/boot.js",
  "/assets/main.css",
  "/assets/charts.css",
  "/assets/charts.js",
  "/assets/ui.js",
  "/assets/ui_bg.wasm",
  "/assets/part-shared.wasm",
  "/assets/part-ask.wasm",
  "/assets/part-costs.wasm",
  "/assets/part-devices.wasm",
  "/assets/part-settings.wasm",
  "/assets/part-usage.wasm",
];
const CACHE = `voltaire ${SHELL.join(" ")}`;
// Addresses of the server itself.
const NOT_PAGES = /^\/(v1|api|api-docs|session)(\/|$)|\./;

const modules = async (cache) => {
  // What the glue imports is known to the glue alone.
  const script = await (await cache.match("/assets/ui.js", { ignoreVary: true })).text();
  const paths = [...script.matchAll(/from\s*['"](\.\/[^'"]+)['"]/g)].map(([, path]) => new URL(path, `${location.origin}/assets/`).pathname);
  await cache.addAll([...new Set(paths)]);
};

const install = async () => {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL);
  await modules(cache);
  await self.skipWaiting();
};

const activate = async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("voltaire ") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
};

const kept = (path) => caches.match(path, { ignoreVary: true });

// The page comes from the server whenever there is one, so that nobody is kept on an old build.
const page = async (request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const shell = await kept("/");
    if (shell) return shell;
    throw error;
  }
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (!NOT_PAGES.test(pathname)) event.respondWith(page(request));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(kept(pathname).then((file) => file ?? fetch(request)));
  }
});
