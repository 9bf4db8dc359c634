// <time data-until="ISO moment"> says how long it is until then, second by second.
const pad = (number) => String(number).padStart(2, "0");

function tick() {
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.max(0, Math.round((Date.parse(time.dataset.until) - Date.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${pad(left % 60)}`;
  }
}

document.addEventListener("DOMContentLoaded", () => {
  tick();
  setInterval(tick, 1000);
});
