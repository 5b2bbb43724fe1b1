// The combobox: typing, waiting, arrows and drawing happen here; .NET only answers searches and takes the choice.
import { place } from "./popovers.js";

const wait = 200;

/** input: role=combobox with data-text = text of the present value; list: an empty [popover] listbox; ref: Find(text), Pick(value), Make(text). */
export function attachCombobox(input, list, ref, words) {
  if (!input || !list || input.kpCombo) return;
  input.kpCombo = true;
  let timer = 0, asked = 0, active = -1, rows = [];
  const isOpen = () => list.matches(":popover-open");
  const shown = () => input.dataset.text ?? "";

  function open() {
    if (isOpen()) return;
    list.showPopover();
    input.setAttribute("aria-expanded", "true");
    const box = input.closest(".input") ?? input;
    place(list, box);
  }

  function close() {
    clearTimeout(timer);
    asked++;
    if (isOpen()) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.removeAttribute("aria-busy");
    active = -1;
  }

  function line(text, kind) {
    const li = document.createElement("li");
    li.className = `option ${kind}`;
    li.setAttribute("role", "option");
    li.textContent = text;
    if (kind === "said") li.setAttribute("aria-disabled", "true");
    return li;
  }

  function draw(found, typed) {
    rows = [];
    list.replaceChildren();
    found.forEach(o => {
      const li = line(o.text, "");
      li.setAttribute("aria-selected", String(o.value === input.dataset.value));
      if (o.detail) {
        const detail = document.createElement("span");
        detail.className = "option-detail";
        detail.textContent = o.detail;
        li.append(detail);
      }
      rows.push({ li, act: () => pick(o.value) });
      list.append(li);
    });
    if (!found.length) list.append(line(words.none, "said"));
    if (words.create && typed) {
      const li = line(`${words.create} “${typed}”`, "create");
      rows.push({ li, act: () => { input.value = shown(); close(); ref.invokeMethodAsync("Make", typed).catch(() => {}); } });
      list.append(li);
    }
    rows.forEach((r, i) => { r.li.id = `${list.id}-${i}`; r.li.addEventListener("mousedown", e => { e.preventDefault(); r.act(); }); });
    mark(found.length && typed ? 0 : -1);
    open();
    place(list, input.closest(".input") ?? input);
  }

  function mark(at) {
    rows[active]?.li.classList.remove("active");
    active = at;
    const row = rows[at]?.li;
    if (!row) { input.removeAttribute("aria-activedescendant"); return; }
    row.classList.add("active");
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }

  async function find(text) {
    const mine = ++asked;
    input.setAttribute("aria-busy", "true");
    if (!isOpen()) { list.replaceChildren(line(words.wait, "said")); rows = []; open(); }
    try {
      const found = await ref.invokeMethodAsync("Find", text);
      if (mine === asked && found) draw(found, text);
    } catch {
      if (mine === asked) { list.replaceChildren(line(words.failed, "said")); rows = []; }
    } finally {
      if (mine === asked) input.removeAttribute("aria-busy");
    }
  }

  async function pick(value) {
    close();
    try { await ref.invokeMethodAsync("Pick", value); } catch { /* the connection banner tells */ }
    input.value = shown(); // what .NET made of it
    input.dispatchEvent(new Event("kp-picked", { bubbles: true }));
  }

  input.addEventListener("input", e => {
    if (e.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(() => find(input.value.trim()), wait);
  });
  input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(() => find(input.value.trim()), wait); });
  input.addEventListener("click", () => { if (!isOpen() && !input.readOnly) { input.select(); find(""); } });
  input.addEventListener("keydown", e => {
    if (e.isComposing || input.readOnly) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      if (!isOpen()) find(input.value === shown() ? "" : input.value.trim());
      else if (rows.length) mark((active + (e.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + rows.length) % rows.length);
    } else if (e.key === "Enter" && isOpen()) {
      e.preventDefault();
      rows[active]?.act();
    } else if (e.key === "Escape" && isOpen()) {
      e.preventDefault();
      e.stopPropagation();
      input.value = shown();
      close();
    }
  });
  input.addEventListener("blur", () => {
    const cleared = !input.value.trim() && shown();
    close();
    if (cleared) pick(null); else input.value = shown();
  });
}
