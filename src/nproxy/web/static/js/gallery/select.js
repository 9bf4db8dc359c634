// Choosing several pictures. The checkboxes belong to a form, which works without this module too.
import { orderFile } from "../exports.js";
import { post } from "../http.js";
import { announce, toast } from "../say.js";
import { offerUndo } from "../undo.js";
import { showFavourite, takeTiles } from "./tiles.js";

let page;
let form;
let words;
let last = null;

const boxes = () => [...page.querySelectorAll(".tile-check")];
const chosen = () => boxes().filter((box) => box.checked);

function showCount() {
  const count = form.querySelector("[data-count]");
  const number = chosen().length;
  count.hidden = false;
  count.textContent = count.dataset.words.replace("{count}", number);
  for (const button of form.querySelectorAll("[data-deed]:not([data-deed=none])")) button.disabled = number === 0;
}

function select(on) {
  page.toggleAttribute("data-selecting", on);
  page.querySelector("[data-select]").setAttribute("aria-pressed", String(on));
  if (!on) for (const box of chosen()) box.checked = false;
  showCount();
}

function body() {
  const wanted = new FormData();
  for (const box of chosen()) wanted.append("pictures", box.value);
  return wanted;
}

// With Shift, all between this one and the one before it.
function choose(box, event) {
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  showCount();
}

async function favour() {
  const images = chosen().map((box) => box.value);
  const wanted = !chosen().every((box) => box.closest(".tile").hasAttribute("data-favourite"));
  const asked = body();
  asked.set("wanted", wanted ? "1" : "0");
  await post("/gallery/favourites/", asked);
  for (const image of images) showFavourite({ image, wanted });
  announce(wanted ? words.wordsFavourite : words.wordsPlain);
}

async function remove() {
  const images = chosen().map((box) => box.value);
  const { undo } = await (await post("/gallery/delete/", body())).json();
  takeTiles(images, undo);
  offerUndo(images.length === 1 ? "image" : "images", undo);
}

const DEEDS = { favour, delete: remove, export: () => orderFile(body(), words.wordsTrouble) };

async function act(button) {
  button.disabled = true;
  try {
    await DEEDS[button.dataset.deed]();
    select(false);
  } catch (refused) {
    toast(refused.words || words.wordsTrouble);
    showCount();
  }
}

export function startSelecting(place) {
  page = place;
  form = document.getElementById("selection");
  words = document.getElementById("lightbox").dataset;
  page.querySelector("[data-select]").addEventListener("click", () => select(!page.hasAttribute("data-selecting")));
  form.querySelector("[data-deed=none]").addEventListener("click", () => select(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(event.submitter);
  });
  page.addEventListener("click", (event) => {
    const box = event.target.closest(".tile-check");
    if (box) return choose(box, event);
    const tile = event.target.closest(".tile");
    if (!tile || !page.hasAttribute("data-selecting")) return;
    // While selecting, a tap on a picture chooses it.
    event.preventDefault();
    const own = tile.querySelector(".tile-check");
    own.checked = !own.checked;
    choose(own, event);
  });
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (page.hasAttribute("data-selecting") || chosen().length)) select(false);
  });
  showCount();
}
