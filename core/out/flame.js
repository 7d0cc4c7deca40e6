// SPDX-License-Identifier: GPL-2.0-only
(() => {
"use strict";
const CHARACTER = 6.62, PADDING = 3, NARROW = 3, LEAST_LABEL = 3; // as in flame_style.h
const svg = document.documentElement, SVG = svg.namespaceURI;
const area = svg.getElementById("frames"), details = svg.getElementById("details");
const left = +area.dataset.x, drawn = +area.dataset.width;
const height = +svg.getAttribute("height");
const margins = +svg.getAttribute("width") - drawn;
let width = drawn;

// The frames depth first, as they stand in the file; x and width are shares of the whole.
const frames = Array.from(area.children, g => {
	const rect = g.querySelector("rect"), lines = g.querySelector("title").textContent.split("\n");
	return {
		g, rect, text: g.querySelector("text"), lines, name: lines[0],
		x: (rect.getAttribute("x") - left) / drawn, width: rect.getAttribute("width") / drawn,
		y: +rect.getAttribute("y"), go: /\b(app|std|run|go)\b/.test(g.className.baseVal),
	};
});
const frameOf = new Map(frames.map(frame => [frame.g, frame]));
const open = [];
frames.forEach((frame, i) => {
	while (open.length && open[open.length - 1].y >= frame.y)
		open.pop().end = i;
	frame.index = i;
	frame.parent = open[open.length - 1];
	open.push(frame);
});
for (const frame of open)
	frame.end = frames.length;
const root = frames[0];
let zoomed = root;

// Of a Go function's name first the directories of its package go, then the package.
function shorten(frame, room) {
	const short = frame.name.replace(/^[^[(]*\//, "");
	return !frame.go || frame.name.length <= room ? frame.name
		: short.length <= room ? short : short.replace(/^[^.[(]*\./, "");
}

function label(frame, px) {
	const room = Math.floor((px - 2 * PADDING) / CHARACTER);
	if (room < LEAST_LABEL)
		return "";
	const name = Array.from(shorten(frame, room));
	return name.length > room ? name.slice(0, room - 1).join("") + "…" : name.join("");
}

function put(frame, x, share) {
	const px = share * width, text = label(frame, px);
	frame.rect.setAttribute("x", left + x * width);
	frame.rect.setAttribute("width", px);
	frame.g.classList.toggle("narrow", px < NARROW);
	if (!frame.text && text) {
		frame.text = frame.g.appendChild(document.createElementNS(SVG, "text"));
		frame.text.setAttribute("y", frame.y + 12);
	}
	if (frame.text) {
		frame.text.setAttribute("x", left + x * width + PADDING);
		frame.text.textContent = text;
	}
}

// Draws the zoomed frame, its callers and what it called, which is as wide as the picture.
function draw() {
	const above = new Set();
	for (let frame = zoomed.parent; frame; frame = frame.parent)
		above.add(frame);
	for (const frame of frames) {
		const inside = frame.index >= zoomed.index && frame.index < zoomed.end;
		frame.g.classList.toggle("above", above.has(frame));
		frame.g.classList.toggle("hidden", !inside && !above.has(frame));
		if (inside)
			put(frame, (frame.x - zoomed.x) / zoomed.width, frame.width / zoomed.width);
		else if (above.has(frame))
			put(frame, 0, 1);
	}
	reset.classList.toggle("hidden", zoomed === root);
}

function zoom(frame) {
	zoomed = frame;
	draw();
}

// What matches stays as it is, the rest fades. Of frames within one another the outermost counts.
function search(words) {
	let pattern = null, count = 0, share = 0, end = 0;
	try {
		pattern = words ? new RegExp(words, /[A-Z]/.test(words) ? "" : "i") : null;
	} catch (error) {
		found.textContent = "no regular expression";
		return;
	}
	for (const frame of frames) {
		const hit = pattern && frame !== root && pattern.test(frame.name);
		frame.g.classList.toggle("miss", !!pattern && !hit);
		if (!hit)
			continue;
		count++;
		if (frame.index < end)
			continue;
		share += frame.width;
		end = frame.end;
	}
	found.textContent = pattern
		? `${count} ${count === 1 ? "frame matches" : "frames match"}, ` +
		  `${(100 * share).toFixed(2)} %` : "";
}

function html(name, attributes) {
	const element = document.createElementNS("http://www.w3.org/1999/xhtml", name);
	for (const key in attributes)
		element.setAttribute(key, attributes[key]);
	return element;
}

// The controls are only there where the script runs.
const controls = svg.appendChild(document.createElementNS(SVG, "foreignObject"));
const bar = controls.appendChild(html("div", {
	class: "bar" }));
const found = bar.appendChild(html("span", { id: "found" }));
const box = bar.appendChild(html("input", {
	id: "search", type: "search", placeholder: "search: regular expression (Ctrl-F)",
	style: "width:230px" }));
const reset = bar.appendChild(html("button", { id: "reset", class: "hidden" }));
reset.textContent = "reset zoom";
for (const [key, value] of [["y", 8], ["width", 540], ["height", 30]])
	controls.setAttribute(key, value);

// As wide as the window.
function fit() {
	svg.removeAttribute("viewBox");
	svg.setAttribute("width", "100%");
	width = Math.max(svg.getBoundingClientRect().width - margins, 600);
	svg.setAttribute("width", width + margins);
	svg.setAttribute("viewBox", `0 0 ${width + margins} ${height}`);
	controls.setAttribute("x", width + margins - 550);
	draw();
}

function frameAt(event) {
	return frameOf.get(event.target.closest("#frames > g"));
}

area.addEventListener("click", event => {
	const frame = frameAt(event);
	if (frame)
		zoom(frame);
});
area.addEventListener("mouseover", event => {
	const frame = frameAt(event);
	details.textContent = frame ? frame.lines.join(" · ") : "";
});
area.addEventListener("mouseout", () => { details.textContent = ""; });
reset.addEventListener("click", () => zoom(root));
box.addEventListener("input", () => search(box.value));
window.addEventListener("keydown", event => {
	if ((event.ctrlKey || event.metaKey) && event.key === "f") {
		event.preventDefault();
		box.focus();
		box.select();
	} else if (event.key === "Escape" && box.value) {
		box.value = "";
		search("");
	} else if (event.key === "Escape") {
		zoom(root);
	}
});
window.addEventListener("resize", fit);
fit();
})();
