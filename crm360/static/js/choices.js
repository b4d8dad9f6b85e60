// A form of alternatives: who fills the field beside one has chosen it.
export function watchChoices() {
  document.addEventListener("input", (event) => {
    const choice = event.target.closest("[data-choice]")?.querySelector("input[type=radio]");
    if (choice && event.target !== choice) choice.checked = true;
  });
}
