// Turns come as the server's own HTML: one that was just sent, or ones that another tab or device has sent.
import { showLate } from "./cards.js";
import { tick } from "./clock.js";
import { dressTurn } from "./dress.js";

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;

const elsewhere = new Set();
const missing = new Set();
let pause = FIRST_PAUSE;
let again = 0;
let onItsWay = Promise.resolve();

// News of a turn can be quicker than the turn itself: whoever misses a turn waits for the one on its way.
export function arriving(turn) {
  onItsWay = turn.catch(() => {});
  return turn;
}

export function scrollToEnd() {
  document.querySelector(".chat-scroll").scrollTop = 0;
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function append(turn) {
  const turns = document.getElementById("turns");
  const pending = [...turns.querySelectorAll("[data-pending]")].find(
    (other) => other.dataset.clientId === turn.dataset.clientId,
  );
  // Ids grow with time: a turn that comes late still stands where it belongs. One without an id is on its way.
  const next = [...turns.children].find((other) => other.id > turn.id || !other.id) ?? null;
  if (pending) pending.replaceWith(document.adoptNode(turn));
  else turns.insertBefore(document.adoptNode(turn), next);
  dressTurn(turn);
  showLate();
  tick();
  document.dispatchEvent(new CustomEvent("nproxy:turn", { detail: turn.dataset.clientId }));
}

export function addTurn(html) {
  const turn = parsed(html).querySelector(".turn");
  if (!document.getElementById(turn.id)) append(turn);
}

// The page of `conversation` as it is now; null when it cannot be had (no network, an error page, a login page).
async function pageOf(conversation) {
  try {
    const answer = await fetch(`/chat/${conversation}/`, { headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? parsed(await answer.text()) : null;
  } catch {
    return null;
  }
}

// Asks for this conversation again when the news names turns that are not on the page. The news tells each turn
// once, so what could not be fetched is kept, and asked for with the next news or after a pause. Those that are not
// in this conversation are remembered, and not asked for twice.
export async function fetchMissingTurns(turnIds = []) {
  for (const id of turnIds) missing.add(id);
  await onItsWay;
  const { conversation } = document.getElementById("main").dataset;
  for (const id of missing) if (elsewhere.has(id) || document.getElementById(`turn-${id}`)) missing.delete(id);
  if (!conversation || !missing.size) return;
  clearTimeout(again);
  const asked = [...missing];
  const page = await pageOf(conversation);
  if (!page) {
    again = setTimeout(fetchMissingTurns, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    return;
  }
  pause = FIRST_PAUSE;
  for (const id of asked) {
    const turn = page.getElementById(`turn-${id}`);
    missing.delete(id);
    if (!turn) elsewhere.add(id);
    else if (!document.getElementById(turn.id)) append(turn);
  }
}
