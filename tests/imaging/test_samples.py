from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import PictureError
from explorer.imaging.patterns import PATTERNS
from explorer.imaging.preprocess import Preprocess, to_input
from explorer.imaging.samples import SAMPLES, START_SAMPLE, load_sample
from explorer.resources import resource

KEYS = [sample.key for sample in SAMPLES]


@pytest.mark.parametrize("key", KEYS)
def test_load_sample__every_sample_loads_the_same_each_time(key: str) -> None:
    image = load_sample(key)
    assert image.source == f"sample:{key}"
    assert image.name == key
    assert image.value_range[0] < image.value_range[1]
    assert image.non_finite == 0
    assert np.array_equal(image.pixels, load_sample(key).pixels)


def test_samples__have_their_own_keys_and_titles() -> None:
    assert len(set(KEYS)) == len({sample.title for sample in SAMPLES}) == len(SAMPLES)
    assert set(PATTERNS) == {sample.key for sample in SAMPLES if sample.kind != "photo"}
    assert all(sample.description for sample in SAMPLES)


def test_samples__every_bundled_photograph_states_where_it_comes_from() -> None:
    table = resource("pictures/SAMPLES.md").read_text(encoding="utf-8")
    pictures = [path.name for path in resource("pictures").iterdir() if path.suffix != ".md"]
    assert len(pictures) == sum(sample.kind == "photo" for sample in SAMPLES) >= 5
    assert all(f"`{name}`" in table for name in pictures)


def test_samples__the_start_picture_is_grey_and_512_by_380() -> None:
    assert load_sample(START_SAMPLE).pixels.shape == (380, 512, 1)


def test_load_sample__an_unknown_key_is_a_sentence() -> None:
    with pytest.raises(PictureError, match="no sample picture 'moon'"):
        load_sample("moon")


def test_load_sample__grids_are_the_numbers_of_the_tutorials() -> None:
    assert load_sample("x").pixels[:, :, 0].tolist() == [
        [1, -1, -1, -1, 1],
        [-1, 1, -1, 1, -1],
        [-1, -1, 1, -1, -1],
        [-1, 1, -1, 1, -1],
        [1, -1, -1, -1, 1],
    ]
    assert load_sample("plus").pixels[:, :, 0].sum(axis=1).tolist() == [-3, -3, 5, -3, -3]
    assert load_sample("minus").pixels[:, :, 0].sum(axis=1).tolist() == [-5, -5, 5, -5, -5]
    assert load_sample("half-bright").pixels[:, :, 0].tolist() == [[0, 0, 0, 255, 255, 255]] * 5
    assert load_sample("half-one").pixels[:, :, 0].tolist() == [[0, 0, 0, 1, 1, 1]] * 6


def test_load_sample__grids_reach_the_network_as_they_are() -> None:
    x = to_input(load_sample("nine-pixels"), Preprocess())
    assert x[0, 0].tolist() == [[88, 126, 145], [86, 125, 142], [85, 124, 141]]


def test_load_sample__step_edges_come_in_opposite_pairs() -> None:
    picture = load_sample("step-edges").pixels[:, :, 0].astype(int)
    fields = [picture[8 + 104 * i : 104 + 104 * i, 8 + 104 * j :][:, :96] for i in (0, 1) for j in range(4)]
    for field, opposite in zip(fields[:4], fields[4:], strict=True):
        assert field.shape == (96, 96)
        assert np.abs(field + opposite - 255).max() <= 1
    assert set(np.unique(fields[0])) == {0, 255}


def test_load_sample__the_digit_is_drawn_like_the_ones_networks_are_trained_on() -> None:
    digit = load_sample("digit").pixels
    assert digit.shape == (28, 28, 1)
    assert digit[:4].max() == digit[-4:].max() == digit[:, :4].max() == digit[:, -4:].max() == 0
    assert 60 < np.count_nonzero(digit) < 250


def test_load_sample__the_single_pixel_is_in_the_middle() -> None:
    picture = load_sample("impulse").pixels
    assert picture[15, 15].item() == 255 == picture.sum()
