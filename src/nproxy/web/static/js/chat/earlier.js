// The past of a conversation: older turns come before one reaches the first that is there, and links to one of them lead
// to it. Without modules the links do the same.
import { showEarlier } from "./turns.js";

const AHEAD = "1200px 0px";

let watcher = null;
let busy = false;

async function more(place) {
  if (busy) return;
  busy = true;
  // No network: the link stays, and a press tries again.
  if (await showEarlier(place)) watch();
  busy = false;
}

function watch() {
  watcher?.disconnect();
  const place = document.querySelector("[data-earlier]");
  if (!place) return;
  watcher = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      watcher.disconnect();
      more(place);
    },
    { root: document.querySelector(".chat-scroll"), rootMargin: AHEAD },
  );
  watcher.observe(place);
  place.addEventListener("click", (event) => {
    event.preventDefault();
    more(place);
  });
}

// `#turn-…` of a turn that is too old for this page: the page that it stands on.
function follow() {
  const { hash, search, pathname } = location;
  const turn = hash.startsWith("#turn-") && !document.getElementById(hash.slice(1)) && hash.slice("#turn-".length);
  const asked = new URLSearchParams(search).get("turn") === turn;
  if (turn && !asked && document.querySelector("[data-earlier]")) location.replace(`${pathname}?turn=${turn}${hash}`);
}

export function startEarlier() {
  follow();
  addEventListener("hashchange", follow);
  watch();
}
