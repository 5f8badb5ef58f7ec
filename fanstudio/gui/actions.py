"""Every action of the window in one table: menus, buttons, shortcuts and their help come from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from fanstudio.model.rights import Basis
from fanstudio.model.session import Clip, Session, Source, Stem


@dataclass(frozen=True)
class Situation:
    """What the predicates may look at: the window's state as one value; what is searched, is once."""

    session: Session | None = None
    selected_clips: frozenset[str] = frozenset()
    selected_track: str | None = None
    playhead: int = 0
    playing: bool = False
    recording: bool = False
    undo_label: str | None = None
    redo_label: str | None = None
    signed_in: bool = False
    #: Ids of the sources that are being split into stems, and of the stems that are being made.
    splitting: frozenset[str] = frozenset()

    @cached_property
    def clips(self) -> tuple[Clip, ...]:
        """Return the selected clips that are still there."""
        if not self.selected_clips or self.session is None:
            return ()
        return tuple(clip for clip in self.session.clips() if clip.id in self.selected_clips)

    @cached_property
    def clip_under_playhead(self) -> Clip | None:
        """Return the clip that a split at the playhead would cut: a selected one before any other."""
        everything = tuple(self.session.clips()) if self.session else ()
        for clip in (*self.clips, *everything):
            if clip.position < self.playhead < clip.end:
                return clip
        return None


Predicate = Callable[[Situation], bool]


def always(_now: Situation) -> bool:
    """Allow an action in any situation."""
    return True


def is_open(now: Situation) -> bool:
    """Tell whether a project is open."""
    return now.session is not None


def has_clips(now: Situation) -> bool:
    """Tell whether there is anything on the timeline."""
    return now.session is not None and any(True for _ in now.session.clips())


def can_play(now: Situation) -> bool:
    """Tell whether there is anything to play, or a recording to end."""
    return now.recording or has_clips(now)


def has_selection(now: Situation) -> bool:
    """Tell whether a clip is selected."""
    return bool(now.clips)


def has_warped(now: Situation) -> bool:
    """Tell whether a selected clip is stretched or moved in pitch."""
    return any(clip.warp for clip in now.clips)


def has_track(now: Situation) -> bool:
    """Tell whether a track is selected, or a clip on one."""
    return bool(now.session and now.session.tracks and (now.selected_track or now.clips))


def can_cut(now: Situation) -> bool:
    """Tell whether the playhead is inside a clip."""
    return now.clip_under_playhead is not None


def can_separate(now: Situation) -> bool:
    """Tell whether there is a clip that is not a stem yet, selected or the only candidate."""
    return bool(clips_to_separate(now))


def has_stems(now: Situation) -> bool:
    """Tell whether vocals and something beside them are on tracks."""
    stems = {track.stem for track in now.session.tracks if track.clips} if now.session else set()
    return Stem.VOCALS in stems and bool(stems - {Stem.VOCALS, Stem.MIX})


def clips_to_separate(now: Situation) -> tuple[Clip, ...]:
    """Return the clips to split into stems: the selected ones, else the first whole song that sounds.

    One song is split once, and one that is being split already is no candidate. What was left of a
    split, with the vocals in it, is a mix as well, but must be selected.
    """
    if now.session is None:
        return ()
    mixes = {source.id: source for source in now.session.sources if source.stem is Stem.MIX}
    songs: dict[str, Clip] = {}
    for clip in now.clips or (clip for clip in now.session.clips() if not clip.muted):
        if clip.source in mixes and clip.source not in now.splitting:
            songs.setdefault(clip.source, clip)
    if now.clips:
        return tuple(songs.values())
    return tuple(clip for clip in songs.values() if mixes[clip.source].lineage is None)[:1]


def can_tune(now: Situation) -> bool:
    """Tell whether there is a voice to tune."""
    return bool(clips_to_tune(now))


def clips_to_tune(now: Situation) -> tuple[Clip, ...]:
    """Return the clips whose voice can be tuned: the selected ones, those of the track, or the fan's own."""
    if now.session is None:
        return ()
    sources = {source.id: source for source in now.session.sources}
    if now.clips or now.selected_track is not None:
        chosen = now.clips or now.session.track(now.selected_track or "").clips
        return tuple(clip for clip in chosen if clip.source in sources and _is_voice(sources[clip.source]))
    own = {source.id for source in now.session.sources if source.origin.basis is Basis.RECORDED}
    return tuple(clip for clip in now.session.clips() if clip.source in own)


def _is_voice(source: Source) -> bool:
    return source.stem is Stem.VOCALS or source.origin.basis is Basis.RECORDED


def pattern_clip(now: Situation) -> Clip | None:
    """Return the drum pattern that is selected, if it is the only one."""
    patterns = [clip for clip in now.clips if clip.pattern is not None]
    return patterns[0] if len(patterns) == 1 else None


def has_pattern(now: Situation) -> bool:
    """Tell whether there is a drum pattern on the timeline."""
    return now.session is not None and any(clip.pattern is not None for clip in now.session.clips())


def _grid_text(now: Situation) -> str:
    return "Edit the drum grid…" if pattern_clip(now) else "New drum grid…"


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action; `handler` names `subject.method` in `gui/commands`, `label` words that change."""

    id: str
    menu: str
    text: str
    handler: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    tooltip: str = ""
    enabled: Predicate = always
    label: Callable[[Situation], str] | None = None
    #: Starts a new group in its menu.
    group: bool = False


def _undo_text(now: Situation) -> str:
    return f"Undo {now.undo_label}" if now.undo_label else "Undo"


def _redo_text(now: Situation) -> str:
    return f"Redo {now.redo_label}" if now.redo_label else "Redo"


def _play_text(now: Situation) -> str:
    return "Stop" if now.playing else "Play"


def _record_text(now: Situation) -> str:
    return "Stop recording" if now.recording else "Record"


def has_takes(now: Situation) -> bool:
    """Tell whether anything was recorded."""
    return now.session is not None and any(track.takes for track in now.session.tracks)


def _account_text(now: Situation) -> str:
    return "Sign out" if now.signed_in else "Sign in…"


def _can_undo(now: Situation) -> bool:
    return now.undo_label is not None


def _can_redo(now: Situation) -> bool:
    return now.redo_label is not None


MENUS = ("Project", "Edit", "Track", "Song", "Play", "View", "Account", "Help")

_T = ActionRow
ACTIONS: tuple[ActionRow, ...] = (
    _T("new", "Project", "New project", "project.new", ("Ctrl+N",), "new", "Start an empty project"),
    _T("open", "Project", "Open…", "project.open", ("Ctrl+O",), "open", "Open a project folder"),
    _T("open_demo", "Project", "Open the demo song", "project.open_demo", tooltip="Open the demo project"),
    _T("save", "Project", "Save", "project.save", ("Ctrl+S",), "save", "Save the project", is_open),
    _T("save_as", "Project", "Save as…", "project.save_as", ("Ctrl+Shift+S",), "",
       "Save the project in another folder", is_open),
    _T("import", "Project", "Import audio…", "audio.choose_files", ("Ctrl+I",), "import",
       "Add audio files, each on a track of its own", is_open, group=True),
    _T("find_audio", "Project", "Find missing audio…", "audio.find_missing", (), "",
       "Look in a folder for audio files that the project lacks, whatever they are called now", is_open),
    _T("clean_up", "Project", "Clean up…", "audio.clean_up", (), "",
       "Remove audio files that nothing in the project uses any more", is_open),
    _T("export", "Project", "Export…", "export.open_dialog", ("Ctrl+Shift+E",), "export",
       "Write the song to a file, with permission", has_clips),
    _T("settings", "Project", "Settings…", "view.show_settings", ("Ctrl+,",), "settings",
       "Change how fanstudio behaves", group=True),
    _T("models", "Project", "Models…", "models.show", (), "stems",
       "What splits songs: which models are there, and how to get a better one"),
    _T("quit", "Project", "Quit", "project.quit", ("Ctrl+Q",), "", "Close fanstudio"),
    _T("undo", "Edit", "Undo", "edit.undo", ("Ctrl+Z",), "undo", "Take the last step back",
       _can_undo, _undo_text),
    _T("redo", "Edit", "Redo", "edit.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo",
       "Bring the undone step back", _can_redo, _redo_text),
    _T("split", "Edit", "Split at playhead", "edit.split", ("Ctrl+E",), "split",
       "Cut the clip in two at the playhead", can_cut, group=True),
    _T("duplicate", "Edit", "Duplicate", "edit.duplicate", ("Ctrl+D",), "duplicate",
       "Put a copy right behind the clip", has_selection),
    _T("delete", "Edit", "Delete", "edit.delete", ("Delete", "Backspace"), "delete",
       "Take the selected clips off the timeline", has_selection),
    _T("select_all", "Edit", "Select all", "edit.select_all", ("Ctrl+A",), "",
       "Select every clip", has_clips),
    _T("mute_clip", "Edit", "Mute clip", "edit.mute_clips", ("Ctrl+M",), "",
       "Silence the selected clips, or let them sound again", has_selection),
    _T("fit_tempo", "Edit", "Fit to tempo…", "warp.ask_tempo", ("Ctrl+Alt+F",), "",
       "Stretch the selected clips to the session's tempo", has_selection, group=True),
    _T("pitch_up", "Edit", "A semitone higher", "warp.pitch_up", ("Ctrl+Up",), "",
       "Raise the pitch of the selected clips; their speed stays", has_selection),
    _T("pitch_down", "Edit", "A semitone lower", "warp.pitch_down", ("Ctrl+Down",), "",
       "Lower the pitch of the selected clips; their speed stays", has_selection),
    _T("unwarp", "Edit", "Original speed and pitch", "warp.unwarp", (), "",
       "Play the selected clips as they were recorded", has_warped),
    _T("tune", "Edit", "Tune the voice…", "voice.open_tune", ("Ctrl+Alt+P",), "",
       "Bring a sung clip gently into tune, in the song's key", can_tune, group=True),
    _T("add_track", "Track", "Add track", "track.add", ("Ctrl+T",), "add", "Add an empty track", is_open),
    _T("drum_grid", "Track", "New drum grid…", "drums.open_grid", ("Ctrl+G",), "grid",
       "Write a beat step by step, or change the selected one", is_open, _grid_text),
    _T("rename_track", "Track", "Rename track", "view.rename_track", ("F2",), "rename",
       "Give the selected track another name", has_track, group=True),
    _T("mute", "Track", "Mute track", "track.mute", ("M",), "mute", "Silence the selected track", has_track),
    _T("solo", "Track", "Solo track", "track.solo", ("S",), "solo",
       "Hear only the selected track", has_track),
    _T("remove_track", "Track", "Delete track", "track.remove", (), "delete",
       "Remove the selected track and its clips", has_track),
    _T("track_up", "Track", "Move track up", "track.move_up", ("Alt+Up",), "",
       "Move the track up", has_track),
    _T("track_down", "Track", "Move track down", "track.move_down", ("Alt+Down",), "",
       "Move the track down", has_track),
    _T("effects", "Track", "Add effect…", "mixer.show_effects", ("E",), "",
       "Add an effect to the selected track, in the mixer", has_track, group=True),
    _T("add_bus", "Track", "Add bus", "mixer.add_bus", (), "bus",
       "Add a bus: a strip that several tracks go through", is_open),
    _T("automation", "Track", "Automation", "automation.toggle", ("A",), "automation",
       "Show or hide what moves by itself on the selected track: its gain, or an effect's value", is_open,
       group=True),
    _T("add_point", "Track", "Add automation point", "automation.add_point", ("Shift+A",), "",
       "Add a point at the playhead to the automation of the selected track", is_open),
    _T("takes", "Track", "Takes…", "record.show_takes", ("T",), "",
       "Choose which recording is heard, everywhere or in one place", has_takes),
    _T("stems", "Song", "Split into stems", "split.split_now", ("Ctrl+Shift+T",), "stems",
       "Take the song apart into stems, as chosen last time", can_separate),
    _T("stems_sheet", "Song", "Split into stems…", "split.open_sheet", ("Shift+T",), "",
       "Choose the stems, which of them to keep, the quality and the model", can_separate),
    _T("instrumental", "Song", "Instrumental", "track.instrumental", (), "",
       "Mute the song's vocals, sound everything else", has_stems, group=True),
    _T("a_cappella", "Song", "A cappella", "track.a_cappella", (), "",
       "Sound the vocals, mute everything else", has_stems),
    _T("tempo", "Song", "Tempo…", "transport.ask_tempo", (), "", "Set the tempo; no clip moves", is_open,
       group=True),
    _T("find_beats", "Song", "Find tempo and beats…", "transport.find_beats", (), "",
       "Hear the song's tempo, bars and key, and let the grid follow them", has_clips),
    _T("key", "Song", "Key…", "voice.ask_key", (), "", "Set the song's key, or have it heard", has_clips),
    _T("fit_drums", "Song", "Fit drums to the tempo", "drums.fit", (), "",
       "Play drum patterns that were made for another tempo anew", has_pattern),
    _T("song_up", "Song", "Song a semitone higher", "warp.song_up", (), "",
       "Raise every track but the drums, to suit another voice", has_clips, group=True),
    _T("song_down", "Song", "Song a semitone lower", "warp.song_down", (), "",
       "Lower every track but the drums, to suit another voice", has_clips),
    _T("fit_singer", "Song", "Fit the song to my voice…", "voice.open_fit", (), "",
       "Move the song higher or lower until it suits your voice", has_stems),
    _T("play", "Play", "Play", "transport.toggle", ("Space",), "play", "Play or stop", can_play, _play_text),
    _T("record", "Play", "Record", "record.toggle", ("R",), "record",
       "Record yourself on the armed track, or on a new one, from the playhead on", is_open, _record_text),
    _T("start", "Play", "Back to start", "transport.to_start", ("Home",), "back-to-start",
       "Back to start", is_open),
    _T("end", "Play", "Go to the end", "transport.to_end", ("End",), "", "Go to the end", is_open),
    _T("loop", "Play", "Loop", "transport.toggle_loop", ("L",), "loop",
       "Repeat the loop range; drag in the ruler to set it", has_clips),
    _T("arm", "Play", "Open the microphone", "record.arm", ("Shift+R",), "",
       "Arm the selected track for recording, or put the microphone away", is_open, group=True),
    _T("count_in", "Play", "Change the count-in", "record.change_count_in", (), "",
       "Clicks before a recording begins: none, one bar or two", is_open),
    _T("metronome", "Play", "Clicks while recording", "record.toggle_metronome", ("K",), "",
       "Hear the beat while you record; clicks are never exported", is_open),
    _T("punch", "Play", "Record the loop range only", "record.toggle_punch", (), "",
       "Keep what lies around the loop range, and record anew within it", is_open),
    _T("measure", "Play", "Record in time…", "record.measure", (), "",
       "Measure how long sound takes out and back, so that takes lie where you sang them", is_open),
    _T("zoom_in", "View", "Zoom in", "view.zoom_in", ("+", "="), "zoom-in", "Zoom in", is_open),
    _T("zoom_out", "View", "Zoom out", "view.zoom_out", ("-",), "zoom-out", "Zoom out", is_open),
    _T("zoom_selection", "View", "Zoom to selection", "view.zoom_to_selection", ("Z",), "zoom-selection",
       "Show the selected clips as wide as the window", has_selection),
    _T("fit", "View", "Fit the song", "view.fit", ("F",), "fit", "Show the whole song", has_clips),
    _T("snap", "View", "Snap to beats", "view.toggle_snap", ("N",), "",
       "Clips snap to beats while they are moved"),
    _T("mixer", "View", "Mixer", "mixer.toggle", ("X",), "mixer",
       "Show or hide the mixer: faders, effects, sends and buses", is_open, group=True),
    _T("pitch", "View", "Pitch", "voice.toggle_panel", ("P",), "",
       "Show or hide what is sung, over the original melody", is_open),
    _T("shelf", "View", "Shelf", "shelf.toggle", ("B",), "shelf",
       "Show or hide loops, drum patterns and one-shots to add", is_open),
    _T("style", "View", "Style", "style.toggle", ("Y",), "style",
       "Show or hide styles: make the song, or a part of it, sound like something else", is_open),
    _T("compare_style", "Play", "Hear before and after", "style.compare", ("C",), "",
       "Hear ten seconds without and with the chosen style, equally loud", is_open),
    _T("clip_list", "View", "List of clips", "view.show_clip_list", ("Ctrl+L",), "",
       "Tracks and clips as a list, driven by the keyboard", is_open),
    _T("account", "Account", "Sign in…", "account.toggle", (), "account",
       "Sign in to the platform, or out", always, _account_text),
    _T("verify", "Help", "Verify a file…", "verify.choose_file", ("Ctrl+Shift+V",), "verify",
       "Ask what a file is made of; or drop it on the side panel"),
    _T("shortcuts", "Help", "Keyboard shortcuts", "view.show_shortcuts", ("F1",), "help",
       "Every action and its keys"),
    _T("about", "Help", "About fanstudio", "view.show_about", (), "", "Version and licence"),
)  # fmt: skip


def find(action_id: str) -> ActionRow:
    """Return a row by its id; KeyError if there is none."""
    return {row.id: row for row in ACTIONS}[action_id]
