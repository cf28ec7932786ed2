"""Ask the terminal for a name and greet: an interactive program."""

import sys

where = "terminal" if sys.stdin.isatty() and sys.stdout.isatty() else "no terminal"
sys.stdout.write(f"{where}: name? ")
sys.stdout.flush()
name = sys.stdin.readline().strip()
sys.stdout.write(f"hello, {name}\n")
