#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks the pictures of perf go flame: as files, and in a real browser as its users have them.

What a picture says is compared with what perf go folded prints of the same samples. With
PERFGO_PICTURES=DIR screenshots go there.
"""

import lzma
import os
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import browser

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("O", os.path.join(TOP, "build")))
sys.path.append(os.path.join(TOP, "tests", "perf"))
import recordings  # pylint: disable=wrong-import-position
PICTURES = os.environ.get("PERFGO_PICTURES")
SVG = "{http://www.w3.org/2000/svg}"
WINDOW = 1400


class Frame:
    """A box of a picture."""

    def __init__(self, group):
        rect = group.find(SVG + "rect")
        self.classes = group.get("class").split()
        self.details = group.find(SVG + "title").text.split("\n")
        self.name = self.details[0]
        self.x, self.y, self.width = (float(rect.get(key)) for key in ("x", "y", "width"))
        label = group.find(SVG + "text")
        self.label = label.text if label is not None else ""


class Picture:
    """A file of perf go flame, read as any program would."""

    def __init__(self, path):
        self.path = path
        self.root = xml.etree.ElementTree.parse(path).getroot()
        area = next(g for g in self.root.iter(SVG + "g") if g.get("id") == "frames")
        self.width = float(area.get("data-width"))
        self.frames = [Frame(group) for group in area]
        self.texts = ["".join(text.itertext()) for text in self.root.iter(SVG + "text")]

    def by_stack(self):
        """The frames by their names from the root on."""
        stacks, names, top = {}, [], self.frames[0].y
        for frame in self.frames:
            depth = round((frame.y - top) / 17)
            names[depth:] = [frame.name]
            stacks.setdefault(tuple(names[1:]), []).append(frame)
        return stacks


class Recording:
    """The small service of tests/data, unpacked in a directory."""

    def __init__(self, directory):
        self.directory = directory
        self.unpack("service.data.xz", "service.data")
        self.unpack("service.xz", "root/srv/service/service")
        os.chmod(os.path.join(directory, "root/srv/service/service"), 0o755)

    def unpack(self, name, to):
        path = os.path.join(self.directory, to)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with lzma.open(os.path.join(TOP, "tests/data", name)) as packed, open(path, "wb") as plain:
            plain.write(packed.read())

    def run(self, *arguments):
        return subprocess.run(
            [os.path.join(BUILD, "perf-go"), arguments[0], "-i", "service.data", "--symfs", "root",
             *arguments[1:]], cwd=self.directory, check=True, stdout=subprocess.PIPE,
            universal_newlines=True).stdout

    def picture(self, name, *arguments):
        self.run("flame", "-o", name, *arguments)
        return Picture(os.path.join(self.directory, name))

    def stacks(self, *arguments):
        """(names, samples) of each line that folded prints."""
        stacks = []
        for line in self.run("folded", "--weight", "samples", *arguments).splitlines():
            names, samples = line.rsplit(" ", 1)
            stacks.append((tuple(re.sub(r"_\[[ik]\]$", "", name) for name in names.split(";")),
                           int(samples)))
        return stacks


def total(stacks):
    return sum(samples for _, samples in stacks)


def every_frame_is_as_wide_as_its_share(recording):
    picture = recording.picture("all.svg", "--min-width", "0", "--weight", "samples")
    stacks, widths = recording.stacks(), {}
    for names, samples in stacks:
        for depth in range(len(names) + 1):
            widths[names[:depth]] = widths.get(names[:depth], 0) + samples
    drawn = {names: sum(frame.width for frame in frames)
             for names, frames in picture.by_stack().items()}
    assert drawn.keys() == widths.keys()
    for names, width in widths.items():
        share = width / total(stacks) * picture.width
        assert abs(drawn[names] - share) < 0.002 * len(picture.by_stack()[names]), names


def frames_lie_within_their_callers_and_beside_one_another(recording):
    picture = recording.picture("all.svg", "--min-width", "0")
    open_frames, end = [], {}
    for frame in picture.frames:
        while open_frames and open_frames[-1].y >= frame.y:
            open_frames.pop()
        if open_frames:
            caller = open_frames[-1]
            assert frame.x >= caller.x - 0.002
            assert frame.x + frame.width <= caller.x + caller.width + 0.002, frame.name
        assert frame.x >= end.get(frame.y, 0) - 0.002
        end[frame.y] = frame.x + frame.width
        open_frames.append(frame)


def the_picture_says_what_and_when(recording):
    os.utime(os.path.join(recording.directory, "service.data"), (1700000000, 1700000000))
    picture = recording.picture("all.svg")
    assert "service: cpu-clock:u" in picture.texts
    assert any("2,813 samples of cpu-clock:u over 1.00 s" in text and "go1.26.8" in text and
               "file of 2023-11-14 22:13:20 UTC" in text for text in picture.texts)
    titled = recording.picture("title.svg", "--title", "a <b> & \"c\" \x01 \N{SNOWMAN}")
    assert 'a <b> & "c" \N{REPLACEMENT CHARACTER} \N{SNOWMAN}' in titled.texts


def colours_tell_whose_code_it_is(recording):
    kinds = {}
    for frame in recording.picture("all.svg").frames:
        kinds.setdefault(frame.name, set()).update(frame.classes)
    for name, kind in [("main.(*Catalogue).Search", "app"), ("sort.Slice", "std"),
                       ("encoding/json.Marshal", "std"), ("runtime/pprof.Do", "std"),
                       ("runtime.mallocgc", "run"), ("aeshashbody", "run"),
                       ("memeqbody", "run"), ("__vdso_clock_gettime", "nat")]:
        assert kind in kinds[name], (name, kinds[name])
    assert "in" in kinds["main.(*Product).hasTag"]


def the_same_recording_gives_the_same_picture(recording):
    first = recording.run("flame", "-o", "-")
    assert first == recording.run("flame", "-o", "-")


def the_weight_is_told(recording):
    picture = recording.picture("all.svg")
    assert "width: share of period (CPU time in ns)" in picture.texts
    picture = recording.picture("all.svg", "--weight", "samples")
    assert "width: share of samples" in picture.texts
    assert picture.frames[0].details[1:] == ["2,813 samples, 100.00 %"]
    picture = recording.picture("all.svg", "--weight", "time")
    assert "service: cpu-clock:u by time" in picture.texts
    assert "width: share of time (time of the sample in ns, on the recording's clock)" \
        in picture.texts


def a_file_needs_nothing_else(recording):
    for options in ((), ("--diff", "service.data"), ("--by", "gopkg")):
        picture = recording.picture("all.svg", *options)
        with open(picture.path, encoding="utf-8") as file:
            text = file.read()
        links = set(re.findall(r"\w+://[^\s\"'<>]*", text))
        assert links == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"}, links
        assert not re.search(r"\b(href|src|import|fetch|url)\b\s*[=(]", text)


def values_of_keys_stand_at_the_root(recording):
    picture = recording.picture("by.svg", "--by", "comm,tid", "--weight", "samples")
    first = {names for names in picture.by_stack() if len(names) == 1}
    second = {names for names in picture.by_stack() if len(names) == 2}
    threads = {names[:2] for names, _ in recording.stacks("--by", "comm,tid")}
    assert first == {("service",)}
    assert second == threads and len(threads) > 1
    assert all("key" in frame.classes for names in first | second
               for frame in picture.by_stack()[names])


def narrow_frames_are_left_out_and_counted(recording):
    everything = recording.picture("all.svg", "--min-width", "0")
    wide = recording.picture("wide.svg", "--min-width", "5")
    left_out = len(everything.frames) - len(wide.frames)
    assert all(frame.width >= 4.999 for frame in wide.frames)
    assert any(text.startswith(f"{left_out:,} frames narrower than 5 px") for text in wide.texts)


def a_comparison_shows_what_rose_and_what_fell(recording):
    same = recording.picture("same.svg", "--diff", "service.data")
    assert all("m0" in frame.classes for frame in same.frames)
    recording.run("flame", "-o", "change.svg", "--filter", "gopkg == sort", "--diff",
                  "service.data")  # the filter holds for both
    assert all("m0" in frame.classes for frame in
               Picture(os.path.join(recording.directory, "change.svg")).frames)


class Made:
    """Recordings with stacks that nothing has run."""

    def __init__(self, recording):
        self.recording, self.binary = recording, "root/srv/service/service"
        addresses = recording.run("report", "--no-children", "-s", "ip", "--filter",
                                  "sym =~ '^(main|sort|encoding/json)'", "--format", "csv")
        self.addresses = [int(word, 16) for word in re.findall(r"0x[0-9a-f]+", addresses)]

    def picture(self, chains, *options):
        path = os.path.join(self.recording.directory, "made.data")
        recordings.stacks_recording(
            path, os.path.join(self.recording.directory, self.binary), chains)
        subprocess.run([os.path.join(BUILD, "perf-go"), "flame", "-i", path, "-o", path + ".svg",
                        *options], check=True, stderr=subprocess.PIPE)
        return Picture(path + ".svg")


def a_hundred_thousand_stacks_make_a_picture_of_bounded_size(page, recording):
    made = Made(recording)
    chance = random.Random(1)
    # A few thousand are wide enough to be seen; each goes another way for forty calls.
    chains = [[chance.choice(made.addresses) for _ in range(40)] for _ in range(5000)]
    picture = made.picture(chains)
    assert len(picture.frames) <= 30000
    assert any("left out" in text for text in picture.texts)
    chains = [[chance.choice(made.addresses) for _ in range(4)] for _ in range(100000)]
    picture = made.picture(chains)
    assert os.path.getsize(picture.path) < 20 << 20
    open_in(page, picture)


def very_deep_stacks_are_drawn_whole(page, recording):
    made = Made(recording)
    picture = made.picture([made.addresses[:1] * 1200], "--max-stack", "2000")
    assert len({frame.y for frame in picture.frames}) > 1200
    open_in(page, picture)
    page.click(*middle(boxes(page)[30]))
    assert not page.failures()


def a_recording_without_samples_is_an_empty_picture(page, recording):
    made = Made(recording)
    picture = made.picture([])
    assert [frame.name for frame in picture.frames] == ["all"]
    open_in(page, picture)
    assert search(page, "all") == "0 frames match, 0.00 %"


def a_dark_page_has_light_text(page, recording):
    open_in(page, recording.picture("all.svg"))
    colours = """["rect.paper", "text.title", "#frames > g text"].map(
        what => getComputedStyle(document.querySelector(what)).fill)"""
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgb(0, 0, 0)"]
    page.call("Emulation.setEmulatedMedia",
              features=[{"name": "prefers-color-scheme", "value": "dark"}])
    try:
        assert page.evaluate(colours) == ["rgb(28, 28, 31)", "rgb(221, 221, 221)", "rgb(0, 0, 0)"]
        if PICTURES:
            page.screenshot(os.path.join(PICTURES, "dark.png"))
    finally:
        page.call("Emulation.setEmulatedMedia", features=[])


def open_in(page, picture, name=None):
    page.open(picture.path, WINDOW)
    assert not page.failures(), page.failures()
    if name and PICTURES:
        page.screenshot(os.path.join(PICTURES, name))


BOXES = """[...document.querySelectorAll("#frames > g")].map(g => {
    const r = g.querySelector("rect").getBoundingClientRect();
    return [g.querySelector("title").textContent.split("\\n")[0], r.x, r.y, r.width, r.height,
            g.className.baseVal, g.querySelector("text")?.textContent ?? ""]; })"""


def boxes(page):
    """Name, x, y, width, height, classes, label of what the page shows."""
    return [box for box in page.evaluate(BOXES) if "hidden" not in box[5].split()]


def middle(box):
    return box[1] + box[3] / 2, box[2] + box[4] / 2


def box_of(page, name):
    """The widest one of that name."""
    return max((box for box in boxes(page) if box[0] == name), key=lambda box: box[3])


def a_picture_fills_the_window(page, recording):
    picture = recording.picture("all.svg")
    open_in(page, picture, "flame.png")
    shown = boxes(page)
    assert len(shown) == len(picture.frames)
    assert abs(shown[0][3] - (WINDOW - 20)) <= 1


def a_click_makes_a_frame_as_wide_as_the_picture(page, recording):
    open_in(page, recording.picture("all.svg", "--min-width", "0"))
    before = len(boxes(page))
    page.click(*middle(box_of(page, "sort.Slice")))
    after = {box[0]: box for box in boxes(page)}
    whole = after["all"][3]
    assert abs(after["sort.Slice"][3] - whole) < 0.5
    assert abs(after["main.(*Catalogue).Search"][3] - whole) < 0.5
    assert "above" in after["main.(*Catalogue).Search"][5].split()
    assert "sort.pdqsort_func" in after and "json.Marshal" not in after
    assert len(boxes(page)) < before
    if PICTURES:
        page.screenshot(os.path.join(PICTURES, "zoomed.png"))


def zoomed_frames_keep_their_proportions_and_get_labels(page, recording):
    outer, inner = "encoding/json.Marshal", "encoding/json.(*encodeState).marshal"
    picture = recording.picture("all.svg", "--min-width", "0", "--weight", "samples")
    names, _ = max(((names, frames[0]) for names, frames in picture.by_stack().items()
                        if names and names[-1] == outer), key=lambda item: item[1].width)
    stacks = [(stack, samples) for stack, samples in recording.stacks()
              if stack[:len(names)] == names]
    inside = [(stack, samples) for stack, samples in stacks if stack[len(names):][:1] == (inner,)]
    assert len(inner) > len(picture.by_stack()[names + (inner,)][0].label)
    open_in(page, picture)
    page.click(*middle(box_of(page, outer)))
    box = box_of(page, inner)
    assert abs(box[3] / box_of(page, "all")[3] - total(inside) / total(stacks)) < 0.001
    assert box[6] == inner, box


def the_button_escape_and_the_root_reset_the_zoom(page, recording):
    open_in(page, recording.picture("all.svg"))
    before = boxes(page)
    button = """(() => { const r = document.getElementById("reset").getBoundingClientRect();
                return [r.x + r.width / 2, r.y + r.height / 2]; })()"""
    for reset in (lambda: page.click(*page.evaluate(button)), lambda: page.key("Escape", code=27),
                  lambda: page.click(*middle(boxes(page)[0]))):
        page.click(*middle(box_of(page, "sort.Slice")))
        assert len(boxes(page)) < len(before)
        reset()
        after = boxes(page)
        assert len(after) == len(before)
        assert all(abs(a - b) < 0.01 for x, y in zip(before, after)
                   for a, b in zip(x[1:5], y[1:5]))


def search(page, words):
    page.key("f", control=True, code=70)
    page.type(words)
    return page.evaluate('document.getElementById("found").textContent')


def a_search_counts_frames_and_the_share_of_their_samples(page, recording):
    stacks = recording.stacks()
    picture = recording.picture("all.svg", "--min-width", "0", "--weight", "samples")
    open_in(page, picture)
    for words, pattern in [("sort\\.", "sort\\."), ("MALLOCGC", None), ("mallocgc", "mallocgc"),
                           ("^runtime\\.(gc|scan)", "^runtime\\.(gc|scan)"),
                           ("encodestate", "(?i)encodestate"), ("EncodeState", "EncodeState")]:
        count = sum(bool(pattern and re.search(pattern, frame.name))
                    for frame in picture.frames[1:])
        hit = sum(samples for names, samples in stacks
                  if pattern and any(re.search(pattern, name) for name in names))
        said = search(page, words)
        assert said == f"{count} {'frame matches' if count == 1 else 'frames match'}, " \
                       f"{100 * hit / total(stacks):.2f} %", (words, said)
        missed = sum("miss" in box[5].split() for box in boxes(page))
        assert missed == len(picture.frames) - count
        if PICTURES and words == "sort\\.":
            page.screenshot(os.path.join(PICTURES, "found.png"))
    assert search(page, "(") == "no regular expression"
    page.key("Escape", code=27)
    assert not any("miss" in box[5].split() for box in boxes(page))


def pointing_at_a_frame_tells_of_it(page, recording):
    picture = recording.picture("all.svg")
    open_in(page, picture)
    page.move(*middle(box_of(page, "main.(*Catalogue).Search")))
    said = page.evaluate('document.getElementById("details").textContent')
    assert re.fullmatch(r"main\.\(\*Catalogue\)\.Search · example\.com/service/catalogue\.go:"
                        r"\d+-\d+ · inferred from the code in \d+ samples · [\d,]+ samples, \d+\.\d\d %, period [\d,]+ ns", said), said


def labels_fit_into_their_frames(page, recording):
    open_in(page, recording.picture("all.svg"))
    too_wide = page.evaluate("""[...document.querySelectorAll("#frames > g")].filter(g => {
        const t = g.querySelector("text"), r = g.querySelector("rect");
        return t && t.textContent && t.getBBox().width > +r.getAttribute("width"); })
        .map(g => g.querySelector("title").textContent)""")
    assert not too_wide, too_wide


def a_comparison_opens_too(page, recording):
    open_in(page, recording.picture("change.svg", "--diff", "service.data"), "change.png")
    said = search(page, "sort\\.")
    assert said.endswith(" %")


def a_picture_in_a_page_needs_no_script(page, recording):
    recording.picture("all.svg")
    path = os.path.join(recording.directory, "page.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write('<body style="margin:0"><img src="all.svg">')
    page.open(path, WINDOW)
    assert page.evaluate("document.images[0].naturalWidth") == 1200
    if PICTURES:
        page.screenshot(os.path.join(PICTURES, "image.png"))


FILES = [every_frame_is_as_wide_as_its_share,
         frames_lie_within_their_callers_and_beside_one_another,
         the_picture_says_what_and_when, colours_tell_whose_code_it_is,
         the_same_recording_gives_the_same_picture, the_weight_is_told,
         a_file_needs_nothing_else, values_of_keys_stand_at_the_root,
         narrow_frames_are_left_out_and_counted, a_comparison_shows_what_rose_and_what_fell]
PAGES = [a_picture_fills_the_window, a_click_makes_a_frame_as_wide_as_the_picture,
         zoomed_frames_keep_their_proportions_and_get_labels,
         the_button_escape_and_the_root_reset_the_zoom,
         a_search_counts_frames_and_the_share_of_their_samples, pointing_at_a_frame_tells_of_it,
         labels_fit_into_their_frames, a_comparison_opens_too,
         a_picture_in_a_page_needs_no_script, a_dark_page_has_light_text,
         a_hundred_thousand_stacks_make_a_picture_of_bounded_size,
         very_deep_stacks_are_drawn_whole, a_recording_without_samples_is_an_empty_picture]


def check(test, *arguments):
    try:
        test(*arguments)
    except (AssertionError, LookupError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"FAILED {test.__name__}: {type(error).__name__} {error}")
        return False
    return True


def main():
    program = browser.find()
    with tempfile.TemporaryDirectory() as directory:
        recording = Recording(directory)
        results = [check(test, recording) for test in FILES]
        if program:
            with browser.Browser(program, os.path.join(directory, "profile")) as page:
                results += [check(test, page, recording) for test in PAGES]
        else:
            print("skipped: no Chromium here to open pictures in")
    skipped = 0 if program else len(PAGES)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, {skipped} skipped")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
