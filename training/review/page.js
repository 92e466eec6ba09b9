"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { labels, codes, documents, digest } = data;
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // -- what the person has done: one plain object, kept in the browser's storage ------------------------

  const storageName = `newsift-review-${digest}`;
  const UNDO_STEPS = 500;
  let work = { judged: {}, checked: {}, history: [] };
  let keepsWork = true;
  try {
    work = JSON.parse(localStorage.getItem(storageName)) || work;
  } catch {
    keepsWork = false;
  }

  function save() {
    try {
      localStorage.setItem(storageName, JSON.stringify(work));
    } catch {
      keepsWork = false;
    }
  }

  // A step remembers the value before it, so that undo is the same step backwards.
  function change(part, key, value) {
    work.history.push({ part, key, before: work[part][key] ?? null });
    work.history.splice(0, work.history.length - UNDO_STEPS);
    put(part, key, value);
  }

  function undo() {
    const step = work.history.pop();
    if (!step) return;
    put(step.part, step.key, step.before);
    if (step.part === "judged") focusOn(elements.get(step.key));
  }

  function put(part, key, value) {
    if (value === null) delete work[part][key];
    else work[part][key] = value;
    save();
    if (part === "judged") drawParagraph(key);
    else drawDocument(Number(key));
    drawCounter();
    drawInspector();
  }

  const paragraphOf = (key) => {
    const [d, p] = key.split(":").map(Number);
    return documents[d].paragraphs[p];
  };
  const judgement = (key) => work.judged[key] ?? paragraphOf(key).given;
  const labelOf = (key) => judgement(key)?.label ?? paragraphOf(key).label;
  const isJudged = (key) => Boolean(judgement(key) || work.checked[key.split(":")[0]]);

  function setLabel(key, label, reason) {
    const before = judgement(key);
    if (before?.label === label && (reason === undefined || before.reason === reason)) return;
    const also = (before?.also ?? []).filter((other) => other !== label);
    change("judged", key, { label, also, reason: reason ?? null });
  }

  function toggleReason(key, code) {
    const same = labelOf(key) === "suspect" && judgement(key)?.reason === code;
    setLabel(key, "suspect", same ? null : code);
  }

  function toggleAlso(key, label) {
    const { label: main, also, reason } = judgement(key) ?? { label: labelOf(key), also: [], reason: null };
    if (label === main) return;
    const more = also.includes(label) ? also.filter((other) => other !== label) : [...also, label];
    if (more.length === labels.length - 1) return say("At least one label must be wrong.");
    change("judged", key, { label: main, also: labels.filter((name) => more.includes(name)), reason });
  }

  // -- the documents ------------------------------------------------------------------------------------

  const elements = new Map();
  const order = new Map();
  let current = null;

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function buildDocument(item, d) {
    const list = make("ol");
    item.paragraphs.forEach((paragraph, p) => {
      const key = `${d}:${p}`;
      const element = make(
        "li",
        { tabIndex: -1 },
        make("div", { className: "text", dir: "auto", textContent: paragraph.text }),
        make("div", { className: "mark" }),
      );
      element.dataset.key = key;
      order.set(key, elements.size);
      elements.set(key, element);
      list.append(element);
    });
    const place = make("p", { textContent: item.title === item.id ? item.source : `${item.source} · ${item.id}` });
    if (/^https?:\/\//.test(item.url)) {
      place.append(" · ", make("a", { href: item.url, rel: "noreferrer noopener", target: "_blank", textContent: "page" }));
    }
    const checked = make("button", { type: "button" });
    checked.dataset.checked = d;
    const section = make(
      "section",
      { className: "document" },
      make("div", { className: "heading" },
        make("div", {}, make("h2", { id: `title-${d}`, dir: "auto", textContent: item.title }), place), checked),
      list,
    );
    section.setAttribute("aria-labelledby", `title-${d}`);
    byId("documents").append(section);
  }

  function drawParagraph(key) {
    const element = elements.get(key);
    const paragraph = paragraphOf(key);
    const label = labelOf(key);
    const sure = `${Math.round(paragraph.confidence * 100)} %`;
    const mark = [make("b", { textContent: label })];
    if (label !== paragraph.label) mark.push(make("span", { className: "before", textContent: paragraph.label }));
    const reason = judgement(key)?.reason;
    if (reason) mark.push(make("span", { textContent: reason }));
    if (!isJudged(key)) mark.push(make("span", { className: "sure", textContent: sure }));
    element.lastChild.replaceChildren(...mark);
    element.className = `paragraph ${label}`;
    element.classList.toggle("judged", isJudged(key));
    element.classList.toggle("low", paragraph.confidence < 0.7);
    element.classList.toggle("edge", Boolean(element.dataset.edge));
    element.setAttribute("aria-current", String(key === current));
  }

  function drawDocument(d) {
    const button = document.querySelector(`[data-checked="${d}"]`);
    const checked = Boolean(work.checked[d]);
    button.setAttribute("aria-pressed", String(checked));
    button.textContent = checked ? "Checked ✓" : "Mark as checked";
    documents[d].paragraphs.forEach((_, p) => drawParagraph(`${d}:${p}`));
  }

  const toggleChecked = (d) => change("checked", String(d), work.checked[d] ? null : true);

  // -- filters: what is shown stays while it is worked on, until a filter changes ------------------------

  let matching = [];

  function matches(key) {
    const paragraph = paragraphOf(key);
    const label = byId("filter-label").value;
    const below = Number(byId("filter-confidence").value || 2);
    const only = byId("filter-document").value;
    const state = byId("filter-state").value;
    if (label && labelOf(key) !== label) return false;
    if (paragraph.confidence >= below) return false;
    if (only && key.split(":")[0] !== only) return false;
    if (state === "picked") return paragraph.picked;
    if (state === "open") return !isJudged(key);
    if (state === "changed") return key in work.judged;
    return true;
  }

  function filter() {
    const found = new Set([...elements.keys()].filter(matches));
    matching = [...found];
    const neighbours = byId("filter-context").checked;
    for (const gap of all(".gap")) gap.remove();
    documents.forEach((item, d) => {
      let hidden = 0;
      let shown = 0;
      item.paragraphs.forEach((_, p) => {
        const key = `${d}:${p}`;
        const element = elements.get(key);
        const edge = !found.has(key) && neighbours && (found.has(`${d}:${p - 1}`) || found.has(`${d}:${p + 1}`));
        element.hidden = !found.has(key) && !edge;
        element.dataset.edge = edge ? "yes" : "";
        element.classList.toggle("edge", edge);
        if (element.hidden) hidden += 1;
        else {
          if (hidden) element.before(gapOf(hidden));
          hidden = 0;
          shown += 1;
        }
      });
      const section = byId(`title-${d}`).closest("section");
      section.hidden = shown === 0;
      if (hidden && shown) section.querySelector("ol").append(gapOf(hidden));
    });
    byId("shown").textContent = `${matching.length} of ${elements.size} paragraphs`;
    if (current && elements.get(current).hidden) leave();
    const entry = current ?? matching[0];
    for (const [key, element] of elements) element.tabIndex = key === entry ? 0 : -1;
  }

  const gapOf = (count) => make("li", { className: "gap", textContent: count === 1 ? "⋯ 1 line" : `⋯ ${count} lines` });

  // -- moving -------------------------------------------------------------------------------------------

  function focusOn(element) {
    if (!element || element.hidden) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }

  function enter(key) {
    if (key === current) return;
    leave();
    current = key;
    for (const other of all("li[tabindex='0']")) other.tabIndex = -1;
    elements.get(key).tabIndex = 0;
    elements.get(key).setAttribute("aria-current", "true");
    drawInspector();
  }

  function leave() {
    if (current) elements.get(current).setAttribute("aria-current", "false");
    current = null;
    drawInspector();
  }

  function move(step) {
    if (!matching.length) return;
    const from = current ? order.get(current) : -1;
    const next = step > 0 ? matching.find((key) => order.get(key) > from)
      : matching.findLast((key) => order.get(key) < from);
    focusOn(elements.get(next ?? current ?? matching[0]));
  }

  // -- the paragraph in focus ---------------------------------------------------------------------------

  function drawInspector() {
    byId("inspected").hidden = current === null;
    byId("nothing").hidden = current !== null;
    if (current === null) return;
    const paragraph = paragraphOf(current);
    const [d, p] = current.split(":").map(Number);
    const { also = [], reason = null } = judgement(current) ?? {};
    const label = labelOf(current);
    byId("place").textContent = `${p + 1} of ${documents[d].paragraphs.length}`;
    labels.forEach((name, index) => {
      const share = paragraph.probabilities[index];
      document.querySelector(`[data-label="${name}"]`).setAttribute("aria-pressed", String(name === label));
      document.querySelector(`[data-share="${name}"]`).textContent = `${Math.round(share * 100)} %`;
      document.querySelector(`[data-meter="${name}"]`).value = share;
      const button = document.querySelector(`[data-also="${name}"]`);
      button.setAttribute("aria-pressed", String(also.includes(name)));
      button.disabled = name === label;
    });
    byId("code-buttons").hidden = label !== "suspect";
    for (const button of all("[data-code]")) {
      button.setAttribute("aria-pressed", String(button.dataset.code === reason));
    }
    byId("verdict").textContent = `${paragraph.label}, ${Math.round(paragraph.confidence * 100)} % sure`;
    byId("reasons").replaceChildren(...paragraph.reasons.map(([, text]) => make("li", { textContent: text })));
  }

  function drawCounter() {
    const judged = Object.keys(work.judged);
    const changed = judged.filter((key) => work.judged[key].label !== paragraphOf(key).label).length;
    const checked = Object.keys(work.checked).length;
    const parts = [];
    if (judged.length) parts.push(`${count(changed, "label")} changed`, `${judged.length - changed} confirmed`);
    if (checked) parts.push(`${count(checked, "document")} checked`);
    if (!keepsWork) parts.push("this browser does not keep your work: download before you close the page");
    say(parts.join(", ") || "No changes yet");
    byId("undo").disabled = work.history.length === 0;
    byId("download").disabled = judged.length + checked === 0;
  }

  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const say = (text) => { byId("counter").textContent = text; };

  // -- the download: labelled data, one document a line ---------------------------------------------------

  function corrections() {
    const touched = new Set([...Object.keys(work.judged).map((key) => key.split(":")[0]), ...Object.keys(work.checked)]);
    return documents.filter((_, d) => touched.has(String(d))).map(record);
  }

  function record(item) {
    const d = documents.indexOf(item);
    const { id, source, url, noted } = item;
    return {
      id, source, ...(url && { url }), ...noted,
      paragraphs: item.paragraphs.map((paragraph, p) => {
        const key = `${d}:${p}`;
        const { label, also, reason } = judgement(key) ?? {
          label: paragraph.label,
          // Nobody judged it: every label is acceptable, so that training learns nothing from it.
          also: work.checked[d] ? [] : labels.filter((name) => name !== paragraph.label),
          reason: null,
        };
        return { text: paragraph.text, label, ...(also.length && { also }), ...(reason && { reason }) };
      }),
    };
  }

  function download() {
    const lines = corrections().map((item) => `${JSON.stringify(item)}\n`);
    const url = URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" }));
    make("a", { href: url, download: "corrections.jsonl" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  }

  // -- wiring -------------------------------------------------------------------------------------------

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    // A list of options has keys of its own; j and k lead out of it, to what was just filtered.
    if (event.target.closest("select") && event.key !== "j" && event.key !== "k") return;
    const digit = /^(?:Digit|Numpad)([1-7])$/.exec(event.code)?.[1] ?? /^[1-7]$/.exec(event.key)?.[0];
    const moves = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    if (digit) {
      if (current === null) return;
      if (digit > labels.length) toggleReason(current, codes[digit - labels.length - 1]);
      else if (event.shiftKey) toggleAlso(current, labels[digit - 1]);
      else setLabel(current, labels[digit - 1]);
    } else if (event.key in moves) move(moves[event.key]);
    else if (event.key === "u") undo();
    else if (event.key === "c" && current) toggleChecked(current.split(":")[0]);
    else if (event.key === "?") byId("help").showModal();
    else return;
    event.preventDefault();
  }

  documents.forEach(buildDocument);
  documents.forEach((_, d) => drawDocument(d));
  filter();
  drawCounter();
  drawInspector();

  document.addEventListener("keydown", onKey);
  byId("documents").addEventListener("focusin", (event) => {
    const paragraph = event.target.closest(".paragraph");
    if (paragraph) enter(paragraph.dataset.key);
  });
  byId("documents").addEventListener("click", (event) => {
    const button = event.target.closest("[data-checked]");
    if (button) toggleChecked(button.dataset.checked);
  });
  byId("inspector").addEventListener("click", (event) => {
    const { label, code, also } = event.target.closest("button")?.dataset ?? {};
    if (label) setLabel(current, label);
    else if (code) toggleReason(current, code);
    else if (also) toggleAlso(current, also);
  });
  byId("filters").addEventListener("input", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("undo").addEventListener("click", undo);
  byId("download").addEventListener("click", download);
  byId("help-button").addEventListener("click", () => byId("help").showModal());
})();
