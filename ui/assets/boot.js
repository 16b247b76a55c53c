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
  const start = () => import("/assets/ui.js")
    .then((ui) => ui.default({ module_or_path: "/assets/ui_bg.wasm" }))
    .catch(failed);
  // Later visits open without a network. Not everywhere: browsers want https or this machine for it.
  addEventListener("load", () => navigator.serviceWorker?.register("/sw.js").catch(() => {}));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
