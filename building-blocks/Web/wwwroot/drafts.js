// What a user types is kept on this machine at once, so a reload, a lost connection or a closed browser costs nothing.
const prefix = "kp.draft.";
const days = 30;
const bound = new Map(); // key -> { stop, failed }

function parse(text) {
  try { return text ? JSON.parse(text) : null; } catch { return null; }
}

function values(form) {
  const all = {};
  for (const e of form.querySelectorAll("[name]")) {
    if (e.type === "password" || e.type === "file" || e.closest("[data-no-draft]")) continue;
    if (e.type === "radio") { if (e.checked) all[e.name] = e.value; } else all[e.name] = e.type === "checkbox" ? e.checked : e.value;
  }
  return all;
}

function store(key, form) {
  const text = JSON.stringify({ at: new Date().toISOString(), url: location.pathname + location.search, title: form.dataset.draftTitle ?? "", values: values(form) });
  let kept = false;
  for (const s of [sessionStorage, localStorage]) {
    try { s.setItem(prefix + key, text); kept = true; } catch { /* full or forbidden: the other one may do */ }
  }
  return kept;
}

export const drafts = {
  /** Keeps every named input of form under key from the first input on. Returns what stops it. */
  bind(form, key) {
    this.unbind(key);
    if (!form) return null;
    let timer = 0, touched = false;
    const state = { failed: false };
    const save = () => { clearTimeout(timer); timer = 0; if (touched && form.isConnected) state.failed = !store(key, form); };
    const soon = () => { if (touched && !timer) timer = setTimeout(save, 250); };
    const input = e => { if (e.isTrusted || e.type === "kp-picked") touched = true; soon(); };
    const events = ["input", "change", "kp-picked"];
    for (const name of events) form.addEventListener(name, input);
    addEventListener("pagehide", save);
    const watch = new MutationObserver(soon); // hidden inputs of pickers, written by the server
    watch.observe(form, { subtree: true, attributes: true, attributeFilter: ["value"] });
    state.stop = () => {
      clearTimeout(timer);
      watch.disconnect();
      removeEventListener("pagehide", save);
      for (const name of events) form.removeEventListener(name, input);
    };
    bound.set(key, state);
    return { dispose: () => this.unbind(key) };
  },
  unbind(key) { bound.get(key)?.stop(); bound.delete(key); },
  /** { at, url, title, values } or null. */
  read(key) { return parse(sessionStorage.getItem(prefix + key)) ?? parse(localStorage.getItem(prefix + key)); },
  /** After a save or when the user throws it away. The form goes on being kept when it is touched again. */
  clear(key) {
    sessionStorage.removeItem(prefix + key);
    localStorage.removeItem(prefix + key);
    const state = bound.get(key);
    if (state) state.failed = false;
  },
  /** [{ key, at, url, title }] of this machine, newest first; older than 30 days are dropped. */
  list(start = "") {
    const found = [];
    for (const name of Object.keys(localStorage).filter(n => n.startsWith(prefix + start))) {
      const draft = parse(localStorage.getItem(name));
      if (!draft || Date.now() - Date.parse(draft.at) > days * 86400000) localStorage.removeItem(name);
      else found.push({ key: name.slice(prefix.length), at: draft.at, url: draft.url, title: draft.title });
    }
    return found.sort((a, b) => b.at.localeCompare(a.at));
  },
  /** At sign-out on a shared machine. */
  clearAll(start = "") {
    for (const s of [sessionStorage, localStorage]) Object.keys(s).filter(n => n.startsWith(prefix + start)).forEach(n => s.removeItem(n));
  },
};

addEventListener("beforeunload", e => {
  if ([...bound.values()].some(s => s.failed)) e.preventDefault(); // only when nothing could be stored
});
