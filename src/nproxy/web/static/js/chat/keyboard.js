// Where a keyboard on glass covers the page instead of resizing it (iOS), the page is made as tall as what is left.
export function keepAboveKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    const covered = window.innerHeight - view.height > 80 && view.scale === 1;
    document.documentElement.style.setProperty("--viewport", covered ? `${view.height}px` : "100dvh");
    if (covered) window.scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
}
