// Everything here is a bonus: each form and link works without it.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const POLL_MS = 15000;
  const GAP = 8;
  const composer = $("[data-composer]");
  const status = $("[data-status]");

  const tell = (text) => { if (status) { status.textContent = text || ""; status.hidden = !text; } };
  const post = (form, button) => {
    const body = new URLSearchParams(new FormData(form));
    if (button && button.name) body.set(button.name, button.value);
    return fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Mot-Cua": "1" }, credentials: "same-origin" });
  };

  // The log: pieces that changed are replaced, new ones are added, the rest is left alone, and so is the focus.
  const current = () => $("[data-log]");
  const adopt = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-log]");
    const log = current();
    if (!fresh || !log) return false;
    const held = document.activeElement && document.activeElement.id;
    const list = $("ol", log);
    const old = new Map($$(":scope > li", list).map((item) => [item.dataset.key, item]));
    $$("#moi", list).forEach((item) => item.removeAttribute("id"));
    let place = list.firstElementChild;
    for (const item of $$(":scope > ol > li", fresh)) {
      let here = old.get(item.dataset.key);
      old.delete(item.dataset.key);
      if (here && here.dataset.version === item.dataset.version) {
        for (const box of $$("input[type=checkbox]", item)) { const mine = document.getElementById(box.id); if (mine) mine.checked = box.checked; }
        if (item.id) here.id = item.id;
      } else {
        const imported = document.importNode(item, true);
        if (here) { if (place === here) place = here.nextElementSibling; here.replaceWith(imported); }
        here = imported;
      }
      if (here === place) place = place.nextElementSibling; else list.insertBefore(here, place);
    }
    old.forEach((item) => item.remove());
    Object.assign(log.dataset, fresh.dataset);
    const below = $("[data-below]");
    if (below && !("begins" in fresh.dataset)) below.remove();
    $$("input[name=ma]").forEach((input) => { input.value = fresh.dataset.token; });
    $$("input[name=phien]").forEach((input) => { input.value = fresh.dataset.session; });
    if (held && document.activeElement.id !== held) { const again = document.getElementById(held); if (again) again.focus({ preventScroll: true }); }
    enhance();
    return true;
  };
  // The newest answer from its first line, with the end of what came before above it if all of it then fits above the bar.
  const show = () => {
    const newest = $("#moi");
    if (!newest) return;
    newest.scrollIntoView({ block: "start" });
    const covered = current().getBoundingClientRect().bottom - $(".composer").getBoundingClientRect().top;
    if (covered > 0) scrollBy(0, Math.min(Math.ceil(covered), newest.getBoundingClientRect().top - GAP));
  };
  const here = (path, extra) => { const log = current(); const query = new URLSearchParams(extra); if (log.dataset.session) query.set("phien", log.dataset.session); return `${path}?${query}`; };
  const refresh = async () => {
    const answer = await fetch(here("/moi", { sau: current().dataset.newest }), { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === 200 && adopt(await answer.text())) tell("");
  };

  // Sending without a new page; when that fails, what was typed stays.
  let sending = false;
  const send = async (form, button) => {
    if (sending) return;
    sending = true;
    try {
      let answer = await post(form, button);
      if (answer.status === 403 && adopt(await answer.text())) answer = await post(form, button);
      if (answer.status === 429) { tell(composer.dataset.busy); return; }
      if (!answer.ok || !adopt(await answer.text())) { form.removeEventListener("submit", onSubmit); form.requestSubmit(button || undefined); return; }
      if (form === composer) form.reset();
      tell("");
      show();
      if (form !== composer && matchMedia("(pointer: fine)").matches) $("#tin").focus({ preventScroll: true });
      listen();
    } catch { tell(composer.dataset.offline); } finally { sending = false; }
  };
  const onSubmit = (event) => {
    const form = event.currentTarget;
    if (form === composer && !$("#tin").value.trim()) { event.preventDefault(); return; }
    event.preventDefault();
    send(form, event.submitter);
  };

  // Boxes save themselves, one after the other.
  let saving = Promise.resolve();
  const save = (box) => {
    const form = box.form;
    saving = saving.then(async () => {
      const answer = await post(form).catch(() => null);
      if (answer && answer.ok) { tell(""); return; }
      if (answer && answer.status === 403) { form.submit(); return; }
      box.checked = !box.checked;
      tell(answer && answer.status === 429 && composer ? composer.dataset.busy : (composer || form).dataset.offlineTick);
    });
  };
  const enhance = () => {
    $$("[data-save]").forEach((part) => { part.hidden = true; });
    $$("form[data-ticks]").forEach((form) => { if (!form.onchange) form.onchange = (event) => save(event.target); });
    if (composer) $$("form[action='/gui'], form[action='/chon'], .log form[action='/bat-dau']").forEach((form) => form.addEventListener("submit", onSubmit));
  };

  // News: a stream while the page is looked at, and asking now and then where streams do not get through.
  let stream = null;
  let timer = null;
  const poll = (on) => { clearInterval(timer); timer = on ? setInterval(refresh, POLL_MS) : null; };
  const quiet = () => { if (stream) stream.close(); stream = null; poll(false); };
  const listen = () => {
    const log = current();
    if (!log || !log.dataset.known || document.hidden || stream) return;
    if (!window.EventSource) { poll(true); return; }
    stream = new EventSource(here("/song", { tu: log.dataset.newest }));
    stream.addEventListener("moi", (event) => { if (Number(event.data) > Number(current().dataset.newest)) refresh(); });
    stream.onopen = () => poll(false);
    stream.onerror = () => { if (stream && stream.readyState === EventSource.CLOSED) stream = null; poll(true); };
  };

  $$("[data-print]").forEach((button) => { button.hidden = false; button.onclick = () => window.print(); });
  enhance();
  if (!composer) return;
  $("#tin").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && matchMedia("(pointer: fine)").matches) { event.preventDefault(); composer.requestSubmit(); }
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) quiet(); else if (current().dataset.known) { refresh(); listen(); } });
  listen();
})();
