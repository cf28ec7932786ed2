"""`python -m procrun`: the command line."""

from procrun.cli.main import main

if __name__ == "__main__":
    main()
