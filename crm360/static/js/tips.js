// Tips open by hover and focus in CSS alone; Escape shuts one without moving the pointer or the focus.
export function watchTips() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const tip of document.querySelectorAll(".tip:is(:hover, :focus-within)")) tip.classList.add("is-shut");
  });
  for (const type of ["pointerout", "focusout"]) {
    document.addEventListener(type, (event) => {
      const tip = event.target.closest?.(".tip.is-shut");
      if (tip && !tip.contains(event.relatedTarget)) tip.classList.remove("is-shut");
    });
  }
}
