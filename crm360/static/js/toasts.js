// Toasts go when dismissed, or by themselves when they offer nothing to press and nobody is reading them.
const LINGER = 8000;

export function watchToasts() {
  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  for (const toast of document.querySelectorAll("[data-toast]")) fade(toast);
  document.addEventListener("htmx:after:swap", () => {
    for (const toast of document.querySelectorAll("[data-toast]:not([data-fading])")) fade(toast);
  });
}

function fade(toast) {
  toast.dataset.fading = "";
  if (toast.querySelector("form, a")) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()), LINGER);
}
