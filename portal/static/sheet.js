/* A sheet keeps itself: the sum while typing, a draft sent every few seconds, a copy here that outlives a lost
   network and a killed tab. The server decides everything; without this file the page still saves by its button. */
(function () {
  "use strict";

  const PAUSE = 3000;
  const AGAIN = 15000;
  const account = document.body.dataset.account || "";
  const script = document.currentScript.src;

  const store = {
    get(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; }
    },
    set(key, value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
        return true;
      } catch (error) { return false; }
    },
    drop(key) {
      try { localStorage.removeItem(key); } catch (error) { /* storage off */ }
    },
    keys(prefix) {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch (error) { return []; }
    },
  };

  /* Points in hundredths, so that nothing is lost to binary fractions. */
  function hundredths(text) {
    const plain = String(text).trim();
    return /^\d{1,4}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
  }

  function told(points) {
    return String(points / 100);
  }

  function keep(form) {
    const prefix = ["draft:" + account, location.pathname, "sheet", ""].join("|");
    const key = prefix + Math.random().toString(36).slice(2);
    const fields = Array.from(form.elements).filter((field) =>
      field.name && field.matches("input, textarea") && field.type !== "hidden");
    const base = form.elements.base;
    const note = form.querySelector("[data-note]");
    let synced = typed();
    let timer = 0;
    let sending = false;
    let leaving = false;
    let reached = false;

    function value(field) {
      if (field.type === "checkbox") return field.checked ? field.value : "";
      return field.value;
    }

    function put(field, text) {
      if (field.type === "checkbox") field.checked = text !== "";
      else field.value = text;
      if (field.matches("textarea")) grow(field);
    }

    function typed() {
      const values = {};
      fields.forEach((field) => { values[field.name] = value(field); });
      return values;
    }

    function changed(values) {
      return fields.filter((field) => values[field.name] !== synced[field.name]);
    }

    function say(text, warn) {
      note.textContent = text;
      note.classList.toggle("sheet-note-warn", Boolean(warn));
    }

    /* the sum */

    function lost(item) {
      let sum = 0;
      item.querySelectorAll("li[data-least]").forEach((line) => {
        const count = line.querySelector("[data-count]");
        const each = line.querySelector("[data-each]");
        const times = count.type === "checkbox" ? Number(count.checked) : (hundredths(count.value) || 0) / 100;
        sum += Math.floor(times) * ((each ? hundredths(each.value) : hundredths(line.dataset.least)) || 0);
      });
      return sum;
    }

    /* A box is as high as what stands in it. */
    function grow(box) {
      box.style.height = "auto";
      if (box.value) box.style.height = box.scrollHeight + 2 + "px";
    }

    function reckon() {
      let total = 0;
      let silent = 0;
      form.querySelectorAll("[data-item]").forEach((item) => {
        const got = item.querySelector("[data-got]");
        const full = hundredths(item.dataset.full);
        let points = hundredths(got.textContent);
        if (item.dataset.kind === "deduct") {
          points = Math.max(full - lost(item), 0);
          if (points === full && !item.querySelector("textarea").value.trim()) silent += 1;
        }
        if (item.dataset.kind === "points") {
          points = hundredths(item.querySelector("[data-points]").value);
          if (points !== null && points > full) points = null;
        }
        got.textContent = points === null ? "—" : told(points);
        const reason = item.querySelector(".sheet-reason");
        if (reason) {
          const wanted = points !== null && points * 5 < full * 4 && !reason.querySelector("textarea").value.trim();
          reason.classList.toggle("sheet-wanted", wanted);
        }
        total += points || 0;
      });
      const vetoed = Array.from(form.querySelectorAll("[data-veto] input")).some((box) => box.checked);
      form.querySelector("[data-silent]").textContent = silent;
      form.querySelector("[data-total]").textContent = told(vetoed && !form.hasAttribute("data-reports") ? 0 : total);
    }

    /* the copy here */

    function copy() {
      const values = typed();
      if (!changed(values).length) {
        store.drop(key);
        return true;
      }
      return store.set(key, { at: Date.now(), values, synced });
    }

    function restore() {
      const saved = document.body.hasAttribute("data-saved");
      const copies = store.keys(prefix).map((each) => [each, store.get(each)]);
      const before = typed();
      copies.filter((each) => !saved && each[1] && each[1].values && each[1].synced)
        .sort((one, other) => one[1].at - other[1].at)
        .forEach((each) => fields.forEach((field) => {
          const text = each[1].values[field.name];
          if (text !== undefined && text !== each[1].synced[field.name]) put(field, text);
        }));
      copies.forEach((each) => store.drop(each[0]));
      if (!changed(typed()).length) return;
      const box = document.createElement("div");
      box.className = "notice notice-info draft-note";
      box.setAttribute("role", "status");
      const line = document.createElement("div");
      line.textContent = form.dataset.restored + " ";
      const discard = document.createElement("button");
      discard.type = "button";
      discard.className = "btn-link-plain";
      discard.textContent = form.dataset.discard;
      discard.addEventListener("click", () => {
        fields.forEach((field) => put(field, before[field.name]));
        box.remove();
        touched();
      });
      line.appendChild(discard);
      box.appendChild(line);
      form.parentNode.insertBefore(box, form);
      touched();
    }

    /* the draft there */

    function later(pause) {
      clearTimeout(timer);
      timer = setTimeout(send, pause);
    }

    /* What was told as wrong and is put right, goes; what is newly wrong is told when a button is pressed. */
    function mend(faults) {
      const left = new Set(faults.map((each) => each.join("|")));
      const told = document.querySelector("[data-errors]");
      if (told) {
        told.querySelectorAll("a").forEach((link) => {
          if (!left.has(link.hash.slice(1) + "|" + link.textContent.trim())) link.closest("li").remove();
        });
        if (!told.querySelector("li")) told.remove();
      }
      form.querySelectorAll(".sheet-item.field-wrong").forEach((item) => {
        item.querySelectorAll(".field-error").forEach((line) => {
          if (!left.has(item.id + "|" + line.textContent.trim())) line.remove();
        });
        if (item.querySelector(".field-error")) return;
        item.classList.remove("field-wrong");
        item.removeAttribute("aria-describedby");
      });
    }

    function take(answer, sent) {
      Object.keys(answer.fields).forEach((name) => {
        const field = fields.find((each) => each.name === name);
        if (!field) return;
        if (value(field) === sent[name]) put(field, answer.fields[name]);
        sent[name] = answer.fields[name];
      });
      synced = sent;
      base.value = answer.base;
      form.querySelector("[data-open]").textContent = answer.open;
      mend(answer.faults);
      reckon();
      copy();
      const clash = answer.clash ? "；" + form.dataset.clash : "";
      say(form.dataset.saved + " " + answer.saved_at + clash, answer.clash);
      if (changed(typed()).length) later(PAUSE);
    }

    function send() {
      const sent = typed();
      if (sending || leaving || !changed(sent).length) return;
      sending = true;
      say(form.dataset.saving);
      const body = new URLSearchParams(new FormData(form));
      fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "error", headers: { Accept: "application/json" } })
        .then((answer) => {
          const json = (answer.headers.get("Content-Type") || "").includes("application/json");
          if (!answer.ok || !json) {
            if (!leaving) say(form.dataset.gone, true);
            return null;
          }
          return answer.json().then((found) => take(found, sent));
        })
        .catch(() => {
          if (leaving) return;
          say(form.dataset.offline, true);
          later(AGAIN);
        })
        .then(() => { sending = false; });
    }

    function touched() {
      reckon();
      copy();
      later(PAUSE);
    }

    form.addEventListener("input", (event) => {
      if (event.target.matches("textarea")) grow(event.target);
      touched();
    });
    form.addEventListener("change", touched);
    /* A button leaves the page only where the server answers: without a network one stays on the sheet. */
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      copy();
      if (reached || !form.requestSubmit) {
        leaving = true;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const button = event.submitter;
      fetch(script, { method: "HEAD", cache: "no-store" })
        .then(() => {
          reached = true;
          form.requestSubmit(button);
        })
        .catch(() => {
          say(form.dataset.offline, true);
          later(AGAIN);
        });
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = reached = false; });
    window.addEventListener("online", () => later(0));
    window.addEventListener("offline", () => { if (changed(typed()).length) say(form.dataset.offline, true); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });

    function step(field, by) {
      const count = (hundredths(field.value) || 0) / 100 + by;
      field.value = count > 0 ? String(Math.min(Math.floor(count), 99)) : "";
      touched();
    }

    /* The buttons are for the mouse; with the keyboard one types the number, or takes the arrows. */
    form.querySelectorAll("[data-step]").forEach((button) => {
      const field = button.parentNode.querySelector("[data-count]");
      button.hidden = false;
      button.tabIndex = -1;
      button.addEventListener("click", () => step(field, Number(button.dataset.step)));
    });
    form.querySelectorAll("[data-count]:not([type=checkbox])").forEach((field) => {
      field.addEventListener("keydown", (event) => {
        const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        step(field, by);
      });
    });
    restore();
    reckon();
    form.querySelectorAll("textarea").forEach(grow);
  }

  document.querySelectorAll("form[data-sheet]").forEach(keep);
})();
