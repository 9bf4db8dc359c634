// The composer: keys, starters, and sending.
import { attachOwn, clearAttachments, putInto, startAttachments } from "./attachments.js";
import { keepDraft, readDraft } from "../draft.js";
import { toast } from "../say.js";
import { renewId, send } from "./send.js";
import { startSettings } from "./settings.js";

let form;
let sending = false;
// What was sent last, until it is known that it has arrived.
let unanswered = null;

function readiness() {
  const empty = form.elements.prompt.value.trim() === "";
  form.querySelector(".send").setAttribute("aria-disabled", String(empty || sending));
}

function showErrors(words, link) {
  const place = form.querySelector(".composer-errors");
  place.textContent = words;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.textContent = link.text;
    place.append(" ", anchor);
  }
  place.hidden = !words;
}

// The server has what was sent. Whoever typed on meanwhile keeps what they typed.
function arrived() {
  const { text, withPictures } = unanswered;
  unanswered = null;
  keepDraft("");
  if (form.elements.prompt.value === text) form.elements.prompt.value = "";
  if (withPictures) clearAttachments();
}

// A turn whose answer got lost has come by the news.
function arrivedAfterAll(clientId) {
  if (sending || !unanswered || clientId !== form.elements.client_id.value) return;
  renewId(form);
  const { text } = unanswered;
  if (form.elements.prompt.value !== text) unanswered = null;
  else arrived();
  showErrors("");
  readiness();
}

async function submit() {
  if (sending || form.elements.prompt.value.trim() === "") return;
  sending = true;
  readiness();
  showErrors("");
  const { prompt } = form.elements;
  const body = new FormData(form);
  const withPictures = form.dataset.mode === "image_to_image";
  if (withPictures) putInto(body);
  else body.delete("sources");
  unanswered = { text: prompt.value, withPictures };
  try {
    await send(form, body);
    arrived();
  } catch (refused) {
    const { words, status, link } = refused;
    showErrors(words || (status === 0 ? form.dataset.wordsOffline : form.dataset.wordsTrouble), link);
  }
  sending = false;
  readiness();
  prompt.focus({ preventScroll: true });
}

// Enter sends; Shift+Enter, an IME at work, and keyboards on glass make a new line.
function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches;
}

function useStarter(event) {
  const starter = event.target.closest("[data-starter]");
  if (!starter) return;
  event.preventDefault();
  const prompt = form.elements.prompt;
  const untouched = [...document.querySelectorAll("[data-starter]")].map((other) => other.dataset.starter);
  if (prompt.value.trim() && !untouched.includes(prompt.value)) toast(form.dataset.wordsKept);
  else prompt.value = starter.dataset.starter;
  readiness();
  prompt.focus();
}

export function startComposer(element) {
  form = element;
  startAttachments(form);
  startSettings(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.elements.prompt.addEventListener("input", readiness);
  form.elements.prompt.addEventListener("keydown", (event) => {
    if (!sends(event)) return;
    event.preventDefault();
    submit();
  });
  document.addEventListener("nproxy:turn", (event) => arrivedAfterAll(event.detail));
  document.getElementById("welcome")?.addEventListener("click", useStarter);
  // What a visitor typed on the landing page, before there was an account to keep it in.
  if (document.getElementById("welcome")) form.elements.prompt.value ||= readDraft();
  const edited = new URLSearchParams(location.search).get("edit");
  if (edited) attachOwn(edited);
  readiness();
  if (!matchMedia("(pointer: coarse)").matches) form.elements.prompt.focus({ preventScroll: true });
}
