"""The kinds of objects whose methods and values have changed, and which calls give them."""

from __future__ import annotations

from enum import Enum, auto


class Of(Enum):
    """The kinds of objects that matter here."""

    THREAD = auto()
    EVENT = auto()
    CONDITION = auto()
    QUEUE = auto()
    POPEN = auto()
    TEMPLATE = auto()
    PIPELINE = auto()
    """The stream that `Template.open` gives, whose `close` gives a status."""
    STATUS = auto()
    """A status as wait(2) gives it."""
    STATUS_AND_OUTPUT = auto()
    CODE = auto()
    """An exit code, which `subprocess.getstatusoutput` gives."""
    CODE_AND_OUTPUT = auto()


CLASSES = {
    "threading.Thread": Of.THREAD,
    "threading.Timer": Of.THREAD,
    "threading._Timer": Of.THREAD,
    "threading.Event": Of.EVENT,
    "threading._Event": Of.EVENT,
    "threading.Condition": Of.CONDITION,
    "threading._Condition": Of.CONDITION,
    "Queue.Queue": Of.QUEUE,
    "Queue.PriorityQueue": Of.QUEUE,
    "Queue.LifoQueue": Of.QUEUE,
    "queue.Queue": Of.QUEUE,
    "queue.PriorityQueue": Of.QUEUE,
    "queue.LifoQueue": Of.QUEUE,
    "popen2.Popen3": Of.POPEN,
    "popen2.Popen4": Of.POPEN,
    "pipes.Template": Of.TEMPLATE,
}
"""The classes, and the kind of their objects."""

FUNCTIONS = {
    "threading.currentThread": Of.THREAD,
    "threading.current_thread": Of.THREAD,
    "commands.getstatusoutput": Of.STATUS_AND_OUTPUT,
    "subprocess.getstatusoutput": Of.CODE_AND_OUTPUT,
}
"""The functions that give an object, and its kind."""

LISTS = {"threading.enumerate": Of.THREAD}
"""The functions that give a list, and the kind of what is in it."""

METHODS = {
    (Of.POPEN, "wait"): Of.STATUS,
    (Of.POPEN, "poll"): Of.STATUS,
    (Of.TEMPLATE, "clone"): Of.TEMPLATE,
    (Of.TEMPLATE, "copy"): Of.STATUS,
    (Of.TEMPLATE, "open"): Of.PIPELINE,
    (Of.TEMPLATE, "open_r"): Of.PIPELINE,
    (Of.TEMPLATE, "open_w"): Of.PIPELINE,
    (Of.PIPELINE, "close"): Of.STATUS,
}
"""The methods that give an object: of which kind they are, their name, the kind of what they give."""

ATTRIBUTES = {
    (Of.POPEN, "sts"): Of.STATUS,
    (Of.QUEUE, "all_tasks_done"): Of.CONDITION,
    (Of.QUEUE, "not_empty"): Of.CONDITION,
    (Of.QUEUE, "not_full"): Of.CONDITION,
}
"""The attributes that are objects of a kind."""

FIRST = {Of.STATUS_AND_OUTPUT: Of.STATUS, Of.CODE_AND_OUTPUT: Of.CODE}
"""The pairs whose first half is a number that matters."""
