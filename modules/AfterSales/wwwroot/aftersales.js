// Put on every page by the manifest; lets pages ask whether it is there.
document.documentElement.dataset.aftersales = "ready";
