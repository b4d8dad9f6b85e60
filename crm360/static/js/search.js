// The search box as an ARIA combobox: htmx brings the list, arrows walk it, Enter opens the person. In a field of a form
// that wants a customer the same list fills the field.
import Combobox from "../vendor/combobox-nav.js";

export function watchSearch() {
  for (const form of document.querySelectorAll("[data-seek], [data-pick]")) watch(form);
}

function watch(form) {
  const input = form.querySelector("input");
  const panel = form.querySelector(".seek-list");
  const status = form.querySelector("[data-seek-status]");
  let combobox = null;

  const close = () => {
    combobox?.destroy();
    combobox = null;
    panel.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };

  const open = () => {
    combobox?.destroy();
    combobox = null;
    const list = panel.querySelector("[role=listbox]");
    status.textContent = panel.querySelector("[data-said]")?.textContent ?? "";
    panel.hidden = panel.childElementCount === 0;
    if (list) {
      combobox = new Combobox(input, list, { tabInsertsSuggestions: false });
      combobox.start();
    }
    input.setAttribute("aria-expanded", String(Boolean(list)));
  };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  panel.addEventListener("htmx:after:swap", open);
  form.addEventListener("htmx:after:swap", open);
  input.addEventListener("focus", () => {
    // The first screen focuses its box by itself and shows beneath it whom one opened last: no list over that.
    if (!input.autofocus || input.value) input.dispatchEvent(new CustomEvent("seek"));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      close();
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  panel.addEventListener("combobox-commit", (event) => {
    const { value } = event.target.dataset;
    if (!value) return;
    input.value = value;
    close();
  });
  panel.addEventListener("mousedown", (event) => event.preventDefault());
}
