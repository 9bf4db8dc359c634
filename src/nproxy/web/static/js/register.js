// Tell a visitor who came from the landing page's composer that the text is kept.
import { readDraft } from "./draft.js";

if (readDraft()) document.querySelector("[data-draft-note]").hidden = false;
