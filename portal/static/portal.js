/* Comfort only: every page works without this file. Nothing here decides anything. */
(function () {
  "use strict";

  const body = document.body;
  const DAY = 24 * 3600 * 1000;
  const PREFIX = "draft:";
  const account = body.dataset.account || "";

  /* What was typed is kept per account, address and form until the server has taken it. */
  const store = {
    get(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
    },
    set(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch (error) { /* storage full or off: no draft */ }
    },
    drop(key) {
      try { localStorage.removeItem(key); } catch (error) { /* storage off */ }
    },
    keys() {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch (error) { return []; }
    },
  };
  const tab = {
    take(key) {
      try {
        const value = sessionStorage.getItem(key);
        sessionStorage.removeItem(key);
        return value;
      } catch (error) { return null; }
    },
    put(key, value) {
      try { sessionStorage.setItem(key, value); } catch (error) { /* storage off */ }
    },
  };

  function kept(form) {
    return Array.from(form.elements).filter((field) =>
      field.name && field.matches("input, select, textarea") && !field.hasAttribute("data-secret") &&
      !["hidden", "password", "file", "submit", "button"].includes(field.type));
  }

  function typed(form) {
    const values = {};
    kept(form).forEach((field) => {
      const many = values[field.name] || (values[field.name] = []);
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) many.push(field.value);
      } else if (field.type === "select-multiple") {
        Array.from(field.selectedOptions).forEach((option) => many.push(option.value));
      } else {
        many.push(field.value);
      }
    });
    return values;
  }

  /* A list that shows a part only: what was ticked and is not in it is asked for, with all that was typed. */
  function askForTicked(form, values) {
    const look = form.querySelector("[data-look]");
    if (!look) return;
    const boxes = Array.from(form.querySelectorAll("input[type=checkbox]"));
    const lists = new Set(boxes.map((box) => box.name));
    const absent = Object.keys(values).filter((name) => lists.has(name)).flatMap((name) => values[name]
      .filter((value) => !boxes.some((box) => box.name === name && box.value === value))
      .map((value) => [name, value]));
    absent.forEach(([name, value]) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.appendChild(field);
    });
    if (absent.length) form.requestSubmit(look);
  }

  function restore(form, values) {
    const used = {};
    kept(form).forEach((field) => {
      const many = values[field.name];
      if (!many) return;
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = many.includes(field.value);
      } else if (field.type === "select-multiple") {
        Array.from(field.options).forEach((option) => { option.selected = many.includes(option.value); });
      } else {
        const place = used[field.name] || 0;
        used[field.name] = place + 1;
        if (place < many.length) field.value = many[place];
      }
    });
  }

  function restoredNote(form, key) {
    const note = document.createElement("div");
    note.className = "notice notice-info draft-note";
    note.setAttribute("role", "status");
    const line = document.createElement("div");
    line.textContent = form.dataset.restored + " ";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn-link-plain";
    discard.textContent = form.dataset.discard;
    discard.addEventListener("click", () => {
      store.drop(key);
      form.reset();
      note.remove();
    });
    line.appendChild(discard);
    note.appendChild(line);
    form.parentNode.insertBefore(note, form);
  }

  function keepDrafts() {
    const sent = tab.take("sent");
    if (sent && body.hasAttribute("data-saved")) store.drop(sent);
    else if (sent) tab.put("sent", sent);
    store.keys().forEach((key) => {
      const draft = store.get(key);
      if (!draft || Date.now() - draft.at > 3 * DAY) store.drop(key);
    });
    document.querySelectorAll("form[data-draft]").forEach((form, place) => {
      const key = [PREFIX + account, location.pathname, place].join("|");
      const pristine = JSON.stringify(typed(form));
      const draft = store.get(key);
      const answered = document.querySelector("[data-errors], [data-answered]");
      if (draft && !answered && JSON.stringify(draft.values) !== pristine) {
        restore(form, draft.values);
        restoredNote(form, key);
        askForTicked(form, draft.values);
      }
      const keep = () => {
        const values = typed(form);
        if (JSON.stringify(values) === pristine && !answered) store.drop(key);
        else store.set(key, { at: Date.now(), values });
      };
      form.addEventListener("input", keep);
      form.addEventListener("change", keep);
      form.addEventListener("submit", () => { keep(); tab.put("sent", key); });
    });
    document.querySelectorAll("form[data-sign-out]").forEach((form) => {
      form.addEventListener("submit", () => {
        store.keys().filter((key) => key.startsWith(PREFIX + account + "|")).forEach(store.drop);
      });
    });
  }

  /* A second press of the same button does nothing. */
  function submitOnce() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      if (form.hasAttribute("data-sending")) {
        event.preventDefault();
        return;
      }
      form.setAttribute("data-sending", "");
      form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-busy", "true"));
    });
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      document.querySelectorAll("[data-sending]").forEach((form) => form.removeAttribute("data-sending"));
      document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  }

  /* The server's clock goes on from the instant it printed, whatever this machine believes. */
  function clocks() {
    const shown = document.querySelector("[data-server-clock]");
    if (!shown) return;
    const ahead = Date.parse(shown.dateTime) - Date.now();
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: "Asia/Shanghai", hourCycle: "h23",
      year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    const two = (number) => String(number).padStart(2, "0");
    const tick = () => {
      const now = Date.now() + ahead;
      const part = {};
      parts.formatToParts(now).forEach((piece) => { part[piece.type] = piece.value; });
      shown.textContent = `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
      document.querySelectorAll("[data-until]").forEach((left) => {
        const seconds = Math.floor((Date.parse(left.dataset.until) - now) / 1000);
        if (seconds > 86400) return;
        left.textContent = seconds < 0 ? left.dataset.over
          : `${left.dataset.left} ${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      });
    };
    tick();
    setInterval(tick, 1000);
  }

  function menus() {
    const open = () => document.querySelectorAll("details[data-menu][open]");
    document.addEventListener("click", (event) => {
      open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    });
  }

  const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

  function files() {
    document.querySelectorAll("input[data-file]").forEach((input) => {
      const line = input.parentNode.querySelector("[data-file-name]");
      const most = Number(input.dataset.maxBytes);
      const show = () => {
        const chosen = Array.from(input.files);
        const large = most > 0 && chosen.some((file) => file.size > most);
        line.textContent = large ? line.dataset.tooLarge
          : chosen.map((file) => `${file.name}（${size(file.size)}）`).join("、");
        line.classList.toggle("field-error", large);
      };
      input.addEventListener("change", show);
      show();
    });
  }

  /* Two minutes before the server would sign this person out for idling, say so. */
  function idle() {
    const bar = document.querySelector("[data-idle]");
    const minutes = Number(body.dataset.idleMinutes);
    if (!bar || !minutes) return;
    const text = bar.querySelector("[data-idle-text]");
    const stay = bar.querySelector("[data-idle-stay]");
    let timers = [];
    const start = () => {
      timers.forEach(clearTimeout);
      bar.hidden = true;
      stay.hidden = false;
      timers = [
        setTimeout(() => { text.textContent = text.dataset.soon; bar.hidden = false; }, Math.max(1, minutes - 2) * 60000),
        setTimeout(() => { text.textContent = text.dataset.gone; stay.hidden = true; bar.hidden = false; }, minutes * 60000),
      ];
    };
    stay.addEventListener("click", () => {
      fetch(location.href, { method: "HEAD", credentials: "same-origin" }).then((answer) => { if (answer.ok) start(); });
    });
    start();
  }

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.addEventListener("click", () => window.print());
  });

  const summary = document.querySelector("[data-errors]");
  if (summary) summary.focus();
  keepDrafts();
  submitOnce();
  clocks();
  menus();
  files();
  idle();
})();
