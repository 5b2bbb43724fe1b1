// A page made to be printed: the button, and the dialog at once when it was opened for that.
document.getElementById("print")?.addEventListener("click", () => window.print());
if (new URLSearchParams(location.search).get("now") === "true") window.print();
