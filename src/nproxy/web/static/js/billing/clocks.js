// The two clocks: moments in the reader's own time, with what is left of them by the server's clock.
// `data-clock` may name an element that is shown once the time is over.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// How far the server's clock is ahead of this one.
let ahead = 0;

function left(milliseconds) {
  const unit = milliseconds >= 2 * DAY ? ["day", DAY] : milliseconds >= 2 * HOUR ? ["hour", HOUR] : ["minute", MINUTE];
  const count = Math.ceil(milliseconds / unit[1]);
  return new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" }).format(count, unit[0]);
}

function words(moment) {
  const options = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(moment);
}

export function showClocks() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const moment = Date.parse(clock.dateTime);
    const rest = moment - Date.now() - ahead;
    const over = document.querySelector("[data-says-over]").dataset.saysOver;
    const text = `${words(moment)} (${rest > 0 ? left(rest) : over})`;
    if (clock.textContent !== text) clock.textContent = text;
    clock.toggleAttribute("data-over", rest <= 0);
    const instead = document.getElementById(clock.dataset.clock);
    if (instead) instead.hidden = rest > 0;
  }
}

export function startClocks() {
  const now = document.querySelector("[data-now]")?.dataset.now;
  if (now) ahead = Date.parse(now) - Date.now();
  showClocks();
  setInterval(() => document.hidden || showClocks(), 1000);
}
