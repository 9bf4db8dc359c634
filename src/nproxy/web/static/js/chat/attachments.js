// The pictures that the next message starts from, as chips. Each chip carries the form's own field: what can be seen is
// what will be sent. A file is uploaded as soon as it is attached.
import { toast } from "../say.js";
import { upload } from "./upload.js";

let composer;
let list;
// What belongs to a chip while its file is on its way: the file, its preview, and the way to stop.
const onTheWay = new Map();

export const chips = () => [...list.children];
const fieldOf = (chip) => chip.querySelector("input");

export const attachedIds = () => chips().flatMap((chip) => fieldOf(chip).value || []);
export const isUploading = () => chips().some((chip) => chip.dataset.state === "uploading");
export const hasFailed = () => chips().some((chip) => chip.dataset.state === "failed");

function changed({ grew = false } = {}) {
  composer.querySelector("[data-sources]").hidden = !list.children.length;
  composer.dispatchEvent(new CustomEvent("attached", { detail: { any: list.children.length > 0, grew } }));
}

function drop(chip) {
  const way = onTheWay.get(chip);
  way?.stop.abort();
  if (way) URL.revokeObjectURL(way.preview);
  onTheWay.delete(chip);
  chip.remove();
}

function forget(chip) {
  const next = chip.nextElementSibling ?? chip.previousElementSibling;
  drop(chip);
  (next?.querySelector("[data-remove]") ?? composer.elements.prompt).focus();
  changed();
}

function newChip(name) {
  const chip = document.getElementById("attachment").content.firstElementChild.cloneNode(true);
  const img = chip.querySelector("img");
  img.alt = name;
  // What the browser cannot show (a HEIC file, a broken one) is no torn picture, only an empty place.
  img.addEventListener("error", () => (img.hidden = true));
  img.addEventListener("load", () => (img.hidden = false));
  chip.querySelector("[data-name]").textContent = name;
  list.append(chip);
  return chip;
}

function show(chip, picture) {
  chip.querySelector("img").src = picture;
}

function ready(chip, id) {
  fieldOf(chip).value = id;
  chip.dataset.state = "ready";
  const img = chip.querySelector("img");
  // A browser that cannot show the file itself (HEIC) shows what became of it.
  if (!img.naturalWidth) show(chip, `/images/${id}/320`);
}

function failed(chip, words, canRetry) {
  chip.dataset.state = "failed";
  chip.querySelector("[data-words]").textContent = words;
  chip.querySelector("[data-retry]").hidden = !canRetry;
}

async function send(chip) {
  const { file, stop } = onTheWay.get(chip);
  const bar = chip.querySelector("progress");
  const progress = (share) => (bar.value = share);
  chip.dataset.state = "uploading";
  progress(0);
  changed();
  try {
    ready(chip, (await upload(file, { progress, signal: stop.signal })).upload);
  } catch (refused) {
    if (stop.signal.aborted) return;
    failed(chip, refused.words || composer.dataset.wordsOffline, refused.status !== 400);
  }
  changed();
}

// The server's own rules and words, as far as they can be told before the bytes are read.
function problem(file) {
  const { types, endings, maxBytes, wordsType, wordsSize, wordsEmpty } = composer.dataset;
  const name = file.name.toLowerCase();
  const known = types.split(" ").includes(file.type) || (!file.type && endings.split(" ").some((end) => name.endsWith(end)));
  if (!known) return wordsType;
  if (!file.size) return wordsEmpty;
  return file.size > Number(maxBytes) ? wordsSize : "";
}

function hasRoom() {
  const { maxSources, wordsMany } = composer.dataset;
  if (list.children.length < Number(maxSources)) return true;
  toast(wordsMany);
  return false;
}

export function attachFiles(files) {
  for (const file of files) {
    if (!hasRoom()) return;
    const chip = newChip(file.name);
    const words = problem(file);
    const preview = URL.createObjectURL(file);
    onTheWay.set(chip, { file, preview, stop: new AbortController() });
    show(chip, preview);
    if (words) failed(chip, words, false);
    else send(chip);
    changed({ grew: true });
  }
}

/** One of the person's own pictures, by its id. */
export function attachOwn(id) {
  if (!attachedIds().includes(id) && hasRoom()) {
    const chip = newChip("");
    chip.querySelector("img").addEventListener("error", () => forget(chip), { once: true });
    show(chip, `/images/${id}/320`);
    ready(chip, id);
    changed({ grew: true });
  }
  composer.elements.prompt.focus();
}

/** Own pictures, in this order, instead of whatever is attached. */
export function replaceAttachments(ids) {
  chips().forEach(drop);
  ids.forEach(attachOwn);
  changed();
}

/** Takes all chips out of the composer; `putBack` gets them in again, before what was attached meanwhile. */
export function takeOut() {
  const taken = chips();
  list.replaceChildren();
  changed();
  return taken;
}

export function putBack(taken) {
  list.prepend(...taken);
  changed({ grew: taken.length > 0 });
}

/** Lets go of chips that are in the composer no more. */
export function discard(taken) {
  taken.forEach(drop);
}

/** Resolves when nothing is on its way any more. */
export function uploaded() {
  return new Promise((resolve) => {
    const look = () => {
      if (isUploading()) return;
      composer.removeEventListener("attached", look);
      resolve();
    };
    composer.addEventListener("attached", look);
    look();
  });
}

export function startAttachments(form) {
  composer = form;
  list = form.querySelector(".attachments");
  list.addEventListener("click", (event) => {
    const chip = event.target.closest(".attachment");
    if (event.target.closest("[data-remove]")) forget(chip);
    else if (event.target.closest("[data-retry]")) send(chip);
  });
}
