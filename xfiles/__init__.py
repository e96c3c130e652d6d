"""The X-Files transcripts of Inside the X, in a database you can ask."""

__version__ = "1.0.0"
