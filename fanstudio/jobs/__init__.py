"""Background work: progress, cancel and child processes.

Nothing here knows Qt. A long function takes a `Work` as its first argument, calls
`work.report(…)` as it goes and `work.check()` often enough to be cancelled within a second.
"""

from fanstudio.files import part_file, storage_error, write_whole
from fanstudio.jobs.child import Dial, Limits, RunChild, run_child
from fanstudio.jobs.crew import Crew
from fanstudio.jobs.parallel import MOST_AT_ONCE, count_cpus, side_by_side
from fanstudio.jobs.runner import Job, JobRunner
from fanstudio.jobs.work import Report, Work

__all__ = [
    "MOST_AT_ONCE",
    "Crew",
    "Dial",
    "Job",
    "JobRunner",
    "Limits",
    "Report",
    "RunChild",
    "Work",
    "count_cpus",
    "part_file",
    "run_child",
    "side_by_side",
    "storage_error",
    "write_whole",
]
