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

const sendsWithControl = (form) => form.querySelector("textarea")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(form.querySelector(".primary")); }
});

// A chip says what it holds; several pictures may be chosen one after the other.
function setUpFile(input) {
  const label = input.closest("label"), shown = label.querySelector("[data-file-name]"), name = shown.dataset.fileName;
  const most = Number(input.dataset.most ?? 1);
  let held = [];
  input.addEventListener("change", () => {
    const files = input.files.length ? [...(most > 1 ? held : []), ...input.files] : [];
    held = files.slice(-most);
    const all = new DataTransfer();
    for (const each of held) all.items.add(each);
    input.files = all.files;
    shown.textContent = held.length > 1 ? `${held.length} ${name.toLowerCase()}` : held[0]?.name ?? name;
    label.classList.toggle("filled", held.length > 0);
    if (files.length > most && most > 1) say(`Up to ${most}: the last ones were kept.`);
    for (const kept of label.parentElement.querySelectorAll(`input[name="kept:${input.name}"]`)) kept.disabled = held.length > 0;
  });
}

function setUpComposer(form) {
  const words = form.querySelector("[data-words]") ?? form;
  form.addEventListener("submit", () => {
    form.querySelector(".primary").disabled = true;
    say("Sending.");
  });
  form.querySelectorAll('input[type="file"]').forEach(setUpFile);
  // What is wrong behind "More options" must be seen to be put right.
  form.addEventListener("invalid", (event) => event.target.closest("details")?.setAttribute("open", ""), true);
  const first = ["source", "references", "reference"].map((name) => form.querySelector(`input[type="file"][name="${name}"]`)).find(Boolean)
    ?? form.querySelector('input[type="file"][accept^="image"]');
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
document.querySelectorAll("[data-composer], [data-proposal]").forEach(sendsWithControl);

// Words begun for one tool go along to another.
const asking = document.querySelector("[data-words]");
for (const link of document.querySelectorAll("[data-tool]")) {
  link.addEventListener("click", () => sessionStorage.setItem("words", asking?.value ?? ""));
  if (link.ariaCurrent) link.closest("nav").scrollLeft = link.offsetLeft - innerWidth / 3;
}
if (asking && document.querySelector("[data-tool]")) {
  if (!asking.value) asking.value = sessionStorage.getItem("words") ?? "";
  sessionStorage.removeItem("words");
}

addEventListener("pageshow", () => document.querySelectorAll(".primary").forEach((each) => { each.disabled = false; }));

for (const idea of document.querySelectorAll("[data-idea]")) {
  idea.addEventListener("click", () => {
    asking.value = idea.textContent;
    asking.focus();
  });
}

addEventListener("keydown", (event) => {
  const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !writing) {
    event.preventDefault();
    asking?.focus();
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
    const fresh = new DOMParser().parseFromString(event.data, "text/html");
    // Words being changed stay as they are while something else in the session goes on.
    if (live.querySelector("[data-proposal]") && fresh.querySelector("[data-proposal]")) {
      live.querySelector(".history").replaceWith(fresh.querySelector(".history"));
      return;
    }
    if (live.querySelector(".menu[open]") && stage().dataset.state === fresh.querySelector(".stage").dataset.state) return;
    const scrolled = live.querySelector(".history")?.scrollTop ?? 0;
    const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    live.replaceChildren(...fresh.body.children);
    live.querySelectorAll("[data-proposal]").forEach(sendsWithControl);
    const history = live.querySelector(".history");
    if (history) history.scrollTop = scrolled;
    if (focused) live.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const now = stage().dataset.state;
    if (now === state) return;
    state = now;
    say({ held: "It waits for your yes.", running: "Drawing.", succeeded: "The picture is ready.", failed: "It did not work.", canceled: "Canceled." }[now] ?? now);
    // The form for the next change comes with the page.
    if (now === "succeeded" && !document.querySelector("[data-composer]")) location.reload();
  };
  stream.addEventListener("gone", () => { stream.close(); location.assign("/"); });
  stream.onerror = () => say("Reconnecting…");
}
