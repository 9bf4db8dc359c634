// The pages about plan and payments: copying, clocks, and following an order without a reload.
import { listenForCopies } from "./billing/copy.js";
import { startClocks } from "./billing/clocks.js";
import { followOrders } from "./billing/follow.js";

followOrders();
startClocks();
listenForCopies();

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
