// One picture, large, over whatever page one is on. It has an address of its own, and Back closes it.
import { startCompare, toggleCompare } from "./lightbox/compare.js";
import { copyImage, copyPrompt, favour, handedOver, remove } from "./lightbox/deeds.js";
import { forget, prepare, viewerAt } from "./lightbox/pages.js";
import { Zoom } from "./lightbox/zoom.js";
import { announce, toast } from "./say.js";

const SAYING = ["toasts", "announcer"];
// On a small screen the picture comes first; the details are asked for.
const roomy = matchMedia("(min-width: 821px)");

let dialog;
let zoom;
let opener = null;
// Whether the page behind is of another address, which Back leads to.
let pushed = false;
let wantsDetails = true;

const viewer = () => dialog.querySelector("[data-viewer]");

// What is said while the dialog is open must stand inside it: all else is out of reach then.
function moveSaying(place) {
  for (const id of SAYING) place.append(document.getElementById(id));
}

function showDetails(on) {
  const place = viewer();
  place.dataset.details = on ? "on" : "off";
  place.querySelector(".viewer-details").hidden = !on;
  place.querySelector("[data-deed=details]").setAttribute("aria-expanded", String(on));
  zoom?.apply();
}

// Beyond the window's size the original is shown: the smaller copy is all that is needed before.
function showScale(scale) {
  const place = viewer();
  const picture = place.querySelector("[data-picture]");
  const fit = place.querySelector("[data-scale]");
  fit.dataset.words ??= fit.textContent;
  fit.textContent = scale === 1 ? fit.dataset.words : `${Math.round((scale / zoom.fullScale) * 100)}%`;
  if (scale === 1 || picture.dataset.loading) return;
  picture.dataset.loading = "true";
  const original = new Image();
  original.src = picture.dataset.original;
  original.decode().then(
    () => (picture.src = original.src),
    () => delete picture.dataset.loading,
  );
}

function settle() {
  const place = viewer();
  zoom = null;
  zoom = new Zoom(place.querySelector("[data-stage]"), { onSwipe: step, onScale: (scale) => zoom && showScale(scale) });
  startCompare(place);
  showDetails(wantsDetails && roomy.matches);
  announce(dialog.dataset.wordsPosition.replace("{prompt}", place.dataset.prompt.slice(0, 120)));
  for (const arrow of place.querySelectorAll("[data-step]")) prepare(arrow.getAttribute("href"));
}

async function show(address) {
  const next = await viewerAt(address);
  const stood = dialog.contains(document.activeElement) && document.activeElement.closest("[data-step], [data-deed]");
  dialog.querySelector("[data-viewer]")?.remove();
  dialog.append(next);
  settle();
  const { step: arrow, deed } = stood?.dataset ?? {};
  const same = arrow ? `[data-step=${arrow}]` : deed ? `[data-deed=${deed}]` : "[data-close]";
  (next.querySelector(same) ?? next.querySelector("[data-close]")).focus();
}

async function step(direction) {
  const arrow = viewer().querySelector(`[data-step=${direction}]`);
  if (!arrow) return;
  const address = arrow.getAttribute("href");
  try {
    await show(address);
    history.replaceState(history.state, "", address);
  } catch {
    toast(dialog.dataset.wordsTrouble);
  }
}

async function open(address, from) {
  opener = from;
  try {
    await viewerAt(address);
  } catch {
    toast(dialog.dataset.wordsGone);
    return;
  }
  dialog.showModal();
  moveSaying(dialog);
  await show(address);
}

// Focus goes to where the picture that was seen last stands on the page, else to what opened it.
function closed() {
  const image = viewer()?.dataset.image;
  moveSaying(document.body);
  viewer()?.remove();
  forget();
  const place = image && document.querySelector(`main [data-image="${image}"] a`);
  (place ?? opener)?.focus();
  place?.scrollIntoView({ block: "nearest" });
}

function close() {
  if (pushed) history.back();
  else location.assign(viewer().dataset.back);
}

async function removeIt() {
  const place = viewer();
  const neighbour = place.querySelector("[data-step=older]") ?? place.querySelector("[data-step=newer]");
  if (!(await remove(place, dialog.dataset))) return;
  forget();
  if (!neighbour) return close();
  const address = neighbour.getAttribute("href");
  await show(address);
  history.replaceState(history.state, "", address);
}

// Deeds that the page behind may do by itself. Where it cannot, the link or the form leads to the chat.
function handOver(deed, event) {
  if (!handedOver(deed, viewer())) return false;
  event?.preventDefault();
  close();
  return true;
}

const DEEDS = {
  favour: () => favour(viewer(), dialog.dataset),
  delete: removeIt,
  details: () => {
    wantsDetails = viewer().dataset.details === "off";
    showDetails(wantsDetails);
  },
  compare: (button) => toggleCompare(viewer(), button),
  "copy-prompt": () => copyPrompt(viewer(), dialog.dataset),
  "copy-image": () => copyImage(viewer(), dialog.dataset),
};
const ZOOMS = { in: () => zoom.by(1.4), out: () => zoom.by(1 / 1.4), fit: () => zoom.fit(), full: () => zoom.full() };
const KEYS = {
  ArrowLeft: () => step("newer"),
  ArrowRight: () => step("older"),
  "+": ZOOMS.in,
  "=": ZOOMS.in,
  "-": ZOOMS.out,
  0: ZOOMS.fit,
  1: ZOOMS.full,
  i: DEEDS.details,
  f: DEEDS.favour,
  c: DEEDS["copy-prompt"],
  d: () => viewer().querySelector("[data-download]").click(),
  e: () => viewer().querySelector("[data-deed=edit]").click(),
  Delete: removeIt,
};

function onClick(event) {
  const target = event.target.closest("[data-close], [data-step], [data-zoom], [data-deed]");
  if (!target) return;
  const { step: direction, zoom: closer, deed } = target.dataset;
  if (direction || closer || DEEDS[deed] || target.hasAttribute("data-close")) event.preventDefault();
  if (direction) step(direction);
  else if (closer) ZOOMS[closer]();
  else if (DEEDS[deed]) DEEDS[deed](target);
  else if (target.hasAttribute("data-close")) close();
  else if (["edit", "again", "reuse", "conversation"].includes(deed)) handOver(deed, event);
}

function onKey(event) {
  if (event.target.closest("input, summary") || event.ctrlKey || event.metaKey || event.altKey) return;
  const deed = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

function onLink(event) {
  const link = event.target.closest("a[data-lightbox]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  pushed = true;
  history.pushState({ lightbox: true }, "", link.getAttribute("href"));
  open(link.getAttribute("href"), link);
}

function onHistory() {
  if (history.state?.lightbox && !dialog.open) open(location.pathname + location.search, opener);
  else if (!history.state?.lightbox && dialog.open && pushed) dialog.close();
}

export function startLightbox() {
  dialog = document.getElementById("lightbox");
  dialog.addEventListener("click", onClick);
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", closed);
  document.addEventListener("click", onLink);
  window.addEventListener("popstate", onHistory);
  document.addEventListener("nproxy:restored", forget);
  if (!dialog.open) return;
  // The picture's own page: the same dialog, open from the start; made modal it keeps the focus.
  dialog.removeAttribute("open");
  dialog.showModal();
  moveSaying(dialog);
  settle();
}
