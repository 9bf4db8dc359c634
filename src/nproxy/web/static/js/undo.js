// What was deleted can be had back for ten seconds, on whatever page one is by then.
import { post } from "./http.js";
import { announce, put, toast } from "./say.js";

const KEY = "nproxy.undo";
const STAYS = 10000;
// Whoever points at the offer or stands on it is given more time; the server keeps things a little longer than this.
const LONGEST = 35000;

let shown = null;

function words() {
  return document.getElementById("undo-template").dataset;
}

function keep(offer) {
  try {
    if (offer) sessionStorage.setItem(KEY, JSON.stringify(offer));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is switched off: the offer ends with the page.
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function end() {
  clearInterval(shown?.clock);
  shown?.piece.remove();
  shown = null;
  keep(null);
}

async function undo({ kind, moment }) {
  end();
  const body = new FormData();
  body.set("undo", moment);
  try {
    await post("/undo/", body);
    announce(words().done);
    document.dispatchEvent(new CustomEvent("nproxy:restored", { detail: { kind, moment } }));
  } catch (refused) {
    toast(refused.words || words().trouble);
  }
}

function show(offer) {
  const piece = put("undo-template");
  piece.querySelector("span").textContent = words()[offer.kind];
  piece.querySelector("[data-undo]").addEventListener("click", () => undo(offer));
  const clock = setInterval(() => {
    const age = Date.now() - offer.since;
    if (age > LONGEST || (age > STAYS && !piece.matches(":hover, :focus-within"))) end();
  }, 500);
  shown = { piece, clock };
}

/** Say that something of this kind (image, images, turn, conversation) is gone, and offer it back. */
export function offerUndo(kind, moment) {
  end();
  const offer = { kind, moment, since: Date.now() };
  keep(offer);
  show(offer);
}

/** An offer made on the page before goes on here. */
export function resumeUndo() {
  const offer = kept();
  if (offer && Date.now() - offer.since < STAYS) show(offer);
  else keep(null);
}
