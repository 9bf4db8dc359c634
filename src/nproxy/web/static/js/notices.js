// News that concern no page in particular: a file that is ready to be fetched, or could not be packed.
import { toast } from "./say.js";

const told = new Set();

export function showNotices(news) {
  for (const notice of news.notices) {
    if (told.has(notice.id + notice.kind)) continue;
    told.add(notice.id + notice.kind);
    toast(notice.text, notice.link);
    document.dispatchEvent(new CustomEvent("nproxy:notice", { detail: notice }));
  }
}
