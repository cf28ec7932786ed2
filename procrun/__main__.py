"""The program `procrun`, and `python -m procrun`: the command line, quiet from its first line on.

Loading the command line takes most of a short run. Until it can answer Ctrl-C itself, that does what it does to
any program: it ends the process by the signal, without a traceback.
"""

from __future__ import annotations

# What `signal` is made of, and there already: the import of `signal` itself takes longer than all else here.
import _signal  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    """Run the command line of this process, and end it with the right status."""
    # One that is ignored stays so (`nohup`, a shell's `&`).
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    from procrun.cli import main as command_line

    command_line.main()


if __name__ == "__main__":
    main()
