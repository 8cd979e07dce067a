// Booking and ticket. Everything here is a bonus: each form and link works without it.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const POLL_MS = 15000;

  // The chosen time beside the button.
  const picked = $("[data-picked]");
  if (picked) {
    const tell = () => { const slot = $("input[name=gio]:checked"); picked.textContent = slot ? `, ${slot.value.slice(-5)}` : ""; };
    document.addEventListener("change", tell);
    addEventListener("pageshow", tell);
    tell();
  }

  const ticket = $("[data-ticket]");
  if (!ticket) return;
  const offline = $("[data-offline]");
  const path = location.pathname;

  // Parts that changed are replaced. The status region stays, and speaks only when the place or the state is another one.
  const adopt = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-ticket]");
    if (!fresh) return false;
    const held = document.activeElement && document.activeElement.id;
    for (const part of $$("[data-part]", ticket)) {
      const other = $(`[data-part=${part.dataset.part}]`, fresh);
      if (other && other.innerHTML !== part.innerHTML) part.innerHTML = other.innerHTML;
    }
    const status = $("[data-status]", ticket);
    const other = $("[data-status]", fresh);
    status.setAttribute("aria-live", status.dataset.version === other.dataset.version ? "off" : "polite");
    if (status.innerHTML !== other.innerHTML) status.innerHTML = other.innerHTML;
    status.dataset.version = other.dataset.version;
    if ("live" in fresh.dataset) ticket.dataset.live = ""; else delete ticket.dataset.live;
    for (const name of ["newest", "title", "offlineSaid"]) ticket.dataset[name] = fresh.dataset[name];
    document.title = document.title.replace(/^.* · /, `${fresh.dataset.title} · `);
    if (held && document.activeElement.id !== held) { const again = document.getElementById(held); if (again) again.focus({ preventScroll: true }); }
    return true;
  };
  const lost = (is) => {
    $(".live", ticket)?.classList.toggle("live--off", is);
    if (is) $$(".plate--xl", ticket).forEach((plate) => plate.classList.add("plate--quiet"));
    if (is === !offline.hidden) return;
    offline.hidden = !is;
    $("[data-offline-text]").textContent = is ? ticket.dataset.offlineSaid : "";
  };
  let asking = false;
  const refresh = async () => {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(`${path}/moi`, { credentials: "same-origin" });
      if (answer.ok && adopt(await answer.text())) lost(false);
      if (!("live" in ticket.dataset)) quiet();
    } catch { lost(true); } finally { asking = false; }
  };

  // News: a stream while the page is looked at, and asking now and then where streams do not get through.
  let stream = null;
  let timer = null;
  const poll = (on) => { clearInterval(timer); timer = on ? setInterval(refresh, POLL_MS) : null; };
  const quiet = () => { if (stream) stream.close(); stream = null; poll(false); };
  const listen = () => {
    if (!("live" in ticket.dataset) || document.hidden || stream) return;
    if (!window.EventSource) { poll(true); return; }
    stream = new EventSource(`${path}/song?tu=${ticket.dataset.newest}`);
    stream.addEventListener("moi", (event) => { if (Number(event.data) > Number(ticket.dataset.newest)) refresh(); });
    stream.onopen = () => { poll(false); if (!offline.hidden) refresh(); };
    stream.onerror = () => { if (stream && stream.readyState === EventSource.CLOSED) stream = null; poll(true); };
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) quiet(); else if ("live" in ticket.dataset) { refresh(); listen(); } });
  addEventListener("offline", () => lost(true));
  addEventListener("online", refresh);
  listen();
})();
