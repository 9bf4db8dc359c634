// One long poll for the whole page, held only while the page is visible. Whatever the answer is (an error page,
// no network, a lost session), nothing on the page changes by it: the poll waits a little and asks again.
import { showSignedOut } from "./say.js";

const WAIT = 25;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
// A poll that got no answer in this time hangs on a dead connection.
const PATIENCE = (WAIT + 10) * 1000;

let cursor = 0;
let pause = FIRST_PAUSE;
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
  const answer = await fetch(`/updates/?after=${cursor}&wait=${WAIT}`, {
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
    document.dispatchEvent(new CustomEvent("nproxy:news", { detail: news }));
    cursor = news.cursor;
  }
}

async function run() {
  if (running) return;
  running = true;
  while (!document.hidden) {
    try {
      await ask();
      pause = FIRST_PAUSE;
    } catch {
      if (document.hidden) break;
      await rest(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
  running = false;
}

// The network or the person is back: what waits waits no longer.
function again() {
  pause = FIRST_PAUSE;
  wakeUp?.();
  if (!document.hidden) run();
}

export function startLive(from) {
  cursor = from;
  document.addEventListener("visibilitychange", () => (document.hidden ? current?.abort() : again()));
  window.addEventListener("pageshow", again);
  window.addEventListener("online", again);
  window.addEventListener("pagehide", () => current?.abort());
  again();
}
