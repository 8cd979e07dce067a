// The inbox of questions follows by itself, and Ctrl + Enter sends. Each form works without it.
(() => {
  "use strict";
  const main = document.querySelector("[data-follow]");
  if (!main) return;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-send]")) return;
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("button[name=viec]"));
  });
  // One press, one deed: a second press while the first is on its way does nothing.
  main.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => main.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

  // What is being read is exchanged, what is being written stays.
  let fetching = false, again = false;
  const refresh = async () => {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const address = new URL(location.href);
      address.searchParams.delete("xong");
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const now of main.querySelectorAll("[data-part]")) {
          const next = fresh.querySelector(`[data-part="${now.dataset.part}"]`);
          const busy = now.querySelector("details[open]") || now.contains(document.activeElement);
          if (next && !busy && now.innerHTML !== next.innerHTML) now.replaceWith(document.importNode(next, true));
        }
      }
    } catch { /* the line is down: the page stays as it is, the stream comes back by itself */ }
    fetching = false;
    if (again) { again = false; refresh(); }
  };
  if ("EventSource" in window) new EventSource(main.dataset.follow).addEventListener("moi", refresh);
})();
