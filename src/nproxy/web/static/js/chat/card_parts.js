// What stands in a card's box: copies of the server's own templates, filled with the news.
import { dressCard } from "./dress.js";

export const OPEN = ["queued", "running"];

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
  card.dataset.image = image.id;
  piece.classList.add("arriving");
  img.addEventListener("load", () => piece.classList.remove("arriving"), { once: true });
  img.loading = "eager";
  img.width = image.width;
  img.height = image.height;
  img.alt = card.closest(".turn").querySelector(".turn-prompt").textContent.slice(0, 80);
  img.srcset = `/images/${image.id}/1280 2x`;
  img.src = image.thumbnail_url;
  piece.querySelector(".card-link").href = `/gallery/${image.id}/?in=${document.getElementById("main").dataset.conversation}`;
  return piece;
}

function waiting(card) {
  const piece = part("card-wait", card);
  piece.querySelector("[data-usual]").textContent = card.closest(".turn").dataset.usual ?? "";
  return piece;
}

function trouble(card, error) {
  const piece = part("card-trouble", card);
  if (error) {
    piece.dataset.next = error.next_step;
    piece.querySelector("[data-trouble]").textContent = error.message;
    piece.querySelector("[data-reference]").textContent = error.reference;
    piece.querySelector(".card-reference").hidden = !error.reference;
  }
  return piece;
}

function content(card, told) {
  if (told.status === "succeeded") return picture(card, told.image);
  return OPEN.includes(told.status) ? waiting(card) : trouble(card, told.error);
}

/** Exchanges what stands in the card's box; the box itself stays as it is. */
export function fill(card, told) {
  card.querySelector(".card-part").replaceWith(content(card, told));
  dressCard(card);
}
