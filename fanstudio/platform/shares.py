"""Who earns what from an export: shares from a usage report and the catalogue's credits, in integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fanstudio.errors import InputError
from fanstudio.platform.vocabulary import POLICY_VERSION
from fanstudio.platform.wire_receipt import ONE_MILLION, Share
from fanstudio.platform.wire_usage import TrackUse, UsageReport

#: Which pool a role is paid from: the recording's (master) or the composition's (publishing).
POOLS = MappingProxyType(
    {
        "performer": "master",
        "producer": "master",
        "label": "master",
        "composer": "publishing",
        "lyricist": "publishing",
        "publisher": "publishing",
    }
)
#: What one audible frame of a stem weighs in the master pool; stems of a whole mix add up to the mix.
STEM_WEIGHTS = MappingProxyType(
    {"mix": 10, "vocals": 4, "accompaniment": 6, "drums": 2, "bass": 2, "other": 2}
)
#: The master pool's part where both pools have someone to pay.
MASTER_PPM = 500_000


@dataclass(frozen=True, slots=True)
class Credit:
    """A party's split of one track or work, in millionths of the pool that its role is paid from."""

    party: str
    role: str
    share_ppm: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording's or a work's credits; a recording is paid as master and names the works in it."""

    credits: tuple[Credit, ...]
    works: tuple[str, ...] = ()


#: ISRC or ISWC → its entry in the catalogue.
Catalogue = Mapping[str, Entry]


def shares(report: UsageReport, catalogue: Catalogue) -> tuple[Share, ...]:
    """Share out an export under policy 2026-1; parts add up to 1,000,000, or there are none.

    The master pool goes to recordings by audible stem-frames × stem weight, the publishing pool to works
    by the frames they sound in; within each, by the catalogue's splits. Remainders go to the largest
    fractions, ties by name. Declared material earns nothing.

    Raises:
        InputError: the report was made under another policy, or names what the catalogue has not.

    """
    if report.policy_version != POLICY_VERSION:
        raise InputError(f"The usage report follows policy {report.policy_version}, not {POLICY_VERSION}.")
    recordings = {track.isrc: _stem_frames(track) for track in report.tracks}
    pools = {
        "master": _weigh(recordings, catalogue, "master"),
        "publishing": _weigh(_work_frames(report, catalogue), catalogue, "publishing"),
    }
    filled = {name: weights for name, weights in pools.items() if weights}
    parts = {"master": MASTER_PPM, "publishing": ONE_MILLION - MASTER_PPM}
    whole = apportion(ONE_MILLION, {name: parts[name] for name in filled})
    paid = [share for name, weights in filled.items() for share in _as_shares(whole[name], weights)]
    return tuple(sorted(paid, key=lambda share: (share.party, share.role)))


def allocate(amount_minor: int, parts: Sequence[Share]) -> tuple[int, ...]:
    """Split an amount of integer minor units by `parts`; the results add up to the amount exactly."""
    numbered = apportion(amount_minor, {str(n): part.share_ppm for n, part in enumerate(parts)})
    return tuple(numbered[str(n)] for n in range(len(parts)))


def apportion(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split `total` in proportion to integer weights by largest remainder; ties go to the earlier name.

    With no weight at all, nothing is split off. The results add up to `total` exactly.
    """
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    result = {name: total * weight // whole for name, weight in weights.items()}
    rest = total - sum(result.values())
    by_remainder = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in by_remainder[:rest]:
        result[name] += 1
    return result


def _stem_frames(track: TrackUse) -> int:
    return sum(STEM_WEIGHTS[stem.stem] * stem.audible_frames for stem in track.stems)


def _work_frames(report: UsageReport, catalogue: Catalogue) -> dict[str, int]:
    """Return for how long each work sounds: as its recordings do, or all through where it is covered."""
    frames: dict[str, int] = {}
    for track in report.tracks:
        works = _entry(catalogue, track.isrc).works
        heard = max((stem.audible_frames for stem in track.stems), default=0)
        for iswc, part in apportion(heard, dict.fromkeys(works, 1)).items():
            frames[iswc] = frames.get(iswc, 0) + part
    return {work.iswc: report.length_frames for work in report.works} | frames


def _weigh(heard: Mapping[str, int], catalogue: Catalogue, pool: str) -> dict[tuple[str, str], int]:
    weights: dict[tuple[str, str], int] = {}
    for code, frames in heard.items():
        for credit in _entry(catalogue, code).credits:
            if POOLS[credit.role] == pool:
                name = (credit.party, credit.role)
                weights[name] = weights.get(name, 0) + frames * credit.share_ppm
    return {name: weight for name, weight in weights.items() if weight}


def _entry(catalogue: Catalogue, code: str) -> Entry:
    if code not in catalogue:
        raise InputError(f"The catalogue has no credits for {code}.")
    return catalogue[code]


def _as_shares(total_ppm: int, weights: Mapping[tuple[str, str], int]) -> list[Share]:
    names = {f"{party}\n{role}": (party, role) for party, role in weights}
    parts = apportion(total_ppm, {text: weights[name] for text, name in names.items()})
    return [Share(*names[text], part) for text, part in parts.items() if part]
