// Keys, and a line at the top when the month has changed. Everything works
// without this.
(() => {
  "use strict";
  const rows = () => Array.from(document.querySelectorAll("[data-row]"));
  let at = -1;
  const go = (step) => {
    const list = rows();
    if (!list.length) return;
    if (at >= 0 && list[at]) list[at].classList.remove("at");
    at = Math.min(Math.max(at + step, 0), list.length - 1);
    list[at].classList.add("at");
    list[at].scrollIntoView({ block: "nearest" });
    const link = list[at].querySelector("a[href], button");
    if (link) link.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const tag = e.target.tagName;
    if (tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT") {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    switch (e.key) {
      case "j": go(1); break;
      case "k": go(-1); break;
      case "/": {
        const to = document.querySelector("[data-filter]") || document.querySelector("[data-search]");
        if (!to) return;
        to.focus();
        to.select();
        break;
      }
      case "?": location.href = "/keys"; break;
      case " ": {
        const row = rows()[at];
        const tick = (row || document).querySelector("[data-tick]");
        if (!tick || (!row && tag === "BUTTON")) return;
        tick.requestSubmit(tick.querySelector("button"));
        break;
      }
      default: return;
    }
    e.preventDefault();
  });
  const month = document.querySelector("[data-token]");
  const line = document.getElementById("changed");
  if (month && line) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const r = await fetch(month.dataset.base + "/pulse", { credentials: "same-origin" });
        if (r.ok && (await r.text()) !== month.dataset.token) line.hidden = false;
      } catch { /* the desk is gone: the next click says so */ }
    }, 20000);
  }
})();
