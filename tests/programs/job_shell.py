"""job_shell REPORTS COMMANDS PROGRAM [ARG…]: the shell of a session, with one job.

Stdin is the session's terminal. To the descriptor REPORTS it writes a line for all that becomes of the job: `started
PID`, `stopped N`, `exited N`, `killed N`. From COMMANDS it reads what to do: `fg` and `bg` start or continue the job
in the foreground or the background, `kill` ends it. The end of the commands, or of the job, is its own.
"""

import os
import signal
import sys

reports, commands = (int(argument) for argument in sys.argv[1:3])
os.set_inheritable(reports, False)
os.set_inheritable(commands, False)
order = os.fdopen(commands)
# Else it would stop itself when it takes the terminal back (POSIX XBD 11.1.4).
signal.signal(signal.SIGTTOU, signal.SIG_IGN)


def start(in_foreground):
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        if in_foreground:
            os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(sys.argv[3], sys.argv[3:])
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass  # It has done so itself, and runs its program.
    return pid


def say(word, number):
    os.write(reports, f"{word} {number}\n".encode())


job = 0
for line in order:
    wish = line.strip()
    if not job:
        job = start(wish == "fg")
        say("started", job)
    elif wish == "kill":
        os.killpg(job, signal.SIGKILL)
    else:
        if wish == "fg":
            os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
    _, status = os.waitpid(job, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        say(*(("killed", os.WTERMSIG(status)) if os.WIFSIGNALED(status) else ("exited", os.WEXITSTATUS(status))))
        break
    say("stopped", os.WSTOPSIG(status))
