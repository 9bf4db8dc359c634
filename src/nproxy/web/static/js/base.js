// Every page: says that modules run, and on pages of a signed-in person keeps the live things live.
import { loadPicturesAgain } from "./again.js";
import { showBattery } from "./battery.js";
import { startLive } from "./live.js";
import { showNotices } from "./notices.js";
import { startRail } from "./rail.js";
import { startTelling } from "./tell.js";
import { resumeUndo } from "./undo.js";

document.documentElement.dataset.js = "";

if (document.body.dataset.cursor !== undefined) {
  document.addEventListener("nproxy:news", (event) => showBattery(event.detail.quota));
  document.addEventListener("nproxy:news", (event) => showNotices(event.detail));
  loadPicturesAgain();
  startRail();
  resumeUndo();
  startTelling();
  startLive(Number(document.body.dataset.cursor), Number(document.body.dataset.pending));
}
