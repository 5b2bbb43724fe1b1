// The connection banner: Blazor shows and hides #components-reconnect-modal; here is what to do when it gives up or is refused.
let busy = false;

async function retry() {
  if (busy) return;
  busy = true;
  try {
    if (await Blazor.reconnect()) return;
    if (!(await Blazor.resumeCircuit?.())) location.reload(); // the server is back, our circuit is not: the drafts are
  } catch {
    setTimeout(() => { busy = false; if (lost()) retry(); }, 5000); // not reachable yet
    return;
  } finally {
    busy = false;
  }
}

const banner = () => document.getElementById("components-reconnect-modal");
const lost = () => banner()?.matches(".components-reconnect-failed, .components-reconnect-paused, .components-reconnect-resume-failed");

document.addEventListener("components-reconnect-state-changed", e => {
  const state = e.detail?.state;
  if (state === "rejected") location.reload();
  else if (state === "failed") setTimeout(() => lost() && retry(), 3000);
}, true);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && lost()) retry(); });
addEventListener("online", () => { if (lost()) retry(); });
document.addEventListener("click", e => { if (e.target.closest?.("[data-reconnect]")) retry(); });
