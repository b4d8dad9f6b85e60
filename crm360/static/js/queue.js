// The review desk by keyboard: j and k walk the pairs, m, n, l answer, Enter compares, u undoes. An answered pair goes.
export function watchQueue() {
  const list = document.querySelector("[data-queue]");
  if (!list) return;
  list.addEventListener("answered", (event) => remove(list, event.target.closest("[data-row]")));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (act(list, event)) event.preventDefault();
  });
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && list.contains(target)) target.focus();
}

// Whether the key meant something here. An answer needs a pair that has the focus: no key decides about nobody.
function act(list, event) {
  const row = document.activeElement?.closest("[data-row]");
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return walk(list, row, key === "j" ? 1 : -1);
  if (key === "u") return press([...document.querySelectorAll("[data-undo]")].at(-1));
  if (event.key === "Enter") return row === document.activeElement && press(row?.querySelector("[data-open]"));
  return press(row?.querySelector(`[data-answer="${CSS.escape(key)}"]`));
}

function walk(list, row, step) {
  const rows = [...list.querySelectorAll("[data-row]")];
  const next = row ? rows.indexOf(row) + step : 0;
  rows[Math.max(0, Math.min(next, rows.length - 1))]?.focus();
  return true;
}

function press(element) {
  element?.click();
  return Boolean(element);
}

function countDown(place) {
  if (!place) return;
  place.dataset.queueCount = Math.max(0, place.dataset.queueCount - 1);
  place.textContent = Number(place.dataset.queueCount).toLocaleString(document.documentElement.lang);
}

function remove(list, row) {
  const near = row.nextElementSibling ?? row.previousElementSibling;
  const held = row.contains(document.activeElement) || document.activeElement === document.body;
  row.remove();
  countDown(document.querySelector("[data-queue-count]"));
  if (!near) location.assign(location.pathname + location.search);
  else if (held) near.focus();
}
