// Everything works without this file; with it, pages follow what happens and forms feel at home.
"use strict";

const status = document.getElementById("status");
const say = (words) => { if (status.textContent !== words) status.textContent = words; };

// Light or dark: the system's choice until somebody makes their own.
const root = document.documentElement;
const chosen = localStorage.getItem("theme");
if (chosen) root.dataset.theme = chosen;
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

function setUpComposer(form) {
  const words = form.querySelector("textarea");
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", () => {
    form.querySelector(".primary").disabled = true;
    say("Sending.");
  });
  for (const input of form.querySelectorAll('input[type="file"]')) {
    const label = input.closest("label"), name = label.querySelector("[data-file-name]"), empty = name.textContent;
    input.addEventListener("change", () => {
      name.textContent = input.files[0]?.name ?? empty;
      label.classList.toggle("filled", input.files.length > 0);
    });
  }
  const first = form.querySelector('input[name="source"], input[name="reference"]');
  const take = (files) => {
    const picture = [...files].find((each) => each.type.startsWith("image/"));
    if (!picture || !first) return false;
    const held = new DataTransfer();
    held.items.add(picture);
    first.files = held.files;
    first.dispatchEvent(new Event("change"));
    say(`${picture.name} attached.`);
    return true;
  };
  words.addEventListener("paste", (event) => { if (take(event.clipboardData.files)) event.preventDefault(); });
  addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("dropping"); });
  addEventListener("dragleave", () => form.classList.remove("dropping"));
  addEventListener("drop", (event) => { event.preventDefault(); form.classList.remove("dropping"); take(event.dataTransfer.files); });
}
document.querySelectorAll("[data-composer]").forEach(setUpComposer);
addEventListener("pageshow", () => document.querySelectorAll(".primary").forEach((each) => { each.disabled = false; }));

for (const idea of document.querySelectorAll("[data-idea]")) {
  idea.addEventListener("click", () => {
    const prompt = document.getElementById("prompt");
    prompt.value = idea.textContent;
    prompt.focus();
  });
}

addEventListener("keydown", (event) => {
  const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !writing) {
    event.preventDefault();
    document.querySelector("[data-composer] textarea")?.focus();
  }
});

// Older sessions arrive by themselves when their link comes into view.
const more = document.querySelector("[data-more]");
if (more) {
  const load = async (link) => {
    const page = new DOMParser().parseFromString(await (await fetch(link.href)).text(), "text/html");
    document.querySelector(".cards").append(...page.querySelectorAll(".cards > li"));
    const next = page.querySelector("[data-more]");
    if (next) { link.replaceWith(next); watch(next); } else link.remove();
  };
  const watch = (link) => new IntersectionObserver((seen, observer) => {
    if (seen.some((each) => each.isIntersecting)) { observer.disconnect(); load(link).catch(() => {}); }
  }, { rootMargin: "400px" }).observe(link);
  watch(more);
}

// A session's page is sent again whenever something in it changes; the browser reconnects by itself.
const session = document.querySelector("[data-events]");
if (session) {
  const live = document.getElementById("live");
  const stage = () => live.querySelector(".stage");
  let state = stage().dataset.state;
  const stream = new EventSource(session.dataset.events);
  stream.onmessage = (event) => {
    const scrolled = live.querySelector(".history")?.scrollTop ?? 0;
    const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    live.innerHTML = event.data;
    const history = live.querySelector(".history");
    if (history) history.scrollTop = scrolled;
    if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const now = stage().dataset.state;
    if (now === state) return;
    state = now;
    say({ running: "Drawing.", succeeded: "The picture is ready.", failed: "It did not work.", canceled: "Canceled." }[now] ?? now);
    // The form for the next change comes with the page.
    if (now === "succeeded" && !document.querySelector("[data-composer]")) location.reload();
  };
  stream.addEventListener("gone", () => { stream.close(); location.assign("/"); });
  stream.onerror = () => say("Reconnecting…");
}
