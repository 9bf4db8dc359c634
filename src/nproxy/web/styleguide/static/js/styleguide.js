// What a page's modules would do: the toasts in every form, a dialog, and a message that has just left.
import { showPending } from "./chat/pending.js";
import { toast } from "./say.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-guide]");
  if (button?.dataset.guide === "toast") toast(button.dataset.words);
  if (button?.dataset.guide === "dialog") document.getElementById("guide-dialog").showModal();
});

const toasts = document.querySelector("[data-guide-toasts]");
const words = { "toast-template": document.querySelector("[data-words]").dataset.words, "undo-template": document.getElementById("undo-template").dataset.image };
for (const template of document.querySelectorAll("template[id$=-template]")) {
  const piece = template.content.firstElementChild.cloneNode(true);
  piece.removeAttribute("role");
  piece.classList.add("guide-still");
  if (words[template.id]) piece.querySelector("span").textContent = words[template.id];
  for (const part of piece.querySelectorAll("[data-ready], [data-failed]")) {
    part.hidden = false;
    part.querySelector("b").textContent = "2";
  }
  toasts.append(piece);
}

const composer = document.getElementById("composer");
showPending(composer, document.getElementById("turns").dataset.pendingWords, [...composer.querySelectorAll(".attachment")]);
