// A card is patched from the news: its box stays as it is, what stands in it is exchanged.
import { announce } from "../say.js";
import { fill, OPEN } from "./card_parts.js";
import { setClock, tick } from "./clock.js";

const RANK = { queued: 0, running: 1, succeeded: 2, failed: 2, canceled: 2 };
// News of cards that are not on the page yet, by generation.
const late = new Map();
// Cards that were deleted, by generation.
const taken = new Map();

function kind(status) {
  return OPEN.includes(status) ? "open" : status;
}

function say(card, told) {
  const words = document.getElementById("turns").dataset;
  const ending = { succeeded: words.saysReady, failed: words.saysFailed }[told.status];
  if (ending) announce(`${card.getAttribute("aria-label")}: ${ending}`);
}

function show(card, told) {
  const before = kind(card.dataset.status);
  const hadFocus = card.contains(document.activeElement);
  card.dataset.queuedAt = told.queued_at;
  card.dataset.stage = told.stage;
  card.dataset.status = told.status;
  if (kind(told.status) === before) return;
  fill(card, told);
  if (hadFocus) card.querySelector(".card-part :is(a, button)")?.focus({ preventScroll: true });
  say(card, told);
}

export function remove(card) {
  const neighbour = card.nextElementSibling ?? card.previousElementSibling;
  const turn = card.closest(".turn");
  const hadFocus = card.contains(document.activeElement);
  taken.set(card.dataset.generation, { turn, places: [mark(card)] });
  if (!neighbour) taken.get(card.dataset.generation).places.push(mark(turn));
  if (hadFocus) neighbour?.querySelector("a, button")?.focus({ preventScroll: true });
}

// Takes a piece off the page and remembers where it stood: what is deleted may be had back.
function mark(piece) {
  const comment = document.createComment("deleted");
  piece.replaceWith(comment);
  return { piece, comment };
}

// A deleted card that the news tells of again stands where it stood.
function bringBack(told) {
  const gone = taken.get(told.id);
  if (!gone) return;
  taken.delete(told.id);
  for (const { piece, comment } of gone.places.reverse()) comment.replaceWith(piece);
  // Its turn may have gone later, with another card.
  for (const other of taken.values()) {
    if (other.turn === gone.turn && other.places.length > 1) {
      const { piece, comment } = other.places.pop();
      comment.replaceWith(piece);
    }
  }
}

export function cardOf(generationId) {
  return document.querySelector(`[data-generation="${generationId}"]`);
}

// Shows what changed; the ids of turns that this page does not have are the answer.
export function showNews(news) {
  setClock(news.now);
  const unknown = new Set();
  for (const told of news.generations) {
    if (!told.deleted) bringBack(told);
    const card = cardOf(told.id);
    if (card && told.deleted) remove(card);
    else if (card) show(card, told);
    else if (!told.deleted) {
      late.set(told.id, told);
      unknown.add(told.turn);
    }
  }
  tick();
  return [...unknown];
}

// Cards that have just come onto the page take the news that came before them, unless they know better.
export function showLate() {
  for (const [id, told] of late) {
    const card = cardOf(id);
    if (!card) continue;
    late.delete(id);
    if (RANK[told.status] >= RANK[card.dataset.status]) show(card, told);
  }
}
