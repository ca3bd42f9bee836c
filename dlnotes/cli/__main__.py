"""``python -m dlnotes.cli`` is the command `dlnotes`."""

from dlnotes.cli import main

if __name__ == "__main__":
    main()
