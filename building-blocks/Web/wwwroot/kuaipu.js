// KuaipuCrm in the browser: what must not wait for the server. Load once: <script type="module" src="_content/KuaipuCrm.Web/kuaipu.js">.
// Most of it works by delegation on attributes, so a control needs no call from .NET and nothing to dispose.
import "./keys.js";
import "./popovers.js";
export { uploadFiles } from "./upload.js";
export { shortcuts } from "./keys.js";
export { drafts } from "./drafts.js";
export { attachCombobox } from "./combobox.js";
export { attachSplit, resizeColumns } from "./layout.js";
import "./reconnect.js";

/** Opens a native modal dialog. Esc and the browser's own closing are told to .NET, which alone decides. */
export function dialogShow(dialog, ref) {
  if (!dialog || dialog.open) return;
  if (!dialog.kpWired) {
    dialog.kpWired = true;
    dialog.addEventListener("cancel", e => {
      if (e.target !== dialog) return;
      e.preventDefault();
      dialog.kpRef?.invokeMethodAsync("Cancelled").catch(() => {});
    });
    dialog.addEventListener("close", () => { if (dialog.kpWanted) dialog.kpRef?.invokeMethodAsync("Cancelled").catch(() => {}); });
  }
  dialog.kpRef = ref;
  dialog.kpWanted = true;
  dialog.kpBack = document.activeElement;
  dialog.showModal();
  const seen = selector => [...dialog.querySelectorAll(selector)].find(e => e.getClientRects().length);
  const first = seen("[autofocus], [data-autofocus]") ?? seen(".dialog-body :is(input, select, textarea):not([type=hidden], :disabled)") ??
    seen(".dialog-foot .primary") ?? seen("button");
  first?.focus();
  raiseToasts();
}

/** Closes it and gives the focus back to where it was. */
export function dialogClose(dialog) {
  if (!dialog) return;
  dialog.kpWanted = false;
  if (dialog.open) dialog.close();
  if (dialog.kpBack?.isConnected) dialog.kpBack.focus({ preventScroll: true });
  dialog.kpBack = null;
}

/** Toasts stand in the top layer, above an open dialog. */
export function raiseToasts() {
  const host = document.querySelector(".toasts[popover]");
  if (!host) return;
  if (host.matches(":popover-open")) host.hidePopover();
  if (host.hasAttribute("data-any")) host.showPopover();
}

/** Puts text where the cursor is in a text area, as if it were typed. */
export function insertText(selector, text) {
  const area = document.querySelector(selector);
  if (!area) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("change", { bubbles: true }));
  area.focus();
}

/** Calls ref[method] when a pointer goes down or the focus goes outside of element; returns what takes it off again. */
export function clickOutside(element, ref, method) {
  const act = e => { if (!element.isConnected) off(); else if (!element.contains(e.target)) ref.invokeMethodAsync(method).catch(() => {}); };
  const off = () => { document.removeEventListener("pointerdown", act, true); document.removeEventListener("focusin", act, true); };
  document.addEventListener("pointerdown", act, true);
  document.addEventListener("focusin", act, true);
  return { dispose: off };
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // plain http: no clipboard API
    const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    box.style.cssText = "position:fixed;opacity:0";
    (document.querySelector("dialog[open]") ?? document.body).append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

/** Fetches a file by a plain link: the cookie goes along, the circuit stays. */
export function download(url, name) {
  const a = Object.assign(document.createElement("a"), { href: url, download: name ?? "" });
  document.body.append(a);
  a.click();
  a.remove();
}

/** Saves bytes that .NET sends as a DotNetStreamReference. */
export async function downloadStream(name, stream) {
  const url = URL.createObjectURL(new Blob([await stream.arrayBuffer()]));
  download(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Focuses an element or the first match of a selector; invalid fields are scrolled into view. */
export function focus(target, select) {
  const element = typeof target === "string" ? document.querySelector(target) : target;
  if (!element) return false;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
  if (select) element.select?.();
  return document.activeElement === element;
}

/** The first field in error of a form: called after a refused save. */
export function focusError(form) {
  return focus((form ?? document).querySelector('[aria-invalid="true"]'));
}

export const remember = {
  get: key => localStorage.getItem("kp." + key),
  set: (key, value) => { try { localStorage.setItem("kp." + key, value); } catch { /* full or forbidden: a preference only */ } },
};
