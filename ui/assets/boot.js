// Applies the reader's theme and language before the first paint, then starts the app. Runs as a classic script in <head>,
// because a module would run after the page was painted.
(() => {
  const root = document.documentElement;
  const stored = (key) => { try { return localStorage.getItem("voltaire." + key); } catch { return null; } };
  const theme = stored("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (stored("colours") === "patterns") root.dataset.colours = "patterns";
  root.lang = (stored("lang") || navigator.language || "en").toLowerCase().startsWith("de") ? "de" : "en";

  const failed = (error) => {
    console.error(error);
    const boot = document.getElementById("boot");
    if (!boot) return;
    boot.classList.add("failed");
    boot.querySelector("p").textContent = root.lang === "de"
      ? "Voltaire konnte nicht starten. Bitte laden Sie die Seite neu."
      : "Voltaire could not start. Please reload the page.";
  };
  let started;
  const start = () => {
    started = import("/assets/ui.js").then((ui) => ui.default({ module_or_path: "/assets/ui_bg.wasm" }));
    // Later visits open without a network. Not everywhere: browsers want https or this machine for it. What it keeps is fetched when the
    // first page has had its turn.
    const keep = () => navigator.serviceWorker?.register("/sw.js").catch(() => {});
    started.then(() => setTimeout(keep, 5000), failed);
  };
  // Parts of the app that the first page does not need. A part puts its functions into the table of the app's module when it is made
  // (xtask/src/ui/split.rs), after what all parts share.
  const parts = {
    shared: "/assets/part-shared.wasm",
    ask: "/assets/part-ask.wasm",
    costs: "/assets/part-costs.wasm",
    devices: "/assets/part-devices.wasm",
    settings: "/assets/part-settings.wasm",
    usage: "/assets/part-usage.wasm",
  };
  const linking = {};
  const link = async (part) => {
    const [main, file] = await Promise.all([started, fetch(parts[part]), part === "shared" || linkPart("shared")]);
    await WebAssembly.instantiateStreaming(file, { main });
  };
  // Each part once; after a failure it can be asked for again.
  globalThis.linkPart = (part) => linking[part] ??= link(part).catch((error) => { delete linking[part]; throw error; });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
