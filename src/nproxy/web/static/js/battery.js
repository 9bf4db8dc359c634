// The battery shows what is left in steps of twenty percent; nobody but the server knows more.
export function showBattery(level) {
  for (const battery of document.querySelectorAll("[data-battery]")) {
    battery.dataset.level = level;
    battery.setAttribute("aria-label", battery.dataset.label.replace("{level}", level));
    battery.querySelector("[data-battery-text]").textContent = `${level}%`;
  }
}
