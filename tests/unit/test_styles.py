"""Whole-song styles: planned, applied in one step, dosed, taken back, kept and shared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fanstudio.audio.loudness import LoudnessMeter
from fanstudio.audio.mix.tails import mix_end
from fanstudio.audio.prepare import prepare_session
from fanstudio.audio.render import bounce
from fanstudio.errors import EditError, InputError, RecipeError
from fanstudio.inference.production_measure import measure_blocks
from fanstudio.jobs import Work
from fanstudio.model import edits
from fanstudio.model.integrity import check_session
from fanstudio.model.mixer import MASTER
from fanstudio.model.mixer_edits import add_effect, effects_of
from fanstudio.model.recipe import (
    GrooveRecipe,
    Recipe,
    RecipeEffect,
    RecipeTimbre,
    SongRecipe,
    StemRecipe,
    Voice,
)
from fanstudio.model.session import Session, Stem
from fanstudio.model.styling import StyleKind, Styling
from fanstudio.studio import styles
from fanstudio.studio.project import Project
from fanstudio.studio.style.again import origin_of
from fanstudio.studio.style.steps import describe
from fanstudio.studio.style.voices import instrument_recipe
from fanstudio.studio.styles import Means, StyleChoice
from tests.support.styled_songs import RATE, make_song, track_of


def _render(project: Project, session: Session) -> np.ndarray:
    prepare_session(Work(), project.pool, session)
    blocks = bounce(Work(), session, project.pool.samples_at(RATE), 0, mix_end(session))
    return np.concatenate(list(blocks), axis=1)


def _measured(sound: np.ndarray) -> tuple[float, float]:
    meter = LoudnessMeter(RATE, 2)
    meter.add(sound.astype(np.float32))
    return meter.integrated_lufs, meter.true_peak_dbtp


def _choice(recipe: Recipe | str, **options: object) -> StyleChoice:
    if isinstance(recipe, Recipe):
        return StyleChoice(StyleKind.PRESET, recipe.id, recipe=recipe, **options)
    return StyleChoice(StyleKind.PRESET, recipe, **options)


def _apply(project: Project, choice: StyleChoice) -> Session:
    styles.apply(project, styles.plan(Work(), project, choice))
    check_session(project.document.session)
    return project.document.session


ROOMY = Recipe(
    "roomy",
    "Roomy",
    song=SongRecipe(0.9, 0.0, True),
    stems=(
        (Stem.VOCALS, StemRecipe(gain_db=-2.0, pan=0.2, effects=(RecipeEffect("chorus"),))),
        (Stem.DRUMS, StemRecipe(muted=True)),
    ),
    master=(RecipeEffect("saturation", (("drive_db", 12.0),)),),
)


@pytest.mark.parametrize("name", ["slowed-reverb", "club", "half-time"])
def test_a_style_keeps_loudness_and_peaks(tmp_path: Path, name: str) -> None:
    project = make_song(tmp_path)
    before, _ = _measured(_render(project, project.document.session))
    after, peak = _measured(_render(project, _apply(project, _choice(name))))
    assert after == pytest.approx(before, abs=1.5)
    assert peak < -1.0


def test_a_style_is_one_undo_step_and_all_of_it_can_be_edited(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    start = project.document.session
    session = _apply(project, _choice(ROOMY))
    (styling,) = session.stylings
    laid = [slot for track in session.tracks for slot in track.effects] + list(session.master_effects)
    assert {slot.styling for slot in laid} == {styling.id}
    assert [slot.kind for slot in session.master_effects] == ["saturation", "limiter"]
    assert {clip.warp.stretch for clip in session.clips() if clip.warp} == {1 / 0.9}
    assert session.tempo[0].bpm == pytest.approx(108)
    assert session.track(track_of(session, Stem.DRUMS)).muted
    project.document.undo()
    assert project.document.session == start


def test_an_amount_of_nothing_changes_nothing(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    start, steps = project.document.session, len(project.document.history.past)
    assert _apply(project, _choice("lo-fi", amount=0.0)) is start
    assert len(project.document.history.past) == steps


def test_another_style_takes_the_place_of_the_one_before_and_leaves_the_fans_edits(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    start = project.document.session
    session = _apply(project, _choice("dub"))
    vocals = track_of(session, Stem.VOCALS)
    project.document.apply("Mine", lambda before: add_effect(before, vocals, "delay"))
    project.document.apply("Mine", lambda before: edits.set_pan(before, vocals, -0.5))
    session = _apply(project, _choice(ROOMY))
    assert [styling.name for styling in session.stylings] == ["Roomy"]
    assert not session.buses
    assert [slot.kind for slot in effects_of(session, vocals)] == ["delay", "chorus"]
    styles.take_away(project, session.stylings[0].id)
    session = project.document.session
    assert (session.stylings, session.master_effects) == ((), ())
    assert session.track(vocals).pan == -0.5
    assert session.tempo == start.tempo
    assert [track.clips for track in session.tracks] == [track.clips for track in start.tracks]


def test_a_change_leaves_out_what_is_gone_meanwhile(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    styled = styles.plan(Work(), project, _choice("synthwave"))
    for stem in (Stem.BASS, Stem.VOCALS):
        gone = track_of(project.document.session, stem)
        project.document.apply("Gone", lambda session, gone=gone: edits.remove_track(session, gone))
    styles.apply(project, styled)
    check_session(project.document.session)
    assert [styling.name for styling in project.document.session.stylings] == ["Synthwave"]


def test_amounts_of_stems_are_their_own(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    session = _apply(project, _choice("club", amount=0.5, amounts={Stem.DRUMS: 0.0, Stem.BASS: 0.5}))
    gains = {track.stem: track.gain_db for track in session.tracks}
    recipe = next(recipe for recipe in styles.list_presets() if recipe.id == "club")
    assert gains[Stem.DRUMS] == 0.0
    assert gains[Stem.BASS] == pytest.approx(recipe.stem(Stem.BASS).gain_db / 4)
    assert not session.track(track_of(session, Stem.DRUMS)).effects
    assert session.stylings[0].amounts == (("bass", 0.5), ("drums", 0.0))


def test_a_stem_alone_is_styled_without_a_limiter_on_the_song(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    bass = track_of(project.document.session, Stem.BASS)
    session = _apply(project, _choice("club", target=bass))
    assert not session.master_effects
    assert [track.id for track in session.tracks if track.effects] == [bass]
    session = _apply(project, _choice(replace(ROOMY, stems=()), target=bass))
    assert [slot.kind for slot in effects_of(session, bass)] == ["saturation"]
    assert all(clip.warp is None for clip in session.clips())


def test_a_song_that_is_not_split_is_told_so(tmp_path: Path) -> None:
    project = make_song(tmp_path, (Stem.OTHER,))
    mix = track_of(project.document.session, Stem.OTHER)
    project.document.apply(
        "Whole", lambda session: replace(session, tracks=(replace(session.track(mix), stem=Stem.MIX),))
    )
    styled = styles.plan(Work(), project, _choice("vintage-60s"))
    assert "not split" in styled.notes[0]
    whole = ("Speed", "Pitch", "Whole song", "Limiter")
    assert all(step.text.startswith(whole) for step in styled.steps), styled.steps
    styles.apply(project, styled)
    assert project.document.session.master_effects


def test_missing_stems_are_named(tmp_path: Path) -> None:
    project = make_song(tmp_path, (Stem.VOCALS, Stem.OTHER))
    notes = styles.plan(Work(), project, _choice("club")).notes
    assert any("drums" in note for note in notes)


def test_half_time_plays_the_drums_on_a_track_of_their_own(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    start = project.document.session
    session = _apply(project, _choice(Recipe("slow", "Slow", groove=GrooveRecipe(half_time=True))))
    drums = [track for track in session.tracks if track.stem is Stem.DRUMS]
    assert [track.muted for track in drums] == [True, False]
    assert len(drums[1].clips) > len(drums[0].clips)
    styles.take_away(project, session.stylings[0].id)
    assert project.document.session.tracks == start.tracks


def test_a_kit_plays_drums_at_half_time(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    start = project.document.session
    kit = StemRecipe(timbre=RecipeTimbre(Voice.SAMPLED, "kit-8-bit"))
    groove = GrooveRecipe(half_time=True)
    session = _apply(project, _choice(Recipe("slow", "Slow", groove=groove, stems=((Stem.DRUMS, kit),))))
    drums = [track for track in session.tracks if track.stem is Stem.DRUMS]
    assert [track.muted for track in drums] == [True, True, False]
    assert [clip.position for clip in drums[2].clips] == [clip.position for clip in drums[1].clips]
    assert {session.source(clip.source).name for clip in drums[2].clips} == {"Drums (8-bit drums)"}
    styles.take_away(project, session.stylings[0].id)
    assert project.document.session.tracks == start.tracks


def test_an_instrument_from_notes_plays_beside_the_stem(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    vocals = track_of(project.document.session, Stem.VOCALS)
    timbre = RecipeTimbre(Voice.SAMPLED, "pulse-25")
    choice = StyleChoice(StyleKind.TIMBRE, "pulse-25", vocals, timbre=timbre)
    styled = styles.plan(Work(), project, choice)
    assert [step.ai for step in styled.steps] == [True]
    styles.apply(project, styled)
    session = project.document.session
    own, made = (track for track in session.tracks if track.stem is Stem.VOCALS)
    assert (own.muted, made.muted) == (True, False)
    lineage = session.source(made.clips[0].source).lineage
    assert lineage is not None
    assert lineage.ai
    assert lineage.parents == (own.clips[0].source,)
    assert styles.recipe_of(session, session.stylings[0]).stem(Stem.VOCALS) == StemRecipe(timbre=timbre)
    half = styles.replan(Work(), project, session.stylings[0].id, 0.5)
    styles.apply(project, half)
    own, made = (track for track in project.document.session.tracks if track.stem is Stem.VOCALS)
    assert (own.muted, made.muted) == (False, False)
    assert own.gain_db == pytest.approx(-6.02, abs=0.01)
    session = project.document.session
    assert styles.recipe_of(session, session.stylings[0]).stem(Stem.VOCALS) == StemRecipe(timbre=timbre)


def test_another_amount_keeps_the_octave_that_was_chosen(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    vocals = track_of(project.document.session, Stem.VOCALS)
    timbre = RecipeTimbre(Voice.SAMPLED, "pulse-25", octave=-1)
    choice = StyleChoice(StyleKind.TIMBRE, "pulse-25", vocals, timbre=timbre)
    styles.apply(project, styles.plan(Work(), project, choice))
    again = styles.replan(Work(), project, project.document.session.stylings[0].id, 0.5)
    (made,) = again.sources
    assert made.lineage is not None
    assert dict(made.lineage.settings)["octave"] == "-1"


def test_an_instrument_needs_a_stem_and_a_voice(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    with pytest.raises(EditError):
        styles.plan(Work(), project, StyleChoice(StyleKind.TIMBRE, "piano"))
    with pytest.raises(InputError):
        styles.plan(
            Work(),
            project,
            StyleChoice(StyleKind.TIMBRE, "kazoo", track_of(project.document.session, Stem.VOCALS)),
        )


def test_what_is_no_style_is_refused(tmp_path: Path) -> None:
    project = make_song(tmp_path, (Stem.OTHER,), 1.0)
    for choice in (_choice("polka"), _choice("club", amount=1.5), _choice("club", amounts={Stem.BASS: -1.0})):
        with pytest.raises(InputError):
            styles.plan(Work(), project, choice)
    with pytest.raises(EditError):
        styles.plan(Work(), project, _choice("club", target="gone"))


def test_a_style_of_the_session_is_a_recipe_again(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    session = _apply(project, _choice("slowed-reverb"))
    recipe = next(recipe for recipe in styles.list_presets() if recipe.id == "slowed-reverb")
    assert styles.recipe_of(session, session.stylings[0]) == recipe
    slot = session.master_effects[0]
    project.document.apply(
        "Off",
        lambda before: replace(
            before, master_effects=(replace(slot, enabled=False), *before.master_effects[1:])
        ),
    )
    session = project.document.session
    assert styles.recipe_of(session, session.stylings[0]).master == ()


def test_a_surprise_is_composed_again_by_its_number(tmp_path: Path) -> None:
    session = make_song(tmp_path).document.session
    styling = Styling("s", StyleKind.PRESET, "Surprise", recipe_id="surprise-7")
    assert origin_of(session, styling) == styles.surprise(7)
    for number in ("", "x", "-1", "9" * 5_000):
        assert origin_of(session, replace(styling, recipe_id=f"surprise-{number}")) is None


def test_own_styles_are_kept_shared_and_removed(tmp_path: Path) -> None:
    shared = tmp_path / "mine.fanstyle"
    kept = styles.keep_preset(ROOMY, "Größe No. 1")
    assert kept.id == "groe-no-1"
    assert styles.own_presets() == (kept,)
    assert styles.keep_preset(kept) == kept
    assert styles.keep_preset(replace(ROOMY, summary="Other"), kept.title).title == "Größe No. 1 (2)"
    assert styles.keep_preset(replace(ROOMY, id="club")).id == "club-2"
    styles.share_preset(kept, shared)
    styles.remove_preset(kept.id)
    assert kept not in styles.own_presets()
    assert styles.open_preset(shared) == kept
    shared.write_bytes(b"format = 1\n")
    before = styles.own_presets()
    with pytest.raises(RecipeError):
        styles.open_preset(shared)
    assert styles.own_presets() == before
    with pytest.raises(InputError):
        styles.remove_preset("gone")


def test_a_preview_is_equally_loud_and_needs_no_file(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    files = sorted(project.pool.folder.iterdir())
    pair = styles.preview(Work(), project, _choice("slowed-reverb"), 2 * RATE, 4.0)
    assert sorted(project.pool.folder.iterdir()) == files
    assert pair.before_length == 4 * RATE
    assert pair.after_length == pytest.approx(4 * RATE / 0.84, abs=1)
    heard = []
    for session, start, length in (
        (pair.before, pair.before_start, pair.before_length),
        (pair.after, pair.after_start, pair.after_length),
    ):
        blocks = bounce(
            Work(),
            session,
            lambda source, warp: project.pool.samples_now(source, RATE, warp),
            start,
            start + length,
        )
        heard.append(_measured(np.concatenate(list(blocks), axis=1))[0])
    assert heard[1] == pytest.approx(heard[0], abs=0.5)
    styles.end_preview(project, pair)
    assert project.document.session.stylings == ()


def test_a_preview_of_nothing_is_the_song(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    pair = styles.preview(Work(), project, _choice("club", amount=0.0), 0, 2.0)
    assert pair.after == pair.before
    assert pair.gain_db == 0.0


def test_an_instrument_is_previewed_for_its_window_alone(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    vocals = track_of(project.document.session, Stem.VOCALS)
    choice = StyleChoice(StyleKind.TIMBRE, "pulse-25", vocals, timbre=RecipeTimbre(Voice.SAMPLED, "pulse-25"))
    pair = styles.preview(Work(), project, choice, 0, 3.0)
    assert len(pair.after.tracks) == len(pair.before.tracks) + 1
    assert len(pair.lent) == 1


def test_a_master_full_of_effects_takes_no_more(tmp_path: Path) -> None:
    project = make_song(tmp_path, (Stem.OTHER,))
    for _ in range(16):
        project.document.apply("Mine", lambda session: add_effect(session, MASTER, "equaliser"))
    session = _apply(project, _choice("club"))
    assert len(session.master_effects) == 16


def test_what_was_measured_of_a_record_is_brought_about_on_the_master(tmp_path: Path) -> None:
    project = make_song(tmp_path)
    dull = np.cumsum(np.random.default_rng(1).normal(0, 0.01, (2, 6 * RATE)), axis=1)
    dull = (dull - dull.mean(axis=1)[:, None]).astype(np.float32)
    features = measure_blocks([dull / np.abs(dull).max() / 4], RATE).to_plain()
    stored = tuple((name, tuple(row)) for name, row in sorted(features.items()))
    session = _apply(project, _choice(Recipe("dull", "Dull", production=stored)))
    kinds = [slot.kind for slot in session.master_effects]
    assert "equaliser" in kinds
    assert kinds[-1] == "limiter"
    assert kinds.count("limiter") == 1


def test_what_plays_a_stem_says_whether_a_net_takes_part() -> None:
    offers = {offer.id: offer for offer in styles.list_timbres()}
    assert offers["piano"].means is Means.AI
    assert offers["piano"].about == "notes found by AI, played by samples"
    assert offers["pulse-25"].about == "notes found by AI, played by formulas"
    assert (offers["kit-8-bit"].means, offers["kit-8-bit"].drums) == (Means.DSP, True)
    kit, piano = (
        describe(instrument_recipe(RecipeTimbre(Voice.SAMPLED, name), Stem.DRUMS), whole=False)
        for name in ("kit-8-bit", "piano")
    )
    assert [step.means for step in (*kit, *piano)] == [Means.DSP, Means.AI]
    assert kit[0].text == "Drums: played by 8 bit drums"
