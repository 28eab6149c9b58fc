"""Background work: jobs in the same PostgreSQL, put in by the transaction that they are about."""

from lemma.jobs.enqueue import JobState, cancel, enqueue, progress
from lemma.jobs.job import Flow, Handler, Job, Started
from lemma.jobs.queue import DeadJob, JobNotDead, Queue, QueueUnavailable
from lemma.jobs.worker import Chore, JobWorker, WorkerBroke, WorkerOptions, now_and_then

__all__ = [
    "Chore",
    "DeadJob",
    "Flow",
    "Handler",
    "Job",
    "JobNotDead",
    "JobState",
    "JobWorker",
    "Queue",
    "QueueUnavailable",
    "Started",
    "WorkerBroke",
    "WorkerOptions",
    "cancel",
    "enqueue",
    "now_and_then",
    "progress",
]
