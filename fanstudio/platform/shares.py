"""Who earns what from an export: shares from a usage report and the catalogue's credits, in integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


#: ISRC or ISWC → its credits; a track's hold both pools, a work's only the publishing one.
Credits = Mapping[str, Sequence[Credit]]


def shares(report: UsageReport, credited: Credits) -> tuple[Share, ...]:
    """Share out an export under policy 2026-1; parts add up to 1,000,000, or there are none.

    The master pool goes to tracks by audible stem-frames × stem weight, the publishing pool to the
    compositions by the frames they sound in; within each, by the catalogue's splits. Remainders go to
    the largest fractions, ties by name. Declared material earns nothing.

    Raises:
        InputError: the report was made under another policy, or a track has no credits.

    """
    if report.policy_version != POLICY_VERSION:
        raise InputError(f"The usage report follows policy {report.policy_version}, not {POLICY_VERSION}.")
    pools = {"master": _master(report, credited), "publishing": _publishing(report, credited)}
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


def _master(report: UsageReport, credited: Credits) -> dict[tuple[str, str], int]:
    heard = {track.isrc: _stem_frames(track) for track in report.tracks}
    return _weigh(heard, credited, "master")


def _publishing(report: UsageReport, credited: Credits) -> dict[tuple[str, str], int]:
    heard = {track.isrc: _longest(track) for track in report.tracks}
    heard |= {work.iswc: report.length_frames for work in report.works}
    return _weigh(heard, credited, "publishing")


def _stem_frames(track: TrackUse) -> int:
    return sum(STEM_WEIGHTS[stem.stem] * stem.audible_frames for stem in track.stems)


def _longest(track: TrackUse) -> int:
    return max((stem.audible_frames for stem in track.stems), default=0)


def _weigh(heard: Mapping[str, int], credited: Credits, pool: str) -> dict[tuple[str, str], int]:
    weights: dict[tuple[str, str], int] = {}
    for code, frames in heard.items():
        if code not in credited:
            raise InputError(f"The catalogue has no credits for {code}.")
        for credit in _of_pool(credited[code], pool):
            name = (credit.party, credit.role)
            weights[name] = weights.get(name, 0) + frames * credit.share_ppm
    return {name: weight for name, weight in weights.items() if weight}


def _of_pool(credited: Iterable[Credit], pool: str) -> list[Credit]:
    return [credit for credit in credited if POOLS[credit.role] == pool]


def _as_shares(total_ppm: int, weights: Mapping[tuple[str, str], int]) -> list[Share]:
    names = {f"{party}\n{role}": (party, role) for party, role in weights}
    parts = apportion(total_ppm, {text: weights[name] for text, name in names.items()})
    return [Share(*names[text], part) for text, part in parts.items() if part]
