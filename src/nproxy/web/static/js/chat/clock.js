// Elapsed time of open cards, counted from the server's moments by the server's clock.
let ahead = 0;

// `now`: the server's time as ISO text, just received.
export function setClock(now) {
  ahead = Date.parse(now) - Date.now();
}

function elapsed(since) {
  const seconds = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(since)) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function tick() {
  for (const place of document.querySelectorAll("[data-elapsed]")) {
    const text = elapsed(place.closest("[data-queued-at]").dataset.queuedAt);
    if (place.textContent !== text) place.textContent = text;
  }
}

export function startClock() {
  const page = document.getElementById("main").dataset.now;
  if (page) setClock(page);
  tick();
  setInterval(() => document.hidden || tick(), 1000);
}
