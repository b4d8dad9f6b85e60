// One box above a list ticks, and unticks, every box of its form; without script each is ticked by itself.
export function watchTicks() {
  for (const label of document.querySelectorAll("[data-tick-all]")) {
    label.hidden = false;
    const all = label.querySelector("input");
    const boxes = [...label.closest("form").querySelectorAll('input[name="who"]')];
    all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
    for (const box of boxes) box.addEventListener("change", () => (all.checked = boxes.every((each) => each.checked)));
  }
}
