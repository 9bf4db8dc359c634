// Says that pictures have come where one does not see them: in the title and on the tab's icon while one is elsewhere, as
// a toast on the site's other pages. `data-tells` on the body names the ways that the person has left switched on.
import { put } from "./say.js";

const STAYS = 8000;
const ENDS = { succeeded: "ready", failed: "failed" };

const told = new Set();
let missed = 0;
// What stands before the page's own title, which may change meanwhile.
let prefix = "";
let since = 0;
// The toast of a turn that still stands: [piece, counts by ending].
const toasts = new Map();

function tells(way) {
  return document.body.dataset.tells.split(" ").includes(way);
}

function showMissed() {
  const title = document.title.startsWith(prefix) ? document.title.slice(prefix.length) : document.title;
  prefix = missed && tells("tab") ? `(${missed}) ` : "";
  document.title = prefix + title;
  const icon = document.querySelector("link[rel=icon]");
  icon.href = missed && tells("icon") ? icon.dataset.badge : icon.dataset.plain;
}

function toast(turn, ending) {
  let standing = toasts.get(turn);
  if (!standing) {
    const piece = put("ready-template");
    standing = { piece, ready: 0, failed: 0 };
    piece.querySelector("a").href = `/turns/${turn}/`;
    toasts.set(turn, standing);
    setTimeout(() => {
      piece.remove();
      toasts.delete(turn);
    }, STAYS);
  }
  standing[ending] += 1;
  for (const kind of ["ready", "failed"]) {
    const place = standing.piece.querySelector(`[data-${kind}]`);
    place.hidden = !standing[kind];
    place.querySelector("b").textContent = standing[kind];
  }
}

function tell({ id, turn, status }) {
  if (document.hidden) {
    missed += 1;
    showMissed();
  } else if (tells("toast") && !document.querySelector(`[data-generation="${id}"]`)) toast(turn, ENDS[status]);
}

export function startTelling() {
  since = Date.parse(document.body.dataset.now);
  document.addEventListener("nproxy:news", (event) => {
    for (const generation of event.detail.generations) {
      const { id, status, deleted, finished_at: end } = generation;
      const key = `${id} ${end}`;
      if (!ENDS[status] || deleted || told.has(key) || Date.parse(end) < since) continue;
      told.add(key);
      tell(generation);
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !missed) return;
    missed = 0;
    showMissed();
  });
}
