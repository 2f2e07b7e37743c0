/* Comfort only: how far an upload is, and pages that turn without leaving the sheet. */
(function () {
  "use strict";

  const STAY = 5 * 60000;
  const megabytes = (bytes) => (bytes / 1048576).toFixed(1);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  function forget(form) {
    const old = form.parentNode.querySelector("[data-upload-failed]");
    if (old) old.remove();
  }

  function explain(form, lines, ways) {
    forget(form);
    const note = document.createElement("div");
    note.className = "notice notice-refused";
    note.setAttribute("role", "alert");
    note.setAttribute("tabindex", "-1");
    note.setAttribute("data-upload-failed", "");
    const body = document.createElement("div");
    lines.forEach((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      body.appendChild(line);
    });
    (ways || []).forEach((way) => body.appendChild(way));
    note.appendChild(body);
    form.parentNode.insertBefore(note, form);
    note.focus();
  }

  /* What the server's page says went wrong: its errors, its refusals, or its heading and what follows it. */
  function reasons(html) {
    const main = new DOMParser().parseFromString(html, "text/html").querySelector("#main");
    if (!main) return [];
    const places = [".summary li, .refusal li", ".notice-refused > div", "h1, h1 ~ p"];
    const said = places.map((each) => main.querySelectorAll(each)).find((nodes) => nodes.length) || [];
    return Array.from(said, (node) => node.textContent.trim()).filter(Boolean);
  }

  /* Asked before a large file sets out: whether one is still signed in. The page as it would be now, or null. */
  function stillIn(bar) {
    return fetch(location.href, { credentials: "same-origin" })
      .then((answer) => (answer.redirected && new URL(answer.url).pathname === bar.dataset.signIn ? null : answer.text()));
  }

  function signIn(bar) {
    const link = document.createElement("a");
    link.href = bar.dataset.signIn;
    link.target = "_blank";
    link.textContent = bar.dataset.signInText;
    return link;
  }

  /* The file is still chosen and the form still filled in: the same button, once more. */
  function onceMore(form, bar, submitter) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-primary";
    button.textContent = bar.dataset.again;
    button.addEventListener("click", () => (submitter ? submitter.click() : form.requestSubmit()));
    return button;
  }

  /* The form's token belongs to the sign-in that ended; the one of a page shown now to the sign-in that runs. */
  function renewToken(form, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("input[name=csrf_token]");
    const own = form.querySelector("input[name=csrf_token]");
    if (fresh && own) own.value = fresh.value;
  }

  function sendWithProgress(form, bar) {
    const meter = bar.querySelector("progress");
    const line = bar.querySelector("[data-upload-line]");
    const stop = bar.querySelector("[data-upload-stop]");
    const inputs = Array.from(form.querySelectorAll("input[type=file]"));
    const chosen = () => inputs.flatMap((input) => Array.from(input.files));
    let signedOut = false;
    const leaving = (event) => { event.preventDefault(); event.returnValue = ""; };

    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || !inputs.some((input) => input.files.length)) return;
      event.preventDefault();
      if (form.hasAttribute("data-sending")) return;
      forget(form);
      const submitter = event.submitter;
      let part = 0;
      let stay = 0;
      const again = () => {
        clearInterval(stay);
        window.removeEventListener("beforeunload", leaving);
        bar.hidden = true;
        form.removeAttribute("data-sending");
        form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
      };
      const fail = (lines, ways) => { setTimeout(again); explain(form, lines, ways); };
      const offer = (said) => fail([fill(said, { part: `${part}%` })], [onceMore(form, bar, submitter)]);
      const large = inputs.flatMap((input) => Array.from(input.files)
        .filter((file) => Number(input.dataset.maxBytes) > 0 && file.size > Number(input.dataset.maxBytes)));
      if (large.length) {
        fail(large.map((file) => fill(bar.dataset.tooLarge, { name: file.name, size: megabytes(file.size) })));
        return;
      }

      const sending = new XMLHttpRequest();
      meter.value = 0;
      line.textContent = fill(bar.dataset.sending, { part: "0%", sent: "0.0", all: megabytes(chosen().reduce((sum, file) => sum + file.size, 0)) });
      bar.hidden = false;
      let halted = false;
      stop.onclick = () => { halted = true; sending.abort(); };
      /* Who waits for a slow line is neither signed out for idling nor lets go of the page unasked. */
      window.addEventListener("beforeunload", leaving);
      stay = setInterval(() => { const idle = document.querySelector("[data-idle-stay]"); if (idle) idle.click(); }, STAY);
      const began = Date.now();
      let whole = false;
      sending.upload.addEventListener("progress", (moved) => {
        if (!moved.lengthComputable) return;
        part = Math.floor(100 * moved.loaded / moved.total);
        const seconds = (Date.now() - began) / 1000;
        const minutes = Math.ceil(seconds * (moved.total - moved.loaded) / moved.loaded / 60);
        meter.value = part;
        line.textContent = part < 100
          ? fill(bar.dataset.sending, { part: `${part}%`, sent: megabytes(moved.loaded), all: megabytes(moved.total) })
            + (seconds > 3 && minutes > 1 ? fill(bar.dataset.left, { minutes }) : "")
          : bar.dataset.checking;
      });
      sending.upload.addEventListener("load", () => { whole = true; });
      sending.addEventListener("load", () => {
        window.removeEventListener("beforeunload", leaving);
        if ((sending.getResponseHeader("Content-Type") || "").includes("application/json") && sending.status === 200) {
          location.assign(JSON.parse(sending.responseText).to);
          return;
        }
        if (sending.status === 200) {
          document.open();
          document.write(sending.responseText);
          document.close();
          return;
        }
        const said = reasons(sending.responseText);
        if (said.length) fail(said, sending.status >= 500 ? [onceMore(form, bar, submitter)] : []);
        else offer(bar.dataset.lost);
      });
      sending.addEventListener("error", () => {
        /* A file that was saved anew after it was chosen is read no more by the browser. */
        Promise.all(chosen().map((file) => file.slice(0, 1).arrayBuffer())).then(
          () => offer(whole ? bar.dataset.unanswered : bar.dataset.lost),
          () => { inputs.forEach((input) => { input.value = ""; input.dispatchEvent(new Event("change")); }); fail([bar.dataset.changed]); },
        );
      });
      sending.addEventListener("abort", () => offer(bar.dataset.stopped));
      sending.open("POST", (event.submitter && event.submitter.getAttribute("formaction")) || form.getAttribute("action") || location.href);
      sending.setRequestHeader("X-Portal-Upload", "1");
      sending.setRequestHeader("Accept", "text/html");
      stillIn(bar).then((html) => {
        if (html === null) {
          signedOut = true;
          fail([bar.dataset.signedOut], [signIn(bar), onceMore(form, bar, submitter)]);
          return;
        }
        if (halted) { offer(bar.dataset.stopped); return; }
        if (signedOut) renewToken(form, html);
        signedOut = false;
        const data = new FormData(form);
        if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
        sending.send(data);
      }).catch(() => offer(bar.dataset.lost));
    });
  }

  function turnPages(reader) {
    const image = reader.querySelector("[data-reader-image]");
    if (!image) return;
    const turn = (url) => fetch(url, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }).then((html) => {
      const next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-reader]");
      if (!next) throw new Error("no reader");
      const fresh = next.querySelector("[data-reader-image]");
      image.src = fresh.getAttribute("src");
      image.alt = fresh.alt;
      reader.querySelector(".reader-turn").innerHTML = next.querySelector(".reader-turn").innerHTML;
      image.parentNode.scrollTop = 0;
    }).catch(() => location.assign(url));
    reader.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-turn]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      turn(link.href).then(() => {
        const same = reader.querySelector(`a[data-turn="${link.dataset.turn}"]`) || reader.querySelector("a[data-turn]");
        if (same) same.focus();
      });
    });
  }

  document.querySelectorAll("[data-upload]").forEach((bar) => sendWithProgress(bar.closest("form"), bar));
  document.querySelectorAll("[data-reader]").forEach(turnPages);
})();
