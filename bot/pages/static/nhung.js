// Puts a button and the chat of Một Cửa onto another site's page. Styles are set one by one, so that the site's own policy need not allow any.
(() => {
  "use strict";
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const side = script.dataset.ben === "trai" ? "left" : "right";
  const label = script.dataset.nut || "Hỏi thủ tục";
  const style = (element, rules) => Object.assign(element.style, rules);

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "mot-cua-khung");
  style(button, {
    position: "fixed", bottom: "16px", [side]: "16px", zIndex: "2147483000", minHeight: "52px", padding: "0 22px", border: "2px solid #FFFDF5",
    borderRadius: "12px", background: "#0B5747", color: "#FFFDF5", font: "600 18px/1.4 system-ui, sans-serif", cursor: "pointer", boxShadow: "0 3px 0 #063D31",
  });

  const box = document.createElement("div");
  box.id = "mot-cua-khung";
  box.hidden = true;
  style(box, {
    position: "fixed", bottom: "84px", [side]: "16px", zIndex: "2147483000", width: "min(420px, calc(100vw - 32px))", height: "min(680px, calc(100vh - 108px))",
    border: "2px solid #063D31", borderRadius: "14px", overflow: "hidden", background: "#FBF7EC",
  });

  let frame = null;
  const show = (open) => {
    if (open && !frame) {
      frame = document.createElement("iframe");
      frame.src = `${origin}/khung`;
      frame.title = "Một Cửa: hỏi thủ tục";
      style(frame, { width: "100%", height: "100%", border: "0", display: "block" });
      box.append(frame);
    }
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Đóng" : label;
    if (open) frame.focus();
  };
  button.addEventListener("click", () => show(box.hidden));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) { show(false); button.focus(); } });

  const place = () => document.body.append(box, button);
  if (document.body) place(); else addEventListener("DOMContentLoaded", place);
})();
