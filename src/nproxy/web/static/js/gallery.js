// The gallery: scrolling on, looking closer, choosing several.
import { orderFile } from "./exports.js";
import { startScroll } from "./gallery/scroll.js";
import { startSelecting } from "./gallery/select.js";
import { bringTilesBack, showFavourite, takeTiles } from "./gallery/tiles.js";
import { startLightbox } from "./lightbox.js";
import { shareDownloads } from "./share.js";

const page = document.getElementById("main");

// Files on their way are the server's to tell: their part of the page is asked for again.
async function renewExports() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=exports]");
  if (fresh) document.querySelector("[data-part=exports]").replaceWith(document.adoptNode(fresh));
}

startLightbox();
startSelecting(page);
startScroll();
shareDownloads();
document.querySelector("[data-export]").addEventListener("submit", (event) => {
  event.preventDefault();
  orderFile(new FormData(event.target), document.getElementById("lightbox").dataset.wordsTrouble);
});
document.addEventListener("nproxy:ordered", renewExports);
document.addEventListener("nproxy:notice", renewExports);
document.addEventListener("nproxy:favoured", (event) => showFavourite(event.detail));
document.addEventListener("nproxy:deleted", (event) => takeTiles(event.detail.images, event.detail.moment));
document.addEventListener("nproxy:restored", (event) => bringTilesBack(event.detail.moment));
