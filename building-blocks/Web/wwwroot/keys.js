// Keyboard: shortcuts of the product, arrows in tab lists and trees, and clicks that must count once.
const subscribers = new Map();
const names = { n: "new", w: "close", arrowdown: "next", arrowup: "prev" };

const visible = e => e.offsetParent !== null || e.getClientRects().length > 0;
const typing = t => t.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable=true]");

/**
 * An element with data-shortcut="new|save|search|next|prev|close|…" answers its shortcut: a field gets the focus, anything else
 * is clicked; of several visible ones the last one counts. What has no element subscribes by shortcuts.on.
 */
export const shortcuts = {
  on(name, ref, method) {
    const entry = { ref, method };
    subscribers.set(name, [...(subscribers.get(name) ?? []), entry]);
    return { dispose: () => subscribers.set(name, (subscribers.get(name) ?? []).filter(x => x !== entry)) };
  },
  run(name, scope = document) {
    const target = [...scope.querySelectorAll(`[data-shortcut~="${name}"]`)].filter(e => !e.disabled && visible(e)).at(-1);
    if (target) {
      if (target.matches("input, select, textarea")) { target.focus(); target.select?.(); } else {
        if (name === "save") document.activeElement?.dispatchEvent(new Event("change", { bubbles: true })); // what is being typed belongs to the save
        target.click();
      }
      return true;
    }
    const entry = scope === document ? subscribers.get(name)?.at(-1) : null;
    entry?.ref.invokeMethodAsync(entry.method).catch(() => {});
    return !!entry;
  },
};

document.addEventListener("keydown", e => {
  if (e.isComposing || e.defaultPrevented) return;
  const key = e.key.toLowerCase();
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && key === "s") {
    e.preventDefault(); // never the browser's "save page"
    shortcuts.run("save", dialog ?? document);
    return;
  }
  if (dialog) return;
  if (e.altKey && !e.ctrlKey && !e.metaKey) {
    const name = names[key] ?? names[{ KeyN: "n", KeyW: "w" }[e.code]];
    if (name && shortcuts.run(name)) e.preventDefault();
  } else if (key === "/" && !e.ctrlKey && !e.metaKey && !typing(e.target)) {
    if (shortcuts.run("search")) e.preventDefault();
  }
});

// The second click of a double click is no second order.
window.addEventListener("click", e => {
  if (e.detail > 1 && e.target.closest?.("[data-once]")) { e.stopImmediatePropagation(); e.preventDefault(); }
}, true);

// Arrows walk through tab lists and trees; Enter and Space choose.
document.addEventListener("keydown", e => {
  const tab = e.target.closest?.('[role="tablist"] [role="tab"]');
  if (tab) return walk(e, [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]:not(:disabled)')], tab, "ArrowLeft", "ArrowRight");
  const item = e.target.matches?.('[role="treeitem"]') ? e.target : null;
  if (!item) return;
  const tree = item.closest('[role="tree"]');
  const items = [...tree.querySelectorAll('[role="treeitem"]')].filter(visible);
  const open = item.getAttribute("aria-expanded");
  if (e.key === "Enter" || e.key === " ") item.click();
  else if (e.key === "ArrowRight" && open === "false") toggle(item).click();
  else if (e.key === "ArrowRight" && open === "true") move(items, items[items.indexOf(item) + 1]);
  else if (e.key === "ArrowLeft" && open === "true") toggle(item).click();
  else if (e.key === "ArrowLeft") move(items, items.slice(0, items.indexOf(item)).reverse().find(i => i.ariaLevel < item.ariaLevel));
  else return walk(e, items, item, "ArrowUp", "ArrowDown");
  e.preventDefault();
});

const toggle = item => item.querySelector(".tree-toggle");

function walk(e, items, current, back, on) {
  const at = items.indexOf(current);
  const to = e.key === back ? at - 1 : e.key === on ? at + 1 : e.key === "Home" ? 0 : e.key === "End" ? items.length - 1 : null;
  if (to === null) return;
  e.preventDefault();
  move(items, items[Math.max(0, Math.min(items.length - 1, to))]);
}

function move(items, target) {
  if (!target) return;
  for (const item of items) item.tabIndex = item === target ? 0 : -1;
  target.focus();
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// A sideways scrolled table shows it by an edge; a dropped file marks its target.
document.addEventListener("scroll", e => {
  if (e.target.classList?.contains("table-wrap")) e.target.toggleAttribute("data-scrolled", e.target.scrollLeft > 0);
}, { capture: true, passive: true });
for (const [name, on] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]])
  document.addEventListener(name, e => e.target.closest?.(".drop")?.classList.toggle("over", on), true);
