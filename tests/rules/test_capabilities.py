"""The capability table is whole and consistent."""

from __future__ import annotations

from itertools import product

import pytest

from nproxy.providers.rules import AUTO, CAPABILITIES, PROVIDERS

NANO = CAPABILITIES["nano_banana"]


@pytest.mark.parametrize(("resolution", "ratio"), list(product(NANO.resolutions, NANO.aspect_ratios)))
def test_every_choice_but_auto_has_a_size_of_its_shape(resolution: str, ratio: str) -> None:
    size = NANO.size(resolution, ratio)
    if ratio == AUTO:
        assert size is None
        return
    assert size is not None
    across, down = map(int, ratio.split(":"))
    assert size[0] / size[1] == pytest.approx(across / down, rel=0.03)


def test_the_sizes_are_those_of_the_providers_table() -> None:
    assert NANO.size("1K", "1:1") == (1024, 1024)
    assert NANO.size("2K", "9:16") == (1536, 2752)
    assert NANO.size("4K", "21:9") == (6336, 2688)
    assert NANO.size("4K", "1:8") == (1536, 12288)


def test_fourteen_ratios_and_auto_are_offered() -> None:
    assert len(NANO.aspect_ratios) == 15
    assert NANO.aspect_ratios[0] == AUTO


def test_each_strength_step_is_found_by_its_own_number() -> None:
    assert [step.name for step in NANO.strengths] == ["subtle", "balanced", "strong"]
    for step in NANO.strengths:
        assert NANO.nearest_strength(step.number) is step
        assert NANO.strength(step.name) is step
    assert NANO.nearest_strength(0).name == "subtle"
    assert NANO.nearest_strength(1).name == "strong"


def test_an_unknown_strength_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        NANO.strength("brutal")


def test_every_model_can_be_drawn_by_somebody() -> None:
    assert all(model.providers and model.providers <= PROVIDERS for model in CAPABILITIES.values())
