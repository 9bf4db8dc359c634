// What stands in the composer is kept: in this browser at once, on the server a moment later. Only what the server has
// not got yet stays in the browser, so a lost network or session loses nothing, and other devices see the same.
import { put } from "../http.js";

const REST = 700;

let form;
let read;
let timer = 0;
// Where the message that is leaving was kept: its conversation may get its address only now.
let left = "";
let saving = Promise.resolve();

function conversation() {
  return document.getElementById("main").dataset.conversation;
}

function address() {
  return conversation() ? `/chat/${conversation()}/draft/` : "/chat/draft/";
}

function key() {
  return `nproxy.draft.${form.dataset.person}.${conversation() || "new"}`;
}

// A browser that forbids storage keeps nothing, and nothing breaks.
function locally(deed) {
  try {
    return deed(localStorage);
  } catch {
    return null;
  }
}

async function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  timer = 0;
  const place = key();
  const kept = JSON.stringify(read());
  try {
    await put(address(), kept, { keepalive });
    locally((storage) => storage.getItem(place) === kept && storage.removeItem(place));
  } catch {
    // It stays in this browser, and goes with the next change, or when the page comes back.
  }
}

/** Something in the composer has changed. */
export function keep() {
  locally((storage) => storage.setItem(key(), JSON.stringify(read())));
  forgetPlace();
  clearTimeout(timer);
  timer = setTimeout(() => (saving = save()), REST);
}

function forgetPlace() {
  if (left && left !== key()) locally((storage) => storage.removeItem(left));
  left = "";
}

/** Before a message leaves: no draft may overtake it, and come back when it is spent. */
export async function rest() {
  clearTimeout(timer);
  timer = 0;
  left = key();
  await saving;
}

/** The message has arrived, and the server's draft went with it. */
export function spend() {
  locally((storage) => storage.removeItem(key()));
  forgetPlace();
}

/** `reads` the composer as an object; `writes` one that this browser still has from before into it. */
export function startDrafts(composer, reads, writes) {
  form = composer;
  read = reads;
  const unsaved = locally((storage) => JSON.parse(storage.getItem(key())));
  if (unsaved) {
    writes(unsaved);
    keep();
  }
  window.addEventListener("pagehide", () => timer && save({ keepalive: true }));
  window.addEventListener("online", () => locally((storage) => storage.getItem(key())) && keep());
}
