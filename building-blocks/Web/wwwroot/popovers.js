// Menus and other drop-downs: <button popovertarget="id" class…> and <div id popover class="pop">. The browser opens them, closes them
// by Esc and by a click outside; here they get their place, the arrow keys, and the focus.
const opener = pop => document.querySelector(`[popovertarget="${CSS.escape(pop.id)}"]`);

/** Puts pop under (or above) anchor, inside the window. */
export function place(pop, anchor) {
  const a = anchor.getBoundingClientRect();
  if (pop.classList.contains("listbox") || pop.classList.contains("checklist")) pop.style.minWidth = `${Math.max(a.width, 180)}px`;
  const { offsetWidth: w, offsetHeight: h } = pop;
  const end = pop.dataset.align === "end";
  const left = Math.max(4, Math.min(end ? a.right - w : a.left, innerWidth - w - 4));
  const below = a.bottom + 3;
  const top = below + h > innerHeight - 4 && a.top - 3 - h > 0 ? a.top - 3 - h : Math.min(below, Math.max(4, innerHeight - h - 4));
  pop.style.left = `${left}px`;
  pop.style.top = `${top}px`;
}

document.addEventListener("toggle", e => {
  const pop = e.target;
  if (!pop.classList?.contains("pop") || pop.classList.contains("manual")) return;
  const button = opener(pop);
  const open = e.newState === "open";
  button?.setAttribute("aria-expanded", open);
  if (!open) return;
  if (button) place(pop, button);
  pop.querySelector("[data-autofocus], .menu-item:not(:disabled)")?.focus({ preventScroll: true });
}, true);

document.addEventListener("beforetoggle", e => { // placed before it is painted
  if (e.newState === "open" && e.target.classList?.contains("pop") && !e.target.classList.contains("manual")) {
    const a = opener(e.target)?.getBoundingClientRect();
    if (a) Object.assign(e.target.style, { left: `${a.left}px`, top: `${a.bottom + 3}px` });
  }
}, true);

document.addEventListener("keydown", e => {
  const menu = e.target.closest?.(".pop.menu");
  if (!menu) {
    if ((e.key === "ArrowDown" || e.key === "ArrowUp") && e.target.matches?.('[popovertarget][aria-haspopup="menu"]')) { e.preventDefault(); e.target.click(); }
    return;
  }
  const items = [...menu.querySelectorAll(".menu-item:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  const letter = e.key.length === 1 && e.key !== " " && !e.ctrlKey && !e.altKey ? e.key.toLowerCase() : null;
  const to = e.key === "ArrowDown" ? items[(at + 1) % items.length]
    : e.key === "ArrowUp" ? items.at(at <= 0 ? -1 : at - 1)
    : e.key === "Home" ? items[0] : e.key === "End" ? items.at(-1)
    : letter ? [...items.slice(at + 1), ...items].find(i => i.textContent.trim().toLowerCase().startsWith(letter)) : null;
  if (to) { e.preventDefault(); to.focus(); }
  if (e.key === "Tab") menu.hidePopover();
});

document.addEventListener("click", e => {
  const item = e.target.closest?.(".pop.menu .menu-item:not(:disabled, [data-stay])");
  if (item) {
    const pop = item.closest(".pop");
    pop.hidePopover();
    opener(pop)?.focus({ preventScroll: true });
  }
  const close = e.target.closest?.("[data-close-pop]");
  if (close) close.closest(".pop")?.hidePopover();
});

// A context menu: an element with data-context="id of a .pop" opens it at the pointer.
document.addEventListener("contextmenu", e => {
  const owner = e.target.closest?.("[data-context]");
  const pop = owner && document.getElementById(owner.dataset.context);
  if (!pop?.showPopover) return;
  e.preventDefault();
  pop.showPopover();
  pop.style.left = `${Math.min(e.clientX, innerWidth - pop.offsetWidth - 4)}px`;
  pop.style.top = `${Math.min(e.clientY, innerHeight - pop.offsetHeight - 4)}px`;
});

// The search box of a check list hides what does not match; no way to the server.
document.addEventListener("input", e => {
  if (!e.target.matches?.("[data-filter]")) return;
  const text = e.target.value.trim().toLowerCase();
  for (const row of e.target.closest(".pop").querySelectorAll("[data-text]")) row.hidden = !!text && !row.dataset.text.toLowerCase().includes(text);
});

addEventListener("resize", () => document.querySelectorAll(".pop:popover-open:not(.manual)").forEach(p => p.hidePopover()));
