"""Shares are exact: integers that add up, whoever is credited and whatever is heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanstudio.errors import InputError
from fanstudio.platform.contract import Share, UsageReport
from fanstudio.platform.shares import Credit, Entry, allocate, apportion, shares
from tests.support import wire_samples as samples

_OTHER = "ZZFAN2600009"
_CATALOGUE = {
    samples.ISRC: Entry((Credit("Band", "performer", 700_000), Credit("Label", "label", 300_000)), ("T1",)),
    _OTHER: Entry((Credit("Duo", "performer", 1_000_000),), ("T1", "T2")),
    "T1": Entry((Credit("Ada", "composer", 1_000_000),)),
    "T2": Entry((Credit("Bo", "composer", 500_000), Credit("Cy", "lyricist", 500_000))),
    "T0000000010": Entry((Credit("Ada", "composer", 1_000_000),)),
}


def _track(isrc: str, **stems: int) -> dict[str, object]:
    heard = [{"stem": name, "audible_frames": frames} for name, frames in sorted(stems.items())]
    return {"isrc": isrc, "title": "t", "artist": "a", "ops": ["split"], "stems": heard}


def _shares(*tracks: dict[str, object], **changes: object) -> dict[tuple[str, str], int]:
    usage = samples.usage(tracks=list(tracks), ingredients=[], **changes)
    return {
        (share.party, share.role): share.share_ppm for share in shares(UsageReport.parse(usage), _CATALOGUE)
    }


def test_one_track_is_shared_half_by_recording_and_half_by_composition() -> None:
    assert _shares(_track(samples.ISRC, vocals=1000, accompaniment=1000)) == {
        ("Ada", "composer"): 500_000,
        ("Band", "performer"): 350_000,
        ("Label", "label"): 150_000,
    }


def test_the_master_pool_follows_stem_weights_and_time() -> None:
    found = _shares(_track(samples.ISRC, accompaniment=1000), _track(_OTHER, vocals=500))
    band = found["Band", "performer"] + found["Label", "label"]
    assert band == pytest.approx(500_000 * 6000 / 8000, abs=1)
    assert found["Duo", "performer"] == 125_000


def test_the_publishing_pool_follows_time_shared_by_the_works_in_a_recording() -> None:
    found = _shares(_track(samples.ISRC, mix=1000), _track(_OTHER, mix=1000))
    assert found["Ada", "composer"] == 375_000
    assert found["Bo", "composer"] == found["Cy", "lyricist"] == 62_500


def test_a_cover_pays_the_composition_alone() -> None:
    own = {"source_digest": samples.sha("me"), "title": "Me", "basis": "recorded", "licence_url": ""}
    found = _shares(works=[{"iswc": "T0000000010", "ops": ["cover"]}], declared=[own])
    assert found == {("Ada", "composer"): 1_000_000}


def test_a_track_that_is_not_heard_earns_nothing() -> None:
    assert _shares(_track(samples.ISRC, mix=0)) == {}


def test_an_unknown_track_or_policy_is_refused() -> None:
    with pytest.raises(InputError, match="no credits"):
        _shares(_track("ZZFAN2600008", mix=1))
    with pytest.raises(InputError, match="policy"):
        _shares(_track(samples.ISRC, mix=1), policy_version="2019-1")


@given(st.integers(-(10**12), 10**12), st.dictionaries(st.text(), st.integers(0, 10**15), min_size=1))
def test_parts_add_up_exactly_and_are_fair_to_one_unit(total: int, weights: dict[str, int]) -> None:
    parts = apportion(total, weights)
    whole = sum(weights.values())
    if whole == 0:
        assert set(parts.values()) == {0}
        return
    assert sum(parts.values()) == total
    assert all(abs(parts[name] * whole - total * weights[name]) < whole for name in weights)


@given(
    st.dictionaries(
        st.sampled_from(["accompaniment", "bass", "drums", "mix", "vocals"]), st.integers(0, 441_000)
    ),
    st.dictionaries(st.sampled_from(["mix", "other"]), st.integers(0, 441_000)),
)
def test_shares_always_add_up(first: dict[str, int], second: dict[str, int]) -> None:
    found = _shares(_track(samples.ISRC, **first), _track(_OTHER, **second))
    assert sum(found.values()) in (0, 1_000_000)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_an_amount_is_allocated_to_the_last_unit(amount: int, parts: list[int]) -> None:
    paid = allocate(amount, [Share(f"p{n}", "label", part) for n, part in enumerate(parts)])
    assert sum(paid) == amount
