"use strict";
/* Sends an image in pieces. Where it stands is the controller's word alone, so it goes on after a
   lost connection, and after a reload when the same file is chosen again. */
(() => {
  const form = document.getElementById("upload-form");
  if (!form) return;
  const [chooser, start, pause, bar, text, result] =
    ["upload-file", "upload-start", "upload-pause", "upload-progress", "upload-text", "upload-result"]
      .map((id) => document.getElementById(id));
  form.hidden = false;
  const pieceBytes = 8 * 1024 * 1024;
  const uploads = "/api/v1/uploads";
  const token = document.querySelector('meta[name="form-token"]')?.content;
  let paused = false;
  let sending = null;
  let wake = null;

  const size = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (bytes >= 1024 && unit < 4) { bytes /= 1024; unit += 1; }
    return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
  };
  const clock = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };

  /* An answer of the controller: its status, and its body where that is JSON. */
  const ask = (method, path, body, headers = {}, onProgress = null) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.timeout = method === "PUT" ? 600000 : 120000;
    // Verifying a large image takes its time.
    if (path.endsWith("/finish")) request.timeout = 3600000;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (token) request.setRequestHeader("x-tandem-form-token", token);
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      let value = null;
      try { value = request.responseText ? JSON.parse(request.responseText) : null; } catch { /* not ours */ }
      resolve({ status: request.status, value });
    };
    request.onerror = () => reject(new Error("the connection is lost"));
    request.ontimeout = () => reject(new Error("no answer came in time"));
    sending = request;
    request.onabort = () => reject(new Error("paused"));
    request.send(body);
  });

  const json = { "content-type": "application/json" };
  class Refused extends Error {}
  const refused = (answer) => new Refused(answer.value?.detail
    ? `${answer.value.detail}. ${answer.value.remedy} (${answer.value.code})`
    : `the controller answered ${answer.status}`);

  const rest = (seconds) => new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, seconds * 1000);
  });

  const show = (done, all, rate) => {
    bar.hidden = false;
    bar.value = all ? Math.floor(done * 100 / all) : 0;
    const left = rate > 0 ? `, ${size(rate)}/s, about ${clock((all - done) / rate)} left` : "";
    text.textContent = `${bar.value} % (${size(done)} of ${size(all)})${left}`;
  };

  /* The upload of this file that is under way, or a new one. */
  const open = async (file) => {
    const list = await ask("GET", uploads);
    if (list.status !== 200) throw refused(list);
    const known = list.value.find((one) => one.name === file.name && one.byteCount === file.size);
    if (known) return known;
    const made = await ask("POST", uploads, JSON.stringify({ name: file.name, byteCount: file.size }), json);
    if (made.status !== 201) throw refused(made);
    return made.value;
  };

  const send = async (file) => {
    let upload = await open(file);
    let offset = upload.offset;
    let rate = 0;
    if (offset) result.textContent = `Goes on at ${size(offset)}.`;
    while (offset < file.size) {
      if (paused) { await rest(3600); continue; }
      const [from, began] = [offset, performance.now()];
      const piece = file.slice(from, Math.min(from + pieceBytes, file.size));
      const answer = await ask("PUT", `${uploads}/${upload.id}`, piece, {
        "content-type": "application/octet-stream", "upload-offset": String(from),
      }, (loaded) => show(from + loaded, file.size, rate));
      if (answer.status === 409) {
        // Where it stands is asked anew; another request may still be ending.
        await rest(1);
        const now = await ask("GET", `${uploads}/${upload.id}`);
        if (now.status !== 200) throw refused(now);
        offset = now.value.offset;
        continue;
      }
      if (answer.status !== 200) throw refused(answer);
      offset = answer.value.offset;
      const fresh = (offset - from) / Math.max(0.001, (performance.now() - began) / 1000);
      rate = rate ? rate * 0.7 + fresh * 0.3 : fresh;
      result.textContent = "";
      show(offset, file.size, rate);
    }
    text.textContent = "All bytes are sent; the controller verifies them.";
    const end = await ask("POST", `${uploads}/${upload.id}/finish`);
    if (end.status !== 201) throw refused(end);
    return end.value;
  };

  const run = async (file) => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await send(file);
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (!paused) {
          const seconds = Math.min(30, 2 ** Math.min(tries, 5));
          result.textContent = `${error.message}: tries again in ${seconds} s.`;
          await rest(seconds);
        }
      }
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = chooser.files[0];
    if (!file) return;
    paused = false;
    start.disabled = chooser.disabled = true;
    pause.hidden = false;
    pause.textContent = "Pause";
    result.textContent = "";
    try {
      const image = await run(file);
      text.textContent = "";
      result.textContent = `${image.release.product} ${image.release.version} is here and verified.`;
      form.reset();
    } catch (error) {
      text.textContent = "";
      result.textContent = `It was refused: ${error.message}`;
    }
    bar.hidden = pause.hidden = true;
    start.disabled = chooser.disabled = false;
    document.dispatchEvent(new CustomEvent("tandem-refresh"));
  });

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go On" : "Pause";
    if (paused) { result.textContent = "Paused: what is sent stays for 24 h."; sending?.abort(); }
    wake?.();
  });
  window.addEventListener("beforeunload", (event) => { if (start.disabled) event.preventDefault(); });
})();
