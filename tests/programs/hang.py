"""hang HOW [ARG…]: come to a stand in the way that HOW names (the functions below).

Each is the smallest program that gets stuck like this. What somebody has to know is
said on stderr. Ends by any signal.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time

FOREVER = 3600


def read(number="0"):
    """Wait for data that nobody sends."""
    os.read(int(number), 1)


def write():
    """Fill stdout until it takes no more."""
    while True:
        os.write(1, bytes(65536))


def poll():
    poller = select.poll()
    poller.register(0, select.POLLIN)
    poller.poll()


def poll_both():
    """Wait for stdin and for room in stdout, which has been filled."""
    os.set_blocking(1, False)
    try:
        while True:
            os.write(1, bytes(65536))
    except BlockingIOError:
        os.set_blocking(1, True)
    poller = select.poll()
    poller.register(0, select.POLLIN)
    poller.register(1, select.POLLOUT)
    poller.poll()


def choose():
    select.select([0], [], [], FOREVER)


def epoll():
    poller = select.epoll()
    poller.register(0, select.EPOLLIN)
    poller.poll()


def pidfd():
    """Start a child and wait in `poll` until it ends."""
    child = start("pause")
    poller = select.poll()
    poller.register(os.pidfd_open(child.pid), select.POLLIN)
    poller.poll()


def lock():
    """Wait for a lock of its own that nobody releases."""
    threading.Lock().acquire() and threading.Event().wait()


def wait_a_while():
    threading.Event().wait(FOREVER)


def shared_lock():
    """Wait for a lock that processes can share, and that nobody releases."""
    import multiprocessing

    lock = multiprocessing.get_context("fork").Lock()
    lock.acquire()
    lock.acquire()


def loop():
    """Wait in asyncio for a child that reads stdin."""
    import asyncio

    async def wait():
        command = [sys.executable, "-S", os.path.abspath(__file__), "read"]
        child = await asyncio.create_subprocess_exec(*command)
        say(str(child.pid))
        await child.wait()

    asyncio.run(wait())


def watch():
    """Wait for a change of files (inotify), which nobody makes."""
    import ctypes

    libc = ctypes.CDLL(None)
    os.read(libc.inotify_init(), 1)


def sleep():
    time.sleep(FOREVER)


def print_and_spin():
    """Print to a buffer, and compute."""
    sys.stdout.write("hello\n")
    while True:
        pass


def pause(*_words):
    signal.pause()


def spin():
    """Compute, once `ready` is said."""
    say("ready")
    while True:
        pass


def work():
    """Copy stdin to stdout, a byte at a time."""
    while True:
        os.write(1, os.read(0, 1))


def flock(path):
    """Take the lock of a file, or wait for it."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        say("locked")
        signal.pause()


def lockf(path):
    """The same with a lock of POSIX."""
    with open(path, "a") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        say("locked")
        signal.pause()


def flock_in_child(path):
    """Take the lock of a file, leave it to a child, and end."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        child = start("pause", pass_fds=[file.fileno()])
        say(str(child.pid))
        os._exit(0)


def open_to_read(path):
    os.open(path, os.O_RDONLY)


def open_to_write(path):
    os.open(path, os.O_WRONLY)


def open_both_ways(path):
    """Open a FIFO for both, which never waits, and read what only this program could write."""
    os.read(os.open(path, os.O_RDWR), 1)


def own_pipe():
    """Read a pipe whose writing end is open here too."""
    os.read(os.pipe()[0], 1)


def own_pipe_in_thread():
    """The same in a thread, where another thread could write."""
    end, _other = os.pipe()
    threading.Thread(target=os.read, args=(end, 1)).start()
    signal.pause()


def accept():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    say(str(server.getsockname()[1]))
    _connection, _ = server.accept()
    say("accepted")
    signal.pause()


def connected(port):
    """Connect, and wait for an answer."""
    socket.create_connection(("127.0.0.1", int(port))).recv(1)


def stop():
    os.kill(os.getpid(), signal.SIGSTOP)
    signal.pause()


def traced():
    """Have a child that this program traces, as a debugger does, and that has stopped."""
    import ctypes

    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).ptrace(0, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    say(str(child))
    signal.pause()


def vfork(path):
    """Start a program in a way that waits for it, which waits for the FIFO that it is to open."""
    os.posix_spawn(sys.executable, ["python"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, path, os.O_RDONLY, 0)])


def keep_zombie():
    """Do not ask how a child ended."""
    child = start("nothing")
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    say(str(child.pid))
    signal.pause()


def nothing():
    pass


def wait_for(*how):
    """Start this program with another HOW, and wait for it to end."""
    child = start(*how)
    say(str(child.pid))
    child.wait()


def wait_for_any(count):
    """Start some children, and wait for the first that ends."""
    for child in [start("pause") for _ in range(int(count))]:
        say(str(child.pid))
    os.wait()


def wait_with_full_pipe():
    """Wait for a child before reading its output: the oldest deadlock of all."""
    child = start("write", stdout=subprocess.PIPE)
    say(str(child.pid))
    child.wait()


def wait_with_open_pipe():
    """Wait for a child that waits for the end of its input."""
    child = start("read", stdin=subprocess.PIPE)
    say(str(child.pid))
    child.wait()


def wait_in_thread():
    """Read stdin in a thread, and wait for that thread."""
    threading.Thread(target=os.read, args=(0, 1)).start()


def background(asks=""):
    """Read the terminal on stdin from a background group of processes; with an argument, ask what became of that."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.read(0, 1)
        os._exit(0)
    say(str(child))
    if asks:
        os.waitpid(child, os.WUNTRACED)
        say("told")
    while True:
        signal.pause()


def start(*how, **options):
    return subprocess.Popen([sys.executable, "-S", os.path.abspath(__file__), *how], **options)


def say(text):
    os.write(2, text.encode() + b"\n")


if __name__ == "__main__":
    # Python's own handler would end it with a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    globals()[sys.argv[1]](*sys.argv[2:])
