// The kiosk: back to the start when nobody is there any more, keys for the code, the printer, and the chat in its frame.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const TOUCHES = ["pointerdown", "keydown", "wheel", "touchmove"];

  $$("[data-print]").forEach((button) => { button.hidden = false; button.onclick = () => window.print(); });

  // A page that comes back from the browser's memory may belong to whoever stood here before.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Nobody touched anything: asked once, then away. The form forgets; where it cannot be sent, the start forgets as well.
  const still = $("[data-still]");
  let last = Date.now();
  const touched = () => { last = Date.now(); };
  if (still) {
    const after = Number(still.dataset.after) * 1000;
    const within = Number(still.dataset.within) * 1000;
    const count = $("[data-count]", still);
    const stay = () => { touched(); if (still.open) still.close(); };
    $("[data-stay]", still).onclick = stay;
    still.addEventListener("cancel", touched);
    TOUCHES.forEach((kind) => addEventListener(kind, () => { if (!still.open) touched(); }, { passive: true, capture: true }));
    const leave = () => { clearInterval(timer); $("form", still).submit(); };
    const timer = setInterval(() => {
      const idle = Date.now() - last;
      if (idle >= after + within) { leave(); return; }
      if (idle >= after) {
        if (!still.open) still.showModal();
        const left = still.dataset.seconds.replace("%s", Math.ceil((after + within - idle) / 1000));
        if (count.textContent !== left) count.textContent = left;
      }
    }, 250);
  }

  // The keys, beside a keyboard or a scanner that types.
  const pad = $("[data-pad]");
  if (pad) {
    const field = $("#so");
    pad.hidden = false;
    field.inputMode = "none";
    pad.onclick = (event) => {
      const key = event.target.closest("button");
      if (!key) return;
      if ("clear" in key.dataset) field.value = "";
      else if ("back" in key.dataset) field.value = field.value.trimEnd().slice(0, -1).trimEnd();
      else field.value += key.dataset.key;
      const digits = field.value.replace(/\D/g, "").slice(0, 6);
      if (/^[\d ]*$/.test(field.value)) field.value = digits.length > 3 ? `${digits.slice(0, 3)} ${digits.slice(3)}` : digits;
    };
  }

  // The first page: a ticket scanned without choosing anything, and hours that do not grow old.
  const scan = $("[data-scan]");
  if (scan) {
    let typed = "";
    addEventListener("keydown", (event) => {
      if (event.key === "Enter" && typed.includes("/phieu/")) { event.preventDefault(); $("input", scan).value = typed; scan.submit(); }
      typed = event.key.length === 1 ? (typed + event.key).slice(-300) : event.key === "Enter" ? "" : typed;
    });
    setInterval(() => { if (Date.now() - last > 300000) location.reload(); }, 10000);
  }

  // The chat: large, without a frame of its own around it, and nothing leads out of it.
  const chat = $("[data-chat]");
  if (chat) {
    const dress = () => {
      const inside = chat.contentDocument;
      if (!inside || !inside.documentElement) return;
      inside.documentElement.dataset.size = "larger";
      inside.documentElement.classList.add("kiosk__inner");
      TOUCHES.forEach((kind) => inside.addEventListener(kind, touched, { passive: true, capture: true }));
      inside.addEventListener("click", (event) => {
        const link = event.target.closest("a[href]");
        if (!link || link.getAttribute("href").startsWith("#")) return;
        const to = new URL(link.href);
        if (to.origin === location.origin && to.pathname === "/khung") return;
        event.preventDefault();
        if (to.origin === location.origin && to.pathname.startsWith("/d/")) location.assign(chat.dataset.list);
        else { const said = $("[data-said]"); said.textContent = said.dataset.outside; }
      }, true);
    };
    chat.addEventListener("load", dress);
    if (chat.contentDocument && chat.contentDocument.readyState === "complete" && chat.contentDocument.URL !== "about:blank") dress();
  }
})();
