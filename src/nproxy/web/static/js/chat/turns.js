// Turns come as the server's own HTML: one that was just sent, or ones that another tab or device has sent.
import { showLate } from "./cards.js";
import { tick } from "./clock.js";

const elsewhere = new Set();
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
  document.getElementById("turns").append(document.adoptNode(turn));
  showLate();
  tick();
}

export function addTurn(html) {
  const turn = parsed(html).querySelector(".turn");
  if (!document.getElementById(turn.id)) append(turn);
}

// Asks for this conversation again when the news names turns that are not on the page. Those that are not in
// this conversation are remembered, and not asked for twice.
export async function fetchMissingTurns(turnIds) {
  await onItsWay;
  const conversation = document.getElementById("main").dataset.conversation;
  const missing = turnIds.filter((id) => !elsewhere.has(id) && !document.getElementById(`turn-${id}`));
  if (!conversation || !missing.length) return;
  const answer = await fetch(`/chat/${conversation}/`, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = parsed(await answer.text());
  for (const id of missing) {
    const turn = page.getElementById(`turn-${id}`);
    if (!turn) elsewhere.add(id);
    else if (!document.getElementById(turn.id)) append(turn);
  }
}
