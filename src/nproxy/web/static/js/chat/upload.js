// One picture to POST /uploads/, with its progress. Two at a time: the server reads them one by one.
import { Refused, renewToken, signedOut, token } from "../http.js";

const AT_ONCE = 2;
const BUSY_PAUSE = 1500;
const BUSY_TRIES = 4;

let running = 0;
const line = [];

function next() {
  if (running >= AT_ONCE || !line.length) return;
  running += 1;
  line.shift()().finally(() => {
    running -= 1;
    next();
  });
}

function told(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};
  }
}

// fetch() tells nothing of what has left already, so this is an XMLHttpRequest.
function attempt(file, { progress, signal }) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.set("file", file, file.name);
  request.open("POST", "/uploads/");
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", token().value);
  request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
  signal.addEventListener("abort", () => request.abort());
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(told(request));
      else reject(new Refused(request.status, told(request).errors));
    });
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => reject(new Refused(0)));
    request.send(body);
  });
}

async function patiently(file, options) {
  for (let left = BUSY_TRIES; ; left -= 1) {
    options.signal.throwIfAborted();
    try {
      return await attempt(file, options);
    } catch (refused) {
      if (refused.status === 401) throw signedOut();
      if (refused.status === 403) await renewToken();
      else if (refused.status !== 503) throw refused;
      if (!left) throw refused;
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE * (BUSY_TRIES - left)));
  }
}

/** The server's answer (upload, width, height, url). `progress` is told shares from 0 to 1. Throws Refused. */
export function upload(file, options) {
  return new Promise((resolve, reject) => {
    line.push(() => patiently(file, options).then(resolve, reject));
    next();
  });
}
