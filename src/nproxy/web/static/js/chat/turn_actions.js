// What can be done again with a turn: the same once more, its settings, its words, one of its pictures.
import { exportOf, orderFile } from "../exports.js";
import { announce, toast } from "../say.js";
import { removeTurn } from "./actions.js";
import { attachOwn, replaceAttachments } from "./attachments.js";
import { doOnCard, onCard } from "./card_actions.js";
import { dressTurn } from "./dress.js";
import { sendAgain } from "./send.js";
import { choose } from "./settings.js";
import { turnOf } from "./turns.js";

function around(element) {
  return element.closest(".turn");
}

function promptOf(turn) {
  return turn.querySelector(".turn-prompt").textContent;
}

function words() {
  return document.getElementById("turns").dataset;
}

async function again(turn, count) {
  try {
    await sendAgain(turn.dataset.turn, count);
  } catch (refused) {
    toast(refused.words || document.getElementById("composer").dataset.wordsTrouble, refused.link);
  }
}

/** Words, settings and pictures of a turn into the composer, whose own text goes only if there was none. */
function reuse(turn) {
  const form = document.getElementById("composer");
  const { prompt } = form.elements;
  const { resolution, aspectRatio, batchSize, strength } = turn.dataset;
  replaceAttachments([...turn.querySelectorAll("[data-source]")].map((source) => source.dataset.source));
  choose(form, { resolution, aspect_ratio: aspectRatio, batch_size: batchSize, strength });
  if (prompt.value.trim() === "") prompt.value = promptOf(turn);
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
}

// The words of a turn that was declined, to be changed. They go before whatever was typed already.
function reword(turn) {
  const { prompt } = document.getElementById("composer").elements;
  const typed = prompt.value;
  prompt.value = "";
  reuse(turn);
  if (typed.trim() && typed !== prompt.value) prompt.value += `\n${typed}`;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

function unfold(turn) {
  turn.querySelector(".turn-prompt").removeAttribute("data-folded");
  turn.querySelector("[data-turn-action=unfold]").remove();
}

async function copyPrompt(turn) {
  try {
    await navigator.clipboard.writeText(promptOf(turn));
    toast(words().saysCopied);
  } catch {
    // No clipboard outside secure contexts: the words are selected instead, ready for the person's own keys.
    getSelection().selectAllChildren(turn.querySelector(".turn-prompt"));
    announce(words().saysSelected);
  }
}

const DEEDS = {
  again: (turn) => again(turn, Number(turn.dataset.batchSize)),
  reuse,
  copy: copyPrompt,
  unfold,
  export: (turn) => orderFile(exportOf("turn", turn.dataset.turn), document.getElementById("composer").dataset.wordsTrouble),
  delete: removeTurn,
};

// The lightbox over this page asks for what its buttons promise.
function fromLightbox(event) {
  const card = document.querySelector(`#turns [data-image="${event.detail.image}"]`);
  if (!card) return;
  if (event.detail.deed === "conversation") around(card).scrollIntoView({ block: "center" });
  else if (!doOnCard(event.detail.deed, card)) return;
  event.preventDefault();
}

export function startTurnActions(turns) {
  turns.addEventListener("click", (event) => {
    const button = event.target.closest("[data-turn-action]");
    if (button) DEEDS[button.dataset.turnAction](around(button));
  });
  onCard("edit", (card) => attachOwn(card.dataset.image));
  onCard("again", (card) => again(around(card), 1));
  onCard("reword", (card) => reword(around(card)));
  onCard("reuse", (card) => reuse(around(card)));
  onCard("copy", (card) => copyPrompt(around(card)));
  for (const turn of turns.querySelectorAll(".turn")) dressTurn(turn);
  document.addEventListener("nproxy:picture", fromLightbox);
  const reused = new URLSearchParams(location.search).get("reuse");
  if (reused) turnOf(reused).then((turn) => turn && reuse(turn));
}
