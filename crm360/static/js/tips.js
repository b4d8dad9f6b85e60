// Tips open by hover and focus in CSS alone; Escape shuts one without moving the pointer or the focus.
export function watchTips() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const tip of document.querySelectorAll(".tip:is(:hover, :focus-within)")) tip.classList.add("is-shut");
  });
  for (const type of ["pointerout", "focusout"]) {
    document.addEventListener(type, (event) => {
      const tip = event.target.closest?.(".tip.is-shut");
      if (tip) requestAnimationFrame(() => reopenLater(tip));
    });
  }
}

// A tip that vanishes under the pointer says "pointerout" too: it stays shut while the focus or the pointer is there.
function reopenLater(tip) {
  if (!tip.matches(":hover, :focus-within")) tip.classList.remove("is-shut");
}
