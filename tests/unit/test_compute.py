"""What would split a song is found out by trying it, in a process of its own."""

import pytest

from fanstudio.errors import DeviceError
from fanstudio.inference import catalogue
from fanstudio.inference.runner import Graph
from fanstudio.jobs import Work, run_child
from fanstudio.studio.compute import _try_device, examine_device
from fanstudio.studio.splitting import MODEL


def test_cpu_asked_for_is_the_cpu_and_says_so():
    device = examine_device(Work(), "cpu")
    assert (device.name, device.note, device.why_not) == ("CPU", "", "it was asked for")


def test_device_that_is_not_there_is_refused():
    with pytest.raises(DeviceError, match="gpu9000"):
        examine_device(Work(), "gpu9000")


def test_trial_in_a_child_tells_what_a_graph_here_would_run_on():
    model = catalogue.find(MODEL)
    assert run_child(Work(), _try_device, model, "auto") == Graph(model.files[0].path).device
