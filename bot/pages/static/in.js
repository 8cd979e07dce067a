// A button that prints, where there is a script to do it.
document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; button.onclick = () => window.print(); });
