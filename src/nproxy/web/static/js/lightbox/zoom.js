// Looking closer: wheel and pinch towards where one points, drag to move, double tap for twice, and all pixels.
const FURTHEST = 5;
const TAP_MS = 320;
const TAP_NEAR = 24;
const SWIPE = 60;

export class Zoom {
  constructor(stage, { onSwipe, onScale }) {
    this.stage = stage;
    this.onSwipe = onSwipe;
    this.onScale = onScale;
    this.pointers = new Map();
    this.lastTap = null;
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.up(event));
    this.look();
  }

  get canvas() {
    return this.stage.querySelector("[data-canvas]");
  }

  look() {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.apply();
  }

  // The scale at which one pixel of the picture is one pixel of the screen.
  get fullScale() {
    const picture = this.canvas.querySelector("[data-picture]");
    return picture.width && this.canvas.offsetWidth
      ? Number(picture.getAttribute("width")) / (this.canvas.offsetWidth * devicePixelRatio)
      : 1;
  }

  apply() {
    const { canvas, stage } = this;
    const room = (size, view) => Math.max(0, (size * this.scale - view) / 2);
    const [wide, high] = [room(canvas.offsetWidth, stage.clientWidth), room(canvas.offsetHeight, stage.clientHeight)];
    this.x = Math.min(wide, Math.max(-wide, this.x));
    this.y = Math.min(high, Math.max(-high, this.y));
    const still = this.scale === 1 && !this.x && !this.y;
    canvas.style.transform = still ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    stage.toggleAttribute("data-zoomed", this.scale !== 1);
    this.onScale(this.scale);
  }

  // Zooms so that what lies under `point` (of the window) stays there.
  to(scale, point = null) {
    const { fullScale } = this;
    const next = Math.min(Math.max(scale, Math.min(1, fullScale)), Math.max(FURTHEST, fullScale));
    const box = this.stage.getBoundingClientRect();
    const px = point ? point.x - box.left - box.width / 2 : 0;
    const py = point ? point.y - box.top - box.height / 2 : 0;
    this.x = px - ((px - this.x) * next) / this.scale;
    this.y = py - ((py - this.y) * next) / this.scale;
    this.scale = Math.abs(next - 1) < 0.01 ? 1 : next;
    this.apply();
  }

  by(factor) {
    this.smoothly(() => this.to(this.scale * factor));
  }

  full() {
    this.smoothly(() => this.to(this.fullScale));
  }

  fit() {
    this.smoothly(() => this.look());
  }

  smoothly(change) {
    const { canvas } = this;
    canvas.setAttribute("data-smooth", "");
    change();
    setTimeout(() => canvas.removeAttribute("data-smooth"), 250);
  }

  wheel(event) {
    event.preventDefault();
    this.to(this.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), { x: event.clientX, y: event.clientY });
  }

  down(event) {
    if (event.target.closest("input, label, a, button") || event.button) return;
    this.stage.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.pointers.size === 1) this.start = { x: event.clientX, y: event.clientY, moved: false };
    else Object.assign(this.start, { moved: true, pinched: true });
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (Math.hypot(now.x - this.start.x, now.y - this.start.y) > 6) this.start.moved = true;
    if (other) {
      const apart = (one) => Math.hypot(one.x - other.x, one.y - other.y);
      this.to((this.scale * apart(now)) / Math.max(1, apart(before)), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else if (this.scale !== 1) {
      this.stage.toggleAttribute("data-dragging", true);
      this.x += now.x - before.x;
      this.y += now.y - before.y;
      this.apply();
    }
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.stage.removeAttribute("data-dragging");
    if (this.pointers.size) return;
    const [dx, dy] = [event.clientX - this.start.x, event.clientY - this.start.y];
    if (event.type === "pointerup" && !this.start.moved) this.tap(event);
    else if (this.scale === 1 && !this.start.pinched && event.pointerType !== "mouse" && Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) {
      this.onSwipe(dx < 0 ? "older" : "newer");
    }
  }

  tap(event) {
    const { lastTap } = this;
    const near = lastTap && Math.hypot(event.clientX - lastTap.x, event.clientY - lastTap.y) < TAP_NEAR;
    this.lastTap = { x: event.clientX, y: event.clientY, at: event.timeStamp };
    if (!near || event.timeStamp - lastTap.at > TAP_MS) return;
    this.lastTap = null;
    this.smoothly(() => (this.scale === 1 ? this.to(2, { x: event.clientX, y: event.clientY }) : this.look()));
  }
}
