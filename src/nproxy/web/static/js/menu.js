// Menus that many buttons share: shown beside the button that was pressed, walked through with the arrows.

// Below the button where there is room, else above; never out of the window.
function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + 4 + height < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}

function walk(event) {
  const items = [...event.currentTarget.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length].focus();
}

export function openMenu(menu, button) {
  menu.showPopover();
  place(menu, button);
  menu.querySelector("button").focus();
}

export function walkWithArrows(menu) {
  menu.addEventListener("keydown", walk);
}
