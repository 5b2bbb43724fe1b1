// Sizes the user chooses: the height of the detail pane and the widths of columns.
const key = name => `kp.split.${name}`;

/** split: .split with [data-split-handle] and [data-split-act=large|small|full] in it. Height and mode are kept under the name. */
export function attachSplit(split, name) {
  if (!split || split.kpSplit) return;
  split.kpSplit = true;
  const handle = split.querySelector("[data-split-handle]");
  const bottom = split.querySelector(".split-bottom");
  const read = () => { try { return JSON.parse(localStorage.getItem(key(name))) ?? {}; } catch { return {}; } };
  const keep = change => { try { localStorage.setItem(key(name), JSON.stringify({ ...read(), ...change })); } catch { /* a preference only */ } };

  function size(px) {
    const most = split.clientHeight - 92;
    const height = Math.round(Math.max(64, Math.min(px, Math.max(64, most))));
    split.style.setProperty("--split-size", `${height}px`);
    handle.setAttribute("aria-valuenow", height);
    return height;
  }

  function mode(value) {
    split.dataset.mode = value;
    for (const b of split.querySelectorAll("[data-split-act]")) b.setAttribute("aria-pressed", String(b.dataset.splitAct === value));
  }

  const kept = read();
  if (kept.height) size(kept.height);
  mode(kept.mode === "large" || kept.mode === "small" ? kept.mode : "normal");

  split.addEventListener("click", e => {
    const act = e.target.closest("[data-split-act]")?.dataset.splitAct;
    if (!act) return;
    mode(split.dataset.mode === act ? "normal" : act);
    if (split.dataset.mode !== "full") keep({ mode: split.dataset.mode });
  });
  split.addEventListener("keydown", e => {
    if (e.key === "Escape" && split.dataset.mode === "full" && !e.defaultPrevented) { mode("normal"); return; }
    if (e.target !== handle) return;
    const step = { ArrowUp: 24, ArrowDown: -24, PageUp: 120, PageDown: -120 }[e.key];
    if (!step) return;
    e.preventDefault();
    keep({ height: size(bottom.offsetHeight + step) });
  });
  handle.addEventListener("dblclick", () => { split.style.removeProperty("--split-size"); keep({ height: 0 }); });
  handle.addEventListener("pointerdown", e => drag(e, handle, bottom.offsetHeight, (start, _, dy) => size(start - dy), height => keep({ height })));
}

/** table: th[data-key] > .col-grip; tells ref.ColumnResized(key, px) when a drag ends; a double click fits the column to its content. */
export function resizeColumns(table, ref) {
  if (!table || table.kpColumns) return;
  table.kpColumns = true;
  const column = th => table.querySelector(`col[data-key="${CSS.escape(th.dataset.key)}"]`) ?? th;
  const tell = (th, px) => ref?.invokeMethodAsync("ColumnResized", th.dataset.key, px).catch(() => {});
  const set = (th, px) => {
    const width = Math.round(Math.max(48, Math.min(px, 800)));
    column(th).style.width = `${width}px`;
    return width;
  };

  table.addEventListener("pointerdown", e => {
    const grip = e.target.closest(".col-grip");
    const th = grip?.closest("th[data-key]");
    if (th) drag(e, grip, th.offsetWidth, (start, dx) => set(th, start + dx), px => tell(th, px));
  });
  table.addEventListener("dblclick", e => {
    const th = e.target.closest(".col-grip")?.closest("th[data-key]");
    if (!th) return;
    const ruler = document.createElement("span");
    ruler.style.cssText = "position:absolute;visibility:hidden;white-space:nowrap";
    th.append(ruler);
    const at = th.cellIndex;
    const wide = Math.max(...[...table.rows].slice(0, 60).map(r => { ruler.textContent = r.cells[at]?.textContent.trim() ?? ""; return ruler.offsetWidth; }));
    ruler.remove();
    tell(th, set(th, wide + 28));
  });
  table.addEventListener("click", e => { if (e.target.closest(".col-grip")) e.stopPropagation(); });
}

function drag(e, handle, start, moved, done) {
  if (e.button > 0) return;
  e.preventDefault();
  handle.focus?.({ preventScroll: true });
  handle.setPointerCapture(e.pointerId);
  handle.classList.add("dragging");
  let last = null;
  const on = m => { last = moved(start, m.clientX - e.clientX, m.clientY - e.clientY); };
  const off = () => {
    handle.classList.remove("dragging");
    handle.removeEventListener("pointermove", on);
    if (last !== null) done(last);
  };
  handle.addEventListener("pointermove", on);
  handle.addEventListener("lostpointercapture", off, { once: true });
}
