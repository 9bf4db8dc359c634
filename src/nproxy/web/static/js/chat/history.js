// The person's own prompts: arrow up in an empty composer walks through them, a popover finds among them.
import { getJSON } from "../http.js";

const REST = 200;

let form;
let write;
// While walking: the prompts, and which one stands in the composer (-1: none).
let walked = [];
let at = -1;

async function prompts(search = "") {
  const found = await getJSON(`/chat/prompts/?q=${encodeURIComponent(search)}`).catch(() => ({ prompts: [] }));
  return found.prompts;
}

function put(index) {
  at = index;
  write(walked[at] ?? "");
  const { prompt } = form.elements;
  prompt.setSelectionRange(prompt.value.length, prompt.value.length);
}

async function walk(event) {
  const { prompt } = form.elements;
  const walking = at >= 0 && prompt.value === walked[at];
  if (event.key === "ArrowUp" && (walking || prompt.value === "")) {
    event.preventDefault();
    if (!walking) {
      at = -1;
      walked = await prompts();
      // Whoever has begun to type meanwhile is not walking.
      if (prompt.value !== "") return;
    }
    if (at + 1 < walked.length) put(at + 1);
  } else if (event.key === "ArrowDown" && walking) {
    event.preventDefault();
    put(at - 1);
  }
}

function line(prompt) {
  const item = document.getElementById("history-line").content.firstElementChild.cloneNode(true);
  item.querySelector("span").textContent = prompt;
  return item;
}

function startPopover(popover) {
  const search = popover.querySelector("input");
  const list = popover.querySelector("ul");
  let timer = 0;
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const found = await prompts(search.value.trim());
    // An older answer that comes later than a newer one is no answer.
    if (mine !== asked) return;
    list.replaceChildren(...found.map(line));
    popover.querySelector("[data-none]").hidden = found.length > 0;
  };
  // Before it opens: a "toggle" comes late, and would take away what was typed at once.
  popover.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") search.value = "";
  });
  popover.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    search.focus();
    show();
  });
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, REST);
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    popover.hidePopover();
    write(button.textContent);
    form.elements.prompt.focus();
  });
  popover.addEventListener("keydown", (event) => {
    const stops = [search, ...list.querySelectorAll("button")];
    const to = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!to) return;
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + to + stops.length) % stops.length].focus();
  });
}

export function startHistory(composer, writes) {
  form = composer;
  write = writes;
  form.elements.prompt.addEventListener("keydown", walk);
  startPopover(document.getElementById("history"));
}
