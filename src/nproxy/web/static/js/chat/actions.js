// Buttons of turns and cards. Each is a submit button of one form, so they work without this module too.
import { post } from "../http.js";
import { toast } from "../say.js";
import { attachOwn } from "./attachments.js";
import { cardOf, remove } from "./cards.js";

function confirmed() {
  const dialog = document.getElementById("confirm");
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function act(button) {
  if (button.hasAttribute("data-ask") && !(await confirmed())) return;
  button.disabled = true;
  try {
    const answer = await (await post(button.formAction)).json();
    // Anything else shows itself by the news: the server's word, not a guess.
    if (answer.deleted) remove(cardOf(answer.generation));
  } catch (refused) {
    toast(refused.words || document.getElementById("composer").dataset.wordsTrouble);
  } finally {
    button.disabled = false;
  }
}

export function listenForActions(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter);
  });
  document.getElementById("turns").addEventListener("click", (event) => {
    const button = event.target.closest("[data-edit]");
    if (button) attachOwn(button.dataset.edit);
  });
}
