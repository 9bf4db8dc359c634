// The composer: keys, starters, and sending.
import { attachOwn, clearAttachments, putInto, startAttachments } from "./attachments.js";
import { keepDraft, readDraft } from "../draft.js";
import { toast } from "../say.js";
import { send } from "./send.js";
import { startSettings } from "./settings.js";

let form;
let sending = false;

function readiness() {
  const empty = form.elements.prompt.value.trim() === "";
  form.querySelector(".send").setAttribute("aria-disabled", String(empty || sending));
}

function showErrors(words) {
  const place = form.querySelector(".composer-errors");
  place.textContent = words;
  place.hidden = !words;
}

async function submit() {
  if (sending || form.elements.prompt.value.trim() === "") return;
  sending = true;
  readiness();
  showErrors("");
  const { prompt } = form.elements;
  const sent = prompt.value;
  const body = new FormData(form);
  const withPictures = form.dataset.mode === "image_to_image";
  if (withPictures) putInto(body);
  else body.delete("sources");
  try {
    await send(form, body);
    keepDraft("");
    // Whoever typed on meanwhile keeps what they typed.
    if (prompt.value === sent) prompt.value = "";
    if (withPictures) clearAttachments();
  } catch (refused) {
    showErrors(refused.words || (refused.status === 0 ? form.dataset.wordsOffline : form.dataset.wordsTrouble));
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
  document.getElementById("welcome")?.addEventListener("click", useStarter);
  // What a visitor typed on the landing page, before there was an account to keep it in.
  if (document.getElementById("welcome")) form.elements.prompt.value ||= readDraft();
  const edited = new URLSearchParams(location.search).get("edit");
  if (edited) attachOwn(edited);
  readiness();
  if (!matchMedia("(pointer: coarse)").matches) form.elements.prompt.focus({ preventScroll: true });
}
