// What a visitor typed on the landing page, kept in this browser until the chat picks it up.
const KEY = "nproxy.draft";

/** Keep `text`; an empty one forgets. A browser that forbids storage keeps nothing, and nothing breaks. */
export function keepDraft(text) {
  try {
    if (text.trim()) localStorage.setItem(KEY, text);
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is switched off.
  }
}

/** The kept text, or "". */
export function readDraft() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** The kept text, or "", and forget it. */
export function takeDraft() {
  const text = readDraft();
  keepDraft("");
  return text;
}
