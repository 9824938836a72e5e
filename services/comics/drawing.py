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
from services.comics.compose import Composition, compose, placeholder, reflected
from services.comics.keeping import keep_new, keep_same
from services.comics.layout import Kind, Page, lay_out
from services.comics.page import PageState
from services.comics.prompts import UNWANTED, Form, change_prompt, panel_prompt, script_wanted
from services.comics.script import format_script, parse_script, told
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
    panels: int
    """How many are asked for; a script that was agreed to may have others."""
    style_name: str
    style: Style
    art: str
    """The style in words, for whoever draws."""
    finish: Finish
    right_to_left: bool = False
    language: str | None = None
    model: str | None = None
    seed: int | None = None
    previous: str | None = None
    """The asset ID of the page that this one goes on from."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What people said, for the writer."""


async def make_page(
    order: Order, state: PageState, run: Run, *, label: str, tags: Sequence[str]
) -> None:
    """Agree to the script, draw what is not there yet, and keep the page."""
    script = await agreed_script(order, state, run)
    drawn = await draw_page(order, state, script, run)
    await save_generated_image(run, drawn, tags=tags, alt=told(script, label))


async def agreed_script(order: Order, state: PageState, run: Run) -> Script:
    """The script that was agreed to; else a new one, shown first where somebody wants to see it."""
    text = state.script
    if text is None:
        run.stage = "writing the script"
        facts = {"language": order.language, **order.facts}
        wanted = script_wanted(order.form, order.style_name, order.style, state.cast, facts)
        script = at_most(order.panels, await run.write(wanted))
        text = await run.propose("script", format_script(script), cost_of(len(script.panels), run))
    script = parse_script(text)
    run.remember("script", format_script(script))
    return script


def at_most(count: int, script: Script) -> Script:
    """The script without panels that nobody asked for: each would cost a picture."""
    return Script(title=script.title, panels=script.panels[:count])


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
    there: set[int] = field(default_factory=set[int])
    """The panels that are really there, by number from 1."""
    example: Picture | None = None
    """A panel of this page, for the others to look like."""

    async def panels(self) -> list[bytes]:
        """All panels' bytes in reading order; what cannot be drawn is said.

        Raises `Refused` or `BadRequest` where nothing of what was to be drawn could be.
        """
        numbers, kept = range(1, len(self.script.panels) + 1), self.state.panels_there
        wanted = [n for n in numbers if n not in kept or n in self.state.redraw]
        self.run.steps = max(len(wanted), 1)
        # What stays is read first: it shows what the others are to look like.
        found = {n: await self.stay(n) for n in numbers if n not in wanted}
        refusals = 0
        for number in wanted:
            try:
                found[number] = await self.draw(number)
            except (Refused, BadRequest) as error:
                refusals += 1
                if refusals == len(wanted):
                    raise
                found[number] = await self.do_without(number, error)
        self.run.remember("drawn", sorted(self.there))
        if not wanted:
            self.run.notes.append("Only the page was put together again, so nothing was drawn.")
        return [found[number] for number in numbers]

    async def stay(self, number: int) -> bytes:
        """Keep a panel that was drawn before."""
        asset_id = self.state.panels_there[number]
        picture = await read_input(self.run, asset_id)
        self.example = self.example or picture
        self.there.add(number)
        if self.state.mirrored:
            data = await self.run.studio.pictures.run(reflected, picture.data)
            await keep_new(self.run, number, data, self.action(number))
            return data
        await keep_same(self.run, number, asset_id, picture, self.action(number))
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
        await keep_new(self.run, number, drawn.data, self.action(number))
        self.there.add(number)
        return drawn.data

    def action(self, number: int) -> str:
        return self.script.panels[number - 1].action

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
        """The pictures of those in a panel, everybody's first before anybody's second.

        The page before this one comes between: it shows everybody once more.
        """
        at, theirs = 0, list[tuple[int, str, str]]()
        for member in self.state.cast:
            own = self.state.portraits[at : at + member.pictures]
            at += member.pictures
            if member in cast:
                theirs += [(nth, member.name, each) for nth, each in enumerate(own)]
        if self.order.previous:
            theirs.append((0, "the page before this one, with the same people and hand",
                           self.order.previous))  # fmt: skip
        others = [("what belongs in the story", each) for each in self.state.portraits[at:]]
        return [(name, each) for _, name, each in sorted(theirs, key=lambda one: one[0])] + others

    def say_room(self, room: int) -> None:
        label = self.run.provider.label
        note = (
            f"{label} looks at {room} pictures at a time, so some were left out."
            if room
            else f"{label} cannot look at other pictures; it goes by descriptions."
        )
        if note not in self.run.notes:
            self.run.notes.append(note)

    async def do_without(self, number: int, error: Exception) -> bytes:
        """Go on where a panel is declined, so that what the others cost is not lost."""
        log.warning(
            "generation %d panel %d was declined: %s", self.run.generation.id, number, error
        )
        if number in self.state.panels_there:
            self.run.notes.append(f"Panel {number} was declined, so it stays as it was.")
            return await self.stay(number)
        self.run.notes.append(
            f"Panel {number} was declined, so it is empty. "
            f"Reply “panel {number}: …” with what to show instead."
        )
        return await self.run.studio.pictures.run(placeholder, self.page.frames[number - 1].size)
