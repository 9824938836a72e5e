"""ComfyUI's workflows: what fills their places, what they offer, what is wrong with them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import BadRequest
from core.pictures import Picture, PictureRequest
from core.settings import Settings
from providers import given
from providers.comfyui import ComfyUI, open_provider
from providers.comfyui.workflow import read_all
from tests.providers.test_comfyui import FOX, KEY, WORKFLOWS, speaking
from tests.providers.test_faults import Told
from tests.providers.vendors.comfyui import ComfyVendor
from tests.providers.vendors.vendor import png

SOURCE = Picture(png("navy", (96, 64)), "image/png", 96, 64)


def inputs(vendor: ComfyVendor) -> dict[str, dict[str, Any]]:
    [body] = vendor.asked
    return {name: node["inputs"] for name, node in body["prompt"].items()}


def pixels_of(data: bytes) -> tuple[tuple[int, int], Any]:
    image = Image.open(io.BytesIO(data)).convert("L")
    return image.size, image.getpixel((0, 0))


async def test_what_is_asked_for_fills_the_workflow_and_numbers_stay_numbers() -> None:
    async with speaking("text") as (vendor, provider):
        request = PictureRequest(
            prompt=FOX.prompt, negative_prompt="rain", aspect="16:9", count=2, seed=7, key=KEY
        )
        drawing = await provider.generate(request, Told())
    found = inputs(vendor)
    assert found["2"]["text"] == 'a "fox" {{seed}}'
    assert found["3"]["text"] == "rain, watermark"
    assert found["4"] == {"width": 1360, "height": 768, "batch_size": 2}
    assert found["7"]["seed"] == 7
    assert [each.seed for each in drawing.pictures] == [7, None]
    assert (drawing.model, drawing.cost, drawing.cost_source) == ("text", 0, "free")
    assert vendor.asked[0]["prompt_id"] == KEY


async def test_without_a_seed_it_draws_another_each_time_and_says_which() -> None:
    async with speaking("text") as (vendor, provider):
        drawings = [await provider.generate(PictureRequest(prompt="x"), Told()) for _ in range(2)]
    seeds = [each["prompt"]["7"]["inputs"]["seed"] for each in vendor.asked]
    assert seeds == [each.pictures[0].seed for each in drawings]
    assert len(set(seeds)) == 2


async def test_a_source_and_a_mask_are_given_white_where_it_may_change() -> None:
    image = Image.new("L", (96, 64), 0)
    image.paste(255, (0, 0, 48, 64))
    mask = Picture(given.as_png(image), "image/png", 96, 64)
    async with speaking() as (vendor, provider):
        request = PictureRequest(prompt="a hat", source=SOURCE, mask=mask, strength=0.4)
        await provider.generate(request, Told())
    found = inputs(vendor)
    assert vendor.uploads[found["4"]["image"]] == SOURCE.data
    sent = Image.open(io.BytesIO(vendor.uploads[found["10"]["image"]]))
    assert (sent.mode, sent.getpixel((10, 10)), sent.getpixel((90, 10))) == ("L", 255, 0)
    assert found["7"]["denoise"] == 0.4


async def test_one_workflow_serves_words_alone_with_gray_at_full_strength() -> None:
    async with speaking() as (vendor, provider):
        await provider.generate(PictureRequest(prompt="a fox", aspect="3:2"), Told())
    found = inputs(vendor)
    assert pixels_of(vendor.uploads[found["4"]["image"]]) == ((1248, 832), 127)
    assert pixels_of(vendor.uploads[found["10"]["image"]]) == ((1248, 832), 255)
    assert found["7"]["denoise"] == 1.0


def changed(tmp_path: Path, **nodes: Any) -> Path:
    graph = json.loads((WORKFLOWS / "text.json").read_text()) | nodes
    path = tmp_path / "own.json"
    path.write_text(json.dumps({name: node for name, node in graph.items() if node}))
    return path


async def test_a_workflow_that_only_shows_its_picture_will_do(tmp_path: Path) -> None:
    path = changed(
        tmp_path, **{"9": {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}}
    )
    async with ComfyVendor().running() as vendor:
        provider = ComfyUI(vendor.base, read_all(path), pause=0.02)
        drawing = await provider.generate(FOX, Told())
        await provider.close()
    assert len(drawing.pictures) == 1


LOADS = {"class_type": "LoadImage", "inputs": {"image": "{{source}}"}}
REFERS = {"class_type": "LoadImage", "inputs": {"image": "{{ reference_1 }}"}}
REFERS_AGAIN = {"class_type": "LoadImage", "inputs": {"image": "{{reference_2}}"}}
SMALL = {
    "class_type": "EmptyLatentImage",
    "inputs": {"width": "{{width_512}}", "height": "{{height_512}}", "batch_size": 1},
}


@pytest.mark.parametrize(
    ("node", "said"), [(LOADS, "starts from a picture"), (REFERS, "needs a reference picture")]
)
async def test_a_workflow_that_needs_a_picture_asks_for_it(
    node: dict[str, Any], said: str, tmp_path: Path
) -> None:
    async with ComfyVendor().running() as vendor:
        provider = ComfyUI(vendor.base, read_all(changed(tmp_path, **{"20": node})), pause=0.02)
        told = Told()
        with pytest.raises(BadRequest, match=said):
            await provider.generate(PictureRequest(prompt="x"), told)
        await provider.close()
    assert (told, vendor.asked) == ([], [])


async def test_references_fill_their_places_the_last_one_more_than_once(tmp_path: Path) -> None:
    path = changed(tmp_path, **{"20": REFERS, "21": REFERS_AGAIN, "4": SMALL})
    async with ComfyVendor().running() as vendor:
        provider = ComfyUI(vendor.base, read_all(path), pause=0.02)
        request = PictureRequest(prompt="x", references=(SOURCE,), count=2)
        drawing = await provider.generate(request, Told())
        await provider.close()
    found = inputs(vendor)
    assert found["20"] == found["21"]
    assert (found["4"]["width"], found["4"]["height"]) == (512, 512)
    assert drawing.notes == ("ComfyUI drew 1 of 2.",)


def test_it_offers_what_the_workflow_has_places_for(tmp_path: Path) -> None:
    def able(path: Path) -> Any:
        [only] = ComfyUI("http://x", read_all(path)).models.values()
        return only

    text, every = able(WORKFLOWS / "text.json"), able(WORKFLOWS / "everything.json")
    assert (text.source, text.mask, text.strength, text.references) == (False, False, False, 0)
    assert (text.seed, text.negative_prompt, text.count) == ("exact", True, 4)
    assert (every.source, every.mask, every.strength) == (True, True, True)
    own = able(changed(tmp_path, **{"20": REFERS, "21": REFERS_AGAIN, "4": SMALL}))
    assert (own.references, own.count) == (2, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope", "is not JSON"),
        ("[]", "no nodes"),
        ('{"nodes": [], "links": []}', "saved for the editor"),
        ('{"1": {"inputs": {}}}', "node 1 has no class_type"),
        ('{"1": {"class_type": "X"}}', "node 1 has no inputs"),
        ('{"1": {"class_type": "X", "inputs": {"text": "{{promt}}"}}}', "node 1 has {{promt}}"),
        ('{"1": {"class_type": "X", "inputs": {"text": "a fox"}}}', "it has no {{prompt}}"),
    ],
)
async def test_what_is_wrong_with_a_workflow_is_told(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    provider = open_provider(
        Settings(_env_file=None, comfyui_url="http://x", comfyui_workflow=path)  # type: ignore[call-arg]
    )
    assert provider is not None
    assert said in str(await provider.check())
    with pytest.raises(BadRequest, match="The operator has to mend it"):
        await provider.generate(FOX, Told())


async def test_it_is_there_with_a_url_and_says_that_a_workflow_is_missing(tmp_path: Path) -> None:
    def opened(**values: Any) -> ComfyUI | None:
        return open_provider(Settings(_env_file=None, **values))  # type: ignore[call-arg]

    assert opened() is None
    bare = opened(comfyui_url="http://x")
    assert bare is not None
    assert await bare.check() == "Set COMFYUI_WORKFLOW to the workflow it is to run."
    empty = opened(comfyui_url="http://x", comfyui_workflow=tmp_path)
    gone = opened(comfyui_url="http://x", comfyui_workflow=tmp_path / "gone.json")
    assert empty is not None
    assert gone is not None
    assert "There is no workflow" in str(await empty.check())
    assert "cannot be read" in str(await gone.check())
    both = opened(comfyui_url="http://x", comfyui_workflow=WORKFLOWS)
    assert both is not None
    assert list(both.models) == ["everything", "text"]


async def test_the_operator_is_told_of_nodes_that_are_not_installed(tmp_path: Path) -> None:
    path = changed(tmp_path, **{"30": {"class_type": "IPAdapter", "inputs": {}}})
    async with ComfyVendor().running() as vendor:
        good = ComfyUI(vendor.base, read_all(WORKFLOWS))
        odd = ComfyUI(vendor.base, read_all(path))
        assert await good.check() is None
        assert "ComfyUI has no IPAdapter, which node 30 of own is" in str(await odd.check())
        for each in (good, odd):
            await each.close()
    assert "cannot be reached" in str(await good.check())
    await good.close()


def test_the_documentation_names_every_placeholder() -> None:
    page = (WORKFLOWS.parent / "comfyui.md").read_text()
    for name in ("prompt", "negative_prompt", "seed", "width", "height", "width_512", "count",
                 "source", "mask", "strength", "reference_1"):  # fmt: skip
        assert f"{{{{{name}}}}}" in page
