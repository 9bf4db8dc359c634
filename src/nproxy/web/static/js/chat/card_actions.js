// What can be done with a picture: buttons on its card, and one menu that all cards share. Whoever has something to
// offer puts a button with data-card="name" into components/card_actions.html or components/card_menu.html, and says
// here what it does: onCard("name", (card) => ...).
import { openMenu, walkWithArrows } from "../menu.js";

const deeds = new Map();
let menu;
let chosen = null;

export function onCard(name, deed) {
  deeds.set(name, deed);
}

/** Do with the card what its own button would do; false when nothing of that name is on offer. */
export function doOnCard(name, card) {
  const deed = deeds.get(name);
  deed?.(card, card.querySelector(".card-actions button"));
  return Boolean(deed);
}

function showMenu(card, button) {
  chosen = { card, button };
  openMenu(menu, button);
}

export function startCardActions(turns) {
  menu = document.getElementById("card-menu");
  onCard("more", showMenu);
  turns.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card]");
    if (button) deeds.get(button.dataset.card)?.(button.closest(".card"), button);
  });
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[data-card]");
    if (!item) return;
    const { card, button } = chosen;
    menu.hidePopover();
    deeds.get(item.dataset.card)?.(card, button);
  });
  walkWithArrows(menu);
  document.querySelector(".chat-scroll").addEventListener("scroll", () => menu.hidePopover(), { passive: true });
}
