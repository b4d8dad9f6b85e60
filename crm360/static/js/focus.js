// Where the keyboard was stays where it was when a part of the page comes anew: at the first of what was asked for, at what
// has the same id, in a fold that had been opened too, or else at the part itself.
export function watchFocus() {
  let held = [];
  document.addEventListener("htmx:before:swap", () => {
    held = trail(document.activeElement);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (document.activeElement !== document.body || !held.length) return;
    const asked = document.querySelector("[data-focus-here]");
    asked?.removeAttribute("data-focus-here");
    const places = [asked, ...held.map((id) => document.getElementById(id))];
    const place = places.find((each) => each && isShown(each, held));
    if (!place || place.id === "main") return;
    if (place.tabIndex < 0 && !place.hasAttribute("tabindex")) place.tabIndex = -1;
    place.focus({ preventScroll: place !== asked });
  });
}

function isShown(element, held) {
  const fold = element.closest("details:not([open])");
  if (fold?.id && held.includes(fold.id)) fold.open = true;
  return element.checkVisibility();
}

// The ids of what has the focus and of what it stands in, the nearest first.
function trail(element) {
  const ids = [];
  for (let each = element; each && each !== document.body; each = each.parentElement) if (each.id) ids.push(each.id);
  return ids;
}
