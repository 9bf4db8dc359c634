// The landing page's composer: typing is kept for the chat, a starter fills it in, Enter sends.
import { keepDraft, readDraft } from "./draft.js";

const form = document.getElementById("hero");
const text = document.getElementById("prompt");

text.value ||= readDraft();
text.addEventListener("input", () => keepDraft(text.value));
text.addEventListener("keydown", (event) => {
  // 229: Safari's word for an input method at work.
  const composing = event.isComposing || event.keyCode === 229;
  const isPlainEnter = event.key === "Enter" && !event.shiftKey && !composing;
  if (!isPlainEnter || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  form.requestSubmit();
});

for (const starter of document.querySelectorAll("[data-starter]")) {
  starter.addEventListener("click", () => {
    text.value = starter.dataset.starter;
    keepDraft(text.value);
    text.focus();
    form.scrollIntoView({ block: "center" });
  });
}
