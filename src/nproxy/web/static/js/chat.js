// The chat page: wires the composer, the cards and the live news together.
import { listenForActions } from "./chat/actions.js";
import { startCardActions } from "./chat/card_actions.js";
import { showNews } from "./chat/cards.js";
import { startClock } from "./chat/clock.js";
import { startComposer } from "./chat/composer.js";
import { startEarlier } from "./chat/earlier.js";
import { keepAboveKeyboard } from "./chat/keyboard.js";
import { startTurnActions } from "./chat/turn_actions.js";
import { fetchMissingTurns } from "./chat/turns.js";
import { startLightbox } from "./lightbox.js";
import { shareDownloads } from "./share.js";

startClock();
startComposer(document.getElementById("composer"));
listenForActions(document.getElementById("act"));
startCardActions(document.getElementById("turns"));
startTurnActions(document.getElementById("turns"));
keepAboveKeyboard();
startEarlier();
startLightbox();
shareDownloads();

document.addEventListener("nproxy:news", (event) => {
  const unknown = showNews(event.detail);
  if (unknown.length) fetchMissingTurns(unknown);
});
