// Turns come as the server's own HTML: one that was just sent, or ones that another tab or device has sent.
import { showLate } from "./cards.js";
import { tick } from "./clock.js";
import { dressTurn } from "./dress.js";

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;
// The server answers for no more of them at once.
const MOST_AT_ONCE = 50;

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

// Turns of this page's conversation, as `query` asks for them; null when they cannot be had (no network, an error page,
// a login page).
async function fetchTurns(query) {
  const { conversation } = document.getElementById("main").dataset;
  try {
    const headers = { Accept: "text/html", "X-Fragment": "turns" };
    const answer = await fetch(`/chat/${conversation}/?${query}`, { headers });
    return answer.ok && !answer.redirected ? parsed(await answer.text()) : null;
  } catch {
    return null;
  }
}

const asQuery = (ids) => ids.map((id) => `only=${id}`).join("&");

/** One turn of this conversation, whether or not it stands on the page; null when there is none. */
export async function turnOf(id) {
  return document.getElementById(`turn-${id}`) ?? (await fetchTurns(asQuery([id])))?.querySelector(".turn") ?? null;
}

/** Puts the turns before those of the page where they belong: what one looks at stays where it is. */
export async function showEarlier(place) {
  const page = await fetchTurns(new URL(place.querySelector("a").href).searchParams);
  if (!page) return false;
  const known = (turn) => document.getElementById(turn.id);
  const earlier = [...page.querySelectorAll(".turn")].filter((turn) => !known(turn));
  const more = page.querySelector("[data-earlier]");
  if (more) place.replaceWith(document.adoptNode(more));
  else place.remove();
  document.getElementById("turns").prepend(...earlier);
  earlier.forEach(dressTurn);
  showLate();
  tick();
  return true;
}

// Before the first turn of the page there are others, which come when they are asked for.
function isEarlier(turn) {
  const first = document.querySelector("#turns > [data-turn]");
  return document.querySelector("[data-earlier]") && first && turn.id < first.id;
}

function bring(page, id) {
  const turn = page.getElementById(`turn-${id}`);
  missing.delete(id);
  if (!turn) elsewhere.add(id);
  else if (!document.getElementById(turn.id) && !isEarlier(turn)) append(turn);
}

// Asks for turns that the news names and the page does not have. The news tells each turn once, so what could not be
// fetched is kept, and asked for with the next news or after a pause. Those that are not in this conversation are
// remembered, and not asked for twice.
export async function fetchMissingTurns(turnIds = []) {
  for (const id of turnIds) missing.add(id);
  await onItsWay;
  const { conversation, past } = document.getElementById("main").dataset;
  for (const id of missing) if (elsewhere.has(id) || document.getElementById(`turn-${id}`)) missing.delete(id);
  // A page of the past stays one.
  if (!conversation || past !== undefined || !missing.size) return;
  clearTimeout(again);
  const asked = [...missing].slice(0, MOST_AT_ONCE);
  const page = await fetchTurns(asQuery(asked));
  if (!page) {
    again = setTimeout(fetchMissingTurns, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    return;
  }
  pause = FIRST_PAUSE;
  for (const id of asked) bring(page, id);
  if (missing.size) await fetchMissingTurns();
}
