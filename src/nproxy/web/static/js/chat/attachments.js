// The pictures that the next message starts from: chosen, pasted, dropped, or own images. The chips are exactly
// what will be sent.
import { toast } from "../say.js";

const KINDS = ["image/png", "image/jpeg", "image/webp"];

let composer;
let list;
const attached = new Map();

function changed({ grew = false } = {}) {
  composer.querySelector("[data-sources]").hidden = attached.size === 0;
  composer.dispatchEvent(new CustomEvent("attached", { detail: { any: attached.size > 0, grew } }));
}

function forget(chip) {
  const { preview } = attached.get(chip);
  if (preview) URL.revokeObjectURL(preview);
  const next = chip.nextElementSibling ?? chip.previousElementSibling;
  attached.delete(chip);
  chip.remove();
  (next?.querySelector("button") ?? composer.elements.prompt).focus();
  changed();
}

function add(entry, picture, name) {
  const chip = document.getElementById("attachment").content.firstElementChild.cloneNode(true);
  const img = chip.querySelector("img");
  img.src = picture;
  img.alt = name;
  chip.querySelector("button").addEventListener("click", () => forget(chip));
  attached.set(chip, entry);
  list.append(chip);
  changed({ grew: true });
}

function problem(file) {
  const { dataset } = composer;
  if (!KINDS.includes(file.type)) return dataset.wordsType;
  const together = [...attached.values()].reduce((sum, { file: other }) => sum + (other?.size ?? 0), file.size);
  if (together > Number(dataset.maxBytes)) return dataset.wordsSize;
  return attached.size >= Number(dataset.maxSources) ? dataset.wordsMany : "";
}

export function attachFiles(files) {
  for (const file of files) {
    const words = problem(file);
    if (words) toast(`${file.name}: ${words}`);
    else {
      const preview = URL.createObjectURL(file);
      add({ file, preview }, preview, file.name);
    }
  }
}

export function attachOwn(id) {
  const known = [...attached.values()].some((entry) => entry.id === id);
  if (!known && attached.size < Number(composer.dataset.maxSources)) add({ id }, `/images/${id}/320`, "");
  composer.elements.prompt.focus();
}

/** Own pictures, in this order, instead of whatever is attached. */
export function replaceAttachments(ids) {
  clearAttachments();
  for (const id of ids) attachOwn(id);
}

export function clearAttachments() {
  for (const { preview } of attached.values()) if (preview) URL.revokeObjectURL(preview);
  attached.clear();
  list.replaceChildren();
  changed();
}

// Adds the attached pictures to the form that is about to be sent.
export function putInto(form) {
  form.delete("sources");
  for (const { file, id } of attached.values()) {
    if (file) form.append("sources", file, file.name);
    else form.append("source_images", id);
  }
}

function pictures(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

function listenForDrops(page) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  page.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    page.dataset.dropping = "";
  });
  page.addEventListener("dragleave", (event) => {
    if (!page.contains(event.relatedTarget)) delete page.dataset.dropping;
  });
  page.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    delete page.dataset.dropping;
    attachFiles(event.dataTransfer.files);
  });
}

export function startAttachments(form) {
  composer = form;
  list = form.querySelector(".attachments");
  const picker = form.querySelector("input[type=file]");
  picker.addEventListener("change", () => {
    attachFiles(picker.files);
    picker.value = "";
  });
  form.addEventListener("paste", (event) => {
    const found = pictures(event.clipboardData);
    if (!found.length) return;
    event.preventDefault();
    attachFiles(found);
  });
  listenForDrops(document.getElementById("main"));
}
