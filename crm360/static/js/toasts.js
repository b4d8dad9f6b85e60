// Toasts go when dismissed, or by themselves when they offer nothing to press and nobody is reading them.
const LINGER = 8000;
// More than the latest few would cover what one works at.
const MOST = 3;

export function watchToasts() {
  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  for (const toast of document.querySelectorAll("[data-toast]")) fade(toast);
  document.addEventListener("htmx:after:swap", () => {
    for (const toast of document.querySelectorAll("[data-toast]:not([data-fading])")) fade(toast);
    makeRoom();
    announce();
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail?.ctx) sayUnanswered();
  });
}

function makeRoom() {
  const toasts = [...document.querySelectorAll("[data-toast]")];
  for (const toast of toasts.slice(0, -MOST)) if (!toast.matches(":focus-within")) toast.remove();
}

// What a part of the page says of itself is put where it is read out.
function announce() {
  const words = document.querySelector("[data-announce]");
  const place = document.getElementById("announced");
  if (!words || !place) return;
  place.textContent = words.textContent;
  words.removeAttribute("data-announce");
}

// A request that nobody answered: said once, however often a part of the page asks again.
function sayUnanswered() {
  const words = document.getElementById("unanswered");
  const toasts = document.getElementById("toasts");
  if (!words || !toasts || toasts.querySelector("[data-unanswered]")) return;
  const toast = words.content.firstElementChild.cloneNode(true);
  toast.dataset.unanswered = "";
  toasts.append(toast);
  fade(toast);
}

function fade(toast) {
  toast.dataset.fading = "";
  if (toast.querySelector("form, a")) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()), LINGER);
}
