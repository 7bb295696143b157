"use strict";
/* Keeps the parts of a page marked data-live as they would be after a reload: at once when the
   controller tells of a change, and every 10 s where it can't. The parts are read from the page
   itself, so a page without script shows the same. */
(() => {
  const parts = () => document.querySelectorAll("[data-live]");
  if (!parts().length) return;
  let running = false;
  let again = false;
  let heardAt = 0;

  // Whoever writes into a part or has opened something in it must not lose that.
  const inUse = (part) => {
    const active = document.activeElement;
    const writes = active && part.contains(active) && active.matches("input, select, textarea");
    const written = [...part.querySelectorAll("input, textarea")]
      .some((field) => field.value !== field.defaultValue);
    return writes || written || String(window.getSelection()) !== "";
  };

  // Times in the reader's zone, beside UTC.
  const zone = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", dateStyle: "short" });
  const localTimes = (root) => {
    if (new Date().getTimezoneOffset() === 0) return;
    for (const time of root.querySelectorAll("time[datetime]")) {
      const local = document.createElement("span");
      local.className = "local";
      local.textContent = ` (${zone.format(new Date(time.dateTime))} local)`;
      time.append(local);
    }
  };

  const shown = new Map();
  const put = (part, fresh) => {
    const text = fresh.innerHTML;
    if (shown.get(part.id) === text) return;
    shown.set(part.id, text);
    const opened = new Set();
    part.querySelectorAll("details").forEach((box, index) => { if (box.open) opened.add(index); });
    const active = part.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolls = [...part.querySelectorAll(".scroll, pre")].map((box) => [box.scrollLeft, box.scrollTop]);
    part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
    part.querySelectorAll("details").forEach((box, index) => { box.open = opened.has(index); });
    part.querySelectorAll(".scroll, pre").forEach((box, index) => {
      if (scrolls[index]) [box.scrollLeft, box.scrollTop] = scrolls[index];
    });
    if (active) document.getElementById(active)?.focus({ preventScroll: true });
    localTimes(part);
  };

  const refresh = () => {
    if (running) { again = true; return; }
    if (document.hidden) return;
    running = true;
    const request = new XMLHttpRequest();
    // A document as the answer is parsed without running anything in it.
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = 10000;
    request.onload = () => {
      if (request.status !== 200 || !request.response) return;
      for (const part of parts()) {
        const fresh = request.response.getElementById(part.id);
        if (fresh && !inUse(part)) put(part, fresh);
      }
    };
    request.onloadend = () => {
      running = false;
      if (again) { again = false; setTimeout(refresh, 500); }
    };
    request.send();
  };

  const stream = new EventSource("/api/v1/events");
  for (const name of ["changed", "reset"]) {
    stream.addEventListener(name, () => { heardAt = Date.now(); refresh(); });
  }
  setInterval(() => {
    // What comes from no cluster, such as an upload or a push, rings no bell.
    if (Date.now() - heardAt > 5000) refresh();
  }, 5000);
  document.addEventListener("visibilitychange", refresh);
  document.addEventListener("tandem-refresh", refresh);
})();
