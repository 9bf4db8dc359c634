// The settings row: what is chosen, what it costs, and what only makes sense with a picture attached.
export function chosen(form, name) {
  return form.querySelector(`input[name=${name}]:checked:not(:disabled)`);
}

function showChosenRatio(form) {
  const label = chosen(form, "aspect_ratio").closest("label");
  const drawing = label.querySelector("svg").cloneNode(true);
  form.querySelector("[data-picker-chosen]").replaceChildren(drawing, label.querySelector("span").textContent);
}

function showSummary(form) {
  const values = ["aspect_ratio", "resolution", "batch_size"].map((name) => chosen(form, name).dataset.label);
  form.querySelector("[data-summary]").textContent = values.join(" · ");
  form.querySelector("[data-cost]").textContent = chosen(form, "batch_size").dataset.hint;
}

// The mode follows the attachments; while there are some, the person may say otherwise.
function showMode(form) {
  const mode = chosen(form, "mode")?.value ?? "text_to_image";
  form.dataset.mode = mode;
  for (const field of form.querySelectorAll("[name=source_images]")) field.disabled = mode === "text_to_image";
  form.querySelector("[data-strength]").hidden = mode === "text_to_image";
  const prompt = form.elements.prompt;
  prompt.dataset.placeholderNew ??= prompt.placeholder;
  prompt.placeholder = mode === "text_to_image" ? prompt.dataset.placeholderNew : prompt.dataset.placeholderEdit;
}

/** The settings in words, as a turn's head has them. */
export function settled(form) {
  const names = ["resolution", "aspect_ratio", "batch_size"];
  if (form.dataset.mode === "image_to_image") names.push("strength");
  return names.map((name) => chosen(form, name).dataset.said).join(" · ");
}

/** The shape that a box will have: the chosen ratio's; for auto the last picture's (an image element), else square. */
export function boxOf(form, picture) {
  const { width, height } = chosen(form, "aspect_ratio").dataset;
  if (width) return { width, height };
  const longer = Math.max(picture?.naturalWidth ?? 0, picture?.naturalHeight ?? 0);
  if (!longer) return { width: 1024, height: 1024 };
  const fitted = (side) => Math.max(1, Math.round((side * 1024) / longer));
  return { width: fitted(picture.naturalWidth), height: fitted(picture.naturalHeight) };
}

/** Chooses these values by name; what is no choice (any more) changes nothing. */
export function choose(form, values) {
  for (const [name, value] of Object.entries(values)) {
    const radio = [...form.querySelectorAll(`input[name=${name}]`)].find((choice) => choice.value === value);
    if (radio) radio.checked = true;
  }
  form.dispatchEvent(new Event("change"));
}

export function startSettings(form) {
  const modes = form.querySelector("[data-setting=mode]");
  form.addEventListener("attached", (event) => {
    const { any, grew } = event.detail;
    if (grew || !any || modes.disabled) modes.querySelector("input").checked = true;
    modes.disabled = !any;
    showMode(form);
  });
  form.addEventListener("change", () => {
    showChosenRatio(form);
    showSummary(form);
    showMode(form);
  });
  modes.disabled = !form.querySelector(".attachment");
  showSummary(form);
  showMode(form);

  const picker = form.querySelector("[data-picker]");
  const close = (focus) => {
    picker.open = false;
    if (focus) picker.querySelector("summary").focus();
  };
  document.addEventListener("pointerdown", (event) => picker.contains(event.target) || close(false));
  picker.addEventListener("keydown", (event) => {
    if (!picker.open || event.key !== "Escape") return;
    event.stopPropagation();
    close(true);
  });
}
