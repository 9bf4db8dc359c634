// Buttons of turns and cards. Each is a submit button of one form, so they work without this module too.
import { post } from "../http.js";
import { toast } from "../say.js";
import { offerUndo } from "../undo.js";
import { onCard } from "./card_actions.js";
import { cardOf, remove } from "./cards.js";

async function act(button, address) {
  button.disabled = true;
  try {
    const answer = await (await post(address)).json();
    // Anything else shows itself by the news: the server's word, not a guess.
    if (answer.deleted) {
      remove(cardOf(answer.generation));
      offerUndo("image", answer.undo);
    }
  } catch (refused) {
    toast(refused.words || document.getElementById("composer").dataset.wordsTrouble);
  } finally {
    button.disabled = false;
  }
}

/** The turn with all its images; the news takes its cards off the page. */
export async function removeTurn(turn) {
  try {
    const { undo } = await (await post(`/turns/${turn.dataset.turn}/delete/`)).json();
    offerUndo("turn", undo);
  } catch (refused) {
    toast(refused.words || document.getElementById("composer").dataset.wordsTrouble);
  }
}

export function listenForActions(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter, event.submitter.formAction);
  });
  onCard("delete", (card, button) => act(button, `/generations/${card.dataset.generation}/delete/`));
}
