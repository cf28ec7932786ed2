"""Print the folder in which the program runs."""

import os
import sys

sys.stdout.write(os.getcwd() + "\n")
