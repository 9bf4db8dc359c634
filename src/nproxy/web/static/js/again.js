// A picture whose loading was cut off (the site restarting, a train in a tunnel) is asked for again, a few times.
const WAITS_MS = [1000, 3000, 8000, 20000, 60000];
const asked = new WeakMap();

export function loadPicturesAgain() {
  // Errors of pictures do not bubble, but are met on their way down.
  addEventListener("error", (event) => askLater(event.target), true);
  for (const picture of document.images) {
    if (picture.complete && picture.naturalWidth === 0) askLater(picture);
  }
}

function askLater(picture) {
  if (!(picture instanceof HTMLImageElement) || !isOurs(picture.src)) return;
  const tries = asked.get(picture) ?? 0;
  if (tries === WAITS_MS.length) return;
  asked.set(picture, tries + 1);
  setTimeout(() => picture.setAttribute("src", picture.src), WAITS_MS[tries]);
}

function isOurs(address) {
  return address.startsWith(`${location.origin}/images/`);
}
