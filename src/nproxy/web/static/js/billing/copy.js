// Copy buttons beside what has to reach a wallet without a slip.
import { announce } from "../say.js";

const STAYS = 2000;

function select(place) {
  const range = document.createRange();
  range.selectNodeContents(place);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

async function copy(button) {
  const place = document.querySelector(`#${button.dataset.copy} [data-copy-from]`);
  try {
    await navigator.clipboard.writeText(place.textContent);
  } catch {
    // The browser does not let us: the person can, what is selected is right.
    select(place);
    return;
  }
  const words = button.querySelector("span");
  const copied = document.querySelector("[data-says-copied]").dataset.saysCopied;
  button.dataset.words ??= words.textContent;
  words.textContent = copied;
  announce(copied);
  setTimeout(() => (words.textContent = button.dataset.words), STAYS);
}

export function listenForCopies() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });
}
