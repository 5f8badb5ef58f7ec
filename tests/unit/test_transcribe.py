"""Notes are heard as they were played, whatever the rate and the blocks; bad sound is an error or nothing."""

import numpy as np
import pytest

from fanstudio.audio.decode import open_audio
from fanstudio.audio.played_note import PlayedNote
from fanstudio.errors import Cancelled, InputError, ModelError
from fanstudio.inference.note_decoder import NoteDecoder
from fanstudio.inference.note_net import MODEL, NoteNet, Posteriors, load_model
from fanstudio.inference.note_stream import NoteStream
from fanstudio.inference.transcribe import transcribe
from fanstudio.jobs import Work
from fanstudio.paths import models_dir, shipped
from tests.support.cancelling import cancelled_soon
from tests.support.phrases import compare_notes, line, play_on, random_chords, random_line

RATE = 44_100


@pytest.fixture(scope="module")
def net():
    return NoteNet(threads=1)


def test_a_melody_is_heard_note_by_note(net):
    played = random_line(np.random.default_rng(1), 50, 80, 20)
    heard = transcribe(Work(), play_on("piano", played, 12.0), RATE, net)
    score = compare_notes(heard, played)
    assert score.f >= 0.9
    assert abs(score.late_s) < 0.02


def test_chords_are_heard(net):
    played = random_chords(np.random.default_rng(2), 8)
    heard = transcribe(Work(), play_on("nylon-guitar", played, 9.0), RATE, net)
    assert compare_notes(heard, played).f >= 0.75


def test_low_notes_that_repeat_are_struck_again(net):
    with open_audio(shipped("assets") / "demo" / "stems" / "bass.flac") as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)[:, : 16 * reader.sample_rate]
        heard = transcribe(Work(), sound, reader.sample_rate, net)
    played = [(12.0, 28), (12.6, 28), (12.9, 28), (13.5, 28), (13.8, 40), (14.1, 28)]
    assert [note.note for note in heard if 11.9 < note.start_s < 14.2] == [key for _, key in played]
    assert all(any(abs(note.start_s - start) < 0.08 for note in heard) for start, _ in played)


def test_harder_strokes_are_heard_as_harder(net):
    played = [PlayedNote(0.2, 0.5, 60, 0.45), PlayedNote(1.5, 0.5, 67, 0.95)]
    heard = {
        note.note: note.velocity for note in transcribe(Work(), play_on("piano", played, 2.8), RATE, net)
    }
    assert heard[67] > heard[60] + 0.1


def test_bleed_is_not_taken_for_notes(net):
    played, other = line([48, 55, 52, 60], 0.5), line([66, 73, 70, 78], 0.5)
    mixed = play_on("piano", played, 3.0) + 10 ** (-24 / 20) * play_on("music-box", other, 3.0)
    assert {note.note for note in transcribe(Work(), mixed, RATE, net)} <= {48, 55, 52, 60}


@pytest.mark.parametrize("bend", [-0.4, 0.4])
def test_bends_are_heard_within_a_tenth_of_a_semitone(net, bend):
    curve = np.full(100, bend, np.float32)
    sound = play_on("pulse-50", [PlayedNote(0.2, 1.0, 64, 0.8, curve)], 1.6)
    (note,) = [note for note in transcribe(Work(), sound, RATE, net) if note.length_s > 0.5]
    middle = len(note.bends) // 2
    assert note.note + note.bends[middle] == pytest.approx(64 + bend, abs=0.15)


@pytest.mark.parametrize("rate", [8000, 22_050, 48_000])
def test_every_rate_gives_the_same_notes(net, rate):
    played = line([60, 64, 67])
    heard = transcribe(Work(), play_on("piano", played, 2.0, rate), rate, net)
    assert compare_notes(heard, played).recall == 1.0


def test_blocks_of_any_size_give_the_same(net):
    sound = play_on("piano", line([60, 64, 67]), 3.7)

    def posteriors(block):
        stream = NoteStream(net, RATE)
        parts = [
            p
            for at in range(0, sound.shape[1], block)
            for p in stream.push(Work(), sound[:, at : at + block])
        ]
        parts += stream.finish(Work())
        return np.concatenate([part.frame for part in parts])

    whole, cut = posteriors(1 << 20), posteriors(1000)
    assert whole.shape == cut.shape
    assert np.abs(whole - cut).max() < 1e-3
    assert len(whole) == -(-round(sound.shape[1] * 22_050 / RATE) // 256)


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_pieces_of_any_size_are_decoded_alike(piece):
    model = load_model()
    rng = np.random.default_rng(3)
    frame = np.zeros((600, 88), np.float32)
    for start in range(10, 580, 30):
        frame[start : start + 24, rng.integers(0, 88)] = 0.8
    onset = np.where(np.diff(frame, axis=0, prepend=0) > 0.5, 0.9, 0).astype(np.float32)
    contour = rng.random((600, 264)).astype(np.float32)
    level = np.full((600, 88), -20, np.float32)

    def decode(size):
        decoder, notes = NoteDecoder(model), []
        for at in range(0, 600, size):
            part = slice(at, at + size)
            notes += decoder.push(Posteriors(onset[part], frame[part], contour[part], level[part]))
        return [(n.first, n.last, n.note, n.bends.tolist()) for n in [*notes, *decoder.finish()]]

    assert len(decode(600)) == 19
    assert sorted(decode(piece)) == sorted(decode(600))


def test_what_is_kept_while_decoding_does_not_grow():
    model = load_model()
    decoder = NoteDecoder(model)
    loud = np.full((1000, 88), 0.9, np.float32)
    level = np.zeros((1000, 88), np.float32)
    for _ in range(20):
        decoder.push(Posteriors(loud * 0, loud, np.ones((1000, 264), np.float32), level))
    assert len(decoder._kept) < 7000


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros((2, 0), np.float32),
        np.zeros((1, 3 * RATE), np.float32),
        1e-6 * np.random.default_rng(0).standard_normal((2, 3 * RATE)).astype(np.float32),
    ],
    ids=["nothing", "silence", "hiss"],
)
def test_silence_has_no_notes(net, sound):
    assert transcribe(Work(), sound, RATE, net) == ()


def test_noise_has_few_notes(net):
    noise = 0.2 * np.random.default_rng(0).standard_normal((1, 4 * RATE)).astype(np.float32)
    assert len(transcribe(Work(), noise, RATE, net)) <= 4


def test_a_fifth_of_a_second_is_heard(net):
    sound = play_on("piano", [PlayedNote(0.0, 0.2, 60, 0.9)], 0.2)
    assert all(note.end_s <= 0.3 for note in transcribe(Work(), sound, RATE, net))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_samples_that_are_no_numbers_are_refused(net, bad):
    sound = np.zeros((1, RATE), np.float32)
    sound[0, 500] = bad
    with pytest.raises(InputError, match="not numbers"):
        transcribe(Work(), sound, RATE, net)


def test_a_cancel_ends_it_soon(net):
    work, _ = cancelled_soon(0.1)
    with pytest.raises(Cancelled):
        transcribe(work, np.broadcast_to(np.float32(0.1), (1, 3600 * RATE)), RATE, net)


def test_a_damaged_net_is_one_clear_error(tmp_path):
    manifest = (models_dir() / MODEL / "model.toml").read_text()
    folder = tmp_path / MODEL
    folder.mkdir()
    (folder / "model.toml").write_text(manifest)
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="damaged"):
        NoteNet(load_model(folder))
    (folder / "model.toml").write_text(manifest.replace("edge_hops = 15", "edge_hops = 86"))
    with pytest.raises(ModelError, match="edge_hops"):
        load_model(folder)
