// A report is printed by the browser; the button is there only where a script can press it.
export function watchPrints() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
