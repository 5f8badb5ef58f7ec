"""What fanstudio uses of onnxruntime."""

from collections.abc import Mapping, Sequence
from enum import Enum
from os import PathLike

from numpy import generic
from numpy.typing import NDArray

__version__: str
cuda_version: str

class ExecutionMode(Enum):
    ORT_SEQUENTIAL = 0

class ExecutionOrder(Enum):
    PRIORITY_BASED = 1

class SessionOptions:
    execution_order: ExecutionOrder
    log_severity_level: int
    intra_op_num_threads: int
    inter_op_num_threads: int
    enable_cpu_mem_arena: bool
    enable_mem_pattern: bool
    def add_session_config_entry(self, key: str, value: str) -> None: ...

class RunOptions:
    log_severity_level: int
    terminate: bool

class NodeArg:
    name: str
    shape: list[int | str | None]
    type: str

class OrtEpAssignedNode:
    name: str
    domain: str
    op_type: str

class OrtEpAssignedSubgraph:
    ep_name: str
    def get_nodes(self) -> list[OrtEpAssignedNode]: ...

class InferenceSession:
    def __init__(
        self,
        path_or_bytes: str | bytes | PathLike[str],
        sess_options: SessionOptions | None = None,
        providers: Sequence[str | tuple[str, Mapping[str, str]]] | None = None,
        *,
        enable_fallback: int = 1,
    ) -> None: ...
    def get_inputs(self) -> list[NodeArg]: ...
    def get_outputs(self) -> list[NodeArg]: ...
    def get_providers(self) -> list[str]: ...
    def get_provider_graph_assignment_info(self) -> list[OrtEpAssignedSubgraph]: ...
    def run(
        self,
        output_names: Sequence[str] | None,
        input_feed: Mapping[str, NDArray[generic]],
        run_options: RunOptions | None = None,
    ) -> list[NDArray[generic]]: ...

def get_available_providers() -> list[str]: ...
def set_default_logger_severity(severity: int) -> None: ...
def disable_telemetry_events() -> None: ...
def preload_dlls(cuda: bool = True, cudnn: bool = True, msvc: bool = True) -> None: ...
