// Buttons of turns and cards. Each is a submit button of one form, so they work without this module too.
import { post } from "../http.js";
import { toast } from "../say.js";
import { onCard } from "./card_actions.js";
import { cardOf, remove } from "./cards.js";

function confirmed() {
  const dialog = document.getElementById("confirm");
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function act(button, address) {
  button.disabled = true;
  try {
    const answer = await (await post(address)).json();
    // Anything else shows itself by the news: the server's word, not a guess.
    if (answer.deleted) remove(cardOf(answer.generation));
  } catch (refused) {
    toast(refused.words || document.getElementById("composer").dataset.wordsTrouble);
  } finally {
    button.disabled = false;
  }
}

async function removePicture(card, button) {
  if (await confirmed()) act(button, `/generations/${card.dataset.generation}/delete/`);
}

export function listenForActions(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter, event.submitter.formAction);
  });
  onCard("delete", removePicture);
}
