// Elapsed time of open cards, counted from the server's moments by the server's clock.
let ahead = 0;

// `now`: the server's time as ISO text, just received.
export function setClock(now) {
  ahead = Date.parse(now) - Date.now();
}

function secondsSince(moment) {
  return Math.max(0, Math.floor((Date.now() + ahead - Date.parse(moment)) / 1000));
}

function words(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function tick() {
  for (const place of document.querySelectorAll("[data-elapsed]")) {
    const card = place.closest("[data-queued-at]");
    const seconds = secondsSince(card.dataset.queuedAt);
    const text = words(seconds);
    if (place.textContent !== text) place.textContent = text;
    const { slowAfter } = card.closest(".turn").dataset;
    card.toggleAttribute("data-slow", Boolean(slowAfter) && seconds > Number(slowAfter));
  }
}

export function startClock() {
  const page = document.getElementById("main").dataset.now;
  if (page) setClock(page);
  tick();
  setInterval(() => document.hidden || tick(), 1000);
}
