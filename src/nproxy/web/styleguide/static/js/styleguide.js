// The style guide's own buttons: show a toast and a dialog as the pages do.
import { toast } from "./say.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-guide]");
  if (button?.dataset.guide === "toast") toast(button.dataset.words);
  if (button?.dataset.guide === "dialog") document.getElementById("guide-dialog").showModal();
});
