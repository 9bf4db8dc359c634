// A picture's own page.
import { startLightbox } from "./lightbox.js";
import { shareDownloads } from "./share.js";

startLightbox();
shareDownloads();
