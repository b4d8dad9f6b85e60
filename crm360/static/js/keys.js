// Keys that work anywhere: Ctrl+K or / to search; a letter for what the page offers under data-key.
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return seek(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined;
    if (event.key === "/") return seek(event);
    return press(event);
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
  const target = event.key.length === 1 && document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, textarea")) target.focus();
  else target.click();
}

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}
