"""What people say about how a chart looks, and what each phrase changes."""

from __future__ import annotations

import re
from typing import Any

Change = dict[str, Any]

HEAD = re.compile(
    r"^(?:(?:please|pls|plz|now|and|then|also|but|ok(?:ay)?|hey|hi|can you|could you|would you|"
    r"can (?:i|we) have|can (?:i|we) get|can (?:i|we) see|make|let'?s (?:see|have|try|do)|"
    r"it (?:should|could) be|let it be|i(?:'d| would)? (?:like|want|prefer|need)(?: to (?:see|have))?|"
    r"turn|convert|change|switch|transform|give(?: me| it)?|show(?: me)?|display|draw|render|plot|"
    r"use|set|put|add|have|try|it|this|that|them|(?:the|this|that|my) (?:chart|graph|plot|diagram)|"
    r"back|as|into|to|with|in|on|a bit|a little(?: bit)?|much|slightly|the same|same|only|just|an?|the)"
    r"(?:,?\s+|$))+",
    re.IGNORECASE,
)
"""Words before a wish that say nothing of their own."""
TAIL = re.compile(
    r"(?:[\s,]+(?:please|pls|plz|thanks|thank you|thx|ty|instead|now|again|too|as well|for me|only|"
    r"if (?:you can|possible)|(?:on|of|in|for|to) (?:it|this|that|them|the (?:chart|graph|plot))))+$",
    re.IGNORECASE,
)
"""The same after it."""
AN = r"(?:an?\s+|the\s+)?"
KIND = r"(?:[\s-]*(?:charts?|graphs?|plots?|diagrams?))?"
TYPES = {
    r"(?:horizontal|lying|sideways)\s+bars?": "horizontal bar",
    r"(?:stacked|stack)\s+(?:bars?|columns?)": "stacked bar",
    r"(?:vertical\s+|upright\s+|normal\s+)?(?:bars?|columns?)": "bar",
    r"lines?": "line",
    r"areas?": "area",
    r"scatter(?:ed)?(?:[\s-]*(?:points|plots?))?|points|dots|bubbles?": "scatter",
    r"(?:pies?|circles?)": "pie",
    r"(?:do(?:ugh)?nuts?|rings?)": "doughnut",
    r"histograms?": "histogram",
    r"heat[\s-]*maps?": "heat map",
}
ASIDE = re.compile(
    rf"(?:instead of|rather than|not)\s+{AN}(?:{'|'.join(TYPES)}){KIND}|"
    r"please|thanks|thank you|thx|hi|hello|hey|(?:the\s+)?same(?:\s+(?:chart|again))?",
    re.IGNORECASE,
)
"""What may stand among wishes and is none."""
ON = r"(?:with\s+|show\s+|add\s+|draw\s+|turn on\s+)?(?:the\s+|an?\s+|some\s+|its\s+|all\s+)?"
OFF = r"(?:no|without|hide|remove|drop|delete|turn off|get rid of|lose|undo)\s+(?:the\s+|any\s+|its\s+|an?\s+)?"
SCALE = r"(?:[\s-]*(?:scale|axis|scaled))?"
Y = r"(?:y[\s-]?(?:axis|scale)?|value axis|values?|vertical axis)"
X = r"(?:x[\s-]?(?:axis|scale)?|horizontal axis)"
LOG = r"log(?:arithmic|10)?"
SORT = (
    r"(?:sort(?:ed)?|ordered|order(?=\s+(?:it|them|this|by|the)))"
    r"(?:\s+(?:it|them|this|(?:the\s+)?(?:bars|slices|values|chart)))?"
)
BY_SIZE = r"(?:\s+by\s+(?:values?|size|amount))?"
DOWN = r"(?:descending(?:ly)?|downwards?|desc|(?:in\s+)?descending order|(?:from )?(?:high|large|big)\w* to (?:low|small)\w*|high to low)"
UP = r"(?:ascending(?:ly)?|upwards?|asc|(?:in\s+)?ascending order|(?:from )?(?:low|small)\w* to (?:high|large|big)\w*|low to high)"
LABELS = r"(?:(?:data|value)?\s*labels|values|numbers|the numbers)"
MARKERS = r"(?:markers|dots|points(?:\s+on\s+(?:the\s+)?lines?)?)"
GRID = r"grid(?:[\s-]*lines)?"
TREND = r"(?:linear\s+)?(?:trend(?:[\s-]*lines?)?|regression(?:\s+line)?|line of best fit)"
PERCENT = r"(?:percent(?:s|ages?)?|%|shares?|100\s*%)"

PLAIN: dict[str, Change] = {
    r"(?:stacked|stack(?:\s+(?:it|them|the (?:bars|areas|series|columns)))?)": {"stacked": True},
    r"stacked\s+areas?" + KIND: {"type": "area", "stacked": True},
    rf"(?:100\s*%\s*stacked|stacked\s+(?:to\s+)?100\s*%)(?:\s+bars?)?{KIND}": {
        "stacked": True, "percent": True,
    },
    r"(?:un-?stack(?:ed)?|side[\s-]by[\s-]side|grouped|not stacked|no stacking)(?:\s+(?:it|them))?(?:\s+bars)?": {
        "stacked": False
    },
    r"(?:horizontal(?:ly)?|lying|sideways|on its side)": {"horizontal": True},
    r"(?:vertical(?:ly)?|upright|standing|not horizontal)": {"horizontal": False},
    rf"(?:{LOG}{SCALE}|{LOG}\s*{Y}|{Y}\s+{LOG}{SCALE}|{LOG}{SCALE}\s+(?:on|for)\s+(?:the\s+)?{Y})": {
        "scale": "log"
    },
    rf"(?:{X}\s+{LOG}{SCALE}|{LOG}\s*{X}{SCALE}|{LOG}{SCALE}\s+(?:on|for)\s+(?:the\s+)?{X})": {
        "x_scale": "log"
    },
    rf"(?:log[\s-]log{SCALE}|(?:both\s+axes\s+{LOG}|{LOG}\s+(?:on\s+)?both\s+axes))": {
        "scale": "log", "x_scale": "log",
    },
    rf"(?:(?:linear|normal){SCALE}|linear\s+{Y}|(?:{OFF}|not\s+){LOG}{SCALE})": {
        "scale": "linear", "x_scale": "linear",
    },
    rf"(?:(?:start|begin|starting|beginning)\s+)?(?:(?:the\s+)?{Y}\s+)?(?:(?:starting|beginning)\s+)?"
    r"(?:at|from)\s+(?:zero|0)": {"zero": True},
    rf"{AN}{Y}\s+(?:starts?|begins?)\s+(?:at|from)\s+(?:zero|0)": {"zero": True},
    rf"(?:do not|don'?t|not|never)\s+(?:start|begin|starting)\s+(?:(?:the\s+)?{Y}\s+)?"
    r"(?:at|from)\s+(?:zero|0)": {"zero": False},
    rf"(?:in\s+|of\s+)?{PERCENT}(?:\s+of\s+(?:the\s+)?total)?": {"percent": True},
    rf"(?:in\s+)?(?:absolute|real)(?:\s+(?:numbers?|values?))?|{OFF}{PERCENT}|not\s+(?:in\s+)?{PERCENT}": {
        "percent": False
    },
    r"(?:swap|exchange|flip|switch)\s+(?:the\s+)?(?:(?:rows|columns)\s+with\s+(?:rows|columns)|axes|"
    r"series)|transposed?(?:\s+it)?": {"transpose": True},
    r"(?:smooth(?:ed|er)?|curved|curvy|rounded)(?:\s+it)?(?:\s+out)?": {
        "smooth": True
    },
    r"(?:straight|not smooth|unsmooth(?:ed)?|no smoothing|without smoothing|jagged)(?:\s+lines?)?": {
        "smooth": False
    },
    rf"{ON}{MARKERS}": {"points": True},
    rf"{OFF}{MARKERS}": {"points": False},
    rf"{ON}{LABELS}": {"labels": True},
    rf"{OFF}{LABELS}": {"labels": False},
    rf"{ON}{GRID}": {"grid": True},
    rf"{OFF}{GRID}": {"grid": False},
    rf"{ON}legend": {"legend": "auto"},
    rf"{OFF}legend": {"legend": "hidden"},
    rf"{ON}{TREND}": {"trend": True},
    rf"{OFF}{TREND}": {"trend": False},
    rf"{OFF}(?:title|heading|headline)|untitled": {"title": ""},
    rf"{OFF}{Y}\s+(?:title|label|name)": {"y_title": ""},
    rf"{OFF}{X}\s+(?:title|label|name)": {"x_title": ""},
    r"(?:dark(?:er)?|black|night)(?:[\s-]*(?:mode|theme|background))?": {"theme": "dark"},
    r"(?:light(?:er)?|white|bright(?:er)?|day)(?:[\s-]*(?:mode|theme|background))?": {"theme": "light"},
    r"(?:an?\s+|the\s+)?(?:svg|vector|(?:download|save)(?:\s+it)?\s+as\s+(?:an?\s+)?svg)(?:\s+(?:file|graphic|image))?": {"format": "svg"},
    r"(?:an?\s+|the\s+)?png(?:\s+(?:file|image))?|no svg|without svg": {"format": "png"},
    rf"{SORT}{BY_SIZE}(?:\s+{DOWN})?|(?:largest|biggest|highest)(?:\s+first)|{DOWN}": {
        "sort": "descending"
    },
    rf"{SORT}{BY_SIZE}\s+{UP}|(?:smallest|lowest|least)(?:\s+first)|{UP}": {"sort": "ascending"},
    rf"(?:{SORT}\s+)?(?:by\s+(?:names?|labels?)|alphabetical(?:ly)?(?:\s+order)?|a\s*(?:-|to)\s*z)": {
        "sort": "name"
    },
    r"(?:in\s+)?(?:the\s+)?(?:original|given)\s+order|unsort(?:ed)?|(?:do not|don'?t|not)\s+sort(?:ed)?": {
        "sort": "given"
    },
    r"(?:bring|get|show|put|restore)?\s*(?:back\s+)?(?:everything|all(?: of (?:it|them))?|"
    r"all (?:the )?(?:data|series|rows))(?:\s+(?:back|again))?|reset": {"restore": ["everything"]},
}  # fmt: skip
RULES: list[tuple[re.Pattern[str], Change]] = [
    *(
        (re.compile(f"{AN}(?:{words}){KIND}", re.I), {"type": kind})
        for words, kind in TYPES.items()
    ),
    *((re.compile(words, re.I), change) for words, change in PLAIN.items()),
]


def phrase(text: str) -> Change | None:
    """The change that a whole phrase stands for; None where it is not a known one."""
    return next((change for pattern, change in RULES if pattern.fullmatch(text)), None)
