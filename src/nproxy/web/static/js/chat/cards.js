// A card is patched from the news: its box stays as it is, what stands in it is exchanged.
import { announce } from "../say.js";
import { setClock, tick } from "./clock.js";

const OPEN = ["queued", "running"];
const RANK = { queued: 0, running: 1, succeeded: 2, failed: 2, canceled: 2 };
// News of cards that are not on the page yet, by generation.
const late = new Map();

function part(id, card) {
  const piece = document.getElementById(id).content.firstElementChild.cloneNode(true);
  for (const button of piece.querySelectorAll("[data-act]")) {
    button.setAttribute("formaction", `/generations/${card.dataset.generation}/${button.dataset.act}/`);
  }
  return piece;
}

function picture(card, image) {
  const piece = part("card-picture", card);
  const img = piece.querySelector(".card-link img");
  piece.classList.add("arriving");
  img.addEventListener("load", () => piece.classList.remove("arriving"), { once: true });
  img.loading = "eager";
  img.width = image.width;
  img.height = image.height;
  img.alt = card.closest(".turn").querySelector(".turn-prompt").textContent.slice(0, 120);
  img.srcset = `/images/${image.id}/640 640w, /images/${image.id}/1280 1280w`;
  img.src = image.thumbnail_url;
  piece.querySelector(".card-link").href = image.url;
  piece.querySelector("[data-download]").href = `${image.url}?download=1`;
  piece.querySelector("[data-edit]").dataset.edit = image.id;
  return piece;
}

function trouble(card, error) {
  const piece = part("card-trouble", card);
  if (error) {
    piece.querySelector("[data-trouble]").textContent = error.message;
    piece.querySelector("[data-reference]").textContent = error.reference;
    piece.querySelector(".card-reference").hidden = !error.reference;
  }
  return piece;
}

function content(card, told) {
  if (told.status === "succeeded") return picture(card, told.image);
  return OPEN.includes(told.status) ? part("card-wait", card) : trouble(card, told.error);
}

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
  card.querySelector(".card-part").replaceWith(content(card, told));
  if (hadFocus) card.querySelector(".card-part :is(a, button)")?.focus({ preventScroll: true });
  say(card, told);
}

export function remove(card) {
  const neighbour = card.nextElementSibling ?? card.previousElementSibling;
  const turn = card.closest(".turn");
  const hadFocus = card.contains(document.activeElement);
  card.remove();
  if (!neighbour) turn.remove();
  if (hadFocus) neighbour?.querySelector("a, button")?.focus({ preventScroll: true });
}

export function cardOf(generationId) {
  return document.querySelector(`[data-generation="${generationId}"]`);
}

// Shows what changed; the ids of turns that this page does not have are the answer.
export function showNews(news) {
  setClock(news.now);
  const unknown = new Set();
  for (const told of news.generations) {
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
