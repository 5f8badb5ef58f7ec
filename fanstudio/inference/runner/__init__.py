"""Runs ONNX graphs on the best device that works, and says which one and why not a better one."""

from fanstudio.inference.runner.devices import Device, choose_device, list_devices, worst_off
from fanstudio.inference.runner.graph import Graph
from fanstudio.inference.runner.obstacles import find_obstacle

__all__ = ["Device", "Graph", "choose_device", "find_obstacle", "list_devices", "worst_off"]
