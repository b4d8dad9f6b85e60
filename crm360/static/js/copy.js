// A button beside a text copies it; without script the text selects itself as a whole.
export function watchCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    const words = button.querySelector("[data-copy-words]");
    words.textContent = words.dataset.copyWords;
  });
}
