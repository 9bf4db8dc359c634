// Gives turns and cards their buttons, from templates that the page holds once: a long chat stays small.
function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

/** Buttons for a card that shows its picture; harmless for any other, and when repeated. */
export function dressCard(card) {
  const place = card.querySelector(".card-picture");
  if (!place || place.querySelector(".card-actions")) return;
  const bar = copyOf("card-actions");
  bar.querySelector("[data-download]").href = `/images/${card.dataset.image}/original?download=1`;
  place.append(bar);
}

export function dressTurn(turn) {
  if (!turn.querySelector(".turn-actions")) turn.querySelector(".turn-line").append(copyOf("turn-actions"));
  for (const card of turn.querySelectorAll(".card")) dressCard(card);
}
