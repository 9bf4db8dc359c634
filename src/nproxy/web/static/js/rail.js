// The list of conversations beside every page: searched as one types, renamed in place, deleted with a way back.
import { exportOf, orderFile } from "./exports.js";
import { post } from "./http.js";
import { openMenu, walkWithArrows } from "./menu.js";
import { toast } from "./say.js";
import { offerUndo } from "./undo.js";

const PAUSE = 180;
const PATIENCE = 2000;

let list;
let menu;
let line = null;
let asking = 0;
let waiting = 0;

const trouble = () => document.getElementById("undo-template").dataset.failed;

async function find(text) {
  asking += 1;
  const mine = asking;
  const address = `/chat/search/?q=${encodeURIComponent(text)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html", "X-Fragment": "rail" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || mine !== asking) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const here = list.querySelector("[aria-current]")?.getAttribute("href") ?? location.pathname;
  list.querySelector("[data-today][hidden]")?.remove();
  list.replaceChildren(...page.body.childNodes);
  list.querySelector(`a[href="${here}"]`)?.setAttribute("aria-current", "page");
  return true;
}

const sought = () => document.querySelector(".rail-search").elements.q.value.trim();

// Another tab or device has opened, renamed or deleted a conversation. Not while one is at the list.
async function follow(mark) {
  clearTimeout(waiting);
  if (!mark || list.dataset.mark === mark) return;
  if (list.contains(document.activeElement) || menu.matches(":popover-open")) {
    waiting = setTimeout(follow, PATIENCE, mark);
    return;
  }
  // Without an answer the next news tries again.
  if (!(await find(sought()))) return;
  list.dataset.mark = mark;
  const title = list.querySelector("[aria-current] span")?.textContent;
  const bar = document.querySelector(".app-bar-title");
  if (!title || !list.querySelector(`[aria-current][href="${location.pathname}"]`) || bar.textContent === title) return;
  bar.textContent = title;
  document.title = `${title} · nproxy`;
}

function startSearch(form) {
  let timer = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => find(event.target.value.trim()), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    find(form.elements.q.value.trim());
  });
}

function rename(place) {
  const link = place.querySelector("a");
  const title = link.querySelector("span");
  const form = document.getElementById("rail-rename").content.firstElementChild.cloneNode(true);
  const field = form.elements.title;
  const done = () => {
    form.replaceWith(link);
    link.focus();
  };
  field.value = title.textContent;
  link.replaceWith(form);
  field.select();
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    done();
  });
  field.addEventListener("blur", () => form.isConnected && form.requestSubmit());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const before = title.textContent;
    const wanted = field.value.trim();
    if (form.isConnected) done();
    if (!wanted || wanted === before) return;
    title.textContent = wanted;
    try {
      const answer = await post(`/chat/${place.dataset.line}/rename/`, exportOf("title", wanted));
      title.textContent = (await answer.json()).title;
      if (link.hasAttribute("aria-current")) document.title = `${title.textContent} · nproxy`;
    } catch (refused) {
      title.textContent = before;
      toast(refused.words || trouble());
    }
  });
}

async function remove(place) {
  const isHere = place.querySelector("[aria-current]") !== null;
  try {
    const { undo } = await (await post(`/chat/${place.dataset.line}/delete/`)).json();
    offerUndo("conversation", undo);
  } catch (refused) {
    toast(refused.words || trouble());
    return;
  }
  const next = place.nextElementSibling ?? place.previousElementSibling;
  place.remove();
  next?.querySelector?.("a")?.focus();
  // What is deleted is not looked at; the offer to have it back comes along.
  if (isHere) location.assign("/chat/");
}

const DEEDS = {
  rename,
  delete: remove,
  export: (place) => orderFile(exportOf("conversation", place.dataset.line), trouble()),
};

export function startRail() {
  list = document.querySelector("[data-conversations]");
  menu = document.getElementById("line-menu");
  if (!list || !menu) return;
  startSearch(document.querySelector(".rail-search"));
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-menu]");
    if (!button) return;
    line = button.closest(".rail-line");
    openMenu(menu, button);
  });
  walkWithArrows(menu);
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[data-line-deed]");
    if (!item) return;
    menu.hidePopover();
    DEEDS[item.dataset.lineDeed](line);
  });
  document.addEventListener("nproxy:restored", () => find(sought()));
  document.addEventListener("nproxy:news", (event) => follow(event.detail.conversations));
}
