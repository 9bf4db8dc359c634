// What can be done with a picture: buttons on its card, and one menu that all cards share. Whoever has something to
// offer puts a button with data-card="name" into components/card_actions.html or components/card_menu.html, and says
// here what it does: onCard("name", (card) => ...).
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

// Below its button where there is room, else above; never out of the window.
function placeMenu(button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}

function openMenu(card, button) {
  chosen = { card, button };
  menu.showPopover();
  placeMenu(button);
  menu.querySelector("button").focus();
}

// Arrows walk through the menu, as a menu's do.
function walk(event) {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length].focus();
}

export function startCardActions(turns) {
  menu = document.getElementById("card-menu");
  onCard("more", openMenu);
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
  menu.addEventListener("keydown", walk);
  document.querySelector(".chat-scroll").addEventListener("scroll", () => menu.hidePopover(), { passive: true });
}
