// On phones a download is handed to the system's own share sheet, where it can be saved among the photos.
const onGlass = matchMedia("(pointer: coarse)");

function nameIn(answer) {
  const said = answer.headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(said);
  return encoded ? decodeURIComponent(encoded[1]) : (/filename="([^"]+)"/.exec(said)?.[1] ?? "image.png");
}

async function share(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const blob = await answer.blob();
  const file = new File([blob], nameIn(answer), { type: blob.type });
  if (!navigator.canShare({ files: [file] })) throw new Error("not shared");
  await navigator.share({ files: [file] });
}

function probe() {
  return navigator.canShare?.({ files: [new File([""], "a.png", { type: "image/png" })] });
}

export function shareDownloads() {
  if (!onGlass.matches || !probe()) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-download]");
    if (!link) return;
    event.preventDefault();
    share(link).catch((trouble) => {
      // Whoever closed the sheet wants nothing more; whatever else went wrong is downloaded the plain way.
      if (trouble.name !== "AbortError") location.assign(link.href);
    });
  });
}
