// The display board: fetched anew at each event of the center and every few seconds, calls shown one after the other and spoken.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const SHOWN_MS = 5000;
  const LOOK_MS = 10000;
  const PATIENCE_MS = 8000;
  const path = document.body.dataset.path;
  const now = $("[data-now]");
  let seen = new Set([...document.querySelectorAll("template[data-call]")].map((call) => call.dataset.call));
  let waiting = [];
  let settled = null;
  let showing = null;

  // One call at a time, each long enough to be read; then whatever the center shows now.
  const put = (key, nodes) => { if (now.dataset.now !== key) { now.dataset.now = key; now.replaceChildren(...nodes); } };
  const next = () => {
    showing = null;
    const call = waiting.shift();
    if (call) {
      put(call.key, [call.content]);
      say(call.words);
      showing = setTimeout(next, SHOWN_MS);
    } else if (settled) put(settled.key, settled.nodes());
  };

  const adopt = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const board = $("[data-board]", fresh);
    if (!board) return false;
    const calls = [...fresh.querySelectorAll("template[data-call]")];
    const there = new Set(calls.map((call) => call.dataset.call));
    waiting = waiting.filter((call) => there.has(call.key));
    for (const call of calls) {
      if (!seen.has(call.dataset.call)) waiting.push({ key: call.dataset.call, words: call.dataset.say, content: document.importNode(call.content, true) });
    }
    seen = there;
    const large = $("[data-now]", fresh);
    settled = { key: large.dataset.now, nodes: () => [...document.importNode(large, true).childNodes] };
    for (const part of board.querySelectorAll("[data-part]")) {
      const here = $(`[data-part=${part.dataset.part}]`);
      if (here.innerHTML !== part.innerHTML) here.replaceChildren(...document.importNode(part, true).childNodes);
    }
    $("[data-board]").dataset.newest = board.dataset.newest;
    ahead = Number(board.dataset.clock) * 1000 - Date.now();
    tick();
    if (!showing) next();
    return true;
  };

  // The clock is the server's, as far as it was heard from.
  let ahead = Number($("[data-board]").dataset.clock) * 1000 - Date.now();
  const part = (options) => new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", ...options }).format(new Date(Date.now() + ahead));
  const hour = () => part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const tick = () => { const shown = hour(); if ($("[data-hour]").textContent !== shown) $("[data-hour]").textContent = shown; };
  setInterval(tick, 1000);

  // News, and what is said when there is none.
  let heard = hour();
  const stale = (on) => {
    document.body.classList.toggle("board--stale", on);
    const line = $("[data-stale]");
    const text = on ? line.dataset.text.replace("%s", heard) : "";
    if (line.textContent !== text) line.textContent = text;
    line.hidden = !on;
  };
  let looking = false;
  let again = false;
  const look = async () => {
    if (looking) { again = true; return; }
    looking = true;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(`${path}/moi`, { signal: patience.signal, credentials: "omit" });
      if (!answer.ok || !adopt(await answer.text())) throw new Error("no board");
      heard = hour();
      stale(false);
    } catch { stale(true); } finally {
      clearTimeout(timer);
      looking = false;
      if (again) { again = false; look(); }
    }
  };
  setInterval(look, LOOK_MS);
  let stream = null;
  const listen = () => {
    if (stream || !window.EventSource) return;
    stream = new EventSource(`${path}/song?tu=${$("[data-board]").dataset.newest}`);
    stream.addEventListener("moi", look);
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(listen, LOOK_MS); } };
  };

  // The voice: off until somebody pressed the button, because browsers want it so; a chime where no Vietnamese voice is installed.
  const KEY = "motcua.tieng";
  const button = $("[data-sound]");
  const wanted = () => { try { return localStorage.getItem(KEY) === "1"; } catch { return button.dataset.wanted === "1"; } };
  const want = (on) => { button.dataset.wanted = on ? "1" : ""; try { localStorage.setItem(KEY, on ? "1" : ""); } catch { /* only until the page is left */ } };
  const pressed = () => !navigator.userActivation || navigator.userActivation.hasBeenActive;
  let ringer = null;
  const voice = () => (window.speechSynthesis ? speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith("vi")) : undefined);
  const chime = () => {
    if (!window.AudioContext) return;
    ringer = ringer || new AudioContext();
    ringer.resume();
    [880, 660].forEach((pitch, place) => {
      const tone = ringer.createOscillator();
      const volume = ringer.createGain();
      const starts = ringer.currentTime + place * 0.45;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.5, starts);
      volume.gain.exponentialRampToValueAtTime(0.001, starts + 0.8);
      tone.connect(volume).connect(ringer.destination);
      tone.start(starts);
      tone.stop(starts + 0.8);
    });
  };
  const say = (words) => {
    if (!wanted()) return;
    const speaker = voice();
    if (!speaker) { chime(); return; }
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.lang = "vi-VN";
    spoken.voice = speaker;
    spoken.rate = 0.9;
    spoken.onerror = (event) => { if (event.error === "not-allowed") offer(false); };
    speechSynthesis.speak(spoken);
  };
  const offer = (on) => { button.textContent = on ? button.dataset.off : button.dataset.on; button.setAttribute("aria-pressed", String(on)); };
  button.hidden = false;
  offer(wanted() && pressed());
  button.onclick = () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    want(on);
    offer(on);
    if (on) chime(); else if (window.speechSynthesis) speechSynthesis.cancel();
  };
  for (const touched of ["pointerdown", "keydown"]) addEventListener(touched, (event) => { if (!button.contains(event.target)) offer(wanted()); });
  if (window.speechSynthesis) speechSynthesis.getVoices();

  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  listen();
})();
