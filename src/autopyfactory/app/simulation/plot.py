"""A plot of a play as SVG: work, pilots and submissions over time, with the times of trouble shaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from autopyfactory.app.simulation.measures import Sample

WIDTH, HEIGHT = 960, 200  # of one panel, in pixels
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 32, 28
COLOURS = ("#1b6ca8", "#d1662b", "#4c8c4a")
STEPS = (1, 2, 5, 10)
UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "m"), (1.0, "s"))
TICKS = 8

Line = tuple[str, Callable[[Sample], int]]
PANELS: Sequence[tuple[str, Sequence[Line]]] = (
    ("jobs", (("ready", lambda sample: sample.ready), ("running", lambda sample: sample.at_work))),
    (
        "pilots",
        (
            ("pending", lambda sample: sample.pending),
            ("running", lambda sample: sample.running),
            ("of them idle", lambda sample: sample.idle),
        ),
    ),
    ("pilots submitted so far", (("submitted", lambda sample: sample.submitted),)),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to a place: 0 stands at `zero`, `most` at `end`."""

    most: float
    zero: float
    end: float

    def __call__(self, value: float) -> float:
        return round(self.zero + (self.end - self.zero) * value / self.most, 2)


def draw(title: str, samples: Sequence[Sample], troubles: Iterable[tuple[float, float]]) -> str:
    """The plot as text; `troubles` begin and end so many seconds from the start."""
    whole = len(PANELS) * HEIGHT + TOP
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {whole}",
            "width": str(WIDTH),
            "height": str(whole),
            "font-family": "sans-serif",
            "font-size": "12",
        },
    )
    SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    write(svg, LEFT, 20, title)
    spans = list(troubles)
    for number, (name, lines) in enumerate(PANELS):
        panel = SubElement(svg, "g", {"transform": f"translate(0,{TOP + number * HEIGHT})"})
        draw_panel(panel, name, lines, samples, spans)
    ElementTree.indent(svg)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def draw_panel(
    panel: Element,
    name: str,
    lines: Sequence[Line],
    samples: Sequence[Sample],
    troubles: Iterable[tuple[float, float]],
) -> None:
    """One pair of axes with its lines."""
    age = samples[-1].age
    most = max(value(sample) for _, value in lines for sample in samples)
    across, up = Scale(age, LEFT, WIDTH - RIGHT), Scale(max(most, 1), HEIGHT - BOTTOM, TOP)
    for begin, end in troubles:
        shade(panel, across(min(begin, age)), across(min(end, age)))
    for tick in ticks(up.most, whole=True):
        rule(panel, (LEFT, up(tick)), (WIDTH - RIGHT, up(tick)))
        write(panel, LEFT - 6, up(tick) + 4, f"{tick:g}", anchor="end")
    seconds, unit = next((one for one in UNITS if age >= 2 * one[0]), UNITS[-1])
    for tick in ticks(age / seconds):
        write(panel, across(tick * seconds), HEIGHT - BOTTOM + 16, f"{tick:g} {unit}", anchor="middle")
    write(panel, LEFT, TOP - 8, name)
    for number, (label, value) in enumerate(lines):
        points = " ".join(f"{across(sample.age)},{up(value(sample))}" for sample in samples)
        colour = COLOURS[number]
        SubElement(panel, "polyline", {"points": points, "fill": "none", "stroke": colour})
        write(panel, WIDTH - RIGHT - 110 * (len(lines) - number - 1), TOP - 8, label, "end", colour)


def ticks(most: float, *, whole: bool = False) -> list[float]:
    """Round numbers from 0 to `most`, few enough to be read."""
    power = 10.0 ** (len(f"{most:.0f}") - 2)
    step = next(power * step for step in (*STEPS, 20, 50, 100) if most / (power * step) <= TICKS)
    step = max(step, 1.0) if whole else step
    return [round(number * step, 6) for number in range(int(most / step) + 1)]


def shade(panel: Element, begin: float, end: float) -> None:
    """A time of trouble."""
    size = {"x": str(begin), "y": str(TOP), "width": str(round(end - begin, 2))}
    SubElement(panel, "rect", {**size, "height": str(HEIGHT - TOP - BOTTOM), "fill": "#f3dcdc"})


def rule(panel: Element, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """A thin line."""
    ends = {"x1": begin[0], "y1": begin[1], "x2": end[0], "y2": end[1]}
    SubElement(panel, "line", {**{key: str(value) for key, value in ends.items()}, "stroke": "#dddddd"})


def write(
    parent: Element, x: float, y: float, text: str, anchor: str = "start", colour: str = "black"
) -> None:
    """A word."""
    word = SubElement(parent, "text", {"x": str(x), "y": str(y), "text-anchor": anchor, "fill": colour})
    word.text = text


def join(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same times, in order, without overlap."""
    joined: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
