"""Says in words what a chain was set to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fanstudio.inference.production_chain import ChainSettings, Setting
from fanstudio.inference.production_features import Features

_LEAST_DB: Final = 0.25
_MOST_GAINS: Final = 4


def tell(chain: ChainSettings) -> tuple[str, ...]:
    """Return a line for each effect that a chain has."""
    if not chain.effects:
        return ("Nothing is laid.",)
    return tuple(_WORDS[effect.kind](effect) for effect in chain.effects if effect.kind in _WORDS)


def compare(own: Features, wanted: Features, chain: ChainSettings) -> tuple[str, ...]:
    """Return what was heard of both records; nothing where nothing is laid."""
    if not chain.effects:
        return ()
    before, after = own.loudness_lufs, own.loudness_lufs + chain.gain_db
    return (
        f"Loudness: {before:.1f} LUFS becomes {after:.1f}; the reference has {wanted.loudness_lufs:.1f}",
        "Only the reference was measured; none of its sound is used.",
    )


def _equaliser(effect: Setting) -> str:
    gains = sorted(_gains(effect), key=lambda gain: -abs(gain[0]))[:_MOST_GAINS]
    told = ", ".join(f"{gain:+.1f} dB {where}" for gain, where in gains)
    return f"Equaliser: {told or 'nearly flat'}"


def _gains(effect: Setting) -> Iterator[tuple[float, str]]:
    places: Mapping[str, str] = {"low": "below", "body": "at", "presence": "at", "high": "above"}
    for name, where in places.items():
        gain = effect.value(f"{name}_db")
        if abs(gain) >= _LEAST_DB:
            yield gain, f"{where} {_hertz(effect.value(f'{name}_hz'))}"


def _hertz(hertz: float) -> str:
    return f"{hertz / 1000:.1f} kHz" if hertz >= 1000 else f"{hertz:.0f} Hz"


def _compressor(effect: Setting) -> str:
    gain = f"{effect.value('makeup_db'):+.1f} dB behind it"
    ratio = effect.value("ratio")
    if ratio < 1.01:
        return f"Compressor: idle, {gain}"
    return f"Compressor: {ratio:.1f} : 1 above {effect.value('threshold_db'):.0f} dB, {gain}"


def _saturation(effect: Setting) -> str:
    return f"Saturation: {effect.value('drive_db'):.1f} dB of drive, {effect.value('mix'):.0%} of it"


def _width(effect: Setting) -> str:
    return f"Width: {effect.value('width'):.2f} times"


def _reverb(effect: Setting) -> str:
    return f"Reverb: {effect.value('decay_s'):.1f} s, {effect.value('mix'):.0%} of what is heard"


def _limiter(effect: Setting) -> str:
    drive, ceiling = effect.value("drive_db"), effect.value("ceiling_db")
    return f"Limiter: {drive:.1f} dB of drive, no peak above {ceiling:.1f} dBTP"


_WORDS: Final[Mapping[str, Callable[[Setting], str]]] = {
    "equaliser": _equaliser,
    "compressor": _compressor,
    "saturation": _saturation,
    "width": _width,
    "reverb": _reverb,
    "limiter": _limiter,
}
