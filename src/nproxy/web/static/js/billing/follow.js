// When something about an order changes, the page fetches itself anew and exchanges the parts that differ.
// The server draws, the page only swaps: what is the same stays untouched, and so does what was picked or opened.
import { announce } from "../say.js";
import { showClocks } from "./clocks.js";

// What the server drew for each part, whatever clocks have made of it since.
const drawn = new WeakMap();
let running = false;
let again = false;

// A fetch without an answer for so long hangs on a dead connection.
const PATIENCE = 20000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;

// Each answer masks the CSRF token anew: that alone is no difference.
function essence(part) {
  const copy = part.cloneNode(true);
  for (const token of copy.querySelectorAll("input[name=csrfmiddlewaretoken]")) token.remove();
  return copy.innerHTML;
}

function swap(part, fresh) {
  const picked = part.querySelector("input:checked")?.value;
  const hadFocus = part.contains(document.activeElement);
  const isOpen = part.querySelector("details")?.open;
  part.replaceChildren(...fresh.childNodes);
  const again = picked && part.querySelector(`input[value="${CSS.escape(picked)}"]:not(:disabled)`);
  if (again) again.checked = true;
  if (isOpen) part.querySelector("details")?.setAttribute("open", "");
  if (hadFocus) (again || part.querySelector("a, button"))?.focus({ preventScroll: true });
}

function heading() {
  return document.querySelector("[data-says]")?.dataset.says;
}

function show(page) {
  const before = heading();
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh) continue;
    const text = essence(fresh);
    if (text === drawn.get(part)) continue;
    drawn.set(part, text);
    swap(part, fresh);
  }
  document.title = page.title;
  showClocks();
  if (heading() && heading() !== before) announce(heading());
}

// Shows the page as the server draws it now; whether there was an answer that settles it.
async function drawAnew() {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, signal });
    if (answer.ok && !answer.redirected) {
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
    return answer.status < 500;
  } catch {
    return false; // no network, or none that answers
  }
}

// News is told once: what cannot be fetched for it now is fetched until it is there.
async function refresh() {
  again = running;
  if (running) return;
  running = true;
  let pause = FIRST_PAUSE;
  do {
    again = false;
    if (await drawAnew()) continue;
    again = true;
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  } while (again);
  running = false;
}

// Call before anything else changes the page.
export function followOrders() {
  const mine = document.querySelector("[data-order]")?.dataset.order;
  for (const part of document.querySelectorAll("[data-part]")) drawn.set(part, essence(part));
  document.addEventListener("nproxy:news", (event) => {
    if (event.detail.orders.some((order) => !mine || order.id === mine)) refresh();
  });
}
