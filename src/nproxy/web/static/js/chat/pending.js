// The person's message on the page before the server has it: at its place, with its boxes at their final shape.
import { dressTurn } from "./dress.js";
import { boxOf, settled } from "./settings.js";

function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

function sourceOf(chip) {
  const picture = document.createElement("img");
  picture.src = chip.querySelector("img").src;
  picture.alt = "";
  return picture;
}

function shapeOf({ width, height }) {
  const elongated = Number(document.getElementById("turns").dataset.elongated);
  if (height > width * elongated) return "tall";
  return width > height * elongated ? "wide" : "even";
}

function card(box) {
  const piece = copyOf("card-pending");
  const drawing = piece.querySelector("svg");
  drawing.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  drawing.setAttribute("width", box.width);
  drawing.setAttribute("height", box.height);
  return piece;
}

/** Shows the message that `form` holds, with these words and chips. The answer is its turn on the page: the server's own takes its place. */
export function showPending(form, text, chips) {
  const turn = copyOf("turn-pending");
  const count = Number(form.querySelector("[name=batch_size]:checked").value);
  const box = boxOf(form, chips.at(-1)?.querySelector("img"));
  turn.dataset.clientId = form.elements.client_id.value;
  turn.dataset.shape = shapeOf(box);
  turn.querySelector(".turn-prompt").textContent = text.trim();
  turn.querySelector(".turn-settings").textContent = settled(form);
  const sources = turn.querySelector(".turn-sources");
  if (chips.length) sources.append(...chips.map(sourceOf));
  else sources.remove();
  const cards = turn.querySelector(".cards");
  cards.dataset.count = count;
  for (let number = 0; number < count; number += 1) cards.append(card(box));
  document.getElementById("turns").append(turn);
  dressTurn(turn);
  return turn;
}
