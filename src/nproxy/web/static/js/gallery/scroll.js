// Older pictures come before one reaches the end of what is there. Without modules the link does the same.
import { showTiles } from "./tiles.js";

const AHEAD = "1200px";

let busy = false;

async function more(place) {
  if (busy) return;
  busy = true;
  const link = place.querySelector("a");
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html", "X-Fragment": "months" } });
    if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.remove();
    showTiles(page);
    watch();
  } catch {
    // No network: the link stays, and a press tries again.
  } finally {
    busy = false;
  }
}

function watch() {
  const place = document.querySelector("[data-more]");
  if (!place) return;
  const watcher = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      watcher.disconnect();
      more(place);
    },
    { root: document.getElementById("main"), rootMargin: AHEAD },
  );
  watcher.observe(place);
  place.addEventListener("click", (event) => {
    event.preventDefault();
    more(place);
  });
}

export function startScroll() {
  watch();
}
