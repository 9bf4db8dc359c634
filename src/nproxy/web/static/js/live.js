// One long poll for the whole page, held while the page is visible, and in a hidden one while something is being drawn
// (its title tells). Whatever the answer is (an error page, no network, a lost session), nothing on the page changes by
// it: the poll waits a little and asks again.
import { showConnection, showSignedOut } from "./say.js";

const WAIT = 25;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
const LONGEST_PAUSE_WHILE_DRAWING = 4000;
// One answer that fails is nobody's business.
const FAILURES_UNTOLD = 1;
// A poll that got no answer in this time hangs on a dead connection.
const PATIENCE = (WAIT + 10) * 1000;

let cursor = 0;
let pause = FIRST_PAUSE;
let failures = 0;
let pending = 0;
let running = false;
let current = null;
let wakeUp = null;

// Resolves after `ms`, or as soon as the page has a reason to look again.
function rest(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wakeUp = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

async function ask() {
  current = new AbortController();
  const signal = AbortSignal.any([current.signal, AbortSignal.timeout(PATIENCE)]);
  // After a failure the answer is wanted at once: "reconnecting" ends with it.
  const answer = await fetch(`/updates/?after=${cursor}&wait=${failures ? 0 : WAIT}`, {
    headers: { Accept: "application/json" },
    signal,
  });
  if (answer.status === 401) {
    showSignedOut(true);
    throw new Error("signed out");
  }
  if (answer.status !== 204 && answer.status !== 200) throw new Error(`status ${answer.status}`);
  const news = answer.status === 200 ? await answer.json() : null;
  showSignedOut(false);
  if (news) {
    pending = news.pending;
    document.dispatchEvent(new CustomEvent("nproxy:news", { detail: news }));
    cursor = news.cursor;
  }
}

function isLeft(trouble) {
  return document.hidden && !pending && trouble.name === "AbortError";
}

async function run() {
  if (running) return;
  running = true;
  while (!document.hidden || pending) {
    try {
      await ask();
      pause = FIRST_PAUSE;
      failures = 0;
    } catch (trouble) {
      if (isLeft(trouble)) break;
      failures += 1;
    }
    showConnection(failures > FAILURES_UNTOLD);
    if (failures) await rest(pause * (0.75 + Math.random() / 2));
    if (failures) pause = Math.min(pause * 2, pending ? LONGEST_PAUSE_WHILE_DRAWING : LONGEST_PAUSE);
  }
  running = false;
}

// The network or the person is back: what waits waits no longer.
function again() {
  pause = FIRST_PAUSE;
  wakeUp?.();
  if (!document.hidden || pending) run();
}

/** `open`: how many pictures the person waits for as the page is drawn. */
export function startLive(from, open) {
  cursor = from;
  pending = open;
  // What has just been sent is waited for, before the news says so.
  document.addEventListener("nproxy:turn", () => (pending ||= 1));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) again();
    else if (!pending) current?.abort();
  });
  window.addEventListener("pageshow", again);
  window.addEventListener("online", again);
  window.addEventListener("pagehide", () => current?.abort());
  again();
}
