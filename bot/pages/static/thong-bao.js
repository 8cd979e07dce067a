// A notice: while it is written, characters and people are counted as one types; while it leaves, the ledger follows. All works without it.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const page = async (options) => new DOMParser().parseFromString(await (await fetch(location.pathname, { credentials: "same-origin", ...options })).text(), "text/html");
  const replace = (fresh, parts) => {
    for (const part of parts) {
      const now = $(part), next = $(part, fresh);
      if (now && next && !now.contains(document.activeElement) && !now.querySelector("details[open]")) now.replaceWith(document.importNode(next, true));
    }
  };
  const numbered = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ".");

  const form = $("[data-compose]");
  if (form) {
    const left = $("[data-left]"), title = $("#tieu-de"), body = $("#noi-dung"), look = $("[data-look]");
    const count = () => {
      const free = left.dataset.most - left.dataset.beside - title.value.length - body.value.trim().length;
      left.textContent = free >= 0 ? left.dataset.words.replace("{left}", numbered(free)) : left.dataset.over.replace("{over}", numbered(-free));
    };
    let timer = 0, saved = new URLSearchParams(new FormData(form)).toString();
    const follow = () => {
      count();
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const fields = new URLSearchParams(new FormData(form));
        fields.set("viec", "xem");
        try { replace(await page({ method: "POST", body: fields }), ["[data-reached]", "[data-preview]"]); } catch { /* the button does the same */ }
      }, 600);
    };
    form.addEventListener("input", follow);
    look.hidden = true;
    // A file is sent by a form of its own: what is typed and not kept would be lost.
    const file = $("[data-file]");
    const dirty = () => new URLSearchParams(new FormData(form)).toString() !== saved;
    form.addEventListener("submit", () => { saved = new URLSearchParams(new FormData(form)).toString(); });
    if (file) file.addEventListener("submit", async (event) => {
      if (!dirty()) return;
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form));
      fields.set("viec", "luu");
      try {
        const version = $("[data-file] input[name=ban]", await page({ method: "POST", body: fields }));
        if (version) $("input[name=ban]", file).value = version.value;
        saved = new URLSearchParams(new FormData(form)).toString();
        file.submit();
      } catch { /* the line is down: nothing was sent */ }
    });
    count();
  }

  const report = $("[data-report]");
  if (report) {
    let told = 0;
    const refresh = async () => {
      try {
        const fresh = await page({});
        replace(fresh, ["[data-head]", "[data-ledger]", "[data-stop]"]);
        if (Date.now() - told >= 10000) { replace(fresh, ["[data-sum]"]); told = Date.now(); }
        if (!$("[data-report]", fresh)) { location.reload(); return; }
      } catch { /* the line is down: the page stays, the next look may succeed */ }
      setTimeout(refresh, 2500);
    };
    setTimeout(refresh, 2500);
  }
})();
