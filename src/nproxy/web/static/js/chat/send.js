// Sending a message: a conversation first if there is none yet, then the turn, whose HTML the server answers.
import { post } from "../http.js";
import { addTurn, arriving, scrollToEnd } from "./turns.js";

// What is sent stands at the conversation's end; a page of its past leads there.
function lookAtEnd() {
  const { conversation, past } = document.getElementById("main").dataset;
  if (past === undefined) scrollToEnd();
  else location.assign(`/chat/${conversation}/`);
}

const bytes = (count) => [...crypto.getRandomValues(new Uint8Array(count))];

// randomUUID exists in secure contexts only; a site under test on plain HTTP is none.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const parts = bytes(16);
  parts[6] = (parts[6] & 0x0f) | 0x40;
  parts[8] = (parts[8] & 0x3f) | 0x80;
  const hex = parts.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function openConversation(form) {
  const page = document.getElementById("main");
  if (page.dataset.conversation) return;
  const { conversation } = await (await post("/chat/")).json();
  page.dataset.conversation = conversation;
  form.action = `/chat/${conversation}/turns/`;
  history.replaceState(null, "", `/chat/${conversation}/`);
}

function showInRail(prompt) {
  const { conversation } = document.getElementById("main").dataset;
  const list = document.querySelector("[data-conversations]");
  const isFirst = document.querySelectorAll(".turn[data-turn]").length === 1;
  // One that is not listed may be hidden by a search, or be older than the list goes: it has a title of its own.
  if (!isFirst || list.querySelector(`[href="/chat/${conversation}/"]`)) return;
  const line = document.getElementById("rail-link").content.firstElementChild.cloneNode(true);
  line.dataset.line = conversation;
  line.querySelector("a").href = `/chat/${conversation}/`;
  line.querySelector("span").textContent = prompt;
  const today = list.querySelector("[data-today]");
  if (today) today.hidden = false;
  // While a search is shown, there is no today.
  if (today) today.after(line);
  else list.prepend(line);
  document.querySelector(".app-bar-title").textContent = prompt;
  document.title = `${prompt.slice(0, 60)} · nproxy`;
  list.querySelector("[data-none]")?.remove();
}

async function deliver(form, body) {
  const headers = { Accept: "text/html", "X-Fragment": "turn" };
  try {
    return await post(form.action, body, headers);
  } catch (refused) {
    if (refused.code !== "client_id_reused") throw refused;
    // The message before has arrived, only its answer got lost. This is another one.
    renewId(form);
    body.set("client_id", form.elements.client_id.value);
    return post(form.action, body, headers);
  }
}

// The message that stands on the page unsent goes by its new id too.
export function renewId(form) {
  const { client_id: field } = form.elements;
  const pending = document.querySelector(`[data-pending][data-client-id="${field.value}"]`);
  field.value = newId();
  if (pending) pending.dataset.clientId = field.value;
}

// The same client_id is kept until the server has taken the message: sent twice, it is one turn.
export async function send(form, body) {
  await openConversation(form);
  await arriving(
    deliver(form, body)
      .then((answer) => answer.text())
      .then(addTurn),
  );
  showInRail(body.get("prompt"));
  renewId(form);
  lookAtEnd();
}

/** The turn's words, settings and pictures once more, as a turn of its own with `count` images. */
export async function sendAgain(turnId, count) {
  const body = new FormData();
  body.set("client_id", newId());
  body.set("batch_size", count);
  const headers = { Accept: "text/html", "X-Fragment": "turn" };
  await arriving(
    post(`/turns/${turnId}/again/`, body, headers)
      .then((answer) => answer.text())
      .then(addTurn),
  );
  lookAtEnd();
}
