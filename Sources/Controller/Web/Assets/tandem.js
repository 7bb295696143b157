// Makes pages live. Every page works without this file; here they only follow what happens.
//
// #live names the event stream (data-events) and where the page stands in it (data-after).
// With data-pieces, changed clusters are fetched as pieces; with data-watch, the page follows one
// cluster; with data-seen, it only says that what it shows has changed. [data-live] parts with an id
// are replaced; checks and the focus in them are kept. The body's data-stream says whether the page
// follows the stream: open or lost.
"use strict";
(() => {
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("tandem", { createHTML: (text) => text })
    : { createHTML: (text) => text };

  // Only what our own server made comes here.
  const parsed = async (path) => {
    const answer = await fetch(path, { credentials: "same-origin", headers: { accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") throw new Error("signed out");
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
  };

  // --- Times in the reader's zone, beside UTC ---
  const zone = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", dateStyle: "short" });
  const localTimes = (root) => {
    if (new Date().getTimezoneOffset() === 0) return;
    for (const time of root.querySelectorAll("time[datetime]")) {
      if (time.querySelector(".local")) continue;
      const local = document.createElement("span");
      local.className = "local";
      local.textContent = ` (${zone.format(new Date(time.dateTime))} local)`;
      time.append(local);
    }
  };
  localTimes(document);

  // A greyed button says why and does nothing.
  document.addEventListener("click", (event) => {
    const greyed = event.target.closest('[aria-disabled="true"]');
    if (greyed) { event.preventDefault(); greyed.focus(); }
  });

  const live = document.getElementById("live");
  if (!live) return;
  const state = document.getElementById("live-state");
  const news = document.getElementById("live-news");
  const isSeen = "seen" in live.dataset;

  // --- Replacing parts ---
  const sources = new Map();
  const keep = (from, to) => {
    for (const box of from.querySelectorAll('input[type="checkbox"]:checked, details[open]')) {
      const twin = box.matches("details")
        ? to.querySelector("details")
        : [...to.querySelectorAll('input[type="checkbox"]')].find((one) => one.name === box.name && one.value === box.value);
      if (!twin) continue;
      if (box.matches("details")) twin.open = true; else twin.checked = true;
    }
  };
  const handle = (element) => ["name", "value", "href", "id"].map((key) => element.getAttribute(key) ?? "").join("\n");
  const put = (source) => {
    const target = document.getElementById(source.id);
    if (!target) return false;
    const text = source.outerHTML;
    if (sources.get(source.id) === text) return true;
    sources.set(source.id, text);
    const fresh = document.importNode(source, true);
    keep(target, fresh);
    const focused = target.contains(document.activeElement) ? handle(document.activeElement) : null;
    target.replaceWith(fresh);
    localTimes(fresh);
    if (!["summary", "buttons"].includes(source.id)) fresh.classList.add("fresh");
    if (focused !== null) {
      [...fresh.querySelectorAll("a, button, input, summary, [tabindex]")].find((one) => handle(one) === focused)?.focus();
    }
    return true;
  };
  const putAll = (page) => {
    for (const source of page.querySelectorAll("[data-live][id]")) put(source);
  };

  // --- Title and sound when a stop waits for a person ---
  const title = document.title;
  const sound = document.getElementById("sound");
  let audio = null;
  let stops = null;
  const beep = () => {
    if (!audio) return;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    gain.gain.value = 0.15;
    tone.frequency.value = 660;
    tone.connect(gain).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.35);
  };
  const tellStops = () => {
    const now = new Set((document.querySelector("[data-stops]")?.dataset.stops ?? "").split(" ").filter(Boolean));
    document.title = now.size > 0 ? `(${now.size}) ${title}` : title;
    const fresh = stops ? [...now].filter((name) => !stops.has(name)) : [];
    if (fresh.length > 0) {
      if (news && !isSeen) news.textContent = `Waits for a person: ${fresh.join(", ")}.`;
      beep();
    }
    stops = now;
  };
  if (sound) {
    sound.hidden = false;
    sound.addEventListener("click", () => {
      if (audio) { audio.close(); audio = null; } else { audio = new AudioContext(); beep(); }
      sound.setAttribute("aria-pressed", audio ? "true" : "false");
      sound.textContent = `Sound when a stop waits: ${audio ? "on" : "off"}`;
    });
  }
  tellStops();

  // --- What the Upgrade Manager adds ---
  const manager = document.getElementById("manager");
  const address = () => {
    const fields = query(() => true);
    for (const name of checked()) fields.append("cluster", name);
    const text = fields.toString();
    history.replaceState(null, "", text ? `/?${text}` : "/?view=all");
  };
  const query = (names) => {
    const fields = new URLSearchParams();
    if (!manager) return fields;
    for (const field of manager.querySelectorAll('input[type="hidden"]')) {
      if (names(field.name)) fields.append(field.name, field.value);
    }
    return fields;
  };
  const checked = () => [...document.querySelectorAll('input[name="cluster"]:checked')].map((box) => box.value);
  const showButtons = async () => {
    const fields = new URLSearchParams(checked().map((name) => ["cluster", name]));
    try { putAll(await parsed(`/upgrade-manager/buttons?${fields}`)); } catch { /* The stream tells. */ }
  };
  const setField = (name, value, isThere) => {
    for (const field of manager.querySelectorAll(`input[type="hidden"][name="${name}"]`)) {
      if (field.value === value) field.remove();
    }
    if (!isThere) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    manager.prepend(field);
  };
  if (manager) {
    document.documentElement.classList.add("scripted");
    manager.addEventListener("change", (event) => {
      if (event.target.name !== "cluster") return;
      address();
      showButtons();
    });
    manager.addEventListener("submit", async (event) => {
      const button = event.submitter;
      if (button?.name !== "toggle") return;
      event.preventDefault();
      const isOpen = button.getAttribute("aria-expanded") === "true";
      setField("open", button.value, !isOpen);
      setField("closed", button.value, isOpen);
      address();
      await refresh([button.value], []);
    });
    if (checked().length > 0) showButtons();
  }

  // --- Fetching what has changed; one fetch at a time, which takes all that came meanwhile ---
  let waiting = null;
  let isBusy = false;
  const whole = async () => {
    const page = await parsed(location.href);
    const table = page.querySelector("table.tree");
    if (manager && table) {
      const mine = document.querySelector("table.tree");
      const fresh = document.importNode(table, true);
      keep(mine, fresh);
      mine.replaceWith(fresh);
      localTimes(fresh);
      sources.clear();
    }
    for (const source of page.querySelectorAll("[data-live][id]")) {
      if (source.id !== "buttons" && !source.matches("tbody")) put(source);
    }
    if (manager && checked().length > 0) await showButtons();
  };
  const refresh = async (clusters, removed) => {
    if ("pieces" in live.dataset) {
      if (clusters.length > 60 || removed.length > 0) return whole();
      const fields = query(() => true);
      for (const name of clusters) fields.append("changed", name);
      const page = await parsed(`${live.dataset.pieces}?${fields}`);
      const isNew = [...page.querySelectorAll("tbody")].some((row) => !document.getElementById(row.id));
      if (isNew) return whole();
      for (const name of clusters) {
        // It does not pass the filter any more.
        if (!page.getElementById(`cluster-${name}`)) document.getElementById(`cluster-${name}`)?.remove();
      }
      putAll(page);
      if (clusters.some((name) => checked().includes(name))) await showButtons();
      return;
    }
    if (!clusters.includes(live.dataset.watch) && !removed.includes(live.dataset.watch)) return;
    if (!isSeen) return whole();
    const page = await parsed(location.href);
    if (page.getElementById("live")?.dataset.seen === live.dataset.seen) return;
    news.hidden = false;
    news.textContent = "What is observed has changed since this page was shown: look anew before you confirm. A confirmation of what is no longer so is refused.";
  };
  const take = async (clusters, removed) => {
    waiting ??= { clusters: new Set(), removed: new Set() };
    for (const name of clusters) waiting.clusters.add(name);
    for (const name of removed) waiting.removed.add(name);
    if (isBusy) return;
    isBusy = true;
    try {
      while (waiting) {
        const now = waiting;
        waiting = null;
        await refresh([...now.clusters], [...now.removed]);
        tellStops();
        await new Promise((done) => setTimeout(done, 100));
      }
    } catch {
      // The next connection begins with what was missed.
      lost?.abort();
    } finally {
      isBusy = false;
    }
  };

  // --- The stream; read as bytes, so that its heartbeats are seen too ---
  let position = live.dataset.after;
  let heard = Date.now();
  let isConnected = false;
  let why = "";
  let lost = null;
  const tellState = () => {
    document.body.dataset.stream = isConnected ? "open" : "lost";
    const seconds = Math.round((Date.now() - heard) / 1000);
    const isStale = !isConnected && seconds > 1 || seconds > 25;
    state.hidden = !isStale;
    if (isStale) state.textContent = `Not connected${why}: what you see may be old. Last word from the controller ${seconds} s ago. Trying again.`;
    if (seconds > 40) lost?.abort();
  };
  const event = async (text) => {
    const fields = {};
    for (const line of text.split("\n")) {
      const colon = line.indexOf(": ");
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
    if (!fields.event) return;
    const data = JSON.parse(fields.data);
    if (fields.event === "reset") {
      // Another reign of the controller: nothing on the page can be taken for granted.
      if (isSeen) { news.hidden = false; news.textContent = "The controller has started anew: look anew before you confirm."; } else { await whole(); tellStops(); }
    } else {
      take(data.clusters, data.removed);
    }
    position = fields.id;
  };
  const follow = async () => {
    lost = new AbortController();
    const answer = await fetch(`${live.dataset.events}?after=${encodeURIComponent(position)}`, {
      credentials: "same-origin", headers: { accept: "text/event-stream" }, signal: lost.signal,
    });
    if (!answer.ok) {
      why = answer.status === 401 || answer.status === 403 ? " (signed out: sign in again)"
        : answer.status === 429 ? " (too many open pages: close some)" : "";
      throw new Error(String(answer.status));
    }
    [isConnected, why] = [true, ""];
    tellState();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      heard = Date.now();
      text += value;
      const parts = text.split("\n\n");
      text = parts.pop();
      for (const part of parts) await event(part);
      tellState();
    }
  };
  (async () => {
    for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
      const begun = Date.now();
      try { await follow(); } catch { /* Told below, tried again. */ }
      isConnected = false;
      tellState();
      if (Date.now() - begun > 10000) pause = 500;
      await new Promise((done) => setTimeout(done, pause + Math.random() * 300));
    }
  })();
  setInterval(tellState, 1000);
})();
