// What the page says by itself: toasts for eyes, one polite live region for screen readers.
const STAYS = 6000;

/** A copy of the template's toast, on the page. */
export function put(templateId) {
  const piece = document.getElementById(templateId).content.firstElementChild.cloneNode(true);
  document.getElementById("toasts").append(piece);
  piece.querySelector("[data-close]")?.addEventListener("click", () => piece.remove());
  return piece;
}

// `link` (url, text), if any, is where to go from here.
export function toast(text, link = null) {
  const piece = put("toast-template");
  piece.querySelector("span").textContent = text;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.textContent = link.text;
    piece.querySelector("span").append(" ", anchor);
  }
  setTimeout(() => piece.remove(), STAYS);
}

/** One line that says that the page has lost the server; it takes nothing away and covers nothing. The battery turns grey. */
export function showConnection(isLost) {
  const line = document.getElementById("connection");
  if (line.hidden !== isLost) return;
  line.hidden = !isLost;
  document.documentElement.toggleAttribute("data-stale", isLost);
}

let signedOut = null;

// Stays until the session is back; nothing on the page is taken away meanwhile.
export function showSignedOut(isOut) {
  if (isOut) {
    signedOut ??= put("signed-out-template");
  } else {
    signedOut?.remove();
    signedOut = null;
  }
}

export function signedOutWords() {
  return document.getElementById("signed-out-template").dataset.words;
}

/** Says it once, after whatever is being said: lines that come together are all heard. */
export function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("announcer").append(line);
  setTimeout(() => line.remove(), STAYS);
}
