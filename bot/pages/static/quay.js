// The clerk's page: keys, the sentence the citizen will get, and a queue that follows. Each form works without it.
(() => {
  "use strict";
  const main = document.querySelector("[data-queue]");
  if (!main) return;
  const $ = (selector, root = main) => root.querySelector(selector);
  const $$ = (selector, root = main) => [...root.querySelectorAll(selector)];

  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const tell = () => {
    const papers = $$("[data-paper]:checked").map((box) => box.dataset.paper);
    const other = $("[data-other]");
    if (other && other.value.trim()) papers.push(other.value.trim());
    $$(".opt").forEach((row) => {
      const box = row.querySelector("input");
      row.classList.toggle(box.type === "radio" ? "opt--on" : "opt--bad", box.checked);
    });
    const count = $("[data-count]");
    if (count) { count.hidden = !papers.length; count.textContent = fill(count.dataset.words, { count: papers.length }); }
    const box = $("[data-told]"), text = $("[data-told-text]");
    if (text) text.textContent = papers.length ? fill(box.dataset.missing, { count: papers.length, papers: papers.join("; ") }) : box.dataset.done;
  };
  main.addEventListener("change", (event) => {
    if (event.target.matches("[data-paper]") && event.target.checked) { const lack = $("input[name=kq][value='2']"); if (lack) lack.checked = true; }
    tell();
  });
  main.addEventListener("input", tell);

  const typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]),select,textarea,[contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (main.dataset.keys !== "on" || event.ctrlKey || event.altKey || event.metaKey || event.repeat || typing(event.target)) return;
    if (event.key === "Enter" && event.target.closest("a,button,summary")) return;
    const pressed = $$("[data-key]").find((item) => item.dataset.key === event.key.toLowerCase());
    if (!pressed) return;
    event.preventDefault();
    if (pressed.matches("input[type=radio]")) pressed.checked = true;
    else if (pressed.matches("input[type=checkbox]")) pressed.checked = !pressed.checked;
    else { pressed.click(); return; }
    pressed.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // One press, one deed: a second press while the first is on its way does nothing.
  main.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => $$("form").forEach((form) => delete form.dataset.sent));

  // The queue follows; what is being filled in stays untouched.
  let fetching = false, again = false;
  const refresh = async () => {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["[data-line]", ...(document.querySelector("form[data-serve]") ? [] : ["[data-serve]"])]) {
        const now = $(part), next = fresh.querySelector(part);
        if (now && next && !now.querySelector("details[open]") && !now.contains(document.activeElement)) now.replaceWith(document.importNode(next, true));
      }
    } catch { /* the line is down: the page stays as it is, the stream comes back by itself */ }
    fetching = false;
    if (again) { again = false; refresh(); }
  };
  if (main.dataset.stream && "EventSource" in window) new EventSource(main.dataset.stream).addEventListener("moi", refresh);
  tell();
})();
