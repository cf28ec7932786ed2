"""Descriptors run out: at whichever of them, the start is undone and says so; a stop kills what needs none."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Callable

import pytest

Host = Callable[..., "subprocess.CompletedProcess[str]"]

ATTEMPTS = {
    # Four descriptors of ours: from 3.13 on Popen, which may use posix_spawn then, needs none itself.
    "one": 'program("cat").run(input=b"x", stdout=NULL, stderr=NULL)',
    "captured": '(program("cat") | program("cat") | program("cat")).capture(input=b"x")',
    "functions": '(copy | program("cat") | copy).capture(input=iter([b"x"]))',
    "files": """
        (program("cat") | program("cat")).run(
            stdin=OUT + "in", stdout=[OUT + "out", INHERIT], stderr=[OUT + "err", CAPTURE]
        )
    """,
    "pipes": """
        with (program("cat") | program("cat")).start(stdin=PIPE, stdout=PIPE, stderr=PIPE, timeout=60) as running:
            running.stdin.close()
            running.wait()
    """,
    "lines": 'list((program("cat") | program("cat")).lines(input=b"x", timeout=60))',
    "text": 'procrun.read("($1 $2 $3; $1 $2 $3) | $1 $2 $3", *PYTHON, PROGRAMS + "/cat.py", input=b"x")',
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_at_whichever_descriptor_the_limit_is_met_nothing_stays(name: str, host: Host, tmp_path: object) -> None:
    attempt = textwrap.indent(textwrap.dedent(ATTEMPTS[name]).strip(), " " * 16).strip()
    done = host(f"""
        import resource
        from procrun.signals.wakeup import Wakeup
        OUT = {str(tmp_path)!r} + "/"
        for file in ("in", "out", "err"):
            open(OUT + file, "w").close()

        def copy(stdin, stdout, stderr):
            stdout.write(stdin.read())

        def act():
            if True:
                {attempt}

        # The two descriptors that it keeps for ever come first, so that no free numbers stay below them.
        Wakeup()
        act()
        with program("hold_pipe").start(): pass
        before = descriptors()
        high = resource.getrlimit(resource.RLIMIT_NOFILE)
        refused, messages, limit = 0, set(), before[-1] + 1
        while True:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, high[1]))
            try:
                act()
                break
            except (ProgramNotRunnable, FileError) as error:
                refused += 1
                assert error.errno == 24, error
                messages.add(str(error).splitlines()[-1].strip())
            except RunFailed as error:
                # Within a group the refusal is that of its pipeline, which the group has told on stderr.
                assert error.returncode == 126, error
            except OSError as error:
                sys.exit(f"a bare error with a limit of {{limit}}: {{error!r}}")
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, high)
                gc.collect()
            if descriptors() != before or children() or threading.active_count() != 1:
                sys.exit(f"left with a limit of {{limit}}: {{descriptors()}} {{children()}} {{threading.enumerate()}}")
            limit += 1
        say("told", json.dumps([refused, *messages]))
    """)
    refused, *told = json.loads(done.stdout.rpartition("told ")[2])
    assert refused >= 4
    assert "close files, run less at the same time, or raise the limit (`ulimit -n`)" in told
    assert set(told) <= {
        "close files, run less at the same time, or raise the limit (`ulimit -n`)",
        "nothing of this pipeline was started, and no file was emptied",
    }


@pytest.mark.parametrize("how", ["running.stop()", "running.wait()"])
def test_without_any_descriptor_a_stop_kills_its_own_programs(how: str, host: Host) -> None:
    done = host(f"""
        import resource
        from procrun import engine
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        cmd("true").run()
        pipeline = program("hold_pipe") | program("ignore_term", stdout=NULL)
        # Nobody keeps its time before it is waited for.
        with engine.start(pipeline.with_(timeout=0.1, grace=0.1)) as running:
            taken = []
            try:
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                pass
            try:
                {how}
            except ProcrunError as error:
                print(error)
            for descriptor in taken:
                os.close(descriptor)
            print([stage.status.signal for stage in running.wait().stages])
    """)
    assert done.stdout == (
        "the run could not be stopped in order: too many open files\n"
        "  its own programs were killed; what these have started may still run\n"
        "  close files, run less at the same time, or raise the limit (`ulimit -n`)\n"
        "[9, 9]\n"
    )
