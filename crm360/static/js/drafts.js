// What is being written outlives a reload: kept in this tab's session storage under who writes and what about, until it is
// saved. A page without a signed-in colleague, or with another one, drops what was kept.
const PREFIX = "draft:";

export function watchDrafts() {
  const who = document.body.dataset.staff ?? "";
  const mine = `${PREFIX}${who}:`;
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && !(who && key.startsWith(mine))) sessionStorage.removeItem(key);
  }
  if (!who) return;
  let sent = [];
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-draft]")) keep(event.target, mine);
  });
  document.addEventListener("submit", (event) => sent.push(event.target), true);
  document.addEventListener("htmx:after:swap", () => {
    // A form that was answered gives way to a fresh one; a refused or unanswered one stays with what is in it.
    for (const form of sent.filter((each) => !each.isConnected)) forget(form, mine);
    sent = sent.filter((each) => each.isConnected);
    bringBack(mine);
  });
  bringBack(mine);
}

function keep(field, mine) {
  if (field.value.trim()) sessionStorage.setItem(mine + field.dataset.draft, field.value);
  else sessionStorage.removeItem(mine + field.dataset.draft);
  say(field);
}

function forget(form, mine) {
  for (const field of form.querySelectorAll("[data-draft]")) sessionStorage.removeItem(mine + field.dataset.draft);
}

function bringBack(mine) {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const kept = sessionStorage.getItem(mine + field.dataset.draft);
    if (!kept || field.value) continue;
    field.value = kept;
    const fold = field.closest("details");
    if (fold) fold.open = true;
    say(field);
  }
}

function say(field) {
  const words = field.form?.querySelector("[data-draft-words]");
  if (words) words.hidden = !field.value.trim();
}
