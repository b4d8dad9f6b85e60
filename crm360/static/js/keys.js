// Keys that work anywhere: Ctrl+K or / to search; a letter for what the page offers under data-key. A link with data-press
// does the same as its letter; what has not come yet is pressed as soon as it is there.
let awaited = "";

export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    awaited = "";
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return seek(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined;
    if (event.key === "/") return seek(event);
    return press(event);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-press]");
    if (link && !event.ctrlKey && !event.metaKey && reach(link.dataset.press)) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => {
    if (awaited && reach(awaited)) awaited = "";
  });
}

function seek(event) {
  const box = document.querySelector("main [data-seek] input, [data-seek] input[type=search]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
}

function press(event) {
  if (event.key.length !== 1) return;
  const key = event.key.toLowerCase();
  if (reach(key)) event.preventDefault();
  else if (document.querySelector(`[data-press="${CSS.escape(key)}"]`)) awaited = key;
}

// Whether the page has something under this key: a field gets the focus, a fold opens at its first field, all else is clicked.
function reach(key) {
  const target = document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("summary")) unfold(target);
  else if (target.matches("input, textarea")) target.focus();
  else target.click();
  return true;
}

function unfold(summary) {
  summary.parentElement.open = true;
  (summary.parentElement.querySelector("input:not([type=hidden]), select, textarea") ?? summary).focus();
}

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}
