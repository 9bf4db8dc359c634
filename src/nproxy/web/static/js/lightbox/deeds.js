// What can be done with the picture in the lightbox.
import { post } from "../http.js";
import { announce, toast } from "../say.js";
import { offerUndo } from "../undo.js";

function pictures(viewer) {
  const body = new FormData();
  body.set("pictures", viewer.dataset.image);
  return body;
}

/** Ask the page behind whether it can do this itself (the chat edits, draws again, reuses); false when it cannot. */
export function handedOver(deed, viewer) {
  const { image, turn, conversation } = viewer.dataset;
  const detail = { deed, image, turn, conversation };
  return !document.dispatchEvent(new CustomEvent("nproxy:picture", { cancelable: true, detail }));
}

export async function favour(viewer, words) {
  const button = viewer.querySelector("[data-deed=favour]");
  const wanted = button.getAttribute("aria-pressed") !== "true";
  const show = (on) => {
    button.setAttribute("aria-pressed", String(on));
    button.value = on ? "0" : "1";
  };
  show(wanted);
  const body = pictures(viewer);
  body.set("wanted", wanted ? "1" : "0");
  try {
    await post("/gallery/favourites/", body);
    announce(wanted ? words.wordsFavourite : words.wordsPlain);
    document.dispatchEvent(new CustomEvent("nproxy:favoured", { detail: { image: viewer.dataset.image, wanted } }));
  } catch (refused) {
    show(!wanted);
    toast(refused.words || words.wordsTrouble);
  }
}

/** True when it is gone. */
export async function remove(viewer, words) {
  try {
    const { undo } = await (await post("/gallery/delete/", pictures(viewer))).json();
    document.dispatchEvent(new CustomEvent("nproxy:deleted", { detail: { images: [viewer.dataset.image], moment: undo } }));
    offerUndo("image", undo);
    return true;
  } catch (refused) {
    toast(refused.words || words.wordsTrouble);
    return false;
  }
}

export async function copyPrompt(viewer, words) {
  try {
    await navigator.clipboard.writeText(viewer.dataset.prompt);
    toast(words.wordsCopied);
  } catch {
    // No clipboard outside secure contexts: the words are selected, ready for the person's own keys.
    getSelection().selectAllChildren(viewer.querySelector("[data-prompt-text]"));
  }
}

// Clipboards take PNG alone.
async function asPng(address) {
  const blob = await (await fetch(address)).blob();
  if (blob.type === "image/png") return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

export async function copyImage(viewer, words) {
  try {
    const png = asPng(viewer.querySelector("[data-picture]").dataset.original);
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    toast(words.wordsCopiedImage);
  } catch {
    toast(words.wordsNoCopy);
  }
}
