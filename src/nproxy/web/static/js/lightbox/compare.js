// Before and after: the source lies over the picture up to a line that a slider moves.
export function toggleCompare(viewer, button) {
  const canvas = viewer.querySelector("[data-canvas]");
  const on = canvas.toggleAttribute("data-compared");
  viewer.querySelector("[data-source]").hidden = !on;
  const split = viewer.querySelector("[data-split]");
  split.hidden = !on;
  button.setAttribute("aria-pressed", String(on));
  if (on) split.querySelector("input").focus();
}

export function startCompare(viewer) {
  const slider = viewer.querySelector("[data-split] input");
  slider?.addEventListener("input", () => {
    viewer.querySelector("[data-canvas]").style.setProperty("--split", `${slider.value}%`);
  });
}
