// Asking for many pictures in one file; that it is ready is said by the news, on any page.
import { post } from "./http.js";
import { toast } from "./say.js";

/** `wanted`: FormData with pictures, a turn, a conversation, or all. */
export async function orderFile(wanted, trouble) {
  try {
    const { message } = await (await post("/gallery/exports/", wanted)).json();
    toast(message);
    document.dispatchEvent(new CustomEvent("nproxy:ordered"));
    return true;
  } catch (refused) {
    toast(refused.words || trouble);
    return false;
  }
}

export function exportOf(name, value) {
  const wanted = new FormData();
  wanted.set(name, value);
  return wanted;
}
