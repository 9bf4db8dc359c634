// The composer: keys, starters, and sending. What is sent leaves the composer at once and comes back when it could not.
import { takeDraft } from "../draft.js";
import { toast } from "../say.js";
import {
  attachedIds,
  attachOwn,
  chips,
  discard,
  hasFailed,
  isUploading,
  putBack,
  replaceAttachments,
  startAttachments,
  takeOut,
  uploaded,
} from "./attachments.js";
import * as drafts from "./drafts.js";
import { startHistory } from "./history.js";
import { showPending } from "./pending.js";
import { renewId, send } from "./send.js";
import { choose, chosen, startSettings } from "./settings.js";
import { startTaking } from "./taking.js";
import { scrollToEnd } from "./turns.js";

let form;
let sending = false;
// What was sent last, until it is known that it has arrived.
let unanswered = null;

function isEmpty() {
  return form.elements.prompt.value.trim() === "";
}

function readiness() {
  form.querySelector(".send").setAttribute("aria-disabled", String(isEmpty() || sending));
  form.querySelector("[data-waiting]").hidden = !isUploading();
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

function write(text) {
  form.elements.prompt.value = text;
  form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
}

// All that the message takes with it. Pictures stay when it is drawn from the words alone.
function takeMessage() {
  const text = form.elements.prompt.value;
  drafts.take();
  const body = new FormData(form);
  body.delete("sources");
  const takes = form.dataset.mode === "image_to_image";
  const turn = showPending(form, text, takes ? chips() : []);
  const taken = takes ? takeOut() : [];
  write("");
  return { text, body, chips: taken, turn };
}

// It did not leave: its words come back before whatever was typed meanwhile, and its pictures with them.
function bringBack({ text, chips, turn }) {
  turn.remove();
  const typed = form.elements.prompt.value;
  write(typed.trim() && typed !== text ? `${text}\n${typed}` : text);
  putBack(chips);
}

function arrived({ chips }) {
  unanswered = null;
  discard(chips);
  drafts.spend();
  if (!isEmpty() || attachedIds().length) drafts.keep();
}

// A turn whose answer got lost has come by the news: what was brought back of it goes.
function arrivedAfterAll(clientId) {
  if (sending || !unanswered || clientId !== form.elements.client_id.value) return;
  renewId(form);
  if (form.elements.prompt.value === unanswered.text) {
    write("");
    if (unanswered.chips.length) discard(takeOut());
  }
  arrived({ chips: [] });
  showErrors("");
  readiness();
}

async function submit() {
  if (sending || isEmpty()) return;
  sending = true;
  readiness();
  showErrors("");
  await uploaded();
  if (hasFailed() && form.dataset.mode === "image_to_image") showErrors(form.dataset.wordsFailed);
  else if (!isEmpty()) await leave();
  sending = false;
  readiness();
}

async function leave() {
  unanswered = takeMessage();
  scrollToEnd();
  try {
    await drafts.rest();
    await send(form, unanswered.body);
    arrived(unanswered);
  } catch (refused) {
    const { words, status, link } = refused;
    bringBack(unanswered);
    showErrors(words || (status === 0 ? form.dataset.wordsOffline : form.dataset.wordsTrouble), link);
  }
  if (!matchMedia("(pointer: coarse)").matches) form.elements.prompt.focus({ preventScroll: true });
}

// Enter sends; Shift+Enter, an input method at work (229: Safari says so late), and keys on glass make a new line.
function sends(event) {
  const composing = event.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing && !matchMedia("(pointer: coarse)").matches;
}

function useStarter(event) {
  const starter = event.target.closest("[data-starter]");
  if (!starter) return;
  event.preventDefault();
  const untouched = [...document.querySelectorAll("[data-starter]")].map((other) => other.dataset.starter);
  if (!isEmpty() && !untouched.includes(form.elements.prompt.value)) toast(form.dataset.wordsKept);
  else write(starter.dataset.starter);
  form.elements.prompt.focus();
}

function reads() {
  const value = (name) => chosen(form, name)?.value ?? "";
  return {
    prompt: form.elements.prompt.value,
    mode: attachedIds().length && value("mode") === "text_to_image" ? "text_to_image" : "",
    resolution: value("resolution"),
    aspect_ratio: value("aspect_ratio"),
    batch_size: value("batch_size"),
    strength: form.querySelector("input[name=strength]:checked").value,
    sources: attachedIds(),
  };
}

function writes({ prompt, sources, ...settings }) {
  form.elements.prompt.value = prompt;
  replaceAttachments(sources);
  choose(form, settings);
}

function startKeeping() {
  drafts.startDrafts(form, reads, writes);
  for (const kind of ["input", "change", "attached"]) form.addEventListener(kind, drafts.keep);
}

export function startComposer(element) {
  form = element;
  const { prompt } = form.elements;
  startAttachments(form);
  startTaking(form);
  startSettings(form);
  startHistory(form, write);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  for (const kind of ["input", "attached"]) form.addEventListener(kind, readiness);
  prompt.addEventListener("keydown", (event) => {
    if (!sends(event)) return;
    event.preventDefault();
    submit();
  });
  if (matchMedia("(pointer: coarse)").matches) prompt.enterKeyHint = "enter";
  document.addEventListener("nproxy:turn", (event) => arrivedAfterAll(event.detail));
  document.getElementById("welcome")?.addEventListener("click", useStarter);
  startKeeping();
  // What a visitor typed on the landing page, before there was an account to keep it in.
  if (document.getElementById("welcome") && isEmpty()) write(takeDraft());
  const edited = new URLSearchParams(location.search).get("edit");
  if (edited) {
    attachOwn(edited);
    // It is in the draft now: a reload must not bring back what was taken away again.
    history.replaceState(null, "", location.pathname);
  }
  readiness();
  if (!matchMedia("(pointer: coarse)").matches) prompt.focus({ preventScroll: true });
}
