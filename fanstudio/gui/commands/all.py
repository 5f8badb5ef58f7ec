"""Every subject of the action table's handlers, and the object that has its methods."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from fanstudio.gui.appearance import Appearance
from fanstudio.gui.commands.account import AccountCommands
from fanstudio.gui.commands.audio import AudioCommands
from fanstudio.gui.commands.automation import AutomationCommands
from fanstudio.gui.commands.drums import DrumCommands
from fanstudio.gui.commands.edit import EditCommands
from fanstudio.gui.commands.export import ExportCommands
from fanstudio.gui.commands.mixer import MixerCommands
from fanstudio.gui.commands.models import ModelCommands
from fanstudio.gui.commands.project import ProjectCommands
from fanstudio.gui.commands.record import RecordCommands
from fanstudio.gui.commands.shelf import ShelfCommands
from fanstudio.gui.commands.split import SplitCommands
from fanstudio.gui.commands.style import StyleCommands
from fanstudio.gui.commands.track import TrackCommands
from fanstudio.gui.commands.transport import TransportCommands
from fanstudio.gui.commands.verify import VerifyCommands
from fanstudio.gui.commands.view import ViewCommands
from fanstudio.gui.commands.voice import VoiceCommands
from fanstudio.gui.commands.warp import WarpCommands
from fanstudio.gui.workspace import Workspace
from fanstudio.studio.drum_machine import DrumMachine


@dataclass(frozen=True)
class Commands:
    """The commands of one window; a field's name is the subject of its handlers."""

    project: ProjectCommands
    edit: EditCommands
    track: TrackCommands
    mixer: MixerCommands
    automation: AutomationCommands
    transport: TransportCommands
    record: RecordCommands
    audio: AudioCommands
    split: SplitCommands
    models: ModelCommands
    account: AccountCommands
    export: ExportCommands
    shelf: ShelfCommands
    style: StyleCommands
    drums: DrumCommands
    verify: VerifyCommands
    view: ViewCommands
    voice: VoiceCommands
    warp: WarpCommands


def make_commands(window: QWidget, workspace: Workspace, appearance: Appearance) -> Commands:
    """Make the commands of a window."""
    project = ProjectCommands(window, workspace, appearance)
    edit = EditCommands(workspace)
    track = TrackCommands(workspace)
    automation = AutomationCommands(workspace)
    transport = TransportCommands(window, workspace, appearance)
    account = AccountCommands(window, workspace, appearance)
    models = ModelCommands(window, workspace, appearance)
    split = SplitCommands(window, workspace, appearance, models)
    shelf = ShelfCommands(workspace, DrumMachine())
    voice = VoiceCommands(window, workspace, appearance)
    return Commands(
        project=project,
        edit=edit,
        track=track,
        mixer=MixerCommands(workspace, track, automation),
        automation=automation,
        transport=transport,
        record=RecordCommands(window, workspace, appearance),
        audio=AudioCommands(window, workspace, appearance, project, split),
        split=split,
        models=models,
        account=account,
        export=ExportCommands(window, workspace, appearance, account),
        shelf=shelf,
        style=StyleCommands(window, workspace, appearance, split, voice.hearing),
        drums=DrumCommands(window, workspace, appearance, shelf.machine, shelf.hearing),
        verify=VerifyCommands(window, workspace, appearance),
        view=ViewCommands(window, workspace, appearance, edit, track, transport, automation),
        voice=voice,
        warp=WarpCommands(window, workspace, appearance),
    )
