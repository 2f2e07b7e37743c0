/* Comfort only: what is typed for a sealed bid stays in this one tab until it is sealed, and errors keep the files chosen. */
(function () {
  "use strict";

  const body = document.body;
  const key = (path) => ["sealed", body.dataset.account || "", path].join("|");
  const store = {
    get(path) { try { return JSON.parse(sessionStorage.getItem(key(path))); } catch (error) { return null; } },
    set(path, value) { try { sessionStorage.setItem(key(path), JSON.stringify(value)); } catch (error) { /* storage off */ } },
    clear() {
      try {
        Object.keys(sessionStorage).filter((name) => name.startsWith("sealed|")).forEach((name) => sessionStorage.removeItem(name));
      } catch (error) { /* storage off */ }
    },
  };

  function fields(form) {
    return Array.from(form.elements).filter((field) =>
      field.name && field.matches("input, select, textarea") && !["hidden", "file", "checkbox", "submit"].includes(field.type));
  }

  function typed(form) {
    const values = {};
    fields(form).forEach((field) => { values[field.name] = field.value; });
    return values;
  }

  function restored(form) {
    const note = document.createElement("div");
    note.className = "notice notice-info draft-note";
    note.setAttribute("role", "status");
    const line = document.createElement("div");
    line.textContent = form.dataset.restored + " ";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn-link-plain";
    discard.textContent = form.dataset.discard;
    discard.addEventListener("click", () => { store.clear(); form.reset(); note.remove(); });
    line.appendChild(discard);
    note.appendChild(line);
    form.parentNode.insertBefore(note, form);
  }

  function keepInTab(form) {
    const pristine = JSON.stringify(typed(form));
    const kept = store.get(location.pathname);
    if (kept && !document.querySelector("[data-errors]") && JSON.stringify(kept) !== pristine) {
      fields(form).forEach((field) => { if (field.name in kept) field.value = kept[field.name]; });
      form.querySelectorAll("details").forEach((more) => {
        if (Array.from(more.querySelectorAll("input")).some((field) => field.value)) more.open = true;
      });
      restored(form);
    }
    form.addEventListener("input", () => store.set(location.pathname, typed(form)));
    form.addEventListener("change", () => store.set(location.pathname, typed(form)));
  }

  function explain(form, nodes, text) {
    const old = document.querySelector("[data-sealed-failed]");
    if (old) old.remove();
    const note = document.createElement("div");
    note.className = nodes.length ? "" : "notice notice-refused"; // what the page said has a frame of its own
    note.setAttribute("role", "alert");
    note.setAttribute("tabindex", "-1");
    note.setAttribute("data-sealed-failed", "");
    const inner = document.createElement("div");
    if (nodes.length) nodes.forEach((node) => inner.appendChild(document.importNode(node, true)));
    else inner.textContent = text;
    inner.querySelectorAll("[id]").forEach((node) => node.removeAttribute("id"));
    note.appendChild(inner);
    form.parentNode.insertBefore(note, form);
    note.focus();
  }

  function sendWithProgress(form) {
    const bar = form.querySelector("[data-sealed-progress]");
    const meter = bar.querySelector("progress");
    const line = bar.querySelector("[data-sealed-line]");
    const again = () => {
      bar.hidden = true;
      form.removeAttribute("data-sending");
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    };
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (form.hasAttribute("data-sending")) return;
      const sending = new XMLHttpRequest();
      meter.value = 0;
      line.textContent = bar.dataset.sending;
      bar.hidden = false;
      sending.upload.addEventListener("progress", (moved) => {
        if (!moved.lengthComputable) return;
        const part = Math.floor(100 * moved.loaded / moved.total);
        meter.value = part;
        line.textContent = part < 100 ? `${bar.dataset.sending} ${part}%` : bar.dataset.checking;
      });
      sending.addEventListener("load", () => {
        const answer = new DOMParser().parseFromString(sending.responseText, "text/html");
        if (sending.status === 200 && answer.querySelector("[data-bid-receipt]")) {
          document.open();
          document.write(sending.responseText);
          document.close();
          return;
        }
        const reasons = Array.from(answer.querySelectorAll("#main .summary, #main .refusal"));
        if (!reasons.length) { HTMLFormElement.prototype.submit.call(form); return; }
        setTimeout(again);
        explain(form, reasons, "");
      });
      sending.addEventListener("error", () => { setTimeout(again); explain(form, [], bar.dataset.lost); });
      sending.open("POST", form.getAttribute("action") || location.href);
      sending.setRequestHeader("Accept", "text/html");
      sending.send(new FormData(form));
    });
  }

  const receipt = document.querySelector("[data-bid-receipt]");
  if (receipt) {
    store.clear();
    if (history.replaceState) history.replaceState(null, "", receipt.dataset.bidReceipt);
  }
  document.querySelectorAll("form[data-sealed]").forEach((form) => { keepInTab(form); sendWithProgress(form); });
  document.querySelectorAll("form[data-sign-out]").forEach((form) => form.addEventListener("submit", store.clear));
})();
