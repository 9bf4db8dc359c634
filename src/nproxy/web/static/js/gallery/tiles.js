// The tiles on the page: more of them, fewer, and back again.
const taken = new Map();

const months = () => document.getElementById("months");

/** Append what stands in `page`; pictures of a month that is there already go under its heading. */
export function showTiles(page) {
  for (const month of page.querySelectorAll(".month")) {
    const last = [...months().querySelectorAll(".month")].at(-1);
    if (last?.dataset.month === month.dataset.month) last.querySelector(".tiles").append(...month.querySelectorAll(".tile"));
    else months().append(month);
  }
  const more = page.querySelector("[data-more]");
  if (more) months().append(more);
}

function tileOf(image) {
  return months().querySelector(`.tile[data-image="${image}"]`);
}

/** Take tiles off the page; those of one moment come back together. */
export function takeTiles(images, moment) {
  const gone = images.map(tileOf).filter(Boolean);
  taken.set(moment, gone.map((tile) => {
    const mark = document.createComment("deleted");
    tile.querySelector(".tile-check").checked = false;
    tile.replaceWith(mark);
    return { tile, mark };
  }));
}

export function bringTilesBack(moment) {
  for (const { tile, mark } of taken.get(moment) ?? []) mark.replaceWith(tile);
  taken.delete(moment);
}

export function showFavourite({ image, wanted }) {
  tileOf(image)?.toggleAttribute("data-favourite", wanted);
}
