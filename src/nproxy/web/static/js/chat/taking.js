// The ways in which pictures come to the composer: chosen, pasted, dropped anywhere on the page, or dragged from a card.
import { attachFiles, attachOwn } from "./attachments.js";

// A picture of one's own on its way from its card to the composer.
const OWN = "application/x-nproxy-picture";

const carries = (event, kind) => event.dataTransfer?.types.includes(kind);

function pictures(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/") || !file.type);
}

// Words that bring a picture along (from a word processor, say) are words. A file's own name beside it (from a folder of
// the system) is none.
function bringsWords(transfer, files) {
  const names = files.map((file) => file.name);
  const lines = transfer.getData("text/plain").split(/\r?\n|\r/);
  return lines.some((line) => line.trim() && !names.includes(line.trim()));
}

// `data-dropping` says on the page: "potential" while something is dragged over the window, "over" where it can fall.
function listenForDrops(page, composer) {
  let depth = 0;
  const show = (state) => {
    if (state) page.dataset.dropping = state;
    else delete page.dataset.dropping;
  };
  const end = () => {
    depth = 0;
    show("");
  };
  const isOver = (event) => (carries(event, OWN) ? composer : page).contains(event.target);
  document.addEventListener("dragenter", (event) => {
    if (carries(event, "Files")) depth += 1;
  });
  document.addEventListener("dragleave", (event) => {
    if (carries(event, "Files") && --depth <= 0) end();
  });
  document.addEventListener("dragover", (event) => {
    if (!carries(event, "Files") && !carries(event, OWN)) return;
    show(isOver(event) ? "over" : "potential");
    // Without this, a file that falls beside the page would be opened in place of it.
    event.preventDefault();
    event.dataTransfer.dropEffect = isOver(event) ? "copy" : "none";
  });
  document.addEventListener("drop", (event) => {
    const own = event.dataTransfer?.getData(OWN);
    if (!own && !carries(event, "Files")) return;
    event.preventDefault();
    end();
    if (own) attachOwn(own);
    else attachFiles(event.dataTransfer.files);
  });
  document.addEventListener("dragend", end);
}

function listenForDrags(turns) {
  turns.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.(".card[data-image]");
    if (!card) return;
    event.dataTransfer.setData(OWN, card.dataset.image);
    event.dataTransfer.effectAllowed = "copy";
    document.getElementById("main").dataset.dragging = "own";
  });
  document.addEventListener("dragend", () => delete document.getElementById("main").dataset.dragging);
}

export function startTaking(composer) {
  const picker = composer.querySelector("input[type=file]");
  picker.addEventListener("change", () => {
    attachFiles(picker.files);
    picker.value = "";
  });
  document.addEventListener("paste", (event) => {
    const found = pictures(event.clipboardData);
    if (!found.length || bringsWords(event.clipboardData, found)) return;
    event.preventDefault();
    attachFiles(found);
    composer.elements.prompt.focus();
  });
  listenForDrops(document.getElementById("main"), composer);
  listenForDrags(document.getElementById("turns"));
}
