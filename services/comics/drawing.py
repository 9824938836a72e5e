"""Drawing a page: its script agreed to, its panels one by one, then all of them together."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadRequest, Refused
from core.pictures import Drawn, Picture, PictureRequest
from core.writing import Script
from services.comics.cast import CastMember, present
from services.comics.compose import Composition, compose, placeholder
from services.comics.layout import Kind, Page, lay_out
from services.comics.page import PageState
from services.comics.prompts import UNWANTED, Form, change_prompt, panel_prompt, script_wanted
from services.comics.script import format_script, parse_script
from services.comics.styles import Finish, Style
from services.images import read_input, save_generated_image
from services.run import Run

log = logging.getLogger(__name__)

RESTYLED = 0.75
"""How far a panel leaves what it was when its style changes: the scene stays, the hand does not."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything about a page that its script does not say."""

    form: Form
    kind: Kind
    style_name: str
    style: Style
    art: str
    """The style in words, for whoever draws."""
    finish: Finish
    right_to_left: bool = False
    language: str | None = None
    model: str | None = None
    seed: int | None = None
    before: str | None = None
    """The asset ID of the page that this one goes on from."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What people said, for the writer."""


async def agreed_script(order: Order, state: PageState, run: Run) -> Script:
    """The script that was agreed to; else a new one, shown first where somebody wants to see it."""
    text = state.script
    if text is None:
        run.stage = "writing the script"
        facts = {"language": order.language, **order.facts}
        wanted = script_wanted(order.form, order.style_name, order.style, state.cast, facts)
        script = await run.write(wanted)
        text = await run.propose("script", format_script(script), cost_of(len(script.panels), run))
    script = parse_script(text)
    run.remember("script", format_script(script))
    return script


def cost_of(pictures: int, run: Run) -> str:
    """What is about to be drawn, and for how much where that is known beforehand."""
    count = f"{pictures} picture{'s' if pictures != 1 else ''}"
    price = run.capabilities.price
    if price is None:
        return count
    return f"{count}, about ${price * pictures:.2f}" if price else f"{count}, free"


def page_of(order: Order, script: Script) -> Page:
    """The frames for a script; wordy panels get more room."""
    look = order.style.look
    letters = [
        len(each.caption) + sum(len(line.text) for line in each.lines) for each in script.panels
    ]
    return lay_out(
        order.kind,
        letters,
        titled=bool(script.title),
        right_to_left=order.right_to_left,
        margin=look.margin,
        gutters=look.gutters,
    )


async def draw_page(order: Order, state: PageState, script: Script, run: Run) -> Drawn:
    """Draw the panels that are not there yet, keep them all, and put the page together."""
    page = page_of(order, script)
    artist = Artist(order, state, script, page, run)
    panels = await artist.panels()
    run.stage = "lettering"
    composed = await run.studio.pictures.run(
        compose,
        Composition(
            page=page,
            script=script,
            panels=tuple(panels),
            look=order.style.look,
            finish=order.finish,
            right_to_left=order.right_to_left,
            language=order.language,
        ),
    )
    run.full_prompt = format_script(script)
    if composed.cut:
        where = ", ".join(str(each) for each in composed.cut)
        run.notes.append(
            f"Panel {where} has more words than fit, so some are cut. "
            "Reply with a shorter line, for example “panel 1: Maya says: Hello!”"
        )
    return Drawn(data=composed.data)


@dataclass
class Artist:
    """Draws one page's panels."""

    order: Order
    state: PageState
    script: Script
    page: Page
    run: Run
    drawn: list[int] = field(default_factory=list[int])
    """The panels that are really there, by number from 1, in the order they are kept."""
    example: Picture | None = None
    """A panel of this page, for the others to look like."""

    async def panels(self) -> list[bytes]:
        """All panels' bytes in reading order; what cannot be drawn is left open and said."""
        kept, count = self.state.panels_there, len(self.script.panels)
        wanted = [n for n in range(1, count + 1) if n not in kept or n in self.state.redraw]
        self.run.steps = max(len(wanted), 1)
        found: list[bytes] = []
        refusals: list[Exception] = []
        for number in range(1, count + 1):
            try:
                data = await (self.draw(number) if number in wanted else self.read(kept[number]))
                await self.keep(number, data)
            except (Refused, BadRequest) as error:
                refusals.append(error)
                if len(refusals) == count:
                    raise
                data = await self.leave_open(number, error)
            found.append(data)
        self.run.remember("drawn", self.drawn)
        if not wanted:
            self.run.notes.append("Only the lettering was done again, so nothing was drawn.")
        return found

    async def read(self, asset_id: str) -> bytes:
        picture = await read_input(self.run, asset_id)
        self.example = self.example or picture
        return picture.data

    async def draw(self, number: int) -> bytes:
        """Draw one panel, from what it was before where it is there and may be used."""
        self.run.stage = f"panel {number} of {len(self.script.panels)}"
        source = None
        if number in self.state.panels_there and self.run.capabilities.source:
            source = await read_input(self.run, self.state.panels_there[number])
        request = await self.request(number, source)
        self.run.full_prompt = request.prompt
        [drawn] = await self.run.draw(request)
        clean = await self.run.studio.pictures.clean(drawn.data)
        self.example = self.example or Picture(
            clean.data, clean.mime_type, clean.width, clean.height
        )
        return drawn.data

    async def request(self, number: int, source: Picture | None) -> PictureRequest:
        panel, order = self.script.panels[number - 1], self.order
        cast = present(panel, self.script, self.state.cast)
        references = await self.references(cast)
        prompt = panel_prompt(
            panel,
            order.art,
            cast,
            [what for what, _ in references],
            right_to_left=order.right_to_left,
        )
        if source is not None and self.state.wish:
            prompt = change_prompt(self.state.wish, panel, order.art)
        return PictureRequest(
            prompt=prompt,
            negative_prompt=UNWANTED if self.run.capabilities.negative_prompt else "",
            model=order.model,
            aspect=self.page.frames[number - 1].aspect,
            seed=None if order.seed is None else (order.seed + number - 1) % 2**32,
            source=source,
            strength=RESTYLED if source is not None and not self.state.wish else None,
            references=tuple(picture for _, picture in references),
        )

    async def references(self, cast: Sequence[CastMember]) -> list[tuple[str, Picture]]:
        """As many of the pictures that matter here as the model takes, each with what it shows."""
        wanted = [
            *((f"as wished, number {n}", each) for n, each in enumerate(self.state.added, 1)),
            *self.portraits(cast),
            *([("the page before this one", self.order.before)] if self.order.before else []),
        ]
        room = self.run.capabilities.references
        if len(wanted) > room:
            self.say_room(room)
        found = [(what, await read_input(self.run, each)) for what, each in wanted[:room]]
        if self.example is not None and len(found) < room:
            found.append(
                ("another panel of this page, with the same people and hand", self.example)
            )
        return found

    def portraits(self, cast: Sequence[CastMember]) -> list[tuple[str, str]]:
        """The pictures of those in a panel, everybody's first before anybody's second."""
        at, theirs = 0, list[tuple[int, str, str]]()
        for member in self.state.cast:
            own = self.state.portraits[at : at + member.pictures]
            at += member.pictures
            if member in cast:
                theirs += [(nth, member.name, each) for nth, each in enumerate(own)]
        others = [("what belongs in the story", each) for each in self.state.portraits[at:]]
        return [(name, each) for _, name, each in sorted(theirs, key=lambda one: one[0])] + others

    def say_room(self, room: int) -> None:
        label = self.run.provider.label
        note = (
            f"{label} looks at {room} pictures at a time, so some were left out."
            if room
            else f"{label} cannot look at pictures of characters; it goes by their descriptions."
        )
        if note not in self.run.notes:
            self.run.notes.append(note)

    async def keep(self, number: int, data: bytes) -> None:
        self.drawn.append(number)
        action = self.script.panels[number - 1].action
        await save_generated_image(
            self.run, Drawn(data=data), part="panel", position=number - 1, alt=action
        )

    async def leave_open(self, number: int, error: Exception) -> bytes:
        """Fill a panel that cannot be drawn with nothing; what others cost is not lost."""
        log.warning(
            "generation %d panel %d was declined: %s", self.run.generation.id, number, error
        )
        self.run.notes.append(
            f"Panel {number} was declined, so it is empty. "
            f"Reply “panel {number}: …” with what to show instead."
        )
        return await self.run.studio.pictures.run(placeholder, self.page.frames[number - 1].size)
