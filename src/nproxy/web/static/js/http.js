// Posting from the page: the CSRF token is the form's, and a fresh one when a new login has changed it.
import { showSignedOut, signedOutWords } from "./say.js";

// A request that got no answer (status 0), or an answer that says no. `errors` has words by field, `code` names the
// refusal; both are empty without an answer. `link` (url, text) is where it can be mended, if anywhere.
export class Refused extends Error {
  constructor(status, errors = {}, code = "", link = null) {
    super(`refused: ${status}`);
    this.status = status;
    this.errors = errors;
    this.code = code;
    this.link = link;
  }

  get words() {
    return Object.values(this.errors).flat().join(" ");
  }
}

export function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]");
}

export function signedOut() {
  showSignedOut(true);
  return new Refused(401, { "": [signedOutWords()] });
}

export async function renewToken() {
  const answer = await fetch("/chat/", { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) throw new Refused(answer?.status ?? 0);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#act input[name=csrfmiddlewaretoken]");
  // The chat sends whoever is signed out to the login page.
  if (!fresh) throw signedOut();
  for (const old of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) old.value = fresh.value;
}

async function attempt(url, { headers, ...options }) {
  // A form's own field would win over the header, and may hold the token from before a new login.
  if (options.body instanceof FormData) options.body.delete("csrfmiddlewaretoken");
  try {
    return await fetch(url, { ...options, headers: { ...headers, "X-CSRFToken": token().value } });
  } catch {
    throw new Refused(0);
  }
}

async function ask(url, { headers, ...options }) {
  const asked = { ...options, headers: { Accept: "application/json", ...headers } };
  let answer = await attempt(url, asked);
  if (answer.status === 403 && options.method !== "GET") {
    await renewToken();
    answer = await attempt(url, asked);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) throw signedOut();
  const told = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, told.errors, told.code, told.link);
}

export function post(url, body = null, headers = {}) {
  return ask(url, { method: "POST", body, headers });
}

/** `json`, as text, in place of what is at `url`; `keepalive` for a page that is just being left. */
export function put(url, json, { keepalive = false } = {}) {
  return ask(url, { method: "PUT", body: json, headers: { "Content-Type": "application/json" }, keepalive });
}

export async function getJSON(url) {
  return (await ask(url, { method: "GET" })).json();
}
