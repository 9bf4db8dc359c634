// Pictures' pages as the lightbox needs them: each fetched once, the neighbours ahead of time.
const known = new Map();

function read(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-viewer]");
}

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html", "X-Fragment": "viewer" } });
  if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
  return answer.text();
}

/** The inside of the lightbox for that address: a node of its own each time. */
export async function viewerAt(address) {
  if (!known.has(address)) known.set(address, load(address));
  try {
    return document.adoptNode(read(await known.get(address)));
  } catch (trouble) {
    known.delete(address);
    throw trouble;
  }
}

/** What comes next is fetched while one still looks at this. */
export async function prepare(address) {
  const viewer = await viewerAt(address).catch(() => null);
  if (viewer) new Image().src = viewer.querySelector("[data-picture]").getAttribute("src");
}

/** What was changed must be asked for anew. */
export function forget() {
  known.clear();
}
